/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_AGENT_GATHER_H
#define MEETPROBE_AGENT_GATHER_H

#include "agent/base/clock.h"

struct conf;
struct config_set;
struct diagnosis;
struct documents;
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
	struct findings *findings;	/* takes those of the configuration;
					 * may be NULL */
	struct documents *documents;	/* other hosts' evidence; may be NULL */
	int named;		/* inputs are files of a command line, not
				 * those of this host */
	wall_t since;		/* older log records do not count; or NONE */
	int pf_file_waits;	/* of this host: pf_evidence_file_waits() */
	struct config_set *configs;	/* between gather_configs and _rules */
	/* captures: the bridge's ports and configured public address */
	unsigned port, port_last;
	const char *public_address;
};

/* Every log among the inputs, matched piece by piece. */
void gather_logs(struct gather *);
/* Every configuration file is read. */
void gather_configs(struct gather *);
/*
 * The rules over what gather_configs read: facts, findings, checks. Which
 * keys and options count hangs on the versions that are known: logs,
 * evidence and probes that are gathered before it count.
 */
void gather_rules(struct gather *);
/* Every capture: verdicts. */
void gather_captures(struct gather *);
/* Takes in every evidence document of another host (documents_settle adds
 * what they say). */
void gather_evidence(struct gather *);
/* Runs the probes; their checks go to the report and the diagnosis. */
void gather_probes(struct gather *, const struct probing *);

#endif
