/* SPDX-License-Identifier: ISC */
/*
 * The network that the packet filters of a site stand in: where its machines
 * are, and what no file tells taken as vmd(8) has it: a VM has one interface,
 * the router one to the outside and one towards each VM, or one towards all
 * of them where they share a network. Pure, but for this host's own.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/cur.h"
#include "agent/base/mem.h"
#include "probes/config/pf/filters.h"
#include "probes/config/pf/filters_net.h"
#include "probes/flows.h"
#include "probes/pf/checks.h"
#include "probes/pf/system.h"

/* The outside of a router and of a host that is all in one, where no file
 * tells it. */
#define ROUTER_ADDRESS "203.0.113.1"
#define HOST_ADDRESS "192.0.2.20"

static const enum role vms[] = { ROLE_WEB, ROLE_XMPP, ROLE_JICOFO,
	ROLE_JVB };
#define VMS (sizeof(vms) / sizeof(vms[0]))

static int
is_loopback(const struct pf_ip *ip, enum pf_af af)
{
	return (af == PF_AF_INET && ip->b[0] == 127);
}

static void
place(struct machine *m, struct str address, int sure, struct val at)
{
	struct pf_ip ip;
	enum pf_af af;

	if (pf_ip_parse(address, &ip, &af) == -1 || is_loopback(&ip, af))
		return;
	if (af == PF_AF_INET6 && !m->has6) {
		m->ip6 = ip;
		m->has6 = !pf_ip_linklocal(&ip, af) && (ip.b[0] != 0);
	}
	if (af != PF_AF_INET || m->has)
		return;
	m->ip = ip;
	m->has = 1;
	m->sure = sure;
	m->at = at;
}

/* Names in hosts files; a role's own name goes before another one of it. */
static void
place_by_hosts(struct filters *f, int exact)
{
	const struct config_file *h = NULL;
	const struct item *it;
	size_t i;
	int role;

	while ((h = config_next(f->l->set, "hosts", h)) != NULL)
		for (i = 0; i < h->model.count; i++) {
			it = &h->model.list[i];
			role = exact ? role_by_name(str_from(it->key)) :
			    filters_role(str_from(it->key));
			if (role != -1 && role != ROLE_OUTSIDE)
				place(&f->machine[role], str_from(it->value),
				    1, (struct val){ h, it });
		}
}

/* A word of a rule: an address, or a name that a hosts file has. */
static void
place_word(struct filters *f, enum role role, struct str word)
{
	struct pf_ip ip;
	enum pf_af af;

	if (word.n > 0 && pf_ip_parse(word, &ip, &af) == -1)
		word = val_str(lint_hosts(f->l, NULL, word));
	place(&f->machine[role], word, 0, NOWHERE);
}

/* A host of one role, whatever it is called: by its own name. */
static void
place_by_filters(struct filters *f)
{
	const struct filter *one;
	struct val v;
	size_t i, k;

	for (i = 0; i < f->count; i++) {
		one = &f->list[i];
		v = lint_hosts(f->l, NULL, str_from(one->name));
		for (k = 0; val_is(v) && k < VMS; k++)
			if (one->roles == ROLE_BIT(vms[k]))
				place(&f->machine[vms[k]], val_str(v), 1, v);
	}
}

/* VM number N of vm.conf has 100.64.N.3 on its local interface. */
static void
place_by_vms(struct filters *f)
{
	const struct config_file *vm = config_find(f->l->set, "vm.conf",
	    NULL);
	const struct item *it, *interface;
	char address[32];
	size_t i;
	int n = 0, role;

	for (i = 0; vm != NULL && i < vm->model.count; i++) {
		it = &vm->model.list[i];
		if (it->type != ITEM_TABLE || strncmp(it->key, "vm/", 3) != 0)
			continue;
		n++;
		role = filters_role(str_from(it->key + 3));
		interface = model_getf(&vm->model, "%s/interface", it->key);
		if (role == -1 || role == ROLE_ROUTER)
			continue;
		snprintf(address, sizeof(address), "100.64.%d.3", n);
		place(&f->machine[role], str_from(address),
		    interface != NULL && strcmp(interface->value, "local") ==
		    0, (struct val){ vm, it });
	}
}

