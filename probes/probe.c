/* SPDX-License-Identifier: ISC */
/*
 * What every run of a probe shares: subjects, phases, the end. Pure but for
 * the clock.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "probes/probe.h"

/* Where a long text from outside is cut. */
#define SAFE_TEXT 300

struct subject *
subject_add(struct subjects *s, const char *name, const char *over)
{
	struct subject *list;

	list = mem_grow(s->list, s->count, &s->cap, sizeof(*list),
	    LIMIT_SUBJECTS);
	if (list == NULL)
		return (NULL);
	s->list = list;
	memset(&list[s->count], 0, sizeof(*list));
	list[s->count].name = mem_strdup(name);
	if (over != NULL)
		list[s->count].over = mem_strdup(over);
	return (&list[s->count++]);
}

struct subject *
subject_addf(struct subjects *s, const char *fmt, ...)
{
	struct subject *added;
	struct buf b;
	va_list ap;

	buf_init(&b, LIMIT_CHECK_TEXT);
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	added = subject_add(s, buf_cstr(&b), NULL);
	buf_free(&b);
	return (added);
}

void
subject_missing(struct subjects *s, const char *clause)
{
	free(s->missing);
	s->missing = mem_strdup(clause);
}

void
subjects_free(struct subjects *s)
{
	size_t i;

	for (i = 0; i < s->count; i++) {
		free(s->list[i].name);
		free(s->list[i].over);
	}
	free(s->list);
	free(s->missing);
	memset(s, 0, sizeof(*s));
}

/* Notes how long the phase in progress took. */
static void
end_phase(struct probe_run *r, mono_t now)
{
	if (r->phase != NULL)
		check_phase(&r->check, r->phase,
		    mono_seconds(r->phase_begun, now));
	r->phase = NULL;
}

void
probe_phase(struct probe_run *r, const char *name, enum layer layer,
    const char *doing, ...)
{
	mono_t now = mono_now();
	struct buf b;
	va_list ap;

	if (r->finished)
		return;
	end_phase(r, now);
	r->phase = name;
	r->layer = layer;
	r->phase_begun = now;
	buf_init(&b, LIMIT_CHECK_TEXT);
	va_start(ap, doing);
	buf_vaddf(&b, doing, ap);
	va_end(ap);
	free(r->doing);
	r->doing = buf_take(&b);
	buf_free(&b);
}

void
probe_done(struct probe_run *r)
{
	mono_t now = mono_now();

	if (r->finished)
		return;
	end_phase(r, now);
	r->finished = 1;
	r->check.duration = mono_seconds(r->begun, now);
	r->done(r);
}

static void
end_with(struct probe_run *r, enum state state, enum reason reason,
    const char *fmt, va_list ap)
{
	struct buf b;

	if (r->finished)
		return;
	buf_init(&b, LIMIT_CHECK_TEXT);
	buf_vaddf(&b, fmt, ap);
	check_result(&r->check, state, r->layer, reason, "%s", buf_cstr(&b));
	buf_free(&b);
	probe_done(r);
}

void
probe_end(struct probe_run *r, enum state state, enum reason reason,
    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	end_with(r, state, reason, fmt, ap);
	va_end(ap);
}

/* 1 when the reason says nothing about what was probed. */
static int
proves_nothing(enum reason reason)
{
	return (reason == REASON_INTERNAL || reason == REASON_PERMISSION ||
	    reason == REASON_FD_LIMIT || reason == REASON_NO_ANSWER);
}

void
probe_fail(struct probe_run *r, enum reason reason, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	end_with(r, proves_nothing(reason) ? STATE_UNKNOWN : STATE_FAIL,
	    reason, fmt, ap);
	va_end(ap);
}

void
probe_not_applicable(struct probe_run *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	end_with(r, STATE_NOT_APPLICABLE, REASON_OK, fmt, ap);
	va_end(ap);
}

void
probe_fact_num(struct probe_run *r, const char *name, int64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)value);
	check_fact(&r->check, name, text);
}

void
probe_fact_bool(struct probe_run *r, const char *name, int value)
{
	check_fact(&r->check, name, value ? "yes" : "no");
}

char *
probe_safe(const char *text, size_t len)
{
	struct buf b;
	char *out;

	buf_init(&b, LIMIT_CHECK_TEXT);
	buf_add_safe(&b, str_of(text, len > SAFE_TEXT ? SAFE_TEXT : len));
	if (len > SAFE_TEXT)
		buf_adds(&b, "...");
	out = buf_take(&b);
	buf_free(&b);
	return (out);
}

const struct probe *
probe_find(const char *id)
{
	size_t i;

	for (i = 0; probe_table[i] != NULL; i++)
		if (strcmp(probe_table[i]->id, id) == 0)
			return (probe_table[i]);
	return (NULL);
}

int
probe_runs_on(const struct probe *p, roles_t roles)
{
	return (p->roles == 0 || (p->roles & roles) != 0);
}

int
probe_group_exists(const char *group)
{
	size_t i;

	for (i = 0; probe_table[i] != NULL; i++)
		if (strcmp(probe_table[i]->group, group) == 0)
			return (1);
	return (0);
}
