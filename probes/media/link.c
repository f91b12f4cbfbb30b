/* SPDX-License-Identifier: ISC */
/*
 * From the link layer to the UDP payload. Pure; this runs once a packet, so
 * it reads with checked offsets rather than with a cursor: every function
 * gets the bytes at hand and compares before it reads.
 *
 * Ethernet (VLAN 8100, QinQ 88a8/9100, PPPoE 8864), Linux cooked v1 and v2,
 * BSD null and loop, raw IP, OpenBSD enc; IPv4 (RFC 791), IPv6 (RFC 8200)
 * with extension headers; UDP (RFC 768); ICMP (RFC 792), ICMPv6 (RFC 4443).
 */
#include <sys/types.h>
#include <sys/socket.h>

#include <arpa/inet.h>

#include <stdio.h>
#include <string.h>

#include "probes/media/link.h"

enum {
	LINKTYPE_NULL = 0, LINKTYPE_ETHERNET = 1, LINKTYPE_OLD_RAW = 12,
	LINKTYPE_BSD_RAW = 14, LINKTYPE_PPPOE = 51, LINKTYPE_RAW = 101,
	LINKTYPE_LOOP = 108, LINKTYPE_ENC = 109, LINKTYPE_SLL = 113,
	LINKTYPE_IPV4 = 228, LINKTYPE_IPV6 = 229, LINKTYPE_SLL2 = 276
};

#define ETHER_IPV4 0x0800
#define ETHER_IPV6 0x86dd
#define ETHER_PPPOE 0x8864
#define MAX_TAGS 4
#define MAX_EXTENSIONS 8

static unsigned int
get16(const uint8_t *p)
{
	return ((unsigned int)p[0] << 8 | p[1]);
}

static uint32_t
get32(const uint8_t *p)
{
	return ((uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3]);
}

static uint64_t
get64(const uint8_t *p)
{
	return ((uint64_t)get32(p) << 32 | get32(p + 4));
}

int
media_addr_eq(const struct media_addr *a, const struct media_addr *b)
{
	return (a->hi == b->hi && a->lo == b->lo);
}

int
media_addr_is_v4(const struct media_addr *a)
{
	return (a->hi == 0 && a->lo >> 32 == 0xffff);
}

int
media_addr_is_private(const struct media_addr *a)
{
	uint32_t v4 = (uint32_t)a->lo;

	if (media_addr_is_v4(a))
		return (v4 >> 24 == 10 || v4 >> 24 == 127 ||
		    v4 >> 20 == 0xac1 || v4 >> 16 == 0xc0a8 ||
		    v4 >> 22 == 0x191 || v4 >> 16 == 0xa9fe);
	return (a->hi >> 57 == 0x7e || a->hi >> 54 == 0x3fa ||
	    (a->hi == 0 && a->lo == 1));
}

struct media_addr
media_addr_from_bytes(const uint8_t *p, size_t n)
{
	struct media_addr a;

	if (n == 16) {
		a.hi = get64(p);
		a.lo = get64(p + 8);
	} else {
		a.hi = 0;
		a.lo = UINT64_C(0xffff00000000) | get32(p);
	}
	return (a);
}

int
media_addr_parse(const char *text, struct media_addr *a)
{
	uint8_t b[16];

	if (inet_pton(AF_INET, text, b) == 1)
		*a = media_addr_from_bytes(b, 4);
	else if (inet_pton(AF_INET6, text, b) == 1)
		*a = media_addr_from_bytes(b, 16);
	else
		return (-1);
	return (0);
}

void
media_addr_print(const struct media_addr *a, char *out, size_t len)
{
	uint8_t b[16];
	size_t i;

	if (media_addr_is_v4(a)) {
		snprintf(out, len, "%u.%u.%u.%u", (unsigned int)(a->lo >> 24) &
		    255, (unsigned int)(a->lo >> 16) & 255,
		    (unsigned int)(a->lo >> 8) & 255,
		    (unsigned int)a->lo & 255);
		return;
	}
	for (i = 0; i < 8; i++) {
		b[i] = (uint8_t)(a->hi >> (56 - 8 * i));
		b[i + 8] = (uint8_t)(a->lo >> (56 - 8 * i));
	}
	if (inet_ntop(AF_INET6, b, out, (socklen_t)len) == NULL && len > 0)
		out[0] = '\0';
}

void
media_endpoint_print(const struct media_addr *a, uint16_t port, char *out,
    size_t len)
{
	char text[48];

	media_addr_print(a, text, sizeof(text));
	snprintf(out, len, media_addr_is_v4(a) ? "%s:%u" : "[%s]:%u", text,
	    (unsigned int)port);
}

