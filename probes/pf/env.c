/* SPDX-License-Identifier: ISC */
/*
 * The machine that a rule file is read for, from an environment file: one
 * line each for an interface, an address, a group, a host name, a service,
 * a user. Pure; the system is asked through pf_system where it is set.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/cur.h"
#include "agent/base/errlist.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "probes/pf/env.h"
#include "probes/pf/names.h"

/* Numbers as values of a map: the number plus 1, so that 0 is "none". */
static void *
number_value(uint64_t n)
{
	return ((void *)(uintptr_t)(n + 1));
}

static int64_t
value_number(const void *v)
{
	return ((int64_t)(uintptr_t)v - 1);
}

void
pf_env_init(struct pf_env *env)
{
	memset(env, 0, sizeof(*env));
	map_init(&env->if_index, LIMIT_PF_ENV);
	map_init(&env->group_index, LIMIT_PF_ENV);
	map_init(&env->hosts, LIMIT_PF_ENV);
	map_init(&env->services, LIMIT_PF_ENV);
	map_init(&env->uids, LIMIT_PF_ENV);
	map_init(&env->gids, LIMIT_PF_ENV);
}

void
pf_env_free(struct pf_env *env)
{
	size_t i;

	for (i = 0; i < env->if_count; i++)
		free(env->ifs[i].groups);
	for (i = 0; i < env->group_count; i++)
		free(env->groups[i].members);
	free(env->ifs);
	free(env->groups);
	map_free(&env->if_index);
	map_free(&env->group_index);
	map_free(&env->hosts);
	map_free(&env->services);
	map_free(&env->uids);
	map_free(&env->gids);
	pf_arena_free(&env->arena);
	memset(env, 0, sizeof(*env));
}

static int
index_of(const struct map *m, struct str name)
{
	return ((int)value_number(map_get(m, name)));
}

int
pf_env_add_if(struct pf_env *env, struct str name, int flags)
{
	struct pf_if *list, *i;
	int old = index_of(&env->if_index, name);
	void **v;

	if (old != -1) {
		env->ifs[old].flags |= flags;
		return (old);
	}
	list = mem_grow(env->ifs, env->if_count, &env->if_cap, sizeof(*list),
	    LIMIT_PF_ENV);
	if (list == NULL || (v = map_put(&env->if_index, name)) == NULL)
		return (-1);
	env->ifs = list;
	*v = number_value(env->if_count);
	i = &list[env->if_count];
	memset(i, 0, sizeof(*i));
	i->name = pf_strdup(&env->arena, name);
	i->flags = flags;
	return ((int)env->if_count++);
}

struct pf_ifaddr *
pf_env_add_addr(struct pf_env *env, int interface, enum pf_af af,
    const struct pf_ip *ip, int bits)
{
	struct pf_ifaddr *a, **p;

	a = pf_alloc(&env->arena, sizeof(*a));
	a->af = af;
	a->ip = *ip;
	a->mask = pf_mask_of(bits);
	a->interface = interface;
	for (p = &env->ifs[interface].addrs; *p != NULL; p = &(*p)->next)
		;
	*p = a;
	return (a);
}

int
pf_env_add_group(struct pf_env *env, struct str name)
{
	struct pf_group *list, *g;
	int old = index_of(&env->group_index, name);
	void **v;

	if (old != -1)
		return (old);
	list = mem_grow(env->groups, env->group_count, &env->group_cap,
	    sizeof(*list), LIMIT_PF_ENV);
	if (list == NULL || (v = map_put(&env->group_index, name)) == NULL)
		return (-1);
	env->groups = list;
	*v = number_value(env->group_count);
	g = &list[env->group_count];
	memset(g, 0, sizeof(*g));
	g->name = pf_strdup(&env->arena, name);
	return ((int)env->group_count++);
}

void
pf_env_add_member(struct pf_env *env, int group, int interface)
{
	struct pf_group *g = &env->groups[group];
	struct pf_if *i = &env->ifs[interface];
	size_t n;

	for (n = 0; n < g->member_count; n++)
		if (g->members[n] == (size_t)interface)
			return;
	g->members = mem_realloc(g->members, g->member_count + 1,
	    sizeof(*g->members));
	g->members[g->member_count++] = (size_t)interface;
	i->groups = mem_realloc(i->groups, i->group_count + 1,
	    sizeof(*i->groups));
	i->groups[i->group_count++] = (size_t)group;
}

