/* SPDX-License-Identifier: ISC */
/*
 * The way of a connection in words. Pure.
 */
#include <string.h>

#include "agent/base/cur.h"
#include "agent/base/limits.h"
#include "probes/pf/names.h"
#include "probes/pf/trace/site.h"

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
		buf_adds(out, "\"set skip\": pf does not look here");
	else if (v->rule == NULL && strcmp(v->reason, "match") != 0)
		buf_addf(out, "dropped by pf itself: %s", v->reason);
	else if (v->rule == NULL)
		buf_adds(out, "no rule matches, pf passes");
	else {
		buf_addf(out, "%s:%d  ", v->rule->file, v->rule->line);
		pf_rule_print(out, v->rule, 0);
	}
}

/* "web (100.64.1.3:443)", or the address alone. */
static void
place_text(struct pf_site *s, const struct pf_packet *p, struct buf *out)
{
	const char *name = pf_site_name(s, p->af, &p->dst);

	if (name != NULL)
		buf_addf(out, "%s (", name);
	end_text(out, p, 0, 0);
	buf_adds(out, name != NULL ? ")" : "");
}

static void
print_step(struct pf_site *s, const struct pf_step *st, int n,
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
		buf_adds(out, v->dst_pool != NULL ? ", one of several\n" :
		    "\n");
	}
	if (v->src_changed) {
		buf_adds(out, "        source becomes ");
		end_text(out, &st->after, 1, v->sport_any);
		buf_adds(out, v->src_pool != NULL ? ", one of several\n" :
		    "\n");
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

/* The rule that sent the packet elsewhere. */
static void
redirect_text(const struct pf_path *path, struct buf *out)
{
	const struct pf_rule *r =
	    path->steps[path->redirect].verdict.rule;

	buf_addf(out, "%s:%d redirects it there", r->file, r->line);
}

/* Where it arrives, what sent it there, and what is not known of it. */
static void
print_arrived(struct pf_site *s, const struct pf_question *q,
    const struct pf_path *path, struct buf *out)
{
	const struct pf_packet *p = &path->steps[path->count - 1].after;
	const char *name = pf_site_name(s, p->af, &p->dst);

	int sent = path->redirect != -1 && (name == NULL || strcmp(name,
	    q->to) != 0);

	buf_adds(out, "arrives at ");
	if (sent)
		place_text(s, p, out);
	else
		buf_adds(out, q->to);
	if (any_unseen(path))
		buf_adds(out, ", as far as the rules given tell");
	else if (path->end_host == -1 && name != NULL)
		buf_adds(out, ", whose own rules were not given");
	if (sent) {
		buf_adds(out, "; ");
		redirect_text(path, out);
	}
	buf_adds(out, "; answers pass by the states\n");
}

static void
print_elsewhere(struct pf_site *s, const struct pf_question *q,
    const struct pf_path *path, struct buf *out)
{
	buf_adds(out, "ends at ");
	place_text(s, &path->steps[path->count - 1].after, out);
	buf_addf(out, ", not at %s: ", q->to);
	if (path->redirect != -1)
		redirect_text(path, out);
	else
		buf_adds(out, "no rule redirects it there");
	buf_addc(out, '\n');
}

static void
print_end(struct pf_site *s, const struct pf_question *q,
    const struct pf_path *path, struct buf *out)
{
	const char *at = path->end_host < 0 ? "outside the site" :
	    s->hosts[path->end_host].name;

	switch (path->end) {
	case PF_END_ARRIVED:
		print_arrived(s, q, path, out);
		break;
	case PF_END_BLOCKED:
		print_blocked(s, path, out);
		break;
	case PF_END_ELSEWHERE:
		print_elsewhere(s, q, path, out);
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

/* The way from outside, where a rule redirects what stays here. */
static void
print_from_outside(struct pf_site *s, const struct pf_path *path,
    struct buf *out)
{
	const struct pf_verdict *v = &path->from_outside;
	struct pf_packet p = path->steps[path->count - 1].before;

	buf_adds(out, "that is the router itself: no rule redirects it from "
	    "this side; ");
	p.dst = v->dst;
	p.dport = v->dport;
	buf_addf(out, "from outside %s:%d sends it to ", v->rule->file,
	    v->rule->line);
	place_text(s, &p, out);
	buf_addc(out, '\n');
}

/* Interfaces on which IPv6 neighbours do not find each other. */
static void
print_discovery(const struct pf_site *s, const struct pf_path *path,
    struct buf *out)
{
	const struct pf_step *st;
	const struct pf_site_host *h;
	const struct pf_rule *r;
	int i, any = 0;

	for (i = 0; i < path->count; i++) {
		st = &path->steps[i];
		if ((r = pf_discovery_blocked(s, st)) == NULL)
			continue;
		h = &s->hosts[st->host];
		buf_addf(out, "%s:%d blocks neighbour discovery on %s of %s, "
		    "without which no IPv6 packet gets there\n", r->file,
		    r->line, h->env->ifs[st->interface].name, h->name);
		any = 1;
	}
	if (any)
		buf_adds(out, "what neighbours need: pass inet6 proto icmp6 "
		    "icmp6-type { neighbrsol neighbradv }\n");
}

void
pf_path_notes(struct pf_site *s, const struct pf_path *path, struct buf *out)
{
	if (path->from_outside_redirected)
		print_from_outside(s, path, out);
	print_discovery(s, path, out);
}

#define WIDTH 80

/* One line, broken at blanks; what follows is indented. */
static void
wrap_line(struct str line, struct buf *out)
{
	/* A hop begins with its number in two columns. */
	size_t at, indent = line.n > 4 && line.p[2] == ' ' &&
	    line.p[3] == ' ' ? 8 : 4;
	size_t room = WIDTH;

	while (line.n > room) {
		for (at = room; at > 0 && line.p[at] != ' '; at--)
			;
		/* A word that is too long stays whole. */
		if (at <= indent)
			for (at = room; at < line.n && line.p[at] != ' ';
			    at++)
				;
		if (at == line.n)
			break;
		buf_add_str(out, str_sub(line, 0, at));
		buf_addf(out, "\n%*s", (int)indent, "");
		line = str_trim(str_sub(line, at, line.n));
		room = WIDTH - indent;
	}
	buf_add_str(out, line);
	buf_addc(out, '\n');
}

static void
wrap(const struct buf *text, struct buf *out)
{
	struct cur c;

	cur_init(&c, text->data, text->len);
	while (cur_left(&c) > 0)
		wrap_line(cur_line(&c), out);
}

void
pf_path_print(struct pf_site *s, const struct pf_question *q,
    const struct pf_path *path, struct buf *out)
{
	struct buf b;
	int i;

	buf_init(&b, LIMIT_PF_TEXT);
	if (path->count > 0) {
		buf_addf(&b, "%s to %s: ", q->from, q->to);
		packet_text(&b, &path->steps[0].before);
		buf_adds(&b, path->via_public ?
		    ", the router's public address\n" : "\n");
	}
	for (i = 0; i < path->count; i++)
		print_step(s, &path->steps[i], i + 1, &b);
	if (path->gap)
		buf_adds(&b, "a router between these hosts was not given: "
		    "what it does is not seen\n");
	print_end(s, q, path, &b);
	pf_path_notes(s, path, &b);
	pf_path_unseen(s, path, &b);
	wrap(&b, out);
	buf_free(&b);
}
