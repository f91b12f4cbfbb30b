/* SPDX-License-Identifier: ISC */
/*
 * DTLS. Would catch: records or fragments mistaken, a cut taken for an
 * error, endless loops on empty records, a chosen SRTP profile misread.
 */
#include <string.h>

#include "probes/codec/dtls.h"
#include "tests/kit/check.h"

/* A ClientHello in two pieces, as browsers send it, in two records. */
static const uint8_t pieces[] =
    "\x16\xfe\xff\x00\x00\x00\x00\x00\x00\x00\x00\x00\x10"
    "\x01\x00\x00\x08\x00\x00\x00\x00\x00\x00\x00\x04" "abcd"
    "\x16\xfe\xff\x00\x00\x00\x00\x00\x00\x00\x01\x00\x10"
    "\x01\x00\x00\x08\x00\x00\x00\x00\x04\x00\x00\x04" "efgh";

/* ServerHello that chooses 0xc02b and SRTP_AEAD_AES_128_GCM (7). */
static const uint8_t hello[] =
    "\x16\xfe\xfd\x00\x00\x00\x00\x00\x00\x00\x05\x00\x3d"
    "\x02\x00\x00\x31\x00\x01\x00\x00\x00\x00\x00\x31"
    "\xfe\xfd" "RRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRR" "\x00\xc0\x2b\x00"
    "\x00\x09\x00\x0e\x00\x05\x00\x02\x00\x07\x00";

static void
test_pieces(void)
{
	struct cur c;
	struct dtls_record r;
	struct dtls_handshake h;

	cur_init(&c, pieces, sizeof(pieces) - 1);
	CHECK_INT(dtls_next(&c, &r), 1, "the first record");
	CHECK(r.type == DTLS_HANDSHAKE && r.epoch == 0 && r.length == 16,
	    "is a handshake in the clear");
	CHECK_INT(dtls_next_handshake(&r.body, &h), 1, "with a message");
	CHECK(h.type == DTLS_CLIENT_HELLO && h.length == 8 &&
	    h.frag_off == 0 && h.frag_len == 4, "the first half");
	CHECK_INT(dtls_next(&c, &r), 1, "the second record");
	CHECK(r.seq == 1 && dtls_next_handshake(&r.body, &h) == 1 &&
	    h.frag_off == 4, "the second half");
	CHECK_INT(dtls_next_handshake(&r.body, &h), 0, "and no more in it");
	CHECK_INT(dtls_next(&c, &r), 0, "the end");
}

static void
test_hello(void)
{
	struct cur c;
	struct dtls_record r;
	struct dtls_handshake h;
	struct dtls_hello k;

	cur_init(&c, hello, sizeof(hello) - 1);
	CHECK(dtls_next(&c, &r) == 1 && dtls_next_handshake(&r.body, &h) == 1,
	    "a ServerHello");
	CHECK_INT(dtls_hello(&h, &k), 0, "is read");
	CHECK_INT(k.cipher, 0xc02b, "the cipher");
	CHECK_INT(k.srtp_profile, 7, "the SRTP profile");
	CHECK_INT(k.version, 0xfefd, "the version");
	h.frag_off = 4;
	CHECK_INT(dtls_hello(&h, &k), -1, "a later piece is no hello");
}

static void
test_bad(void)
{
	static const uint8_t empty[] =
	    "\x16\xfe\xfd\x00\x00\x00\x00\x00\x00\x00\x05\x00\x00";
	static const uint8_t past[] =
	    "\x16\xfe\xfd\x00\x00\x00\x00\x00\x00\x00\x05\x00\x0c"
	    "\x02\x00\x00\x10\x00\x01\x00\x00\x0c\x00\x00\x08";
	struct cur c;
	struct dtls_record r;
	struct dtls_handshake h;
	size_t n;

	cur_init(&c, empty, sizeof(empty) - 1);
	CHECK_INT(dtls_next(&c, &r), -1, "an empty record is none");
	cur_init(&c, "\x16\x03\x03\x00\x00\x00\x00\x00\x00\x00\x05\x00\x01x",
	    14);
	CHECK_INT(dtls_next(&c, &r), -1, "TLS is no DTLS");
	cur_init(&c, past, sizeof(past) - 1);
	CHECK(dtls_next(&c, &r) == 1 && dtls_next_handshake(&r.body, &h) == -1,
	    "a fragment past its message is refused");
	for (n = 0; n < sizeof(hello) - 1; n++) {
		cur_init(&c, hello, n);
		if (dtls_next(&c, &r) == -1)
			break;
	}
	CHECK_INT(n, sizeof(hello) - 1, "a cut is no error anywhere");
	cur_init(&c, "\x2f" "encrypted", 10);
	CHECK(dtls_next(&c, &r) == 1 && r.type == DTLS_UNIFIED &&
	    dtls_next(&c, &r) == 0, "DTLS 1.3 records are opaque");
}

int
main(void)
{
	test_pieces();
	test_hello();
	test_bad();
	CHECK_STR(dtls_alert_name(46), "certificate_unknown", "alert 46");
	CHECK_STR(dtls_alert_name(200), "unknown alert", "alert 200");
	return (check_end());
}
