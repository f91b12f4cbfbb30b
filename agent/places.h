/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_AGENT_PLACES_H
#define MEETPROBE_AGENT_PLACES_H

#include "agent/facts/kinds.h"

/* A usual place of a file: a log (kind NULL) or a configuration. */
struct place_of_file {
	const char *path;
	const char *kind;
	enum component component;
};

/* OpenBSD's places first, then Linux packages'; ends with a NULL path. */
extern const struct place_of_file places[];

#endif