static int
parse_if(struct pf_env *env, struct str line)
{
	struct str name = str_word(&line), word;
	int flags = 0;

	if (name.n == 0 || name.n > 15)
		return (-1);
	while ((word = str_word(&line)).n > 0) {
		if (str_eqs(word, "loopback"))
			flags |= PF_IF_LOOPBACK;
		else if (str_eqs(word, "broadcast"))
			flags |= PF_IF_BROADCAST;
		else if (str_eqs(word, "pointopoint"))
			flags |= PF_IF_POINTOPOINT;
		else
			return (-1);
	}
	return (pf_env_add_if(env, name, flags) == -1 ? -1 : 0);
}

static int
parse_addr(struct pf_env *env, struct str line)
{
	struct str name = str_word(&line), net = str_word(&line), more;
	struct pf_ifaddr *a;
	struct pf_ip ip, other;
	enum pf_af af, af2;
	int64_t bits;
	int i;
	size_t slash = str_chr(net, '/');

	if ((i = index_of(&env->if_index, name)) == -1 ||
	    pf_ip_parse(str_sub(net, 0, slash), &ip, &af) == -1)
		return (-1);
	bits = pf_af_bits(af);
	if (slash < net.n && str_num(str_sub(net, slash + 1, net.n), 0,
	    bits, &bits) == -1)
		return (-1);
	a = pf_env_add_addr(env, i, af, &ip, (int)bits);
	more = str_word(&line);
	if (more.n == 0)
		return (0);
	if (pf_ip_parse(more, &other, &af2) == -1 || af2 != af)
		return (-1);
	if ((env->ifs[i].flags & PF_IF_POINTOPOINT) != 0) {
		a->peer = other;
		a->has_peer = 1;
	} else {
		a->broadcast = other;
		a->has_broadcast = 1;
	}
	return (0);
}

static int
parse_group(struct pf_env *env, struct str line)
{
	struct str name = str_word(&line), word;
	int g, i;

	if (name.n == 0 || name.n > 15 ||
	    (g = pf_env_add_group(env, name)) == -1)
		return (-1);
	while ((word = str_word(&line)).n > 0) {
		if ((i = index_of(&env->if_index, word)) == -1)
			return (-1);
		pf_env_add_member(env, g, i);
	}
	return (0);
}

static int
parse_host(struct pf_env *env, struct str line)
{
	struct str name = str_word(&line), word;
	struct pf_name_addr *a, **p;
	void **v;

	if (name.n == 0 || (v = map_put(&env->hosts, name)) == NULL)
		return (-1);
	while ((word = str_word(&line)).n > 0) {
		a = pf_alloc(&env->arena, sizeof(*a));
		if (pf_ip_parse(word, &a->ip, &a->af) == -1)
			return (-1);
		for (p = (struct pf_name_addr **)(void *)v; *p != NULL;
		    p = &(*p)->next)
			;
		*p = a;
	}
	return (*v == NULL ? -1 : 0);
}

static int
parse_service(struct pf_env *env, struct str line)
{
	struct str name = str_word(&line), port = str_word(&line), proto;
	int64_t n;
	void **v;
	char *key;

	proto = port;
	if (name.n == 0 ||
	    str_num(str_split(&proto, '/'), 0, 65535, &n) == -1 ||
	    proto.n == 0)
		return (-1);
	key = mem_printf("%.*s/%.*s", STR_ARG(name), STR_ARG(proto));
	v = map_put(&env->services, str_from(key));
	free(key);
	if (v == NULL)
		return (-1);
	*v = number_value((uint64_t)n);
	return (0);
}

static int
parse_id(struct map *m, struct str line)
{
	struct str name = str_word(&line), number = str_word(&line);
	int64_t n;
	void **v;

	if (name.n == 0 || str_num(number, 0, UINT32_MAX, &n) == -1 ||
	    (v = map_put(m, name)) == NULL)
		return (-1);
	*v = number_value((uint64_t)n);
	return (0);
}

static int
parse_line(struct pf_env *env, struct str line)
{
	struct str kind = str_word(&line);

	if (str_eqs(kind, "if"))
		return (parse_if(env, line));
	if (str_eqs(kind, "addr"))
		return (parse_addr(env, line));
	if (str_eqs(kind, "group"))
		return (parse_group(env, line));
	if (str_eqs(kind, "host"))
		return (parse_host(env, line));
	if (str_eqs(kind, "service"))
		return (parse_service(env, line));
	if (str_eqs(kind, "uid"))
		return (parse_id(&env->uids, line));
	if (str_eqs(kind, "gid"))
		return (parse_id(&env->gids, line));
	return (-1);
}

