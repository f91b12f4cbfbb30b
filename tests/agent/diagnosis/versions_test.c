/* SPDX-License-Identifier: ISC */
/*
 * since and until: would catch a cause that is named though no version known
 * can have it, one that is left out because nothing is known, a version of an
 * old start taken for the only one, and a range that is no range.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/errlist.h"
#include "agent/base/mem.h"
#include "agent/diagnosis/catalogue.h"
#include "agent/diagnosis/diagnosis.h"
#include "agent/diagnosis/report.h"
#include "agent/facts/version.h"
#include "probes/logs/logs.h"
#include "tests/kit/check.h"

#define C(id, more) "cause " id "\n\tkind other\n\ttitle \"t\"\n" \
	"\tseverity down\n\tsay \"s\"\n\talways bad-sign\n" more

static const char text[] =
    "signal hello\n\tfrom prosody\n\ttext \"Hello version {version:word}\"\n"
    "\tclass lifecycle\n\tfact prosody.version = {version}\n"
    "signal jvb-new\n\tfrom jvb\n\ttext \"in new words\"\n"
    "\tclass lifecycle\n\tsince 2024-10\n"
    "signal jvb-old\n\tfrom jvb\n\ttext \"in old words\"\n"
    "\tclass lifecycle\n\tuntil 2022-12\n"
    "signal crash\n\tfrom jvb\n\ttext \"crash of old Java\"\n"
    "\tclass lifecycle\n\tfact java.version = 8\n"
    "signal jvb-later\n\tfrom jvb\n\ttext \"only later words\"\n"
    "\tclass lifecycle\n\tsince 2024-10\n"
    "pattern missed\n\tjvb-begins not followed by jvb-later within 5s\n"
    "signal jvb-begins\n\tfrom jvb\n\ttext \"it begins now\"\n"
    "\tclass lifecycle\n"
    "cause lacks\n\tkind other\n\ttitle \"t\"\n\tseverity down\n"
    "\tsay \"s\"\n\talways lack-sign\n\tneeds jvb-later absent\n"
    "signal lack-sign\n\ttext \"a sign of lack\"\n"
    "cause misses\n\tkind other\n\ttitle \"t\"\n\tseverity down\n"
    "\tsay \"s\"\n\talways missed\n"
    "signal bad-sign\n\ttext \"a bad sign\"\n"
    C("old", "\tcomponent prosody\n\tuntil 0.11\n")
    C("bridge", "\tsince jvb 2.0.9000\n\tuntil jvb 2.0.10000\n")
    C("java", "\tuntil java 8\n");

static struct catalogue *cat;

static char *
messages(const char *more)
{
	struct errlist errs;
	struct catalogue *c;
	struct buf b;
	char *all = mem_printf("signal bad-sign\n\tfrom jvb\n\ttext \"a bad "
	    "sign of {x:num}\"\n%s", more);

	errlist_init(&errs);
	buf_init(&b, 1U << 16);
	c = catalogue_parse("t.pit", str_from(all), NULL, &errs);
	errlist_print(&errs, &b);
	catalogue_free(c);
	errlist_free(&errs);
	free(all);
	return (buf_take(&b));
}

static void
refused(const char *more, const char *want)
{
	char *got = messages(more);

	CHECK(strstr(got, want) != NULL, "refuses with \"%s\"", want);
	free(got);
}

static void
add_log(struct diagnosis *d, enum component component, const char *lines)
{
	struct log_source *src = logs_memory(component_name(component),
	    str_from(lines), component, NULL, WALL_NONE);
	const struct log_text *t;

	while ((t = logs_next(src)) != NULL)
		diagnosis_add_log(d, t);
	logs_close(src);
}

/* Is the cause named when prosody and jvb logged this and that was known? */
static int
named(const char *id, const char *prosody, const char *jvb,
    const char *fact, const char *value)
{
	struct diagnosis *d = diagnosis_new(cat);
	struct report *r = report_new("test");
	struct buf ids;
	size_t i;
	int found = 0;

	add_log(d, COMPONENT_PROSODY, "Mar 03 14:00:00 x info a bad sign\n");
	add_log(d, COMPONENT_PROSODY, prosody);
	add_log(d, COMPONENT_JVB, jvb);
	if (fact != NULL)
		diagnosis_add_fact(d, str_from(fact), STR_LIT("one"),
		    str_from(value));
	diagnosis_conclude(d, r);
	buf_init(&ids, 4096);
	for (i = 0; i < r->cause_count; i++)
		found |= strcmp(r->causes[i].id, id) == 0;
	buf_free(&ids);
	report_free(r);
	diagnosis_free(d);
	return (found);
}

#define P(version) "Mar 03 13:00:00 x info Hello version " version "\n"
#define J(words) "JVB 2026-03-03 13:00:00.000 INFO: [1] A.b#1: " words "\n"

