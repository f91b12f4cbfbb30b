/* SPDX-License-Identifier: ISC */
/*
 * Interface groups: Linux has none, but the interface of the default route
 * is what OpenBSD calls egress. I/O: reads /proc/net/route.
 */
#include <stdio.h>
#include <string.h>

#include "agent/compat/ifgroup.h"

void
compat_ifgroups(const char *interface,
    void (*found)(void *arg, const char *group), void *arg)
{
	char line[256], name[32], destination[16];
	FILE *f = fopen("/proc/net/route", "r");

	if (f == NULL)
		return;
	while (fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "%31s %15s", name, destination) == 2 &&
		    strcmp(name, interface) == 0 &&
		    strcmp(destination, "00000000") == 0) {
			found(arg, "egress");
			break;
		}
	fclose(f);
}
