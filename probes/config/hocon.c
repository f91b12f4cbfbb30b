/* SPDX-License-Identifier: ISC */
/*
 * HOCON: text to a tree of nodes, substitutions not yet followed. The
 * grammar is that of lightbend/config HOCON.md; the comment of a function
 * names its section. Pure; all nodes live in one arena that is freed at the
 * end. The first error ends the file, as it does for the Java library.
 */
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "probes/config/hocon.h"
#include "probes/config/hocon_scan.h"
#include "probes/config/model.h"
#include "probes/config/reader.h"

static struct hocon_node *parse_value(struct hocon_scan *);
static void parse_members(struct hocon_scan *, struct hocon_node *, int braces);

/* One block of the arena: the link, then the bytes. */
static void *
arena(struct hocon *d, size_t n)
{
	void **block = mem_zalloc(1, sizeof(void *) + n);

	*block = d->blocks;
	d->blocks = block;
	return (block + 1);
}

static void
arena_free(struct hocon *d)
{
	void *next;

	while (d->blocks != NULL) {
		memcpy(&next, d->blocks, sizeof(next));
		free(d->blocks);
		d->blocks = next;
	}
}

struct hocon_node *
hocon_new(struct hocon *d, enum hocon_type type,
    const struct hocon_node *place)
{
	struct hocon_node *n;

	if (d->nodes++ >= LIMIT_HOCON_NODES) {
		hocon_error(d, "config-too-large", 0, 0, 0,
		    "more than %d values, the rest is not read",
		    LIMIT_HOCON_NODES);
		d->nodes = LIMIT_HOCON_NODES / 2;	/* for what unwinds */
	}
	n = arena(d, sizeof(*n));
	n->type = type;
	if (place != NULL) {
		n->source = place->source;
		n->line = place->line;
		n->column = place->column;
		n->end_column = place->end_column;
	}
	return (n);
}

struct str
hocon_text(struct hocon *d, struct str s)
{
	char *p;

	d->text += s.n;
	if (d->text > LIMIT_HOCON_TEXT) {
		hocon_error(d, "config-too-large", 0, 0, 0,
		    "substitutions make more than %u bytes of text",
		    LIMIT_HOCON_TEXT);
		return (str_of("", 0));
	}
	p = arena(d, s.n + 1);
	if (s.n > 0)
		memcpy(p, s.p, s.n);
	return (str_of(p, s.n));
}

void
hocon_error(struct hocon *d, const char *id, int source, int line,
    int column, const char *fmt, ...)
{
	struct buf b;
	va_list ap;

	if (d->failed)
		return;
	d->failed = 1;
	buf_init(&b, LIMIT_ERROR_TEXT);
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	model_problem(d->model, id, source, line, column, "%s", buf_cstr(&b));
	buf_free(&b);
}

static struct hocon_node *
node_here(struct hocon_scan *c, enum hocon_type type)
{
	struct hocon_node *n = hocon_new(c->doc, type, NULL);

	n->source = c->source;
	n->line = c->line;
	n->column = hocon_column(c);
	return (n);
}

void
hocon_append(struct hocon_node *parent, struct hocon_node *child)
{
	if (parent->last == NULL)
		parent->first = child;
	else
		parent->last->next = child;
	parent->last = child;
}

static struct hocon_node *
quoted_node(struct hocon_scan *c)
{
	struct hocon_node *n = node_here(c, HOCON_TEXT);
	struct buf b;

	buf_init(&b, LIMIT_CONFIG_FILE);
	hocon_quoted(c, &b);
	n->text = hocon_text(c->doc, buf_str(&b));
	n->end_column = hocon_column(c);
	buf_free(&b);
	return (n);
}

/* Unquoted strings: what may not stand in one (section of that name). */
static int
ends_word(const struct hocon_scan *c)
{
	int ch = hocon_peek(c);

	return (ch == -1 || ch == '\n' || hocon_blank(c) > 0 ||
	    hocon_at_comment(c) ||
	    (ch != 0 && strchr("$\"{}[]:=,+#`^?!@*&\\", ch) != NULL));
}

static struct hocon_node *
word_node(struct hocon_scan *c)
{
	struct hocon_node *n = node_here(c, HOCON_WORD);
	size_t from = c->at;

	while (!ends_word(c))
		c->at++;
	n->text = str_sub(c->s, from, c->at);
	n->end_column = hocon_column(c);
	return (n);
}

