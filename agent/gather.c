/* SPDX-License-Identifier: ISC */
/*
 * Readers to diagnosis. I/O through the readers.
 */
#include <sys/types.h>
#include <sys/stat.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/captures.h"
#include "agent/diagnosis/diagnosis.h"
#include "agent/diagnosis/report.h"
#include "agent/documents.h"
#include "agent/facts/fact.h"
#include "agent/facts/site.h"
#include "agent/gather.h"
#include "agent/inputs.h"
#include "agent/pf_evidence.h"
#include "agent/pflog_file.h"
#include "agent/probing.h"
#include "probes/logs/logs.h"

/* The command that would make a file readable. */
static char *
read_hint(const char *path)
{
	return (mem_printf("doas cat '%s'   (or: sudo cat '%s')", path, path));
}

static void
gather_log(struct gather *g, const struct input *in)
{
	struct log_source *source;
	const struct log_text *text;
	const struct log_coverage *coverage;
	char *hint = NULL;

	source = logs_open(in->path, in->component, in->host);
	while ((text = logs_next(source)) != NULL)
		diagnosis_add_log(g->diagnosis, text);
	coverage = logs_coverage(source);
	if (coverage->state == COVERAGE_UNREADABLE)
		hint = read_hint(in->path);
	report_add_coverage(g->report, in->path, coverage->state,
	    coverage->from, coverage->to, coverage->lines,
	    hint != NULL ? hint : coverage->hint, in->required);
	g->report->coverage[g->report->coverage_count - 1].component =
	    coverage->component;
	free(hint);
	logs_close(source);
}

/* A file that could not be opened, is empty, or is not known to be any. */
static void
cover_unknown(struct gather *g, const struct input *in)
{
	struct stat st;
	enum coverage_state state = COVERAGE_UNREADABLE;
	char *hint = NULL;

	if (stat(in->path, &st) == -1)
		state = errno == ENOENT || errno == ENOTDIR ?
		    COVERAGE_MISSING : COVERAGE_UNREADABLE;
	else if (st.st_size == 0)
		state = COVERAGE_EMPTY;
	if (state == COVERAGE_UNREADABLE)
		hint = read_hint(in->path);
	report_add_coverage(g->report, in->path, state, WALL_NONE, WALL_NONE,
	    0, hint, in->required);
	free(hint);
}

void
gather_logs(struct gather *g)
{
	size_t i;

	for (i = 0; i < g->inputs->count; i++)
		if (g->inputs->list[i].type == INPUT_UNKNOWN)
			cover_unknown(g, &g->inputs->list[i]);

	for (i = 0; i < g->inputs->count; i++)
		if (g->inputs->list[i].type == INPUT_LOG)
			gather_log(g, &g->inputs->list[i]);
}

static void
cover_capture(struct gather *g, const struct capture_file *f)
{
	char *hint = NULL;
	int readable = access(f->path, R_OK) == 0;

	if (!readable)
		hint = read_hint(f->path);
	report_add_coverage(g->report, f->path, f->good ?
	    (f->why == NULL ? COVERAGE_READ : COVERAGE_PARTIAL) :
	    access(f->path, F_OK) == -1 ? COVERAGE_MISSING :
	    COVERAGE_UNREADABLE, WALL_NONE, WALL_NONE, 0,
	    hint != NULL ? hint : f->why, 1);
	free(hint);
}

/* A file of pflogd: what pf blocked then; 0: it is none. */
static int
gather_pflog(struct gather *g, const struct input *in)
{
	struct site site = *g->site;	/* its strings stay the owner's */
	struct pflog_span span;
	struct check check;

	if (g->port != 0) {
		site.media_port = (uint16_t)g->port;
		site.media_port_last = (uint16_t)g->port_last;
	}
	if (!pflog_file(in->path, &site, &check, &span))
		return (0);
	report_add_coverage(g->report, in->path, span.records > 0 ?
	    COVERAGE_READ : COVERAGE_EMPTY, span.from, span.to,
	    (size_t)span.records, NULL, in->required);
	diagnosis_add_check(g->diagnosis, &check);
	report_add_check(g->report, &check);
	return (1);
}

void
gather_captures(struct gather *g)
{
	struct capture_file *files;
	struct verdicts verdicts;
	const struct input *in;
	size_t i, n = 0;

	files = mem_zalloc(g->inputs->count, sizeof(*files));
	for (i = 0; i < g->inputs->count; i++) {
		in = &g->inputs->list[i];
		if (in->type != INPUT_CAPTURE || gather_pflog(g, in))
			continue;
		files[n].path = in->path;
		files[n].tap = in->tap;
		n++;
	}
	verdicts_init(&verdicts);
	captures_read(files, n, g->port, g->port_last, g->public_address,
	    &verdicts);
	diagnosis_add_verdicts(g->diagnosis, &verdicts);
	verdicts_free(&verdicts);
	for (i = 0; i < n; i++) {
		cover_capture(g, &files[i]);
		free(files[i].why);
	}
	free(files);
}

/* The whole of a file, at most LIMIT_EVIDENCE_READ + 1; NULL with errno. */
static char *
read_whole(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	char *text;

	if (f == NULL)
		return (NULL);
	text = mem_zalloc(LIMIT_EVIDENCE_READ + 2, 1);
	*len = fread(text, 1, LIMIT_EVIDENCE_READ + 1, f);
	fclose(f);
	return (text);
}

void
gather_evidence(struct gather *g)
{
	const struct input *in;
	const char *why;
	char *text;
	size_t i, len;

	for (i = 0; i < g->inputs->count; i++) {
		in = &g->inputs->list[i];
		if (in->type != INPUT_EVIDENCE)
			continue;
		why = "it cannot be read";
		text = read_whole(in->path, &len);
		if (text == NULL || documents_take(g->documents, in->host,
		    str_of(text, len), WALL_NONE, WALL_NONE, &why) == -1)
			report_add_coverage(g->report, in->path,
			    COVERAGE_UNREADABLE, WALL_NONE, WALL_NONE, 0,
			    why, in->required);
		free(text);
	}
}

/* The facts that a check states, in lines "name=value". */
static void
note_facts(struct facts *facts, const struct check *check)
{
	struct str lines = str_from(check->facts), line, name;

	while (facts != NULL && lines.n > 0) {
		line = str_split(&lines, '\n');
		name = str_split(&line, '=');
		(void)facts_set(facts, name, str_from(check->subject), line);
	}
}

void
gather_probes(struct gather *g, const struct probing *p)
{
	struct checks checks;
	size_t i;

	probing_run(p, &checks);
	pf_evidence_checks(checks.list, checks.count, g->diagnosis);
	g->pf_file_waits = pf_evidence_file_waits(checks.list, checks.count);
	for (i = 0; i < checks.count; i++) {
		note_facts(g->facts, &checks.list[i]);
		diagnosis_add_check(g->diagnosis, &checks.list[i]);
		pf_evidence_coverage(&checks.list[i], g->report);
		report_add_check(g->report, &checks.list[i]);
	}
	checks_free(&checks);
}
