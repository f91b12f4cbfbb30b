/* SPDX-License-Identifier: ISC */
/*
 * What the files do not tell about the way of a connection: tables that are
 * filled and anchors that are loaded at run time, where they could decide
 * about its packets. Pure.
 */
#include <string.h>

#include "probes/pf/trace/site.h"

/* 1 when a packet of this host's steps fits a rule, whatever its tag. */
static int
rule_on_path(const struct pf_site *s, const struct pf_path *path, int host,
    const struct pf_rule *rule)
{
	const struct pf_machine *m = &s->hosts[host].machine;
	const struct pf_step *st;
	struct pf_rule r = *rule;
	struct pf_packet p;
	int i;

	r.tagged = "";

	for (i = 0; i < path->count; i++) {
		st = &path->steps[i];
		if (st->host != host)
			continue;
		/* As it came and as the rules before may have made it. */
		p = st->after;
		p.af = st->before.af;
		if (pf_rule_matches(m, &r, &st->before, 0, "") ||
		    pf_rule_matches(m, &r, &p, 0, ""))
			return (1);
	}
	return (0);
}

/* Any address, whatever the sign before the table. */
static int
open_side(struct pf_side *side, const struct pf_table *t)
{
	if (side->addr.type != PF_ADDR_TABLE || side->addr.table != t)
		return (0);
	memset(&side->addr, 0, sizeof(side->addr));
	side->addr.type = PF_ADDR_MASK;
	side->not = 0;
	return (1);
}

static int
in_pool(const struct pf_pool *pool, const struct pf_table *t)
{
	return (pool->addr.type == PF_ADDR_TABLE && pool->addr.table == t);
}

/* 1 when a rule with the table would fit a packet of the path. */
static int
table_decides(const struct pf_site *s, const struct pf_path *path, int host,
    const struct pf_table *t)
{
	const struct pf_anchor *a;
	const struct pf_rule *r;
	struct pf_rule any;
	int used;

	for (a = s->hosts[host].conf.anchors; a != NULL; a = a->next)
		for (r = a->first; r != NULL; r = r->next) {
			any = *r;
			used = open_side(&any.src, t);
			used |= open_side(&any.dst, t);
			used |= in_pool(&r->rdr, t) || in_pool(&r->nat, t);
			if (used && rule_on_path(s, path, host, &any))
				return (1);
		}
	return (0);
}

/* An anchor whose rules no file has. */
static int
is_absent(const struct pf_rule *r)
{
	return (r->action == PF_ANCHOR && r->body == NULL &&
	    (r->target == NULL || (r->target->count == 0 &&
	    r->target->child_count == 0)));
}

static void
unseen_host(const struct pf_site *s, const struct pf_path *path, int host,
    struct buf *out)
{
	const struct pf_site_host *h = &s->hosts[host];
	const struct pf_table *t;
	const struct pf_anchor *a;
	const struct pf_rule *r;

	for (t = h->conf.tables; t != NULL; t = t->next)
		if (!t->is_const && t->count == 0 &&
		    table_decides(s, path, host, t))
			buf_addf(out, "not seen: what fills table <%s> of %s "
			    "at run time\n", t->name, h->name);
	for (a = h->conf.anchors; a != NULL; a = a->next)
		for (r = a->first; r != NULL; r = r->next)
			if (is_absent(r) && rule_on_path(s, path, host, r))
				buf_addf(out, "not seen: what is loaded into "
				    "anchor \"%s\" of %s at run time "
				    "(%s:%d)\n", r->call, h->name, r->file,
				    r->line);
}

/* 1 when this host was passed by an earlier step. */
static int
seen_before(const struct pf_path *path, int i)
{
	int k;

	for (k = 0; k < i; k++)
		if (path->steps[k].host == path->steps[i].host)
			return (1);
	return (0);
}

void
pf_path_unseen(const struct pf_site *s, const struct pf_path *path,
    struct buf *out)
{
	int i;

	for (i = 0; i < path->count; i++)
		if (s->hosts[path->steps[i].host].ready &&
		    !seen_before(path, i))
			unseen_host(s, path, path->steps[i].host, out);
}
