/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_DIAGNOSIS_EVIDENCE_H
#define MEETPROBE_DIAGNOSIS_EVIDENCE_H

/*
 * What was seen: events of signals and patterns, the logs' coverage, checks,
 * facts, findings, verdicts; and from these the value of every item of the
 * catalogue. Shared by the files of diagnosis only.
 */
#include <stddef.h>

#include "agent/base/clock.h"
#include "agent/base/map.h"
#include "agent/base/str.h"
#include "agent/diagnosis/catalogue.h"
#include "agent/diagnosis/matcher.h"
#include "agent/facts/check.h"
#include "agent/facts/fact.h"
#include "agent/facts/finding.h"
#include "agent/facts/kinds.h"
#include "agent/facts/verdict.h"
#include "agent/facts/version.h"

/* A log that is shorter than both is a fragment: nothing is absent in it. */
#define COVER_LINES 15
#define COVER_SECONDS 60

enum value { VALUE_UNKNOWN, VALUE_PRESENT, VALUE_ABSENT };

/* One sighting of a signal, or of a pattern (then its last event). */
struct event {
	wall_t time;
	int time_guessed, has_offset;
	enum component component;
	enum log_level level;
	int line;
	const char *file, *host;	/* interned; host NULL: not known */
	char *text;			/* one line, cut off */
	char *captures;			/* name NUL value NUL ... NUL */
	const struct event *first;	/* of a pattern, or NULL */
};

/* All sightings of one signal or pattern, in order of time when sorted. */
struct sightings {
	struct event *list;
	size_t count, cap;
	size_t total;		/* including those that were let go */
	int borrowed;		/* a pattern: events belong to signals */
	/* Between these, events were let go (only ends are kept of many). */
	wall_t gap_from, gap_to;
	wall_t cleared;		/* of a pattern: by its own clear */
	int undecided;		/* of a pattern: the logs end too early */
};

/* What of a component's log was read. */
struct cover {
	enum component component;
	const char *file, *host;
	wall_t from, to;
	size_t lines;
};

/* A check, finding or verdict, as far as it is needed. */
struct seen_check {
	const char *id, *subject;
	enum state state;
	enum reason reason;
	char *summary;
	wall_t when;
	size_t evidence;	/* number in the report + 1, or 0 */
};

struct seen_finding {
	char *id, *host, *file, *text, *fix, *captures;
	int line;
	enum severity severity;
};

struct seen_verdict {
	char *id, *flow, *text, *file;
	wall_t from;
	int fault;
};

struct signal_seen;

struct evidence {
	const struct catalogue *c;
	struct sightings *seen;		/* [observable] */
	size_t seen_count;
	struct cover *covers;
	size_t cover_count, cover_cap;
	struct seen_check *checks;
	size_t check_count, check_cap;
	struct seen_finding *findings;
	size_t finding_count, finding_cap;
	struct seen_verdict *verdicts;
	size_t verdict_count, verdict_cap;
	struct facts facts;
	struct versions versions;	/* after evidence_settle */
	struct map strings;		/* interned */
	char *unknown;			/* [item]: said to be unknown */
	enum value *observable;		/* after evidence_settle */
	enum value *item;
	int settled;
};

void evidence_init(struct evidence *, const struct catalogue *);
void evidence_free(struct evidence *);
const char *evidence_intern(struct evidence *, struct str);
void evidence_add_log(struct evidence *, const struct log_text *);
/* What another host saw: the first and the last time of a signal. */
void evidence_add_signal(struct evidence *, size_t signal,
    const struct signal_seen *);
void evidence_add_cover(struct evidence *, enum component, const char *host,
    wall_t from, wall_t to, size_t lines);
/* Sorts, evaluates patterns and items. Once; nothing is added afterwards. */
void evidence_settle(struct evidence *);

/* After a conclusion: as if nothing but the logs had been added, and of
 * these only events since `keep`. More may be added then. */
void evidence_renew(struct evidence *, wall_t keep);

/* What a hole holds in an event; p NULL when the event has none. */
struct str event_hole(const struct event *, struct str name);
/* Order by time, file, line. */
int event_order(const struct event *, const struct event *);
/* 1 when b stands after a: by time, or by line where there is none. */
int event_after(const struct event *a, const struct event *b);

/* The coverage of an observable's components taken together. */
int evidence_covered(const struct evidence *, int observable);
/* Covered up to / from this moment. */
int evidence_covers_until(const struct evidence *, int observable, wall_t);
int evidence_covers_since(const struct evidence *, int observable, wall_t);
/* Does the version found print this signal at all? Where it does not, that
 * the signal is not there says nothing. */
int evidence_prints(const struct evidence *, int observable);
/* The end of what was read of the logs of a component, WALL_NONE. */
wall_t evidence_end(const struct evidence *, enum component);

/* The components that an observable comes from, as bits; 0: any. */
unsigned observable_components(const struct catalogue *, int);

/* versions.c: the facts that records state, where nothing else did. */
void evidence_state_facts(struct evidence *);
/* versions.c: what facts and records say of versions, settled or not. */
void evidence_versions(const struct evidence *, struct versions *);
/* patterns.c: fills in seen and observable of all patterns. */
void patterns_evaluate(struct evidence *);
/* items.c: fills in item. */
void items_evaluate(struct evidence *);
/* Is this check what a probe item asks for: subject, state, reason? */
int item_shows_check(const struct item *, const struct seen_check *);

#endif
