/* SPDX-License-Identifier: ISC */
/*
 * The registry of metrics: the table of families and the values of their
 * series. Pure. Owns the label texts, which are escaped once, when a series
 * is made, so that writing a page copies bytes.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/limits.h"
#include "agent/base/map.h"
#include "agent/base/mem.h"
#include "exporter/metrics.h"

#define PROBE_SECONDS \
	{ 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, \
	  10, 30 }
#define PACKET_SECONDS \
	{ 0.001, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 1 }
#define RESPONSE_SECONDS \
	{ 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1 }

const struct metric_family metric_table[METRIC_COUNT] = {
	[METRIC_BUILD_INFO] = { "meetprobe_build_info", METRIC_GAUGE, NULL,
	    "Version of the agent; always 1.",
	    { "version", "revision", "os" }, { 0 } },
	[METRIC_PROBE_SUCCESS] = { "meetprobe_probe_success", METRIC_GAUGE,
	    NULL, "1 when the last run passed or warned, 0 when it failed; "
	    "absent when its outcome is unknown or it stopped running.",
	    { "probe", "subject" }, { 0 } },
	[METRIC_PROBE_DURATION] = { "meetprobe_probe_duration_seconds",
	    METRIC_HISTOGRAM, "seconds", "How long runs of the probe took.",
	    { "probe" }, PROBE_SECONDS },
	[METRIC_PROBE_PHASE] = { "meetprobe_probe_phase_seconds",
	    METRIC_GAUGE, "seconds",
	    "How long each phase of the last run took.",
	    { "probe", "subject", "phase" }, { 0 } },
	[METRIC_PROBE_RUNS] = { "meetprobe_probe_runs_total", METRIC_COUNTER,
	    NULL, "Finished runs by outcome.",
	    { "probe", "subject", "state" }, { 0 } },
	[METRIC_PROBE_FAILURES] = { "meetprobe_probe_failures_total",
	    METRIC_COUNTER, NULL,
	    "Failed runs by the layer that failed and the reason.",
	    { "probe", "subject", "layer", "reason" }, { 0 } },
	[METRIC_PROBE_LAST_RUN] = {
	    "meetprobe_probe_last_run_timestamp_seconds", METRIC_GAUGE,
	    "seconds", "When the probe ran last, Unix time.",
	    { "probe", "subject" }, { 0 } },
	[METRIC_TLS_NOT_AFTER] = {
	    "meetprobe_tls_not_after_timestamp_seconds", METRIC_GAUGE,
	    "seconds", "When a served certificate expires, Unix time; "
	    "position leaf, or the earliest of the chain.",
	    { "subject", "position" }, { 0 } },
	[METRIC_PF_FLOW_ALLOWED] = { "meetprobe_pf_flow_allowed",
	    METRIC_GAUGE, NULL,
	    "1 when the loaded rules pass this leg of a flow, 0 when not.",
	    { "flow", "leg" }, { 0 } },
	[METRIC_LOG_LINES] = { "meetprobe_log_lines_total", METRIC_COUNTER,
	    NULL, "Lines read from followed logs.", { "component" }, { 0 } },
	[METRIC_LOG_SIGNALS] = { "meetprobe_log_signals_total",
	    METRIC_COUNTER, NULL,
	    "Lines that a signal of the catalogue matched.",
	    { "component", "signal" }, { 0 } },
	[METRIC_CAUSES] = { "meetprobe_causes", METRIC_GAUGE, NULL,
	    "Active causes by severity.", { "severity" }, { 0 } },
	[METRIC_CAUSE_ACTIVE] = { "meetprobe_cause_active", METRIC_GAUGE,
	    NULL, "1 while this cause is active, 0 once it has cleared.",
	    { "cause", "kind", "severity" }, { 0 } },
	[METRIC_CAUSE_CONFIDENCE] = { "meetprobe_cause_confidence_ratio",
	    METRIC_GAUGE, "ratio", "Confidence in an active cause, 0 to 1.",
	    { "cause", "kind", "severity" }, { 0 } },
	[METRIC_MEDIA_PACKETS] = { "meetprobe_media_packets_total",
	    METRIC_COUNTER, NULL,
	    "Packets seen on the bridge port; direction in is towards it.",
	    { "direction", "class" }, { 0 } },
	[METRIC_MEDIA_BYTES] = { "meetprobe_media_bytes_total",
	    METRIC_COUNTER, "bytes", "Bytes of UDP payload on the port.",
	    { "direction", "class" }, { 0 } },
	[METRIC_MEDIA_FLOWS] = { "meetprobe_media_flows", METRIC_GAUGE, NULL,
	    "Client flows by ICE state.", { "state" }, { 0 } },
	[METRIC_MEDIA_LOST] = { "meetprobe_media_lost_packets_total",
	    METRIC_COUNTER, NULL,
	    "RTP packets that never came, counted once each when they leave "
	    "the reorder window.", { "direction", "media" }, { 0 } },
	[METRIC_MEDIA_EXPECTED] = { "meetprobe_media_expected_packets_total",
	    METRIC_COUNTER, NULL,
	    "RTP packets that should have come, by sequence number.",
	    { "direction", "media" }, { 0 } },
	[METRIC_MEDIA_REORDERED] = {
	    "meetprobe_media_reordered_packets_total", METRIC_COUNTER, NULL,
	    "RTP packets that came after a later one.",
	    { "direction", "media" }, { 0 } },
	[METRIC_MEDIA_DUPLICATE] = {
	    "meetprobe_media_duplicate_packets_total", METRIC_COUNTER, NULL,
	    "RTP packets that came again.", { "direction", "media" }, { 0 } },
	[METRIC_MEDIA_JITTER] = { "meetprobe_media_jitter_seconds",
	    METRIC_HISTOGRAM, "seconds",
	    "Interarrival jitter of streams (RFC 3550).",
	    { "direction" }, PACKET_SECONDS },
	[METRIC_MEDIA_STUN_RTT] = { "meetprobe_media_stun_rtt_seconds",
	    METRIC_HISTOGRAM, "seconds",
	    "From a connectivity check of the bridge to its answer.",
	    { NULL }, PACKET_SECONDS },
	[METRIC_MEDIA_BRIDGE_RESPONSE] = {
	    "meetprobe_media_bridge_response_seconds", METRIC_HISTOGRAM,
	    "seconds", "From a client's connectivity check to the bridge's "
	    "answer.", { NULL }, RESPONSE_SECONDS },
	[METRIC_CAPTURE_DROPPED] = {
	    "meetprobe_capture_dropped_packets_total", METRIC_COUNTER, NULL,
	    "Packets that the capture lost, by where.", { "where" }, { 0 } },
	[METRIC_MEDIA_EVICTED] = { "meetprobe_media_evicted_total",
	    METRIC_COUNTER, NULL,
	    "Entries pushed out of a full table of the media analyser.",
	    { "table" }, { 0 } },
	[METRIC_CHILD_RESTARTS] = { "meetprobe_child_restarts_total",
	    METRIC_COUNTER, NULL,
	    "Processes of the agent that ended and were started again.",
	    { "process" }, { 0 } },
	[METRIC_CONFIG_RELOAD] = {
	    "meetprobe_config_last_reload_successful", METRIC_GAUGE, NULL,
	    "1 when the configuration was last read without errors.",
	    { NULL }, { 0 } },
	[METRIC_PROCESS_CPU] = { "process_cpu_seconds_total",
	    METRIC_COUNTER, "seconds",
	    "User and system CPU time of the engine process.",
	    { NULL }, { 0 } },
	[METRIC_PROCESS_RESIDENT] = { "process_resident_memory_bytes",
	    METRIC_GAUGE, "bytes", "Resident memory of the engine process.",
	    { NULL }, { 0 } },
	[METRIC_PROCESS_VIRTUAL] = { "process_virtual_memory_bytes",
	    METRIC_GAUGE, "bytes", "Virtual memory of the engine process.",
	    { NULL }, { 0 } },
	[METRIC_PROCESS_OPEN_FDS] = { "process_open_fds", METRIC_GAUGE, NULL,
	    "Open descriptors of the engine process.", { NULL }, { 0 } },
	[METRIC_PROCESS_MAX_FDS] = { "process_max_fds", METRIC_GAUGE, NULL,
	    "Limit of open descriptors.", { NULL }, { 0 } },
	[METRIC_PROCESS_START] = { "process_start_time_seconds",
	    METRIC_GAUGE, "seconds", "When the engine started, Unix time.",
	    { NULL }, { 0 } },
};

struct series {
	char *labels;
	int present;
	mono_t until;		/* absent from here on; MONO_NONE: never */
	int real;
	double value;
	uint64_t total;
	double sum;
	uint64_t *bucket;	/* histograms only */
};

