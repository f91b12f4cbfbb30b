/* SPDX-License-Identifier: ISC */
/*
 * no|keep|modulate|synproxy state and its options, as written and as they
 * are put into a rule. Pure.
 */
#include <string.h>

#include "probes/pf/names.h"
#include "probes/pf/parse.h"

static int
count(struct pf_parser *p, uint32_t *out)
{
	int64_t n;

	if (pf_number(p, &n) == -1)
		return (-1);
	if (n < 0 || n > UINT32_MAX)
		return (pf_error(p, "only positive values permitted"));
	*out = (uint32_t)n;
	return (0);
}

static int
rate(struct pf_parser *p, struct pf_state_opt *o)
{
	int64_t a, b;

	if (pf_number(p, &a) == -1 || pf_expect(p, '/') == -1 ||
	    pf_number(p, &b) == -1)
		return (-1);
	if (a < 0 || a > UINT32_MAX || b < 0 || b > UINT32_MAX)
		return (pf_error(p, "only positive values permitted"));
	o->a = (uint32_t)a;
	o->b = (uint32_t)b;
	return (0);
}

static int
overload(struct pf_parser *p, struct pf_state_opt *o)
{
	if (pf_expect(p, '<') == -1 || pf_string(p, &o->name) == -1 ||
	    pf_expect(p, '>') == -1)
		return (-1);
	if (pf_accept(p, K_FLUSH))
		o->a = pf_accept(p, K_GLOBAL) ? 2 : 1;
	if (strlen(o->name) > 31)
		return (pf_error(p, "table name '%s' too long", o->name));
	return (0);
}

static int
timeout(struct pf_parser *p, struct pf_state_opt *o)
{
	const char *name;
	int i;

	if (pf_string(p, &name) == -1 || count(p, &o->b) == -1)
		return (-1);
	if ((i = pf_timeout(name)) == -1 || strcmp(pf_timeout_name(i), name) !=
	    0)
		return (pf_error(p, "illegal timeout name %s", name));
	if (strchr(name, '.') == NULL)
		return (pf_error(p, "illegal state timeout %s", name));
	o->kind = PF_SO_TIMEOUT;
	o->a = (uint32_t)i;
	return (0);
}

static int
state_opt(struct pf_parser *p, struct pf_state_opt *o)
{
	int token = pf_peek(p);

	if (token == T_STRING)
		return (timeout(p, o));
	pf_next(p);
	switch (token) {
	case K_MAX: o->kind = PF_SO_MAX; return (count(p, &o->a));
	case K_NOSYNC: o->kind = PF_SO_NOSYNC; return (0);
	case K_MAXSRCSTATES:
		o->kind = PF_SO_MAX_SRC_STATES;
		return (count(p, &o->a));
	case K_MAXSRCCONN:
		o->kind = PF_SO_MAX_SRC_CONN;
		return (count(p, &o->a));
	case K_MAXSRCCONNRATE:
		o->kind = PF_SO_MAX_SRC_CONN_RATE;
		return (rate(p, o));
	case K_MAXSRCNODES:
		o->kind = PF_SO_MAX_SRC_NODES;
		return (count(p, &o->a));
	case K_OVERLOAD: o->kind = PF_SO_OVERLOAD; return (overload(p, o));
	case K_SOURCETRACK:
		o->kind = PF_SO_SRCTRACK;
		o->a = pf_accept(p, K_GLOBAL) ? PF_TRACK_GLOBAL :
		    pf_accept(p, K_RULE) ? PF_TRACK_RULE : PF_TRACK_DEFAULT;
		return (0);
	case K_IFBOUND: o->kind = PF_SO_STATELOCK; o->a = 1; return (0);
	case K_FLOATING: o->kind = PF_SO_STATELOCK; o->a = 0; return (0);
	case K_SLOPPY: o->kind = PF_SO_SLOPPY; return (0);
	case K_PFLOW: o->kind = PF_SO_PFLOW; return (0);
	}
	pf_back(p, token);
	return (pf_syntax(p));
}

