/* SPDX-License-Identifier: ISC */
/*
 * The catalogue: loading the built-in files and those of a folder, finding
 * by id, freeing. I/O: reads the folder that the user named, nothing else.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/mem.h"
#include "agent/diagnosis/matcher.h"
#include "agent/diagnosis/parse.h"

static void
free_texts(struct pit_texts *t)
{
	free(t->list);
}

static void
free_signal(struct signal *s)
{
	free_texts(&s->texts);
	free_texts(&s->with);
	free_texts(&s->without);
	free(s->holes);
	free(s->samples.list);
}

static void
free_pattern(struct pattern *p)
{
	size_t i;

	for (i = 0; i < PATTERN_STEPS; i++)
		free(p->steps[i].list);
	free(p->clear.list);
	free(p->except.list);
}

static void
free_cause(struct cause *c)
{
	free(c->links);
	free(c->leads);
	free(c->fixes);
	free(c->clear.list);
	free(c->refs.list);
}

static void
free_test(struct pit_test *t)
{
	size_t i;

	for (i = 0; i < t->step_count; i++)
		free(t->steps[i].ids.list);
	free(t->steps);
}

void
catalogue_free(struct catalogue *c)
{
	size_t i;

	if (c == NULL)
		return;
	matcher_free(c->matcher);
	for (i = 0; i < c->signal_count; i++)
		free_signal(&c->signals[i]);
	for (i = 0; i < c->pattern_count; i++)
		free_pattern(&c->patterns[i]);
	for (i = 0; i < c->cause_count; i++)
		free_cause(&c->causes[i]);
	for (i = 0; i < c->test_count; i++)
		free_test(&c->tests[i]);
	for (i = 0; i < c->ids.count; i++)
		free(c->ids.list[i].value);
	for (i = 0; i < c->string_count; i++)
		free(c->strings[i]);
	map_free(&c->ids);
	map_free(&c->item_names);
	free(c->signals);
	free(c->patterns);
	free(c->causes);
	free(c->items);
	free(c->tests);
	free(c->strings);
	free(c);
}

static struct catalogue *
new_catalogue(void)
{
	struct catalogue *c = mem_zalloc(1, sizeof(*c));

	map_init(&c->ids, LIMIT_PIT_LIST);
	map_init(&c->item_names, LIMIT_PIT_LIST);
	return (c);
}

const struct pit_entry *
catalogue_find(const struct catalogue *c, struct str id)
{
	return (map_get(&c->ids, id));
}

const struct cause *
catalogue_cause(const struct catalogue *c, struct str id)
{
	const struct pit_entry *e = catalogue_find(c, id);

	return (e == NULL || e->type != ENTRY_CAUSE ? NULL :
	    &c->causes[e->index]);
}

const char *
catalogue_observable_id(const struct catalogue *c, int i)
{
	size_t n = (size_t)i;

	return (n < c->signal_count ? c->signals[n].id :
	    c->patterns[n - c->signal_count].id);
}

const char *
catalogue_observable_title(const struct catalogue *c, int i)
{
	size_t n = (size_t)i;

	return (n < c->signal_count ? c->signals[n].title :
	    c->patterns[n - c->signal_count].title);
}

enum signal_class
catalogue_observable_class(const struct catalogue *c, int i)
{
	size_t n = (size_t)i;

	return (n < c->signal_count ? c->signals[n].class :
	    c->patterns[n - c->signal_count].class);
}

/* Where the block of an id stands, and of which set it is. */
static struct pit_place
entry_place(const struct catalogue *c, const struct pit_entry *e, int *set)
{
	switch (e->type) {
	case ENTRY_SIGNAL:
		*set = c->signals[e->index].set;
		return (c->signals[e->index].at);
	case ENTRY_PATTERN:
		*set = c->patterns[e->index].set;
		return (c->patterns[e->index].at);
	case ENTRY_CAUSE:
		break;
	}
	*set = c->causes[e->index].set;
	return (c->causes[e->index].at);
}

/* The element of an id that is there, emptied to be written again. */
static void *
replace(struct catalogue *c, const struct pit_entry *e)
{
	switch (e->type) {
	case ENTRY_SIGNAL:
		free_signal(&c->signals[e->index]);
		return (&c->signals[e->index]);
	case ENTRY_PATTERN:
		free_pattern(&c->patterns[e->index]);
		return (&c->patterns[e->index]);
	case ENTRY_CAUSE:
		break;
	}
	free_cause(&c->causes[e->index]);
	return (&c->causes[e->index]);
}

void *
pit_claim(struct pit_reader *r, const char *id, enum entry_type type)
{
	struct catalogue *c = r->c;
	struct pit_entry *e = map_get(&c->ids, str_from(id));
	struct pit_place at;
	void **slot;
	int set;

	if (e != NULL) {
		at = entry_place(c, e, &set);
		if (set == r->set || e->type != type) {
			pit_error(r, 1, "the id %s is taken: %s:%d", id,
			    at.file, at.line);
			return (NULL);
		}
		return (replace(c, e));
	}
	e = mem_zalloc(1, sizeof(*e));
	e->type = type;
	slot = map_put(&c->ids, str_from(id));
	if (slot == NULL)
		fatal("catalogue: too many ids");
	*slot = e;
	switch (type) {
	case ENTRY_SIGNAL:
		c->signals = pit_more(c->signals, &c->signal_count,
		    &c->signal_cap, sizeof(*c->signals));
		e->index = c->signal_count - 1;
		return (&c->signals[e->index]);
	case ENTRY_PATTERN:
		c->patterns = pit_more(c->patterns, &c->pattern_count,
		    &c->pattern_cap, sizeof(*c->patterns));
		e->index = c->pattern_count - 1;
		return (&c->patterns[e->index]);
	case ENTRY_CAUSE:
		break;
	}
	c->causes = pit_more(c->causes, &c->cause_count, &c->cause_cap,
	    sizeof(*c->causes));
	e->index = c->cause_count - 1;
	return (&c->causes[e->index]);
}