/* The number of the bridge's side of its mapping. */
static void
place_by_mapping(struct filters *f)
{
	if (f->site.nat_local != NULL)
		place(&f->machine[ROLE_JVB], str_from(f->site.nat_local), 0,
		    NOWHERE);
}

static struct str
unquoted(struct str s)
{
	s = str_trim(s);
	if (str_starts(s, "\"") && str_ends(s, "\"") && s.n > 1)
		s = str_trim(str_sub(s, 1, s.n - 1));
	return (s);
}

/* jvb_ip = "10.0.0.4" */
static void
place_by_macro(struct filters *f, struct str line)
{
	static const char *const ends[] = { "_ip", "_addr", "_host", "_vm",
	    "_server", "server", "host", "ip", "" };
	struct str value = line, name = str_trim(str_split(&value, '='));
	size_t i;
	int role = -1;

	if (str_starts(name, "vm_"))
		name = str_sub(name, 3, name.n);
	for (i = 0; role == -1 && i < sizeof(ends) / sizeof(ends[0]); i++)
		if (str_ends(name, ends[i]))
			role = filters_role(str_sub(name, 0, name.n -
			    strlen(ends[i])));
	if (role != -1 && role != ROLE_ROUTER)
		place(&f->machine[role], unquoted(value), 0, NOWHERE);
}

static struct str
after(struct str line, const char *word)
{
	size_t at = str_find(line, word);

	line = at == SIZE_MAX ? str_of("", 0) : str_sub(line, at +
	    strlen(word), line.n);
	return (str_word(&line));
}

/* The address behind a word of a rule: its own, or its macro's. */
static struct str
macro_free(struct str text, struct str word)
{
	if (word.n > 1 && word.p[0] == '$')
		word = unquoted(filters_macro(text, str_sub(word, 1,
		    word.n)));
	return (word);
}

/* What a redirection or a rule to a well-known port leads to. */
static void
place_by_rule(struct filters *f, struct str text, struct str line)
{
	struct str to = macro_free(text, after(line, "rdr-to "));

	if (to.n > 0 && str_find(line, "10000") != SIZE_MAX)
		place_word(f, ROLE_JVB, to);
	else if (to.n > 0 && str_find(line, "443") != SIZE_MAX)
		place_word(f, ROLE_WEB, to);
	else if (to.n == 0 && (str_find(line, "port 5222") != SIZE_MAX ||
	    str_find(line, "port 5280") != SIZE_MAX))
		place_word(f, ROLE_XMPP, macro_free(text, after(line,
		    " to ")));
}

static void
place_by_rules(struct filters *f, const struct filter *one)
{
	struct cur c;
	struct str line;

	cur_init(&c, one->file->text.p, one->file->text.n);
	while (cur_left(&c) > 0) {
		line = cur_line(&c);
		line = str_trim(str_sub(line, 0, str_chr(line, '#')));
		if (str_starts(line, "pass") || str_starts(line, "match"))
			place_by_rule(f, one->file->text, line);
		else
			place_by_macro(f, line);
	}
}

/* Does a pf.conf name it, or is one its own? */
static int
is_mentioned(const struct filters *f, enum role role)
{
	size_t i;

	for (i = 0; i < f->count; i++)
		if ((f->list[i].roles & ROLE_BIT(role)) != 0 ||
		    filters_mention(f->list[i].file->text, role_name(role)))
			return (1);
	return (0);
}

/* Hosts that have several roles have one address for all of them. */
static void
join_roles(struct filters *f)
{
	const struct filter *one;
	const struct machine *known;
	size_t i, k;

	for (i = 0; i < f->count; i++) {
		one = &f->list[i];
		known = NULL;
		for (k = 0; k < VMS; k++)
			if ((one->roles & ROLE_BIT(vms[k])) != 0 &&
			    f->machine[vms[k]].has && known == NULL)
				known = &f->machine[vms[k]];
		for (k = 0; known != NULL && k < VMS; k++)
			if ((one->roles & ROLE_BIT(vms[k])) != 0)
				f->machine[vms[k]] = *known;
	}
}

