/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_CONN_H
#define MEETPROBE_PROBES_CONN_H

#include <stdint.h>

#include <openssl/ssl.h>

#include "agent/base/str.h"
#include "agent/facts/reason.h"
#include "agent/run/addr.h"

struct probe_run;

/*
 * A connection of one run of a probe: name, TCP, perhaps TLS, bytes. It
 * keeps the run's phases ("name", "connect", "tls"), tells the transcript
 * what happens, and when the peer or the network ends it, ends the run with
 * the right reason, unless the probe wants to judge that itself (`down`).
 *
 * A handshake or an answer cut in the middle is truncated, before any byte
 * of it closed. TLS errors: an alert of the peer is tls-alert, no version or
 * cipher in common tls-version, something that is no TLS protocol-error.
 */
struct conn;

struct conn_events {
	/* TCP is connected. */
	void (*up)(void *);
	/* The TLS handshake asked for with conn_tls is done. */
	void (*secure)(void *);
	/* Bytes from the peer, decrypted. */
	void (*data)(struct str, void *);
	/* The connection is over, for a reason in words. NULL, or 0 returned:
	 * the run ends as failed for that reason. */
	int (*down)(enum reason, const char *text, void *);
};

/* One connection at a time; the events must stay where they are. */
struct conn *conn_new(struct probe_run *, const struct conn_events *, void *);
/* NULL is allowed. Not from inside an event. */
void conn_free(struct conn *);

/*
 * Begins. label is what the sentences call the peer ("xmpp:5222"); address
 * is numeric or NULL, then the name is looked up as this host's programs do.
 */
void conn_dial(struct conn *, const char *label, const char *name,
    const char *address, uint16_t port);
/* Starts the handshake; sni may be NULL. Certificates are not judged here. */
void conn_tls(struct conn *, const char *sni);
/* Sends, waiting for room as needed. */
void conn_write(struct conn *, struct str);
void conn_puts(struct conn *, const char *);
/* Takes leave as a client that changed its mind: what is still to be sent,
 * close_notify, then FIN. */
void conn_leave(struct conn *);

const struct addr *conn_peer(const struct conn *);
const char *conn_label(const struct conn *);
/* NULL without TLS. */
SSL *conn_ssl(const struct conn *);

#endif
