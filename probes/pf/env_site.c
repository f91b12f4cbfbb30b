/* SPDX-License-Identifier: ISC */
/*
 * The site's hosts and those of a hosts(5) text as names of an environment.
 * Pure.
 */
#include <stdlib.h>

#include "agent/base/cur.h"
#include "agent/base/mem.h"
#include "probes/flows.h"
#include "probes/pf/checks.h"

void
pf_env_add_host(struct pf_env *env, const char *name, enum pf_af af,
    const struct pf_ip *ip)
{
	struct pf_name_addr *a, **p;
	void **v = map_put(&env->hosts, str_from(name));

	if (v == NULL)
		return;
	for (p = (struct pf_name_addr **)(void *)v; *p != NULL;
	    p = &(*p)->next)
		if ((*p)->af == af && pf_ip_eq(&(*p)->ip, ip))
			return;
	a = pf_alloc(&env->arena, sizeof(*a));
	a->af = af;
	a->ip = *ip;
	*p = a;
}

/* A name that is not known yet. */
static void
add_name(struct pf_env *env, const char *name, const char *address)
{
	struct pf_ip ip;
	enum pf_af af;

	if (name != NULL && address != NULL && map_get(&env->hosts,
	    str_from(name)) == NULL && pf_ip_parse(str_from(address), &ip,
	    &af) == 0)
		pf_env_add_host(env, name, af, &ip);
}

void
pf_env_site(struct pf_env *env, const struct site *s)
{
	int r;

	for (r = 0; r < ROLE_COUNT; r++) {
		add_name(env, s->host[r].name, s->host[r].address);
		add_name(env, role_name((enum role)r), s->host[r].address);
	}
}

/* One name of a hosts file: all of its addresses, unless it was known. */
static void
add_from_file(struct pf_env *env, struct map *known, struct str word,
    enum pf_af af, const struct pf_ip *ip)
{
	char *name = mem_str(word);

	if (map_get(known, word) == NULL)
		pf_env_add_host(env, name, af, ip);
	free(name);
}

void
pf_env_hosts_file(struct pf_env *env, struct str text)
{
	struct map known;
	struct cur c;
	struct str line, word;
	struct pf_ip ip;
	enum pf_af af;
	void **v;
	size_t i;

	map_init(&known, env->hosts.max);
	for (i = 0; i < env->hosts.count; i++)
		if ((v = map_put(&known, env->hosts.list[i].key)) != NULL)
			*v = env->hosts.list[i].value;
	cur_init(&c, text.p, text.n);
	while (cur_left(&c) > 0) {
		line = cur_line(&c);
		line = str_sub(line, 0, str_chr(line, '#'));
		if (pf_ip_parse(str_word(&line), &ip, &af) == -1)
			continue;
		while ((word = str_word(&line)).n > 0)
			add_from_file(env, &known, word, af, &ip);
	}
	map_free(&known);
}
