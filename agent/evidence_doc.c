/* SPDX-License-Identifier: ISC */
/*
 * The evidence document, written. Pure but for the list of listening
 * sockets and the clock, which are the host's own at the time of writing.
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
#include "agent/facts/finding.h"
#include "agent/facts/secret.h"
#include "agent/pf_evidence.h"

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

/* A decimal number; null when the text is none. */
static json_t *
number(struct str s)
{
	char *copy = mem_str(s), *end;
	double value = strtod(copy, &end);
	json_t *j = s.n > 0 && *end == '\0' ? json_real(value) : NULL;

	free(copy);
	return (j == NULL ? json_null() : j);
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
	json_t *a = json_array(), *o;
	size_t i;

	for (i = 0; i < r->coverage_count; i++) {
		c = &r->coverage[i];
		o = json_pack("{s:o,s:s,s:s,s:o,s:o,s:I}", "source",
		    text(c->source), "component",
		    component_name(c->component), "state",
		    coverage_name(c->state), "from", time_of(c->from), "to",
		    time_of(c->to), "lines", (json_int_t)c->lines);
		if (c->hint != NULL)
			json_object_set_new(o, "hint", text(c->hint));
		json_array_append_new(a, o);
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

/* The time now, when the asker's request came, and how far host.clock found
 * this clock to be off. */
static json_t *
clock_json(const struct report *r, wall_t asked)
{
	const struct check *c;
	struct str lines, line, name;
	json_t *o = json_object(), *offset = json_null();
	size_t i;

	for (i = 0; i < r->check_count; i++) {
		c = &r->checks[i].check;
		lines = str_from(c->facts);
		while (strcmp(c->id, "host.clock") == 0 && lines.n > 0) {
			line = str_split(&lines, '\n');
			name = str_split(&line, '=');
			if (str_eqs(name, "clock.offset")) {
				json_decref(offset);
				offset = number(line);
			}
		}
	}
	json_object_set_new(o, "asked", time_of(asked));
	json_object_set_new(o, "utc", time_of(wall_now()));
	json_object_set_new(o, "offset_seconds", offset);
	return (o);
}

static json_t *
secrets_json(const struct secrets *s)
{
	json_t *a = json_array();
	const struct secret *e;
	size_t i;

	for (i = 0; s != NULL && i < s->count; i++) {
		e = &s->list[i];
		json_array_append_new(a, json_pack("{s:o,s:s,s:o,s:i,s:s,s:i,"
		    "s:s}", "name", text(e->name), "component",
		    component_name(e->component), "file", text(e->file),
		    "line", e->line, "salt", e->salt, "rounds",
		    (int)e->rounds, "value", e->value));
	}
	return (a);
}

/* "name=value" lines as an object. */
static json_t *
captures_object(const char *lines)
{
	struct str rest = str_from(lines), line, name;
	json_t *o = json_object();
	char *key;

	while (rest.n > 0) {
		line = str_split(&rest, '\n');
		name = str_split(&line, '=');
		key = mem_str(name);
		json_object_set_new(o, key, slice(line));
		free(key);
	}
	return (o);
}

static json_t *
findings_json(const struct findings *findings)
{
	json_t *a = json_array(), *o;
	const struct finding *f;
	size_t i;

	for (i = 0; findings != NULL && i < findings->count; i++) {
		f = &findings->list[i];
		o = json_pack("{s:s,s:s,s:o,s:i,s:o,s:o}", "id", f->id,
		    "severity", severity_name(f->severity), "file",
		    text(f->at.file), "line", f->at.line, "message",
		    text(f->message), "captures",
		    captures_object(f->captures));
		if (o == NULL)
			continue;
		if (f->fix != NULL)
			json_object_set_new(o, "fix", text(f->fix));
		json_array_append_new(a, o);
	}
	return (a);
}

int
evidence_write(struct buf *out, const struct evidence_parts *p)
{
	const struct report *r = p->report;
	json_t *signals = json_array(), *o;
	char *dump;
	int bad;

	diagnosis_signals(p->diagnosis, add_signal, signals);
	o = json_pack("{s:s,s:s,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,"
	    "s:o,s:o,s:o,s:{},s:o}", "schema", EVIDENCE_SCHEMA "1",
	    "version", MEETPROBE_VERSION, "host", text(r->host), "roles",
	    roles_json(r->roles), "site", text(r->site), "generated_at",
	    time_of(wall_now()), "clock", clock_json(r, p->asked), "facts",
	    facts_json(p->facts), "listeners", listeners_json(), "checks",
	    checks_json(r), "coverage", coverage_json(r), "signals", signals,
	    "findings", findings_json(p->findings), "pf",
	    pf_evidence_json(r), "media", "secrets",
	    secrets_json(p->secrets));
	dump = o == NULL ? NULL : json_dumps(o, JSON_INDENT(1));
	bad = dump == NULL || strlen(dump) > LIMIT_EVIDENCE_WRITTEN ||
	    buf_addf(out, "%s\n", dump) == -1;
	free(dump);
	json_decref(o);
	return (bad ? -1 : 0);
}
