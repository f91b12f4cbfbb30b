/* SPDX-License-Identifier: ISC */
/*
 * The store of what was seen. Events of a signal are bounded: of very many,
 * those of the beginning and of the end are kept, whatever the order in
 * which the texts come, so that the same logs always leave the same events.
 * Pure; owns everything in it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/diagnosis/diagnosis.h"
#include "agent/diagnosis/evidence.h"

/* Events kept of one signal: this many of the beginning and of the end. */
#define ENDS (LIMIT_EVENTS / 4)

void
evidence_init(struct evidence *e, const struct catalogue *c)
{
	size_t i;

	memset(e, 0, sizeof(*e));
	e->c = c;
	e->seen_count = c->signal_count + c->pattern_count;
	e->seen = mem_zalloc(e->seen_count + 1, sizeof(*e->seen));
	e->observable = mem_zalloc(e->seen_count + 1, sizeof(*e->observable));
	e->item = mem_zalloc(c->item_count + 1, sizeof(*e->item));
	e->unknown = mem_zalloc(c->item_count + 1, 1);
	for (i = 0; i < e->seen_count; i++)
		e->seen[i].gap_from = e->seen[i].gap_to =
		    e->seen[i].cleared = WALL_NONE;
	facts_init(&e->facts);
	map_init(&e->strings, LIMIT_EVIDENCE_STRINGS);
}

static void
free_event(struct event *ev)
{
	free(ev->text);
	free(ev->captures);
}

/* Everything but what the logs said. */
static void
forget_inputs(struct evidence *e)
{
	size_t i;

	for (i = 0; i < e->check_count; i++)
		free(e->checks[i].summary);
	for (i = 0; i < e->finding_count; i++) {
		free(e->findings[i].id);
		free(e->findings[i].host);
		free(e->findings[i].file);
		free(e->findings[i].text);
		free(e->findings[i].fix);
		free(e->findings[i].captures);
	}
	for (i = 0; i < e->verdict_count; i++) {
		free(e->verdicts[i].id);
		free(e->verdicts[i].flow);
		free(e->verdicts[i].text);
		free(e->verdicts[i].file);
	}
	e->check_count = e->finding_count = e->verdict_count = 0;
	facts_free(&e->facts);
}

void
evidence_free(struct evidence *e)
{
	size_t i, k;

	for (i = 0; i < e->seen_count; i++) {
		for (k = 0; !e->seen[i].borrowed && k < e->seen[i].count; k++)
			free_event(&e->seen[i].list[k]);
		free(e->seen[i].list);
	}
	forget_inputs(e);
	for (i = 0; i < e->strings.count; i++)
		free(e->strings.list[i].value);
	map_free(&e->strings);
	free(e->seen);
	free(e->covers);
	free(e->checks);
	free(e->findings);
	free(e->verdicts);
	free(e->observable);
	free(e->item);
	free(e->unknown);
}

const char *
evidence_intern(struct evidence *e, struct str s)
{
	void **slot = map_put(&e->strings, s);

	if (slot == NULL)
		return ("");
	if (*slot == NULL)
		*slot = mem_str(s);
	return (*slot);
}

/* Events */

struct str
event_hole(const struct event *ev, struct str name)
{
	const char *p = ev->captures;

	for (; p != NULL && *p != '\0'; p += strlen(p) + 1) {
		if (str_eqs(name, p))
			return (str_from(p + strlen(p) + 1));
		p += strlen(p) + 1;
	}
	if (str_eqs(name, "host") && ev->host != NULL)
		return (str_from(ev->host));
	if (str_eqs(name, "file"))
		return (str_from(ev->file));
	if (str_eqs(name, "component"))
		return (str_from(component_name(ev->component)));
	if (ev->first != NULL)
		return (event_hole(ev->first, name));
	return (str_of(NULL, 0));
}

