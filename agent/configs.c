/* SPDX-License-Identifier: ISC */
/*
 * Configuration files to facts, findings, checks and coverage. I/O through
 * the readers.
 */
#include <sys/types.h>
#include <sys/stat.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "agent/conf.h"
#include "agent/configs.h"
#include "agent/diagnosis/diagnosis.h"
#include "agent/diagnosis/report.h"
#include "agent/facts/fact.h"
#include "agent/facts/finding.h"
#include "agent/facts/site.h"
#include "agent/facts/version.h"
#include "agent/gather.h"
#include "agent/inputs.h"
#include "agent/pf_evidence.h"
#include "agent/site_find.h"
#include "probes/config/config.h"
#include "probes/packages.h"

void
site_find_files(struct site *s, const struct conf *c)
{
	struct config_set *set = config_set_new();

	configs_add_conf(set, c);
	(void)config_add_host(set);
	config_read(set);
	config_fill_site(set, s);
	config_set_free(set);
}

void
configs_add_one(struct config_set *set, const char *kind, const char *host,
    const char *path, int (*skip)(void *, const char *), void *arg)
{
	const char *why;
	char *argument;
	struct stat st;

	if (kind == NULL && stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
		(void)config_add_directory(set, path, skip, arg);
		return;
	}
	if (kind == NULL)
		argument = mem_strdup(path);
	else
		argument = mem_printf("%s%s%s=%s", kind,
		    host == NULL ? "" : "@", host == NULL ? "" : host, path);
	if (config_add_argument(set, argument, &why) == -1 && kind != NULL)
		(void)config_add_argument(set, path, &why);
	free(argument);
}

void
configs_add_conf(struct config_set *set, const struct conf *c)
{
	const struct conf_file *f;
	size_t i;

	for (i = 0; i < c->configs.count; i++) {
		f = &c->configs.list[i];
		configs_add_one(set, f->what, f->host, f->path, NULL, NULL);
	}
}

/* Was a file of a folder found to be a log, a capture or evidence? */
static int
is_other_input(void *arg, const char *path)
{
	const struct inputs *in = arg;
	size_t i;

	for (i = 0; in != NULL && i < in->count; i++)
		if (in->list[i].type != INPUT_CONFIG &&
		    strcmp(in->list[i].path, path) == 0)
			return (1);
	return (0);
}

void
configs_each(const struct gather *g, void (*fn)(void *, const char *,
    const char *, const char *), void *arg)
{
	const struct conf_file *f;
	const struct input *in;
	size_t i;

	for (i = 0; !g->named && i < g->conf->configs.count; i++) {
		f = &g->conf->configs.list[i];
		fn(arg, f->what, f->host, f->path);
	}
	for (i = 0; g->named && i < g->inputs->count; i++) {
		in = &g->inputs->list[i];
		if (in->type == INPUT_CONFIG)
			fn(arg, in->kind, in->host, in->path);
	}
}

/* Files are added to the set, but for what else the inputs are. */
struct adding {
	struct config_set *set;
	const struct inputs *inputs;
};

static void
add_file(void *arg, const char *kind, const char *host, const char *path)
{
	const struct adding *a = arg;

	configs_add_one(a->set, kind, host, path, is_other_input,
	    (void *)(uintptr_t)a->inputs);
}

/* Severity to the state of the check that a finding belongs to. */
static enum state
state_of(enum severity severity)
{
	switch (severity) {
	case SEVERITY_DOWN:
	case SEVERITY_DEGRADED: return (STATE_FAIL);
	case SEVERITY_RISK: return (STATE_WARN);
	default: return (STATE_PASS);
	}
}

/* Sets a check's result from the worst finding of its id. */
static void
judge(struct check *check, const struct findings *findings)
{
	const struct finding *f, *worst = NULL;
	size_t i;

	for (i = 0; i < findings->count; i++) {
		f = &findings->list[i];
		if (strcmp(f->probe, check->id) != 0)
			continue;
		check_say(check, "%s:%d: %s [%s]", f->at.file == NULL ? "" :
		    f->at.file, f->at.line, f->message, f->id);
		if (worst == NULL || f->severity < worst->severity)
			worst = f;
	}
	if (worst == NULL)
		check_result(check, STATE_PASS, LAYER_CONFIG, REASON_OK,
		    "nothing that does not fit");
	else
		check_result(check, state_of(worst->severity), LAYER_CONFIG,
		    state_of(worst->severity) == STATE_PASS ? REASON_OK :
		    REASON_ROLE_CONFLICT, "%s:%d: %s [%s]",
		    worst->at.file == NULL ? "" : worst->at.file,
		    worst->at.line, worst->message, worst->id);
}