/* RFC 768. ip is the length of the IP payload on the wire. */
static enum link_kind
decode_udp(const uint8_t *p, size_t len, size_t ip, struct datagram *d)
{
	size_t udp;

	if (ip < 8)
		return (LINK_BAD);
	if (len < 8)
		return (LINK_CUT);
	d->sport = (uint16_t)get16(p);
	d->dport = (uint16_t)get16(p + 2);
	udp = get16(p + 4);
	if (udp < 8 || (udp > ip && !d->fragmented))
		return (LINK_BAD);
	d->data = p + 8;
	d->len = len - 8;
	d->wire = udp - 8;
	if (d->len > d->wire)
		d->len = d->wire;
	return (LINK_UDP);
}

/* The head of the datagram that an ICMP error quotes: addresses, ports. */
static enum link_kind
decode_quoted(const uint8_t *p, size_t len, int v6, struct datagram *d)
{
	size_t head = v6 ? 40 : 20;

	if (len < head)
		return (LINK_CUT);
	if (p[0] >> 4 != (v6 ? 6 : 4))
		return (LINK_BAD);
	if (!v6)
		head = (size_t)(p[0] & 15) * 4;
	if (p[v6 ? 6 : 9] != 17 || head < 20)
		return (LINK_OTHER);
	if (len < head + 8)
		return (LINK_CUT);
	d->src = media_addr_from_bytes(p + (v6 ? 8 : 12), v6 ? 16 : 4);
	d->dst = media_addr_from_bytes(p + (v6 ? 24 : 16), v6 ? 16 : 4);
	d->sport = (uint16_t)get16(p + head);
	d->dport = (uint16_t)get16(p + head + 2);
	d->data = p + head + 8;
	d->len = 0;
	d->wire = 0;
	return (LINK_ICMP);
}

static enum link_kind
decode_icmp(const uint8_t *p, size_t len, int v6, struct datagram *d)
{
	if (len < 8)
		return (LINK_CUT);
	d->icmp_type = p[0];
	d->icmp_code = p[1];
	d->icmp_v6 = (uint8_t)v6;
	d->icmp_from = d->src;
	if (v6 ? p[0] == 0 || p[0] > 4 : p[0] != 3 && p[0] != 11)
		return (LINK_OTHER);
	if (v6 && p[0] == 2)
		d->icmp_mtu = get32(p + 4) > 65535 ? 65535 :
		    (uint16_t)get32(p + 4);
	else if (!v6 && p[0] == 3 && p[1] == 4)
		d->icmp_mtu = (uint16_t)get16(p + 6);
	return (decode_quoted(p + 8, len - 8, v6, d));
}

static enum link_kind
decode_transport(unsigned int protocol, const uint8_t *p, size_t len,
    size_t wire, struct datagram *d)
{
	if (len > wire)
		len = wire;
	if (d->fragmented) {
		d->frag_len = (uint16_t)wire;
		if (d->frag_off != 0)
			return (protocol == 17 ? LINK_FRAGMENT : LINK_OTHER);
	}
	if (protocol == 17)
		return (decode_udp(p, len, wire, d));
	if (protocol == 1)
		return (decode_icmp(p, len, 0, d));
	if (protocol == 58)
		return (decode_icmp(p, len, 1, d));
	return (LINK_OTHER);
}

static enum link_kind
decode_ipv4(const uint8_t *p, size_t len, size_t wire, struct datagram *d)
{
	size_t head, total;
	unsigned int offset;

	if (len < 20)
		return (LINK_CUT);
	head = (size_t)(p[0] & 15) * 4;
	total = get16(p + 2);
	if (total == 0)		/* segmentation offload */
		total = wire;
	if (p[0] >> 4 != 4 || head < 20 || total < head || total > wire)
		return (LINK_BAD);
	if (len < head)
		return (LINK_CUT);
	offset = get16(p + 6);
	d->tos = p[1];
	d->ip_id = get16(p + 4);
	d->fragmented = (offset & 0x3fff) != 0;
	d->frag_off = (uint16_t)((offset & 0x1fff) * 8);
	d->frag_last = (offset & 0x2000) == 0;
	d->ttl = p[8];
	d->src = media_addr_from_bytes(p + 12, 4);
	d->dst = media_addr_from_bytes(p + 16, 4);
	return (decode_transport(p[9], p + head, len - head, total - head, d));
}

