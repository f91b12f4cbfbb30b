/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_RUN_CHILD_H
#define MEETPROBE_RUN_CHILD_H

#include <stddef.h>
#include <stdint.h>

#include "agent/base/clock.h"
#include "agent/base/str.h"

struct loop;
struct msg;

/*
 * Helper children: work that blocks (libstrophe), that must not be trusted
 * with more than its own memory (embedded Lua and JavaScript, key stores),
 * or that needs a privilege of its own (packet capture). A child is this
 * program run again with a role's name; it gets its request as one text on a
 * socket pair at CHILD_FD, and answers with messages. It is ended at its
 * deadline, whatever it does.
 */
#define CHILD_FD 3

/* Types of the facility's own messages; a role's own start at CHILD_OWN. */
enum { CHILD_REQUEST = 1, CHILD_ANSWER = 2, CHILD_OWN = 16 };

/*
 * A role: what a child does. run gets the request and the socket, sends
 * messages (child_answer for a text) and returns the exit status. The limits
 * are set before run: CPU seconds (0: none) and address space (0: none).
 */
struct child_role {
	const char *name;
	int (*run)(struct str request, int sock);
	unsigned cpu_seconds;
	size_t memory;
	int network;		/* may open sockets */
};

/*
 * The first thing main does: sees to it that the process never leaves a core
 * and, when it was started as a child, runs the role and never returns. The
 * table ends with a NULL name.
 */
void child_main(int argc, char **argv, const struct child_role *roles);

/* How a child ended. */
enum child_end {
	CHILD_DONE,		/* exit status 0 */
	CHILD_FAILED,		/* another status, or a limit's signal */
	CHILD_DEADLINE,		/* ended by us at its deadline */
	CHILD_NOT_STARTED	/* no process or descriptor to be had */
};

struct child;

struct child_events {
	/* A message of the role's own arrived. Return -1 to end the child. */
	int (*message)(struct msg *, void *);
	/* It is gone; answer is what child_answer sent in all. The child is
	 * freed when this returns. Called exactly once, never from inside
	 * child_start. */
	void (*done)(enum child_end, int status, struct str answer, void *);
	void *arg;
};

/*
 * Starts a child. The request is sent to it; fd, unless -1, is handed over
 * as descriptor CHILD_FD + 1 and stays open here. deadline may be MONO_NONE:
 * no deadline (capture). Never NULL; failure is told by `done`.
 */
struct child *child_start(struct loop *, const char *role,
    struct str request, int fd, mono_t deadline, const struct child_events *);
/* Ends it without `done`. */
void child_cancel(struct child *);
/* The socket to it, to send messages on; -1 when it is not running. */
int child_socket(const struct child *);

/* In the child: sends a text (part) of the answer; 0 or -1. */
int child_answer(int sock, struct str text);

/*
 * Without a loop: starts, waits, and returns the end; *answer (if not NULL)
 * is the text, freed by the caller.
 */
enum child_end child_call(const char *role, struct str request,
    int64_t timeout_ns, int *status, char **answer, size_t *answer_len);


#endif
