/* SPDX-License-Identifier: ISC */
/*
 * Does one rule fit one packet: the tests of pf_match_rule() in sys/net/pf.c
 * in their order. Pure.
 */
#include <string.h>

#include "probes/pf/eval.h"

#define OTHER_UID UINT32_MAX

int
pf_if_matches(const struct pf_env *env, const char *name, int index,
    int group, int interface)
{
	const struct pf_if *i;
	size_t n;

	if (name[0] == '\0')
		return (1);
	if (interface < 0)
		return (0);
	i = &env->ifs[interface];
	if (name[0] == 'a' && strcmp(name, "any") == 0)
		return ((i->flags & PF_IF_LOOPBACK) == 0);
	if (index != -1)
		return (index == interface);
	if (group == -1)
		return (0);
	for (n = 0; n < i->group_count; n++)
		if (i->groups[n] == (size_t)group)
			return (1);
	return (0);
}

static int
in_nets(const struct pf_addr *a, enum pf_af af, const struct pf_ip *ip)
{
	struct pf_ip mask;
	size_t i;

	for (i = 0; i < a->net_count; i++) {
		if (a->nets[i].af != af)
			continue;
		mask = pf_mask_of(a->nets[i].bits);
		if (pf_ip_in(ip, &a->nets[i].ip, &mask))
			return (1);
	}
	return (0);
}

/* enc(4): what IPsec unpacked came in by another interface. */
static int
is_enc(const struct pf_env *env, int interface)
{
	return (strncmp(env->ifs[interface].name, "enc", 3) == 0);
}

/* Mismatch is what the kernel asks; this is its opposite without "!". */
int
pf_addr_matches(const struct pf_machine *m, const struct pf_addr *a,
    enum pf_af af, const struct pf_ip *ip, int interface)
{
	int route;

	switch (a->type) {
	case PF_ADDR_MASK:
		return (pf_ip_in(ip, &a->ip, &a->mask));
	case PF_ADDR_RANGE:
		return (pf_ip_cmp(ip, &a->ip) >= 0 &&
		    pf_ip_cmp(ip, &a->mask) <= 0);
	case PF_ADDR_DYNIF:
		return (in_nets(a, af, ip));
	case PF_ADDR_TABLE:
		return (a->table != NULL && pf_table_match(a->table, af, ip));
	case PF_ADDR_NOROUTE:
		return (!pf_ip_linklocal(ip, af) &&
		    pf_env_route(m->env, af, ip) == -1);
	case PF_ADDR_URPF:
		if (interface < 0 || pf_ip_linklocal(ip, af) ||
		    is_enc(m->env, interface))
			return (0);
		route = pf_env_route(m->env, af, ip);
		return (route != interface);
	case PF_ADDR_RTLABEL:
	case PF_ADDR_NONE:
		return (0);
	}
	return (0);
}

static int
in_range(const struct pf_range *r, uint32_t v)
{
	switch (r->op) {
	case PF_OP_NONE: return (1);
	case PF_OP_IRG: return (v > r->a && v < r->b);
	case PF_OP_XRG: return (v < r->a || v > r->b);
	case PF_OP_RRG: return (v >= r->a && v <= r->b);
	case PF_OP_EQ: return (v == r->a);
	case PF_OP_NE: return (v != r->a);
	case PF_OP_LT: return (v < r->a);
	case PF_OP_LE: return (v <= r->a);
	case PF_OP_GT: return (v > r->a);
	case PF_OP_GE: return (v >= r->a);
	}
	return (0);
}

/* The socket of a packet is not known here: no user has it. */
static int
id_matches(const struct pf_range *r)
{
	if (r->op == PF_OP_NONE)
		return (1);
	if (r->op != PF_OP_EQ && r->op != PF_OP_NE)
		return (0);
	return (in_range(r, OTHER_UID));
}

