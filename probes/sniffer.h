/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_SNIFFER_H
#define MEETPROBE_PROBES_SNIFFER_H

#include <stddef.h>
#include <stdint.h>

#include "agent/base/buf.h"

struct bpf_program;

/*
 * A live capture: the one user of libpcap's calls, those that OpenBSD's base
 * has. Never immediate mode: 20 to 70 times the cost. Never promiscuous.
 */
struct sniffer;

struct sniffer_options {
	int snaplen;		/* bytes kept of a packet */
	int buffer;		/* bytes; a system may give less */
	int timeout_ms;		/* a packet waits so long for others */
	int nonblock;		/* sniffer_read() does not wait */
};

/* NULL and `why` when the interface cannot be opened. The descriptor stays
 * usable after privileges are dropped. */
struct sniffer *sniffer_open(const char *interface,
    const struct sniffer_options *, struct buf *why);
/* NULL is allowed. */
void sniffer_close(struct sniffer *);

/* LINKTYPE_ of the-tcpdump-group: a DLT_ has another number in a file on
 * some systems. */
unsigned int sniffer_link(const struct sniffer *);
/* Has the kernel pass only what the program passes; copied. 0, or -1. */
int sniffer_filter(struct sniffer *, struct bpf_program *, struct buf *why);
/*
 * The same in two texts of pcap-filter(7): packets of the first are kept up
 * to the snaplen, those of the second up to so many bytes.
 */
int sniffer_filter_heads(struct sniffer *, const char *whole,
    const char *head, unsigned int bytes, struct buf *why);
/* To wait for; -1 where the system has none. */
int sniffer_fd(const struct sniffer *);

/* A packet: bytes at hand, length on the wire, ns since 1970. */
typedef void sniffer_packet(void *arg, const uint8_t *, size_t len,
    size_t wire, int64_t ns);
/*
 * Hands out what has been captured; how many packets, or -1 and `why`: the
 * interface is gone. Without `nonblock` it waits for the first of them, at
 * most about timeout_ms.
 */
int sniffer_read(struct sniffer *, sniffer_packet *, void *arg,
    struct buf *why);
/* Packets that the kernel dropped since the last call. */
unsigned int sniffer_dropped(struct sniffer *);

#endif
