/* SPDX-License-Identifier: ISC */
/*
 * Flows that a router redirects to the wrong place, or does not redirect.
 * Pure.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "probes/config/pf/rules_pf.h"

/* The host that has an address, -1: none. */
static int
host_of(const struct pf_site *s, enum pf_af af, const struct pf_ip *ip)
{
	int i;

	for (i = 0; i < s->count; i++)
		if (pf_env_own(s->hosts[i].env, af, ip) != -1)
			return (i);
	return (-1);
}

/* Is an address that of a host beside the four, by a hosts file? */
static int
is_other_host(const struct run *r, const struct pf_ip *ip)
{
	const struct config_file *h = NULL;
	struct pf_ip one;
	enum pf_af af;
	size_t i;

	while ((h = config_next(r->l->set, "hosts", h)) != NULL)
		for (i = 0; i < h->model.count; i++)
			if (pf_ip_parse(str_from(h->model.list[i].value),
			    &one, &af) == 0 && pf_ip_eq(&one, ip) &&
			    filters_role(str_from(h->model.list[i].key)) !=
			    ROLE_ROUTER)
				return (1);
	return (0);
}

/* The router's step that translates the destination; NULL. */
static const struct pf_step *
redirection(const struct run *r, const struct pf_path *path)
{
	int i;

	for (i = 0; i < path->count; i++)
		if (r->f->router != -1 && &r->f->pf.hosts[
		    path->steps[i].host] == r->f->list[r->f->router].h &&
		    path->steps[i].dir == PF_IN &&
		    path->steps[i].verdict.dst_changed)
			return (&path->steps[i]);
	return (NULL);
}

/*
 * Redirected to another address than the machine has. Certain when a file
 * says where the machine is, and the other address is another machine's, or
 * nobody's that a hosts file knows. 1 when told.
 */
int
pf_judge_redirection(struct run *r, const struct pf_followed *one)
{
	const struct pf_step *st = redirection(r, one->path);
	const struct machine *m = &r->f->machine[one->flow->to];
	struct trouble *t;
	struct buf b;
	int host;

	if (st == NULL || st->verdict.dst_pool != NULL ||
	    st->verdict.rule == NULL || !pf_is_placed(r, st) ||
	    pf_ip_eq(&st->after.dst, &m->ip) || st->after.af != PF_AF_INET)
		return (0);
	host = host_of(&r->f->pf, PF_AF_INET, &st->after.dst);
	if (!m->sure || pf_is_made_up(PF_AF_INET, &st->after.dst) ||
	    (host == -1 && is_other_host(r, &st->after.dst)))
		return (1);
	t = pf_trouble(r, "pf-redirects-elsewhere", st->host, st->verdict.rule);
	if (t == NULL || t->text != NULL)
		return (1);
	buf_init(&b, 2000);
	pf_trouble_flow(r, one, &b);
	buf_adds(&b, " is redirected to ");
	pf_ip_print(&b, &st->after.dst, PF_AF_INET);
	if (host != -1)
		buf_addf(&b, ", which is %s", r->f->pf.hosts[host].name);
	buf_addf(&b, "; %s has ", role_name(one->flow->to));
	pf_ip_print(&b, &m->ip, PF_AF_INET);
	t->text = buf_take(&b);
	t->other = m->at;
	return (1);
}

/*
 * The bridge listens on another port than the router redirects to it: the
 * rule that does is where to look, not the one that blocks the rest.
 */
int
pf_judge_other_port(struct run *r, const struct pf_followed *one,
    const struct pf_step *st)
{
	const struct filter *router = r->f->router == -1 ? NULL :
	    &r->f->list[r->f->router];
	const struct pf_rule *rule;
	struct trouble *t;

	if (!one->flow->udp || !pf_port_known(r, one->flow) ||
	    router == NULL || &r->f->pf.hosts[st->host] != router->h ||
	    (rule = pf_redirects_to(router, &one->q,
	    &r->f->machine[one->flow->to])) == NULL ||
	    rule->dst.port.op == PF_OP_NONE ||
	    pf_covers(&rule->dst.port, one->q.port))
		return (0);
	t = pf_trouble(r, "media-redirect-missing", st->host, rule);
	if (t == NULL || t->text != NULL)
		return (1);
	t->text = mem_printf("this rule redirects port %u to the bridge, "
	    "which listens on %d", rule->dst.port.a, one->q.port);
	t->other = pf_media_port(r);
	pf_trouble_ask(r, t, &one->q);
	return (1);
}

/* Does the router take a flow for its own that it should redirect? */
static int
ends_at_router(const struct run *r, const struct pf_followed *one)
{
	const struct pf_path *path = one->path;
	const struct filter *router = r->f->router == -1 ? NULL :
	    &r->f->list[r->f->router];

	return (router != NULL && path->via_public && path->count > 0 &&
	    path->end_host != -1 &&
	    &r->f->pf.hosts[path->end_host] == router->h &&
	    pf_is_placed(r, &path->steps[0]) &&
	    !pf_may_pass(&r->f->pf, &path->steps[0],
	    PF_ANY_SOURCE) &&
	    (pf_port_known(r, one->flow) || !pf_uses_other_port(r, one)));
}

