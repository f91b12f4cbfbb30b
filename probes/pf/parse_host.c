/* SPDX-License-Identifier: ISC */
/*
 * Hosts and ports of pf.conf(5): interface names with modifiers, numeric
 * addresses, names, tables, ranges, lists within lists. Pure; names come
 * from the environment. Order of interpretation: pfctl_parser.c, host().
 */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "probes/pf/parse.h"

void
pf_set_mask(struct pf_host *h, int bits)
{
	h->addr.mask = pf_mask_of(bits == -1 ? pf_af_bits(h->af) : bits);
	if (h->addr.type == PF_ADDR_MASK)
		pf_ip_mask(&h->addr.ip, &h->addr.mask);
}

/* Takes the modifiers off the end of a name; 0, or -1: not a modifier. */
static int
take_modifiers(struct str *name, int *modifiers)
{
	size_t colon;
	struct str word;

	*modifiers = 0;
	while ((colon = str_rchr(*name, ':')) != SIZE_MAX) {
		word = str_sub(*name, colon + 1, name->n);
		if (str_eqs(word, "network"))
			*modifiers |= PF_IFM_NETWORK;
		else if (str_eqs(word, "broadcast"))
			*modifiers |= PF_IFM_BROADCAST;
		else if (str_eqs(word, "peer"))
			*modifiers |= PF_IFM_PEER;
		else if (str_eqs(word, "0"))
			*modifiers |= PF_IFM_NOALIAS;
		else
			return (-1);
		name->n = colon;
	}
	return (0);
}

static int
modes_clash(int modifiers)
{
	int modes = modifiers & PF_IFM_MODES;

	return ((modes & (modes - 1)) != 0);
}

/* 1 when the name is the interface's or, without a digit, its prefix. */
static int
names_if(const char *name, const char *ifname)
{
	size_t n = strlen(name);

	if (strcmp(name, ifname) == 0)
		return (1);
	if (n == 0 || isdigit((unsigned char)name[n - 1]) ||
	    strncmp(name, ifname, n) != 0)
		return (0);
	return (isdigit((unsigned char)ifname[n]) != 0);
}

/* 1 when this address is not meant by these modifiers. */
static int
skip_addr(const struct pf_if *i, const struct pf_ifaddr *a, int modifiers)
{
	if ((modifiers & PF_IFM_BROADCAST) != 0 && (a->af != PF_AF_INET ||
	    (i->flags & PF_IF_BROADCAST) == 0 || !a->has_broadcast))
		return (1);
	if ((modifiers & PF_IFM_PEER) != 0 &&
	    ((i->flags & PF_IF_POINTOPOINT) == 0 || !a->has_peer))
		return (1);
	return ((modifiers & PF_IFM_NETWORK) != 0 &&
	    pf_ip_linklocal(&a->ip, a->af));
}

/* Appends the addresses of one interface. */
static struct pf_host **
one_if_addrs(struct pf_parser *p, int index, int modifiers,
    struct pf_host **tail)
{
	const struct pf_if *i = &p->conf->env->ifs[index];
	const struct pf_ifaddr *a;
	struct pf_host *h;
	int got[2] = { 0, 0 };

	for (a = i->addrs; a != NULL; a = a->next) {
		if (skip_addr(i, a, modifiers))
			continue;
		if ((modifiers & PF_IFM_NOALIAS) != 0 &&
		    got[a->af == PF_AF_INET6])
			continue;
		got[a->af == PF_AF_INET6] = 1;
		h = pf_new(p, sizeof(*h));
		h->af = a->af;
		h->addr.ip = (modifiers & PF_IFM_BROADCAST) != 0 ?
		    a->broadcast : (modifiers & PF_IFM_PEER) != 0 ? a->peer :
		    a->ip;
		pf_set_mask(h, (modifiers & PF_IFM_NETWORK) != 0 ?
		    pf_mask_len(&a->mask) : -1);
		if (pf_ip_linklocal(&a->ip, a->af))
			h->scope = index + 1;
		*tail = h;
		tail = &h->next;
	}
	return (tail);
}

