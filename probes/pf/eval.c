/* SPDX-License-Identifier: ISC */
/*
 * The verdict of pf(4) on a packet. Pure.
 */
#include <string.h>

#include "probes/pf/eval.h"

/* Rules looked at for one packet; anchors that call each other end here. */
#define STEPS 1000000
#define DEPTH 64

/* What pf_match_rule() carries along. */
struct context {
	const struct pf_machine *m;
	struct pf_packet p;	/* with the current values */
	struct pf_verdict *v;
	const struct pf_rule *call;	/* the anchor rule we are in */
	long steps;
	int log_all;
	const char *why;	/* of FAIL */
};

enum result { GO_ON, QUICK, FAIL };

static enum result match_ruleset(struct context *, const struct pf_anchor *,
    int depth);

static const char *const how_names[] = {
	[PF_HOW_RULE] = "rule", [PF_HOW_STATE] = "state",
	[PF_HOW_SKIP] = "skip", [PF_HOW_DEFAULT] = "default",
	[PF_HOW_DROP] = "drop", [PF_HOW_RETURN] = "return",
	[PF_HOW_RETURN_RST] = "return-rst",
	[PF_HOW_RETURN_ICMP] = "return-icmp",
};

const char *
pf_how_name(enum pf_how how)
{
	return (how_names[how]);
}

void
pf_verdict_number(struct buf *out, const struct pf_verdict *v)
{
	if (v->how == PF_HOW_SKIP)
		buf_addc(out, '-');
	else if (v->rule == NULL)
		buf_adds(out, "def");
	else if (v->anchor != NULL)
		buf_addf(out, "%d.%.15s.%d", v->anchor->nr, v->ruleset->name,
		    v->rule->nr);
	else
		buf_addf(out, "%d", v->rule->nr);
}

static void
note_log(struct context *c, const struct pf_rule *r)
{
	if (r->log == 0)
		return;
	c->v->log = 1;
	if (r->log & PF_LOG_ALL)
		c->log_all = 1;
}

/* One ruleset of an anchor; a quick anchor ends all when a rule in it fits. */
static enum result
call_ruleset(struct context *c, const struct pf_rule *r,
    const struct pf_anchor *a, int depth)
{
	enum result result = match_ruleset(c, a, depth + 1);

	if (result == GO_ON && r->quick && c->v->anchor == r)
		return (QUICK);
	return (result);
}

/* A rule that calls other rules; they are looked at in place. */
static enum result
call_anchor(struct context *c, const struct pf_rule *r, int depth)
{
	const struct pf_rule *outer = c->call;
	const struct pf_anchor *a = r->target;
	enum result result = GO_ON;
	size_t i;

	if (a == NULL)
		return (GO_ON);
	c->call = r;
	if (!r->wildcard)
		result = call_ruleset(c, r, a, depth);
	for (i = 0; r->wildcard && i < a->child_count && result == GO_ON;
	    i++)
		result = call_ruleset(c, r, a->children[i], depth);
	c->call = outer;
	return (result);
}

static void
decide(struct context *c, const struct pf_anchor *a, const struct pf_rule *r)
{
	c->v->rule = r;
	c->v->anchor = c->call;
	c->v->ruleset = a;
}

/* A rule that fits. */
static enum result
take_rule(struct context *c, const struct pf_anchor *a,
    const struct pf_rule *r, int *moved)
{
	if (r->tag[0] != '\0')
		c->v->tag = r->tag;
	if ((r->bits & PF_BIT_ONCE) != 0 && c->v->once_count < PF_ONCE)
		c->v->once[c->v->once_count++] = r;
	if (r->action == PF_MATCH) {
		if (r->nat.addr.type != PF_ADDR_NONE ||
		    r->rdr.addr.type != PF_ADDR_NONE) {
			if (pf_translate(r, &c->p, c->v) == -1) {
				decide(c, a, r);
				return (FAIL);
			}
			*moved = 1;
		}
		note_log(c, r);
	} else
		decide(c, a, r);
	return (r->quick ? QUICK : GO_ON);
}

static int
is_spent(const struct pf_packet *p, const struct pf_rule *r)
{
	size_t i;

	for (i = 0; i < p->spent_count; i++)
		if (p->spent[i] == r)
			return (1);
	return (0);
}

/* A share of the packets; which ones is chance. */
static int
chance(struct context *c, const struct pf_rule *r)
{
	if (r->probability == 0 || r->probability == UINT32_MAX)
		return (1);
	c->v->uncertain = 1;
	return (r->probability > UINT32_MAX / 2);
}

/* Anchors that call each other: the kernel's stack of them is full. */
static enum result
too_deep(struct context *c)
{
	c->why = "anchor-stack";
	c->v->rule = c->call;
	c->v->anchor = NULL;
	c->v->ruleset = NULL;
	return (FAIL);
}

