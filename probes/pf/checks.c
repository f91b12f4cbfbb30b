/* SPDX-License-Identifier: ISC */
/*
 * The flow matrix against the rules of one host, and the check pf.config. The
 * other checks of the group pf: check_*.c. Pure.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "probes/pf/names.h"
#include "probes/pf/tally.h"

void
tally_init(struct tally *t, struct check *c, const struct site *s)
{
	memset(t, 0, sizeof(*t));
	t->c = c;
	t->s = s;
	buf_init(&t->first, 8192);
	buf_init(&t->legs, LIMIT_FACT_TEXT);
	buf_init(&t->sure, LIMIT_FACT_TEXT);
	buf_init(&t->blocks, LIMIT_FACT_TEXT);
	buf_init(&t->why, LIMIT_ERROR_TEXT);
}

void
tally_free(struct tally *t)
{
	buf_free(&t->first);
	buf_free(&t->legs);
	buf_free(&t->sure);
	buf_free(&t->blocks);
	buf_free(&t->why);
}

/* FILE:LINE of a rule, of the file's when the rule is a live one. */
void
tally_where(const struct tally *t, const struct pf_rule *r, struct buf *b)
{
	const struct pf_rule *f = t->file == NULL ? NULL :
	    pf_live_in_file(t->file, r);

	if (f != NULL)
		buf_addf(b, "%s:%d", f->file, f->line);
	else if (strcmp(r->file, "pfctl") == 0)
		buf_addf(b, "rule %d", r->nr);
	else
		buf_addf(b, "%s:%d", r->file, r->line);
}

/* The last step that this host's own rules decided. */
static const struct pf_step *
own_step(const struct tally *t, const struct pf_path *path)
{
	int i;

	for (i = path->count - 1; i >= 0; i--)
		if (path->steps[i].host == t->self && !path->steps[i].unseen)
			return (&path->steps[i]);
	return (NULL);
}

/* "web to xmpp:5280/tcp" */
static void
flow_text(const struct flow *f, const char *from, const char *to,
    struct buf *b)
{
	buf_addf(b, "%s to %s:%u", from, to, f->port);
	if (f->last != f->port)
		buf_addf(b, "-%u", f->last);
	buf_adds(b, f->udp ? "/udp" : "/tcp");
}

/* A trouble; what is blocked is told before what is open. */
void
tally_note(struct tally *t, const struct buf *line, int open)
{
	check_say(t->c, "%s", buf_cstr(line));
	if (t->first.len > 0 && (open || t->blocked > 0))
		return;
	buf_clear(&t->first);
	buf_add_str(&t->first, buf_str(line));
}

/* "web>xmpp:5280/tcp/in": a leg of a flow. */
static void
leg_text(const struct pf_followed *one, const struct pf_step *st,
    struct buf *b)
{
	buf_addf(b, "%s>%s:%d/%s/%s", one->from, one->to, one->q.port,
	    one->flow->udp ? "udp" : "tcp", st->dir == PF_IN ? "in" : "out");
}

static void
add_leg(struct buf *b, const struct pf_followed *one,
    const struct pf_step *st)
{
	buf_adds(b, b->len > 0 ? " " : "");
	leg_text(one, st, b);
	buf_addf(b, "=%d", st->verdict.pass);
}

/* Each leg that this host's rules decided, and by which rule one is
 * blocked. */
void
tally_legs(struct tally *t, const struct pf_followed *one)
{
	const struct pf_step *st;
	int i;

	for (i = 0; i < one->path->count; i++) {
		st = &one->path->steps[i];
		if (st->host != t->self || st->unseen)
			continue;
		add_leg(&t->legs, one, st);
		if (st->verdict.pass || (st->verdict.rule != NULL &&
		    !pf_may_pass(&t->pf, st, one->role == ROLE_OUTSIDE ?
		    PF_ANY_SOURCE : 0)))
			add_leg(&t->sure, one, st);
	}
}

/* "LEG IF ID FILE:LINE RULE" of a leg that must pass and is blocked; pfctl
 * and a rule's number where no line of the file is known for a live one. */
static void
note_block(struct tally *t, const struct pf_followed *one,
    const struct pf_step *st)
{
	const char *id = pf_blocked_id(one->flow, pf_second_leg(one->path,
	    one->path->count - 1));
	const struct pf_rule *r = st->verdict.rule, *f = t->file == NULL ?
	    NULL : pf_live_in_file(t->file, r);
	const char *file = f == NULL ? r->file : f->file;
	int line = f != NULL ? f->line : strcmp(r->file, "pfctl") == 0 ?
	    r->nr : r->line;

	if (id == NULL || one->path->end != PF_END_BLOCKED)
		return;
	buf_adds(&t->blocks, t->blocks.len > 0 ? "\t" : "");
	leg_text(one, st, &t->blocks);
	buf_addf(&t->blocks, " %s %s %s:%d ",
	    t->pf.hosts[t->self].env->ifs[st->interface].name, id, file,
	    line);
	pf_rule_print(&t->blocks, st->verdict.rule, 0);
}

