/* SPDX-License-Identifier: ISC */
/*
 * Time stamps of logs in the forms that the programs print. Pure. A time
 * without a zone is kept as it was logged; a missing year is the latest one
 * in which the moment is not after the reference (a day of grace for clocks
 * and zones).
 */
#include <stdint.h>
#include <string.h>

#include "probes/logs/heads.h"

#define DAY_US (86400 * US_PER_SEC)

/*
 * Abbreviated months as syslog, journalctl and Java print them in the
 * languages seen in reports; compared as a prefix of at least three bytes.
 */
static const struct {
	const char *name;
	int month;
} months[] = {
	{ "jan", 1 }, { "feb", 2 }, { "mar", 3 }, { "apr", 4 }, { "may", 5 },
	{ "jun", 6 }, { "jul", 7 }, { "aug", 8 }, { "sep", 9 }, { "oct", 10 },
	{ "nov", 11 }, { "dec", 12 },
	/* German */
	{ "m\xc3\xa4r", 3 }, { "mai", 5 }, { "okt", 10 }, { "dez", 12 },
	/* French */
	{ "f\xc3\xa9v", 2 }, { "fev", 2 }, { "avr", 4 }, { "juin", 6 },
	{ "juil", 7 }, { "ao\xc3\xbb", 8 }, { "aou", 8 },
	{ "d\xc3\xa9" "c", 12 },
	/* Spanish, Italian, Portuguese, Dutch */
	{ "ene", 1 }, { "abr", 4 }, { "ago", 8 }, { "dic", 12 },
	{ "gen", 1 }, { "mag", 5 }, { "giu", 6 }, { "lug", 7 }, { "set", 9 },
	{ "ott", 10 }, { "out", 10 }, { "mrt", 3 }, { "mei", 5 },
};

int
take_digits(struct str *s, size_t lo, size_t hi, int *value)
{
	size_t n = 0;
	int v = 0;

	while (n < s->n && n < hi && s->p[n] >= '0' && s->p[n] <= '9') {
		if (n < 9)
			v = v * 10 + (s->p[n] - '0');
		n++;
	}
	if (n < lo)
		return (-1);
	*s = str_sub(*s, n, s->n);
	*value = v;
	return (0);
}

int
take_char(struct str *s, char c)
{
	if (s->n == 0 || s->p[0] != c)
		return (0);
	*s = str_sub(*s, 1, s->n);
	return (1);
}

int
take_word(struct str *s, const char *word)
{
	if (!str_starts(*s, word))
		return (0);
	*s = str_sub(*s, strlen(word), s->n);
	return (1);
}

size_t
take_blanks(struct str *s)
{
	size_t n = 0;

	while (n < s->n && (s->p[n] == ' ' || s->p[n] == '\t'))
		n++;
	*s = str_sub(*s, n, s->n);
	return (n);
}

static char
lower(char c)
{
	return (c >= 'A' && c <= 'Z' ? (char)(c + 32) : c);
}

static int
starts_folded(struct str s, const char *word)
{
	size_t i;

	for (i = 0; word[i] != '\0'; i++)
		if (i >= s.n || lower(s.p[i]) != word[i])
			return (0);
	return (1);
}

/* A month's name, abbreviated or whole, with or without a point. */
static int
take_month(struct str *s, int *month)
{
	size_t i, n;

	for (i = 0; i < sizeof(months) / sizeof(months[0]); i++) {
		if (!starts_folded(*s, months[i].name))
			continue;
		/* The shorter "juin"/"jun" pair is told apart by order:
		 * "jui..." never starts with "jun" or "jul". */
		n = strlen(months[i].name);
		while (n < s->n && (((s->p[n] | 32) >= 'a' &&
		    (s->p[n] | 32) <= 'z') || (s->p[n] & 0x80) != 0))
			n++;
		if (n > 12)
			continue;
		*month = months[i].month;
		*s = str_sub(*s, n, s->n);
		take_char(s, '.');
		return (0);
	}
	return (-1);
}

