/* SPDX-License-Identifier: ISC */
/*
 * DTLS: every walk over records, messages, hellos and certificates ends, and
 * nothing is read past the bytes at hand.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "probes/codec/dtls.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dtls_handshake h;
	struct dtls_record r;
	struct dtls_hello hello;
	struct cur c, der;
	size_t left, steps = 0;

	cur_init(&c, data, size);
	for (;;) {
		left = cur_left(&c);
		if (dtls_next(&c, &r) != 1)
			break;
		if (cur_left(&c) >= left || ++steps > size)
			abort();	/* a step that takes nothing */
		if (r.type != DTLS_HANDSHAKE)
			continue;
		while (dtls_next_handshake(&r.body, &h) == 1) {
			if (dtls_hello(&h, &hello) == 0 &&
			    hello.srtp_profile > 0xffff)
				abort();
			if (dtls_certificate(&h, &der) == 0 &&
			    cur_left(&der) > size)
				abort();
		}
	}
	return (0);
}
