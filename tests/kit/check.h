/* SPDX-License-Identifier: ISC */
/*
 * The whole test kit: a program calls CHECK many times and ends with
 * `return (check_end());`. Output is TAP 14, which tests/run adds up.
 */
#ifndef MEETPROBE_TESTS_KIT_CHECK_H
#define MEETPROBE_TESTS_KIT_CHECK_H

#include <stddef.h>

/* One test; the text says what must hold, printf style. */
#define CHECK(cond, ...) check_ok((cond) != 0, __FILE__, __LINE__, __VA_ARGS__)
/* Two strings are equal; prints both when not. */
#define CHECK_STR(got, want, ...) \
	check_str((got), (want), __FILE__, __LINE__, __VA_ARGS__)
/* Two integers are equal; prints both when not. */
#define CHECK_INT(got, want, ...) \
	check_int((long long)(got), (long long)(want), __FILE__, __LINE__, \
	    __VA_ARGS__)

void check_ok(int ok, const char *file, int line, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
void check_str(const char *got, const char *want, const char *file, int line,
    const char *fmt, ...) __attribute__((format(printf, 5, 6)));
void check_int(long long got, long long want, const char *file, int line,
    const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* Counts one skipped test, with the reason. */
void check_skip(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Prints the plan; the exit status of the program. */
int check_end(void);

/* Reads a whole file, NUL terminated, freed by the caller; NULL if absent. */
char *check_read(const char *path, size_t *len);
/*
 * The labelled data beside the project: "$MEETPROBE_DATA/NAME", by default
 * ../shared/data/NAME. NULL when it is not there: skip then. Freed by the
 * caller.
 */
char *check_data(const char *name);

#endif
