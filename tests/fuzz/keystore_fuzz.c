/* SPDX-License-Identifier: ISC */
/*
 * Fuzz target: bytes as a key store, and as PEM.
 */
#include <stdint.h>

#include "probes/config/model.h"
#include "probes/config/reader.h"
#include "probes/config/x509.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct config_source list[2] = {
		{ STR_LIT("a.store"), { "", 0 }, { (const char *)p, n } },
		{ STR_LIT("jvb.in.sh"), STR_LIT("password"),
		    STR_LIT("jitsicool") },
	};
	struct config_sources s = { list, 2, { NULL, 0 } };
	struct model m;

	model_init(&m);
	read_keystore(&s, &m);
	model_free(&m);
	model_init(&m);
	read_certificate(&s, &m);
	(void)x509_covers(&m, "cert/0", STR_LIT("a.example"));
	model_free(&m);
	return (0);
}
