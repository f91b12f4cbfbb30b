/* SPDX-License-Identifier: ISC */
/*
 * The way of a connection as JSON, with the names that `pf eval --json` has.
 * Pure.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/limits.h"
#include "probes/pf/flows.h"
#include "probes/pf/names.h"
#include "probes/pf/trace/site.h"

static const char *
end_name(enum pf_end end)
{
	switch (end) {
	case PF_END_ARRIVED: return ("arrived");
	case PF_END_BLOCKED: return ("blocked");
	case PF_END_ELSEWHERE: return ("elsewhere");
	case PF_END_NO_ROUTE: return ("no-route");
	case PF_END_PRIVATE: return ("private-source");
	case PF_END_REPLY: return ("reply-blocked");
	case PF_END_LOOP: return ("loop");
	}
	return ("?");
}

/* Names and rules come from files: what is not UTF-8 is written as "?". */
static json_t *
text_value(const char *text)
{
	json_t *j = json_string(text);
	struct buf b;

	if (j != NULL)
		return (j);
	buf_init(&b, LIMIT_PF_TEXT);
	for (; *text != '\0'; text++)
		buf_addc(&b, (unsigned char)*text < 0x80 ? *text : '?');
	j = json_string(buf_cstr(&b));
	buf_free(&b);
	return (j);
}

static void
set_buf(json_t *o, const char *name, struct buf *b)
{
	json_object_set_new(o, name, b->len == 0 || strcmp(buf_cstr(b),
	    "-") == 0 ? json_null() : text_value(buf_cstr(b)));
	buf_clear(b);
}

static void
set_end(json_t *o, const char *name, const struct pf_packet *p, int source)
{
	int ports = p->proto == 6 || p->proto == 17;
	int six = p->af == PF_AF_INET6 && ports;
	struct buf b;

	buf_init(&b, LIMIT_PF_TEXT);
	buf_adds(&b, six ? "[" : "");
	pf_ip_print(&b, source ? &p->src : &p->dst, p->af);
	buf_adds(&b, six ? "]" : "");
	if (ports)
		buf_addf(&b, ":%u", source ? p->sport : p->dport);
	set_buf(o, name, &b);
	buf_free(&b);
}

/* What pf says about one packet; rdst and rsrc as in `pf eval`. */
static void
set_verdict(json_t *o, const struct pf_verdict *v, int has_ports)
{
	struct buf b;

	buf_init(&b, LIMIT_PF_TEXT);
	json_object_set_new(o, "verdict", json_string(v->pass ? "pass" :
	    "block"));
	json_object_set_new(o, "how", json_string(pf_how_name(v->how)));
	json_object_set_new(o, "file", v->rule == NULL ? json_null() :
	    text_value(v->rule->file));
	json_object_set_new(o, "line", v->rule == NULL ? json_null() :
	    json_integer(v->rule->line));
	pf_verdict_number(&b, v);
	set_buf(o, "nr", &b);
	if (v->rule != NULL)
		pf_rule_print(&b, v->rule, 0);
	set_buf(o, "rule", &b);
	json_object_set_new(o, "log", v->how == PF_HOW_SKIP ? json_null() :
	    json_boolean(v->log));
	pf_verdict_dst(&b, v, has_ports);
	set_buf(o, "rdst", &b);
	pf_verdict_src(&b, v, has_ports);
	set_buf(o, "rsrc", &b);
	json_object_set_new(o, "reason", strcmp(v->reason, "match") == 0 ?
	    json_null() : text_value(v->reason));
	buf_free(&b);
}

static json_t *
step_value(const struct pf_site *s, const struct pf_step *st)
{
	const struct pf_site_host *h = &s->hosts[st->host];
	json_t *o = json_object();

	json_object_set_new(o, "host", text_value(h->name));
	json_object_set_new(o, "dir", json_string(st->dir == PF_IN ? "in" :
	    "out"));
	json_object_set_new(o, "if", text_value(
	    h->env->ifs[st->interface].name));
	set_end(o, "src", &st->before, 1);
	set_end(o, "dst", &st->before, 0);
	if (st->unseen)
		json_object_set_new(o, "verdict", json_null());
	else
		set_verdict(o, &st->verdict, st->before.proto == 6 ||
		    st->before.proto == 17);
	return (o);
}

