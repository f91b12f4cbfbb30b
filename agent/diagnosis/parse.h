/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_DIAGNOSIS_PARSE_H
#define MEETPROBE_DIAGNOSIS_PARSE_H

/*
 * What the parts of the catalogue's loader share. Only catalogue.c and the
 * parse_*.c files include it.
 */
#include "agent/base/errlist.h"
#include "agent/base/limits.h"
#include "agent/base/str.h"
#include "agent/diagnosis/catalogue.h"

/* One word of a line. */
struct pit_word {
	struct str s;
	int column;
	int quoted;
};

/* The reading of one file: a line at a time, cut into words. */
struct pit_reader {
	struct catalogue *c;
	const struct catalogue_names *names;
	struct errlist *errs;
	const char *file;	/* owned by the catalogue */
	int set;
	int skip_tests;
	struct str left;	/* what is not yet read */
	struct str raw;		/* this line */
	int line;
	struct pit_word word[LIMIT_PIT_WORDS];
	size_t count;		/* words of this line */
	int again;		/* the line is handed out once more */
};

/* The next line with words on it; 0 at the end. */
int pit_next(struct pit_reader *);
/* The next line whatever it holds, into raw; 0 at the end. */
int pit_next_raw(struct pit_reader *);
/* The i-th word is this one, not quoted. */
int pit_is(const struct pit_reader *, size_t i, const char *);
struct pit_place pit_here(const struct pit_reader *, size_t i);
/* Complains at the i-th word (or at the line's end): "expected WHAT". -1. */
int pit_expected(struct pit_reader *, size_t i, const char *what);
void pit_error(struct pit_reader *, size_t i, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* 0 when word i is the last, else complains; -1. */
int pit_last(struct pit_reader *, size_t i);
/* The i-th word as a kebab-case id / a string, owned; NULL and said. */
const char *pit_id(struct pit_reader *, size_t i, const char *what);
const char *pit_string(struct pit_reader *, size_t i, const char *what);
/* The i-th word as a span of time in microseconds, -1 and said. */
int64_t pit_span(struct pit_reader *, size_t i);

/* Owned copies in the catalogue. */
const char *pit_keep(struct catalogue *, struct str);
/* One more element of an array of the catalogue, zeroed; NULL: too many. */
void *pit_more(void *list, size_t *count, size_t *cap, size_t size);

void pit_strings_add(struct pit_strings *, const char *);
/* Reads `A|B` of word i into refs, -1 and said when it is none. */
int pit_refs(struct pit_reader *, size_t i, struct pit_refs *);
/* The rest of `clear on A [or B ...]` or `clear after T`, from word 1. */
int pit_clear(struct pit_reader *, struct pit_refs *, int64_t *after_us);

/* title "..." / a version, quoted or not, of word 1. */
void pit_title(struct pit_reader *, const char **);
void pit_version(struct pit_reader *, const char **);
/* Complains when the text is no version of the product; NULL, -1: nothing. */
void pit_version_fits(struct pit_reader *, struct pit_place, int product,
    const char *version);

/* The blocks: called on their first line, read up to the next block. */
void pit_signal(struct pit_reader *);
void pit_pattern(struct pit_reader *);
void pit_cause(struct pit_reader *);
/* test "name" {: called on its line, reads to }. */
void pit_test(struct pit_reader *, const char *owner);
/* 1 when the line begins a block. */
int pit_begins_block(const struct pit_reader *);
/* EVIDENCE from word i to the line's end; the item's number, SIZE_MAX. */
size_t pit_evidence(struct pit_reader *, size_t i);
/* The item of the configuration finding that has this id, SIZE_MAX when
 * there is no such finding. */
size_t pit_own_finding(struct pit_reader *, const char *id);
int pit_compare_op(struct str);

/*
 * Registers the block's id; the place for it in an array of the catalogue:
 * a new one or, when an earlier set has the id, that one. NULL and said when
 * the id is taken.
 */
void *pit_claim(struct pit_reader *, const char *id, enum entry_type);

/* text to regex and literal; -1 and said. */
int pit_text(struct pit_reader *, size_t i, struct signal *,
    struct pit_texts *);
int pit_regex(struct pit_reader *, size_t i, struct signal *,
    struct pit_texts *);
/* The literal that a regex requires (longest run), "" when there is none. */
void pit_regex_literal(struct str regex, struct buf *out);

/* After the last file: ids to numbers, cycles, item counts. */
void pit_resolve(struct catalogue *, struct errlist *);

#endif
