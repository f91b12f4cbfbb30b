/* SPDX-License-Identifier: ISC */
/*
 * The checks of the group pf: the flow matrix against the rules of a file or
 * of the running filter, blocked packets in pflog, one-way states. Pure.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/cur.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "probes/pf/checks.h"
#include "probes/pf/linux.h"
#include "probes/pf/matrix.h"
#include "probes/pf/names.h"

/* Of a foreign packet filter, in a transcript. */
enum { EVIDENCE_LINES = 40 };

/* What the flows of one check came to. */
struct tally {
	struct check *c;
	const struct site *s;
	const struct pf_conf *file;	/* lines of live rules, or NULL */
	struct pf_site pf;
	int self;
	int tried, blocked, open, unclear;
	struct buf first;		/* the first trouble, a sentence */
	struct buf legs;		/* the fact pf.flow_legs */
	struct buf blocks;		/* the fact pf.blocked */
};

void
pf_env_add_host(struct pf_env *env, const char *name, enum pf_af af,
    const struct pf_ip *ip)
{
	struct pf_name_addr *a, **p;
	void **v = map_put(&env->hosts, str_from(name));

	if (v == NULL)
		return;
	for (p = (struct pf_name_addr **)(void *)v; *p != NULL;
	    p = &(*p)->next)
		if ((*p)->af == af && pf_ip_eq(&(*p)->ip, ip))
			return;
	a = pf_alloc(&env->arena, sizeof(*a));
	a->af = af;
	a->ip = *ip;
	*p = a;
}

/* A name that is not known yet. */
static void
add_name(struct pf_env *env, const char *name, const char *address)
{
	struct pf_ip ip;
	enum pf_af af;

	if (name != NULL && address != NULL && map_get(&env->hosts,
	    str_from(name)) == NULL && pf_ip_parse(str_from(address), &ip,
	    &af) == 0)
		pf_env_add_host(env, name, af, &ip);
}

void
pf_env_site(struct pf_env *env, const struct site *s)
{
	int r;

	for (r = 0; r < ROLE_COUNT; r++) {
		add_name(env, s->host[r].name, s->host[r].address);
		add_name(env, role_name((enum role)r), s->host[r].address);
	}
}

/* One name of a hosts file: all of its addresses, unless it was known. */
static void
add_from_file(struct pf_env *env, struct map *known, struct str word,
    enum pf_af af, const struct pf_ip *ip)
{
	char *name = mem_str(word);

	if (map_get(known, word) == NULL)
		pf_env_add_host(env, name, af, ip);
	free(name);
}

void
pf_env_hosts_file(struct pf_env *env, struct str text)
{
	struct map known;
	struct cur c;
	struct str line, word;
	struct pf_ip ip;
	enum pf_af af;
	void **v;
	size_t i;

	map_init(&known, env->hosts.max);
	for (i = 0; i < env->hosts.count; i++)
		if ((v = map_put(&known, env->hosts.list[i].key)) != NULL)
			*v = env->hosts.list[i].value;
	cur_init(&c, text.p, text.n);
	while (cur_left(&c) > 0) {
		line = cur_line(&c);
		line = str_sub(line, 0, str_chr(line, '#'));
		if (pf_ip_parse(str_word(&line), &ip, &af) == -1)
			continue;
		while ((word = str_word(&line)).n > 0)
			add_from_file(env, &known, word, af, &ip);
	}
	map_free(&known);
}

/* FILE:LINE of a rule, of the file's when the rule is a live one. */
static void
where(const struct tally *t, const struct pf_rule *r, struct buf *b)
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

