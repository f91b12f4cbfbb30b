/* SPDX-License-Identifier: ISC */
/*
 * The packet filter of one host in the diagnosis of another. Pure.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/diagnosis/diagnosis.h"
#include "agent/diagnosis/report.h"
#include "agent/pf_evidence.h"
#include "probes/config/lint.h"
#include "probes/pf/matrix.h"

/* A leg of a flow; texts are borrowed. */
struct leg {
	struct str from, to, proto, dir;
	int64_t port;
	/* of one that is blocked */
	struct str interface, cause, file, rule;
	int64_t line;
	int told;
};

/* "FROM>TO:PORT/PROTO/LEG"; 0, or -1: it is none. */
static int
parse_leg(struct str s, struct leg *out)
{
	size_t colon;

	memset(out, 0, sizeof(*out));
	out->from = str_split(&s, '>');
	colon = str_rchr(s, ':');
	if (out->from.n == 0 || colon == SIZE_MAX || colon == 0)
		return (-1);
	out->to = str_sub(s, 0, colon);
	s = str_sub(s, colon + 1, s.n);
	if (str_num(str_split(&s, '/'), 0, 65535, &out->port) == -1)
		return (-1);
	out->proto = str_split(&s, '/');
	out->dir = s;
	return (str_eqs(s, "in") || str_eqs(s, "out") ? 0 : -1);
}

/* "LEG INTERFACE CAUSE FILE:LINE RULE" */
static int
parse_blocked(struct str s, struct leg *out)
{
	struct str place;
	size_t colon;

	if (parse_leg(str_word(&s), out) == -1)
		return (-1);
	out->interface = str_word(&s);
	out->cause = str_word(&s);
	place = str_word(&s);
	out->rule = str_trim(s);
	colon = str_rchr(place, ':');
	if (colon == SIZE_MAX || str_num(str_sub(place, colon + 1, place.n),
	    0, INT32_MAX, &out->line) == -1)
		return (-1);
	out->file = str_sub(place, 0, colon);
	return (0);
}

/* The value of a fact among a check's lines; empty: none. */
static struct str
fact_of(const struct check *c, const char *name)
{
	struct str lines = str_from(c->facts), line;

	while (lines.n > 0) {
		line = str_split(&lines, '\n');
		if (str_eqs(str_split(&line, '='), name))
			return (line);
	}
	return (str_of("", 0));
}

static void
set_text(json_t *o, const char *key, struct str s)
{
	char *copy = mem_str(s);
	json_t *j = json_string(copy);

	json_object_set_new(o, key, j == NULL ? json_string("?") : j);
	free(copy);
}

static json_t *
leg_json(const struct leg *l)
{
	json_t *o = json_object();

	set_text(o, "from", l->from);
	set_text(o, "to", l->to);
	json_object_set_new(o, "port", json_integer(l->port));
	set_text(o, "proto", l->proto);
	set_text(o, "leg", l->dir);
	return (o);
}

static void
add_flows(json_t *list, struct str legs)
{
	struct str word, name;
	struct leg l;
	json_t *o;

	while ((word = str_word(&legs)).n > 0) {
		name = str_split(&word, '=');
		if (parse_leg(name, &l) == -1)
			continue;
		o = leg_json(&l);
		json_object_set_new(o, "pass", json_boolean(str_eqs(word,
		    "1")));
		json_array_append_new(list, o);
	}
}

static void
add_blocked(json_t *list, struct str blocked)
{
	struct leg l;
	json_t *o;

	while (blocked.n > 0) {
		if (parse_blocked(str_split(&blocked, '\t'), &l) == -1)
			continue;
		o = leg_json(&l);
		set_text(o, "interface", l.interface);
		set_text(o, "cause", l.cause);
		set_text(o, "file", l.file);
		json_object_set_new(o, "line", json_integer(l.line));
		set_text(o, "rule", l.rule);
		json_array_append_new(list, o);
	}
}

