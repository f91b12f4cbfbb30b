/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_AGENT_ASKERS_H
#define MEETPROBE_AGENT_ASKERS_H

#include <stddef.h>

#include "agent/base/clock.h"
#include "agent/base/limits.h"

/*
 * Who was told secrets, and when: each asker at most once in
 * LIMIT_SECRET_INTERVAL, and no more askers than the table holds.
 */
struct askers {
	struct {
		char who[LIMIT_HTTP_ASKER + 1];
		mono_t again;		/* before that nothing is told */
	} list[LIMIT_SECRET_ASKERS];
	size_t count;
};

/*
 * 0 when this asker may be told now, which is then noted; else how many
 * nanoseconds are left until he, or any new one, may.
 */
int64_t askers_take(struct askers *, const char *who, mono_t now);

#endif
