/* SPDX-License-Identifier: ISC */
/*
 * States: two keys, one as the packet looks on the wire and one as the stack
 * sees it. The source of a packet coming in is index 0, of one going out
 * index 1, so that answers match and a forwarded packet on its second leg
 * does not. After pf_state_key_setup() and pf_find_state(). Pure.
 */
#include <string.h>

#include "probes/pf/eval.h"

static uint16_t
port_of(const struct pf_packet *p, int source)
{
	if (p->proto == 6 || p->proto == 17)
		return (source ? p->sport : p->dport);
	return (0);
}

/* Protocols of both families are one: af-to turns ICMP into ICMPv6. */
static int
plain_proto(int proto)
{
	return (proto == 58 ? 1 : proto);
}

static void
make_key(struct pf_key *k, const struct pf_packet *p)
{
	int s = p->dir == PF_IN ? 0 : 1;

	memset(k, 0, sizeof(*k));
	k->af = p->af;
	k->addr[s] = p->src;
	k->addr[!s] = p->dst;
	k->port[s] = port_of(p, 1);
	k->port[!s] = port_of(p, 0);
}

void
pf_state_make(struct pf_state *st, const struct pf_packet *before,
    const struct pf_packet *after, const struct pf_verdict *v)
{
	memset(st, 0, sizeof(*st));
	st->proto = before->proto;
	st->dir = before->dir;
	st->rule = v->rule;
	st->anchor = v->anchor;
	st->ruleset = v->ruleset;
	st->interface = (v->rule->bits & PF_BIT_IFBOUND) != 0 ?
	    before->interface : -1;
	st->icmp_type = pf_icmp_request(before->af, before->icmp_type);
	make_key(before->dir == PF_IN ? &st->wire : &st->stack, before);
	make_key(before->dir == PF_IN ? &st->stack : &st->wire, after);
	if (v->sport_any)
		(before->dir == PF_IN ? &st->stack : &st->wire)->
		    any[before->dir == PF_IN ? 0 : 1] = 1;
}

static int
key_matches(const struct pf_key *state, const struct pf_key *packet)
{
	int i;

	if (state->af != packet->af)
		return (0);
	for (i = 0; i < 2; i++) {
		if (!pf_ip_eq(&state->addr[i], &packet->addr[i]))
			return (0);
		if (state->port[i] != packet->port[i] && !state->any[i])
			return (0);
	}
	return (1);
}

/* An ICMP error goes back to the one whose packet it is about. */
static int
error_matches(const struct pf_state *st, const struct pf_packet *p)
{
	const struct pf_key *k = p->dir == PF_IN ? &st->wire : &st->stack;
	int to = p->dir == PF_IN ? 1 : 0;

	return (k->af == p->af && pf_ip_eq(&k->addr[to], &p->dst));
}

static int
icmp_matches(const struct pf_state *st, const struct pf_packet *p)
{
	if (p->proto != 1 && p->proto != 58)
		return (1);
	return (pf_icmp_request(p->af, p->icmp_type) == st->icmp_type ||
	    st->wire.af != st->stack.af);
}

/* What the packet becomes: the other key of the state. */
static void
rewrite(const struct pf_state *st, const struct pf_packet *p,
    struct pf_verdict *v)
{
	const struct pf_key *from = p->dir == PF_IN ? &st->wire : &st->stack;
	const struct pf_key *to = p->dir == PF_IN ? &st->stack : &st->wire;
	int s = p->dir == PF_IN ? 0 : 1;

	v->af = to->af;
	v->src = to->addr[s];
	v->dst = to->addr[!s];
	v->sport = to->any[s] ? 0 : to->port[s];
	v->dport = to->port[!s];
	v->sport_any = to->any[s];
	v->src_changed = from->af != to->af ||
	    !pf_ip_eq(&from->addr[s], &to->addr[s]) ||
	    from->port[s] != to->port[s] || to->any[s];
	v->dst_changed = from->af != to->af ||
	    !pf_ip_eq(&from->addr[!s], &to->addr[!s]) ||
	    from->port[!s] != to->port[!s];
}

int
pf_state_match(const struct pf_state *st, const struct pf_packet *p,
    struct pf_verdict *v)
{
	struct pf_key k;
	int error = (p->proto == 1 || p->proto == 58) &&
	    pf_icmp_kind(p->af, p->icmp_type) == 2;

	if (st->interface != -1 && st->interface != p->interface)
		return (0);
	make_key(&k, p);
	if (error) {
		if (!error_matches(st, p))
			return (0);
	} else if (plain_proto(st->proto) != plain_proto(p->proto) ||
	    !key_matches(p->dir == PF_IN ? &st->wire : &st->stack, &k) ||
	    !icmp_matches(st, p))
		return (0);
	memset(v, 0, sizeof(*v));
	v->pass = 1;
	v->how = PF_HOW_STATE;
	v->rule = st->rule;
	v->anchor = st->anchor;
	v->ruleset = st->ruleset;
	v->reason = "match";
	v->log = st->log_all;
	v->af = p->af;
	v->tag = "";
	if (!error)
		rewrite(st, p, v);
	return (1);
}
