/* SPDX-License-Identifier: ISC */
/*
 * The packet filters of a site against its flow matrix: each connection is
 * followed through every pf.conf that was given. What cannot be known from
 * files is no finding. Pure.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "probes/config/filters.h"
#include "probes/config/nginx.h"
#include "probes/config/rules_pf.h"
#include "probes/pf/matrix.h"

/* Flows that one rule stops in one way are one finding. */
#define TROUBLES 64
#define QUESTIONS 8
struct trouble {
	const char *id;
	int host;		/* of f->pf */
	const char *file;	/* of the rule; "": the file as a whole */
	int line;
	const char *other_file;	/* the rule that let it in, or NULL */
	int other_line;
	struct val other;	/* or another place */
	char *text;		/* of a finding that is one flow's */
	const char *fix;	/* or found by adding lines */
	struct buf flows;
	char leg[40];		/* of the last one, not said yet */
	/* "pf of HOST verb FLOWS by RULE end" */
	const char *verb, *by, *end;
	struct pf_question q[QUESTIONS];	/* its names are ours */
	size_t q_count;
};

struct run {
	struct lint *l;
	struct filters *f;
	struct trouble list[TROUBLES];
	size_t count;
};

/* The trouble of this id at this rule, made when there is none. */
static struct trouble *
trouble(struct run *r, const char *id, int host, const struct pf_rule *rule)
{
	const char *file = rule == NULL ? "" : rule->file;
	int line = rule == NULL ? 0 : rule->line;
	struct trouble *t;
	size_t i;

	for (i = 0; i < r->count; i++) {
		t = &r->list[i];
		if (strcmp(t->id, id) == 0 && t->host == host &&
		    t->line == line && strcmp(t->file, file) == 0)
			return (t);
	}
	if (r->count == TROUBLES)
		return (NULL);
	t = &r->list[r->count++];
	memset(t, 0, sizeof(*t));
	t->id = id;
	t->host = host;
	/* Rules are read anew for the advice: keep a copy. */
	t->file = pf_strdup(&r->f->pf.arena, str_from(file));
	t->line = line;
	buf_init(&t->flows, 2000);
	return (t);
}

/* A connection that advice is wanted for. */
static void
ask(struct run *r, struct trouble *t, const struct pf_question *q)
{
	struct pf_question *own;

	if (t->q_count == QUESTIONS)
		return;
	own = &t->q[t->q_count++];
	*own = *q;
	own->from = pf_strdup(&r->f->pf.arena, str_from(q->from));
	own->to = pf_strdup(&r->f->pf.arena, str_from(q->to));
}

/* What a role's host is called in a sentence. */
static const char *
called(const struct filters *f, enum role role, const char *name)
{
	const struct filter *one;
	int host = pf_site_find(&f->pf, name);

	if (role == ROLE_OUTSIDE)
		return ("outside");
	one = host == -1 ? NULL : filters_of(f, host);
	return (one != NULL && (one->roles & (one->roles - 1)) != 0 ?
	    role_name(role) : name);
}

static void
flow_text(const struct run *r, const struct pf_followed *one, struct buf *b)
{
	pf_flow_text(b, called(r->f, one->role, one->from),
	    called(r->f, one->flow->to, one->to), one->flow->udp, one->q.port,
	    one->q.port);
}

static void
add_flow(struct run *r, struct trouble *t, const struct pf_followed *one,
    const struct pf_step *st)
{
	const struct pf_site_host *h = &r->f->pf.hosts[st->host];
	char leg[sizeof(t->leg)];

	snprintf(leg, sizeof(leg), " %s %s", st->dir == PF_IN ?
	    "coming in on" : "going out on", h->env->ifs[st->interface].name);
	if (strcmp(leg, t->leg) != 0)
		buf_adds(&t->flows, t->leg);
	buf_adds(&t->flows, t->flows.len > 0 ? ", " : "");
	flow_text(r, one, &t->flows);
	memcpy(t->leg, leg, sizeof(leg));
	ask(r, t, &one->q);
}

