/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_CODEC_DNS_H
#define MEETPROBE_PROBES_CODEC_DNS_H

#include <stddef.h>
#include <stdint.h>

#include "agent/base/buf.h"
#include "agent/base/limits.h"
#include "agent/base/str.h"

/* DNS messages, RFC 1035; SRV is RFC 2782, AAAA RFC 3596. */
enum dns_type { DNS_A = 1, DNS_CNAME = 5, DNS_AAAA = 28, DNS_SRV = 33 };

/* The codes that we tell apart; others are told by number. */
enum { DNS_NOERROR = 0, DNS_SERVFAIL = 2, DNS_NXDOMAIN = 3, DNS_REFUSED = 5 };

/* Room for a name as text, with its NUL: 253 bytes and escapes. */
#define DNS_NAME_SIZE 256

struct dns_record {
	uint16_t type;
	uint32_t ttl;
	uint8_t address[16];		/* A: the first four bytes */
	uint16_t priority, weight, port;	/* SRV */
	char target[DNS_NAME_SIZE];	/* CNAME, SRV */
	char owner[DNS_NAME_SIZE];
};

struct dns_answer {
	int rcode;
	int truncated;			/* ask again over TCP */
	size_t count;
	struct dns_record list[LIMIT_DNS_RECORDS];
};

/* Writes a recursive query; 0, or -1 when the name is none (an empty label,
 * a label over 63 bytes, more than 253 bytes). */
int dns_query_write(struct buf *, uint16_t id, struct str name,
    uint16_t type);
/*
 * Reads the answer to that query. 0; -1 when the bytes are no DNS message;
 * -2 when they are one, but not the answer to this query (another id or
 * question), which is ignored. Records of other types are left out.
 */
int dns_answer_read(struct dns_answer *, struct str message, uint16_t id,
    struct str name, uint16_t type);
/*
 * The records of the wanted type that the name leads to, through its
 * CNAMEs: their number, and the indices in list (at most max).
 */
size_t dns_answer_select(const struct dns_answer *, struct str name,
    uint16_t type, size_t *list, size_t max);

#endif
