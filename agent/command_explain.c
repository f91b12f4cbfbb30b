/* SPDX-License-Identifier: ISC */
/*
 * meetprobe explain ID | --line TEXT: an entry of the catalogue or a probe
 * in words; or what a log line means, or why nothing matches it. I/O.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/errlist.h"
#include "agent/base/limits.h"
#include "agent/command.h"
#include "agent/diagnosis/catalogue.h"
#include "agent/diagnosis/matcher.h"
#include "agent/diagnosis/say.h"
#include "agent/known.h"
#include "probes/logs/logs.h"
#include "probes/media/media.h"
#include "probes/probe.h"

static void
print_safe(struct str s)
{
	struct buf b;

	buf_init(&b, 1U << 20);
	buf_add_safe(&b, s);
	fputs(buf_cstr(&b), stdout);
	buf_free(&b);
}

/* Does an item stand for the observable, itself or as one of several? */
static int
item_names(const struct catalogue *c, const struct item *it, int observable)
{
	size_t i;

	if (it->type == ITEM_OBSERVABLE)
		return (it->observable == observable);
	for (i = 0; i < it->part_count; i++)
		if (item_names(c, &c->items[it->parts[i]], observable))
			return (1);
	return (0);
}

static int
pattern_names(const struct pattern *p, int observable)
{
	size_t s, k;

	for (s = 0; s < p->step_count; s++)
		for (k = 0; k < p->steps[s].count; k++)
			if (p->steps[s].list[k].index == observable)
				return (1);
	return (0);
}

/* The causes and patterns that an observable speaks for. */
static void
print_uses(const struct catalogue *c, int observable)
{
	const struct cause *cause;
	size_t i, k;

	for (i = 0; i < c->cause_count; i++) {
		cause = &c->causes[i];
		for (k = 0; k < cause->link_count; k++)
			if (item_names(c, &c->items[cause->links[k].item],
			    observable))
				printf("  %-10s %s: %s\n", strength_name(
				    cause->links[k].strength), cause->id,
				    cause->title);
	}
	for (i = 0; i < c->pattern_count; i++)
		if (pattern_names(&c->patterns[i], observable))
			printf("  part of    %s: %s\n", c->patterns[i].id,
			    c->patterns[i].title == NULL ? "a pattern" :
			    c->patterns[i].title);
}

static void
print_versions(const char *since, const char *until)
{
	if (since != NULL)
		printf("since version %s\n", since);
	if (until != NULL)
		printf("until version %s\n", until);
}

static void
explain_signal(const struct catalogue *c, size_t index)
{
	const struct signal *s = &c->signals[index];
	size_t i;

	printf("signal %s (%s)\n", s->id, signal_class_name(s->class));
	if (s->title != NULL)
		printf("%s\n", s->title);
	fputs("from", stdout);
	for (i = 1; i < COMPONENT_COUNT; i++)
		if (s->from & 1U << i)
			printf(" %s", component_name((enum component)i));
	puts(s->from == 0 ? " any component" : "");
	for (i = 0; i < s->texts.count; i++)
		printf("text \"%s\"\n", s->texts.list[i].written);
	print_versions(s->since, s->until);
	puts("It speaks for:");
	print_uses(c, (int)index);
	printf("(%s:%d)\n", s->at.file, s->at.line);
}

static void
explain_pattern(const struct catalogue *c, size_t index)
{
	const struct pattern *p = &c->patterns[index];
	static const char *const ops[] = {
		[PATTERN_THEN] = "then", [PATTERN_WITH] = "with",
		[PATTERN_NOT_FOLLOWED] = "not followed by",
		[PATTERN_NOT_PRECEDED] = "not preceded by",
		[PATTERN_WITHOUT] = "without", [PATTERN_BEFORE] = "before",
		[PATTERN_COUNT] = "times",
	};
	size_t s, k;

	printf("pattern %s (%s)\n", p->id, signal_class_name(p->class));
	if (p->title != NULL)
		printf("%s\n", p->title);
	if (p->op == PATTERN_COUNT)
		printf("%lld times or more ", (long long)p->count);
	for (s = 0; s < p->step_count; s++) {
		if (s > 0)
			printf(" %s ", ops[p->op]);
		for (k = 0; k < p->steps[s].count; k++)
			printf("%s%s", k == 0 ? "" : "|",
			    p->steps[s].list[k].id);
	}
	if (p->within_us > 0)
		printf(" within %llds", (long long)(p->within_us /
		    US_PER_SEC));
	if (p->key != NULL)
		printf(" by %s", p->key);
	puts("\nIt speaks for:");
	print_uses(c, (int)(c->signal_count + index));
	printf("(%s:%d)\n", p->at.file, p->at.line);
}

/* Nothing was seen: every hole is empty. */
static struct str
no_hole(void *arg, struct str name)
{
	(void)arg;
	(void)name;
	return (str_of(NULL, 0));
}

