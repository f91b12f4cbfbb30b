/* SPDX-License-Identifier: ISC */
/*
 * What the rules of a site's packet filters have: redirections, ports,
 * addresses. Pure.
 */
#include <stdio.h>
#include <string.h>

#include "probes/config/pf/rules_pf.h"

static int
is_digit(struct str s, size_t i)
{
	return (i < s.n && s.p[i] >= '0' && s.p[i] <= '9');
}

/* Does a text hold the word as a number of its own? */
static int
has_number(struct str s, const char *word)
{
	struct str rest;
	size_t at;

	for (; (at = str_find(s, word)) != SIZE_MAX; s = rest) {
		rest = str_sub(s, at + strlen(word), s.n);
		if (!is_digit(rest, 0) && (at == 0 || !is_digit(s, at - 1)))
			return (1);
	}
	return (0);
}

/* Does nginx speak to that port, or listen on it? In files that others
 * include too. */
static int
nginx_has(const struct lint *l, const char *before, int port)
{
	const struct config_file *f;
	char text[32];
	size_t i;

	snprintf(text, sizeof(text), "%s%d", before, port);
	for (i = 0; i < l->set->count; i++) {
		f = &l->set->list[i];
		if (f->reader != NULL && strcmp(f->reader->kind,
		    "nginx.conf") == 0 && has_number(f->text, text))
			return (1);
	}
	return (0);
}

/* A port that no file says may be another one. */
int
pf_port_known(const struct run *r, const struct flow *flow)
{
	const struct lint *l = r->l;

	if (flow->udp)
		return (r->jvb != NULL || config_find(l->set,
		    "sip-communicator.properties", NULL) != NULL);
	if (strcmp(flow->id, "web-xmpp-http") == 0)
		return (nginx_has(l, ":", flow->port));
	if (strstr(flow->id, "c2s") != NULL)
		return (l->n.prosody != NULL || l->n.jicofo != NULL);
	return (flow->to != ROLE_WEB || nginx_has(l, "", flow->port));
}

/* Does a file say that a flow has another port? */
int
pf_port_is_other(const struct run *r, const struct flow *flow)
{
	return (r->l->n.nginx != NULL && (flow->to == ROLE_WEB ||
	    strcmp(flow->id, "web-xmpp-http") == 0) &&
	    !pf_port_known(r, flow));
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

/* The rule after r of a host, through all of its rulesets; *a: whose it is. */
const struct pf_rule *
pf_rule_next(const struct pf_rule *r, const struct pf_anchor **a)
{
	r = r == NULL ? NULL : r->next;
	while (r == NULL && *a != NULL) {
		*a = (*a)->next;
		r = *a == NULL ? NULL : (*a)->first;
	}
	return (r);
}

const struct pf_rule *
pf_rule_first(const struct pf_site_host *h, const struct pf_anchor **a)
{
	*a = h->ready ? h->conf.anchors : NULL;
	if (*a == NULL || (*a)->first != NULL)
		return (*a == NULL ? NULL : (*a)->first);
	return (pf_rule_next(NULL, a));
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
int
pf_uses_other_port(const struct run *r, const struct pf_followed *one)
{
	const struct pf_site_host *h;
	const struct pf_anchor *a;
	const struct pf_rule *rule;
	int i, here, other = 0;

	for (i = 0; i < r->f->pf.count; i++) {
		h = &r->f->pf.hosts[i];
		here = strcmp(h->name, one->to) == 0;
		for (rule = pf_rule_first(h, &a); rule != NULL;
		    rule = pf_rule_next(rule, &a)) {
			if (rule->action != PF_PASS || rule->proto !=
			    one->q.proto)
				continue;
			if (pf_covers(&rule->dst.port, one->q.port))
				return (0);
			other |= is_other_port(r, one, rule, here);
		}
	}
	return (other);
}

/* Any rule of the router's that redirects, or that translates sources. */
int
pf_has_pool(const struct filter *one, int nat)
{
	const struct pf_anchor *a;
	const struct pf_rule *rule;

	for (rule = pf_rule_first(one->h, &a); rule != NULL;
	    rule = pf_rule_next(rule, &a))
		if ((nat ? rule->nat : rule->rdr).addr.type !=
		    PF_ADDR_NONE || (rule->bits & PF_BIT_AFTO) != 0)
			return (1);
	return (0);
}

/* A rule of the router's that redirects this protocol to that machine: one
 * for this port, else any. */
const struct pf_rule *
pf_redirects_to(const struct filter *one, const struct pf_question *q,
    const struct machine *m)
{
	const struct pf_anchor *a;
	const struct pf_rule *rule, *any = NULL;

	for (rule = pf_rule_first(one->h, &a); rule != NULL;
	    rule = pf_rule_next(rule, &a)) {
		if (rule->rdr.addr.type != PF_ADDR_MASK ||
		    (rule->proto != q->proto && rule->proto != 0) ||
		    !pf_ip_eq(&rule->rdr.addr.ip, &m->ip))
			continue;
		if (rule->dst.port.op == PF_OP_NONE ||
		    pf_covers(&rule->dst.port, q->port))
			return (rule);
		any = rule;
	}
	return (any);
}

struct val
pf_media_port(const struct run *r)
{
	struct val v = val_of(r->jvb, "videobridge.ice.udp.port");

	if (!val_is(v))
		v = val_of(config_find(r->l->set,
		    "sip-communicator.properties", NULL),
		    "org.jitsi.videobridge.SINGLE_PORT_HARVESTER_PORT");
	return (val_is(v) ? v : (struct val){ r->jvb, NULL });
}

/* Does a rule of the router's name the address? */
int
pf_names_address(const struct filter *one, const struct pf_ip *ip)
{
	const struct pf_anchor *a;
	const struct pf_rule *rule;

	for (rule = pf_rule_first(one->h, &a); rule != NULL;
	    rule = pf_rule_next(rule, &a))
		if (pf_ip_eq(&rule->dst.addr.ip, ip) ||
		    pf_ip_eq(&rule->src.addr.ip, ip) ||
		    pf_ip_eq(&rule->rdr.addr.ip, ip))
			return (1);
	return (0);
}