static enum link_kind
decode_ipv6(const uint8_t *p, size_t len, size_t wire, struct datagram *d)
{
	unsigned int next, i;
	size_t at = 40, n, end;

	if (len < 40)
		return (LINK_CUT);
	end = 40 + get16(p + 4);
	if (end == 40)
		end = wire;
	if (p[0] >> 4 != 6 || end > wire)
		return (LINK_BAD);
	d->tos = (uint8_t)(get16(p) >> 4);
	d->ttl = p[7];
	d->src = media_addr_from_bytes(p + 8, 16);
	d->dst = media_addr_from_bytes(p + 24, 16);
	next = p[6];
	for (i = 0; i < MAX_EXTENSIONS; i++) {
		if (next != 0 && next != 43 && next != 44 && next != 51 &&
		    next != 60)
			return (decode_transport(next, p + at, len - at,
			    end - at, d));
		if (at + 8 > end)
			return (LINK_BAD);
		if (at + 8 > len)
			return (LINK_CUT);
		n = next == 44 ? 8 : next == 51 ?
		    ((size_t)p[at + 1] + 2) * 4 : ((size_t)p[at + 1] + 1) * 8;
		if (next == 44) {
			d->frag_off = (uint16_t)(get16(p + at + 2) & 0xfff8);
			d->frag_last = (p[at + 3] & 1) == 0;
			d->fragmented = d->frag_off != 0 || !d->frag_last;
			d->ip_id = get32(p + at + 4);
		}
		next = p[at];
		at += n;
		if (at > end)
			return (LINK_BAD);
		if (at > len)
			return (LINK_CUT);
	}
	return (LINK_OTHER);
}

static enum link_kind
decode_ip(const uint8_t *p, size_t len, size_t wire, struct datagram *d)
{
	if (len < 1)
		return (LINK_CUT);
	if (p[0] >> 4 == 4)
		return (decode_ipv4(p, len, wire, d));
	if (p[0] >> 4 == 6)
		return (decode_ipv6(p, len, wire, d));
	return (LINK_OTHER);
}

/* RFC 2516: six bytes, then the PPP protocol. */
static enum link_kind
decode_pppoe(const uint8_t *p, size_t len, size_t wire, struct datagram *d)
{
	if (len < 8 || wire < 8)
		return (LINK_CUT);
	if (get16(p + 6) != 0x0021 && get16(p + 6) != 0x0057)
		return (LINK_OTHER);
	return (decode_ip(p + 8, len - 8, wire - 8, d));
}

/* What follows an Ethernet type at p; skips VLAN tags. */
static enum link_kind
decode_type(unsigned int type, const uint8_t *p, size_t len, size_t wire,
    struct datagram *d)
{
	int tags = 0;

	while (type == 0x8100 || type == 0x88a8 || type == 0x9100) {
		if (len < 4 || wire < 4)
			return (LINK_CUT);
		if (++tags > MAX_TAGS)
			return (LINK_OTHER);
		type = get16(p + 2);
		p += 4;
		len -= 4;
		wire -= 4;
	}
	if (type == ETHER_IPV4 || type == ETHER_IPV6)
		return (decode_ip(p, len, wire, d));
	if (type == ETHER_PPPOE)
		return (decode_pppoe(p, len, wire, d));
	return (LINK_OTHER);
}

int
link_known(unsigned int link)
{
	switch (link) {
	case LINKTYPE_NULL:
	case LINKTYPE_ETHERNET:
	case LINKTYPE_OLD_RAW:
	case LINKTYPE_BSD_RAW:
	case LINKTYPE_PPPOE:
	case LINKTYPE_RAW:
	case LINKTYPE_LOOP:
	case LINKTYPE_ENC:
	case LINKTYPE_SLL:
	case LINKTYPE_IPV4:
	case LINKTYPE_IPV6:
	case LINKTYPE_SLL2:
		return (1);
	default:
		return (0);
	}
}

/* Bytes before what `type` says, and where the type stands (or -1: IP). */
static size_t
link_head(unsigned int link, int *type_at)
{
	*type_at = -1;
	switch (link) {
	case LINKTYPE_ETHERNET: *type_at = 12; return (14);
	case LINKTYPE_SLL: *type_at = 14; return (16);
	case LINKTYPE_SLL2: *type_at = 0; return (20);
	case LINKTYPE_NULL:
	case LINKTYPE_LOOP: return (4);
	case LINKTYPE_ENC: return (12);
	default: return (0);
	}
}

enum link_kind
link_decode(unsigned int link, const uint8_t *p, size_t len, size_t wire,
    struct datagram *d)
{
	size_t head;
	int type_at;

	d->fragmented = 0;
	d->frag_off = 0;
	d->ip_id = 0;
	if (!link_known(link))
		return (LINK_UNKNOWN);
	head = link_head(link, &type_at);
	if (len < head || wire < head)
		return (LINK_CUT);
	if (type_at >= 0)
		return (decode_type(get16(p + type_at), p + head, len - head,
		    wire - head, d));
	if (link == LINKTYPE_PPPOE)
		return (decode_pppoe(p, len, wire, d));
	/* 12 is raw IP on some systems and DLT_LOOP on OpenBSD. */
	if ((link == LINKTYPE_OLD_RAW || link == LINKTYPE_BSD_RAW) &&
	    len > 4 && p[0] == 0)
		head = 4;
	return (decode_ip(p + head, len - head, wire - head, d));
}
