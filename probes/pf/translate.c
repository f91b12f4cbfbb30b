/* SPDX-License-Identifier: ISC */
/*
 * nat-to, rdr-to and af-to on a packet, after pf_get_transaddr() and
 * pf_map_addr() in sys/net/pf_lb.c. Where pf chooses among several members
 * of a pool the first is taken and the pool is told. Pure.
 */
#include <string.h>

#include "probes/pf/eval.h"

/*
 * The members of a pool for a family: their number, the lowest in *out, which
 * is where the kernel's tree of addresses begins.
 */
static size_t
members(const struct pf_addr *a, enum pf_af af, struct pf_ip *out, int *bits)
{
	const struct pf_entry *list = NULL;
	size_t i, count = 0, n = 0;

	if (a->type == PF_ADDR_MASK) {
		*out = a->ip;
		*bits = pf_mask_len(&a->mask);
		return (1);
	}
	if (a->type == PF_ADDR_TABLE && a->table != NULL) {
		list = a->table->entries;
		count = a->table->count;
	} else if (a->type == PF_ADDR_DYNIF) {
		list = a->nets;
		count = a->net_count;
	}
	for (i = 0; i < count; i++) {
		if (list[i].af != af || list[i].not)
			continue;
		if (n++ == 0 || pf_ip_cmp(&list[i].ip, out) < 0) {
			*out = list[i].ip;
			*bits = list[i].bits;
		}
	}
	return (n);
}

/* Puts the host part of another address below the mask. */
static void
pool_mask(struct pf_ip *ip, int bits, const struct pf_ip *host)
{
	struct pf_ip mask = pf_mask_of(bits);
	int i;

	for (i = 0; i < 16; i++)
		ip->b[i] = (uint8_t)((ip->b[i] & mask.b[i]) |
		    (host->b[i] & (uint8_t)~mask.b[i]));
}

/*
 * The address that a pool gives; *many is set when there are others. -1:
 * the pool has none of this family.
 */
static int
choose(const struct pf_pool *pool, enum pf_af af, const struct pf_ip *host,
    struct pf_ip *out, int *many)
{
	int bits = 0, full = pf_af_bits(af);
	size_t n = members(&pool->addr, af, out, &bits);

	*many = 0;
	if (n == 0)
		return (-1);
	if (pool->type == PF_POOL_BITMASK)
		pool_mask(out, bits, host);
	else if (n > 1 || (bits < full && pool->type != PF_POOL_NONE))
		*many = 1;
	return (0);
}

/* Only the identifier of an echo request is translated. */
static int
icmp_echo(const struct pf_packet *p)
{
	return (p->icmp_type == (p->proto == 1 ? 8 : 128));
}

/* The source port after nat: kept, given, or pf's choice. */
static void
nat_port(const struct pf_pool *pool, struct pf_packet *p,
    struct pf_verdict *v)
{
	if (p->proto == 1 || p->proto == 58) {
		v->sport_any = icmp_echo(p);
		return;
	}
	if (p->proto != 6 && p->proto != 17)
		return;
	if (pool->port[0] == 0 && pool->port[1] == 0)
		return;
	p->sport = pool->port[0];
	v->sport_any = pool->port[0] != pool->port[1];
}

static void
rdr_port(const struct pf_rule *r, struct pf_packet *p)
{
	const struct pf_pool *pool = &r->rdr;
	int span, port;

	if (p->proto != 6 && p->proto != 17)
		return;
	if (pool->port[1] != 0) {
		/* In 16 bits; a packet below the rule's port goes back. */
		span = (uint16_t)(pool->port[1] - pool->port[0] + 1);
		if (span == 0)
			span = 1;
		port = (p->dport - (int)r->dst.port.a) % span +
		    pool->port[0];
		if (port > 65535)
			port -= 65535;
		p->dport = (uint16_t)port;
	} else if (pool->port[0] != 0)
		p->dport = pool->port[0];
}

/*
 * Where the bytes of an IPv4 address stand in an IPv6 address (RFC 6052) for
 * the length of a prefix; byte 8 is left out.
 */
