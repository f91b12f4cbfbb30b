/* SPDX-License-Identifier: ISC */
/*
 * From the inference to the report: causes with their sentences, evidence
 * with file and line, what speaks against, what is not known, the next step.
 * Pure.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/diagnosis/conclude.h"
#include "agent/diagnosis/infer.h"
#include "agent/diagnosis/say.h"

struct work {
	struct evidence *e;
	struct report *r;
	struct inference in;
	/* Evidence made already: number in the report + 1, or 0. */
	size_t *first, *last;	/* [observable] */
	size_t *finding, *verdict;
};

/* The event of an observable that is shown and speaks: the first. */
static const struct event *
shown(const struct evidence *e, int observable)
{
	const struct sightings *s = &e->seen[observable];

	return (s->count == 0 ? NULL : &s->list[0]);
}

static size_t
event_evidence(struct work *w, int observable, const struct event *ev,
    size_t count)
{
	struct report_evidence *out = report_add_evidence(w->r, SOURCE_LOG);

	if (ev->component != COMPONENT_NONE)
		out->component = mem_strdup(component_name(ev->component));
	out->host = ev->host == NULL ? NULL : mem_strdup(ev->host);
	out->time = ev->time;
	out->time_guessed = ev->time_guessed;
	out->has_offset = ev->has_offset;
	out->file = mem_strdup(ev->file);
	out->line = ev->line;
	out->signal = mem_strdup(catalogue_observable_id(w->e->c,
	    observable));
	out->text = mem_strdup(ev->text);
	out->count = count;
	return (w->r->evidence_count);
}

static void
add_id(struct work *w, struct names *to, size_t number)
{
	const char *id = w->r->evidence[number - 1].id;

	if (!names_has(to, id))
		names_add(to, id);
}

/* The first event of an observable; of a pattern also its last. */
static void
add_observable(struct work *w, int observable, struct names *to)
{
	const struct sightings *s = &w->e->seen[observable];
	const struct event *ev = shown(w->e, observable);
	int ends;

	if (ev == NULL)
		return;
	ends = ev->first != NULL && ev->first->line != ev->line;
	if (w->first[observable] == 0) {
		w->first[observable] = event_evidence(w, observable,
		    ends ? ev->first : ev, s->total);
		if (ends)
			w->last[observable] = event_evidence(w, observable,
			    ev, s->total);
	}
	add_id(w, to, w->first[observable]);
	if (w->last[observable] != 0)
		add_id(w, to, w->last[observable]);
}

/* The check of the report that this one is, NULL when it has none. */
static struct report_check *
reported(const struct work *w, const struct seen_check *c)
{
	struct report_check *rc;
	size_t i;

	for (i = 0; i < w->r->check_count; i++) {
		rc = &w->r->checks[i];
		if (strcmp(rc->check.id, c->id) == 0 &&
		    strcmp(rc->check.subject, c->subject) == 0)
			return (rc);
	}
	return (NULL);
}

static void
add_check(struct work *w, struct seen_check *c, struct names *to)
{
	struct report_evidence *out;
	struct report_check *rc = reported(w, c);

	if (c->evidence == 0) {
		out = report_add_evidence(w->r, SOURCE_PROBE);
		out->host = w->r->host[0] == '\0' ? NULL :
		    mem_strdup(w->r->host);
		out->time = c->when;
		out->has_offset = 1;
		out->signal = mem_strdup(c->id);
		out->text = strstr(c->summary, c->subject) != NULL ?
		    mem_strdup(c->summary) :
		    mem_printf("%s: %s", c->subject, c->summary);
		c->evidence = w->r->evidence_count;
		if (rc != NULL)
			names_add(&rc->evidence, out->id);
	}
	if (to != NULL)
		add_id(w, to, c->evidence);
	if (rc != NULL && to != NULL)
		rc->explained = 1;
}

