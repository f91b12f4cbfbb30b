/* SPDX-License-Identifier: ISC */
/*
 * From checks and reports to metrics and pages. Pure but for the process's
 * own figures and the sending. Owns the registry and the finished pages.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/compat/process.h"
#include "agent/compat/sys.h"
#include "agent/diagnosis/report.h"
#include "exporter/exporter.h"
#include "exporter/link.h"
#include "exporter/messages.h"
#include "exporter/openmetrics.h"
#include "exporter/pages.h"

#define HEARTBEAT_NS (15 * NS_PER_SEC)
/* Runs missed after which a gauge says nothing any more. */
#define INTERVALS_MISSED 3

/* Of the source, or "unknown"; made by the Makefile. */
extern const char meetprobe_revision[];

struct exporter {
	struct metrics *metrics;
	struct buf page[PAGE_COUNT];
	int changed[PAGE_COUNT];
	int dirty;		/* a metric changed */
	mono_t sent;		/* when metrics were sent last */
	wall_t started;
};

/*
 * Reasons whose failure counters start at 0 for a probe of that layer; those
 * that are not here appear with their first failure.
 */
static const enum reason usual[LAYER_COUNT][5] = {
	[LAYER_DNS] = { REASON_DNS_NXDOMAIN, REASON_DNS_FAIL,
	    REASON_TIMEOUT },
	[LAYER_NET] = { REASON_TIMEOUT, REASON_REFUSED, REASON_RESET,
	    REASON_UNREACHABLE },
	[LAYER_PF] = { REASON_LOCAL_POLICY },
	[LAYER_TLS] = { REASON_TIMEOUT, REASON_TLS_ALERT,
	    REASON_TLS_UNTRUSTED, REASON_TLS_NAME, REASON_TLS_EXPIRED },
	[LAYER_XMPP] = { REASON_TIMEOUT, REASON_STREAM_ERROR,
	    REASON_HOST_UNKNOWN, REASON_SASL_NOT_AUTHORIZED,
	    REASON_PROTOCOL_ERROR },
	[LAYER_HTTP] = { REASON_TIMEOUT, REASON_HTTP_STATUS, REASON_CLOSED,
	    REASON_BAD_JSON },
	[LAYER_BOSH] = { REASON_TIMEOUT, REASON_HTTP_STATUS,
	    REASON_BOSH_TERMINATE },
	[LAYER_WEB] = { REASON_TIMEOUT, REASON_HTTP_STATUS,
	    REASON_HTTP_BODY, REASON_REDIRECT },
	[LAYER_ICE] = { REASON_STUN_ERROR },
};

struct exporter *
exporter_new(void)
{
	struct exporter *e = mem_zalloc(1, sizeof(*e));
	size_t i;

	e->metrics = metrics_new();
	e->sent = MONO_NONE;
	e->started = wall_now();
	for (i = 0; i < PAGE_COUNT; i++)
		buf_init(&e->page[i], LIMIT_PAGE);
	metrics_gauge(e->metrics, METRIC_BUILD_INFO,
	    METRIC_SET(MEETPROBE_VERSION, meetprobe_revision, sys_name()), 1,
	    MONO_NONE);
	for (i = 0; i < SEVERITY_COUNT; i++)
		metrics_gauge(e->metrics, METRIC_CAUSES,
		    METRIC_SET(severity_name((enum severity)i)), 0,
		    MONO_NONE);
	buf_adds(&e->page[PAGE_SD], "[]\n");
	e->changed[PAGE_SD] = e->dirty = 1;
	return (e);
}

void
exporter_free(struct exporter *e)
{
	size_t i;

	if (e == NULL)
		return;
	for (i = 0; i < PAGE_COUNT; i++)
		buf_free(&e->page[i]);
	metrics_free(e->metrics);
	free(e);
}

struct metrics *
exporter_metrics(struct exporter *e)
{
	e->dirty = 1;
	return (e->metrics);
}

static void
start_failures(struct metrics *m, const char *id, const char *subject,
    enum layer layer)
{
	size_t i;

