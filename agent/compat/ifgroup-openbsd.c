/* SPDX-License-Identifier: ISC */
/*
 * Interface groups by SIOCGIFGROUP, netintro(4). I/O.
 */
#include <sys/types.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <net/if.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/compat/ifgroup.h"

void
compat_ifgroups(const char *interface,
    void (*found)(void *arg, const char *group), void *arg)
{
	struct ifgroupreq req;
	struct ifg_req *list;
	unsigned int n, i;
	int s;

	if ((s = socket(AF_INET, SOCK_DGRAM, 0)) == -1)
		return;
	memset(&req, 0, sizeof(req));
	strlcpy(req.ifgr_name, interface, sizeof(req.ifgr_name));
	if (ioctl(s, SIOCGIFGROUP, &req) == -1 || req.ifgr_len == 0 ||
	    (list = calloc(1, req.ifgr_len)) == NULL) {
		close(s);
		return;
	}
	req.ifgr_groups = list;
	if (ioctl(s, SIOCGIFGROUP, &req) == 0) {
		n = req.ifgr_len / sizeof(*list);
		for (i = 0; i < n; i++)
			found(arg, list[i].ifgrq_group);
	}
	free(list);
	close(s);
}