static void
add_finding(struct work *w, size_t i, struct names *to)
{
	const struct seen_finding *f = &w->e->findings[i];
	struct report_evidence *out;

	if (w->finding[i] == 0) {
		out = report_add_evidence(w->r, SOURCE_CONFIG);
		out->host = f->host == NULL ? NULL : mem_strdup(f->host);
		out->file = f->file == NULL ? NULL : mem_strdup(f->file);
		out->line = f->line;
		out->signal = mem_strdup(f->id);
		out->text = f->text == NULL ? NULL : mem_strdup(f->text);
		w->finding[i] = w->r->evidence_count;
	}
	add_id(w, to, w->finding[i]);
}

static void
add_verdict(struct work *w, size_t i, struct names *to)
{
	const struct seen_verdict *v = &w->e->verdicts[i];
	struct report_evidence *out;

	if (w->verdict[i] == 0) {
		out = report_add_evidence(w->r, SOURCE_PCAP);
		out->time = v->from;
		out->has_offset = 1;
		out->file = v->file == NULL ? NULL : mem_strdup(v->file);
		out->signal = mem_strdup(v->id);
		out->text = v->flow == NULL ?
		    (v->text == NULL ? NULL : mem_strdup(v->text)) :
		    mem_printf("%s: %s", v->flow, v->text == NULL ? v->id :
		    v->text);
		w->verdict[i] = w->r->evidence_count;
	}
	add_id(w, to, w->verdict[i]);
}

static void
add_fact(struct work *w, const struct item *it, struct names *to)
{
	struct report_evidence *out;
	size_t i;

	for (i = 0; i < w->r->evidence_count; i++)
		if (w->r->evidence[i].source == SOURCE_AGENT &&
		    strcmp(w->r->evidence[i].text, it->name) == 0)
			break;
	if (i == w->r->evidence_count) {
		out = report_add_evidence(w->r, SOURCE_AGENT);
		out->signal = mem_strdup(it->fact->name);
		out->text = mem_strdup(it->name);
	}
	add_id(w, to, i + 1);
}

/* Adds what stands behind a present item. */
static void
add_item(struct work *w, size_t item, struct names *to)
{
	const struct item *it = &w->e->c->items[item];
	size_t i;

	if (it->negated || w->e->item[item] != VALUE_PRESENT)
		return;
	switch (it->type) {
	case ITEM_OBSERVABLE:
		add_observable(w, it->observable, to);
		break;
	case ITEM_FACT:
		add_fact(w, it, to);
		break;
	case ITEM_PROBE:
		for (i = 0; i < w->e->check_count; i++)
			if (item_shows_check(it, &w->e->checks[i]))
				add_check(w, &w->e->checks[i], to);
		break;
	case ITEM_FINDING:
		for (i = 0; i < w->e->finding_count; i++)
			if (strcmp(w->e->findings[i].id, it->id) == 0)
				add_finding(w, i, to);
		break;
	case ITEM_VERDICT:
		for (i = 0; i < w->e->verdict_count; i++)
			if (strcmp(w->e->verdicts[i].id, it->id) == 0)
				add_verdict(w, i, to);
		break;
	default:
		for (i = 0; i < it->part_count; i++)
			add_item(w, it->parts[i], to);
	}
}

/* Holes */

struct holes {
	const struct work *w;
	const struct cause *cause;
};

static struct str
pair_hole(const char *lines, struct str name)
{
	struct str left = str_from(lines), line, key;

	while (left.n > 0) {
		line = str_split(&left, '\n');
		key = str_split(&line, '=');
		if (str_eq(key, name))
			return (line);
	}
	return (str_of(NULL, 0));
}

/* A hole of a finding: what its rule captured, or the finding itself. */
static struct str
finding_hole(const struct seen_finding *f, struct str name)
{
	struct str v = pair_hole(f->captures, name);

	if (v.p != NULL)
		return (v);
	if (str_eqs(name, "finding"))
		return (str_from(f->text));
	if (str_eqs(name, "finding_fix"))
		return (str_from(f->fix));
	if (str_eqs(name, "file"))
		return (str_from(f->file));
	return (str_eqs(name, "host") ? str_from(f->host) : v);
}

