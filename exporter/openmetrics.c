/* SPDX-License-Identifier: ISC */
/*
 * Writes the registry as OpenMetrics 1.0 or as Prometheus' text format
 * 0.0.4. Pure. The two differ in the name of a counter's family (without and
 * with _total), the UNIT lines and the # EOF; the samples are the same, the
 * buckets' le included, so that a series stays one whatever was negotiated.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/mem.h"
#include "exporter/openmetrics.h"

static const char *const type_name[] = {
	[METRIC_GAUGE] = "gauge",
	[METRIC_COUNTER] = "counter",
	[METRIC_HISTOGRAM] = "histogram",
};

void
openmetrics_number(struct buf *b, double v)
{
	char text[400];
	size_t n;

	if (isnan(v)) {
		buf_adds(b, "NaN");
		return;
	}
	if (isinf(v)) {
		buf_adds(b, v > 0 ? "+Inf" : "-Inf");
		return;
	}
	if (floor(v) == v) {
		/* v + 0: no minus sign for zero */
		snprintf(text, sizeof(text), "%.0f", v + 0.0);
		buf_adds(b, text);
		return;
	}
	n = (size_t)snprintf(text, sizeof(text), "%.9f", v);
	while (n > 1 && text[n - 1] == '0')
		text[--n] = '\0';
	if (text[n - 1] == '.')
		text[--n] = '\0';
	buf_adds(b, strcmp(text, "-0") == 0 ? "0" : text);
}

/* A bound as le: always with a fraction, in both formats. */
static void
add_bound(struct buf *b, double v)
{
	openmetrics_number(b, v);
	if (floor(v) == v)
		buf_adds(b, ".0");
}

/* The name without _total where OpenMetrics wants it so. */
static int
family_length(enum openmetrics_format format, const char *name,
    enum metric_type type)
{
	size_t n = strlen(name);

	if (format == FORMAT_OPENMETRICS && type == METRIC_COUNTER)
		n -= strlen("_total");
	return ((int)n);
}

void
openmetrics_head(struct buf *b, enum openmetrics_format format,
    const char *name, enum metric_type type, const char *unit,
    const char *help)
{
	int n = family_length(format, name, type);

	buf_addf(b, "# HELP %.*s %s\n", n, name, help);
	buf_addf(b, "# TYPE %.*s %s\n", n, name, type_name[type]);
	if (format == FORMAT_OPENMETRICS && unit != NULL)
		buf_addf(b, "# UNIT %.*s %s\n", n, name, unit);
}

static void
add_sample_name(struct buf *b, const char *name, const char *labels)
{
	buf_adds(b, name);
	if (*labels != '\0') {
		buf_addc(b, '{');
		buf_adds(b, labels);
		buf_addc(b, '}');
	}
	buf_addc(b, ' ');
}

static void
write_histogram(struct buf *b, const struct metric_family *f,
    const struct metric_series *s)
{
	size_t i, n = metric_bounds(f);
	uint64_t seen = 0;

	for (i = 0; i <= n; i++) {
		seen += s->bucket[i];
		buf_adds(b, f->name);
		buf_adds(b, "_bucket{");
		buf_adds(b, s->labels);
		buf_adds(b, *s->labels == '\0' ? "le=\"" : ",le=\"");
		if (i < n)
			add_bound(b, f->bound[i]);
		else
			buf_adds(b, "+Inf");
		buf_addf(b, "\"} %" PRIu64 "\n", seen);
	}
	buf_adds(b, f->name);
	add_sample_name(b, "_sum", s->labels);
	openmetrics_number(b, s->sum);
	buf_addc(b, '\n');
	buf_adds(b, f->name);
	add_sample_name(b, "_count", s->labels);
	buf_addf(b, "%" PRIu64 "\n", seen);
}

static void
write_series(struct buf *b, const struct metric_family *f,
    const struct metric_series *s)
{
	if (f->type == METRIC_HISTOGRAM) {
		write_histogram(b, f, s);
		return;
	}
	add_sample_name(b, f->name, s->labels);
	if (s->real)
		openmetrics_number(b, s->value);
	else
		buf_addf(b, "%" PRIu64, s->total);
	buf_addc(b, '\n');
}

int
openmetrics_write(struct buf *b, const struct metrics *m,
    enum openmetrics_format format, mono_t now)
{
	const struct metric_family *f;
	struct metric_series s;
	size_t i, k;
	int head;

	for (i = 0; i < METRIC_COUNT; i++) {
		f = &metric_table[i];
		head = 0;
		for (k = 0; k < metrics_count(m, (enum metric)i); k++) {
			if (!metrics_series(m, (enum metric)i, k, now, &s))
				continue;
			if (!head)
				openmetrics_head(b, format, f->name, f->type,
				    f->unit, f->help);
			head = 1;
			write_series(b, f, &s);
		}
	}
	if (format == FORMAT_OPENMETRICS)
		buf_adds(b, "# EOF\n");
	return (b->full ? -1 : 0);
}
