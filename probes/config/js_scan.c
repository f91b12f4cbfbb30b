/* SPDX-License-Identifier: ISC */
/*
 * config.js read without an engine: what a browser would refuse, said with
 * the line where the comma or bracket belongs, and the literal values of the
 * object with their places. Pure.
 *
 * A bracket is an object literal when it stands where a value is expected,
 * a block otherwise. Within literals, lists and parentheses two values in a
 * row lack a comma; in blocks a new line may stand between them.
 */
#include <stdio.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/limits.h"
#include "probes/config/js.h"
#include "probes/config/lines.h"
#include "probes/config/model.h"

enum frame_kind { FRAME_BLOCK, FRAME_OBJECT, FRAME_ARRAY, FRAME_PAREN };

struct frame {
	enum frame_kind kind;
	struct js_token open;
	size_t key_len;		/* length of the path outside */
	int colon;		/* the member's colon was seen */
	int index;		/* of an array */
	int value_tokens;	/* tokens of the member's value so far */
	struct js_token key, value;
};

struct scan {
	struct js_lexer lex;
	struct model *model;
	struct lines lines;
	struct frame stack[LIMIT_CONFIG_DEPTH];
	int depth;		/* frames on the stack */
	struct js_token before;	/* the token before this one */
	int operand;		/* the last token ended a value */
	int failed;
	struct buf path;
	int root;		/* the literal of config is being read */
};

static struct frame *
top(struct scan *c)
{
	return (&c->stack[c->depth - 1]);
}

static void
wrong(struct scan *c, size_t at, const char *what, struct str word)
{
	int column, line;

	if (c->failed)
		return;
	c->failed = 1;
	line = lines_at(&c->lines, at, &column);
	model_problem(c->model, "config-js-syntax-error", 0, line, column,
	    "%s%.*s", what, STR_ARG(word));
}

static int
is(const struct scan *c, const struct js_token *t, const char *text)
{
	return (t->type != JS_TEXT && t->type != JS_BAD &&
	    str_eqs(js_text(&c->lex, t), text));
}

/* A quoted key or word without its quotes. */
static struct str
unquoted(const struct scan *c, const struct js_token *t)
{
	struct str s = js_text(&c->lex, t);

	return (t->type == JS_TEXT || t->type == JS_TEMPLATE ?
	    str_sub(s, 1, s.n - 1) : s);
}

static struct item *
add(struct scan *c, struct str value, enum item_type type,
    const struct js_token *at)
{
	struct item *it;
	int column;

	if (!c->root || c->path.len == 0 || c->path.full)
		return (NULL);
	it = model_add(c->model, buf_str(&c->path), value, type);
	if (it == NULL)
		return (NULL);
	it->line = lines_at(&c->lines, at->from, &column);
	it->column = column;
	it->end_column = column + (int)(at->to - at->from);
	return (it);
}

/* The path grows by a key or an index; the old length is in the frame. */
static void
path_enter(struct scan *c, struct frame *f)
{
	struct str key = unquoted(c, &f->key);

	if (f->kind == FRAME_ARRAY)
		buf_addf(&c->path, "/%d", f->index);
	else
		buf_addf(&c->path, "%s%.*s", c->path.len > 0 ? "." : "",
		    STR_ARG(key));
}

static void
path_leave(struct scan *c, const struct frame *f)
{
	c->path.full = 0;
	c->path.len = f->key_len;
	if (c->path.data != NULL)
		c->path.data[f->key_len] = '\0';
}

/* A member or element is complete: note its literal value. */
static void
end_member(struct scan *c)
{
	struct frame *f = top(c);
	enum item_type type = ITEM_OPAQUE;
	struct str value;

	if (f->value_tokens > 0) {
		path_enter(c, f);
		value = unquoted(c, &f->value);
		if (f->value_tokens == 1) {
			type = f->value.type == JS_TEXT ? ITEM_TEXT :
			    f->value.type == JS_NUMBER ? ITEM_NUMBER :
			    str_eqs(value, "true") || str_eqs(value, "false")
			    ? ITEM_BOOL : ITEM_OPAQUE;
		}
		add(c, type == ITEM_OPAQUE ? str_of("", 0) : value, type,
		    &f->value);
		path_leave(c, f);
	}
	f->value_tokens = 0;
	f->colon = 0;
	f->index++;
}

