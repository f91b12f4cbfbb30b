/* SPDX-License-Identifier: ISC */
/*
 * The options after the hosts of a rule, in any order; interfaces and
 * protocols before them. Pure. One function an option, found by its keyword.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "probes/pf/names.h"
#include "probes/pf/parse.h"

static const char flag_letters[] = "FSRPAUEW";

int
pf_parse_if_item(struct pf_parser *p, struct pf_interface **out)
{
	struct pf_interface *i = pf_new(p, sizeof(*i));
	const struct pf_env *env = p->conf->env;
	int64_t n;
	int index;

	*out = i;
	i->name = "";
	i->rdomain = -1;
	if (pf_accept(p, K_ANY)) {
		i->name = "any";
		return (0);
	}
	if (pf_accept(p, K_RDOMAIN)) {
		if (pf_number(p, &n) == -1)
			return (-1);
		if (n < 0 || n > 255)
			pf_error(p, "rdomain %lld outside range",
			    (long long)n);
		i->rdomain = (int)(n & 255);
		return (0);
	}
	if (pf_string(p, &i->name) == -1)
		return (-1);
	if (strlen(i->name) > 15)
		return (pf_error(p, "interface name too long"));
	if (pf_env_group(env, i->name) == -1 &&
	    (index = pf_env_if(env, i->name)) != -1)
		i->loopback = (env->ifs[index].flags & PF_IF_LOOPBACK) != 0;
	return (0);
}

static int
if_item_not(struct pf_parser *p, struct pf_interface **out)
{
	int not = pf_accept(p, '!');

	if (pf_parse_if_item(p, out) == -1)
		return (-1);
	(*out)->not = not;
	return (0);
}

int
pf_parse_if_list(struct pf_parser *p, struct pf_interface **list)
{
	int more;

	*list = NULL;
	if (!pf_accept(p, K_ON))
		return (0);
	if (!pf_accept(p, '{'))
		return (if_item_not(p, list));
	pf_newlines(p);
	do {
		if (if_item_not(p, list) == -1 || (more = pf_list_more(p)) ==
		    -1)
			return (-1);
		list = &(*list)->next;
	} while (more);
	return (0);
}

static int
proto_item(struct pf_parser *p, struct pf_protocol **out)
{
	struct pf_protocol *proto = pf_new(p, sizeof(*proto));
	const char *name;
	int64_t n;

	*out = proto;
	if (pf_peek(p) == T_NUMBER) {
		if (pf_number(p, &n) == -1)
			return (-1);
		if (n < 0 || n > 255)
			return (pf_error(p, "protocol outside range"));
	} else {
		if (pf_string(p, &name) == -1)
			return (-1);
		if ((n = pf_proto(name)) == -1)
			return (pf_error(p, "unknown protocol %s", name));
	}
	if (n == 0)
		return (pf_error(p, "proto 0 cannot be used"));
	proto->proto = (int)n;
	return (0);
}

int
pf_parse_protos(struct pf_parser *p, struct pf_protocol **list)
{
	int more;

	*list = NULL;
	if (!pf_accept(p, K_PROTO))
		return (0);
	if (!pf_accept(p, '{'))
		return (proto_item(p, list));
	pf_newlines(p);
	do {
		if (proto_item(p, list) == -1 || (more = pf_list_more(p)) ==
		    -1)
			return (-1);
		list = &(*list)->next;
	} while (more);
	return (0);
}

/* A user or group of users: name, number, "unknown". */
static int
parse_id(struct pf_parser *p, int group, uint32_t *out)
{
	const struct pf_env *env = p->conf->env;
	const char *what = group ? "group" : "user", *name;
	int64_t n;

	if (pf_peek(p) == T_NUMBER) {
		if (pf_number(p, &n) == -1)
			return (-1);
		if (n < 0 || n >= UINT32_MAX)
			return (pf_error(p, "illegal %s value %lld",
			    group ? "gid" : "uid", (long long)n));
		*out = (uint32_t)n;
		return (0);
	}
	if (pf_string(p, &name) == -1)
		return (-1);
	if (strcmp(name, "unknown") == 0) {
		*out = PF_UID_UNKNOWN;
		return (0);
	}
	if ((group ? pf_env_gid(env, name, out) : pf_env_uid(env, name,
	    out)) == -1)
		return (pf_error(p, "unknown %s %s", what, name));
	return (0);
}

