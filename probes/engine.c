/* SPDX-License-Identifier: ISC */
/*
 * The engine of probes: jobs, their prerequisites, deadlines, schedule.
 * I/O only through the probes it starts. It owns the jobs and their runs;
 * whatever is to be freed is freed from its own timer, never inside a
 * callback of a probe.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/run/loop.h"
#include "probes/engine.h"
#include "probes/probe.h"

enum job_state { JOB_IDLE, JOB_WAITING, JOB_RUNNING };

struct job {
	const struct probe *probe;
	struct engine *engine;
	char *subject, *over, *missing;
	int optional;
	int64_t interval, timeout;
	enum job_state state;

	int has_last;			/* it had a result before */
	enum state last;
	enum reason last_reason;
	const struct probe *root;	/* what failed first, when skipped */

	struct probe_run *run;
	struct timer *timer;		/* of the run's deadline */
	mono_t not_before;		/* at_most_ns */
	mono_t next;			/* when scheduled */
};

/* What a run left for others. */
struct note {
	char *key, *text;
	mono_t when;
};

struct engine {
	struct loop *loop;
	struct note *notes;
	size_t note_count, note_cap;
	const struct site *site;
	struct engine_events on;
	struct job **jobs;
	size_t count, cap, running;
	struct timer *turn;
	mono_t deadline;		/* of engine_run */
	int busy;			/* idle is owed */
	double rate;			/* 0: not scheduled */
	const struct pf_live_log *live_log;	/* borrowed, or NULL */
};

static void turn(void *);

struct engine *
engine_new(struct loop *loop, const struct site *site,
    const struct engine_events *on)
{
	struct engine *e = mem_zalloc(1, sizeof(*e));

	e->loop = loop;
	e->site = site;
	e->on = *on;
	e->deadline = MONO_NONE;
	e->turn = timer_new(loop, turn, e);
	/* a peer that is gone is told by errno */
	(void)signal(SIGPIPE, SIG_IGN);
	return (e);
}

/* Frees the run of a job: the probe's state first. */
static void
end_run(struct job *j)
{
	struct probe_run *r = j->run;

	if (r == NULL)
		return;
	r->finished = 1;
	if (j->probe->stop != NULL)
		j->probe->stop(r);
	else
		free(r->state);
	check_free(&r->check);
	free(r->doing);
	free(r);
	j->run = NULL;
	timer_free(j->timer);
	j->timer = NULL;
	j->engine->running--;
}

static void
free_job(struct job *j)
{
	end_run(j);
	free(j->subject);
	free(j->over);
	free(j->missing);
	free(j);
}

void
engine_free(struct engine *e)
{
	size_t i;

	for (i = 0; i < e->count; i++)
		free_job(e->jobs[i]);
	free(e->jobs);
	for (i = 0; i < e->note_count; i++) {
		free(e->notes[i].key);
		free(e->notes[i].text);
	}
	free(e->notes);
	timer_free(e->turn);
	free(e);
}

static struct note *
find_note(const struct engine *e, const char *key)
{
	size_t i;

	for (i = 0; i < e->note_count; i++)
		if (strcmp(e->notes[i].key, key) == 0)
			return (&e->notes[i]);
	return (NULL);
}

void
probe_remember(struct probe_run *r, const char *key, const char *text)
{
	struct engine *e = ((struct job *)r->owner)->engine;
	struct note *n = find_note(e, key), *list;

	if (n == NULL) {
		list = mem_grow(e->notes, e->note_count, &e->note_cap,
		    sizeof(*list), LIMIT_NOTES);
		if (list == NULL)
			return;
		e->notes = list;
		n = &list[e->note_count++];
		memset(n, 0, sizeof(*n));
		n->key = mem_strdup(key);
	}
	free(n->text);
	n->text = mem_strdup(text);
	n->when = mono_now();
}

const char *
probe_recall(const struct probe_run *r, const char *key, int64_t max_ns)
{
	const struct engine *e = ((struct job *)r->owner)->engine;
	const struct note *n = find_note(e, key);

	if (n == NULL || mono_diff(mono_now(), n->when) > max_ns)
		return (NULL);
	return (n->text);
}

