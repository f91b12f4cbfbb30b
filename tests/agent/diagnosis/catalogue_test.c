/* SPDX-License-Identifier: ISC */
/*
 * The loader of the catalogue: what it understands, and what it says about
 * what it does not, with file, line and column.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/errlist.h"
#include "agent/diagnosis/catalogue.h"
#include "agent/diagnosis/matcher.h"
#include "agent/diagnosis/parse.h"
#include "tests/kit/check.h"

#define SIGNAL "signal some-fault\n\tfrom prosody\n\ttext \"a plain text\"\n"

/* All messages of a text, "" when it loads. */
static char *
messages(const char *text)
{
	struct errlist errs;
	struct catalogue *c;
	struct buf b;

	errlist_init(&errs);
	buf_init(&b, 1U << 16);
	c = catalogue_parse("t.pit", str_from(text), NULL, &errs);
	errlist_print(&errs, &b);
	if ((c == NULL) != (errs.count > 0))
		buf_adds(&b, "loaded in spite of errors, or the reverse");
	catalogue_free(c);
	errlist_free(&errs);
	return (buf_take(&b));
}

static void
refused(const char *text, const char *want)
{
	char *got = messages(text);

	if (strstr(got, want) == NULL)
		printf("# said: %s", got);
	CHECK(strstr(got, want) != NULL, "refuses with \"%s\"", want);
	free(got);
}

static void
accepted(const char *text)
{
	char *got = messages(text);

	CHECK_STR(got, "", "loads");
	free(got);
}

#define CAUSE "cause c1\n\tkind other\n\ttitle \"t\"\n\tseverity down\n" \
	"\tsay \"s\"\n"

static void
test_messages(void)
{
	accepted(SIGNAL);
	accepted(SIGNAL CAUSE "\talways some-fault\n");
	refused("sginal x\n", "t.pit:1:1: expected signal, pattern or cause");
	refused("signal X\n", "t.pit:1:8: expected the signal's id");
	refused(SIGNAL "\tfrmo prosody\n", "t.pit:4:2: expected from");
	refused(SIGNAL "\tfrom prosdy\n", "t.pit:4:7: expected a component");
	refused("signal a\n\ttext \"unclosed\n", "no closing quote");
	refused("signal a\n\ttext \"ab {x:word} cd\"\n", "literal of 6 bytes");
	refused("signal a\n\ttext \"some text {x:wrod}\"\n",
	    "expected {name:type} with type");
	refused("signal a\n\ttext \"some text {x:word\"\n", "no closing brace");
	refused("signal a\n\tre \"some text (\"\n", "does not compile");
	refused("signal a\n\tre \"some text|other text\"\n",
	    "literal of 6 bytes");
	refused("signal a\n\ttext \"long text {x:num} and {x:num}\"\n",
	    "stands twice");
	refused(SIGNAL "\tlevel > warn\n", "t.pit:4:8: expected >=, <= or =");
	refused(SIGNAL SIGNAL, "the id some-fault is taken: t.pit:1");
	refused("signal a\n\tfrom prosody\n", "signal a has no text");
}

static void
test_cause_messages(void)
{
	refused(SIGNAL CAUSE, "cause c1 has no evidence");
	refused(SIGNAL CAUSE "\talways no-such\n",
	    "t.pit:9:9: there is no signal or pattern \"no-such\"");
	refused(SIGNAL CAUSE "\talways fact no.such = yes\n",
	    "there is no fact \"no.such\" in facts.def");
	refused(SIGNAL CAUSE "\talways fact cert.self_signed = perhaps\n",
	    "expected yes or no");
	refused(SIGNAL CAUSE "\talways fact cert.self_signed > yes\n",
	    "is no number");
	refused(SIGNAL CAUSE "\talways some-fault\n\tkind nonsense\n",
	    "expected a kind of the closed set");
	refused(SIGNAL CAUSE "\talways some-fault\n\tfix any \"t\" cmd \"c\" "
	    "interrupts all\n", "expected nothing, joins or calls");
	refused(SIGNAL CAUSE "\talways some-fault\n\tleads-to c1\n",
	    "leads-to goes in a circle");
	refused(SIGNAL CAUSE "\talways some-fault\n\tleads-to c9\n",
	    "there is no cause \"c9\"");
	refused("pattern p\n\tp then p\n", "in a circle");
	refused("pattern p\n\ta not followed by b\n", "within T");
	refused(SIGNAL CAUSE "\talways some-fault\n\ttest \"t\" {\n"
	    "\t\tlog prosody <<END\n\t\tx\n", "expected END alone");
	refused(SIGNAL CAUSE "\talways some-fault\n\ttest \"t\" {\n",
	    "no closing }");
	refused(SIGNAL CAUSE "\talways some-fault\n\ttest \"t\" {\n"
	    "\t\texpect first nothing-such\n\t}\n", "there is no cause");
}