/* A finding that meetprobe.conf waives is a note. */
static void
waive(const struct conf *c, struct findings *findings)
{
	wall_t now = wall_now();
	size_t i;

	for (i = 0; i < findings->count; i++)
		if (conf_waived(c, findings->list[i].id, now) != NULL)
			findings->list[i].severity = SEVERITY_NOTE;
}

static int
has_check(const struct report *r, const char *id)
{
	size_t i;

	for (i = 0; i < r->check_count; i++)
		if (strcmp(r->checks[i].check.id, id) == 0)
			return (1);
	return (0);
}

static void
add_check(struct gather *g, const char *id, const struct findings *findings)
{
	struct check check;

	if (has_check(g->report, id))
		return;
	check_init(&check, id, "config", "");
	check.when = wall_now();
	check.required = 1;
	judge(&check, findings);
	report_add_check(g->report, &check);
}

/* A check for each kind of file read, and for each rule that spoke. */
static void
add_checks(struct gather *g, const struct config_set *set,
    const struct findings *findings)
{
	const struct config_file *f;
	size_t i;

	for (i = 0; i < set->count; i++) {
		f = &set->list[i];
		if (f->reader != NULL && f->state == COVERAGE_READ)
			add_check(g, f->reader->check, findings);
	}
	for (i = 0; i < findings->count; i++)
		add_check(g, findings->list[i].probe, findings);
}

static void
add_facts(struct gather *g, const struct facts *facts)
{
	const struct map_entry *e;
	struct str subject, name;
	size_t i;

	for (i = 0; i < facts->values.count; i++) {
		e = &facts->values.list[i];
		subject = e->key;
		name = str_split(&subject, '\0');
		(void)diagnosis_add_fact(g->diagnosis, name, subject,
		    str_from(e->value));
		if (g->facts != NULL)
			(void)facts_set(g->facts, name, subject,
			    str_from(e->value));
	}
}

static void
add_coverage(struct gather *g, const struct config_set *set)
{
	const struct config_file *f;
	char *hint;
	size_t i;

	for (i = 0; i < set->count; i++) {
		f = &set->list[i];
		if (config_is_other(f))
			continue;
		report_add_coverage(g->report, f->name, f->state, WALL_NONE,
		    WALL_NONE, f->lines.count, f->hint, g->named);
	}
	for (i = 0; i < set->tree_count; i++) {
		if (set->trees[i].others == 0)
			continue;
		hint = mem_printf("files of no kind that is read: %zu",
		    set->trees[i].others);
		report_add_coverage(g->report, set->trees[i].root,
		    COVERAGE_PARTIAL, WALL_NONE, WALL_NONE, 0, hint, 0);
		free(hint);
	}
}

void
gather_configs(struct gather *g)
{
	struct config_set *set = config_set_new();
	struct adding a = { set, g->inputs };

	configs_each(g, add_file, &a);
	if (!g->named)
		(void)config_add_host(set);
	config_read(set);
	add_coverage(g, set);
	g->configs = set;
}

/* What logs, probes and peers said; on the host itself its packages, when
 * they said nothing. */
static void
find_versions(const struct gather *g, struct versions *v)
{
	diagnosis_versions(g->diagnosis, v);
	if (!g->named && v->count == 0)
		packages_find(v, "");
}

void
gather_rules(struct gather *g)
{
	struct config_set *set = g->configs;
	struct findings findings;
	struct facts facts;

	if (set == NULL)
		return;
	find_versions(g, &set->known);
	findings_init(&findings);
	facts_init(&facts);
	config_lint(set, wall_now(), &findings, &facts);
	if (g->pf_file_waits)
		findings_drop(&findings, pf_evidence_of_file);
	waive(g->conf, &findings);
	diagnosis_add_findings(g->diagnosis, &findings);
	add_facts(g, &facts);
	add_checks(g, set, &findings);
	facts_free(&facts);
	if (g->findings != NULL)
		*g->findings = findings;
	else
		findings_free(&findings);
	config_set_free(set);
	g->configs = NULL;
}
