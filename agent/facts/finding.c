/* SPDX-License-Identifier: ISC */
/*
 * Findings of the configuration readers. Pure; the list owns its strings.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/facts/finding.h"

void
findings_init(struct findings *l)
{
	memset(l, 0, sizeof(*l));
}

void
finding_free(struct finding *f)
{
	free(f->host);
	free(f->at.file);
	free(f->at.text);
	free(f->other.file);
	free(f->other.text);
	free(f->message);
	free(f->fix);
	free(f->captures);
}

void
findings_free(struct findings *l)
{
	size_t i;

	for (i = 0; i < l->count; i++)
		finding_free(&l->list[i]);
	free(l->list);
	findings_init(l);
}

void
findings_take(struct findings *l, struct finding *f)
{
	struct finding *list;

	list = mem_grow(l->list, l->count, &l->cap, sizeof(*list),
	    LIMIT_FINDINGS);
	if (list == NULL) {
		finding_free(f);
		return;
	}
	l->list = list;
	list[l->count++] = *f;
	memset(f, 0, sizeof(*f));
}

void
findings_drop(struct findings *l, int (*gone)(const struct finding *))
{
	size_t i, n = 0;

	for (i = 0; i < l->count; i++)
		if (gone(&l->list[i]))
			finding_free(&l->list[i]);
		else
			l->list[n++] = l->list[i];
	l->count = n;
}
