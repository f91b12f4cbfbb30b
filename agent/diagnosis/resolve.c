/* SPDX-License-Identifier: ISC */
/*
 * The last step of loading: ids become numbers, patterns that need
 * themselves and cycles of leads-to are found. Pure.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "agent/diagnosis/parse.h"

static void
say(struct errlist *errs, struct pit_place at, const char *what,
    const char *id)
{
	errlist_add(errs, at.file, at.line, at.column, "%s \"%s\"", what, id);
}

/* The number of a signal or pattern, -1 and said when it is none. */
static int
observable(struct catalogue *c, struct errlist *errs, const char *id,
    struct pit_place at)
{
	const struct pit_entry *e = catalogue_find(c, str_from(id));

	if (e == NULL || e->type == ENTRY_CAUSE) {
		say(errs, at, e == NULL ? "there is no signal or pattern" :
		    "expected a signal or pattern, not the cause", id);
		return (-1);
	}
	if (e->type == ENTRY_SIGNAL)
		return ((int)e->index);
	return ((int)(c->signal_count + e->index));
}

static void
resolve_refs(struct catalogue *c, struct errlist *errs, struct pit_refs *refs)
{
	size_t i;

	for (i = 0; i < refs->count; i++)
		refs->list[i].index = observable(c, errs, refs->list[i].id,
		    refs->list[i].at);
}

/* Depth-first over patterns; colour 1 is on the path, 2 is done. */
static int
pattern_cycle(const struct catalogue *c, size_t p, char *colour)
{
	const struct pattern *pat = &c->patterns[p];
	size_t s, i;
	int index;

	if (colour[p] != 0)
		return (colour[p] == 1);
	colour[p] = 1;
	for (s = 0; s < pat->step_count; s++)
		for (i = 0; i < pat->steps[s].count; i++) {
			index = pat->steps[s].list[i].index;
			if (index >= (int)c->signal_count && pattern_cycle(c,
			    (size_t)index - c->signal_count, colour))
				return (1);
		}
	colour[p] = 2;
	return (0);
}

static int
lead_cycle(const struct catalogue *c, size_t k, char *colour)
{
	const struct cause *cause = &c->causes[k];
	size_t i;

	if (colour[k] != 0)
		return (colour[k] == 1);
	colour[k] = 1;
	for (i = 0; i < cause->lead_count; i++)
		if (cause->leads[i].cause >= 0 && lead_cycle(c,
		    (size_t)cause->leads[i].cause, colour))
			return (1);
	colour[k] = 2;
	return (0);
}

static void
find_cycles(struct catalogue *c, struct errlist *errs)
{
	char *colour;
	size_t i;

	colour = mem_zalloc(c->pattern_count + 1, 1);
	for (i = 0; i < c->pattern_count; i++)
		if (pattern_cycle(c, i, colour)) {
			say(errs, c->patterns[i].at,
			    "patterns need each other in a circle, here",
			    c->patterns[i].id);
			break;
		}
	free(colour);
	colour = mem_zalloc(c->cause_count + 1, 1);
	for (i = 0; i < c->cause_count; i++)
		if (lead_cycle(c, i, colour)) {
			say(errs, c->causes[i].at,
			    "leads-to goes in a circle, here",
			    c->causes[i].id);
			break;
		}
	free(colour);
}

static void
resolve_cause(struct catalogue *c, struct errlist *errs, struct cause *cause)
{
	const struct pit_entry *e;
	struct pit_lead *l;
	struct item *it;
	size_t i, k;

	resolve_refs(c, errs, &cause->clear);
	for (i = 0; i < cause->lead_count; i++) {
		l = &cause->leads[i];
		e = catalogue_find(c, str_from(l->id));
		if (e == NULL || e->type != ENTRY_CAUSE)
			say(errs, l->at, "there is no cause", l->id);
		else
			l->cause = (int)e->index;
	}
	for (i = 0; i < cause->link_count; i++) {
		it = &c->items[cause->links[i].item];
		if (cause->links[i].strength >= STRENGTH_RULES_OUT)
			continue;
		it->causes++;
		for (k = 0; k < it->part_count; k++)
			c->items[it->parts[k]].causes++;
	}
}

/* Every id that a step expects is one of the right sort. */
static void
resolve_step(struct catalogue *c, struct errlist *errs,
    const struct pit_step *s)
{
	int cause = s->type == STEP_FIRST || s->type == STEP_ANY ||
	    s->type == STEP_NOT;
	const struct pit_entry *e;
	size_t n;

	for (n = 0; n < s->ids.count; n++) {
		e = catalogue_find(c, str_from(s->ids.list[n]));
		if (e == NULL || (e->type == ENTRY_CAUSE) != cause)
			say(errs, s->at, cause ? "there is no cause" :
			    "there is no signal or pattern", s->ids.list[n]);
	}
}

static void
resolve_tests(struct catalogue *c, struct errlist *errs)
{
	size_t i, k;

	for (i = 0; i < c->test_count; i++)
		for (k = 0; k < c->tests[i].step_count; k++)
			resolve_step(c, errs, &c->tests[i].steps[k]);
}

void
pit_resolve(struct catalogue *c, struct errlist *errs)
{
	size_t i, s;

	for (i = 0; i < c->pattern_count; i++) {
		for (s = 0; s < c->patterns[i].step_count; s++)
			resolve_refs(c, errs, &c->patterns[i].steps[s]);
		resolve_refs(c, errs, &c->patterns[i].except);
		resolve_refs(c, errs, &c->patterns[i].clear);
	}
	for (i = 0; i < c->item_count; i++)
		if (c->items[i].type == ITEM_OBSERVABLE)
			c->items[i].observable = observable(c, errs,
			    c->items[i].id, c->items[i].at);
	for (i = 0; i < c->cause_count; i++)
		resolve_cause(c, errs, &c->causes[i]);
	resolve_tests(c, errs);
	find_cycles(c, errs);
}
