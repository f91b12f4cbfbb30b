/* SPDX-License-Identifier: ISC */
/*
 * One diagnosis: takes evidence in, hands it to the inference, writes what
 * came out into the report (conclude.c). Pure; owns its evidence.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/diagnosis/conclude.h"
#include "agent/diagnosis/diagnosis.h"

struct diagnosis {
	struct evidence e;
};

struct diagnosis *
diagnosis_new(const struct catalogue *c)
{
	struct diagnosis *d = mem_zalloc(1, sizeof(*d));

	evidence_init(&d->e, c);
	return (d);
}

void
diagnosis_free(struct diagnosis *d)
{
	if (d == NULL)
		return;
	evidence_free(&d->e);
	free(d);
}

void
diagnosis_add_log(struct diagnosis *d, const struct log_text *t)
{
	evidence_add_log(&d->e, t);
}

/* The lines "name=value" of a check as facts of its subject. */
static void
add_fact_lines(struct diagnosis *d, struct str lines, struct str subject)
{
	struct str line, name;

	while (lines.n > 0) {
		line = str_split(&lines, '\n');
		name = str_split(&line, '=');
		diagnosis_add_fact(d, name, subject, line);
	}
}

void
diagnosis_add_check(struct diagnosis *d, const struct check *c)
{
	struct evidence *e = &d->e;
	struct seen_check *s;

	s = mem_grow(e->checks, e->check_count, &e->check_cap, sizeof(*s),
	    LIMIT_REPORT_LIST);
	if (s == NULL)
		return;
	e->checks = s;
	s = &e->checks[e->check_count++];
	memset(s, 0, sizeof(*s));
	s->id = evidence_intern(e, str_from(c->id));
	s->subject = evidence_intern(e, str_from(c->subject));
	s->state = c->state;
	s->reason = c->reason;
	s->summary = mem_strdup(c->summary == NULL ? "" : c->summary);
	s->when = c->when;
	add_fact_lines(d, str_from(c->facts), str_from(c->subject));
}

int
diagnosis_add_fact(struct diagnosis *d, struct str name, struct str subject,
    struct str value)
{
	return (facts_set(&d->e.facts, name, subject, value));
}

void
diagnosis_versions(const struct diagnosis *d, struct versions *v)
{
	evidence_versions(&d->e, v);
}

static char *
copy(const char *s)
{
	return (s == NULL ? NULL : mem_strdup(s));
}

static int
same(const char *a, const char *b)
{
	return (strcmp(a == NULL ? "" : a, b == NULL ? "" : b) == 0);
}

int
diagnosis_has_finding(const struct diagnosis *d, const char *id,
    const char *host, const char *file, int line)
{
	const struct seen_finding *s;
	size_t i;

	for (i = 0; i < d->e.finding_count; i++) {
		s = &d->e.findings[i];
		if (s->line == line && strcmp(s->id, id) == 0 &&
		    same(s->host, host) && same(s->file, file))
			return (1);
	}
	return (0);
}

/* What the lint finds in pf.conf, the probe finds too: it is one. */
static int
is_known(const struct diagnosis *d, const struct finding *f)
{
	return (f->probe != NULL && strcmp(f->probe, "config.pf") == 0 &&
	    f->at.line > 0 && diagnosis_has_finding(d, f->id, f->host,
	    f->at.file, f->at.line));
}

void
diagnosis_add_finding(struct diagnosis *d, const struct finding *f)
{
	struct evidence *e = &d->e;
	struct seen_finding *s;

	if (is_known(d, f))
		return;
	s = mem_grow(e->findings, e->finding_count, &e->finding_cap,
	    sizeof(*s), LIMIT_FINDINGS);
	if (s == NULL)
		return;
	e->findings = s;
	s = &e->findings[e->finding_count++];
	memset(s, 0, sizeof(*s));
	s->id = mem_strdup(f->id);
	s->host = copy(f->host);
	s->file = copy(f->at.file);
	s->line = f->at.line;
	s->text = copy(f->message);
	s->fix = copy(f->fix);
	s->captures = copy(f->captures);
	s->severity = f->severity;
}

void
diagnosis_add_findings(struct diagnosis *d, const struct findings *f)
{
	size_t i;

	for (i = 0; i < f->count; i++)
		diagnosis_add_finding(d, &f->list[i]);
}

