/* SPDX-License-Identifier: ISC */
/*
 * Bounded cursor with a sticky error, the only way bytes from outside are
 * read. Pure; owns nothing.
 */
#include <string.h>

#include "agent/base/cur.h"

void
cur_init(struct cur *c, const void *p, size_t n)
{
	c->start = c->p = p;
	c->end = n == 0 ? c->p : c->p + n;
	c->err = 0;
}

size_t
cur_left(const struct cur *c)
{
	return (c->err ? 0 : (size_t)(c->end - c->p));
}

size_t
cur_pos(const struct cur *c)
{
	return ((size_t)(c->p - c->start));
}

int
cur_done(const struct cur *c)
{
	return (!c->err && c->p == c->end);
}

void
cur_fail(struct cur *c)
{
	c->err = 1;
}

const uint8_t *
cur_bytes(struct cur *c, size_t n)
{
	const uint8_t *p = c->p;

	if (n > cur_left(c)) {
		c->err = 1;
		return (NULL);
	}
	if (n > 0)
		c->p += n;
	return (p);
}

void
cur_skip(struct cur *c, size_t n)
{
	(void)cur_bytes(c, n);
}

/* n bytes, n <= 8, most significant first. */
static uint64_t
big(struct cur *c, size_t n)
{
	const uint8_t *p = cur_bytes(c, n);
	uint64_t v = 0;
	size_t i;

	for (i = 0; p != NULL && i < n; i++)
		v = v << 8 | p[i];
	return (v);
}

static uint64_t
little(struct cur *c, size_t n)
{
	const uint8_t *p = cur_bytes(c, n);
	uint64_t v = 0;
	size_t i;

	for (i = n; p != NULL && i > 0; i--)
		v = v << 8 | p[i - 1];
	return (v);
}

uint8_t
cur_u8(struct cur *c)
{
	return ((uint8_t)big(c, 1));
}

uint16_t
cur_u16(struct cur *c)
{
	return ((uint16_t)big(c, 2));
}

uint32_t
cur_u24(struct cur *c)
{
	return ((uint32_t)big(c, 3));
}

uint32_t
cur_u32(struct cur *c)
{
	return ((uint32_t)big(c, 4));
}

uint64_t
cur_u64(struct cur *c)
{
	return (big(c, 8));
}

uint16_t
cur_le16(struct cur *c)
{
	return ((uint16_t)little(c, 2));
}

uint32_t
cur_le32(struct cur *c)
{
	return ((uint32_t)little(c, 4));
}

uint8_t
cur_peek(const struct cur *c)
{
	return (cur_left(c) == 0 ? 0 : *c->p);
}

struct cur
cur_sub(struct cur *c, size_t n)
{
	const uint8_t *p = cur_bytes(c, n);
	struct cur sub;

	cur_init(&sub, p, p == NULL ? 0 : n);
	sub.err = p == NULL && c->err;
	return (sub);
}

struct str
cur_line(struct cur *c)
{
	struct str rest = str_of((const char *)c->p, cur_left(c)), line;
	size_t nl = str_chr(rest, '\n');

	line = str_sub(rest, 0, nl);
	cur_skip(c, nl == SIZE_MAX ? rest.n : nl + 1);
	if (nl != SIZE_MAX && line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	return (line);
}

struct str
cur_rest(struct cur *c)
{
	struct str rest = str_of((const char *)c->p, cur_left(c));

	cur_skip(c, rest.n);
	return (rest);
}
