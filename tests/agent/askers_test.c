/* SPDX-License-Identifier: ISC */
/*
 * Mirrors agent/askers.c. Would catch: an asker who is told secrets twice in
 * ten minutes, one who has to wait for another's sake, a table that a crowd
 * of askers empties.
 */
#include <stdio.h>

#include "agent/askers.h"
#include "tests/kit/check.h"

int
main(void)
{
	static struct askers a;
	mono_t now = { 1000 * NS_PER_SEC };
	char who[32];
	int i, told = 0;

	CHECK_INT(askers_take(&a, "10.0.0.2", now), 0, "the first time");
	CHECK_INT(askers_take(&a, "10.0.0.2", now), 600 * NS_PER_SEC,
	    "not again, and for how long");
	CHECK_INT(askers_take(&a, "10.0.0.3", now), 0, "somebody else");
	now = mono_add(now, 599 * NS_PER_SEC);
	CHECK_INT(askers_take(&a, "10.0.0.2", now), NS_PER_SEC,
	    "asking does not make it longer");
	now = mono_add(now, NS_PER_SEC);
	CHECK_INT(askers_take(&a, "10.0.0.2", now), 0, "after ten minutes");
	CHECK(askers_take(&a, "10.0.0.2", now) > 0, "and then not again");

	for (i = 0; i < 2 * LIMIT_SECRET_ASKERS; i++) {
		snprintf(who, sizeof(who), "10.1.%d.%d", i / 256, i % 256);
		told += askers_take(&a, who, now) == 0;
	}
	CHECK_INT(told, LIMIT_SECRET_ASKERS - 1, "no more than the table "
	    "holds, whoever asks");
	CHECK(askers_take(&a, "10.0.0.2", now) > 0,
	    "a crowd does not push anybody out");
	now = mono_add(now, 600 * NS_PER_SEC);
	CHECK_INT(askers_take(&a, "10.2.0.1", now), 0, "later there is room");
	return (check_end());
}
