/* SPDX-License-Identifier: ISC */
/*
 * Patterns over events, by the logs' own times: each operator, its key, its
 * window, and what is concluded when the log ends too early.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/errlist.h"
#include "agent/diagnosis/catalogue.h"
#include "agent/diagnosis/diagnosis.h"
#include "agent/diagnosis/evidence.h"
#include "probes/logs/logs.h"
#include "tests/kit/check.h"

#define SIGNALS \
	"signal a\n\ttext \"event alpha\"\n" \
	"signal b\n\ttext \"event bravo\"\n" \
	"signal c\n\ttext \"event charly\"\n" \
	"signal n\n\ttext \"named thing {who:word}\"\n" \
	"signal m\n\ttext \"other thing {whom:word}\"\n"

/* The value of the pattern p over a log of prosody. */
static enum value
value(const char *pattern, const char *log)
{
	const struct log_text *t;
	struct log_source *src;
	struct catalogue *c;
	struct evidence e;
	struct errlist errs;
	struct buf text;
	enum value v;

	buf_init(&text, 65536);
	buf_addf(&text, "%spattern p\n\t%s\n", SIGNALS, pattern);
	errlist_init(&errs);
	c = catalogue_parse("t.pit", buf_str(&text), NULL, &errs);
	buf_clear(&text);
	errlist_print(&errs, &text);
	CHECK_STR(buf_cstr(&text), "", "%.20s: loads", pattern);
	buf_free(&text);
	errlist_free(&errs);
	if (c == NULL)
		return (VALUE_UNKNOWN);
	evidence_init(&e, c);
	src = logs_memory("t.log", str_from(log), COMPONENT_PROSODY, NULL,
	    WALL_NONE);
	while ((t = logs_next(src)) != NULL)
		evidence_add_log(&e, t);
	logs_close(src);
	evidence_settle(&e);
	v = e.observable[c->signal_count];
	evidence_free(&e);
	catalogue_free(c);
	return (v);
}

static void
want(const char *pattern, const char *log, enum value v, const char *why)
{
	static const char *const names[] = { "unknown", "present", "absent" };

	CHECK_STR(names[value(pattern, log)], names[v], "%.18s: %s", pattern,
	    why);
}

/* A line at second s of a session. */
#define L(time, session, text) \
	"Sep 16 14:" time " c2s60a86b4748" session " info " text "\n"
/* Enough of a log that absence means something. */
#define LONG(lines) L("00:00", "0", "x") lines L("50:00", "0", "x") \
	L("55:00", "0", "x")
#define A1 L("10:00", "1", "event alpha")
#define B1 L("10:03", "1", "event bravo")
#define B2 L("10:03", "2", "event bravo")
#define C1 L("10:02", "1", "event charly")

static void
test_then(void)
{
	want("a then b within 5s by session", LONG(A1 B1), VALUE_PRESENT,
	    "in order, in time, same session");
	want("a then b within 5s by session", LONG(A1 B2), VALUE_ABSENT,
	    "another session");
	want("a then b within 2s", LONG(A1 B1), VALUE_ABSENT, "too late");
	want("b then a within 5s", LONG(A1 B1), VALUE_ABSENT, "wrong order");
	want("a then b", LONG(A1 B2), VALUE_PRESENT, "no key, no window");
	want("a then c then b within 5s by session", LONG(A1 C1 B1),
	    VALUE_PRESENT, "three steps");
	want("a then c then b within 5s", LONG(A1 B1), VALUE_ABSENT,
	    "a step is missing");
	want("a then b without c within 5s by session", LONG(A1 C1 B1),
	    VALUE_ABSENT, "something lies in between");
	want("a then b without c within 5s by session", LONG(A1 B1),
	    VALUE_PRESENT, "nothing lies in between");
	want("a then b|c within 5s", LONG(A1 C1), VALUE_PRESENT,
	    "either of two");
	want("a then b within 5s", A1, VALUE_UNKNOWN,
	    "a fragment proves no absence");
	want("a then b within 5s", "event alpha\nevent bravo\n",
	    VALUE_PRESENT, "lines without a time go by their order");
	want("b then a within 5s", "event alpha\nevent bravo\n",
	    VALUE_UNKNOWN, "and not against it");
}

static void
test_absence(void)
{
	want("a not followed by b within 5s by session", LONG(A1),
	    VALUE_PRESENT, "the log covers the window");
	want("a not followed by b within 5s by session", LONG(A1 B1),
	    VALUE_ABSENT, "it is followed");
	want("a not followed by b within 5s by session", LONG(A1 B2),
	    VALUE_PRESENT, "but in another session");
	want("a not followed by b within 5s", L("00:00", "0", "x") A1,
	    VALUE_UNKNOWN, "the log ends too early");
	want("b not preceded by a within 5s", LONG(B1), VALUE_PRESENT,
	    "nothing before it");
	want("b not preceded by a within 5s", LONG(A1 B1), VALUE_ABSENT,
	    "something before it");
	want("b not preceded by a within 5m", L("10:03", "1", "event bravo")
	    L("50:00", "1", "x"), VALUE_UNKNOWN, "the log begins too late");
	want("a without b", LONG(A1), VALUE_PRESENT, "b is nowhere");
	want("a without b", LONG(B1 A1), VALUE_ABSENT, "b is somewhere");
	want("a without b", A1, VALUE_UNKNOWN, "a fragment");
	want("a without b", LONG(B1), VALUE_ABSENT, "there is no a");
}

static void
test_count(void)
{
	want("count a >= 3 within 60s", LONG(A1 L("10:10", "2",
	    "event alpha") L("10:20", "3", "event alpha")), VALUE_PRESENT,
	    "three in a minute");
	want("count a >= 3 within 10s", LONG(A1 L("10:10", "2",
	    "event alpha") L("10:20", "3", "event alpha")), VALUE_ABSENT,
	    "not in ten seconds");
	want("count a >= 3 within 60s by session", LONG(A1 L("10:10", "2",
	    "event alpha") L("10:20", "3", "event alpha")), VALUE_ABSENT,
	    "not of one session");
	want("count n >= 2 within 60s by who", LONG(L("10:00", "1",
	    "named thing x") L("10:01", "2", "named thing x")),
	    VALUE_PRESENT, "by a hole");
	want("count n >= 2 within 60s by who", LONG(L("10:00", "1",
	    "named thing x") L("10:01", "2", "named thing y")),
	    VALUE_ABSENT, "two different ones");
}

static void
test_others(void)
{
	want("a with b within 5s", LONG(B1 A1), VALUE_PRESENT,
	    "either order");
	want("a with b within 1s", LONG(B1 A1), VALUE_ABSENT, "too far");
	want("n with m by who=whom", LONG(L("10:00", "1", "named thing x")
	    L("20:00", "2", "other thing x")), VALUE_PRESENT,
	    "two holes with the same value");
	want("n with m by who=whom", LONG(L("10:00", "1", "named thing x")
	    L("20:00", "2", "other thing y")), VALUE_ABSENT,
	    "two holes with other values");
	want("a before b", LONG(A1 B1), VALUE_PRESENT, "the first of each");
	want("b before a", LONG(A1 B1 L("10:09", "1", "event alpha")),
	    VALUE_ABSENT, "not the later ones");
	want("a then b within 5s", LONG(A1 B1),
	    VALUE_PRESENT, "with class and clear");
}

int
main(void)
{
	test_then();
	test_absence();
	test_count();
	test_others();
	return (check_end());
}
