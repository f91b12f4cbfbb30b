/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_CODEC_RTP_H
#define MEETPROBE_CODEC_RTP_H

#include <stddef.h>
#include <stdint.h>

/* What shares the bridge's port, by the first bytes: RFC 7983, RFC 5761. */
enum packet_class {
	PACKET_STUN, PACKET_DTLS, PACKET_RTP, PACKET_RTCP,
	PACKET_OTHER,		/* ZRTP, TURN channel, QUIC, noise */
	PACKET_CLASSES
};

/* len >= 1 bytes at hand of a datagram of wire bytes. */
enum packet_class packet_classify(const uint8_t *p, size_t len, size_t wire);
/* "stun", "dtls", "rtp", "rtcp", "other". */
const char *packet_class_name(enum packet_class);

/* The clear part of an SRTP packet, RFC 3550 section 5.1. */
struct rtp_packet {
	unsigned int pt;	/* 0..127 */
	int marker, padding;
	uint16_t seq;
	uint32_t ts, ssrc;
	size_t header;		/* bytes of header, CSRC and extension */
	const uint8_t *ext;	/* contents of the extension at hand */
	size_t ext_len;		/* bytes of it at hand */
	unsigned int profile;	/* 0xbede, 0x100x, 0xc0de ...; 0: none */
};

/* 0, or -1 when the fixed header is cut or lengths pass the datagram. */
int rtp_parse(const uint8_t *p, size_t len, size_t wire, struct rtp_packet *);

/*
 * Header extensions with the numbers that jicofo offers: 1 is the audio
 * level (RFC 6464), 5 the transport-wide sequence number. Encrypted (RFC
 * 9335) and unknown profiles give nothing.
 */
struct rtp_extensions {
	int level;		/* -dBov 0..127, 127 is silence; -1: none */
	int voice;		/* the V bit */
	int32_t transport_seq;	/* 0..65535, -1: none */
};

void rtp_extensions(const struct rtp_packet *, struct rtp_extensions *);

/* The clear first 8 bytes of an SRTCP packet, RFC 3550 section 6.4. */
struct rtcp_packet {
	unsigned int pt;	/* 200 SR, 201 RR, 205 RTPFB, 206 PSFB ... */
	unsigned int count;	/* report blocks, or FMT */
	uint32_t ssrc;		/* of the sender */
	/*
	 * Bytes behind the first packet of the compound, without the SRTCP
	 * trailer: 4 of index and 10 (CM_80) or 16 (GCM) of tag. Every
	 * packet being a multiple of 4, the remainder tells the two apart.
	 */
	size_t more;
	size_t trailer;		/* 14 or 20 */
};

int rtcp_parse(const uint8_t *p, size_t len, size_t wire,
    struct rtcp_packet *);

#endif
