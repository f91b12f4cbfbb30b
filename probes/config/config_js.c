/* SPDX-License-Identifier: ISC */
/*
 * config.js: the own scanner says what is wrong and where values stand, an
 * embedded engine (duktape) says what expressions come to. The engine's
 * dialect is older than browsers': what it refuses is no error, only values
 * that stay unknown. Pure, but runs foreign code: the caller puts it into a
 * helper child with limits.
 *
 * Keys: paths below `config`, "hosts.domain", "p2p.stunServers/0.urls".
 */
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <duktape.h>

#include "agent/base/buf.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "probes/config/js.h"
#include "probes/config/model.h"
#include "probes/config/reader.h"

struct heap {
	size_t used;
	jmp_buf out;		/* of the engine's fatal error */
};

/* Each block has its size before it. */
#define HEAD 16

static void *
heap_alloc(void *arg, duk_size_t n)
{
	struct heap *h = arg;
	char *p;

	if (n > LIMIT_JS_MEMORY || h->used + n > LIMIT_JS_MEMORY ||
	    (p = malloc(n + HEAD)) == NULL)
		return (NULL);
	memcpy(p, &n, sizeof(n));
	h->used += n;
	return (p + HEAD);
}

static void
heap_free(void *arg, void *p)
{
	struct heap *h = arg;
	duk_size_t n;

	if (p == NULL)
		return;
	memcpy(&n, (char *)p - HEAD, sizeof(n));
	h->used -= n;
	free((char *)p - HEAD);
}

static void *
heap_realloc(void *arg, void *old, duk_size_t n)
{
	duk_size_t had;
	void *p;

	if (n == 0) {
		heap_free(arg, old);
		return (NULL);
	}
	if ((p = heap_alloc(arg, n)) == NULL || old == NULL)
		return (p);
	memcpy(&had, (char *)old - HEAD, sizeof(had));
	memcpy(p, old, had < n ? had : n);
	heap_free(arg, old);
	return (p);
}

/* The engine must not return from this; its heap is left to the process. */
static void
heap_fatal(void *arg, const char *what)
{
	struct heap *h = arg;

	(void)what;
	longjmp(h->out, 1);
}

/*
 * The text as nginx serves it to the site's own name: each server side
 * include <!--# echo var="X" default="D" --> is its default.
 */
static char *
as_served(struct str text)
{
	struct buf b;
	struct str directive;
	size_t at, end;
	char *copy;

	buf_init(&b, LIMIT_CONFIG_FILE);
	while ((at = str_find(text, "<!--#")) != SIZE_MAX) {
		buf_add_str(&b, str_sub(text, 0, at));
		text = str_sub(text, at, text.n);
		end = str_find(text, "-->");
		directive = str_sub(text, 0, end);
		text = end == SIZE_MAX ? str_of("", 0) :
		    str_sub(text, end + 3, text.n);
		at = str_find(directive, "default=\"");
		if (at != SIZE_MAX) {
			directive = str_sub(directive, at + 9, directive.n);
			buf_add_str(&b, str_split(&directive, '"'));
		}
	}
	buf_add_str(&b, text);
	copy = buf_take(&b);
	buf_free(&b);
	return (copy);
}

/*
 * The text with let and const as var: the one newer thing that every
 * configuration has. Blanks keep lines and columns.
 */
static char *
older(struct str text)
{
	struct js_lexer lex = { .text = text };
	struct js_token t;
	char *copy = mem_str(text);
	struct str w;

	while ((t = js_next(&lex)).type != JS_END && t.type != JS_BAD) {
		w = js_text(&lex, &t);
		if (t.type == JS_WORD && (str_eqs(w, "const") ||
		    str_eqs(w, "let"))) {
			memset(copy + t.from, ' ', w.n);
			memcpy(copy + t.from, "var", 3);
		}
	}
	return (copy);
}

/* Makes the key known, or sets the value of what the scanner has found. */
static void
set_value(struct model *m, const char *key, const char *value,
    enum item_type type)
{
	struct item *it = (struct item *)(uintptr_t)model_get(m, key);

	if (it == NULL) {
		model_add(m, str_from(key), str_from(value), type);
		return;
	}
	if (it->type == ITEM_TABLE || it->type == ITEM_LIST)
		return;
	free(it->value);
	it->value = mem_strdup(value);
	it->type = type;
}

static void take_value(duk_context *, struct model *, struct buf *key,
    int depth);