struct pf_host *
pf_if_addrs(struct pf_parser *p, const char *name, int modifiers)
{
	const struct pf_env *env = p->conf->env;
	struct pf_host *list = NULL, **tail = &list;
	const struct pf_group *g;
	size_t i;
	int group = pf_env_group(env, name);

	if (group != -1) {
		g = &env->groups[group];
		for (i = 0; i < g->member_count; i++)
			tail = one_if_addrs(p, (int)g->members[i], modifiers,
			    tail);
		if (list != NULL)
			return (list);
	}
	for (i = 0; i < env->if_count; i++)
		if (strcmp(name, "self") == 0 || name[0] == '\0' ||
		    names_if(name, env->ifs[i].name))
			tail = one_if_addrs(p, (int)i, modifiers, tail);
	return (list);
}

static struct pf_host *
host_if(struct pf_parser *p, struct str s, int mask)
{
	const char *name;
	struct pf_host *list, *h;
	int modifiers;

	if (take_modifiers(&s, &modifiers) == -1)
		return (NULL);
	if (modes_clash(modifiers)) {
		pf_error(p, "illegal combination of interface modifiers");
		return (NULL);
	}
	if ((modifiers & (PF_IFM_NETWORK | PF_IFM_BROADCAST)) != 0 &&
	    mask != -1) {
		pf_error(p, "network or broadcast lookup, but extra netmask "
		    "given");
		return (NULL);
	}
	name = pf_strdup(&p->conf->arena, s);
	if (strcmp(name, "self") != 0 &&
	    pf_env_if(p->conf->env, name) == -1 &&
	    pf_env_group(p->conf->env, name) == -1)
		return (NULL);
	list = pf_if_addrs(p, name, modifiers);
	for (h = list; mask != -1 && h != NULL; h = h->next)
		pf_set_mask(h, mask);
	return (list);
}

static struct pf_host *
host_ip(struct pf_parser *p, struct str s, int mask)
{
	struct pf_host *h = pf_new(p, sizeof(*h));
	size_t percent = str_chr(s, '%');
	const char *scope;
	int i = -1;

	if (percent != SIZE_MAX) {
		scope = pf_strdup(&p->conf->arena,
		    str_sub(s, percent + 1, s.n));
		if ((i = pf_env_if(p->conf->env, scope)) == -1)
			return (NULL);
		s = str_sub(s, 0, percent);
	}
	if (pf_ip_parse(s, &h->addr.ip, &h->af) == -1) {
		if (mask == -1 || pf_ip_parse_net(s, &h->addr.ip) == -1)
			return (NULL);
		h->af = PF_AF_INET;
	}
	if (i != -1) {
		if (h->af != PF_AF_INET6)
			return (NULL);
		h->scope = i + 1;
	}
	pf_set_mask(h, mask);
	return (h);
}

static struct pf_host *
host_name(struct pf_parser *p, struct str s, int mask)
{
	const struct pf_name_addr *a;
	struct pf_host *list = NULL, **tail = &list, *h;
	int first_only = str_ends(s, ":0"), got[2] = { 0, 0 };
	const char *name;

	if (first_only)
		s.n -= 2;
	if (s.n == 0)
		return (NULL);
	name = pf_strdup(&p->conf->arena, s);
	for (a = pf_env_host(p->conf->env, name); a != NULL; a = a->next) {
		if (first_only && got[a->af == PF_AF_INET6]++)
			continue;
		h = pf_new(p, sizeof(*h));
		h->af = a->af;
		h->addr.ip = a->ip;
		pf_set_mask(h, mask);
		*tail = h;
		tail = &h->next;
	}
	return (list);
}