static int
is_single(roles_t roles)
{
	return ((roles & (roles - 1)) == 0);
}

/* All in one: an address for its roles. */
static void
place_alone(struct filters *f)
{
	const struct filter *one;
	struct machine *first = NULL;
	size_t i, k;

	for (i = 0; i < f->count; i++) {
		one = &f->list[i];
		for (k = 0; k < VMS; k++) {
			if (is_single(one->roles) || (one->roles &
			    ROLE_BIT(vms[k])) == 0)
				continue;
			first = &f->machine[vms[k]];
			place(first, str_from(f->site.public_address != NULL ?
			    f->site.public_address : HOST_ADDRESS), 0,
			    NOWHERE);
		}
	}
}

void
filters_machines(struct filters *f)
{
	char address[32];
	size_t i;

	place_by_hosts(f, 1);
	place_by_filters(f);
	place_by_hosts(f, 0);
	place_by_vms(f);
	place_by_mapping(f);
	place_word(f, ROLE_XMPP, val_str(f->l->n.hostname));
	for (i = 0; i < f->count; i++)
		place_by_rules(f, &f->list[i]);
	join_roles(f);
	place_alone(f);
	for (i = 0; i < VMS; i++) {
		snprintf(address, sizeof(address), "100.64.%zu.3", i + 1);
		if (is_mentioned(f, vms[i]))
			place(&f->machine[vms[i]], str_from(address), 0,
			    NOWHERE);
	}
}

/* An interface with an address; its number, -1: too many. */
static int
add_interface(struct pf_env *env, const char *name, const struct pf_ip *ip,
    int bits)
{
	struct str s = str_from(name);
	int n = pf_env_if(env, name), g;

	if (n == -1)
		n = pf_env_add_if(env, s, PF_IF_BROADCAST);
	if (n == -1)
		return (-1);
	if (ip != NULL)
		pf_env_add_addr(env, n, PF_AF_INET, ip, bits);
	/* Cloned interfaces are in a group called like their driver. */
	while (s.n > 0 && s.p[s.n - 1] >= '0' && s.p[s.n - 1] <= '9')
		s.n--;
	if (str_eqs(s, "tap") || str_eqs(s, "vether") ||
	    str_eqs(s, "vport") || str_eqs(s, "bridge") ||
	    str_eqs(s, "vlan")) {
		g = pf_env_add_group(env, s);
		if (g != -1 && !pf_env_in_group(env, n, env->groups[g].name))
			pf_env_add_member(env, g, n);
	}
	return (n);
}

static void
add_loopback(struct pf_env *env)
{
	int lo0 = pf_env_add_if(env, STR_LIT("lo0"), PF_IF_LOOPBACK);
	int group = pf_env_add_group(env, STR_LIT("lo"));
	struct pf_ip ip;
	enum pf_af af;

	(void)pf_ip_parse(STR_LIT("::1"), &ip, &af);
	pf_env_add_addr(env, lo0, af, &ip, 128);
	(void)pf_ip_parse(STR_LIT("127.0.0.1"), &ip, &af);
	pf_env_add_addr(env, lo0, af, &ip, 8);
	pf_env_add_member(env, group, lo0);
}

static void
add_egress(struct pf_env *env, int interface)
{
	int g = pf_env_add_group(env, STR_LIT("egress"));

	if (g != -1 && interface != -1)
		pf_env_add_member(env, g, interface);
}

/* Two machines in one network of 256 addresses, not two of vmd's pairs. */
static int
shares_net(const struct filters *f, const struct machine *m)
{
	const struct machine *o;
	size_t i;

	for (i = 0; i < VMS; i++) {
		o = &f->machine[vms[i]];
		if (o->has && !pf_ip_eq(&o->ip, &m->ip) &&
		    memcmp(o->ip.b, m->ip.b, 3) == 0)
			return (1);
	}
	return (0);
}