/* The router's rule that let it in on the leg before, and why that is not
 * enough. */
static void
add_first_leg(const struct tally *t, const struct pf_followed *one,
    struct buf *b)
{
	int last = one->path->count - 1;
	const struct pf_step *in;

	if (one->path->end != PF_END_BLOCKED || !pf_second_leg(one->path,
	    last))
		return;
	in = &one->path->steps[last - 1];
	if (in->verdict.rule == NULL)
		return;
	buf_adds(b, "; ");
	tally_where(t, in->verdict.rule, b);
	buf_addf(b, " let it in on %s, and the state made there does not "
	    "cover the way out", t->pf.hosts[t->self].env->ifs[
	    in->interface].name);
}

/* Something that the site needs does not get through. */
static void
count_blocked(struct tally *t, const struct pf_followed *one)
{
	/* Port 80 and the REST interfaces: a site works without. */
	if (one->flow->optional && !one->flow->udp)
		t->spare++;
	else
		t->blocked++;
	if (t->stopped_count < QUESTIONS)
		t->stopped[t->stopped_count++] = one->q;
}

/* A flow that is blocked, or open and must not be, by a rule. */
static void
judge_rule(struct tally *t, const struct pf_followed *one,
    const struct pf_step *st, struct buf *b)
{
	int arrived = one->path->end == PF_END_ARRIVED;

	buf_addf(b, arrived ? " is open, it must not be: %s on %s, " :
	    " is blocked %s on %s by ", st->dir == PF_IN ? "coming in" :
	    "going out", t->pf.hosts[t->self].env->ifs[st->interface].name);
	tally_where(t, st->verdict.rule, b);
	if (!arrived && one->path->end == PF_END_BLOCKED && pf_may_pass(
	    &t->pf, st, one->role == ROLE_OUTSIDE ? PF_ANY_SOURCE : 0)) {
		check_say(t->c, "%s, unless a table or an anchor that is "
		    "filled later, or the sender's address, lets it through",
		    buf_cstr(b));
		return;
	}
	add_first_leg(t, one, b);
	if (arrived && (t->s->roles & ROLE_BIT(ROLE_ROUTER)) == 0)
		buf_adds(b, ", unless the router stops it");
	tally_note(t, b, arrived);
	if (arrived) {
		t->open++;
		return;
	}
	note_block(t, one, st);
	count_blocked(t, one);
}

/* A redirection to a table that is empty here: pfctl prints its name only,
 * or something fills it at run time. */
static int
leads_to_table(const struct pf_path *path)
{
	return (path->end == PF_END_BLOCKED && strcmp(path->steps[
	    path->count - 1].verdict.reason, "translate") == 0);
}

/* Where it ends instead, and by which rule. */
static void
add_elsewhere(const struct tally *t, const struct pf_path *path,
    const struct pf_step *last, struct buf *b)
{
	const struct pf_step *st;
	int i;

	for (i = 0; i < path->count; i++) {
		st = &path->steps[i];
		if (st->host != t->self || !st->verdict.dst_changed)
			continue;
		tally_where(t, st->verdict.rule, b);
		buf_addf(b, " redirects it to %s", path->end_host < 0 ?
		    "another address" : t->pf.hosts[path->end_host].name);
		return;
	}
	buf_adds(b, "nothing redirects it");
	if (last->verdict.rule != NULL) {
		buf_adds(b, ", ");
		tally_where(t, last->verdict.rule, b);
		buf_adds(b, " passes it as it is");
	}
}

/* It arrives, and the answer does not come back through this host. */
static void
judge_answer(struct tally *t, const struct pf_followed *one, struct buf *b)
{
	const struct pf_step *st = &one->path->steps[one->path->reply];

	buf_addf(b, " arrives, and the answer is blocked %s on %s",
	    st->dir == PF_IN ? "going out" : "coming in",
	    t->pf.hosts[st->host].env->ifs[st->interface].name);
	if (one->path->reply_verdict.rule != NULL) {
		buf_adds(b, " by ");
		tally_where(t, one->path->reply_verdict.rule, b);
	}
	buf_adds(b, ": no state lets it through");
	tally_note(t, b, 0);
	count_blocked(t, one);
}

