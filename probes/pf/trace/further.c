/* SPDX-License-Identifier: ISC */
/*
 * The rows of the flow matrix with one end outside of the site's machines.
 * Pure.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "probes/pf/trace/further.h"

#define STUN_PORT 3478

static const enum role vms[] = { ROLE_WEB, ROLE_XMPP, ROLE_JICOFO, ROLE_JVB };
#define VMS (sizeof(vms) / sizeof(vms[0]))

/* What every VM sends to the outside. */
static const struct {
	const char *id, *to;
	int udp;
	uint16_t port;
	enum pf_need need;
} outgoing[] = {
	{ "vms-resolver-udp", "resolver", 1, 53, PF_NEED_NAMES },
	{ "vms-resolver-tcp", "resolver", 0, 53, PF_NEED_LITTLE },
	{ "vms-any-dns", "outside", 1, 53, PF_NEED_LITTLE },
	{ "vms-any-http", "outside", 0, 80, PF_NEED_LITTLE },
	{ "vms-any-ntp", "outside", 1, 123, PF_NEED_LITTLE },
	{ "vms-any-https", "outside", 0, 443, PF_NEED_LITTLE },
};
#define OUTGOING (sizeof(outgoing) / sizeof(outgoing[0]))

struct rows {
	const struct site *s;
	struct pf_further *list;
	size_t count;
};

/* A new row; NULL: too many, or one end is not known. A name outside that no
 * file knows stands for any address there. */
static struct pf_further *
add(struct rows *r, const char *id, const char *from, const char *from_at,
    const char *to, struct str to_at)
{
	struct pf_further *f;

	if (r->count == PF_FURTHER_MAX || from_at == NULL || to_at.n == 0 ||
	    to_at.n >= sizeof(f->to_at))
		return (NULL);
	f = &r->list[r->count++];
	memset(f, 0, sizeof(*f));
	f->flow.id = id;
	f->flow.reachable = f->flow.optional = 1;
	f->flow.to = f->role = ROLE_OUTSIDE;
	f->need = PF_NEED_ASKED;
	f->from = from;
	f->from_at = from_at;
	f->to = to;
	memcpy(f->to_at, to_at.p, to_at.n);
	return (f);
}

static void
set_port(struct pf_further *f, int udp, int64_t port)
{
	f->flow.udp = udp;
	f->flow.port = f->flow.last = (uint16_t)port;
}

/* The numeric address in a text, else the client that stands for any. */
static struct str
outside_at(struct str s)
{
	struct pf_ip ip;
	enum pf_af af;

	return (pf_ip_parse(s, &ip, &af) == 0 ? s : STR_LIT(PF_CLIENT));
}

/* A role's host, by this host's own name for itself when it is here. */
static const char *
name_of(const struct site *s, enum role role)
{
	return ((s->roles & ROLE_BIT(role)) != 0 ? pf_own_name(s) :
	    target_name(s, role));
}

/* Is a role's host one that stands here already, by another role? */
static int
is_again(const struct site *s, size_t vm)
{
	size_t i;

	for (i = 0; i < vm; i++)
		if (strcmp(name_of(s, vms[i]), name_of(s, vms[vm])) == 0)
			return (1);
	return (0);
}

static void
add_outgoing(struct rows *r, size_t vm)
{
	const char *name = name_of(r->s, vms[vm]), *resolver = r->s->resolver;
	struct pf_further *f;
	size_t i;
	int named;

	for (i = 0; i < OUTGOING && !is_again(r->s, vm); i++) {
		named = strcmp(outgoing[i].to, "resolver") == 0;
		/* Without a resolver any is one: that row is there. */
		if (!named && outgoing[i].port == 53 && resolver == NULL)
			continue;
		f = add(r, outgoing[i].id, name, name, outgoing[i].to,
		    outside_at(str_from(named ? resolver : NULL)));
		if (f == NULL)
			return;
		f->role = vms[vm];
		f->need = outgoing[i].need;
		set_port(f, outgoing[i].udp, outgoing[i].port);
	}
}

