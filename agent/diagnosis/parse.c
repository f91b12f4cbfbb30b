/* SPDX-License-Identifier: ISC */
/*
 * Reading .pit files, the lower half: lines, words, strings, messages that
 * say what was expected. Pure; text that is kept belongs to the catalogue.
 * The grammar is in catalogue.h.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/mem.h"
#include "agent/diagnosis/parse.h"

static int
blank(char c)
{
	return (c == ' ' || c == '\t' || c == '\r');
}

/*
 * The quoted string that begins at raw[i]; returns the byte after it, 0 when
 * the closing quote is missing. \" becomes a quote; the copy is kept.
 */
static size_t
take_string(struct pit_reader *r, size_t i, struct str *out)
{
	struct str raw = r->raw;
	struct buf b;
	size_t end = 0;

	buf_init(&b, LIMIT_CONFIG_FILE);
	for (i++; i < raw.n && end == 0; i++) {
		if (raw.p[i] == '\\' && i + 1 < raw.n && raw.p[i + 1] == '"')
			buf_addc(&b, raw.p[++i]);
		else if (raw.p[i] == '"')
			end = i + 1;
		else
			buf_addc(&b, raw.p[i]);
	}
	*out = str_from(pit_keep(r->c, buf_str(&b)));
	buf_free(&b);
	return (end);
}

/* Cuts raw into words; what is wrong is said and the line dropped. */
static void
cut(struct pit_reader *r)
{
	struct str raw = r->raw;
	struct pit_word *w;
	size_t i = 0, start;

	r->count = 0;
	for (;;) {
		while (i < raw.n && blank(raw.p[i]))
			i++;
		if (i == raw.n || raw.p[i] == '#')
			return;
		if (r->count == LIMIT_PIT_WORDS) {
			pit_error(r, r->count - 1, "too many words");
			return;
		}
		w = &r->word[r->count++];
		*w = (struct pit_word){ .column = (int)i + 1 };
		start = i;
		if (raw.p[i] == '"') {
			w->quoted = 1;
			i = take_string(r, i, &w->s);
			if (i == 0) {
				pit_error(r, r->count - 1,
				    "the string has no closing quote");
				r->count = 0;
				return;
			}
		} else {
			while (i < raw.n && !blank(raw.p[i]))
				i++;
			w->s = str_sub(raw, start, i);
		}
	}
}

int
pit_next_raw(struct pit_reader *r)
{
	if (r->left.n == 0)
		return (0);
	r->raw = str_split(&r->left, '\n');
	r->line++;
	r->count = 0;
	return (1);
}

int
pit_next(struct pit_reader *r)
{
	if (r->again) {
		r->again = 0;
		return (1);
	}
	while (pit_next_raw(r)) {
		cut(r);
		if (r->count > 0)
			return (1);
	}
	return (0);
}

int
pit_is(const struct pit_reader *r, size_t i, const char *word)
{
	return (i < r->count && !r->word[i].quoted &&
	    str_eqs(r->word[i].s, word));
}

struct pit_place
pit_here(const struct pit_reader *r, size_t i)
{
	int column = (int)r->raw.n + 1;

	if (i < r->count)
		column = r->word[i].column;
	return ((struct pit_place){ r->file, r->line, column });
}

void
pit_error(struct pit_reader *r, size_t i, const char *fmt, ...)
{
	struct pit_place at = pit_here(r, i);
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	errlist_add(r->errs, at.file, at.line, at.column, "%s", text);
}

int
pit_expected(struct pit_reader *r, size_t i, const char *what)
{
	struct buf b;

	if (i >= r->count) {
		pit_error(r, i, "expected %s, the line ends", what);
		return (-1);
	}
	buf_init(&b, 80);
	buf_add_safe(&b, str_sub(r->word[i].s, 0, 60));
	pit_error(r, i, "expected %s, not %s%s%s", what,
	    r->word[i].quoted ? "the string \"" : "\"", buf_cstr(&b), "\"");
	buf_free(&b);
	return (-1);
}

int
pit_last(struct pit_reader *r, size_t i)
{
	if (i + 1 < r->count)
		return (pit_expected(r, i + 1, "the end of the line"));
	return (0);
}

