/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_AGENT_DOCUMENTS_H
#define MEETPROBE_AGENT_DOCUMENTS_H

#include "agent/base/clock.h"
#include "agent/base/str.h"

struct gather;
struct loop;

/*
 * The evidence documents of other hosts in one run: first all are taken in,
 * then their clocks and secrets are compared, and what they say is added to
 * the diagnosis at times of our clock.
 */
struct documents;

struct documents *documents_new(void);
void documents_free(struct documents *);

/*
 * Takes one in. peer: what the user calls the host, NULL: what it calls
 * itself. sent, received: when it was asked and when it answered, WALL_NONE
 * for a file. 0, or -1 with a sentence in *why (const).
 */
int documents_take(struct documents *, const char *peer, struct str text,
    wall_t sent, wall_t received, const char **why);
/* The salt of this run, for who is asked; made when it is first needed. */
const char *documents_salt(struct documents *);
/*
 * Computes this host's own secrets with that salt, while others are asked:
 * starts a helper child on the loop, and calls done when it has ended.
 */
void documents_own(struct documents *, struct gather *, struct loop *,
    mono_t deadline, void (*done)(void *), void *arg);
/* When all are there. What still has to be computed (documents in files have
 * their own salts) takes until the deadline at most. */
void documents_settle(struct documents *, struct gather *, mono_t deadline);

#endif
