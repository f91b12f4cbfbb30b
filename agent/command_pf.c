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
#include "probes/pf/rule.h"
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

/* Reads the rules and does one of the two. */
static int
with_rules(const struct options *o, const struct arguments *a, int print)
{
	struct errlist errs;
	struct pf_env env;
	struct pf_conf conf;
	int status;

	(void)o;
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
		status = EXIT_HEALTHY;
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
