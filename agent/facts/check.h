/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_FACTS_CHECK_H
#define MEETPROBE_FACTS_CHECK_H

#include <stddef.h>

#include "agent/base/clock.h"
#include "agent/facts/kinds.h"
#include "agent/facts/reason.h"

struct buf;

/* How long a part of a probe took. */
struct phase {
	const char *name;	/* const: "connect", "tls", ... */
	double seconds;
};
#define CHECK_PHASES 8

/*
 * What one run of one probe against one subject found. The strings are the
 * check's own, check_free gives them back.
 */
struct check {
	const char *id;		/* "xmpp.starttls", of the probe table */
	const char *group;	/* "xmpp", of the probe table */
	char *subject;		/* "xmpp:5222", may be "" */
	int required;		/* by `accept`, for this host's roles */
	enum state state;
	enum layer layer;
	enum reason reason;	/* REASON_OK when the state is pass */
	char *summary;		/* a sentence naming host, port, file, name */
	char *because;		/* id of the failed prerequisite, or NULL */
	wall_t when;		/* start of the run */
	double duration;	/* seconds */
	struct phase phases[CHECK_PHASES];
	size_t phase_count;
	/* What was seen, as one would read it to a colleague: a line each.
	 * Secrets are masked before they get here. */
	char *transcript;
	/* Facts that go with it: "name=value" lines, names of facts.def. */
	char *facts;
};

/* An empty check: state unknown, empty strings. */
void check_init(struct check *, const char *id, const char *group,
    const char *subject);
void check_free(struct check *);
/* A second check with strings of its own. */
void check_copy(struct check *to, const struct check *from);
/* Sets the outcome; the sentence is made printf style. */
void check_result(struct check *, enum state, enum layer, enum reason,
    const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* Adds a line to the transcript. Text from outside must be escaped. */
void check_say(struct check *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Notes a fact. The name must be one of facts.def (fatal if not). */
void check_fact(struct check *, const char *name, const char *value);
/* Adds a phase; ignored when CHECK_PHASES are there. */
void check_phase(struct check *, const char *name, double seconds);

#endif
