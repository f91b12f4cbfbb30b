/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_BASE_CLOCK_H
#define MEETPROBE_BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

/* A moment of the monotonic clock; only differences mean something. */
typedef struct {
	int64_t ns;
} mono_t;

/* A moment of the calendar: microseconds since 1970-01-01T00:00:00Z. */
typedef struct {
	int64_t us;
} wall_t;

#define NS_PER_SEC INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)
#define US_PER_SEC INT64_C(1000000)

/* No moment at all: before every real one. */
#define MONO_NONE ((mono_t){ INT64_MIN })
#define WALL_NONE ((wall_t){ INT64_MIN })

mono_t mono_add(mono_t, int64_t ns);
/* a - b in nanoseconds. */
int64_t mono_diff(mono_t a, mono_t b);
int mono_before(mono_t a, mono_t b);
double mono_seconds(mono_t since, mono_t until);

int wall_is_set(wall_t);
wall_t wall_add(wall_t, int64_t us);
int64_t wall_diff(wall_t a, wall_t b);

/* Broken-down calendar time in UTC, month and day counted from 1. */
struct civil {
	int year, month, day, hour, minute, second;
	int us;
};

/* Proleptic Gregorian calendar, UTC; month outside 1..12 is the caller's
 * error. Algorithm: days from civil, era of 400 years. */
wall_t wall_from_civil(const struct civil *);
struct civil wall_to_civil(wall_t);

/* RFC 3339 in UTC with Z, fraction only when there is one of at least a
 * millisecond ("2026-11-22T10:00:00.250Z"). Writes at most len bytes. */
#define WALL_TEXT_SIZE 32
void wall_format(wall_t, char *, size_t len);

/* The clocks themselves (compat/now.c reads them). */
mono_t mono_now(void);
wall_t wall_now(void);

#endif
