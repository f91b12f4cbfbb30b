/* SPDX-License-Identifier: ISC */
/*
 * Rules of pf.conf(5): pass, block and match, and antispoof, which makes
 * some; and the parts of a line that anchors share. Pure.
 */
#include <stdlib.h>
#include <string.h>

#include "probes/pf/names.h"
#include "probes/pf/parse.h"

static int
log_option(struct pf_parser *p, struct pf_rule *r)
{
	const char *name;
	struct str s;
	int64_t n;

	if (pf_accept(p, K_ALL))
		r->log |= PF_LOG_ALL;
	else if (pf_accept(p, K_MATCHES))
		r->log |= PF_LOG_MATCHES;
	else if (pf_accept(p, K_USER))
		r->log |= PF_LOG_USER;
	else if (pf_accept(p, K_TO)) {
		if (pf_strings(p, &name) == -1)
			return (-1);
		s = str_from(name);
		if (!str_starts(s, "pflog"))
			return (pf_error(p, "%s: should be a pflog interface",
			    name));
		s = str_sub(s, 5, s.n);
		if (str_num(s, INT64_MIN, INT64_MAX, &n) == -1)
			return (pf_error(p, "%s: invalid", name));
		if (n < 0 || n > 255)
			return (pf_error(p, "%s: too %s", name, n < 0 ?
			    "small" : "large"));
		if (n != 0)
			r->logif = (int)n;
	} else
		return (pf_syntax(p));
	return (0);
}

/* log [(options)] and quick, in either order. */
static int
parse_log_quick(struct pf_parser *p, struct pf_rule *r)
{
	for (;;) {
		if (!r->quick && pf_accept(p, K_QUICK)) {
			r->quick = 1;
			continue;
		}
		if (r->log != 0 || !pf_accept(p, K_LOG))
			return (0);
		r->log = PF_LOG;
		if (!pf_accept(p, '('))
			continue;
		do {
			if (log_option(p, r) == -1)
				return (-1);
		} while (!pf_accept(p, ')') && (pf_accept(p, ','), 1));
	}
}

void
pf_parse_dir(struct pf_parser *p, struct pf_rule *r)
{
	if (pf_accept(p, K_IN))
		r->dir = PF_IN;
	else if (pf_accept(p, K_OUT))
		r->dir = PF_OUT;
}

static void
parse_af(struct pf_parser *p, struct pf_rule *r)
{
	if (pf_accept(p, K_INET))
		r->af = PF_AF_INET;
	else if (pf_accept(p, K_INET6))
		r->af = PF_AF_INET6;
}

/* A code in return-icmp( ); the value is type << 8 | code. */
static int
return_code(struct pf_parser *p, enum pf_af af, int *out)
{
	int type = af == PF_AF_INET6 ? 1 : 3, code;
	const char *name;
	char *end;
	int64_t n;

	if (pf_peek(p) == T_NUMBER) {
		if (pf_number(p, &n) == -1)
			return (-1);
		if (n < 0 || n > 255)
			return (pf_error(p, "invalid icmp code %lld",
			    (long long)n));
		*out = type << 8 | (int)n;
		return (0);
	}
	if (pf_string(p, &name) == -1)
		return (-1);
	n = (int64_t)strtoul(name, &end, 0);
	if (name[0] != '\0' && *end == '\0') {
		if (n < 0 || n > 255)
			return (pf_error(p, "invalid icmp code %lld",
			    (long long)n));
	} else {
		if ((code = pf_icmp_code(type, name, af)) == -1)
			return (pf_error(p, "unknown icmp code %s", name));
		n = code;
	}
	*out = type << 8 | (int)n;
	return (0);
}

static int
parse_return_icmp(struct pf_parser *p, struct pf_rule *r, int six)
{
	int number;

	r->returns = PF_RETURN_ICMP;
	if (!pf_accept(p, '('))
		return (0);
	if (six) {
		if (return_code(p, PF_AF_INET6, &r->return_icmp6) == -1)
			return (-1);
		return (pf_expect(p, ')'));
	}
	if (return_code(p, PF_AF_INET, &r->return_icmp) == -1)
		return (-1);
	/* pfctl gives IPv6 the IPv4 default then. */
	r->return_icmp6 = 3 << 8 | 3;
	if (pf_accept(p, ')'))
		return (0);
	pf_accept(p, ',');
	number = pf_peek(p) == T_NUMBER;
	if (return_code(p, PF_AF_INET6, &r->return_icmp6) == -1)
		return (-1);
	/* A live rule's number, where there is a name, is that default. */
	if (p->conf->live && r->return_icmp6 == (1 << 8 | 3) && number)
		r->return_icmp6 = 3 << 8 | 3;
	return (pf_expect(p, ')'));
}

