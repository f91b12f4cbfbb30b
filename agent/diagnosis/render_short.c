/* SPDX-License-Identifier: ISC */
/*
 * The report in short: one line a cause, one line a check that did not
 * pass, one line at the end. Prints to the stream given.
 */
#include "agent/diagnosis/render.h"

void
render_short(const struct report *r, int color, FILE *out)
{
	const struct report_cause *c;
	const struct check *k;
	struct buf b;
	size_t i;

	(void)color;
	for (i = 0; i < r->cause_count; i++) {
		c = &r->causes[i];
		fprintf(out, "%s %s %d%% ", wall_is_set(c->cleared) ?
		    "cleared" : severity_name(c->severity), c->id,
		    (int)(c->confidence * 100 + 0.5));
		render_safe(out, c->say);
		fputc('\n', out);
	}
	for (i = 0; i < r->check_count; i++) {
		k = &r->checks[i].check;
		if (k->state != STATE_FAIL && k->state != STATE_WARN &&
		    !(k->state == STATE_UNKNOWN && k->required))
			continue;
		fprintf(out, "%s %s ", state_name(k->state), k->id);
		render_safe(out, k->subject);
		fprintf(out, "%s%s: ", k->subject[0] == '\0' ? "" : " ",
		    reason_name(k->reason));
		render_safe(out, k->summary);
		fputc('\n', out);
	}
	buf_init(&b, 1024);
	render_summary(r, &b);
	fprintf(out, "%s: %s\n", report_verdict_name(r->verdict),
	    buf_cstr(&b));
	buf_free(&b);
}
