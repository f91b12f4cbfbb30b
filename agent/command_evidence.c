/* SPDX-License-Identifier: ISC */
/*
 * `meetprobe evidence`: what `diagnose` would use on this host, printed as a
 * document for another host's diagnosis. I/O.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/limits.h"
#include "agent/command.h"
#include "agent/diagnosis/diagnosis.h"
#include "agent/diagnosis/report.h"
#include "agent/evidence_doc.h"
#include "agent/facts/fact.h"
#include "agent/gather.h"
#include "agent/inputs.h"
#include "agent/probing.h"
#include "agent/setup.h"

#define DEADLINE_DEFAULT (60 * NS_PER_SEC)

static int
run(const struct options *o, struct setup *s)
{
	struct report *report = report_new("evidence");
	struct diagnosis *diagnosis = diagnosis_new(s->catalogue);
	struct probing p = { 0 };
	struct gather g = { 0 };
	struct inputs inputs;
	struct facts facts;
	struct buf out;
	int status = EXIT_HEALTHY;

	inputs_init(&inputs);
	inputs_host(&inputs, &s->conf);
	facts_init(&facts);
	g.conf = &s->conf;
	g.site = &s->site;
	g.inputs = &inputs;
	g.diagnosis = diagnosis;
	g.report = report;
	g.facts = &facts;
	g.since = WALL_NONE;
	report_site(report, s->site.name, s->site.hostname, s->site.roles);
	gather_configs(&g);
	gather_logs(&g);
	p.site = &s->site;
	p.conf = &s->conf;
	p.deadline = mono_add(mono_now(),
	    o->deadline_ns > 0 ? o->deadline_ns : DEADLINE_DEFAULT);
	p.progress = isatty(STDERR_FILENO);
	gather_probes(&g, &p);
	gather_rules(&g);
	buf_init(&out, LIMIT_EVIDENCE_WRITTEN + 1);
	if (evidence_write(&out, report, diagnosis, &facts) == -1) {
		fputs("meetprobe: the evidence is longer than 4 MiB\n",
		    stderr);
		status = EXIT_UNDETERMINED;
	} else
		fputs(buf_cstr(&out), stdout);
	buf_free(&out);
	facts_free(&facts);
	inputs_free(&inputs);
	diagnosis_free(diagnosis);
	report_free(report);
	return (status);
}

int
command_evidence(const struct options *o, int argc, char **argv)
{
	struct setup s;
	int status = EXIT_USAGE;

	(void)argv;
	if (argc > 1)
		return (command_usage("evidence"));
	if (setup_load(&s, o, 0) == 0)
		status = run(o, &s);
	setup_free(&s);
	return (status);
}
