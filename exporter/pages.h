/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_EXPORTER_PAGES_H
#define MEETPROBE_EXPORTER_PAGES_H

#include <stddef.h>

#include "exporter/exporter.h"

struct buf;
struct report;

/* The status page: HTML that needs no script and loads nothing. */
void page_index(struct buf *, const struct report *);
/* meetprobe.report/1, as `meetprobe diagnose --json` prints it. */
void page_report(struct buf *, const struct report *);
/* The head of that report and its causes only. report: what page_report
 * wrote. */
void page_causes(struct buf *, const struct buf *report);
/* Prometheus' http_sd format: a target a group with site, host and role. */
void page_sd(struct buf *, const char *site, const struct exporter_agent *,
    size_t count);

#endif