struct family {
	struct map by_labels;	/* -> struct series */
};

struct metrics {
	struct family family[METRIC_COUNT];
	uint64_t refused;
};

struct metrics *
metrics_new(void)
{
	struct metrics *m = mem_zalloc(1, sizeof(*m));
	size_t i;

	for (i = 0; i < METRIC_COUNT; i++)
		map_init(&m->family[i].by_labels, LIMIT_METRIC_SERIES);
	return (m);
}

static void
series_free(struct series *s)
{
	free(s->labels);
	free(s->bucket);
	free(s);
}

void
metrics_free(struct metrics *m)
{
	struct map *map;
	size_t i, k;

	if (m == NULL)
		return;
	for (i = 0; i < METRIC_COUNT; i++) {
		map = &m->family[i].by_labels;
		for (k = 0; k < map->count; k++)
			series_free(map->list[k].value);
		map_free(map);
	}
	free(m);
}

size_t
metric_bounds(const struct metric_family *f)
{
	size_t n = 0;

	while (n < METRIC_BOUNDS && f->bound[n] != 0)
		n++;
	return (n);
}

/* Adds a label value: printable UTF-8, with \\, \" and \n escaped. */
static void
add_value(struct buf *b, const char *value)
{
	struct str s = str_from(value);
	struct buf safe;
	size_t i;

	buf_init(&safe, 4 * LIMIT_METRIC_LABEL);
	if (s.n > LIMIT_METRIC_LABEL) {
		s.n = LIMIT_METRIC_LABEL;
		/* not inside a character */
		while (s.n > 0 && ((unsigned char)s.p[s.n] & 0xc0) == 0x80)
			s.n--;
	}
	buf_add_safe(&safe, s);
	for (i = 0; i < safe.len; i++) {
		if (safe.data[i] == '\\' || safe.data[i] == '"')
			buf_addc(b, '\\');
		buf_addc(b, safe.data[i]);
	}
	buf_free(&safe);
}

