/* SPDX-License-Identifier: ISC */
/*
 * STUN: no bytes make the reader read past them, and a message that is cut
 * anywhere is still read without harm. The first byte says where to cut.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "probes/codec/stun.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct stun_message m;
	uint8_t *copy;
	size_t cut;

	if (size == 0)
		return (0);
	cut = data[0] < size ? size - data[0] : size;
	/* Exactly the bytes at hand, so that the sanitizer sees more. */
	copy = malloc(cut == 0 ? 1 : cut);
	if (copy == NULL)
		return (0);
	memcpy(copy, data + (size - cut), cut);
	if (cut > 0 && stun_parse(copy, cut, size, &m) == 0 &&
	    m.username.n > size)
		abort();
	if (cut > 0 && stun_parse(copy, cut, cut, &m) == 0 &&
	    m.error_code != 0 && (m.error_code < 300 || m.error_code > 699))
		abort();
	free(copy);
	return (0);
}
