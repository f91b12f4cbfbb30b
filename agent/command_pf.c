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
#include "probes/pf/trace/site.h"
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

/* HOST=FILE: the rules or the environment of one host; 0, or -1 and told. */
static int
give_file(struct pf_site *site, const char *word, int env,
    struct errlist *errs)
{
	struct pf_site_host *h;
	const char *equals = strchr(word, '=');
	char *text = NULL, *name;
	size_t len = 0;
	int error;

	if (equals == NULL || equals == word || equals[1] == '\0') {
		errlist_add(errs, "", 0, 0, "HOST=FILE is wanted, not %s",
		    word);
		return (-1);
	}
	name = mem_str(str_of(word, (size_t)(equals - word)));
	h = pf_site_host(site, name);
	free(name);
	if (h == NULL) {
		errlist_add(errs, "", 0, 0, "more than %d hosts",
		    PF_SITE_HOSTS);
		return (-1);
	}
	error = pf_system_read(equals + 1, LIMIT_CONFIG_FILE, &text, &len);
	if (error != 0)
		errlist_add(errs, equals + 1, 0, 0, "%s", strerror(error));
	else if (env) {
		error = pf_env_parse(h->env, equals + 1, str_of(text, len),
		    errs);
		h->has_env = 1;
	} else
		pf_site_rules(h, equals + 1, str_of(text, len),
		    pf_system_files());
	free(text);
	return (error == 0 ? 0 : -1);
}

/*
 * NAME:PORT[/udp], ADDR:PORT, [V6]:PORT, or NAME alone (ICMP); name is freed
 * by free().
 */
static int
parse_target(const char *word, struct pf_question *q, char **name)
{
	struct str s = str_from(word), proto = str_of("", 0);
	size_t slash = str_rchr(s, '/'), colon;
	int64_t port = 0;

	q->proto = 6;
	if (slash != SIZE_MAX) {
		proto = str_sub(s, slash + 1, s.n);
		s = str_sub(s, 0, slash);
		if (str_eqs(proto, "udp"))
			q->proto = 17;
		else if (!str_eqs(proto, "tcp"))
			return (-1);
	}
	colon = str_rchr(s, ':');
	/* An IPv6 address without brackets has no port. */
	if (colon != SIZE_MAX && str_chr(s, ':') != colon &&
	    s.p[colon - 1] != ']')
		colon = SIZE_MAX;
	if (colon != SIZE_MAX) {
		if (str_num(str_sub(s, colon + 1, s.n), 1, 65535, &port) ==
		    -1)
			return (-1);
		s = str_sub(s, 0, colon);
	}
	if (str_starts(s, "[") && str_ends(s, "]"))
		s = str_sub(s, 1, s.n - 1);
	q->port = (int)port;
	*name = mem_str(s);
	q->to = *name;
	return (s.n == 0 || (proto.n > 0 && port == 0) ? -1 : 0);
}

/* From outside, a domain name leads to the router, wherever it leads here. */
static int
is_public_name(const struct pf_question *q)
{
	struct pf_ip ip;
	enum pf_af af;

	return (strcmp(q->from, "outside") == 0 && strchr(q->to, '.') !=
	    NULL && pf_ip_parse(str_from(q->to), &ip, &af) == -1);
}

static int
print_trace(const struct options *o, struct pf_site *site,
    const struct pf_question *q, struct errlist *errs)
{
	struct pf_path *path = mem_zalloc(1, sizeof(*path));
	struct buf out, diff;
	int advised, status = EXIT_USAGE;

	buf_init(&out, LIMIT_PF_TEXT);
	buf_init(&diff, LIMIT_PF_TEXT);
	if (pf_trace(site, q, path, errs) == 0) {
		status = path->end == PF_END_ARRIVED ? EXIT_HEALTHY :
		    EXIT_FINDINGS;
		if (o->format != FORMAT_JSON)
			pf_path_print(site, q, path, &out);
		advised = pf_advise(site, q, path, &diff);
		/* Advising read the rules anew: the path has to be, too. */
		if (o->format == FORMAT_JSON) {
			(void)pf_trace(site, q, path, errs);
			pf_path_json(site, q, path, advised ?
			    buf_cstr(&diff) : "", &out);
		} else if (advised)
			buf_addf(&out, "\nwith these lines it passes:\n%s",
			    buf_cstr(&diff));
		fwrite(buf_cstr(&out), 1, out.len, stdout);
	}
	buf_free(&diff);
	buf_free(&out);
	free(path);
	return (status);
}

/* Without files: this host's own rules and interfaces; 0, or -1 and told. */
static int
own_rules(struct pf_site *site, struct errlist *errs)
{
	static const char file[] = "/etc/pf.conf";
	struct pf_site_host *h;
	char name[256] = "", *text = NULL;
	size_t len = 0;
	int error;

	if ((error = pf_system_read(file, LIMIT_CONFIG_FILE, &text,
	    &len)) != 0) {
		errlist_add(errs, file, 0, 0, "%s: -f HOST=FILE names the "
		    "rules of a host", strerror(error));
		return (-1);
	}
	(void)gethostname(name, sizeof(name) - 1);
	name[strcspn(name, ".")] = '\0';
	h = pf_site_host(site, name[0] == '\0' ? "here" : name);
	pf_site_rules(h, file, str_of(text, len), pf_system_files());
	h->has_env = 1;
	free(text);
	return (pf_system_env(h->env, NULL, errs));
}

static int
pf_trace_command(const struct options *o, int argc, char **argv)
{
	struct pf_question q = { 0 };
	struct pf_site site;
	struct errlist errs;
	const char *v, *target = NULL;
	char *name = NULL;
	int i, bad = 0, status = EXIT_USAGE;

	errlist_init(&errs);
	pf_site_init(&site);
	for (i = 2; i < argc && !bad; i++) {
		if ((v = option_value(argc, argv, &i, "-f")) != NULL)
			give_file(&site, v, 0, &errs);
		else if ((v = option_value(argc, argv, &i, "--env")) != NULL)
			give_file(&site, v, 1, &errs);
		else if ((v = option_value(argc, argv, &i, "--from")) != NULL)
			q.from = v;
		else if ((v = option_value(argc, argv, &i, "--to")) != NULL)
			target = v;
		else
			bad = 1;
	}
	if (bad || q.from == NULL || target == NULL)
		command_usage("pf");
	else if (parse_target(target, &q, &name) == -1)
		errlist_add(&errs, "", 0, 0, "--to: NAME:PORT, NAME:PORT/udp "
		    "or NAME is wanted, not %s", target);
	else if (errs.count == 0 && (site.count > 0 || own_rules(&site,
	    &errs) == 0) && pf_site_load(&site, &errs) == 0) {
		q.public_name = is_public_name(&q);
		status = print_trace(o, &site, &q, &errs);
	}
	if (errs.count > 0)
		status = complain(&errs);
	free(name);
	pf_site_free(&site);
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
	if (strcmp(argv[1], "trace") == 0)
		return (pf_trace_command(o, argc, argv));
	return (command_usage("pf"));
}
