/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_FLOWS_H
#define MEETPROBE_PROBES_FLOWS_H

#include <stddef.h>
#include <stdint.h>

#include "agent/facts/site.h"

/*
 * The flow matrix of a site: who must reach whom, and who must not. Derived
 * from the site; tcp.connect, udp.reach and the checks of the packet filter
 * all follow it.
 */
struct flow {
	const char *id;		/* "jicofo-xmpp-5222" */
	roles_t from;		/* hosts it starts at */
	enum role to;
	int udp;
	uint16_t port, last;	/* a range for media */
	int reachable;		/* 0: must not be */
	int optional;		/* accept does not require it */
};

#define FLOWS_MAX 24

/* Fills list, at most FLOWS_MAX; how many. */
size_t flows_of(const struct site *, struct flow *list);

/* What the other hosts are called and where they are: the site's word for a
 * role ("xmpp"), and its numeric address or NULL. On the host that has the
 * role itself the address is the loopback when nothing else is known. */
const char *target_name(const struct site *, enum role);
const char *target_address(const struct site *, enum role);
/* The name to look up for a role when there is no address; NULL: none. */
const char *target_host(const struct site *, enum role);
/* 1 when we know where the role's host is. */
int target_known(const struct site *, enum role);

#endif
