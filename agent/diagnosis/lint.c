/* SPDX-License-Identifier: ISC */
/*
 * Questions to a catalogue that loads: tests that a cause lacks, samples
 * that do not match, fix commands with holes that may not stand there, pairs
 * of causes that nothing tells apart (codebook lint). Pure.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/mem.h"
#include "agent/diagnosis/catalogue.h"
#include "agent/diagnosis/matcher.h"
#include "agent/diagnosis/say.h"

static void
complain(struct errlist *errs, struct pit_place at, const char *what,
    const char *id)
{
	errlist_add(errs, at.file, at.line, at.column, "%s %s", id, what);
}

static int
names_id(const struct pit_step *s, const char *id)
{
	size_t i;

	for (i = 0; i < s->ids.count; i++)
		if (strcmp(s->ids.list[i], id) == 0)
			return (1);
	return (0);
}

/* Does a test of this owner expect the cause (1), or expect it not (2)? */
static unsigned
test_speaks(const struct pit_test *t, const char *id)
{
	const struct pit_step *s;
	unsigned says = 0;
	size_t i;

	for (i = 0; i < t->step_count; i++) {
		s = &t->steps[i];
		if (s->type == STEP_NONE)
			says |= 2;
		else if (s->type == STEP_FIRST || s->type == STEP_ANY)
			says |= names_id(s, id) ? 1 :
			    s->type == STEP_FIRST ? 2 : 0;
		else if (s->type == STEP_NOT && names_id(s, id))
			says |= 2;
	}
	return (says);
}

static void
lint_tests(const struct catalogue *c, struct errlist *errs)
{
	unsigned *says = mem_zalloc(c->cause_count + 1, sizeof(*says));
	const struct pit_entry *e;
	size_t i;

	for (i = 0; i < c->test_count; i++) {
		e = catalogue_find(c, str_from(c->tests[i].owner));
		if (e != NULL && e->type == ENTRY_CAUSE)
			says[e->index] |= test_speaks(&c->tests[i],
			    c->tests[i].owner);
	}
	for (i = 0; i < c->cause_count; i++) {
		if ((says[i] & 1) == 0)
			complain(errs, c->causes[i].at,
			    "has no test that expects it", c->causes[i].id);
		if ((says[i] & 2) == 0)
			complain(errs, c->causes[i].at,
			    "has no test without it (expect none, not, or "
			    "another one first)", c->causes[i].id);
	}
	free(says);
}

static void
lint_samples(const struct catalogue *c, struct errlist *errs)
{
	const struct signal *s;
	struct record rec;
	struct match match;
	size_t i, k;

	for (i = 0; i < c->signal_count; i++) {
		s = &c->signals[i];
		for (k = 0; k < s->samples.count; k++) {
			memset(&rec, 0, sizeof(rec));
			rec.raw = rec.message = str_from(s->samples.list[k]);
			if (matcher_try(c->matcher, i, &rec, &match) !=
			    MISS_NOTHING)
				complain(errs, s->at,
				    "does not match its own sample", s->id);
		}
	}
}

static void
lint_fixes(const struct catalogue *c, struct errlist *errs)
{
	const struct cause *cause;
	struct buf why;
	size_t i, k;

	for (i = 0; i < c->cause_count; i++) {
		cause = &c->causes[i];
		for (k = 0; k < cause->fix_count; k++) {
			buf_init(&why, 512);
			if (cause->fixes[k].cmd != NULL && say_command_lint(c,
			    cause, cause->fixes[k].cmd, &why) == -1)
				complain(errs, cause->at, buf_cstr(&why),
				    cause->id);
			buf_free(&why);
		}
	}
}

/* How a cause weighs an item, STRENGTHS when it does not name it. */
static enum strength
weight_of(const struct cause *c, size_t item)
{
	size_t i;

	for (i = 0; i < c->link_count; i++)
		if (c->links[i].item == item)
			return (c->links[i].strength);
	return (STRENGTHS);
}

/* 1 when the causes give every item the same weight. */
static int
same_code(const struct cause *a, const struct cause *b)
{
	size_t i;

	if (a->link_count != b->link_count)
		return (0);
	for (i = 0; i < a->link_count; i++)
		if (weight_of(b, a->links[i].item) != a->links[i].strength)
			return (0);
	return (1);
}

void
catalogue_lint(const struct catalogue *c, struct errlist *errs,
    struct buf *pairs)
{
	size_t i, k;

	lint_tests(c, errs);
	lint_samples(c, errs);
	lint_fixes(c, errs);
	for (i = 0; pairs != NULL && i < c->cause_count; i++)
		for (k = i + 1; k < c->cause_count; k++)
			if (same_code(&c->causes[i], &c->causes[k]))
				buf_addf(pairs, "%s and %s: no item tells "
				    "them apart\n", c->causes[i].id,
				    c->causes[k].id);
}
