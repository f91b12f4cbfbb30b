/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_BASE_STR_H
#define MEETPROBE_BASE_STR_H

#include <stddef.h>
#include <stdint.h>

/* A borrowed run of bytes, not NUL terminated; p may be NULL when n is 0. */
struct str {
	const char *p;
	size_t n;
};

/* For "%.*s". */
#define STR_ARG(s) (int)(s).n, (s).p == NULL ? "" : (s).p
#define STR_LIT(lit) ((struct str){ "" lit, sizeof(lit) - 1 })

struct str str_of(const char *, size_t);
/* A NUL terminated string as a slice; NULL gives the empty slice. */
struct str str_from(const char *);
/* Bytes [from, to) of a slice, clamped to it. */
struct str str_sub(struct str, size_t from, size_t to);

int str_eq(struct str, struct str);
int str_eqs(struct str, const char *);
/* ASCII case folded comparison. */
int str_ieqs(struct str, const char *);
/* Order by bytes, shorter first: <0, 0, >0. */
int str_cmp(struct str, struct str);
int str_starts(struct str, const char *);
int str_ends(struct str, const char *);
/* Index of the first occurrence, SIZE_MAX when there is none. */
size_t str_chr(struct str, char);
size_t str_rchr(struct str, char);
size_t str_find(struct str, const char *);
size_t str_ifind(struct str, const char *);

/* Without blanks (space, tab, CR, NL) at both ends. */
struct str str_trim(struct str);
/*
 * Takes the text up to the first sep off the front of *s and returns it; the
 * separator is gone. Without a separator takes everything.
 */
struct str str_split(struct str *s, char sep);
/* The next run of non-blanks off the front of *s; empty at the end. */
struct str str_word(struct str *s);

/*
 * A decimal number that is the whole slice and lies in [lo, hi]: 0 and *out,
 * or -1. No blanks, no plus sign.
 */
int str_num(struct str, int64_t lo, int64_t hi, int64_t *out);
/*
 * A span of time: a number with s (default), m, h, d or ms; result in
 * nanoseconds. 0, or -1 when it is none or longer than 100 years.
 */
int str_duration(struct str, int64_t *ns);
/*
 * Length of the printable UTF-8 character at byte i: 1 to 4; 0 for a control
 * character (C0, DEL, C1) or a byte that is not valid UTF-8. RFC 3629.
 */
size_t str_utf8_len(struct str, size_t i);

/* Levenshtein distance, given up above max (then max + 1). */
size_t str_distance(struct str, struct str, size_t max);

#endif
