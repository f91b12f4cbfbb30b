/* SPDX-License-Identifier: ISC */
/*
 * The firewalls of a site: rules and environments by host. Pure; files come
 * through pf_files.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "probes/pf/live.h"
#include "probes/pf/trace/site.h"

void
pf_site_init(struct pf_site *s)
{
	memset(s, 0, sizeof(*s));
}

static void
unload(struct pf_site_host *h)
{
	if (!h->ready)
		return;
	pf_machine_free(&h->machine);
	pf_conf_free(&h->conf);
	h->ready = 0;
}

void
pf_site_free(struct pf_site *s)
{
	int i;

	for (i = 0; i < s->count; i++) {
		unload(&s->hosts[i]);
		pf_env_free(&s->hosts[i].own);
		free(s->hosts[i].text);
	}
	pf_arena_free(&s->arena);
	memset(s, 0, sizeof(*s));
}

int
pf_site_find(const struct pf_site *s, const char *name)
{
	int i;

	for (i = 0; i < s->count; i++)
		if (strcmp(s->hosts[i].name, name) == 0)
			return (i);
	return (-1);
}

struct pf_site_host *
pf_site_host(struct pf_site *s, const char *name)
{
	struct pf_site_host *h;
	int i = pf_site_find(s, name);

	if (i != -1)
		return (&s->hosts[i]);
	if (s->count == PF_SITE_HOSTS)
		return (NULL);
	h = &s->hosts[s->count++];
	memset(h, 0, sizeof(*h));
	h->name = pf_strdup(&s->arena, str_from(name));
	h->env = &h->own;
	pf_env_init(h->env);
	return (h);
}

void
pf_site_rules(struct pf_site_host *h, const char *file, struct str text,
    struct pf_files below)
{
	free(h->text);
	h->file = file;
	h->text = mem_str(text);
	h->len = text.n;
	h->below = below;
}

/* The main file is in memory, what it includes comes from below. */
static int
read_file(void *arg, const char *name, char **text, size_t *len)
{
	struct pf_site_host *h = arg;

	if (strcmp(name, h->file) == 0) {
		*text = mem_str(str_of(h->text, h->len));
		*len = h->len;
		return (0);
	}
	if (h->below.read == NULL)
		return (ENOENT);
	return (h->below.read(h->below.arg, name, text, len));
}

int
pf_site_reload(struct pf_site_host *h, struct errlist *errs)
{
	struct pf_files files = { read_file, h };
	size_t i;

	unload(h);
	pf_conf_init(&h->conf, h->env, files);
	if ((h->live ? pf_live_rules(&h->conf, str_of(h->text, h->len)) :
	    pf_conf_read(&h->conf, h->file)) == -1) {
		for (i = 0; i < h->conf.errs.count; i++)
			errlist_add(errs, h->conf.errs.list[i].file,
			    h->conf.errs.list[i].line, 0, "%s",
			    h->conf.errs.list[i].message);
		pf_conf_free(&h->conf);
		return (-1);
	}
	pf_machine_init(&h->machine, &h->conf);
	h->ready = 1;
	return (0);
}

/* Names that one environment knows, for another. */
static void
copy_hosts(struct pf_env *to, const struct pf_env *from)
{
	struct pf_name_addr *a, *copy, **tail;
	void **v;
	size_t i;

	for (i = 0; i < from->hosts.count; i++) {
		v = map_put(&to->hosts, from->hosts.list[i].key);
		if (v == NULL || *v != NULL)
			continue;
		tail = (struct pf_name_addr **)(void *)v;
		for (a = from->hosts.list[i].value; a != NULL; a = a->next) {
			copy = pf_alloc(&to->arena, sizeof(*copy));
			*copy = *a;
			copy->next = NULL;
			*tail = copy;
			tail = &copy->next;
		}
	}
}

/* A machine of lo0 and one interface with the address others know. */
static void
make_env(struct pf_site *s, struct pf_site_host *h)
{
	const struct pf_name_addr *a;
	struct pf_ip lo;
	enum pf_af af;
	int i, lo0, vio0, egress;

	for (i = 0; i < s->count; i++)
		if (s->hosts[i].has_env)
			copy_hosts(h->env, s->hosts[i].env);
	lo0 = pf_env_add_if(h->env, str_from("lo0"), PF_IF_LOOPBACK);
	pf_ip_parse(str_from("127.0.0.1"), &lo, &af);
	pf_env_add_addr(h->env, lo0, af, &lo, 8);
	vio0 = pf_env_add_if(h->env, str_from("vio0"), PF_IF_BROADCAST);
	egress = pf_env_add_group(h->env, str_from("egress"));
	pf_env_add_member(h->env, egress, vio0);
	pf_env_add_member(h->env, pf_env_add_group(h->env, str_from("lo")),
	    lo0);
	for (a = map_get(&h->env->hosts, str_from(h->name)); a != NULL;
	    a = a->next)
		pf_env_add_addr(h->env, vio0, a->af, &a->ip,
		    a->af == PF_AF_INET ? 31 : 64);
}