/* A hole of a check: what was tried, or what came of it. */
static struct str
check_hole(const struct seen_check *c, struct str name)
{
	if (str_eqs(name, "subject"))
		return (str_from(c->subject));
	if (str_eqs(name, "check"))
		return (str_from(c->summary));
	return (str_of(NULL, 0));
}

/* What a hole holds in the evidence behind an item. */
static struct str
item_hole(const struct work *w, size_t item, struct str name)
{
	const struct evidence *e = w->e;
	const struct item *it = &e->c->items[item];
	struct str v = { NULL, 0 };
	const struct event *ev;
	size_t i;

	if (it->negated || e->item[item] != VALUE_PRESENT)
		return (v);
	if (it->type == ITEM_OBSERVABLE) {
		ev = shown(e, it->observable);
		return (ev == NULL ? v : event_hole(ev, name));
	}
	if (it->type == ITEM_FINDING) {
		for (i = 0; v.p == NULL && i < e->finding_count; i++)
			if (strcmp(e->findings[i].id, it->id) == 0)
				v = finding_hole(&e->findings[i], name);
		return (v);
	}
	if (it->type == ITEM_PROBE) {
		for (i = 0; v.p == NULL && i < e->check_count; i++)
			if (item_shows_check(it, &e->checks[i]))
				v = check_hole(&e->checks[i], name);
		return (v);
	}
	for (i = 0; v.p == NULL && i < it->part_count; i++)
		v = item_hole(w, it->parts[i], name);
	return (v);
}

static struct str
cause_hole(void *arg, struct str name)
{
	const struct holes *h = arg;
	const struct map_entry *m;
	struct str v = { NULL, 0 }, key;
	size_t i;

	for (i = 0; i < h->cause->link_count; i++) {
		if (h->cause->links[i].strength == STRENGTH_RULES_OUT)
			continue;
		v = item_hole(h->w, h->cause->links[i].item, name);
		if (v.p != NULL && v.n > 0)
			return (v);
	}
	if (str_chr(name, '.') == SIZE_MAX)
		return (str_of(NULL, 0));
	for (i = 0; i < h->w->e->facts.values.count; i++) {
		m = &h->w->e->facts.values.list[i];
		key = m->key;
		if (m->value != NULL && str_eq(str_split(&key, '\0'), name))
			return (str_from(m->value));
	}
	return (str_of(NULL, 0));
}

/* The cause's sentence. Where it lacks a noun, because nothing but a finding
 * speaks for the cause, the finding says it. */
static char *
sentence(const struct holes *h, const char *format)
{
	void *arg = (void *)(uintptr_t)h;
	struct str finding;
	struct buf b;

	buf_init(&b, LIMIT_CHECK_TEXT);
	if (say_sentence(format, cause_hole, arg, &b) == -1 &&
	    (finding = cause_hole(arg, STR_LIT("finding"))).n > 0) {
		buf_clear(&b);
		buf_add_safe(&b, finding);
	}
	return (buf_take(&b));
}

/* What to do is said in the cause's own words, whatever it lacks. */
static char *
fix_text(const struct holes *h, const char *format)
{
	struct buf b;

	buf_init(&b, LIMIT_CHECK_TEXT);
	(void)say_sentence(format, cause_hole, (void *)(uintptr_t)h, &b);
	return (buf_take(&b));
}

static char *
command(const struct holes *h, const char *format)
{
	struct buf b;

	buf_init(&b, LIMIT_CHECK_TEXT);
	say_command(format, cause_hole, (void *)(uintptr_t)h, &b);
	return (buf_take(&b));
}

static void
add_fixes(const struct holes *h, struct report_cause *out)
{
	const struct pit_fix *f;
	char *text, *cmd;
	size_t i;

	for (i = 0; i < h->cause->fix_count; i++) {
		f = &h->cause->fixes[i];
		text = fix_text(h, f->text);
		cmd = f->cmd == NULL ? NULL : command(h, f->cmd);
		report_add_fix(out, f->os, text, cmd, f->interrupts);
		free(text);
		free(cmd);
	}
}

