/* SPDX-License-Identifier: ISC */
/*
 * Slices of bytes: comparison, search, splitting, numbers. Pure; owns
 * nothing.
 */
#include <string.h>

#include "agent/base/limits.h"
#include "agent/base/str.h"

static unsigned char
fold(char c)
{
	return (c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) :
	    (unsigned char)c);
}

static int
is_blank(char c)
{
	return (c == ' ' || c == '\t' || c == '\r' || c == '\n');
}

struct str
str_of(const char *p, size_t n)
{
	return ((struct str){ p, n });
}

struct str
str_from(const char *s)
{
	return ((struct str){ s, s == NULL ? 0 : strlen(s) });
}

struct str
str_sub(struct str s, size_t from, size_t to)
{
	if (to > s.n)
		to = s.n;
	if (from > to)
		from = to;
	return (str_of(s.p == NULL ? NULL : s.p + from, to - from));
}

int
str_eq(struct str a, struct str b)
{
	return (a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0));
}

int
str_eqs(struct str a, const char *b)
{
	return (str_eq(a, str_from(b)));
}

int
str_ieqs(struct str a, const char *b)
{
	size_t i;

	if (a.n != strlen(b))
		return (0);
	for (i = 0; i < a.n; i++)
		if (fold(a.p[i]) != fold(b[i]))
			return (0);
	return (1);
}

int
str_cmp(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int r = n == 0 ? 0 : memcmp(a.p, b.p, n);

	if (r != 0)
		return (r);
	return (a.n < b.n ? -1 : a.n > b.n);
}

int
str_starts(struct str s, const char *prefix)
{
	size_t n = strlen(prefix);

	return (s.n >= n && (n == 0 || memcmp(s.p, prefix, n) == 0));
}

int
str_ends(struct str s, const char *suffix)
{
	size_t n = strlen(suffix);

	return (s.n >= n &&
	    (n == 0 || memcmp(s.p + s.n - n, suffix, n) == 0));
}

size_t
str_chr(struct str s, char c)
{
	const char *p = s.n == 0 ? NULL : memchr(s.p, c, s.n);

	return (p == NULL ? SIZE_MAX : (size_t)(p - s.p));
}

size_t
str_rchr(struct str s, char c)
{
	size_t i;

	for (i = s.n; i > 0; i--)
		if (s.p[i - 1] == c)
			return (i - 1);
	return (SIZE_MAX);
}

size_t
str_find(struct str s, const char *needle)
{
	size_t i, n = strlen(needle);
	const char *p;

	if (n == 0)
		return (0);
	for (i = 0; i + n <= s.n; i++) {
		p = memchr(s.p + i, needle[0], s.n - n - i + 1);
		if (p == NULL)
			return (SIZE_MAX);
		i = (size_t)(p - s.p);
		if (memcmp(p, needle, n) == 0)
			return (i);
	}
	return (SIZE_MAX);
}

size_t
str_ifind(struct str s, const char *needle)
{
	size_t i, n = strlen(needle);

	for (i = 0; i + n <= s.n; i++)
		if (str_ieqs(str_sub(s, i, i + n), needle))
			return (i);
	return (SIZE_MAX);
}

struct str
str_trim(struct str s)
{
	while (s.n > 0 && is_blank(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && is_blank(s.p[s.n - 1]))
		s.n--;
	return (s);
}

struct str
str_split(struct str *s, char sep)
{
	size_t i = str_chr(*s, sep);
	struct str head = str_sub(*s, 0, i);

	*s = i == SIZE_MAX ? str_sub(*s, s->n, s->n) :
	    str_sub(*s, i + 1, s->n);
	return (head);
}

struct str
str_word(struct str *s)
{
	struct str word;
	size_t i;

	while (s->n > 0 && is_blank(s->p[0])) {
		s->p++;
		s->n--;
	}
	for (i = 0; i < s->n && !is_blank(s->p[i]); i++)
		;
	word = str_sub(*s, 0, i);
	*s = str_sub(*s, i, s->n);
	return (word);
}

int
str_num(struct str s, int64_t lo, int64_t hi, int64_t *out)
{
	uint64_t v = 0, top;
	size_t i = 0;
	int neg = 0;

	if (s.n > 0 && s.p[0] == '-') {
		neg = 1;
		i = 1;
	}
	if (i == s.n)
		return (-1);
	top = (uint64_t)INT64_MAX + (neg ? 1U : 0U);
	for (; i < s.n; i++) {
		unsigned d = (unsigned char)s.p[i] - (unsigned)'0';

		if (d > 9 || v > (top - d) / 10)
			return (-1);
		v = v * 10 + d;
	}
	*out = neg ? (int64_t)(0 - v) : (int64_t)v;
	return (*out < lo || *out > hi ? -1 : 0);
}

int
str_duration(struct str s, int64_t *ns)
{
	static const struct {
		const char *suffix;
		int64_t unit;
	} units[] = {
		{ "ms", INT64_C(1000000) },
		{ "s", INT64_C(1000000000) },
		{ "m", INT64_C(60000000000) },
		{ "h", INT64_C(3600000000000) },
		{ "d", INT64_C(86400000000000) },
		{ "", INT64_C(1000000000) },
	};
	size_t i;
	int64_t v;

	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (str_ends(s, units[i].suffix))
			break;
	s.n -= strlen(units[i].suffix);
	if (str_num(s, 0, LIMIT_DURATION_NS / units[i].unit, &v) == -1)
		return (-1);
	*ns = v * units[i].unit;
	return (0);
}

size_t
str_utf8_len(struct str s, size_t i)
{
	static const uint32_t least[5] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char c = (unsigned char)s.p[i];
	uint32_t v;
	size_t n, k;

	if (c < 0x80)
		return (c >= 0x20 && c != 0x7f ? 1 : 0);
	if (c >= 0xc2 && c <= 0xdf)
		n = 2;
	else if (c >= 0xe0 && c <= 0xef)
		n = 3;
	else if (c >= 0xf0 && c <= 0xf4)
		n = 4;
	else
		return (0);
	if (n > s.n - i)
		return (0);
	v = c & (0x7fU >> n);
	for (k = 1; k < n; k++) {
		c = (unsigned char)s.p[i + k];
		if ((c & 0xc0) != 0x80)
			return (0);
		v = v << 6 | (c & 0x3f);
	}
	if (v < least[n] || v > 0x10ffff || (v >= 0xd800 && v <= 0xdfff))
		return (0);
	if (v < 0xa0 || v == 0x2028 || v == 0x2029 ||
	    (v >= 0x202a && v <= 0x202e) || (v >= 0x2066 && v <= 0x2069))
		return (0);	/* C1 and marks that reorder a line */
	return (n);
}

size_t
str_distance(struct str a, struct str b, size_t max)
{
	size_t row[LIMIT_DISTANCE_WORD + 1], i, j, diag, up, best;

	if (a.n > LIMIT_DISTANCE_WORD || b.n > LIMIT_DISTANCE_WORD)
		return (max + 1);
	for (j = 0; j <= b.n; j++)
		row[j] = j;
	for (i = 1; i <= a.n; i++) {
		diag = row[0];
		row[0] = i;
		for (j = 1; j <= b.n; j++) {
			up = row[j];
			best = diag + (a.p[i - 1] != b.p[j - 1]);
			if (up + 1 < best)
				best = up + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
			diag = up;
		}
	}
	return (row[b.n] > max ? max + 1 : row[b.n]);
}
