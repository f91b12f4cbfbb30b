/* SPDX-License-Identifier: ISC */
/*
 * The way of one connection through every firewall of a site: out of the
 * sender, in and out of the router, in to the receiver; then the answer,
 * which the states must let through. Pure.
 */
#include <string.h>

#include "probes/pf/trace/site.h"

#define SOURCE_PORT 50000

struct walk {
	struct pf_site *s;
	const struct pf_question *q;
	struct pf_path *path;
	struct pf_packet p;
	struct pf_ip target;	/* where it shall arrive */
};

/* The site's host that has an address itself, -1: none. */
static int
owner(const struct pf_site *s, enum pf_af af, const struct pf_ip *ip)
{
	int i, at;

	for (i = 0; i < s->count; i++) {
		at = pf_env_own(s->hosts[i].env, af, ip);
		if (at != -1 && (s->hosts[i].env->ifs[at].flags &
		    PF_IF_LOOPBACK) == 0)
			return (i);
	}
	return (-1);
}

/* 1 when the interface has an address on the network of this one. */
static int
on_net(const struct pf_if *i, const struct pf_ifaddr *x)
{
	const struct pf_ifaddr *y;

	for (y = i->addrs; y != NULL; y = y->next)
		if (x->af == y->af && !pf_ip_linklocal(&y->ip, y->af) &&
		    !pf_ip_eq(&x->ip, &y->ip) &&
		    (pf_ip_in(&x->ip, &y->ip, &x->mask) ||
		    pf_ip_in(&x->ip, &y->ip, &y->mask)))
			return (1);
	return (0);
}

/* The interface of b on a network of a's interface, -1: none. */
static int
shared_net(const struct pf_env *a, int interface, const struct pf_env *b)
{
	const struct pf_ifaddr *x;
	size_t i;

	for (x = a->ifs[interface].addrs; x != NULL; x = x->next)
		for (i = 0; i < b->if_count && !pf_ip_linklocal(&x->ip,
		    x->af); i++)
			if (on_net(&b->ifs[i], x))
				return ((int)i);
	return (-1);
}

/* A host that forwards: addresses on two interfaces or more. */
static int
is_router(const struct pf_env *env)
{
	const struct pf_ifaddr *a;
	size_t i;
	int n = 0;

	for (i = 0; i < env->if_count; i++) {
		if ((env->ifs[i].flags & PF_IF_LOOPBACK) != 0)
			continue;
		for (a = env->ifs[i].addrs; a != NULL; a = a->next)
			if (!pf_ip_linklocal(&a->ip, a->af))
				break;
		n += a != NULL;
	}
	return (n > 1);
}

/* 1 when another router of the site stands on this side of a router. */
static int
behind_router(const struct pf_site *s, int router, int interface)
{
	int i;

	for (i = 0; i < s->count; i++)
		if (i != router && is_router(s->hosts[i].env) &&
		    shared_net(s->hosts[router].env, interface,
		    s->hosts[i].env) != -1)
			return (1);
	return (0);
}

/* The router that meets packets from outside first, -1: none. */
static int
find_router(const struct pf_site *s, const struct pf_packet *p)
{
	int i, in, best = -1;

	for (i = 0; i < s->count; i++) {
		if (!is_router(s->hosts[i].env))
			continue;
		in = pf_env_route(s->hosts[i].env, p->af, &p->src);
		if (in != -1 && !behind_router(s, i, in))
			return (i);
		best = best == -1 ? i : best;
	}
	return (best);
}

static int
loopback(const struct pf_env *env)
{
	size_t i;

	for (i = 0; i < env->if_count; i++)
		if ((env->ifs[i].flags & PF_IF_LOOPBACK) != 0)
			return ((int)i);
	return (-1);
}

