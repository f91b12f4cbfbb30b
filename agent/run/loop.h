/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_RUN_LOOP_H
#define MEETPROBE_RUN_LOOP_H

#include <stdint.h>

#include "agent/base/clock.h"

/*
 * The event loop: descriptors, timers, deferred calls, signals. loop.c is
 * the only user of libevent. A callback does one step and returns; it may
 * free its own io or timer, but never an object of a foreign library whose
 * callback it runs in: for that there is loop_defer.
 */
struct loop;
struct io;
struct timer;

enum { IO_READ = 1, IO_WRITE = 2 };

struct loop *loop_new(void);
/* Frees the loop; all io, timers and deferred calls must be gone. */
void loop_free(struct loop *);
/* Runs until loop_stop or until nothing is left to wait for. */
void loop_run(struct loop *);
/* Handles what is ready now without waiting. */
void loop_poll(struct loop *);
void loop_stop(struct loop *);
/* Runs cb once, from the loop, after the present callback has returned. */
void loop_defer(struct loop *, void (*cb)(void *), void *arg);
/* Calls cb from the loop whenever the signal arrives; until loop_free. */
void loop_signal(struct loop *, int signo, void (*cb)(int, void *), void *);

/*
 * Watches a descriptor; events is a set of IO_READ, IO_WRITE, or 0 for none
 * yet. The callback gets the events that are ready and goes on being called
 * until io_set or io_free. The descriptor stays the caller's.
 */
struct io *io_new(struct loop *, int fd, int events,
    void (*cb)(int fd, int events, void *), void *);
void io_set(struct io *, int events);
/* NULL is allowed. Must come before the descriptor is closed. */
void io_free(struct io *);

/* A timer that is not running yet. */
struct timer *timer_new(struct loop *, void (*cb)(void *), void *);
/* Starts it, or moves it, to fire once at that moment. */
void timer_at(struct timer *, mono_t);
/* The same, ns from now. */
void timer_in(struct timer *, int64_t ns);
void timer_stop(struct timer *);
/* NULL is allowed. */
void timer_free(struct timer *);

#endif
