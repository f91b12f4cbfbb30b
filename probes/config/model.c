/* SPDX-License-Identifier: ISC */
/*
 * What a reader understood of a file: a flat list of values with their
 * places, and what is wrong with them; packed to bytes and back for the
 * readers that run in a helper child. Pure; owns its strings.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/cur.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "probes/config/model.h"

void
model_init(struct model *m)
{
	memset(m, 0, sizeof(*m));
	map_init(&m->index, LIMIT_CONFIG_ITEMS);
}

void
model_free(struct model *m)
{
	size_t i;

	for (i = 0; i < m->count; i++) {
		free(m->list[i].key);
		mem_wipe(m->list[i].value);	/* any may be a secret */
	}
	for (i = 0; i < m->problem_count; i++) {
		free(m->problems[i].id);
		free(m->problems[i].message);
		free(m->problems[i].fix);
	}
	free(m->list);
	free(m->problems);
	map_free(&m->index);
	model_init(m);
}

struct item *
model_add(struct model *m, struct str key, struct str value,
    enum item_type type)
{
	struct item *list, *it;
	void **slot;

	list = mem_grow(m->list, m->count, &m->cap, sizeof(*list),
	    LIMIT_CONFIG_ITEMS);
	if (list == NULL) {
		m->partial = 1;
		return (NULL);
	}
	m->list = list;
	it = &list[m->count++];
	memset(it, 0, sizeof(*it));
	it->key = mem_str(key);
	it->value = mem_str(value);
	it->type = type;
	it->parent = -1;
	if ((slot = map_put(&m->index, key)) != NULL)
		*slot = (void *)(uintptr_t)m->count;
	return (it);
}

const struct item *
model_get(const struct model *m, const char *key)
{
	uintptr_t n = (uintptr_t)map_get(&m->index, str_from(key));

	return (n == 0 ? NULL : &m->list[n - 1]);
}

const struct item *
model_getf(const struct model *m, const char *fmt, ...)
{
	const struct item *it;
	struct buf key;
	va_list ap;

	buf_init(&key, LIMIT_CONFIG_KEY);
	va_start(ap, fmt);
	buf_vaddf(&key, fmt, ap);
	va_end(ap);
	it = key.full ? NULL : model_get(m, buf_cstr(&key));
	buf_free(&key);
	return (it);
}

void
model_forget(struct model *m, const char *key)
{
	char *name = mem_strdup(key);	/* may be an item's own */
	size_t n = strlen(name), i;
	struct item *it;
	void **slot;

	for (i = 0; i < m->count; i++) {
		it = &m->list[i];
		if (strncmp(it->key, name, n) != 0 || (it->key[n] != '\0' &&
		    it->key[n] != '/'))
			continue;
		if ((slot = map_put(&m->index, str_from(it->key))) != NULL)
			*slot = NULL;
		free(it->key);
		it->key = mem_strdup("");
	}
	free(name);
}

struct str
model_value(const struct model *m, const char *key)
{
	return (item_str(model_get(m, key)));
}

struct str
item_str(const struct item *it)
{
	return (it == NULL ? str_of("", 0) : str_from(it->value));
}

int
item_bool(const struct item *it)
{
	static const char *const words[][2] = {
		{ "true", "false" }, { "yes", "no" }, { "on", "off" },
	};
	size_t i;

	if (it == NULL || it->type == ITEM_OPAQUE)
		return (-1);
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(it->value, words[i][0]) == 0)
			return (1);
		if (strcmp(it->value, words[i][1]) == 0)
			return (0);
	}
	return (-1);
}

int64_t
item_number(const struct item *it, int64_t dflt)
{
	int64_t v;

	if (it == NULL || str_num(str_from(it->value), INT64_MIN, INT64_MAX,
	    &v) == -1)
		return (dflt);
	return (v);
}

void
model_problem(struct model *m, const char *id, int source, int line,
    int column, const char *fmt, ...)
{
	struct problem *list, *p;
	struct buf text;
	va_list ap;

	list = mem_grow(m->problems, m->problem_count, &m->problem_cap,
	    sizeof(*list), LIMIT_ERRORS);
	m->refused = list == NULL;
	if (m->refused) {
		m->partial = 1;
		return;
	}
	m->problems = list;
	p = &list[m->problem_count++];
	memset(p, 0, sizeof(*p));
	p->id = mem_strdup(id);
	p->source = source;
	p->line = line;
	p->column = column;
	buf_init(&text, LIMIT_ERROR_TEXT);
	va_start(ap, fmt);
	if (buf_vaddf(&text, fmt, ap) == -1)
		buf_adds(&text, "(a message too long to print)");
	va_end(ap);
	p->message = buf_take(&text);
}

