/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_BASE_BUF_H
#define MEETPROBE_BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>

#include "agent/base/str.h"

/*
 * A growing byte buffer with a ceiling fixed at creation. An addition that
 * would pass the ceiling changes nothing and sets `full`, which stays set:
 * callers add many times and look once.
 */
struct buf {
	char *data;	/* always NUL terminated once something was added */
	size_t len;	/* bytes, without the NUL */
	size_t cap;	/* bytes allocated */
	size_t max;	/* ceiling for len */
	int full;	/* sticky: an addition was refused */
};

/* Starts an empty buffer that never holds more than max bytes. */
void buf_init(struct buf *, size_t max);
/* Frees what the buffer owns; the struct may be used again after buf_init. */
void buf_free(struct buf *);
/* Empties without giving memory back; clears `full`. */
void buf_clear(struct buf *);

/* All additions return 0, or -1 when the ceiling refused them. */
int buf_add(struct buf *, const void *, size_t);
int buf_addc(struct buf *, char);
int buf_adds(struct buf *, const char *);
int buf_add_str(struct buf *, struct str);
int buf_addf(struct buf *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
int buf_vaddf(struct buf *, const char *fmt, va_list);
/* Adds text that came from outside: C0, DEL, C1 and invalid UTF-8 as \xNN. */
int buf_add_safe(struct buf *, struct str);

/* Removes n bytes (at most len) from the front. */
void buf_drop(struct buf *, size_t n);
/* The contents as a string, "" when empty; valid until the next change. */
const char *buf_cstr(const struct buf *);
/* The contents as a slice; valid until the next change. */
struct str buf_str(const struct buf *);
/* Hands the memory over (never NULL, NUL terminated); the buffer is empty. */
char *buf_take(struct buf *);

#endif