/* One pass of the packet through one firewall; 0, or -1: blocked. */
static int
step(struct walk *w, int host, enum pf_dir dir, int interface, int received)
{
	struct pf_site_host *h = &w->s->hosts[host];
	struct pf_step *st;

	if (w->path->count == PF_STEPS) {
		w->path->end = PF_END_LOOP;
		return (-1);
	}
	st = &w->path->steps[w->path->count++];
	memset(st, 0, sizeof(*st));
	/* A tag stays with a packet that is forwarded. */
	w->p.tag = "";
	if (dir == PF_OUT && st > w->path->steps && st[-1].host == host &&
	    st[-1].dir == PF_IN && st[-1].verdict.tag != NULL)
		w->p.tag = st[-1].verdict.tag;
	w->p.dir = st->dir = dir;
	w->p.interface = st->interface = interface;
	w->p.received = received;
	st->host = host;
	st->before = st->after = w->p;
	if (!h->ready || h->hidden) {
		st->unseen = 1;
		return (0);
	}
	pf_eval(&h->machine, &w->p, &st->verdict);
	if (!st->verdict.pass) {
		w->path->end = PF_END_BLOCKED;
		w->path->end_host = host;
		return (-1);
	}
	if (st->verdict.made_state) {
		st->after.af = st->verdict.af;
		st->after.src = st->verdict.src;
		st->after.dst = st->verdict.dst;
		st->after.sport = st->verdict.sport;
		st->after.dport = st->verdict.dport;
		if (st->after.af != st->before.af && (w->p.proto == 1 ||
		    w->p.proto == 58))
			st->after.proto = st->after.af == PF_AF_INET ? 1 : 58;
		if (st->verdict.dst_changed)
			w->path->redirect = w->path->count - 1;
	}
	w->p = st->after;
	return (0);
}

static int
finish(struct walk *w, enum pf_end end, int host)
{
	w->path->end = end;
	w->path->end_host = host;
	return (-1);
}

/*
 * 1 when the packet is where it belongs: at the address that was meant, or
 * where a rule sends what was meant for the router's own address or for one
 * of the other family.
 */
static int
is_meant(const struct walk *w, int host)
{
	const struct pf_step *st;

	if ((host != -1 && host == w->path->wanted) ||
	    pf_ip_eq(&w->p.dst, &w->target))
		return (1);
	if (w->path->redirect == -1)
		return (0);
	st = &w->path->steps[w->path->redirect];
	if (w->q->public_name)
		return (1);
	return (!w->path->via_public && pf_ip_eq(&st->before.dst,
	    &w->target) && (st->before.af != st->after.af || pf_env_own(
	    w->s->hosts[st->host].env, st->before.af, &w->target) != -1));
}

/* Arrived on a host: its own, or to be forwarded (0). */
static int
arrive(struct walk *w, int host, int interface)
{
	if (step(w, host, PF_IN, interface, interface) == -1)
		return (-1);
	if (pf_env_own(w->s->hosts[host].env, w->p.af, &w->p.dst) == -1)
		return (0);
	return (finish(w, is_meant(w, host) ? PF_END_ARRIVED :
	    PF_END_ELSEWHERE, host));
}

/* 127/8, ::1. */
static int
is_loopback(enum pf_af af, const struct pf_ip *ip)
{
	struct pf_ip one = { .b = { [15] = 1 } };

	return (af == PF_AF_INET6 ? pf_ip_eq(ip, &one) : ip->b[0] == 127);
}

/*
 * Where a packet that left a host by an interface arrives: the host, *in
 * its interface; -1: outside the site.
 */
static int
neighbour(struct walk *w, int host, int interface, int *in)
{
	const struct pf_env *env = w->s->hosts[host].env;
	int target = owner(w->s, w->p.af, &w->p.dst), i;

	if (target != -1 && target != host && (*in = shared_net(env,
	    interface, w->s->hosts[target].env)) != -1)
		return (target);
	for (i = 0; i < w->s->count; i++)
		if (i != host && is_router(w->s->hosts[i].env) &&
		    (*in = shared_net(env, interface,
		    w->s->hosts[i].env)) != -1)
			return (i);
	if (target == -1 || target == host)
		return (-1);
	/* A router that nobody described lies between. */
	w->path->gap = 1;
	*in = pf_env_own(w->s->hosts[target].env, w->p.af, &w->p.dst);
	return (target);
}

/* The interface that a packet leaves by: route-to goes before the routes. */
static int
way_out(const struct walk *w, int host)
{
	const struct pf_step *last = w->path->count == 0 ? NULL :
	    &w->path->steps[w->path->count - 1];
	const struct pf_rule *r = last == NULL || last->host != host ? NULL :
	    last->verdict.rule;
	const struct pf_ip *to = &w->p.dst;

	if (r != NULL && last->dir == PF_IN && last->verdict.made_state &&
	    r->rt == PF_ROUTE_TO && r->route.addr.type == PF_ADDR_MASK)
		to = &r->route.addr.ip;
	return (pf_env_route(w->s->hosts[host].env, w->p.af, to));
}