static void
read_text(struct catalogue *c, const struct catalogue_names *names,
    struct errlist *errs, const char *file, int set, int skip_tests,
    struct str text)
{
	struct pit_reader *r = mem_zalloc(1, sizeof(*r));

	r->c = c;
	r->names = names;
	r->errs = errs;
	r->file = pit_keep(c, str_from(file));
	r->set = set;
	r->skip_tests = skip_tests;
	r->left = text;
	while (pit_next(r)) {
		if (pit_is(r, 0, "signal"))
			pit_signal(r);
		else if (pit_is(r, 0, "pattern"))
			pit_pattern(r);
		else if (pit_is(r, 0, "cause"))
			pit_cause(r);
		else
			pit_expected(r, 0, "signal, pattern or cause");
	}
	free(r);
}

/* Reads a file as a whole; -1 and said. */
static int
read_file(const char *path, struct buf *b, struct errlist *errs)
{
	char chunk[8192];
	size_t n;
	FILE *f;

	if ((f = fopen(path, "r")) == NULL) {
		errlist_add(errs, path, 0, 0, "cannot be opened");
		return (-1);
	}
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		buf_add(b, chunk, n);
	n = (size_t)ferror(f);
	fclose(f);
	if (n != 0 || b->full) {
		errlist_add(errs, path, 0, 0, b->full ?
		    "is larger than 4 MiB" : "cannot be read");
		return (-1);
	}
	return (0);
}

static int
by_name(const void *a, const void *b)
{
	return (strcmp(*(char *const *)a, *(char *const *)b));
}

/* The names of the *.pit files of a folder, sorted; freed by the caller. */
static void
list_folder(const char *dir, struct pit_strings *out, struct errlist *errs)
{
	struct dirent *e;
	DIR *d;

	if ((d = opendir(dir)) == NULL) {
		errlist_add(errs, dir, 0, 0, "cannot be opened");
		return;
	}
	while ((e = readdir(d)) != NULL) {
		if (!str_ends(str_from(e->d_name), ".pit"))
			continue;
		if (out->count == LIMIT_PIT_FILES) {
			errlist_add(errs, dir, 0, 0, "more than %d files",
			    LIMIT_PIT_FILES);
			break;
		}
		pit_strings_add(out, mem_printf("%s/%s", dir, e->d_name));
	}
	closedir(d);
	if (out->count > 0)
		qsort(out->list, out->count, sizeof(*out->list), by_name);
}

static void
read_folder(struct catalogue *c, const char *dir,
    const struct catalogue_names *names, struct errlist *errs)
{
	struct pit_strings files = { 0 };
	struct buf b;
	size_t i;

	list_folder(dir, &files, errs);
	for (i = 0; i < files.count; i++) {
		buf_init(&b, LIMIT_CONFIG_FILE);
		if (read_file(files.list[i], &b, errs) == 0)
			read_text(c, names, errs, files.list[i], 1, 0,
			    buf_str(&b));
		buf_free(&b);
		free((void *)(uintptr_t)files.list[i]);
	}
	free(files.list);
}

/* Tests of a block that a later set replaced are gone with it. */
static void
drop_old_tests(struct catalogue *c)
{
	const struct pit_entry *e;
	size_t i, kept = 0;
	int set;

	for (i = 0; i < c->test_count; i++) {
		e = catalogue_find(c, str_from(c->tests[i].owner));
		set = c->tests[i].set;
		if (e != NULL)
			entry_place(c, e, &set);
		if (set > c->tests[i].set)
			free_test(&c->tests[i]);
		else
			c->tests[kept++] = c->tests[i];
	}
	c->test_count = kept;
}

/* Numbers, matcher; the catalogue, or NULL when anything is wrong. */
static struct catalogue *
finish(struct catalogue *c, struct errlist *errs)
{
	drop_old_tests(c);
	pit_resolve(c, errs);
	if (errs->count == 0)
		c->matcher = matcher_new(c, errs);
	if (errs->count > 0) {
		catalogue_free(c);
		return (NULL);
	}
	return (c);
}

struct catalogue *
catalogue_load(const char *dir, const struct catalogue_names *names,
    int tests, struct errlist *errs)
{
	struct catalogue *c = new_catalogue();
	size_t i;

	for (i = 0; i < pit_file_count; i++)
		read_text(c, names, errs, pit_files[i].name, 0, !tests,
		    str_of(pit_files[i].text, pit_files[i].len));
	if (dir != NULL)
		read_folder(c, dir, names, errs);
	return (finish(c, errs));
}

struct catalogue *
catalogue_parse(const char *file, struct str text,
    const struct catalogue_names *names, struct errlist *errs)
{
	struct catalogue *c = new_catalogue();

	read_text(c, names, errs, file, 0, 0, text);
	return (finish(c, errs));
}
