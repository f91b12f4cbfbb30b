/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_COMPAT_IFGROUP_H
#define MEETPROBE_COMPAT_IFGROUP_H

/*
 * Calls the function once for every group (OpenBSD's ifconfig(8) group)
 * that an interface is a member of. Systems without groups know only egress:
 * the interface of the default route.
 */
void compat_ifgroups(const char *interface,
    void (*found)(void *arg, const char *group), void *arg);

#endif
