/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_CONFIG_HOCON_SCAN_H
#define MEETPROBE_PROBES_CONFIG_HOCON_SCAN_H

#include <stddef.h>

#include "agent/base/str.h"

struct buf;
struct hocon;

/* A place in one text of a HOCON document. */
struct hocon_scan {
	struct hocon *doc;
	int source;
	struct str s;
	size_t at;
	size_t line_start;
	int line;
};

/* Column of the place, from 1. */
int hocon_column(const struct hocon_scan *);
/* Says a syntax error at the place. */
void hocon_wrong(struct hocon_scan *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* The byte here, or so many bytes ahead; -1 at the end. */
int hocon_peek(const struct hocon_scan *);
int hocon_peek_at(const struct hocon_scan *, size_t ahead);
/* One byte further, counting lines. */
void hocon_step(struct hocon_scan *);
/* An error was said or the text is over: ends every loop. */
int hocon_stopped(const struct hocon_scan *);
/* Length of the blank here; 0: none. */
size_t hocon_blank(const struct hocon_scan *);
int hocon_at_comment(const struct hocon_scan *);
/* Over the blanks of this line. */
void hocon_skip_blanks(struct hocon_scan *);
/* Over blanks, comments, newlines; 1 when a newline was among them. */
int hocon_skip_lines(struct hocon_scan *);
/* Takes a string in quotes, single or triple; its text is added. */
void hocon_quoted(struct hocon_scan *, struct buf *);

#endif