json_t *
pf_evidence_json(const struct report *r)
{
	json_t *o = json_object(), *flows = json_array(),
	    *blocked = json_array();
	const struct check *c;
	size_t i;

	for (i = 0; i < r->check_count; i++) {
		c = &r->checks[i].check;
		add_flows(flows, fact_of(c, "pf.flow_legs"));
		add_blocked(blocked, fact_of(c, "pf.blocked"));
	}
	if (json_array_size(flows) > 0) {
		json_object_set(o, "flows", flows);
		json_object_set(o, "blocked", blocked);
	}
	json_decref(flows);
	json_decref(blocked);
	return (o);
}

/* Legs blocked by the same rule with the same meaning. */
static int
is_same(const struct leg *a, const struct leg *b)
{
	return (a->line == b->line && str_eq(a->cause, b->cause) &&
	    str_eq(a->file, b->file) && str_eq(a->dir, b->dir));
}

/* "pf of HOST blocks FLOWS by RULE", for all legs like this one. */
static char *
sentence(const char *host, struct leg *list, size_t count, size_t first)
{
	const struct leg *l = &list[first];
	char *from, *to;
	struct buf b;
	size_t i;
	int n = 0;

	buf_init(&b, LIMIT_ERROR_TEXT);
	buf_addf(&b, "pf of %s blocks ", host == NULL ? "this host" : host);
	for (i = first; i < count; i++) {
		if (!is_same(l, &list[i]))
			continue;
		list[i].told = 1;
		from = mem_str(list[i].from);
		to = mem_str(list[i].to);
		buf_adds(&b, n++ > 0 ? ", " : "");
		pf_flow_text(&b, from, to, str_eqs(list[i].proto, "udp"),
		    (int)list[i].port, (int)list[i].port);
		free(from);
		free(to);
	}
	buf_addf(&b, " %s on %.*s by \"%.*s\"", str_eqs(l->dir, "in") ?
	    "coming in" : "going out", STR_ARG(l->interface),
	    STR_ARG(str_sub(l->rule, 0, 400)));
	return (buf_take(&b));
}

/* The hole {advice}: the line that lets one leg through, and where. A quick
 * rule ends everything: the line goes before it. */
static char *
advice(const struct leg *l)
{
	int quick = str_find(l->rule, " quick ") != SIZE_MAX;

	return (mem_printf("advice=%s line %lld of %.*s: pass %.*s%s on %.*s "
	    "proto %.*s to %.*s port %lld", quick ? "before" : "after",
	    (long long)l->line, STR_ARG(l->file), STR_ARG(l->dir),
	    quick ? " quick" : "", STR_ARG(l->interface), STR_ARG(l->proto),
	    STR_ARG(l->to), (long long)l->port));
}

/* A finding for each rule; only causes that the probes can name. */
static void
add_findings(struct diagnosis *d, const char *host, struct leg *list,
    size_t count)
{
	const struct lint_row *row;
	struct finding f;
	size_t i;

	for (i = 0; i < count; i++) {
		row = lint_find(list[i].cause);
		if (list[i].told || row == NULL ||
		    (!str_starts(list[i].cause, "pf-blocks-") &&
		    !str_eqs(list[i].cause, "pf-out-leg-blocked")))
			continue;
		memset(&f, 0, sizeof(f));
		f.id = row->id;
		f.severity = row->severity;
		f.probe = "config.pf";
		f.host = host == NULL ? NULL : mem_strdup(host);
		f.at.file = mem_str(list[i].file);
		f.at.line = (int)list[i].line;
		f.message = sentence(host, list, count, i);
		f.captures = advice(&list[i]);
		diagnosis_add_finding(d, &f);
		free(f.host);
		free(f.at.file);
		free(f.message);
		free(f.captures);
	}
}

static void
add_check(const struct check *c, struct diagnosis *d)
{
	struct leg list[LIMIT_EVIDENCE_LEGS];
	struct str blocked = fact_of(c, "pf.blocked");
	size_t n = 0;

	while (blocked.n > 0 && n < LIMIT_EVIDENCE_LEGS)
		if (parse_blocked(str_split(&blocked, '\t'), &list[n]) == 0)
			n++;
	add_findings(d, NULL, list, n);
}