static int
id_item(struct pf_parser *p, int group, struct pf_range **out)
{
	struct pf_range *r = pf_new(p, sizeof(*r));
	int unary = pf_unary_op(p, &r->op), unknown;

	*out = r;
	if (parse_id(p, group, &r->a) == -1)
		return (-1);
	r->b = r->a;
	unknown = r->a == PF_UID_UNKNOWN;
	if (!unary) {
		r->op = PF_OP_EQ;
		if (pf_peek(p) != T_IRG && pf_peek(p) != T_XRG)
			return (0);
		r->op = pf_peek(p) == T_IRG ? PF_OP_IRG : PF_OP_XRG;
		pf_next(p);
		if (parse_id(p, group, &r->b) == -1)
			return (-1);
		unknown = unknown || r->b == PF_UID_UNKNOWN;
	}
	if (unknown && r->op != PF_OP_EQ && r->op != PF_OP_NE)
		return (pf_error(p, "%s unknown requires operator = or !=",
		    group ? "group" : "user"));
	return (0);
}

/* A list; the new ones come before those of an earlier option. */
static int
parse_ids(struct pf_parser *p, int group, struct pf_range **list)
{
	struct pf_range *old = *list, *first = NULL, **tail = &first;
	int more = 0, braces = pf_accept(p, '{');

	if (braces)
		pf_newlines(p);
	do {
		if (id_item(p, group, tail) == -1)
			return (-1);
		tail = &(*tail)->next;
		if (braces && (more = pf_list_more(p)) == -1)
			return (-1);
	} while (more);
	*tail = old;
	*list = first;
	return (0);
}

static int
flag_word(struct pf_parser *p, int *out)
{
	const char *s, *q, *letter;
	int f = 0;

	if (pf_string(p, &s) == -1)
		return (-1);
	for (q = s; *q != '\0'; q++) {
		if ((letter = strchr(flag_letters, *q)) == NULL)
			return (pf_error(p, "bad flags %s", s));
		f |= 1 << (letter - flag_letters);
	}
	*out = f == 0 ? 0xff : f;
	return (0);
}

static int
opt_flags(struct pf_parser *p, struct pf_options *o)
{
	int a = 0, b = 0;

	if (!pf_accept(p, K_ANY)) {
		if (pf_peek(p) != '/' && flag_word(p, &a) == -1)
			return (-1);
		if (pf_expect(p, '/') == -1 || flag_word(p, &b) == -1)
			return (-1);
	}
	if (o->has_flags)
		return (pf_error(p, "flags cannot be redefined"));
	o->has_flags = 1;
	o->flags = a;
	o->flagset = b;
	return (0);
}

static int
icmp_value(struct pf_parser *p, enum pf_af af, int type, int *out)
{
	const char *v6 = af == PF_AF_INET6 ? "6" : "", *name;
	const char *what = type == -1 ? "type" : "code";
	int64_t n;

	if (pf_peek(p) == T_NUMBER) {
		if (pf_number(p, &n) == -1)
			return (-1);
		if (n < 0 || n > 255)
			return (pf_error(p, "illegal icmp%s-%s %lld",
			    type == -1 ? v6 : "", what, (long long)n));
		*out = (int)n + 1;
		return (0);
	}
	if (pf_string(p, &name) == -1)
		return (-1);
	n = type == -1 ? pf_icmp_type(name, af) : pf_icmp_code(type, name,
	    af);
	if (n == -1)
		return (pf_error(p, "unknown icmp%s-%s %s", v6, what, name));
	*out = (int)n + 1;
	return (0);
}

