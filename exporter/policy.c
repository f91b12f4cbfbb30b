/* SPDX-License-Identifier: ISC */
/*
 * Routes, access rules, negotiation of the format and the time a probe may
 * take. Pure.
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <arpa/inet.h>
#include <netinet/in.h>

#include <stdio.h>
#include <string.h>

#include "agent/base/limits.h"
#include "agent/base/str.h"
#include "exporter/policy.h"

#define TIMEOUT_DEFAULT_MS 10000
#define TIMEOUT_RESERVE_MS 250
#define TIMEOUT_LEAST_MS 50

static const struct {
	const char *path;
	int public;		/* open to everybody */
	int guarded;		/* never without the token */
} routes[ROUTE_COUNT] = {
	[ROUTE_INDEX] = { "/", 0, 0 },
	[ROUTE_METRICS] = { "/metrics", 0, 0 },
	[ROUTE_PROBE] = { "/probe", 0, 0 },
	[ROUTE_HEALTHY] = { "/-/healthy", 1, 0 },
	[ROUTE_REPORT] = { "/api/v1/report", 0, 0 },
	[ROUTE_EVIDENCE] = { "/api/v1/evidence", 0, 1 },
	[ROUTE_CAUSES] = { "/api/v1/causes", 0, 0 },
	[ROUTE_SD] = { "/api/v1/sd", 0, 0 },
};

const char *
route_path(enum route route)
{
	return (routes[route].path);
}

int
route_by_path(const char *path)
{
	int i;

	for (i = 0; i < ROUTE_COUNT; i++)
		if (strcmp(path, routes[i].path) == 0)
			return (i);
	return (-1);
}

enum access
policy_access(const struct policy_address *a, enum route route,
    int token_matched)
{
	int open;

	if (a->local || routes[route].public)
		return (ACCESS_ALLOWED);
	open = !routes[route].guarded &&
	    (a->loopback || (a->insecure && !a->has_token));
	if (open || (a->has_token && token_matched))
		return (ACCESS_ALLOWED);
	return (a->has_token ? ACCESS_TOKEN : ACCESS_NEVER);
}

/* A decimal fraction in thousandths; -1 when it is none. Digits beyond the
 * third place are cut. */
static int64_t
thousandths(struct str s)
{
	struct str whole = s, part;
	int64_t n, value = 0, unit = 100;
	size_t dot = str_chr(s, '.'), i;

	if (dot != SIZE_MAX)
		whole = str_sub(s, 0, dot);
	if (str_num(whole, 0, 1000000000, &n) == -1)
		return (-1);
	if (dot == SIZE_MAX)
		return (n * 1000);
	part = str_sub(s, dot + 1, s.n);
	for (i = 0; i < part.n; i++, unit /= 10) {
		if (part.p[i] < '0' || part.p[i] > '9')
			return (-1);
		value += (part.p[i] - '0') * unit;
	}
	return (n * 1000 + value);
}

/* The weight of a media range's parameters, 1000 when it says none. */
static int64_t
quality(struct str parameters)
{
	struct str p;

	while (parameters.n > 0) {
		p = str_trim(str_split(&parameters, ';'));
		if (str_starts(p, "q=") || str_starts(p, "Q="))
			return (thousandths(str_sub(p, 2, p.n)));
	}
	return (1000);
}

int
policy_openmetrics(const char *accept)
{
	struct str rest = str_from(accept), range, type;
	int64_t q, openmetrics = 0, text = 0;

	while (rest.n > 0) {
		range = str_trim(str_split(&rest, ','));
		type = str_trim(str_split(&range, ';'));
		q = quality(range);
		if (str_ieqs(type, "application/openmetrics-text")) {
			if (q > openmetrics)
				openmetrics = q;
		} else if (str_ieqs(type, "text/plain") && q > text)
			text = q;
	}
	return (openmetrics > 0 && openmetrics >= text);
}

int
policy_timeout(const char *header, uint32_t *ms)
{
	int64_t all, most = LIMIT_HTTP_WAIT_SECONDS * 1000;
	int64_t reserve;

	*ms = TIMEOUT_DEFAULT_MS;
	if (header == NULL)
		return (0);
	all = thousandths(str_from(header));
	if (all <= 0)
		return (-1);
	reserve = all / 10 > TIMEOUT_RESERVE_MS ? all / 10 :
	    TIMEOUT_RESERVE_MS;
	all -= reserve;
	if (all < TIMEOUT_LEAST_MS)
		all = TIMEOUT_LEAST_MS;
	*ms = (uint32_t)(all > most ? most : all);
	return (0);
}

void
policy_asker(const struct policy_address *a, const struct sockaddr *sa,
    char *out, size_t len)
{
	struct sockaddr_in6 in6;
	struct sockaddr_in in;
	char text[INET6_ADDRSTRLEN];

	snprintf(out, len, "%s", a->local ? "the control socket" :
	    "an unknown address");
	if (a->local || sa == NULL)
		return;
	if (sa->sa_family == AF_INET) {
		memcpy(&in, sa, sizeof(in));
		if (inet_ntop(AF_INET, &in.sin_addr, text, sizeof(text)))
			snprintf(out, len, "%s", text);
	} else if (sa->sa_family == AF_INET6) {
		memcpy(&in6, sa, sizeof(in6));
		if (IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr)) {
			inet_ntop(AF_INET, &in6.sin6_addr.s6_addr[12], text,
			    sizeof(text));
			snprintf(out, len, "%s", text);
			return;
		}
		memset(&in6.sin6_addr.s6_addr[8], 0, 8);
		inet_ntop(AF_INET6, &in6.sin6_addr, text, sizeof(text));
		snprintf(out, len, "%s/64", text);
	}
}
