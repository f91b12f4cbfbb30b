/* SPDX-License-Identifier: ISC */
/*
 * Tables of addresses: the most specific entry decides, a negated one means
 * "not in the table". Sorted arrays, one search for each prefix length in
 * use. Pure.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "probes/pf/rule.h"

/* The key of a table: the path of its anchor and its name. */
static char *
key_of(const char *path, const char *name)
{
	return (mem_printf("%s\n%s", path, name));
}

static struct pf_table *
find(const struct pf_conf *conf, const char *path, const char *name)
{
	char *key = key_of(path, name);
	struct pf_table *t = map_get(&conf->table_index, str_from(key));

	free(key);
	return (t);
}

struct pf_table *
pf_table_get(struct pf_conf *conf, const char *path, const char *name)
{
	struct pf_table *t = find(conf, path, name);
	char *key;
	void **v;

	if (t != NULL)
		return (t);
	t = pf_alloc(&conf->arena, sizeof(*t));
	t->name = pf_strdup(&conf->arena, str_from(name));
	t->path = pf_strdup(&conf->arena, str_from(path));
	t->file = "";
	*conf->tables_tail = t;
	conf->tables_tail = &t->next;
	key = key_of(path, name);
	if ((v = map_put(&conf->table_index, str_from(key))) != NULL)
		*v = t;
	free(key);
	return (t);
}

struct pf_table *
pf_table_find(const struct pf_conf *conf, const char *path, const char *name)
{
	struct pf_table *t = find(conf, path, name);

	return (t != NULL || path[0] == '\0' ? t : find(conf, "", name));
}

int
pf_table_add(struct pf_conf *conf, struct pf_table *t, enum pf_af af,
    const struct pf_ip *ip, int bits, int not)
{
	struct pf_entry *list, *e;
	struct pf_ip mask;

	if (conf->entries >= LIMIT_PF_TABLE_ENTRIES)
		return (-1);
	list = mem_grow(t->entries, t->count, &t->cap, sizeof(*list),
	    LIMIT_PF_TABLE_ENTRIES);
	if (list == NULL)
		return (-1);
	conf->entries++;
	t->entries = list;
	t->sorted = 0;
	e = &list[t->count++];
	e->af = af;
	e->bits = bits > pf_af_bits(af) ? pf_af_bits(af) : bits;
	e->ip = *ip;
	mask = pf_mask_of(e->bits);
	pf_ip_mask(&e->ip, &mask);
	e->not = not != 0;
	return (0);
}

static int
entry_cmp(const void *a, const void *b)
{
	const struct pf_entry *x = a, *y = b;

	if (x->af != y->af)
		return (x->af < y->af ? -1 : 1);
	if (x->bits != y->bits)
		return (x->bits > y->bits ? -1 : 1);
	return (pf_ip_cmp(&x->ip, &y->ip));
}

void
pf_table_sort(struct pf_table *t)
{
	size_t i;
	const struct pf_entry *e;

	if (t->sorted)
		return;
	if (t->count > 1)
		qsort(t->entries, t->count, sizeof(*t->entries), entry_cmp);
	memset(t->lengths, 0, sizeof(t->lengths));
	for (i = 0; i < t->count; i++) {
		e = &t->entries[i];
		t->lengths[e->af == PF_AF_INET6][e->bits / 64] |=
		    UINT64_C(1) << (e->bits % 64);
	}
	t->sorted = 1;
}

/* The entry of exactly this network, NULL when there is none. */
static const struct pf_entry *
lookup(const struct pf_table *t, const struct pf_entry *key)
{
	return (bsearch(key, t->entries, t->count, sizeof(*t->entries),
	    entry_cmp));
}

int
pf_table_match(const struct pf_table *t, enum pf_af af,
    const struct pf_ip *ip)
{
	const uint64_t *lengths = t->lengths[af == PF_AF_INET6];
	const struct pf_entry *e;
	struct pf_entry key;
	struct pf_ip mask;
	int bits;

	if (t->count == 0)
		return (0);
	memset(&key, 0, sizeof(key));
	key.af = af;
	for (bits = pf_af_bits(af); bits >= 0; bits--) {
		if ((lengths[bits / 64] & UINT64_C(1) << (bits % 64)) == 0)
			continue;
		mask = pf_mask_of(bits);
		key.ip = *ip;
		key.bits = bits;
		pf_ip_mask(&key.ip, &mask);
		if ((e = lookup(t, &key)) != NULL)
			return (!e->not);
	}
	return (0);
}