/* The answer that is blocked, though the connection arrived. */
static json_t *
reply_value(const struct pf_site *s, const struct pf_path *path)
{
	const struct pf_step *st;
	const struct pf_site_host *h;
	json_t *o;

	if (path->end != PF_END_REPLY)
		return (json_null());
	st = &path->steps[path->reply];
	h = &s->hosts[st->host];
	o = json_object();
	json_object_set_new(o, "host", text_value(h->name));
	json_object_set_new(o, "dir", json_string(st->dir == PF_IN ? "out" :
	    "in"));
	json_object_set_new(o, "if", text_value(
	    h->env->ifs[st->interface].name));
	set_verdict(o, &path->reply_verdict, st->before.proto == 6 ||
	    st->before.proto == 17);
	return (o);
}

/* Lines as a list. */
static json_t *
lines_value(struct buf *b)
{
	json_t *list = json_array();
	char *line, *end;

	for (line = b->data; line != NULL &&
	    (end = strchr(line, '\n')) != NULL; line = end + 1) {
		*end = '\0';
		json_array_append_new(list, text_value(line));
	}
	return (list);
}

static json_t *
notes_value(struct pf_site *s, const struct pf_path *path)
{
	struct buf b;
	json_t *list;

	buf_init(&b, LIMIT_PF_TEXT);
	pf_path_notes(s, path, &b);
	list = lines_value(&b);
	buf_free(&b);
	return (list);
}

static json_t *
unseen_value(const struct pf_site *s, const struct pf_path *path)
{
	struct buf b;
	json_t *list;

	buf_init(&b, LIMIT_PF_TEXT);
	pf_path_unseen(s, path, &b);
	if (path->gap)
		buf_adds(&b, "a router between these hosts was not given\n");
	list = lines_value(&b);
	buf_free(&b);
	return (list);
}

/* The host where it ends, by name; null: none that is known. */
static json_t *
end_value(struct pf_site *s, const struct pf_path *path)
{
	const struct pf_packet *p;
	const char *name;

	if (path->end_host >= 0)
		return (text_value(s->hosts[path->end_host].name));
	if (path->count == 0)
		return (json_null());
	p = &path->steps[path->count - 1].after;
	name = pf_site_name(s, p->af, &p->dst);
	return (name == NULL ? json_null() : text_value(name));
}

void
pf_path_json(struct pf_site *s, const struct pf_question *q,
    const struct pf_path *path, const char *advice, struct buf *out)
{
	const char *proto = pf_proto_name(q->port == 0 ? 1 : q->proto);
	json_t *o = json_object(), *hops = json_array();
	char *text;
	int i;

	for (i = 0; i < path->count; i++)
		json_array_append_new(hops, step_value(s, &path->steps[i]));
	json_object_set_new(o, "from", text_value(q->from));
	json_object_set_new(o, "to", text_value(q->to));
	json_object_set_new(o, "proto", text_value(proto == NULL ? "?" :
	    proto));
	json_object_set_new(o, "port", q->port == 0 ? json_null() :
	    json_integer(q->port));
	json_object_set_new(o, "end", json_string(end_name(path->end)));
	json_object_set_new(o, "at", end_value(s, path));
	json_object_set_new(o, "hops", hops);
	json_object_set_new(o, "reply", reply_value(s, path));
	json_object_set_new(o, "notes", notes_value(s, path));
	json_object_set_new(o, "unseen", unseen_value(s, path));
	json_object_set_new(o, "advice", *advice == '\0' ? json_null() :
	    text_value(advice));
	text = json_dumps(o, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
	if (text != NULL)
		buf_addf(out, "%s\n", text);
	free(text);
	json_decref(o);
}
