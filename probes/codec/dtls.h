/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_CODEC_DTLS_H
#define MEETPROBE_CODEC_DTLS_H

#include <stddef.h>
#include <stdint.h>

#include "agent/base/cur.h"

enum dtls_type {
	DTLS_CHANGE_CIPHER_SPEC = 20, DTLS_ALERT = 21, DTLS_HANDSHAKE = 22,
	DTLS_APPLICATION = 23, DTLS_CID = 25, DTLS_ACK = 26,
	DTLS_UNIFIED = 32	/* DTLS 1.3 unified header, encrypted */
};

enum dtls_handshake_type {
	DTLS_CLIENT_HELLO = 1, DTLS_SERVER_HELLO = 2,
	DTLS_HELLO_VERIFY_REQUEST = 3, DTLS_CERTIFICATE = 11,
	DTLS_SERVER_KEY_EXCHANGE = 12, DTLS_CERTIFICATE_REQUEST = 13,
	DTLS_SERVER_HELLO_DONE = 14, DTLS_CERTIFICATE_VERIFY = 15,
	DTLS_CLIENT_KEY_EXCHANGE = 16, DTLS_FINISHED = 20
};

/* One record, RFC 6347 section 4.1; RFC 9147 section 4 for UNIFIED. */
struct dtls_record {
	unsigned int type;
	unsigned int version;	/* 0xfeff is 1.0, 0xfefd 1.2 */
	unsigned int epoch;
	uint64_t seq;
	size_t length;		/* as the header says */
	struct cur body;	/* what the capture holds of it */
};

/*
 * Takes the next record off the cursor: 1; 0 at the end or where the capture
 * cuts a header; -1 when the bytes are no DTLS record. A body cut by the
 * capture is given as far as it goes, and ends the datagram.
 */
int dtls_next(struct cur *, struct dtls_record *);

/* One handshake message or a fragment of one, RFC 6347 section 4.2.2. */
struct dtls_handshake {
	unsigned int type;
	size_t length;		/* of the whole message */
	unsigned int seq;	/* the same in a retransmission */
	size_t frag_off, frag_len;
	struct cur body;	/* what the capture holds of the fragment */
};

/*
 * Takes the next message off the body of a clear (epoch 0) handshake record:
 * 1, 0 at the end or where the capture cuts, -1 when malformed.
 */
int dtls_next_handshake(struct cur *, struct dtls_handshake *);

/* What the hello messages agree on; 0 where not seen or cut. */
struct dtls_hello {
	unsigned int version;		/* 1.3: of supported_versions */
	unsigned int cipher;		/* ServerHello: chosen */
	unsigned int srtp_profile;	/* RFC 5764: chosen, or first offered */
};

/* Reads the body of an unfragmented ClientHello or ServerHello; 0 or -1. */
int dtls_hello(const struct dtls_handshake *, struct dtls_hello *);

/* The first certificate (DER) of an unfragmented, uncut Certificate message
 * as a cursor; -1 when there is none. */
int dtls_certificate(const struct dtls_handshake *, struct cur *der);

/* RFC 8446 section 6 and RFC 5246 section 7.2: "handshake_failure". */
const char *dtls_alert_name(unsigned int description);

#endif
