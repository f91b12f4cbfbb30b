/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_MEDIA_CAPTURE_H
#define MEETPROBE_MEDIA_CAPTURE_H

#include "agent/base/buf.h"
#include "agent/base/str.h"
#include "agent/run/msg.h"
#include "probes/media/media.h"

/*
 * Live capture on a sniffer. Bytes kept of a packet: 128, but
 * STUN and DTLS whole; the filter passes the bridge's port, fragments and
 * ICMP errors. Never immediate mode: 20 to 70 times the cost; the reader
 * looks when the descriptor is ready (a block is full) and every 50 ms.
 */
struct capture;

/* How often capture_read() should be called, ns. */
#define CAPTURE_INTERVAL_NS (INT64_C(50) * 1000000)

/* NULL and `why` when the interface cannot be opened. The descriptor stays
 * usable after privileges are dropped. */
struct capture *capture_open(const char *interface, uint16_t port_low,
    uint16_t port_high, struct buf *why);
void capture_close(struct capture *);
/* To wait for; -1 where the system has none. */
int capture_fd(const struct capture *);
/* Feeds what has been captured; packets, or -1 and `why`: the interface is
 * gone. Does not wait. Drops are told to the analyser. */
int capture_read(struct capture *, struct media *, struct buf *why);

/*
 * The body of the agent's capture child (a struct child_role's run). The
 * request is "INTERFACE PORT-LOW PORT-HIGH PUBLIC|- USER|-": opens the
 * interface, gives up its privileges for those of USER, then sends every
 * five seconds the counts and the verdicts. It ends when the socket does.
 */
int media_capture_child(struct str request, int sock);

/* Types of its messages. */
enum {
	MEDIA_MSG_COUNTS = 16,		/* CHILD_OWN */
	MEDIA_MSG_VERDICT,		/* one of this round's */
	MEDIA_MSG_END,			/* the round is complete */
	MEDIA_MSG_PROBLEM		/* text: why there is no capture */
};

/* The receiving side; -1 when the message is not what it says it is. */
int media_get_msg_counts(struct msg *, struct media_counts *);
int media_get_msg_verdict(struct msg *, struct verdicts *);

/* The sending side, for tests. */
int media_send_round(int sock, struct media *, int64_t ns);

#endif