/* ${path}, ${?path}: the text of the path, checked when it is followed. */
static struct hocon_node *
subst_node(struct hocon_scan *c)
{
	struct hocon_node *n = node_here(c, HOCON_SUBST);
	size_t from;
	int quoted = 0;

	if (hocon_peek_at(c, 1) != '{') {
		hocon_wrong(c, "a $ outside quotes must begin a "
		    "substitution ${...}");
		return (n);
	}
	c->at += 2;
	if (hocon_peek(c) == '?') {
		n->optional = 1;
		c->at++;
	}
	for (from = c->at; quoted || hocon_peek(c) != '}'; c->at++) {
		if (hocon_peek(c) == -1 || hocon_peek(c) == '\n') {
			hocon_wrong(c, "no closing } for a substitution");
			return (n);
		}
		quoted ^= hocon_peek(c) == '"';
	}
	n->text = str_trim(str_sub(c->s, from, c->at));
	c->at++;
	n->end_column = hocon_column(c);
	if (n->text.n == 0)
		hocon_wrong(c, "a substitution needs a path");
	return (n);
}

/* Goes one block deeper; -1 when that is too deep. */
static int
enter(struct hocon_scan *c)
{
	if (++c->doc->depth <= LIMIT_CONFIG_DEPTH)
		return (0);
	hocon_error(c->doc, "config-too-large", c->source, c->line,
	    hocon_column(c), "blocks nested more than %d deep",
	    LIMIT_CONFIG_DEPTH);
	return (-1);
}

static struct hocon_node *
parse_array(struct hocon_scan *c)
{
	struct hocon_node *n = node_here(c, HOCON_ARRAY), *value;
	int line = c->line;

	c->at++;
	if (enter(c) == -1)
		return (n);
	for (;;) {
		hocon_skip_lines(c);
		if (hocon_peek(c) == ']' || hocon_stopped(c))
			break;
		value = parse_value(c);
		if (c->doc->failed)
			break;
		hocon_append(n, value);
		if (!hocon_skip_lines(c) && hocon_peek(c) != ',' &&
		    hocon_peek(c) != ']' &&
		    !hocon_stopped(c))
			hocon_wrong(c, "expected a comma or ] in the list that "
			    "begins in line %d", line);
		if (hocon_peek(c) == ',')
			c->at++;
	}
	c->doc->depth--;
	if (hocon_peek(c) == ']')
		c->at++;
	else
		hocon_wrong(c, "no closing ] for the [ in line %d", line);
	n->end_column = hocon_column(c);
	return (n);
}

static struct hocon_node *
parse_object(struct hocon_scan *c)
{
	struct hocon_node *n = node_here(c, HOCON_OBJECT);
	int line = c->line, col = hocon_column(c);

	c->at++;
	if (enter(c) == -1)
		return (n);
	parse_members(c, n, 1);
	c->doc->depth--;
	if (hocon_peek(c) == '}')
		c->at++;
	else
		hocon_wrong(c, "no closing } for the { in line %d, "
		    "column %d", line, col);
	return (n);
}

static struct hocon_node *
parse_piece(struct hocon_scan *c)
{
	switch (hocon_peek(c)) {
	case '{':
		return (parse_object(c));
	case '[':
		return (parse_array(c));
	case '"':
		return (quoted_node(c));
	case '$':
		return (subst_node(c));
	default:
		return (word_node(c));
	}
}

/* Does a further piece of this value follow in the line? */
static int
piece_follows(const struct hocon_scan *c)
{
	int ch = hocon_peek(c);

	return (ch == '{' || ch == '[' || ch == '"' || ch == '$' ||
	    !ends_word(c));
}

