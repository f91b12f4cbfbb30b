/* SPDX-License-Identifier: ISC */
/*
 * Byte buffer with a ceiling. Pure. Owns only the memory of the buffer.
 * Out of memory is fatal (mem.h); the ceiling is not: it is a sticky flag.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/mem.h"

void
buf_init(struct buf *b, size_t max)
{
	memset(b, 0, sizeof(*b));
	b->max = max;
}

void
buf_free(struct buf *b)
{
	free(b->data);
	buf_init(b, b->max);
}

void
buf_clear(struct buf *b)
{
	b->len = 0;
	b->full = 0;
	if (b->data != NULL)
		b->data[0] = '\0';
}

/* Makes room for n more bytes and the NUL; -1 when the ceiling forbids it. */
static int
reserve(struct buf *b, size_t n)
{
	size_t cap;

	if (b->full || n > b->max || b->len > b->max - n) {
		b->full = 1;
		return (-1);
	}
	if (b->len + n < b->cap)
		return (0);
	cap = b->cap < 64 ? 64 : b->cap;
	while (cap <= b->len + n)
		cap *= 2;
	b->data = mem_realloc(b->data, cap, 1);
	b->cap = cap;
	return (0);
}

int
buf_add(struct buf *b, const void *p, size_t n)
{
	if (reserve(b, n) == -1)
		return (-1);
	if (n > 0)
		memcpy(b->data + b->len, p, n);
	b->len += n;
	b->data[b->len] = '\0';
	return (0);
}

int
buf_addc(struct buf *b, char c)
{
	return (buf_add(b, &c, 1));
}

int
buf_adds(struct buf *b, const char *s)
{
	return (buf_add(b, s, strlen(s)));
}

int
buf_add_str(struct buf *b, struct str s)
{
	return (buf_add(b, s.p, s.n));
}

int
buf_vaddf(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	if (n < 0 || reserve(b, (size_t)n) == -1) {
		va_end(again);
		b->full = 1;
		return (-1);
	}
	vsnprintf(b->data + b->len, (size_t)n + 1, fmt, again);
	va_end(again);
	b->len += (size_t)n;
	return (0);
}

int
buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = buf_vaddf(b, fmt, ap);
	va_end(ap);
	return (r);
}

int
buf_add_safe(struct buf *b, struct str s)
{
	size_t i, n;

	for (i = 0; i < s.n; i += n) {
		n = str_utf8_len(s, i);
		if (n == 0) {
			n = 1;
			if (buf_addf(b, "\\x%02x", (unsigned char)s.p[i]) == -1)
				return (-1);
		} else if (buf_add(b, s.p + i, n) == -1)
			return (-1);
	}
	return (0);
}

void
buf_drop(struct buf *b, size_t n)
{
	if (n >= b->len) {
		buf_clear(b);
		return;
	}
	memmove(b->data, b->data + n, b->len - n);
	b->len -= n;
	b->data[b->len] = '\0';
}

const char *
buf_cstr(const struct buf *b)
{
	return (b->data == NULL ? "" : b->data);
}

struct str
buf_str(const struct buf *b)
{
	return (str_of(buf_cstr(b), b->len));
}

char *
buf_take(struct buf *b)
{
	char *data = b->data;

	if (data == NULL)
		data = mem_strdup("");
	b->data = NULL;
	buf_init(b, b->max);
	return (data);
}
