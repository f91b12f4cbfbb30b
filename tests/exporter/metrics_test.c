/* SPDX-License-Identifier: ISC */
/*
 * Mirrors exporter/metrics.c and openmetrics.c. Would catch: a wrong family
 * name in one of the formats, numbers that lose digits, label values that
 * break out of their quotes, series that stay for ever, a histogram that is
 * not cumulative, a family that grows without bound. The page goes through
 * `promtool check metrics` where that is installed.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/base/buf.h"
#include "agent/base/limits.h"
#include "exporter/metrics.h"
#include "exporter/openmetrics.h"
#include "tests/kit/check.h"

static char *
page(const struct metrics *m, enum openmetrics_format f, mono_t now)
{
	struct buf b;

	buf_init(&b, LIMIT_PAGE);
	CHECK_INT(openmetrics_write(&b, m, f, now), 0, "the page fits");
	return (buf_take(&b));
}

static void
has(const char *text, const char *line)
{
	size_t n = strlen(line);
	const char *p = text;

	while ((p = strstr(p, line)) != NULL) {
		if ((p == text || p[-1] == '\n') && p[n] == '\n')
			break;
		p++;
	}
	CHECK(p != NULL, "the page has the line %s", line);
}

static void
numbers(void)
{
	static const struct {
		double v;
		const char *text;
	} t[] = {
		{ 0, "0" }, { -0.0, "0" }, { 1, "1" }, { -1, "-1" },
		{ 1668765432, "1668765432" }, { 1668765432.25,
		    "1668765432.25" }, { 9007199254740992.0,
		    "9007199254740992" }, { 0.012, "0.012" },
		{ 123456789.5, "123456789.5" }, { 1e-12, "0" },
		{ -1e-12, "0" }, { 1e21, "1000000000000000000000" },
	};
	struct buf b;
	size_t i;

	buf_init(&b, 1000);
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		buf_clear(&b);
		openmetrics_number(&b, t[i].v);
		CHECK_STR(buf_cstr(&b), t[i].text, "number %zu", i);
	}
	buf_clear(&b);
	openmetrics_number(&b, NAN);
	openmetrics_number(&b, INFINITY);
	openmetrics_number(&b, -INFINITY);
	CHECK_STR(buf_cstr(&b), "NaN+Inf-Inf", "the special numbers");
	buf_free(&b);
}

static void
table(void)
{
	size_t i, k, n;
	const char *name;

	for (i = 0; i < METRIC_COUNT; i++) {
		name = metric_table[i].name;
		CHECK(name != NULL && metric_table[i].help != NULL,
		    "family %zu is in the table", i);
		if (name == NULL)
			continue;
		n = strlen(name);
		CHECK((metric_table[i].type == METRIC_COUNTER) ==
		    (n > 6 && strcmp(name + n - 6, "_total") == 0),
		    "%s: counters end with _total, and only they", name);
		CHECK((metric_table[i].type == METRIC_HISTOGRAM) ==
		    (metric_bounds(&metric_table[i]) > 0),
		    "%s: histograms have bounds, and only they", name);
		for (k = 1; k < metric_bounds(&metric_table[i]); k++)
			if (metric_table[i].bound[k] <=
			    metric_table[i].bound[k - 1])
				break;
		CHECK(k >= metric_bounds(&metric_table[i]),
		    "%s: the bounds rise", name);
	}
}

static struct metrics *
sample(mono_t now)
{
	struct metrics *m = metrics_new();

	metrics_gauge(m, METRIC_BUILD_INFO,
	    METRIC_SET("0.1.0", "unknown", "linux"), 1, MONO_NONE);
	metrics_gauge(m, METRIC_PROBE_SUCCESS,
	    METRIC_SET("tcp.connect", "xmpp:5222"), 1,
	    mono_add(now, 10 * NS_PER_SEC));
	metrics_gauge(m, METRIC_PROBE_SUCCESS,
	    METRIC_SET("tcp.connect", "a\"b\\c\nd\033[0m"), 0, MONO_NONE);
	metrics_add(m, METRIC_PROBE_RUNS,
	    METRIC_SET("tcp.connect", "xmpp:5222", "pass"),
	    UINT64_C(18446744073709551615));
	metrics_observe(m, METRIC_PROBE_DURATION, METRIC_SET("tcp.connect"),
	    0.0005);
	metrics_observe(m, METRIC_PROBE_DURATION, METRIC_SET("tcp.connect"),
	    0.25);
	metrics_observe(m, METRIC_PROBE_DURATION, METRIC_SET("tcp.connect"),
	    100);
	metrics_observe(m, METRIC_MEDIA_STUN_RTT, METRIC_NO_LABELS, 0.5);
	metrics_total_real(m, METRIC_PROCESS_CPU, METRIC_NO_LABELS, 1.25);
	metrics_add(m, METRIC_MEDIA_BYTES, METRIC_SET("in", "srtp"), 7);
	return (m);
}

static void
formats(void)
{
	mono_t now = mono_now();
	struct metrics *m = sample(now);
	char *text = page(m, FORMAT_PROMETHEUS_TEXT, now);
	char *open = page(m, FORMAT_OPENMETRICS, now);
	size_t n;

	has(text, "# TYPE meetprobe_probe_runs_total counter");
	has(open, "# TYPE meetprobe_probe_runs counter");
	has(open, "# UNIT meetprobe_media_bytes bytes");
	CHECK(strstr(text, "# UNIT") == NULL, "text 0.0.4 has no UNIT");
	has(text, "meetprobe_probe_runs_total{probe=\"tcp.connect\","
	    "subject=\"xmpp:5222\",state=\"pass\"} 18446744073709551615");
	has(text, "meetprobe_probe_success{probe=\"tcp.connect\","
	    "subject=\"a\\\"b\\\\c\\\\x0ad\\\\x1b[0m\"} 0");
	has(open, "meetprobe_probe_duration_seconds_bucket{"
	    "probe=\"tcp.connect\",le=\"0.001\"} 1");
	has(open, "meetprobe_probe_duration_seconds_bucket{"
	    "probe=\"tcp.connect\",le=\"0.25\"} 2");
	has(text, "meetprobe_probe_duration_seconds_bucket{"
	    "probe=\"tcp.connect\",le=\"30.0\"} 2");
	has(open, "meetprobe_probe_duration_seconds_bucket{"
	    "probe=\"tcp.connect\",le=\"+Inf\"} 3");
	has(open, "meetprobe_probe_duration_seconds_sum{"
	    "probe=\"tcp.connect\"} 100.2505");
	has(open, "meetprobe_media_stun_rtt_seconds_bucket{le=\"0.5\"} 1");
	has(open, "meetprobe_media_stun_rtt_seconds_count 1");
	has(open, "process_cpu_seconds_total 1.25");
	n = strlen(open);
	CHECK(n > 6 && strcmp(open + n - 6, "# EOF\n") == 0,
	    "OpenMetrics ends with # EOF");
	CHECK(strstr(text, "# EOF") == NULL, "text 0.0.4 does not");
	free(text);
	free(open);
	metrics_free(m);
}

static void
absence(void)
{
	static const char line[] = "meetprobe_probe_success{"
	    "probe=\"tcp.connect\",subject=\"xmpp:5222\"} 1";
	mono_t now = mono_now();
	struct metrics *m = sample(now);
	const char *const *labels = METRIC_SET("tcp.connect", "xmpp:5222");
	char *text;

	text = page(m, FORMAT_PROMETHEUS_TEXT, mono_add(now, 9 * NS_PER_SEC));
	has(text, line);
	free(text);
	text = page(m, FORMAT_PROMETHEUS_TEXT,
	    mono_add(now, 10 * NS_PER_SEC));
	CHECK(strstr(text, line) == NULL, "a gauge goes when its time is up");
	has(text, "meetprobe_probe_runs_total{probe=\"tcp.connect\","
	    "subject=\"xmpp:5222\",state=\"pass\"} 18446744073709551615");
	free(text);
	metrics_gauge(m, METRIC_PROBE_SUCCESS, labels, 1, MONO_NONE);
	text = page(m, FORMAT_PROMETHEUS_TEXT, mono_add(now, 99 * NS_PER_SEC));
	has(text, line);
	free(text);
	metrics_absent(m, METRIC_PROBE_SUCCESS, labels);
	text = page(m, FORMAT_PROMETHEUS_TEXT, now);
	CHECK(strstr(text, line) == NULL, "a gauge can be taken away");
	free(text);
	metrics_free(m);
}

static void
bounds(void)
{
	struct metrics *m = metrics_new();
	char subject[2000];
	size_t i;

	for (i = 0; i < LIMIT_METRIC_SERIES + 10; i++) {
		snprintf(subject, sizeof(subject), "s%zu", i);
		metrics_gauge(m, METRIC_PROBE_SUCCESS,
		    METRIC_SET("x", subject), 1, MONO_NONE);
	}
	CHECK_INT(metrics_count(m, METRIC_PROBE_SUCCESS),
	    LIMIT_METRIC_SERIES, "a family has a ceiling");
	CHECK_INT(metrics_refused(m), 10, "what is refused is counted");
	metrics_add(m, METRIC_LOG_LINES, METRIC_SET("prosody"), 5);
	metrics_total(m, METRIC_LOG_LINES, METRIC_SET("prosody"), 3);
	memset(subject, '\377', sizeof(subject) - 1);
	subject[sizeof(subject) - 1] = '\0';
	metrics_add(m, METRIC_LOG_LINES, METRIC_SET(subject), 1);
	{
		struct metric_series s;

		metrics_series(m, METRIC_LOG_LINES, 0, mono_now(), &s);
		CHECK_INT(s.total, 5, "a counter never falls");
		metrics_series(m, METRIC_LOG_LINES, 1, mono_now(), &s);
		CHECK(strlen(s.labels) < 6 * LIMIT_METRIC_LABEL,
		    "a label value has a ceiling");
	}
	metrics_free(m);
}

/* The page as promtool judges it. */
static void
promtool(void)
{
	mono_t now = mono_now();
	struct metrics *m = sample(now);
	size_t i;
	char *text;
	FILE *f;

	if (access("/usr/bin/promtool", X_OK) == -1) {
		check_skip("no promtool here");
		metrics_free(m);
		return;
	}
	/* one series of every family, so that every name is judged */
	for (i = 0; i < METRIC_COUNT; i++)
		if (metric_table[i].type == METRIC_GAUGE)
			metrics_gauge(m, (enum metric)i,
			    METRIC_SET("a", "b", "c", "d"), 1, MONO_NONE);
		else if (metric_table[i].type == METRIC_COUNTER)
			metrics_add(m, (enum metric)i,
			    METRIC_SET("a", "b", "c", "d"), 1);
		else
			metrics_observe(m, (enum metric)i,
			    METRIC_SET("a", "b", "c", "d"), 1);
	text = page(m, FORMAT_PROMETHEUS_TEXT, now);
	f = popen("promtool check metrics", "w");
	if (f != NULL) {
		fputs(text, f);
		CHECK_INT(pclose(f), 0, "promtool check metrics is content");
	}
	free(text);
	metrics_free(m);
}

int
main(void)
{
	numbers();
	table();
	formats();
	absence();
	bounds();
	promtool();
	return (check_end());
}