/* The number in "/24". */
static int
mask_of(struct pf_parser *p, struct str s, int64_t *mask)
{
	const char *why = "invalid";
	int64_t n;

	if (str_num(str_sub(s, 1, s.n), 0, 128, mask) == 0)
		return (0);
	if (str_num(str_sub(s, 1, s.n), INT64_MIN, INT64_MAX, &n) == 0)
		why = n < 0 ? "too small" : "too large";
	return (pf_error(p, "netmask is %s: %.*s", why, STR_ARG(s)));
}

struct pf_host *
pf_host_of(struct pf_parser *p, const char *text)
{
	struct str s = str_from(text);
	size_t slash = str_chr(s, '/');
	struct pf_host *list;
	int64_t mask = -1;

	if (slash != SIZE_MAX) {
		if (mask_of(p, str_sub(s, slash, s.n), &mask) == -1)
			return (NULL);
		s.n = slash;
	}
	if ((list = host_if(p, s, (int)mask)) == NULL &&
	    (list = host_ip(p, s, (int)mask)) == NULL &&
	    (list = host_name(p, s, (int)mask)) == NULL)
		pf_error(p, "no IP address found for %s", text);
	return (list);
}

static int
no_host(struct pf_parser *p)
{
	return (pf_error(p, "could not parse host specification"));
}

static int
full_address(const struct pf_host *h)
{
	return (h->addr.type == PF_ADDR_MASK && h->next == NULL && !h->not &&
	    pf_mask_len(&h->addr.mask) == pf_af_bits(h->af));
}

/* A - B; the first is read. */
static int
host_range(struct pf_parser *p, const char *from, struct pf_host **out)
{
	const char *to;
	struct pf_host *a, *b;

	if (pf_string(p, &to) == -1)
		return (-1);
	if ((a = pf_host_of(p, from)) == NULL ||
	    (b = pf_host_of(p, to)) == NULL)
		return (no_host(p));
	if (a->af != b->af || !full_address(a) || !full_address(b))
		return (pf_error(p, "invalid address range"));
	a->addr.mask = b->addr.ip;
	a->addr.type = PF_ADDR_RANGE;
	*out = a;
	return (0);
}

/* Text with "/N" after it. */
static int
host_net(struct pf_parser *p, const char *name, struct pf_host **out)
{
	struct buf b;
	int64_t bits;
	int status = 0;

	if (pf_number(p, &bits) == -1)
		return (-1);
	buf_init(&b, 16384);
	buf_addf(&b, "%s/%lld", name, (long long)bits);
	if ((*out = pf_host_of(p, buf_cstr(&b))) == NULL)
		status = no_host(p);
	buf_free(&b);
	return (status);
}

static int
host_word(struct pf_parser *p, struct pf_host **out)
{
	const char *name;

	if (pf_string(p, &name) == -1)
		return (-1);
	if (pf_accept(p, '-'))
		return (host_range(p, name, out));
	if (pf_accept(p, '/'))
		return (host_net(p, name, out));
	if ((*out = pf_host_of(p, name)) == NULL)
		return (no_host(p));
	return (0);
}

static int
host_number(struct pf_parser *p, struct pf_host **out)
{
	int64_t n;
	struct buf b;
	int status;

	if (pf_number(p, &n) == -1 || pf_expect(p, '/') == -1)
		return (-1);
	buf_init(&b, 32);
	buf_addf(&b, "%lld", (long long)n);
	status = host_net(p, buf_cstr(&b), out);
	buf_free(&b);
	return (status);
}

/* The count that pfctl -vv appends to tables and interfaces. */
static void
take_count(struct pf_parser *p, const char **name, const char **count)
{
	const char *colon = strrchr(*name, ':');

	if (colon == NULL || (colon[1] != '*' &&
	    !isdigit((unsigned char)colon[1])))
		return;
	*count = pf_strdup(&p->conf->arena, str_from(colon + 1));
	*name = pf_strdup(&p->conf->arena, str_of(*name,
	    (size_t)(colon - *name)));
}

