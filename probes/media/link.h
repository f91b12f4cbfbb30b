/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_MEDIA_LINK_H
#define MEETPROBE_MEDIA_LINK_H

#include <stddef.h>
#include <stdint.h>

/*
 * An address of either family as two numbers: IPv6 as it is, IPv4 as
 * ::ffff:a.b.c.d.
 */
struct media_addr {
	uint64_t hi, lo;
};

#define MEDIA_ENDPOINT_TEXT 64

int media_addr_eq(const struct media_addr *, const struct media_addr *);
int media_addr_is_v4(const struct media_addr *);
/* RFC 1918, RFC 6598, RFC 3927, loopback, unique local, link local. */
int media_addr_is_private(const struct media_addr *);
/* 4 or 16 bytes in network order. */
struct media_addr media_addr_from_bytes(const uint8_t *, size_t);
/* An address in text form; 0 or -1. */
int media_addr_parse(const char *, struct media_addr *);
/* "192.0.2.1" or "2001:db8::1". */
void media_addr_print(const struct media_addr *, char *, size_t);
/* "192.0.2.1:10000" or "[2001:db8::1]:10000". */
void media_endpoint_print(const struct media_addr *, uint16_t port, char *,
    size_t);

enum link_kind {
	LINK_UDP,		/* a datagram, or the first fragment of one */
	LINK_FRAGMENT,		/* a later fragment */
	LINK_ICMP,		/* an error about a UDP datagram */
	LINK_OTHER,		/* something else */
	LINK_CUT,		/* the capture ends inside the headers */
	LINK_BAD,		/* headers that contradict each other */
	LINK_UNKNOWN		/* a link layer that is not known */
};

/*
 * What is left of a packet below the transport layer. For LINK_ICMP source,
 * destination and ports are those of the datagram that the error is about.
 */
struct datagram {
	struct media_addr src, dst;
	uint16_t sport, dport;
	const uint8_t *data;	/* payload at hand */
	size_t len;		/* bytes of it at hand */
	size_t wire;		/* bytes of it on the wire */
	uint8_t ttl, tos;
	uint32_t ip_id;
	uint16_t frag_off, frag_len;	/* bytes of IP payload; a fragment */
	uint8_t fragmented, frag_last;	/* is one; is the last one */
	uint8_t icmp_type, icmp_code;
	uint8_t icmp_v6;
	uint16_t icmp_mtu;
	struct media_addr icmp_from;
};

/* Is this LINKTYPE_ one that link_decode() reads? */
int link_known(unsigned int link);
/* len bytes at hand of wire; the result points into them. */
enum link_kind link_decode(unsigned int link, const uint8_t *p, size_t len,
    size_t wire, struct datagram *);

#endif
