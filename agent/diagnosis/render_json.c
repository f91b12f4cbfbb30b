/* SPDX-License-Identifier: ISC */
/*
 * The report as JSON, schema meetprobe.report/1. Prints to the stream given.
 */
#include <jansson.h>

#include "agent/diagnosis/render.h"

/* A string; bytes that are no UTF-8 are escaped. NULL is the null value. */
static json_t *
text(const char *s)
{
	struct buf b;
	json_t *j;

	if (s == NULL)
		return (json_null());
	if ((j = json_string(s)) != NULL)
		return (j);
	buf_init(&b, 1U << 20);
	buf_add_safe(&b, str_from(s));
	j = json_string(buf_cstr(&b));
	buf_free(&b);
	return (j == NULL ? json_null() : j);
}

/* Sets a key unless there is no string. */
static void
set_text(json_t *o, const char *key, const char *s)
{
	if (s != NULL)
		json_object_set_new(o, key, text(s));
}

static void
set_time(json_t *o, const char *key, wall_t t, int utc)
{
	char out[RENDER_TIME];

	if (!wall_is_set(t))
		return;
	render_time(t, utc, out, sizeof(out));
	json_object_set_new(o, key, text(out));
}

static json_t *
list(const struct names *n)
{
	json_t *a = json_array();
	size_t i;

	for (i = 0; i < n->count; i++)
		json_array_append_new(a, text(n->list[i]));
	return (a);
}

static json_t *
check_json(const struct report_check *rc)
{
	const struct check *c = &rc->check;
	json_t *o = json_object();

	set_text(o, "id", c->id);
	set_text(o, "group", c->group);
	set_text(o, "subject", c->subject);
	json_object_set_new(o, "required", json_boolean(c->required));
	set_text(o, "state", state_name(c->state));
	set_text(o, "layer", layer_name(c->layer));
	if (c->state != STATE_PASS)
		set_text(o, "reason", reason_name(c->reason));
	set_text(o, "summary", c->summary);
	set_text(o, "because", c->because);
	json_object_set_new(o, "duration_seconds", json_real(c->duration));
	json_object_set_new(o, "evidence", list(&rc->evidence));
	return (o);
}

static json_t *
fix_json(const struct report_cause *c)
{
	json_t *a = json_array(), *o;
	size_t i;

	for (i = 0; i < c->fix_count; i++) {
		o = json_object();
		set_text(o, "os", c->fix[i].os);
		set_text(o, "text", c->fix[i].text);
		set_text(o, "cmd", c->fix[i].cmd);
		set_text(o, "interrupts", interrupts_name(
		    c->fix[i].interrupts));
		json_array_append_new(a, o);
	}
	return (a);
}

static json_t *
cause_json(const struct report_cause *c)
{
	json_t *o = json_object();
	long hundredths = (long)(c->confidence * 100 + 0.5);

	set_text(o, "id", c->id);
	set_text(o, "kind", kind_name(c->kind));
	set_text(o, "title", c->title);
	json_object_set_new(o, "rank", json_integer(c->rank));
	json_object_set_new(o, "confidence",
	    json_real((double)hundredths / 100));
	set_text(o, "severity", severity_name(c->severity));
	set_text(o, "component", c->component == NULL ? "" : c->component);
	set_text(o, "host", c->host == NULL ? "" : c->host);
	set_text(o, "say", c->say);
	json_object_set_new(o, "for", list(&c->for_));
	json_object_set_new(o, "against", list(&c->against));
	json_object_set_new(o, "unknown", list(&c->unknown));
	json_object_set_new(o, "explains", list(&c->explains));
	json_object_set_new(o, "fix", fix_json(c));
	set_text(o, "prove", c->prove);
	json_object_set_new(o, "ref", list(&c->ref));
	set_time(o, "cleared", c->cleared, 0);
	set_text(o, "instead_of", c->instead_of);
	set_text(o, "runner_up", c->runner_up);
	set_text(o, "separates", c->separates);
	return (o);
}

