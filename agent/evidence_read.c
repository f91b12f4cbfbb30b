/* SPDX-License-Identifier: ISC */
/*
 * The evidence document of another host, read. Pure; nothing in it is
 * trusted.
 */
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/diagnosis/diagnosis.h"
#include "agent/diagnosis/report.h"
#include "agent/evidence_doc.h"
#include "agent/facts/finding.h"
#include "agent/facts/secret.h"
#include "agent/pf_evidence.h"
#include "probes/config/lint.h"
#include "probes/probe.h"

struct evidence_doc {
	json_t *json;
};

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
	int64_t v[6], ms;
	size_t i;

	for (i = 0; i < 6; i++) {
		part = str_sub(s, 0, i == 0 ? 4 : 2);
		if (str_num(part, 0, 9999, &v[i]) == -1)
			return (WALL_NONE);
		s = str_sub(s, part.n + (i < 5), s.n);
	}
	c.year = (int)v[0];
	c.month = (int)v[1];
	c.day = (int)v[2];
	c.hour = (int)v[3];
	c.minute = (int)v[4];
	c.second = (int)v[5];
	if (s.n > 3 && s.p[0] == '.' &&
	    str_num(str_sub(s, 1, 4), 0, 999, &ms) == 0)
		c.us = (int)ms * 1000;
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

/* A time of a host whose clock is that much ahead of ours. */
static wall_t
corrected(wall_t t, int64_t ahead_us)
{
	return (wall_is_set(t) ? wall_add(t, -ahead_us) : t);
}

static void
read_signal(const json_t *o, const char *peer, int64_t ahead_us,
    struct diagnosis *d)
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
	s.first = corrected(get_time(o, "first"), ahead_us);
	s.last = corrected(get_time(o, "last"), ahead_us);
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
read_coverage(const json_t *o, const char *peer, int64_t ahead_us,
    struct diagnosis *d, struct report *r)
{
	wall_t from = corrected(get_time(o, "from"), ahead_us);
	wall_t to = corrected(get_time(o, "to"), ahead_us);
	const char *hint = json_string_value(json_object_get(o, "hint"));
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
		    from, to, lines);
	source = mem_printf("%s: %s", peer, get_text(o, "source"));
	report_add_coverage(r, source, (enum coverage_state)state,
	    from, to, lines, hint, 0);
	free(source);
}

/* "name=value" lines of an object of strings. */
static char *
read_lines(const json_t *o)
{
	const char *key, *text;
	json_t *value;
	struct buf b;

	buf_init(&b, LIMIT_ERROR_TEXT);
	json_object_foreach((json_t *)(uintptr_t)o, key, value) {
		text = json_string_value(value);
		if (text != NULL && strpbrk(text, "\n") == NULL &&
		    strpbrk(key, "=\n") == NULL)
			buf_addf(&b, "%s=%s\n", key, text);
	}
	return (buf_take(&b));
}

static char *
read_text(const json_t *o, const char *key)
{
	return (mem_str(str_sub(str_from(get_text(o, key)), 0,
	    LIMIT_ERROR_TEXT)));
}

/* What the rules of the host found in its configuration. How bad it is our
 * own table says, unless the host has waived it. */
static void
read_finding(const json_t *o, const char *peer, struct diagnosis *d)
{
	const struct lint_row *row = lint_find(str_from(get_text(o, "id")));
	int severity = severity_by_name(str_from(get_text(o, "severity")));
	json_int_t line = json_integer_value(json_object_get(o, "line"));
	struct finding f = { 0 };

	if (row == NULL || diagnosis_has_finding(d, row->id, peer,
	    get_text(o, "file"), line > 0 && line < INT32_MAX ? (int)line :
	    0))
		return;
	f.id = row->id;
	f.severity = severity > (int)row->severity ?
	    (enum severity)severity : row->severity;
	f.probe = "config.site";
	f.host = mem_strdup(peer);
	f.at.file = read_text(o, "file");
	f.at.line = line > 0 && line < INT32_MAX ? (int)line : 0;
	f.message = read_text(o, "message");
	f.fix = json_is_string(json_object_get(o, "fix")) ?
	    read_text(o, "fix") : NULL;
	f.captures = read_lines(json_object_get(o, "captures"));
	diagnosis_add_finding(d, &f);
	free(f.host);
	free(f.at.file);
	free(f.message);
	free(f.fix);
	free(f.captures);
}