static int
parse_return_rst(struct pf_parser *p, struct pf_rule *r)
{
	int64_t n;

	r->returns = PF_RETURN_RST;
	if (!pf_accept(p, '('))
		return (0);
	if (pf_expect(p, K_TTL) == -1 || pf_number(p, &n) == -1 ||
	    pf_expect(p, ')') == -1)
		return (-1);
	if (n < 0 || n > 255)
		return (pf_error(p, "illegal ttl value %lld", (long long)n));
	r->return_ttl = (int)n;
	return (0);
}

static int
parse_block(struct pf_parser *p, struct pf_rule *r)
{
	r->action = PF_BLOCK;
	r->return_icmp = 3 << 8 | 3;
	r->return_icmp6 = 1 << 8 | 4;
	r->returns = p->block_return ? PF_RETURN : PF_DROP;
	if (pf_accept(p, K_DROP))
		r->returns = PF_DROP;
	else if (pf_accept(p, K_RETURN))
		r->returns = PF_RETURN;
	else if (pf_accept(p, K_RETURNRST))
		return (parse_return_rst(p, r));
	else if (pf_accept(p, K_RETURNICMP))
		return (parse_return_icmp(p, r, 0));
	else if (pf_accept(p, K_RETURNICMP6))
		return (parse_return_icmp(p, r, 1));
	return (0);
}

static int
parse_action(struct pf_parser *p, struct pf_rule *r)
{
	if (pf_accept(p, K_PASS))
		r->action = PF_PASS;
	else if (pf_accept(p, K_MATCH))
		r->action = PF_MATCH;
	else
		return (pf_accept(p, K_BLOCK) ? parse_block(p, r) : -1);
	return (0);
}

void
pf_rule_init(struct pf_parser *p, struct pf_rule *r)
{
	memset(r, 0, sizeof(*r));
	r->ifname = r->rcvif = r->queue = r->pqueue = r->overload = "";
	r->label = r->tag = r->tagged = "";
	r->rdomain = r->rtable = -1;
	r->prio = PF_PRIO_NONE;
	r->file = p->start_file;
	r->line = p->start;
}

/* flags and os need tcp, when a protocol is said. */
int
pf_check_tcp_only(struct pf_parser *p, const struct pf_options *o,
    const struct pf_lists *l, const char *os_text)
{
	const struct pf_protocol *proto;

	if (o->flags == 0 && o->flagset == 0 && l->ft.os == NULL)
		return (0);
	for (proto = l->protos; proto != NULL; proto = proto->next)
		if (proto->proto == 6)
			return (0);
	if (l->protos == NULL)
		return (0);
	if (o->flags != 0 || o->flagset != 0)
		pf_error(p, "flags only apply to tcp");
	if (l->ft.os != NULL)
		pf_error(p, "%s", os_text);
	return (-1);
}

/* The family that all hosts of a list have, when the rule says none. */
void
pf_decide_family(const struct pf_host *h, enum pf_af *af)
{
	if (*af != PF_AF_ANY || h == NULL)
		return;
	*af = h->af;
	for (h = h->next; h != NULL; h = h->next)
		if (h->af != *af) {
			*af = PF_AF_ANY;
			return;
		}
}

/* interface af proto hosts options: what rules and anchors share. */
int
pf_parse_tail(struct pf_parser *p, struct pf_rule *r, struct pf_lists *l,
    struct pf_options *o)
{
	memset(l, 0, sizeof(*l));
	if (pf_parse_if_list(p, &l->ifs) == -1)
		return (-1);
	parse_af(p, r);
	if (pf_parse_protos(p, &l->protos) == -1 ||
	    pf_parse_from_to(p, &l->ft) == -1 ||
	    pf_parse_options(p, o) == -1)
		return (-1);
	l->uid = o->uid;
	l->gid = o->gid;
	l->rcv = o->rcv;
	l->icmp = o->icmp;
	return (0);
}

static int
rule_divert(struct pf_parser *p, struct pf_rule *r, const struct pf_options *o)
{
	const struct pf_host *h = o->divert_host;

	r->divert = o->divert;
	r->divert_port = o->divert_port;
	if (o->divert == PF_DIVERT_REPLY && r->dir == PF_IN)
		return (pf_error(p, "divert-reply used with incoming rule"));
	if (o->divert != PF_DIVERT_TO)
		return (0);
	if (r->dir == PF_OUT)
		return (pf_error(p, "divert-to used with outgoing rule"));
	while (r->af != PF_AF_ANY && h != NULL && h->af != r->af)
		h = h->next;
	if (h == NULL)
		return (pf_error(p, "divert-to address family mismatch"));
	r->af = h->af;
	r->divert_ip = h->addr.ip;
	return (0);
}

