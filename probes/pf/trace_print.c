/* SPDX-License-Identifier: ISC */
/*
 * The way of a connection in words. Pure.
 */
#include <string.h>

#include "probes/pf/names.h"
#include "probes/pf/site.h"

static void
end_text(struct buf *out, const struct pf_packet *p, int source, int any)
{
	const struct pf_ip *ip = source ? &p->src : &p->dst;
	int six = p->af == PF_AF_INET6;

	buf_adds(out, six ? "[" : "");
	pf_ip_print(out, ip, p->af);
	buf_adds(out, six ? "]" : "");
	if (p->proto != 6 && p->proto != 17)
		return;
	if (any)
		buf_adds(out, ":*");
	else
		buf_addf(out, ":%u", source ? p->sport : p->dport);
}

static void
packet_text(struct buf *out, const struct pf_packet *p)
{
	const char *proto = pf_proto_name(p->proto);

	buf_addf(out, "%s ", proto == NULL ? "proto ?" : proto);
	end_text(out, p, 1, 0);
	buf_adds(out, " -> ");
	end_text(out, p, 0, 0);
}

/* FILE:LINE and the rule, or why there is none. */
static void
rule_text(struct buf *out, const struct pf_verdict *v)
{
	if (v->how == PF_HOW_SKIP)
		buf_adds(out, "skipped: \"set skip\" takes this interface "
		    "out of pf");
	else if (v->rule == NULL && strcmp(v->reason, "match") != 0)
		buf_addf(out, "dropped by pf itself: %s", v->reason);
	else if (v->rule == NULL)
		buf_adds(out, "no rule matches, pf passes");
	else {
		buf_addf(out, "%s:%d  ", v->rule->file, v->rule->line);
		pf_rule_print(out, v->rule, 0);
	}
}

static void
print_step(const struct pf_site *s, const struct pf_step *st, int n,
    struct buf *out)
{
	const struct pf_site_host *h = &s->hosts[st->host];
	const struct pf_verdict *v = &st->verdict;

	buf_addf(out, "%2d  %-8s %-3s %-6s  ", n, h->name,
	    st->dir == PF_IN ? "in" : "out",
	    h->env->ifs[st->interface].name);
	if (st->unseen) {
		buf_addf(out, "?       no rules of %s were given\n", h->name);
		return;
	}
	buf_addf(out, "%-6s  ", v->pass ? "pass" : "block");
	rule_text(out, v);
	buf_addc(out, '\n');
	if (v->dst_changed) {
		buf_adds(out, "        destination becomes ");
		end_text(out, &st->after, 0, 0);
		buf_adds(out, v->dst_pool != NULL ? " (one of several)\n" :
		    "\n");
	}
	if (v->src_changed) {
		buf_adds(out, "        source becomes ");
		end_text(out, &st->after, 1, v->sport_any);
		buf_addc(out, '\n');
	}
}

/* What the sender sees of a block. */
static const char *
symptom(const struct pf_step *st)
{
	int tcp = st->before.proto == 6;

	switch (st->verdict.how) {
	case PF_HOW_RETURN:
		return (tcp ? "the sender gets a TCP reset, as from a closed "
		    "port" : "the sender gets ICMP port unreachable");
	case PF_HOW_RETURN_RST:
		return (tcp ? "the sender gets a TCP reset, as from a closed "
		    "port" : "the sender gets nothing and times out");
	case PF_HOW_RETURN_ICMP:
		return ("the sender gets an ICMP error");
	default:
		return ("the sender gets nothing and times out");
	}
}

static void
print_blocked(const struct pf_site *s, const struct pf_path *path,
    struct buf *out)
{
	const struct pf_step *st = &path->steps[path->count - 1];
	const struct pf_step *prev = path->count > 1 ?
	    &path->steps[path->count - 2] : NULL;
	const struct pf_site_host *h = &s->hosts[st->host];

	buf_addf(out, "stops at %s, %s on %s: ", h->name, st->dir == PF_IN ?
	    "coming in" : "going out", h->env->ifs[st->interface].name);
	rule_text(out, &st->verdict);
	buf_addf(out, "\n%s\n", symptom(st));
	if (prev != NULL && prev->host == st->host && prev->dir == PF_IN &&
	    st->dir == PF_OUT && prev->verdict.rule != NULL)
		buf_addf(out, "%s:%d let it in; a forwarded packet passes pf "
		    "twice and the state made on the way in does not cover "
		    "the way out\n", prev->verdict.rule->file,
		    prev->verdict.rule->line);
}