/* The prefix of a machine's network: vmd's pair, or 256 addresses. */
static int
net_bits(const struct filters *f, const struct machine *m)
{
	return (m->ip.b[0] == 100 && m->ip.b[1] == 64 && m->ip.b[3] == 3 &&
	    !shares_net(f, m) ? 31 : 24);
}

static int
is_taken(const struct filters *f, const struct pf_ip *ip)
{
	size_t i;

	for (i = 0; i < VMS; i++)
		if (f->machine[vms[i]].has &&
		    pf_ip_eq(&f->machine[vms[i]].ip, ip))
			return (1);
	return (0);
}

/* The router's address in the network of a machine. */
static struct pf_ip
gateway(const struct filters *f, const struct machine *m)
{
	struct pf_ip ip = m->ip;

	if (net_bits(f, m) == 31) {
		ip.b[3] = 2;
		return (ip);
	}
	for (ip.b[3] = 1; is_taken(f, &ip) && ip.b[3] < 254; ip.b[3]++)
		;
	return (ip);
}

/* The tap interface of a machine: VM number N has tap(N-1). */
static void
tap_name(const struct machine *m, size_t index, char *name, size_t size)
{
	size_t n = m->ip.b[0] == 100 && m->ip.b[1] == 64 && m->ip.b[3] == 3 &&
	    m->ip.b[2] > 0 ? m->ip.b[2] - 1U : index;

	snprintf(name, size, "tap%zu", n);
}

/* The router's interface towards a machine; inner NULL: its tap. */
static void
add_inside(struct filters *f, struct filter *one, const struct machine *m,
    size_t index, const char *inner)
{
	struct pf_ip ip = gateway(f, m);
	char name[24];
	int n;

	if (inner != NULL)
		snprintf(name, sizeof(name), "%s", inner);
	else
		tap_name(m, index, name, sizeof(name));
	n = pf_env_if(one->h->env, name);
	if (n == -1 || pf_env_own(one->h->env, PF_AF_INET, &ip) != n)
		(void)add_interface(one->h->env, name, &ip, net_bits(f, m));
}

static void
router_inside(struct filters *f, struct filter *one, const char *outer)
{
	const struct machine *m;
	const char *inner;
	int sure, shared = 0;
	size_t i;

	inner = ifnames_inner(&one->ifs, outer, &sure);
	for (i = 0; i < VMS; i++)
		shared |= f->machine[vms[i]].has && shares_net(f,
		    &f->machine[vms[i]]);
	if (one->ifs.tap && !shared)
		inner = NULL;
	/* Filtered on the members of a bridge, or on several networks. */
	one->inner_unplaced = (shared && one->ifs.tap) || (inner != NULL &&
	    !sure);
	if (inner == NULL && shared)
		inner = "vport0";
	for (i = 0; i < VMS; i++) {
		m = &f->machine[vms[i]];
		if (m->has && (one->roles & ROLE_BIT(vms[i])) == 0)
			add_inside(f, one, m, i, inner);
	}
	for (i = 0; i < f->count; i++)
		if (f->list[i].is_other)
			add_inside(f, one, &f->list[i].own, VMS + i, inner);
}

static void
router_network(struct filters *f, struct filter *one)
{
	struct pf_ip ip;
	enum pf_af af;
	int sure;
	const char *outer = ifnames_outer(&one->ifs, &sure);

	one->unplaced = !sure;
	if (f->site.public_address == NULL || pf_ip_parse(str_from(
	    f->site.public_address), &ip, &af) == -1 || af != PF_AF_INET)
		(void)pf_ip_parse(str_from(ROUTER_ADDRESS), &ip, &af);
	add_egress(one->h->env, add_interface(one->h->env, outer == NULL ?
	    "em0" : outer, &ip, 24));
	router_inside(f, one, outer == NULL ? "em0" : outer);
}