/* All errors of a file are told, not only the first. */
static void
test_all_told(void)
{
	char *got = messages("signal a\n\tfrom nowhere\n\tbla\n"
	    "signal b\n\ttext \"ab\"\n\tclass odd\n");

	CHECK(strstr(got, "t.pit:2:7:") != NULL &&
	    strstr(got, "t.pit:3:2:") != NULL &&
	    strstr(got, "t.pit:6:8:") != NULL,
	    "three errors in one run");
	free(got);
}

static const char *
literal(const char *regex, struct buf *b)
{
	buf_clear(b);
	pit_regex_literal(str_from(regex), b);
	return (buf_cstr(b));
}

/* A wrong literal would make the matcher miss lines. */
static void
test_literals(void)
{
	struct buf b;

	buf_init(&b, 1024);
	CHECK_STR(literal("connect\\(\\) failed", &b), "connect() failed",
	    "escaped brackets are literal");
	CHECK_STR(literal("abcdef(gh|ij)klm", &b), "abcdef",
	    "a group is no literal");
	CHECK_STR(literal("abcd?efghi", &b), "efghi", "an optional byte");
	CHECK_STR(literal("ab{2,3}cdefg", &b), "cdefg", "a repeated byte");
	CHECK_STR(literal("x|abcdefgh", &b), "", "an alternation");
	CHECK_STR(literal("[abc(]long literal[)]", &b), "long literal",
	    "brackets in a class");
	CHECK_STR(literal("a  b   cdef", &b), "a b cdef", "blanks are one");
	CHECK_STR(literal("\\d+ of files", &b), "of files", "a class escape");
	buf_free(&b);
}

static void
test_lint(void)
{
	static const char text[] = SIGNAL CAUSE "\talways some-fault\n"
	    "cause c2\n\tkind other\n\ttitle \"t\"\n\tseverity down\n"
	    "\tsay \"s\"\n\talways some-fault\n";
	struct errlist errs;
	struct catalogue *c;
	struct buf b;

	errlist_init(&errs);
	buf_init(&b, 4096);
	c = catalogue_parse("t.pit", str_from(text), NULL, &errs);
	CHECK(c != NULL, "loads");
	if (c != NULL)
		catalogue_lint(c, &errs, &b);
	CHECK_INT(errs.count, 4, "two causes lack both tests");
	CHECK_STR(buf_cstr(&b), "c1 and c2: no item tells them apart\n",
	    "the pair nothing tells apart is listed");
	catalogue_free(c);
	errlist_free(&errs);
	buf_free(&b);
}

/* The built-in catalogue must always load and pass its own lint. */
static void
test_builtin(void)
{
	struct errlist errs;
	struct catalogue *c;
	struct buf b;

	errlist_init(&errs);
	c = catalogue_load(NULL, NULL, 1, &errs);
	if (c != NULL)
		catalogue_lint(c, &errs, NULL);
	buf_init(&b, 1U << 16);
	errlist_print(&errs, &b);
	CHECK_STR(buf_cstr(&b), "", "the built-in catalogue has no error");
	CHECK(c != NULL && c->signal_count > 100, "it has signals");
	buf_free(&b);
	catalogue_free(c);
	errlist_free(&errs);
}

/* -p DIR: the same id replaces, the tests of the old block go with it. */
static void
test_folder(void)
{
	char dir[] = "/tmp/meetprobe-pit-XXXXXX", path[128];
	const struct pit_entry *e;
	struct errlist errs;
	struct catalogue *c;
	FILE *f;

	CHECK(mkdtemp(dir) != NULL, "a folder");
	snprintf(path, sizeof(path), "%s/own.pit", dir);
	if ((f = fopen(path, "w")) != NULL) {
		fputs("signal prosody-c2s-authenticated\n\ttext \"my own "
		    "text\"\nsignal my-own\n\ttext \"another text\"\n", f);
		fclose(f);
	}
	errlist_init(&errs);
	c = catalogue_load(dir, NULL, 1, &errs);
	CHECK(c != NULL, "loads with a folder");
	e = c == NULL ? NULL : catalogue_find(c,
	    str_from("prosody-c2s-authenticated"));
	CHECK(e != NULL && strcmp(c->signals[e->index].texts.list[0].written,
	    "my own text") == 0, "the folder's block replaces");
	CHECK(c != NULL && catalogue_find(c, str_from("my-own")) != NULL,
	    "and adds");
	catalogue_free(c);
	errlist_free(&errs);
	remove(path);
	remove(dir);
	errlist_init(&errs);
	c = catalogue_load("/nonexistent", NULL, 1, &errs);
	CHECK(c == NULL && errs.count == 1, "a folder that is not there");
	catalogue_free(c);
	errlist_free(&errs);
}

int
main(void)
{
	test_messages();
	test_cause_messages();
	test_all_told();
	test_literals();
	test_lint();
	test_builtin();
	test_folder();
	return (check_end());
}