static int
is_id(struct str s)
{
	size_t i;

	if (s.n == 0 || s.p[0] < 'a' || s.p[0] > 'z' || s.p[s.n - 1] == '-')
		return (0);
	for (i = 0; i < s.n; i++)
		if ((s.p[i] < 'a' || s.p[i] > 'z') && s.p[i] != '-' &&
		    (s.p[i] < '0' || s.p[i] > '9'))
			return (0);
	return (1);
}

const char *
pit_id(struct pit_reader *r, size_t i, const char *what)
{
	if (i >= r->count || r->word[i].quoted || !is_id(r->word[i].s)) {
		pit_expected(r, i, what);
		return (NULL);
	}
	return (pit_keep(r->c, r->word[i].s));
}

const char *
pit_string(struct pit_reader *r, size_t i, const char *what)
{
	if (i >= r->count || !r->word[i].quoted) {
		pit_expected(r, i, what);
		return (NULL);
	}
	return (r->word[i].s.p == NULL ? "" : r->word[i].s.p);
}

int64_t
pit_span(struct pit_reader *r, size_t i)
{
	int64_t ns;

	if (i >= r->count || r->word[i].quoted ||
	    str_duration(r->word[i].s, &ns) == -1)
		return (pit_expected(r, i, "a time such as 5s, 10m, 2h"));
	return (ns / 1000);
}

const char *
pit_keep(struct catalogue *c, struct str s)
{
	char **list;

	list = mem_grow(c->strings, c->string_count, &c->string_cap,
	    sizeof(*list), LIMIT_PIT_LIST);
	if (list == NULL)
		return ("");
	c->strings = list;
	list[c->string_count] = mem_str(s);
	return (list[c->string_count++]);
}

void *
pit_more(void *list, size_t *count, size_t *cap, size_t size)
{
	char *p = list;

	/* Most lists stay short, and there are thousands of them. */
	if (*cap == 0)
		p = mem_zalloc(*cap = 1, size);
	p = mem_grow(p, *count, cap, size, LIMIT_PIT_LIST);
	if (p == NULL)
		fatal("catalogue: more than %u elements", LIMIT_PIT_LIST);
	memset(p + *count * size, 0, size);
	(*count)++;
	return (p);
}

void
pit_strings_add(struct pit_strings *l, const char *s)
{
	l->list = pit_more(l->list, &l->count, &l->cap, sizeof(*l->list));
	l->list[l->count - 1] = s;
}

int
pit_refs(struct pit_reader *r, size_t i, struct pit_refs *refs)
{
	struct pit_place at = pit_here(r, i);
	struct pit_ref *ref;
	struct str left, id;

	if (i >= r->count || r->word[i].quoted)
		return (pit_expected(r, i, "the id of a signal or pattern"));
	left = r->word[i].s;
	do {
		id = str_split(&left, '|');
		if (!is_id(id))
			return (pit_expected(r, i,
			    "the id of a signal or pattern"));
		refs->list = pit_more(refs->list, &refs->count, &refs->cap,
		    sizeof(*refs->list));
		ref = &refs->list[refs->count - 1];
		ref->id = pit_keep(r->c, id);
		ref->at = at;
		ref->index = -1;
	} while (left.n > 0);
	return (0);
}

int
pit_clear(struct pit_reader *r, struct pit_refs *refs, int64_t *after_us)
{
	size_t i = 2;

	if (pit_is(r, 1, "after")) {
		if ((*after_us = pit_span(r, 2)) == -1) {
			*after_us = 0;
			return (-1);
		}
		return (pit_last(r, 2));
	}
	if (!pit_is(r, 1, "on"))
		return (pit_expected(r, 1, "\"on ID\" or \"after T\""));
	for (;;) {
		if (pit_refs(r, i, refs) == -1)
			return (-1);
		if (i + 1 >= r->count)
			return (0);
		if (!pit_is(r, i + 1, "or"))
			return (pit_expected(r, i + 1, "\"or ID\""));
		i += 2;
	}
}

int
pit_begins_block(const struct pit_reader *r)
{
	return (pit_is(r, 0, "signal") || pit_is(r, 0, "pattern") ||
	    pit_is(r, 0, "cause"));
}