/* From a host onwards; *host and *in say where it arrives next. */
static int
leave(struct walk *w, int *host, int received, int *in)
{
	const struct pf_env *env = w->s->hosts[*host].env;
	const struct pf_step *last = w->path->count == 0 ? NULL :
	    &w->path->steps[w->path->count - 1];
	int out = way_out(w, *host), next;

	if (out == -1)
		return (finish(w, PF_END_NO_ROUTE, *host));
	if (pf_env_own(env, w->p.af, &w->p.dst) != -1 && loopback(env) != -1) {
		*in = loopback(env);
		return (step(w, *host, PF_OUT, *in, received));
	}
	/* What af-to made is not looked at again on its way out. */
	if ((last == NULL || last->after.af == last->before.af) &&
	    step(w, *host, PF_OUT, out, received) == -1)
		return (-1);
	next = neighbour(w, *host, out, in);
	if (next == -1) {
		if (pf_ip_private(w->p.af, &w->p.src) &&
		    !pf_ip_private(w->p.af, &w->p.dst) &&
		    is_router(w->s->hosts[*host].env))
			return (finish(w, PF_END_PRIVATE, *host));
		return (finish(w, is_meant(w, -1) ? PF_END_ARRIVED :
		    PF_END_ELSEWHERE, -1));
	}
	*host = next;
	return (0);
}

static void
walk(struct walk *w, int host, int from_outside)
{
	int in = -1, hops, received = -1;

	if (from_outside) {
		in = pf_env_route(w->s->hosts[host].env, w->p.af, &w->p.src);
		if (in == -1) {
			finish(w, PF_END_NO_ROUTE, host);
			return;
		}
		if (arrive(w, host, in) == -1)
			return;
		received = in;
	}
	for (hops = 0; hops < PF_STEPS; hops++) {
		if (leave(w, &host, received, &in) == -1 ||
		    arrive(w, host, in) == -1)
			return;
		received = in;
	}
	finish(w, PF_END_LOOP, host);
}

/* The answer, firewall by firewall backwards. */
static void
answer(struct pf_site *s, struct pf_path *path)
{
	const struct pf_state *states[1];
	struct pf_verdict v;
	struct pf_packet p;
	struct pf_step *st;
	int i;

	for (i = path->count - 1; i >= 0; i--) {
		st = &path->steps[i];
		if (st->unseen)
			continue;
		p = st->after;
		p.dir = st->dir == PF_IN ? PF_OUT : PF_IN;
		/* Both sides of af-to come in. */
		if (st->after.af != st->before.af) {
			p.dir = PF_IN;
			p.interface = pf_env_route(s->hosts[st->host].env,
			    p.af, &p.dst);
		}
		p.src = st->after.dst;
		p.dst = st->after.src;
		p.sport = st->after.dport;
		p.dport = st->after.sport;
		p.received = p.dir == PF_IN ? p.interface : -1;
		p.flags = PF_TCP_SYN | PF_TCP_ACK;
		if (p.proto == 1)
			p.icmp_type = 0;
		else if (p.proto == 58)
			p.icmp_type = 129;
		states[0] = &st->verdict.state;
		pf_eval_states(&s->hosts[st->host].machine, &p, states,
		    (size_t)st->verdict.made_state, &v);
		if (v.pass)
			continue;
		path->end = PF_END_REPLY;
		path->end_host = st->host;
		path->reply = i;
		path->reply_verdict = v;
		return;
	}
}

/* A private host is reached from outside by the router's address. */
static void
use_public(struct walk *w, int router)
{
	const struct pf_env *env = w->s->hosts[router].env;
	struct pf_ip public;
	enum pf_af af;
	int in = pf_env_route(env, w->p.af, &w->p.src);

	/* Without its rules we must take the redirect for granted. */
	if (!w->s->hosts[router].ready || w->s->hosts[router].hidden ||
	    w->path->wanted == router ||
	    !pf_ip_private(w->p.af, &w->target) || in == -1 ||
	    !pf_env_in_group(env, in, "egress") ||
	    pf_site_resolve(w->s, w->s->hosts[router].name, w->p.af, &public,
	    &af) == -1)
		return;
	w->p.dst = public;
	w->path->via_public = 1;
}

/* The first packet of a connection. */
static int
first_packet(struct walk *w, const struct pf_question *q,
    struct errlist *errs)
{
	enum pf_af af;

