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
#include "probes/config/model.h"
#include "probes/config/reader.h"

/* A place in one text. */
struct scan {
	struct hocon *doc;
	int source;
	struct str s;
	size_t at;
	size_t line_start;
	int line;
};

static struct hocon_node *parse_value(struct scan *);
static void parse_members(struct scan *, struct hocon_node *, int braces);

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

static int
column(const struct scan *c)
{
	return ((int)(c->at - c->line_start) + 1);
}

/* A syntax error at the place of the scan. */
static void __attribute__((format(printf, 2, 3)))
wrong(struct scan *c, const char *fmt, ...)
{
	struct buf b;
	va_list ap;

	buf_init(&b, LIMIT_ERROR_TEXT);
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	hocon_error(c->doc, "hocon-syntax-error", c->source, c->line,
	    column(c), "%s", buf_cstr(&b));
	buf_free(&b);
}

static int
peek(const struct scan *c)
{
	return (c->at < c->s.n ? (unsigned char)c->s.p[c->at] : -1);
}

static int
peek_at(const struct scan *c, size_t ahead)
{
	return (c->at + ahead < c->s.n ?
	    (unsigned char)c->s.p[c->at + ahead] : -1);
}

static void
step(struct scan *c)
{
	if (peek(c) == '\n') {
		c->line++;
		c->line_start = c->at + 1;
	}
	if (c->at < c->s.n)
		c->at++;
}

/* What may stand after an error or at the end: stop every loop. */
static int
stopped(const struct scan *c)
{
	return (c->doc->failed || c->at >= c->s.n);
}

/*
 * Length of the blank at the place, 0 when there is none: HOCON counts the
 * Unicode separators and the byte order mark. A newline is no blank.
 */
static size_t
blank(const struct scan *c)
{
	static const char *const wide[] = {
		"\xc2\xa0", "\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x81",
		"\xe2\x80\x82", "\xe2\x80\x83", "\xe2\x80\x84",
		"\xe2\x80\x85", "\xe2\x80\x86", "\xe2\x80\x87",
		"\xe2\x80\x88", "\xe2\x80\x89", "\xe2\x80\x8a",
		"\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80",
		"\xef\xbb\xbf",
	};
	struct str rest = str_sub(c->s, c->at, c->s.n);
	int ch = peek(c);
	size_t i;

	if (ch == ' ' || ch == '\t' || ch == '\r' || ch == '\f' ||
	    ch == '\v' || (ch >= 0x1c && ch <= 0x1f))
		return (1);
	for (i = 0; ch >= 0x80 && i < sizeof(wide) / sizeof(wide[0]); i++)
		if (str_starts(rest, wide[i]))
			return (strlen(wide[i]));
	return (0);
}

static int
at_comment(const struct scan *c)
{
	return (peek(c) == '#' || (peek(c) == '/' && peek_at(c, 1) == '/'));
}

/* Blanks of one line. */
static void
skip_blanks(struct scan *c)
{
	size_t n;

	while ((n = blank(c)) > 0)
		c->at += n;
}

/* Blanks, comments and newlines. 1 when a newline was among them. */
static int
skip_lines(struct scan *c)
{
	int newline = 0;

	for (;;) {
		skip_blanks(c);
		if (at_comment(c))
			while (c->at < c->s.n && peek(c) != '\n')
				c->at++;
		if (peek(c) != '\n')
			return (newline);
		newline = 1;
		step(c);
	}
}

