/* SPDX-License-Identifier: ISC */
/*
 * Neighbour discovery (RFC 4861) through the rules of a host: where pf blocks
 * it on an interface, no IPv6 packet gets through there, whatever its own
 * rule says. Pure.
 */
#include <string.h>

#include "probes/pf/trace/site.h"

enum { SOLICIT = 135, ADVERT = 136 };

/* Who may send and be asked: the link-local address or the global one. */
struct party {
	struct pf_ip ip[2];
	int count;
};

static struct pf_ip
ip_of(const char *text)
{
	struct pf_ip ip;
	enum pf_af af;

	(void)pf_ip_parse(str_from(text), &ip, &af);
	return (ip);
}

/* ff02::1:ffXX:XXXX, where a host listens for questions about its address. */
static struct pf_ip
solicited(const struct pf_ip *ip)
{
	struct pf_ip group = ip_of("ff02::1:ff00:0");

	memcpy(group.b + 13, ip->b + 13, 3);
	return (group);
}

/* The interface's own addresses. */
static struct party
own_party(const struct pf_if *i)
{
	struct party p = { { ip_of("fe80::1"), ip_of("::") }, 1 };
	const struct pf_ifaddr *a;

	for (a = i->addrs; a != NULL; a = a->next) {
		if (a->af != PF_AF_INET6)
			continue;
		if (pf_ip_linklocal(&a->ip, a->af))
			p.ip[0] = a->ip;
		else if (p.count == 1)
			p.ip[p.count++] = a->ip;
	}
	return (p);
}

/* The next host: the packet's other end when it is on the interface's net. */
static struct party
peer_party(const struct pf_if *i, const struct pf_ip *ip)
{
	struct party p = { { ip_of("fe80::2"), *ip }, 1 };
	const struct pf_ifaddr *a;

	for (a = i->addrs; a != NULL; a = a->next)
		if (a->af == PF_AF_INET6 && pf_ip_in(ip, &a->ip, &a->mask))
			p.count = 2;
	return (p);
}

/* One message; 1 when it passes, else the rule that blocks it in *rule. */
static int
passes(const struct pf_site_host *h, const struct pf_step *st,
    enum pf_dir dir, int type, const struct pf_ip *src,
    const struct pf_ip *dst, const struct pf_rule **rule)
{
	struct pf_packet p;
	struct pf_verdict v;

	memset(&p, 0, sizeof(p));
	p.af = PF_AF_INET6;
	p.proto = 58;
	p.dir = dir;
	p.interface = st->interface;
	p.received = dir == PF_IN ? st->interface : -1;
	p.icmp_type = type;
	p.src = *src;
	p.dst = *dst;
	p.prio = 3;
	p.tag = "";
	pf_eval(&h->machine, &p, &v);
	if (!v.pass)
		*rule = v.rule;
	return (v.pass);
}

/* Any question of one party about the other, and any answer to it. */
static int
finds(const struct pf_site_host *h, const struct pf_step *st,
    const struct party *asks, const struct party *asked, enum pf_dir dir,
    const struct pf_rule **rule)
{
	enum pf_dir back = dir == PF_IN ? PF_OUT : PF_IN;
	struct pf_ip group;
	int i, k;

	for (i = 0; i < asks->count; i++)
		for (k = 0; k < asked->count; k++) {
			group = solicited(&asked->ip[k]);
			if (passes(h, st, dir, SOLICIT, &asks->ip[i], &group,
			    rule) && passes(h, st, back, ADVERT,
			    &asked->ip[k], &asks->ip[i], rule))
				return (1);
		}
	return (0);
}

const struct pf_rule *
pf_discovery_blocked(const struct pf_site *s, const struct pf_step *st)
{
	const struct pf_site_host *h = &s->hosts[st->host];
	const struct pf_if *i = &h->env->ifs[st->interface];
	const struct pf_rule *rule = NULL;
	const struct pf_packet *p = st->dir == PF_IN ? &st->before :
	    &st->after;
	struct party own, peer;
	int found;

	if (st->unseen || p->af != PF_AF_INET6 || (i->flags &
	    (PF_IF_LOOPBACK | PF_IF_POINTOPOINT)) != 0)
		return (NULL);
	own = own_party(i);
	peer = peer_party(i, st->dir == PF_IN ? &p->src : &p->dst);
	/* The one who sends asks for the one who gets. */
	found = st->dir == PF_IN ? finds(h, st, &peer, &own, PF_IN, &rule) :
	    finds(h, st, &own, &peer, PF_OUT, &rule);
	return (found ? NULL : rule);
}