void
engine_live_log(struct engine *e, const struct pf_live_log *log)
{
	e->live_log = log;
}

const struct pf_live_log *
probe_live_log(const struct probe_run *r)
{
	return (((struct job *)r->owner)->engine->live_log);
}

static struct job *
find_job(const struct engine *e, const char *id, struct str subject)
{
	size_t i;

	for (i = 0; i < e->count; i++)
		if (strcmp(e->jobs[i]->probe->id, id) == 0 &&
		    str_eqs(subject, e->jobs[i]->subject))
			return (e->jobs[i]);
	return (NULL);
}

/* Adds one job; 1, or 0 when it is there or there are too many. */
static size_t
add_job(struct engine *e, const struct probe *p, const struct subject *s,
    const char *missing)
{
	const char *name = s == NULL ? "" : s->name;
	struct job **jobs, *j;

	if (find_job(e, p->id, str_from(name)) != NULL)
		return (0);
	jobs = mem_grow(e->jobs, e->count, &e->cap, sizeof(*jobs), LIMIT_JOBS);
	if (jobs == NULL)
		return (0);
	e->jobs = jobs;
	j = mem_zalloc(1, sizeof(*j));
	j->probe = p;
	j->engine = e;
	j->subject = mem_strdup(name);
	if (s != NULL && s->over != NULL)
		j->over = mem_strdup(s->over);
	if (missing != NULL)
		j->missing = mem_strdup(missing);
	j->optional = s != NULL && s->optional;
	j->interval = p->interval_ns;
	j->timeout = p->timeout_ns;
	j->not_before = j->next = MONO_NONE;
	e->jobs[e->count++] = j;
	return (1);
}

size_t
engine_add(struct engine *e, const struct probe *p, const char *subject)
{
	struct subject named = { NULL, NULL, 0 };
	struct subjects s;
	size_t i, added = 0, found = 0;

	memset(&s, 0, sizeof(s));
	if (p->subjects == NULL)
		subject_add(&s, "", NULL);
	else
		p->subjects(e->site, &s);
	for (i = 0; i < s.count; i++)
		if (subject == NULL ||
		    strcmp(s.list[i].name, subject) == 0) {
			added += add_job(e, p, &s.list[i], NULL);
			found++;
		}
	if (found == 0 && subject != NULL) {
		/* not one of the site's, but asked for by name */
		named.name = mem_strdup(subject);
		added = add_job(e, p, &named, NULL);
		free(named.name);
	} else if (found == 0 && !p->only_configured)
		added = add_job(e, p, NULL, s.missing == NULL ?
		    "nothing of the kind is configured" : s.missing);
	subjects_free(&s);
	return (added);
}

size_t
engine_add_group(struct engine *e, const char *group)
{
	const struct probe *p;
	size_t i, added = 0;

	for (i = 0; (p = probe_table[i]) != NULL; i++)
		if ((group == NULL || strcmp(group, p->group) == 0) &&
		    probe_runs_on(p, e->site->roles))
			added += engine_add(e, p, NULL);
	return (added);
}

/* Adds the probe `id` for the one subject, when the site has it so. */
static size_t
add_need(struct engine *e, const char *id, struct str subject)
{
	const struct probe *p = probe_find(id);
	struct subjects s;
	size_t i, added = 0;

	if (p == NULL || !probe_runs_on(p, e->site->roles))
		return (0);
	memset(&s, 0, sizeof(s));
	if (p->subjects != NULL)
		p->subjects(e->site, &s);
	for (i = 0; i < s.count; i++)
		if (str_eqs(subject, s.list[i].name))
			added += add_job(e, p, &s.list[i], NULL);
	subjects_free(&s);
	return (added);
}

/* The subjects that a job's prerequisites are looked for under. */
static struct str
over_of(const struct job *j)
{
	return (str_from(j->over != NULL ? j->over : j->subject));
}