static int
icmp_item(struct pf_parser *p, enum pf_af af, struct pf_icmp **out)
{
	struct pf_icmp *i = pf_new(p, sizeof(*i));

	*out = i;
	i->proto = af == PF_AF_INET6 ? 58 : 1;
	if (icmp_value(p, af, -1, &i->type) == -1)
		return (-1);
	if (!pf_accept(p, K_CODE))
		return (0);
	return (icmp_value(p, af, i->type - 1, &i->code));
}

static int
opt_icmp(struct pf_parser *p, struct pf_options *o, enum pf_af af)
{
	struct pf_icmp *first = NULL, **tail = &first;
	int more = 0, braces = pf_accept(p, '{');

	if (braces)
		pf_newlines(p);
	do {
		if (icmp_item(p, af, tail) == -1)
			return (-1);
		tail = &(*tail)->next;
		if (braces && (more = pf_list_more(p)) == -1)
			return (-1);
	} while (more);
	if (o->icmp != NULL)
		return (pf_error(p, "icmp-type cannot be redefined"));
	o->icmp = first;
	return (0);
}

static int
parse_tos(struct pf_parser *p, int *out)
{
	const char *s;
	char *end;
	int64_t n;

	if (pf_peek(p) == T_NUMBER) {
		if (pf_number(p, &n) == -1)
			return (-1);
		if (n < 0 || n > 255)
			return (pf_error(p, "illegal tos value %lld",
			    (long long)n));
		*out = (int)n;
		return (0);
	}
	if (pf_string(p, &s) == -1)
		return (-1);
	if ((n = pf_tos(s)) == -1) {
		n = 256;
		if (s[0] == '0' && s[1] == 'x') {
			n = (int64_t)strtoul(s, &end, 16);
			if (*end != '\0')
				n = 256;
		}
	}
	if (n < 0 || n > 255)
		return (pf_error(p, "illegal tos value %s", s));
	*out = (int)n;
	return (0);
}

static int
prio_number(struct pf_parser *p, int *out)
{
	int64_t n;

	if (pf_number(p, &n) == -1)
		return (-1);
	*out = n < 0 || n > 7 ? -1 : (int)n;
	return (0);
}

static int
opt_prio(struct pf_parser *p, struct pf_options *o)
{
	int n;

	if (prio_number(p, &n) == -1)
		return (-1);
	if (o->has_prio)
		return (pf_error(p, "prio cannot be redefined"));
	if (n == -1)
		return (pf_error(p, "prio must be 0 - 7"));
	o->has_prio = 1;
	o->prio = n;
	return (0);
}

static int
set_prio(struct pf_parser *p, struct pf_options *o)
{
	int a, b;

	if (pf_accept(p, '(')) {
		if (prio_number(p, &a) == -1)
			return (-1);
		pf_accept(p, ',');
		if (prio_number(p, &b) == -1 || pf_expect(p, ')') == -1)
			return (-1);
	} else {
		if (prio_number(p, &a) == -1)
			return (-1);
		b = a;
	}
	if (a == -1 || b == -1)
		return (pf_error(p, "prio must be 0 - 7"));
	if (o->has_setprio)
		return (pf_error(p, "prio cannot be redefined"));
	o->has_setprio = 1;
	o->set_prio[0] = a;
	o->set_prio[1] = b;
	return (0);
}

static int
queue_name(struct pf_parser *p, const char **out)
{
	return (pf_string(p, out));
}

