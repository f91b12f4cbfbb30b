/* SPDX-License-Identifier: ISC */
/*
 * The lexer of meetprobe.conf. Pure: included files come from the caller's
 * reader. Owns the texts of included files and of macros.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/lex.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"

/* A text being read: a file, or a macro's value put in. */
struct lex_file {
	struct lex_file *below;	/* goes on there at the end */
	struct lex_file *next;	/* list of all */
	char *name;
	char *owned;		/* the text, when it is ours */
	struct str rest;
	int line, column;
	int is_macro;
};

static void
push(struct lex *l, const char *name, struct str text, char *owned, int macro)
{
	struct lex_file *f = mem_zalloc(1, sizeof(*f));

	f->name = mem_strdup(name);
	f->owned = owned;
	f->rest = text;
	f->line = 1;
	f->column = 1;
	f->is_macro = macro;
	if (macro && l->top != NULL) {
		f->line = l->top->line;
		f->column = l->top->column;
	}
	f->below = l->top;
	l->top = f;
	f->next = l->all;
	l->all = f;
	l->depth++;
}

void
lex_init(struct lex *l, const char *file, struct str text,
    lex_reader *reader, void *arg, struct errlist *errors)
{
	memset(l, 0, sizeof(*l));
	l->reader = reader;
	l->arg = arg;
	l->errors = errors;
	l->bol = 1;
	map_init(&l->macros, LIMIT_MACROS);
	push(l, file, text, NULL, 0);
}

void
lex_free(struct lex *l)
{
	struct lex_file *f;
	size_t i;

	while ((f = l->all) != NULL) {
		l->all = f->next;
		free(f->name);
		free(f->owned);
		free(f);
	}
	for (i = 0; i < l->macros.count; i++)
		free(l->macros.list[i].value);
	map_free(&l->macros);
}

void
lex_define(struct lex *l, struct str name, struct str value)
{
	void **place = map_put(&l->macros, name);

	if (place != NULL && *place == NULL)
		*place = mem_str(value);
}

int
lex_error(struct lex *l, const struct token *t, const char *fmt, ...)
{
	struct buf b;
	va_list ap;

	buf_init(&b, LIMIT_ERROR_TEXT);
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	errlist_add(l->errors, t->file, t->line, t->column, "%s",
	    buf_cstr(&b));
	buf_free(&b);
	return (-1);
}

/* Moves over n bytes of the text on top, counting lines. */
static void
advance(struct lex_file *f, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (f->is_macro)
			continue;
		if (f->rest.p[i] == '\n') {
			f->line++;
			f->column = 1;
		} else
			f->column++;
	}
	f->rest = str_sub(f->rest, n, f->rest.n);
}

static int
is_word(char c)
{
	return (strchr(" \t\r\n\"{},=#", c) == NULL || c == '\0');
}

/* Skips blanks, comments and joined lines. */
static void
skip_blanks(struct lex_file *f)
{
	struct str s;
	size_t n;

	for (;;) {
		s = f->rest;
		if (s.n > 0 && (s.p[0] == ' ' || s.p[0] == '\t' ||
		    s.p[0] == '\r'))
			advance(f, 1);
		else if (str_starts(s, "\\\n"))
			advance(f, 2);
		else if (str_starts(s, "\\\r\n"))
			advance(f, 3);
		else if (s.n > 0 && s.p[0] == '#') {
			n = str_chr(s, '\n');
			advance(f, n == SIZE_MAX ? s.n : n);
		} else
			return;
	}
}

/* A quoted string; the text between the quotes, no escapes. */
static struct token
quoted(struct lex *l, struct token t)
{
	struct lex_file *f = l->top;
	struct str s = str_sub(f->rest, 1, f->rest.n);
	size_t n = 0;

	while (n < s.n && s.p[n] != '"' && s.p[n] != '\n')
		n++;
	t.kind = TOKEN_STRING;
	t.text = str_sub(s, 0, n);
	if (n == s.n || s.p[n] != '"') {
		lex_error(l, &t, "string is not closed on its line");
		advance(f, n + 1);
	} else
		advance(f, n + 2);
	return (t);
}

