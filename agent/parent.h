/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_AGENT_PARENT_H
#define MEETPROBE_AGENT_PARENT_H

#include <stddef.h>

#include "agent/conf.h"

/* What the agent was started with. */
struct agent_options {
	const char *config;	/* -f, or NULL */
	const char *pitfalls;	/* -p DIR, or NULL */
	const char *const *defines;
	size_t define_count;
	int foreground;		/* -d */
	int verbose;		/* -v */
	double rate;		/* probes this many times as often; 1 */
};

/*
 * The privileged process: opens sockets and the files of an allow-list,
 * starts the engine and the http process, starts them again when they end,
 * reloads on SIGHUP. Returns the exit status. Takes the configuration.
 */
int parent_run(const struct agent_options *, struct conf *);

/*
 * Between parent and engine. The engine asks for files by their number in
 * the list that the parent sent, so that it can ask for nothing else.
 */
enum parent_message {
	PARENT_INPUT = 16,	/* u32 index, u8 type, u8 component,
				 * str kind, host, path, u8 required */
	PARENT_READY,		/* that was all */
	PARENT_OPENED,		/* u32 index, u32 errno; with a descriptor */
	PARENT_RELOADED,	/* u8 successful */
	PARENT_RESTARTS,	/* str process, u64 count */
	PARENT_CAPTURE,		/* str: a message of the capture child, whole */
	PARENT_PFLOG,		/* str: a message of the pflog child, whole */
	ENGINE_OPEN,		/* u32 index */
	ENGINE_CAPTURE,		/* u32 port, u32 last one, str public address */
	ENGINE_PFLOG		/* str: a text of pf_watch_print() */
};

#endif
