/* SPDX-License-Identifier: ISC */
/*
 * I/O: reads the two clocks, the same way on every system we build on.
 */
#include <time.h>

#include "agent/base/clock.h"
#include "agent/base/mem.h"

mono_t
mono_now(void)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_MONOTONIC, &ts) == -1)
		fatal("clock_gettime");
	return ((mono_t){ (int64_t)ts.tv_sec * NS_PER_SEC + ts.tv_nsec });
}

wall_t
wall_now(void)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_REALTIME, &ts) == -1)
		fatal("clock_gettime");
	return ((wall_t){ (int64_t)ts.tv_sec * US_PER_SEC +
	    ts.tv_nsec / 1000 });
}