/* Is the leg of a step one that can be judged? */
static int
is_placed(const struct run *r, const struct pf_step *st)
{
	const struct filter *one = filters_of(r->f, st->host);

	if (one == NULL || one->unplaced || one->missing_count > 0)
		return (0);
	return (!one->inner_unplaced || pf_env_in_group(one->h->env,
	    st->interface, "egress"));
}

/* A port that no file says may be another one. */
static int
is_port_known(const struct run *r, const struct flow *flow)
{
	const struct lint *l = r->l;

	if (flow->udp)
		return (l->n.jvb != NULL || config_find(l->set,
		    "sip-communicator.properties", NULL) != NULL);
	if (strstr(flow->id, "http") != NULL && flow->to == ROLE_XMPP)
		return (l->n.prosody != NULL);
	if (strstr(flow->id, "c2s") != NULL)
		return (l->n.prosody != NULL || l->n.jicofo != NULL);
	return (l->n.nginx != NULL);
}

/* Ports of administration, of name service, time and the web, and the usual
 * ones of the site's other services. */
static int
is_common(int port)
{
	static const int ports[] = { 22, 25, 53, 80, 123, 161, 443, 514,
		3478, 5222, 5269, 5280, 5347, 8080, 8888, 9090, 9100,
		10000, 10917 };
	size_t i;

	for (i = 0; i < sizeof(ports) / sizeof(ports[0]); i++)
		if (ports[i] == port)
			return (1);
	return (0);
}

static int
covers(const struct pf_range *p, int port)
{
	return (p->op != PF_OP_NONE && (p->op == PF_OP_EQ ? (int)p->a ==
	    port : p->op == PF_OP_RRG || p->op == PF_OP_IRG ?
	    (int)p->a <= port && (int)p->b >= port : 0));
}

/* The rule after r of a host, through all of its rulesets; *a: whose it is. */
static const struct pf_rule *
next_rule_of(const struct pf_rule *r, const struct pf_anchor **a)
{
	r = r == NULL ? NULL : r->next;
	while (r == NULL && *a != NULL) {
		*a = (*a)->next;
		r = *a == NULL ? NULL : (*a)->first;
	}
	return (r);
}

static const struct pf_rule *
first_rule_of(const struct pf_site_host *h, const struct pf_anchor **a)
{
	*a = h->ready ? h->conf.anchors : NULL;
	if (*a == NULL || (*a)->first != NULL)
		return (*a == NULL ? NULL : (*a)->first);
	return (next_rule_of(NULL, a));
}

/* Does a rule pass another port of the flow's protocol to its host, and not
 * one of the usual ports? here: it stands on that host. */
static int
is_other_port(const struct run *r, const struct pf_followed *one,
    const struct pf_rule *rule, int here)
{
	const struct machine *m = &r->f->machine[one->flow->to];

	return (rule->dst.port.op == PF_OP_EQ &&
	    !is_common((int)rule->dst.port.a) &&
	    ((here && rule->dir != PF_OUT) ||
	    pf_ip_eq(&rule->dst.addr.ip, &m->ip) ||
	    pf_ip_eq(&rule->rdr.addr.ip, &m->ip)));
}

/*
 * Does a rule pass other ports of this protocol to the flow's host, and none
 * the one that we think of? Then the site uses the other one.
 */
static int
uses_other_port(const struct run *r, const struct pf_followed *one)
{
	const struct pf_site_host *h;
	const struct pf_anchor *a;
	const struct pf_rule *rule;
	int i, here, other = 0;

	for (i = 0; i < r->f->pf.count; i++) {
		h = &r->f->pf.hosts[i];
		here = strcmp(h->name, one->to) == 0;
		for (rule = first_rule_of(h, &a); rule != NULL;
		    rule = next_rule_of(rule, &a)) {
			if (rule->action != PF_PASS || rule->proto !=
			    one->q.proto)
				continue;
			if (covers(&rule->dst.port, one->q.port))
				return (0);
			other |= is_other_port(r, one, rule, here);
		}
	}
	return (other);
}

/* A flow that the site does not need, or that says the same as another. */
static int
is_left_out(const struct flow *flow)
{
	return (strcmp(flow->id, "any-web-http") == 0 ||
	    strncmp(flow->id, "xmpp-self", 9) == 0);
}

