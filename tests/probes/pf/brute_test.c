/* SPDX-License-Identifier: ISC */
/*
 * A second evaluator, written from the description in pf.conf(5) and not
 * from the first: it walks every expanded rule in order, compares numbers
 * bit by bit, searches tables from end to end, and knows no index and no
 * keys of states. Random rule sets and packets get the same verdict from
 * both. Would catch: a rule that the index leaves out, wrong order, quick or
 * anchors (nested, loaded, wildcard) that end too early or late, translation
 * that later rules do not see, the wrong entry of a table, a state that
 * knows a packet of others or not its own.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "probes/pf/eval.h"
#include "probes/pf/system.h"
#include "tests/kit/check.h"

static uint64_t state = 0x2545f4914f6cdd1dULL;

static uint32_t
rnd(uint32_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return ((uint32_t)(state >> 33) % below);
}

static const char env_text[] =
    "if lo0 loopback\naddr lo0 127.0.0.1/8\naddr lo0 ::1/128\n"
    "if em0 broadcast\naddr em0 10.0.0.1/24 10.0.0.255\n"
    "addr em0 2001:db8::1/64\nif tap0\naddr tap0 10.1.0.1/31\n"
    "if tap1\naddr tap1 10.1.0.3/31\ngroup egress em0\n"
    "group tap tap0 tap1\nhost web 10.1.0.0\n";

/* One of a list of words. */
#define PICK(list) (list[rnd(sizeof(list) / sizeof((list)[0]))])

static const char *const ifs[] = { "em0", "egress", "tap", "tap0", "! tap1",
	"! egress", "any", "lo0", "nix0" };
static const char *const hosts4[] = { "any", "10.0.0.0/24", "10.0.0.5",
	"! 10.0.0.0/24", "10.1.0.0/16", "10.0.0.0/8", "<t>", "! <t>",
	"(em0)", "(tap:network)", "! (self)", "10.0.0.4 - 10.0.0.7",
	"{ 10.0.0.5 10.0.0.6 }", "{ ! 10.0.0.5 <t> }", "web", "em0:network",
	"no-route", "10.0.0.4/30", "10.0.0.128/25" };
static const char *const sources4[] = { "urpf-failed", "! urpf-failed",
	"! no-route", "<n>", "! <n>", "{ <t> <n> }", "10.0.0.2 - 10.1.0.2" };
static const char *const hosts6[] = { "any", "2001:db8::/64", "2001:db8::5",
	"! 2001:db8::/32", "<t>", "(em0)", "{ 2001:db8::5 2001:db8::6 }" };
static const char *const ports[] = { "80", "{ 80 443 }", "80:90", "> 80",
	"!= 80", "80 >< 90", "80 <> 90", "<= 81", ">= 443", "< 100" };
static const char *const tags[] = { "A", "B" };
static const char *const flags[] = { "any", "S/SA", "S/SAFR", "/SFRA", "A/A",
	"SA/SA", "/R" };
static const char *const icmp4[] = { "echoreq", "unreach", "echorep",
	"{ echoreq, timex }", "unreach code needfrag", "13", "routersol" };
static const char *const icmp6[] = { "echoreq", "toobig", "echorep",
	"neighbradv", "{ echoreq, unreach code admin-unr }" };
static const char *const states[] = { "keep state", "keep state (if-bound)",
	"keep state (floating)", "modulate state", "keep state (sloppy)" };

static void
random_hosts(struct buf *b, int six)
{
	const char *src = six ? PICK(hosts6) : rnd(3) ? PICK(hosts4) :
	    PICK(sources4);
	const char *dst = six ? PICK(hosts6) : PICK(hosts4);
	int tcp = rnd(3) > 0, icmp = !tcp && rnd(2), only = rnd(2) != 0;

	buf_addf(b, " %s", six ? "inet6" : "inet");
	if (tcp)
		buf_addf(b, " proto %s", only ? "tcp" : rnd(2) ? "udp" :
		    "{ tcp udp }");
	if (icmp)
		buf_addf(b, " proto %s", six ? "icmp6" : "icmp");
	buf_addf(b, " from %s", src);
	if (tcp && rnd(3) == 0)
		buf_addf(b, " port %s", PICK(ports));
	buf_addf(b, " to %s", dst);
	if (tcp && rnd(2))
		buf_addf(b, " port %s", PICK(ports));
	if (tcp && only && rnd(4) == 0)
		buf_addf(b, " flags %s", PICK(flags));
	if (icmp && rnd(2))
		buf_addf(b, " icmp%s-type %s", six ? "6" : "", six ?
		    PICK(icmp6) : PICK(icmp4));
}

