/* SPDX-License-Identifier: ISC */
/*
 * The evidence document: written and read. Pure but for the list of
 * listening sockets, which is the host's own at the time of writing.
 */
#include <sys/socket.h>
#include <arpa/inet.h>

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/compat/listen.h"
#include "agent/diagnosis/diagnosis.h"
#include "agent/diagnosis/report.h"
#include "agent/evidence_doc.h"
#include "agent/facts/fact.h"
#include "agent/pf_evidence.h"
#include "probes/probe.h"

#define SCHEMA "meetprobe.evidence/"

/* A string; what is no UTF-8 is escaped. */
static json_t *
text(const char *s)
{
	struct buf b;
	json_t *j = json_string(s == NULL ? "" : s);

	if (j != NULL)
		return (j);
	buf_init(&b, LIMIT_CHECK_TEXT);
	buf_add_safe(&b, str_from(s));
	j = json_string(buf_cstr(&b));
	buf_free(&b);
	return (j == NULL ? json_null() : j);
}

static json_t *
time_of(wall_t t)
{
	char out[WALL_TEXT_SIZE];

	if (!wall_is_set(t))
		return (json_null());
	wall_format(t, out, sizeof(out));
	return (text(out));
}

static json_t *
facts_json(const struct facts *f)
{
	const struct map_entry *e;
	json_t *o = json_object();
	struct str name, subject;
	char *key;
	size_t i;

	for (i = 0; f != NULL && i < f->values.count; i++) {
		e = &f->values.list[i];
		subject = e->key;
		name = str_split(&subject, '\0');
		key = mem_printf("%.*s%s%.*s", STR_ARG(name),
		    subject.n > 0 ? "@" : "", STR_ARG(subject));
		json_object_set_new(o, key, text(e->value));
		free(key);
	}
	return (o);
}

static json_t *
listeners_json(void)
{
	struct listener *list;
	char address[INET6_ADDRSTRLEN];
	json_t *a = json_array();
	int i, n;

	list = mem_zalloc(LIMIT_EVIDENCE_LISTENERS, sizeof(*list));
	n = sys_listeners(list, LIMIT_EVIDENCE_LISTENERS);
	for (i = 0; i < n; i++) {
		inet_ntop(list[i].v6 ? AF_INET6 : AF_INET, list[i].address,
		    address, sizeof(address));
		json_array_append_new(a, json_pack("{s:s,s:s,s:i,s:o}",
		    "proto", list[i].udp ? "udp" : "tcp", "address", address,
		    "port", list[i].port, "process", text(list[i].process)));
	}
	free(list);
	return (a);
}

static json_t *
checks_json(const struct report *r)
{
	json_t *a = json_array(), *o;
	const struct check *c;
	size_t i;

	for (i = 0; i < r->check_count; i++) {
		c = &r->checks[i].check;
		o = json_pack("{s:s,s:s,s:o,s:b,s:s,s:s,s:o,s:f}", "id",
		    c->id, "group", c->group, "subject", text(c->subject),
		    "required", c->required, "state", state_name(c->state),
		    "layer", layer_name(c->layer), "summary",
		    text(c->summary), "duration_seconds", c->duration);
		if (o == NULL)
			continue;
		if (c->state != STATE_PASS)
			json_object_set_new(o, "reason",
			    text(reason_name(c->reason)));
		json_array_append_new(a, o);
	}
	return (a);
}

static json_t *
coverage_json(const struct report *r)
{
	const struct report_coverage *c;
	json_t *a = json_array();
	size_t i;

	for (i = 0; i < r->coverage_count; i++) {
		c = &r->coverage[i];
		json_array_append_new(a, json_pack("{s:o,s:s,s:s,s:o,s:o,s:I}",
		    "source", text(c->source), "component",
		    component_name(c->component), "state",
		    coverage_name(c->state), "from", time_of(c->from), "to",
		    time_of(c->to), "lines", (json_int_t)c->lines));
	}
	return (a);
}

