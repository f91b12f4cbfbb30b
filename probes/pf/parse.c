/* SPDX-License-Identifier: ISC */
/*
 * The statements of pf.conf(5): macros, includes, rules, anchors, antispoof,
 * load anchor; and how the reader goes on after an error, which is at the
 * next line, outside all braces, as pfctl(8) does. Pure.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "probes/pf/names.h"
#include "probes/pf/parse.h"

int
pf_peek(struct pf_parser *p)
{
	if (p->token == -1)
		p->token = pf_lex(p);
	return (p->token);
}

void
pf_next(struct pf_parser *p)
{
	pf_peek(p);
	p->token = -1;
}

int
pf_accept(struct pf_parser *p, int token)
{
	if (pf_peek(p) != token)
		return (0);
	p->token = -1;
	return (1);
}

int
pf_error(struct pf_parser *p, const char *fmt, ...)
{
	struct buf b;
	va_list ap;

	buf_init(&b, LIMIT_ERROR_TEXT);
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	errlist_add(&p->conf->errs, pf_lex_file(&p->lex), p->line, 0, "%s",
	    buf_cstr(&b));
	buf_free(&b);
	return (-1);
}

int
pf_syntax(struct pf_parser *p)
{
	pf_peek(p);
	return (pf_error(p, "syntax error"));
}

int
pf_expect(struct pf_parser *p, int token)
{
	return (pf_accept(p, token) ? 0 : pf_syntax(p));
}

int
pf_string(struct pf_parser *p, const char **s)
{
	*s = "";
	if (pf_peek(p) != T_STRING)
		return (pf_syntax(p));
	*s = p->string;
	p->token = -1;
	return (0);
}

int
pf_number(struct pf_parser *p, int64_t *n)
{
	*n = 0;
	if (pf_peek(p) != T_NUMBER)
		return (pf_syntax(p));
	*n = p->number;
	p->token = -1;
	return (0);
}

int
pf_strings(struct pf_parser *p, const char **s)
{
	struct buf b;
	const char *one;

	if (pf_string(p, s) == -1)
		return (-1);
	if (pf_peek(p) != T_STRING)
		return (0);
	buf_init(&b, LIMIT_PF_MACRO);
	buf_adds(&b, *s);
	while (pf_peek(p) == T_STRING) {
		if (pf_string(p, &one) == 0)
			buf_addf(&b, " %s", one);
	}
	*s = pf_strdup(&p->conf->arena, buf_str(&b));
	buf_free(&b);
	return (0);
}

void
pf_newlines(struct pf_parser *p)
{
	while (pf_accept(p, '\n'))
		;
}

int
pf_list_more(struct pf_parser *p)
{
	pf_newlines(p);
	if (pf_accept(p, '}'))
		return (0);
	pf_accept(p, ',');
	return (1);
}

void *
pf_new(struct pf_parser *p, size_t n)
{
	return (pf_alloc(&p->conf->arena, n));
}

/* NAME = value; the name is read. */
static int
parse_macro(struct pf_parser *p, const char *name)
{
	struct buf b;
	void **v;
	int64_t n;
	const char *s;
	size_t i;
	int words;

	if (pf_peek(p) != T_STRING && pf_peek(p) != T_NUMBER)
		return (pf_syntax(p));
	buf_init(&b, LIMIT_PF_MACRO);
	for (words = 0; pf_peek(p) == T_STRING || pf_peek(p) == T_NUMBER;
	    words++) {
		if (words > 0)
			buf_addc(&b, ' ');
		if (pf_peek(p) == T_NUMBER) {
			if (pf_number(p, &n) == 0)
				buf_addf(&b, "%lld", (long long)n);
		} else if (pf_string(p, &s) == 0)
			buf_adds(&b, s);
	}
	buf_addf(&p->unit->text, "%s = \"%s\"\n", name, buf_cstr(&b));
	for (i = 1; name[0] != '\0' && name[i] != '\0'; i++)
		if (isspace((unsigned char)name[i])) {
			buf_free(&b);
			return (pf_error(p, "macro name cannot contain "
			    "whitespace"));
		}
	if (b.full || (v = map_put(&p->conf->macros, str_from(name))) == NULL) {
		buf_free(&b);
		return (pf_error(p, "macro '%.40s' is too much", name));
	}
	*v = pf_strdup(&p->conf->arena, buf_str(&b));
	buf_free(&b);
	return (0);
}