size_t
engine_add_needs(struct engine *e)
{
	const char *const *need;
	size_t i, n, added = 0;
	struct str list;

	/* e->count grows on the way: needs of needs are added too */
	for (i = 0; i < e->count; i++)
		for (n = 0; n < PROBE_NEEDS; n++) {
			need = &e->jobs[i]->probe->needs[n];
			list = over_of(e->jobs[i]);
			while (*need != NULL && list.n > 0)
				added += add_need(e, *need,
				    str_split(&list, '\n'));
		}
	return (added);
}

size_t
engine_count(const struct engine *e)
{
	return (e->count);
}

void
engine_tune(struct engine *e, const char *id, int64_t interval_ns,
    int64_t timeout_ns, int off)
{
	size_t i, kept = 0;
	struct job *j;

	for (i = 0; i < e->count; i++) {
		j = e->jobs[i];
		if (strcmp(j->probe->id, id) == 0) {
			if (interval_ns > 0)
				j->interval = interval_ns;
			if (timeout_ns > 0)
				j->timeout = timeout_ns;
			if (off) {
				free_job(j);
				continue;
			}
		}
		e->jobs[kept++] = j;
	}
	e->count = kept;
}

/* Hands a result over; the check is the callee's. */
static void
deliver(struct job *j, struct check *c)
{
	j->state = JOB_IDLE;
	j->has_last = 1;
	j->last = c->state;
	j->last_reason = c->reason;
	j->engine->on.finished(c, j->engine->on.arg);
}

/* A result without a run. */
static void
deliver_without(struct job *j, enum state state, enum reason reason,
    const char *because, const char *summary)
{
	struct check c;

	check_init(&c, j->probe->id, j->probe->group, j->subject);
	c.when = wall_now();
	c.required = !j->optional &&
	    (j->probe->required & j->engine->site->roles) != 0;
	check_result(&c, state, j->probe->layer, reason, "%s", summary);
	if (because != NULL)
		c.because = mem_strdup(because);
	deliver(j, &c);
}

/* The prerequisite that stands in the way of a job: still to come (*wait)
 * or failed; NULL when none does. */
static struct job *
hindrance(const struct engine *e, const struct job *j, int *wait)
{
	struct str list, over;
	struct job *need, *failed = NULL;
	size_t n;

	*wait = 0;
	for (n = 0; n < PROBE_NEEDS && j->probe->needs[n] != NULL; n++)
		for (list = over_of(j); list.n > 0;) {
			over = str_split(&list, '\n');
			need = find_job(e, j->probe->needs[n], over);
			if (need == NULL || need == j)
				continue;
			if (need->state != JOB_IDLE) {
				*wait = 1;
				return (need);
			}
			if (need->has_last && failed == NULL &&
			    (need->last == STATE_FAIL ||
			    need->last == STATE_SKIPPED))
				failed = need;
		}
	return (failed);
}

static void
skip(struct job *j, const struct job *failed)
{
	const char *subject;
	char *text;

	j->root = failed->last == STATE_SKIPPED && failed->root != NULL ?
	    failed->root : failed->probe;
	subject = failed->last == STATE_SKIPPED ? "" : failed->subject;
	text = mem_printf("not tried: %s%s%s failed (%s)", j->root->id,
	    subject[0] == '\0' ? "" : " ", subject,
	    reason_text(failed->last_reason));
	deliver_without(j, STATE_SKIPPED, failed->last_reason, j->root->id,
	    text);
	free(text);
}

/* The run says that it is over: free it from the loop. */
static void
run_done(struct probe_run *r)
{
	struct job *j = r->owner;

	timer_in(j->engine->turn, 0);
}

/* The run's deadline. */
static void
too_late(void *arg)
{
	struct job *j = arg;
	struct probe_run *r = j->run;

	if (r->finished)
		return;
	if (j->probe->late != NULL)
		j->probe->late(r);
	probe_fail(r, REASON_TIMEOUT, "no answer within %.3gs while %s",
	    mono_seconds(r->begun, mono_now()),
	    r->doing == NULL ? "starting" : r->doing);
}

