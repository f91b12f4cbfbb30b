/* SPDX-License-Identifier: ISC */
/*
 * Patterns: what several events say together, by the times in the logs.
 * Events without a time are ordered by their lines, inside one file; a
 * window in time then says nothing, so that a pasted fragment still shows
 * its sequences. Absence is concluded only where the log covers the window.
 * Pure.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/limits.h"
#include "agent/base/map.h"
#include "agent/base/mem.h"
#include "agent/diagnosis/evidence.h"

/* The events of one step (A or A|B), in order. */
struct step {
	const struct event **list;
	struct str *key;	/* of each event, by the pattern's key */
	size_t count;
	/* By key, when the pattern has one: the key's number of each event (0:
	 * it has none), the next event of the same key, the first of a key. */
	size_t *id, *next, *first;
	int thinned;		/* events were let go between these: */
	wall_t gap_from, gap_to;
};

struct work {
	struct evidence *e;
	const struct pattern *p;
	struct sightings *out;
	struct step steps[PATTERN_STEPS];
	struct step between;
};

static int
compare_found(const void *a, const void *b)
{
	return (event_order(a, b));
}

static int
compare(const void *a, const void *b)
{
	return (event_order(*(const struct event *const *)a,
	    *(const struct event *const *)b));
}

/* key: NULL when the pattern has none. */
static void
collect(struct evidence *e, const struct pit_refs *refs, const char *key,
    struct step *s)
{
	const struct sightings *seen;
	size_t i, k, n = 0;

	memset(s, 0, sizeof(*s));
	for (i = 0; i < refs->count; i++)
		n += e->seen[refs->list[i].index].count;
	s->list = mem_zalloc(n + 1, sizeof(*s->list));
	for (i = 0; i < refs->count; i++) {
		seen = &e->seen[refs->list[i].index];
		for (k = 0; k < seen->count; k++)
			s->list[s->count++] = &seen->list[k];
		if (wall_is_set(seen->gap_from)) {
			s->thinned = 1;
			s->gap_from = seen->gap_from;
			s->gap_to = seen->gap_to;
		}
	}
	if (refs->count > 1 && s->count > 1)
		qsort(s->list, s->count, sizeof(*s->list), compare);
	if (key == NULL)
		return;
	s->key = mem_zalloc(s->count + 1, sizeof(*s->key));
	for (i = 0; i < s->count; i++)
		s->key[i] = event_hole(s->list[i], str_from(key));
}

/* Numbers the keys of a step's events; map: key -> number. */
static void
number_keys(struct step *s, struct map *numbers)
{
	void **slot;
	size_t i;

	s->id = mem_zalloc(s->count + 1, sizeof(*s->id));
	for (i = 0; i < s->count; i++) {
		if (s->key[i].n == 0)
			continue;
		slot = map_put(numbers, s->key[i]);
		if (slot == NULL)
			fatal("patterns: more keys than events");
		if (*slot == NULL)
			*slot = (void *)(uintptr_t)numbers->count;
		s->id[i] = (size_t)(uintptr_t)*slot;
	}
}

/* Chains the events of each key, in their order. */
static void
chain(struct step *s, size_t keys)
{
	size_t i;

	s->next = mem_zalloc(s->count + 1, sizeof(*s->next));
	s->first = mem_zalloc(keys + 1, sizeof(*s->first));
	for (i = 0; i <= keys; i++)
		s->first[i] = SIZE_MAX;
	for (i = s->count; i-- > 0;) {
		s->next[i] = s->first[s->id[i]];
		s->first[s->id[i]] = i;
	}
}

static void
chain_all(struct work *w)
{
	struct map numbers;
	size_t i, total = w->between.count + 1;

	if (w->p->key == NULL)
		return;
	for (i = 0; i < w->p->step_count; i++)
		total += w->steps[i].count;
	map_init(&numbers, total);
	for (i = 0; i < w->p->step_count; i++)
		number_keys(&w->steps[i], &numbers);
	number_keys(&w->between, &numbers);
	for (i = 0; i < w->p->step_count; i++)
		chain(&w->steps[i], numbers.count);
	chain(&w->between, numbers.count);
	map_free(&numbers);
}