static void
take_members(duk_context *ctx, struct model *m, struct buf *key, int depth)
{
	size_t len = key->len;
	int array = duk_is_array(ctx, -1);
	const char *name;

	duk_enum(ctx, -1, DUK_ENUM_OWN_PROPERTIES_ONLY);
	while (m->count < LIMIT_CONFIG_ITEMS && duk_next(ctx, -1, 1)) {
		name = duk_to_string(ctx, -2);
		if (array)
			buf_addf(key, "/%s", name);
		else
			buf_addf(key, "%s%s", len > 0 ? "." : "", name);
		if (!key->full)
			take_value(ctx, m, key, depth + 1);
		duk_pop_2(ctx);
		key->full = 0;
		key->len = len;
		if (key->data != NULL)
			key->data[len] = '\0';
	}
	duk_pop(ctx);
}

/* The value on top of the engine's stack. */
static void
take_value(duk_context *ctx, struct model *m, struct buf *key, int depth)
{
	const char *k = buf_cstr(key);

	if (depth > 16)
		return;
	switch (duk_get_type(ctx, -1)) {
	case DUK_TYPE_STRING:
		set_value(m, k, duk_get_string(ctx, -1), ITEM_TEXT);
		break;
	case DUK_TYPE_BOOLEAN:
		set_value(m, k, duk_get_boolean(ctx, -1) ? "true" : "false",
		    ITEM_BOOL);
		break;
	case DUK_TYPE_NUMBER:
		duk_dup(ctx, -1);
		set_value(m, k, duk_to_string(ctx, -1), ITEM_NUMBER);
		duk_pop(ctx);
		break;
	case DUK_TYPE_OBJECT:
		if (duk_is_function(ctx, -1))
			break;
		if (depth > 0 && model_get(m, k) == NULL)
			model_add(m, str_from(k), str_of("", 0),
			    duk_is_array(ctx, -1) ? ITEM_LIST : ITEM_TABLE);
		if (duk_check_stack(ctx, 16))
			take_members(ctx, m, key, depth);
		break;
	default:
		break;
	}
}

/* What the walk through the result needs. */
struct walk {
	struct model *model;
	struct buf key;
	int jitsi;		/* it has what a configuration has */
};

static duk_ret_t
walk(duk_context *ctx, void *arg)
{
	struct walk *w = arg;

	duk_get_global_string(ctx, "config");
	if (duk_is_object(ctx, -1))
		take_value(ctx, w->model, &w->key, 0);
	else {
		w->model->partial = 1;
		if (w->jitsi)
			model_problem(w->model, "config-js-syntax-error", 0,
			    1, 0, "this file makes no variable config");
	}
	duk_pop(ctx);
	return (0);
}

/* A browser's page, as far as a configuration looks at it. */
static const char page[] =
    "var window = this; var location = { protocol: 'https:', host: '',"
    " hostname: '', pathname: '/', search: '', hash: '', href: '' };"
    "var document = { location: location, title: '' };"
    "var navigator = { userAgent: '' }; var interfaceConfig = {};"
    "var console = { log: function () {}, warn: function () {},"
    " error: function () {} };";

static void
evaluate(duk_context *ctx, const char *text, size_t len, struct str source,
    struct model *m)
{
	struct walk w = { m, { 0 }, str_find(source, "hosts") != SIZE_MAX &&
	    str_find(source, "muc") != SIZE_MAX };

	if (duk_peval_string(ctx, page) != 0 ||
	    duk_peval_lstring(ctx, text, len) != 0) {
		m->partial = 1;
		js_unquoted(source, duk_safe_to_string(ctx, -1), m);
		return;
	}
	duk_pop_2(ctx);
	buf_init(&w.key, LIMIT_CONFIG_KEY);
	if (duk_safe_call(ctx, walk, &w, 0, 1) != 0)
		m->partial = 1;
	buf_free(&w.key);
	js_place(source, m);
}

void
read_config_js(const struct config_sources *s, struct model *m)
{
	struct str text = s->list[0].text;
	struct heap *h;
	duk_context *ctx;
	char *served, *copy;

	if (!js_scan(text, m)) {
		m->partial = 1;
		return;
	}
	h = mem_zalloc(1, sizeof(*h));
	served = as_served(text);
	copy = older(str_from(served));
	if (setjmp(h->out) == 0) {
		ctx = duk_create_heap(heap_alloc, heap_realloc, heap_free, h,
		    heap_fatal);
		if (ctx != NULL) {
			evaluate(ctx, copy, strlen(copy), text, m);
			duk_destroy_heap(ctx);
		}
	} else {
		m->partial = 1;
	}
	free(served);
	free(copy);
	free(h);
}
