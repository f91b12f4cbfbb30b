/* SPDX-License-Identifier: ISC */
/*
 * Signals as they are handed from one host's diagnosis to another's: counted,
 * with their first and last time and one sample. Pure.
 */
#include <string.h>

#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/diagnosis/diagnosis.h"
#include "agent/diagnosis/evidence.h"

/* The first and last event of a list that need not be sorted. */
static void
ends(const struct sightings *s, const struct event **first,
    const struct event **last)
{
	size_t i;

	*first = *last = &s->list[0];
	for (i = 1; i < s->count; i++) {
		if (event_order(&s->list[i], *first) < 0)
			*first = &s->list[i];
		if (event_order(*last, &s->list[i]) < 0)
			*last = &s->list[i];
	}
}

void
evidence_signals(const struct evidence *e,
    void (*cb)(const struct signal_seen *, void *), void *arg)
{
	const struct event *first, *last;
	struct signal_seen seen;
	size_t i;

	for (i = 0; i < e->c->signal_count; i++) {
		if (e->seen[i].count == 0)
			continue;
		ends(&e->seen[i], &first, &last);
		memset(&seen, 0, sizeof(seen));
		seen.id = e->c->signals[i].id;
		seen.component = last->component;
		seen.host = last->host;
		seen.file = last->file;
		seen.count = e->seen[i].total;
		seen.first = first->time;
		seen.last = last->time;
		seen.has_offset = last->has_offset;
		seen.captures = last->captures;
		seen.sample = last->text;
		cb(&seen, arg);
	}
}

/* A copy of packed captures, with the NUL that ends them. */
static char *
copy_captures(const char *captures)
{
	const char *p = captures;

	if (captures == NULL)
		return (NULL);
	while (*p != '\0')
		p += strlen(p) + 1;
	return (mem_str(str_of(captures, (size_t)(p - captures) + 1)));
}

static void
add_event(struct evidence *e, struct sightings *s,
    const struct signal_seen *seen, wall_t time)
{
	struct event *ev;

	ev = mem_grow(s->list, s->count, &s->cap, sizeof(*ev),
	    LIMIT_EVENTS + 1);
	if (ev == NULL)
		return;
	s->list = ev;
	ev += s->count++;
	memset(ev, 0, sizeof(*ev));
	ev->time = time;
	ev->has_offset = seen->has_offset;
	ev->component = seen->component;
	ev->file = evidence_intern(e, str_from(seen->file == NULL ? "" :
	    seen->file));
	ev->host = seen->host == NULL || seen->host[0] == '\0' ? NULL :
	    evidence_intern(e, str_from(seen->host));
	ev->text = mem_str(str_sub(str_from(seen->sample), 0,
	    LIMIT_EVENT_TEXT));
	ev->captures = copy_captures(seen->captures);
}

int
evidence_add_signal(struct evidence *e, const struct signal_seen *seen)
{
	const struct pit_entry *entry = catalogue_find(e->c,
	    str_from(seen->id));
	struct sightings *s;

	if (entry == NULL || entry->type != ENTRY_SIGNAL)
		return (-1);
	s = &e->seen[entry->index];
	if (seen->count > 1 && seen->first.us != seen->last.us)
		add_event(e, s, seen, seen->first);
	add_event(e, s, seen, seen->last);
	s->total += seen->count;
	return (0);
}
