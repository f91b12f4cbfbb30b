/* SPDX-License-Identifier: ISC */
/*
 * Interface groups: Linux has none that pf.conf could name. I/O: none.
 */
#include "agent/compat/ifgroup.h"

void
compat_ifgroups(const char *interface,
    void (*found)(void *arg, const char *group), void *arg)
{
	(void)interface;
	(void)found;
	(void)arg;
}
