/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_CONFIG_JS_H
#define MEETPROBE_PROBES_CONFIG_JS_H

#include <stddef.h>

#include "agent/base/str.h"

struct model;

enum js_type {
	JS_END, JS_WORD, JS_NUMBER, JS_TEXT, JS_TEMPLATE, JS_REGEX, JS_PUNCT,
	JS_BAD		/* a quote or comment without its end */
};

struct js_token {
	enum js_type type;
	size_t from, to;	/* bytes, quotes included */
	int newline;		/* a line ended before it */
};

/* Splits JavaScript into tokens (ECMA-262 section 12, as far as needed). */
struct js_lexer {
	struct str text;
	size_t at;
	struct js_token last;	/* to tell a division from an expression */
};

struct js_token js_next(struct js_lexer *);
struct str js_text(const struct js_lexer *, const struct js_token *);

/*
 * Finds what a browser would call a syntax error in an object literal: a
 * missing comma, bracket, quote, colon; adds problems. The literal values
 * of `var config = {...}` are added with their places, keys joined by dots
 * ("hosts.domain"). Returns 1 when the brackets balance and nothing is
 * wrong.
 */
int js_scan(struct str text, struct model *);

/*
 * The engine's message says that a variable is not there: adds a problem
 * when it is a text whose quotes were forgotten (a.b.c where a value ends).
 */
void js_unquoted(struct str text, const char *message, struct model *);
/* Finds where values stand that statements such as config.bosh = '...' set
 * and that have no place yet. */
void js_place(struct str text, struct model *);

#endif
