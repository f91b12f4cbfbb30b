/* SPDX-License-Identifier: ISC */
/*
 * Fuzz target: bytes as a log. The first byte chooses the component. Every
 * record is taken, and found again from each of its bytes' neighbours; the
 * slices of a record must lie in the text. Built for libFuzzer with
 * -fsanitize=fuzzer, or with the driver of tests/fuzz.
 */
#include <stdint.h>
#include <stdlib.h>

#include "probes/logs/logs.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
inside(const struct log_text *t, struct str s)
{
	if (s.n > 0 && (s.p < t->text.p || s.p + s.n > t->text.p + t->text.n))
		abort();
}

static void
look(const struct log_text *t)
{
	struct record rec, again;
	size_t at, from;

	for (at = 0;; ) {
		from = at;
		at = t->record_next(t, at, &rec);
		if (at == SIZE_MAX)
			break;
		if (at <= from)
			abort();
		inside(t, rec.message);
		inside(t, rec.more);
		inside(t, rec.raw);
		inside(t, rec.session);
		inside(t, rec.logger);
		inside(t, rec.time_text);
		if (t->record_at(t, at - 1, &again) == -1)
			abort();
		inside(t, again.raw);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	wall_t reference = { INT64_C(1795348800) * US_PER_SEC };
	struct log_source *s;
	const struct log_text *t;

	if (n == 0)
		return (0);
	s = logs_memory("fuzz.log", str_of((const char *)p + 1, n - 1),
	    (enum component)(p[0] % COMPONENT_COUNT), NULL, reference);
	while ((t = logs_next(s)) != NULL)
		look(t);
	logs_close(s);
	return (0);
}
