/* SPDX-License-Identifier: ISC */
/* What a capture proved, on standard output; the exit status. I/O. */
#include <stdio.h>

#include "agent/base/buf.h"
#include "agent/media_live.h"

static int
any_fault(const struct verdicts *v, int strict)
{
	size_t i;

	for (i = 0; i < v->count; i++)
		if (v->list[i].fault || strict)
			return (1);
	return (0);
}

int
media_report(const struct options *o, struct media **list, size_t count,
    const struct verdicts *v)
{
	struct buf out;
	size_t i;

	buf_init(&out, 256U << 20);
	if (o->format == FORMAT_JSON)
		media_print_json(list, count, v, &out);
	else if (o->format == FORMAT_SHORT)
		for (i = 0; i < count; i++)
			media_print_table(list[i], v,
			    media_get_counts(list[i])->last_ns, o->color,
			    1000, &out);
	else
		media_print_text(list, count, v, o->color, &out);
	fwrite(out.data == NULL ? "" : out.data, 1, out.len, stdout);
	buf_free(&out);
	return (any_fault(v, o->strict) ? EXIT_FINDINGS : EXIT_HEALTHY);
}