int
event_order(const struct event *a, const struct event *b)
{
	int d;

	if (a->time.us != b->time.us)
		return (a->time.us < b->time.us ? -1 : 1);
	if ((d = strcmp(a->file, b->file)) != 0)
		return (d);
	if (a->line != b->line)
		return (a->line < b->line ? -1 : 1);
	return (strcmp(a->text, b->text));
}

int
event_after(const struct event *a, const struct event *b)
{
	if (wall_is_set(a->time) && wall_is_set(b->time) &&
	    a->time.us != b->time.us)
		return (b->time.us > a->time.us);
	if (strcmp(a->file, b->file) == 0)
		return (b->line > a->line);
	return (wall_is_set(a->time) && wall_is_set(b->time));
}

static int
compare_events(const void *a, const void *b)
{
	return (event_order(a, b));
}

/* Sorts; the same record told twice (where two lanes meet) is one. */
static void
sort_events(struct sightings *s)
{
	struct event *last, *ev;
	size_t i, kept = 0;

	if (s->count > 1)
		qsort(s->list, s->count, sizeof(*s->list), compare_events);
	for (i = 0; i < s->count; i++) {
		ev = &s->list[i];
		last = kept == 0 ? NULL : &s->list[kept - 1];
		if (last != NULL && last->line == ev->line &&
		    last->line > 0 && strcmp(last->file, ev->file) == 0) {
			free_event(ev);
			s->total--;
			continue;
		}
		s->list[kept++] = *ev;
	}
	s->count = kept;
}

/*
 * Keeps the first and the last ENDS events. One that is let go is neither
 * among the first nor among the last ENDS of all that will ever come, so
 * what is left at the end does not depend on the order of coming.
 */
static void
thin(struct sightings *s)
{
	struct event *from, *to;
	size_t i, drop;

	sort_events(s);
	if (s->count <= 2 * ENDS)
		return;
	from = &s->list[ENDS];
	to = &s->list[s->count - ENDS - 1];
	if (!wall_is_set(s->gap_from) || from->time.us < s->gap_from.us)
		s->gap_from = from->time;
	if (!wall_is_set(s->gap_to) || to->time.us > s->gap_to.us)
		s->gap_to = to->time;
	drop = s->count - 2 * ENDS;
	for (i = 0; i < drop; i++)
		free_event(&s->list[ENDS + i]);
	memmove(&s->list[ENDS], &s->list[ENDS + drop],
	    ENDS * sizeof(*s->list));
	s->count -= drop;
}

/* name NUL value NUL ... NUL; a NUL in a value ends it. */
static void
add_pair(struct buf *b, const char *name, struct str value)
{
	size_t nul;

	value = str_sub(str_trim(value), 0, LIMIT_SAY_VALUE);
	if ((nul = str_chr(value, '\0')) != SIZE_MAX)
		value = str_sub(value, 0, nul);
	if (value.n == 0)
		return;
	buf_adds(b, name);
	buf_addc(b, '\0');
	buf_add_str(b, value);
	buf_addc(b, '\0');
}

static char *
pack_captures(const struct evidence *e, const struct match *m)
{
	const struct record *rec = m->record;
	const char *key = e->c->signals[m->signal].key;
	struct str session = rec->session;
	struct buf b;
	size_t i;

	buf_init(&b, LIMIT_CHECK_TEXT);
	for (i = 0; i < m->capture_count; i++) {
		add_pair(&b, m->captures[i].name, m->captures[i].value);
		if (key != NULL && strcmp(key, m->captures[i].name) == 0)
			session = m->captures[i].value;
	}
	add_pair(&b, "session", session);
	add_pair(&b, "logger", rec->logger);
	add_pair(&b, "time", rec->time_text);
	buf_addc(&b, '\0');
	return (buf_take(&b));
}