/*
 * The first event of a step that can belong to event i of another: the first
 * of its key, or `unkeyed` where the pattern has none. Not below count: none.
 */
static size_t
begin(const struct step *s, const struct step *of, size_t i, size_t unkeyed)
{
	if (s->first == NULL)
		return (unkeyed);
	return (of->id[i] == 0 ? SIZE_MAX : s->first[of->id[i]]);
}

static size_t
after(const struct step *s, size_t k)
{
	return (s->next == NULL ? k + 1 : s->next[k]);
}

static void
release(struct step *s)
{
	free(s->id);
	free(s->next);
	free(s->first);
	free((void *)(uintptr_t)s->list);
	free(s->key);
}

/* Not further apart than the window (0: any); unknown times are near. */
static int
near(const struct event *a, const struct event *b, int64_t within_us)
{
	int64_t d;

	if (within_us == 0)
		return (1);
	if (!wall_is_set(a->time) || !wall_is_set(b->time))
		return (strcmp(a->file, b->file) == 0);
	d = wall_diff(b->time, a->time);
	return (d <= within_us && -d <= within_us);
}

static void
found(struct work *w, const struct event *first, const struct event *last)
{
	struct sightings *s = w->out;
	struct event *list;

	s->total++;
	list = mem_grow(s->list, s->count, &s->cap, sizeof(*list),
	    LIMIT_EVENTS);
	if (list == NULL)
		return;
	s->list = list;
	list[s->count] = *last;
	if (first != last)
		list[s->count].first = first;
	s->count++;
}

/* The index of the first event of a step that is not before this time, so
 * that a search need not begin at the first. */