static json_t *
evidence_json(const struct report_evidence *e)
{
	json_t *o = json_object();

	set_text(o, "id", e->id);
	set_text(o, "source", source_name(e->source));
	set_text(o, "component", e->component);
	set_text(o, "host", e->host);
	set_time(o, "time", e->time, e->has_offset);
	if (wall_is_set(e->time))
		json_object_set_new(o, "time_guessed",
		    json_boolean(e->time_guessed));
	set_text(o, "file", e->file);
	if (e->line > 0)
		json_object_set_new(o, "line", json_integer(e->line));
	set_text(o, "signal", e->signal);
	set_text(o, "text", e->text);
	json_object_set_new(o, "count", json_integer((json_int_t)e->count));
	return (o);
}

static json_t *
coverage_json(const struct report_coverage *c)
{
	json_t *o = json_object();

	set_text(o, "source", c->source);
	set_text(o, "state", coverage_name(c->state));
	set_time(o, "from", c->from, 0);
	set_time(o, "to", c->to, 0);
	json_object_set_new(o, "lines", json_integer((json_int_t)c->lines));
	set_text(o, "hint", c->hint);
	return (o);
}

static json_t *
versions_json(const struct versions *v)
{
	json_t *a = json_array(), *o;
	size_t i;
	int p;

	for (i = 0; i < v->count; i++) {
		o = json_object();
		set_text(o, "program", product_name(v->list[i].product));
		set_text(o, "version", v->list[i].text);
		if (v->list[i].from[0] != '\0')
			set_text(o, "from", v->list[i].from);
		json_array_append_new(a, o);
	}
	for (p = 0; p < PRODUCT_COUNT; p++) {
		if (v->low[p][0] == '\0' && v->high[p][0] == '\0')
			continue;
		o = json_object();
		set_text(o, "program", product_name((enum product)p));
		if (v->low[p][0] != '\0')
			set_text(o, "since", v->low[p]);
		if (v->high[p][0] != '\0')
			set_text(o, "until", v->high[p]);
		json_array_append_new(a, o);
	}
	return (a);
}

static json_t *
roles_json(roles_t roles)
{
	json_t *a = json_array();
	int i;

	for (i = 0; i < ROLE_COUNT; i++)
		if (roles & ROLE_BIT(i))
			json_array_append_new(a, text(role_name(
			    (enum role)i)));
	return (a);
}

void
render_json(const struct report *r, int color, FILE *out)
{
	json_t *o = json_object(), *checks = json_array();
	json_t *causes = json_array(), *evidence = json_array();
	json_t *coverage = json_array();
	size_t i;

	(void)color;
	set_text(o, "schema", "meetprobe.report/1");
	set_text(o, "version", MEETPROBE_VERSION);
	set_text(o, "mode", r->mode);
	set_text(o, "site", r->site);
	set_text(o, "host", r->host);
	json_object_set_new(o, "roles", roles_json(r->roles));
	set_time(o, "generated_at", r->generated, 1);
	set_text(o, "verdict", report_verdict_name(r->verdict));
	for (i = 0; i < r->check_count; i++)
		json_array_append_new(checks, check_json(&r->checks[i]));
	for (i = 0; i < r->cause_count; i++)
		json_array_append_new(causes, cause_json(&r->causes[i]));
	for (i = 0; i < r->evidence_count; i++)
		json_array_append_new(evidence,
		    evidence_json(&r->evidence[i]));
	for (i = 0; i < r->coverage_count; i++)
		json_array_append_new(coverage,
		    coverage_json(&r->coverage[i]));
	json_object_set_new(o, "checks", checks);
	json_object_set_new(o, "causes", causes);
	json_object_set_new(o, "unexplained", list(&r->unexplained));
	json_object_set_new(o, "evidence", evidence);
	json_object_set_new(o, "coverage", coverage);
	json_object_set_new(o, "versions", versions_json(&r->versions));
	set_text(o, "next_probe", r->next_probe);
	set_text(o, "next_why", r->next_why);
	json_dumpf(o, out, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
	fputc('\n', out);
	json_decref(o);
}
