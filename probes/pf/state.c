/* SPDX-License-Identifier: ISC */
/*
 * States: two keys, one as the packet looks on the wire and one as the stack
 * sees it. The source of a packet coming in is index 0, of one going out
 * index 1, so that answers match and a forwarded packet on its second leg
 * does not. After pf_state_key_setup(), pf_find_state() and
 * pf_test_state_icmp(). Pure.
 */
#include <string.h>

#include "probes/pf/eval.h"

/* ICMP echo is one kind in both families, others are the family's own. */
static uint16_t
icmp_kind(const struct pf_packet *p)
{
	int type = pf_icmp_request(p->af, p->icmp_type);

	if (p->af == PF_AF_INET)
		return ((uint16_t)type);
	return (type == 128 ? 8 : (uint16_t)(256 + type));
}

/*
 * The port of one end. An ICMP request has its kind at the destination, an
 * answer at the source, so that neither passes for the other; the identifier
 * on the other side is not described.
 */
static uint16_t
port_of(const struct pf_packet *p, int source)
{
	if (p->proto == 6 || p->proto == 17)
		return (source ? p->sport : p->dport);
	if (p->proto != 1 && p->proto != 58)
		return (0);
	return (source == (pf_icmp_kind(p->af, p->icmp_type) == 1) ?
	    icmp_kind(p) : 0);
}

/* Protocols of both families are one: af-to turns ICMP into ICMPv6. */
static int
plain_proto(int proto)
{
	return (proto == 58 ? 1 : proto);
}

/* s: the index of the source. */
static void
make_key(struct pf_key *k, const struct pf_packet *p, int s)
{
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
	int s = before->dir == PF_IN ? 0 : 1, t = s;
	struct pf_key *key = before->dir == PF_IN ? &st->stack : &st->wire;

	memset(st, 0, sizeof(*st));
	st->proto = before->proto;
	st->dir = before->dir;
	st->rule = v->rule;
	st->anchor = v->anchor;
	st->ruleset = v->ruleset;
	st->interface = (v->rule->bits & PF_BIT_IFBOUND) != 0 ?
	    before->interface : -1;
	/* Answers in the other family come in, too. */
	if (before->af != after->af)
		t = !s;
	make_key(before->dir == PF_IN ? &st->wire : &st->stack, before, s);
	make_key(key, after, t);
	key->any[t] = v->sport_any;
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

/*
 * 1 when a packet belongs to this side of a state. An ICMP error goes back
 * to the one whose packet it is about.
 */
static int
side_matches(const struct pf_state *st, const struct pf_key *side,
    const struct pf_packet *p, int error)
{
	int s = p->dir == PF_IN ? 0 : 1;
	struct pf_key k;

	if (error)
		return (side->af == p->af && pf_ip_eq(&side->addr[!s],
		    &p->dst));
	make_key(&k, p, s);
	return (plain_proto(st->proto) == plain_proto(p->proto) &&
	    key_matches(side, &k));
}

/* The side that a packet belongs to, NULL: none. */
static const struct pf_key *
find_side(const struct pf_state *st, const struct pf_packet *p, int error)
{
	if (st->wire.af == st->stack.af) {
		const struct pf_key *side = p->dir == PF_IN ? &st->wire :
		    &st->stack;

		return (side_matches(st, side, p, error) ? side : NULL);
	}
	if (p->dir != PF_IN)
		return (NULL);
	if (side_matches(st, &st->wire, p, error))
		return (&st->wire);
	return (side_matches(st, &st->stack, p, error) ? &st->stack : NULL);
}

/* ports: 0 when only the address counts. */
static int
end_changes(const struct pf_key *from, const struct pf_key *to, int i,
    int ports)
{
	return (!pf_ip_eq(&from->addr[i], &to->addr[i]) || (ports &&
	    (from->port[i] != to->port[i] || from->any[i] || to->any[i])));
}

/*
 * What the packet becomes: the other side of the state. The source of an
 * ICMP error stays its own unless what it is about was translated there.
 */
static void
rewrite(const struct pf_state *st, const struct pf_key *from,
    const struct pf_packet *p, int error, struct pf_verdict *v)
{
	const struct pf_key *to = from == &st->wire ? &st->stack : &st->wire;
	int s = p->dir == PF_IN ? 0 : 1;
	int ports = !error || plain_proto(st->proto) != 1;

	v->af = to->af;
	if (from->af != to->af) {
		s = !s;
		v->src_changed = v->dst_changed = 1;
	} else {
		v->src_changed = end_changes(from, to, s, ports);
		v->dst_changed = end_changes(from, to, !s, ports);
	}
	v->src = error && !v->src_changed ? p->src : to->addr[s];
	v->dst = to->addr[!s];
	v->sport = to->any[s] ? 0 : to->port[s];
	v->dport = to->port[!s];
	v->sport_any = to->any[s];
}

int
pf_state_match(const struct pf_state *st, const struct pf_packet *p,
    struct pf_verdict *v)
{
	int icmp = p->proto == 1 || p->proto == 58;
	int kind = icmp ? pf_icmp_kind(p->af, p->icmp_type) : 0;
	const struct pf_key *side;

	if (st->interface != -1 && st->interface != p->interface)
		return (0);
	/* What the kernel finds no state for, see pf_icmp_mapping(). */
	if (kind == 3 || (side = find_side(st, p, kind == 2)) == NULL)
		return (0);
	memset(v, 0, sizeof(*v));
	v->pass = 1;
	v->how = PF_HOW_STATE;
	v->rule = st->rule;
	v->anchor = st->anchor;
	v->ruleset = st->ruleset;
	v->reason = "match";
	v->log = st->log_all;
	v->tag = "";
	rewrite(st, side, p, kind == 2, v);
	return (1);
}
