/* SPDX-License-Identifier: ISC */
/*
 * Puts the options of a line into a rule, with the checks that pfctl makes
 * before it expands lists. Pure.
 */
#include <string.h>

#include "probes/pf/parse.h"

static const char *
or_empty(const char *s)
{
	return (s == NULL ? "" : s);
}

static void
put_scrub(struct pf_rule *r, const struct pf_options *o)
{
	if (o->nodf)
		r->bits |= PF_BIT_NODF;
	if (o->randomid)
		r->bits |= PF_BIT_RANDOMID;
	if (o->scrub_tcp)
		r->bits |= PF_BIT_SCRUB_TCP;
	r->min_ttl = o->minttl;
	r->max_mss = o->maxmss;
}

static void
put_set(struct pf_rule *r, const struct pf_options *o)
{
	if (o->has_setprio)
		r->bits |= PF_BIT_SETPRIO;
	if (o->has_settos)
		r->bits |= PF_BIT_SETTOS;
	if (o->has_delay)
		r->bits |= PF_BIT_SETDELAY;
	r->set_prio[0] = o->set_prio[0];
	r->set_prio[1] = o->set_prio[1];
	r->set_tos = o->set_tos;
	r->delay = o->delay;
	r->queue = or_empty(o->queue);
	r->pqueue = or_empty(o->pqueue);
}

static int
put_names(struct pf_parser *p, struct pf_rule *r, const struct pf_options *o)
{
	r->tag = or_empty(o->tag);
	r->tagged = or_empty(o->tagged);
	r->tagged_not = o->tagged_not;
	if (strlen(r->tag) > 63 || strlen(r->tagged) > 63)
		return (pf_error(p, "tag too long, max %u chars", 63));
	r->label = or_empty(o->label);
	if (strlen(r->label) > 63)
		return (pf_error(p, "rule label too long (max %d chars)",
		    63));
	return (0);
}

static int
put_afto(struct pf_parser *p, struct pf_rule *r, const struct pf_options *o)
{
	if (!o->afto)
		return (0);
	r->bits |= PF_BIT_AFTO;
	if (r->dir != PF_IN)
		return (pf_error(p, "af-to can only be used with direction "
		    "in"));
	if (o->rt != PF_ROUTE_NONE)
		return (pf_error(p, "af-to cannot be used together with "
		    "route-to, reply-to, dup-to"));
	return (0);
}

static int
put_limiters(struct pf_parser *p, struct pf_rule *r,
    const struct pf_options *o)
{
	int fits = r->action == PF_PASS || r->action == PF_ANCHOR;

	r->state_limiter = o->state_limiter;
	r->source_limiter = o->source_limiter;
	if (!fits && (o->state_limiter.used || o->source_limiter.used))
		return (pf_error(p, "%s limiter only applies to pass rules",
		    o->state_limiter.used ? "state" : "source"));
	return (0);
}

int
pf_rule_options(struct pf_parser *p, struct pf_rule *r,
    const struct pf_options *o)
{
	if (o->once) {
		if (r->action != PF_PASS && r->action != PF_BLOCK)
			return (pf_error(p, "'once' only applies to "
			    "pass/block rules"));
		r->bits |= PF_BIT_ONCE;
	}
	if (put_limiters(p, r, o) == -1)
		return (-1);
	r->rate_limit = o->rate_limit;
	r->rate_seconds = o->rate_seconds;
	r->probability = o->probability;
	r->rtable = o->rtable;
	r->tos = o->tos;
	put_scrub(r, o);
	if (put_names(p, r, o) == -1 || put_afto(p, r, o) == -1)
		return (-1);
	put_set(r, o);
	if (o->has_prio)
		r->prio = o->prio;
	r->flags = o->flags;
	r->flagset = o->flagset;
	if ((o->flags & o->flagset) != o->flags)
		return (pf_error(p, "flags always false"));
	if (o->fragment)
		r->bits |= PF_BIT_FRAGMENT;
	if (o->allow_opts)
		r->bits |= PF_BIT_ALLOWOPTS;
	return (0);
}