static void
random_options(struct buf *b, int kind, int dir, int six)
{
	if (rnd(8) == 0)
		buf_addf(b, " tag %s", PICK(tags));
	if (rnd(8) == 0)
		buf_addf(b, " %stagged %s", rnd(2) ? "! " : "", PICK(tags));
	if (rnd(10) == 0)
		buf_addf(b, " %sreceived-on %s", rnd(2) ? "! " : "",
		    rnd(2) ? "tap" : "em0");
	if (rnd(10) == 0)
		buf_adds(b, rnd(2) ? " tos 0x10" : " prio 5");
	if (kind == 0 && rnd(8) == 0) {
		buf_adds(b, " no state");
		return;
	}
	if (kind == 0 && rnd(6) == 0)
		buf_addf(b, " %s", PICK(states));
	if (kind == 1 || six || dir == 0 || rnd(4) != 0)
		return;
	if (dir == 1)
		buf_addf(b, " rdr-to %s%s", rnd(2) ? "10.1.0.0" :
		    "10.0.0.6", rnd(3) ? "" : rnd(2) ? " port 85" :
		    " port 90:91");
	else
		buf_addf(b, " nat-to %s static-port", rnd(2) ? "(em0)" :
		    "10.0.0.1");
}

/* kind 0 pass, 1 block, 2 match */
static void
random_rule(struct buf *b)
{
	static const char *const actions[] = { "pass", "block", "match" };
	static const char *const blocks[] = { "", " drop", " return" };
	int kind = (int)rnd(5), dir = (int)rnd(3), six = rnd(4) == 0;

	kind = kind < 2 ? 0 : kind < 4 ? 1 : 2;
	buf_adds(b, actions[kind]);
	if (kind == 1)
		buf_adds(b, PICK(blocks));
	buf_adds(b, dir == 0 ? "" : dir == 1 ? " in" : " out");
	if (rnd(6) == 0)
		buf_adds(b, rnd(3) ? " log" : " log (all)");
	if (rnd(10) == 0)
		buf_adds(b, " quick");
	if (rnd(2))
		buf_addf(b, " on %s", PICK(ifs));
	if (rnd(4) > 0)
		random_hosts(b, six);
	random_options(b, kind, dir, six);
	buf_addc(b, '\n');
}

/* Networks within 10/8, none twice, some of them "not in the table". */
static void
random_table(struct buf *b)
{
	int bits, used[33] = { 0 }, n = 1 + (int)rnd(6);

	buf_adds(b, "table <n> {");
	while (n-- > 0) {
		bits = 8 + (int)rnd(25);
		if (used[bits]++ == 0)
			buf_addf(b, " %s10.%d.%d.%d/%d", rnd(3) ? "" : "!",
			    (int)rnd(2), (int)rnd(2), (int)rnd(8), bits);
	}
	buf_adds(b, " }\n");
}

/* Rules and anchors in braces. */
static void
random_rules(struct buf *b, int n, int depth)
{
	int i;

	for (i = 0; i < n; i++) {
		if (rnd(8) > 0 || depth == 3) {
			random_rule(b);
			continue;
		}
		if (depth == 0 && rnd(3) == 0) {
			buf_addf(b, "anchor \"%s\"%s%s\n", rnd(2) ? "w/*" :
			    rnd(2) ? "w/a" : "absent", rnd(2) ? " in" : "",
			    rnd(3) == 0 ? " quick" : "");
			continue;
		}
		buf_addf(b, "anchor%s%s%s%s {\n", rnd(2) ? " in" : "",
		    rnd(3) == 0 ? " quick" : "", rnd(2) ? " on em0" : "",
		    rnd(6) == 0 ? " tag B" : "");
		random_rules(b, 1 + (int)rnd(4), depth + 1);
		buf_adds(b, "}\n");
	}
}