	for (i = 0; i < sizeof(usual[0]) / sizeof(usual[0][0]); i++)
		if (usual[layer][i] != REASON_OK)
			metrics_add(m, METRIC_PROBE_FAILURES,
			    METRIC_SET(id, subject, layer_name(layer),
			    reason_name(usual[layer][i])), 0);
}

void
exporter_probe(struct exporter *e, const char *id, const char *subject,
    enum layer layer)
{
	static const enum state states[] = { STATE_PASS, STATE_FAIL };
	size_t i;

	start_failures(e->metrics, id, subject, layer);
	if (layer >= LAYER_TLS && layer <= LAYER_WEB)
		start_failures(e->metrics, id, subject, LAYER_NET);
	for (i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		metrics_add(e->metrics, METRIC_PROBE_RUNS,
		    METRIC_SET(id, subject, state_name(states[i])), 0);
	e->dirty = 1;
}

/* The value of a numeric fact that the check states; 0, or -1. */
static int
fact_number(const struct check *c, const char *name, int64_t *value)
{
	struct str rest = str_from(c->facts), line, key;

	while (rest.n > 0) {
		line = str_split(&rest, '\n');
		key = str_split(&line, '=');
		if (str_eqs(key, name))
			return (str_num(line, 0, INT64_MAX, value));
	}
	return (-1);
}

/* When the certificates that a TLS check saw expire; logins and streams see
 * the same ones once more. */
static void
set_expiry(struct metrics *m, const struct check *c, mono_t until)
{
	static const struct {
		const char *fact, *position;
	} t[] = {
		{ "tls.not_after", "leaf" },
		{ "tls.chain_not_after", "earliest" },
	};
	int64_t seconds;
	size_t i;

	if (strcmp(c->group, "tls") != 0)
		return;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		if (fact_number(c, t[i].fact, &seconds) == 0)
			metrics_gauge(m, METRIC_TLS_NOT_AFTER,
			    METRIC_SET(c->subject, t[i].position),
			    (double)seconds, until);
}

/*
 * What the firewall does to the legs of the flows, by the rules that are
 * loaded, not by its file: words of the fact pf.flow_legs,
 * "web>xmpp:5280/tcp/in=1".
 */
static void
set_flows(struct metrics *m, const struct check *c, mono_t until)
{
	struct str rest = str_from(c->facts), line, word, flow;
	char *name, *leg;
	size_t at;

	if (strcmp(c->id, "pf.rules") != 0)
		return;
	while (rest.n > 0) {
		line = str_split(&rest, '\n');
		if (!str_starts(line, "pf.flow_legs="))
			continue;
		(void)str_split(&line, '=');
		while ((word = str_word(&line)).n > 0) {
			flow = str_split(&word, '=');
			at = str_rchr(flow, '/');
			if (at == SIZE_MAX)
				continue;
			name = mem_str(str_sub(flow, 0, at));
			leg = mem_str(str_sub(flow, at + 1, flow.n));
			metrics_gauge(m, METRIC_PF_FLOW_ALLOWED,
			    METRIC_SET(name, leg), str_eqs(word, "1"), until);
			free(leg);
			free(name);
		}
	}
}

/* 1, 0, or -1 for states that are neither success nor failure. */
static int
success(enum state state)
{
	switch (state) {
	case STATE_PASS:
	case STATE_WARN:
		return (1);
	case STATE_FAIL:
		return (0);
	default:
		return (-1);
	}
}

/* 1 when the probe really tried something. */
static int
has_run(enum state state)
{
	return (state != STATE_SKIPPED && state != STATE_NOT_APPLICABLE);
}

void
exporter_check(struct exporter *e, const struct check *c,
    int64_t interval_ns, mono_t now)
{
	struct metrics *m = e->metrics;
	const char *const *who = METRIC_SET(c->id, c->subject);
	mono_t until = MONO_NONE;
	int ok = success(c->state);
	size_t i;

	if (interval_ns > 0 && interval_ns < LIMIT_DURATION_NS /
	    INTERVALS_MISSED)
		until = mono_add(now, INTERVALS_MISSED * interval_ns);
	e->dirty = 1;
	if (ok == -1)
		metrics_absent(m, METRIC_PROBE_SUCCESS, who);
	else
		metrics_gauge(m, METRIC_PROBE_SUCCESS, who, ok, until);
	metrics_add(m, METRIC_PROBE_RUNS,
	    METRIC_SET(c->id, c->subject, state_name(c->state)), 1);
	if (c->state == STATE_FAIL)
		metrics_add(m, METRIC_PROBE_FAILURES,
		    METRIC_SET(c->id, c->subject, layer_name(c->layer),
		    reason_name(c->reason)), 1);
	if (!has_run(c->state))
		return;
	metrics_observe(m, METRIC_PROBE_DURATION, METRIC_SET(c->id),
	    c->duration);
	/* a phase that this run did not reach has no time */
	metrics_absent_under(m, METRIC_PROBE_PHASE, who, 2);
	for (i = 0; i < c->phase_count; i++)
		metrics_gauge(m, METRIC_PROBE_PHASE,
		    METRIC_SET(c->id, c->subject, c->phases[i].name),
		    c->phases[i].seconds, until);
	if (wall_is_set(c->when))
		metrics_gauge(m, METRIC_PROBE_LAST_RUN, who,
		    (double)(c->when.us / 1000) / 1000, MONO_NONE);
	set_expiry(m, c, until);
	set_flows(m, c, until);
}

/* The gauges of causes: what was active and is not any more goes to 0. */
static void
set_causes(struct metrics *m, const struct report *r)
{
	unsigned count[SEVERITY_COUNT] = { 0 };
	const struct report_cause *c;
	const char *const *labels;
	size_t i;

	metrics_gauge_all(m, METRIC_CAUSE_ACTIVE, 0);
	metrics_gauge_all(m, METRIC_CAUSE_CONFIDENCE, 0);
	for (i = 0; i < r->cause_count; i++) {
		c = &r->causes[i];
		if (wall_is_set(c->cleared))
			continue;
		count[c->severity]++;
		labels = METRIC_SET(c->id, kind_name(c->kind),
		    severity_name(c->severity));
		metrics_gauge(m, METRIC_CAUSE_ACTIVE, labels, 1, MONO_NONE);
		metrics_gauge(m, METRIC_CAUSE_CONFIDENCE, labels,
		    c->confidence, MONO_NONE);
	}
	for (i = 0; i < SEVERITY_COUNT; i++)
		metrics_gauge(m, METRIC_CAUSES,
		    METRIC_SET(severity_name((enum severity)i)), count[i],
		    MONO_NONE);
}

/* Files are no probes and run at no interval: their checks come with the
 * report. */
static void
set_config_checks(struct metrics *m, const struct report *r)
{
	const struct check *c;
	size_t i;
	int ok;

	for (i = 0; i < r->check_count; i++) {
		c = &r->checks[i].check;
		if (strcmp(c->group, "config") != 0)
			continue;
		ok = success(c->state);
		if (ok == -1)
			metrics_absent(m, METRIC_PROBE_SUCCESS,
			    METRIC_SET(c->id, c->subject));
		else
			metrics_gauge(m, METRIC_PROBE_SUCCESS,
			    METRIC_SET(c->id, c->subject), ok, MONO_NONE);
	}
}

void
exporter_report(struct exporter *e, const struct report *r)
{
	static const enum page made[] = { PAGE_INDEX, PAGE_REPORT,
	    PAGE_CAUSES };
	size_t i;

	set_causes(e->metrics, r);
	set_config_checks(e->metrics, r);
	e->dirty = 1;
	for (i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
		buf_clear(&e->page[made[i]]);
		e->changed[made[i]] = 1;
	}
	page_index(&e->page[PAGE_INDEX], r);
	page_report(&e->page[PAGE_REPORT], r);
	page_causes(&e->page[PAGE_CAUSES], &e->page[PAGE_REPORT]);
}

void
exporter_agents(struct exporter *e, const char *site,
    const struct exporter_agent *agents, size_t count)
{
	buf_clear(&e->page[PAGE_SD]);
	page_sd(&e->page[PAGE_SD], site, agents, count);
	e->changed[PAGE_SD] = 1;
}

/* A figure of this process; 0 is not known. */
static void
set_process(struct metrics *m, enum metric id, double value)
{
	if (value > 0)
		metrics_gauge(m, id, METRIC_NO_LABELS, value, MONO_NONE);
}

static void
write_metrics(struct exporter *e, mono_t now)
{
	struct sys_process p;

	sys_process(&p);
	metrics_total_real(e->metrics, METRIC_PROCESS_CPU, METRIC_NO_LABELS,
	    p.cpu_seconds);
	set_process(e->metrics, METRIC_PROCESS_RESIDENT, (double)p.resident);
	set_process(e->metrics, METRIC_PROCESS_VIRTUAL, (double)p.size);
	set_process(e->metrics, METRIC_PROCESS_OPEN_FDS, p.open_fds);
	set_process(e->metrics, METRIC_PROCESS_MAX_FDS, p.max_fds);
	set_process(e->metrics, METRIC_PROCESS_START,
	    (double)(e->started.us / 1000) / 1000);
	buf_clear(&e->page[PAGE_METRICS_TEXT]);
	openmetrics_write(&e->page[PAGE_METRICS_TEXT], e->metrics,
	    FORMAT_PROMETHEUS_TEXT, now);
	buf_clear(&e->page[PAGE_METRICS_OPENMETRICS]);
	openmetrics_write(&e->page[PAGE_METRICS_OPENMETRICS], e->metrics,
	    FORMAT_OPENMETRICS, now);
	e->changed[PAGE_METRICS_TEXT] = 1;
	e->changed[PAGE_METRICS_OPENMETRICS] = 1;
}

void
exporter_publish(struct exporter *e, struct http_link *link, mono_t now)
{
	int i;

	if (e->dirty || e->sent.ns == MONO_NONE.ns ||
	    mono_diff(now, e->sent) >= HEARTBEAT_NS) {
		write_metrics(e, now);
		e->sent = now;
		e->dirty = 0;
	}
	/* a page cut by its ceiling is not sent: the last good one stays */
	for (i = 0; i < PAGE_COUNT; i++) {
		if (e->changed[i] && e->page[i].len > 0 && !e->page[i].full)
			http_link_page(link, (enum page)i,
			    buf_str(&e->page[i]));
		e->changed[i] = 0;
	}
}

void
exporter_again(struct exporter *e)
{
	int i;

	for (i = 0; i < PAGE_COUNT; i++)
		e->changed[i] = 1;
	e->dirty = 1;
}

/* One family with one sample for /probe. */
static void
probe_sample(struct buf *b, const char *name, const char *help, double value)
{
	openmetrics_head(b, FORMAT_PROMETHEUS_TEXT, name, METRIC_GAUGE, NULL,
	    help);
	buf_addf(b, "%s ", name);
	openmetrics_number(b, value);
	buf_addc(b, '\n');
}

void
exporter_probe_page(struct buf *b, const struct check *c,
    double timeout_seconds)
{
	int64_t expiry;

	probe_sample(b, "probe_success",
	    "1 when the probe passed or warned, else 0.",
	    success(c->state) == 1);
	probe_sample(b, "probe_duration_seconds",
	    "How long the probe took.", c->duration);
	probe_sample(b, "probe_timeout_seconds",
	    "How long it might have taken.", timeout_seconds);
	if (fact_number(c, "tls.chain_not_after", &expiry) == 0)
		probe_sample(b, "probe_ssl_earliest_cert_expiry",
		    "When the first certificate of the served chain "
		    "expires, Unix time.", (double)expiry);
	openmetrics_head(b, FORMAT_PROMETHEUS_TEXT, "probe_reason_info",
	    METRIC_GAUGE, NULL, "Why the probe did not pass: the layer that "
	    "failed and the reason; ok when it passed.");
	buf_addf(b, "probe_reason_info{reason=\"%s\",layer=\"%s\"} 1\n",
	    reason_name(c->reason), layer_name(c->layer));
}