/* The first n labels as they stand in a sample. */
static void
label_text(struct buf *b, const struct metric_family *f,
    const char *const *labels, size_t n)
{
	size_t i;

	for (i = 0; i < n && f->label[i] != NULL; i++) {
		if (labels[i] == NULL)
			fatal("metric %s: label %s not given", f->name,
			    f->label[i]);
		buf_addf(b, "%s%s=\"", i == 0 ? "" : ",", f->label[i]);
		add_value(b, labels[i]);
		buf_addc(b, '"');
	}
}

/* The series of these labels; NULL when it is new and make is 0, or when the
 * family is full. */
static struct series *
series_of(struct metrics *m, enum metric id, enum metric_type type,
    const char *const *labels, int make)
{
	const struct metric_family *f = &metric_table[id];
	struct map *map = &m->family[id].by_labels;
	struct series *s = NULL;
	struct buf text;
	void **place;

	if (f->type != type)
		fatal("metric %s: wrong type", f->name);
	buf_init(&text, LIMIT_METRIC_TEXT);
	label_text(&text, f, labels, METRIC_LABELS);
	if (!make) {
		s = map_get(map, buf_str(&text));
		goto out;
	}
	place = map_put(map, buf_str(&text));
	if (place == NULL) {
		m->refused++;
		goto out;
	}
	if (*place == NULL) {
		s = mem_zalloc(1, sizeof(*s));
		s->labels = mem_strdup(buf_cstr(&text));
		s->until = MONO_NONE;
		if (type == METRIC_HISTOGRAM)
			s->bucket = mem_zalloc(metric_bounds(f) + 1,
			    sizeof(*s->bucket));
		*place = s;
	}
	s = *place;
	s->present = 1;
out:
	buf_free(&text);
	return (s);
}