/* Text on one line: runs of blanks and control characters as one blank. */
static void
add_flat(struct buf *b, struct str s)
{
	size_t i, n;

	s = str_sub(str_trim(s), 0, LIMIT_EVENT_TEXT);
	for (i = 0; i < s.n; i += n) {
		for (n = 0; i + n < s.n && (unsigned char)s.p[i + n] > ' '; )
			n++;
		buf_add(b, s.p + i, n);
		for (; i + n < s.n && (unsigned char)s.p[i + n] <= ' '; )
			n++;
		if (i + n < s.n)
			buf_addc(b, ' ');
	}
}

/* What is shown: the record's message, and the line of its continuation
 * that matched, if it was one. */
static char *
event_text(const struct match *m)
{
	struct str message = m->record->message, line = m->line;
	struct buf b;

	buf_init(&b, 3 * LIMIT_EVENT_TEXT);
	add_flat(&b, message);
	if (line.n > 0 && (line.p < message.p ||
	    line.p > message.p + message.n)) {
		buf_adds(&b, b.len > 0 ? " ... " : "");
		add_flat(&b, line);
	}
	if (b.len == 0)
		add_flat(&b, m->record->raw);
	return (buf_take(&b));
}

/* A new event of a signal, zeroed. */
static struct event *
new_event(struct sightings *s)
{
	if (s->count >= LIMIT_EVENTS)
		thin(s);
	s->list = mem_grow(s->list, s->count, &s->cap, sizeof(*s->list),
	    LIMIT_EVENTS + 1);
	if (s->list == NULL)
		fatal("evidence: events are not thinned");
	memset(&s->list[s->count], 0, sizeof(*s->list));
	return (&s->list[s->count++]);
}

static void
store(void *arg, const struct match *m)
{
	struct evidence *e = arg;
	struct sightings *s = &e->seen[m->signal];
	const struct record *rec = m->record;
	struct event *ev = new_event(s);

	s->total++;
	ev->time = rec->time;
	ev->time_guessed = rec->time_guessed;
	ev->has_offset = rec->has_offset;
	ev->component = rec->component;
	ev->level = rec->level;
	ev->line = rec->line;
	ev->file = evidence_intern(e, rec->file);
	ev->host = rec->host.n == 0 ? NULL : evidence_intern(e, rec->host);
	ev->captures = pack_captures(e, m);
	ev->text = event_text(m);
}

/* One end of what another host saw. */
static void
store_seen(struct evidence *e, size_t signal, const struct signal_seen *seen,
    wall_t when)
{
	struct event *ev = new_event(&e->seen[signal]);
	struct buf b;
	size_t i;
	char name[64];

	ev->time = when;
	ev->has_offset = 1;
	ev->component = seen->component;
	ev->host = seen->host == NULL ? NULL :
	    evidence_intern(e, str_from(seen->host));
	ev->file = evidence_intern(e, str_from(seen->host == NULL ? "peer" :
	    seen->host));
	buf_init(&b, LIMIT_CHECK_TEXT);
	for (i = 0; i < seen->capture_count; i++) {
		snprintf(name, sizeof(name), "%.*s",
		    STR_ARG(seen->captures[i].name));
		add_pair(&b, name, seen->captures[i].value);
	}
	buf_addc(&b, '\0');
	ev->captures = buf_take(&b);
	buf_init(&b, 2 * LIMIT_EVENT_TEXT);
	add_flat(&b, seen->sample);
	ev->text = buf_take(&b);
}

void
evidence_add_signal(struct evidence *e, size_t signal,
    const struct signal_seen *seen)
{
	store_seen(e, signal, seen, seen->first);
	if (seen->count > 1 && wall_is_set(seen->last) &&
	    seen->last.us != seen->first.us)
		store_seen(e, signal, seen, seen->last);
	e->seen[signal].total += seen->count;
}

/* Coverage */

