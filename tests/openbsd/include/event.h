/* SPDX-License-Identifier: ISC */
/*
 * What a program sees of libevent 1.4 as OpenBSD's base has it. For the
 * build check only: sizes are not base's, nothing made with this is run.
 */
#ifndef MEETPROBE_OPENBSD_EVENT_H
#define MEETPROBE_OPENBSD_EVENT_H

#include <sys/types.h>
#include <sys/time.h>

#define EV_TIMEOUT 0x01
#define EV_READ 0x02
#define EV_WRITE 0x04
#define EV_SIGNAL 0x08
#define EV_PERSIST 0x10

#define EVLOOP_ONCE 0x01
#define EVLOOP_NONBLOCK 0x02

struct event_base;
struct event {
	void *opaque[24];
};

struct event_base *event_init(void);
struct event_base *event_base_new(void);
int event_reinit(struct event_base *);
int event_dispatch(void);
int event_base_dispatch(struct event_base *);
const char *event_base_get_method(struct event_base *);
void event_base_free(struct event_base *);
int event_base_set(struct event_base *, struct event *);
int event_loop(int);
int event_base_loop(struct event_base *, int);
int event_loopexit(const struct timeval *);
int event_base_loopexit(struct event_base *, const struct timeval *);
int event_loopbreak(void);
int event_base_loopbreak(struct event_base *);
void event_set(struct event *, int, short, void (*)(int, short, void *),
    void *);
int event_once(int, short, void (*)(int, short, void *), void *,
    const struct timeval *);
int event_base_once(struct event_base *, int, short,
    void (*)(int, short, void *), void *, const struct timeval *);
int event_add(struct event *, const struct timeval *);
int event_del(struct event *);
void event_active(struct event *, int, short);
int event_pending(struct event *, short, struct timeval *);
int event_priority_set(struct event *, int);
const char *event_get_version(void);
const char *event_get_method(void);

#define evtimer_add(ev, tv) event_add(ev, tv)
#define evtimer_set(ev, cb, arg) event_set(ev, -1, 0, cb, arg)
#define evtimer_del(ev) event_del(ev)
#define evtimer_pending(ev, tv) event_pending(ev, EV_TIMEOUT, tv)
#define signal_add(ev, tv) event_add(ev, tv)
#define signal_set(ev, x, cb, arg) \
	event_set(ev, x, EV_SIGNAL | EV_PERSIST, cb, arg)
#define signal_del(ev) event_del(ev)

#endif
