/* SPDX-License-Identifier: ISC */
/*
 * Secrets that two programs hold alike: the list, its comparison, salts.
 * Pure.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/facts/secret.h"

void
secrets_init(struct secrets *s)
{
	memset(s, 0, sizeof(*s));
}

void
secrets_free(struct secrets *s)
{
	size_t i;

	for (i = 0; i < s->count; i++) {
		free(s->list[i].name);
		free(s->list[i].host);
		free(s->list[i].file);
		free(s->list[i].salt);
		mem_wipe(s->list[i].value);
	}
	free(s->list);
	secrets_init(s);
}

struct secret *
secrets_add(struct secrets *s)
{
	struct secret *list;

	list = mem_grow(s->list, s->count, &s->cap, sizeof(*list),
	    LIMIT_SECRETS);
	if (list == NULL)
		return (NULL);
	s->list = list;
	memset(&list[s->count], 0, sizeof(*list));
	return (&list[s->count++]);
}

/* A hexadecimal digit's value, -1 when it is none. */
static int
digit(char c)
{
	if (c >= '0' && c <= '9')
		return (c - '0');
	if ((c | 32) >= 'a' && (c | 32) <= 'f')
		return ((c | 32) - 'a' + 10);
	return (-1);
}

size_t
secret_salt(struct str text, unsigned char out[])
{
	size_t i;
	int high, low;

	if (text.n % 2 != 0 || text.n < 2 * LIMIT_SALT_LEAST ||
	    text.n > 2 * LIMIT_SALT_MOST)
		return (0);
	for (i = 0; i < text.n / 2; i++) {
		high = digit(text.p[2 * i]);
		low = digit(text.p[2 * i + 1]);
		if (high == -1 || low == -1)
			return (0);
		out[i] = (unsigned char)(high << 4 | low);
	}
	return (i);
}

char *
secret_hex(const unsigned char *bytes, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	char *text = mem_zalloc(2 * n + 1, 1);
	size_t i;

	for (i = 0; i < n; i++) {
		text[2 * i] = digits[bytes[i] >> 4];
		text[2 * i + 1] = digits[bytes[i] & 15];
	}
	return (text);
}

char *
secret_lower(struct str text)
{
	char *copy = mem_str(text);
	size_t i;

	for (i = 0; i < text.n; i++)
		if (copy[i] >= 'A' && copy[i] <= 'F')
			copy[i] = (char)(copy[i] | 32);
	return (copy);
}

/* Names of hosts compare without case. */
static int
same_text(struct str a, struct str b)
{
	size_t i;
	int x, y;

	for (i = 0; a.n == b.n && i < a.n; i++) {
		x = (unsigned char)a.p[i];
		y = (unsigned char)b.p[i];
		if (x != y && ((x | 32) != (y | 32) || (x | 32) < 'a' ||
		    (x | 32) > 'z'))
			return (0);
	}
	return (a.n == b.n);
}

/* Is one the name of a host, the other the first label of it? */
static int
is_label(struct str host, struct str label)
{
	size_t dot = str_chr(host, '.');

	return (str_chr(label, '.') == SIZE_MAX && dot != SIZE_MAX &&
	    same_text(str_sub(host, 0, dot), label));
}

/* Do the names mean one secret? */
static int
same_name(const char *one, const char *two)
{
	struct str a = str_from(one), b = str_from(two);

	if (!str_eq(str_split(&a, ' '), str_split(&b, ' ')))
		return (0);
	return (same_text(a, b) || is_label(a, b) || is_label(b, a));
}

static int
same_host(const struct secret *a, const struct secret *b)
{
	if (a->host == NULL || b->host == NULL)
		return (a->host == b->host);
	return (strcmp(a->host, b->host) == 0);
}

/* Held by the same program on the same host for the same purpose? */
static int
same_holder(const struct secret *a, const struct secret *b)
{
	return (a->component == b->component && same_host(a, b) &&
	    same_name(a->name, b->name));
}

static int
comparable(const struct secret *a, const struct secret *b)
{
	return (strcmp(a->salt, b->salt) == 0 && a->rounds == b->rounds);
}

/* A trust store's password is held by those who open it, not by prosody. */
static int
is_store(const struct secret *s)
{
	return (str_starts(str_from(s->name), "truststore_password "));
}

/* May `other` be what the holder's secret is compared with? */
static int
is_other(const struct secret *holder, const struct secret *other)
{
	if (!same_name(holder->name, other->name))
		return (0);
	if (is_store(holder))
		return (other < holder && (other->component !=
		    holder->component || !same_host(other, holder)));
	return (other->component == COMPONENT_PROSODY);
}

/* Has the list an element before i of this holder, or, told under another
 * name of the host, of the same program with the same value? */
static int
is_repeated(const struct secrets *s, size_t i)
{
	const struct secret *a, *b = &s->list[i];
	size_t k;

	for (k = 0; k < i; k++) {
		a = &s->list[k];
		if (same_holder(a, b) || (a->component == b->component &&
		    same_name(a->name, b->name) && comparable(a, b) &&
		    strcmp(a->value, b->value) == 0))
			return (1);
	}
	return (0);
}

/* One of a holder's values and one of the others', all pairs: 1 when two are
 * the same; *differs, *unknown are what was found besides, or NULL. */
static int
any_same(const struct secrets *s, const struct secret *holder,
    const struct secret **differs, const struct secret **unknown)
{
	const struct secret *mine, *other;
	size_t i, k;

	*differs = *unknown = NULL;
	for (i = 0; i < s->count; i++) {
		mine = &s->list[i];
		if (!same_holder(mine, holder))
			continue;
		for (k = 0; k < s->count; k++) {
			other = &s->list[k];
			if (!is_other(mine, other))
				continue;
			if (!comparable(mine, other))
				*unknown = *unknown == NULL ? other :
				    *unknown;
			else if (strcmp(mine->value, other->value) == 0)
				return (1);
			else if (*differs == NULL)
				*differs = other;
		}
	}
	return (0);
}

void
secrets_compare(const struct secrets *s, void (*fn)(void *,
    enum secret_result, const struct secret *, const struct secret *),
    void *arg)
{
	const struct secret *holder, *differs, *unknown;
	size_t i;

	for (i = 0; i < s->count; i++) {
		holder = &s->list[i];
		if ((holder->component == COMPONENT_PROSODY &&
		    !is_store(holder)) || is_repeated(s, i) ||
		    any_same(s, holder, &differs, &unknown))
			continue;
		/* the one that cannot be compared may be the same */
		if (unknown != NULL)
			fn(arg, SECRET_UNKNOWN, holder, unknown);
		else if (differs != NULL)
			fn(arg, SECRET_DIFFERS, holder, differs);
	}
}
