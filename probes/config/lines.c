/* SPDX-License-Identifier: ISC */
/*
 * An index of the lines of a text. Pure; owns the index only.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "probes/config/lines.h"

void
lines_init(struct lines *l, struct str text)
{
	size_t i, n = 1;

	for (i = 0; i < text.n; i++)
		n += text.p[i] == '\n';
	if (n > INT_MAX / 2)
		n = INT_MAX / 2;
	l->text = text;
	l->start = mem_zalloc(n, sizeof(*l->start));
	l->count = 1;
	for (i = 0; i < text.n && (size_t)l->count < n; i++)
		if (text.p[i] == '\n')
			l->start[l->count++] = i + 1;
}

void
lines_free(struct lines *l)
{
	free(l->start);
	memset(l, 0, sizeof(*l));
}

struct str
lines_get(const struct lines *l, int n)
{
	struct str line;

	if (n < 1 || n > l->count)
		return (str_of("", 0));
	line = str_sub(l->text, l->start[n - 1],
	    n == l->count ? l->text.n : l->start[n] - 1);
	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	return (line);
}

int
lines_at(const struct lines *l, size_t byte, int *column)
{
	int lo = 0, hi = l->count - 1, mid;

	while (lo < hi) {
		mid = lo + (hi - lo + 1) / 2;
		if (l->start[mid] <= byte)
			lo = mid;
		else
			hi = mid - 1;
	}
	*column = (int)(byte - l->start[lo]) + 1;
	return (lo + 1);
}