int
pf_icmp_request(enum pf_af af, int type)
{
	if (af == PF_AF_INET)
		switch (type) {
		case 0: return (8);
		case 9: return (10);
		case 14: return (13);
		case 16: return (15);
		case 18: return (17);
		case 34: return (33);
		case 36: return (35);
		}
	else
		switch (type) {
		case 129: return (128);
		case 131: return (130);
		case 140: return (139);
		case 200: return (201);
		case 136: return (135);
		}
	return (type);
}

int
pf_icmp_kind(enum pf_af af, int type)
{
	if (af == PF_AF_INET && (type == 3 || type == 4 || type == 5 ||
	    type == 11 || type == 12))
		return (2);
	if (af == PF_AF_INET6 && type >= 1 && type <= 4)
		return (2);
	if (af == PF_AF_INET6 && type == 136)
		return (3);
	/* A listener report belongs to a query, but is not its answer. */
	return (type != 131 && pf_icmp_request(af, type) != type);
}

static int
tcp_matches(const struct pf_rule *r, const struct pf_packet *p)
{
	if ((p->flags & r->flagset) != r->flags)
		return (0);
	/* No fingerprint is known for a described packet. */
	return (r->os == NULL || strcmp(r->os, "unknown") == 0);
}

static int
icmp_matches(const struct pf_rule *r, const struct pf_packet *p)
{
	if (r->icmp_type != 0 && r->icmp_type != p->icmp_type + 1)
		return (0);
	if (r->icmp_code != 0 && r->icmp_code != p->icmp_code + 1)
		return (0);
	return (r->keep == PF_NO_STATE || (r->bits & PF_BIT_SLOPPY) != 0 ||
	    pf_icmp_kind(p->af, p->icmp_type) != 1);
}

static int
proto_matches(const struct pf_rule *r, const struct pf_packet *p)
{
	switch (p->proto) {
	case 6:
		if (!tcp_matches(r, p))
			return (0);
		/* FALLTHROUGH */
	case 17:
		return (in_range(&r->src.port, p->sport) &&
		    in_range(&r->dst.port, p->dport) &&
		    id_matches(&r->uid) && id_matches(&r->gid));
	case 1:
	case 58:
		return (icmp_matches(r, p));
	}
	return (1);
}

static int
extras_match(const struct pf_machine *m, const struct pf_rule *r,
    const struct pf_packet *p, const char *tag)
{
	if ((r->bits & PF_BIT_FRAGMENT) != 0)
		return (0);
	if (r->tos != 0 && r->tos != p->tos)
		return (0);
	if (r->tagged[0] != '\0' && (strcmp(r->tagged, tag) == 0) ==
	    r->tagged_not)
		return (0);
	if (r->rcvif[0] != '\0' && pf_if_matches(m->env, r->rcvif,
	    r->rcv_index, r->rcv_group, p->received) == r->rcvnot)
		return (0);
	return (r->prio == PF_PRIO_NONE || r->prio == p->prio);
}

int
pf_rule_matches(const struct pf_machine *m, const struct pf_rule *r,
    const struct pf_packet *p, int sport_any, const char *tag)
{
	(void)sport_any;
	if (r->expired)
		return (0);
	if (r->ifname[0] != '\0' && pf_if_matches(m->env, r->ifname,
	    r->if_index, r->if_group, p->interface) == r->ifnot)
		return (0);
	if (r->dir != PF_INOUT && r->dir != p->dir)
		return (0);
	/* All described packets are in routing domain 0. */
	if (r->rdomain >= 0 && (r->rdomain == 0) == r->ifnot)
		return (0);
	if (r->af != PF_AF_ANY && r->af != p->af)
		return (0);
	if (r->proto != 0 && r->proto != p->proto)
		return (0);
	if (pf_addr_matches(m, &r->src.addr, p->af, &p->src, p->interface) ==
	    r->src.not)
		return (0);
	if (pf_addr_matches(m, &r->dst.addr, p->af, &p->dst, -1) ==
	    r->dst.not)
		return (0);
	return (proto_matches(r, p) && extras_match(m, r, p, tag));
}