/* Value concatenation: pieces of one line, blanks between them kept. */
static struct hocon_node *
parse_value(struct hocon_scan *c)
{
	struct hocon_node *first, *all = NULL, *gap;
	size_t from;

	if (!piece_follows(c)) {
		if (hocon_peek(c) == -1)
			hocon_wrong(c, "expected a value, not the end of "
			    "the file");
		else if (hocon_peek(c) == '\n')
			hocon_wrong(c, "expected a value, not the end of "
			    "the line");
		else
			hocon_wrong(c, "expected a value, not \"%c\"; put "
			    "text with special characters in quotes",
			    hocon_peek(c));
		return (node_here(c, HOCON_WORD));
	}
	first = parse_piece(c);
	while (!c->doc->failed) {
		from = c->at;
		gap = node_here(c, HOCON_BLANK);
		hocon_skip_blanks(c);
		if (!piece_follows(c))
			break;
		if ((first->type == HOCON_OBJECT ||
		    first->type == HOCON_ARRAY) && hocon_peek(c) != '$' &&
		    hocon_peek(c) != '{' && hocon_peek(c) != '[') {
			hocon_wrong(c, "expected a comma or a new line after "
			    "the %s", first->type == HOCON_OBJECT ? "}" :
			    "]");
			break;
		}
		if (all == NULL) {
			all = hocon_new(c->doc, HOCON_CONCAT, first);
			hocon_append(all, first);
		}
		gap->text = str_sub(c->s, from, c->at);
		if (gap->text.n > 0)
			hocon_append(all, gap);
		first = parse_piece(c);
		all->end_column = first->end_column;
		hocon_append(all, first);
	}
	return (all == NULL ? first : all);
}

/* The text of a key up to its separator; -1 when there is none. */
static int
key_text(struct hocon_scan *c, struct str *key)
{
	size_t from = c->at, end = c->at;
	struct buf skip;
	int ch;

	for (;;) {
		ch = hocon_peek(c);
		if (ch == '"') {
			buf_init(&skip, LIMIT_CONFIG_FILE);
			hocon_quoted(c, &skip);
			buf_free(&skip);
			end = c->at;
		} else if (hocon_blank(c) > 0) {
			hocon_skip_blanks(c);
		} else if (ends_word(c)) {
			break;
		} else {
			c->at++;
			end = c->at;
		}
		if (c->doc->failed)
			return (-1);
	}
	*key = str_sub(c->s, from, end);
	if (key->n > 0)
		return (0);
	if (ch == '}')
		hocon_wrong(c, "a } that closes nothing");
	else
		hocon_wrong(c, "expected a key, not \"%c\"",
		    ch == -1 ? '?' : ch);
	return (-1);
}

/* One element: quoted and unquoted pieces up to the next dot. */
int
hocon_path_next(struct hocon *d, struct str *path, struct str *element)
{
	struct hocon_scan c = { d, 0, *path, 0, 0, 1 };
	struct buf b;
	int any = 0;

	buf_init(&b, LIMIT_CONFIG_FILE);
	while (c.at < c.s.n && hocon_peek(&c) != '.' && !d->failed) {
		any = 1;
		if (hocon_peek(&c) == '"') {
			hocon_quoted(&c, &b);
		} else {
			buf_addc(&b, (char)hocon_peek(&c));
			c.at++;
		}
	}
	*element = hocon_text(d, buf_str(&b));
	buf_free(&b);
	if (c.at < c.s.n && c.at + 1 == c.s.n)
		any = 0;	/* ends in a dot */
	*path = str_sub(*path, c.at + 1, path->n);
	return (any && !d->failed ? 0 : -1);
}

struct hocon_node *
hocon_find(const struct hocon_node *object, struct str key)
{
	struct hocon_node *n;

	for (n = object->first; n != NULL; n = n->next)
		if (str_eq(n->key, key))
			return (n);
	return (NULL);
}

/* Puts the new node where the old one stood in the object. */
static void
replace(struct hocon_node *object, struct hocon_node *old,
    struct hocon_node *value)
{
	struct hocon_node **link = &object->first, *before = NULL;

	while (*link != old) {
		before = *link;
		link = &before->next;
	}
	*link = old->next;
	if (object->last == old)
		object->last = before;
	old->next = NULL;
	hocon_append(object, value);
}

/* A key that one file gives two plain values: the last one counts. */
static void
check_twice(struct hocon *d, const struct hocon_node *old,
    const struct hocon_node *value)
{
	if ((old->type != HOCON_TEXT && old->type != HOCON_WORD) ||
	    (value->type != HOCON_TEXT && value->type != HOCON_WORD) ||
	    old->source != value->source || old->prev != NULL ||
	    d->include_depth == 0 ||	/* all is parsed: joined pieces */
	    str_eq(old->text, value->text))
		return;
	model_problem(d->model, "hocon-duplicate-key", value->source,
	    value->line, value->column, "%.*s has another value in line %d, "
	    "this one counts", STR_ARG(value->key), old->line);
}

void
hocon_put(struct hocon *d, struct hocon_node *object, struct str key,
    struct hocon_node *value)
{
	struct hocon_node *old = hocon_find(object, key), *m, *next;
	int later = value->type == HOCON_SUBST || value->type == HOCON_CONCAT;