/* The rule that let the packet in on the router, before its second leg. */
static void
note_first_leg(struct run *r, struct trouble *t, const struct pf_path *path)
{
	const struct pf_rule *in;

	if (t->other_file != NULL || path->count < 2)
		return;
	in = path->steps[path->count - 2].verdict.rule;
	if (in == NULL)
		return;
	t->other_file = pf_strdup(&r->f->pf.arena, str_from(in->file));
	t->other_line = in->line;
}

/*
 * REST that listens beyond the loopback, for a monitor that no file names:
 * its host passes the port to nobody at all.
 */
static void
judge_monitor(struct run *r, const struct pf_followed *one)
{
	const struct pf_step *st = &one->path->steps[one->path->count - 1];
	const char *id = pf_blocked_id(one->flow, 0);
	struct trouble *t;

	if (st->verdict.rule == NULL || id == NULL || !is_placed(r, st) ||
	    st->dir != PF_IN || strcmp(r->f->pf.hosts[st->host].name,
	    one->to) != 0 || pf_may_pass(&r->f->pf, st, 1))
		return;
	t = trouble(r, id, st->host, st->verdict.rule);
	if (t == NULL || t->text != NULL)
		return;
	t->text = mem_printf("the REST interface of %s listens for others, "
	    "and no rule passes port %d to it", role_name(one->flow->to),
	    one->q.port);
	t->other = val_of(one->flow->to == ROLE_JVB ? r->l->n.jvb :
	    r->l->n.jicofo, one->flow->to == ROLE_JVB ?
	    "videobridge.http-servers.private.host" : "jicofo.rest.host");
}