static int
opt_queue(struct pf_parser *p, struct pf_options *o)
{
	const char *name, *second = NULL;

	if (pf_accept(p, '(')) {
		if (queue_name(p, &name) == -1)
			return (-1);
		if (!pf_accept(p, ')')) {
			pf_accept(p, ',');
			if (queue_name(p, &second) == -1 ||
			    pf_expect(p, ')') == -1)
				return (-1);
		}
	} else if (queue_name(p, &name) == -1)
		return (-1);
	if (!p->conf->live) {
		if (!pf_queue_known(p->conf, name))
			return (pf_error(p, "queue %s is not defined", name));
		if (second != NULL && !pf_queue_known(p->conf, second))
			return (pf_error(p, "queue %s is not defined",
			    second));
	}
	if (o->queue != NULL)
		return (pf_error(p, "queue cannot be redefined"));
	o->queue = name;
	o->pqueue = second;
	return (0);
}

static int
set_one(struct pf_parser *p, struct pf_options *o)
{
	int64_t n;

	if (pf_accept(p, K_PRIO))
		return (set_prio(p, o));
	if (pf_accept(p, K_QUEUE))
		return (opt_queue(p, o));
	if (pf_accept(p, K_TOS)) {
		if (parse_tos(p, &o->set_tos) == -1)
			return (-1);
		if (o->has_settos)
			return (pf_error(p, "tos cannot be respecified"));
		o->has_settos = 1;
		return (0);
	}
	if (!pf_accept(p, K_DELAY))
		return (pf_syntax(p));
	if (pf_number(p, &n) == -1)
		return (-1);
	if (o->delay != 0)
		return (pf_error(p, "delay cannot be respecified"));
	if (n < 0 || n > 0xffff)
		return (pf_error(p, "illegal delay value %lld (0-%u)",
		    (long long)n, 0xffff));
	o->has_delay = 1;
	o->delay = (int)n;
	return (0);
}

static int
opt_set(struct pf_parser *p, struct pf_options *o)
{
	if (!pf_accept(p, '('))
		return (set_one(p, o));
	do {
		if (set_one(p, o) == -1)
			return (-1);
	} while (!pf_accept(p, ')') && (pf_accept(p, ','), 1));
	return (0);
}

static int
opt_probability(struct pf_parser *p, struct pf_options *o)
{
	const char *s;
	char *end;
	int64_t n;
	double v, share;

	if (pf_peek(p) == T_NUMBER) {
		if (pf_number(p, &n) == -1)
			return (-1);
		share = (double)n;
	} else {
		if (pf_string(p, &s) == -1)
			return (-1);
		share = strtod(s, &end);
		if (*end == '%') {
			share *= 0.01;
			end++;
		}
		if (*end != '\0')
			return (pf_error(p, "invalid probability: %s", s));
	}
	v = floor(share * UINT32_MAX + 0.5);
	if (!(v >= 0.0 && v <= UINT32_MAX))
		return (pf_error(p, "invalid probability: %g%%",
		    share * 100));
	o->probability = v == 0.0 ? 1 : (uint32_t)v;
	return (0);
}

static int
opt_rtable(struct pf_parser *p, struct pf_options *o)
{
	int64_t n;

	if (pf_number(p, &n) == -1)
		return (-1);
	if (n < 0 || n > 255)
		return (pf_error(p, "invalid rtable id"));
	if (n != 0 && !p->conf->live)
		return (pf_error(p, "rtable %lld does not exist",
		    (long long)n));
	o->rtable = (int)n;
	return (0);
}

static int
opt_divert(struct pf_parser *p, struct pf_options *o, int token)
{
	struct pf_portspec port = { 0 };
	const char *name = NULL;

	if (token == K_DIVERTTO && pf_string(p, &name) == -1)
		return (-1);
	if (token != K_DIVERTREPLY && (pf_expect(p, K_PORT) == -1 ||
	    pf_parse_port(p, 0, 0, &port) == -1))
		return (-1);
	if (o->divert != PF_DIVERT_NONE)
		return (pf_error(p, "more than one divert option"));
	if (name != NULL && (o->divert_host = pf_host_of(p, name)) == NULL)
		return (pf_error(p, "could not parse divert address: %s",
		    name));
	if (token != K_DIVERTREPLY && port.a == 0)
		return (pf_error(p, "invalid divert port: 0"));
	o->divert_port = port.a;
	o->divert = token == K_DIVERTTO ? PF_DIVERT_TO :
	    token == K_DIVERTREPLY ? PF_DIVERT_REPLY : PF_DIVERT_PACKET;
	if (o->divert == PF_DIVERT_PACKET && !p->no_reassemble &&
	    !p->conf->live)
		o->scrub_tcp = 1;
	return (0);
}

