/* SPDX-License-Identifier: ISC */
/*
 * DTLS records and handshake messages. Pure.
 *
 * Record, RFC 6347 section 4.1:
 *
 *   0    1         3         5                       11        13
 *  +----+---------+---------+------------------------+---------+-----
 *  |type| version |  epoch  |  sequence number (48)  | length  | body
 *  +----+---------+---------+------------------------+---------+-----
 *
 * Handshake message, section 4.2.2, in a record of type 22 and epoch 0:
 *
 *   0    1              4         6              9              12
 *  +----+--------------+---------+--------------+--------------+-----
 *  |type|  length (24) | msg_seq | frag_off (24)| frag_len (24)| body
 *  +----+--------------+---------+--------------+--------------+-----
 *
 * A first byte 001xxxxx is the unified header of DTLS 1.3 (RFC 9147 section
 * 4), whose rest is encrypted; type 25 has a connection id of unknown length
 * (RFC 9146). Both end the datagram here.
 */
#include <string.h>

#include "probes/codec/dtls.h"

#define EXT_USE_SRTP 14
#define EXT_SUPPORTED_VERSIONS 43

/* The rest of the datagram as one opaque record. */
static int
take_opaque(struct cur *c, struct dtls_record *r, unsigned int type)
{
	r->type = type;
	r->epoch = 1;
	r->length = cur_left(c);
	r->body = cur_sub(c, r->length);
	return (1);
}

int
dtls_next(struct cur *c, struct dtls_record *r)
{
	size_t here;
	uint8_t type;

	memset(r, 0, sizeof(*r));
	if (cur_left(c) == 0)
		return (0);
	type = cur_peek(c);
	if (type >= 32 && type <= 63)
		return (take_opaque(c, r, DTLS_UNIFIED));
	if (type < DTLS_CHANGE_CIPHER_SPEC || type > DTLS_ACK)
		return (-1);
	if (cur_left(c) < 13)
		return (0);
	r->type = cur_u8(c);
	r->version = cur_u16(c);
	r->epoch = cur_u16(c);
	r->seq = (uint64_t)cur_u16(c) << 32;
	r->seq |= cur_u32(c);
	if (r->version != 0xfeff && r->version != 0xfefd &&
	    r->version != 0xfefc && r->version != 0x0100)
		return (-1);
	if (r->type == DTLS_CID)
		return (take_opaque(c, r, DTLS_CID));
	r->length = cur_u16(c);
	if (r->length == 0 || r->length > 16384 + 2048)
		return (-1);
	here = cur_left(c);
	r->body = cur_sub(c, r->length < here ? r->length : here);
	return (1);
}

int
dtls_next_handshake(struct cur *c, struct dtls_handshake *h)
{
	size_t here;

	memset(h, 0, sizeof(*h));
	if (cur_left(c) < 12)
		return (0);
	h->type = cur_u8(c);
	h->length = cur_u24(c);
	h->seq = cur_u16(c);
	h->frag_off = cur_u24(c);
	h->frag_len = cur_u24(c);
	if (h->frag_off + h->frag_len > h->length)
		return (-1);
	here = cur_left(c);
	h->body = cur_sub(c, h->frag_len < here ? h->frag_len : here);
	return (1);
}

/* RFC 5764 section 4.1.1: a list of profiles; the first is kept. */
static void
take_extension(struct dtls_hello *out, unsigned int type, struct cur e,
    int server)
{
	unsigned int n;

	if (type == EXT_USE_SRTP) {
		n = cur_u16(&e);
		if (n >= 2)
			out->srtp_profile = cur_u16(&e);
	} else if (type == EXT_SUPPORTED_VERSIONS && server)
		out->version = cur_u16(&e);
}

int
dtls_hello(const struct dtls_handshake *h, struct dtls_hello *out)
{
	struct cur c = h->body, list;
	int server = h->type == DTLS_SERVER_HELLO;
	unsigned int type, n;

	memset(out, 0, sizeof(*out));
	if ((!server && h->type != DTLS_CLIENT_HELLO) || h->frag_off != 0)
		return (-1);
	out->version = cur_u16(&c);
	cur_skip(&c, 32);
	cur_skip(&c, cur_u8(&c));		/* session id */
	if (server) {
		out->cipher = cur_u16(&c);
		cur_skip(&c, 1);
	} else {
		cur_skip(&c, cur_u8(&c));	/* cookie */
		cur_skip(&c, cur_u16(&c));	/* cipher suites */
		cur_skip(&c, cur_u8(&c));	/* compression methods */
	}
	if (c.err)
		return (-1);
	n = cur_u16(&c);
	list = cur_sub(&c, n < cur_left(&c) ? n : cur_left(&c));
	while (cur_left(&list) >= 4) {
		type = cur_u16(&list);
		n = cur_u16(&list);
		take_extension(out, type, cur_sub(&list, n), server);
	}
	return (0);
}

int
dtls_certificate(const struct dtls_handshake *h, struct cur *der)
{
	struct cur c = h->body;
	size_t n;

	if (h->type != DTLS_CERTIFICATE || h->frag_off != 0 ||
	    h->frag_len != h->length || cur_left(&c) != h->length)
		return (-1);
	(void)cur_u24(&c);
	n = cur_u24(&c);
	*der = cur_sub(&c, n);
	return (c.err || n == 0 ? -1 : 0);
}

const char *
dtls_alert_name(unsigned int description)
{
	static const struct {
		unsigned int code;
		const char *name;
	} names[] = {
		{ 0, "close_notify" }, { 10, "unexpected_message" },
		{ 20, "bad_record_mac" }, { 22, "record_overflow" },
		{ 40, "handshake_failure" }, { 42, "bad_certificate" },
		{ 43, "unsupported_certificate" },
		{ 44, "certificate_revoked" }, { 45, "certificate_expired" },
		{ 46, "certificate_unknown" }, { 47, "illegal_parameter" },
		{ 48, "unknown_ca" }, { 49, "access_denied" },
		{ 50, "decode_error" }, { 51, "decrypt_error" },
		{ 70, "protocol_version" }, { 71, "insufficient_security" },
		{ 80, "internal_error" }, { 86, "inappropriate_fallback" },
		{ 90, "user_canceled" }, { 109, "missing_extension" },
		{ 110, "unsupported_extension" },
		{ 116, "certificate_required" },
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].code == description)
			return (names[i].name);
	return ("unknown alert");
}
