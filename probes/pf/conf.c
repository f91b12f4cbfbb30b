/* SPDX-License-Identifier: ISC */
/*
 * One reading of a rule file: its life, and the tree of anchors. Pure.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "probes/pf/rule.h"

struct pf_anchor *
pf_anchor_find(const struct pf_conf *conf, struct str path)
{
	return (map_get(&conf->anchor_index, path));
}

struct pf_anchor *
pf_anchor_get(struct pf_conf *conf, struct str path)
{
	struct pf_anchor *a = pf_anchor_find(conf, path);
	size_t slash = str_rchr(path, '/');
	void **v;

	if (a != NULL)
		return (a);
	a = pf_alloc(&conf->arena, sizeof(*a));
	a->path = pf_strdup(&conf->arena, path);
	a->name = slash == SIZE_MAX ? a->path : a->path + slash + 1;
	a->tail = &a->first;
	if (path.n > 0)
		a->parent = pf_anchor_get(conf, str_sub(path, 0,
		    slash == SIZE_MAX ? 0 : slash));
	*conf->anchors_tail = a;
	conf->anchors_tail = &a->next;
	if ((v = map_put(&conf->anchor_index, path)) != NULL)
		*v = a;
	return (a);
}

void
pf_conf_init(struct pf_conf *conf, struct pf_env *env, struct pf_files files)
{
	memset(conf, 0, sizeof(*conf));
	conf->env = env;
	conf->files = files;
	conf->anchors_tail = &conf->anchors;
	conf->tables_tail = &conf->tables;
	errlist_init(&conf->errs);
	map_init(&conf->anchor_index, LIMIT_PF_RULES);
	map_init(&conf->table_index, LIMIT_PF_RULES);
	map_init(&conf->macros, LIMIT_PF_MACROS);
	pf_anchor_get(conf, str_of("", 0));
}

void
pf_conf_free(struct pf_conf *conf)
{
	struct pf_table *t;
	struct pf_unit *u;

	for (t = conf->tables; t != NULL; t = t->next)
		free(t->entries);
	for (u = conf->units; u != NULL; u = u->next)
		buf_free(&u->text);
	errlist_free(&conf->errs);
	map_free(&conf->anchor_index);
	map_free(&conf->table_index);
	map_free(&conf->macros);
	pf_arena_free(&conf->arena);
	memset(conf, 0, sizeof(*conf));
}
