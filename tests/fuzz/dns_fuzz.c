/* SPDX-License-Identifier: ISC */
/*
 * DNS answers: whatever a server sends, reading ends, keeps no more than the
 * limit, and every name is a NUL terminated string of plain characters.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "probes/codec/dns.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint16_t types[] = { DNS_A, DNS_AAAA, DNS_SRV };
	struct dns_answer *a = calloc(1, sizeof(*a));
	size_t list[LIMIT_ADDRESSES], i, k;
	struct str text = str_of((const char *)data, size);

	if (a == NULL)
		return (0);
	for (i = 0; i < 3; i++) {
		if (dns_answer_read(a, text, 0x1234, STR_LIT("a.example"),
		    types[i]) != 0)
			continue;
		if (a->count > LIMIT_DNS_RECORDS)
			abort();
		for (k = 0; k < a->count; k++)
			if (memchr(a->list[k].owner, '\0', DNS_NAME_SIZE) ==
			    NULL || memchr(a->list[k].target, '\0',
			    DNS_NAME_SIZE) == NULL)
				abort();
		(void)dns_answer_select(a, STR_LIT("a.example"), types[i],
		    list, LIMIT_ADDRESSES);
	}
	free(a);
	return (0);
}