static void
start_run(struct job *j, mono_t now)
{
	struct engine *e = j->engine;
	struct probe_run *r = mem_zalloc(1, sizeof(*r));

	r->probe = j->probe;
	r->site = e->site;
	r->loop = e->loop;
	r->subject = j->subject;
	r->begun = now;
	r->layer = j->probe->layer;
	r->deadline = mono_add(now, j->timeout);
	if (e->deadline.ns != MONO_NONE.ns &&
	    mono_before(e->deadline, r->deadline))
		r->deadline = e->deadline;
	r->done = run_done;
	r->owner = j;
	check_init(&r->check, j->probe->id, j->probe->group, j->subject);
	r->check.when = wall_now();
	r->check.required = !j->optional &&
	    (j->probe->required & e->site->roles) != 0;
	j->run = r;
	j->state = JOB_RUNNING;
	j->not_before = mono_add(now, j->probe->at_most_ns);
	j->timer = timer_new(e->loop, too_late, j);
	timer_at(j->timer, r->deadline);
	e->running++;
	if (e->on.started != NULL)
		e->on.started(j->probe, j->subject, e->on.arg);
	j->probe->start(r);
}

/* Delivers the runs that are over. */
static void
collect(struct engine *e)
{
	struct check c;
	struct job *j;
	size_t i;

	for (i = 0; i < e->count; i++) {
		j = e->jobs[i];
		if (j->run == NULL || !j->run->finished)
			continue;
		c = j->run->check;
		check_init(&j->run->check, j->probe->id, j->probe->group, "");
		end_run(j);
		deliver(j, &c);
	}
}

/* It ran so lately that it must not run yet. */
static int
is_held_back(const struct job *j, mono_t now)
{
	return (j->not_before.ns != MONO_NONE.ns &&
	    mono_before(now, j->not_before));
}

/*
 * Starts one waiting job, or skips it. 1 when it is not waiting any more;
 * *wake becomes the moment to look again, when that is known.
 */
static int
advance(struct engine *e, struct job *j, mono_t now, mono_t *wake)
{
	struct job *other;
	int wait;

	if (j->missing != NULL) {
		deliver_without(j, STATE_NOT_APPLICABLE, REASON_OK, NULL,
		    j->missing);
		return (1);
	}
	if (e->deadline.ns != MONO_NONE.ns && !mono_before(now, e->deadline)) {
		if (j->has_last && is_held_back(j, now)) {
			/* what it said last still stands */
			j->state = JOB_IDLE;
			return (1);
		}
		deliver_without(j, STATE_UNKNOWN, REASON_TIMEOUT, NULL,
		    "not tried before the deadline of the whole run");
		return (1);
	}
	other = hindrance(e, j, &wait);
	if (wait || e->running >= LIMIT_RUNS_AT_ONCE)
		return (0);
	if (other != NULL) {
		skip(j, other);
		return (1);
	}
	if (is_held_back(j, now)) {
		if (wake->ns == MONO_NONE.ns ||
		    mono_before(j->not_before, *wake))
			*wake = j->not_before;
		return (0);
	}
	start_run(j, now);
	return (1);
}

/*
 * The interval of a job with up to a tenth of jitter either way. The agents
 * of several hosts run what has a floor; together they must not look like
 * one program that comes and goes, hence two and a half times the floor.
 */
static int64_t
interval(const struct engine *e, const struct job *j)
{
	int64_t ns = (int64_t)((double)j->interval / e->rate);
	double part = (double)arc4random_uniform(2001) / 10000.0 - 0.1;

	ns += (int64_t)((double)ns * part);
	if (ns < j->probe->at_most_ns * 5 / 2)
		ns = j->probe->at_most_ns * 5 / 2;
	return (ns);
}

int64_t
engine_interval(const struct engine *e, const char *id)
{
	const struct job *j;
	int64_t ns;
	size_t i;

	for (i = 0; i < e->count; i++) {
		j = e->jobs[i];
		if (strcmp(j->probe->id, id) != 0 || e->rate <= 0)
			continue;
		ns = (int64_t)((double)j->interval / e->rate);
		return (ns > j->probe->at_most_ns * 5 / 2 ? ns :
		    j->probe->at_most_ns * 5 / 2);
	}
	return (0);
}