/* "HOST", "HOST:PORT", "[V6]:PORT": the bridge asks it for its address. */
static void
add_stun(struct rows *r)
{
	struct str s = str_from(r->s->stun_server), host = s;
	const char *name = name_of(r->s, ROLE_JVB);
	size_t colon = str_rchr(s, ':'), close = str_chr(s, ']');
	struct pf_further *f;
	int64_t port = STUN_PORT;

	if (s.n == 0)
		return;
	if (str_starts(s, "[") && close != SIZE_MAX)
		host = str_sub(s, 1, close);
	else if (colon != SIZE_MAX && str_chr(s, ':') == colon)
		host = str_sub(s, 0, colon);
	if (host.n < s.n && colon != SIZE_MAX && (close == SIZE_MAX ||
	    colon > close) && str_num(str_sub(s, colon + 1, s.n), 1, 65535,
	    &port) == -1)
		return;
	f = add(r, "jvb-stun", name, name, "stun", outside_at(host));
	if (f == NULL)
		return;
	f->role = ROLE_JVB;
	/* A mapping that is configured needs no server. */
	f->need = r->s->nat_public != NULL ? PF_NEED_LITTLE : PF_NEED_ASKED;
	set_port(f, 1, port);
}

/* To the port where the agent of this host listens, when others can ask. */
static void
add_agent(struct rows *r, const char *id, const char *from,
    const char *from_at)
{
	const struct site_rest *a = &r->s->agent;
	const char *own = pf_own_name(r->s);
	struct str to = str_from(a->address);
	struct pf_further *f;

	if (a->port == 0 || to.n == 0 || str_starts(to, "127.") ||
	    str_eqs(to, "::1"))
		return;
	if (str_eqs(to, "0.0.0.0") || str_eqs(to, "::"))
		to = str_from(own);
	if ((f = add(r, id, from, from_at, own, to)) != NULL)
		set_port(f, 0, a->port);
}

/* A peer asks this agent, and this agent asks it. */
static void
add_peer(struct rows *r, const struct site_peer *p)
{
	const char *own = pf_own_name(r->s);
	struct pf_further *f;

	add_agent(r, "peer-agent", p->name, p->address);
	f = add(r, "agent-peer", own, own, p->name, str_from(p->address));
	if (f != NULL)
		set_port(f, 0, p->port);
}

size_t
pf_further_of(const struct site *s, struct pf_further *list)
{
	struct rows r = { s, list, 0 };
	const char *own = pf_own_name(s);
	struct pf_further *f;
	size_t i;

	for (i = 0; i < VMS; i++)
		add_outgoing(&r, i);
	add_stun(&r);
	add_agent(&r, "monitor-agent", "monitor", s->monitor);
	if ((f = add(&r, "admin-ssh", "admin", s->admin, own,
	    str_from(own))) != NULL)
		set_port(f, 0, 22);
	for (i = 0; i < s->peer_count; i++)
		add_peer(&r, &s->peer[i]);
	return (r.count);
}

void
pf_follow_further(struct pf_site *s, const struct pf_further *f,
    pf_followed_fn *fn, void *arg)
{
	struct pf_path *path = mem_zalloc(1, sizeof(*path));
	struct pf_followed one = { .flow = &f->flow, .role = f->role,
	    .from = f->from, .to = f->to };
	struct errlist errs;

	one.q = (struct pf_question){ .from = f->from_at, .to = f->to_at,
	    .proto = f->flow.udp ? 17 : 6, .port = f->flow.port };
	errlist_init(&errs);
	if (pf_trace(s, &one.q, path, &errs) == 0)
		one.path = path;
	else
		one.why = errs.count > 0 ? errs.list[0].message :
		    "a name is not known";
	fn(arg, &one);
	errlist_free(&errs);
	free(path);
}

enum pf_outcome
pf_outcome(const struct pf_site *s, const struct pf_path *path, int host)
{
	const struct pf_step *last;

	if (path->count == 0)
		return (PF_OUTCOME_UNKNOWN);
	last = &path->steps[path->count - 1];
	/* Translated, to an address that is private as well: the next router
	 * translates again. */
	if (path->end == PF_END_PRIVATE && last->host == host)
		return (pf_ip_eq(&last->after.src, &path->steps[0].before.src)
		    ? PF_OUTCOME_PRIVATE : PF_OUTCOME_PASSES);
	if (path->end == PF_END_REPLY)
		return (path->end_host == host ? PF_OUTCOME_ANSWER :
		    PF_OUTCOME_UNKNOWN);
	if (path->end != PF_END_BLOCKED)
		return (PF_OUTCOME_PASSES);
	if (last->host != host || last->verdict.rule == NULL ||
	    pf_may_pass(s, last, PF_ANY_DESTINATION))
		return (PF_OUTCOME_UNKNOWN);
	return (pf_second_leg(path, path->count - 1) ? PF_OUTCOME_LEG :
	    PF_OUTCOME_BLOCKED);
}