/* (interface:modifiers); the parenthesis is read. */
static int
host_dynamic(struct pf_parser *p, struct pf_host **out)
{
	const char *text;
	struct str s;
	struct pf_host *h;
	int64_t bits;

	if (pf_string(p, &text) == -1 || pf_expect(p, ')') == -1)
		return (-1);
	h = pf_new(p, sizeof(*h));
	if (p->conf->live)
		take_count(p, &text, &h->addr.count);
	s = str_from(text);
	h->addr.type = PF_ADDR_DYNIF;
	h->addr.mask = pf_mask_of(128);
	if (!isalpha((unsigned char)text[0]))
		return (pf_error(p, "invalid interface name '%s'", text));
	if (take_modifiers(&s, &h->addr.modifiers) == -1)
		return (pf_error(p, "interface %.*s has bad modifier",
		    STR_ARG(s)));
	if (modes_clash(h->addr.modifiers))
		return (pf_error(p, "illegal combination of interface "
		    "modifiers"));
	if (s.n > 15)
		return (pf_error(p, "interface name too long"));
	h->addr.name = pf_strdup(&p->conf->arena, s);
	*out = h;
	if (!pf_accept(p, '/'))
		return (0);
	if (pf_number(p, &bits) == -1)
		return (-1);
	if (bits < 0 || bits > 128)
		return (pf_error(p, "bit number too big"));
	pf_set_mask(h, (int)bits);
	return (0);
}

/* <table>; the bracket is read. */
static int
host_table(struct pf_parser *p, struct pf_host **out)
{
	struct pf_host *h = pf_new(p, sizeof(*h));

	if (pf_string(p, &h->addr.name) == -1 || pf_expect(p, '>') == -1)
		return (-1);
	if (p->conf->live)
		take_count(p, &h->addr.name, &h->addr.count);
	if (strlen(h->addr.name) > 31)
		return (pf_error(p, "table name '%s' too long",
		    h->addr.name));
	h->addr.type = PF_ADDR_TABLE;
	*out = h;
	return (0);
}

static int
host_route(struct pf_parser *p, struct pf_host **out)
{
	struct pf_host *h = pf_new(p, sizeof(*h));

	if (pf_string(p, &h->addr.name) == -1)
		return (-1);
	if (strlen(h->addr.name) > 31)
		return (pf_error(p, "route label too long, max 31 chars"));
	h->addr.type = PF_ADDR_RTLABEL;
	*out = h;
	return (0);
}

int
pf_parse_host(struct pf_parser *p, struct pf_host **out)
{
	switch (pf_peek(p)) {
	case T_STRING:
		return (host_word(p, out));
	case T_NUMBER:
		return (host_number(p, out));
	case '(':
		pf_next(p);
		return (host_dynamic(p, out));
	case '<':
		pf_next(p);
		return (host_table(p, out));
	case K_ROUTE:
		pf_next(p);
		return (host_route(p, out));
	}
	return (pf_syntax(p));
}

int
pf_parse_xhost(struct pf_parser *p, struct pf_host **out)
{
	int not = pf_accept(p, '!');
	struct pf_host *h;

	if (pf_peek(p) == K_NOROUTE || pf_peek(p) == K_URPFFAILED) {
		h = pf_new(p, sizeof(*h));
		h->addr.type = pf_peek(p) == K_NOROUTE ? PF_ADDR_NOROUTE :
		    PF_ADDR_URPF;
		pf_next(p);
		*out = h;
	} else if (p->conf->live && pf_accept(p, K_ANY))
		*out = pf_new(p, sizeof(*h));	/* "! 0/0" prints so */
	else if (pf_parse_host(p, out) == -1)
		return (-1);
	for (h = *out; h != NULL; h = h->next)
		h->not = not;
	return (0);
}

