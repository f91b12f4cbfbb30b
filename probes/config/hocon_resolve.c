/* SPDX-License-Identifier: ISC */
/*
 * HOCON: follows substitutions, joins concatenations, and flattens the tree
 * into a model (lightbend/config HOCON.md, sections Substitutions and Value
 * concatenation). Also durations and sizes. Pure. The number of nodes and
 * bytes made is bounded, so a file that doubles itself ends as an error.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "probes/config/hocon.h"
#include "probes/config/model.h"

static struct hocon_node *resolve(struct hocon *, struct hocon_node *);

static void
fail_at(struct hocon *d, const struct hocon_node *n, const char *id,
    const char *what)
{
	hocon_error(d, id, n->source, n->line, n->column, "%s: ${%s%.*s}",
	    what, n->optional ? "?" : "", STR_ARG(n->text));
}

static int
is_later(const struct hocon_node *n)
{
	return (n->type == HOCON_SUBST || n->type == HOCON_CONCAT);
}

/* A member looked for without resolving more than needed. */
static struct hocon_node *
member(struct hocon *d, struct hocon_node *v, struct str key)
{
	struct hocon_node *found;

	for (; v != NULL && !d->failed; v = v->prev) {
		if (is_later(v) && !v->busy) {
			v = resolve(d, v);
			return (v != NULL && v->type == HOCON_OBJECT ?
			    hocon_find(v, key) : NULL);
		}
		found = v->type == HOCON_OBJECT ? hocon_find(v, key) : NULL;
		if (found != NULL || (v->type != HOCON_OBJECT &&
		    !is_later(v)))
			return (found);
	}
	return (NULL);
}

/* The value at a path from the root, not resolved; NULL: none. */
static struct hocon_node *
lookup(struct hocon *d, const struct hocon_node *subst)
{
	struct str path = subst->text, element;
	struct hocon_node *v = d->root;

	while (v != NULL && path.n > 0) {
		if (hocon_path_next(d, &path, &element) == -1) {
			fail_at(d, subst, "hocon-syntax-error",
			    "not a path");
			return (NULL);
		}
		v = member(d, v, str_trim(element));
	}
	return (v);
}

/* A variable of the environment; opaque when that is not known. */
static struct hocon_node *
from_environment(struct hocon *d, const struct hocon_node *subst)
{
	struct str env = d->sources->environment, line;
	struct hocon_node *n;

	if (env.p == NULL) {
		n = hocon_new(d, HOCON_OPAQUE, subst);
		n->text = subst->text;
		return (n);
	}
	while (env.n > 0) {
		line = str_split(&env, '\n');
		if (str_eq(str_split(&line, '='), subst->text)) {
			n = hocon_new(d, HOCON_TEXT, subst);
			n->text = hocon_text(d, line);
			return (n);
		}
	}
	return (NULL);
}

/* What a substitution stands for; owner is the value it is part of. */
static struct hocon_node *
follow(struct hocon *d, struct hocon_node *subst, struct hocon_node *owner)
{
	struct hocon_node *v, *r;
	int self = 0;

	if (subst->optional == 2)
		return (owner->prev == NULL ? NULL : resolve(d, owner->prev));
	v = lookup(d, subst);
	while (v != NULL && v->busy) {
		self = 1;
		v = v->prev;
	}
	r = v == NULL ? NULL : resolve(d, v);
	if (r != NULL || d->failed)
		return (r);
	if (!self)
		r = from_environment(d, subst);
	if (r != NULL && r->type == HOCON_OPAQUE && subst->optional &&
	    owner->prev != NULL)
		return (resolve(d, owner->prev));
	if (r == NULL && !subst->optional)
		fail_at(d, subst, "hocon-unresolved-substitution", self ?
		    "a value that needs itself" : "nothing has this name");
	return (r);
}

/* A fresh object that holds what both have, b winning. */
static struct hocon_node *
merge(struct hocon *d, struct hocon_node *a, struct hocon_node *b)
{
	struct hocon_node *o = hocon_new(d, HOCON_OBJECT, b), *m, *copy;
	int i;

	for (i = 0; i < 2; i++)
		for (m = i == 0 ? a->first : b->first; m != NULL &&
		    !d->failed; m = m->next) {
			copy = hocon_new(d, m->type, m);
			*copy = *m;
			copy->next = NULL;
			if (copy->type == HOCON_OBJECT && i == 0) {
				/* b may add to it: a must not change */
				copy = merge(d, m, hocon_new(d, HOCON_OBJECT,
				    m));
				copy->prev = m->prev;
			}
			hocon_put(d, o, m->key, copy);
		}
	return (o);
}

/* Text of a value that stands in a concatenation of text. */
static void
add_text(struct hocon *d, struct buf *b, const struct hocon_node *n)
{
	if (n->type == HOCON_OBJECT || n->type == HOCON_ARRAY)
		hocon_error(d, "hocon-syntax-error", n->source, n->line,
		    n->column, "a list or a block cannot be joined to text");
	else
		buf_add_str(b, n->text);
}

