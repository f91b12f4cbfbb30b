/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_EXPORTER_POLICY_H
#define MEETPROBE_EXPORTER_POLICY_H

#include <stddef.h>
#include <stdint.h>

/*
 * What the http process decides about a request before it answers: which
 * endpoint it means, who may have that, which format, how long it may take.
 */
enum route {
	ROUTE_INDEX,
	ROUTE_METRICS,
	ROUTE_PROBE,
	ROUTE_HEALTHY,
	ROUTE_REPORT,
	ROUTE_EVIDENCE,
	ROUTE_CAUSES,
	ROUTE_SD,
	ROUTE_COUNT
};

/* "/metrics" and so on. */
const char *route_path(enum route);
/* The route of exactly this path, -1 when there is none. */
int route_by_path(const char *path);

/* How much the listening address protects. */
struct policy_address {
	int loopback;		/* only this host reaches it */
	int local;		/* a Unix socket, guarded by its mode */
	int insecure;		/* beyond loopback, and the token waived */
	int has_token;
};

enum access {
	ACCESS_ALLOWED,
	ACCESS_TOKEN,		/* 401: come with the token */
	ACCESS_NEVER		/* 403: needs a token and none is configured */
};

/*
 * On loopback all but the evidence is open; beyond it all but the health
 * page needs the token; the evidence always does, but for the Unix socket.
 * token_matched: the request brought the right one.
 */
enum access policy_access(const struct policy_address *, enum route,
    int token_matched);

/*
 * RFC 9110 section 12.5.1: 1 when the Accept header prefers OpenMetrics to
 * text/plain, 0 when not, or when it is NULL or not understood.
 */
int policy_openmetrics(const char *accept);

/*
 * The name of who asks from this address (struct sockaddr, NULL: none is
 * known): IPv4 the address, IPv6 its network of 64 bits, since a host has as
 * many addresses in that as it likes; a Unix socket "the control socket".
 */
struct sockaddr;
void policy_asker(const struct policy_address *, const struct sockaddr *,
    char *out, size_t len);

/*
 * How long a probe may take, from X-Prometheus-Scrape-Timeout-Seconds (NULL:
 * 10 s): a tenth and at least a quarter of a second less than the scrape has
 * time, at least 50 ms and at most LIMIT_HTTP_WAIT_SECONDS. 0, or -1 when the
 * header is no positive number.
 */
int policy_timeout(const char *header, uint32_t *ms);

#endif
