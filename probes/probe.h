/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_PROBE_H
#define MEETPROBE_PROBES_PROBE_H

#include <stddef.h>
#include <stdint.h>

#include "agent/base/clock.h"
#include "agent/facts/check.h"
#include "agent/facts/kinds.h"
#include "agent/facts/reason.h"
#include "agent/facts/site.h"

struct loop;
struct pf_live_log;
struct timer;
struct probe_run;

/* What a probe needs beyond an ordinary user. */
enum privilege {
	PRIVILEGE_NONE,
	PRIVILEGE_FILES,	/* reads files of root or of a service */
	PRIVILEGE_CAPTURE,	/* opens a capture */
	PRIVILEGE_PF		/* runs pfctl */
};

/* One thing that a probe is tried against on this host. */
struct subject {
	char *name;		/* "xmpp:5222"; "" when there is only one */
	char *over;		/* subjects of the prerequisites' checks that
				 * this one goes over, a newline between;
				 * NULL: the same name */
	int optional;		/* not required by accept, whatever the row */
};

struct subjects {
	struct subject *list;
	size_t count, cap;
	char *missing;		/* why there is none, a clause */
};

/* Adds one and returns it (until the next); over may be NULL. NULL when
 * there are too many. */
struct subject *subject_add(struct subjects *, const char *name,
    const char *over);
/* The same, printf style, without over. */
struct subject *subject_addf(struct subjects *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Says what is not known, when that keeps the list empty. */
void subject_missing(struct subjects *, const char *clause);
void subjects_free(struct subjects *);

#define PROBE_NEEDS 3

/* One row of the table of probes. */
struct probe {
	const char *id;			/* "xmpp.starttls" */
	const char *group;		/* "xmpp" */
	enum layer layer;		/* where a failure belongs, unless a
					 * phase says another one */
	roles_t roles;			/* runs where a host has one of these;
					 * 0: everywhere, roles or not */
	roles_t required;		/* accept requires it for these roles */
	enum privilege privilege;
	const char *needs[PROBE_NEEDS];	/* ids of prerequisites */
	const char *phases[CHECK_PHASES];
	int64_t interval_ns;		/* of the agent */
	int64_t timeout_ns;		/* the one deadline of a run */
	int64_t at_most_ns;		/* never more often than this; 0: any */
	const char *sentence;		/* what it proves, a clause */
	int only_configured;		/* not even told as not-applicable
					 * where the site does not have it */
	/* What there is to try. NULL: exactly one, "". */
	void (*subjects)(const struct site *, struct subjects *);
	/* Begins a run. Must lead to probe_done, now or from the loop. */
	void (*start)(struct probe_run *);
	/* Frees run->state and what hangs on it. Called exactly once, after
	 * probe_done or at the deadline or when cancelled, from the loop and
	 * never inside a callback of the probe's own objects. NULL: free(). */
	void (*stop)(struct probe_run *);
	/* The deadline has passed: may set the result. NULL: timeout in the
	 * present phase. */
	void (*late)(struct probe_run *);
};

/*
 * One run: what the probe gets, and the check that it fills. The engine
 * makes it and ends it at `deadline`, whatever the probe does.
 */
struct probe_run {
	const struct probe *probe;
	const struct site *site;
	struct loop *loop;
	const char *subject;
	mono_t begun, deadline;
	struct check check;
	void *state;			/* the probe's own */

	/* the phase in progress */
	const char *phase;		/* "connect"; NULL before the first */
	enum layer layer;
	char *doing;			/* "connecting to xmpp:5222" */
	mono_t phase_begun;

	int finished;
	void (*done)(struct probe_run *);	/* the engine's */
	void *owner;
};

/*
 * A phase begins (and the one before it ends, its time is noted): what
 * fails from now on failed in it. doing completes "no answer while ...".
 */
void probe_phase(struct probe_run *, const char *name, enum layer,
    const char *doing, ...) __attribute__((format(printf, 4, 5)));
/*
 * The run is over with the result that run->check has. Only the first call
 * counts.
 */
void probe_done(struct probe_run *);
/* check_result with the layer of the phase, then probe_done. Without effect
 * when the run is over. */
void probe_end(struct probe_run *, enum state, enum reason,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/*
 * The same for a failure: the state is unknown where the reason says that
 * nothing was proved (internal, permission, fd-limit, no-answer), else fail.
 */
void probe_fail(struct probe_run *, enum reason, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* The site does not have what this probe needs. */
void probe_not_applicable(struct probe_run *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Facts that are not text. */
void probe_fact_num(struct probe_run *, const char *name, int64_t value);
void probe_fact_bool(struct probe_run *, const char *name, int value);
/* Text from outside for a sentence or the transcript: escaped and cut at
 * 300 bytes. Freed by the caller. */
char *probe_safe(const char *text, size_t len);

/*
 * What one run found and another may use, as long as it is young: a login
 * made once serves two probes. Kept by the engine; a key once more replaces.
 */
void probe_remember(struct probe_run *, const char *key, const char *text);
/* NULL when there is none, or it is older than max_ns. */
const char *probe_recall(const struct probe_run *, const char *key,
    int64_t max_ns);

/* What the agent's own capture of pflog counts; NULL: there is none. */
const struct pf_live_log *probe_live_log(const struct probe_run *);

/* The table of all probes; ends with NULL. */
extern const struct probe *const probe_table[];
/* The row of an id, NULL when there is none. */
const struct probe *probe_find(const char *id);
/* 1 when the row runs on a host with these roles. */
int probe_runs_on(const struct probe *, roles_t);
/* 1 when a group of that name exists. */
int probe_group_exists(const char *group);

#endif