/* The first token of a value, or one more of an expression. */
static void
note_value(struct scan *c, const struct js_token *t)
{
	struct frame *f = c->depth > 0 ? top(c) : NULL;

	if (f == NULL || f->kind == FRAME_BLOCK || f->kind == FRAME_PAREN)
		return;
	if (f->kind == FRAME_OBJECT && !f->colon) {
		f->key = *t;
		return;
	}
	if (f->value_tokens++ == 0)
		f->value = *t;
}

static int
expects_value(const struct scan *c)
{
	static const char *const words[] = { "return", "typeof", "case",
	    "in", "of", "new", "throw", "default" };
	size_t i;

	if (c->before.type == JS_PUNCT)
		return (!c->operand && !is(c, &c->before, "=>") &&
		    !is(c, &c->before, ";") && !is(c, &c->before, "{") &&
		    !is(c, &c->before, "}"));
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (is(c, &c->before, words[i]))
			return (1);
	return (0);
}

static void
open_bracket(struct scan *c, const struct js_token *t)
{
	struct frame *f, *outer = c->depth > 0 ? top(c) : NULL;
	int ch = c->lex.text.p[t->from];
	int literal = ch == '[' ? !c->operand : ch == '{' && expects_value(c);

	if (c->depth == LIMIT_CONFIG_DEPTH) {
		wrong(c, t->from, "brackets nested too deep",
		    str_of("", 0));
		return;
	}
	f = &c->stack[c->depth++];
	memset(f, 0, sizeof(*f));
	f->kind = ch == '(' ? FRAME_PAREN : ch == '[' ?
	    FRAME_ARRAY : literal ? FRAME_OBJECT : FRAME_BLOCK;
	if (ch == '[' && !literal)
		f->kind = FRAME_PAREN;
	f->open = *t;
	f->key_len = c->path.len;
	c->operand = 0;
	if (outer == NULL || outer->kind == FRAME_BLOCK) {
		if (f->kind == FRAME_OBJECT && c->root == 0 && is(c,
		    &c->before, "="))
			c->root = c->depth;
		return;
	}
	if (literal && c->root && (outer->kind == FRAME_OBJECT ||
	    outer->kind == FRAME_ARRAY) && outer->value_tokens == 0) {
		path_enter(c, outer);
		add(c, str_of("", 0), f->kind == FRAME_ARRAY ? ITEM_LIST :
		    ITEM_TABLE, t);
		f->key_len = c->path.len;
		outer->value_tokens = -1000000;	/* not a plain value */
	} else {
		note_value(c, t);
	}
}

static void
close_bracket(struct scan *c, const struct js_token *t)
{
	static const char pairs[] = "{}[]()";
	int ch = c->lex.text.p[t->from], open, line, column;
	struct frame *f;
	char what[96];

	if (c->depth == 0) {
		wrong(c, t->from, "this closes nothing: ",
		    js_text(&c->lex, t));
		return;
	}
	f = top(c);
	open = c->lex.text.p[f->open.from];
	if (strchr(pairs, open)[1] != ch) {
		line = lines_at(&c->lines, f->open.from, &column);
		snprintf(what, sizeof(what), "the %c of line %d, column %d is "
		    "not closed before this ", open, line, column);
		wrong(c, t->from, what, js_text(&c->lex, t));
		return;
	}
	if (f->kind == FRAME_OBJECT || f->kind == FRAME_ARRAY)
		end_member(c);
	c->depth--;
	if (c->root > c->depth) {
		c->root = -1;	/* only the first literal counts */
		buf_clear(&c->path);
	} else if (c->depth > 0) {
		path_leave(c, top(c));
	}
	c->operand = f->kind != FRAME_BLOCK;
}

static void
separator(struct scan *c, const struct js_token *t)
{
	struct frame *f = c->depth > 0 ? top(c) : NULL;

	if (f == NULL)
		return;
	if (f->kind == FRAME_OBJECT && is(c, t, ":")) {
		f->colon = 1;
	} else if (is(c, t, ",")) {
		if (f->kind == FRAME_OBJECT && !c->operand &&
		    (is(c, &c->before, ",") || is(c, &c->before, ":")))
			wrong(c, t->from, is(c, &c->before, ",") ?
			    "two commas in a row" : "no value before this "
			    "comma", str_of("", 0));
		if (f->kind == FRAME_OBJECT || f->kind == FRAME_ARRAY)
			end_member(c);
	} else if (f->kind == FRAME_OBJECT && !f->colon && is(c, t, "=")) {
		wrong(c, t->from, "a member of an object takes a colon, not "
		    "=", str_of("", 0));
	} else if (f->kind != FRAME_BLOCK && is(c, t, ";") &&
	    f->kind != FRAME_PAREN) {
		wrong(c, t->from, "a semicolon inside an object or list: "
		    "members are divided by commas", str_of("", 0));
	} else {
		note_value(c, t);
	}
}