static void
explain_cause(const struct catalogue *c, size_t index)
{
	const struct cause *k = &c->causes[index];
	struct buf say;
	size_t i;

	buf_init(&say, LIMIT_CHECK_TEXT);
	say_sentence(k->say, no_hole, NULL, &say);
	printf("cause %s (%s, %s)\n%s\n", k->id, kind_name(k->kind),
	    severity_name(k->severity), k->title);
	if (strcmp(buf_cstr(&say), k->title) != 0)
		printf("\n%s\n", buf_cstr(&say));
	puts("\nEvidence:");
	buf_free(&say);
	for (i = 0; i < k->link_count; i++)
		printf("  %-10s %s\n", strength_name(k->links[i].strength),
		    c->items[k->links[i].item].name);
	for (i = 0; i < k->lead_count; i++)
		printf("  leads to   %s (%s)\n", k->leads[i].id,
		    strength_name(k->leads[i].strength));
	print_versions(k->since, k->until);
	puts("What to do:");
	for (i = 0; i < k->fix_count; i++) {
		printf("  [%s] %s (interrupts %s)\n", k->fixes[i].os,
		    k->fixes[i].text, interrupts_name(
		    k->fixes[i].interrupts));
		if (k->fixes[i].cmd != NULL)
			printf("      # %s\n", k->fixes[i].cmd);
	}
	if (k->prove != NULL)
		printf("Proof: meetprobe probe %s\n", k->prove);
	for (i = 0; i < k->refs.count; i++)
		printf("See: %s\n", k->refs.list[i]);
	printf("(%s:%d)\n", k->at.file, k->at.line);
}

static void
explain_probe(const struct probe *p)
{
	size_t i;

	printf("check %s (group %s, layer %s)\n%s\n", p->id, p->group,
	    layer_name(p->layer), p->sentence);
	for (i = 0; i < PROBE_NEEDS && p->needs[i] != NULL; i++)
		printf("needs %s\n", p->needs[i]);
	printf("Run it: meetprobe probe %s\n", p->id);
}

/* Does an item stand for the verdict, itself or as one of several? */
static int
item_is_verdict(const struct catalogue *c, const struct item *it,
    const char *id)
{
	size_t i;

	if (it->type == ITEM_VERDICT)
		return (strcmp(it->id, id) == 0);
	for (i = 0; i < it->part_count; i++)
		if (item_is_verdict(c, &c->items[it->parts[i]], id))
			return (1);
	return (0);
}

/* What packets can prove, and the causes that it speaks for. */
static void
explain_verdict(const struct catalogue *c, const char *id)
{
	const struct cause *cause;
	size_t i, k;

	printf("verdict %s (of `meetprobe media`)\n%s\n", id,
	    media_verdict_title(id));
	for (i = 0; i < c->cause_count; i++) {
		cause = &c->causes[i];
		for (k = 0; k < cause->link_count; k++)
			if (item_is_verdict(c,
			    &c->items[cause->links[k].item], id))
				printf("  %-10s %s: %s\n", strength_name(
				    cause->links[k].strength), cause->id,
				    cause->title);
	}
}

/* Tells one that is nearly the same; the first one after a headline. */
static void
near(const char *id, const char *other, int *told)
{
	struct str a = str_from(id), b = str_from(other);

	if (a.n == 0 || (str_distance(a, b, 3) > 3 &&
	    str_find(b, id) == SIZE_MAX))
		return;
	fprintf(stderr, "%s  %s\n", *told ? "" : "near it:\n", other);
	*told = 1;
}

static int
explain_unknown(const struct catalogue *c, const char *id)
{
	int told = 0;
	size_t i;

	fprintf(stderr, "meetprobe: nothing is called \"%s\"\n", id);
	for (i = 0; i < c->ids.count; i++) {
		char name[128];

		snprintf(name, sizeof(name), "%.*s",
		    STR_ARG(c->ids.list[i].key));
		near(id, name, &told);
	}
	for (i = 0; probe_table[i] != NULL; i++)
		near(id, probe_table[i]->id, &told);
	return (EXIT_USAGE);
}

static int
explain_id(const struct catalogue *c, const char *id)
{
	const struct pit_entry *e = catalogue_find(c, str_from(id));
	const struct probe *p = probe_find(id);

	if (e == NULL && p == NULL && media_verdict_id(str_from(id)) == NULL)
		return (explain_unknown(c, id));
	if (e == NULL && p == NULL)
		explain_verdict(c, id);
	else if (p != NULL)
		explain_probe(p);
	else if (e->type == ENTRY_SIGNAL)
		explain_signal(c, e->index);
	else if (e->type == ENTRY_PATTERN)
		explain_pattern(c, e->index);
	else
		explain_cause(c, e->index);
	return (EXIT_HEALTHY);
}

static void
print_match(const struct catalogue *c, const struct match *m)
{
	const struct signal *s = &c->signals[m->signal];
	size_t i;

	printf("signal %s (%s): %s\n", s->id, signal_class_name(s->class),
	    s->title == NULL ? "" : s->title);
	for (i = 0; i < m->capture_count; i++) {
		printf("  {%s} = ", m->captures[i].name);
		print_safe(m->captures[i].value);
		putchar('\n');
	}
	print_uses(c, (int)m->signal);
}