/* For, against and unknown, strongest first. */
static void
add_ledger(struct work *w, const struct cause *c, struct report_cause *out)
{
	const struct pit_link *l;
	const struct item *it;
	int s;
	size_t i;

	for (s = STRENGTH_ALWAYS; s <= STRENGTH_SOMETIMES; s++)
		for (i = 0; i < c->link_count; i++) {
			l = &c->links[i];
			if ((int)l->strength != s)
				continue;
			it = &w->e->c->items[l->item];
			if (w->e->item[l->item] == VALUE_PRESENT)
				add_item(w, l->item, &out->for_);
			else if (s == STRENGTH_SOMETIMES)
				continue;
			else if (w->e->item[l->item] == VALUE_ABSENT)
				names_add(&out->against, it->name);
			else
				names_add(&out->unknown, it->name);
		}
	for (i = 0; i < c->link_count; i++)
		if (c->links[i].strength == STRENGTH_NEEDS)
			add_item(w, c->links[i].item, &out->for_);
}

/* The host of the first evidence that has one. */
static char *
host_of(const struct work *w, const struct report_cause *c)
{
	size_t i, k;

	for (i = 0; i < c->for_.count; i++)
		for (k = 0; k < w->r->evidence_count; k++)
			if (strcmp(w->r->evidence[k].id, c->for_.list[i]) ==
			    0 && w->r->evidence[k].host != NULL)
				return (mem_strdup(w->r->evidence[k].host));
	return (mem_strdup(w->r->host));
}

/* Consequences folded into a cause: their names and their evidence. */
static void
add_consequences(struct work *w, const struct ranked *r,
    struct report_cause *out)
{
	const struct cause *c;
	size_t i, k;

	for (i = 0; i < r->explain_count; i++) {
		c = &w->e->c->causes[r->explains[i]];
		names_add(&out->explains, c->id);
		for (k = 0; k < c->link_count; k++)
			if (c->links[k].strength < STRENGTH_RULES_OUT)
				add_item(w, c->links[k].item, &out->for_);
	}
}

static void
add_cause(struct work *w, const struct ranked *r)
{
	const struct cause *c = &w->e->c->causes[r->cause];
	struct report_cause *out = report_add_cause(w->r, c->id);
	struct holes h = { w, c };
	size_t i;

	out->kind = c->kind;
	out->title = mem_strdup(c->title);
	out->confidence = r->confidence;
	out->severity = ranked_severity(w->e, r);
	out->cleared = r->cleared;
	out->explains_observed = r->observed;
	out->component = c->component == NULL ? NULL :
	    mem_strdup(c->component);
	add_ledger(w, c, out);
	add_consequences(w, r, out);
	out->say = sentence(&h, c->say);
	out->host = host_of(w, out);
	add_fixes(&h, out);
	out->prove = c->prove == NULL ? NULL : mem_strdup(c->prove);
	for (i = 0; i < c->refs.count; i++)
		names_add(&out->ref, c->refs.list[i]);
	if (r->instead_of >= 0)
		out->instead_of = mem_strdup(w->e->c->causes[
		    w->in.list[r->instead_of].cause].id);
	if (r->runner_up >= 0)
		out->runner_up = mem_strdup(w->e->c->causes[
		    r->runner_up].id);
	if (r->separates >= 0)
		out->separates = mem_strdup(w->e->c->items[
		    r->separates].name);
}

/* The item of an observable or a probe, when a listed cause explains it. */
static int
explained(const struct work *w, enum item_type type, int observable,
    const struct seen_check *c)
{
	const struct item *it;
	size_t i;

	for (i = 0; i < w->e->c->item_count; i++) {
		it = &w->e->c->items[i];
		if (!w->in.explained[i] || it->negated || it->type != type)
			continue;
		if (type == ITEM_OBSERVABLE ? it->observable == observable :
		    item_shows_check(it, c))
			return (1);
	}
	return (0);
}

