/* SPDX-License-Identifier: ISC */
/*
 * Demultiplexing, RTP and RTCP. Would catch: RTCP taken for RTP, wrong
 * offsets with CSRCs or extensions, an audio level that is not the sender's,
 * NACKs hidden behind a receiver report not told from PLIs.
 */
#include <string.h>

#include "probes/codec/rtp.h"
#include "tests/kit/check.h"

static void
test_classes(void)
{
	static const struct {
		const char *bytes;
		size_t n;
		enum packet_class want;
	} t[] = {
		{ "\x00\x01\x00\x00\x21\x12\xa4\x42" "abcdefghijkl", 20,
		    PACKET_STUN },
		{ "\x00\x01\x00\x00\x21\x12\xa4\x43" "abcdefghijkl", 20,
		    PACKET_OTHER },
		{ "\x16\xfe\xfd", 3, PACKET_DTLS },
		{ "\x10\x00\x00", 3, PACKET_OTHER },	/* ZRTP */
		{ "\x40\x00\x00", 3, PACKET_OTHER },	/* TURN channel */
		{ "\x80\x6f\x00\x01\0\0\0\0\0\0\0\0", 12, PACKET_RTP },
		{ "\x80\xc8\x00\x01\0\0\0\0\0\0\0\0", 12, PACKET_RTCP },
		{ "\x80\xdf\x00\x01\0\0\0\0\0\0\0\0", 12, PACKET_RTCP },
		{ "\x80\xe0\x00\x01\0\0\0\0\0\0\0\0", 12, PACKET_RTP },
		{ "\x80\x6f\x00\x01", 4, PACKET_OTHER },
		{ "\xc0\x6f\x00\x01\0\0\0\0\0\0\0\0", 12, PACKET_OTHER },
	};
	size_t i;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		CHECK_INT(packet_classify((const uint8_t *)t[i].bytes,
		    t[i].n, t[i].n), t[i].want, "class %s of row %zu",
		    packet_class_name(t[i].want), i);
}

static void
test_rtp(void)
{
	static const uint8_t p[] =
	    "\xb1\xef\x12\x34\x00\x00\x03\xc0\xde\xad\xbe\xef" "CSRC"
	    "\xbe\xde\x00\x02\x51\x01\x02\x10\xff\x00\x00\x00" "payload.";
	struct rtp_packet r;
	struct rtp_extensions e;
	size_t n = sizeof(p) - 1;

	CHECK_INT(rtp_parse(p, n, n, &r), 0, "a packet with everything");
	CHECK(r.pt == 111 && r.marker && r.padding, "type and bits");
	CHECK(r.seq == 0x1234 && r.ts == 960 && r.ssrc == 0xdeadbeef,
	    "numbers");
	CHECK_INT(r.header, 28, "CSRC and extension are in the header");
	rtp_extensions(&r, &e);
	CHECK_INT(e.transport_seq, 0x0102, "transport-wide number");
	CHECK(e.level == 127 && e.voice == 1, "audio level");
	CHECK_INT(rtp_parse(p, 11, n, &r), -1, "11 bytes are no header");
	CHECK_INT(rtp_parse(p, 24, n, &r), 0, "a cut extension");
	rtp_extensions(&r, &e);
	CHECK(e.transport_seq == 0x0102 && e.level == -1,
	    "what is before the cut counts");
	CHECK_INT(rtp_parse(p, 20, 20, &r), -1,
	    "an extension longer than the datagram is refused");
}

static void
test_two_byte(void)
{
	static const uint8_t p[] =
	    "\x90\x6f\x00\x01\0\0\0\0\0\0\0\1\x10\x00\x00\x02"
	    "\x05\x02\xab\xcd\x01\x01\x0a\x00";
	static const uint8_t hidden[] =
	    "\x90\x6f\x00\x01\0\0\0\0\0\0\0\1\xc0\xde\x00\x01"
	    "\x51\x01\x02\x00";
	struct rtp_packet r;
	struct rtp_extensions e;

	CHECK_INT(rtp_parse(p, 24, 24, &r), 0, "two-byte extensions");
	rtp_extensions(&r, &e);
	CHECK(e.transport_seq == 0xabcd && e.level == 10 && !e.voice,
	    "are read");
	CHECK_INT(rtp_parse(hidden, 20, 20, &r), 0, "cryptex");
	rtp_extensions(&r, &e);
	CHECK(e.transport_seq == -1 && e.level == -1, "is not");
}

static void
test_rtcp(void)
{
	uint8_t p[128] = "\x81\xc9\x00\x07\x00\x00\x00\x09";
	struct rtcp_packet c;

	CHECK(rtcp_parse(p, 8, 32 + 20, &c) == 0 && c.pt == 201 &&
	    c.count == 1 && c.ssrc == 9 && c.more == 0 && c.trailer == 20,
	    "a receiver report alone, GCM");
	CHECK(rtcp_parse(p, 8, 32 + 14, &c) == 0 && c.more == 0 &&
	    c.trailer == 14, "the same with a 10-byte tag");
	CHECK(rtcp_parse(p, 8, 32 + 16 + 14, &c) == 0 && c.more == 16,
	    "a NACK behind it");
	CHECK(rtcp_parse(p, 8, 32 + 12 + 20, &c) == 0 && c.more == 12,
	    "a PLI behind it");
	CHECK_INT(rtcp_parse(p, 8, 16, &c), -1, "longer than the datagram");
	CHECK_INT(rtcp_parse(p, 7, 52, &c), -1, "7 bytes are too few");
}

int
main(void)
{
	test_classes();
	test_rtp();
	test_two_byte();
	test_rtcp();
	return (check_end());
}
