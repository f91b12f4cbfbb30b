/* SPDX-License-Identifier: ISC */
/*
 * The tokens that all readers of pf.conf(5) take; its statements, with
 * macros, includes and anchors here; and how the reader goes on after an
 * error, which is at the next line, outside all braces, as pfctl(8) does.
 * Pure.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "probes/pf/parse.h"

#define RECOVERY_TOKENS 3

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
	p->was_quiet = p->quiet;
	if (p->quiet > 0)
		p->quiet--;
}

void
pf_back(struct pf_parser *p, int token)
{
	p->token = token;
	p->quiet = p->was_quiet;
}

int
pf_accept(struct pf_parser *p, int token)
{
	if (pf_peek(p) != token)
		return (0);
	pf_next(p);
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
	return (p->quiet > 0 ? -1 : pf_error(p, "syntax error"));
}

int
pf_expect(struct pf_parser *p, int token)
{
	return (pf_accept(p, token) ? 0 : pf_syntax(p));
}

int
pf_string(struct pf_parser *p, const char **s)
{
	int token = pf_peek(p);

	*s = "";
	/* Live rules have names that are keywords, without quotes. */
	if (token != T_STRING && (!p->conf->live || token < K_ABOVE))
		return (pf_syntax(p));
	*s = p->string;
	pf_next(p);
	return (0);
}

int
pf_number(struct pf_parser *p, int64_t *n)
{
	*n = 0;
	if (pf_peek(p) != T_NUMBER)
		return (pf_syntax(p));
	*n = p->number;
	pf_next(p);
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
	if (pf_peek(p) != '\n') {
		buf_free(&b);
		return (pf_syntax(p));
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

	if (p->asd >= LIMIT_PF_ANCHOR_DEPTH)
		return (pf_error(p, "anchors nested too deep"));
	p->asd++;
	if (pf_expect(p, '\n') == -1)
		return (-1);
	p->anchor = body;
	while (!pf_accept(p, '}'))
		if (statement(p, 1) == -1)
			return (-1);
	p->asd--;
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
		p->stale[p->asd + 1] = 1;
		if (name != NULL && strchr(name, '/') != NULL)
			return (pf_error(p, "anchor paths containing '/' "
			    "cannot be used for inline anchors."));
		if (name != NULL && existed)
			return (pf_error(p, "inline anchor '%s' already "
			    "exists", name));
		r->call = r->body->name[0] == '_' ? NULL : r->body->name;
		return (0);
	}
	if (name == NULL && p->conf->live)
		return (0);
	if (pf_peek(p) != '\n')
		return (pf_syntax(p));
	if (p->stale[p->asd + 1])
		return (name == NULL || strchr(name, '/') == NULL ? 0 :
		    pf_error(p, "anchor paths containing '/' cannot be used "
		    "for inline anchors."));
	if (name == NULL)
		return (pf_error(p, "anchors without explicit rules must "
		    "specify a name"));
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

	pf_rule_init(p, &r);
	r.action = PF_ANCHOR;
	if (anchor_name(p, &name) == -1)
		return (-1);
	pf_parse_dir(p, &r);
	r.quick = pf_accept(p, K_QUICK);
	if (pf_parse_tail(p, &r, &l, &o) == -1 ||
	    parse_anchor_body(p, name, &r) == -1)
		return (-1);
	p->anchor = from;
	if (pf_check_tcp_only(p, &o, &l,
	    "OS fingerprinting only applies to tcp") == -1 ||
	    pf_rule_options(p, &r, &o) == -1)
		return (-1);
	if (o.has_keep && o.keep != PF_NO_STATE)
		return (pf_error(p, "cannot specify state handling on "
		    "anchors"));
	if (o.rt != PF_ROUTE_NONE)
		return (pf_error(p, "cannot specify route handling on "
		    "anchors"));
	pf_decide_family(l.ft.src, &r.af);
	pf_decide_family(l.ft.dst, &r.af);
	pf_expand(p, &r, &l);
	p->stale[p->asd + 1] = 0;
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
	if (pf_peek(p) != '\n')
		return (pf_syntax(p));
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
		return (pf_parse_rule(p));
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
		return (pf_parse_antispoof(p));
	case K_STATE:
	case K_SOURCE:
		return (pf_parse_limiter(p, token == K_SOURCE));
	case T_STRING:
		name = p->string;
		if (pf_expect(p, '=') == -1)
			return (-1);
		return (parse_macro(p, name));
	}
	pf_back(p, token);
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

/*
 * After an error: go on at the next line, outside all braces. As in yacc(1)
 * no syntax error is told until three tokens were taken, the line end first.
 */
static void
recover(struct pf_parser *p, struct pf_anchor *root)
{
	while (pf_peek(p) != '\n' && pf_peek(p) != T_EOF)
		pf_next(p);
	p->quiet = RECOVERY_TOKENS;
	pf_accept(p, '\n');
	p->anchor = root;
	p->lex.limiter = 0;
}

/* 1 when a file can begin with this; pfctl reads no further otherwise. */
static int
starts_file(int token)
{
	switch (token) {
	case '\n':
	case T_EOF:
	case T_STRING:
	case K_ANCHOR:
	case K_ANTISPOOF:
	case K_BLOCK:
	case K_INCLUDE:
	case K_LOAD:
	case K_MATCH:
	case K_PASS:
	case K_QUEUE:
	case K_SET:
	case K_SOURCE:
	case K_STATE:
	case K_TABLE:
		return (1);
	}
	return (0);
}

/* The statements of a file; without a line before it, an error ends it. */
static void
read_statements(struct pf_parser *p)
{
	if (!starts_file(pf_peek(p))) {
		pf_accept(p, '{');
		pf_syntax(p);
		return;
	}
	while (pf_peek(p) != T_EOF && !p->lex.overflow)
		if (statement(p, 0) == -1)
			recover(p, p->unit->root);
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
	read_statements(&p);
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
	if (read_unit(conf, u, file) == 0 && conf->errs.count == 0)
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
