/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_CODEC_STUN_H
#define MEETPROBE_CODEC_STUN_H

#include <stddef.h>
#include <stdint.h>

#include "agent/base/str.h"

#define STUN_MAGIC 0x2112a442U
#define STUN_HEADER 20		/* bytes */
#define STUN_TID 12		/* bytes of a transaction id */
#define STUN_BINDING_SIZE 28	/* what stun_build_binding() writes */

enum stun_class {
	STUN_REQUEST, STUN_INDICATION, STUN_SUCCESS, STUN_ERROR
};

#define STUN_METHOD_BINDING 0x001
#define STUN_METHOD_GOOG_PING 0x080	/* IANA: GOOG-PING of libwebrtc */

/* family 0: not there; 4 or 6. ip in network order, 4 or 16 bytes used. */
struct stun_address {
	int family;
	uint16_t port;
	uint8_t ip[16];
};

/*
 * A STUN message, RFC 8489 section 5, and the ICE attributes of RFC 8445
 * section 16.1. Slices point into the packet.
 */
struct stun_message {
	unsigned int method;
	enum stun_class class;
	uint8_t tid[STUN_TID];
	struct str username;	/* receiver's ufrag ":" sender's ufrag */
	struct str software;
	struct str realm, nonce;
	int error_code;		/* 300..699, 0: none */
	struct str error_text;
	struct stun_address mapped;	/* XOR-MAPPED, else MAPPED */
	int has_priority;
	uint32_t priority;
	int use_candidate;
	int controlling, controlled;
	uint64_t tie_breaker;
	int has_integrity;	/* MESSAGE-INTEGRITY is there; not verified */
	int has_fingerprint;
	int fingerprint_ok;	/* 1 right, 0 wrong, -1 not there or cut */
	int cut;		/* the capture ends before the message does */
};

/*
 * Does a datagram of `wire` bytes, of which `len` are at hand, begin as a
 * STUN message of exactly that size? At least 8 bytes must be at hand.
 */
int stun_is(const uint8_t *p, size_t len, size_t wire);

/*
 * Reads a message. 0, or -1 when it is none: bad type, magic, length, or an
 * attribute that passes the end. A message cut by the capture is read as far
 * as it goes (cut is set).
 */
int stun_parse(const uint8_t *p, size_t len, size_t wire,
    struct stun_message *);

/* Writes a binding request with FINGERPRINT: STUN_BINDING_SIZE bytes. */
void stun_build_binding(uint8_t out[STUN_BINDING_SIZE],
    const uint8_t tid[STUN_TID]);

#endif