static void
random_file(struct buf *b)
{
	/* Long rule sets take the index's other ways. */
	int n = 1 + (int)rnd(rnd(50) == 0 ? 400 : rnd(8) == 0 ? 60 : 14);

	buf_adds(b, "table <t> { 10.0.0.0/24 !10.0.0.4/31 10.0.0.5 "
	    "2001:db8::/64 !2001:db8::6 }\n");
	random_table(b);
	if (rnd(4) == 0)
		buf_adds(b, "set skip on tap1\n");
	if (rnd(3) == 0)
		buf_adds(b, "set block-policy return\n");
	if (rnd(4) == 0)
		buf_adds(b, "set state-policy if-bound\n");
	random_rules(b, n, 0);
	buf_adds(b, "load anchor \"w/b\" from \"b\"\n"
	    "load anchor \"w/a\" from \"a\"\n");
}

/* What the second evaluator carries. */
struct naive {
	const struct pf_env *env;
	const struct pf_conf *conf;
	struct pf_packet p;
	const struct pf_rule *last, *anchor;
	const char *tag;
	int log, stop;
};

static int
bit(const struct pf_ip *ip, int i)
{
	return (ip->b[i / 8] >> (7 - i % 8) & 1);
}

static int
same_bits(const struct pf_ip *a, const struct pf_ip *b, int n)
{
	int i;

	for (i = 0; i < n; i++)
		if (bit(a, i) != bit(b, i))
			return (0);
	return (1);
}

static int
naive_group(const struct pf_env *env, const char *name, int interface)
{
	size_t i, j;

	if (interface < 0)
		return (0);
	if (strcmp(name, "any") == 0)
		return (!(env->ifs[interface].flags & PF_IF_LOOPBACK));
	if (strcmp(env->ifs[interface].name, name) == 0)
		return (1);
	for (i = 0; i < env->group_count; i++)
		for (j = 0; strcmp(env->groups[i].name, name) == 0 &&
		    j < env->groups[i].member_count; j++)
			if ((int)env->groups[i].members[j] == interface)
				return (1);
	return (0);
}

static int
naive_table(const struct naive *n, const char *name, const struct pf_ip *ip)
{
	const struct pf_table *t;
	const struct pf_entry *best = NULL;
	size_t i;

	for (t = n->conf->tables; t != NULL; t = t->next)
		for (i = 0; strcmp(t->name, name) == 0 && i < t->count; i++)
			if (t->entries[i].af == n->p.af &&
			    same_bits(&t->entries[i].ip, ip,
			    t->entries[i].bits) && (best == NULL ||
			    t->entries[i].bits > best->bits))
				best = &t->entries[i];
	return (best != NULL && !best->not);
}

/* (interface): addresses, or their networks, looked up now. */
static int
naive_dynamic(const struct naive *n, const struct pf_addr *a,
    const struct pf_ip *ip)
{
	const struct pf_ifaddr *ifa;
	size_t i;
	int bits;

	for (i = 0; i < n->env->if_count; i++) {
		if (strcmp(a->name, "self") != 0 &&
		    !naive_group(n->env, a->name, (int)i))
			continue;
		for (ifa = n->env->ifs[i].addrs; ifa != NULL;
		    ifa = ifa->next) {
			bits = a->modifiers & PF_IFM_NETWORK ?
			    pf_mask_len(&ifa->mask) : pf_af_bits(ifa->af);
			if (ifa->af == n->p.af && same_bits(&ifa->ip, ip,
			    bits))
				return (1);
		}
	}
	return (0);
}

/* The interface back to an address; em0 has the default routes. */
static int
naive_way(const struct pf_env *env, enum pf_af af, const struct pf_ip *ip)
{
	const struct pf_ifaddr *ifa;
	int best = -1, way = 1, bits;
	size_t i;

	for (i = 0; i < env->if_count; i++)
		for (ifa = env->ifs[i].addrs; ifa != NULL; ifa = ifa->next) {
			bits = pf_mask_len(&ifa->mask);
			if (ifa->af != af || bits <= best ||
			    !same_bits(&ifa->ip, ip, bits))
				continue;
			best = bits;
			way = (int)i;
		}
	return (way);
}