static void
print_reply(const struct pf_site *s, const struct pf_path *path,
    struct buf *out)
{
	const struct pf_step *st = &path->steps[path->reply];
	const struct pf_site_host *h = &s->hosts[st->host];

	buf_addf(out, "arrives, but the answer is blocked at %s, %s on %s: ",
	    h->name, st->dir == PF_IN ? "going out" : "coming in",
	    h->env->ifs[st->interface].name);
	rule_text(out, &path->reply_verdict);
	buf_addc(out, '\n');
	if (!st->verdict.made_state)
		buf_addf(out, "nothing made a state: %s\n",
		    st->verdict.rule == NULL ? "no rule passed it" :
		    "the rule says no state");
}

static int
any_unseen(const struct pf_path *path)
{
	int i;

	for (i = 0; i < path->count; i++)
		if (path->steps[i].unseen)
			return (1);
	return (0);
}

static void
print_end(const struct pf_site *s, const struct pf_question *q,
    const struct pf_path *path, struct buf *out)
{
	const char *at = path->end_host < 0 ? "outside the site" :
	    s->hosts[path->end_host].name;

	switch (path->end) {
	case PF_END_ARRIVED:
		buf_addf(out, "arrives at %s%s; answers pass by the "
		    "states\n", q->to, any_unseen(path) ?
		    ", as far as the rules given tell" : "");
		break;
	case PF_END_BLOCKED:
		print_blocked(s, path, out);
		break;
	case PF_END_ELSEWHERE:
		buf_addf(out, "ends at %s, not at %s: no rule redirects it "
		    "there\n", at, q->to);
		break;
	case PF_END_NO_ROUTE:
		buf_addf(out, "stops at %s: no route to the destination\n",
		    at);
		break;
	case PF_END_PRIVATE:
		buf_addf(out, "leaves %s with a private source address: no "
		    "answer finds back, a nat-to is missing\n", at);
		break;
	case PF_END_REPLY:
		print_reply(s, path, out);
		break;
	case PF_END_LOOP:
		buf_addf(out, "goes in circles at %s\n", at);
		break;
	}
}

void
pf_path_print(const struct pf_site *s, const struct pf_question *q,
    const struct pf_path *path, struct buf *out)
{
	int i;

	if (path->count > 0) {
		buf_addf(out, "%s to %s: ", q->from, q->to);
		packet_text(out, &path->steps[0].before);
		buf_adds(out, path->via_public ?
		    ", the router's public address\n" : "\n");
	}
	for (i = 0; i < path->count; i++)
		print_step(s, &path->steps[i], i + 1, out);
	if (path->gap)
		buf_adds(out, "a router between these hosts was not given: "
		    "what it does is not seen\n");
	print_end(s, q, path, out);
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

static void
unseen_tables(const struct pf_site_host *h, struct buf *out)
{
	const struct pf_table *t;
	const struct pf_anchor *a;
	const struct pf_rule *r;

	for (t = h->conf.tables; t != NULL; t = t->next)
		if (!t->is_const && t->count == 0)
			buf_addf(out, "not seen: what fills table <%s> of %s "
			    "at run time\n", t->name, h->name);
	for (a = h->conf.anchors; a != NULL; a = a->next)
		for (r = a->first; r != NULL; r = r->next)
			if (r->action == PF_ANCHOR && r->body == NULL &&
			    (r->target == NULL || (r->target->count == 0 &&
			    r->target->child_count == 0)))
				buf_addf(out, "not seen: what is loaded into "
				    "anchor \"%s\" of %s at run time "
				    "(%s:%d)\n", r->call, h->name, r->file,
				    r->line);
}

void
pf_path_unseen(const struct pf_site *s, const struct pf_path *path,
    struct buf *out)
{
	int i;

	for (i = 0; i < path->count; i++)
		if (s->hosts[path->steps[i].host].ready &&
		    !seen_before(path, i))
			unseen_tables(&s->hosts[path->steps[i].host], out);
}
