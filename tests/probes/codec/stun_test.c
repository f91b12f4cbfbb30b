/* SPDX-License-Identifier: ISC */
/*
 * STUN. Would catch: attributes read at the wrong place, an address not
 * unmasked, a wrong fingerprint taken for right, noise taken for STUN, a
 * request of ours that other stacks refuse.
 */
#include <string.h>

#include "probes/codec/stun.h"
#include "tests/kit/check.h"

/* The sample IPv4 response of RFC 5769 section 2.2. */
static const uint8_t response[] =
    "\x01\x01\x00\x3c\x21\x12\xa4\x42"
    "\xb7\xe7\xa7\x01\xbc\x34\xd6\x86\xfa\x87\xdf\xae"
    "\x80\x22\x00\x0b\x74\x65\x73\x74\x20\x76\x65\x63\x74\x6f\x72\x20"
    "\x00\x20\x00\x08\x00\x01\xa1\x47\xe1\x12\xa6\x43"
    "\x00\x08\x00\x14\x2b\x91\xf5\x99\xfd\x9e\x90\xc3\x8c\x74\x89\xf9"
    "\x2a\xf9\xba\x53\xf0\x6b\xe7\xd7"
    "\x80\x28\x00\x04\xc0\x7d\x4c\x96";
#define RESPONSE (sizeof(response) - 1)

/* The sample IPv6 response of RFC 5769 section 2.3, without its end. */
static const uint8_t response6[] =
    "\x01\x01\x00\x18\x21\x12\xa4\x42"
    "\xb7\xe7\xa7\x01\xbc\x34\xd6\x86\xfa\x87\xdf\xae"
    "\x00\x20\x00\x14\x00\x02\xa1\x47\x01\x13\xa9\xfa\xa5\xd3\xf1\x79"
    "\xbc\x25\xf4\xb5\xbe\xd2\xb9\xd9";

static void
test_response(void)
{
	struct stun_message m;
	uint8_t bad[RESPONSE];

	CHECK_INT(stun_parse(response, RESPONSE, RESPONSE, &m), 0,
	    "the RFC's response is read");
	CHECK_INT(m.class, STUN_SUCCESS, "it is a success");
	CHECK_INT(m.method, STUN_METHOD_BINDING, "of binding");
	CHECK(str_eqs(m.software, "test vector"), "its SOFTWARE");
	CHECK_INT(m.mapped.family, 4, "an IPv4 address");
	CHECK_INT(m.mapped.port, 32853, "the port is unmasked");
	CHECK(memcmp(m.mapped.ip, "\xc0\x00\x02\x01", 4) == 0,
	    "so is the address");
	CHECK_INT(m.fingerprint_ok, 1, "the fingerprint is right");
	CHECK(m.has_integrity && !m.cut, "integrity is there, nothing cut");
	memcpy(bad, response, RESPONSE);
	bad[26] ^= 1;
	CHECK(stun_parse(bad, RESPONSE, RESPONSE, &m) == 0 &&
	    m.fingerprint_ok == 0, "a changed byte breaks the fingerprint");
	CHECK(stun_parse(response6, 44, 44, &m) == 0 && m.mapped.family == 6 &&
	    m.mapped.port == 32853 && memcmp(m.mapped.ip,
	    "\x20\x01\x0d\xb8\x12\x34\x56\x78\x00\x11\x22\x33\x44\x55\x66\x77",
	    16) == 0, "an IPv6 address is masked by the transaction id too");
}

static void
test_cut(void)
{
	struct stun_message m;
	size_t n;

	for (n = 20; n < RESPONSE; n++)
		if (stun_parse(response, n, RESPONSE, &m) != 0 || !m.cut)
			break;
	CHECK_INT(n, RESPONSE, "cut anywhere behind the head it is read");
	CHECK(stun_parse(response, 48, RESPONSE, &m) == 0 &&
	    m.mapped.family == 4 && !m.has_fingerprint,
	    "what is before the cut counts");
	CHECK_INT(stun_parse(response, 7, RESPONSE, &m), -1,
	    "7 bytes are too few to tell");
}

static void
test_noise(void)
{
	struct stun_message m;
	uint8_t p[RESPONSE];

	memcpy(p, response, RESPONSE);
	p[4] = 0x20;
	CHECK_INT(stun_parse(p, RESPONSE, RESPONSE, &m), -1,
	    "another magic is no STUN");
	memcpy(p, response, RESPONSE);
	p[3] = 0x3d;
	CHECK_INT(stun_parse(p, RESPONSE, RESPONSE, &m), -1,
	    "a length that is no multiple of 4 is none");
	p[3] = 0x38;
	CHECK_INT(stun_parse(p, RESPONSE, RESPONSE, &m), -1,
	    "a length that is not the datagram's is none");
	memcpy(p, response, RESPONSE);
	p[23] = 0xff;
	CHECK_INT(stun_parse(p, RESPONSE, RESPONSE, &m), -1,
	    "an attribute past the end is none");
}

static void
test_ice(void)
{
	static const uint8_t request[] =
	    "\x00\x01\x00\x28\x21\x12\xa4\x42" "abcdefghijkl"
	    "\x00\x06\x00\x05" "ab:cd" "\0\0\0"
	    "\x00\x24\x00\x04\x6e\x00\x01\xff"
	    "\x80\x2a\x00\x08" "12345678"
	    "\x00\x25\x00\x00"
	    "\x00\x14\x00\x00";
	static const uint8_t refusal[] =
	    "\x01\x11\x00\x0c\x21\x12\xa4\x42" "abcdefghijkl"
	    "\x00\x09\x00\x08\x00\x00\x04\x57" "Role";
	struct stun_message m;

	CHECK_INT(stun_parse(request, 60, 60, &m), 0, "an ICE check is read");
	CHECK(str_eqs(m.username, "ab:cd"), "its USERNAME");
	CHECK(m.use_candidate && m.controlling && !m.controlled,
	    "nomination and role");
	CHECK_INT(m.priority, 0x6e0001ff, "priority");
	CHECK_INT(stun_parse(refusal, 32, 32, &m), 0, "a refusal is read");
	CHECK_INT(m.error_code, 487, "its code");
	CHECK(str_eqs(m.error_text, "Role"), "its text");
}

static void
test_build(void)
{
	struct stun_message m;
	uint8_t p[STUN_BINDING_SIZE];

	stun_build_binding(p, (const uint8_t *)"0123456789ab");
	CHECK_INT(stun_parse(p, sizeof(p), sizeof(p), &m), 0,
	    "a request of ours is read");
	CHECK(m.class == STUN_REQUEST && m.method == STUN_METHOD_BINDING,
	    "as a binding request");
	CHECK_INT(m.fingerprint_ok, 1, "with a right fingerprint");
	CHECK(memcmp(m.tid, "0123456789ab", 12) == 0, "and its id");
}

int
main(void)
{
	test_response();
	test_cut();
	test_noise();
	test_ice();
	test_build();
	return (check_end());
}
