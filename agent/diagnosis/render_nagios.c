/* SPDX-License-Identifier: ISC */
/*
 * The report for Nagios and its kin: one line with the state and counts, the
 * causes below. Prints to the stream given.
 */
#include "agent/diagnosis/render.h"

/* A bar would begin the performance data. */
static void
print(FILE *out, const char *s)
{
	struct buf b;
	size_t i;

	buf_init(&b, 1U << 16);
	buf_add_safe(&b, str_from(s == NULL ? "" : s));
	for (i = 0; i < b.len; i++)
		fputc(b.data[i] == '|' ? '/' : b.data[i], out);
	buf_free(&b);
}

void
render_nagios(const struct report *r, int color, FILE *out)
{
	static const char *const words[] = {
		"OK", "WARNING", "CRITICAL", "UNKNOWN"
	};
	const struct check *k;
	struct buf b;
	size_t i;

	(void)color;
	buf_init(&b, 1024);
	render_summary(r, &b);
	fprintf(out, "MEETPROBE %s - ", words[report_exit(r,
	    REPORT_NAGIOS)]);
	if (r->cause_count > 0) {
		fprintf(out, "%s: ", r->causes[0].id);
		print(out, r->causes[0].say);
	} else
		fputs(buf_cstr(&b), out);
	fprintf(out, " | causes_down=%zu causes_degraded=%zu "
	    "checks_failed=%zu checks_unknown=%zu checks_passed=%zu\n",
	    render_causes(r, SEVERITY_DOWN),
	    render_causes(r, SEVERITY_DEGRADED),
	    render_checks(r, STATE_FAIL), render_checks(r, STATE_UNKNOWN),
	    render_checks(r, STATE_PASS));
	buf_free(&b);
	for (i = 1; i < r->cause_count; i++) {
		fprintf(out, "%s %s: ", severity_name(r->causes[i].severity),
		    r->causes[i].id);
		print(out, r->causes[i].say);
		fputc('\n', out);
	}
	for (i = 0; i < r->check_count; i++) {
		k = &r->checks[i].check;
		if (k->state != STATE_FAIL && k->state != STATE_WARN)
			continue;
		fprintf(out, "%s %s ", state_name(k->state), k->id);
		print(out, k->subject);
		fprintf(out, " %s: ", reason_name(k->reason));
		print(out, k->summary);
		fputc('\n', out);
	}
}
