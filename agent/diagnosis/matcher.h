/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_DIAGNOSIS_MATCHER_H
#define MEETPROBE_DIAGNOSIS_MATCHER_H

#include <stddef.h>

#include "agent/base/errlist.h"
#include "agent/base/str.h"
#include "agent/facts/record.h"

struct catalogue;
struct matcher;

#define MATCH_CAPTURES 24

/* A hole and what it holds; both live as long as catalogue and text. */
struct capture {
	const char *name;
	struct str value;
};

/* One signal seen in one record. */
struct match {
	size_t signal;
	const struct record *record;
	struct str line;	/* the line of the record that matched */
	struct capture captures[MATCH_CAPTURES];
	size_t capture_count;
};

typedef void (*match_fn)(void *, const struct match *);

/*
 * All texts of a catalogue as one automaton and its regular expressions. A
 * text that does not compile goes to the list. Freed by matcher_free.
 */
struct matcher *matcher_new(const struct catalogue *, struct errlist *);
void matcher_free(struct matcher *);

/*
 * Calls back for every (signal, record) that matches. The order is not that
 * of the text (four places of it are searched at a time), and a record that
 * spans such places may be told twice; callers sort by file and line.
 */
void matcher_run(const struct matcher *, const struct log_text *, match_fn,
    void *);
/*
 * The same by trying every text on every record: what matcher_run must
 * equal. Slow; for tests.
 */
void matcher_run_naive(const struct matcher *, const struct log_text *,
    match_fn, void *);

/* Why a signal does not match a record. */
enum match_miss {
	MISS_NOTHING,		/* it does match */
	MISS_COMPONENT, MISS_TEXT, MISS_LEVEL, MISS_LOGGER, MISS_AND,
	MISS_NOT
};
/* Tries one signal on one record and says why not; *match is filled in on
 * MISS_NOTHING. */
enum match_miss matcher_try(const struct matcher *, size_t signal,
    const struct record *, struct match *);

/* Size of automaton and expressions in bytes, and number of its states. */
void matcher_size(const struct matcher *, size_t *bytes, size_t *states);

#endif