int
pf_parse_weight(struct pf_parser *p, struct pf_host *h)
{
	int64_t n;

	if (!pf_accept(p, K_WEIGHT))
		return (0);
	if (pf_number(p, &n) == -1)
		return (-1);
	if (n < 1 || n > 65535)
		return (pf_error(p, "weight out of range"));
	for (; h != NULL; h = h->next)
		h->weight = (int)n;
	return (0);
}

/* any | host | { host ... }; *out is NULL for any. */
static int
parse_hosts(struct pf_parser *p, struct pf_host **out, int depth)
{
	struct pf_host *one, *list = NULL, **tail = &list;
	int more, any = 0;

	*out = NULL;
	if (pf_accept(p, K_ANY))
		return (0);
	if (!pf_accept(p, '{'))
		return (pf_parse_xhost(p, out));
	if (depth > 64)
		return (pf_error(p, "lists nested too deep"));
	pf_newlines(p);
	do {
		if (parse_hosts(p, &one, depth + 1) == -1)
			return (-1);
		if (one == NULL)
			any = 1;
		for (*tail = one; *tail != NULL; tail = &(*tail)->next)
			;
		if ((more = pf_list_more(p)) == -1)
			return (-1);
	} while (more);
	*out = any ? NULL : list;
	return (0);
}

static int
service_port(struct pf_parser *p, const char *name)
{
	unsigned long n;
	char *end;
	int port;

	errno = 0;
	n = strtoul(name, &end, 0);
	if (name[0] != '\0' && *end == '\0' && errno == 0) {
		if (n > 65535)
			return (pf_error(p, "illegal port value %lu", n));
		return ((int)n);
	}
	if ((port = pf_env_service(p->conf->env, name, "tcp")) == -1 &&
	    (port = pf_env_service(p->conf->env, name, "udp")) == -1)
		return (pf_error(p, "unknown port %s", name));
	return (port);
}

static int
port_text(struct pf_parser *p, const char *text, int range, int star,
    struct pf_portspec *out)
{
	struct str s = str_from(text);
	size_t colon = str_chr(s, ':');
	const char *first;

	memset(out, 0, sizeof(*out));
	if (colon == SIZE_MAX)
		return ((out->a = service_port(p, text)) == -1 ? -1 : 0);
	if (!range)
		return (pf_error(p, "port is invalid: %s", text));
	first = pf_strdup(&p->conf->arena, str_sub(s, 0, colon));
	if ((out->a = service_port(p, first)) == -1)
		return (-1);
	if (star && strcmp(text + colon + 1, "*") == 0) {
		out->op = PF_OP_IRG;
		return (0);
	}
	if ((out->b = service_port(p, text + colon + 1)) == -1)
		return (-1);
	if (out->a == out->b)
		out->b = 0;
	else
		out->op = PF_OP_RRG;
	return (0);
}

int
pf_parse_port(struct pf_parser *p, int range, int star,
    struct pf_portspec *out)
{
	const char *text;
	int64_t n;
	struct buf b;
	int status;

	if (pf_peek(p) == T_STRING) {
		if (pf_string(p, &text) == -1)
			return (-1);
		return (port_text(p, text, range, star, out));
	}
	if (pf_number(p, &n) == -1)
		return (-1);
	buf_init(&b, 32);
	buf_addf(&b, "%lld", (long long)n);
	status = port_text(p, buf_cstr(&b), range, star, out);
	buf_free(&b);
	return (status);
}