int
pf_env_parse(struct pf_env *env, const char *file, struct str text,
    struct errlist *errs)
{
	struct cur c;
	struct str line;
	int n = 0, status = 0;

	cur_init(&c, text.p, text.n);
	while (cur_left(&c) > 0) {
		line = cur_line(&c);
		n++;
		line = str_trim(str_sub(line, 0, str_chr(line, '#')));
		if (line.n == 0 || parse_line(env, line) == 0)
			continue;
		errlist_add(errs, file, n, 0,
		    "not a line of an environment file");
		status = -1;
	}
	return (status);
}

int
pf_env_if(const struct pf_env *env, const char *name)
{
	return (index_of(&env->if_index, str_from(name)));
}

int
pf_env_group(const struct pf_env *env, const char *name)
{
	return (index_of(&env->group_index, str_from(name)));
}

int
pf_env_in_group(const struct pf_env *env, int interface, const char *group)
{
	const struct pf_if *i = &env->ifs[interface];
	size_t n;

	for (n = 0; n < i->group_count; n++)
		if (strcmp(env->groups[i->groups[n]].name, group) == 0)
			return (1);
	return (0);
}

struct pf_name_addr *
pf_env_host(struct pf_env *env, const char *name)
{
	struct pf_name_addr *a = map_get(&env->hosts, str_from(name));

	if (a != NULL || env->hosts.count > 0 || env->system.host == NULL)
		return (a);
	if (env->system.host(name, &env->arena, &a) == -1)
		return (NULL);
	return (a);
}

int
pf_env_service(const struct pf_env *env, const char *name, const char *proto)
{
	char *key = mem_printf("%s/%s", name, proto);
	int port = index_of(&env->services, str_from(key));

	free(key);
	if (port != -1 || (port = pf_service(name, proto)) != -1)
		return (port);
	if (env->services.count > 0 || env->system.service == NULL ||
	    env->system.service(name, proto, &port) == -1)
		return (-1);
	return (port);
}

int
pf_env_uid(const struct pf_env *env, const char *name, uint32_t *out)
{
	int64_t n = value_number(map_get(&env->uids, str_from(name)));

	if (n != -1) {
		*out = (uint32_t)n;
		return (0);
	}
	if (env->uids.count > 0 || env->system.uid == NULL)
		return (-1);
	return (env->system.uid(name, out));
}

int
pf_env_gid(const struct pf_env *env, const char *name, uint32_t *out)
{
	int64_t n = value_number(map_get(&env->gids, str_from(name)));

	if (n != -1) {
		*out = (uint32_t)n;
		return (0);
	}
	if (env->gids.count > 0 || env->system.gid == NULL)
		return (-1);
	return (env->system.gid(name, out));
}

static int
default_route(const struct pf_env *env, enum pf_af af)
{
	const struct pf_ifaddr *a;
	int g = pf_env_group(env, "egress"), i;
	size_t n;

	if (g == -1)
		return (-1);
	for (n = 0; n < env->groups[g].member_count; n++) {
		i = (int)env->groups[g].members[n];
		for (a = env->ifs[i].addrs; a != NULL; a = a->next)
			if (a->af == af && !pf_ip_linklocal(&a->ip, af))
				return (i);
	}
	return (-1);
}

int
pf_env_route(const struct pf_env *env, enum pf_af af, const struct pf_ip *ip)
{
	const struct pf_ifaddr *a;
	int best = -1, best_bits = -1, bits;
	size_t i;

	for (i = 0; i < env->if_count; i++)
		for (a = env->ifs[i].addrs; a != NULL; a = a->next) {
			if (a->af != af || !pf_ip_in(ip, &a->ip, &a->mask))
				continue;
			bits = pf_ip_eq(ip, &a->ip) ? 129 :
			    pf_mask_len(&a->mask);
			if (bits > best_bits) {
				best = (int)i;
				best_bits = bits;
			}
		}
	return (best != -1 ? best : default_route(env, af));
}

int
pf_env_own(const struct pf_env *env, enum pf_af af, const struct pf_ip *ip)
{
	const struct pf_ifaddr *a;
	size_t i;

	for (i = 0; i < env->if_count; i++)
		for (a = env->ifs[i].addrs; a != NULL; a = a->next)
			if (a->af == af && pf_ip_eq(ip, &a->ip))
				return ((int)i);
	return (-1);
}
