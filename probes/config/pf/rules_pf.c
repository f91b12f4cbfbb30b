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
#include "probes/config/pf/rules_pf.h"

/* The trouble of this id at this rule, made when there is none. */
struct trouble *
pf_trouble(struct run *r, const char *id, int host, const struct pf_rule *rule)
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
	if (r->count == PF_TROUBLES)
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
void
pf_trouble_ask(struct run *r, struct trouble *t, const struct pf_question *q)
{
	struct pf_question *own;

	if (t->q_count == PF_QUESTIONS)
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

void
pf_trouble_flow(const struct run *r, const struct pf_followed *one,
    struct buf *b)
{
	pf_flow_text(b, called(r->f, one->role, one->from),
	    called(r->f, one->flow->to, one->to), one->flow->udp, one->q.port,
	    one->q.port);
}

/* Flows of a finding that are told; of the others how many there are. */
#define FLOWS_TOLD 3

static void
add_flow(struct run *r, struct trouble *t, const struct pf_followed *one,
    const struct pf_step *st)
{
	const struct pf_site_host *h = &r->f->pf.hosts[st->host];
	char leg[sizeof(t->leg)];

	pf_trouble_ask(r, t, &one->q);
	if (t->flow_count++ >= FLOWS_TOLD)
		return;
	snprintf(leg, sizeof(leg), " %s %s", st->dir == PF_IN ?
	    "coming in on" : "going out on", h->env->ifs[st->interface].name);
	if (strcmp(leg, t->leg) != 0)
		buf_adds(&t->flows, t->leg);
	buf_adds(&t->flows, t->flows.len > 0 ? ", " : "");
	pf_trouble_flow(r, one, &t->flows);
	memcpy(t->leg, leg, sizeof(leg));
}

/* Is the leg of a step one that can be judged? */
int
pf_is_placed(const struct run *r, const struct pf_step *st)
{
	const struct filter *one = filters_of(r->f, st->host);

	if (one == NULL || one->unplaced || one->missing_count > 0)
		return (0);
	return (!one->inner_unplaced || pf_env_in_group(one->h->env,
	    st->interface, "egress"));
}

/* A flow that the site does not need, or that says the same as another. */
static int
is_left_out(const struct flow *flow)
{
	return (strncmp(flow->id, "xmpp-self", 9) == 0);
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

	if (st->verdict.rule == NULL || id == NULL || !pf_is_placed(r, st) ||
	    st->dir != PF_IN || strcmp(r->f->pf.hosts[st->host].name,
	    one->to) != 0 || pf_may_pass(&r->f->pf, st, PF_ANY_SOURCE))
		return;
	t = pf_trouble(r, id, st->host, st->verdict.rule);
	if (t == NULL || t->text != NULL)
		return;
	t->text = mem_printf("the REST interface of %s listens for others, "
	    "and no rule passes port %d to it", role_name(one->flow->to),
	    one->q.port);
	t->other = val_of(one->flow->to == ROLE_JVB ? r->jvb :
	    r->l->n.jicofo, one->flow->to == ROLE_JVB ?
	    "videobridge.http-servers.private.host" : "jicofo.rest.host");
}

/* A rule of the host that passes the packet and that another one undoes. */
static const struct pf_rule *
undone(const struct run *r, const struct pf_step *st)
{
	const struct pf_site_host *h = &r->f->pf.hosts[st->host];
	const struct pf_anchor *a;
	const struct pf_rule *rule;

	for (rule = pf_rule_first(h, &a); rule != NULL;
	    rule = pf_rule_next(rule, &a))
		if (rule->action == PF_PASS && pf_covers(&rule->dst.port,
		    st->before.dport) && pf_rule_matches(&h->machine, rule,
		    &st->before, 0, ""))
			return (rule);
	return (NULL);
}

/* The host lets nothing of the web server through: that is said already. */
static int
is_blocked_too(const struct run *r, int host)
{
	size_t i;

	for (i = 0; i < r->count; i++)
		if (r->list[i].host == host &&
		    (strcmp(r->list[i].id, "pf-blocks-web") == 0 ||
		    strcmp(r->list[i].id, "pf-out-leg-blocked") == 0))
			return (1);
	return (0);
}

/*
 * Port 80: a site can do without, unless it was meant to be open, or
 * certificates are renewed by it.
 */
static void
judge_http(struct run *r, const struct pf_followed *one)
{
	const struct pf_step *st = &one->path->steps[one->path->count - 1];
	const struct pf_rule *meant;
	struct trouble *t;

	if (st->verdict.rule == NULL || !pf_is_placed(r, st) ||
	    is_blocked_too(r, st->host) ||
	    pf_may_pass(&r->f->pf, st, one->role == ROLE_OUTSIDE ?
	    PF_ANY_SOURCE : 0))
		return;
	meant = undone(r, st);
	if (meant == NULL && config_find(r->l->set, "acme-client.conf",
	    NULL) == NULL)
		return;
	t = pf_trouble(r, "pf-blocks-http", st->host, st->verdict.rule);
	if (t == NULL)
		return;
	add_flow(r, t, one, st);
	t->verb = "blocks";
	t->by = " by";
	t->end = ": certificates renewed by HTTP and links with http fail";
	if (meant != NULL) {
		t->other_file = pf_strdup(&r->f->pf.arena,
		    str_from(meant->file));
		t->other_line = meant->line;
	}
}

/* The answer is what is blocked: the rule that let it in keeps no state. */
static void
judge_reply(struct run *r, const struct pf_followed *one)
{
	const struct pf_step *st = &one->path->steps[one->path->reply];
	const struct pf_rule *rule = one->path->reply_verdict.rule;
	const char *id = pf_blocked_id(one->flow, 0);
	struct trouble *t;

	if (rule == NULL || id == NULL || !pf_is_placed(r, st) ||
	    (t = pf_trouble(r, id, st->host, rule)) == NULL)
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

static void
judge_blocked(struct run *r, const struct pf_followed *one)
{
	const struct pf_path *path = one->path;
	const struct pf_step *st = &path->steps[path->count - 1];
	int second = pf_second_leg(path, path->count - 1);
	const char *id = pf_blocked_id(one->flow, second);
	struct trouble *t;

	if (st->verdict.rule == NULL || id == NULL || !pf_is_placed(r, st) ||
	    pf_may_pass(&r->f->pf, st, one->role == ROLE_OUTSIDE ?
	    PF_ANY_SOURCE : 0) ||
	    (!pf_port_known(r, one->flow) && pf_uses_other_port(r, one)) ||
	    pf_judge_other_port(r, one, st) ||
	    (t = pf_trouble(r, id, st->host, st->verdict.rule)) == NULL)
		return;
	add_flow(r, t, one, st);
	t->verb = second ? "blocks what it let in," : "blocks";
	t->by = second ? ", by" : " by";
	t->end = second ? ": a state does not cover the way out" : "";
	if (second)
		note_first_leg(r, t, path);
	else if (one->flow->udp && val_is(pf_media_port(r)))
		t->other = pf_media_port(r);
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
	const struct config_file *f = flow->to == ROLE_JVB ? r->jvb :
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
	    !is_seen_whole(r, path) || !pf_is_placed(r, st) ||
	    st->verdict.uncertain || (one->flow->to != ROLE_XMPP &&
	    is_loopback_rest(r, one->flow)))
		return;
	/* A private address is reached from outside by a redirection only. */
	if (!path->via_public && pf_ip_private(PF_AF_INET, &m->ip))
		return;
	if (!is_filtered(r, one) ||
	    (t = pf_trouble(r, id, st->host, st->verdict.rule)) == NULL)
		return;
	add_flow(r, t, one, st);
	t->q_count = 0;
	t->verb = "opens";
	t->by = " to everybody by";
	t->end = "";
}

static void judge(void *, const struct pf_followed *);

/* What the hosts behind one that blocks would do. */
static void
look_behind(struct run *r, const struct pf_followed *one, int host)
{
	struct pf_site_host *h = &r->f->pf.hosts[host];

	h->hidden = 1;
	pf_follow_flow(&r->f->pf, &r->f->site, one->flow, one->role, judge,
	    r);
	h->hidden = 0;
}

/* A flow that must get through, by where it ends. */
static void
judge_end(struct run *r, const struct pf_followed *one)
{
	switch (one->path->end) {
	case PF_END_BLOCKED:
		if (strncmp(one->flow->id, "monitor-", 8) == 0)
			judge_monitor(r, one);
		else {
			judge_blocked(r, one);
			look_behind(r, one, one->path->end_host);
		}
		break;
	case PF_END_REPLY:
		judge_reply(r, one);
		break;
	case PF_END_ELSEWHERE:
		pf_judge_elsewhere(r, one);
		break;
	case PF_END_ARRIVED:
		pf_judge_port(r, one);
		break;
	default:
		break;
	}
}

/* The rule that let it in on the host that blocks it names its port. */
static int
was_meant(const struct pf_followed *one)
{
	const struct pf_step *last, *in;

	if (one->path->end != PF_END_BLOCKED || one->path->count < 2)
		return (0);
	last = &one->path->steps[one->path->count - 1];
	in = last - 1;
	return (in->host == last->host && in->verdict.rule != NULL &&
	    pf_covers(&in->verdict.rule->dst.port, one->q.port));
}

static void
judge(void *arg, const struct pf_followed *one)
{
	struct run *r = arg;

	if (one->path == NULL || is_left_out(one->flow) ||
	    (r->only != -1 && (int)one->role != r->only &&
	    (int)one->flow->to != r->only) || pf_port_is_other(r, one->flow) ||
	    r->f->site.host[one->flow->to].name == NULL ||
	    (one->role != ROLE_OUTSIDE &&
	    r->f->site.host[one->role].name == NULL))
		return;
	if (!one->flow->reachable) {
		judge_open(r, one);
		return;
	}
	if (!pf_is_behind(r, one->flow->to, one->role == ROLE_OUTSIDE) ||
	    !pf_is_behind(r, one->role, 0) ||
	    (one->role == ROLE_OUTSIDE && pf_passes_elsewhere(r, one)))
		return;
	if (strcmp(one->flow->id, "any-web-http") == 0 && !was_meant(one)) {
		/* Port 80 may lead elsewhere, to renew certificates. */
		if (one->path->end == PF_END_BLOCKED)
			judge_http(r, one);
	} else if (!pf_judge_redirection(r, one))
		judge_end(r, one);
}

/* Takes a bridge's own file, and the port that it says; without one the usual
 * port for the first bridge, none for another. */
static void
take_bridge(struct run *r, const struct config_file *jvb, int first)
{
	struct site *site = &r->f->site;
	int64_t port;

	r->jvb = jvb;
	port = item_number(pf_media_port(r).it, first || jvb != NULL ?
	    10000 : 0);
	if (port >= 0 && port < 65536)
		site->media_port = site->media_port_last = (uint16_t)port;
}

/* The jvb.conf of the first bridge: its host's, or one of no said host, or
 * the only one. */
static const struct config_file *
first_bridge(const struct run *r)
{
	const char *host = r->f->site.host[ROLE_JVB].name;
	const struct config_file *f = host == NULL ? NULL : lint_file(r->l,
	    "jvb.conf", host);
	size_t i;

	if (f == NULL)
		f = config_find(r->l->set, "jvb.conf", NULL);
	for (i = 0; f != NULL && i < r->f->count; i++)
		if (r->f->list[i].is_other && f->host != NULL &&
		    strcmp(f->host, r->f->list[i].name) == 0)
			return (NULL);
	return (f);
}

/* Its flows in the place of the first one's. */
static void
follow_other(struct run *r, struct filter *one, enum role role)
{
	struct site *site = &r->f->site;
	struct machine machine = r->f->machine[role];
	char *name = site->host[role].name;

	r->only = (int)role;
	r->f->machine[role] = one->own;
	site->host[role].name = mem_strdup(one->name);
	if (role == ROLE_JVB)
		take_bridge(r, config_find(r->l->set, "jvb.conf", one->name),
		    0);
	pf_follow_matrix(&r->f->pf, site, judge, r);
	free(site->host[role].name);
	site->host[role].name = name;
	r->f->machine[role] = machine;
	r->only = -1;
}

static void
follow_others(struct run *r)
{
	size_t i;
	int role;

	for (i = 0; i < r->f->count; i++)
		for (role = 0; r->f->list[i].is_other && role < ROLE_COUNT;
		    role++)
			if (r->f->list[i].roles == ROLE_BIT(role))
				follow_other(r, &r->f->list[i],
				    (enum role)role);
}

/* nginx passes the bridge's websockets on to where the bridge listens. */
static void
follow_colibri(struct run *r)
{
	const struct config_file *jvb = r->jvb;
	struct flow flow = { .id = "web-jvb-colibri", .to = ROLE_JVB,
	    .from = ROLE_BIT(ROLE_WEB), .reachable = 1 };
	int64_t port = item_number(val_of(jvb,
	    "videobridge.http-servers.public.port").it, 0);

	if (port <= 0 || port > 65535 || r->l->n.nginx == NULL ||
	    item_bool(val_of(jvb, "videobridge.websockets.enabled").it) != 1
	    || str_find(r->l->n.nginx->text, "colibri-ws") == SIZE_MAX)
		return;
	flow.port = flow.last = (uint16_t)port;
	pf_follow_flow(&r->f->pf, &r->f->site, &flow, ROLE_WEB, judge, r);
}

/* What becomes of the VMs' own connections to the outside. */
struct outgoing {
	struct run *r;
	int private, passes;
	int leg;		/* blocked on the router's second leg */
	const struct pf_rule *rule;	/* of the first of these */
};

static void
take_outgoing(void *arg, const struct pf_followed *one)
{
	struct outgoing *out = arg;
	const struct filters *f = out->r->f;
	const struct pf_path *path = one->path;
	enum pf_outcome o = path == NULL ? PF_OUTCOME_UNKNOWN :
	    pf_outcome(&f->pf, path, (int)(f->list[f->router].h -
	    f->pf.hosts));

	out->private |= o == PF_OUTCOME_PRIVATE;
	out->passes |= o == PF_OUTCOME_PASSES || o == PF_OUTCOME_ANSWER;
	out->leg |= o == PF_OUTCOME_LEG;
	if ((o == PF_OUTCOME_PRIVATE || o == PF_OUTCOME_LEG) &&
	    out->rule == NULL)
		out->rule = path->steps[path->count - 1].verdict.rule;
}

static void
tell_outgoing(struct run *r, const struct outgoing *out)
{
	const struct filter *router = &r->f->list[r->f->router];
	int host = (int)(router->h - r->f->pf.hosts);
	struct trouble *t;

	if (out->private && !pf_has_pool(router, 1)) {
		t = pf_trouble(r, "pf-nat-missing", host, out->rule);
		if (t == NULL)
			return;
		t->text = mem_printf("what the VMs send to the outside "
		    "leaves %s with their private addresses: no rule has "
		    "nat-to, and no answer finds back", router->name);
		t->fix = "match out on egress inet from !(egress:network) "
		    "nat-to (egress:0)";
	} else if (!out->private && !out->passes && out->leg) {
		t = pf_trouble(r, "pf-blocks-outgoing", host, out->rule);
		if (t == NULL)
			return;
		t->text = mem_printf("%s lets in what the VMs send to the "
		    "outside, and blocks all of it on its way out: after "
		    "\"match ... nat-to\" rules see the public source",
		    router->name);
		t->fix = "pass out on egress inet from (egress)";
	}
}

/* The VMs' own connections to the outside, where the router redirects what
 * comes from there: updates, name service, time. */
static void
judge_outgoing(struct run *r)
{
	struct pf_further list[PF_FURTHER_MAX];
	size_t n = pf_further_of(&r->f->site, list), i;
	const struct filter *router = r->f->router == -1 ? NULL :
	    &r->f->list[r->f->router];
	struct outgoing out = { .r = r };

	if (router == NULL || !router->h->ready || router->unplaced ||
	    router->inner_unplaced || router->missing_count > 0 ||
	    (!pf_has_pool(router, 0) && !pf_has_pool(router, 1)))
		return;
	for (i = 0; i < n; i++)
		if (list[i].role != ROLE_OUTSIDE &&
		    r->f->site.host[list[i].role].name != NULL &&
		    pf_ip_private(PF_AF_INET,
		    &r->f->machine[list[i].role].ip))
			pf_follow_further(&r->f->pf, &list[i], take_outgoing,
			    &out);
	tell_outgoing(r, &out);
}

/* The lines that let the flows of a trouble through, as a diff; NULL. */
static char *
advice(struct run *r, struct trouble *t)
{
	struct buf b;
	struct pf_advice a = { .wanted = t->q, .wanted_count = t->q_count,
	    .diff = &b };
	size_t size = 0;
	int i;

	if (t->fix != NULL)
		return (mem_strdup(t->fix));
	buf_init(&b, LIMIT_CHECK_TEXT);
	/* What other hosts need is said of them. */
	for (i = 0; i < r->f->pf.count; i++) {
		size += r->f->pf.hosts[i].len;
		r->f->pf.hosts[i].hidden = i != t->host;
	}
	if (t->q_count > 0 && size < LIMIT_PF_ADVICE)
		(void)pf_advise_all(&r->f->pf, &a);
	for (i = 0; i < r->f->pf.count; i++)
		r->f->pf.hosts[i].hidden = 0;
	if (b.len > 0)
		return (buf_take(&b));
	buf_free(&b);
	return (NULL);
}

/* What a sentence of a cause takes of the lines that help. */
#define ADVICE_TEXT 220

/* "after line 3 of pf.conf.router: pass out ...": a diff as a sentence; of
 * what does not fit into one, how many lines more there are. */
static void
capture_advice(struct lint *l, const char *diff)
{
	struct str s = str_from(diff), line, file = str_of("", 0);
	struct buf b;
	int64_t n = 0;
	int more = 0;

	buf_init(&b, LIMIT_ERROR_TEXT);
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
		else if (str_starts(line, "+") && b.len > 0 && b.len +
		    file.n + line.n + 24 > ADVICE_TEXT)
			more++;
		else if (str_starts(line, "+"))
			buf_addf(&b, "%safter line %lld of %.*s: %.*s",
			    b.len > 0 ? "; " : "", (long long)n,
			    STR_ARG(file), (int)line.n - 1, line.p + 1);
	}
	if (more > 0)
		buf_addf(&b, "; and %d more", more);
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
	buf_adds(&t->flows, t->leg);
	if (t->flow_count > FLOWS_TOLD)
		buf_addf(&t->flows, ", and %d more",
		    t->flow_count - FLOWS_TOLD);
	if (t->other_file != NULL)
		with = pf_place(one, t->other_file, t->other_line, NULL,
		    &other);
	if (t->text != NULL)
		lint_say(r->l, t->id, where, with, fix, "%s", t->text);
	else
		lint_say(r->l, t->id, where, with, fix, "pf of %s %s %s%s "
		    "\"%s\"%s", one->name, t->verb, buf_cstr(&t->flows),
		    t->by, rule, t->end);
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
	r->only = -1;
	filters_init(f, l);
	for (i = 0; i < f->count; i++)
		pf_say_refused(l, &f->list[i]);
	if (f->count > 0) {
		take_bridge(r, first_bridge(r), 1);
		pf_follow_matrix(&f->pf, &f->site, judge, r);
		follow_colibri(r);
		judge_outgoing(r);
		follow_others(r);
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
