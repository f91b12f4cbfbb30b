/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_PF_LOG_PFLOG_LIVE_H
#define MEETPROBE_PROBES_PF_LOG_PFLOG_LIVE_H

#include "agent/base/str.h"
#include "agent/run/msg.h"
#include "probes/pf/log/pflog.h"

/*
 * pflog(4) as it happens, from the interfaces pflogN of this host. A helper
 * child captures: it alone needs root, gives that up once the interfaces are
 * open, and sends counts, never a packet.
 */
#define PFLOG_ROLE "pflog"

/*
 * The child (a struct child_role's run). The request is "USER WATCH": whom
 * to become, and a text of pf_watch_print(). It sends an empty round when it
 * has begun, then one after every read that found something, not more often
 * than twice a second. It ends when the socket does.
 */
int pflog_role(struct str request, int sock);
/* The request; freed by the caller. */
char *pflog_request(const struct pf_watch *);

/* Types of its messages. */
enum {
	PFLOG_MSG_FLOW = 16,	/* CHILD_OWN */
	PFLOG_MSG_END,		/* the round is complete */
	PFLOG_MSG_PROBLEM	/* text: why there is no capture */
};

/* The receiving side: what the rounds come to. */
struct pf_live_log {
	struct pf_log log;
	wall_t since;		/* the capture began; NONE: it did not */
	char *interfaces;	/* "pflog0"; NULL: none is open */
	char *problem;		/* why not; NULL: nothing is known */
};

void pf_live_log_init(struct pf_live_log *, const struct pf_watch *);
void pf_live_log_free(struct pf_live_log *);
/*
 * Takes one message. 0; 1 when a round is complete; 2: there is a problem;
 * -1 when it is not what it says it is.
 */
int pf_live_log_take(struct pf_live_log *, struct msg *);

#endif
