/* SPDX-License-Identifier: ISC */
/*
 * Readers to diagnosis. I/O through the readers.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "agent/diagnosis/diagnosis.h"
#include "agent/diagnosis/report.h"
#include "agent/gather.h"
#include "agent/inputs.h"
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
	free(hint);
	logs_close(source);
}

void
gather_logs(struct gather *g)
{
	size_t i;

	for (i = 0; i < g->inputs->count; i++)
		if (g->inputs->list[i].type == INPUT_LOG)
			gather_log(g, &g->inputs->list[i]);
}

void
gather_configs(struct gather *g)
{
	(void)g;
}

void
gather_captures(struct gather *g)
{
	(void)g;
}
