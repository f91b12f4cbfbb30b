/* SPDX-License-Identifier: ISC */
/*
 * Sentences and commands with holes: what comes from a log must neither
 * break out of the shell's quotes nor reach a terminal as it is.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/errlist.h"
#include "agent/diagnosis/catalogue.h"
#include "agent/diagnosis/say.h"
#include "tests/kit/check.h"

/* Every hole holds the same value; NULL: nobody knows. */
static struct str
hole(void *arg, struct str name)
{
	const char *value = arg;

	(void)name;
	return (value == NULL ? str_of(NULL, 0) : str_from(value));
}

static void
command(const char *value, const char *want, const char *why)
{
	struct buf b;
	char copy[1024];

	buf_init(&b, 4096);
	if (value != NULL)
		memcpy(copy, value, strlen(value) + 1);
	say_command("ping {peer} now", hole, value == NULL ? NULL : copy, &b);
	CHECK_STR(buf_cstr(&b), want, "command: %s", why);
	buf_free(&b);
}

static void
sentence(const char *format, const char *value, const char *want,
    const char *why)
{
	struct buf b;
	char copy[1024];

	buf_init(&b, 4096);
	if (value != NULL)
		memcpy(copy, value, strlen(value) + 1);
	CHECK_INT(say_sentence(format, hole, value == NULL ? NULL : copy,
	    &b), strchr(format, '{') != NULL && value == NULL ? -1 : 0,
	    "is a value missing: %s", why);
	CHECK_STR(buf_cstr(&b), want, "sentence: %s", why);
	buf_free(&b);
}

static void
lint(const char *type, const char *cmd, int refused)
{
	struct errlist errs, lints;
	struct catalogue *c;
	struct buf text;
	size_t i, complaints = 0;

	buf_init(&text, 4096);
	buf_addf(&text, "signal s\n\ttext \"some text {x:%s} here\"\n"
	    "cause c\n\tkind other\n\ttitle \"t\"\n\tseverity down\n"
	    "\tsay \"s\"\n\talways s\n\tfix any \"t\" cmd \"%s\"\n", type,
	    cmd);
	errlist_init(&errs);
	errlist_init(&lints);
	c = catalogue_parse("t.pit", buf_str(&text), NULL, &errs);
	CHECK(c != NULL, "{x:%s} loads", type);
	if (c != NULL)
		catalogue_lint(c, &lints, NULL);
	for (i = 0; i < lints.count; i++)
		complaints += strstr(lints.list[i].message, "in a command")
		    != NULL;
	CHECK_INT(complaints, refused, "{x:%s} in \"%s\"", type, cmd);
	catalogue_free(c);
	errlist_free(&errs);
	errlist_free(&lints);
	buf_free(&text);
}

int
main(void)
{
	command("192.0.2.1", "ping '192.0.2.1' now", "quoted always");
	command("a'b", "ping 'a'\\''b' now", "a quote inside");
	command("$(reboot)`x`;y&z", "ping '$(reboot)`x`;y&z' now",
	    "what a shell would run stays in quotes");
	command("-f", "ping <PEER> now", "no option can be smuggled in");
	command("a\nb", "ping <PEER> now", "a newline");
	command("a\033b", "ping <PEER> now", "an escape");
	command("a\x7f", "ping <PEER> now", "DEL");
	command("a\xc2\x9b", "ping <PEER> now", "C1");
	command("a\xff", "ping <PEER> now", "no UTF-8");
	command("", "ping <PEER> now", "an empty value");
	command(NULL, "ping <PEER> now", "no value");

	sentence("{a} did it", "jvb", "jvb did it", "a value");
	sentence("{a} did it", NULL, "<a> did it", "no value");
	sentence("{a|somebody} did it", NULL, "somebody did it",
	    "no value, but another text");
	sentence("{a|somebody} did it", "jvb", "jvb did it",
	    "a value and another text");
	sentence("{a}", "x\033[31m", "x\\x1b[31m", "escapes are escaped");
	sentence("no hole", "x", "no hole", "no hole");
	sentence("{open", "x", "x", "an open brace ends with the text");

	lint("ip", "ping {x}", 0);
	lint("jid", "echo {x}", 0);
	lint("word", "ping {x}", 1);
	lint("rest", "ping {x}", 1);
	lint("quoted", "ping {x}", 1);
	lint("rest", "ping host", 0);
	return (check_end());
}