static int
naive_host(const struct naive *n, const struct pf_side *s,
    const struct pf_ip *ip)
{
	const struct pf_addr *a = &s->addr;
	int i, hit = 0;

	switch (a->type) {
	case PF_ADDR_MASK:
		hit = same_bits(&a->ip, ip, pf_mask_len(&a->mask));
		break;
	case PF_ADDR_RANGE:
		hit = 1;
		for (i = 0; i < 16 && a->ip.b[i] == ip->b[i]; i++)
			;
		if (i < 16 && a->ip.b[i] > ip->b[i])
			hit = 0;
		for (i = 0; i < 16 && a->mask.b[i] == ip->b[i]; i++)
			;
		if (i < 16 && a->mask.b[i] < ip->b[i])
			hit = 0;
		break;
	case PF_ADDR_TABLE:
		hit = naive_table(n, a->name, ip);
		break;
	case PF_ADDR_DYNIF:
		hit = naive_dynamic(n, a, ip);
		break;
	case PF_ADDR_URPF:
		hit = naive_way(n->env, n->p.af, ip) != n->p.interface;
		break;
	default:
		/* There is a default route for both families. */
		hit = 0;
		break;
	}
	return (s->not ? !hit : hit);
}

static int
naive_port(const struct pf_range *r, uint32_t v)
{
	int low = v < r->a, eq = v == r->a, high = v > r->a;

	return (r->op == PF_OP_NONE || (r->op == PF_OP_EQ && eq) ||
	    (r->op == PF_OP_NE && !eq) || (r->op == PF_OP_LT && low) ||
	    (r->op == PF_OP_LE && !high) || (r->op == PF_OP_GT && high) ||
	    (r->op == PF_OP_GE && !low) ||
	    (r->op == PF_OP_RRG && !low && v <= r->b) ||
	    (r->op == PF_OP_IRG && high && v < r->b) ||
	    (r->op == PF_OP_XRG && (low || v > r->b)));
}

static int
is_reply(const struct pf_packet *p)
{
	return (p->proto == 1 ? p->icmp_type == 0 || p->icmp_type == 14 :
	    p->icmp_type == 129);
}

static int
is_error(const struct pf_packet *p)
{
	return (p->proto == 1 ? p->icmp_type == 3 || p->icmp_type == 11 :
	    p->proto == 58 && p->icmp_type < 5);
}

/* A state is not made by an answer, unless it may be sloppy. */
static int
naive_icmp(const struct pf_rule *r, const struct pf_packet *p)
{
	if ((r->icmp_type != 0 && r->icmp_type - 1 != p->icmp_type) ||
	    (r->icmp_code != 0 && r->icmp_code - 1 != p->icmp_code))
		return (0);
	return (!is_reply(p) || r->keep == PF_NO_STATE ||
	    (r->bits & PF_BIT_SLOPPY) != 0);
}

static int
naive_match(const struct naive *n, const struct pf_rule *r)
{
	const struct pf_packet *p = &n->p;
	int ports_wanted = r->src.port.op != PF_OP_NONE ||
	    r->dst.port.op != PF_OP_NONE;

	if (r->dir != PF_INOUT && r->dir != p->dir)
		return (0);
	if (r->ifname[0] != '\0' && naive_group(n->env, r->ifname,
	    p->interface) != !r->ifnot)
		return (0);
	if ((r->af != PF_AF_ANY && r->af != p->af) ||
	    (r->proto != 0 && r->proto != p->proto))
		return (0);
	if (!naive_host(n, &r->src, &p->src) ||
	    !naive_host(n, &r->dst, &p->dst))
		return (0);
	if (ports_wanted && (!naive_port(&r->src.port, p->sport) ||
	    !naive_port(&r->dst.port, p->dport)))
		return (0);
	if (p->proto == 6 && (p->flags & r->flagset) != r->flags)
		return (0);
	if ((p->proto == 1 || p->proto == 58) && !naive_icmp(r, p))
		return (0);
	if ((r->tos != 0 && r->tos != p->tos) || (r->prio != PF_PRIO_NONE &&
	    r->prio != p->prio))
		return (0);
	if (r->tagged[0] != '\0' && (strcmp(r->tagged, n->tag) == 0) ==
	    r->tagged_not)
		return (0);
	return (r->rcvif[0] == '\0' || naive_group(n->env, r->rcvif,
	    p->received) != r->rcvnot);
}

static void
naive_translate(struct naive *n, const struct pf_rule *r)
{
	const struct pf_ifaddr *ifa;

	int low = r->rdr.port[0], high = r->rdr.port[1], first;

	if (r->rdr.addr.type == PF_ADDR_MASK) {
		n->p.dst = r->rdr.addr.ip;
		/* A range begins at the first port of the rule's own. */
		first = r->dst.port.op == PF_OP_NONE ? 0 :
		    (int)r->dst.port.a;
		if ((n->p.proto == 6 || n->p.proto == 17) && low != 0)
			n->p.dport = (uint16_t)(high == 0 ? low : low +
			    (n->p.dport - first) % (high - low + 1));
	}
	if (r->nat.addr.type == PF_ADDR_MASK)
		n->p.src = r->nat.addr.ip;
	if (r->nat.addr.type == PF_ADDR_DYNIF)
		for (ifa = n->env->ifs[1].addrs; ifa != NULL; ifa = ifa->next)
			if (ifa->af == n->p.af) {
				n->p.src = ifa->ip;
				break;
			}
}

