/* SPDX-License-Identifier: ISC */
/*
 * The table of renderers and what they share. Prints to the stream given.
 */
#include <string.h>

#include "agent/diagnosis/render.h"

static const struct renderer renderers[REPORT_FORMATS] = {
	[REPORT_TEXT] = { "text", render_text },
	[REPORT_SHORT] = { "short", render_short },
	[REPORT_JSON] = { "json", render_json },
	[REPORT_JUNIT] = { "junit", render_junit },
	[REPORT_TAP] = { "tap", render_tap },
	[REPORT_NAGIOS] = { "nagios", render_nagios },
};

void
report_render(const struct report *r, enum report_format format, int color,
    FILE *out)
{
	renderers[format].render(r, color, out);
}

void
render_time(wall_t t, int utc, char *out, size_t len)
{
	size_t n;

	if (!wall_is_set(t)) {
		out[0] = '\0';
		return;
	}
	wall_format(t, out, len);
	n = strlen(out);
	if (!utc && n > 0 && out[n - 1] == 'Z')
		out[n - 1] = '\0';
}

void
render_safe(FILE *out, const char *s)
{
	struct buf b;

	if (s == NULL)
		return;
	buf_init(&b, 1U << 20);
	buf_add_safe(&b, str_from(s));
	fputs(buf_cstr(&b), out);
	buf_free(&b);
}

size_t
render_causes(const struct report *r, enum severity severity)
{
	size_t i, n = 0;

	for (i = 0; i < r->cause_count; i++)
		n += r->causes[i].severity == severity;
	return (n);
}

size_t
render_checks(const struct report *r, enum state state)
{
	size_t i, n = 0;

	for (i = 0; i < r->check_count; i++)
		n += r->checks[i].check.state == state;
	return (n);
}

static void
clause(struct buf *b, size_t n, const char *what, const char *word)
{
	if (n == 0)
		return;
	if (b->len > 0)
		buf_adds(b, ", ");
	buf_addf(b, "%zu %s%s %s", n, what, n == 1 ? "" : "s", word);
}

void
render_summary(const struct report *r, struct buf *b)
{
	static const struct {
		enum state state;
		const char *word;
	} states[] = {
		{ STATE_FAIL, "failed" }, { STATE_WARN, "with a warning" },
		{ STATE_UNKNOWN, "unknown" }, { STATE_PASS, "passed" },
	};
	size_t i;

	clause(b, render_causes(r, SEVERITY_DOWN), "cause", "down");
	clause(b, render_causes(r, SEVERITY_DEGRADED), "cause", "degraded");
	clause(b, render_causes(r, SEVERITY_RISK), "risk", "");
	if (b->len > 0 && b->data[b->len - 1] == ' ')
		b->data[--b->len] = '\0';
	for (i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		clause(b, render_checks(r, states[i].state), "check",
		    states[i].word);
	if (b->len == 0)
		buf_adds(b, r->coverage_count > 0 ? "nothing found" :
		    "nothing was checked");
}
