/* SPDX-License-Identifier: ISC */
/*
 * The closed set of reasons. Pure; one const table.
 */
#include <errno.h>
#include <stddef.h>

#include "agent/facts/reason.h"

static const struct {
	const char *name;
	const char *text;
} reasons[REASON_COUNT] = {
	[REASON_OK] = { "ok",
	    "as it should be" },
	[REASON_TIMEOUT] = { "timeout",
	    "no answer before the deadline" },
	[REASON_REFUSED] = { "refused",
	    "the connection was refused" },
	[REASON_RESET] = { "reset",
	    "the peer reset the connection" },
	[REASON_CLOSED] = { "closed",
	    "the peer closed the connection" },
	[REASON_UNREACHABLE] = { "unreachable",
	    "the host or network cannot be reached" },
	[REASON_ICMP_PORT] = { "icmp-port",
	    "an ICMP message says that the port is closed" },
	[REASON_ICMP_ADMIN] = { "icmp-admin",
	    "an ICMP message says that a filter forbids it" },
	[REASON_NO_ROUTE] = { "no-route",
	    "there is no route to the address" },
	[REASON_DNS_NXDOMAIN] = { "dns-nxdomain",
	    "the name does not exist" },
	[REASON_DNS_FAIL] = { "dns-fail",
	    "the name could not be looked up" },
	[REASON_TLS_ALERT] = { "tls-alert",
	    "the peer ended the TLS handshake with an alert" },
	[REASON_TLS_VERSION] = { "tls-version",
	    "no TLS version or cipher in common" },
	[REASON_TLS_UNTRUSTED] = { "tls-untrusted",
	    "the certificate is not trusted here" },
	[REASON_TLS_NAME] = { "tls-name",
	    "the certificate is for another name" },
	[REASON_TLS_EXPIRED] = { "tls-expired",
	    "the certificate has expired" },
	[REASON_STREAM_ERROR] = { "stream-error",
	    "the XMPP server ended the stream with an error" },
	[REASON_HOST_UNKNOWN] = { "host-unknown",
	    "the XMPP server does not serve this virtual host" },
	[REASON_NO_STARTTLS] = { "no-starttls",
	    "STARTTLS is not offered" },
	[REASON_SASL_NOT_AUTHORIZED] = { "sasl-not-authorized",
	    "user name or password was refused" },
	[REASON_SASL_NO_MECHANISM] = { "sasl-no-mechanism",
	    "no login mechanism in common" },
	[REASON_BOSH_TERMINATE] = { "bosh-terminate",
	    "the BOSH session was terminated" },
	[REASON_HTTP_STATUS] = { "http-status",
	    "an unexpected HTTP status" },
	[REASON_HTTP_BODY] = { "http-body",
	    "an unexpected HTTP body" },
	[REASON_NOT_ENABLED] = { "not-enabled",
	    "the interface is not enabled" },
	[REASON_BAD_JSON] = { "bad-json",
	    "the answer is not valid JSON" },
	[REASON_PROTOCOL_ERROR] = { "protocol-error",
	    "the answer is not what the protocol allows" },
	[REASON_TOO_LARGE] = { "too-large",
	    "the answer is larger than any right one" },
	[REASON_TRUNCATED] = { "truncated",
	    "the answer ended in the middle" },
	[REASON_REDIRECT] = { "redirect",
	    "redirected without end or to another place" },
	[REASON_STUN_ERROR] = { "stun-error",
	    "a STUN error answer" },
	[REASON_STUN_MAPPED_MISMATCH] = { "stun-mapped-mismatch",
	    "the mapped address is not the configured one" },
	[REASON_NO_ANSWER] = { "no-answer",
	    "no answer, which proves nothing here" },
	[REASON_ROLE_CONFLICT] = { "role-conflict",
	    "what runs here does not fit the role of this host" },
	[REASON_LOCAL_POLICY] = { "local-policy",
	    "a rule of this host forbids it" },
	[REASON_PERMISSION] = { "permission",
	    "this process may not do that" },
	[REASON_FD_LIMIT] = { "fd-limit",
	    "no file descriptor left" },
	[REASON_INTERNAL] = { "internal",
	    "meetprobe itself failed" },
};

const char *
reason_name(enum reason r)
{
	return (reasons[r].name);
}

const char *
reason_text(enum reason r)
{
	return (reasons[r].text);
}

int
reason_by_name(struct str name)
{
	int i;

	for (i = 0; i < REASON_COUNT; i++)
		if (str_eqs(name, reasons[i].name))
			return (i);
	return (-1);
}

enum reason
reason_from_errno(int error)
{
	switch (error) {
	case 0: return (REASON_OK);
	case ECONNREFUSED: return (REASON_REFUSED);
	case ECONNRESET:
	case EPIPE: return (REASON_RESET);
	case ECONNABORTED: return (REASON_CLOSED);
	case ETIMEDOUT: return (REASON_TIMEOUT);
	case ENETUNREACH: return (REASON_NO_ROUTE);
	case EHOSTUNREACH:
	case EHOSTDOWN:
	case ENETDOWN: return (REASON_UNREACHABLE);
	case EACCES:
	case EPERM: return (REASON_LOCAL_POLICY);
	case EMFILE:
	case ENFILE: return (REASON_FD_LIMIT);
	default: return (REASON_INTERNAL);
	}
}
