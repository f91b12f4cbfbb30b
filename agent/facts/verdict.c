/* SPDX-License-Identifier: ISC */
/*
 * Verdicts of the media analyser. Pure; the list owns its strings.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/facts/verdict.h"

void
verdicts_init(struct verdicts *l)
{
	memset(l, 0, sizeof(*l));
}

static void
verdict_free(struct verdict *v)
{
	free(v->flow);
	free(v->text);
	free(v->file);
}

void
verdicts_free(struct verdicts *l)
{
	size_t i;

	for (i = 0; i < l->count; i++)
		verdict_free(&l->list[i]);
	free(l->list);
	verdicts_init(l);
}

void
verdicts_take(struct verdicts *l, struct verdict *v)
{
	struct verdict *list;

	list = mem_grow(l->list, l->count, &l->cap, sizeof(*list),
	    LIMIT_VERDICTS);
	if (list == NULL) {
		verdict_free(v);
		return;
	}
	l->list = list;
	list[l->count++] = *v;
	memset(v, 0, sizeof(*v));
}