/* Joins the resolved pieces: all text, all lists or all objects. */
static struct hocon_node *
join(struct hocon *d, struct hocon_node *a, struct hocon_node *b)
{
	struct hocon_node *n, *m, *copy;
	int i;

	if (a->type == HOCON_OBJECT && b->type == HOCON_OBJECT)
		return (merge(d, a, b));
	if (a->type != HOCON_ARRAY || b->type != HOCON_ARRAY) {
		hocon_error(d, "hocon-syntax-error", b->source, b->line,
		    b->column, "a list, a block and text cannot be joined");
		return (a);
	}
	n = hocon_new(d, HOCON_ARRAY, a);
	for (i = 0; i < 2; i++)
		for (m = i == 0 ? a->first : b->first; m != NULL &&
		    !d->failed; m = m->next) {
			copy = hocon_new(d, m->type, m);
			*copy = *m;
			copy->next = NULL;
			hocon_append(n, copy);
		}
	return (n);
}

static int
is_text(const struct hocon_node *n)
{
	return (n->type != HOCON_OBJECT && n->type != HOCON_ARRAY);
}

/* Value concatenation. NULL when every piece was undefined. */
static struct hocon_node *
concat(struct hocon *d, struct hocon_node *c, struct hocon_node *owner)
{
	struct hocon_node *p, *v, *all = NULL, *text;
	struct buf b;
	int opaque = 0, words = 0;

	text = hocon_new(d, HOCON_TEXT, c);
	buf_init(&b, LIMIT_HOCON_TEXT);
	for (p = c->first; p != NULL && !d->failed; p = p->next) {
		v = p->type == HOCON_SUBST ? follow(d, p, owner) :
		    p->type == HOCON_BLANK ? p : resolve(d, p);
		if (v == NULL)
			continue;
		if (v->type == HOCON_BLANK && all != NULL)
			continue;
		if (is_text(v) && all == NULL) {
			opaque |= v->type == HOCON_OPAQUE;
			words += v->type != HOCON_BLANK;
			add_text(d, &b, v);
		} else if (words > 0) {
			add_text(d, &b, v);
		} else {
			all = all == NULL ? v : join(d, all, v);
		}
	}
	if (all == NULL && words > 0) {
		text->text = hocon_text(d, buf_str(&b));
		text->type = opaque ? HOCON_OPAQUE : HOCON_WORD;
		all = text;
	}
	buf_free(&b);
	return (all);
}

/* The value with nothing left to follow at its top; NULL: undefined. */
static struct hocon_node *
resolve(struct hocon *d, struct hocon_node *v)
{
	struct hocon_node *r = v, *before;

	if (d->failed)
		return (NULL);
	if (++d->depth > 4 * LIMIT_CONFIG_DEPTH) {
		hocon_error(d, "config-too-large", v->source, v->line,
		    v->column, "substitutions nested too deep");
		return (NULL);
	}
	v->busy++;
	if (v->type == HOCON_SUBST) {
		r = follow(d, v, v);
		if (r == NULL && v->prev != NULL && !d->failed)
			r = resolve(d, v->prev);
	} else if (v->type == HOCON_CONCAT) {
		r = concat(d, v, v);
	}
	if (r != NULL && r->type == HOCON_OBJECT && v->prev != NULL) {
		before = resolve(d, v->prev);
		if (before != NULL && before->type == HOCON_OBJECT)
			r = merge(d, before, r);
	}
	v->busy--;
	d->depth--;
	return (r);
}

/* An element of a key as it must be written. */
static void
add_element(struct buf *key, struct str e)
{
	static const char special[] = ".$\"{}[]:=,+#`^?!@*&\\ \t";
	size_t i;
	int quote = e.n == 0;

	for (i = 0; i < e.n; i++)
		quote |= e.p[i] == '\0' || strchr(special, e.p[i]) != NULL;
	if (key->len > 0)
		buf_addc(key, '.');
	if (quote)
		buf_addc(key, '"');
	buf_add_str(key, e);
	if (quote)
		buf_addc(key, '"');
}

static enum item_type
type_of(const struct hocon_node *n)
{
	char *text, *end;
	int number;

	switch (n->type) {
	case HOCON_OBJECT:
		return (ITEM_TABLE);
	case HOCON_ARRAY:
		return (ITEM_LIST);
	case HOCON_OPAQUE:
		return (ITEM_OPAQUE);
	case HOCON_WORD:
		break;
	default:
		return (ITEM_TEXT);
	}
	if (str_eqs(n->text, "true") || str_eqs(n->text, "false"))
		return (ITEM_BOOL);
	if (str_eqs(n->text, "null"))
		return (ITEM_NULL);
	if (n->text.n == 0 || n->text.n > 64 || (n->text.p[0] != '-' &&
	    (n->text.p[0] < '0' || n->text.p[0] > '9')))
		return (ITEM_WORD);
	text = mem_str(n->text);
	(void)strtod(text, &end);
	number = *end == '\0';
	free(text);
	return (number ? ITEM_NUMBER : ITEM_WORD);
}

