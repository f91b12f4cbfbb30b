/* SPDX-License-Identifier: ISC */
/*
 * The set of all configuration files: taking them in, running the readers,
 * finding them again. Pure but for the helper children that isolate.c starts;
 * owns the texts and models.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "probes/config/config.h"
#include "probes/config/isolate.h"
#include "probes/config/set.h"
#include "probes/config/spelling.h"

/* Passwords tried on a key store. */
#define PASSWORDS 16

struct config_set *
config_set_new(void)
{
	return (mem_zalloc(1, sizeof(struct config_set)));
}

void
config_set_free(struct config_set *set)
{
	struct config_file *f;
	size_t i;

	if (set == NULL)
		return;
	for (i = 0; i < set->count; i++) {
		f = &set->list[i];
		free(f->name);
		free(f->host);
		/* secrets stand in many of them */
		mem_wipe_bytes((char *)(uintptr_t)f->text.p, f->text.n);
		free((char *)(uintptr_t)f->text.p);
		free(f->sources);
		lines_free(&f->lines);
		model_free(&f->model);
	}
	free(set->list);
	for (i = 0; i < set->tree_count; i++)
		free(set->trees[i].root);
	free(set->trees);
	free(set->environment);
	free(set);
}

int
config_add_text(struct config_set *set, const char *kind, const char *host,
    const char *name, struct str text, int mode)
{
	struct config_file *list, *f;
	struct str said = str_from(host);

	list = mem_grow(set->list, set->count, &set->cap, sizeof(*list),
	    LIMIT_CONFIG_FILES);
	if (list == NULL)
		return (-1);
	set->list = list;
	f = &list[set->count++];
	memset(f, 0, sizeof(*f));
	f->name = mem_strdup(name);
	f->text = str_of(mem_str(text), text.n);
	f->mode = mode;
	f->state = text.n == 0 ? COVERAGE_EMPTY : COVERAGE_READ;
	f->reader = kind[0] != '\0' ? reader_find(str_from(kind)) :
	    reader_recognise(str_from(f->name), f->text, &said);
	if (kind[0] != '\0' && host == NULL)
		(void)reader_recognise(str_from(f->name), f->text, &said);
	if (said.n > 0)
		f->host = mem_str(said);
	model_init(&f->model);
	lines_init(&f->lines, f->text);
	if (f->reader == NULL && f->state == COVERAGE_READ) {
		f->state = COVERAGE_UNREADABLE;
		f->hint = "not a kind of file that is read";
	}
	return ((int)set->count - 1);
}

const struct config_file *
config_next(const struct config_set *set, const char *kind,
    const struct config_file *after)
{
	size_t i = after == NULL ? 0 : (size_t)(after - set->list) + 1;

	for (; i < set->count; i++)
		if (set->list[i].reader != NULL && !set->list[i].used &&
		    strcmp(set->list[i].reader->kind, kind) == 0)
			return (&set->list[i]);
	return (NULL);
}

const struct config_file *
config_find(const struct config_set *set, const char *kind, const char *host)
{
	const struct config_file *f = NULL;

	while ((f = config_next(set, kind, f)) != NULL)
		if (host == NULL || (f->host != NULL &&
		    strcmp(f->host, host) == 0))
			return (f);
	return (NULL);
}

static int
same_host(const struct config_file *a, const struct config_file *b)
{
	if (a->host == NULL || b->host == NULL)
		return (a->host == b->host);
	return (strcmp(a->host, b->host) == 0);
}