	value->key = key;
	if (old == NULL) {
		if (object->count++ == LIMIT_HOCON_MEMBERS)
			hocon_error(d, "config-too-large", value->source,
			    value->line, 0, "more than %d keys in one block",
			    LIMIT_HOCON_MEMBERS);
		hocon_append(object, value);
		return;
	}
	if (old->type == HOCON_OBJECT && value->type == HOCON_OBJECT) {
		for (m = value->first; m != NULL && !d->failed; m = next) {
			next = m->next;
			m->next = NULL;
			hocon_put(d, old, m->key, m);
		}
		return;
	}
	check_twice(d, old, value);
	if (later || value->type == HOCON_OBJECT)
		value->prev = old;
	replace(object, old, value);
}

/* a.b.c = value: the objects a and a.b, then c in the last. */
static void
put_path(struct hocon_scan *c, struct hocon_node *object, struct str path,
    struct hocon_node *value, int append)
{
	struct hocon_node *inner, *outer = NULL, *chain = NULL;
	struct hocon_node *self, *list;
	struct str element, whole = path, first = str_of("", 0);

	for (;;) {
		if (hocon_path_next(c->doc, &path, &element) == -1) {
			hocon_wrong(c, "an empty element in the key %.*s",
			    STR_ARG(whole));
			return;
		}
		if (outer == NULL && chain == NULL)
			first = element;
		if (path.n == 0)
			break;
		inner = hocon_new(c->doc, HOCON_OBJECT, value);
		if (chain == NULL)
			chain = inner;
		else {
			inner->key = element;
			hocon_append(outer, inner);
		}
		outer = inner;
	}
	if (append) {
		/* key += value is key = ${?key} [ value ], with the key as
		 * seen from the root; here the previous value stands for it */
		self = hocon_new(c->doc, HOCON_SUBST, value);
		self->optional = 2;
		list = hocon_new(c->doc, HOCON_ARRAY, value);
		hocon_append(list, value);
		value = hocon_new(c->doc, HOCON_CONCAT, value);
		hocon_append(value, self);
		hocon_append(value, list);
	}
	if (chain == NULL) {
		hocon_put(c->doc, object, first, value);
		return;
	}
	value->key = element;
	hocon_append(outer, value);
	hocon_put(c->doc, object, first, chain);
}

static void parse_text(struct hocon *, int, struct hocon_node *);

/* The source an include names; -1 when it is not among the given files. */
static int
find_source(const struct hocon *d, int from, struct str name)
{
	size_t *list = mem_zalloc(d->sources->count, sizeof(*list));
	int found = -1;

	if (sources_included(d->sources, from, name, list) > 0)
		found = (int)list[0];
	free(list);
	return (found);
}

static void
include(struct hocon_scan *c, struct hocon_node *object, struct str name,
    int required)
{
	struct hocon *d = c->doc;
	int i, source = find_source(d, c->source, name);

	if (source == -1) {
		d->model->partial = 1;
		model_problem(d->model, "config-include-not-given", c->source,
		    c->line, hocon_column(c), "%.*s is %s here, but is not "
		    "among the files given", STR_ARG(name),
		    required ? "required" : "included");
		return;
	}
	model_included(d->model, (size_t)source);
	for (i = 0; i < d->include_depth; i++)
		if (d->includes[i] == source) {
			hocon_wrong(c, "%.*s includes itself", STR_ARG(name));
			return;
		}
	if (d->include_depth == LIMIT_INCLUDE_DEPTH) {
		hocon_wrong(c, "files included more than %d deep",
		    LIMIT_INCLUDE_DEPTH);
		return;
	}
	parse_text(d, source, object);
}

/* Takes a word and an opening parenthesis; 1 when they were there. */
static int
call(struct hocon_scan *c, const char *name)
{
	struct str rest = str_sub(c->s, c->at, c->s.n);

	if (!str_starts(rest, name))
		return (0);
	c->at += strlen(name);
	hocon_skip_blanks(c);
	return (1);
}

