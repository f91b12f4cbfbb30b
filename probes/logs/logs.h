/* SPDX-License-Identifier: ISC */
/*
 * Logs of every component, read piece by piece. A source is opened once,
 * its pieces follow each other in the order of the file, each holding whole
 * records, and what was read is told at the end.
 */
#ifndef MEETPROBE_PROBES_LOGS_LOGS_H
#define MEETPROBE_PROBES_LOGS_LOGS_H

#include <stddef.h>

#include "agent/base/clock.h"
#include "agent/base/str.h"
#include "agent/facts/kinds.h"
#include "agent/facts/record.h"

struct log_source;

/* What of a source was read; final after logs_next returned NULL. */
struct log_coverage {
	enum coverage_state state;
	size_t lines;
	enum component component;	/* recognised or said; NONE: mixed */
	wall_t from, to;	/* first and last time found, or WALL_NONE */
	int time_guessed;	/* the year of one of them was not logged */
	int has_offset;		/* both are logged with their offset */
	const char *hint;	/* how to read what could not be, or NULL */
};

/*
 * Opens a file, gzip or not. component NONE: found from the content, line
 * by line. host may be NULL. Never NULL: what cannot be opened is a source
 * without pieces whose coverage says why. The missing year of a time comes
 * from the file's modification time.
 */
struct log_source *logs_open(const char *path, enum component,
    const char *host);
/* The same from a descriptor, which the source closes; -1 for missing. */
struct log_source *logs_fdopen(int fd, const char *name, enum component,
    const char *host);
/*
 * The same from bytes in memory, which must outlive the source. reference
 * is a moment that no line is later than; WALL_NONE: now.
 */
struct log_source *logs_memory(const char *name, struct str bytes,
    enum component, const char *host, wall_t reference);
/* The next piece, valid until the next call; NULL at the end. */
const struct log_text *logs_next(struct log_source *);
const struct log_coverage *logs_coverage(const struct log_source *);
void logs_close(struct log_source *);

/*
 * What wrote the log that begins with these bytes: a component;
 * COMPONENT_NONE for a log of several; -1 when it is no log that we know.
 * The name of the file (may be NULL) decides what the content leaves open.
 */
int logs_recognise(const char *name, struct str sample);

#endif
