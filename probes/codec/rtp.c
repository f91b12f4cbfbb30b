/* SPDX-License-Identifier: ISC */
/*
 * RTP, RTCP and their secure forms, whose headers are in the clear. Pure.
 *
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |V=2|P|X|  CC   |M|     PT      |       sequence number         |
 * |                           time stamp                          |
 * |                             SSRC                              |
 * |                   CSRC, CC of them ...                        |
 * |   profile (if X)              |   length in words             |
 * |                   extension ...                               |
 * RFC 3550 sections 5.1 and 5.3.1
 *
 * |V=2|P|  RC/FMT |      PT       |   length in words, less one   |
 * |                       SSRC of the sender                      |
 * RFC 3550 section 6.4, RFC 4585 section 6.1
 */
#include <string.h>

#include "probes/codec/rtp.h"
#include "probes/codec/stun.h"

enum packet_class
packet_classify(const uint8_t *p, size_t len, size_t wire)
{
	if (p[0] >= 128 && p[0] <= 191) {
		/* The lengths of the shortest authenticated packets. */
		if (len < 2 || wire < 12)
			return (PACKET_OTHER);
		return (p[1] >= 192 && p[1] <= 223 ? PACKET_RTCP :
		    PACKET_RTP);
	}
	if (p[0] <= 3)
		return (stun_is(p, len, wire) ? PACKET_STUN : PACKET_OTHER);
	if (p[0] >= 20 && p[0] <= 63)
		return (wire >= 3 ? PACKET_DTLS : PACKET_OTHER);
	return (PACKET_OTHER);
}

const char *
packet_class_name(enum packet_class c)
{
	static const char *const names[PACKET_CLASSES] = {
		[PACKET_STUN] = "stun",
		[PACKET_DTLS] = "dtls",
		[PACKET_RTP] = "rtp",
		[PACKET_RTCP] = "rtcp",
		[PACKET_OTHER] = "other",
	};

	return (names[c]);
}

static uint32_t
get32(const uint8_t *p)
{
	return ((uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3]);
}

int
rtp_parse(const uint8_t *p, size_t len, size_t wire, struct rtp_packet *r)
{
	size_t fixed, words;

	if (len < 12 || (p[0] & 0xc0) != 0x80)
		return (-1);
	r->pt = p[1] & 0x7f;
	r->marker = p[1] >> 7;
	r->padding = p[0] >> 5 & 1;
	r->seq = (uint16_t)(p[2] << 8 | p[3]);
	r->ts = get32(p + 4);
	r->ssrc = get32(p + 8);
	fixed = 12 + 4 * (size_t)(p[0] & 15);
	r->ext = NULL;
	r->ext_len = 0;
	r->profile = 0;
	r->header = fixed;
	if (fixed > wire)
		return (-1);
	if ((p[0] & 0x10) == 0)
		return (0);
	if (fixed + 4 > wire)
		return (-1);
	if (fixed + 4 > len)
		return (0);
	r->profile = (unsigned int)p[fixed] << 8 | p[fixed + 1];
	words = (size_t)p[fixed + 2] << 8 | p[fixed + 3];
	r->header = fixed + 4 + 4 * words;
	if (r->header > wire)
		return (-1);
	r->ext = p + fixed + 4;
	r->ext_len = 4 * words;
	if (r->ext_len > len - fixed - 4)
		r->ext_len = len - fixed - 4;
	return (0);
}

static void
take_element(struct rtp_extensions *e, unsigned int id, const uint8_t *p,
    size_t n)
{
	if (id == 1 && n >= 1) {
		e->level = p[0] & 0x7f;
		e->voice = p[0] >> 7;
	} else if (id == 5 && n >= 2)
		e->transport_seq = (int32_t)p[0] << 8 | p[1];
}

/* RFC 8285 section 4.2: id and length in one byte, 0 is padding. */
static void
one_byte(const uint8_t *p, const uint8_t *end, struct rtp_extensions *e)
{
	size_t n;

	while (p < end) {
		if (*p == 0) {
			p++;
			continue;
		}
		n = (size_t)(*p & 15) + 1;
		if (*p >> 4 == 15 || n > (size_t)(end - p - 1))
			return;
		take_element(e, *p >> 4, p + 1, n);
		p += 1 + n;
	}
}

/* RFC 8285 section 4.3: a byte of id, a byte of length. */
static void
two_byte(const uint8_t *p, const uint8_t *end, struct rtp_extensions *e)
{
	size_t n;

	while (end - p >= 2) {
		if (*p == 0) {
			p++;
			continue;
		}
		n = p[1];
		if (n > (size_t)(end - p - 2))
			return;
		take_element(e, *p, p + 2, n);
		p += 2 + n;
	}
}

void
rtp_extensions(const struct rtp_packet *r, struct rtp_extensions *e)
{
	e->level = -1;
	e->voice = 0;
	e->transport_seq = -1;
	if (r->ext == NULL)
		return;
	if (r->profile == 0xbede)
		one_byte(r->ext, r->ext + r->ext_len, e);
	else if ((r->profile & 0xfff0) == 0x1000)
		two_byte(r->ext, r->ext + r->ext_len, e);
}

int
rtcp_parse(const uint8_t *p, size_t len, size_t wire, struct rtcp_packet *r)
{
	size_t first, tail;

	if (len < 8 || (p[0] & 0xc0) != 0x80)
		return (-1);
	r->count = p[0] & 31;
	r->pt = p[1];
	r->ssrc = get32(p + 4);
	first = 4 * (((size_t)p[2] << 8 | p[3]) + 1);
	if (first > wire)
		return (-1);
	tail = wire - first;
	r->trailer = tail % 4 == 2 ? 14 : 20;
	r->more = tail > r->trailer ? tail - r->trailer : 0;
	return (0);
}
