/* SPDX-License-Identifier: ISC */
/*
 * Errors in files, collected so that all of them are told at once. Pure.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/errlist.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"

void
errlist_init(struct errlist *l)
{
	memset(l, 0, sizeof(*l));
}

void
errlist_free(struct errlist *l)
{
	size_t i;

	for (i = 0; i < l->count; i++) {
		free(l->list[i].file);
		free(l->list[i].message);
	}
	free(l->list);
	errlist_init(l);
}

void
errlist_add(struct errlist *l, const char *file, int line, int column,
    const char *fmt, ...)
{
	struct err *e;
	struct buf text;
	va_list ap;

	e = mem_grow(l->list, l->count, &l->cap, sizeof(*e), LIMIT_ERRORS);
	if (e == NULL) {
		l->more++;
		return;
	}
	l->list = e;
	e += l->count++;
	buf_init(&text, LIMIT_ERROR_TEXT);
	va_start(ap, fmt);
	if (buf_vaddf(&text, fmt, ap) == -1) {
		buf_clear(&text);
		buf_adds(&text, fmt);
	}
	va_end(ap);
	e->file = mem_strdup(file == NULL ? "" : file);
	e->line = line;
	e->column = column;
	e->message = buf_take(&text);
}

void
errlist_print(const struct errlist *l, struct buf *out)
{
	const struct err *e;
	size_t i;

	for (i = 0; i < l->count; i++) {
		e = &l->list[i];
		if (e->file[0] != '\0')
			buf_addf(out, "%s:", e->file);
		if (e->line > 0)
			buf_addf(out, "%d:", e->line);
		if (e->line > 0 && e->column > 0)
			buf_addf(out, "%d:", e->column);
		if (e->file[0] != '\0')
			buf_addc(out, ' ');
		buf_add_safe(out, str_from(e->message));
		buf_addc(out, '\n');
	}
	if (l->more > 0)
		buf_addf(out, "and %zu more\n", l->more);
}
