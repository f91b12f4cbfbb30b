/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_FACTS_RECORD_H
#define MEETPROBE_FACTS_RECORD_H

#include "agent/base/clock.h"
#include "agent/base/str.h"
#include "agent/facts/kinds.h"

/* The levels of all programs, mapped to one order. */
enum log_level {
	LOG_LEVEL_NONE,		/* the line does not say */
	LOG_LEVEL_DEBUG,	/* prosody debug, java FINE and below */
	LOG_LEVEL_INFO,
	LOG_LEVEL_WARN,
	LOG_LEVEL_ERROR,	/* java SEVERE, nginx error and above */
	LOG_LEVEL_COUNT
};

/*
 * One record of a log: its first line taken apart, and the lines that belong
 * to it (a stack trace). All slices point into the text that was read and
 * live as long as it.
 */
struct record {
	enum component component;
	struct str file;	/* as named by the user */
	int line;		/* number of the first line, from 1 */
	struct str host;	/* of syslog, container or option; or empty */
	wall_t time;		/* WALL_NONE when the line has none */
	int time_guessed;	/* year or zone were not in the line */
	int has_offset;		/* the line says its offset from UTC */
	struct str time_text;	/* the time as logged */
	enum log_level level;
	struct str session;	/* c2s55e0..., thread, connection; or empty */
	struct str logger;	/* module, class: "conference.example:muc" */
	struct str message;	/* first line after its head */
	struct str more;	/* continuation lines, NL between; or empty */
	struct str raw;		/* the whole record as read, without last NL */
};

/*
 * A text of log lines in memory, with the one question that a matcher asks
 * of whoever read it: which record is the byte `at` part of? A matcher
 * searches `text` as a whole and has only the lines it stopped at taken
 * apart. Reading (probes/logs) makes these, matching (agent/diagnosis) uses
 * them, the programs carry them over.
 */
struct log_text {
	struct str text;
	struct str file;
	enum component component;	/* of the whole text, or NONE: mixed */
	struct str host;		/* said by the user, or empty */
	/* Fills the record around byte `at`; 0, or -1 when there is none. */
	int (*record_at)(const struct log_text *, size_t at, struct record *);
	/* The first record at or after byte `at`; returns the byte after it,
	 * or SIZE_MAX when there is none left. */
	size_t (*record_next)(const struct log_text *, size_t at,
	    struct record *);
	const void *reader;		/* the reader's own */
};

#endif
