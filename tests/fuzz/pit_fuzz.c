/* SPDX-License-Identifier: ISC */
/*
 * Fuzz target: bytes as a file of the catalogue. What loads is linted and
 * matched against its own text, fast and naively: the hits must agree.
 */
#include <stdint.h>
#include <stdlib.h>

#include "agent/base/buf.h"
#include "agent/base/errlist.h"
#include "agent/diagnosis/catalogue.h"
#include "agent/diagnosis/matcher.h"
#include "probes/logs/logs.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
count(void *arg, const struct match *m)
{
	size_t *sum = arg;

	*sum += (m->signal + 1) * (size_t)m->record->line;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct str text = str_of((const char *)data, len);
	const struct log_text *t;
	struct log_source *src;
	struct catalogue *c;
	struct errlist errs;
	size_t fast = 0, slow = 0;
	struct buf b;

	if (len > 65536)
		return (0);
	errlist_init(&errs);
	c = catalogue_parse("fuzz.pit", text, NULL, &errs);
	if ((c == NULL) != (errs.count > 0))
		abort();
	if (c != NULL) {
		buf_init(&b, 1U << 20);
		catalogue_lint(c, &errs, &b);
		buf_free(&b);
		src = logs_memory("fuzz.log", text, COMPONENT_PROSODY, NULL,
		    WALL_NONE);
		while ((t = logs_next(src)) != NULL) {
			matcher_run(c->matcher, t, count, &fast);
			matcher_run_naive(c->matcher, t, count, &slow);
		}
		logs_close(src);
		/* A record over a lane's border may be told twice. */
		if (fast < slow)
			abort();
	}
	catalogue_free(c);
	errlist_free(&errs);
	return (0);
}
