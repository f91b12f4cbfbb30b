/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_EXPORTER_METRICS_H
#define MEETPROBE_EXPORTER_METRICS_H

#include <stddef.h>
#include <stdint.h>

#include "agent/base/clock.h"

struct buf;

/*
 * The registry of metrics. Which families there are, their types, units and
 * labels is one const table; programs only set values. Nothing here knows
 * how a page looks (openmetrics.h).
 */
enum metric {
	METRIC_BUILD_INFO,
	METRIC_PROBE_SUCCESS,
	METRIC_PROBE_DURATION,
	METRIC_PROBE_PHASE,
	METRIC_PROBE_RUNS,
	METRIC_PROBE_FAILURES,
	METRIC_PROBE_LAST_RUN,
	METRIC_TLS_NOT_AFTER,
	METRIC_PF_FLOW_ALLOWED,
	METRIC_LOG_LINES,
	METRIC_LOG_SIGNALS,
	METRIC_CAUSES,
	METRIC_CAUSE_ACTIVE,
	METRIC_CAUSE_CONFIDENCE,
	METRIC_MEDIA_PACKETS,
	METRIC_MEDIA_BYTES,
	METRIC_MEDIA_FLOWS,
	METRIC_MEDIA_LOST,
	METRIC_MEDIA_EXPECTED,
	METRIC_MEDIA_REORDERED,
	METRIC_MEDIA_DUPLICATE,
	METRIC_MEDIA_JITTER,
	METRIC_MEDIA_STUN_RTT,
	METRIC_MEDIA_BRIDGE_RESPONSE,
	METRIC_CAPTURE_DROPPED,
	METRIC_MEDIA_EVICTED,
	METRIC_CHILD_RESTARTS,
	METRIC_CONFIG_RELOAD,
	METRIC_PROCESS_CPU,
	METRIC_PROCESS_RESIDENT,
	METRIC_PROCESS_VIRTUAL,
	METRIC_PROCESS_OPEN_FDS,
	METRIC_PROCESS_MAX_FDS,
	METRIC_PROCESS_START,
	METRIC_COUNT
};

enum metric_type { METRIC_GAUGE, METRIC_COUNTER, METRIC_HISTOGRAM };

#define METRIC_LABELS 4
#define METRIC_BOUNDS 16

/* One family. The name is that of its samples: a counter's has _total. */
struct metric_family {
	const char *name;
	enum metric_type type;
	const char *unit;	/* the name's last word, or NULL */
	const char *help;
	const char *label[METRIC_LABELS];	/* the rest are NULL */
	double bound[METRIC_BOUNDS];	/* of a histogram, rising; 0 ends */
};

extern const struct metric_family metric_table[METRIC_COUNT];

struct metrics;

struct metrics *metrics_new(void);
void metrics_free(struct metrics *);

/*
 * Label values: as many as the family has labels, in its order. Made with
 * this macro: METRIC_SET("tcp.connect", "xmpp:5222"). What comes from
 * outside is escaped and cut at LIMIT_METRIC_LABEL bytes.
 */
#define METRIC_SET(...) ((const char *const[METRIC_LABELS]){ __VA_ARGS__ })
#define METRIC_NO_LABELS ((const char *const[METRIC_LABELS]){ NULL })

/*
 * Each of these makes the series when it is new. A family holds at most
 * LIMIT_METRIC_SERIES; what is refused is counted (metrics_refused).
 * Setting a gauge with `until` makes it absent from that moment on unless it
 * is set again; MONO_NONE keeps it.
 */
void metrics_gauge(struct metrics *, enum metric, const char *const *labels,
    double value, mono_t until);
/* Makes the series absent; a later metrics_gauge brings it back. */
void metrics_absent(struct metrics *, enum metric,
    const char *const *labels);
/* The same for every series whose first n labels have these values. */
void metrics_absent_under(struct metrics *, enum metric,
    const char *const *labels, size_t n);
/* Sets all series that the family has to this value. */
void metrics_gauge_all(struct metrics *, enum metric, double value);
/* Adds to a counter; 0 makes it start at 0. */
void metrics_add(struct metrics *, enum metric, const char *const *labels,
    uint64_t n);
/* A counter whose total is kept elsewhere; a smaller total is ignored. */
void metrics_total(struct metrics *, enum metric, const char *const *labels,
    uint64_t total);
/* The same for a total that is no integer (CPU seconds). */
void metrics_total_real(struct metrics *, enum metric,
    const char *const *labels, double total);
/* One observation of a histogram. */
void metrics_observe(struct metrics *, enum metric,
    const char *const *labels, double value);
/* Series that were refused because a family was full. */
uint64_t metrics_refused(const struct metrics *);

/* A series as the page writers see it. */
struct metric_series {
	const char *labels;	/* `probe="a",subject="b"`, escaped; or "" */
	int real;		/* value counts, else total */
	double value;		/* a gauge, or a counter that is no integer */
	uint64_t total;		/* a counter; observations of a histogram */
	double sum;		/* of a histogram */
	const uint64_t *bucket;	/* observations per bound, not cumulative,
				 * the last one above all bounds */
};
/* The number of bounds of a histogram. */
size_t metric_bounds(const struct metric_family *);
/* Series that a family ever had. */
size_t metrics_count(const struct metrics *, enum metric);
/* Takes the i-th; 1, or 0 when it is absent at that moment. */
int metrics_series(const struct metrics *, enum metric, size_t i, mono_t now,
    struct metric_series *);

#endif