/* One secret; what is not of its form is left out. */
static void
read_secret(const json_t *o, const char *peer, struct secrets *to)
{
	struct str name = str_from(get_text(o, "name"));
	struct str salt = str_from(get_text(o, "salt"));
	struct str value = str_from(get_text(o, "value"));
	json_int_t rounds = json_integer_value(json_object_get(o, "rounds"));
	json_int_t line = json_integer_value(json_object_get(o, "line"));
	int component = component_by_name(str_from(get_text(o,
	    "component")));
	unsigned char bytes[LIMIT_SALT_MOST];
	struct secret *s;

	if (name.n == 0 || name.n > LIMIT_SECRET_TEXT || rounds < 1 ||
	    rounds > INT32_MAX || secret_salt(salt, bytes) == 0 ||
	    value.n != 64 || secret_salt(value, bytes) == 0 ||
	    component <= COMPONENT_NONE || (s = secrets_add(to)) == NULL)
		return;
	s->name = mem_str(name);
	s->component = (enum component)component;
	s->host = mem_strdup(peer);
	s->file = mem_str(str_sub(str_from(get_text(o, "file")), 0,
	    LIMIT_SECRET_TEXT));
	s->line = line > 0 && line < INT32_MAX ? (int)line : 0;
	s->salt = secret_lower(salt);
	s->rounds = (unsigned)rounds;
	s->value = secret_lower(value);
}

struct evidence_doc *
evidence_parse(struct str doc, const char **why)
{
	struct evidence_doc *new;
	json_t *o;

	*why = "it is longer than 16 MiB";
	if (doc.n > LIMIT_EVIDENCE_READ)
		return (NULL);
	o = json_loadb(doc.p == NULL ? "" : doc.p, doc.n, 0, NULL);
	*why = "it is no JSON";
	if (o == NULL)
		return (NULL);
	*why = "it is no evidence of meetprobe (schema meetprobe.evidence/1)";
	if (strcmp(get_text(o, "schema"), EVIDENCE_SCHEMA "1") != 0) {
		json_decref(o);
		return (NULL);
	}
	new = mem_zalloc(1, sizeof(*new));
	new->json = o;
	return (new);
}

void
evidence_free_doc(struct evidence_doc *doc)
{
	if (doc == NULL)
		return;
	json_decref(doc->json);
	free(doc);
}

const char *
evidence_host(const struct evidence_doc *doc)
{
	return (get_text(doc->json, "host"));
}

void
evidence_clock(const struct evidence_doc *doc, wall_t *asked, wall_t *utc)
{
	const json_t *o = json_object_get(doc->json, "clock");

	*asked = get_time(o, "asked");
	*utc = get_time(o, "utc");
	if (!wall_is_set(*utc))
		*utc = get_time(doc->json, "generated_at");
}

void
evidence_sightings(const struct evidence_doc *doc, void (*fn)(void *,
    const char *, wall_t, wall_t), void *arg)
{
	json_t *e;
	size_t i;

	json_array_foreach(json_object_get(doc->json, "signals"), i, e)
		fn(arg, get_text(e, "id"), get_time(e, "first"),
		    get_time(e, "last"));
}

void
evidence_secrets(const struct evidence_doc *doc, const char *peer,
    struct secrets *to)
{
	json_t *e;
	size_t i;

	json_array_foreach(json_object_get(doc->json, "secrets"), i, e)
		read_secret(e, peer, to);
}

void
evidence_add(const struct evidence_doc *doc, const char *peer,
    int64_t ahead_us, struct diagnosis *d, struct report *r)
{
	const json_t *o = doc->json;
	json_t *e;
	size_t i;

	json_array_foreach(json_object_get(o, "signals"), i, e)
		read_signal(e, peer, ahead_us, d);
	json_array_foreach(json_object_get(o, "checks"), i, e)
		read_check(e, d);
	json_array_foreach(json_object_get(o, "coverage"), i, e)
		read_coverage(e, peer, ahead_us, d, r);
	read_facts(json_object_get(o, "facts"), peer, d);
	pf_evidence_read(json_object_get(o, "pf"), peer, d);
	json_array_foreach(json_object_get(o, "findings"), i, e)
		if (i < LIMIT_EVIDENCE_FINDINGS)
			read_finding(e, peer, d);
}