void
model_fix(struct model *m, int end_column, const char *fmt, ...)
{
	struct problem *p;
	struct buf text;
	va_list ap;

	if (m->refused || m->problem_count == 0)
		return;
	p = &m->problems[m->problem_count - 1];
	p->end_column = end_column;
	buf_init(&text, LIMIT_ERROR_TEXT);
	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	free(p->fix);
	p->fix = text.len == 0 ? NULL : buf_take(&text);
	buf_free(&text);
}

void
model_included(struct model *m, size_t source)
{
	if (source < sizeof(m->included))
		m->included[source] = 1;
}

static void
pack_num(struct buf *b, uint32_t v)
{
	const unsigned char p[4] = { (unsigned char)(v >> 24),
	    (unsigned char)(v >> 16), (unsigned char)(v >> 8),
	    (unsigned char)v };

	buf_add(b, p, sizeof(p));
}

static void
pack_str(struct buf *b, const char *s)
{
	size_t n = s == NULL ? 0 : strlen(s);

	pack_num(b, (uint32_t)n);
	buf_add(b, s == NULL ? "" : s, n);
}

void
model_pack(const struct model *m, struct buf *b)
{
	const struct problem *p;
	const struct item *it;
	size_t i;

	pack_num(b, (uint32_t)m->partial);
	buf_add(b, m->included, sizeof(m->included));
	pack_num(b, (uint32_t)m->count);
	for (i = 0; i < m->count; i++) {
		it = &m->list[i];
		pack_str(b, it->key);
		pack_str(b, it->value);
		pack_num(b, (uint32_t)it->type);
		pack_num(b, (uint32_t)(it->parent + 1));
		pack_num(b, (uint32_t)it->source);
		pack_num(b, (uint32_t)it->line);
		pack_num(b, (uint32_t)it->column);
		pack_num(b, (uint32_t)it->end_column);
	}
	pack_num(b, (uint32_t)m->problem_count);
	for (i = 0; i < m->problem_count; i++) {
		p = &m->problems[i];
		pack_str(b, p->id);
		pack_str(b, p->message);
		pack_str(b, p->fix);
		pack_num(b, (uint32_t)p->source);
		pack_num(b, (uint32_t)p->line);
		pack_num(b, (uint32_t)p->column);
		pack_num(b, (uint32_t)p->end_column);
	}
}

static struct str
unpack_str(struct cur *c)
{
	size_t n = cur_u32(c);
	const uint8_t *p = cur_bytes(c, n);

	return (str_of((const char *)p, p == NULL ? 0 : n));
}

/* A number that must fit an int. */
static int
unpack_int(struct cur *c)
{
	uint32_t v = cur_u32(c);

	if (v > INT32_MAX)
		cur_fail(c);
	return (c->err ? 0 : (int)v);
}

static void
unpack_item(struct cur *c, struct model *m)
{
	struct str key = unpack_str(c), value = unpack_str(c);
	int type = unpack_int(c), parent = unpack_int(c);
	struct item *it;

	if (type >= ITEM_TYPE_COUNT || parent > (int)m->count)
		cur_fail(c);
	if (c->err || (it = model_add(m, key, value,
	    (enum item_type)type)) == NULL)
		return;
	it->parent = parent - 1;
	it->source = unpack_int(c);
	it->line = unpack_int(c);
	it->column = unpack_int(c);
	it->end_column = unpack_int(c);
}

static void
unpack_problem(struct cur *c, struct model *m)
{
	struct str id = unpack_str(c), message = unpack_str(c),
	    fix = unpack_str(c);
	int source = unpack_int(c), line = unpack_int(c),
	    column = unpack_int(c), end = unpack_int(c);
	char *name;

	if (c->err)
		return;
	name = mem_str(id);
	model_problem(m, name, source, line, column, "%.*s",
	    STR_ARG(message));
	free(name);
	model_fix(m, end, "%.*s", STR_ARG(fix));
}

int
model_unpack(struct model *m, struct str bytes)
{
	struct cur c;
	const uint8_t *included;
	uint32_t i, n;

	cur_init(&c, bytes.p, bytes.n);
	m->partial = unpack_int(&c) != 0;
	included = cur_bytes(&c, sizeof(m->included));
	if (included != NULL)
		memcpy(m->included, included, sizeof(m->included));
	n = cur_u32(&c);
	for (i = 0; i < n && !c.err && m->count < LIMIT_CONFIG_ITEMS; i++)
		unpack_item(&c, m);
	n = cur_u32(&c);
	for (i = 0; i < n && !c.err && i < LIMIT_ERRORS; i++)
		unpack_problem(&c, m);
	if (cur_done(&c))
		return (0);
	model_free(m);
	return (-1);
}
