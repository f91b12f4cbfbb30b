/* SPDX-License-Identifier: ISC */
/*
 * The engine: would catch a dependent that runs although its prerequisite
 * failed, an innocent that is skipped, a result told twice or never, a run
 * that outlives its deadline, a rate limit that does not hold, and (under
 * the sanitizer) whatever is not freed when runs are cut short.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "agent/run/loop.h"
#include "probes/engine.h"
#include "probes/probe.h"
#include "tests/kit/check.h"

/* What the dummies do and what was told. */
struct seen {
	struct loop *loop;
	struct check list[64];
	size_t count, idle;
};

static void
finished(struct check *c, void *arg)
{
	struct seen *s = arg;

	if (s->count < 64)
		s->list[s->count++] = *c;
	else
		check_free(c);
}

static void
idle(void *arg)
{
	struct seen *s = arg;

	s->idle++;
	loop_stop(s->loop);
}

static const struct check *
find(const struct seen *s, const char *id)
{
	size_t i;

	for (i = s->count; i-- > 0;)
		if (strcmp(s->list[i].id, id) == 0)
			return (&s->list[i]);
	return (NULL);
}

static size_t
count(const struct seen *s, const char *id)
{
	size_t i, n = 0;

	for (i = 0; i < s->count; i++)
		n += strcmp(s->list[i].id, id) == 0;
	return (n);
}

static void
forget(struct seen *s)
{
	size_t i;

	for (i = 0; i < s->count; i++)
		check_free(&s->list[i]);
	s->count = s->idle = 0;
}

/* A dummy's own state: a timer, freed by stop. */
struct own {
	struct timer *timer;
};

static void
stop(struct probe_run *r)
{
	struct own *o = r->state;

	if (o == NULL)
		return;
	timer_free(o->timer);
	free(o);
}

static void
pass(void *arg)
{
	struct probe_run *r = arg;

	probe_end(r, STATE_PASS, REASON_OK, "fine");
	/* a second end must not count */
	probe_fail(r, REASON_RESET, "too late to say so");
}

static void
wait_then(struct probe_run *r, void (*cb)(void *), int64_t ns)
{
	struct own *o = mem_zalloc(1, sizeof(*o));

	r->state = o;
	o->timer = timer_new(r->loop, cb, r);
	timer_in(o->timer, ns);
}

static void
start_pass(struct probe_run *r)
{
	probe_phase(r, "work", LAYER_NET, "working");
	wait_then(r, pass, 5 * NS_PER_MS);
}

static void
start_fail(struct probe_run *r)
{
	probe_fail(r, REASON_REFUSED, "refused at once");
}

static void
start_hang(struct probe_run *r)
{
	probe_phase(r, "work", LAYER_TLS, "waiting for Godot");
	wait_then(r, pass, 3600 * NS_PER_SEC);
}

static void
late(struct probe_run *r)
{
	probe_fail(r, REASON_NO_ANSWER, "silence proves nothing");
}

static void
no_subject(const struct site *site, struct subjects *s)
{
	(void)site;
	subject_missing(s, "the thing is not known");
}

static void
one_subject(const struct site *site, struct subjects *s)
{
	(void)site;
	subject_add(s, "b", "a\nc");
}

#define ROW(row_id, row_start) .id = row_id, .group = "t", \
	.layer = LAYER_HOST, .interval_ns = 20 * NS_PER_MS, \
	.timeout_ns = 100 * NS_PER_MS, .start = row_start, .stop = stop

static const struct probe good = { ROW("good", start_pass) };
static const struct probe bad = { ROW("bad", start_fail) };
static const struct probe hung = { ROW("hung", start_hang) };
static const struct probe quiet = { ROW("quiet", start_hang),
	.late = late };
static const struct probe needs_bad = { ROW("needs.bad", start_pass),
	.needs = { "good", "bad" } };
static const struct probe needs_skipped = { ROW("needs.skipped", start_pass),
	.needs = { "needs.bad" } };
static const struct probe needs_good = { ROW("needs.good", start_pass),
	.needs = { "good" }, .required = ROLE_BIT(ROLE_WEB) };
static const struct probe nothing = { ROW("nothing", start_pass),
	.subjects = no_subject };
static const struct probe silent = { ROW("silent", start_pass),
	.subjects = no_subject, .only_configured = 1 };
static const struct probe over = { ROW("over", start_pass),
	.subjects = one_subject, .needs = { "bad" } };
static const struct probe rare = { ROW("rare", start_pass),
	.at_most_ns = 400 * NS_PER_MS };

static void
start_leaver(struct probe_run *r)
{
	probe_remember(r, "key", "old");
	probe_remember(r, "key", "what I saw");
	probe_end(r, STATE_PASS, REASON_OK, "left");
}

static void
start_finder(struct probe_run *r)
{
	const char *note = probe_recall(r, "key", NS_PER_SEC * 60);
	int ok = note != NULL && strcmp(note, "what I saw") == 0 &&
	    probe_recall(r, "key", -1) == NULL &&
	    probe_recall(r, "no such key", NS_PER_SEC) == NULL;

	probe_end(r, ok ? STATE_PASS : STATE_FAIL, REASON_OK, "looked");
}