static int
parse_include(struct pf_parser *p)
{
	const char *name;
	int error;

	if (pf_string(p, &name) == -1)
		return (-1);
	if (pf_lex_open(&p->lex, name, &error) == -1) {
		if (error == 0)
			pf_error(p, "includes nested too deep or too many");
		else
			pf_error(p, "%s: %s", name, strerror(error));
		return (pf_error(p, "failed to include file %s", name));
	}
	pf_lex_unget(&p->lex, '\n');
	return (0);
}

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
		if (str_num(str_sub(s, 5, s.n), 0, 255, &n) == -1)
			return (pf_error(p, "%s: invalid", name));
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
			pf_accept(p, ',');
		} while (!pf_accept(p, ')'));
	}
}

static void
parse_dir(struct pf_parser *p, struct pf_rule *r)
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
	if (return_code(p, PF_AF_INET6, &r->return_icmp6) == -1)
		return (-1);
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

static void
rule_init(struct pf_parser *p, struct pf_rule *r)
{
	memset(r, 0, sizeof(*r));
	r->ifname = r->rcvif = r->queue = r->pqueue = r->overload = "";
	r->label = r->tag = r->tagged = "";
	r->rdomain = r->rtable = -1;
	r->prio = PF_PRIO_NONE;
	r->nat.addr.type = r->rdr.addr.type = r->route.addr.type =
	    PF_ADDR_NONE;
	r->file = p->start_file;
	r->line = p->start;
}

