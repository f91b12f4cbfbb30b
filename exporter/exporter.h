/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_EXPORTER_EXPORTER_H
#define MEETPROBE_EXPORTER_EXPORTER_H

#include <stddef.h>
#include <stdint.h>

#include "agent/base/clock.h"
#include "agent/facts/check.h"
#include "agent/facts/kinds.h"
#include "exporter/metrics.h"

struct buf;
struct http_link;
struct report;

/*
 * What the engine tells the world: metrics and finished pages. The engine
 * calls exporter_check for every finished run, exporter_report after every
 * diagnosis, and exporter_publish about once a second; nothing is computed
 * when somebody scrapes.
 */
struct exporter;

struct exporter *exporter_new(void);
void exporter_free(struct exporter *);

/*
 * The registry, for what has no function here: metrics_add, metrics_total,
 * metrics_gauge ... with METRIC_LOG_LINES, METRIC_LOG_SIGNALS,
 * METRIC_PF_FLOW_ALLOWED, METRIC_MEDIA_*, METRIC_CAPTURE_DROPPED,
 * METRIC_CHILD_RESTARTS, METRIC_CONFIG_RELOAD.
 */
struct metrics *exporter_metrics(struct exporter *);

/* This probe runs here against this subject: its counters start at 0.
 * layer: the probe's own, of the probe table. */
void exporter_probe(struct exporter *, const char *id, const char *subject,
    enum layer);
/* A run has ended. The gauges go when nothing follows for three intervals;
 * an interval of 0 keeps them. Reads the check only. */
void exporter_check(struct exporter *, const struct check *,
    int64_t interval_ns, mono_t now);
/* The present report: the gauges of causes, and the pages /, /api/v1/report
 * and /api/v1/causes made anew. Reads the report only. */
void exporter_report(struct exporter *, const struct report *);

/* An agent of the site, for /api/v1/sd. Copied. */
struct exporter_agent {
	const char *target;	/* "100.64.2.3:10917" */
	const char *host;
	roles_t roles;
};
void exporter_agents(struct exporter *, const char *site,
    const struct exporter_agent *, size_t count);

/*
 * Sends the pages that changed; the metrics also when they did not, every
 * 15 s at least, by which the http process sees that the engine lives.
 */
void exporter_publish(struct exporter *, struct http_link *, mono_t now);
/* The http process is a new one: the next exporter_publish sends all. */
void exporter_again(struct exporter *);

/*
 * The body of /probe for a finished run, with blackbox_exporter's names, in
 * Prometheus' text format.
 */
void exporter_probe_page(struct buf *, const struct check *,
    double timeout_seconds);

#endif
