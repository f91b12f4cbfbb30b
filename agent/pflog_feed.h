/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_AGENT_PFLOG_FEED_H
#define MEETPROBE_AGENT_PFLOG_FEED_H

struct metrics;
struct msg;
struct pf_live_log;
struct pf_watch;
struct site;

/*
 * What the pflog child of the agent tells: the packets that pf blocks, for
 * the probe pf.log and the metrics.
 */
struct pflog_feed;

/* NULL where this host has no pf. */
struct pflog_feed *pflog_feed_new(const struct site *);
/* NULL is allowed. */
void pflog_feed_free(struct pflog_feed *);
/* What the parent is asked to look for, NULL: nothing, there is no pflog0;
 * and what came of it. */
const struct pf_watch *pflog_feed_watch(const struct pflog_feed *);
const struct pf_live_log *pflog_feed_live(const struct pflog_feed *);
/*
 * Takes one message of the child. 0; 1 when something is blocked that was
 * not before and pf.log should look, not more often than every ten seconds;
 * -1 when it is not what it says.
 */
int pflog_feed_take(struct pflog_feed *, struct msg *, struct metrics *);

#endif