void
metrics_gauge(struct metrics *m, enum metric id, const char *const *labels,
    double value, mono_t until)
{
	struct series *s = series_of(m, id, METRIC_GAUGE, labels, 1);

	if (s == NULL)
		return;
	s->real = 1;
	s->value = value;
	s->until = until;
}

void
metrics_absent(struct metrics *m, enum metric id, const char *const *labels)
{
	struct series *s = series_of(m, id, METRIC_GAUGE, labels, 0);

	if (s != NULL)
		s->present = 0;
}

void
metrics_absent_under(struct metrics *m, enum metric id,
    const char *const *labels, size_t n)
{
	struct map *map = &m->family[id].by_labels;
	struct series *s;
	struct buf text;
	size_t i;

	buf_init(&text, LIMIT_METRIC_TEXT);
	label_text(&text, &metric_table[id], labels, n);
	buf_addc(&text, ',');
	for (i = 0; i < map->count; i++) {
		s = map->list[i].value;
		if (strncmp(s->labels, buf_cstr(&text), text.len) == 0)
			s->present = 0;
	}
	buf_free(&text);
}

void
metrics_gauge_all(struct metrics *m, enum metric id, double value)
{
	struct map *map = &m->family[id].by_labels;
	struct series *s;
	size_t i;

	for (i = 0; i < map->count; i++) {
		s = map->list[i].value;
		s->value = value;
	}
}

void
metrics_add(struct metrics *m, enum metric id, const char *const *labels,
    uint64_t n)
{
	struct series *s = series_of(m, id, METRIC_COUNTER, labels, 1);

	if (s != NULL)
		s->total += n;
}

void
metrics_total(struct metrics *m, enum metric id, const char *const *labels,
    uint64_t total)
{
	struct series *s = series_of(m, id, METRIC_COUNTER, labels, 1);

	if (s != NULL && total > s->total)
		s->total = total;
}

void
metrics_total_real(struct metrics *m, enum metric id,
    const char *const *labels, double total)
{
	struct series *s = series_of(m, id, METRIC_COUNTER, labels, 1);

	if (s == NULL)
		return;
	s->real = 1;
	if (total > s->value)
		s->value = total;
}

void
metrics_observe(struct metrics *m, enum metric id,
    const char *const *labels, double value)
{
	const struct metric_family *f = &metric_table[id];
	struct series *s = series_of(m, id, METRIC_HISTOGRAM, labels, 1);
	size_t i = 0, n = metric_bounds(f);

	if (s == NULL || isnan(value))
		return;
	while (i < n && value > f->bound[i])
		i++;
	s->bucket[i]++;
	s->total++;
	s->sum += value;
}

uint64_t
metrics_refused(const struct metrics *m)
{
	return (m->refused);
}

size_t
metrics_count(const struct metrics *m, enum metric id)
{
	return (m->family[id].by_labels.count);
}

int
metrics_series(const struct metrics *m, enum metric id, size_t i, mono_t now,
    struct metric_series *out)
{
	const struct map *map = &m->family[id].by_labels;
	const struct series *s;

	if (i >= map->count)
		return (0);
	s = map->list[i].value;
	if (!s->present || (s->until.ns != MONO_NONE.ns &&
	    !mono_before(now, s->until)))
		return (0);
	out->labels = s->labels;
	out->real = s->real;
	out->value = s->value;
	out->total = s->total;
	out->sum = s->sum;
	out->bucket = s->bucket;
	return (1);
}
