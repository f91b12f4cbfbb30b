/* SPDX-License-Identifier: ISC */
/*
 * STUN messages. Pure.
 *
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |0 0|M M M M M C M M M C M M M M|  length without this header   |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                  magic cookie 0x2112A442                      |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                  transaction id, 96 bits                      |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |   attribute type              |   length of the value         |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |   value, padded to 4 bytes ...                                |
 * RFC 8489 sections 5 and 14; M method, C class.
 */
#include <string.h>
#include <zlib.h>

#include "agent/base/cur.h"
#include "probes/codec/stun.h"

enum {
	ATTR_MAPPED_ADDRESS = 0x0001,
	ATTR_USERNAME = 0x0006,
	ATTR_MESSAGE_INTEGRITY = 0x0008,
	ATTR_ERROR_CODE = 0x0009,
	ATTR_REALM = 0x0014,
	ATTR_NONCE = 0x0015,
	ATTR_MESSAGE_INTEGRITY_SHA256 = 0x001c,
	ATTR_XOR_MAPPED_ADDRESS = 0x0020,
	ATTR_PRIORITY = 0x0024,
	ATTR_USE_CANDIDATE = 0x0025,
	ATTR_XOR_MAPPED_OLD = 0x8020,	/* before RFC 5389 */
	ATTR_SOFTWARE = 0x8022,
	ATTR_FINGERPRINT = 0x8028,
	ATTR_ICE_CONTROLLED = 0x8029,
	ATTR_ICE_CONTROLLING = 0x802a
};

#define FINGERPRINT_XOR 0x5354554eU

int
stun_is(const uint8_t *p, size_t len, size_t wire)
{
	size_t body;

	if (len < 8 || wire < STUN_HEADER || (p[0] & 0xc0) != 0)
		return (0);
	body = (size_t)p[2] << 8 | p[3];
	return (body % 4 == 0 && body + STUN_HEADER == wire &&
	    p[4] == 0x21 && p[5] == 0x12 && p[6] == 0xa4 && p[7] == 0x42);
}

/* RFC 8489 section 14.1 and 14.2; with xor the port and address are masked
 * by the magic cookie and the transaction id. */
static void
take_address(struct stun_message *m, struct cur value, int xor)
{
	static const uint8_t magic[4] = { 0x21, 0x12, 0xa4, 0x42 };
	struct stun_address a = { 0 };
	const uint8_t *ip;
	size_t i, n;
	uint8_t family;

	cur_skip(&value, 1);
	family = cur_u8(&value);
	a.port = cur_u16(&value);
	n = family == 2 ? 16 : 4;
	ip = cur_bytes(&value, n);
	if (ip == NULL || (family != 1 && family != 2))
		return;
	memcpy(a.ip, ip, n);
	a.family = family == 2 ? 6 : 4;
	if (xor) {
		a.port ^= STUN_MAGIC >> 16;
		for (i = 0; i < n; i++)
			a.ip[i] ^= i < 4 ? magic[i] : m->tid[i - 4];
	}
	if (m->mapped.family == 0 || xor)
		m->mapped = a;
}

/* RFC 8489 section 14.8: class 3..6 and number 0..99. */
static void
take_error(struct stun_message *m, struct cur value)
{
	unsigned int class, number;

	cur_skip(&value, 2);
	class = cur_u8(&value) & 7;
	number = cur_u8(&value);
	if (value.err || class < 3 || class > 6 || number > 99)
		return;
	m->error_code = (int)(class * 100 + number);
	m->error_text = cur_rest(&value);
}

/* RFC 8489 section 14.7: CRC-32 of all bytes before the attribute, with the
 * length field as it stands. */
static void
check_fingerprint(struct stun_message *m, const uint8_t *p, size_t before,
    struct cur value)
{
	uint32_t want = cur_u32(&value);

	m->has_fingerprint = 1;
	if (value.err)
		return;
	m->fingerprint_ok = ((uint32_t)crc32(0, p, (uInt)before) ^
	    FINGERPRINT_XOR) == want;
}