static enum result
match_ruleset(struct context *c, const struct pf_anchor *a, int depth)
{
	const struct pf_rule *r;
	struct pf_cursor cur;
	enum result result;
	uint32_t nr;
	int moved = 0;

	if (depth >= DEPTH)
		return (too_deep(c));
	pf_index_start(&cur, a->index, &c->p, c->v->sport_any, 0);
	while ((r = pf_index_next(&cur, &nr)) != NULL) {
		if (++c->steps > STEPS)
			return (too_deep(c));
		if (!pf_rule_matches(c->m, r, &c->p, c->v->sport_any,
		    c->v->tag) || is_spent(&c->p, r) || !chance(c, r))
			continue;
		if (r->action == PF_ANCHOR) {
			if (r->tag[0] != '\0')
				c->v->tag = r->tag;
			result = call_anchor(c, r, depth);
			moved = 1;
		} else
			result = take_rule(c, a, r, &moved);
		if (result != GO_ON)
			return (result);
		if (moved)
			pf_index_start(&cur, a->index, &c->p,
			    c->v->sport_any, nr);
		moved = 0;
	}
	return (GO_ON);
}

/* Dropped for pf's own reason; the rule stays that led to it, if one did. */
static void
drop(struct pf_verdict *v, const char *reason)
{
	v->pass = 0;
	v->how = PF_HOW_DROP;
	v->reason = reason;
}

/* Flags that pf_normalize_tcp() lets no packet have. */
static int
impossible_flags(int f)
{
	if ((f & PF_TCP_SYN) != 0 && (f & PF_TCP_RST) != 0)
		return (1);
	if (f & PF_TCP_SYN)
		f &= ~PF_TCP_FIN;
	else if ((f & (PF_TCP_ACK | PF_TCP_RST)) == 0)
		return (1);
	return ((f & PF_TCP_ACK) == 0 && (f & (PF_TCP_FIN | PF_TCP_PUSH |
	    PF_TCP_URG)) != 0);
}

/* What no rule is asked about: such flags, ICMP of the other family. */
static int
is_malformed(const struct pf_packet *p)
{
	if (p->proto == 6)
		return (impossible_flags(p->flags));
	return (p->proto == (p->af == PF_AF_INET6 ? 1 : 58));
}

/* The last pass rule: its own translation, its state. */
static void
pass(struct context *c, const struct pf_packet *p)
{
	struct pf_verdict *v = c->v;
	const struct pf_rule *r = v->rule;
	int state;

	v->pass = 1;
	v->how = PF_HOW_RULE;
	state = r->keep != PF_NO_STATE && !((p->proto == 1 || p->proto == 58)
	    && pf_icmp_kind(p->af, p->icmp_type) >= 2);
	if (!state)
		return;
	v->made_state = 1;
	pf_state_make(&v->state, p, &c->p, v);
	v->state.log_all = c->log_all;
	v->af = c->p.af;
	v->src = c->p.src;
	v->dst = c->p.dst;
	v->sport = c->p.sport;
	v->dport = c->p.dport;
	v->src_changed = v->af != p->af || v->sport_any ||
	    !pf_ip_eq(&v->src, &p->src) || v->sport != p->sport;
	v->dst_changed = v->af != p->af || !pf_ip_eq(&v->dst, &p->dst) ||
	    v->dport != p->dport;
}

void
pf_eval(const struct pf_machine *m, const struct pf_packet *p,
    struct pf_verdict *v)
{
	static const enum pf_how returns[] = {
		[PF_DROP] = PF_HOW_DROP, [PF_RETURN] = PF_HOW_RETURN,
		[PF_RETURN_RST] = PF_HOW_RETURN_RST,
		[PF_RETURN_ICMP] = PF_HOW_RETURN_ICMP,
	};
	struct context c;

	memset(v, 0, sizeof(*v));
	memset(&c, 0, sizeof(c));
	v->tag = p->tag == NULL ? "" : p->tag;
	v->reason = "match";
	v->af = p->af;
	c.m = m;
	c.p = *p;
	c.v = v;
	if (p->interface >= 0 && m->skipped[p->interface]) {
		v->pass = 1;
		v->how = PF_HOW_SKIP;
		return;
	}
	if (is_malformed(p)) {
		drop(v, "normalize");
		return;
	}
	/* A FIN beside a SYN is cleared. */
	if (c.p.flags & PF_TCP_SYN)
		c.p.flags &= ~PF_TCP_FIN;
	c.why = "translate";
	if (match_ruleset(&c, m->conf->anchors, 0) == FAIL) {
		drop(v, c.why);
		return;
	}
	if (v->rule == NULL) {
		v->pass = 1;
		v->how = PF_HOW_DEFAULT;
		return;
	}
	if (pf_translate(v->rule, &c.p, v) == -1) {
		drop(v, "translate");
		return;
	}
	note_log(&c, v->rule);
	if (v->rule->action == PF_BLOCK)
		v->how = returns[v->rule->returns];
	else
		pass(&c, p);
}

void
pf_eval_states(const struct pf_machine *m, const struct pf_packet *p,
    const struct pf_state *const *states, size_t count, struct pf_verdict *v)
{
	size_t i;

	if ((p->interface < 0 || !m->skipped[p->interface]) &&
	    !is_malformed(p))
		for (i = 0; i < count; i++)
			if (pf_state_match(states[i], p, v))
				return;
	pf_eval(m, p, v);
}
