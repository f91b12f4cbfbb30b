/* SPDX-License-Identifier: ISC */
/*
 * Weights of causes on items: the levels of the catalogue as numbers, with
 * the consequences of a cause (leads-to) flattened into it. Pure.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "agent/diagnosis/weights.h"

/* A consequence is a little less certain than its own evidence. */
#define DAMP 0.9
/* Links of leads-to followed. */
#define DEPTH 4

static const double level[] = {
	[STRENGTH_ALWAYS] = 0.95,
	[STRENGTH_OFTEN] = 0.7,
	[STRENGTH_SOMETIMES] = 0.3,
};

static const double leaks[LEAKS] = {
	[LEAK_SPECIFIC] = 0.001,	/* named by one or two causes */
	[LEAK_SHARED] = 0.003,
	[LEAK_PROBE] = 0.005,
	[LEAK_FINDING] = 0.002,
	[LEAK_FACT] = 0.005,
	[LEAK_LIFE] = 0.5,		/* lifecycle signals: seen in health */
	[LEAK_NEGATED] = 0.5,		/* the absence of something */
	[LEAK_NOISE] = 0.7,
};

static int
centibits(double w)
{
	return ((int)lround(-100 * log2(1 - w)));
}

int
prior_score(const struct cause *c)
{
	static const int score[PRIORS] = {
		[PRIOR_COMMON] = -501,
		[PRIOR_UNCOMMON] = -663,
		[PRIOR_RARE] = -838,
	};

	/* A note (an orderly restart) is no fault: it needs no luck. */
	return (c->severity == SEVERITY_NOTE ? -50 : score[c->prior]);
}

static enum leak
observable_leak(const struct catalogue *c, const struct item *it)
{
	switch (catalogue_observable_class(c, it->observable)) {
	case CLASS_FAULT:
		return (it->causes <= 2 ? LEAK_SPECIFIC : LEAK_SHARED);
	case CLASS_LIFECYCLE:
		return (LEAK_LIFE);
	case CLASS_NOISE:
		break;
	}
	return (LEAK_NOISE);
}

enum leak
item_leak(const struct catalogue *c, const struct item *it)
{
	if (it->negated)
		return (LEAK_NEGATED);
	switch (it->type) {
	case ITEM_OBSERVABLE:
		return (observable_leak(c, it));
	case ITEM_PROBE:
		return (it->states & 1U << STATE_FAIL ? LEAK_PROBE :
		    LEAK_LIFE);
	case ITEM_FINDING:
		return (LEAK_FINDING);
	case ITEM_VERDICT:
		return (LEAK_PROBE);
	case ITEM_FACT:
		return (LEAK_FACT);
	default:
		return (LEAK_NOISE);
	}
}

static void
raise_to(uint16_t *cell, int bits)
{
	if (bits > *cell)
		*cell = (uint16_t)(bits > WEIGHT_MAX ? WEIGHT_MAX : bits);
}

static void show_item(struct weights *, const struct catalogue *, size_t,
    size_t, double);

/* The items that stand for an observable that is present. */
static void
show_observable(struct weights *w, const struct catalogue *c, size_t cause,
    int observable, double weight)
{
	size_t i;

	for (i = 0; i < c->item_count; i++)
		if (c->items[i].type == ITEM_OBSERVABLE &&
		    !c->items[i].negated &&
		    c->items[i].observable == observable)
			show_item(w, c, cause, i, weight);
}

/* What a pattern stands on is explained with it: its first steps. */
static void
show_steps(struct weights *w, const struct catalogue *c, size_t cause,
    const struct pattern *p, double weight)
{
	size_t s, k;
	size_t steps = p->op == PATTERN_NOT_FOLLOWED ||
	    p->op == PATTERN_NOT_PRECEDED || p->op == PATTERN_WITHOUT ? 1 :
	    p->step_count;

	for (s = 0; s < steps; s++)
		for (k = 0; k < p->steps[s].count; k++)
			show_observable(w, c, cause,
			    p->steps[s].list[k].index, weight);
}

/* The cause shows the item with this weight; so its parts. */
static void
show_item(struct weights *w, const struct catalogue *c, size_t cause,
    size_t item, double weight)
{
	const struct item *it = &c->items[item];
	size_t k;

	if (it->type == ITEM_ANY) {
		for (k = 0; k < it->part_count; k++)
			show_item(w, c, cause, it->parts[k], weight);
		return;
	}
	raise_to(&w->shows[cause * w->items + item], centibits(weight));
	if (it->type == ITEM_OBSERVABLE && !it->negated &&
	    (size_t)it->observable >= c->signal_count)
		show_steps(w, c, cause, &c->patterns[(size_t)it->observable -
		    c->signal_count], weight);
}

/* Adds the evidence of `from`, weighed by factor, to what `to` shows. */
static void
flatten(struct weights *w, const struct catalogue *c, size_t to, size_t from,
    double factor, int depth)
{
	const struct cause *cause = &c->causes[from];
	size_t i;

	for (i = 0; i < cause->link_count; i++)
		if (cause->links[i].strength < STRENGTH_RULES_OUT &&
		    (depth == 0 || !c->items[cause->links[i].item].negated))
			show_item(w, c, to, cause->links[i].item,
			    factor * level[cause->links[i].strength]);
	if (depth == DEPTH)
		return;
	for (i = 0; i < cause->lead_count; i++)
		if (cause->leads[i].cause >= 0)
			flatten(w, c, to, (size_t)cause->leads[i].cause,
			    factor * DAMP * level[cause->leads[i].strength],
			    depth + 1);
}

static void
expect(struct weights *w, const struct catalogue *c, size_t k)
{
	const struct cause *cause = &c->causes[k];
	size_t i;

	for (i = 0; i < cause->link_count; i++)
		if (cause->links[i].strength < STRENGTH_RULES_OUT)
			raise_to(&w->expects[k * w->items +
			    cause->links[i].item],
			    centibits(level[cause->links[i].strength]));
}

void
weights_init(struct weights *w, const struct catalogue *c)
{
	size_t k;
	double q;
	int l, n;

	w->items = c->item_count;
	w->causes = c->cause_count;
	w->shows = mem_zalloc(w->items * w->causes + 1, sizeof(uint16_t));
	w->expects = mem_zalloc(w->items * w->causes + 1, sizeof(uint16_t));
	for (k = 0; k < w->causes; k++) {
		flatten(w, c, k, k, 1, 0);
		expect(w, c, k);
	}
	for (l = 0; l < LEAKS; l++) {
		w->gain[l] = mem_zalloc(WEIGHT_MAX + 1, sizeof(int));
		for (n = 0; n <= WEIGHT_MAX; n++) {
			q = (1 - leaks[l]) * exp2(-n / 100.0);
			w->gain[l][n] = (int)lround(100 *
			    log2((1 - q) / leaks[l]));
		}
	}
}

void
weights_free(struct weights *w)
{
	int l;

	for (l = 0; l < LEAKS; l++)
		free(w->gain[l]);
	free(w->shows);
	free(w->expects);
}