static void naive_rules(struct naive *, const struct pf_anchor *,
    const struct pf_rule *);

/* One ruleset, or all below one in the order of their names. */
static void
naive_anchor(struct naive *n, const struct pf_rule *r)
{
	static const char *const below[] = { "w/a", "w/b" };
	const struct pf_anchor *a;
	int i, all = r->body == NULL && strcmp(r->call, "w/*") == 0;

	for (i = 0; i < (all ? 2 : 1) && !n->stop; i++) {
		a = r->body;
		if (a == NULL)
			a = pf_anchor_find(n->conf, str_from(all ? below[i] :
			    r->call));
		if (a != NULL)
			naive_rules(n, a, r);
		if (r->quick && n->anchor == r)
			n->stop = 1;
	}
}

static void
naive_rules(struct naive *n, const struct pf_anchor *a,
    const struct pf_rule *call)
{
	const struct pf_rule *r;

	for (r = a->first; r != NULL && !n->stop; r = r->next) {
		if (!naive_match(n, r))
			continue;
		if (r->tag[0] != '\0')
			n->tag = r->tag;
		if (r->action == PF_ANCHOR) {
			naive_anchor(n, r);
			continue;
		}
		if (r->action == PF_MATCH) {
			naive_translate(n, r);
			n->log |= r->log;
		} else {
			n->last = r;
			n->anchor = call;
		}
		n->stop |= r->quick;
	}
}

static void
random_packet(struct pf_packet *p)
{
	static const uint16_t some[] = { 80, 81, 85, 90, 91, 443, 1024, 53 };
	static const int types4[] = { 8, 8, 0, 3, 11, 13, 10 };
	static const int types6[] = { 128, 128, 129, 1, 2, 135, 136 };
	int six = rnd(4) == 0, i;
	struct pf_ip *ip;

	memset(p, 0, sizeof(*p));
	p->af = six ? PF_AF_INET6 : PF_AF_INET;
	p->dir = rnd(2) ? PF_IN : PF_OUT;
	p->interface = (int)rnd(4);
	p->received = p->dir == PF_IN ? p->interface : (int)rnd(5) - 1;
	p->proto = rnd(8) == 0 ? 47 : rnd(5) == 0 ? (six ? 58 : 1) : rnd(2) ?
	    6 : 17;
	p->flags = rnd(3) > 0 ? PF_TCP_SYN : rnd(2) ? PF_TCP_SYN |
	    PF_TCP_ACK : rnd(2) ? PF_TCP_ACK : PF_TCP_RST | PF_TCP_ACK;
	p->icmp_type = six ? PICK(types6) : PICK(types4);
	p->icmp_code = rnd(3) == 0 ? 4 : rnd(3) == 0;
	p->prio = rnd(8) == 0 ? 5 : 3;
	p->tos = rnd(8) == 0 ? 0x10 : 0;
	p->tag = rnd(6) == 0 ? "A" : "";
	if (p->proto == 6 || p->proto == 17) {
		p->sport = PICK(some);
		p->dport = PICK(some);
	}
	for (i = 0; i < 2; i++) {
		ip = i ? &p->dst : &p->src;
		if (six) {
			memcpy(ip->b, "\x20\x01\x0d\xb8", 4);
			ip->b[7] = (uint8_t)(rnd(8) == 0);
			ip->b[15] = (uint8_t)rnd(8);
		} else {
			ip->b[0] = rnd(8) == 0 ? 11 : 10;
			ip->b[1] = (uint8_t)rnd(2);
			ip->b[3] = (uint8_t)(rnd(8) == 0 ? 200 : rnd(8));
		}
	}
}