/* "14:35:58" with 1 to 9 digits of a fraction after '.' or ','. */
static int
take_clock(struct str *s, struct civil *c)
{
	int fraction = 0;
	size_t before;

	if (take_digits(s, 1, 2, &c->hour) == -1 || !take_char(s, ':') ||
	    take_digits(s, 2, 2, &c->minute) == -1 || !take_char(s, ':') ||
	    take_digits(s, 2, 2, &c->second) == -1)
		return (-1);
	c->us = 0;
	if (s->n > 1 && (s->p[0] == '.' || s->p[0] == ',') &&
	    s->p[1] >= '0' && s->p[1] <= '9') {
		*s = str_sub(*s, 1, s->n);
		before = s->n;
		take_digits(s, 1, 9, &fraction);
		for (before -= s->n; before < 6; before++)
			fraction *= 10;
		for (; before > 6; before--)
			fraction /= 10;
		c->us = fraction;
	}
	return (c->hour > 24 || c->minute > 59 || c->second > 60 ? -1 : 0);
}

/* "Z", "+01:00", "+0100" right here; the offset in seconds. */
static int
take_offset(struct str *s, int *seconds)
{
	struct str t = *s;
	int hours, minutes = 0, sign;

	if (take_char(&t, 'Z')) {
		*seconds = 0;
		*s = t;
		return (0);
	}
	if (t.n == 0 || (t.p[0] != '+' && t.p[0] != '-'))
		return (-1);
	sign = t.p[0] == '-' ? -1 : 1;
	t = str_sub(t, 1, t.n);
	if (take_digits(&t, 2, 2, &hours) == -1)
		return (-1);
	take_char(&t, ':');
	if (take_digits(&t, 2, 2, &minutes) == -1)
		return (-1);
	*seconds = sign * (hours * 3600 + minutes * 60);
	*s = t;
	return (0);
}

static int
days_in(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31,
	    30, 31 };

	if (month == 2 && (year % 4 == 0 &&
	    (year % 100 != 0 || year % 400 == 0)))
		return (29);
	return (days[month - 1]);
}

static int
civil_ok(const struct civil *c)
{
	return (c->month >= 1 && c->month <= 12 && c->day >= 1 &&
	    c->day <= days_in(c->year, c->month) && c->year >= 1970 &&
	    c->year <= 9999);
}

/* Sets the time of a head from s (before) and rest (after). */
static void
set_time(struct head *h, struct str *s, struct str rest,
    const struct civil *c, int offset, int has_offset)
{
	h->time = wall_add(wall_from_civil(c), -(int64_t)offset * US_PER_SEC);
	h->time_text = str_sub(*s, 0, s->n - rest.n);
	h->has_offset = has_offset;
	h->time_guessed = 0;
	*s = rest;
}

/* The latest year in which the moment is not after the reference. */
static int
guess_year(struct civil *c, wall_t reference)
{
	int tries;

	if (!wall_is_set(reference))
		return (-1);
	c->year = wall_to_civil(reference).year + 1;
	for (tries = 0; tries < 10; tries++, c->year--) {
		if (!civil_ok(c))
			continue;
		if (wall_diff(wall_from_civil(c), reference) <= DAY_US)
			return (0);
	}
	return (-1);
}

int
time_month_first(struct str *s, wall_t reference, struct head *h)
{
	struct str t = *s, u;
	struct civil c = { 0 };

	if (take_month(&t, &c.month) == -1 || take_blanks(&t) == 0 ||
	    take_digits(&t, 1, 2, &c.day) == -1 || take_blanks(&t) == 0)
		return (-1);
	u = t;
	if (take_digits(&u, 4, 4, &c.year) == 0 && take_blanks(&u) > 0)
		t = u;
	else
		c.year = 0;
	if (take_clock(&t, &c) == -1 || c.day < 1)
		return (-1);
	if (c.year != 0) {
		if (!civil_ok(&c))
			return (-1);
		set_time(h, s, t, &c, 0, 0);
		return (0);
	}
	if (c.day > days_in(2000, c.month))
		return (-1);
	if (guess_year(&c, reference) == -1) {
		h->time_text = str_sub(*s, 0, s->n - t.n);
		*s = t;
		return (0);
	}
	set_time(h, s, t, &c, 0, 0);
	h->time_guessed = 1;
	return (0);
}