static int
starts_state_opt(int token)
{
	switch (token) {
	case T_STRING:
	case K_MAX:
	case K_NOSYNC:
	case K_MAXSRCSTATES:
	case K_MAXSRCCONN:
	case K_MAXSRCCONNRATE:
	case K_MAXSRCNODES:
	case K_OVERLOAD:
	case K_SOURCETRACK:
	case K_IFBOUND:
	case K_FLOATING:
	case K_SLOPPY:
	case K_PFLOW:
		return (1);
	}
	return (0);
}

int
pf_parse_state_opts(struct pf_parser *p, struct pf_state_opt **list)
{
	struct pf_state_opt *o;
	int comma;

	*list = NULL;
	do {
		o = pf_new(p, sizeof(*o));
		if (state_opt(p, o) == -1)
			return (-1);
		*list = o;
		list = &o->next;
		comma = pf_accept(p, ',');
	} while (comma || starts_state_opt(pf_peek(p)));
	return (0);
}

int
pf_parse_keep(struct pf_parser *p, struct pf_options *o)
{
	struct pf_state_opt *list = NULL;
	enum pf_keep keep = PF_NO_STATE;
	int token = pf_peek(p);

	pf_next(p);
	if (pf_expect(p, K_STATE) == -1)
		return (-1);
	if (token != K_NO) {
		keep = token == K_KEEP ? PF_KEEP : token == K_MODULATE ?
		    PF_MODULATE : PF_SYNPROXY;
		if (pf_accept(p, '(') && (pf_parse_state_opts(p, &list) ==
		    -1 || pf_expect(p, ')') == -1))
			return (-1);
	}
	if (o->has_keep)
		return (pf_error(p, "modulate or keep cannot be redefined"));
	o->has_keep = 1;
	o->keep = keep;
	o->state = list;
	return (0);
}

static int
twice(struct pf_parser *p, const char *what)
{
	return (pf_error(p, "state option '%s' multiple definitions", what));
}

/* A limit that may be said once and must not be zero. */
static int
limit_once(struct pf_parser *p, const char *what, uint32_t *to, uint32_t n)
{
	if (*to != 0)
		return (twice(p, what));
	if (n == 0)
		return (pf_error(p, "'%s' must be > 0", what));
	*to = n;
	return (0);
}

static int
bit_once(struct pf_parser *p, struct pf_rule *r, uint32_t bit,
    const char *text)
{
	if ((r->bits & bit) != 0)
		return (pf_error(p, "%s", text));
	r->bits |= bit;
	return (0);
}

static int
conn_rate(struct pf_parser *p, struct pf_rule *r, const struct pf_state_opt *o)
{
	if (r->conn_rate_limit != 0)
		return (twice(p, "max-src-conn-rate"));
	if (o->a == 0 || o->b == 0)
		return (pf_error(p, "'max-src-conn-rate' values must be > 0"));
	if (o->a > UINT32_MAX / 1000)
		return (pf_error(p, "'max-src-conn-rate' maximum rate must be "
		    "< %u", UINT32_MAX / 1000));
	r->conn_rate_limit = o->a;
	r->conn_rate_seconds = o->b;
	r->bits |= PF_BIT_SRCTRACK | PF_BIT_RULESRCTRACK;
	return (0);
}

static int
state_timeout(struct pf_parser *p, struct pf_rule *r,
    const struct pf_state_opt *o)
{
	if (r->timeout[o->a] != 0)
		return (pf_error(p, "state timeout %s multiple definitions",
		    pf_timeout_name((int)o->a)));
	r->timeout[o->a] = o->b;
	return (0);
}

/* What the loop over the options of one rule has seen. */
struct seen {
	int track, lock, adaptive;
};