/* A name of a piece that a main file includes, not of a main file. */
static int
is_piece(const struct config_file *f)
{
	static const char *const folders[] = { "conf.d/", "conf.avail/",
	    "sites-enabled/", "sites-available/", "snippets/" };
	size_t i;

	for (i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		if (str_find(str_from(f->name), folders[i]) != SIZE_MAX)
			return (1);
	return (0);
}

static void
add_source(struct config_file *f, struct config_source *list, size_t number,
    const struct config_file *from)
{
	f->sources[f->source_count] = number;
	list[f->source_count++] = (struct config_source){
	    str_from(from->name), str_from(from->reader == NULL ? "" :
	    from->reader->kind), from->text };
}

/*
 * What a reader sees: the file, then those it may include: of its own kind
 * and host, or not of any known kind.
 */
static struct config_source *
sources_of(struct config_set *set, struct config_file *f)
{
	struct config_source *list = mem_zalloc(set->count + 1,
	    sizeof(*list));
	const struct config_file *other;
	size_t i;

	f->sources = mem_zalloc(set->count + 1, sizeof(*f->sources));
	add_source(f, list, (size_t)(f - set->list), f);
	for (i = 0; i < set->count; i++) {
		other = &set->list[i];
		if (other != f && same_host(f, other) &&
		    (other->reader == f->reader || other->reader == NULL) &&
		    strcmp(f->reader->kind, "certificate") != 0)
			add_source(f, list, i, other);
	}
	return (list);
}

/* Marks the files that were read as an include of this one. */
static void
mark_used(struct config_set *set, const struct config_file *f)
{
	struct config_file *other;
	size_t i;

	for (i = 1; i < f->source_count; i++) {
		if (i >= sizeof(f->model.included) || !f->model.included[i])
			continue;
		other = &set->list[f->sources[i]];
		if (other->text.n == 0)
			continue;	/* it may be one that cannot be read */
		other->used = 1;
		other->state = COVERAGE_READ;
		other->hint = NULL;
	}
}

static void
not_back(struct config_file *f)
{
	model_problem(&f->model, "config-not-read", 0, 0, 0,
	    "reading this file took more than a second or %u MB: it computes, "
	    "loops or is damaged", LIMIT_CONFIG_CHILD_MEMORY >> 20);
	f->model.partial = 1;
}

static int
wanted(const struct config_file *f, int pieces, int isolate)
{
	return (f->reader != NULL && f->state == COVERAGE_READ && !f->used &&
	    f->sources == NULL && is_piece(f) == pieces &&
	    f->reader->isolate == isolate &&
	    strcmp(f->reader->kind, "keystore") != 0);
}

/* Reads main files, or the pieces that no main file has included. */
static void
read_round(struct config_set *set, int pieces)
{
	struct isolate_job *jobs = mem_zalloc(set->count + 1, sizeof(*jobs));
	struct config_sources s = { NULL, 0, str_from(set->environment) };
	size_t i, n = 0, *number = mem_zalloc(set->count + 1, sizeof(*number));
	struct config_file *f;

	for (i = 0; i < set->count; i++) {
		f = &set->list[i];
		if (!wanted(f, pieces, 0) && !wanted(f, pieces, 1))
			continue;
		s.list = sources_of(set, f);
		s.count = f->source_count;
		if (!f->reader->isolate || set->in_process) {
			f->reader->read(&s, &f->model);
			spelling_check(str_from(f->reader->kind), &f->model);
			mark_used(set, f);
			free((void *)(uintptr_t)s.list);
			continue;
		}
		number[n] = i;
		jobs[n++] = (struct isolate_job){ f->reader, s, &f->model, 0 };
	}
	isolate_run(jobs, n);
	for (i = 0; i < n; i++) {
		f = &set->list[number[i]];
		if (jobs[i].failed)
			not_back(f);
		spelling_check(str_from(f->reader->kind), &f->model);
		mark_used(set, &set->list[number[i]]);
		free((void *)(uintptr_t)jobs[i].sources.list);
	}
	free(jobs);
	free(number);
}

/*
 * Passwords that the configuration names for key stores, in the order of the
 * files. With `want`, stops there: its number is the result.
 */
static size_t
passwords(const struct config_set *set, struct config_source *list,
    size_t max, const struct item *want)
{
	const struct config_file *f;
	const struct item *it;
	size_t i, k, n = 0;

	for (i = 0; i < set->count; i++) {
		f = &set->list[i];
		for (k = 0; k < f->model.count && n < max; k++) {
			it = &f->model.list[k];
			if (strstr(it->key, "TRUSTSTORE_PASSWORD") == NULL &&
			    strncmp(it->key, "keystore/", 9) != 0)
				continue;
			list[n++] = (struct config_source){ str_from(f->name),
			    STR_LIT("password"), str_from(it->value) };
			if (it == want)
				return (n);
		}
	}
	return (want == NULL ? n : 0);
}

size_t
config_password_number(const struct config_set *set, const struct item *it)
{
	struct config_source list[PASSWORDS];

	return (it == NULL ? 0 : passwords(set, list, PASSWORDS - 1, it));
}

static void
read_keystores(struct config_set *set)
{
	struct config_source *list;
	struct isolate_job job;
	struct config_file *f;
	size_t i, n;

	for (i = 0; i < set->count; i++) {
		f = &set->list[i];
		if (f->reader == NULL || f->state != COVERAGE_READ ||
		    strcmp(f->reader->kind, "keystore") != 0)
			continue;
		list = mem_zalloc(1 + PASSWORDS, sizeof(*list));
		f->sources = mem_zalloc(1, sizeof(*f->sources));
		f->sources[0] = i;
		f->source_count = 1;
		list[0] = (struct config_source){ str_from(f->name),
		    str_from("keystore"), f->text };
		n = 1 + passwords(set, list + 1, PASSWORDS - 1, NULL);
		list[n++] = (struct config_source){ str_from(f->name),
		    STR_LIT("password"), STR_LIT("changeit") };
		job = (struct isolate_job){ f->reader,
		    { list, n, { NULL, 0 } }, &f->model, 0 };
		if (set->in_process)
			f->reader->read(&job.sources, &f->model);
		else
			isolate_run(&job, 1);
		if (job.failed)
			not_back(f);
		free(list);
	}
}

int
config_is_other(const struct config_file *f)
{
	return (f->found && f->reader == NULL && !f->used);
}

/* Counts what the folders hold besides. */
static void
count_others(struct config_set *set)
{
	const struct config_file *f;
	size_t i, k;

	for (i = 0; i < set->count; i++) {
		f = &set->list[i];
		for (k = 0; config_is_other(f) && k < set->tree_count; k++)
			if (str_starts(str_from(f->name),
			    set->trees[k].root)) {
				set->trees[k].others++;
				break;
			}
	}
}

void
config_read(struct config_set *set)
{
	size_t i;

	if (set->read)
		return;
	set->read = 1;
	read_round(set, 0);
	read_round(set, 1);
	if (set->local && config_add_named(set) > 0)
		read_round(set, 0);
	read_keystores(set);
	for (i = 0; i < set->count; i++)
		if (set->list[i].model.partial)
			set->list[i].state = COVERAGE_PARTIAL;
	count_others(set);
}

const struct config_file *
config_source_file(const struct config_set *set, const struct config_file *f,
    int source)
{
	if (source < 0 || (size_t)source >= f->source_count)
		return (f);
	return (&set->list[f->sources[source]]);
}
