/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_LISTEN_H
#define MEETPROBE_PROBES_LISTEN_H

#include <stddef.h>
#include <stdint.h>

#include "agent/compat/listen.h"

/* The listeners of this host, as listen.local sees them. */
struct listeners {
	struct listener *list;
	size_t count;
	int known;		/* 0: the system does not tell */
};

void listeners_read(struct listeners *);
void listeners_free(struct listeners *);
/* The one on the port that is reached from furthest (any address before a
 * single one, that before the loopback); NULL: none. */
const struct listener *listeners_find(const struct listeners *, int udp,
    uint16_t port);
/* "0.0.0.0", "*" for any, ... */
void listener_address(const struct listener *, char *, size_t);
int listener_is_loopback(const struct listener *);

#endif
