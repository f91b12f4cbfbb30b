/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_FACTS_REASON_H
#define MEETPROBE_FACTS_REASON_H

#include "agent/base/str.h"

/* Why a check did not pass: a closed set; names and meanings are fixed. */
enum reason {
	REASON_OK, REASON_TIMEOUT, REASON_REFUSED, REASON_RESET,
	REASON_CLOSED, REASON_UNREACHABLE, REASON_ICMP_PORT,
	REASON_ICMP_ADMIN, REASON_NO_ROUTE, REASON_DNS_NXDOMAIN,
	REASON_DNS_FAIL, REASON_TLS_ALERT, REASON_TLS_VERSION,
	REASON_TLS_UNTRUSTED, REASON_TLS_NAME, REASON_TLS_EXPIRED,
	REASON_STREAM_ERROR, REASON_HOST_UNKNOWN, REASON_NO_STARTTLS,
	REASON_SASL_NOT_AUTHORIZED, REASON_SASL_NO_MECHANISM,
	REASON_BOSH_TERMINATE, REASON_HTTP_STATUS, REASON_HTTP_BODY,
	REASON_NOT_ENABLED, REASON_BAD_JSON, REASON_PROTOCOL_ERROR,
	REASON_TOO_LARGE, REASON_TRUNCATED, REASON_REDIRECT,
	REASON_STUN_ERROR, REASON_STUN_MAPPED_MISMATCH, REASON_NO_ANSWER,
	REASON_ROLE_CONFLICT, REASON_LOCAL_POLICY, REASON_PERMISSION,
	REASON_FD_LIMIT, REASON_INTERNAL,
	REASON_COUNT
};

/* The word of the report. */
const char *reason_name(enum reason);
/* What it means, a clause without a full stop. */
const char *reason_text(enum reason);
/* The reason of a word, -1 when it is none. */
int reason_by_name(struct str);
/* The reason that an errno of connect, send or recv stands for. */
enum reason reason_from_errno(int);

#endif
