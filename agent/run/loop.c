/* SPDX-License-Identifier: ISC */
/*
 * The event loop on libevent's 1.4 interface, which OpenBSD's base and
 * libevent 2 both have. I/O. The only file that includes event.h.
 */
#include <sys/types.h>
#include <sys/queue.h>
#include <sys/time.h>

#include <stdlib.h>
#include <unistd.h>

#include <event.h>

#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/run/loop.h"

struct deferred {
	TAILQ_ENTRY(deferred) entry;
	void (*cb)(void *);
	void *arg;
};

struct watched_signal {
	SLIST_ENTRY(watched_signal) entry;
	struct event ev;
	void (*cb)(int, void *);
	void *arg;
};

struct loop {
	struct event_base *base;
	struct event deferral;	/* a zero timer while calls are deferred */
	TAILQ_HEAD(deferred_head, deferred) deferred;
	SLIST_HEAD(watched_head, watched_signal) signals;
};

struct io {
	struct loop *loop;
	struct event ev;
	int fd;
	int events;
	void (*cb)(int, int, void *);
	void *arg;
};

struct timer {
	struct event ev;
	void (*cb)(void *);
	void *arg;
};

/* Runs the calls deferred so far; those deferred meanwhile come next turn. */
static void
run_deferred(int fd, short what, void *arg)
{
	struct loop *l = arg;
	struct deferred *d, *last;

	(void)fd;
	(void)what;
	last = TAILQ_LAST(&l->deferred, deferred_head);
	do {
		d = TAILQ_FIRST(&l->deferred);
		if (d == NULL)
			break;
		TAILQ_REMOVE(&l->deferred, d, entry);
		d->cb(d->arg);
		if (d == last)
			last = NULL;
		free(d);
	} while (last != NULL);
	if (!TAILQ_EMPTY(&l->deferred)) {
		struct timeval now = { 0, 0 };

		evtimer_add(&l->deferral, &now);
	}
}

struct loop *
loop_new(void)
{
	struct loop *l = mem_zalloc(1, sizeof(*l));

	l->base = event_base_new();
	if (l->base == NULL)
		fatal("event_base_new");
	TAILQ_INIT(&l->deferred);
	SLIST_INIT(&l->signals);
	evtimer_set(&l->deferral, run_deferred, l);
	event_base_set(l->base, &l->deferral);
	return (l);
}

void
loop_free(struct loop *l)
{
	struct watched_signal *s;
	struct deferred *d;

	while ((s = SLIST_FIRST(&l->signals)) != NULL) {
		SLIST_REMOVE_HEAD(&l->signals, entry);
		signal_del(&s->ev);
		free(s);
	}
	while ((d = TAILQ_FIRST(&l->deferred)) != NULL) {
		TAILQ_REMOVE(&l->deferred, d, entry);
		free(d);
	}
	evtimer_del(&l->deferral);
	event_base_free(l->base);
	free(l);
}

void
loop_run(struct loop *l)
{
	event_base_dispatch(l->base);
}

void
loop_poll(struct loop *l)
{
	event_base_loop(l->base, EVLOOP_NONBLOCK);
}

void
loop_stop(struct loop *l)
{
	event_base_loopbreak(l->base);
}

void
loop_defer(struct loop *l, void (*cb)(void *), void *arg)
{
	struct deferred *d = mem_zalloc(1, sizeof(*d));
	struct timeval now = { 0, 0 };

	d->cb = cb;
	d->arg = arg;
	if (TAILQ_EMPTY(&l->deferred))
		evtimer_add(&l->deferral, &now);
	TAILQ_INSERT_TAIL(&l->deferred, d, entry);
}

static void
signal_ready(int signo, short what, void *arg)
{
	struct watched_signal *s = arg;

	(void)what;
	s->cb(signo, s->arg);
}

void
loop_signal(struct loop *l, int signo, void (*cb)(int, void *), void *arg)
{
	struct watched_signal *s = mem_zalloc(1, sizeof(*s));

	s->cb = cb;
	s->arg = arg;
	signal_set(&s->ev, signo, signal_ready, s);
	event_base_set(l->base, &s->ev);
	signal_add(&s->ev, NULL);
	SLIST_INSERT_HEAD(&l->signals, s, entry);
}

static void
io_ready(int fd, short what, void *arg)
{
	struct io *io = arg;
	int events = 0;

	if (what & EV_READ)
		events |= IO_READ;
	if (what & EV_WRITE)
		events |= IO_WRITE;
	io->cb(fd, events, io->arg);
}

struct io *
io_new(struct loop *l, int fd, int events, void (*cb)(int, int, void *),
    void *arg)
{
	struct io *io = mem_zalloc(1, sizeof(*io));

	io->loop = l;
	io->fd = fd;
	io->cb = cb;
	io->arg = arg;
	io_set(io, events);
	return (io);
}

void
io_set(struct io *io, int events)
{
	short what = EV_PERSIST;

	if (events == io->events)
		return;
	if (io->events != 0)
		event_del(&io->ev);
	io->events = events;
	if (events == 0)
		return;
	if (events & IO_READ)
		what |= EV_READ;
	if (events & IO_WRITE)
		what |= EV_WRITE;
	event_set(&io->ev, io->fd, what, io_ready, io);
	event_base_set(io->loop->base, &io->ev);
	if (event_add(&io->ev, NULL) == -1)
		fatal("event_add: descriptor %d", io->fd);
}

void
io_free(struct io *io)
{
	if (io == NULL)
		return;
	io_set(io, 0);
	free(io);
}

static void
timer_fired(int fd, short what, void *arg)
{
	struct timer *t = arg;

	(void)fd;
	(void)what;
	t->cb(t->arg);
}

struct timer *
timer_new(struct loop *l, void (*cb)(void *), void *arg)
{
	struct timer *t = mem_zalloc(1, sizeof(*t));

	t->cb = cb;
	t->arg = arg;
	evtimer_set(&t->ev, timer_fired, t);
	event_base_set(l->base, &t->ev);
	return (t);
}

void
timer_in(struct timer *t, int64_t ns)
{
	struct timeval tv;

	if (ns < 0)
		ns = 0;
	if (ns > LIMIT_DURATION_NS)
		ns = LIMIT_DURATION_NS;
	ns += 999;	/* never early: round up to microseconds */
	tv.tv_sec = (time_t)(ns / NS_PER_SEC);
	tv.tv_usec = (suseconds_t)(ns % NS_PER_SEC / 1000);
	evtimer_add(&t->ev, &tv);
}

void
timer_at(struct timer *t, mono_t when)
{
	timer_in(t, mono_diff(when, mono_now()));
}

void
timer_stop(struct timer *t)
{
	evtimer_del(&t->ev);
}

void
timer_free(struct timer *t)
{
	if (t == NULL)
		return;
	timer_stop(t);
	free(t);
}