/* A value follows a value: what is missing between them? */
static void
adjacent(struct scan *c, const struct js_token *t)
{
	struct frame *f = c->depth > 0 ? top(c) : NULL;
	struct str word = js_text(&c->lex, t);

	if (f == NULL && !t->newline && t->type == JS_WORD &&
	    c->before.type == JS_WORD && !is(c, t, "from") &&
	    !is(c, t, "as") && !is(c, &c->before, "from"))
		wrong(c, t->from, "this cannot stand here: ", word);
	if (f == NULL || f->kind == FRAME_BLOCK || f->kind == FRAME_PAREN)
		return;
	if (c->before.type == JS_WORD && (is(c, &c->before, "function") ||
	    is(c, &c->before, "async") || is(c, &c->before, "get") ||
	    is(c, &c->before, "set")))
		return;
	if (f->kind == FRAME_OBJECT && !f->colon)
		wrong(c, c->before.to, "no colon between the name and ",
		    word);
	else
		wrong(c, c->before.to, "no comma here, before ", word);
}

/* Words between two values, as an operator is. */
static int
is_operator_word(struct str w)
{
	static const char *const words[] = { "in", "of", "instanceof",
	    "typeof", "new", "return", "function", "async", "await", "var",
	    "let", "const", "delete", "void", "else", "case", "class",
	    "extends", "if", "for", "while", "do", "throw", "yield",
	    "export", "default", "import" };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_eqs(w, words[i]))
			return (1);
	return (0);
}

static int
is_bracket(const struct js_token *t, struct str w, const char *which)
{
	return (t->type == JS_PUNCT && w.p[0] != '\0' &&
	    strchr(which, w.p[0]) != NULL);
}

static void
one_token(struct scan *c, const struct js_token *t)
{
	struct str w = js_text(&c->lex, t);
	int value;

	if (t->type == JS_BAD) {
		wrong(c, t->from, w.n > 0 && w.p[0] == '/' ?
		    "a comment or expression that has no end" :
		    "no closing quote in this line", str_of("", 0));
	} else if (is_bracket(t, w, "{[(")) {
		if (c->operand && w.p[0] == '{' && c->depth > 0 &&
		    top(c)->kind != FRAME_BLOCK && !is(c, &c->before, ")") &&
		    top(c)->kind != FRAME_PAREN)
			adjacent(c, t);
		open_bracket(c, t);
	} else if (is_bracket(t, w, "}])")) {
		close_bracket(c, t);
	} else if (t->type == JS_PUNCT) {
		separator(c, t);
		c->operand = str_eqs(w, "++") || str_eqs(w, "--") ?
		    c->operand : 0;
	} else if (t->type == JS_WORD && w.n > 2 && (unsigned char)w.p[0] ==
	    0xe2 && (unsigned char)w.p[1] == 0x80 &&
	    (unsigned char)w.p[2] >= 0x98 && (unsigned char)w.p[2] <= 0x9f) {
		wrong(c, t->from, "a typographic quote: a text begins with \" "
		    "or '", str_of("", 0));
	} else {
		value = t->type != JS_WORD || !is_operator_word(w);
		if (c->operand && value)
			adjacent(c, t);
		note_value(c, t);
		c->operand = value;
	}
}

int
js_scan(struct str text, struct model *m)
{
	struct scan c;
	struct js_token t;
	int line, column;
	char what[96];

	memset(&c, 0, sizeof(c));
	c.lex.text = text;
	c.model = m;
	lines_init(&c.lines, text);
	buf_init(&c.path, LIMIT_CONFIG_KEY);
	for (;;) {
		t = js_next(&c.lex);
		if (t.type == JS_END || c.failed)
			break;
		one_token(&c, &t);
		c.before = t;
		if (t.type == JS_BAD)
			break;
	}
	if (!c.failed && c.depth > 0) {
		line = lines_at(&c.lines, top(&c)->open.from, &column);
		snprintf(what, sizeof(what), "end of file, but the %c of line "
		    "%d, column %d is not closed",
		    text.p[top(&c)->open.from], line, column);
		wrong(&c, text.n, what, str_of("", 0));
	}
	lines_free(&c.lines);
	buf_free(&c.path);
	return (!c.failed);
}
