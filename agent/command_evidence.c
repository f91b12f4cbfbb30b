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
#include "agent/facts/finding.h"
#include "agent/facts/secret.h"
#include "agent/gather.h"
#include "agent/inputs.h"
#include "agent/probing.h"
#include "agent/secrets.h"
#include "agent/setup.h"

#define DEADLINE_DEFAULT (60 * NS_PER_SEC)

/* This host's secrets with the asker's salt; the coverage says when that
 * could not be done. */
static void
add_secrets(struct secrets *to, struct gather *g, char *salt,
    mono_t deadline)
{
	if (salt != NULL && secrets_own(to, g, NULL, &salt, 1, deadline) ==
	    -1)
		report_add_coverage(g->report, "secrets",
		    COVERAGE_UNREADABLE, WALL_NONE, WALL_NONE, 0,
		    "the helper child did not answer in time", 0);
}

static int
run(const struct options *o, struct setup *s, char *salt, wall_t asked)
{
	struct report *report = report_new("evidence");
	struct diagnosis *diagnosis = diagnosis_new(s->catalogue);
	struct probing p = { 0 };
	struct gather g = { 0 };
	struct inputs inputs;
	struct findings findings;
	struct secrets secrets;
	struct facts facts;
	struct evidence_parts parts = { report, diagnosis, &facts, &findings,
	    &secrets, asked };
	struct buf out;
	int status = EXIT_HEALTHY;

	findings_init(&findings);
	secrets_init(&secrets);
	inputs_init(&inputs);
	inputs_host(&inputs, &s->conf);
	facts_init(&facts);
	g.conf = &s->conf;
	g.site = &s->site;
	g.inputs = &inputs;
	g.diagnosis = diagnosis;
	g.report = report;
	g.facts = &facts;
	g.findings = &findings;
	g.since = WALL_NONE;
	report_site(report, s->site.name, s->site.hostname, s->site.roles);
	gather_configs(&g);
	gather_logs(&g);
	p.site = &s->site;
	p.conf = &s->conf;
	p.deadline = mono_add(mono_now(),
	    o->deadline_ns > 0 ? o->deadline_ns : DEADLINE_DEFAULT);
	p.progress = isatty(STDERR_FILENO);
	add_secrets(&secrets, &g, salt, p.deadline);
	gather_probes(&g, &p);
	gather_rules(&g);
	buf_init(&out, LIMIT_EVIDENCE_WRITTEN + 1);
	if (evidence_write(&out, &parts) == -1) {
		fputs("meetprobe: the evidence is longer than 4 MiB\n",
		    stderr);
		status = EXIT_UNDETERMINED;
	} else
		fputs(buf_cstr(&out), stdout);
	buf_free(&out);
	secrets_free(&secrets);
	findings_free(&findings);
	facts_free(&facts);
	inputs_free(&inputs);
	diagnosis_free(diagnosis);
	report_free(report);
	return (status);
}

/* --salt S or --salt=S; 0, or -1 after saying what is wrong. */
static int
parse(int argc, char **argv, char **salt)
{
	unsigned char bytes[LIMIT_SALT_MOST];
	int i;

	*salt = NULL;
	for (i = 1; i < argc; i++) {
		if (strncmp(argv[i], "--salt=", 7) == 0)
			*salt = argv[i] + 7;
		else if (strcmp(argv[i], "--salt") == 0 && i + 1 < argc)
			*salt = argv[++i];
		else
			return (-1);
	}
	if (*salt == NULL || secret_salt(str_from(*salt), bytes) > 0)
		return (0);
	fprintf(stderr, "meetprobe: --salt takes %u to %u hexadecimal digits, "
	    "an even number\n", 2 * LIMIT_SALT_LEAST, 2 * LIMIT_SALT_MOST);
	return (-1);
}

int
command_evidence(const struct options *o, int argc, char **argv)
{
	wall_t asked = wall_now();
	struct setup s;
	char *salt;
	int status = EXIT_USAGE;

	if (parse(argc, argv, &salt) == -1)
		return (command_usage("evidence"));
	if (setup_load(&s, o, 0) == 0)
		status = run(o, &s, salt, asked);
	setup_free(&s);
	return (status);
}
