/* SPDX-License-Identifier: ISC */
/*
 * Moments and the calendar. Pure: the clocks are read in compat/now.c.
 */
#include <stdio.h>

#include "agent/base/clock.h"

mono_t
mono_add(mono_t t, int64_t ns)
{
	return ((mono_t){ t.ns + ns });
}

int64_t
mono_diff(mono_t a, mono_t b)
{
	return (a.ns - b.ns);
}

int
mono_before(mono_t a, mono_t b)
{
	return (a.ns < b.ns);
}

double
mono_seconds(mono_t since, mono_t until)
{
	return ((double)mono_diff(until, since) / (double)NS_PER_SEC);
}

int
wall_is_set(wall_t t)
{
	return (t.us != INT64_MIN);
}

wall_t
wall_add(wall_t t, int64_t us)
{
	return ((wall_t){ t.us + us });
}

int64_t
wall_diff(wall_t a, wall_t b)
{
	return (a.us - b.us);
}

wall_t
wall_from_civil(const struct civil *c)
{
	int64_t year = c->month <= 2 ? c->year - 1 : c->year;
	int64_t era = (year >= 0 ? year : year - 399) / 400;
	int64_t yoe = year - era * 400;
	int64_t doy = (153 * (c->month + (c->month > 2 ? -3 : 9)) + 2) / 5 +
	    c->day - 1;
	int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
	int64_t days = era * 146097 + doe - 719468;

	return ((wall_t){ ((days * 24 + c->hour) * 60 + c->minute) * 60 *
	    US_PER_SEC + c->second * US_PER_SEC + c->us });
}

struct civil
wall_to_civil(wall_t t)
{
	int64_t us = t.us % (86400 * US_PER_SEC);
	int64_t days = t.us / (86400 * US_PER_SEC);
	int64_t era, doe, yoe, doy, mp;
	struct civil c;

	if (us < 0) {
		us += 86400 * US_PER_SEC;
		days--;
	}
	days += 719468;
	era = (days >= 0 ? days : days - 146096) / 146097;
	doe = days - era * 146097;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	c.day = (int)(doy - (153 * mp + 2) / 5 + 1);
	c.month = (int)(mp < 10 ? mp + 3 : mp - 9);
	c.year = (int)(yoe + era * 400 + (c.month <= 2));
	c.us = (int)(us % US_PER_SEC);
	us /= US_PER_SEC;
	c.second = (int)(us % 60);
	c.minute = (int)(us / 60 % 60);
	c.hour = (int)(us / 3600);
	return (c);
}

void
wall_format(wall_t t, char *out, size_t len)
{
	struct civil c = wall_to_civil(t);

	if (c.us >= 1000)
		snprintf(out, len, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
		    c.year, c.month, c.day, c.hour, c.minute, c.second,
		    c.us / 1000);
	else
		snprintf(out, len, "%04d-%02d-%02dT%02d:%02d:%02dZ", c.year,
		    c.month, c.day, c.hour, c.minute, c.second);
}