static void
flatten(struct hocon *d, struct hocon_node *v, struct buf *key, int parent)
{
	const struct hocon_node *place = v;
	struct hocon_node *r = resolve(d, v), *m;
	size_t len = key->len, i = 0, before;
	struct item *it = NULL;
	int self = parent;

	if (r == NULL || d->failed)
		return;
	if (++d->depth > 4 * LIMIT_CONFIG_DEPTH) {
		hocon_error(d, "config-too-large", v->source, v->line,
		    v->column, "blocks nested too deep");
		return;
	}
	if (key->len > 0 && (it = model_add(d->model, buf_str(key),
	    is_text(r) ? r->text : str_of("", 0), type_of(r))) != NULL) {
		it->parent = parent;
		it->source = place->source;
		it->line = place->line;
		it->column = place->column;
		it->end_column = place->end_column;
		self = (int)d->model->count - 1;
	}
	v->busy++;
	for (m = is_text(r) ? NULL : r->first; m != NULL && !d->failed;
	    m = m->next) {
		if (r->type == HOCON_OBJECT)
			add_element(key, m->key);
		else
			buf_addf(key, "/%zu", i);
		before = d->model->count;
		if (!key->full && d->model->count < LIMIT_CONFIG_ITEMS)
			flatten(d, m, key, self);
		i += d->model->count > before;
		key->full = 0;
		key->len = len;
		if (key->data != NULL)
			key->data[len] = '\0';
	}
	v->busy--;
	d->depth--;
}

void
hocon_resolve(struct hocon *d)
{
	struct buf key;

	buf_init(&key, LIMIT_CONFIG_KEY);
	d->depth = 0;
	flatten(d, d->root, &key, -1);
	buf_free(&key);
}

/* A number with an optional fraction and the unit after it. */
static int
number_and_unit(struct str s, double *v, struct str *unit)
{
	char *text, *end;
	int ok;

	s = str_trim(s);
	if (s.n == 0 || s.n > 64)
		return (-1);
	if (s.p[0] != '-' && s.p[0] != '+' && s.p[0] != '.' &&
	    (s.p[0] < '0' || s.p[0] > '9'))
		return (-1);
	text = mem_str(s);
	*v = strtod(text, &end);
	ok = end != text;
	*unit = str_trim(str_sub(s, (size_t)(end - text), s.n));
	free(text);
	return (ok ? 0 : -1);
}

/* Does the word stand in the blank separated list? */
static int
in_list(struct str word, const char *list)
{
	struct str rest = str_from(list), w;

	while ((w = str_word(&rest)).n > 0)
		if (str_eq(w, word))
			return (1);
	return (0);
}

/* A unit's names, blank separated, and what it is worth. */
struct unit {
	const char *names;
	double worth;
};

/* A quantity times its unit; the first stands for none. 0, or -1. */
static int
in_units(struct str s, const struct unit *units, size_t count, double *out)
{
	struct str unit;
	size_t i;

	if (number_and_unit(s, out, &unit) == -1)
		return (-1);
	for (i = 0; i < count; i++)
		if (in_list(unit, units[i].names) ||
		    (unit.n == 0 && i == 0)) {
			*out *= units[i].worth;
			return (0);
		}
	return (-1);
}

int
hocon_duration(struct str s, int64_t *ns)
{
	static const struct unit units[] = {
		{ "ms milli millis millisecond milliseconds", 1e6 },
		{ "ns nano nanos nanosecond nanoseconds", 1 },
		{ "us micro micros microsecond microseconds", 1e3 },
		{ "s second seconds", 1e9 },
		{ "m minute minutes", 60e9 },
		{ "h hour hours", 3600e9 },
		{ "d day days", 86400e9 },
	};
	double v;

	if (in_units(s, units, sizeof(units) / sizeof(units[0]), &v) == -1 ||
	    !(v > -1e18 && v < 9e18))
		return (-1);
	*ns = (int64_t)v;
	return (0);
}

int
hocon_size(struct str s, int64_t *bytes)
{
	static const struct unit units[] = {
		{ "B b byte bytes", 1 },
		{ "kB kilobyte kilobytes", 1e3 },
		{ "MB megabyte megabytes", 1e6 },
		{ "GB gigabyte gigabytes", 1e9 },
		{ "TB terabyte terabytes", 1e12 },
		{ "PB petabyte petabytes", 1e15 },
		{ "K k Ki KiB kibibyte kibibytes", 1024.0 },
		{ "M m Mi MiB mebibyte mebibytes", 1048576.0 },
		{ "G g Gi GiB gibibyte gibibytes", 1073741824.0 },
		{ "T t Ti TiB tebibyte tebibytes", 1099511627776.0 },
		{ "P p Pi PiB pebibyte pebibytes", 1125899906842624.0 },
	};
	double v;

	if (in_units(s, units, sizeof(units) / sizeof(units[0]), &v) == -1 ||
	    !(v > -9e18 && v < 9e18))
		return (-1);
	*bytes = (int64_t)v;
	return (0);
}
