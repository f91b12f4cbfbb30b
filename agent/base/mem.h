/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_BASE_MEM_H
#define MEETPROBE_BASE_MEM_H

#include <stddef.h>

#include "agent/base/str.h"

/*
 * Allocation that cannot fail: out of memory, and a count times size that
 * overflows, end the process through fatal(). Everything is freed by free().
 */
void *mem_zalloc(size_t count, size_t size);
void *mem_realloc(void *, size_t count, size_t size);
char *mem_strdup(const char *);
/* A NUL terminated copy of a slice; NUL bytes inside are kept. */
char *mem_str(struct str);
char *mem_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Overwrites a string that held a secret, and frees it; NULL is allowed.
 * mem_wipe_bytes: n bytes of it, whatever they are. */
void mem_wipe(char *);
void mem_wipe_bytes(void *, size_t n);

/*
 * Makes room for one more element in a growing array. *cap counts elements.
 * Returns the (moved) array, or NULL, changing nothing, when max elements
 * are there already.
 */
void *mem_grow(void *array, size_t count, size_t *cap, size_t size,
    size_t max);

/* Prints "PROGRAM: message" to stderr and aborts: programmer's errors. */
void fatal(const char *fmt, ...)
    __attribute__((format(printf, 1, 2), noreturn));

#endif
