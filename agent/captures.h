/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_AGENT_CAPTURES_H
#define MEETPROBE_AGENT_CAPTURES_H

#include <stddef.h>
#include <stdint.h>

#include "agent/base/clock.h"
#include "agent/facts/verdict.h"

/* One capture to read, and what became of it. */
struct capture_file {
	const char *path;
	const char *tap;	/* NULL: bridge */
	int good;		/* it is a capture, if need be up to damage */
	char *why;		/* what is wrong with it; NULL: nothing */
};

/*
 * Reads the captures, alone and against each other, and adds their verdicts.
 * ports 0: 10000; public_address NULL: not known. The caller frees `why`.
 */
void captures_read(struct capture_file *, size_t count, unsigned port,
    unsigned port_last, const char *public_address, struct verdicts *);

/* 1 when the analyser can give a verdict of that id. */
int captures_verdict(const char *id);

#endif
