/* SPDX-License-Identifier: ISC */
/*
 * Hash table of byte strings, linear probing over an index into a list that
 * keeps the order of insertion. Pure but for the seed, which is taken from
 * the address space layout when a table is made.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/map.h"
#include "agent/base/mem.h"

/* FNV-1a, started from where the table was made: differs in every process. */
static uint64_t
hash(const struct map *m, struct str key)
{
	uint64_t h = UINT64_C(14695981039346656037) ^ m->seed;
	size_t i;

	for (i = 0; i < key.n; i++)
		h = (h ^ (unsigned char)key.p[i]) * UINT64_C(1099511628211);
	return (h ^ h >> 29);
}

void
map_init(struct map *m, size_t max)
{
	memset(m, 0, sizeof(*m));
	m->max = max;
	m->seed = (uint64_t)(uintptr_t)m * UINT64_C(0x9e3779b97f4a7c15);
}

void
map_free(struct map *m)
{
	size_t i;

	for (i = 0; i < m->count; i++)
		free((void *)(uintptr_t)m->list[i].key.p);
	free(m->list);
	free(m->slot);
	map_init(m, m->max);
}

/* The slot where the key is or would be; there is always a free one. */
static size_t
find(const struct map *m, struct str key)
{
	size_t i = (size_t)hash(m, key) & (m->slots - 1);

	while (m->slot[i] != 0 && !str_eq(m->list[m->slot[i] - 1].key, key))
		i = (i + 1) & (m->slots - 1);
	return (i);
}

void *
map_get(const struct map *m, struct str key)
{
	size_t i;

	if (m->slots == 0)
		return (NULL);
	i = m->slot[find(m, key)];
	return (i == 0 ? NULL : m->list[i - 1].value);
}

static void
rehash(struct map *m)
{
	size_t i;

	m->slots = m->slots == 0 ? 16 : m->slots * 2;
	free(m->slot);
	m->slot = mem_zalloc(m->slots, sizeof(*m->slot));
	for (i = 0; i < m->count; i++)
		m->slot[find(m, m->list[i].key)] = i + 1;
}

void **
map_put(struct map *m, struct str key)
{
	struct map_entry *list;
	size_t i;

	if (m->count * 4 >= m->slots * 3)
		rehash(m);
	i = find(m, key);
	if (m->slot[i] != 0)
		return (&m->list[m->slot[i] - 1].value);
	list = mem_grow(m->list, m->count, &m->cap, sizeof(*list), m->max);
	if (list == NULL)
		return (NULL);
	m->list = list;
	list[m->count].key = str_of(mem_str(key), key.n);
	list[m->count].value = NULL;
	m->slot[i] = ++m->count;
	return (&list[m->count - 1].value);
}