/* A VM, or a host that is all in one: one interface. */
static void
vm_network(struct filters *f, struct filter *one, struct pf_env *env,
    const struct machine *m)
{
	const char *name = "vio0";
	int n, sure = 1;

	if (one != NULL && (name = ifnames_only(&one->ifs, &sure)) == NULL)
		name = "vio0";
	if (one != NULL)
		one->unplaced = !sure;
	n = add_interface(env, name, m->has ? &m->ip : NULL, net_bits(f, m));
	if (n != -1 && m->has6)
		pf_env_add_addr(env, n, PF_AF_INET6, &m->ip6, 64);
	add_egress(env, n);
}

/* Interfaces that rules name and that have no part in this. */
static void
add_others(struct filter *one)
{
	size_t i;

	for (i = 0; i < one->ifs.count; i++)
		if (pf_env_if(one->h->env, one->ifs.list[i].name) == -1)
			(void)add_interface(one->h->env,
			    one->ifs.list[i].name, NULL, 0);
}

/* Users and groups of a host that is not this one: any number will do. */
static int
any_number(const char *name, uint32_t *out)
{
	(void)name;
	*out = 32767;
	return (0);
}

/* The names that a host knows: its hosts file, else what any file knows. */
static void
know_names(struct filters *f, struct filter *one)
{
	const struct config_file *h = NULL;
	struct pf_env *env = one->h->env;
	size_t i;

	one->hosts = lint_file(f->l, "hosts", one->name);
	if (one->hosts != NULL)
		pf_env_hosts_file(env, one->hosts->text);
	while (one->hosts == NULL && (h = config_next(f->l->set, "hosts",
	    h)) != NULL)
		pf_env_hosts_file(env, h->text);
	pf_env_hosts_file(env, STR_LIT("127.0.0.1 localhost\n"));
	for (i = 0; one->hosts == NULL && i < VMS; i++)
		if (f->machine[vms[i]].has)
			pf_env_add_host(env, role_name(vms[i]), PF_AF_INET,
			    &f->machine[vms[i]].ip);
}

/* This host's own files are read where it runs: as it is. */
static int
is_here(const struct filters *f, const struct filter *one)
{
	return (f->l->set->local && one->file->host == NULL);
}

static void
add_filter(struct filters *f, struct filter *one, const struct machine *m)
{
	if ((one->h = pf_site_host(&f->pf, one->name)) == NULL)
		return;
	one->h->has_env = 1;
	know_names(f, one);
	if (is_here(f, one) && pf_system_interfaces(one->h->env) == 0) {
		pf_system_names(one->h->env);
		return;
	}
	one->h->env->system.uid = one->h->env->system.gid = any_number;
	add_loopback(one->h->env);
	if ((one->roles & ROLE_BIT(ROLE_ROUTER)) != 0)
		router_network(f, one);
	else
		vm_network(f, one, one->h->env, m);
	one->unplaced |= one->roles == 0;
	add_others(one);
}

static struct filter *
filter_of_role(struct filters *f, enum role role)
{
	size_t i;

	for (i = 0; i < f->count; i++)
		if ((f->list[i].roles & ROLE_BIT(role)) != 0 &&
		    !f->list[i].is_other)
			return (&f->list[i]);
	return (NULL);
}

/* A machine without a pf.conf: the filter of another role on the same one,
 * or a host that is not seen. Its name. */
static const char *
add_machine(struct filters *f, enum role role)
{
	struct machine *m = &f->machine[role];
	struct pf_site_host *h;
	size_t i;
	int at;

	for (i = 0; i < (size_t)f->pf.count; i++) {
		at = pf_env_own(f->pf.hosts[i].env, PF_AF_INET, &m->ip);
		if (at != -1)
			return (f->pf.hosts[i].name);
	}
	if ((h = pf_site_host(&f->pf, role_name(role))) == NULL)
		return (NULL);
	h->has_env = 1;
	add_loopback(h->env);
	vm_network(f, NULL, h->env, m);
	return (h->name);
}

/* The machine of a filter's first role; NULL: the router's. */
static const struct machine *
machine_of(const struct filters *f, const struct filter *one)
{
	size_t k;

	for (k = 0; k < VMS; k++)
		if ((one->roles & ROLE_BIT(vms[k])) != 0)
			return (&f->machine[vms[k]]);
	return (NULL);
}