/* Makes the jobs that are due wait for their turn; the next moment. */
static void
schedule(struct engine *e, mono_t now, mono_t *wake)
{
	struct job *j;
	size_t i;

	for (i = 0; i < e->count; i++) {
		j = e->jobs[i];
		if (!mono_before(now, j->next)) {
			if (j->state == JOB_IDLE)
				j->state = JOB_WAITING;
			j->next = mono_add(now, interval(e, j));
		}
		if (wake->ns == MONO_NONE.ns || mono_before(j->next, *wake))
			*wake = j->next;
	}
}

static void
turn(void *arg)
{
	struct engine *e = arg;
	mono_t now, wake = MONO_NONE;
	size_t i, waiting;
	int again;

	collect(e);
	now = mono_now();
	if (e->rate > 0)
		schedule(e, now, &wake);
	do {
		again = 0;
		waiting = 0;
		for (i = 0; i < e->count; i++) {
			if (e->jobs[i]->state != JOB_WAITING)
				continue;
			/* a skipped one may let another be skipped */
			if (!advance(e, e->jobs[i], now, &wake))
				waiting++;
			else if (e->jobs[i]->state == JOB_IDLE)
				again = 1;
		}
	} while (again && waiting > 0);
	if (waiting > 0 && e->deadline.ns != MONO_NONE.ns &&
	    (wake.ns == MONO_NONE.ns || mono_before(e->deadline, wake)))
		wake = e->deadline;
	if (e->busy && waiting == 0 && e->running == 0) {
		e->busy = 0;
		if (e->on.idle != NULL)
			e->on.idle(e->on.arg);
		return;
	}
	/* a run that was over at once has asked for a turn already */
	for (i = 0; i < e->count; i++)
		if (e->jobs[i]->run != NULL && e->jobs[i]->run->finished) {
			timer_in(e->turn, 0);
			return;
		}
	if (wake.ns != MONO_NONE.ns)
		timer_at(e->turn, wake);
}

void
engine_run(struct engine *e, mono_t deadline)
{
	size_t i;

	e->deadline = deadline;
	for (i = 0; i < e->count; i++)
		if (e->jobs[i]->state == JOB_IDLE)
			e->jobs[i]->state = JOB_WAITING;
	e->busy = 1;
	timer_in(e->turn, 0);
}

size_t
engine_again(struct engine *e, unsigned states, mono_t deadline)
{
	mono_t now = mono_now();
	size_t i, n = 0;
	struct job *j;

	e->deadline = deadline;
	for (i = 0; i < e->count; i++) {
		j = e->jobs[i];
		if (j->state != JOB_IDLE || !j->has_last ||
		    ((states & (1U << j->last)) == 0 &&
		    j->last != STATE_SKIPPED))
			continue;
		n++;
		/* what must not run yet keeps its result in this round */
		if (!is_held_back(j, now))
			j->state = JOB_WAITING;
	}
	if (n == 0)
		return (0);
	e->busy = 1;
	timer_in(e->turn, 0);
	return (n);
}

/* How many prerequisites deep a probe is. */
static int
depth(const struct probe *p, int level)
{
	const struct probe *need;
	int n, d, most = 0;

	for (n = 0; level < 8 && n < PROBE_NEEDS && p->needs[n] != NULL; n++) {
		need = probe_find(p->needs[n]);
		d = need == NULL ? 0 : 1 + depth(need, level + 1);
		if (d > most)
			most = d;
	}
	return (most);
}

void
engine_schedule(struct engine *e, double rate)
{
	mono_t now = mono_now();
	size_t i;

	e->rate = rate;
	e->deadline = MONO_NONE;
	for (i = 0; i < e->count; i++)
		e->jobs[i]->next = mono_add(now,
		    (int64_t)depth(e->jobs[i]->probe, 0) * 2 * NS_PER_SEC +
		    (int64_t)arc4random_uniform(2000) * NS_PER_MS);
	timer_in(e->turn, 0);
}

int
engine_run_one(struct engine *e, const char *id, const char *subject)
{
	struct job *j = find_job(e, id, str_from(subject));

	if (j == NULL)
		return (-1);
	if (j->state == JOB_IDLE)
		j->state = JOB_WAITING;
	timer_in(e->turn, 0);
	return (0);
}