static size_t
search_from(const struct step *s, wall_t t)
{
	size_t lo = 0, hi = s->count, mid;

	if (!wall_is_set(t))
		return (0);
	while (lo < hi) {
		mid = (lo + hi) / 2;
		if (s->list[mid]->time.us < t.us)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (lo);
}

/* Further events of a step are all too late for what began with `first`. */
static int
too_late(const struct event *first, const struct event *b, int64_t within_us)
{
	return (within_us > 0 && wall_is_set(b->time) &&
	    wall_is_set(first->time) &&
	    wall_diff(b->time, first->time) > within_us);
}

/* The window lies where events of the step were let go. */
static int
in_gap(const struct step *s, wall_t from, wall_t to)
{
	return (s->thinned && to.us >= s->gap_from.us &&
	    from.us <= s->gap_to.us);
}

/* Does an event of `between` from i on stand between the two? */
static int
stands_between(const struct work *w, size_t i, const struct event *a,
    const struct event *b)
{
	const struct event *ev;

	for (; i < w->between.count; i = after(&w->between, i)) {
		ev = w->between.list[i];
		if (wall_is_set(b->time) && wall_is_set(ev->time) &&
		    ev->time.us > b->time.us)
			return (0);
		if (event_after(a, ev) && event_after(ev, b))
			return (1);
	}
	return (0);
}

/* Does an event that must not be there stand between the two? One without a
 * key counts for every key. */
static int
interrupted(const struct work *w, size_t first, const struct event *b)
{
	const struct event *a = w->steps[0].list[first];

	/* Let go: it may have been there. */
	if (wall_is_set(a->time) && wall_is_set(b->time) &&
	    in_gap(&w->between, a->time, b->time)) {
		w->out->undecided = 1;
		return (1);
	}
	if (w->between.first == NULL)
		return (stands_between(w, search_from(&w->between, a->time),
		    a, b));
	return (stands_between(w, begin(&w->between, &w->steps[0], first, 0),
	    a, b) || stands_between(w, w->between.first[0], a, b));
}

/* The last event of the rest of a sequence that began with `first`. */
static const struct event *
follow(const struct work *w, size_t step, size_t first,
    const struct event *prev)
{
	const struct step *s = &w->steps[step];
	const struct event *a = w->steps[0].list[first], *b, *end;
	size_t i;

	i = begin(s, &w->steps[0], first, search_from(s, prev->time));
	for (; i < s->count; i = after(s, i)) {
		b = s->list[i];
		if (too_late(a, b, w->p->within_us))
			return (NULL);
		if (!event_after(prev, b) || !near(a, b, w->p->within_us))
			continue;
		if (step + 1 == w->p->step_count)
			return (interrupted(w, first, b) ? NULL : b);
		if ((end = follow(w, step + 1, first, b)) != NULL)
			return (end);
	}
	return (NULL);
}

static void
match_then(struct work *w)
{
	const struct event *a, *last;
	size_t i;

	for (i = 0; i < w->steps[0].count; i++) {
		a = w->steps[0].list[i];
		if ((last = follow(w, 1, i, a)) != NULL)
			found(w, a, last);
	}
}

/* Where events that are not more than the window before `a` begin. */
static size_t
window_from(const struct work *w, size_t step, const struct event *a)
{
	if (w->p->within_us == 0 || !wall_is_set(a->time))
		return (0);
	return (search_from(&w->steps[step],
	    wall_add(a->time, -w->p->within_us)));
}

static void
match_with(struct work *w)
{
	const struct event *a, *b;
	size_t i, k;

	for (i = 0; i < w->steps[0].count; i++) {
		a = w->steps[0].list[i];
		k = begin(&w->steps[1], &w->steps[0], i,
		    window_from(w, 1, a));
		for (; k < w->steps[1].count; k = after(&w->steps[1], k)) {
			b = w->steps[1].list[k];
			if (too_late(a, b, w->p->within_us))
				break;
			if (!near(a, b, w->p->within_us))
				continue;
			if (event_order(a, b) <= 0)
				found(w, a, b);
			else
				found(w, b, a);
			break;
		}
	}
}

/* Can any of the step's signals come from the versions found? */
static int
printable(const struct work *w, size_t step)
{
	const struct pit_refs *refs = &w->p->steps[step];
	size_t i;

	for (i = 0; i < refs->count; i++)
		if (evidence_prints(w->e, refs->list[i].index))
			return (1);
	return (0);
}

/* Were the logs of the step's components read up to / since this moment? */
static int
covered(const struct work *w, size_t step, wall_t t, int until)
{
	const struct pit_refs *refs = &w->p->steps[step];
	size_t i;

	for (i = 0; i < refs->count; i++)
		if (!(until ? evidence_covers_until(w->e,
		    refs->list[i].index, t) : evidence_covers_since(w->e,
		    refs->list[i].index, t)))
			return (0);
	return (1);
}

/* Is there a B in the window after (or before) the i-th A? */
static int
accompanied(const struct work *w, size_t i, int followed)
{
	const struct event *a = w->steps[0].list[i], *b;
	size_t k;

	k = begin(&w->steps[1], &w->steps[0], i, window_from(w, 1, a));
	for (; k < w->steps[1].count; k = after(&w->steps[1], k)) {
		b = w->steps[1].list[k];
		if (too_late(a, b, w->p->within_us))
			return (0);
		if (near(a, b, w->p->within_us) &&
		    (followed ? event_after(a, b) : event_after(b, a)))
			return (1);
	}
	return (0);
}

/* A not followed (or preceded) by B within T. */
static void
match_absence(struct work *w, int followed)
{
	const struct event *a;
	wall_t from, to;
	size_t i;

	for (i = 0; i < w->steps[0].count; i++) {
		a = w->steps[0].list[i];
		if (accompanied(w, i, followed))
			continue;
		from = to = a->time;
		if (wall_is_set(a->time)) {
			if (followed)
				to = wall_add(to, w->p->within_us);
			else
				from = wall_add(from, -w->p->within_us);
		}
		if (!wall_is_set(a->time) || !printable(w, 1) ||
		    in_gap(&w->steps[1], from, to) ||
		    !covered(w, 1, to, 1) || !covered(w, 1, from, 0))
			w->out->undecided = 1;
		else
			found(w, a, a);
	}
}

/* What comes right after is still part of the moment. */
#define MOMENT_US (2 * US_PER_SEC)

/* Do the logs of B's components, as far as they have times, hold this
 * moment? One that begins later, or ends with it, cannot tell. */
static int
reaches(const struct work *w, wall_t t)
{
	const struct pit_refs *refs = &w->p->steps[1];
	size_t i;

	for (i = 0; i < refs->count; i++)
		if (evidence_covers_until(w->e, refs->list[i].index,
		    WALL_NONE) && (!covered(w, 1, wall_add(t, MOMENT_US), 1) ||
		    !covered(w, 1, t, 0)))
			return (0);
	return (1);
}

/* A, and B nowhere in its log. */
static void
match_without(struct work *w)
{
	const struct pit_refs *refs = &w->p->steps[1];
	const struct event *a;
	size_t i, k;

	for (i = 0; i < refs->count; i++)
		if (!evidence_covered(w->e, refs->list[i].index) ||
		    !printable(w, 1)) {
			w->out->undecided = w->steps[0].count > 0;
			return;
		}
	for (i = 0; i < w->steps[0].count; i++) {
		a = w->steps[0].list[i];
		k = begin(&w->steps[1], &w->steps[0], i, 0);
		if (k < w->steps[1].count)
			continue;
		if ((w->steps[1].thinned && w->p->key != NULL) ||
		    (wall_is_set(a->time) && !reaches(w, a->time)))
			w->out->undecided = 1;
		else
			found(w, a, a);
	}
}

static void
match_before(struct work *w)
{
	const struct event *a, *b;

	if (w->steps[0].count == 0 || w->steps[1].count == 0)
		return;
	a = w->steps[0].list[0];
	b = w->steps[1].list[0];
	if (event_after(a, b) && near(a, b, w->p->within_us))
		found(w, a, b);
}

/* The event with which the count that begins at the i-th is reached, NULL
 * when it is not. */
static const struct event *
count_from(const struct work *w, size_t i)
{
	const struct step *s = &w->steps[0];
	int64_t n = 1;
	size_t k;

	if (n >= w->p->count)
		return (s->list[i]);
	if (s->id != NULL && s->id[i] == 0)
		return (NULL);
	for (k = after(s, i); k < s->count; k = after(s, k)) {
		if (too_late(s->list[i], s->list[k], w->p->within_us))
			break;
		if (near(s->list[i], s->list[k], w->p->within_us) &&
		    ++n >= w->p->count)
			return (s->list[k]);
	}
	return (NULL);
}

static void
match_count(struct work *w)
{
	const struct event *last;
	size_t i;

	for (i = 0; i < w->steps[0].count; i++)
		if ((last = count_from(w, i)) != NULL)
			found(w, w->steps[0].list[i], last);
}

/*
 * The same thing as two hosts log it: as many of one as of the other, each
 * pair further apart than the window, all by the same amount (within half of
 * the window).
 */
static void
match_apart(struct work *w)
{
	const struct step *a = &w->steps[0], *b = &w->steps[1];
	int64_t diff, least = INT64_MAX, most = INT64_MIN;
	size_t i;

	if (a->count == 0 || a->count != b->count || a->thinned || b->thinned)
		return;
	for (i = 0; i < a->count; i++) {
		if (!wall_is_set(a->list[i]->time) ||
		    !wall_is_set(b->list[i]->time))
			return;
		diff = wall_diff(b->list[i]->time, a->list[i]->time);
		if (diff < least)
			least = diff;
		if (diff > most)
			most = diff;
	}
	if (most - least <= w->p->within_us / 2 &&
	    (least > w->p->within_us || most < -w->p->within_us))
		found(w, a->list[0], b->list[0]);
}

static void
match(struct work *w)
{
	switch (w->p->op) {
	case PATTERN_THEN: match_then(w); break;
	case PATTERN_WITH: match_with(w); break;
	case PATTERN_NOT_FOLLOWED: match_absence(w, 1); break;
	case PATTERN_NOT_PRECEDED: match_absence(w, 0); break;
	case PATTERN_WITHOUT: match_without(w); break;
	case PATTERN_BEFORE: match_before(w); break;
	case PATTERN_COUNT: match_count(w); break;
	case PATTERN_APART: match_apart(w); break;
	}
}

static enum value
pattern_value(const struct work *w)
{
	size_t s, k;

	if (w->out->count > 0)
		return (VALUE_PRESENT);
	if (w->out->undecided)
		return (VALUE_UNKNOWN);
	for (s = 0; s < w->p->step_count; s++) {
		for (k = 0; k < w->p->steps[s].count; k++)
			if (!evidence_covered(w->e,
			    w->p->steps[s].list[k].index))
				return (VALUE_UNKNOWN);
		if (w->steps[s].thinned && w->steps[s].count > 0)
			return (VALUE_UNKNOWN);
	}
	return (VALUE_ABSENT);
}

/* The last event that clears, when it comes after the last of the pattern. */
static wall_t
cleared(const struct work *w)
{
	const struct event *last, *end;
	struct step clear;
	wall_t t = WALL_NONE;

	if (w->out->count == 0 || w->p->clear.count == 0)
		return (t);
	last = &w->out->list[w->out->count - 1];
	collect(w->e, &w->p->clear, NULL, &clear);
	if (clear.count > 0) {
		end = clear.list[clear.count - 1];
		if (event_after(last, end))
			t = end->time;
	}
	release(&clear);
	return (t);
}

static void
evaluate(struct evidence *e, size_t index, char *done)
{
	const struct pattern *p = &e->c->patterns[index];
	struct work w = { .e = e, .p = p };
	size_t s, k;
	int ref;

	if (done[index])
		return;
	done[index] = 1;
	for (s = 0; s < p->step_count; s++)
		for (k = 0; k < p->steps[s].count; k++) {
			ref = p->steps[s].list[k].index;
			if ((size_t)ref >= e->c->signal_count)
				evaluate(e, (size_t)ref -
				    e->c->signal_count, done);
		}
	for (k = 0; k < p->except.count; k++)
		if ((size_t)p->except.list[k].index >= e->c->signal_count)
			evaluate(e, (size_t)p->except.list[k].index -
			    e->c->signal_count, done);
	w.out = &e->seen[e->c->signal_count + index];
	w.out->borrowed = 1;
	for (s = 0; s < p->step_count; s++)
		collect(e, &p->steps[s], s == 0 ? p->key : p->key2,
		    &w.steps[s]);
	collect(e, &p->except, p->key2, &w.between);
	chain_all(&w);
	match(&w);
	if (w.out->count > 1)
		qsort(w.out->list, w.out->count, sizeof(*w.out->list),
		    compare_found);
	e->observable[e->c->signal_count + index] = pattern_value(&w);
	w.out->cleared = cleared(&w);
	for (s = 0; s < p->step_count; s++)
		release(&w.steps[s]);
	release(&w.between);
}

void
patterns_evaluate(struct evidence *e)
{
	char *done = mem_zalloc(e->c->pattern_count + 1, 1);
	size_t i;

	for (i = 0; i < e->c->pattern_count; i++)
		evaluate(e, i, done);
	free(done);
}
