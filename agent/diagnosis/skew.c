/* SPDX-License-Identifier: ISC */
/*
 * The clocks of hosts against each other, from what two of them log of the
 * same thing. Pure.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/diagnosis/catalogue.h"
#include "agent/diagnosis/skew.h"

/* Differences of one pair of hosts; more are not looked at. */
#define DIFFERENCES 64

struct differences {
	int64_t us[DIFFERENCES];
	size_t count;
};

void
skew_add(const struct catalogue *c, struct skew_host *h, const char *id,
    wall_t first, wall_t last)
{
	const struct pit_entry *entry = catalogue_find(c, str_from(id));
	struct skew_seen *list;

	if (entry == NULL || entry->type != ENTRY_SIGNAL ||
	    !wall_is_set(first))
		return;
	list = mem_grow(h->seen, h->count, &h->cap, sizeof(*list),
	    LIMIT_COVERS);
	if (list == NULL)
		return;
	h->seen = list;
	list[h->count++] = (struct skew_seen){ entry->index, first,
	    wall_is_set(last) ? last : first };
}

void
skew_free(struct skew_host *h)
{
	free(h->seen);
	memset(h, 0, sizeof(*h));
}

/* Is the signal one of the step's, or what a pattern of the step begins
 * with? */
static int
in_step(const struct catalogue *c, const struct pit_refs *step,
    size_t signal)
{
	const struct pit_refs *first;
	size_t i, k, ref;

	for (i = 0; i < step->count; i++) {
		ref = (size_t)step->list[i].index;
		if (ref == signal)
			return (1);
		if (ref < c->signal_count)
			continue;
		first = &c->patterns[ref - c->signal_count].steps[0];
		for (k = 0; k < first->count; k++)
			if ((size_t)first->list[k].index == signal)
				return (1);
	}
	return (0);
}

static void
note(struct differences *d, wall_t later, wall_t earlier)
{
	int64_t us = wall_diff(later, earlier);

	if (d->count < DIFFERENCES && us <= SKEW_MOST_US &&
	    us >= -SKEW_MOST_US)
		d->us[d->count++] = us;
}

/* b's time less a's, of the first and of the last time that both saw it. */
static void
note_both(struct differences *d, const struct skew_seen *a,
    const struct skew_seen *b)
{
	note(d, b->first, a->first);
	if (a->last.us != a->first.us && b->last.us != b->first.us)
		note(d, b->last, a->last);
}

/* What a pattern says of two hosts, whichever of them is which. */
static void
note_pattern(const struct catalogue *c, const struct pattern *p,
    const struct skew_host *a, const struct skew_host *b,
    struct differences *d)
{
	int one, two;
	size_t i, k;

	for (i = 0; i < a->count; i++) {
		one = in_step(c, &p->steps[0], a->seen[i].signal);
		two = in_step(c, &p->steps[1], a->seen[i].signal);
		for (k = 0; (one || two) && k < b->count; k++)
			if ((one && in_step(c, &p->steps[1],
			    b->seen[k].signal)) || (two && in_step(c,
			    &p->steps[0], b->seen[k].signal)))
				note_both(d, &a->seen[i], &b->seen[k]);
	}
}

static int
compare(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x < *y ? -1 : *x > *y);
}

/*
 * The largest group of differences that agree: how many, and their middle.
 * Two groups of the same size decide nothing: 0.
 */
static size_t
agreed(struct differences *d, int64_t *middle)
{
	size_t i, end, best = 0;
	int64_t first = 0;
	int tie = 0;

	qsort(d->us, d->count, sizeof(d->us[0]), compare);
	for (i = 0; i < d->count; i++) {
		for (end = i; end + 1 < d->count &&
		    d->us[end + 1] - d->us[i] <= SKEW_AGREE_US; end++)
			;
		if (end - i + 1 > best) {
			best = end - i + 1;
			first = d->us[i];
			*middle = d->us[i] + (d->us[end] - d->us[i]) / 2;
			tie = 0;
		} else if (end - i + 1 == best &&
		    d->us[i] - first > SKEW_AGREE_US)
			tie = 1;
	}
	return (best < 2 || tie ? 0 : best);
}

/* How many pairs agree on how much b's clock is ahead of a's; 0: unknown. */
static size_t
between(const struct catalogue *c, const struct skew_host *a,
    const struct skew_host *b, int64_t *ahead_us)
{
	struct differences d = { { 0 }, 0 };
	size_t i;

	for (i = 0; i < c->pattern_count; i++)
		if (c->patterns[i].op == PATTERN_APART)
			note_pattern(c, &c->patterns[i], a, b, &d);
	return (agreed(&d, ahead_us));
}

/* The host whose clock is known to most others. */
static size_t
best_base(const struct catalogue *c, const struct skew_host *h, size_t count)
{
	size_t i, k, known, most = 0, best = 0;
	int64_t us;

	for (i = 0; i < count; i++) {
		for (known = k = 0; k < count; k++)
			known += k != i && between(c, &h[i], &h[k], &us) > 0;
		if (known > most) {
			most = known;
			best = i;
		}
	}
	return (best);
}

/* Makes known who shares pairs with a host that is; how many these are. */
static size_t
reach(const struct catalogue *c, struct skew_host *h, size_t count,
    const struct skew_host *from)
{
	size_t i, pairs, found = 0;
	int64_t us;

	for (i = 0; i < count; i++) {
		if (h[i].known || (pairs = between(c, from, &h[i], &us)) == 0)
			continue;
		h[i].known = 1;
		h[i].ahead_us = from->ahead_us + us;
		h[i].pairs = pairs;
		found++;
	}
	return (found);
}

void
skew_estimate(const struct catalogue *c, struct skew_host *h, size_t count,
    size_t base)
{
	size_t i, more = 1;

	if (base >= count)
		base = best_base(c, h, count);
	for (i = 0; i < count; i++) {
		h[i].base = base;
		h[i].known = i == base;
		h[i].ahead_us = 0;
		h[i].pairs = 0;
	}
	while (more) {
		more = 0;
		for (i = 0; i < count; i++)
			if (h[i].known)
				more += reach(c, h, count, &h[i]);
	}
}
