/* SPDX-License-Identifier: ISC */
/*
 * Carries the tables of probes/ over to the catalogue, which may not know
 * them. Pure.
 */
#include <stdlib.h>

#include "agent/base/mem.h"
#include "agent/captures.h"
#include "agent/known.h"
#include "probes/config/lint.h"
#include "probes/probe.h"

static int
known_probe(struct str id)
{
	/* Ids are fixed; those run by other parts than the probe table. */
	static const char *const others[] = {
		"pf.rules", "pf.config", "pf.log", "pf.states",
		"udp.reach", "listen.local", "xmpp.starttls", "xmpp.stream",
		"xmpp.login", "xmpp.components", "bosh.direct",
		"bosh.public", "ws.public", "web.page", "web.config",
		"web.acme", "jvb.health", "jvb.stats", "jvb.version",
		"jicofo.health", "jicofo.stats", "jicofo.version",
		"jibri.health", "jigasi.health", "media.flow", "stun.mapped",
		"host.clock", "host.limits", "host.services", "host.order",
		"host.versions", "host.forwarding", "host.vms",
	};
	size_t i;

	for (i = 0; probe_table[i] != NULL; i++)
		if (str_eqs(id, probe_table[i]->id))
			return (1);
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (str_eqs(id, others[i]))
			return (1);
	return (str_starts(id, "config."));
}

static int
known_verdict(struct str id)
{
	char *name = mem_str(id);
	int known = captures_verdict(name);

	free(name);
	return (known);
}

/* What the configuration shows, or hosts side by side. */
static int
known_finding(struct str id)
{
	return (lint_known(id) || str_eqs(id, FINDING_CLOCK_SKEW));
}

const struct catalogue_names known_names = {
	.probe = known_probe,
	.finding = known_finding,
	.verdict = known_verdict,
};