	if (pf_site_resolve(w->s, q->to, PF_AF_ANY, &w->target, &af) == -1) {
		errlist_add(errs, "", 0, 0, "no address is known for %s",
		    q->to);
		return (-1);
	}
	w->p.af = af;
	w->p.dst = w->target;
	if (pf_site_resolve(w->s, q->from, af, &w->p.src, &af) == -1) {
		errlist_add(errs, "", 0, 0, "no address of %s's family is "
		    "known for %s", q->to, q->from);
		return (-1);
	}
	w->p.proto = q->port == 0 ? (af == PF_AF_INET ? 1 : 58) : q->proto;
	w->p.icmp_type = af == PF_AF_INET ? 8 : 128;
	w->p.sport = SOURCE_PORT;
	w->p.dport = (uint16_t)q->port;
	w->p.flags = PF_TCP_SYN;
	w->p.prio = 3;
	return (0);
}

/*
 * A host that was named sends with the address of the interface that the
 * packet leaves by; to itself, with the address that it sends to.
 */
static void
own_source(struct walk *w, int host)
{
	const struct pf_env *env = w->s->hosts[host].env;
	const struct pf_ifaddr *a;
	struct pf_ip ip;
	enum pf_af af;
	int out = pf_env_route(env, w->p.af, &w->p.dst);

	w->path->same_host = pf_env_own(env, w->p.af, &w->p.dst) != -1;
	if (w->path->same_host)
		w->p.src = w->p.dst;
	if (w->path->same_host || out == -1 ||
	    pf_ip_parse(str_from(w->q->from), &ip, &af) == 0)
		return;
	for (a = env->ifs[out].addrs; a != NULL; a = a->next)
		if (a->af == w->p.af && !pf_ip_linklocal(&a->ip, a->af)) {
			w->p.src = a->ip;
			return;
		}
}

/* Redirected from outside, but not on the way that was asked about? */
static void
ask_from_outside(struct walk *w)
{
	const struct pf_step *st = w->path->count == 0 ? NULL :
	    &w->path->steps[w->path->count - 1];
	const struct pf_site_host *h;
	struct pf_packet p;
	enum pf_af af;

	if (st == NULL || st->dir != PF_IN || st->unseen ||
	    w->path->redirect != -1 || w->path->via_public ||
	    w->path->same_host ||
	    (st->before.proto != 6 && st->before.proto != 17))
		return;
	h = &w->s->hosts[st->host];
	p = st->before;
	if (!is_router(h->env) || pf_env_own(h->env, p.af, &p.dst) == -1 ||
	    pf_env_in_group(h->env, p.interface, "egress") ||
	    pf_site_resolve(w->s, "outside", p.af, &p.src, &af) == -1 ||
	    (p.interface = pf_env_route(h->env, p.af, &p.src)) == -1)
		return;
	p.received = p.interface;
	pf_eval(&h->machine, &p, &w->path->from_outside);
	w->path->from_outside_redirected = w->path->from_outside.pass &&
	    w->path->from_outside.dst_changed;
}

int
pf_trace(struct pf_site *s, const struct pf_question *q,
    struct pf_path *path, struct errlist *errs)
{
	struct walk w;
	int host, router;

	memset(path, 0, sizeof(*path));
	memset(&w, 0, sizeof(w));
	path->redirect = -1;
	w.s = s;
	w.q = q;
	w.path = path;
	if (first_packet(&w, q, errs) == -1)
		return (-1);
	path->wanted = owner(s, w.p.af, &w.target);
	host = owner(s, w.p.af, &w.p.src);
	router = find_router(s, &w.p);
	if (is_loopback(w.p.af, &w.p.src)) {
		errlist_add(errs, "", 0, 0, "%s is every host's own: --from "
		    "wants the host's name", q->from);
		return (-1);
	}
	if (host == -1 && (pf_ip_eq(&w.p.src, &w.target) ||
	    is_loopback(w.p.af, &w.target))) {
		errlist_add(errs, "", 0, 0, "from %s to itself: only its own "
		    "rules decide, and they were not given", q->from);
		return (-1);
	}
	if (host != -1) {
		own_source(&w, host);
		walk(&w, host, 0);
	} else if (router != -1) {
		use_public(&w, router);
		walk(&w, router, 1);
	} else if (path->wanted != -1)
		walk(&w, path->wanted, 1);
	else {
		errlist_add(errs, "", 0, 0, "neither %s nor %s is a host of "
		    "the files given", q->from, q->to);
		return (-1);
	}
	if (path->end == PF_END_ARRIVED)
		answer(s, path);
	ask_from_outside(&w);
	return (0);
}
