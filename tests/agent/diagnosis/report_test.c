/* SPDX-License-Identifier: ISC */
/*
 * The report: verdict and exit status to the letter, and every format of a
 * report whose strings try to break out of it.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "agent/diagnosis/report.h"
#include "tests/kit/check.h"

#define NASTY "a\033[31m<b> & \"c\" 'd' | # \\ \n\x01\xc2\x85\xff end"

static void
add_check(struct report *r, const char *id, enum state state, int required)
{
	struct check c;

	check_init(&c, id, "net", "xmpp:5222" NASTY);
	c.required = required;
	check_result(&c, state, LAYER_NET, state == STATE_PASS ? REASON_OK :
	    REASON_REFUSED, "%s", NASTY);
	if (state == STATE_SKIPPED)
		c.because = mem_strdup("tcp.connect");
	c.duration = 0.25;
	report_add_check(r, &c);
}

static struct report_cause *
add_cause(struct report *r, const char *id, enum severity severity)
{
	struct report_cause *c = report_add_cause(r, id);
	struct report_evidence *e = report_add_evidence(r, SOURCE_LOG);

	e->file = mem_strdup("/var/log/" NASTY);
	e->line = 7;
	e->text = mem_strdup(NASTY);
	e->signal = mem_strdup("some-signal");
	e->time = (wall_t){ 1663338958 * US_PER_SEC };
	e->time_guessed = 1;
	names_add(&c->for_, e->id);
	names_add(&c->unknown, "probe:xmpp.login");
	c->severity = severity;
	c->kind = KIND_AUTH_CERT_TRUST;
	c->title = mem_strdup("a title");
	c->say = mem_strdup(NASTY);
	c->component = mem_strdup("jicofo");
	c->host = mem_strdup("jicofo");
	c->confidence = 0.934;
	c->prove = mem_strdup("xmpp.login");
	c->runner_up = mem_strdup("another");
	report_add_fix(c, "openbsd", "do " NASTY, "rcctl restart 'x'",
	    INTERRUPTS_CALLS);
	return (c);
}

static char *
render(struct report *r, enum report_format format, int color)
{
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	report_render(r, format, color, f);
	fclose(f);
	return (text);
}

/* Which exit status and verdict come of one check and one cause. */
static void
status(int has_check, enum state state, int required, int severity,
    int strict, int want, int nagios, const char *why)
{
	struct report *r = report_new("accept");

	if (has_check)
		add_check(r, "tcp.connect", state, required);
	if (severity >= 0)
		add_cause(r, "c", (enum severity)severity);
	report_verdict(r, strict);
	CHECK_INT(report_exit(r, REPORT_TEXT), want, "%s", why);
	CHECK_INT(report_exit(r, REPORT_JSON), want, "%s, in json", why);
	CHECK_INT(report_exit(r, REPORT_NAGIOS), nagios, "%s, nagios", why);
	CHECK_STR(report_verdict_name(r->verdict), want == 0 ? "healthy" :
	    want == 1 ? "findings" : "undetermined", "%s, verdict", why);
	report_free(r);
}

static void
test_status(void)
{
	status(0, 0, 0, -1, 0, 0, 0, "nothing");
	status(1, STATE_PASS, 1, -1, 0, 0, 0, "a pass");
	status(1, STATE_FAIL, 0, -1, 0, 1, 2, "a failure nobody explains");
	status(1, STATE_WARN, 1, -1, 0, 0, 1, "a warning");
	status(1, STATE_WARN, 1, -1, 1, 1, 1, "a warning, strict");
	status(1, STATE_UNKNOWN, 1, -1, 0, 3, 3, "required and unknown");
	status(1, STATE_UNKNOWN, 0, -1, 0, 0, 0, "unknown, not required");
	status(1, STATE_SKIPPED, 1, -1, 0, 0, 0, "skipped");
	status(1, STATE_WAIVED, 1, -1, 0, 0, 0, "waived");
	status(1, STATE_NOT_APPLICABLE, 1, -1, 0, 0, 0, "not applicable");
	status(0, 0, 0, SEVERITY_DOWN, 0, 1, 2, "a cause down");
	status(0, 0, 0, SEVERITY_DEGRADED, 0, 1, 1, "a cause degraded");
	status(0, 0, 0, SEVERITY_RISK, 0, 0, 0, "a risk");
	status(0, 0, 0, SEVERITY_RISK, 1, 1, 1, "a risk, strict");
	status(0, 0, 0, SEVERITY_NOTE, 1, 0, 0, "a note");
	status(1, STATE_UNKNOWN, 1, SEVERITY_DOWN, 0, 1, 2,
	    "findings come before undetermined");
}

static void
test_explained(void)
{
	struct report *r = report_new("accept");

	add_check(r, "tcp.connect", STATE_FAIL, 1);
	add_cause(r, "c", SEVERITY_NOTE);
	r->checks[0].explained = 1;
	report_verdict(r, 0);
	CHECK_INT(r->exit_status, 0, "a failed check that a note explains");
	report_add_coverage(r, "jvb.log", COVERAGE_UNREADABLE, WALL_NONE,
	    WALL_NONE, 0, "doas cat jvb.log", 1);
	report_verdict(r, 0);
	CHECK_INT(r->exit_status, 3, "a required source was not read");
	report_free(r);
}