static const struct probe leaver = { ROW("leaver", start_leaver) };
static const struct probe finder = { ROW("finder", start_finder),
	.needs = { "leaver" } };

struct fixture {
	struct seen seen;
	struct site site;
	struct engine *engine;
};

static void
set_up(struct fixture *f)
{
	struct engine_events on = { NULL, finished, idle, &f->seen };

	memset(f, 0, sizeof(*f));
	site_init(&f->site);
	f->site.roles = ROLE_BIT(ROLE_WEB);
	f->seen.loop = loop_new();
	f->engine = engine_new(f->seen.loop, &f->site, &on);
}

static void
tear_down(struct fixture *f)
{
	engine_free(f->engine);
	loop_free(f->seen.loop);
	site_free(&f->site);
	forget(&f->seen);
}

static void
run(struct fixture *f)
{
	engine_run(f->engine, MONO_NONE);
	loop_run(f->seen.loop);
}

static void
test_prerequisites(void)
{
	struct fixture f;
	const struct check *c;

	set_up(&f);
	/* dependents first: order of adding must not matter */
	engine_add(f.engine, &needs_skipped, "a");
	engine_add(f.engine, &needs_bad, "a");
	engine_add(f.engine, &needs_good, "a");
	engine_add(f.engine, &good, "a");
	engine_add(f.engine, &bad, "a");
	CHECK_INT(engine_add(f.engine, &bad, "a"), 0,
	    "a job is not added twice");
	run(&f);
	CHECK_INT(f.seen.count, 5, "every job has one result");
	CHECK_INT(f.seen.idle, 1, "idle comes once");
	c = find(&f.seen, "needs.bad");
	CHECK(c != NULL && c->state == STATE_SKIPPED,
	    "a dependent of a failed probe is skipped");
	CHECK_STR(c->because, "bad", "it says because of what");
	c = find(&f.seen, "needs.skipped");
	CHECK(c != NULL && c->state == STATE_SKIPPED,
	    "and so is a dependent of that one");
	CHECK_STR(c->because, "bad", "which names what failed first");
	c = find(&f.seen, "needs.good");
	CHECK(c != NULL && c->state == STATE_PASS,
	    "another dependent runs all the same");
	CHECK(c->required, "required for this host's role");
	CHECK(!find(&f.seen, "good")->required, "and not what is not");
	tear_down(&f);
}

static void
test_over(void)
{
	struct fixture f;

	set_up(&f);
	engine_add(f.engine, &over, NULL);
	engine_add(f.engine, &bad, "c");
	run(&f);
	CHECK_INT(find(&f.seen, "over")->state, STATE_SKIPPED,
	    "a prerequisite is found under any of the subjects it goes over");
	tear_down(&f);
	set_up(&f);
	engine_add(f.engine, &over, NULL);
	engine_add(f.engine, &bad, "b");
	run(&f);
	CHECK_INT(find(&f.seen, "over")->state, STATE_PASS,
	    "and not under another one's");
	tear_down(&f);
}

static void
test_deadlines(void)
{
	struct fixture f;
	const struct check *c;
	mono_t begun = mono_now();

	set_up(&f);
	engine_add(f.engine, &hung, "a");
	engine_add(f.engine, &quiet, "a");
	engine_add(f.engine, &good, "a");
	run(&f);
	CHECK(mono_seconds(begun, mono_now()) < 2.0,
	    "a probe that hangs ends at its deadline");
	c = find(&f.seen, "hung");
	CHECK_INT(c->state, STATE_FAIL, "as failed");
	CHECK_INT(c->reason, REASON_TIMEOUT, "with reason timeout");
	CHECK_INT(c->layer, LAYER_TLS, "in the layer of its phase");
	CHECK(strstr(c->summary, "Godot") != NULL,
	    "and says what it was doing");
	CHECK(c->phase_count == 1 && c->phases[0].seconds > 0.09,
	    "the phase has its time");
	c = find(&f.seen, "quiet");
	CHECK_INT(c->state, STATE_UNKNOWN, "a probe may judge silence itself");
	CHECK_INT(c->reason, REASON_NO_ANSWER, "as proof of nothing");
	c = find(&f.seen, "good");
	CHECK_INT(c->state, STATE_PASS, "the others are not delayed");
	CHECK_STR(c->summary, "fine", "the first end counts, not the second");
	tear_down(&f);
}

static void
test_whole_deadline(void)
{
	struct fixture f;
	const struct check *c;

	set_up(&f);
	engine_add(f.engine, &hung, "a");
	engine_tune(f.engine, "hung", 0, 10 * NS_PER_SEC, 0);
	engine_run(f.engine, mono_add(mono_now(), 50 * NS_PER_MS));
	loop_run(f.seen.loop);
	c = find(&f.seen, "hung");
	CHECK(c != NULL && c->reason == REASON_TIMEOUT && c->duration < 5,
	    "the deadline of the whole run ends a run");
	tear_down(&f);
}

