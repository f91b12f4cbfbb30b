/* SPDX-License-Identifier: ISC */
/*
 * The table of findings, and the run of all rules over a set of files. Pure.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/facts/fact.h"
#include "agent/facts/finding.h"
#include "probes/config/config.h"
#include "probes/config/lint.h"
#include "probes/config/redact.h"
#include "probes/config/rules.h"
#include "probes/config/set.h"

#define LINT(id, severity, meaning) \
	{ id, SEVERITY_##severity, meaning },
const struct lint_row lint_table[] = {
#include "probes/config/lint.def"
};
#undef LINT
const size_t lint_count = sizeof(lint_table) / sizeof(lint_table[0]);

/* The groups, in the order in which they may explain values. */
static void (*const groups[])(struct lint *) = {
	rules_names, rules_jicofo, rules_bridge, rules_prosody, rules_muc,
	rules_web, rules_websocket, rules_hosts, rules_ports, rules_vm,
	rules_turn, rules_java, rules_jdk, rules_versions, rules_containers,
	rules_certificates, rules_secrets, rules_pf,
};

const struct lint_row *
lint_find(struct str id)
{
	size_t i;

	for (i = 0; i < lint_count; i++)
		if (str_eqs(id, lint_table[i].id))
			return (&lint_table[i]);
	return (NULL);
}

int
lint_known(struct str id)
{
	return (lint_find(id) != NULL);
}

static void
set_place(struct place *p, const struct config_file *f, int line, int column,
    int end)
{
	struct str text = lines_get(&f->lines, line);

	p->file = mem_strdup(f->name);
	p->line = line;
	p->column = column;
	p->end_column = end;
	p->text = line > 0 ? mem_str(text) : NULL;
}

static void
place_of(const struct lint *l, struct val v, struct place *p)
{
	if (v.f == NULL)
		return;
	if (v.it == NULL)
		set_place(p, v.f, 0, 0, 0);
	else
		set_place(p, config_source_file(l->set, v.f, v.it->source),
		    v.it->line, v.it->column, v.it->end_column);
}

static void
begin(struct finding *out, const char *id, const struct config_file *f)
{
	const struct lint_row *row = lint_find(str_from(id));

	if (row == NULL)
		fatal("no finding \"%s\" in lint.def", id);
	memset(out, 0, sizeof(*out));
	out->id = row->id;
	out->severity = row->severity;
	out->probe = f == NULL || f->reader == NULL ? "config.site" :
	    f->reader->check;
	out->host = f == NULL || f->host == NULL ? NULL :
	    mem_strdup(f->host);
}

/* Is it said of the same place already, in other words? */
static int
is_said(const struct lint *l, const struct finding *f)
{
	const struct finding *g;
	size_t i;

	for (i = 0; f->at.file != NULL && i < l->out->count; i++) {
		g = &l->out->list[i];
		if (strcmp(g->id, f->id) == 0 && g->at.line == f->at.line &&
		    g->at.column == f->at.column && g->at.file != NULL &&
		    strcmp(g->at.file, f->at.file) == 0 && (f->at.line > 0 ||
		    strcmp(g->message, f->message) == 0))
			return (1);
	}
	return (0);
}

void
lint_say(struct lint *l, const char *id, struct val at, struct val other,
    const char *fix, const char *fmt, ...)
{
	struct finding f;
	struct buf text;
	va_list ap;

	begin(&f, id, at.f);
	place_of(l, at, &f.at);
	place_of(l, other, &f.other);
	buf_init(&text, LIMIT_ERROR_TEXT);
	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	f.message = buf_take(&text);
	f.fix = fix == NULL ? NULL : mem_strdup(fix);
	l->repeated = is_said(l, &f);
	if (l->repeated)
		finding_free(&f);
	else
		findings_take(l->out, &f);
}

void
lint_capture(struct lint *l, const char *name, struct str value)
{
	struct finding *f;
	char *more;

	if (l->out->count == 0 || value.n == 0 || l->repeated)
		return;
	f = &l->out->list[l->out->count - 1];
	more = mem_printf("%s%s=%.*s\n", f->captures == NULL ? "" :
	    f->captures, name, STR_ARG(value));
	free(f->captures);
	f->captures = more;
}

void
lint_told(struct lint *l, struct val v)
{
	if (v.it != NULL &&
	    l->told_count < sizeof(l->told) / sizeof(l->told[0]))
		l->told[l->told_count++] = v.it;
}

int
lint_is_told(const struct lint *l, struct val v)
{
	size_t i;

	for (i = 0; i < l->told_count; i++)
		if (l->told[i] == v.it)
			return (1);
	return (0);
}

int
lint_misspelt(const struct config_file *f, const char *key)
{
	const struct problem *p;
	size_t i;

	for (i = 0; i < f->model.problem_count; i++) {
		p = &f->model.problems[i];
		if (strcmp(p->id, "config-key-misspelt") == 0 && p->fix !=
		    NULL && strcmp(p->fix, key) == 0)
			return (1);
	}
	return (0);
}

int
lint_component_told(const struct lint *l, const char *start)
{
	size_t i;

	for (i = 0; i < l->told_count; i++)
		if (l->told[i]->type == ITEM_TABLE &&
		    str_starts(str_from(l->told[i]->key), start))
			return (1);
	return (0);
}

void
lint_fact(struct lint *l, const char *name, const char *value)
{
	if (l->facts != NULL && facts_set(l->facts, str_from(name),
	    str_of("", 0), str_from(value)) == -1)
		fatal("not a fact: %s = %s", name, value);
}

/* What the readers found wrong in each file; of prosody's options the
 * sentence begins with the name. */
static void
say_problems(struct lint *l, const struct config_file *file)
{
	const struct problem *p;
	const struct config_file *at;
	struct finding f;
	struct str rest;
	size_t i;

	for (i = 0; i < file->model.problem_count; i++) {
		p = &file->model.problems[i];
		if (!lint_known(str_from(p->id)))
			continue;	/* a child cannot make ids up */
		if (versions_spare(l, p))
			continue;
		at = config_source_file(l->set, file, p->source);
		begin(&f, p->id, file);
		set_place(&f.at, at, p->line, p->column, p->end_column);
		f.message = mem_strdup(p->message);
		f.fix = p->fix == NULL ? NULL : mem_strdup(p->fix);
		findings_take(l->out, &f);
		rest = str_from(p->message);
		if (strstr(p->id, "option") != NULL)
			lint_capture(l, "option", str_word(&rest));
	}
}

void
config_lint(const struct config_set *set, wall_t now, struct findings *out,
    struct facts *facts)
{
	struct lint l = { .set = set, .out = out, .facts = facts, .now = now,
	    .known = set->known };
	size_t i, from = out->count;

	for (i = 0; i < set->count; i++)
		if (!set->list[i].used)
			say_problems(&l, &set->list[i]);
	names_find(&l);
	versions_find(&l);
	for (i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		groups[i](&l);
	redact_findings(set, out, from);
}
