/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_AGENT_GATHER_H
#define MEETPROBE_AGENT_GATHER_H

#include "agent/base/clock.h"

struct conf;
struct diagnosis;
struct facts;
struct findings;
struct inputs;
struct probing;
struct report;
struct site;

/*
 * Carries what the readers find over to the diagnosis and notes in the
 * report's coverage what was read: the one place where reading (probes/) and
 * concluding (agent/diagnosis) meet.
 */
struct gather {
	const struct conf *conf;
	const struct site *site;
	const struct inputs *inputs;
	struct diagnosis *diagnosis;
	struct report *report;
	struct facts *facts;	/* facts are noted here too; may be NULL */
	int named;		/* inputs are files of a command line, not
				 * those of this host */
	wall_t since;		/* older log records do not count; or NONE */
	/* captures: the bridge's ports and configured public address */
	unsigned port, port_last;
	const char *public_address;
};

/* Every log among the inputs, matched piece by piece. */
void gather_logs(struct gather *);
/* Every configuration file: facts, findings. */
void gather_configs(struct gather *);
/* Every capture: verdicts. */
void gather_captures(struct gather *);
/* Every evidence document of another host. */
void gather_evidence(struct gather *);
/* Runs the probes; their checks go to the report and the diagnosis. */
void gather_probes(struct gather *, const struct probing *);

#endif
