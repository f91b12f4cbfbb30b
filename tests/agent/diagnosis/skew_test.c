/* SPDX-License-Identifier: ISC */
/*
 * Mirrors agent/diagnosis/skew.c: clocks estimated from what two hosts log of
 * the same thing. Would catch: a skew believed from one event, from events
 * that disagree or from logs of different days; a wrong sign; a host that is
 * reached through a third one and is not.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/errlist.h"
#include "agent/diagnosis/catalogue.h"
#include "agent/diagnosis/skew.h"
#include "tests/kit/check.h"

struct sighting {
	int host;
	const char *id;
	int64_t first, last;	/* seconds; the same: seen once */
};

/* What is known of up to three hosts against the base, in seconds. */
static const struct {
	const char *what;
	size_t base;
	int64_t want[3];	/* 99999: unknown */
	struct sighting seen[8];
} rows[] = {
	{ "no events", 0, { 0, 99999, 99999 }, { { 0, NULL, 0, 0 } } },
	{ "a single login", 0, { 0, 99999, 99999 }, {
	    { 0, "prosody-bridge-login", 1000, 1000 },
	    { 1, "jvb-authenticated", 1037, 1037 } } },
	{ "two logins", 0, { 0, 37, 99999 }, {
	    { 0, "prosody-bridge-login", 1000, 2000 },
	    { 1, "jvb-authenticated", 1037, 2037 } } },
	{ "two logins, the other one is the base", 1, { -37, 0, 99999 }, {
	    { 0, "prosody-bridge-login", 1000, 2000 },
	    { 1, "jvb-authenticated", 1037, 2037 } } },
	{ "two logins that do not agree", 0, { 0, 99999, 99999 }, {
	    { 0, "prosody-bridge-login", 1000, 2000 },
	    { 1, "jvb-authenticated", 1037, 2050 } } },
	{ "a login and an allocation", 0, { 0, 12, 99999 }, {
	    { 0, "jicofo-session-made", 5000, 5000 },
	    { 0, "jicofo-bridge-added", 1000, 1000 },
	    { 1, "jvb-conference-created", 5012, 5012 },
	    { 1, "jvb-joined-muc", 1012, 1012 } } },
	{ "the same event on one host only", 0, { 0, 99999, 99999 }, {
	    { 0, "jvb-authenticated", 1000, 2000 },
	    { 1, "jvb-authenticated", 1037, 2037 } } },
	{ "logs of other days", 0, { 0, 99999, 99999 }, {
	    { 0, "prosody-bridge-login", 1000, 87400 },
	    { 1, "jvb-authenticated", 173800, 260200 } } },
	{ "as many agree on one as on another", 0, { 0, 99999, 99999 }, {
	    { 0, "prosody-bridge-login", 1000, 2000 },
	    { 0, "jicofo-session-made", 5000, 6000 },
	    { 1, "jvb-authenticated", 1037, 2037 },
	    { 1, "jvb-conference-created", 5500, 6500 } } },
	{ "through a third host", 0, { 0, 10, 15 }, {
	    { 0, "jicofo-registered", 1000, 2000 },
	    { 1, "prosody-focus-login", 1010, 2010 },
	    { 1, "prosody-bridge-login", 3010, 4010 },
	    { 2, "jvb-authenticated", 3015, 4015 } } },
	{ "no base: the host that knows most", 3, { -10, 0, 5 }, {
	    { 0, "jicofo-registered", 1000, 2000 },
	    { 1, "prosody-focus-login", 1010, 2010 },
	    { 1, "prosody-bridge-login", 3010, 4010 },
	    { 2, "jvb-authenticated", 3015, 4015 } } },
	{ "unknown ids and no times", 0, { 0, 99999, 99999 }, {
	    { 0, "no-such-signal", 1000, 2000 },
	    { 1, "clock-skew", 1037, 2037 } } },
};

int
main(void)
{
	struct errlist errors;
	struct catalogue *c;
	const struct sighting *s;
	struct skew_host hosts[3];
	size_t i, k;

	errlist_init(&errors);
	c = catalogue_load(NULL, NULL, 0, &errors);
	CHECK(c != NULL, "the catalogue");
	for (i = 0; c != NULL && i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(hosts, 0, sizeof(hosts));
		for (k = 0; k < 8 && rows[i].seen[k].id != NULL; k++) {
			s = &rows[i].seen[k];
			skew_add(c, &hosts[s->host], s->id,
			    (wall_t){ s->first * US_PER_SEC },
			    (wall_t){ s->last * US_PER_SEC });
		}
		skew_estimate(c, hosts, 3, rows[i].base);
		for (k = 0; k < 3; k++)
			CHECK_INT(hosts[k].known ? hosts[k].ahead_us /
			    US_PER_SEC : 99999, rows[i].want[k],
			    "%s: host %zu", rows[i].what, k);
		for (k = 0; k < 3; k++)
			skew_free(&hosts[k]);
	}
	catalogue_free(c);
	errlist_free(&errors);
	return (check_end());
}
