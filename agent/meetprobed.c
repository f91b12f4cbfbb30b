/* SPDX-License-Identifier: ISC */
/*
 * The agent of one VM: options, configuration, then the parent process. I/O.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/buf.h"
#include "agent/base/limits.h"
#include "agent/conf.h"
#include "agent/conf_pf.h"
#include "agent/parent.h"
#include "agent/roles.h"
#include "agent/run/child.h"
#include "agent/run/log.h"

#define DEFINES_MAX 64

static void
usage(FILE *out)
{
	fputs("usage: meetprobed [-dnv] [-D macro=value] [-f file] "
	    "[-p dir] [-r rate]\n", out);
}

/* Reads the configuration; 0, or -1 after printing all errors. */
static int
read_conf(const struct agent_options *o, struct conf *conf)
{
	struct errlist errors;
	struct buf text;
	int r;

	errlist_init(&errors);
	r = conf_read(conf, o->config, o->defines, o->define_count, &errors);
	if (r == -1) {
		buf_init(&text, LIMIT_CONFIG_FILE);
		errlist_print(&errors, &text);
		fputs(buf_cstr(&text), stderr);
		buf_free(&text);
	}
	errlist_free(&errors);
	return (r);
}

/* -n: says that it is good; -nv: prints it back, and the pf lines. */
static int
check_only(const struct agent_options *o, const struct conf *conf)
{
	struct buf text;

	if (!o->verbose) {
		fputs("configuration OK\n", stderr);
		return (0);
	}
	buf_init(&text, LIMIT_CONFIG_FILE);
	conf_print(conf, &text);
	conf_print_pf(conf, &text);
	fputs(buf_cstr(&text), stdout);
	buf_free(&text);
	return (fflush(stdout) == EOF ? 2 : 0);
}

int
main(int argc, char **argv)
{
	const char *defines[DEFINES_MAX];
	struct agent_options o = { .defines = defines, .rate = 1 };
	struct conf conf;
	int ch, only_check = 0, status = 2;

	child_main(argc, argv, child_roles);
	while ((ch = getopt(argc, argv, "D:df:np:r:v")) != -1) {
		switch (ch) {
		case 'D':
			if (strchr(optarg, '=') == NULL ||
			    o.define_count == DEFINES_MAX) {
				usage(stderr);
				return (2);
			}
			defines[o.define_count++] = optarg;
			break;
		case 'd': o.foreground = 1; break;
		case 'f': o.config = optarg; break;
		case 'n': only_check = 1; break;
		case 'p': o.pitfalls = optarg; break;
		case 'r': o.rate = strtod(optarg, NULL); break;
		case 'v': o.verbose = 1; break;
		default: usage(stderr); return (2);
		}
	}
	if (optind != argc || !(o.rate >= 0.01 && o.rate <= 100)) {
		usage(stderr);
		return (2);
	}
	conf_init(&conf);
	if (read_conf(&o, &conf) == 0) {
		log_open("parent", o.foreground || only_check, o.verbose);
		status = only_check ? check_only(&o, &conf) :
		    parent_run(&o, &conf);
	}
	conf_free(&conf);
	return (status);
}
