/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_FACTS_VERDICT_H
#define MEETPROBE_FACTS_VERDICT_H

#include <stddef.h>

#include "agent/base/clock.h"

/*
 * What the packets of one flow, or of a whole capture, prove. The ids are
 * those of the fault table, lower case ("udp-in-router", "dtls-no-ch"); the
 * catalogue names one as `verdict ID`.
 */
struct verdict {
	const char *id;		/* of a const table */
	int fault;		/* 0: said, but not a fault */
	char *flow;		/* "ADDR:PORT" of a client; NULL: all of it */
	wall_t from, to;	/* when it was seen */
	char *text;		/* one sentence with the numbers */
	char *file;		/* the capture or interface */
};

struct verdicts {
	struct verdict *list;
	size_t count, cap;
};

void verdicts_init(struct verdicts *);
void verdicts_free(struct verdicts *);
/* Adds one and takes its strings; freed at once above LIMIT_VERDICTS. */
void verdicts_take(struct verdicts *, struct verdict *);

#endif