/* The answer is what is blocked: the rule that let it in keeps no state. */
static void
judge_reply(struct run *r, const struct pf_followed *one)
{
	const struct pf_step *st = &one->path->steps[one->path->reply];
	const struct pf_rule *rule = one->path->reply_verdict.rule;
	const char *id = pf_blocked_id(one->flow, 0);
	struct trouble *t;

	if (rule == NULL || id == NULL || !is_placed(r, st) ||
	    (t = trouble(r, id, st->host, rule)) == NULL)
		return;
	add_flow(r, t, one, st);
	t->verb = "passes";
	t->by = ", and blocks the answer by";
	t->end = ": what let the first packet through keeps no state";
	if (st->verdict.rule != NULL && t->other_file == NULL) {
		t->other_file = pf_strdup(&r->f->pf.arena,
		    str_from(st->verdict.rule->file));
		t->other_line = st->verdict.rule->line;
	}
}

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
static int
judge_redirection(struct run *r, const struct pf_followed *one)
{
	const struct pf_step *st = redirection(r, one->path);
	const struct machine *m = &r->f->machine[one->flow->to];
	struct trouble *t;
	struct buf b;
	int host;

	if (st == NULL || st->verdict.dst_pool != NULL ||
	    st->verdict.rule == NULL || !is_placed(r, st) ||
	    pf_ip_eq(&st->after.dst, &m->ip) || st->after.af != PF_AF_INET)
		return (0);
	host = host_of(&r->f->pf, PF_AF_INET, &st->after.dst);
	if (!m->sure || (host == -1 && is_other_host(r, &st->after.dst)))
		return (1);
	t = trouble(r, "pf-redirects-elsewhere", st->host, st->verdict.rule);
	if (t == NULL || t->text != NULL)
		return (1);
	buf_init(&b, 2000);
	flow_text(r, one, &b);
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

/* Any rule of the router's that redirects, or that translates sources. */
static int
has_pool(const struct filter *one, int nat)
{
	const struct pf_anchor *a;
	const struct pf_rule *rule;

	for (rule = first_rule_of(one->h, &a); rule != NULL;
	    rule = next_rule_of(rule, &a))
		if ((nat ? rule->nat : rule->rdr).addr.type !=
		    PF_ADDR_NONE || (rule->bits & PF_BIT_AFTO) != 0)
			return (1);
	return (0);
}

/* A rule of the router's that redirects this protocol to that machine: one
 * for this port, else any. */
static const struct pf_rule *
redirects_to(const struct filter *one, const struct pf_question *q,
    const struct machine *m)
{
	const struct pf_anchor *a;
	const struct pf_rule *rule, *any = NULL;

	for (rule = first_rule_of(one->h, &a); rule != NULL;
	    rule = next_rule_of(rule, &a)) {
		if (rule->rdr.addr.type != PF_ADDR_MASK ||
		    (rule->proto != q->proto && rule->proto != 0) ||
		    !pf_ip_eq(&rule->rdr.addr.ip, &m->ip))
			continue;
		if (rule->dst.port.op == PF_OP_NONE ||
		    covers(&rule->dst.port, q->port))
			return (rule);
		any = rule;
	}
	return (any);
}

static struct val
media_port(const struct run *r)
{
	struct val v = val_of(r->l->n.jvb, "videobridge.ice.udp.port");

	return (val_is(v) ? v : (struct val){ r->l->n.jvb, NULL });
}

/*
 * The bridge listens on another port than the router redirects to it: the
 * rule that does is where to look, not the one that blocks the rest.
 */
static int
judge_other_port(struct run *r, const struct pf_followed *one,
    const struct pf_step *st)
{
	const struct filter *router = r->f->router == -1 ? NULL :
	    &r->f->list[r->f->router];
	const struct pf_rule *rule;
	struct trouble *t;

	if (!one->flow->udp || !is_port_known(r, one->flow) ||
	    router == NULL || &r->f->pf.hosts[st->host] != router->h ||
	    (rule = redirects_to(router, &one->q,
	    &r->f->machine[one->flow->to])) == NULL ||
	    rule->dst.port.op == PF_OP_NONE ||
	    covers(&rule->dst.port, one->q.port))
		return (0);
	t = trouble(r, "media-redirect-missing", st->host, rule);
	if (t == NULL || t->text != NULL)
		return (1);
	t->text = mem_printf("this rule redirects port %u to the bridge, "
	    "which listens on %d", rule->dst.port.a, one->q.port);
	t->other = media_port(r);
	ask(r, t, &one->q);
	return (1);
}

static void
judge_blocked(struct run *r, const struct pf_followed *one)
{
	const struct pf_path *path = one->path;
	const struct pf_step *st = &path->steps[path->count - 1];
	int second = pf_second_leg(path, path->count - 1);
	const char *id = pf_blocked_id(one->flow, second);
	struct trouble *t;

	if (st->verdict.rule == NULL || id == NULL || !is_placed(r, st) ||
	    pf_may_pass(&r->f->pf, st, one->role == ROLE_OUTSIDE) ||
	    (!is_port_known(r, one->flow) && uses_other_port(r, one)) ||
	    judge_other_port(r, one, st) ||
	    (t = trouble(r, id, st->host, st->verdict.rule)) == NULL)
		return;
	add_flow(r, t, one, st);
	t->verb = second ? "blocks what it let in," : "blocks";
	t->by = second ? ", by" : " by";
	t->end = second ? ": a state does not cover the way out" : "";
	if (second)
		note_first_leg(r, t, path);
	else if (one->flow->udp && val_is(media_port(r)))
		t->other = media_port(r);
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
	    is_placed(r, &path->steps[0]) &&
	    !pf_may_pass(&r->f->pf, &path->steps[0], 1) &&
	    (is_port_known(r, one->flow) || !uses_other_port(r, one)));
}

/*
 * Nothing redirects a flow: the router's own rules let it in for the router.
 * A web server's place may be taken by a proxy on the router, the bridge's
 * may not (unless a TURN server does); but a redirection that another rule
 * undoes is one that was meant.
 */