static int
embed_offset(int bits)
{
	switch (bits) {
	case 32: return (4);
	case 40: return (5);
	case 48: return (6);
	case 56: return (7);
	case 64: return (9);
	}
	return (12);
}

static void
extract4(const struct pf_ip *six, int bits, struct pf_ip *four)
{
	int at = embed_offset(bits), i;

	memset(four, 0, sizeof(*four));
	for (i = 0; i < 4; i++, at++) {
		if (at == 8)
			at++;
		four->b[i] = six->b[at];
	}
}

/* Behind the prefix in *six; what follows is zero. */
static void
embed4(struct pf_ip *six, int bits, const struct pf_ip *four)
{
	int at = embed_offset(bits), i;

	memset(six->b + at, 0, sizeof(six->b) - (size_t)at);
	six->b[8] = at < 12 ? 0 : six->b[8];
	for (i = 0; i < 4; i++, at++) {
		if (at == 8)
			at++;
		six->b[at] = four->b[i];
	}
}

/* ICMP of the other family; echo only is told apart. */
static void
change_icmp(struct pf_packet *p)
{
	static const int types[][2] = { { 8, 128 }, { 0, 129 } };
	int six = p->proto == 58;
	size_t i;

	if (p->proto != 1 && p->proto != 58)
		return;
	p->proto = six ? 1 : 58;
	for (i = 0; i < 2; i++)
		if (p->icmp_type == types[i][six]) {
			p->icmp_type = types[i][!six];
			return;
		}
}

/* The prefix of a pool's address; the host bits of others are not used. */
static int
pool_bits(const struct pf_pool *pool)
{
	return (pool->addr.type == PF_ADDR_MASK ?
	    pf_mask_len(&pool->addr.mask) : 128);
}

/* The packet in the other family. */
static int
family_change(const struct pf_rule *r, struct pf_packet *p,
    struct pf_verdict *v)
{
	struct pf_ip src, dst;
	int many;

	if (choose(&r->nat, r->naf, &p->src, &src, &many) == -1)
		return (-1);
	if (many)
		v->src_pool = &r->nat;
	nat_port(&r->nat, p, v);
	if (r->rdr.addr.type != PF_ADDR_NONE) {
		if (choose(&r->rdr, r->naf, &p->dst, &dst, &many) == -1)
			return (-1);
		if (many)
			v->dst_pool = &r->rdr;
		if (r->naf == PF_AF_INET6 && pool_bits(&r->rdr) <= 96)
			embed4(&dst, pool_bits(&r->rdr), &p->dst);
		if (r->rdr.port[0] != 0 && (p->proto == 6 || p->proto == 17))
			p->dport = r->rdr.port[0];
	} else if (r->naf == PF_AF_INET)
		extract4(&p->dst, r->dst.addr.type == PF_ADDR_MASK ?
		    pf_mask_len(&r->dst.addr.mask) : 96, &dst);
	else {
		dst = src;
		embed4(&dst, pool_bits(&r->nat), &p->dst);
	}
	p->src = src;
	p->dst = dst;
	p->af = r->naf;
	change_icmp(p);
	return (0);
}

int
pf_translate(const struct pf_rule *r, struct pf_packet *p,
    struct pf_verdict *v)
{
	struct pf_ip ip;
	int many;

	if ((r->bits & PF_BIT_AFTO) != 0)
		return (r->naf == p->af ? 0 : family_change(r, p, v));
	if (r->nat.addr.type != PF_ADDR_NONE) {
		if (choose(&r->nat, p->af, &p->src, &ip, &many) == -1)
			return (-1);
		nat_port(&r->nat, p, v);
		v->src_pool = many ? &r->nat : NULL;
		p->src = ip;
	}
	if (r->rdr.addr.type != PF_ADDR_NONE) {
		if (choose(&r->rdr, p->af, &p->dst, &ip, &many) == -1)
			return (-1);
		rdr_port(r, p);
		v->dst_pool = many ? &r->rdr : NULL;
		p->dst = ip;
	}
	return (0);
}