/* flags and os need tcp, when a protocol is said. */
static int
check_tcp_only(struct pf_parser *p, const struct pf_options *o,
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
static void
decide_family(const struct pf_host *h, enum pf_af *af)
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
static int
parse_tail(struct pf_parser *p, struct pf_rule *r, struct pf_lists *l,
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

static int
parse_rule(struct pf_parser *p)
{
	struct pf_rule r;
	struct pf_lists l;
	struct pf_options o;

	rule_init(p, &r);
	if (parse_action(p, &r) == -1)
		return (-1);
	parse_dir(p, &r);
	if (parse_log_quick(p, &r) == -1 || parse_tail(p, &r, &l, &o) == -1)
		return (-1);
	if (pf_peek(p) != '\n')
		return (pf_syntax(p));
	if (pf_rule_options(p, &r, &o) == -1 || check_tcp_only(p, &o, &l,
	    "OS fingerprinting only apply to tcp") == -1 ||
	    pf_rule_state(p, &r, &o) == -1)
		return (-1);
	decide_family(l.ft.src, &r.af);
	decide_family(l.ft.dst, &r.af);
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

static int
anchor_name(struct pf_parser *p, const char **name)
{
	*name = NULL;
	if (pf_peek(p) != T_STRING)
		return (0);
	if (pf_string(p, name) == -1)
		return (-1);
	if ((*name)[0] == '\0')
		return (pf_error(p, "anchor name must not be empty"));
	if (strlen(p->anchor->path) + 1 + strlen(*name) >= 1024)
		return (pf_error(p, "anchor name is longer than %u", 1023));
	if ((*name)[0] == '_' || strstr(*name, "/_") != NULL)
		return (pf_error(p, "anchor names beginning with '_' are "
		    "reserved for internal use"));
	return (0);
}

static int statement(struct pf_parser *, int inside);

/* The ruleset of an anchor in braces. */
static struct pf_anchor *
inline_anchor(struct pf_parser *p, const char *name)
{
	struct pf_anchor *a;
	char *path, *own = NULL;

	if (name == NULL)
		name = own = mem_printf("_%d", ++p->conf->brace);
	else
		p->conf->brace++;
	path = p->anchor->path[0] == '\0' ? mem_strdup(name) :
	    mem_printf("%s/%s", p->anchor->path, name);
	a = pf_anchor_get(p->conf, str_from(path));
	free(path);
	free(own);
	return (a);
}

/* { statements }; the brace is read. */
static int
parse_body(struct pf_parser *p, struct pf_anchor *body)
{
	struct pf_anchor *outer = p->anchor;
	int start = p->start;
	const char *file = p->start_file;

	if (p->depth >= LIMIT_PF_ANCHOR_DEPTH)
		return (pf_error(p, "anchors nested too deep"));
	if (pf_expect(p, '\n') == -1)
		return (-1);
	p->anchor = body;
	p->depth++;
	while (!pf_accept(p, '}'))
		if (statement(p, 1) == -1)
			return (-1);
	p->depth--;
	p->anchor = outer;
	p->start = start;
	p->start_file = file;
	return (0);
}

/* The body of an anchor, when one follows; the name is looked at. */
static int
parse_anchor_body(struct pf_parser *p, const char *name, struct pf_rule *r)
{
	const char *slash;
	int existed;

	if (p->conf->live && name != NULL && pf_accept(p, '{')) {
		/* pfctl -a '*' prints what is loaded behind any path. */
		slash = strrchr(name, '/');
		r->body = inline_anchor(p, NULL);
		r->body->name = slash == NULL ? name : slash + 1;
		r->call = name;
		return (parse_body(p, r->body));
	}
	if (pf_accept(p, '{')) {
		r->body = inline_anchor(p, name != NULL &&
		    strchr(name, '/') == NULL ? name : NULL);
		existed = r->body->count > 0;
		if (parse_body(p, r->body) == -1)
			return (-1);
		pf_peek(p);
		if (name != NULL && existed)
			return (pf_error(p, "inline anchor '%s' already "
			    "exists", name));
		if (name != NULL && strchr(name, '/') != NULL)
			return (pf_error(p, "anchor paths containing '/' "
			    "cannot be used for inline anchors."));
		r->call = r->body->name[0] == '_' ? NULL : r->body->name;
		return (0);
	}
	if (name == NULL && p->conf->live)
		return (0);
	if (name == NULL)
		return (pf_peek(p) == '\n' ? pf_error(p, "anchors without "
		    "explicit rules must specify a name") : pf_syntax(p));
	slash = strrchr(name, '/');
	if (slash != NULL && slash[1] == '\0')
		return (pf_error(p, "anchorrule: bad anchor name %s", name));
	r->call = name;
	return (0);
}

static int
parse_anchor(struct pf_parser *p)
{
	struct pf_rule r;
	struct pf_lists l;
	struct pf_options o;
	const char *name;
	struct pf_anchor *from = p->anchor;

	rule_init(p, &r);
	r.action = PF_ANCHOR;
	if (anchor_name(p, &name) == -1)
		return (-1);
	parse_dir(p, &r);
	r.quick = pf_accept(p, K_QUICK);
	if (parse_tail(p, &r, &l, &o) == -1 ||
	    parse_anchor_body(p, name, &r) == -1)
		return (-1);
	p->anchor = from;
	if (pf_peek(p) != '\n')
		return (pf_syntax(p));
	if (check_tcp_only(p, &o, &l, "OS fingerprinting only applies to tcp")
	    == -1 || pf_rule_options(p, &r, &o) == -1)
		return (-1);
	if (o.has_keep && o.keep != PF_NO_STATE)
		return (pf_error(p, "cannot specify state handling on "
		    "anchors"));
	if (o.rt != PF_ROUTE_NONE)
		return (pf_error(p, "cannot specify route handling on "
		    "anchors"));
	decide_family(l.ft.src, &r.af);
	decide_family(l.ft.dst, &r.af);
	pf_expand(p, &r, &l);
	return (0);
}

static int
parse_load(struct pf_parser *p)
{
	struct pf_unit *u, **up;
	const char *name, *file;

	if (pf_expect(p, K_ANCHOR) == -1 || anchor_name(p, &name) == -1 ||
	    pf_expect(p, K_FROM) == -1 || pf_strings(p, &file) == -1)
		return (-1);
	if (name == NULL)
		return (pf_error(p, "anchor name is missing"));
	u = pf_new(p, sizeof(*u));
	buf_init(&u->text, LIMIT_PF_TEXT);
	u->load_file = file;
	u->load_from = pf_lex_file(&p->lex);
	u->load_line = p->line;
	u->load_path = name;
	if (p->anchor->path[0] != '\0') {
		char *path = mem_printf("%s/%s", p->anchor->path, name);

		u->load_path = pf_strdup(&p->conf->arena, str_from(path));
		free(path);
	}
	for (up = &p->conf->units; *up != NULL; up = &(*up)->next)
		;
	*up = u;
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

static int
parse_antispoof(struct pf_parser *p)
{
	struct pf_rule r;
	struct pf_interface *list = NULL, *i;
	int64_t n;
	int labels = 0;

	rule_init(p, &r);
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

/* One statement without its line end. */
static int
statement_body(struct pf_parser *p, int inside)
{
	const char *name;
	int token = pf_peek(p);

	p->start = p->line;
	p->start_file = pf_lex_file(&p->lex);
	switch (token) {
	case K_PASS:
	case K_BLOCK:
	case K_MATCH:
		return (parse_rule(p));
	case K_ANCHOR:
		pf_next(p);
		return (parse_anchor(p));
	case K_INCLUDE:
		pf_next(p);
		return (parse_include(p));
	case K_TABLE:
		pf_next(p);
		return (pf_parse_table(p));
	}
	if (inside)
		return (pf_syntax(p));
	pf_next(p);
	switch (token) {
	case K_SET:
		return (pf_parse_set(p));
	case K_LOAD:
		return (parse_load(p));
	case K_QUEUE:
		return (pf_parse_queue(p));
	case K_ANTISPOOF:
		return (parse_antispoof(p));
	case K_STATE:
	case K_SOURCE:
		return (pf_parse_limiter(p, token == K_SOURCE));
	case T_STRING:
		name = p->string;
		if (pf_expect(p, '=') == -1)
			return (-1);
		return (parse_macro(p, name));
	}
	p->token = token;
	return (pf_syntax(p));
}

/* One statement with its line end, or an empty line. */
static int
statement(struct pf_parser *p, int inside)
{
	if (pf_accept(p, '\n'))
		return (0);
	if (statement_body(p, inside) == -1)
		return (-1);
	return (pf_expect(p, '\n'));
}

/* After an error: go on at the next line, outside all braces. */
static void
recover(struct pf_parser *p, struct pf_anchor *root)
{
	while (pf_peek(p) != '\n' && pf_peek(p) != T_EOF)
		pf_next(p);
	pf_accept(p, '\n');
	p->anchor = root;
	p->depth = 0;
	p->lex.limiter = 0;
}

/* Reads one file as the rules of one anchor; 0, or -1: cannot be opened. */
static int
read_unit(struct pf_conf *conf, struct pf_unit *u, const char *file)
{
	struct pf_parser p;
	const char *why;
	int error;

	memset(&p, 0, sizeof(p));
	p.conf = p.lex.conf = conf;
	p.unit = u;
	p.token = -1;
	p.anchor = u->root;
	if (pf_lex_open(&p.lex, file, &error) == -1) {
		why = error == 0 ? "too many files" : strerror(error);
		if (u->load_from == NULL)
			errlist_add(&conf->errs, file, 0, 0, "%s", why);
		else
			errlist_add(&conf->errs, u->load_from, u->load_line, 0,
			    "%s: %s", file, why);
		return (-1);
	}
	while (pf_peek(&p) != T_EOF && !p.lex.overflow)
		if (statement(&p, 0) == -1)
			recover(&p, u->root);
	pf_lex_close(&p.lex);
	pf_limiters_name(&p);
	if (u->load_path == NULL) {
		conf->block_return = p.block_return;
		conf->if_bound = p.if_bound;
	}
	return (0);
}

int
pf_conf_read(struct pf_conf *conf, const char *file)
{
	struct pf_unit *u;
	struct pf_table *t;

	u = pf_alloc(&conf->arena, sizeof(*u));
	buf_init(&u->text, LIMIT_PF_TEXT);
	u->root = conf->anchors;
	conf->units = u;
	if (read_unit(conf, u, file) == 0)
		pf_queues_check(conf);
	/* `load anchor` takes effect after the main file; the list grows. */
	for (u = u->next; u != NULL && conf->errs.count == 0; u = u->next) {
		u->root = pf_anchor_get(conf, str_from(u->load_path));
		read_unit(conf, u, u->load_file);
	}
	for (t = conf->tables; t != NULL; t = t->next)
		pf_table_sort(t);
	return (conf->errs.count + conf->errs.more == 0 ? 0 : -1);
}
