/* SPDX-License-Identifier: ISC */
/*
 * meetprobe rules check|test|list: the catalogue itself. I/O.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/errlist.h"
#include "agent/base/mem.h"
#include "agent/command.h"
#include "agent/diagnosis/catalogue.h"
#include "agent/diagnosis/diagnosis.h"
#include "agent/known.h"
#include "agent/diagnosis/report.h"
#include "probes/logs/logs.h"

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

/* One test being run. */
struct trial {
	const struct catalogue *c;
	const struct pit_test *test;
	struct diagnosis *d;
	struct report *r;
};

static void
feed_log(struct trial *t, const struct pit_step *s, size_t number)
{
	const struct log_text *text;
	struct log_source *src;
	char name[64];

	snprintf(name, sizeof(name), "%s-%zu", component_name(s->component),
	    number);
	src = logs_memory(name, str_from(s->text), s->component,
	    s->host[0] == '\0' ? NULL : s->host, WALL_NONE);
	while ((text = logs_next(src)) != NULL)
		diagnosis_add_log(t->d, text);
	logs_close(src);
}

static void
feed_check(struct trial *t, const struct pit_step *s)
{
	struct check check;

	check_init(&check, s->id, "test", s->host);
	check_result(&check, s->state, LAYER_NET, (enum reason)s->reason,
	    "%s", "as the test says");
	diagnosis_add_check(t->d, &check);
	report_add_check(t->r, &check);
}

static void
feed_named(struct trial *t, const struct pit_step *s)
{
	struct finding finding = { .id = s->id, .probe = "config",
	    .severity = SEVERITY_DOWN };
	struct verdict verdict = { .id = s->id, .fault = 1,
	    .from = WALL_NONE, .to = WALL_NONE };
	char message[] = "as the test says", *captures;

	if (s->type == STEP_VERDICT) {
		verdict.text = message;
		diagnosis_add_verdict(t->d, &verdict);
		return;
	}
	captures = mem_strdup(s->text);
	finding.message = message;
	finding.captures = captures;
	diagnosis_add_finding(t->d, &finding);
	free(captures);
}

static void
feed(struct trial *t)
{
	const struct pit_step *s;
	size_t i;

	for (i = 0; i < t->test->step_count; i++) {
		s = &t->test->steps[i];
		switch (s->type) {
		case STEP_LOG:
			feed_log(t, s, i);
			break;
		case STEP_PROBE:
			feed_check(t, s);
			break;
		case STEP_FACT:
			diagnosis_add_fact(t->d, str_from(s->id),
			    str_from(s->host), str_from(s->text));
			break;
		case STEP_FINDING:
		case STEP_VERDICT:
			feed_named(t, s);
			break;
		case STEP_UNKNOWN:
			diagnosis_unknown(t->d, s->item);
			break;
		default:
			break;
		}
	}
}

/* Is one of the step's ids among the first n causes? */
static int
among(const struct trial *t, const struct pit_step *s, size_t n)
{
	size_t i, k;

	for (i = 0; i < n && i < t->r->cause_count; i++)
		for (k = 0; k < s->ids.count; k++)
			if (strcmp(t->r->causes[i].id, s->ids.list[k]) == 0)
				return (1);
	return (0);
}

/* Is one of the step's ids told as a consequence of a cause? */
static int
folded(const struct trial *t, const struct pit_step *s)
{
	size_t i, k;

	for (i = 0; i < t->r->cause_count; i++)
		for (k = 0; k < s->ids.count; k++)
			if (names_has(&t->r->causes[i].explains,
			    s->ids.list[k]))
				return (1);
	return (0);
}

static int
holds(const struct trial *t, const struct pit_step *s)
{
	size_t i;

	switch (s->type) {
	case STEP_FIRST:
		return (among(t, s, 1));
	case STEP_ANY:
		return (among(t, s, t->r->cause_count) || folded(t, s));
	case STEP_NOT:
		return (!among(t, s, t->r->cause_count));
	case STEP_NONE:
		for (i = 0; i < t->r->cause_count; i++)
			if (t->r->causes[i].severity <= SEVERITY_DEGRADED)
				return (0);
		return (1);
	case STEP_SIGNAL:
		return (diagnosis_seen(t->d, s->id));
	case STEP_NO:
		return (!diagnosis_seen(t->d, s->id));
	default:
		return (1);
	}
}

/* Says what a test expected and what came. */
static void
print_failure(const struct trial *t, const struct pit_step *s)
{
	static const char *const words[] = {
		[STEP_FIRST] = "first", [STEP_ANY] = "any",
		[STEP_NOT] = "not", [STEP_NONE] = "none",
		[STEP_SIGNAL] = "signal", [STEP_NO] = "no",
	};
	size_t i;

	printf("%s:%d: %s, test \"%s\": expected %s", s->at.file,
	    s->at.line, t->test->owner, t->test->name, words[s->type]);
	for (i = 0; i < s->ids.count; i++)
		printf("%s%s", i == 0 ? " " : "|", s->ids.list[i]);
	printf(", got");
	for (i = 0; i < t->r->cause_count; i++)
		printf("%s %s (%s, %d%%%s)", i == 0 ? "" : ",",
		    t->r->causes[i].id,
		    severity_name(t->r->causes[i].severity),
		    (int)(t->r->causes[i].confidence * 100 + 0.5),
		    wall_is_set(t->r->causes[i].cleared) ? ", cleared" : "");
	puts(i == 0 ? " no cause" : "");
	printf("    seen:");
	for (i = 0; i < t->c->signal_count + t->c->pattern_count; i++)
		if (diagnosis_seen(t->d,
		    catalogue_observable_id(t->c, (int)i)))
			printf(" %s", catalogue_observable_id(t->c, (int)i));
	puts("");
}

/* 1 when all that the test expects holds. */
static int
run_test(const struct catalogue *c, const struct pit_test *test)
{
	struct trial t = { c, test, diagnosis_new(c), report_new("test") };
	int passed = 1;
	size_t i;

	feed(&t);
	diagnosis_conclude(t.d, t.r);
	for (i = 0; passed && i < test->step_count; i++)
		if (!holds(&t, &test->steps[i])) {
			print_failure(&t, &test->steps[i]);
			passed = 0;
		}
	diagnosis_free(t.d);
	report_free(t.r);
	return (passed);
}

/* With a word: only the tests of blocks whose id or file holds it. */
static int
rules_test(const struct catalogue *c, const char *word)
{
	const struct pit_test *t;
	size_t i, passed = 0, failed = 0;

	for (i = 0; i < c->test_count; i++) {
		t = &c->tests[i];
		if (word != NULL && strstr(t->owner, word) == NULL &&
		    strstr(t->at.file, word) == NULL)
			continue;
		if (run_test(c, t))
			passed++;
		else
			failed++;
	}
	printf("%zu passed, %zu failed\n", passed, failed);
	return (failed > 0 ? EXIT_FINDINGS : EXIT_HEALTHY);
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
	c = catalogue_load(o->pitfalls, &known_names, 1, &errs);
	if (c == NULL)
		status = print_errors(&errs);
	else if (strcmp(argv[1], "check") == 0 && argc == 2)
		status = rules_check(c);
	else if (strcmp(argv[1], "test") == 0)
		status = rules_test(c, argc > 2 ? argv[2] : NULL);
	else if (strcmp(argv[1], "list") == 0)
		status = rules_list(c, argc > 2 ? argv[2] : NULL);
	else
		status = command_usage("rules");
	catalogue_free(c);
	errlist_free(&errs);
	return (status);
}