static int
scrub_number(struct pf_parser *p, const char *what, int max, int *has,
    int *out)
{
	int64_t n;

	if (pf_number(p, &n) == -1)
		return (-1);
	if (*has & 2)
		return (pf_error(p, "%s cannot be respecified", what));
	if (n < 0 || n > max)
		return (pf_error(p, "illegal %s value %lld", what,
		    (long long)n));
	*has |= 2;
	*out = (int)n;
	return (0);
}

static int
scrub_one(struct pf_parser *p, struct pf_options *o)
{
	const char *s;

	if (pf_accept(p, K_NODF)) {
		if (o->nodf)
			return (pf_error(p, "no-df cannot be respecified"));
		o->nodf = 1;
		return (0);
	}
	if (pf_accept(p, K_MINTTL))
		return (scrub_number(p, "min-ttl", 255, &o->has_minttl,
		    &o->minttl));
	if (pf_accept(p, K_MAXMSS))
		return (scrub_number(p, "max-mss", 65535, &o->has_maxmss,
		    &o->maxmss));
	if (pf_accept(p, K_RANDOMID)) {
		if (o->randomid)
			return (pf_error(p, "random-id cannot be "
			    "respecified"));
		o->randomid = 1;
		return (0);
	}
	if (pf_expect(p, K_REASSEMBLE) == -1 || pf_string(p, &s) == -1)
		return (-1);
	if (!str_ieqs(str_from(s), "tcp"))
		return (pf_error(p, "scrub reassemble supports only tcp, not "
		    "'%s'", s));
	if (o->scrub_tcp & 2)
		return (pf_error(p, "reassemble tcp cannot be respecified"));
	o->scrub_tcp |= 2;
	return (0);
}

/* A second scrub() starts afresh, apart from reassemble tcp. */
static int
opt_scrub(struct pf_parser *p, struct pf_options *o)
{
	if (pf_expect(p, '(') == -1)
		return (-1);
	o->nodf = o->minttl = o->randomid = o->maxmss = 0;
	o->has_minttl = o->has_maxmss = 0;
	o->scrub_tcp = o->scrub_tcp != 0;
	do {
		if (scrub_one(p, o) == -1)
			return (-1);
	} while (!pf_accept(p, ')') && (pf_accept(p, ','), 1));
	return (0);
}

/* 1 when an option, or the end of all, stands here. */
static int
option_ends(struct pf_parser *p)
{
	switch (pf_peek(p)) {
	case '\n':
	case '{':
	case '!':
	case K_NO:
	case K_KEEP:
	case K_MODULATE:
	case K_SYNPROXY:
	case K_TAGGED:
	case K_RECEIVEDON:
	case K_USER:
	case K_GROUP:
	case K_FLAGS:
	case K_ICMPTYPE:
	case K_ICMP6TYPE:
	case K_PRIO:
	case K_TOS:
	case K_FRAGMENT:
	case K_ALLOWOPTS:
	case K_ONCE:
	case K_LABEL:
	case K_QUEUE:
	case K_TAG:
	case K_TO:
	case K_PROBABILITY:
	case K_RTABLE:
	case K_DIVERTTO:
	case K_DIVERTREPLY:
	case K_DIVERTPACKET:
	case K_SCRUB:
	case K_NATTO:
	case K_RDRTO:
	case K_BINATTO:
	case K_AFTO:
	case K_ROUTETO:
	case K_REPLYTO:
	case K_DUPTO:
	case K_MAXPKTRATE:
	case K_SET:
	case K_STATE:
	case K_SOURCE:
		return (1);
	}
	return (0);
}