static void
cover(struct evidence *e, const struct record *rec, size_t lines)
{
	const char *file = evidence_intern(e, rec->file), *host;
	struct cover *c;
	size_t i;

	host = rec->host.n == 0 ? NULL : evidence_intern(e, rec->host);
	for (i = 0; i < e->cover_count; i++) {
		c = &e->covers[i];
		if (c->component == rec->component && c->file == file &&
		    c->host == host)
			break;
	}
	if (i == e->cover_count) {
		c = mem_grow(e->covers, e->cover_count, &e->cover_cap,
		    sizeof(*c), LIMIT_COVERS);
		if (c == NULL)
			return;
		e->covers = c;
		c = &e->covers[e->cover_count++];
		*c = (struct cover){ rec->component, file, host, WALL_NONE,
		    WALL_NONE, 0 };
	}
	c = &e->covers[i];
	c->lines += lines;
	if (!wall_is_set(rec->time))
		return;
	if (!wall_is_set(c->from) || rec->time.us < c->from.us)
		c->from = rec->time;
	if (!wall_is_set(c->to) || rec->time.us > c->to.us)
		c->to = rec->time;
}

static size_t
count_lines(struct str s)
{
	const char *p = s.p, *end = s.p + s.n;
	size_t n = 0;

	while (p < end && (p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		n++;
		p++;
	}
	return (n + (s.n > 0 && end[-1] != '\n'));
}

/* All records, for a text in which several components write. */
static void
cover_records(struct evidence *e, const struct log_text *t)
{
	struct record rec;
	size_t at = 0;

	while (at < t->text.n &&
	    (at = t->record_next(t, at, &rec)) != SIZE_MAX)
		cover(e, &rec, 1);
}

/* Only the ends: the first and last records that have a time. */
static void
cover_ends(struct evidence *e, const struct log_text *t)
{
	struct record rec;
	size_t at = 0, tries, lines = count_lines(t->text);

	for (tries = 0; tries < 200 && at < t->text.n; tries++) {
		at = t->record_next(t, at, &rec);
		if (at == SIZE_MAX)
			break;
		cover(e, &rec, lines);
		lines = 0;
		if (wall_is_set(rec.time))
			break;
	}
	at = t->text.n;
	for (tries = 0; tries < 200 && at > 0; tries++) {
		if (t->record_at(t, at - 1, &rec) == -1)
			break;
		cover(e, &rec, 0);
		if (wall_is_set(rec.time) || rec.raw.p <= t->text.p)
			break;
		at = (size_t)(rec.raw.p - t->text.p);
	}
}

void
evidence_add_cover(struct evidence *e, enum component component,
    const char *host, wall_t from, wall_t to, size_t lines)
{
	struct record rec;

	memset(&rec, 0, sizeof(rec));
	rec.component = component;
	rec.file = rec.host = str_from(host);
	rec.time = from;
	cover(e, &rec, lines);
	rec.time = to;
	cover(e, &rec, 0);
}

void
evidence_add_log(struct evidence *e, const struct log_text *t)
{
	if (t->text.n == 0)
		return;
	matcher_run(e->c->matcher, t, store, e);
	if ((t->component == COMPONENT_NONE ||
	    t->component == COMPONENT_SYSLOG) &&
	    t->text.n <= LIMIT_MIXED_SCAN)
		cover_records(e, t);
	else
		cover_ends(e, t);
}

unsigned
observable_components(const struct catalogue *c, int i)
{
	const struct pattern *p;
	unsigned bits = 0;
	size_t s, k;

	if ((size_t)i < c->signal_count)
		return (c->signals[i].from);
	p = &c->patterns[(size_t)i - c->signal_count];
	for (s = 0; s < p->step_count; s++)
		for (k = 0; k < p->steps[s].count; k++)
			bits |= observable_components(c,
			    p->steps[s].list[k].index);
	return (bits);
}

static int
of_component(const struct cover *c, unsigned from)
{
	return (from == 0 || (from & 1U << c->component) != 0);
}

int
evidence_covered(const struct evidence *e, int observable)
{
	unsigned from = observable_components(e->c, observable);
	size_t i, lines = 0;
	int64_t span = 0;

	for (i = 0; i < e->cover_count; i++) {
		if (!of_component(&e->covers[i], from))
			continue;
		lines += e->covers[i].lines;
		if (wall_is_set(e->covers[i].from))
			span += wall_diff(e->covers[i].to,
			    e->covers[i].from);
	}
	return (lines >= COVER_LINES ||
	    (lines > 2 && span >= COVER_SECONDS * US_PER_SEC));
}

int
evidence_covers_until(const struct evidence *e, int observable, wall_t t)
{
	unsigned from = observable_components(e->c, observable);
	size_t i;

	for (i = 0; i < e->cover_count; i++)
		if (of_component(&e->covers[i], from) &&
		    wall_is_set(e->covers[i].to) &&
		    e->covers[i].to.us >= t.us)
			return (1);
	return (0);
}

int
evidence_covers_since(const struct evidence *e, int observable, wall_t t)
{
	unsigned from = observable_components(e->c, observable);
	size_t i;

	for (i = 0; i < e->cover_count; i++)
		if (of_component(&e->covers[i], from) &&
		    wall_is_set(e->covers[i].from) &&
		    e->covers[i].from.us <= t.us)
			return (1);
	return (0);
}

wall_t
evidence_end(const struct evidence *e, enum component of)
{
	wall_t end = WALL_NONE;
	size_t i;

	for (i = 0; i < e->cover_count; i++)
		if (e->covers[i].component == of &&
		    wall_is_set(e->covers[i].to) &&
		    (!wall_is_set(end) || e->covers[i].to.us > end.us))
			end = e->covers[i].to;
	return (end);
}

int
evidence_prints(const struct evidence *e, int observable)
{
	const struct signal *s;

	if ((size_t)observable >= e->c->signal_count)
		return (1);
	s = &e->c->signals[observable];
	return (s->product == -1 || (s->since == NULL && s->until == NULL) ||
	    !versions_outside(&e->versions, (enum product)s->product,
	    s->since, s->until));
}

void
evidence_settle(struct evidence *e)
{
	size_t i;

	for (i = 0; i < e->c->signal_count; i++)
		thin(&e->seen[i]);
	memset(&e->versions, 0, sizeof(e->versions));
	evidence_versions(e, &e->versions);
	evidence_state_facts(e);
	for (i = 0; i < e->c->signal_count; i++) {
		if (e->seen[i].count > 0)
			e->observable[i] = VALUE_PRESENT;
		else if (evidence_covered(e, (int)i) &&
		    evidence_prints(e, (int)i))
			e->observable[i] = VALUE_ABSENT;
	}
	patterns_evaluate(e);
	items_evaluate(e);
	e->settled = 1;
}

/* Lets events go that are older; those without a time stay. */
static void
forget_events(struct sightings *s, wall_t keep)
{
	size_t i, kept = 0;

	for (i = 0; i < s->count; i++) {
		if (wall_is_set(s->list[i].time) &&
		    s->list[i].time.us < keep.us)
			free_event(&s->list[i]);
		else
			s->list[kept++] = s->list[i];
	}
	s->count = kept;
}

void
evidence_renew(struct evidence *e, wall_t keep)
{
	struct sightings *s;
	size_t i;

	forget_inputs(e);
	facts_init(&e->facts);
	for (i = 0; i < e->seen_count; i++) {
		s = &e->seen[i];
		if (i < e->c->signal_count) {
			forget_events(s, keep);
			continue;
		}
		free(s->list);
		memset(s, 0, sizeof(*s));
		s->gap_from = s->gap_to = s->cleared = WALL_NONE;
	}
	memset(e->observable, 0, e->seen_count * sizeof(*e->observable));
	memset(e->item, 0, e->c->item_count * sizeof(*e->item));
	e->settled = 0;
}
