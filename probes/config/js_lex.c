/* SPDX-License-Identifier: ISC */
/*
 * Tokens of JavaScript, enough to see where a bracket, comma or quote is
 * missing. Pure.
 */
#include <string.h>

#include "probes/config/js.h"

static int
peek(const struct js_lexer *l, size_t ahead)
{
	return (l->at + ahead < l->text.n ?
	    (unsigned char)l->text.p[l->at + ahead] : -1);
}

static int
is_word(int ch)
{
	return ((ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
	    (ch >= '0' && ch <= '9') || ch == '_' || ch == '$' || ch >= 0x80);
}

/* Skips a comment of the long form; -1, moving nothing: it has no end. */
static int
skip_comment(struct js_lexer *l, int *newline)
{
	size_t start = l->at;

	for (l->at += 2; peek(l, 0) != '*' || peek(l, 1) != '/'; l->at++) {
		if (peek(l, 0) == -1) {
			l->at = start;
			return (-1);
		}
		*newline |= peek(l, 0) == '\n';
	}
	l->at += 2;
	return (0);
}

/* Skips blanks and comments; 1 when a line ended, -1: comment not closed. */
static int
skip(struct js_lexer *l)
{
	int newline = 0, ch;

	for (;;) {
		ch = peek(l, 0);
		newline |= ch == '\n';
		if (ch == ' ' || ch == '\t' || ch == '\r' || ch == '\n') {
			l->at++;
		} else if (ch == '/' && peek(l, 1) == '/') {
			while (peek(l, 0) != -1 && peek(l, 0) != '\n')
				l->at++;
		} else if (ch == '/' && peek(l, 1) == '*') {
			if (skip_comment(l, &newline) == -1)
				return (-1);
		} else if (ch == 0xef && peek(l, 1) == 0xbb &&
		    peek(l, 2) == 0xbf) {
			l->at += 3;
		} else {
			return (newline);
		}
	}
}

static enum js_type
take_string(struct js_lexer *l)
{
	int quote = peek(l, 0), ch;

	for (l->at++; (ch = peek(l, 0)) != quote; l->at++) {
		if (ch == -1 || (ch == '\n' && quote != '`'))
			return (JS_BAD);
		if (ch == '\\' && peek(l, 1) != -1)
			l->at++;
	}
	l->at++;
	return (quote == '`' ? JS_TEMPLATE : JS_TEXT);
}

/* Words after which an expression, not an operator, is expected. */
static int
is_keyword(struct str w)
{
	static const char *const words[] = { "return", "typeof", "case",
	    "in", "of", "new", "delete", "void", "do", "else", "instanceof",
	    "throw", "await", "yield" };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_eqs(w, words[i]))
			return (1);
	return (0);
}

/* May a value end with that token (so that / divides after it)? */
static int
ends_value(const struct js_lexer *l, const struct js_token *t)
{
	int ch;

	if (t->type == JS_WORD)
		return (!is_keyword(js_text(l, t)));
	if (t->type != JS_PUNCT)
		return (t->type != JS_END);
	ch = l->text.p[t->to - 1];
	return (ch == ')' || ch == ']' || ch == '}');
}

static enum js_type
take_regex(struct js_lexer *l)
{
	int class = 0, ch;

	for (l->at++; (ch = peek(l, 0)) != '/' || class; l->at++) {
		if (ch == -1 || ch == '\n')
			return (JS_BAD);
		if (ch == '\\' && peek(l, 1) != -1)
			l->at++;
		else if (ch == '[')
			class = 1;
		else if (ch == ']')
			class = 0;
	}
	l->at++;
	while (is_word(peek(l, 0)))
		l->at++;
	return (JS_REGEX);
}

static enum js_type
take_punct(struct js_lexer *l)
{
	static const char *const longer[] = { ">>>=", "...", "===", "!==",
	    "**=", "<<=", ">>=", ">>>", "&&=", "||=", "?\?=", "=>", "==",
	    "!=", "<=", ">=", "&&", "||", "?\?", "?.", "++", "--", "+=",
	    "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<", ">>", "**" };
	struct str rest = str_sub(l->text, l->at, l->text.n);
	size_t i;

	for (i = 0; i < sizeof(longer) / sizeof(longer[0]); i++)
		if (str_starts(rest, longer[i])) {
			l->at += strlen(longer[i]);
			return (JS_PUNCT);
		}
	l->at++;
	return (JS_PUNCT);
}

struct js_token
js_next(struct js_lexer *l)
{
	struct js_token t = { .type = JS_BAD };
	int newline = skip(l), ch = peek(l, 0);

	t.from = l->at;
	t.newline = newline > 0;
	if (newline == -1 || ch == -1) {
		t.type = newline == -1 ? JS_BAD : JS_END;
		l->at = l->text.n;
	} else if (ch == '"' || ch == '\'' || ch == '`') {
		t.type = take_string(l);
	} else if (is_word(ch) || (ch == '.' && peek(l, 1) >= '0' &&
	    peek(l, 1) <= '9')) {
		t.type = ch == '.' || (ch >= '0' && ch <= '9') ? JS_NUMBER :
		    JS_WORD;
		while (is_word(peek(l, 0)) || (t.type == JS_NUMBER &&
		    peek(l, 0) == '.'))
			l->at++;
	} else if (ch == '/' && !ends_value(l, &l->last)) {
		t.type = take_regex(l);
	} else {
		t.type = take_punct(l);
	}
	t.to = l->at;
	l->last = t;
	return (t);
}

struct str
js_text(const struct js_lexer *l, const struct js_token *t)
{
	return (str_sub(l->text, t->from, t->to));
}