static int
opt_afto(struct pf_parser *p, struct pf_options *o)
{
	struct pf_redirect from = { 0 }, to = { 0 };
	enum pf_af af = PF_AF_ANY;

	if (pf_accept(p, K_INET))
		af = PF_AF_INET;
	else if (pf_accept(p, K_INET6))
		af = PF_AF_INET6;
	if (pf_expect(p, K_FROM) == -1 ||
	    pf_parse_redirect(p, &from, 1) == -1)
		return (-1);
	if (pf_accept(p, K_TO) && pf_parse_redirect(p, &to, 1) == -1)
		return (-1);
	if (!option_ends(p))
		return (pf_syntax(p));
	if (o->nat.set)
		return (pf_error(p, "cannot respecify af-to"));
	if (af == PF_AF_ANY)
		return (pf_error(p, to.set ? "no address family specified" :
		    "no target address family specified"));
	if (to.set && ((from.host->af && from.host->af != af) ||
	    (to.host->af && to.host->af != af)))
		return (pf_error(p, "af-to addresses must be in the target "
		    "address family"));
	if (to.set && p->conf->live)
		to.af = af;
	else if (to.set) {
		/* pfctl gives the last pool options to the source. */
		from.type = to.type;
		from.sticky = to.sticky;
		from.static_port = to.static_port;
		memcpy(from.key, to.key, sizeof(from.key));
		to.type = PF_POOL_NONE;
		to.sticky = to.static_port = 0;
		to.af = af;
	}
	from.af = af;
	o->nat = from;
	o->rdr = to;
	o->rdr.set = 1;
	o->afto = 1;
	return (0);
}

static int
opt_pool(struct pf_parser *p, struct pf_options *o, int token)
{
	struct pf_redirect r = { 0 }, *to = token == K_RDRTO ? &o->rdr :
	    &o->nat;

	if (pf_parse_redirect(p, &r, 1) == -1)
		return (-1);
	if (!option_ends(p))
		return (pf_syntax(p));
	if (to->set)
		return (pf_error(p, token == K_RDRTO ?
		    "cannot respecify rdr-to" :
		    "cannot respecify nat-to/binat-to"));
	if (token == K_BINATTO)
		r.binat = r.static_port = 1;
	*to = r;
	return (0);
}

static int
opt_route(struct pf_parser *p, struct pf_options *o, enum pf_route rt)
{
	struct pf_redirect r = { 0 };

	if (pf_parse_redirect(p, &r, 0) == -1)
		return (-1);
	if (!option_ends(p))
		return (pf_syntax(p));
	if (o->rt != PF_ROUTE_NONE)
		return (pf_error(p, "cannot respecify route-to/reply-to/"
		    "dup-to"));
	o->route = r;
	o->rt = rt;
	return (0);
}

static int
opt_rate(struct pf_parser *p, struct pf_options *o)
{
	int64_t a, b;

	if (pf_number(p, &a) == -1 || pf_expect(p, '/') == -1 ||
	    pf_number(p, &b) == -1)
		return (-1);
	if (a < 0 || a > UINT32_MAX || b < 0 || b > UINT32_MAX)
		return (pf_error(p, "only positive values permitted"));
	if (o->rate_limit != 0)
		return (pf_error(p, "cannot respecify max-pkt-rate"));
	o->rate_limit = (uint32_t)a;
	o->rate_seconds = (uint32_t)b;
	return (0);
}

/* [!] tagged T | [!] received-on IF */
static int
opt_negatable(struct pf_parser *p, struct pf_options *o, int not)
{
	if (pf_accept(p, K_TAGGED)) {
		o->tagged_not = not;
		return (pf_strings(p, &o->tagged));
	}
	if (pf_expect(p, K_RECEIVEDON) == -1)
		return (-1);
	if (o->rcv != NULL) {
		if (pf_parse_if_item(p, &o->rcv) == -1)
			return (-1);
		return (pf_error(p, "cannot respecify received-on"));
	}
	if (pf_parse_if_item(p, &o->rcv) == -1)
		return (-1);
	o->rcv->not = not;
	return (0);
}

