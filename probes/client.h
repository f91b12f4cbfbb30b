/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_CLIENT_H
#define MEETPROBE_PROBES_CLIENT_H

#include "probes/codec/xmpp.h"
#include "probes/conn.h"

struct probe_run;

/*
 * An XMPP client's first steps over a connection of a probe, RFC 6120
 * section 4 and 5: stream, features, STARTTLS, stream again. It ends the
 * run with the right reason whenever the server or the network does not
 * follow; the probe gets to hear only of steps that succeeded.
 */
struct client;

struct client_events {
	/* The features before TLS. Return 1 to go on to STARTTLS, 0 when
	 * this is the end (the probe has said so). */
	int (*features)(const struct xmpp_features *, void *);
	/* TLS is up. Return 1 to open the stream again, 0: the end. */
	int (*secure)(SSL *, void *);
	/* The features inside TLS. */
	void (*inside)(const struct xmpp_features *, void *);
};

struct client *client_new(struct probe_run *, const struct client_events *,
    void *arg);
/* NULL is allowed. Not from inside an event. */
void client_free(struct client *);
/* Connects and opens a stream to `domain`. */
void client_start(struct client *, const char *label, const char *host,
    const char *address, uint16_t port, const char *domain);
/* Whom it is connected to. */
const struct addr *client_peer(const struct client *);
/* Ends it as a client that changed its mind. */
void client_leave(struct client *);

#endif
