/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_AGENT_PROBING_H
#define MEETPROBE_AGENT_PROBING_H

#include <stddef.h>
#include <stdint.h>

#include "agent/base/clock.h"
#include "agent/facts/check.h"

struct conf;
struct site;

/*
 * One round of probes for a command: all of this host's roles or some
 * groups, once, and again while patience lasts and something is not well.
 */
struct probing {
	const struct site *site;
	const struct conf *conf;	/* probes that are off; may be NULL */
	const char *const *groups;	/* NULL: all */
	size_t group_count;
	int64_t wait_ns;		/* patience; 0: one round */
	mono_t deadline;		/* of everything */
	int progress;			/* on standard error, a terminal */
};

struct checks {
	struct check *list;
	size_t count, cap;
};

/*
 * Runs them. The last result of each (probe, subject) is in the list, in
 * the order of the table of probes. checks_free gives it back.
 */
void probing_run(const struct probing *, struct checks *);
void checks_free(struct checks *);

#endif