static int
opt_label(struct pf_parser *p, struct pf_options *o)
{
	const char *label;

	if (pf_string(p, &label) == -1)
		return (-1);
	if (o->label != NULL)
		return (pf_error(p, "label cannot be redefined"));
	o->label = label;
	return (0);
}

static int
opt_tos(struct pf_parser *p, struct pf_options *o)
{
	if (parse_tos(p, &o->tos) == -1)
		return (-1);
	if (o->has_tos)
		return (pf_error(p, "tos cannot be redefined"));
	o->has_tos = 1;
	return (0);
}

/* Options that take arguments; the keyword is read. 1: not an option. */
static int
option(struct pf_parser *p, struct pf_options *o, int token)
{
	switch (token) {
	case K_USER: return (parse_ids(p, 0, &o->uid));
	case K_GROUP: return (parse_ids(p, 1, &o->gid));
	case K_FLAGS: return (opt_flags(p, o));
	case K_ICMPTYPE: return (opt_icmp(p, o, PF_AF_INET));
	case K_ICMP6TYPE: return (opt_icmp(p, o, PF_AF_INET6));
	case K_PRIO: return (opt_prio(p, o));
	case K_TOS: return (opt_tos(p, o));
	case K_FRAGMENT: o->fragment = 1; return (0);
	case K_ALLOWOPTS: o->allow_opts = 1; return (0);
	case K_ONCE: o->once = 1; return (0);
	case K_LABEL: return (opt_label(p, o));
	case K_QUEUE: return (opt_queue(p, o));
	case K_TAG: return (pf_strings(p, &o->tag));
	case '!': return (opt_negatable(p, o, 1));
	case K_PROBABILITY: return (opt_probability(p, o));
	case K_RTABLE: return (opt_rtable(p, o));
	case K_DIVERTTO:
	case K_DIVERTREPLY:
	case K_DIVERTPACKET: return (opt_divert(p, o, token));
	case K_SCRUB: return (opt_scrub(p, o));
	case K_NATTO:
	case K_RDRTO:
	case K_BINATTO: return (opt_pool(p, o, token));
	case K_AFTO: return (opt_afto(p, o));
	case K_ROUTETO: return (opt_route(p, o, PF_ROUTE_TO));
	case K_REPLYTO: return (opt_route(p, o, PF_REPLY_TO));
	case K_DUPTO: return (opt_route(p, o, PF_DUP_TO));
	case K_MAXPKTRATE: return (opt_rate(p, o));
	case K_SET: return (opt_set(p, o));
	case K_STATE: return (pf_parse_limiter_use(p, o, 0));
	case K_SOURCE: return (pf_parse_limiter_use(p, o, 1));
	case '(':
		/* pfctl prints state options after probability. */
		if (!p->conf->live || !o->has_keep || o->state != NULL)
			return (1);
		if (pf_parse_state_opts(p, &o->state) == -1)
			return (-1);
		return (pf_expect(p, ')'));
	}
	return (1);
}

int
pf_parse_options(struct pf_parser *p, struct pf_options *o)
{
	int token, status;

	memset(o, 0, sizeof(*o));
	o->rtable = -1;
	for (;;) {
		token = pf_peek(p);
		switch (token) {
		case K_NO:
		case K_KEEP:
		case K_MODULATE:
		case K_SYNPROXY:
			status = pf_parse_keep(p, o);
			break;
		case K_TAGGED:
		case K_RECEIVEDON:
			status = opt_negatable(p, o, 0);
			break;
		default:
			pf_next(p);
			status = option(p, o, token);
			break;
		}
		if (status == 1) {
			pf_back(p, token);
			return (0);
		}
		if (status == -1)
			return (-1);
	}
}
