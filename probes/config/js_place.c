/* SPDX-License-Identifier: ISC */
/*
 * Where things stand in a config.js that is written as statements, and a
 * text without quotes that only the engine has stumbled over. Pure.
 */
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/limits.h"
#include "probes/config/js.h"
#include "probes/config/lines.h"
#include "probes/config/model.h"
#include "probes/config/spelling.h"

/* Does the word begin a value: behind a colon or an equals sign? */
static int
begins_value(const struct js_lexer *lex, const struct js_token *before)
{
	return (before->type == JS_PUNCT && (str_eqs(js_text(lex, before),
	    ":") || str_eqs(js_text(lex, before), "=")));
}

/* The token of `name` in NAME.b.c that is a whole value; JS_END: none. */
static struct js_token
find_dotted(struct str text, struct str name)
{
	struct js_lexer lex = { .text = text };
	struct js_token t, first = { 0 }, before = { 0 };
	struct str w;
	int dots = 0;

	while ((t = js_next(&lex)).type != JS_END && t.type != JS_BAD) {
		w = js_text(&lex, &t);
		if (first.type == JS_WORD && str_eqs(w, ".")) {
			dots++;
		} else if (first.type == JS_WORD && t.type != JS_WORD) {
			if (dots > 1 && (str_eqs(w, ",") || str_eqs(w, "}") ||
			    str_eqs(w, ";")))
				return (first);
			first.type = JS_END;
		} else if (t.type == JS_WORD && str_eq(w, name) &&
		    begins_value(&lex, &before)) {
			first = t;
			dots = 0;
		}
		before = t;
	}
	first.type = JS_END;
	return (first);
}

/* A variable whose name is nearly that of one that is there. */
static int
say_near(struct str text, struct str name, struct model *m)
{
	struct js_lexer lex = { .text = text };
	struct js_token t, first = { 0 }, before = { 0 };
	struct str w, meant = spelling_meant("config true false null "
	    "undefined", name), b;
	struct lines lines;
	int column, line;

	while ((t = js_next(&lex)).type != JS_END && t.type != JS_BAD) {
		w = js_text(&lex, &t);
		b = js_text(&lex, &before);
		if (first.type == JS_END && t.type == JS_WORD &&
		    str_eq(w, name) && !str_eqs(b, "."))
			first = t;
		if (meant.n == 0 && t.type == JS_WORD && (str_eqs(b, "var") ||
		    str_eqs(b, "let") || str_eqs(b, "const")) &&
		    spelling_near(name, w))
			meant = w;
		before = t;
	}
	if (meant.n == 0 || first.type != JS_WORD)
		return (0);
	lines_init(&lines, text);
	line = lines_at(&lines, first.from, &column);
	lines_free(&lines);
	model_problem(m, "config-js-syntax-error", 0, line, column,
	    "there is no variable %.*s: meant is %.*s", STR_ARG(name),
	    STR_ARG(meant));
	return (1);
}

void
js_unquoted(struct str text, const char *message, struct model *m)
{
	static const char start[] = "ReferenceError: identifier '";
	struct str name = str_from(message);
	struct js_token t;
	struct lines lines;
	int column, line;

	if (!str_starts(name, start))
		return;
	name = str_sub(name, sizeof(start) - 1, name.n);
	name = str_sub(name, 0, str_chr(name, '\''));
	t = find_dotted(text, name);
	if (t.type != JS_WORD && say_near(text, name, m))
		return;
	if (t.type != JS_WORD)
		return;
	lines_init(&lines, text);
	line = lines_at(&lines, t.from, &column);
	lines_free(&lines);
	model_problem(m, "config-js-syntax-error", 0, line, column,
	    "there is no variable %.*s: a text needs quotes", STR_ARG(name));
}

/* The value of that key begins here, unless its place is known. */
static void
put_place(struct model *m, const struct lines *lines, const char *key,
    const struct js_token *t)
{
	struct item *it = (struct item *)(uintptr_t)model_get(m, key);

	if (it == NULL || it->line != 0)
		return;
	it->line = lines_at(lines, t->from, &it->column);
	it->end_column = it->column + (int)(t->to - t->from);
}

void
js_place(struct str text, struct model *m)
{
	enum { NOTHING, NAME, DOT, EQUALS } state = NOTHING;
	struct js_lexer lex = { .text = text };
	struct js_token t, before = { 0 };
	struct lines lines;
	struct buf key;
	struct str w;

	lines_init(&lines, text);
	buf_init(&key, LIMIT_CONFIG_KEY);
	while ((t = js_next(&lex)).type != JS_END && t.type != JS_BAD) {
		w = js_text(&lex, &t);
		if (state == EQUALS) {
			put_place(m, &lines, buf_cstr(&key), &t);
			state = NOTHING;
		} else if (state == NAME && str_eqs(w, ".")) {
			state = DOT;
		} else if (state == DOT && t.type == JS_WORD) {
			buf_addf(&key, "%s%.*s", key.len > 0 ? "." : "",
			    STR_ARG(w));
			state = NAME;
		} else if (state == NAME && str_eqs(w, "=") && key.len > 0) {
			state = EQUALS;
		} else if (str_eqs(w, "config") && !str_eqs(js_text(&lex,
		    &before), ".")) {
			buf_clear(&key);
			state = NAME;
		} else {
			state = NOTHING;
		}
		before = t;
	}
	buf_free(&key);
	lines_free(&lines);
}
