/* SPDX-License-Identifier: ISC */
/*
 * Following a log that grows: through rotation by rename and by
 * copytruncate, nothing lost and nothing read twice. No event loop: the
 * owner calls follow_poll from a timer.
 */
#ifndef MEETPROBE_PROBES_LOGS_FOLLOW_H
#define MEETPROBE_PROBES_LOGS_FOLLOW_H

#include <stddef.h>

#include "agent/facts/kinds.h"
#include "agent/facts/record.h"

struct log_follow;

/* A piece of whole records; valid during the call only. */
typedef void (*follow_deliver)(void *arg, const struct log_text *);

/*
 * Follows a path. from_end: what is there already is skipped. The file need
 * not exist yet. descriptors 0: the follower opens the path itself, also
 * after a rotation; 1: a privileged parent does, and hands the descriptors
 * over by follow_give. host may be NULL.
 */
struct log_follow *follow_new(const char *path, enum component,
    const char *host, int from_end, int descriptors);
/*
 * Hands over the descriptor of the (new) file; the follower closes it. The
 * one before it is read to its end first.
 */
void follow_give(struct log_follow *, int fd);
/*
 * Reads what has come and delivers it. The newest record is kept back until
 * the next one begins or a poll brings nothing, since it may still grow.
 * Returns the bytes read.
 */
size_t follow_poll(struct log_follow *, follow_deliver, void *arg);
/* Delivers what is kept back, too: before the end. */
void follow_flush(struct log_follow *, follow_deliver, void *arg);
void follow_free(struct log_follow *);

#endif