void
diagnosis_add_verdict(struct diagnosis *d, const struct verdict *v)
{
	struct evidence *e = &d->e;
	struct seen_verdict *s;

	s = mem_grow(e->verdicts, e->verdict_count, &e->verdict_cap,
	    sizeof(*s), LIMIT_VERDICTS);
	if (s == NULL)
		return;
	e->verdicts = s;
	s = &e->verdicts[e->verdict_count++];
	memset(s, 0, sizeof(*s));
	s->id = mem_strdup(v->id);
	s->flow = copy(v->flow);
	s->text = copy(v->text);
	s->file = copy(v->file);
	s->from = v->from;
	s->fault = v->fault;
}

void
diagnosis_add_verdicts(struct diagnosis *d, const struct verdicts *v)
{
	size_t i;

	for (i = 0; i < v->count; i++)
		diagnosis_add_verdict(d, &v->list[i]);
}

/* The pairs of an event's captures, without those every record has. */
static void
copy_captures(const struct event *ev, struct signal_seen *s)
{
	const char *p = ev->captures, *value;

	for (; p != NULL && *p != '\0' &&
	    s->capture_count < SIGNAL_CAPTURES; p = value + strlen(value) + 1) {
		value = p + strlen(p) + 1;
		s->captures[s->capture_count].name = str_from(p);
		s->captures[s->capture_count++].value = str_from(value);
	}
}

void
diagnosis_signals(struct diagnosis *d,
    void (*fn)(void *, const struct signal_seen *), void *arg)
{
	const struct sightings *seen;
	struct signal_seen s;
	size_t i;

	if (!d->e.settled)
		evidence_settle(&d->e);
	for (i = 0; i < d->e.c->signal_count; i++) {
		seen = &d->e.seen[i];
		if (seen->count == 0)
			continue;
		memset(&s, 0, sizeof(s));
		s.id = d->e.c->signals[i].id;
		s.component = seen->list[0].component;
		s.host = seen->list[0].host;
		s.count = seen->total;
		s.first = seen->list[0].time;
		s.last = seen->list[seen->count - 1].time;
		s.sample = str_from(seen->list[0].text);
		copy_captures(&seen->list[0], &s);
		fn(arg, &s);
	}
}

void
diagnosis_sightings(const struct diagnosis *d, void (*fn)(void *,
    const char *, wall_t, wall_t), void *arg)
{
	const struct sightings *seen;
	wall_t first, last, t;
	size_t i, k;

	for (i = 0; i < d->e.c->signal_count; i++) {
		seen = &d->e.seen[i];
		first = last = WALL_NONE;
		for (k = 0; k < seen->count; k++) {
			t = seen->list[k].time;
			if (!wall_is_set(t))
				continue;
			if (!wall_is_set(first) || t.us < first.us)
				first = t;
			if (!wall_is_set(last) || t.us > last.us)
				last = t;
		}
		if (wall_is_set(first))
			fn(arg, d->e.c->signals[i].id, first, last);
	}
}

const struct catalogue *
diagnosis_catalogue(const struct diagnosis *d)
{
	return (d->e.c);
}

int
diagnosis_add_signal(struct diagnosis *d, const struct signal_seen *s)
{
	const struct pit_entry *entry = catalogue_find(d->e.c,
	    str_from(s->id));

	if (entry == NULL || entry->type != ENTRY_SIGNAL)
		return (-1);
	evidence_add_signal(&d->e, entry->index, s);
	return (0);
}

void
diagnosis_add_cover(struct diagnosis *d, enum component component,
    const char *host, wall_t from, wall_t to, size_t lines)
{
	evidence_add_cover(&d->e, component, host, from, to, lines);
}

void
diagnosis_unknown(struct diagnosis *d, size_t item)
{
	if (item < d->e.c->item_count)
		d->e.unknown[item] = 1;
}

int
diagnosis_seen(struct diagnosis *d, const char *id)
{
	const struct pit_entry *entry;
	size_t index;

	entry = catalogue_find(d->e.c, str_from(id));
	if (entry == NULL || entry->type == ENTRY_CAUSE)
		return (0);
	if (!d->e.settled)
		evidence_settle(&d->e);
	index = entry->index + (entry->type == ENTRY_PATTERN ?
	    d->e.c->signal_count : 0);
	return (d->e.observable[index] == VALUE_PRESENT);
}

void
diagnosis_conclude(struct diagnosis *d, struct report *r)
{
	if (!d->e.settled)
		evidence_settle(&d->e);
	conclude(&d->e, r);
}

void
diagnosis_renew(struct diagnosis *d, wall_t keep)
{
	evidence_renew(&d->e, keep);
}
