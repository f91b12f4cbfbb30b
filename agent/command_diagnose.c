/* SPDX-License-Identifier: ISC */
/*
 * `meetprobe diagnose`: gathers evidence on this host or from the files
 * named, and names the causes. I/O.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/str.h"
#include "agent/command.h"
#include "agent/diagnosis/diagnosis.h"
#include "agent/diagnosis/report.h"
#include "agent/documents.h"
#include "agent/gather.h"
#include "agent/inputs.h"
#include "agent/peers.h"
#include "agent/probing.h"
#include "agent/setup.h"

/* Without --deadline on the host itself. */
#define DEADLINE_DEFAULT (60 * NS_PER_SEC)

struct diagnose {
	struct inputs inputs;
	struct peers peers;
	int offline;
	int named;		/* files were named on the command line */
	wall_t since;
	int64_t port, port_last;
	const char *public_address;
};

/* --since: a time before now, or an ISO time. */
static int
parse_since(const char *value, wall_t *since)
{
	int64_t ns;

	if (str_duration(str_from(value), &ns) == 0) {
		*since = wall_add(wall_now(), -(ns / 1000));
		return (0);
	}
	return (setup_iso_time(value, since));
}

/* --port P or P-Q. */
static int
parse_port(const char *value, struct diagnose *d)
{
	struct str range = str_from(value), first = str_split(&range, '-');

	if (str_num(first, 1, 65535, &d->port) == -1)
		return (-1);
	d->port_last = d->port;
	if (strchr(value, '-') == NULL)
		return (0);
	return (str_num(range, d->port, 65535, &d->port_last));
}

/* Handles one option with a value; 0, or -1 with a sentence in *why. */
static int
option(struct diagnose *d, const char *name, const char *value,
    const char **why)
{
	*why = "not understood";
	if (strcmp(name, "--log") == 0)
		return (inputs_log(&d->inputs, value, why));
	if (strcmp(name, "--config") == 0)
		return (inputs_config(&d->inputs, value, why));
	if (strcmp(name, "--pcap") == 0)
		return (inputs_capture(&d->inputs, value, why));
	if (strcmp(name, "--peer") == 0)
		return (peers_option(&d->peers, value, why));
	if (strcmp(name, "--since") == 0) {
		*why = "expected a time such as 2h, or 2026-11-22T10:00:00Z";
		return (parse_since(value, &d->since));
	}
	if (strcmp(name, "--port") == 0) {
		*why = "expected a port, or a range such as 10000-10050";
		return (parse_port(value, d));
	}
	d->public_address = value;
	return (setup_is_address(value) ? 0 :
	    (*why = "expected a numeric address", -1));
}

/* The option that a word names, perhaps with "=value"; NULL if none. */
static const char *
find_option(const char *word)
{
	static const char *const with_value[] = { "--log", "--config",
		"--pcap", "--peer", "--since", "--port", "--public" };
	size_t k, len;

	for (k = 0; k < sizeof(with_value) / sizeof(with_value[0]); k++) {
		len = strlen(with_value[k]);
		if (strncmp(word, with_value[k], len) == 0 &&
		    (word[len] == '\0' || word[len] == '='))
			return (with_value[k]);
	}
	return (NULL);
}

/* Takes argv[*i] as an option with its value; 0, or -1 and said. */
static int
take_option(struct diagnose *d, int argc, char **argv, int *i)
{
	const char *word = argv[*i], *name = find_option(word), *value;
	const char *why = "a value must follow";

	if (name == NULL) {
		fprintf(stderr, "meetprobe: diagnose has no option %s\n",
		    word);
		return (-1);
	}
	value = word + strlen(name);
	if (*value == '=')
		value++;
	else
		value = *i + 1 < argc ? argv[++*i] : NULL;
	if (value != NULL && option(d, name, value, &why) == 0)
		return (0);
	fprintf(stderr, "meetprobe: %s %s: %s\n", name,
	    value == NULL ? "" : value, why);
	return (-1);
}

/* The whole command line; 0, or -1 after saying what is wrong. */
static int
parse(struct diagnose *d, int argc, char **argv)
{
	int i, only_paths = 0;

	for (i = 1; i < argc; i++) {
		if (only_paths || argv[i][0] != '-' || argv[i][1] == '\0')
			inputs_path(&d->inputs, argv[i]);
		else if (strcmp(argv[i], "--") == 0)
			only_paths = 1;
		else if (strcmp(argv[i], "--offline") == 0)
			d->offline = 1;
		else if (take_option(d, argc, argv, &i) == -1)
			return (-1);
	}
	d->named = d->inputs.count > 0;
	return (0);
}

/* The probes of this host. */
static void
run_live(const struct setup *s, struct gather *g, mono_t deadline)
{
	struct probing p = { 0 };

	p.site = &s->site;
	p.conf = &s->conf;
	p.deadline = deadline;
	p.progress = isatty(STDERR_FILENO);
	gather_probes(g, &p);
}

/* Gathers and concludes; the exit status. */
static int
run(const struct options *o, struct diagnose *d, struct setup *s)
{
	struct report *report = report_new("diagnose");
	struct diagnosis *diagnosis = diagnosis_new(s->catalogue);
	mono_t deadline = mono_add(mono_now(),
	    o->deadline_ns > 0 ? o->deadline_ns : DEADLINE_DEFAULT);
	struct gather g = { 0 };
	int status;

	g.documents = documents_new();
	g.conf = &s->conf;
	g.site = &s->site;
	g.inputs = &d->inputs;
	g.diagnosis = diagnosis;
	g.report = report;
	g.since = d->since;
	g.named = d->offline || d->named;
	g.port = (unsigned)d->port;
	g.port_last = (unsigned)d->port_last;
	g.public_address = d->public_address;

	if (!d->offline && !d->named)
		setup_say_roles(s);
	report_site(report, s->site.name, s->site.hostname, s->site.roles);
	gather_configs(&g);
	gather_logs(&g);
	gather_captures(&g);
	gather_evidence(&g);
	peers_gather(&d->peers, &g, d->offline, deadline);
	if (!d->offline)
		run_live(s, &g, deadline);
	documents_settle(g.documents, &g, deadline);
	gather_rules(&g);
	diagnosis_conclude(diagnosis, report);
	setup_waive(s, report);
	report_verdict(report, o->strict);
	report_render(report, (enum report_format)o->format, o->color, stdout);
	status = report_exit(report, (enum report_format)o->format);
	documents_free(g.documents);
	diagnosis_free(diagnosis);
	report_free(report);
	return (status);
}

int
command_diagnose(const struct options *o, int argc, char **argv)
{
	struct diagnose d = { .since = WALL_NONE };
	struct setup s;
	int status = EXIT_USAGE;

	inputs_init(&d.inputs);
	peers_init(&d.peers);
	if (parse(&d, argc, argv) == -1) {
		(void)command_usage("diagnose");
		goto out;
	}
	if (setup_load(&s, o, d.offline) == 0) {
		if (!d.offline)
			peers_conf(&d.peers, &s.conf);
		if (!d.offline && !d.named)
			inputs_host(&d.inputs, &s.conf);
		status = run(o, &d, &s);
	}
	setup_free(&s);
out:
	inputs_free(&d.inputs);
	peers_free(&d.peers);
	return (status);
}
