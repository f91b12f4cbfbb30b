/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_AGENT_PF_EVIDENCE_H
#define MEETPROBE_AGENT_PF_EVIDENCE_H

#include <stddef.h>

#include <jansson.h>

struct check;
struct diagnosis;
struct finding;
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
/*
 * The same from this host's checks: what is loaded counts where pf.rules
 * could tell, else its file.
 */
void pf_evidence_checks(const struct check *, size_t count,
    struct diagnosis *);
/*
 * 1 when what this host has loaded passes what the site needs, and its file
 * is another: what the file blocks is then no finding of now.
 */
int pf_evidence_file_waits(const struct check *, size_t count);
/* 1 for a finding about what /etc/pf.conf of this host blocks. */
int pf_evidence_of_file(const struct finding *);

/* What of pf a check could not see, and the command that shows it: a line
 * of the report's coverage. */
void pf_evidence_coverage(const struct check *, struct report *);

#endif
