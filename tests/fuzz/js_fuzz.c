/* SPDX-License-Identifier: ISC */
/*
 * Fuzz target: bytes as config.js, for the own scanner (the engine runs in a
 * child, where it may hang).
 */
#include <stdint.h>
#include <stdlib.h>

#include "probes/config/js.h"
#include "probes/config/model.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct js_lexer lex = { .text = { (const char *)p, n } };
	struct js_token t;
	struct model m;
	size_t at = 0;

	while ((t = js_next(&lex)).type != JS_END && t.type != JS_BAD) {
		if (t.from < at || t.to <= t.from || t.to > n)
			abort();
		at = t.to;
	}
	model_init(&m);
	if (js_scan(lex.text, &m) != (m.problem_count == 0))
		abort();
	model_free(&m);
	return (0);
}
