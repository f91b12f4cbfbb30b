/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_DIAGNOSIS_SKEW_H
#define MEETPROBE_DIAGNOSIS_SKEW_H

#include <stddef.h>
#include <stdint.h>

#include "agent/base/clock.h"

struct catalogue;

/*
 * How far the clocks of hosts are apart, from what two of them log of the
 * same thing: the catalogue's patterns "A apart from B" say which signals
 * these are (a login, an allocation). Two clocks are known to each other
 * when at least two such pairs agree within SKEW_AGREE_US.
 */
#define SKEW_AGREE_US (2 * US_PER_SEC)
/* Clocks further apart are not believed: logs of other days look so. */
#define SKEW_MOST_US (INT64_C(12) * 3600 * US_PER_SEC)

/* When a host logged a signal, by its own clock. */
struct skew_seen {
	size_t signal;		/* index in the catalogue */
	wall_t first, last;
};

struct skew_host {
	struct skew_seen *seen;
	size_t count, cap;
	/* filled in by skew_estimate: */
	int known;		/* its clock is known to that of `base` */
	size_t base;		/* the host that it is compared with */
	int64_t ahead_us;	/* how much it is ahead of that */
	size_t pairs;		/* how many agree */
};

/* Notes a sighting; one of an unknown id or without a time is ignored. */
void skew_add(const struct catalogue *, struct skew_host *, const char *id,
    wall_t first, wall_t last);
void skew_free(struct skew_host *);

/*
 * Estimates all clocks against that of `base` when it is below count, else
 * against that of the host which is known to most others (the first of
 * these). Hosts that reach the base through a third one are known too.
 */
void skew_estimate(const struct catalogue *, struct skew_host *,
    size_t count, size_t base);

#endif