/* The check of what is loaded, when it could tell; else NULL. */
static const struct check *
loaded(const struct check *list, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (strcmp(list[i].id, "pf.rules") == 0 &&
		    (list[i].state == STATE_PASS || list[i].state ==
		    STATE_WARN || list[i].state == STATE_FAIL))
			return (&list[i]);
	return (NULL);
}

void
pf_evidence_checks(const struct check *list, size_t count,
    struct diagnosis *d)
{
	const struct check *rules = loaded(list, count);
	size_t i;

	for (i = 0; i < count; i++)
		if (rules == NULL || strcmp(list[i].id, "pf.config") != 0)
			add_check(&list[i], d);
}

int
pf_evidence_file_waits(const struct check *list, size_t count)
{
	const struct check *rules = loaded(list, count);

	return (rules != NULL && rules->state != STATE_FAIL &&
	    str_eqs(fact_of(rules, "pf.file_loaded"), "no"));
}

int
pf_evidence_of_file(const struct finding *f)
{
	return (f->host == NULL && f->at.file != NULL &&
	    strcmp(f->at.file, "/etc/pf.conf") == 0 &&
	    (strncmp(f->id, "pf-blocks-", 10) == 0 ||
	    strcmp(f->id, "pf-out-leg-blocked") == 0 ||
	    strcmp(f->id, "pf-config-not-loaded") == 0 ||
	    strcmp(f->id, "media-redirect-missing") == 0));
}

/* A text of the peer's up to its first newline, which would begin another
 * capture of a finding. */
static struct str
get(const json_t *o, const char *key)
{
	struct str s = str_from(json_string_value(json_object_get(o, key)));

	return (str_sub(str_split(&s, '\n'), 0, 512));
}

static int64_t
get_number(const json_t *o, const char *key, int64_t max)
{
	json_int_t n = json_integer_value(json_object_get(o, key));

	return (n < 0 || n > max ? 0 : n);
}

void
pf_evidence_read(const json_t *pf, const char *peer, struct diagnosis *d)
{
	struct leg list[LIMIT_EVIDENCE_LEGS], *l;
	json_t *o;
	size_t i, n = 0;

	json_array_foreach(json_object_get(pf, "blocked"), i, o) {
		if (n == LIMIT_EVIDENCE_LEGS)
			break;
		l = &list[n];
		memset(l, 0, sizeof(*l));
		l->from = get(o, "from");
		l->to = get(o, "to");
		l->proto = get(o, "proto");
		l->dir = get(o, "leg");
		l->port = get_number(o, "port", 65535);
		l->interface = get(o, "interface");
		l->cause = get(o, "cause");
		l->file = get(o, "file");
		l->rule = get(o, "rule");
		l->line = get_number(o, "line", INT32_MAX);
		if (l->from.n > 0 && l->to.n > 0 && l->cause.n > 0)
			n++;
	}
	add_findings(d, peer, list, n);
}

void
pf_evidence_coverage(const struct check *c, struct report *r)
{
	static const struct {
		const char *id, *source, *hint;
	} unseen[] = {
		{ "pf.rules", "the rules that pf has loaded",
		    "doas pfctl -a '*' -vvsr" },
		{ "pf.states", "the states of pf", "doas pfctl -v -ss" },
		{ "pf.log", "pflog: /var/log/pflog and pflog0",
		    "doas meetprobe probe pf.log" },
	};
	size_t i;

	for (i = 0; i < sizeof(unseen) / sizeof(unseen[0]); i++)
		if (strcmp(c->id, unseen[i].id) == 0 &&
		    c->state == STATE_UNKNOWN &&
		    c->reason == REASON_PERMISSION)
			report_add_coverage(r, unseen[i].source,
			    COVERAGE_UNREADABLE, WALL_NONE, WALL_NONE, 0,
			    unseen[i].hint, 0);
}
