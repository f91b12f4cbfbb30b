/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_AGENT_PF_EVIDENCE_H
#define MEETPROBE_AGENT_PF_EVIDENCE_H

#include <jansson.h>

struct check;
struct diagnosis;
struct report;

/*
 * What a host's packet filter does to the site's flows, as evidence that
 * travels between hosts: the object `pf` of meetprobe.evidence/1,
 *
 *	{ "flows": [ { from, to, port, proto, leg: in|out, pass } ],
 *	  "blocked": [ { from, to, port, proto, leg, interface, cause, file,
 *	    line, rule } ] }
 *
 * from the facts pf.flow_legs and pf.blocked of the probes pf.config and
 * pf.rules. `blocked` are legs of flows that must pass, with the rule.
 */
json_t *pf_evidence_json(const struct report *);
/*
 * Takes it in: what one rule blocks is one finding of the cause's id, with
 * the peer as its host. Nothing in it is trusted.
 */
void pf_evidence_read(const json_t *, const char *peer, struct diagnosis *);
/* The same from a check of this host. */
void pf_evidence_check(const struct check *, struct diagnosis *);

/* What of pf a check could not see, and the command that shows it: a line
 * of the report's coverage. */
void pf_evidence_coverage(const struct check *, struct report *);

#endif
