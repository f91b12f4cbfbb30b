/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_AGENT_COMMAND_H
#define MEETPROBE_AGENT_COMMAND_H

#include <stdint.h>

/* The exit statuses of every command. */
enum {
	EXIT_HEALTHY = 0,
	EXIT_FINDINGS = 1,
	EXIT_USAGE = 2,
	EXIT_UNDETERMINED = 3
};

enum format {
	FORMAT_TEXT, FORMAT_SHORT, FORMAT_JSON, FORMAT_JUNIT, FORMAT_TAP,
	FORMAT_NAGIOS,
	FORMAT_COUNT
};

/*
 * What was said before the command, and the options that all commands
 * share (those are taken out of a command's argv, wherever they stand).
 */
struct options {
	const char *config;	/* -f; NULL: the default, when it is there */
	const char *pitfalls;	/* -p DIR; NULL: only the built-in ones */
	int verbose;		/* -v, counted */
	enum format format;	/* --format, --json */
	int color;		/* 1: standard output may be coloured */
	int strict;		/* --strict: warnings count */
	int64_t deadline_ns;	/* --deadline for the whole run, 0: none said */
};

/* One command: argv[0] is its name; returns the exit status. */
struct command {
	const char *name;
	const char *usage;	/* after the name */
	const char *summary;	/* a clause for the list of commands */
	int (*run)(const struct options *, int argc, char **argv);
};

/* Prints "usage: meetprobe NAME ..." to standard error; EXIT_USAGE. */
int command_usage(const char *name);

int command_accept(const struct options *, int, char **);
int command_diagnose(const struct options *, int, char **);
int command_evidence(const struct options *, int, char **);
int command_probe(const struct options *, int, char **);
int command_lint(const struct options *, int, char **);
int command_pf(const struct options *, int, char **);
int command_media(const struct options *, int, char **);
int command_explain(const struct options *, int, char **);
int command_rules(const struct options *, int, char **);

#endif