/* The packet with its ends exchanged, going the other way. */
static struct pf_packet
turned(const struct pf_packet *p)
{
	struct pf_packet t = *p;

	t.dir = p->dir == PF_IN ? PF_OUT : PF_IN;
	t.src = p->dst;
	t.dst = p->src;
	t.sport = p->dport;
	t.dport = p->sport;
	if (t.proto == 6)
		t.flags = PF_TCP_SYN | PF_TCP_ACK;
	if (t.proto == 1 || t.proto == 58)
		t.icmp_type = p->icmp_type == 8 ? 0 : p->icmp_type == 13 ? 14 :
		    p->icmp_type == 128 ? 129 : p->icmp_type == 135 ? 136 :
		    p->icmp_type;
	return (t);
}

/* Something that a state may have to do with, or not. */
static struct pf_packet
random_kin(const struct pf_packet *before, const struct pf_packet *after)
{
	struct pf_packet p = rnd(2) ? *before : turned(rnd(3) ? after :
	    before);

	switch (rnd(8)) {
	case 0: p.dir = p.dir == PF_IN ? PF_OUT : PF_IN; break;
	case 1: p.interface = (int)rnd(4); break;
	case 2: p.dport = (uint16_t)(p.dport + 1); break;
	case 3: p.src.b[3] ^= 1; break;
	case 4: p.proto = p.proto == 6 ? 17 : p.proto == 17 ? 6 : p.proto;
		break;
	case 5: p.icmp_type = p.af == PF_AF_INET ? 3 : 1;
		p.proto = p.af == PF_AF_INET ? 1 : 58;
		p.src.b[1] ^= (uint8_t)rnd(2);
		break;
	}
	p.received = p.dir == PF_IN ? p.interface : -1;
	return (p);
}

static int
same_packet(const struct pf_packet *a, const struct pf_packet *b)
{
	int icmp = a->proto == 1 || a->proto == 58;
	int has_ports = a->proto == 6 || a->proto == 17;

	return (a->af == b->af && a->proto == b->proto && a->dir == b->dir &&
	    pf_ip_eq(&a->src, &b->src) && pf_ip_eq(&a->dst, &b->dst) &&
	    (!icmp || a->icmp_type == b->icmp_type) && (!has_ports ||
	    (a->sport == b->sport && a->dport == b->dport)));
}

/*
 * 1 when the state of a packet that became another knows this one: it is the
 * same again, an answer to what it became, or an error sent to where an
 * answer would go. *out is what this one becomes.
 */
static int
naive_state(const struct pf_packet *before, const struct pf_packet *after,
    const struct pf_packet *p, struct pf_packet *out)
{
	struct pf_packet answer = turned(after), back = turned(before);

	*out = *p;
	if (is_error(p)) {
		if (p->dir == before->dir) {
			/* About an answer: goes where the packet went. */
			out->dst = after->dst;
			if (!pf_ip_eq(&before->src, &after->src) ||
			    before->sport != after->sport)
				out->src = after->src;
			return (p->af == before->af && pf_ip_eq(&p->dst,
			    &before->dst));
		}
		out->dst = before->src;
		if (!pf_ip_eq(&before->dst, &after->dst) ||
		    before->dport != after->dport)
			out->src = before->dst;
		return (p->af == before->af && pf_ip_eq(&p->dst,
		    &after->src));
	}
	if (p->proto == 58 && p->icmp_type == 136)
		return (0);
	if (same_packet(p, before)) {
		out->src = after->src;
		out->dst = after->dst;
		out->dport = after->dport;
		return (1);
	}
	out->src = back.src;
	out->dst = back.dst;
	out->sport = back.sport;
	/* What has no answer is known one way only. */
	if ((p->proto == 1 || p->proto == 58) &&
	    answer.icmp_type == before->icmp_type)
		return (0);
	return (same_packet(p, &answer));
}

/* The state that a packet made, and packets it may know; 1: they agree. */
static int
agree_state(const struct pf_machine *m, const struct pf_packet *before,
    const struct pf_verdict *v, const char *text)
{
	const struct pf_state *list[] = { &v->state };
	struct pf_packet after = *before, p, out;
	struct pf_verdict w;
	int i, bound, known;

	after.src = v->src;
	after.dst = v->dst;
	after.sport = v->sport;
	after.dport = v->dport;
	bound = (v->rule->bits & PF_BIT_IFBOUND) != 0;
	for (i = 0; i < 4; i++) {
		p = random_kin(before, &after);
		if (m->skipped[p.interface])
			continue;
		known = naive_state(before, &after, &p, &out) && (!bound ||
		    p.interface == before->interface);
		pf_eval_states(m, &p, list, 1, &w);
		if (known == (w.how == PF_HOW_STATE) && (!known ||
		    (w.rule == v->rule && pf_ip_eq(&w.src, &out.src) &&
		    pf_ip_eq(&w.dst, &out.dst) && ((p.proto != 6 &&
		    p.proto != 17) || (w.sport == out.sport &&
		    w.dport == out.dport)))))
			continue;
		printf("# the state of line %d %s, the walk says %s (dir %d, "
		    "proto %d, type %d), of\n%s", v->rule->line, w.how ==
		    PF_HOW_STATE ? "knows" : "does not know", known ?
		    "yes" : "no", p.dir, p.proto, p.icmp_type, text);
		return (0);
	}
	return (1);
}

