/* SPDX-License-Identifier: ISC */
/*
 * The command: takes the common options out of the command line and hands
 * the rest to one of the commands of the table. I/O.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/buf.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/command.h"
#include "agent/roles.h"

static int command_help(const struct options *, int, char **);

static const struct command commands[] = {
	{ "accept", "[--wait T] [GROUP ...]",
	    "check this host after an installation", command_accept },
	{ "diagnose", "[--since T] [--offline] [--log C[@HOST]=FILE ...]\n"
	    "\t[--config K[@HOST]=FILE ...] [--pcap [TAP=]FILE ...] "
	    "[--port P[-Q]]\n\t[--public ADDR] [--peer NAME=WHERE ...] "
	    "[PATH ...]",
	    "gather evidence and name the causes", command_diagnose },
	{ "media", "-i IF | -r [TAP=]FILE ... [--port P[-Q]] [--public ADDR]",
	    "tell what flows on udp/10000", command_media },
	{ "pf", "print|eval -f FILE [--env FILE] [--flows TSV [--json]]\n"
	    "\ttrace [-f HOST=FILE ...] [--env HOST=FILE ...] --from NAME "
	    "--to NAME:PORT[/udp]",
	    "read pf.conf, say what it does to packets", command_pf },
	{ "probe", "NAME [SUBJECT]",
	    "run one probe now and print its transcript", command_probe },
	{ "rules", "check | test [WORD] | list [signals|causes]",
	    "load the catalogue, run the tests inside it", command_rules },
	{ "explain", "ID | --line TEXT",
	    "tell what a cause, signal, check or log line means",
	    command_explain },
	{ "lint", "[K[@HOST]=FILE ...] [PATH ...]",
	    "check the configuration, one file and across files",
	    command_lint },
	{ "evidence", "[--salt S]", "print what diagnose would use on this host, for "
	    "another host's diagnose", command_evidence },
	{ "help", "[COMMAND]", "print how a command is used", command_help },
};

static const char *const format_names[FORMAT_COUNT] = {
	[FORMAT_TEXT] = "text",
	[FORMAT_SHORT] = "short",
	[FORMAT_JSON] = "json",
	[FORMAT_JUNIT] = "junit",
	[FORMAT_TAP] = "tap",
	[FORMAT_NAGIOS] = "nagios",
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

/* The row of a command, NULL when there is none of that name. */
static const struct command *
find(const char *name)
{
	size_t i;

	for (i = 0; i < COMMANDS; i++)
		if (strcmp(commands[i].name, name) == 0)
			return (&commands[i]);
	return (NULL);
}

static void
print_usage(FILE *out)
{
	size_t i;

	fprintf(out, "usage: meetprobe [-v] [-f file] [-p dir] command "
	    "[option ...]\n\n");
	for (i = 0; i < COMMANDS; i++)
		fprintf(out, "  %-10s %s\n", commands[i].name,
		    commands[i].summary);
	fprintf(out, "\nCommon options: --format text|short|json|junit|tap|"
	    "nagios, --json, --no-color,\n--deadline T, --strict. Without a "
	    "command: diagnose --deadline 30.\n");
}

int
command_usage(const char *name)
{
	const struct command *c = find(name);

	fprintf(stderr, "usage: meetprobe %s %s\n", name,
	    c == NULL ? "" : c->usage);
	return (EXIT_USAGE);
}

static int
print_help(const struct command *c)
{
	printf("usage: meetprobe %s%s%s\n", c->name, *c->usage == '\0' ? "" :
	    " ", c->usage);
	return (EXIT_HEALTHY);
}

static int
command_help(const struct options *o, int argc, char **argv)
{
	const struct command *c;

	(void)o;
	if (argc < 2) {
		print_usage(stdout);
		return (EXIT_HEALTHY);
	}
	if ((c = find(argv[1])) == NULL) {
		fprintf(stderr, "meetprobe: no command \"%s\"\n", argv[1]);
		return (EXIT_USAGE);
	}
	return (print_help(c));
}

/* Says what is wrong with an option; -1. */
static int
refuse(const char *what, const char *value)
{
	fprintf(stderr, "meetprobe: %s \"%s\"\n", what, value);
	return (-1);
}

static int
set_format(struct options *o, const char *name)
{
	int i;

	for (i = 0; i < FORMAT_COUNT; i++)
		if (strcmp(format_names[i], name) == 0) {
			o->format = (enum format)i;
			return (0);
		}
	return (refuse("no format", name));
}