static json_t *
slice(struct str s)
{
	char *copy = mem_str(s);
	json_t *j = text(copy);

	free(copy);
	return (j);
}

static json_t *
captures_json(const struct signal_seen *s)
{
	json_t *o = json_object();
	char *name;
	size_t i;

	for (i = 0; i < s->capture_count; i++) {
		name = mem_str(s->captures[i].name);
		json_object_set_new(o, name, slice(s->captures[i].value));
		free(name);
	}
	return (o);
}

static void
add_signal(void *arg, const struct signal_seen *s)
{
	json_t *o;

	o = json_pack("{s:s,s:s,s:I,s:o,s:o,s:o,s:o}", "id", s->id,
	    "component", component_name(s->component), "count",
	    (json_int_t)s->count, "first", time_of(s->first), "last",
	    time_of(s->last), "captures", captures_json(s), "sample",
	    slice(s->sample));
	if (o != NULL)
		json_array_append_new(arg, o);
}

static json_t *
roles_json(roles_t roles)
{
	json_t *a = json_array();
	int role;

	for (role = 0; role < ROLE_COUNT; role++)
		if (roles & ROLE_BIT(role))
			json_array_append_new(a,
			    text(role_name((enum role)role)));
	return (a);
}

int
evidence_write(struct buf *out, const struct report *r,
    struct diagnosis *d, const struct facts *facts)
{
	json_t *signals = json_array(), *o;
	char *dump;
	int bad;

	diagnosis_signals(d, add_signal, signals);
	o = json_pack("{s:s,s:s,s:o,s:o,s:o,s:o,s:{s:o,s:n},s:o,s:o,s:o,s:o,"
	    "s:o,s:o,s:{},s:[]}", "schema", SCHEMA "1", "version",
	    MEETPROBE_VERSION, "host", text(r->host), "roles",
	    roles_json(r->roles), "site", text(r->site), "generated_at",
	    time_of(wall_now()), "clock", "utc", time_of(wall_now()),
	    "offset_seconds", "facts", facts_json(facts), "listeners",
	    listeners_json(), "checks", checks_json(r), "coverage",
	    coverage_json(r), "signals", signals, "pf", pf_evidence_json(r),
	    "media", "secrets");
	dump = o == NULL ? NULL : json_dumps(o, JSON_INDENT(1));
	bad = dump == NULL || strlen(dump) > LIMIT_EVIDENCE_WRITTEN ||
	    buf_addf(out, "%s\n", dump) == -1;
	free(dump);
	json_decref(o);
	return (bad ? -1 : 0);
}

/* Reading */

static const char *
get_text(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return (s == NULL ? "" : s);
}

/* The time of a field as this program writes it; WALL_NONE when it is none. */
static wall_t
get_time(const json_t *o, const char *key)
{
	struct str s = str_from(get_text(o, key)), part;
	struct civil c = { 0 };
	int64_t v[6];
	size_t i;

	for (i = 0; i < 6; i++) {
		part = str_sub(s, 0, i == 0 ? 4 : 2);
		if (str_num(part, 0, 9999, &v[i]) == -1)
			return (WALL_NONE);
		s = str_sub(s, part.n + 1, s.n);
	}
	c.year = (int)v[0];
	c.month = (int)v[1];
	c.day = (int)v[2];
	c.hour = (int)v[3];
	c.minute = (int)v[4];
	c.second = (int)v[5];
	if (c.month < 1 || c.month > 12 || c.day < 1 || c.day > 31)
		return (WALL_NONE);
	return (wall_from_civil(&c));
}

/* The captures of a signal; the strings stay the document's. */
static void
read_captures(const json_t *o, struct signal_seen *s)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)o, key, value) {
		if (!json_is_string(value) ||
		    s->capture_count == SIGNAL_CAPTURES)
			continue;
		s->captures[s->capture_count].name = str_from(key);
		s->captures[s->capture_count++].value =
		    str_from(json_string_value(value));
	}
}