/* Both evaluators on one packet; 1 when they agree. */
static int
agree(const struct pf_machine *m, const struct pf_packet *p, const char *text)
{
	struct pf_verdict v;
	struct naive n = { m->env, m->conf, *p, NULL, NULL, p->tag, 0, 0 };
	const struct pf_skip *s;
	int skip = 0, pass;

	pf_eval(m, p, &v);
	for (s = m->conf->skips; s != NULL; s = s->next)
		skip |= naive_group(m->env, s->name, p->interface);
	if (skip)
		return (v.pass && v.how == PF_HOW_SKIP);
	naive_rules(&n, m->conf->anchors, NULL);
	pass = n.last == NULL || n.last->action == PF_PASS;
	if (n.last != NULL) {
		naive_translate(&n, n.last);
		n.log |= n.last->log;
	}
	if (v.rule == n.last && v.pass == pass && v.log == (n.log != 0) &&
	    v.anchor == n.anchor && (!v.made_state ||
	    (pf_ip_eq(&v.dst, &n.p.dst) && pf_ip_eq(&v.src, &n.p.src) &&
	    v.dport == n.p.dport)))
		return (!v.made_state || agree_state(m, p, &v, text));
	printf("# the index says line %d, the walk says line %d, of\n%s",
	    v.rule == NULL ? 0 : v.rule->line, n.last == NULL ? 0 :
	    n.last->line, text);
	return (0);
}

/* One rule set and its packets; 1 when all agree, -1 when it is refused. */
static int
one_set(struct pf_env *env, int packets)
{
	struct pf_given given[3];
	struct pf_given_set set = { given, 3 };
	struct pf_conf conf;
	struct pf_machine m;
	struct pf_packet p;
	struct buf text, loaded[2];
	int i, ok = 1;

	buf_init(&text, 1U << 20);
	random_file(&text);
	given[0] = (struct pf_given){ "pf.conf", buf_cstr(&text), text.len };
	for (i = 0; i < 2; i++) {
		buf_init(&loaded[i], 1U << 16);
		random_rules(&loaded[i], (int)rnd(4), 1);
		given[i + 1] = (struct pf_given){ i ? "b" : "a",
		    buf_cstr(&loaded[i]), loaded[i].len };
	}
	pf_conf_init(&conf, env, pf_given_files(&set));
	if (pf_conf_read(&conf, "pf.conf") == -1)
		ok = -1;
	else {
		pf_machine_init(&m, &conf);
		for (i = 0; i < packets && ok == 1; i++) {
			random_packet(&p);
			ok = agree(&m, &p, buf_cstr(&text));
		}
		pf_machine_free(&m);
	}
	pf_conf_free(&conf);
	buf_free(&text);
	buf_free(&loaded[0]);
	buf_free(&loaded[1]);
	return (ok);
}

int
main(void)
{
	const char *many = getenv("MEETPROBE_PF_SETS");
	int sets = many == NULL ? 4000 : (int)strtol(many, NULL, 10);
	int i, status, read = 0, refused = 0, differ = 0;
	struct errlist errs;
	struct pf_env env;

	errlist_init(&errs);
	pf_env_init(&env);
	CHECK(pf_env_parse(&env, "env", str_from(env_text), &errs) == 0,
	    "the environment reads");
	for (i = 0; i < sets && differ == 0; i++) {
		status = one_set(&env, 25);
		read += status != -1;
		refused += status == -1;
		differ += status == 0;
	}
	CHECK(differ == 0, "%d random rule sets with 25 packets each: both "
	    "evaluators agree", read);
	CHECK(read > refused, "most random rule sets are valid (%d refused)",
	    refused);
	pf_env_free(&env);
	errlist_free(&errs);
	return (check_end());
}