static void
take_role(struct stun_message *m, struct cur value, int controlling)
{
	m->tie_breaker = cur_u64(&value);
	if (controlling)
		m->controlling = 1;
	else
		m->controlled = 1;
}

static void
take_attribute(struct stun_message *m, unsigned int type, struct cur value,
    const uint8_t *p, size_t before)
{
	switch (type) {
	case ATTR_USERNAME: m->username = cur_rest(&value); break;
	case ATTR_SOFTWARE: m->software = cur_rest(&value); break;
	case ATTR_REALM: m->realm = cur_rest(&value); break;
	case ATTR_NONCE: m->nonce = cur_rest(&value); break;
	case ATTR_ERROR_CODE: take_error(m, value); break;
	case ATTR_MAPPED_ADDRESS: take_address(m, value, 0); break;
	case ATTR_XOR_MAPPED_OLD:
	case ATTR_XOR_MAPPED_ADDRESS: take_address(m, value, 1); break;
	case ATTR_PRIORITY:
		m->priority = cur_u32(&value);
		m->has_priority = !value.err;
		break;
	case ATTR_USE_CANDIDATE: m->use_candidate = 1; break;
	case ATTR_ICE_CONTROLLED: take_role(m, value, 0); break;
	case ATTR_ICE_CONTROLLING: take_role(m, value, 1); break;
	case ATTR_MESSAGE_INTEGRITY:
	case ATTR_MESSAGE_INTEGRITY_SHA256: m->has_integrity = 1; break;
	case ATTR_FINGERPRINT: check_fingerprint(m, p, before, value); break;
	default: break;
	}
}

int
stun_parse(const uint8_t *p, size_t len, size_t wire, struct stun_message *m)
{
	struct cur c, value;
	unsigned int type, n;
	size_t before, left;
	const uint8_t *tid;

	memset(m, 0, sizeof(*m));
	m->fingerprint_ok = -1;
	if (!stun_is(p, len, wire))
		return (-1);
	if (len > wire)
		len = wire;
	m->cut = len < wire;
	cur_init(&c, p, len);
	type = cur_u16(&c);
	m->method = (type & 0x000f) | (type & 0x00e0) >> 1 |
	    (type & 0x3e00) >> 2;
	m->class = (enum stun_class)((type >> 4 & 1) | (type >> 7 & 2));
	cur_skip(&c, 6);
	if ((tid = cur_bytes(&c, STUN_TID)) == NULL)
		return (0);	/* cut inside the header: type is known */
	memcpy(m->tid, tid, STUN_TID);
	left = wire - STUN_HEADER;
	while (left >= 4) {
		before = cur_pos(&c);
		type = cur_u16(&c);
		n = cur_u16(&c);
		left -= 4;
		if (c.err)
			return (0);	/* cut between attributes */
		if (n > left)
			return (-1);
		left -= (n + 3) / 4 * 4 > left ? left : (n + 3) / 4 * 4;
		value = cur_sub(&c, n);
		if (c.err)
			return (0);	/* cut inside a value */
		take_attribute(m, type, value, p, before);
		cur_skip(&c, (4 - n % 4) % 4);
	}
	return (left == 0 ? 0 : -1);
}

void
stun_build_binding(uint8_t out[STUN_BINDING_SIZE],
    const uint8_t tid[STUN_TID])
{
	static const uint8_t head[8] = {
		0x00, 0x01, 0x00, 0x08, 0x21, 0x12, 0xa4, 0x42
	};
	static const uint8_t fingerprint[4] = { 0x80, 0x28, 0x00, 0x04 };
	uint32_t crc;

	memcpy(out, head, 8);
	memcpy(out + 8, tid, STUN_TID);
	memcpy(out + 20, fingerprint, 4);
	crc = (uint32_t)crc32(0, out, 20) ^ FINGERPRINT_XOR;
	out[24] = (uint8_t)(crc >> 24);
	out[25] = (uint8_t)(crc >> 16);
	out[26] = (uint8_t)(crc >> 8);
	out[27] = (uint8_t)crc;
}
