/* SPDX-License-Identifier: ISC */
/*
 * The flow matrix followed through the firewalls of a site. Pure.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "probes/pf/matrix.h"

struct follow {
	struct pf_site *s;
	const struct site *site;
	pf_followed_fn *fn;
	void *arg;
};

static int
trace(struct follow *f, struct pf_followed *one, struct pf_path *path)
{
	struct errlist errs;
	int status;

	errlist_init(&errs);
	status = pf_trace(f->s, &one->q, path, &errs);
	one->path = status == 0 ? path : NULL;
	one->why = status == 0 ? NULL : errs.count > 0 ?
	    errs.list[0].message : "a name is not known";
	f->fn(f->arg, one);
	errlist_free(&errs);
	return (status);
}

const char *
pf_own_name(const struct site *s)
{
	int r;

	for (r = 0; r < ROLE_COUNT; r++)
		if (s->roles & ROLE_BIT(r) && r != ROLE_OUTSIDE)
			return (target_name(s, (enum role)r));
	return (s->hostname == NULL ? "here" : s->hostname);
}

/* The host that a role is on: where one host has several, they are all that
 * host, whatever else their names stand for. */
static const char *
host_of(const struct follow *f, enum role role)
{
	const char *name = target_name(f->site, role);
	const char *own = pf_own_name(f->site);

	return ((f->site->roles & ROLE_BIT(role)) != 0 &&
	    pf_site_find(f->s, name) == -1 &&
	    pf_site_find(f->s, own) != -1 ? own : name);
}

static void
follow(struct follow *f, const struct flow *flow, enum role role)
{
	struct pf_path *path = mem_zalloc(1, sizeof(*path));
	struct pf_followed one = { .flow = flow, .role = role };

	one.from = role == ROLE_OUTSIDE ? "outside" :
	    target_name(f->site, role);
	one.to = target_name(f->site, flow->to);
	one.q.from = role == ROLE_OUTSIDE ? PF_CLIENT : host_of(f, role);
	one.q.to = host_of(f, flow->to);
	one.q.proto = flow->udp ? 17 : 6;
	one.q.port = flow->port;
	if (trace(f, &one, path) == 0 && path->end == PF_END_ARRIVED &&
	    flow->last != flow->port) {
		one.q.port = flow->last;
		(void)trace(f, &one, path);
	}
	free(path);
}

void
pf_follow_matrix(struct pf_site *s, const struct site *site,
    pf_followed_fn *fn, void *arg)
{
	struct follow f = { s, site, fn, arg };
	struct flow list[FLOWS_MAX];
	size_t n = flows_of(site, list), i;
	int r;

	for (i = 0; i < n; i++)
		for (r = 0; r < ROLE_COUNT; r++)
			if ((list[i].from & ROLE_BIT(r)) != 0 &&
			    r != (int)list[i].to && r != ROLE_ROUTER)
				follow(&f, &list[i], (enum role)r);
}

void
pf_follow_flow(struct pf_site *s, const struct site *site,
    const struct flow *flow, enum role role, pf_followed_fn *fn, void *arg)
{
	struct follow f = { s, site, fn, arg };

	follow(&f, flow, role);
}

const char *
pf_blocked_id_of(int udp, int port, int router_out)
{
	if (router_out)
		return ("pf-out-leg-blocked");
	if (udp)
		return ("pf-blocks-10000");
	switch (port) {
	case 5222: return ("pf-blocks-5222");
	case 5280: return ("pf-blocks-5280");
	case 8080: return ("pf-blocks-8080");
	case 8888: return ("pf-blocks-8888");
	default: return (port == 80 || port == 443 ? "pf-blocks-web" : NULL);
	}
}

const char *
pf_blocked_id(const struct flow *flow, int router_out)
{
	if (router_out || flow->udp)
		return (pf_blocked_id_of(flow->udp, 0, router_out));
	/* The port may be another one, the flow is the same. */
	if (strstr(flow->id, "c2s") != NULL)
		return ("pf-blocks-5222");
	if (strcmp(flow->id, "web-xmpp-http") == 0)
		return ("pf-blocks-5280");
	if (strcmp(flow->id, "web-jvb-colibri") == 0)
		return ("colibri-websocket-unreachable");
	if (flow->to == ROLE_WEB)
		return ("pf-blocks-web");
	if (strstr(flow->id, "rest") != NULL)
		return (flow->to == ROLE_JVB ? "pf-blocks-8080" :
		    "pf-blocks-8888");
	return (pf_blocked_id_of(0, flow->port, 0));
}

void
pf_flow_text(struct buf *b, const char *from, const char *to, int udp,
    int port, int last)
{
	buf_addf(b, "%s to %s port %d", from, to, port);
	if (last != port)
		buf_addf(b, ":%d", last);
	buf_adds(b, udp ? "/udp" : "/tcp");
}

int
pf_second_leg(const struct pf_path *path, int step)
{
	return (step > 0 && path->steps[step].dir == PF_OUT &&
	    path->steps[step - 1].dir == PF_IN &&
	    path->steps[step - 1].host == path->steps[step].host);
}