static void
note(struct tally *t, const struct buf *line)
{
	check_say(t->c, "%s", buf_cstr(line));
	if (t->first.len == 0)
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

/* Each leg that this host's rules decided, and by which rule one is
 * blocked. */
static void
note_legs(struct tally *t, const struct pf_followed *one)
{
	const struct pf_step *st;
	int i;

	for (i = 0; i < one->path->count; i++) {
		st = &one->path->steps[i];
		if (st->host != t->self || st->unseen)
			continue;
		buf_adds(&t->legs, t->legs.len > 0 ? " " : "");
		leg_text(one, st, &t->legs);
		buf_addf(&t->legs, "=%d", st->verdict.pass);
	}
}

/* "LEG IF ID FILE:LINE RULE" of a leg that must pass and is blocked. */
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

/* A flow that is blocked, or open and must not be, by a rule. */
static void
judge_rule(struct tally *t, const struct pf_followed *one,
    const struct pf_step *st, struct buf *b)
{
	int arrived = one->path->end == PF_END_ARRIVED;
	struct buf diff;

	buf_addf(b, arrived ? " is open, it must not be: %s on %s, " :
	    " is blocked %s on %s by ", st->dir == PF_IN ? "coming in" :
	    "going out", t->pf.hosts[t->self].env->ifs[st->interface].name);
	where(t, st->verdict.rule, b);
	if (!arrived && one->path->end == PF_END_BLOCKED && pf_may_pass(
	    &t->pf, st, one->role == ROLE_OUTSIDE)) {
		check_say(t->c, "%s, unless a table or an anchor that is "
		    "filled later, or the sender's address, lets it through",
		    buf_cstr(b));
		return;
	}
	t->blocked += !arrived;
	t->open += arrived;
	note(t, b);
	if (arrived)
		return;
	note_block(t, one, st);
	buf_init(&diff, LIMIT_CHECK_TEXT);
	if (pf_advise(&t->pf, &one->q, one->path, &diff))
		check_say(t->c, "with these lines it passes:\n%s",
		    buf_cstr(&diff));
	buf_free(&diff);
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
	t->tried++;
	note_legs(t, one);
	buf_init(&b, 8192);
	flow_text(one->flow, one->from, one->to, &b);
	if (arrived != wanted && st->verdict.rule != NULL)
		judge_rule(t, one, st, &b);
	else if (!arrived && wanted) {
		buf_addf(&b, " does not get through: %s", end ==
		    PF_END_ELSEWHERE ? "nothing redirects it" :
		    end == PF_END_NO_ROUTE ? "no route" :
		    end == PF_END_PRIVATE ? "no nat-to" :
		    "no rule decides");
		t->blocked++;
		note(t, &b);
	} else if (arrived && !wanted) {
		buf_adds(&b, " is open, it must not be: no rule blocks it");
		t->open++;
		note(t, &b);
	} else
		check_say(t->c, "%s: %s", buf_cstr(&b), arrived ?
		    "passes" : "blocked, as it must be");
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

static void
conclude(struct tally *t, const char *file)
{
	struct check *c = t->c;

	if (t->blocked > 0)
		check_result(c, STATE_FAIL, LAYER_PF, REASON_LOCAL_POLICY,
		    "%s", buf_cstr(&t->first));
	else if (t->open > 0)
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

/* One host's rules against the matrix. */
static void
check_matrix(struct tally *t, struct pf_env *env, const char *file,
    struct str text, struct pf_files below, int live)
{
	const char *self = t->s->hostname == NULL ? "here" : t->s->hostname;
	struct pf_site_host *h;
	struct errlist errs;
	struct buf b;
	int r;

	for (r = 0; r < ROLE_COUNT; r++)
		if (t->s->roles & ROLE_BIT(r) && r != ROLE_OUTSIDE) {
			self = target_name(t->s, (enum role)r);
			break;
		}
	pf_site_init(&t->pf);
	errlist_init(&errs);
	h = pf_site_host(&t->pf, self);
	h->env = env;
	h->has_env = 1;
	h->live = live;
	pf_site_rules(h, file, text, below);
	t->self = 0;
	add_hosts(t, self);
	if (pf_site_load(&t->pf, &errs) == -1) {
		buf_init(&b, LIMIT_CHECK_TEXT);
		errlist_print(&errs, &b);
		check_say(t->c, "%s", buf_cstr(&b));
		check_result(t->c, live ? STATE_UNKNOWN : STATE_FAIL,
		    LAYER_PF, live ? REASON_PROTOCOL_ERROR :
		    REASON_LOCAL_POLICY, live ?
		    "%s:%d: not understood: %s" : "pfctl refuses the file, "
		    "the rules loaded before stay: %s:%d: %s",
		    errs.list[0].file, errs.list[0].line,
		    errs.list[0].message);
		buf_free(&b);
	} else {
		pf_follow_matrix(&t->pf, t->s, try_flow, t);
		conclude(t, file);
		if (t->legs.len > 0)
			check_fact(t->c, "pf.flow_legs",
			    buf_cstr(&t->legs));
		if (t->blocks.len > 0)
			check_fact(t->c, "pf.blocked",
			    buf_cstr(&t->blocks));
	}
	pf_site_free(&t->pf);
	errlist_free(&errs);
}

void
pf_check_config(struct check *c, const struct site *s, struct pf_env *env,
    const char *file, struct str text, struct pf_files below)
{
	struct tally t = { .c = c, .s = s };

	buf_init(&t.first, 8192);
	buf_init(&t.legs, LIMIT_FACT_TEXT);
	buf_init(&t.blocks, LIMIT_FACT_TEXT);
	pf_env_site(env, s);
	check_matrix(&t, env, file, text, below, 0);
	buf_free(&t.first);
	buf_free(&t.legs);
	buf_free(&t.blocks);
}

void
pf_check_rules(struct check *c, const struct site *s, struct pf_env *env,
    struct str text, const struct pf_conf *file)
{
	struct tally t = { .c = c, .s = s, .file = file };
	struct pf_files none = { NULL, NULL };

	buf_init(&t.first, 8192);
	buf_init(&t.legs, LIMIT_FACT_TEXT);
	buf_init(&t.blocks, LIMIT_FACT_TEXT);
	pf_env_site(env, s);
	check_matrix(&t, env, "the running filter", text, none, 1);
	buf_free(&t.first);
	buf_free(&t.legs);
	buf_free(&t.blocks);
}

/* The first lines; the rest is counted. */
static void
say_lines(struct check *c, struct str text)
{
	struct cur cur;
	struct str line;
	int said = 0, more = 0;

	cur_init(&cur, text.p, text.n);
	while (cur_left(&cur) > 0) {
		line = cur_line(&cur);
		if (said++ < EVIDENCE_LINES)
			check_say(c, "%.*s", (int)line.n, line.p);
		else
			more++;
	}
	if (more > 0)
		check_say(c, "and %d more", more);
}

void
pf_check_linux(struct check *c, const struct site *s, struct str text)
{
	struct linux_filter f;
	struct pf_watch watch;
	struct pf_env none;
	struct buf out;
	const char *kind = "nftables";
	int known;

	linux_filter_init(&f);
	buf_init(&out, LIMIT_COMMAND_OUTPUT);
	known = linux_filter_nft(&f, text) == 0;
	if (!known) {
		kind = "iptables";
		known = linux_filter_iptables(&f, text) == 0;
	}
	pf_env_init(&none);
	pf_watch_site(&watch, s, &none);
	pf_env_free(&none);
	linux_filter_print(&f, watch.ports, watch.port_count, &out);
	say_lines(c, buf_str(&out));
	if (known)
		check_result(c, STATE_NOT_APPLICABLE, LAYER_PF, REASON_OK,
		    "this host has no pf; %zu rules of %s are evidence, the "
		    "other probes tell whether the flows pass", f.rule_count,
		    kind);
	else
		check_result(c, STATE_NOT_APPLICABLE, LAYER_PF, REASON_OK,
		    "this host has no pf");
	buf_free(&out);
	linux_filter_free(&f);
}
