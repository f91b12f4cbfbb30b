/* SPDX-License-Identifier: ISC */
/*
 * meetprobe rules check|test|list: the catalogue itself. I/O.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/errlist.h"
#include "agent/command.h"
#include "agent/diagnosis/catalogue.h"

static int
print_errors(const struct errlist *errs)
{
	struct buf b;

	buf_init(&b, SIZE_MAX / 2);
	errlist_print(errs, &b);
	fputs(buf_cstr(&b), stderr);
	buf_free(&b);
	return (EXIT_USAGE);
}

static int
rules_check(const struct catalogue *c)
{
	struct errlist errs;
	struct buf pairs;
	int status = EXIT_HEALTHY;

	errlist_init(&errs);
	buf_init(&pairs, 1U << 20);
	catalogue_lint(c, &errs, &pairs);
	if (errs.count > 0)
		status = print_errors(&errs);
	else
		printf("%s%zu signals, %zu patterns, %zu causes, %zu tests\n",
		    buf_cstr(&pairs), c->signal_count, c->pattern_count,
		    c->cause_count, c->test_count);
	buf_free(&pairs);
	errlist_free(&errs);
	return (status);
}

static void
list_one(const char *what, const char *id, const char *title)
{
	printf("%-8s %-40s %s\n", what, id, title == NULL ? "" : title);
}

static int
rules_list(const struct catalogue *c, const char *what)
{
	size_t i;

	if (what != NULL && strcmp(what, "signals") != 0 &&
	    strcmp(what, "causes") != 0)
		return (command_usage("rules"));
	for (i = 0; i < c->signal_count; i++)
		if (what == NULL || what[0] == 's')
			list_one("signal", c->signals[i].id,
			    c->signals[i].title);
	for (i = 0; i < c->pattern_count; i++)
		if (what == NULL || what[0] == 's')
			list_one("pattern", c->patterns[i].id,
			    c->patterns[i].title);
	for (i = 0; i < c->cause_count; i++)
		if (what == NULL || what[0] == 'c')
			list_one("cause", c->causes[i].id,
			    c->causes[i].title);
	return (EXIT_HEALTHY);
}

int
command_rules(const struct options *o, int argc, char **argv)
{
	struct catalogue *c;
	struct errlist errs;
	int status;

	if (argc < 2 || argc > 3)
		return (command_usage("rules"));
	errlist_init(&errs);
	c = catalogue_load(o->pitfalls, NULL, &errs);
	if (c == NULL)
		status = print_errors(&errs);
	else if (strcmp(argv[1], "check") == 0 && argc == 2)
		status = rules_check(c);
	else if (strcmp(argv[1], "list") == 0)
		status = rules_list(c, argc > 2 ? argv[2] : NULL);
	else
		status = command_usage("rules");
	catalogue_free(c);
	errlist_free(&errs);
	return (status);
}