static int
put_opt(struct pf_parser *p, struct pf_rule *r, const struct pf_state_opt *o,
    struct seen *seen)
{
	switch (o->kind) {
	case PF_SO_MAX:
		if (r->max_states != 0)
			return (twice(p, "max"));
		r->max_states = o->a;
		return (0);
	case PF_SO_NOSYNC:
		return (bit_once(p, r, PF_BIT_NOSYNC,
		    "state option 'sync' multiple definitions"));
	case PF_SO_SRCTRACK:
		if (seen->track != PF_TRACK_NONE)
			return (twice(p, "source-track"));
		seen->track = (int)o->a;
		r->bits |= PF_BIT_SRCTRACK;
		return (0);
	case PF_SO_MAX_SRC_STATES:
		r->bits |= PF_BIT_SRCTRACK;
		return (limit_once(p, "max-src-states", &r->max_src_states,
		    o->a));
	case PF_SO_MAX_SRC_CONN:
		r->bits |= PF_BIT_SRCTRACK | PF_BIT_RULESRCTRACK;
		return (limit_once(p, "max-src-conn", &r->max_src_conn,
		    o->a));
	case PF_SO_MAX_SRC_NODES:
		r->bits |= PF_BIT_SRCTRACK | PF_BIT_RULESRCTRACK;
		return (limit_once(p, "max-src-nodes", &r->max_src_nodes,
		    o->a));
	case PF_SO_MAX_SRC_CONN_RATE:
		return (conn_rate(p, r, o));
	case PF_SO_OVERLOAD:
		if (r->overload[0] != '\0')
			return (pf_error(p, "multiple 'overload' table "
			    "definitions"));
		r->overload = o->name;
		r->flush = (int)o->a;
		return (0);
	case PF_SO_STATELOCK:
		if (seen->lock)
			return (pf_error(p, "state locking option: multiple "
			    "definitions"));
		seen->lock = 1;
		r->bits |= o->a ? PF_BIT_IFBOUND : 0;
		return (0);
	case PF_SO_SLOPPY:
		return (bit_once(p, r, PF_BIT_SLOPPY,
		    "state sloppy option: multiple definitions"));
	case PF_SO_PFLOW:
		return (bit_once(p, r, PF_BIT_PFLOW,
		    "state pflow option: multiple definitions"));
	case PF_SO_TIMEOUT:
		if (o->a == PF_TM_ADAPTIVE_START ||
		    o->a == PF_TM_ADAPTIVE_END)
			seen->adaptive = 1;
		return (state_timeout(p, r, o));
	}
	return (0);
}

static int
source_track(struct pf_parser *p, struct pf_rule *r, int track)
{
	if ((r->bits & PF_BIT_SRCTRACK) == 0)
		return (0);
	if (track == PF_TRACK_GLOBAL && (r->max_src_nodes != 0 ||
	    r->max_src_conn != 0 || r->conn_rate_seconds != 0))
		return (pf_error(p, "'%s' is incompatible with 'source-track "
		    "global'", r->max_src_nodes != 0 ? "max-src-nodes" :
		    r->max_src_conn != 0 ? "max-src-conn" :
		    "max-src-conn-rate"));
	if (r->timeout[PF_TM_SRC_TRACK] < r->conn_rate_seconds)
		r->timeout[PF_TM_SRC_TRACK] = r->conn_rate_seconds;
	if (track == PF_TRACK_RULE)
		r->bits |= PF_BIT_RULESRCTRACK;
	return (0);
}

int
pf_rule_state(struct pf_parser *p, struct pf_rule *r,
    const struct pf_options *o)
{
	const struct pf_state_opt *opt = o->state;
	struct seen seen = { PF_TRACK_NONE, 0, 0 };

	r->keep = o->keep;
	if (r->action == PF_PASS && !o->has_keep) {
		r->keep = PF_KEEP;
		opt = p->defaults;
	}
	for (; opt != NULL; opt = opt->next)
		if (put_opt(p, r, opt, &seen) == -1)
			return (-1);
	if (r->action == PF_PASS && r->keep != PF_NO_STATE && !o->fragment &&
	    !o->has_flags) {
		r->flags = 0x02;		/* S */
		r->flagset = 0x12;		/* SA */
	}
	if (!seen.adaptive && r->max_states != 0 && !p->conf->live) {
		r->timeout[PF_TM_ADAPTIVE_START] = r->max_states / 10 * 6;
		r->timeout[PF_TM_ADAPTIVE_END] = r->max_states / 10 * 12;
	}
	if (source_track(p, r, seen.track) == -1)
		return (-1);
	if (r->keep != PF_NO_STATE && !seen.lock && p->if_bound)
		r->bits |= PF_BIT_IFBOUND;
	return (0);
}