static struct report *
full(void)
{
	struct report *r = report_new("diagnose");
	int i;

	report_site(r, "jts.example", "jvb", ROLE_BIT(ROLE_JVB));
	for (i = 0; i < STATE_COUNT; i++)
		add_check(r, "tcp.connect", (enum state)i, 1);
	add_cause(r, "first-cause", SEVERITY_DOWN);
	add_cause(r, "second-cause", SEVERITY_RISK)->cleared =
	    (wall_t){ 1663339000 * US_PER_SEC };
	names_add(&r->unexplained, "e1");
	report_add_coverage(r, NASTY, COVERAGE_UNREADABLE, WALL_NONE,
	    WALL_NONE, 3, "doas cat " NASTY, 1);
	report_verdict(r, 0);
	return (r);
}

/* 1 when no byte is a control character but newline. */
static int
clean(const char *s)
{
	for (; *s != '\0'; s++)
		if (((unsigned char)*s < 0x20 && *s != '\n') || *s == 0x7f ||
		    ((unsigned char)s[0] == 0xc2 &&
		    (unsigned char)s[1] < 0xa0 && (unsigned char)s[1] >= 0x80)
		    || (unsigned char)*s == 0xff)
			return (0);
	return (1);
}

static void
test_escaping(void)
{
	static const char *const names[] = { "text", "short", "json",
	    "junit", "tap", "nagios" };
	struct report *r = full();
	char *s;
	int i;

	for (i = 0; i < REPORT_FORMATS; i++) {
		s = render(r, (enum report_format)i, 0);
		CHECK(clean(s), "%s holds no control character", names[i]);
		free(s);
	}
	s = render(r, REPORT_TEXT, 1);
	CHECK(strstr(s, "\033[1;31mDOWN\033[0m") != NULL &&
	    strstr(s, "\033[31m<b>") == NULL, "colour is ours alone");
	free(s);
	report_free(r);
}

static int
has_keys(json_t *o, const char *const *keys)
{
	for (; *keys != NULL; keys++)
		if (json_object_get(o, *keys) == NULL) {
			printf("# missing: %s\n", *keys);
			return (0);
		}
	return (1);
}

static void
test_json(void)
{
	static const char *const top[] = { "schema", "version", "mode",
	    "site", "host", "roles", "generated_at", "verdict", "checks",
	    "causes", "unexplained", "evidence", "coverage", NULL };
	static const char *const check[] = { "id", "group", "subject",
	    "required", "state", "layer", "reason", "summary",
	    "duration_seconds", "evidence", NULL };
	static const char *const cause[] = { "id", "kind", "title", "rank",
	    "confidence", "severity", "component", "host", "say", "for",
	    "against", "unknown", "explains", "fix", "prove", "ref", NULL };
	static const char *const evidence[] = { "id", "source", "time",
	    "time_guessed", "file", "line", "signal", "text", NULL };
	struct report *r = full();
	char *s = render(r, REPORT_JSON, 0);
	json_t *o = json_loads(s, 0, NULL), *c;

	CHECK(o != NULL, "it is JSON");
	CHECK(has_keys(o, top), "all fields of the report");
	CHECK(has_keys(json_array_get(json_object_get(o, "checks"),
	    STATE_FAIL), check), "all fields of a check");
	c = json_array_get(json_object_get(o, "causes"), 0);
	CHECK(has_keys(c, cause), "all fields of a cause");
	CHECK(has_keys(json_array_get(json_object_get(o, "evidence"), 0),
	    evidence), "all fields of evidence");
	CHECK(json_object_get(json_array_get(json_object_get(o, "checks"),
	    STATE_PASS), "reason") == NULL, "a pass has no reason");
	CHECK_STR(json_string_value(json_object_get(json_array_get(
	    json_object_get(o, "evidence"), 0), "time")),
	    "2022-09-16T14:35:58", "a time without an offset has none");
	CHECK(json_object_get(json_array_get(json_object_get(o, "causes"),
	    1), "cleared") != NULL, "a cleared cause says when");
	json_decref(o);
	free(s);
	report_free(r);
}

static size_t
count(const char *s, const char *what)
{
	size_t n = 0;

	while ((s = strstr(s, what)) != NULL) {
		n++;
		s++;
	}
	return (n);
}

static void
test_lines(void)
{
	struct report *r = full();
	char *s = render(r, REPORT_TAP, 0);

	CHECK(strncmp(s, "TAP version 14\n1..9\n", 20) == 0, "tap: the plan");
	CHECK_INT(count(s, "\nnot ok "), 3, "tap: fail, unknown, down");
	CHECK_INT(count(s, " # SKIP "), 3, "tap: what is skipped");
	CHECK(strstr(s, "\\# \\\\") != NULL, "tap: # and \\ are escaped");
	free(s);
	s = render(r, REPORT_NAGIOS, 0);
	CHECK(strncmp(s, "MEETPROBE CRITICAL - ", 21) == 0, "nagios: word");
	CHECK_INT(count(s, "|"), 1, "nagios: one bar, for the figures");
	free(s);
	s = render(r, REPORT_SHORT, 0);
	CHECK_INT(count(s, "\n"), 6, "short: two causes, three checks, one "
	    "line at the end");
	free(s);
	s = render(r, REPORT_JUNIT, 0);
	CHECK_INT(count(s, "<failure"), 2, "junit: fail and down");
	CHECK_INT(count(s, "<error"), 1, "junit: unknown");
	CHECK_INT(count(s, "<skipped"), 3, "junit: skipped");
	free(s);
	report_free(r);
}

/* Writes the junit form for the schema test beside this one. */
int
main(int argc, char **argv)
{
	struct report *r;
	char *s;

	if (argc > 1 && strcmp(argv[1], "junit") == 0) {
		r = full();
		s = render(r, REPORT_JUNIT, 0);
		fputs(s, stdout);
		free(s);
		report_free(r);
		return (0);
	}
	test_status();
	test_explained();
	test_escaping();
	test_json();
	test_lines();
	return (check_end());
}
