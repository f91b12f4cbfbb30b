/* SPDX-License-Identifier: ISC */
/*
 * Expressions of nftables in the words of nft(8), for a reader: the common
 * ones; of others the name. Pure. JSON: libnftables-json(5).
 */
#include <jansson.h>

#include <string.h>

#include "agent/base/buf.h"
#include "probes/pf/linux.h"

#define DEPTH_MAX 8

static const char *
text_of(json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return (s == NULL ? "" : s);
}

static void value_text(json_t *, struct buf *, int);

/* What stands in a list, with a mark between. */
static void
list_text(json_t *v, const char *mark, struct buf *b, int depth)
{
	size_t i;

	for (i = 0; i < json_array_size(v); i++) {
		buf_adds(b, i == 0 ? "" : mark);
		value_text(json_array_get(v, i), b, depth);
	}
}

/* {"payload": {...}}, {"meta": ...}, {"set": [...]} and the like. */
static void
object_text(json_t *v, struct buf *b, int depth)
{
	json_t *o;

	if ((o = json_object_get(v, "payload")) != NULL)
		buf_addf(b, "%s %s", text_of(o, "protocol"),
		    text_of(o, "field"));
	else if ((o = json_object_get(v, "meta")) != NULL)
		buf_adds(b, text_of(o, "key"));
	else if ((o = json_object_get(v, "ct")) != NULL)
		buf_addf(b, "ct %s", text_of(o, "key"));
	else if ((o = json_object_get(v, "prefix")) != NULL) {
		value_text(json_object_get(o, "addr"), b, depth);
		buf_addf(b, "/%lld", (long long)json_integer_value(
		    json_object_get(o, "len")));
	} else if ((o = json_object_get(v, "range")) != NULL)
		list_text(o, "-", b, depth);
	else if ((o = json_object_get(v, "set")) != NULL) {
		buf_adds(b, "{ ");
		if (json_is_array(o))
			list_text(o, ", ", b, depth);
		else
			value_text(o, b, depth);
		buf_adds(b, " }");
	} else if ((o = json_object_get(v, "concat")) != NULL)
		list_text(o, " . ", b, depth);
	else if ((o = json_object_get(v, "elem")) != NULL)
		value_text(json_object_get(o, "val"), b, depth);
	else
		buf_adds(b, json_object_iter_key(json_object_iter(v)));
}

static void
value_text(json_t *v, struct buf *b, int depth)
{
	if (depth > DEPTH_MAX || v == NULL)
		buf_adds(b, "...");
	else if (json_is_string(v))
		buf_add_safe(b, str_from(json_string_value(v)));
	else if (json_is_integer(v))
		buf_addf(b, "%lld", (long long)json_integer_value(v));
	else if (json_is_array(v))
		list_text(v, json_array_size(v) == 2 && json_is_object(
		    json_array_get(v, 1)) ? " : " : ",", b, depth + 1);
	else if (json_is_object(v) && json_object_size(v) > 0)
		object_text(v, b, depth + 1);
}

/* "udp dport 10000-10050" */
static void
match_text(json_t *m, struct buf *b)
{
	const char *op = text_of(m, "op");

	value_text(json_object_get(m, "left"), b, 0);
	if (strcmp(op, "==") != 0 && strcmp(op, "in") != 0)
		buf_addf(b, " %s", op);
	buf_addc(b, ' ');
	value_text(json_object_get(m, "right"), b, 0);
}

/* "dnat to 100.64.4.3:10000" */
static void
nat_text(const char *name, json_t *o, struct buf *b)
{
	json_t *addr = json_object_get(o, "addr");
	json_t *port = json_object_get(o, "port");

	buf_adds(b, name);
	if (addr == NULL && port == NULL)
		return;
	buf_adds(b, " to ");
	if (addr != NULL)
		value_text(addr, b, 0);
	if (port != NULL) {
		buf_addc(b, ':');
		value_text(port, b, 0);
	}
}

static void
statement_text(const char *name, json_t *o, struct buf *b)
{
	if (strcmp(name, "match") == 0)
		match_text(o, b);
	else if (strcmp(name, "dnat") == 0 || strcmp(name, "snat") == 0 ||
	    strcmp(name, "redirect") == 0 || strcmp(name, "masquerade") == 0)
		nat_text(name, o, b);
	else if (strcmp(name, "jump") == 0 || strcmp(name, "goto") == 0)
		buf_addf(b, "%s %s", name, text_of(o, "target"));
	else if (strcmp(name, "vmap") == 0) {
		value_text(json_object_get(o, "key"), b, 0);
		buf_adds(b, " vmap ");
		value_text(json_object_get(o, "data"), b, 0);
	} else if (strcmp(name, "xt") == 0)
		buf_addf(b, "(iptables: %s)", text_of(o, "name"));
	else
		buf_adds(b, name);
}

void
linux_nft_text(json_t *expr, struct buf *b)
{
	json_t *e;
	const char *name;
	size_t i;

	for (i = 0; i < json_array_size(expr); i++) {
		e = json_array_get(expr, i);
		name = json_object_iter_key(json_object_iter(e));
		if (name == NULL || strcmp(name, "counter") == 0)
			continue;
		buf_adds(b, b->len > 0 ? " " : "");
		statement_text(name, json_object_get(e, name), b);
	}
}