/* A second bridge, say: a hosts file has it at another address. */
static void
find_others(struct filters *f)
{
	const struct machine *m;
	struct filter *one;
	struct val v;
	size_t i;

	for (i = 0; i < f->count; i++) {
		one = &f->list[i];
		m = machine_of(f, one);
		v = lint_hosts(f->l, NULL, str_from(one->name));
		if (m == NULL || !is_single(one->roles) || !val_is(v))
			continue;
		place(&one->own, val_str(v), 1, v);
		one->is_other = one->own.has && !pf_ip_eq(&one->own.ip,
		    &m->ip);
	}
}

void
filters_network(struct filters *f)
{
	static const struct machine nowhere;
	const struct machine *m;
	struct filter *one;
	const char *name;
	size_t i;

	find_others(f);
	for (i = 0; i < f->count; i++) {
		one = &f->list[i];
		m = one->is_other ? &one->own : machine_of(f, one);
		add_filter(f, one, m != NULL ? m : &nowhere);
	}
	for (i = 0; i < VMS; i++) {
		one = filter_of_role(f, vms[i]);
		if (one == NULL && !f->machine[vms[i]].has)
			continue;
		name = one != NULL ? one->name : add_machine(f, vms[i]);
		site_set(&f->site.host[vms[i]].name, name);
	}
}

/* A single address of a rule's side that is no machine's and not the
 * router's yet. */
static int
is_new_address(const struct filters *f, const struct pf_env *env,
    const struct pf_rule *r)
{
	const struct pf_addr *a = &r->dst.addr;

	return (r->af == PF_AF_INET && r->dir == PF_IN && !r->dst.not &&
	    r->rdr.addr.type != PF_ADDR_NONE && a->type == PF_ADDR_MASK &&
	    pf_mask_len(&a->mask) == 32 && !is_taken(f, &a->ip) &&
	    pf_env_own(env, PF_AF_INET, &a->ip) == -1);
}

static void
own_address(struct pf_env *env, const struct pf_ip *ip)
{
	int g = pf_env_group(env, "egress");

	if (g != -1 && env->groups[g].member_count > 0)
		pf_env_add_addr(env, (int)env->groups[g].members[0],
		    PF_AF_INET, ip, 32);
}

/* Does a rule on a tap interface go with a VM that we have on another? */
static int
is_other_tap(const struct filters *f, const struct pf_env *env,
    const struct pf_rule *r)
{
	const struct pf_addr *a = r->dir == PF_OUT ? &r->dst.addr :
	    &r->src.addr;
	const struct machine *m;
	size_t i;
	int n;

	if (strncmp(r->ifname, "tap", 3) != 0 || r->ifname[3] == '\0' ||
	    r->ifnot || r->dir == PF_INOUT || a->type != PF_ADDR_MASK ||
	    r->af != PF_AF_INET || pf_mask_len(&a->mask) != 32)
		return (0);
	for (i = 0; i < VMS; i++) {
		m = &f->machine[vms[i]];
		if (!m->has || !pf_ip_eq(&m->ip, &a->ip))
			continue;
		n = pf_env_route(env, PF_AF_INET, &m->ip);
		return (n != -1 && strcmp(env->ifs[n].name, r->ifname) != 0);
	}
	return (0);
}

int
filters_router_rules(struct filters *f)
{
	struct filter *one = &f->list[f->router];
	const struct pf_anchor *a;
	const struct pf_rule *r;
	int changed = 0;

	if (is_here(f, one))
		return (0);
	for (a = one->h->conf.anchors; a != NULL; a = a->next)
		for (r = a->first; r != NULL; r = r->next) {
			one->inner_unplaced |= is_other_tap(f, one->h->env,
			    r);
			if (!is_new_address(f, one->h->env, r))
				continue;
			own_address(one->h->env, &r->dst.addr.ip);
			changed = 1;
		}
	return (changed);
}