static void
judge_elsewhere(struct run *r, const struct pf_followed *one)
{
	const struct pf_step *st = &one->path->steps[0];
	const struct pf_rule *meant;
	struct trouble *t;
	struct buf b;
	int same;

	if (!ends_at_router(r, one))
		return;
	meant = redirects_to(&r->f->list[r->f->router], &one->q,
	    &r->f->machine[one->flow->to]);
	if (meant == NULL && (!one->flow->udp || config_find(r->l->set,
	    "turnserver.conf", NULL) != NULL))
		return;
	same = meant != NULL && (meant->dst.port.op == PF_OP_NONE ||
	    covers(&meant->dst.port, one->q.port));
	t = trouble(r, one->flow->udp ? "media-redirect-missing" :
	    "pf-blocks-web", st->host, meant != NULL && !same ? meant :
	    st->verdict.rule);
	if (t == NULL || t->text != NULL)
		return;
	buf_init(&b, 2000);
	flow_text(r, one, &b);
	buf_addf(&b, " ends at the router: %s", meant == NULL ?
	    "no rule redirects it" : !same ? "this rule redirects another "
	    "port" : "this rule decides, and it does not redirect");
	t->text = buf_take(&b);
	if (same) {
		t->other_file = pf_strdup(&r->f->pf.arena,
		    str_from(meant->file));
		t->other_line = meant->line;
	} else if (one->flow->udp && is_port_known(r, one->flow))
		t->other = media_port(r);
	ask(r, t, &one->q);
}

/* It arrives, but at another port than the program listens on. */
static void
judge_port(struct run *r, const struct pf_followed *one)
{
	const struct pf_step *st = redirection(r, one->path);
	struct trouble *t;
	struct buf b;

	if (st == NULL || st->after.dport == one->q.port ||
	    st->verdict.rule == NULL || !one->flow->udp ||
	    r->l->n.jvb == NULL || !is_placed(r, st))
		return;
	t = trouble(r, "media-redirect-missing", st->host, st->verdict.rule);
	if (t == NULL || t->text != NULL)
		return;
	buf_init(&b, 2000);
	buf_addf(&b, "media is redirected to port %u, the bridge listens on "
	    "%d", st->after.dport, one->q.port);
	t->text = buf_take(&b);
	t->other = media_port(r);
}

/* A packet to a port that nobody uses: does anything filter at all? */
static int
is_filtered(struct run *r, const struct pf_followed *one)
{
	struct pf_path *path = mem_zalloc(1, sizeof(*path));
	struct pf_question q = one->q;
	struct errlist errs;
	int filtered;

	errlist_init(&errs);
	q.port = 47111;
	filtered = pf_trace(&r->f->pf, &q, path, &errs) == 0 &&
	    path->end != PF_END_ARRIVED;
	errlist_free(&errs);
	free(path);
	return (filtered);
}

/* REST that listens on the loopback cannot be reached, whatever passes. */
static int
is_loopback_rest(const struct run *r, const struct flow *flow)
{
	const struct config_file *f = flow->to == ROLE_JVB ? r->l->n.jvb :
	    r->l->n.jicofo;
	struct str host = val_str(val_of(f, flow->to == ROLE_JVB ?
	    "videobridge.http-servers.private.host" : "jicofo.rest.host"));

	return (f != NULL && (host.n == 0 || str_starts(host, "127.") ||
	    str_eqs(host, "localhost") || str_eqs(host, "::1")));
}

/* The first step of a path that a rule decided and a file shows. */
static const struct pf_step *
first_rule(const struct run *r, const struct pf_path *path)
{
	int i;

	for (i = 0; i < path->count; i++)
		if (!path->steps[i].unseen && path->steps[i].verdict.rule !=
		    NULL && filters_of(r->f, path->steps[i].host) != NULL)
			return (&path->steps[i]);
	return (NULL);
}

/* Is every filter between the outside and the host known? */
static int
is_seen_whole(const struct run *r, const struct pf_path *path)
{
	int i;

	for (i = 0; i < path->count; i++)
		if (path->steps[i].unseen && (r->f->router == -1 ||
		    &r->f->pf.hosts[path->steps[i].host] ==
		    r->f->list[r->f->router].h))
			return (0);
	return (path->gap == 0 && path->count > 0);
}

