/* SPDX-License-Identifier: ISC */
/*
 * The report as JUnit XML: a suite for every group of checks and one for the
 * causes, in the form that the common schemas (the Ant task's and Jenkins')
 * both take. Prints to the stream given.
 */
#include <string.h>

#include "agent/diagnosis/render.h"

/* Escaped for an attribute; control characters are gone already. */
static void
xml(FILE *out, const char *s)
{
	struct buf b;
	size_t i;

	buf_init(&b, 1U << 20);
	buf_add_safe(&b, str_from(s == NULL ? "" : s));
	for (i = 0; i < b.len; i++) {
		switch (b.data[i]) {
		case '&': fputs("&amp;", out); break;
		case '<': fputs("&lt;", out); break;
		case '>': fputs("&gt;", out); break;
		case '"': fputs("&quot;", out); break;
		case '\'': fputs("&#39;", out); break;
		default: fputc(b.data[i], out);
		}
	}
	buf_free(&b);
}

/* <failure>, <error> or <skipped> with its message. */
static void
outcome(FILE *out, const char *tag, const char *type, const char *message)
{
	fprintf(out, "      <%s", tag);
	if (type != NULL)
		fprintf(out, " type=\"%s\"", type);
	fputs(" message=\"", out);
	xml(out, message);
	fputs("\"/>\n", out);
}

static void
check_junit(const struct check *c, FILE *out)
{
	fputs("    <testcase name=\"", out);
	xml(out, c->id);
	if (c->subject[0] != '\0') {
		fputc(' ', out);
		xml(out, c->subject);
	}
	fprintf(out, "\" classname=\"meetprobe.%s\" time=\"%.3f\">\n",
	    c->group, c->duration < 0 ? 0 : c->duration);
	switch (c->state) {
	case STATE_FAIL:
		outcome(out, "failure", reason_name(c->reason), c->summary);
		break;
	case STATE_UNKNOWN:
		outcome(out, "error", reason_name(c->reason), c->summary);
		break;
	case STATE_SKIPPED:
		outcome(out, "skipped", NULL, c->because == NULL ?
		    c->summary : c->because);
		break;
	case STATE_NOT_APPLICABLE:
	case STATE_WAIVED:
		outcome(out, "skipped", NULL, c->summary);
		break;
	default:
		break;
	}
	fputs("    </testcase>\n", out);
}

static void
suite_begin(const struct report *r, const char *name, size_t number,
    const size_t *counts, double seconds, FILE *out)
{
	char when[RENDER_TIME];

	render_time(wall_add(r->generated, -(r->generated.us % US_PER_SEC)),
	    0, when, sizeof(when));
	fprintf(out, "  <testsuite name=\"%s\" package=\"meetprobe\" "
	    "id=\"%zu\" timestamp=\"%s\" hostname=\"", name, number, when);
	xml(out, r->host[0] == '\0' ? "localhost" : r->host);
	fprintf(out, "\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" "
	    "skipped=\"%zu\" time=\"%.3f\">\n    <properties/>\n", counts[0],
	    counts[1], counts[2], counts[3], seconds);
}

static void
suite_end(FILE *out)
{
	fputs("    <system-out/>\n    <system-err/>\n  </testsuite>\n", out);
}

/* The suite of the checks of one group. */
static void
group_junit(const struct report *r, const char *group, size_t number,
    FILE *out)
{
	size_t counts[4] = { 0 }, i;
	const struct check *c;
	double seconds = 0;

	for (i = 0; i < r->check_count; i++) {
		c = &r->checks[i].check;
		if (strcmp(c->group, group) != 0)
			continue;
		counts[0]++;
		counts[1] += c->state == STATE_FAIL;
		counts[2] += c->state == STATE_UNKNOWN;
		counts[3] += c->state == STATE_SKIPPED ||
		    c->state == STATE_WAIVED ||
		    c->state == STATE_NOT_APPLICABLE;
		if (c->duration > 0)
			seconds += c->duration;
	}
	suite_begin(r, group, number, counts, seconds, out);
	for (i = 0; i < r->check_count; i++)
		if (strcmp(r->checks[i].check.group, group) == 0)
			check_junit(&r->checks[i].check, out);
	suite_end(out);
}

static void
causes_junit(const struct report *r, size_t number, FILE *out)
{
	const struct report_cause *c;
	size_t counts[4] = { 0 }, i;
	int bad;

	counts[0] = r->cause_count;
	counts[1] = render_causes(r, SEVERITY_DOWN) +
	    render_causes(r, SEVERITY_DEGRADED);
	suite_begin(r, "causes", number, counts, 0, out);
	for (i = 0; i < r->cause_count; i++) {
		c = &r->causes[i];
		bad = c->severity == SEVERITY_DOWN ||
		    c->severity == SEVERITY_DEGRADED;
		fprintf(out, "    <testcase name=\"%s\" "
		    "classname=\"meetprobe.cause\" time=\"0.000\">\n", c->id);
		if (bad)
			outcome(out, "failure", kind_name(c->kind), c->say);
		fputs("    </testcase>\n", out);
	}
	suite_end(out);
}

void
render_junit(const struct report *r, int color, FILE *out)
{
	size_t i, k, number = 0;

	(void)color;
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n",
	    out);
	for (i = 0; i < r->check_count; i++) {
		for (k = 0; k < i; k++)
			if (strcmp(r->checks[k].check.group,
			    r->checks[i].check.group) == 0)
				break;
		if (k == i)
			group_junit(r, r->checks[i].check.group, number++,
			    out);
	}
	if (r->cause_count > 0 || number == 0)
		causes_junit(r, number, out);
	fputs("</testsuites>\n", out);
}
