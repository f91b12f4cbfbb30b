/* SPDX-License-Identifier: ISC */
/*
 * Mirrors exporter/policy.c. Would catch: an endpoint open to somebody who
 * must not have it, a format that was not asked for, a probe that takes as
 * long as the scrape.
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <arpa/inet.h>
#include <netinet/in.h>

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "exporter/policy.h"
#include "tests/kit/check.h"

/* Who asks is one asker, whatever address of his network he takes. */
static void
askers(void)
{
	static const struct policy_address lan = { 0, 0, 0, 1 };
	static const struct policy_address unix_socket = { 0, 1, 0, 0 };
	static const struct {
		const char *address, *want;
	} rows[] = {
		{ "100.64.2.3", "100.64.2.3" },
		{ "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64" },
		{ "2001:db8:1:2::9", "2001:db8:1:2::/64" },
		{ "2001:db8:1:3::9", "2001:db8:1:3::/64" },
		{ "::ffff:100.64.2.3", "100.64.2.3" },
	};
	struct sockaddr_in6 in6;
	struct sockaddr_in in;
	char out[64];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(&in, 0, sizeof(in));
		memset(&in6, 0, sizeof(in6));
		in.sin_family = AF_INET;
		in6.sin6_family = AF_INET6;
		if (inet_pton(AF_INET, rows[i].address, &in.sin_addr) == 1)
			policy_asker(&lan, (struct sockaddr *)&in, out,
			    sizeof(out));
		else if (inet_pton(AF_INET6, rows[i].address,
		    &in6.sin6_addr) == 1)
			policy_asker(&lan, (struct sockaddr *)&in6, out,
			    sizeof(out));
		CHECK_STR(out, rows[i].want, "the asker at %s",
		    rows[i].address);
	}
	policy_asker(&unix_socket, NULL, out, sizeof(out));
	CHECK_STR(out, "the control socket", "the asker at the Unix socket");
	policy_asker(&lan, NULL, out, sizeof(out));
	CHECK_STR(out, "an unknown address", "no address is known");
}

static void
access_rules(void)
{
	static const struct policy_address loopback = { 1, 0, 0, 0 };
	static const struct policy_address loopback_token = { 1, 0, 0, 1 };
	static const struct policy_address lan = { 0, 0, 0, 1 };
	static const struct policy_address lan_insecure = { 0, 0, 1, 0 };
	static const struct policy_address lan_nothing = { 0, 0, 0, 0 };
	static const struct policy_address unix_socket = { 0, 1, 0, 0 };
	int r;

	for (r = 0; r < ROUTE_COUNT; r++) {
		enum route route = (enum route)r;
		const char *path = route_path(route);
		int evidence = route == ROUTE_EVIDENCE;
		int healthy = route == ROUTE_HEALTHY;

		CHECK_INT(route_by_path(path), r, "%s is a route", path);
		CHECK_INT(policy_access(&loopback, route, 0),
		    evidence ? ACCESS_NEVER : ACCESS_ALLOWED,
		    "%s on loopback", path);
		CHECK_INT(policy_access(&loopback_token, route, 0),
		    evidence ? ACCESS_TOKEN : ACCESS_ALLOWED,
		    "%s on loopback, token not sent", path);
		CHECK_INT(policy_access(&loopback_token, route, 1),
		    ACCESS_ALLOWED, "%s on loopback with the token", path);
		CHECK_INT(policy_access(&lan, route, 0),
		    healthy ? ACCESS_ALLOWED : ACCESS_TOKEN,
		    "%s beyond loopback without the token", path);
		CHECK_INT(policy_access(&lan, route, 1), ACCESS_ALLOWED,
		    "%s beyond loopback with the token", path);
		CHECK_INT(policy_access(&lan_insecure, route, 0),
		    evidence ? ACCESS_NEVER : ACCESS_ALLOWED,
		    "%s beyond loopback, insecure", path);
		CHECK_INT(policy_access(&lan_insecure, route, 1),
		    evidence ? ACCESS_NEVER : ACCESS_ALLOWED,
		    "%s: a token cannot match where none is", path);
		CHECK_INT(policy_access(&lan_nothing, route, 0),
		    healthy ? ACCESS_ALLOWED : ACCESS_NEVER,
		    "%s beyond loopback, nothing configured", path);
		CHECK_INT(policy_access(&unix_socket, route, 0),
		    ACCESS_ALLOWED, "%s on the Unix socket", path);
	}
	CHECK_INT(route_by_path("/metrics/"), -1, "no other path is a route");
	CHECK_INT(route_by_path(""), -1, "nor is none");
}

static void
negotiation(void)
{
	static const struct {
		const char *accept;
		int openmetrics;
	} t[] = {
		{ NULL, 0 }, { "", 0 }, { "*/*", 0 }, { "text/plain", 0 },
		{ "application/openmetrics-text", 1 },
		{ "application/openmetrics-text;version=1.0.0,"
		    "application/openmetrics-text;version=0.0.1;q=0.75,"
		    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1", 1 },
		{ "Application/OpenMetrics-Text; q=0.5, text/plain; q=0.9",
		    0 },
		{ "application/openmetrics-text;q=0", 0 },
		{ "application/openmetrics-text;q=x", 0 },
		{ "text/html,application/xhtml+xml,*/*;q=0.8", 0 },
		{ ",,,;;;=", 0 },
	};
	size_t i;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		CHECK_INT(policy_openmetrics(t[i].accept), t[i].openmetrics,
		    "Accept: %s", t[i].accept == NULL ? "(none)" :
		    t[i].accept);
}

static void
timeouts(void)
{
	static const struct {
		const char *header;
		int r;
		uint32_t ms;
	} t[] = {
		{ NULL, 0, 10000 }, { "10", 0, 9000 }, { "10.000", 0, 9000 },
		{ "1", 0, 750 }, { "0.3", 0, 50 }, { "0.001", 0, 50 },
		{ "1000000", 0, 60000 }, { "0", -1, 0 }, { "-5", -1, 0 },
		{ "NaN", -1, 0 }, { "Inf", -1, 0 }, { "1e300", -1, 0 },
		{ "abc", -1, 0 }, { "", -1, 0 }, { "5.x", -1, 0 },
		{ "99999999999999999999", -1, 0 },
	};
	size_t i;
	uint32_t ms;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		CHECK_INT(policy_timeout(t[i].header, &ms), t[i].r,
		    "timeout header %zu", i);
		if (t[i].r == 0)
			CHECK_INT(ms, t[i].ms, "milliseconds of %zu", i);
	}
}

int
main(void)
{
	access_rules();
	askers();
	negotiation();
	timeouts();
	return (check_end());
}