static void
judge(struct tally *t, const struct pf_followed *one)
{
	const struct pf_step *st = own_step(t, one->path);
	enum pf_end end = one->path->end;
	int arrived = end == PF_END_ARRIVED, wanted = one->flow->reachable;
	struct buf b;

	if (st == NULL)
		return;
	buf_init(&b, 8192);
	flow_text(one->flow, one->from, one->to, &b);
	if (leads_to_table(one->path)) {
		t->unclear++;
		check_say(t->c, "%s: not followed: it is redirected to a "
		    "table whose addresses are not known here", buf_cstr(&b));
		buf_free(&b);
		return;
	}
	t->tried++;
	tally_legs(t, one);
	if (wanted && end == PF_END_REPLY && one->path->end_host == t->self)
		judge_answer(t, one, &b);
	else if (arrived != wanted && st->verdict.rule != NULL &&
	    (arrived || end == PF_END_BLOCKED))
		judge_rule(t, one, st, &b);
	else if (!arrived && wanted) {
		buf_addf(&b, " does not get through: %s", end ==
		    PF_END_NO_ROUTE ? "no route" :
		    end == PF_END_PRIVATE ? "no nat-to" :
		    end == PF_END_REPLY ? "its answer is blocked" :
		    end == PF_END_ELSEWHERE ? "" : "no rule decides");
		if (end == PF_END_ELSEWHERE)
			add_elsewhere(t, one->path, st, &b);
		tally_note(t, &b, 0);
		count_blocked(t, one);
	} else if (arrived && !wanted) {
		buf_adds(&b, " is open, it must not be: no rule blocks it");
		tally_note(t, &b, 1);
		t->open++;
	} else {
		check_say(t->c, "%s: %s", buf_cstr(&b), arrived ?
		    "passes" : "blocked, as it must be");
		if (!wanted && t->shut_count < QUESTIONS)
			t->shut[t->shut_count++] = one->q;
	}
	buf_free(&b);
}

/* Is it known where a role's machine is: by address, or by its name here? */
static int
placed(struct tally *t, enum role role)
{
	return (t->s->host[role].address != NULL || pf_env_host(
	    t->pf.hosts[t->self].env, target_name(t->s, role)) != NULL);
}

/* Takes one flow of the matrix as it was followed. */
static void
try_flow(void *arg, const struct pf_followed *one)
{
	struct tally *t = arg;
	const struct flow *f = one->flow;

	if (!placed(t, f->to) && (t->s->roles & ROLE_BIT(f->to)) == 0)
		t->unclear++;
	else if (one->path == NULL) {
		t->unclear++;
		check_say(t->c, "%s to %s:%u: not followed: %s", one->from,
		    one->to, f->port, one->why);
	} else if (one->q.port == f->port ||
	    one->path->end != PF_END_ARRIVED)
		judge(t, one);
}

/* The hosts of the site beside this one, known by their addresses. */
static void
add_hosts(struct tally *t, const char *self)
{
	int r;

	for (r = 0; r < ROLE_COUNT; r++)
		if (r != ROLE_OUTSIDE && placed(t, (enum role)r) &&
		    (t->s->roles & ROLE_BIT(r)) == 0 &&
		    strcmp(target_name(t->s, (enum role)r), self) != 0)
			pf_site_host(&t->pf, target_name(t->s,
			    (enum role)r));
}

/* Lines that let through what is stopped, and what they would open too. */
static void
advise(struct tally *t)
{
	struct buf diff, opened;
	struct pf_advice a = { t->stopped, t->stopped_count, t->shut,
	    t->shut_count, &diff, &opened };
	struct str line, rest;

	if (t->live || t->stopped_count == 0)
		return;
	buf_init(&diff, LIMIT_CHECK_TEXT);
	buf_init(&opened, LIMIT_CHECK_TEXT);
	if (pf_advise_all(&t->pf, &a)) {
		rest = str_trim(buf_str(&diff));
		check_say(t->c, "with these lines all of it passes:\n%.*s",
		    STR_ARG(rest));
		rest = buf_str(&opened);
		while ((line = str_split(&rest, '\n')).n > 0)
			check_say(t->c, "with them %.*s; take that out",
			    STR_ARG(line));
	}
	buf_free(&diff);
	buf_free(&opened);
}

static void
conclude(struct tally *t, const char *file)
{
	struct check *c = t->c;

	if (t->blocked > 0)
		check_result(c, STATE_FAIL, LAYER_PF, REASON_LOCAL_POLICY,
		    "%s", buf_cstr(&t->first));
	else if (t->spare > 0 || t->open > 0)
		check_result(c, STATE_WARN, LAYER_PF, REASON_LOCAL_POLICY,
		    "%s", buf_cstr(&t->first));
	else if (t->tried == 0)
		check_result(c, STATE_NOT_APPLICABLE, LAYER_PF, REASON_OK,
		    "no flow of the site is known that %s decides", file);
	else
		check_result(c, STATE_PASS, LAYER_PF, REASON_OK,
		    "%s lets the site's %d flows through and no other",
		    file, t->tried);
}

