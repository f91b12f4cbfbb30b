/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_EXPORTER_OPENMETRICS_H
#define MEETPROBE_EXPORTER_OPENMETRICS_H

#include "agent/base/clock.h"
#include "exporter/metrics.h"

struct buf;

/* The two formats that Prometheus reads. */
enum openmetrics_format {
	FORMAT_PROMETHEUS_TEXT,	/* text/plain; version=0.0.4 */
	FORMAT_OPENMETRICS	/* application/openmetrics-text; 1.0.0 */
};

/*
 * Writes all series present at that moment, families without any left out.
 * 0, or -1 when the buffer's ceiling cut the page.
 */
int openmetrics_write(struct buf *, const struct metrics *,
    enum openmetrics_format, mono_t now);

/*
 * For pages that are no registry (/probe): the HELP and TYPE lines of one
 * family, and a number. Integers are written with all their digits, other
 * numbers with nine places and without trailing zeros.
 */
void openmetrics_head(struct buf *, enum openmetrics_format,
    const char *name, enum metric_type, const char *unit, const char *help);
void openmetrics_number(struct buf *, double);

#endif