int
pf_parse_rule(struct pf_parser *p)
{
	struct pf_rule r;
	struct pf_lists l;
	struct pf_options o;

	pf_rule_init(p, &r);
	if (parse_action(p, &r) == -1)
		return (-1);
	pf_parse_dir(p, &r);
	if (parse_log_quick(p, &r) == -1 || pf_parse_tail(p, &r, &l, &o) == -1)
		return (-1);
	if (pf_peek(p) != '\n')
		return (pf_syntax(p));
	if (pf_rule_options(p, &r, &o) == -1 || pf_check_tcp_only(p, &o, &l,
	    "OS fingerprinting only apply to tcp") == -1 ||
	    pf_rule_state(p, &r, &o) == -1)
		return (-1);
	pf_decide_family(l.ft.src, &r.af);
	pf_decide_family(l.ft.dst, &r.af);
	if (o.rt != PF_ROUTE_NONE && o.rt != PF_DUP_TO && r.dir == PF_INOUT)
		return (pf_error(p, "direction must be explicit with rules "
		    "that specify routing"));
	r.rt = o.rt;
	if (rule_divert(p, &r, &o) == -1)
		return (-1);
	l.nat = &o.nat;
	l.rdr = &o.rdr;
	l.route = &o.route;
	pf_expand(p, &r, &l);
	return (0);
}

/* The hosts that antispoof makes of one interface. */
static void
antispoof_rules(struct pf_parser *p, const struct pf_rule *r,
    const struct pf_interface *i)
{
	struct pf_interface not = { .name = i->name, .not = 1,
	    .rdomain = -1 };
	struct pf_host net, own, *h = &net;
	struct pf_lists l;
	struct pf_rule copy = *r;

	memset(&l, 0, sizeof(l));
	memset(&net, 0, sizeof(net));
	if (i->dynamic) {
		net.addr.type = PF_ADDR_DYNIF;
		net.addr.mask = pf_mask_of(128);
		net.addr.name = i->name;
		own = net;
		net.addr.modifiers = PF_IFM_NETWORK;
	} else
		h = pf_if_addrs(p, i->name, PF_IFM_NETWORK);
	if (h != NULL) {
		l.ifs = &not;
		l.ft.src = h;
		pf_expand(p, &copy, &l);
	}
	if (i->loopback)
		return;
	h = i->dynamic ? &own : pf_if_addrs(p, i->name, 0);
	if (h == NULL)
		return;
	copy = *r;
	l.ifs = NULL;
	l.ft.src = h;
	pf_expand(p, &copy, &l);
}

static int
antispoof_item(struct pf_parser *p, struct pf_interface **out)
{
	int dynamic = pf_accept(p, '(');

	if (pf_parse_if_item(p, out) == -1)
		return (-1);
	(*out)->dynamic = dynamic;
	return (dynamic ? pf_expect(p, ')') : 0);
}

static int
antispoof_list(struct pf_parser *p, struct pf_interface **list)
{
	int more;

	if (pf_expect(p, K_FOR) == -1)
		return (-1);
	if (!pf_accept(p, '{'))
		return (antispoof_item(p, list));
	pf_newlines(p);
	do {
		if (antispoof_item(p, list) == -1 ||
		    (more = pf_list_more(p)) == -1)
			return (-1);
		list = &(*list)->next;
	} while (more);
	return (0);
}

int
pf_parse_antispoof(struct pf_parser *p)
{
	struct pf_rule r;
	struct pf_interface *list = NULL, *i;
	int64_t n;
	int labels = 0;

	pf_rule_init(p, &r);
	r.action = PF_BLOCK;
	r.dir = PF_IN;
	if (parse_log_quick(p, &r) == -1 || antispoof_list(p, &list) == -1)
		return (-1);
	parse_af(p, &r);
	while (pf_peek(p) != '\n') {
		if (pf_accept(p, K_LABEL)) {
			if (pf_string(p, &r.label) == -1)
				return (-1);
			if (labels++)
				return (pf_error(p, "label cannot be "
				    "redefined"));
		} else if (pf_accept(p, K_RTABLE)) {
			if (pf_number(p, &n) == -1)
				return (-1);
			if (n < 0 || n > 255)
				return (pf_error(p, "invalid rtable id"));
			if (n != 0)
				return (pf_error(p, "rtable %lld does not "
				    "exist", (long long)n));
			r.rtable = (int)n;
		} else
			return (pf_syntax(p));
	}
	if (strlen(r.label) > 63)
		return (pf_error(p, "rule label too long (max 63 chars)"));
	for (i = list; i != NULL; i = i->next)
		antispoof_rules(p, &r, i);
	return (0);
}
