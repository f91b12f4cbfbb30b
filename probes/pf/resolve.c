/* SPDX-License-Identifier: ISC */
/*
 * Makes a configuration ready for packets: names in rules become indexes,
 * tables, networks and rulesets. Pure.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "probes/pf/eval.h"

/* One network of a dynamic interface, as pfi_instance_add() takes it. */
static void
add_net(struct pf_conf *conf, struct pf_addr *a, const struct pf_ifaddr *ifa)
{
	struct pf_entry *list = pf_alloc(&conf->arena, (a->net_count + 1) *
	    sizeof(*list)), *e;
	struct pf_ip mask;
	int bits = pf_mask_len(&a->mask);

	if (a->net_count > 0)
		memcpy(list, a->nets, a->net_count * sizeof(*list));
	a->nets = list;
	e = &list[a->net_count++];
	e->af = ifa->af;
	e->ip = a->modifiers & PF_IFM_BROADCAST ? ifa->broadcast :
	    a->modifiers & PF_IFM_PEER ? ifa->peer : ifa->ip;
	/* A mask that was written goes before that of the network. */
	if ((a->modifiers & PF_IFM_NETWORK) != 0 && (bits == 128 ||
	    bits == 32))
		bits = pf_mask_len(&ifa->mask);
	e->bits = bits > pf_af_bits(ifa->af) ? pf_af_bits(ifa->af) : bits;
	mask = pf_mask_of(e->bits);
	pf_ip_mask(&e->ip, &mask);
}

static void
add_if_nets(struct pf_conf *conf, struct pf_addr *a, const struct pf_if *i)
{
	const struct pf_ifaddr *ifa;
	int got[2] = { 0, 0 };

	for (ifa = i->addrs; ifa != NULL; ifa = ifa->next) {
		if ((a->modifiers & PF_IFM_BROADCAST) != 0 &&
		    !ifa->has_broadcast)
			continue;
		if ((a->modifiers & PF_IFM_PEER) != 0 && !ifa->has_peer)
			continue;
		if ((a->modifiers & PF_IFM_NETWORK) != 0 &&
		    pf_ip_linklocal(&ifa->ip, ifa->af))
			continue;
		if ((a->modifiers & PF_IFM_NOALIAS) != 0 &&
		    got[ifa->af == PF_AF_INET6])
			continue;
		got[ifa->af == PF_AF_INET6] = 1;
		add_net(conf, a, ifa);
	}
}

static void
resolve_addr(struct pf_conf *conf, struct pf_addr *a, const char *path)
{
	const struct pf_env *env = conf->env;
	int index, group;
	size_t n;

	a->nets = NULL;
	a->net_count = 0;
	if (a->type == PF_ADDR_TABLE)
		a->table = pf_table_find(conf, path, a->name);
	if (a->type != PF_ADDR_DYNIF)
		return;
	if (strcmp(a->name, "self") == 0) {
		for (n = 0; n < env->if_count; n++)
			add_if_nets(conf, a, &env->ifs[n]);
		return;
	}
	if ((index = pf_env_if(env, a->name)) != -1)
		add_if_nets(conf, a, &env->ifs[index]);
	else if ((group = pf_env_group(env, a->name)) != -1)
		for (n = 0; n < env->groups[group].member_count; n++)
			add_if_nets(conf, a,
			    &env->ifs[env->groups[group].members[n]]);
}

/* The path that an anchor rule calls, after pf_anchor_setup(). */
static char *
call_path(const struct pf_anchor *from, const char *call, int *wildcard)
{
	struct str base = str_from(from->path), name = str_from(call);
	char *path;
	size_t slash, n;

	*wildcard = 0;
	if (str_starts(name, "/")) {
		base.n = 0;
		name = str_sub(name, 1, name.n);
	}
	while (str_starts(name, "../")) {
		slash = str_rchr(base, '/');
		base.n = slash == SIZE_MAX ? 0 : slash;
		name = str_sub(name, 3, name.n);
	}
	path = base.n == 0 ? mem_str(name) : mem_printf("%.*s/%.*s",
	    STR_ARG(base), STR_ARG(name));
	n = strlen(path);
	if (n >= 2 && strcmp(path + n - 2, "/*") == 0) {
		*wildcard = 1;
		path[n - 2] = '\0';
	}
	return (path);
}

static void
resolve_call(struct pf_conf *conf, const struct pf_anchor *from,
    struct pf_rule *r)
{
	char *path;

	if (r->body != NULL) {
		r->target = r->body;
		return;
	}
	if (r->call == NULL)
		return;
	path = call_path(from, r->call, &r->wildcard);
	r->target = pf_anchor_find(conf, str_from(path));
	free(path);
}

static void
resolve_if(const struct pf_env *env, const char *name, int *index, int *group)
{
	*index = *group = -1;
	if (name[0] == '\0' || strcmp(name, "any") == 0)
		return;
	if ((*group = pf_env_group(env, name)) == -1)
		*index = pf_env_if(env, name);
}

static int
path_cmp(const void *a, const void *b)
{
	struct pf_anchor *const *x = a, *const *y = b;

	return (strcmp((*x)->path, (*y)->path));
}

/* Collects the children of every anchor, in order of their paths. */
static void
resolve_children(struct pf_conf *conf)
{
	struct pf_anchor *a;

	for (a = conf->anchors; a != NULL; a = a->next)
		a->child_count = 0;
	for (a = conf->anchors; a != NULL; a = a->next)
		if (a->parent != NULL)
			a->parent->child_count++;
	for (a = conf->anchors; a != NULL; a = a->next) {
		a->children = pf_alloc(&conf->arena, a->child_count *
		    sizeof(struct pf_anchor *));
		a->child_count = 0;
	}
	for (a = conf->anchors; a != NULL; a = a->next)
		if (a->parent != NULL)
			a->parent->children[a->parent->child_count++] = a;
	for (a = conf->anchors; a != NULL; a = a->next)
		if (a->child_count > 1)
			qsort(a->children, a->child_count,
			    sizeof(struct pf_anchor *), path_cmp);
}

void
pf_machine_init(struct pf_machine *m, struct pf_conf *conf)
{
	struct pf_anchor *a;
	struct pf_rule *r;
	const struct pf_skip *s;
	size_t i;

	memset(m, 0, sizeof(*m));
	m->conf = conf;
	m->env = conf->env;
	m->skipped = mem_zalloc(m->env->if_count + 1, 1);
	for (i = 0; i < m->env->if_count; i++)
		for (s = conf->skips; s != NULL; s = s->next)
			if (strcmp(s->name, m->env->ifs[i].name) == 0 ||
			    pf_env_in_group(m->env, (int)i, s->name))
				m->skipped[i] = 1;
	resolve_children(conf);
	for (a = conf->anchors; a != NULL; a = a->next) {
		for (r = a->first; r != NULL; r = r->next) {
			resolve_addr(conf, &r->src.addr, a->path);
			resolve_addr(conf, &r->dst.addr, a->path);
			resolve_addr(conf, &r->nat.addr, a->path);
			resolve_addr(conf, &r->rdr.addr, a->path);
			resolve_call(conf, a, r);
			resolve_if(m->env, r->ifname, &r->if_index,
			    &r->if_group);
			resolve_if(m->env, r->rcvif, &r->rcv_index,
			    &r->rcv_group);
		}
		pf_index_build(conf, a);
	}
}

void
pf_machine_free(struct pf_machine *m)
{
	free(m->skipped);
	memset(m, 0, sizeof(*m));
}