/* A host's rules failed: names may be missing for want of an environment. */
static void
hint_env(const struct pf_site_host *h, struct errlist *errs)
{
	if (!h->has_env)
		errlist_add(errs, "", 0, 0, "%s was read without an "
		    "environment, so that only names which other hosts' "
		    "environments know are known: --env %s=FILE", h->file,
		    h->name);
}

int
pf_site_load(struct pf_site *s, struct errlist *errs)
{
	int i, status = 0;

	for (i = 0; i < s->count; i++)
		if (!s->hosts[i].has_env)
			make_env(s, &s->hosts[i]);
	for (i = 0; i < s->count; i++)
		if (s->hosts[i].file != NULL &&
		    pf_site_reload(&s->hosts[i], errs) == -1) {
			hint_env(&s->hosts[i], errs);
			status = -1;
		}
	return (status);
}

/* An address of the host that others can reach it by. */
static const struct pf_ifaddr *
public_addr(const struct pf_site_host *h, enum pf_af af)
{
	const struct pf_env *env = h->env;
	const struct pf_ifaddr *a, *best = NULL;
	size_t i;
	int egress, best_egress = 0;

	for (i = 0; i < env->if_count; i++) {
		if ((env->ifs[i].flags & PF_IF_LOOPBACK) != 0)
			continue;
		egress = pf_env_in_group(env, (int)i, "egress");
		for (a = env->ifs[i].addrs; a != NULL; a = a->next) {
			if (pf_ip_linklocal(&a->ip, a->af) ||
			    (af != PF_AF_ANY && a->af != af))
				continue;
			if (best == NULL || (egress && !best_egress)) {
				best = a;
				best_egress = egress;
			}
		}
	}
	return (best);
}

int
pf_site_resolve(const struct pf_site *s, const char *name, enum pf_af want,
    struct pf_ip *ip, enum pf_af *af)
{
	const struct pf_name_addr *n;
	const struct pf_ifaddr *a;
	int i;

	if (pf_ip_parse(str_from(name), ip, af) == 0)
		return (want != PF_AF_ANY && *af != want ? -1 : 0);
	if (strcmp(name, "outside") == 0 || strcmp(name, "any") == 0)
		return (pf_ip_parse(str_from(want == PF_AF_INET6 ?
		    "2001:db8:9::77" : "198.51.100.77"), ip, af));
	if ((i = pf_site_find(s, name)) != -1 &&
	    (a = public_addr(&s->hosts[i], want)) != NULL) {
		*ip = a->ip;
		*af = a->af;
		return (0);
	}
	/* What an environment leaves open, the system is asked. */
	for (i = 0; i < s->count; i++)
		for (n = pf_env_host(s->hosts[i].env, name); n != NULL;
		    n = n->next)
			if (want == PF_AF_ANY || n->af == want) {
				*ip = n->ip;
				*af = n->af;
				return (0);
			}
	return (-1);
}

/* A name of the address in one environment, loopback names aside. */
static struct str
env_name(const struct pf_env *env, enum pf_af af, const struct pf_ip *ip)
{
	const struct pf_name_addr *a;
	size_t i;

	for (i = 0; i < env->hosts.count; i++)
		for (a = env->hosts.list[i].value; a != NULL; a = a->next)
			if (a->af == af && pf_ip_eq(&a->ip, ip) &&
			    !str_eqs(env->hosts.list[i].key, "localhost"))
				return (env->hosts.list[i].key);
	return (str_of("", 0));
}

const char *
pf_site_name(struct pf_site *s, enum pf_af af, const struct pf_ip *ip)
{
	struct str name;
	int i;

	for (i = 0; i < s->count; i++)
		if (pf_env_own(s->hosts[i].env, af, ip) != -1)
			return (s->hosts[i].name);
	for (i = 0; i < s->count; i++)
		if ((name = env_name(s->hosts[i].env, af, ip)).n > 0)
			return (pf_strdup(&s->arena, name));
	return (NULL);
}