/* One flow from outside over IPv6, which a site works without. */
static void
try_inet6(struct tally *t, const struct flow *f, const struct pf_ip *ip)
{
	struct pf_path *path = mem_zalloc(1, sizeof(*path));
	struct buf address, b;
	struct pf_question q = { .from = PF_CLIENT6,
	    .proto = f->udp ? 17 : 6, .port = f->port };
	const struct pf_step *st;
	struct errlist errs;

	errlist_init(&errs);
	buf_init(&address, 64);
	buf_init(&b, 8192);
	pf_ip_print(&address, ip, PF_AF_INET6);
	q.to = buf_cstr(&address);
	if (pf_trace(&t->pf, &q, path, &errs) == 0 && path->end ==
	    PF_END_BLOCKED && path->end_host == t->self) {
		st = &path->steps[path->count - 1];
		flow_text(f, "outside", target_name(t->s, f->to), &b);
		buf_addf(&b, " over IPv6 (%s) is blocked %s on %s by ", q.to,
		    st->dir == PF_IN ? "coming in" : "going out",
		    t->pf.hosts[t->self].env->ifs[st->interface].name);
		if (st->verdict.rule != NULL && !pf_may_pass(&t->pf, st,
		    PF_ANY_SOURCE)) {
			tally_where(t, st->verdict.rule, &b);
			tally_note(t, &b, 0);
			t->spare++;
		}
	}
	errlist_free(&errs);
	buf_free(&address);
	buf_free(&b);
	free(path);
}

/* Where a service's host has an IPv6 address by name, clients try it. */
static void
try_all_inet6(struct tally *t)
{
	struct flow list[FLOWS_MAX];
	size_t n = flows_of(t->s, list), i;
	const struct pf_name_addr *a;

	for (i = 0; i < n; i++) {
		if (!list[i].reachable || (list[i].from &
		    ROLE_BIT(ROLE_OUTSIDE)) == 0 || (list[i].optional &&
		    !list[i].udp))
			continue;
		for (a = pf_env_host(t->pf.hosts[t->self].env, target_name(
		    t->s, list[i].to)); a != NULL; a = a->next)
			if (a->af == PF_AF_INET6 && !pf_ip_linklocal(&a->ip,
			    a->af) && !pf_ip_private(a->af, &a->ip))
				try_inet6(t, &list[i], &a->ip);
	}
}

/* The rules are not to be read: a file that pfctl refuses as well. */
static void
refuse(struct tally *t, const struct errlist *errs)
{
	struct str text;
	struct buf b;

	t->refused = 1;
	buf_addf(&t->why, "%s:%d: %s", errs->list[0].file,
	    errs->list[0].line, errs->list[0].message);
	buf_init(&b, LIMIT_CHECK_TEXT);
	errlist_print(errs, &b);
	text = str_trim(buf_str(&b));
	check_say(t->c, "%.*s", STR_ARG(text));
	buf_free(&b);
	if (t->live)
		check_result(t->c, STATE_UNKNOWN, LAYER_PF,
		    REASON_PROTOCOL_ERROR, "what pfctl says is not "
		    "understood: %s", buf_cstr(&t->why));
	else
		check_result(t->c, STATE_FAIL, LAYER_PF, REASON_LOCAL_POLICY,
		    "pfctl refuses the file, the rules loaded before stay: "
		    "%s", buf_cstr(&t->why));
}

/* One host's rules against the matrix. */
void
tally_rules(struct tally *t, struct pf_env *env, const char *file,
    struct str text, struct pf_files below)
{
	const char *self = pf_own_name(t->s);
	struct pf_site_host *h;
	struct errlist errs;

	pf_site_init(&t->pf);
	errlist_init(&errs);
	h = pf_site_host(&t->pf, self);
	h->env = env;
	h->has_env = 1;
	h->live = t->live;
	pf_site_rules(h, file, text, below);
	t->self = 0;
	add_hosts(t, self);
	if (pf_site_load(&t->pf, &errs) == -1)
		refuse(t, &errs);
	else {
		pf_follow_matrix(&t->pf, t->s, try_flow, t);
		tally_further(t);
		try_all_inet6(t);
		advise(t);
		conclude(t, t->live ? "what is loaded" : file);
	}
	if (t->legs.len > 0)
		check_fact(t->c, "pf.flow_legs", buf_cstr(&t->legs));
	if (t->blocks.len > 0)
		check_fact(t->c, "pf.blocked", buf_cstr(&t->blocks));
	pf_site_free(&t->pf);
	errlist_free(&errs);
}

void
pf_check_config(struct check *c, const struct site *s, struct pf_env *env,
    const char *file, struct str text, struct pf_files below)
{
	struct tally t;

	tally_init(&t, c, s);
	pf_env_site(env, s);
	tally_rules(&t, env, file, text, below);
	tally_free(&t);
}