int
time_iso(struct str *s, struct head *h)
{
	struct str t = *s;
	struct civil c = { 0 };
	int offset = 0, has;

	if (t.n < 19 || t.p[4] != '-' ||
	    take_digits(&t, 4, 4, &c.year) == -1 || !take_char(&t, '-') ||
	    take_digits(&t, 2, 2, &c.month) == -1 || !take_char(&t, '-') ||
	    take_digits(&t, 2, 2, &c.day) == -1 ||
	    (!take_char(&t, 'T') && !take_char(&t, ' ')) ||
	    take_clock(&t, &c) == -1 || !civil_ok(&c))
		return (-1);
	has = take_offset(&t, &offset) == 0;
	set_time(h, s, t, &c, offset, has);
	return (0);
}

int
time_slashes(struct str *s, struct head *h)
{
	struct str t = *s;
	struct civil c = { 0 };

	if (t.n < 19 || t.p[4] != '/' ||
	    take_digits(&t, 4, 4, &c.year) == -1 || !take_char(&t, '/') ||
	    take_digits(&t, 2, 2, &c.month) == -1 || !take_char(&t, '/') ||
	    take_digits(&t, 2, 2, &c.day) == -1 || !take_char(&t, ' ') ||
	    take_clock(&t, &c) == -1 || !civil_ok(&c))
		return (-1);
	set_time(h, s, t, &c, 0, 0);
	return (0);
}

int
time_access(struct str *s, struct head *h)
{
	struct str t = *s, u;
	struct civil c = { 0 };
	int offset = 0, has;

	if (take_digits(&t, 1, 2, &c.day) == -1 || !take_char(&t, '/') ||
	    take_month(&t, &c.month) == -1 || !take_char(&t, '/') ||
	    take_digits(&t, 4, 4, &c.year) == -1 || !take_char(&t, ':') ||
	    take_clock(&t, &c) == -1 || !civil_ok(&c))
		return (-1);
	u = t;
	take_blanks(&u);
	has = take_offset(&u, &offset) == 0;
	set_time(h, s, has ? u : t, &c, offset, has);
	return (0);
}

int
time_chromium(struct str *s, wall_t reference, struct head *h)
{
	struct str t = *s;
	struct civil c = { 0 };
	int fraction = 0;

	if (take_digits(&t, 2, 2, &c.month) == -1 ||
	    take_digits(&t, 2, 2, &c.day) == -1 || !take_char(&t, '/') ||
	    take_digits(&t, 2, 2, &c.hour) == -1 ||
	    take_digits(&t, 2, 2, &c.minute) == -1 ||
	    take_digits(&t, 2, 2, &c.second) == -1)
		return (-1);
	if (take_char(&t, '.') && take_digits(&t, 6, 6, &fraction) == 0)
		c.us = fraction;
	if (guess_year(&c, reference) == -1)
		return (-1);
	set_time(h, s, t, &c, 0, 0);
	h->time_guessed = 1;
	return (0);
}

int
time_jul(struct str *s, struct head *h)
{
	struct str t = *s, u;
	struct civil c = { 0 };

	if (take_digits(&t, 1, 2, &c.day) == 0) {
		take_char(&t, '.');
		if (take_blanks(&t) == 0 || take_month(&t, &c.month) == -1)
			return (-1);
	} else if (take_month(&t, &c.month) == -1 || take_blanks(&t) == 0 ||
	    take_digits(&t, 1, 2, &c.day) == -1)
		return (-1);
	take_char(&t, ',');
	if (take_blanks(&t) == 0 || take_digits(&t, 4, 4, &c.year) == -1)
		return (-1);
	take_char(&t, ',');
	if (take_blanks(&t) == 0 || take_clock(&t, &c) == -1)
		return (-1);
	/* Java prints a narrow no-break space before AM and PM since 20. */
	u = t;
	take_word(&u, "\xe2\x80\xaf");
	take_blanks(&u);
	if (take_word(&u, "PM")) {
		c.hour += c.hour < 12 ? 12 : 0;
		t = u;
	} else if (take_word(&u, "AM")) {
		c.hour -= c.hour == 12 ? 12 : 0;
		t = u;
	}
	if (!civil_ok(&c))
		return (-1);
	set_time(h, s, t, &c, 0, 0);
	return (0);
}
