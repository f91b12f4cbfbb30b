/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_AGENT_MEDIA_LIVE_H
#define MEETPROBE_AGENT_MEDIA_LIVE_H

#include "agent/command.h"
#include "probes/media/media.h"

/*
 * Captures on an interface until INT, TERM, the key q or the deadline: a
 * table that refreshes on a terminal, a round of plain lines every five
 * seconds otherwise, and the full text (or JSON) at the end. Returns the
 * exit status; 2 when the interface cannot be opened.
 */
int media_live(const struct options *, const struct media_options *,
    const char *interface);
/* Prints what the analysers saw, in the format asked for; exit status. */
int media_report(const struct options *, struct media **, size_t count,
    const struct verdicts *);

#endif