/* Open from outside, and it must not be. */
static void
judge_open(struct run *r, const struct pf_followed *one)
{
	const struct pf_path *path = one->path;
	const struct pf_step *st = first_rule(r, path);
	const struct machine *m = &r->f->machine[one->flow->to];
	const char *id = one->flow->to == ROLE_XMPP ?
	    "xmpp-port-open-to-world" : "rest-port-open-to-world";
	struct trouble *t;

	if (path->end != PF_END_ARRIVED || st == NULL ||
	    !is_seen_whole(r, path) || !is_placed(r, st) ||
	    st->verdict.uncertain || (one->flow->to != ROLE_XMPP &&
	    is_loopback_rest(r, one->flow)))
		return;
	/* A private address is reached from outside by a redirection only. */
	if (!path->via_public && pf_ip_private(PF_AF_INET, &m->ip))
		return;
	if (!is_filtered(r, one) ||
	    (t = trouble(r, id, st->host, st->verdict.rule)) == NULL)
		return;
	add_flow(r, t, one, st);
	t->q_count = 0;
	t->verb = "opens";
	t->by = " to everybody by";
	t->end = "";
}

/* Machines with private addresses behind a router that redirects nothing are
 * reached from outside in another way, or not at all. */
static int
is_published(const struct run *r, enum role to)
{
	const struct filter *router = r->f->router == -1 ? NULL :
	    &r->f->list[r->f->router];

	return (router == NULL || !router->h->ready || !pf_ip_private(
	    PF_AF_INET, &r->f->machine[to].ip) || has_pool(router, 0));
}

static void
judge(void *arg, const struct pf_followed *one)
{
	struct run *r = arg;

	if (one->path == NULL || is_left_out(one->flow) ||
	    r->f->site.host[one->flow->to].name == NULL ||
	    (one->role != ROLE_OUTSIDE &&
	    r->f->site.host[one->role].name == NULL))
		return;
	if (!one->flow->reachable) {
		judge_open(r, one);
		return;
	}
	if (one->role == ROLE_OUTSIDE && !is_published(r, one->flow->to))
		return;
	if (judge_redirection(r, one))
		return;
	switch (one->path->end) {
	case PF_END_BLOCKED:
		if (strncmp(one->flow->id, "monitor-", 8) == 0)
			judge_monitor(r, one);
		else
			judge_blocked(r, one);
		break;
	case PF_END_REPLY:
		judge_reply(r, one);
		break;
	case PF_END_ELSEWHERE:
		judge_elsewhere(r, one);
		break;
	case PF_END_ARRIVED:
		judge_port(r, one);
		break;
	default:
		break;
	}
}

/* Does what a VM sends to the outside leave the router as it is? */
static int
leaves_private(struct run *r, const struct pf_question *q)
{
	const struct filter *router = &r->f->list[r->f->router];
	struct pf_path *path = mem_zalloc(1, sizeof(*path));
	struct errlist errs;
	struct trouble *t = NULL;

	errlist_init(&errs);
	if (pf_trace(&r->f->pf, q, path, &errs) == 0 && path->end ==
	    PF_END_PRIVATE && &r->f->pf.hosts[path->end_host] == router->h)
		t = trouble(r, "pf-nat-missing", path->end_host,
		    path->steps[path->count - 1].verdict.rule);
	if (t != NULL) {
		t->text = mem_printf("what the VMs send to the outside "
		    "leaves %s with their private addresses: no rule has "
		    "nat-to, and no answer finds back", router->name);
		t->fix = "match out on egress inet from !(egress:network) "
		    "nat-to (egress:0)";
	}
	errlist_free(&errs);
	free(path);
	return (t != NULL);
}

/* The VMs' own connections to the outside, where the router redirects what
 * comes from there: updates, name service, time. */
static void
judge_nat(struct run *r)
{
	static const int ports[][2] = { { 6, 443 }, { 17, 53 }, { 6, 80 },
		{ 17, 123 } };
	const struct filter *router = r->f->router == -1 ? NULL :
	    &r->f->list[r->f->router];
	struct pf_question q = { NULL, PF_CLIENT, 6, 443, 0 };
	size_t i;
	int role;

	if (router == NULL || !router->h->ready || router->unplaced ||
	    router->missing_count > 0 || !has_pool(router, 0) ||
	    has_pool(router, 1))
		return;
	for (i = 0; i < sizeof(ports) / sizeof(ports[0]); i++)
		for (role = 0; role < ROLE_COUNT; role++) {
			q.from = r->f->site.host[role].name;
			q.proto = ports[i][0];
			q.port = ports[i][1];
			if (role != ROLE_ROUTER && role != ROLE_OUTSIDE &&
			    q.from != NULL && leaves_private(r, &q))
				return;
		}
}