/* Is the first record of an observable told already, through another? */
static int
told_otherwise(const struct work *w, int observable)
{
	const struct event *ev = shown(w->e, observable);
	const struct report_evidence *e;
	size_t i;

	for (i = 0; ev != NULL && i < w->r->evidence_count; i++) {
		e = &w->r->evidence[i];
		if (e->source == SOURCE_LOG && e->line == ev->line &&
		    strcmp(e->file, ev->file) == 0)
			return (1);
	}
	return (0);
}

/* Faults that were seen and that no listed cause explains. */
static void
add_unexplained(struct work *w)
{
	struct seen_check *c;
	size_t i;

	for (i = 0; i < w->e->seen_count; i++)
		if (w->e->observable[i] == VALUE_PRESENT &&
		    catalogue_observable_class(w->e->c, (int)i) ==
		    CLASS_FAULT && w->first[i] == 0 &&
		    !told_otherwise(w, (int)i) &&
		    !explained(w, ITEM_OBSERVABLE, (int)i, NULL))
			add_observable(w, (int)i, &w->r->unexplained);
	for (i = 0; i < w->e->check_count; i++) {
		c = &w->e->checks[i];
		if (c->state != STATE_FAIL)
			continue;
		if (explained(w, ITEM_PROBE, -1, c))
			add_check(w, c, NULL);
		else if (c->evidence == 0) {
			add_check(w, c, NULL);
			add_id(w, &w->r->unexplained, c->evidence);
		}
	}
	for (i = 0; i < w->e->verdict_count; i++)
		if (w->e->verdicts[i].fault && w->verdict[i] == 0)
			add_verdict(w, i, &w->r->unexplained);
}

/* A check that failed and that a listed cause explains. */
static void
mark_checks(struct work *w)
{
	struct report_check *rc;
	size_t i;

	for (i = 0; i < w->e->check_count; i++)
		if (w->e->checks[i].state == STATE_FAIL &&
		    (rc = reported(w, &w->e->checks[i])) != NULL &&
		    explained(w, ITEM_PROBE, -1, &w->e->checks[i]))
			rc->explained = 1;
}

static void
add_next(struct work *w)
{
	const struct report_cause *first;
	const char *probe;

	if (w->r->cause_count == 0 ||
	    wall_is_set(w->r->causes[0].cleared))
		return;
	first = &w->r->causes[0];
	probe = w->in.probe_item >= 0 ?
	    w->e->c->items[w->in.probe_item].id : first->prove;
	if (probe == NULL || strncmp(probe, "config.", 7) == 0)
		return;
	w->r->next_probe = mem_strdup(probe);
	if (first->runner_up != NULL)
		w->r->next_why = mem_printf("meetprobe probe %s: what is "
		    "known does not decide between %s and %s", probe,
		    first->id, first->runner_up);
	else if (w->in.probe_item >= 0)
		w->r->next_why = mem_printf("meetprobe probe %s confirms or "
		    "refutes %s", probe, first->id);
	else
		w->r->next_why = mem_printf("after the fix, meetprobe probe "
		    "%s proves it", probe);
}

void
conclude(struct evidence *e, struct report *r)
{
	struct work w = { .e = e, .r = r };
	size_t i;

	r->versions = e->versions;
	w.first = mem_zalloc(e->seen_count + 1, sizeof(size_t));
	w.last = mem_zalloc(e->seen_count + 1, sizeof(size_t));
	w.finding = mem_zalloc(e->finding_count + 1, sizeof(size_t));
	w.verdict = mem_zalloc(e->verdict_count + 1, sizeof(size_t));
	infer(e, &w.in);
	for (i = 0; i < w.in.count; i++)
		add_cause(&w, &w.in.list[i]);
	add_unexplained(&w);
	mark_checks(&w);
	add_next(&w);
	inference_free(&w.in);
	free(w.first);
	free(w.last);
	free(w.finding);
	free(w.verdict);
}
