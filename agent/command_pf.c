/* SPDX-License-Identifier: ISC */
/*
 * meetprobe pf print|eval|trace: reads rule files, prints them as pfctl(8)
 * does, says what they do to packets. I/O: files named on the command line,
 * standard output and error.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/command.h"
#include "probes/pf/flows.h"
#include "probes/pf/system.h"

/* The arguments of print and eval. */
struct arguments {
	const char *file, *env, *flows;
};

static int
complain(const struct errlist *errs)
{
	struct buf b;

	buf_init(&b, LIMIT_PF_TEXT);
	errlist_print(errs, &b);
	fputs(buf_cstr(&b), stderr);
	buf_free(&b);
	return (EXIT_USAGE);
}

/* The value of an option "--name value" or "--name=value"; NULL: not it. */
static const char *
option_value(int argc, char **argv, int *i, const char *name)
{
	size_t n = strlen(name);

	if (strncmp(argv[*i], name, n) != 0)
		return (NULL);
	if (argv[*i][n] == '=')
		return (argv[*i] + n + 1);
	if (argv[*i][n] != '\0' || *i + 1 >= argc)
		return (NULL);
	return (argv[++*i]);
}

static int
parse_arguments(int argc, char **argv, struct arguments *a)
{
	const char *v;
	int i;

	memset(a, 0, sizeof(*a));
	for (i = 2; i < argc; i++) {
		if ((v = option_value(argc, argv, &i, "-f")) != NULL)
			a->file = v;
		else if ((v = option_value(argc, argv, &i, "--env")) != NULL)
			a->env = v;
		else if ((v = option_value(argc, argv, &i, "--flows")) !=
		    NULL)
			a->flows = v;
		else
			return (-1);
	}
	return (a->file == NULL ? -1 : 0);
}

static int
pf_print(struct pf_conf *conf)
{
	struct buf b;

	buf_init(&b, LIMIT_PF_TEXT);
	pf_conf_print(conf, &b);
	fwrite(buf_cstr(&b), 1, b.len, stdout);
	buf_free(&b);
	return (EXIT_HEALTHY);
}

/* Without flows the file is only checked. */
static int
pf_verdicts(const struct options *o, struct pf_conf *conf,
    const struct arguments *a)
{
	struct errlist errs;
	struct pf_flows flows;
	struct pf_machine machine;
	struct buf b;
	char *text = NULL;
	size_t len = 0;
	int error, status = EXIT_HEALTHY;

	if (a->flows == NULL)
		return (EXIT_HEALTHY);
	errlist_init(&errs);
	pf_flows_init(&flows);
	if ((error = pf_system_read(a->flows, LIMIT_PF_FLOWS_FILE, &text,
	    &len)) != 0)
		errlist_add(&errs, a->flows, 0, 0, "%s", strerror(error));
	else if (pf_flows_parse(&flows, conf->env, a->flows, str_of(text,
	    len), &errs) == 0) {
		buf_init(&b, LIMIT_PF_TEXT);
		pf_machine_init(&machine, conf);
		pf_flows_eval(&flows, &machine);
		if (o->format == FORMAT_JSON)
			pf_flows_json(&flows, a->file, &b);
		else
			pf_flows_text(&flows, a->file, &b);
		fwrite(buf_cstr(&b), 1, b.len, stdout);
		pf_machine_free(&machine);
		buf_free(&b);
	}
	if (errs.count > 0)
		status = complain(&errs);
	free(text);
	pf_flows_free(&flows);
	errlist_free(&errs);
	return (status);
}

/* Reads the rules and does one of the two. */
static int
with_rules(const struct options *o, const struct arguments *a, int print)
{
	struct errlist errs;
	struct pf_env env;
	struct pf_conf conf;
	int status;

	errlist_init(&errs);
	if (pf_system_env(&env, a->env, &errs) == -1) {
		status = complain(&errs);
		errlist_free(&errs);
		pf_env_free(&env);
		return (status);
	}
	pf_conf_init(&conf, &env, pf_system_files());
	if (pf_conf_read(&conf, a->file) == -1)
		status = complain(&conf.errs);
	else if (print)
		status = pf_print(&conf);
	else
		status = pf_verdicts(o, &conf, a);
	pf_conf_free(&conf);
	pf_env_free(&env);
	errlist_free(&errs);
	return (status);
}

int
command_pf(const struct options *o, int argc, char **argv)
{
	struct arguments a;

	if (argc < 2)
		return (command_usage("pf"));
	if (strcmp(argv[1], "print") == 0 || strcmp(argv[1], "eval") == 0) {
		if (parse_arguments(argc, argv, &a) == -1)
			return (command_usage("pf"));
		return (with_rules(o, &a, argv[1][0] == 'p'));
	}
	return (command_usage("pf"));
}
