/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_AGENT_DOCUMENTS_H
#define MEETPROBE_AGENT_DOCUMENTS_H

#include "agent/base/clock.h"
#include "agent/base/str.h"

struct gather;

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
/* When all are there; a helper child works until the deadline at most. */
void documents_settle(struct documents *, struct gather *, mono_t deadline);

#endif