static struct hocon_node *
node_here(struct scan *c, enum hocon_type type)
{
	struct hocon_node *n = hocon_new(c->doc, type, NULL);

	n->source = c->source;
	n->line = c->line;
	n->column = column(c);
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

/* Four hexadecimal digits after \u; -1 when they are none. */
static long
hex4(struct scan *c)
{
	long v = 0;
	int i, ch;

	for (i = 0; i < 4; i++) {
		ch = peek(c);
		if (ch >= '0' && ch <= '9')
			v = v * 16 + ch - '0';
		else if ((ch | 32) >= 'a' && (ch | 32) <= 'f')
			v = v * 16 + (ch | 32) - 'a' + 10;
		else
			return (-1);
		c->at++;
	}
	return (v);
}

static void
add_utf8(struct buf *b, unsigned long v)
{
	if (v < 0x80) {
		buf_addc(b, (char)v);
	} else if (v < 0x800) {
		buf_addc(b, (char)(0xc0 | v >> 6));
		buf_addc(b, (char)(0x80 | (v & 0x3f)));
	} else if (v < 0x10000) {
		buf_addc(b, (char)(0xe0 | v >> 12));
		buf_addc(b, (char)(0x80 | (v >> 6 & 0x3f)));
		buf_addc(b, (char)(0x80 | (v & 0x3f)));
	} else {
		buf_addc(b, (char)(0xf0 | v >> 18));
		buf_addc(b, (char)(0x80 | (v >> 12 & 0x3f)));
		buf_addc(b, (char)(0x80 | (v >> 6 & 0x3f)));
		buf_addc(b, (char)(0x80 | (v & 0x3f)));
	}
}

/* The character after a backslash (JSON's escapes). */
static void
parse_escape(struct scan *c, struct buf *b)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	int ch = peek(c);
	const char *p;
	long v, low;

	if (ch != -1 && ch != 0 && (p = strchr(from, ch)) != NULL) {
		buf_addc(b, to[p - from]);
		c->at++;
		return;
	}
	if (ch != 'u') {
		wrong(c, "a backslash in quotes must be doubled (\\\\)");
		return;
	}
	c->at++;
	if ((v = hex4(c)) == -1) {
		wrong(c, "\\u takes four hexadecimal digits");
		return;
	}
	if (v >= 0xd800 && v < 0xdc00 && peek(c) == '\\' &&
	    peek_at(c, 1) == 'u') {
		c->at += 2;
		low = hex4(c);
		if (low >= 0xdc00 && low < 0xe000)
			v = 0x10000 + ((v - 0xd800) << 10) + (low - 0xdc00);
	}
	add_utf8(b, (unsigned long)v);
}

/* Multi-line strings: everything up to the last three of a run of quotes. */
static void
parse_triple(struct scan *c, struct buf *b)
{
	size_t quotes;
	int line = c->line;

	c->at += 3;
	for (;;) {
		for (quotes = 0; peek(c) == '"'; quotes++)
			c->at++;
		if (quotes >= 3) {
			for (; quotes > 3; quotes--)
				buf_addc(b, '"');
			return;
		}
		for (; quotes > 0; quotes--)
			buf_addc(b, '"');
		if (stopped(c)) {
			wrong(c, "no closing \"\"\" for the one in line %d",
			    line);
			return;
		}
		buf_addc(b, (char)peek(c));
		step(c);
	}
}

static void
parse_quoted(struct scan *c, struct buf *b)
{
	int ch;

	if (peek_at(c, 1) == '"' && peek_at(c, 2) == '"') {
		parse_triple(c, b);
		return;
	}
	c->at++;
	while ((ch = peek(c)) != '"') {
		if (ch == -1 || ch == '\n') {
			wrong(c, "no closing quote in this line");
			return;
		}
		c->at++;
		if (ch == '\\')
			parse_escape(c, b);
		else
			buf_addc(b, (char)ch);
		if (c->doc->failed)
			return;
	}
	c->at++;
}

static struct hocon_node *
quoted_node(struct scan *c)
{
	struct hocon_node *n = node_here(c, HOCON_TEXT);
	struct buf b;

	buf_init(&b, LIMIT_CONFIG_FILE);
	parse_quoted(c, &b);
	n->text = hocon_text(c->doc, buf_str(&b));
	n->end_column = column(c);
	buf_free(&b);
	return (n);
}

/* Unquoted strings: what may not stand in one (section of that name). */
static int
ends_word(const struct scan *c)
{
	int ch = peek(c);

	return (ch == -1 || ch == '\n' || blank(c) > 0 || at_comment(c) ||
	    (ch != 0 && strchr("$\"{}[]:=,+#`^?!@*&\\", ch) != NULL));
}

static struct hocon_node *
word_node(struct scan *c)
{
	struct hocon_node *n = node_here(c, HOCON_WORD);
	size_t from = c->at;

	while (!ends_word(c))
		c->at++;
	n->text = str_sub(c->s, from, c->at);
	n->end_column = column(c);
	return (n);
}

/* ${path}, ${?path}: the text of the path, checked when it is followed. */
static struct hocon_node *
subst_node(struct scan *c)
{
	struct hocon_node *n = node_here(c, HOCON_SUBST);
	size_t from;
	int quoted = 0;

	if (peek_at(c, 1) != '{') {
		wrong(c, "a $ outside quotes must begin a substitution ${...}");
		return (n);
	}
	c->at += 2;
	if (peek(c) == '?') {
		n->optional = 1;
		c->at++;
	}
	for (from = c->at; quoted || peek(c) != '}'; c->at++) {
		if (peek(c) == -1 || peek(c) == '\n') {
			wrong(c, "no closing } for a substitution");
			return (n);
		}
		quoted ^= peek(c) == '"';
	}
	n->text = str_trim(str_sub(c->s, from, c->at));
	c->at++;
	n->end_column = column(c);
	if (n->text.n == 0)
		wrong(c, "a substitution needs a path");
	return (n);
}