static int
set_deadline(struct options *o, const char *value)
{
	if (str_duration(str_from(value), &o->deadline_ns) == -1 ||
	    o->deadline_ns == 0)
		return (refuse("--deadline takes a time such as 30s, not",
		    value));
	return (0);
}

/*
 * Takes argv[*i] as a common option; *i moves to its last word. 1 taken,
 * 0 not a common option, -1 refused and said.
 */
static int
common_option(struct options *o, int argc, char **argv, int *i)
{
	const char *word = argv[*i], *value;
	int format = strncmp(word, "--format", 8) == 0;

	if (strcmp(word, "--json") == 0)
		o->format = FORMAT_JSON;
	else if (strcmp(word, "--no-color") == 0)
		o->color = 0;
	else if (strcmp(word, "--strict") == 0)
		o->strict = 1;
	else if (format || strncmp(word, "--deadline", 10) == 0) {
		value = word + (format ? 8 : 10);
		if (*value == '=')
			value++;
		else if (*value != '\0')
			return (0);
		else if (*i + 1 < argc)
			value = argv[++*i];
		else
			return (refuse("no value after", word));
		if ((format ? set_format(o, value) :
		    set_deadline(o, value)) == -1)
			return (-1);
	} else
		return (0);
	return (1);
}

/* Moves what is not a common option to the front; how many, or -1. */
static int
take_common(struct options *o, int argc, char **argv)
{
	int i, kept = 0, taken;

	for (i = 0; i < argc; i++) {
		if (strcmp(argv[i], "--") == 0) {
			while (i < argc)
				argv[kept++] = argv[i++];
			break;
		}
		taken = common_option(o, argc, argv, &i);
		if (taken == -1)
			return (-1);
		if (taken == 0)
			argv[kept++] = argv[i];
	}
	argv[kept] = NULL;
	return (kept);
}

static int
want_color(void)
{
	const char *term = getenv("TERM"), *no = getenv("NO_COLOR");

	return (isatty(STDOUT_FILENO) && (no == NULL || no[0] == '\0') &&
	    term != NULL && strcmp(term, "dumb") != 0);
}

/* The nearest command's name when it is near enough, else NULL. */
static const char *
nearest(const char *name)
{
	const char *best = NULL;
	size_t i, d, least = 3;

	for (i = 0; i < COMMANDS; i++) {
		d = str_distance(str_from(name), str_from(commands[i].name),
		    2);
		if (d < least) {
			least = d;
			best = commands[i].name;
		}
	}
	return (best);
}

static int
run(struct options *o, int argc, char **argv)
{
	char diagnose[] = "diagnose";
	char *alone[] = { diagnose, NULL };
	const struct command *c;
	const char *near;

	if (argc == 0) {
		if (o->deadline_ns == 0)
			o->deadline_ns = INT64_C(30000000000);
		argc = 1;
		argv = alone;
	}
	if ((c = find(argv[0])) != NULL && argc == 2 && strcmp(argv[1],
	    "--help") == 0)
		return (print_help(c));
	if (c != NULL)
		return (c->run(o, argc, argv));
	near = nearest(argv[0]);
	fprintf(stderr, "meetprobe: no command \"%s\"", argv[0]);
	if (near != NULL)
		fprintf(stderr, ", did you mean %s?", near);
	fputs("\n", stderr);
	return (EXIT_USAGE);
}

int
main(int argc, char **argv)
{
	struct options o = { 0 };
	int ch, status;

	child_main(argc, argv, child_roles);
	o.color = want_color();
	if (argc > 1 && strcmp(argv[1], "--help") == 0) {
		print_usage(stdout);
		return (EXIT_HEALTHY);
	}
	if (argc > 1 && strcmp(argv[1], "--version") == 0) {
		puts("meetprobe " MEETPROBE_VERSION);
		return (EXIT_HEALTHY);
	}
	argc = take_common(&o, argc - 1, argv + 1) + 1;
	if (argc == 0)
		return (EXIT_USAGE);
	while ((ch = getopt(argc, argv, "+f:p:vh")) != -1) {
		switch (ch) {
		case 'f': o.config = optarg; break;
		case 'p': o.pitfalls = optarg; break;
		case 'v': o.verbose++; break;
		case 'h': print_usage(stdout); return (EXIT_HEALTHY);
		default: print_usage(stderr); return (EXIT_USAGE);
		}
	}
	status = run(&o, argc - optind, argv + optind);
	if (fflush(stdout) == EOF || ferror(stdout)) {
		fputs("meetprobe: cannot write standard output\n", stderr);
		return (EXIT_USAGE);
	}
	return (status);
}
