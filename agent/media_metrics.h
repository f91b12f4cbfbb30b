/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_AGENT_MEDIA_METRICS_H
#define MEETPROBE_AGENT_MEDIA_METRICS_H

#include "probes/media/media.h"

struct metrics;

/*
 * Carries the counts of the capture over to the registry. `told` is what was
 * carried before, all zero at first; when the capture child was started
 * anew its counts begin at 0 again, and the totals go on from where they
 * were.
 */
void media_metrics(struct metrics *, struct media_counts *told,
    const struct media_counts *now);

#endif