/* Include syntax: quoted name, file(), url(), classpath(), required(). */
static void
parse_include(struct hocon_scan *c, struct hocon_node *object)
{
	int parens = 0, required = 0, elsewhere = 0;
	struct hocon_node *name;

	c->at += strlen("include");
	hocon_skip_blanks(c);
	if (call(c, "required(")) {
		required = 1;
		parens++;
	}
	if (call(c, "file("))
		parens++;
	else if (call(c, "url(") || call(c, "classpath(")) {
		parens++;
		elsewhere = 1;
	}
	if (hocon_peek(c) != '"') {
		hocon_wrong(c, "include takes a file name in quotes (a key "
		    "of that name must be quoted)");
		return;
	}
	name = quoted_node(c);
	for (hocon_skip_blanks(c); parens > 0; parens--, hocon_skip_blanks(c)) {
		if (hocon_peek(c) != ')') {
			hocon_wrong(c, "expected ) after the name of the "
			    "include");
			return;
		}
		c->at++;
	}
	if (elsewhere)
		c->doc->model->partial = 1;
	else if (!c->doc->failed)
		include(c, object, name->text, required);
}

static int
at_include(const struct hocon_scan *c)
{
	struct hocon_scan ahead = *c;

	if (!str_starts(str_sub(c->s, c->at, c->s.n), "include"))
		return (0);
	ahead.at += strlen("include");
	return (ends_word(&ahead) && hocon_peek(&ahead) != '+' &&
	    hocon_peek(&ahead) != '.');
}

/* One field: key, separator (not needed before {), value. */
static void
parse_field(struct hocon_scan *c, struct hocon_node *object)
{
	struct hocon_node *value;
	int append = 0, line = c->line, col = hocon_column(c);
	struct str key;

	if (key_text(c, &key) == -1)
		return;
	hocon_skip_blanks(c);
	if (hocon_peek(c) == '+' && hocon_peek_at(c, 1) == '=') {
		append = 1;
		c->at += 2;
	} else if (hocon_peek(c) == ':' || hocon_peek(c) == '=') {
		c->at++;
	} else if (hocon_peek(c) != '{') {
		hocon_error(c->doc, "hocon-syntax-error", c->source, line,
		    col, "key %.*s has no value: expected = or : or { after "
		    "it", STR_ARG(key));
		return;
	}
	hocon_skip_lines(c);
	value = parse_value(c);
	if (!c->doc->failed)
		put_path(c, object, key, value, append);
}

/* The fields of an object up to its } or the end of the text. */
static void
parse_members(struct hocon_scan *c, struct hocon_node *object, int braces)
{
	for (;;) {
		hocon_skip_lines(c);
		if (hocon_stopped(c) || (braces && hocon_peek(c) == '}'))
			return;
		if (at_include(c))
			parse_include(c, object);
		else
			parse_field(c, object);
		if (c->doc->failed)
			return;
		if (!hocon_skip_lines(c) && hocon_peek(c) != ',' &&
		    hocon_peek(c) != '}' &&
		    !hocon_stopped(c))
			hocon_wrong(c, "expected a comma or a new line before "
			    "\"%c\"", hocon_peek(c));
		if (hocon_peek(c) == ',') {
			c->at++;
			hocon_skip_lines(c);
			if (hocon_peek(c) == ',')
				hocon_wrong(c, "two commas in a row");
		}
	}
}

/* Reads one source into an object. */
static void
parse_text(struct hocon *d, int source, struct hocon_node *object)
{
	struct hocon_scan c = { d, source, d->sources->list[source].text, 0,
	    0, 1 };

	d->includes[d->include_depth++] = source;
	hocon_skip_lines(&c);
	if (hocon_peek(&c) == '{') {
		c.at++;
		parse_members(&c, object, 1);
		if (hocon_peek(&c) != '}')
			hocon_wrong(&c, "no closing } for the { of the whole "
			    "file");
		else
			c.at++;
		hocon_skip_lines(&c);
		if (!hocon_stopped(&c))
			hocon_wrong(&c, "text after the end of the file's "
			    "object");
	} else if (hocon_peek(&c) == '[') {
		hocon_wrong(&c, "the file must hold an object, not a list");
	} else {
		parse_members(&c, object, 0);
		if (!hocon_stopped(&c))
			hocon_wrong(&c, "a \"%c\" that closes nothing",
			    hocon_peek(&c));
	}
	d->include_depth--;
}

void
read_hocon(const struct config_sources *s, struct model *m)
{
	struct hocon d = { .sources = s, .model = m };

	d.root = hocon_new(&d, HOCON_OBJECT, NULL);
	d.root->line = 1;
	parse_text(&d, 0, d.root);
	if (!d.failed)
		hocon_resolve(&d);
	if (d.failed)
		m->partial = 1;
	arena_free(&d);
}