/* A signal whose text is there but that does not match, and why. */
static void
print_miss(const struct catalogue *c, size_t signal, enum match_miss miss,
    const struct record *rec)
{
	const struct signal *s = &c->signals[signal];

	printf("not %s: its text is there, but ", s->id);
	switch (miss) {
	case MISS_LEVEL:
		printf("the level is %s\n", log_level_name(rec->level));
		break;
	case MISS_LOGGER:
		printf("the logger does not hold \"%s\"\n", s->logger);
		break;
	case MISS_AND:
		puts("something else that must be in the record is not");
		break;
	case MISS_NOT:
		puts("something that must not be in the record is");
		break;
	default:
		printf("the line is of %s\n", component_name(
		    rec->component));
	}
}

/* How many words of the signal's texts stand in the message. */
static size_t
common_words(const struct signal *s, struct str message)
{
	struct str left, word;
	size_t i, n = 0, best = 0;
	char text[64];

	for (i = 0; i < s->texts.count; i++) {
		left = str_from(s->texts.list[i].written);
		n = 0;
		while ((word = str_word(&left)).n > 0) {
			if (word.n < 4 || word.n >= sizeof(text) ||
			    str_chr(word, '{') != SIZE_MAX)
				continue;
			snprintf(text, sizeof(text), "%.*s", STR_ARG(word));
			n += str_find(message, text) != SIZE_MAX;
		}
		if (n > best)
			best = n;
	}
	return (best);
}

static void
print_nearest(const struct catalogue *c, struct str message)
{
	size_t i, n, best = 0, shown = 0;

	for (i = 0; i < c->signal_count; i++)
		if ((n = common_words(&c->signals[i], message)) > best)
			best = n;
	if (best == 0) {
		puts("no signal has a word in common with it");
		return;
	}
	printf("nearest, with %zu word%s in common:\n", best,
	    best == 1 ? "" : "s");
	for (i = 0; i < c->signal_count && shown < 5; i++)
		if (common_words(&c->signals[i], message) == best) {
			printf("  %s: \"%s\"\n", c->signals[i].id,
			    c->signals[i].texts.list[0].written);
			shown++;
		}
}

static void
explain_record(const struct catalogue *c, const struct record *rec)
{
	struct record any = *rec;
	struct match match;
	enum match_miss miss;
	size_t i, found = 0;

	printf("read as: %s, level %s, session ",
	    rec->component == COMPONENT_NONE ? "no component" :
	    component_name(rec->component), log_level_name(rec->level));
	print_safe(rec->session);
	fputs(", message \"", stdout);
	print_safe(rec->message);
	puts("\"");
	for (i = 0; i < c->signal_count; i++)
		if (matcher_try(c->matcher, i, rec, &match) == MISS_NOTHING) {
			print_match(c, &match);
			found++;
		}
	any.component = COMPONENT_NONE;
	for (i = 0; i < c->signal_count; i++) {
		miss = matcher_try(c->matcher, i, rec, &match);
		if (miss == MISS_COMPONENT && matcher_try(c->matcher, i,
		    &any, &match) == MISS_NOTHING)
			print_miss(c, i, miss, rec);
		else if (miss > MISS_TEXT)
			print_miss(c, i, miss, rec);
	}
	if (found == 0) {
		puts("no signal matches this line");
		print_nearest(c, rec->message);
	}
}

static int
explain_line(const struct catalogue *c, const char *line)
{
	const struct log_text *text;
	struct log_source *src;
	struct record rec;
	size_t at;
	int any = 0;

	src = logs_memory("line", str_from(line), COMPONENT_NONE, NULL,
	    WALL_NONE);
	while ((text = logs_next(src)) != NULL)
		for (at = 0; at < text->text.n; ) {
			at = text->record_next(text, at, &rec);
			if (at == SIZE_MAX)
				break;
			explain_record(c, &rec);
			any = 1;
		}
	logs_close(src);
	if (!any)
		puts("the line is empty");
	return (EXIT_HEALTHY);
}

int
command_explain(const struct options *o, int argc, char **argv)
{
	struct catalogue *c;
	struct errlist errs;
	struct buf b;
	int status;

	if (argc != 2 && !(argc == 3 && strcmp(argv[1], "--line") == 0))
		return (command_usage("explain"));
	errlist_init(&errs);
	if ((c = catalogue_load(o->pitfalls, &known_names, 0, &errs)) == NULL) {
		buf_init(&b, 1U << 24);
		errlist_print(&errs, &b);
		fputs(buf_cstr(&b), stderr);
		buf_free(&b);
		status = EXIT_USAGE;
	} else if (argc == 3)
		status = explain_line(c, argv[2]);
	else
		status = explain_id(c, argv[1]);
	catalogue_free(c);
	errlist_free(&errs);
	return (status);
}
