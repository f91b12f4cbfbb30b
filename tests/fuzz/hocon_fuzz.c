/* SPDX-License-Identifier: ISC */
/*
 * Fuzz target: bytes as jvb.conf and jicofo.conf. Every value must have a
 * place inside the text, its parent before it; a model packed must unpack to
 * the same bytes.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "probes/config/jitsi_keys.h"
#include "probes/config/model.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
look(const struct model *m)
{
	struct buf a, b;
	struct model again;
	size_t i;

	for (i = 0; i < m->count; i++)
		if (m->list[i].parent >= (int)i || m->list[i].line < 0)
			abort();
	buf_init(&a, 1 << 26);
	buf_init(&b, 1 << 26);
	model_pack(m, &a);
	model_init(&again);
	if (!a.full) {
		if (model_unpack(&again, buf_str(&a)) == -1)
			abort();
		model_pack(&again, &b);
		if (!str_eq(buf_str(&a), buf_str(&b)))
			abort();
	}
	model_free(&again);
	buf_free(&a);
	buf_free(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct config_source list[2] = {
		{ STR_LIT("a.conf"), STR_LIT("jvb.conf"),
		    { (const char *)p, n } },
		{ STR_LIT("b.conf"), STR_LIT("jvb.conf"),
		    STR_LIT("b=${?a} [1]\ninclude \"a.conf\"\n") },
	};
	struct config_sources s = { list, 2, STR_LIT("HOME=/root\n") };
	struct model m;

	model_init(&m);
	read_jvb_conf(&s, &m);
	look(&m);
	model_free(&m);
	model_init(&m);
	read_jicofo_conf(&s, &m);
	model_free(&m);
	return (0);
}
