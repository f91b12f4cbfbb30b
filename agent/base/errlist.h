/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_BASE_ERRLIST_H
#define MEETPROBE_BASE_ERRLIST_H

#include <stddef.h>

struct buf;

/* One complaint about a file; line and column from 1, 0 when not known. */
struct err {
	char *file;
	int line, column;
	char *message;
};

/*
 * All that is wrong in a set of files, in the order it was found. Grows to
 * LIMIT_ERRORS; what comes after that is counted in `more` only.
 */
struct errlist {
	struct err *list;
	size_t count, cap, more;
};

void errlist_init(struct errlist *);
void errlist_free(struct errlist *);
void errlist_add(struct errlist *, const char *file, int line, int column,
    const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* One line each, "file:line:column: message", parts not known left out. */
void errlist_print(const struct errlist *, struct buf *);

#endif
