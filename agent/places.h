/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_AGENT_PLACES_H
#define MEETPROBE_AGENT_PLACES_H

#include "agent/facts/kinds.h"

/* A usual place of a component's log. */
struct log_place {
	const char *path;
	enum component component;
};

/* OpenBSD's places first, then Linux packages'; ends with a NULL path. The
 * places of configurations are known to their readers. */
extern const struct log_place log_places[];

#endif
