/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_DATAGRAM_H
#define MEETPROBE_PROBES_DATAGRAM_H

#include "agent/base/str.h"
#include "agent/run/addr.h"

struct probe_run;

/*
 * A UDP exchange of one run: looks the peer up, sends the same datagram at
 * growing intervals (RFC 8489 section 6.2.1) until the probe has what it
 * wants. Whatever comes is given to the probe; silence is its `late`.
 */
struct datagram;

struct datagram_events {
	/* A datagram came; the probe may ignore it. */
	void (*data)(struct str, void *);
	/* The system says that it cannot be delivered: an ICMP message, a
	 * filter of this host. 0: the run ends as failed for that reason. */
	int (*error)(int error, void *);
};

struct datagram *datagram_new(struct probe_run *,
    const struct datagram_events *, void *arg);
/* NULL is allowed. Not from inside an event. */
void datagram_free(struct datagram *);
/* address as in conn_dial. */
void datagram_send(struct datagram *, const char *label, const char *name,
    const char *address, uint16_t port, struct str bytes);
const struct addr *datagram_peer(const struct datagram *);

#endif