/* Goes one block deeper; -1 when that is too deep. */
static int
enter(struct scan *c)
{
	if (++c->doc->depth <= LIMIT_CONFIG_DEPTH)
		return (0);
	hocon_error(c->doc, "config-too-large", c->source, c->line,
	    column(c), "blocks nested more than %d deep",
	    LIMIT_CONFIG_DEPTH);
	return (-1);
}

static struct hocon_node *
parse_array(struct scan *c)
{
	struct hocon_node *n = node_here(c, HOCON_ARRAY), *value;
	int line = c->line;

	c->at++;
	if (enter(c) == -1)
		return (n);
	for (;;) {
		skip_lines(c);
		if (peek(c) == ']' || stopped(c))
			break;
		value = parse_value(c);
		if (c->doc->failed)
			break;
		hocon_append(n, value);
		if (!skip_lines(c) && peek(c) != ',' && peek(c) != ']' &&
		    !stopped(c))
			wrong(c, "expected a comma or ] in the list that "
			    "begins in line %d", line);
		if (peek(c) == ',')
			c->at++;
	}
	c->doc->depth--;
	if (peek(c) == ']')
		c->at++;
	else
		wrong(c, "no closing ] for the [ in line %d", line);
	n->end_column = column(c);
	return (n);
}

static struct hocon_node *
parse_object(struct scan *c)
{
	struct hocon_node *n = node_here(c, HOCON_OBJECT);
	int line = c->line, col = column(c);

	c->at++;
	if (enter(c) == -1)
		return (n);
	parse_members(c, n, 1);
	c->doc->depth--;
	if (peek(c) == '}')
		c->at++;
	else
		wrong(c, "no closing } for the { in line %d, column %d", line,
		    col);
	return (n);
}

