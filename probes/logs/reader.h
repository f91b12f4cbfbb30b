/* SPDX-License-Identifier: ISC */
/*
 * Records of a piece of text: where each begins, and its lines taken apart.
 * Pure; used by the sources (files, memory) and by following.
 */
#ifndef MEETPROBE_PROBES_LOGS_READER_H
#define MEETPROBE_PROBES_LOGS_READER_H

#include <stddef.h>

#include "agent/base/limits.h"
#include "agent/facts/record.h"

/* Lines are counted from a mark at every so many bytes. */
#define READER_STEP ((size_t)2 << 10)

/* What the functions of a log_text need besides the text. */
struct reader {
	wall_t reference;		/* no line is later */
	enum component fallback;	/* of lines that do not say */
	int said;			/* fallback was said by the user */
	size_t first_line;		/* number of the first line of text */
	size_t *marks;			/* lines before each READER_STEP */
	size_t mark_count, mark_cap;
};

void reader_init(struct reader *);
void reader_free(struct reader *);
/* Makes *text read through *r; both must stay as long as it is used. Counts
 * the lines and returns how many there are. */
size_t reader_attach(struct reader *, struct log_text *text);
/*
 * Where the last record of the text begins; 0 when all of it is one. Used
 * to cut a stream at a boundary of records.
 */
size_t reader_last(const struct log_text *);

#endif
