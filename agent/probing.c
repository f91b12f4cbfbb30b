/* SPDX-License-Identifier: ISC */
/*
 * Runs probes for a command, with patience and progress. I/O.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/conf.h"
#include "agent/probing.h"
#include "agent/run/loop.h"
#include "probes/engine.h"
#include "probes/probe.h"

/* Between two rounds while something is not well. */
#define ROUND_PAUSE (3 * NS_PER_SEC)
/* States that patience may mend. */
#define NOT_WELL (1U << STATE_FAIL | 1U << STATE_UNKNOWN)

struct round {
	const struct probing *probing;
	struct checks *checks;
	struct loop *loop;
	struct engine *engine;
	struct timer *pause;
	mono_t patience;	/* until then it is tried again */
	size_t finished, total;
	int rounds;
};

static void
clear_line(const struct round *r)
{
	if (r->probing->progress)
		fputs("\r\033[K", stderr);
}

static void
started(const struct probe *p, const char *subject, void *arg)
{
	struct round *r = arg;

	if (!r->probing->progress)
		return;
	clear_line(r);
	fprintf(stderr, "%zu of %zu  %s %.40s", r->finished, r->total, p->id,
	    subject);
	fflush(stderr);
}

/* Puts a check in the place of its older result, or at the end. */
static void
finished(struct check *check, void *arg)
{
	struct round *r = arg;
	struct checks *l = r->checks;
	struct check *list;
	size_t i;

	r->finished++;
	for (i = 0; i < l->count; i++) {
		if (strcmp(l->list[i].id, check->id) != 0 ||
		    strcmp(l->list[i].subject, check->subject) != 0)
			continue;
		check_free(&l->list[i]);
		l->list[i] = *check;
		return;
	}
	list = mem_grow(l->list, l->count, &l->cap, sizeof(*list),
	    LIMIT_CHECKS);
	if (list == NULL) {
		check_free(check);
		return;
	}
	l->list = list;
	list[l->count++] = *check;
}

/* How many required checks are not well now. */
static size_t
not_well(const struct checks *l)
{
	size_t i, n = 0;

	for (i = 0; i < l->count; i++)
		n += l->list[i].required &&
		    (NOT_WELL & 1U << l->list[i].state) != 0;
	return (n);
}

static void
idle(void *arg)
{
	struct round *r = arg;
	mono_t now = mono_now();
	size_t bad = not_well(r->checks);
	int64_t left = mono_diff(r->patience, now);

	clear_line(r);
	if (bad == 0 || left <= ROUND_PAUSE) {
		loop_stop(r->loop);
		return;
	}
	if (r->probing->progress) {
		fprintf(stderr, "%zu not well yet; trying again, up to %lld s "
		    "more", bad, (long long)(left / NS_PER_SEC));
		fflush(stderr);
	}
	timer_in(r->pause, ROUND_PAUSE);
}

static void
again(void *arg)
{
	struct round *r = arg;

	r->finished = 0;
	r->total = engine_again(r->engine, NOT_WELL, r->probing->deadline);
	if (r->total == 0)
		loop_stop(r->loop);
}

static int
is_off(const struct conf *c, const char *id)
{
	size_t i;

	for (i = 0; c != NULL && i < c->probes.count; i++)
		if (c->probes.list[i].off &&
		    strcmp(c->probes.list[i].id, id) == 0)
			return (1);
	return (0);
}

/* Adds the probes of a group, or of all groups, that are not off. */
static void
add_group(struct round *r, const char *group)
{
	const struct probe *const *p;

	for (p = probe_table; *p != NULL; p++) {
		if (group != NULL && strcmp((*p)->group, group) != 0)
			continue;
		if (probe_runs_on(*p, r->probing->site->roles) &&
		    !is_off(r->probing->conf, (*p)->id))
			(void)engine_add(r->engine, *p, NULL);
	}
}

static int
place(const struct check *c)
{
	int i;

	for (i = 0; probe_table[i] != NULL; i++)
		if (strcmp(probe_table[i]->id, c->id) == 0)
			break;
	return (i);
}

static int
compare(const void *a, const void *b)
{
	const struct check *x = a, *y = b;
	int d = place(x) - place(y);

	return (d != 0 ? d : strcmp(x->subject, y->subject));
}

void
probing_run(const struct probing *p, struct checks *checks)
{
	struct round r = { .probing = p, .checks = checks };
	struct engine_events on = { started, finished, idle, &r };
	size_t i;

	memset(checks, 0, sizeof(*checks));
	r.loop = loop_new();
	r.engine = engine_new(r.loop, p->site, &on);
	r.pause = timer_new(r.loop, again, &r);
	r.patience = mono_add(mono_now(), p->wait_ns);
	if (mono_before(p->deadline, r.patience))
		r.patience = p->deadline;
	for (i = 0; i < p->group_count; i++)
		add_group(&r, p->groups[i]);
	if (p->group_count == 0)
		add_group(&r, NULL);
	else
		(void)engine_add_needs(r.engine);
	for (i = 0; p->conf != NULL && i < p->conf->probes.count; i++)
		engine_tune(r.engine, p->conf->probes.list[i].id, 0,
		    p->conf->probes.list[i].timeout_ns, 0);
	r.total = engine_count(r.engine);
	if (r.total > 0) {
		engine_run(r.engine, p->deadline);
		loop_run(r.loop);
	}
	clear_line(&r);
	timer_free(r.pause);
	engine_free(r.engine);
	loop_free(r.loop);
	if (checks->count > 1)
		qsort(checks->list, checks->count, sizeof(*checks->list),
		    compare);
}

void
checks_free(struct checks *l)
{
	size_t i;

	for (i = 0; i < l->count; i++)
		check_free(&l->list[i]);
	free(l->list);
	memset(l, 0, sizeof(*l));
}