static struct hocon_node *
parse_piece(struct scan *c)
{
	switch (peek(c)) {
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
piece_follows(const struct scan *c)
{
	int ch = peek(c);

	return (ch == '{' || ch == '[' || ch == '"' || ch == '$' ||
	    !ends_word(c));
}

/* Value concatenation: pieces of one line, blanks between them kept. */
static struct hocon_node *
parse_value(struct scan *c)
{
	struct hocon_node *first, *all = NULL, *gap;
	size_t from;

	if (!piece_follows(c)) {
		if (peek(c) == -1)
			wrong(c, "expected a value, not the end of the file");
		else if (peek(c) == '\n')
			wrong(c, "expected a value, not the end of the line");
		else
			wrong(c, "expected a value, not \"%c\"; put text with "
			    "special characters in quotes", peek(c));
		return (node_here(c, HOCON_WORD));
	}
	first = parse_piece(c);
	while (!c->doc->failed) {
		from = c->at;
		gap = node_here(c, HOCON_BLANK);
		skip_blanks(c);
		if (!piece_follows(c))
			break;
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
key_text(struct scan *c, struct str *key)
{
	size_t from = c->at, end = c->at;
	struct buf skip;
	int ch;

	for (;;) {
		ch = peek(c);
		if (ch == '"') {
			buf_init(&skip, LIMIT_CONFIG_FILE);
			parse_quoted(c, &skip);
			buf_free(&skip);
			end = c->at;
		} else if (blank(c) > 0) {
			skip_blanks(c);
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
		wrong(c, "a } that closes nothing");
	else
		wrong(c, "expected a key, not \"%c\"", ch == -1 ? '?' : ch);
	return (-1);
}

/* One element: quoted and unquoted pieces up to the next dot. */
int
hocon_path_next(struct hocon *d, struct str *path, struct str *element)
{
	struct scan c = { d, 0, *path, 0, 0, 1 };
	struct buf b;
	int any = 0;

	buf_init(&b, LIMIT_CONFIG_FILE);
	while (c.at < c.s.n && peek(&c) != '.' && !d->failed) {
		any = 1;
		if (peek(&c) == '"') {
			parse_quoted(&c, &b);
		} else {
			buf_addc(&b, (char)peek(&c));
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
	if (later || value->type == HOCON_OBJECT)
		value->prev = old;
	replace(object, old, value);
}

/* a.b.c = value: the objects a and a.b, then c in the last. */
static void
put_path(struct scan *c, struct hocon_node *object, struct str path,
    struct hocon_node *value, int append)
{
	struct hocon_node *inner, *outer = NULL, *chain = NULL;
	struct hocon_node *self, *list;
	struct str element, whole = path, first = str_of("", 0);

	for (;;) {
		if (hocon_path_next(c->doc, &path, &element) == -1) {
			wrong(c, "an empty element in the key %.*s",
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
find_source(const struct hocon *d, struct str name)
{
	size_t i;

	for (i = 1; i < d->sources->count; i++)
		if (source_named(d->sources->list[i].name, name))
			return ((int)i);
	return (-1);
}

static void
include(struct scan *c, struct hocon_node *object, struct str name,
    int required)
{
	struct hocon *d = c->doc;
	int i, source = find_source(d, name);

	if (source == -1) {
		d->model->partial = 1;
		model_problem(d->model, "config-include-not-given", c->source,
		    c->line, column(c), "%.*s is %s here, but is not among "
		    "the files given", STR_ARG(name),
		    required ? "required" : "included");
		return;
	}
	for (i = 0; i < d->include_depth; i++)
		if (d->includes[i] == source) {
			wrong(c, "%.*s includes itself", STR_ARG(name));
			return;
		}
	if (d->include_depth == LIMIT_INCLUDE_DEPTH) {
		wrong(c, "files included more than %d deep",
		    LIMIT_INCLUDE_DEPTH);
		return;
	}
	parse_text(d, source, object);
}

/* Takes a word and an opening parenthesis; 1 when they were there. */
static int
call(struct scan *c, const char *name)
{
	struct str rest = str_sub(c->s, c->at, c->s.n);

	if (!str_starts(rest, name))
		return (0);
	c->at += strlen(name);
	skip_blanks(c);
	return (1);
}

/* Include syntax: quoted name, file(), url(), classpath(), required(). */
static void
parse_include(struct scan *c, struct hocon_node *object)
{
	int parens = 0, required = 0, elsewhere = 0;
	struct hocon_node *name;

	c->at += strlen("include");
	skip_blanks(c);
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
	if (peek(c) != '"') {
		wrong(c, "include takes a file name in quotes (a key of that "
		    "name must be quoted)");
		return;
	}
	name = quoted_node(c);
	for (skip_blanks(c); parens > 0; parens--, skip_blanks(c)) {
		if (peek(c) != ')') {
			wrong(c, "expected ) after the name of the include");
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
at_include(const struct scan *c)
{
	struct scan ahead = *c;

	if (!str_starts(str_sub(c->s, c->at, c->s.n), "include"))
		return (0);
	ahead.at += strlen("include");
	return (ends_word(&ahead) && peek(&ahead) != '+' &&
	    peek(&ahead) != '.');
}

/* One field: key, separator (not needed before {), value. */
static void
parse_field(struct scan *c, struct hocon_node *object)
{
	struct hocon_node *value;
	int append = 0, line = c->line, col = column(c);
	struct str key;

	if (key_text(c, &key) == -1)
		return;
	skip_blanks(c);
	if (peek(c) == '+' && peek_at(c, 1) == '=') {
		append = 1;
		c->at += 2;
	} else if (peek(c) == ':' || peek(c) == '=') {
		c->at++;
	} else if (peek(c) != '{') {
		hocon_error(c->doc, "hocon-syntax-error", c->source, line,
		    col, "key %.*s has no value: expected = or : or { after "
		    "it", STR_ARG(key));
		return;
	}
	skip_lines(c);
	value = parse_value(c);
	if (!c->doc->failed)
		put_path(c, object, key, value, append);
}

/* The fields of an object up to its } or the end of the text. */
static void
parse_members(struct scan *c, struct hocon_node *object, int braces)
{
	for (;;) {
		skip_lines(c);
		if (stopped(c) || (braces && peek(c) == '}'))
			return;
		if (at_include(c))
			parse_include(c, object);
		else
			parse_field(c, object);
		if (c->doc->failed)
			return;
		if (!skip_lines(c) && peek(c) != ',' && peek(c) != '}' &&
		    !stopped(c))
			wrong(c, "expected a comma or a new line before "
			    "\"%c\"", peek(c));
		if (peek(c) == ',') {
			c->at++;
			skip_lines(c);
			if (peek(c) == ',')
				wrong(c, "two commas in a row");
		}
	}
}

/* Reads one source into an object. */
static void
parse_text(struct hocon *d, int source, struct hocon_node *object)
{
	struct scan c = { d, source, d->sources->list[source].text, 0, 0, 1 };

	d->includes[d->include_depth++] = source;
	skip_lines(&c);
	if (peek(&c) == '{') {
		c.at++;
		parse_members(&c, object, 1);
		if (peek(&c) != '}')
			wrong(&c, "no closing } for the { of the whole file");
		else
			c.at++;
		skip_lines(&c);
		if (!stopped(&c))
			wrong(&c, "text after the end of the file's object");
	} else if (peek(&c) == '[') {
		wrong(&c, "the file must hold an object, not a list");
	} else {
		parse_members(&c, object, 0);
		if (!stopped(&c))
			wrong(&c, "a \"%c\" that closes nothing", peek(&c));
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
