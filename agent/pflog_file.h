/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_AGENT_PFLOG_FILE_H
#define MEETPROBE_AGENT_PFLOG_FILE_H

#include <stdint.h>

#include "agent/base/clock.h"

struct check;
struct site;

/* What a file covers. */
struct pflog_span {
	wall_t from, to;
	uint64_t records;
};

/*
 * A savefile of pflogd(8) that was given: fills the check pf.log of it, which
 * is freed by the caller, and what it covers, and returns 1; 0 when the file
 * is none of these. What it holds is taken for what was wrong then: which
 * rules are loaded now nobody knows.
 */
int pflog_file(const char *path, const struct site *, struct check *,
    struct pflog_span *);

#endif
