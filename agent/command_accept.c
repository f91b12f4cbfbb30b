/* SPDX-License-Identifier: ISC */
/*
 * `meetprobe accept`: the check after an installation. Every probe of this
 * host's roles and every configuration rule, with patience, then the verdict
 * and the next step. I/O.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/command.h"
#include "agent/diagnosis/diagnosis.h"
#include "agent/diagnosis/report.h"
#include "agent/gather.h"
#include "agent/inputs.h"
#include "agent/probing.h"
#include "agent/setup.h"
#include "probes/probe.h"

/* Beyond the patience asked for, what one round may take. */
#define ROUND_TIME (60 * NS_PER_SEC)

struct accept {
	int64_t wait_ns;
	const char **groups;
	size_t group_count;
};

/* The command line; 0, or -1 after saying what is wrong. */
static int
parse(struct accept *a, int argc, char **argv)
{
	const char *value;
	int i;

	for (i = 1; i < argc; i++) {
		if (strncmp(argv[i], "--wait", 6) == 0 &&
		    (argv[i][6] == '=' || argv[i][6] == '\0')) {
			value = argv[i][6] == '=' ? argv[i] + 7 : argv[++i];
			if (value != NULL &&
			    str_duration(str_from(value), &a->wait_ns) == 0)
				continue;
			fputs("meetprobe: --wait takes a time such as 5m\n",
			    stderr);
			return (-1);
		}
		if (argv[i][0] == '-') {
			fprintf(stderr, "meetprobe: accept has no option "
			    "%s\n", argv[i]);
			return (-1);
		}
		if (!probe_group_exists(argv[i])) {
			fprintf(stderr, "meetprobe: no group of checks "
			    "\"%s\"\n", argv[i]);
			return (-1);
		}
		a->groups[a->group_count++] = argv[i];
	}
	return (0);
}

/* 1 when the groups asked for include this one. */
static int
wants(const struct accept *a, const char *group)
{
	size_t i;

	for (i = 0; i < a->group_count; i++)
		if (strcmp(a->groups[i], group) == 0)
			return (1);
	return (a->group_count == 0);
}

static void
run_probes(const struct options *o, const struct accept *a,
    const struct setup *s, struct gather *g)
{
	struct probing p = { 0 };

	p.site = &s->site;
	p.conf = &s->conf;
	p.groups = a->groups;
	p.group_count = a->group_count;
	p.wait_ns = a->wait_ns;
	p.deadline = mono_add(mono_now(), o->deadline_ns > 0 ?
	    o->deadline_ns : a->wait_ns + ROUND_TIME);
	p.progress = isatty(STDERR_FILENO);
	gather_probes(g, &p);
}

static int
run(const struct options *o, const struct accept *a, struct setup *s)
{
	struct report *report = report_new("accept");
	struct diagnosis *diagnosis = diagnosis_new(s->catalogue);
	struct gather g = { 0 };
	struct inputs inputs;
	int status;

	inputs_init(&inputs);
	inputs_host(&inputs, &s->conf);
	g.conf = &s->conf;
	g.site = &s->site;
	g.inputs = &inputs;
	g.diagnosis = diagnosis;
	g.report = report;
	g.since = WALL_NONE;
	setup_say_roles(s);
	report_site(report, s->site.name, s->site.hostname, s->site.roles);
	if (wants(a, "config"))
		gather_configs(&g);
	gather_rules(&g);
	run_probes(o, a, s, &g);
	diagnosis_conclude(diagnosis, report);
	setup_waive(s, report);
	report_verdict(report, o->strict);
	report_render(report, (enum report_format)o->format, o->color, stdout);
	status = report_exit(report, (enum report_format)o->format);
	diagnosis_free(diagnosis);
	report_free(report);
	inputs_free(&inputs);
	return (status);
}

int
command_accept(const struct options *o, int argc, char **argv)
{
	struct accept a = { 0 };
	struct setup s;
	int status = EXIT_USAGE;

	a.groups = mem_zalloc((size_t)argc + 1, sizeof(*a.groups));
	if (parse(&a, argc, argv) == -1)
		(void)command_usage("accept");
	else {
		if (setup_load(&s, o, 0) == 0)
			status = run(o, &a, &s);
		setup_free(&s);
	}
	free(a.groups);
	return (status);
}