/*
 * Nothing redirects a flow: the router's own rules let it in for the router.
 * A web server's place may be taken by a proxy on the router, the bridge's
 * may not (unless a TURN server does); but a redirection that another rule
 * undoes is one that was meant.
 */
void
pf_judge_elsewhere(struct run *r, const struct pf_followed *one)
{
	const struct pf_step *st = &one->path->steps[0];
	const struct pf_rule *meant;
	struct trouble *t;
	struct buf b;
	int same;

	if (!ends_at_router(r, one))
		return;
	meant = pf_redirects_to(&r->f->list[r->f->router], &one->q,
	    &r->f->machine[one->flow->to]);
	if (meant == NULL && (!one->flow->udp || config_find(r->l->set,
	    "turnserver.conf", NULL) != NULL))
		return;
	same = meant != NULL && (meant->dst.port.op == PF_OP_NONE ||
	    pf_covers(&meant->dst.port, one->q.port));
	t = pf_trouble(r, one->flow->udp ? "media-redirect-missing" :
	    "pf-blocks-web", st->host, meant != NULL && !same ? meant :
	    st->verdict.rule);
	if (t == NULL || t->text != NULL)
		return;
	buf_init(&b, 2000);
	pf_trouble_flow(r, one, &b);
	buf_addf(&b, " ends at the router: %s", meant == NULL ?
	    "no rule redirects it" : !same ? "this rule redirects another "
	    "port" : "this rule decides, and it does not redirect");
	t->text = buf_take(&b);
	if (same) {
		t->other_file = pf_strdup(&r->f->pf.arena,
		    str_from(meant->file));
		t->other_line = meant->line;
	} else if (one->flow->udp && pf_port_known(r, one->flow))
		t->other = pf_media_port(r);
	pf_trouble_ask(r, t, &one->q);
}

/* It arrives, but at another port than the program listens on. */
void
pf_judge_port(struct run *r, const struct pf_followed *one)
{
	const struct pf_step *st = redirection(r, one->path);
	struct trouble *t;
	struct buf b;

	if (st == NULL || st->after.dport == one->q.port ||
	    st->verdict.rule == NULL || !one->flow->udp ||
	    r->jvb == NULL || !pf_is_placed(r, st))
		return;
	t = pf_trouble(r, "media-redirect-missing", st->host, st->verdict.rule);
	if (t == NULL || t->text != NULL)
		return;
	buf_init(&b, 2000);
	buf_addf(&b, "media is redirected to port %u, the bridge listens on "
	    "%d", st->after.dport, one->q.port);
	t->text = buf_take(&b);
	t->other = pf_media_port(r);
}

/*
 * Is a machine one whose way to the outside the router's file tells? One
 * with a private address where the router redirects nothing is reached in
 * another way, or not at all; one with a public address may stand beside it.
 */
int
pf_is_behind(const struct run *r, enum role role, int from_outside)
{
	const struct filter *router = r->f->router == -1 ? NULL :
	    &r->f->list[r->f->router];
	const struct pf_ip *ip = &r->f->machine[role].ip;

	if (router == NULL || !router->h->ready || role == ROLE_OUTSIDE)
		return (1);
	if (!pf_ip_private(PF_AF_INET, ip))
		return ((router->roles & ROLE_BIT(role)) != 0 ||
		    pf_names_address(router, ip));
	return (!from_outside || pf_has_pool(router, 0));
}

/* Does a flow from outside get through by another address of the router's? */
int
pf_passes_elsewhere(struct run *r, const struct pf_followed *one)
{
	const struct filter *router = r->f->router == -1 ? NULL :
	    &r->f->list[r->f->router];
	struct pf_path *path;
	const struct pf_env *env;
	const struct pf_ifaddr *a;
	struct pf_question q = one->q;
	struct errlist errs;
	struct buf address;
	int out, passes = 0;

	if (router == NULL || !one->path->via_public ||
	    one->path->end == PF_END_ARRIVED || one->path->count == 0)
		return (0);
	env = router->h->env;
	out = one->path->steps[0].interface;
	path = mem_zalloc(1, sizeof(*path));
	errlist_init(&errs);
	for (a = env->ifs[out].addrs; a != NULL && !passes; a = a->next) {
		buf_init(&address, 64);
		pf_ip_print(&address, &a->ip, a->af);
		q.to = buf_cstr(&address);
		q.public_name = 1;
		passes = a->af == PF_AF_INET && pf_trace(&r->f->pf, &q, path,
		    &errs) == 0 && path->end == PF_END_ARRIVED &&
		    path->end_host == one->path->wanted;
		buf_free(&address);
	}
	errlist_free(&errs);
	free(path);
	return (passes);
}