/* A table that something fills at run time, or from a file not given. */
static int
is_filled_later(const struct pf_addr *a)
{
	return (a->type == PF_ADDR_TABLE && (a->table == NULL ||
	    a->table->count == 0));
}

static const struct pf_addr anything = { .type = PF_ADDR_MASK };

int
pf_is_made_up(enum pf_af af, const struct pf_ip *ip)
{
	return (af == PF_AF_INET && ip->b[0] == 198 &&
	    (ip->b[1] & 0xfe) == 18);
}

/* An address that is not known: a table's, or a name's. */
static int
is_unknown(const struct pf_rule *r, const struct pf_addr *a)
{
	return (is_filled_later(a) || (a->type == PF_ADDR_MASK &&
	    !pf_ip_zero(&a->mask) && pf_is_made_up(r->af, &a->ip)));
}

/* The rule without what cannot be known from files. */
static struct pf_rule
relaxed(const struct pf_rule *r, int any)
{
	struct pf_rule open = *r;

	if ((any & PF_ANY_SOURCE) != 0 || is_unknown(r, &r->src.addr)) {
		open.src.addr = anything;
		open.src.not = 0;
	}
	if (is_unknown(r, &r->dst.addr) || ((any & PF_ANY_DESTINATION) != 0 &&
	    r->dst.port.op != PF_OP_NONE)) {
		open.dst.addr = anything;
		open.dst.not = 0;
	}
	if ((any & PF_ANY_DESTINATION) != 0)
		open.src.port.op = PF_OP_NONE;
	open.uid.op = open.gid.op = PF_OP_NONE;
	open.os = NULL;
	return (open);
}

int
pf_covers(const struct pf_range *p, int port)
{
	return (p->op != PF_OP_NONE && (p->op == PF_OP_EQ ? (int)p->a ==
	    port : p->op == PF_OP_RRG || p->op == PF_OP_IRG ?
	    (int)p->a <= port && (int)p->b >= port : 0));
}

/* Nothing stands in it: it is loaded at run time. */
static int
is_empty_anchor(const struct pf_rule *r)
{
	return (r->action == PF_ANCHOR && r->body == NULL && (r->target ==
	    NULL || (r->target->count == 0 && r->target->child_count == 0)));
}

/* Proxies whose anchors hold rules for their own connections only. */
static int
is_proxy(const char *call)
{
	return (call != NULL && (strstr(call, "ftp-proxy") != NULL ||
	    strstr(call, "tftp") != NULL || strstr(call, "spamd") != NULL));
}

/* Does r, if it matched, decide instead of the rule that did? */
static int
goes_before(const struct pf_verdict *v, const struct pf_anchor *a,
    const struct pf_rule *r)
{
	if (v->rule == NULL || v->ruleset != a)
		return (1);
	return (r->nr > v->rule->nr ? !v->rule->quick : r->quick);
}

struct pf_packet
pf_matched(const struct pf_site_host *h, const struct pf_packet *before,
    const struct pf_verdict *until)
{
	const struct pf_anchor *a;
	const struct pf_rule *r;
	struct pf_packet p = *before;
	struct pf_verdict v;

	memset(&v, 0, sizeof(v));
	for (a = h->conf.anchors; a != NULL; a = a->next)
		for (r = a->first; r != NULL; r = r->next)
			if (r->action == PF_MATCH && (until == NULL ||
			    until->rule == NULL || until->ruleset != a ||
			    r->nr < until->rule->nr) && pf_rule_matches(
			    &h->machine, r, &p, 0, ""))
				(void)pf_translate(r, &p, &v);
	return (p);
}

/* Does a rule fit, as the packet came or as match rules made it? */
static int
fits(const struct pf_site_host *h, const struct pf_rule *r,
    const struct pf_packet *before, const struct pf_packet *after)
{
	const char *tag = before->tag == NULL ? "" : before->tag;

	return (pf_rule_matches(&h->machine, r, before, 0, tag) ||
	    pf_rule_matches(&h->machine, r, after, 0, tag));
}

/* A rule that was looked at and fits only when what is not known is left
 * out; or an anchor that is filled later. */
static int
could_fit(const struct pf_site_host *h, const struct pf_rule *r,
    const struct pf_packet *before, const struct pf_packet *after,
    int any)
{
	struct pf_rule open;

	if (r->action != PF_PASS)
		return (is_empty_anchor(r) && !is_proxy(r->call) &&
		    fits(h, r, before, after));
	open = relaxed(r, any);
	return (!fits(h, r, before, after) && fits(h, &open, before, after));
}

int
pf_may_pass(const struct pf_site *s, const struct pf_step *st, int any)
{
	const struct pf_site_host *h = &s->hosts[st->host];
	struct pf_packet after = pf_matched(h, &st->before, NULL);
	const struct pf_anchor *a;
	const struct pf_rule *r;

	if (st->verdict.uncertain)
		return (1);
	for (a = h->conf.anchors; a != NULL; a = a->next)
		for (r = a->first; r != NULL; r = r->next)
			if (goes_before(&st->verdict, a, r) && could_fit(h, r,
			    &st->before, &after, any))
				return (1);
	return (0);
}
