/* SPDX-License-Identifier: ISC */
/*
 * The report as TAP 14: a test for every check and every cause. Prints to
 * the stream given.
 */
#include <string.h>

#include "agent/diagnosis/render.h"

/* A description: escaped, and # and \ as TAP asks. */
static void
describe(FILE *out, const char *s)
{
	struct buf b;
	size_t i;

	buf_init(&b, 1U << 16);
	buf_add_safe(&b, str_from(s == NULL ? "" : s));
	for (i = 0; i < b.len; i++) {
		if (b.data[i] == '#' || b.data[i] == '\\')
			fputc('\\', out);
		fputc(b.data[i], out);
	}
	buf_free(&b);
}

/* A line of the YAML block, as a double quoted scalar. */
static void
yaml(FILE *out, const char *key, const char *s)
{
	struct buf b;
	size_t i;

	if (s == NULL || s[0] == '\0')
		return;
	buf_init(&b, 1U << 16);
	buf_add_safe(&b, str_from(s));
	fprintf(out, "  %s: \"", key);
	for (i = 0; i < b.len; i++) {
		if (b.data[i] == '"' || b.data[i] == '\\')
			fputc('\\', out);
		fputc(b.data[i], out);
	}
	fputs("\"\n", out);
	buf_free(&b);
}

static void
check_tap(const struct check *c, size_t number, FILE *out)
{
	int bad = c->state == STATE_FAIL || c->state == STATE_UNKNOWN;
	int skip = c->state == STATE_SKIPPED || c->state == STATE_WAIVED ||
	    c->state == STATE_NOT_APPLICABLE;

	fprintf(out, "%sok %zu - %s", bad ? "not " : "", number, c->id);
	if (c->subject[0] != '\0') {
		fputc(' ', out);
		describe(out, c->subject);
	}
	if (skip) {
		fprintf(out, " # SKIP %s", state_name(c->state));
		if (c->because != NULL)
			fprintf(out, " because %s", c->because);
		fputc('\n', out);
		return;
	}
	fputs(": ", out);
	describe(out, c->summary);
	fputc('\n', out);
	if (!bad && c->state != STATE_WARN)
		return;
	fputs("  ---\n", out);
	yaml(out, "state", state_name(c->state));
	yaml(out, "layer", layer_name(c->layer));
	yaml(out, "reason", reason_name(c->reason));
	fputs("  ...\n", out);
}

static void
cause_tap(const struct report_cause *c, size_t number, FILE *out)
{
	int bad = c->severity == SEVERITY_DOWN ||
	    c->severity == SEVERITY_DEGRADED;

	fprintf(out, "%sok %zu - cause %s: ", bad ? "not " : "", number,
	    c->id);
	describe(out, c->say);
	fputs("\n  ---\n", out);
	yaml(out, "severity", severity_name(c->severity));
	yaml(out, "kind", kind_name(c->kind));
	yaml(out, "title", c->title);
	if (c->fix_count > 0) {
		yaml(out, "fix", c->fix[0].text);
		yaml(out, "command", c->fix[0].cmd);
		yaml(out, "interrupts", interrupts_name(
		    c->fix[0].interrupts));
	}
	fputs("  ...\n", out);
}

void
render_tap(const struct report *r, int color, FILE *out)
{
	size_t i, n = 0, total = r->check_count + r->cause_count;

	(void)color;
	fputs("TAP version 14\n", out);
	fprintf(out, "1..%zu%s\n", total,
	    total == 0 ? " # SKIP nothing to tell" : "");
	for (i = 0; i < r->check_count; i++)
		check_tap(&r->checks[i].check, ++n, out);
	for (i = 0; i < r->cause_count; i++)
		cause_tap(&r->causes[i], ++n, out);
}