int
pf_unary_op(struct pf_parser *p, enum pf_op *op)
{
	static const struct {
		int token;
		enum pf_op op;
	} ops[] = {
		{ '=', PF_OP_EQ }, { T_NE, PF_OP_NE }, { T_LE, PF_OP_LE },
		{ '<', PF_OP_LT }, { T_GE, PF_OP_GE }, { '>', PF_OP_GT },
	};
	size_t i;

	for (i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		if (pf_accept(p, ops[i].token)) {
			*op = ops[i].op;
			return (1);
		}
	return (0);
}

static int
bad_range(enum pf_op op, uint32_t a, uint32_t b)
{
	return ((op == PF_OP_RRG && a > b) || (op == PF_OP_IRG && a >= b) ||
	    (op == PF_OP_XRG && a > b));
}

static int
port_item(struct pf_parser *p, struct pf_range **out)
{
	struct pf_range *r = pf_new(p, sizeof(*r));
	struct pf_portspec a, b;
	int unary = pf_unary_op(p, &r->op);
	static const char mixed[] =
	    "':' cannot be used with an other port operator";

	*out = r;
	if (pf_parse_port(p, 1, 0, &a) == -1)
		return (-1);
	r->a = (uint32_t)a.a;
	r->b = (uint32_t)a.b;
	if (unary)
		return (a.op != PF_OP_NONE ? pf_error(p, "%s", mixed) : 0);
	r->op = a.op == PF_OP_NONE ? PF_OP_EQ : PF_OP_RRG;
	if (pf_peek(p) == T_IRG || pf_peek(p) == T_XRG) {
		r->op = pf_peek(p) == T_IRG ? PF_OP_IRG : PF_OP_XRG;
		pf_next(p);
		if (pf_parse_port(p, 1, 0, &b) == -1)
			return (-1);
		if (a.op != PF_OP_NONE || b.op != PF_OP_NONE)
			return (pf_error(p, "%s", mixed));
		r->b = (uint32_t)b.a;
	}
	if (bad_range(r->op, r->a, r->b))
		return (pf_error(p, "invalid port range"));
	return (0);
}

static int
parse_ports(struct pf_parser *p, struct pf_range **list)
{
	int more;

	if (!pf_accept(p, '{'))
		return (port_item(p, list));
	pf_newlines(p);
	do {
		if (port_item(p, list) == -1 || (more = pf_list_more(p)) ==
		    -1)
			return (-1);
		list = &(*list)->next;
	} while (more);
	return (0);
}

/* host [port P] | port P */
static int
parse_end(struct pf_parser *p, struct pf_host **hosts,
    struct pf_range **ports)
{
	if (pf_accept(p, K_PORT))
		return (parse_ports(p, ports));
	if (parse_hosts(p, hosts, 0) == -1)
		return (-1);
	return (pf_accept(p, K_PORT) ? parse_ports(p, ports) : 0);
}

static int
os_item(struct pf_parser *p, struct pf_os **out)
{
	struct pf_os *os = pf_new(p, sizeof(*os));

	*out = os;
	return (pf_string(p, &os->name));
}

static int
parse_os(struct pf_parser *p, struct pf_os **list)
{
	int more;

	if (!pf_accept(p, '{'))
		return (os_item(p, list));
	pf_newlines(p);
	do {
		if (os_item(p, list) == -1 || (more = pf_list_more(p)) == -1)
			return (-1);
		list = &(*list)->next;
	} while (more);
	return (0);
}

int
pf_parse_from_to(struct pf_parser *p, struct pf_fromto *ft)
{
	const struct pf_host *h;

	memset(ft, 0, sizeof(*ft));
	if (pf_accept(p, K_ALL))
		return (0);
	if (pf_accept(p, K_FROM) &&
	    parse_end(p, &ft->src, &ft->sport) == -1)
		return (-1);
	if (pf_accept(p, K_OS) && parse_os(p, &ft->os) == -1)
		return (-1);
	if (!pf_accept(p, K_TO))
		return (0);
	if (parse_end(p, &ft->dst, &ft->dport) == -1)
		return (-1);
	for (h = ft->dst; h != NULL; h = h->next)
		if (h->addr.type == PF_ADDR_URPF)
			return (pf_error(p, "\"urpf-failed\" is not permitted "
			    "in a destination address"));
	return (0);
}
