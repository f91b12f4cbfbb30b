/* SPDX-License-Identifier: ISC */
/*
 * How often an asker is told secrets. Pure.
 */
#include <stdio.h>
#include <string.h>

#include "agent/askers.h"

int64_t
askers_take(struct askers *a, const char *who, mono_t now)
{
	size_t i, place = a->count;
	int64_t left, least = INT64_MAX;

	for (i = 0; i < a->count; i++) {
		left = mono_diff(a->list[i].again, now);
		if (strncmp(a->list[i].who, who,
		    sizeof(a->list[i].who) - 1) == 0 && left > 0)
			return (left);
		if (left <= 0)
			place = i;	/* nobody waits for this one */
		else if (left < least)
			least = left;
	}
	if (place == LIMIT_SECRET_ASKERS)
		return (least);
	snprintf(a->list[place].who, sizeof(a->list[place].who), "%s", who);
	a->list[place].again = mono_add(now,
	    LIMIT_SECRET_INTERVAL * NS_PER_SEC);
	if (place == a->count)
		a->count++;
	return (0);
}
