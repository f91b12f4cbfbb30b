/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_AGENT_MEDIA_FEED_H
#define MEETPROBE_AGENT_MEDIA_FEED_H

#include "agent/facts/verdict.h"

struct metrics;
struct msg;

/*
 * What the capture child of the agent tells: counts become metrics, the
 * verdicts of its last complete round are kept.
 */
struct media_feed;

struct media_feed *media_feed_new(void);
void media_feed_free(struct media_feed *);
/*
 * Takes one message of the child. 0; 1 when a round is complete and its
 * verdicts differ from those before; -1 when it is not what it says.
 */
int media_feed_take(struct media_feed *, struct msg *, struct metrics *);
/* Of the last complete round. */
const struct verdicts *media_feed_verdicts(const struct media_feed *);

#endif