/* One token of the texts on the stack, macros not yet looked at. */
static struct token
raw(struct lex *l)
{
	struct token t = { TOKEN_END, { NULL, 0 }, "", 0, 0 };
	struct lex_file *f;
	size_t n;

	for (f = l->top; f != NULL; f = l->top) {
		skip_blanks(f);
		t.file = f->name;
		t.line = f->line;
		t.column = f->column;
		if (f->rest.n > 0)
			break;
		if (f->below == NULL)
			return (t);
		l->top = f->below;
		l->depth--;
		if (!f->is_macro) {	/* an include ends its line */
			t.kind = TOKEN_NEWLINE;
			return (t);
		}
	}
	if (f->rest.p[0] == '"')
		return (quoted(l, t));
	n = 0;
	while (n < f->rest.n && is_word(f->rest.p[n]))
		n++;
	t.kind = n > 0 ? TOKEN_WORD : TOKEN_PUNCT;
	if (n == 0) {
		n = 1;
		if (f->rest.p[0] == '\n')
			t.kind = TOKEN_NEWLINE;
	}
	t.text = str_sub(f->rest, 0, n);
	advance(f, n);
	return (t);
}

/* After `include`: opens the file named. */
static void
include(struct lex *l)
{
	struct token t = raw(l);
	char *path, *text;
	size_t len = 0;

	if (t.kind != TOKEN_STRING && t.kind != TOKEN_WORD) {
		lex_error(l, &t, "include needs the name of a file");
		return;
	}
	if (l->depth >= LIMIT_INCLUDE_DEPTH) {
		lex_error(l, &t, "files are included too deeply");
		return;
	}
	path = mem_str(t.text);
	text = l->reader == NULL ? NULL : l->reader(path, &len, l->arg);
	if (text == NULL)
		lex_error(l, &t, "cannot read %s: %s", path,
		    strerror(l->reader == NULL ? ENOSYS : errno));
	else
		push(l, path, str_of(text, len), text, 0);
	free(path);
}

/* `name = value ...` to the end of the line: a macro. */
static void
assign(struct lex *l, const struct token *name)
{
	struct buf value;
	struct token t;

	buf_init(&value, LIMIT_MACRO_VALUE);
	while ((t = raw(l)).kind != TOKEN_NEWLINE && t.kind != TOKEN_END) {
		if (value.len > 0)
			buf_addc(&value, ' ');
		if (t.kind == TOKEN_STRING)
			buf_addf(&value, "%.*s", STR_ARG(t.text));
		else
			buf_add_str(&value, t.text);
	}
	if (value.full)
		lex_error(l, name, "the value of this macro is too long");
	else
		lex_define(l, name->text, buf_str(&value));
	buf_free(&value);
}

/* 1 when the text on top goes on with an equals sign. */
static int
equals_follows(struct lex *l)
{
	skip_blanks(l->top);
	return (l->top->rest.n > 0 && l->top->rest.p[0] == '=');
}

/* Puts the value of $name on top; 0, or -1 when it is not known. */
static int
expand(struct lex *l, const struct token *t)
{
	struct str name = str_sub(t->text, 1, t->text.n);
	const char *value = map_get(&l->macros, name);

	if (value == NULL)
		return (lex_error(l, t, "macro \"%.*s\" is not defined",
		    STR_ARG(name)));
	if (l->depth >= LIMIT_INCLUDE_DEPTH)
		return (lex_error(l, t, "macro \"%.*s\" is expanded too "
		    "deeply", STR_ARG(name)));
	push(l, t->file, str_from(value), NULL, 1);
	return (0);
}

static struct token
read_token(struct lex *l)
{
	struct token t;
	int bol;

	for (;;) {
		bol = l->bol;
		t = raw(l);
		l->bol = t.kind == TOKEN_NEWLINE;
		if (t.kind != TOKEN_WORD)
			return (t);
		if (bol && str_eqs(t.text, "include")) {
			include(l);
			l->bol = 1;
		} else if (bol && equals_follows(l)) {
			(void)raw(l);
			assign(l, &t);
			l->bol = 1;
		} else if (t.text.n > 1 && t.text.p[0] == '$')
			(void)expand(l, &t);
		else
			return (t);
	}
}

struct token
lex_next(struct lex *l)
{
	struct token t;

	if (l->peeked == 0)
		return (read_token(l));
	t = l->ahead;
	l->peeked = 0;
	return (t);
}

struct token
lex_peek(struct lex *l)
{
	if (l->peeked == 0) {
		l->ahead = read_token(l);
		l->peeked = 1;
	}
	return (l->ahead);
}

int
lex_accept(struct lex *l, char punct)
{
	struct token t = lex_peek(l);

	if (t.kind != TOKEN_PUNCT || t.text.p[0] != punct)
		return (0);
	(void)lex_next(l);
	return (1);
}

int
lex_accept_word(struct lex *l, const char *word)
{
	struct token t = lex_peek(l);

	if (t.kind != TOKEN_WORD || !str_eqs(t.text, word))
		return (0);
	(void)lex_next(l);
	return (1);
}

void
lex_skip_line(struct lex *l)
{
	struct token t;

	do {
		t = lex_next(l);
	} while (t.kind != TOKEN_NEWLINE && t.kind != TOKEN_END);
}