static void
test_range(void)
{
	CHECK(named("old", "", "", NULL, NULL), "nothing known: it counts");
	CHECK(named("old", P("0.11.14"), "", NULL, NULL), "0.11.14 has it");
	CHECK(!named("old", P("0.12.3"), "", NULL, NULL), "0.12.3 has not");
	CHECK(named("old", P("trunk"), "", NULL, NULL), "trunk is unclear");
	CHECK(named("old", P("0.11.14") P("0.12.3"), "", NULL, NULL),
	    "before and after an update: it may have been before");
	CHECK(!named("old", "", "", "prosody.version", "13.0.1"),
	    "a fact counts like the log");
	CHECK(named("old", P("0.11.14"), "", "prosody.version", "13.0.1"),
	    "one of two has it");
	CHECK(named("bridge", "", "", "bridge.version", "2.0.9646"),
	    "a range: inside");
	CHECK(!named("bridge", "", "", "bridge.version", "2.0.7648"),
	    "a range: before");
	CHECK(!named("bridge", "", "", "bridge.version", "stable-10532"),
	    "a range: after");
	CHECK(!named("bridge", "", "", "bridge.version", "2.2-22-g42bc1b99"),
	    "a range: before, counted in the program's own way");
	CHECK(named("bridge", "", "", "bridge.version", "2.3.SNAPSHOT"),
	    "a snapshot may be inside");
	CHECK(named("bridge", "", "", "jicofo.version", "2.0.7648"),
	    "jicofo's version is not the bridge's");
}

static void
test_signals(void)
{
	CHECK(!named("bridge", "", J("in old words"), NULL, NULL),
	    "a line of old versions alone");
	CHECK(named("bridge", "", J("in new words"), NULL, NULL),
	    "a line of new versions, the range may go that far");
	CHECK(named("bridge", "", J("in old words") J("in new words"), NULL,
	    NULL), "an update in the log says nothing");
	CHECK(named("java", "", J("crash of old Java"), NULL, NULL),
	    "a constant as fact");
	CHECK(!named("java", "", "", "java.version", "17.0.15"),
	    "Java 17 is not Java 8");
}

#define T(second) "JVB 2026-03-03 13:00:" second ".000 INFO: [1] A.b#1: "
#define LONG T("00") "it begins now\n" T("20") "x\n" T("30") "x\n" \
	T("40") "x\n" T("50") "x\n" T("59") "x\n" T("59") "x\n" \
	T("59") "x\n" T("59") "x\n" T("59") "x\n" T("59") "x\n" \
	T("59") "x\n" T("59") "x\n" T("59") "x\n" \
	T("59") "a sign of lack\n"

/* A line that a version does not print is not absent. */
static void
test_absence(void)
{
	CHECK(named("lacks", "", LONG, NULL, NULL),
	    "not there, and nothing known of the version: absent");
	CHECK(!named("lacks", "", LONG, "bridge.version", "2.0.7648"),
	    "a version that does not print it: unknown");
	CHECK(named("lacks", "", LONG, "bridge.version", "2.0.10532"),
	    "a version that does: absent");
	CHECK(named("misses", "", LONG, NULL, NULL),
	    "a pattern of what did not follow");
	CHECK(!named("misses", "", LONG, "bridge.version", "2.0.7648"),
	    "but not of what this version does not print");
}

static void
test_known(void)
{
	struct diagnosis *d = diagnosis_new(cat);
	struct versions v;

	memset(&v, 0, sizeof(v));
	add_log(d, COMPONENT_PROSODY, P("0.12.3"));
	add_log(d, COMPONENT_JVB, J("in new words"));
	diagnosis_versions(d, &v);
	CHECK_STR(versions_first(&v, PRODUCT_PROSODY)->text, "0.12.3",
	    "what the logs said is known before the end");
	CHECK_INT(versions_order(&v, PRODUCT_JVB, STR_LIT("2024-07")),
	    VERSION_AFTER, "and what follows from them");
	diagnosis_free(d);
}

static void
test_refused(void)
{
	char *got = messages(C("c1", "\tsince jvb 2.0.9646\n\tuntil 10532\n"));

	CHECK_STR(got, "", "a range loads");
	free(got);
	refused(C("c1", "\tsince 2.0.9646\n"), "names no program");
	refused(C("c1", "\tcomponent router\n\tsince 2.0.9646\n"),
	    "names no program");
	refused(C("c1", "\tcomponent prosody\n\tsince new\n"),
	    "\"new\" is no version of prosody");
	refused(C("c1", "\tsince nobody 2.0.9646\n"), "expected a program");
	refused(C("c1", "\tsince jvb 2.0.9646\n\tuntil jicofo 10532\n"),
	    "the same program");
	refused("signal s2\n\ttext \"long enough\"\n\tsince 2024-10\n",
	    "not one component");
	refused("signal s2\n\tfrom jvb jicofo\n\ttext \"long enough\"\n"
	    "\tsince 2024-10\n", "not one component");
	refused("signal s2\n\tfrom jvb\n\ttext \"long enough\"\n"
	    "\tsince now\n", "no version of jvb");
	refused("signal s2\n\ttext \"long enough\"\n\tfact no.such = 1\n",
	    "expected the name of a fact");
	refused("signal s2\n\ttext \"long enough\"\n\tfact java.version\n",
	    "expected = {hole} or = VALUE");
	refused("signal s2\n\ttext \"long enough\"\n"
	    "\tfact java.version = {nothing}\n", "no hole {nothing}");
	refused("signal s2\n\ttext \"long enough\"\n"
	    "\tfact cert.days_left = many\n", "of the fact's type");
}

int
main(void)
{
	struct errlist errs;

	errlist_init(&errs);
	cat = catalogue_parse("t.pit", str_from(text), NULL, &errs);
	CHECK(cat != NULL, "the catalogue loads");
	if (cat == NULL)
		return (check_end());
	test_range();
	test_signals();
	test_absence();
	test_known();
	test_refused();
	catalogue_free(cat);
	errlist_free(&errs);
	return (check_end());
}
