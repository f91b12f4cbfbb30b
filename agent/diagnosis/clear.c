/* SPDX-License-Identifier: ISC */
/*
 * When a cause is over: what clears it came after the last of what speaks
 * for it, or its component has logged other things for long since then, by
 * the logs' own times. Pure.
 */
#include <stddef.h>

#include "agent/diagnosis/clear.h"
#include "agent/diagnosis/infer.h"

/* What speaks for a cause and is not over by itself. */
struct signs {
	const struct event *last;	/* of all of them, or NULL */
	wall_t over;		/* the latest that ended by itself */
	int now;		/* something that is so now: a failed probe */
};

static void
look(const struct evidence *e, const struct item *it, struct signs *s)
{
	const struct sightings *seen;
	const struct event *ev;
	size_t i;

	if (it->negated || !item_is_fault(e, it))
		return;
	if (it->type == ITEM_ANY) {
		for (i = 0; i < it->part_count; i++)
			look(e, &e->c->items[it->parts[i]], s);
		return;
	}
	if (it->type == ITEM_PROBE) {
		s->now |= e->item[it - e->c->items] == VALUE_PRESENT;
		return;
	}
	if (it->type != ITEM_OBSERVABLE)
		return;
	seen = &e->seen[it->observable];
	if (seen->count == 0)
		return;
	if (wall_is_set(seen->cleared)) {	/* a pattern says so itself */
		if (seen->cleared.us > s->over.us)
			s->over = seen->cleared;
		return;
	}
	ev = &seen->list[seen->count - 1];
	if (s->last == NULL || event_order(s->last, ev) < 0)
		s->last = ev;
}

/* Looks at the evidence that is always or often there, if any of it is; what
 * is only sometimes there may be of another cause. */
static void
look_all(const struct evidence *e, const struct cause *c, struct signs *s)
{
	static const enum strength tiers[][2] = {
		{ STRENGTH_ALWAYS, STRENGTH_OFTEN },
		{ STRENGTH_SOMETIMES, STRENGTH_NEEDS },
	};
	const struct pit_link *l;
	size_t i, t;

	*s = (struct signs){ NULL, WALL_NONE, 0 };
	for (t = 0; t < 2; t++) {
		for (i = 0; i < c->link_count; i++) {
			l = &c->links[i];
			if ((l->strength == tiers[t][0] ||
			    l->strength == tiers[t][1]) &&
			    e->item[l->item] == VALUE_PRESENT)
				look(e, &e->c->items[l->item], s);
		}
		if (s->last != NULL || s->now || wall_is_set(s->over))
			return;
	}
}

wall_t
cause_cleared(const struct evidence *e, const struct cause *c)
{
	const struct sightings *seen;
	struct signs s;
	wall_t t = WALL_NONE, end;
	size_t i;

	look_all(e, c, &s);
	if (s.now)
		return (t);
	if (s.last == NULL)
		return (s.over);
	for (i = 0; i < c->clear.count; i++) {
		seen = &e->seen[c->clear.list[i].index];
		if (seen->count > 0 && event_after(s.last,
		    &seen->list[seen->count - 1]) &&
		    seen->list[seen->count - 1].time.us > t.us)
			t = seen->list[seen->count - 1].time;
	}
	end = evidence_end(e, s.last->component);
	if (!wall_is_set(t) && c->clear_after_us > 0 &&
	    wall_is_set(s.last->time) && wall_is_set(end) &&
	    wall_diff(end, s.last->time) > c->clear_after_us)
		t = wall_add(s.last->time, c->clear_after_us);
	return (t);
}