static void
test_nothing_there(void)
{
	struct fixture f;
	const struct check *c;

	set_up(&f);
	CHECK_INT(engine_add(f.engine, &silent, NULL), 0,
	    "what is not configured may have no job at all");
	engine_add(f.engine, &nothing, NULL);
	run(&f);
	c = find(&f.seen, "nothing");
	CHECK(c != NULL && c->state == STATE_NOT_APPLICABLE,
	    "a probe without a subject is not applicable");
	CHECK_STR(c->summary, "the thing is not known",
	    "and says what is missing");
	tear_down(&f);
}

static void
test_again(void)
{
	struct fixture f;

	set_up(&f);
	engine_add(f.engine, &good, "a");
	engine_add(f.engine, &bad, "a");
	engine_add(f.engine, &needs_bad, "a");
	run(&f);
	forget(&f.seen);
	CHECK_INT(engine_again(f.engine, 1U << STATE_FAIL, MONO_NONE), 2,
	    "what failed and what was skipped for it is tried again");
	loop_run(f.seen.loop);
	CHECK_INT(f.seen.count, 2, "and nothing else");
	CHECK_INT(engine_again(f.engine, 1U << STATE_UNKNOWN, MONO_NONE), 1,
	    "the skipped one in any case");
	loop_run(f.seen.loop);
	tear_down(&f);
}

static const struct probe rare_bad = { ROW("rare.bad", start_fail),
	.at_most_ns = 3600 * NS_PER_SEC };

static void
test_held_back(void)
{
	struct fixture f;

	set_up(&f);
	engine_add(f.engine, &rare_bad, "a");
	engine_add(f.engine, &bad, "a");
	run(&f);
	forget(&f.seen);
	CHECK_INT(engine_again(f.engine, 1U << STATE_FAIL, MONO_NONE), 2,
	    "both are not well");
	loop_run(f.seen.loop);
	CHECK_INT(count(&f.seen, "bad"), 1, "one is tried again");
	CHECK_INT(count(&f.seen, "rare.bad"), 0,
	    "the one with a floor is not, and does not hold up the round");
	CHECK_INT(f.seen.idle, 1, "which ends");
	tear_down(&f);
}

static void
test_notes(void)
{
	struct fixture f;

	set_up(&f);
	engine_add(f.engine, &leaver, "a");
	engine_add(f.engine, &finder, "a");
	run(&f);
	CHECK_INT(find(&f.seen, "finder")->state, STATE_PASS,
	    "what one run leaves, another finds while it is young");
	tear_down(&f);
}

static void
test_cut_short(void)
{
	struct fixture f;

	set_up(&f);
	engine_add(f.engine, &hung, "a");
	engine_add(f.engine, &good, "a");
	engine_run(f.engine, MONO_NONE);
	loop_poll(f.seen.loop);
	CHECK_INT(count(&f.seen, "hung"), 0, "a run is in progress");
	/* the sanitizer tells when this leaves something */
	tear_down(&f);
	CHECK(1, "an engine with runs in progress can be freed");
}

static void
stop_loop(void *arg)
{
	loop_stop(arg);
}

static void
test_schedule(void)
{
	struct fixture f;
	struct timer *end;

	set_up(&f);
	engine_add(f.engine, &good, "a");
	engine_add(f.engine, &rare, "a");
	engine_schedule(f.engine, 1);
	end = timer_new(f.seen.loop, stop_loop, f.seen.loop);
	timer_in(end, 5000 * NS_PER_MS);
	loop_run(f.seen.loop);
	CHECK(count(&f.seen, "good") >= 5, "a probe runs at its interval");
	CHECK(count(&f.seen, "rare") >= 1 && count(&f.seen, "rare") <= 13,
	    "a rate limit holds whatever the interval is");
	timer_free(end);
	tear_down(&f);
}

static void
test_table(void)
{
	const struct probe *p, *need;
	size_t i, n;

	for (i = 0; (p = probe_table[i]) != NULL; i++) {
		CHECK(probe_find(p->id) == p, "%s stands in the table once",
		    p->id);
		CHECK(p->start != NULL && p->timeout_ns > 0 &&
		    p->interval_ns > 0 && p->sentence != NULL,
		    "%s has all that a row must have", p->id);
		for (n = 0; n < PROBE_NEEDS && p->needs[n] != NULL; n++) {
			need = probe_find(p->needs[n]);
			CHECK(need != NULL && need != p,
			    "%s needs a probe that exists", p->id);
		}
	}
	p = probe_find("xmpp.login");
	CHECK(p != NULL && p->at_most_ns >= 60 * NS_PER_SEC,
	    "xmpp.login runs at most once a minute");
	CHECK(!probe_find("udp.reach")->required &&
	    !probe_find("stun.mapped")->required &&
	    !probe_find("media.flow")->required,
	    "what proves nothing by silence is never required");
}

int
main(void)
{
	test_prerequisites();
	test_over();
	test_deadlines();
	test_whole_deadline();
	test_nothing_there();
	test_again();
	test_held_back();
	test_notes();
	test_cut_short();
	test_schedule();
	test_table();
	return (check_end());
}