/* The lines that let the flows of a trouble through, as a diff; NULL. */
static char *
advice(struct run *r, struct trouble *t)
{
	struct buf b;
	struct pf_advice a = { .wanted = t->q, .wanted_count = t->q_count,
	    .diff = &b };

	if (t->fix != NULL)
		return (mem_strdup(t->fix));
	buf_init(&b, LIMIT_CHECK_TEXT);
	if (t->q_count > 0 && pf_advise_all(&r->f->pf, &a))
		return (buf_take(&b));
	buf_free(&b);
	return (NULL);
}

/* "after line 3 of pf.conf.router: pass out ...": a diff as a sentence. */
static void
capture_advice(struct lint *l, const char *diff)
{
	struct str s = str_from(diff), line, file = str_of("", 0);
	struct buf b;
	int64_t n = 0;

	buf_init(&b, 2000);
	while (s.n > 0) {
		line = str_split(&s, '\n');
		if (str_starts(line, "+++ "))
			file = str_sub(line, 4, line.n);
		else if (str_starts(line, "@@ -")) {
			(void)str_num(str_sub(line, 4, str_chr(line, ',')),
			    0, INT32_MAX, &n);
			n -= n > 0;	/* the line before the hunk */
		} else if (str_starts(line, " "))
			n++;
		else if (str_starts(line, "+"))
			buf_addf(&b, "%safter line %lld of %.*s: %.*s",
			    b.len > 0 ? "; " : "", (long long)n,
			    STR_ARG(file), (int)line.n - 1, line.p + 1);
	}
	lint_capture(l, "advice", buf_str(&b));
	buf_free(&b);
}

/* The text of a place: a rule without its comment. */
static char *
text_of(struct val v)
{
	struct str line = v.it == NULL ? str_of("", 0) :
	    lines_get(&v.f->lines, v.it->line);

	return (mem_str(str_sub(line, (size_t)(v.it == NULL ? 0 :
	    v.it->column - 1), (size_t)(v.it == NULL ? 0 :
	    v.it->end_column - 1))));
}

static void
say(struct run *r, struct trouble *t)
{
	const struct filter *one = filters_of(r->f, t->host);
	struct item at, other;
	struct val where, with = t->other;
	char *fix = advice(r, t), *rule;

	where = pf_place(one, t->file, t->line, NULL, &at);
	rule = text_of(where);
	if (t->other_file != NULL)
		with = pf_place(one, t->other_file, t->other_line, NULL,
		    &other);
	if (t->text != NULL)
		lint_say(r->l, t->id, where, with, fix, "%s", t->text);
	else
		lint_say(r->l, t->id, where, with, fix, "pf of %s %s %s%s%s "
		    "\"%s\"%s", one->name, t->verb, buf_cstr(&t->flows),
		    t->leg, t->by, rule, t->end);
	free(rule);
	if (t->fix != NULL)
		lint_capture(r->l, "advice", str_from(fix));
	else if (fix != NULL)
		capture_advice(r->l, fix);
	free(fix);
}

void
rules_pf(struct lint *l)
{
	struct filters *f = mem_zalloc(1, sizeof(*f));
	struct run *r = mem_zalloc(1, sizeof(*r));
	struct trouble *t;
	size_t i;

	r->l = l;
	r->f = f;
	filters_init(f, l);
	for (i = 0; i < f->count; i++)
		pf_say_refused(l, &f->list[i]);
	if (f->count > 0) {
		pf_follow_matrix(&f->pf, &f->site, judge, r);
		judge_nat(r);
	}
	for (i = 0; i < r->count; i++) {
		t = &r->list[i];
		say(r, t);
		free(t->text);
		buf_free(&t->flows);
	}
	filters_free(f);
	free(f);
	free(r);
}