static void
read_signal(const json_t *o, const char *peer, struct diagnosis *d)
{
	struct signal_seen s = { 0 };
	json_int_t count = json_integer_value(json_object_get(o, "count"));
	int component = component_by_name(str_from(get_text(o,
	    "component")));

	s.id = get_text(o, "id");
	s.component = component < 0 ? COMPONENT_NONE :
	    (enum component)component;
	s.host = peer;
	s.count = count > 0 ? (size_t)count : 1;
	s.first = get_time(o, "first");
	s.last = get_time(o, "last");
	read_captures(json_object_get(o, "captures"), &s);
	s.sample = str_from(get_text(o, "sample"));
	(void)diagnosis_add_signal(d, &s);
}

/* A probe's id of the peer, as a constant of ours; NULL: not known here. */
static const char *
known_id(const char *id)
{
	const struct probe *p = probe_find(id);

	return (p == NULL ? NULL : p->id);
}

static void
read_check(const json_t *o, struct diagnosis *d)
{
	struct check c;
	const char *id = known_id(get_text(o, "id"));
	int state = state_by_name(str_from(get_text(o, "state")));
	int layer = layer_by_name(str_from(get_text(o, "layer")));
	int reason = reason_by_name(str_from(get_text(o, "reason")));

	if (id == NULL || state == -1)
		return;
	check_init(&c, id, "", get_text(o, "subject"));
	check_result(&c, (enum state)state, layer == -1 ? LAYER_HOST :
	    (enum layer)layer, reason == -1 ? REASON_OK :
	    (enum reason)reason, "%s", get_text(o, "summary"));
	diagnosis_add_check(d, &c);
	check_free(&c);
}

static void
read_facts(const json_t *o, const char *peer, struct diagnosis *d)
{
	struct str name, subject;
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)o, key, value) {
		subject = str_from(key);
		name = str_split(&subject, '@');
		if (json_is_string(value))
			(void)diagnosis_add_fact(d, name, subject.n > 0 ?
			    subject : str_from(peer),
			    str_from(json_string_value(value)));
	}
}

static void
read_coverage(const json_t *o, const char *peer, struct diagnosis *d,
    struct report *r)
{
	int state = coverage_by_name(str_from(get_text(o, "state")));
	int component = component_by_name(str_from(get_text(o,
	    "component")));
	size_t lines = (size_t)json_integer_value(json_object_get(o,
	    "lines"));
	char *source;

	if (state == -1)
		return;
	if (state == COVERAGE_READ && component > COMPONENT_NONE)
		diagnosis_add_cover(d, (enum component)component, peer,
		    get_time(o, "from"), get_time(o, "to"), lines);
	source = mem_printf("%s: %s", peer, get_text(o, "source"));
	report_add_coverage(r, source, (enum coverage_state)state,
	    get_time(o, "from"), get_time(o, "to"), lines, NULL, 0);
	free(source);
}

int
evidence_read(struct str doc, const char *peer, struct diagnosis *d,
    struct report *r, const char **why)
{
	json_t *o = NULL, *e;
	size_t i;

	*why = "it is longer than 16 MiB";
	if (doc.n > LIMIT_EVIDENCE_READ)
		return (-1);
	o = json_loadb(doc.p == NULL ? "" : doc.p, doc.n, 0, NULL);
	*why = "it is no JSON";
	if (o == NULL)
		return (-1);
	*why = "it is no evidence of meetprobe (schema meetprobe.evidence/1)";
	if (strcmp(get_text(o, "schema"), SCHEMA "1") != 0) {
		json_decref(o);
		return (-1);
	}
	if (peer == NULL)
		peer = get_text(o, "host");
	json_array_foreach(json_object_get(o, "signals"), i, e)
		read_signal(e, peer, d);
	json_array_foreach(json_object_get(o, "checks"), i, e)
		read_check(e, d);
	json_array_foreach(json_object_get(o, "coverage"), i, e)
		read_coverage(e, peer, d, r);
	read_facts(json_object_get(o, "facts"), peer, d);
	pf_evidence_read(json_object_get(o, "pf"), peer, d);
	json_decref(o);
	return (0);
}
