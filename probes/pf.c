/* SPDX-License-Identifier: ISC */
/*
 * The family of pf: what the rules of this host do to the site's flows, from
 * the file and from what is loaded, and where states end. I/O: reads
 * /etc/pf.conf; pfctl runs in a helper child.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "probes/command.h"
#include "probes/families.h"
#include "probes/pf/checks.h"
#include "probes/pf/live.h"
#include "probes/pf/system.h"
#include "probes/pf_lookup.h"

#define NFT "/usr/sbin/nft"
#define IPTABLES "/usr/sbin/iptables-save"

/* The text of pf.conf, or ends the run and returns NULL. */
static char *
read_conf(struct probe_run *r, size_t *len)
{
	char *text = NULL;
	int error = pf_system_read(PF_CONF_FILE, LIMIT_CONFIG_FILE, &text, len);

	if (error == 0)
		return (text);
	if (error == ENOENT)
		probe_not_applicable(r, "this host has no "
		    PF_CONF_FILE);
	else
		probe_fail(r, REASON_PERMISSION, PF_CONF_FILE ": %s (doas "
		    "cat " PF_CONF_FILE ")", strerror(error));
	return (NULL);
}

/* pf.config: while names are looked up. */
struct config_state {
	struct pf_env env;
	struct pf_lookup *names;
	char *text;
	size_t len;
};

static void
config_judge(void *arg)
{
	struct probe_run *r = arg;
	struct config_state *st = r->state;

	pf_check_config(&r->check, r->site, &st->env, PF_CONF_FILE,
	    str_of(st->text, st->len), pf_system_files());
	probe_done(r);
}

static void
config_start(struct probe_run *r)
{
	struct config_state *st;
	size_t len;
	char *text = read_conf(r, &len);

	if (text == NULL)
		return;
	r->state = st = mem_zalloc(1, sizeof(*st));
	st->text = text;
	st->len = len;
	pf_system_site(&st->env, r->site);
	probe_phase(r, "read", LAYER_PF, "looking up names of "
	    PF_CONF_FILE);
	st->names = pf_lookup_start(r, &st->env, PF_CONF_FILE, config_judge,
	    r);
	if (st->names == NULL)
		config_judge(r);
}

static void
config_stop(struct probe_run *r)
{
	struct config_state *st = r->state;

	if (st == NULL)
		return;
	pf_lookup_free(st->names);
	pf_env_free(&st->env);
	free(st->text);
	free(st);
}

/* pfctl cannot be asked: there is no pf here, or it takes root. */
static void
no_pfctl(struct probe_run *r, const char *arguments)
{
	if (access(PFCTL, X_OK) == -1)
		probe_not_applicable(r, "this host has no pf");
	else if (geteuid() == 0)
		probe_end(r, STATE_UNKNOWN, REASON_TOO_LARGE, "pfctl %s "
		    "failed, or printed more than %u MB", arguments,
		    LIMIT_COMMAND_OUTPUT >> 20);
	else
		probe_fail(r, REASON_PERMISSION, "what pf has loaded takes "
		    "root to read: doas pfctl %s", arguments);
}

enum { COMMANDS = 3 };

/* Commands that are asked one after the other, and what they said. */
struct asking {
	const char *names[COMMANDS + 1];
	struct command_run *runs[COMMANDS];
	struct str said[COMMANDS];	/* ours; p NULL: not to be had */
	size_t count;
	void (*done)(struct probe_run *);
	/* of pf.rules: the file and its names */
	struct pf_env env;
	int has_env;
	struct pf_lookup *names_of_file;
	char *file;		/* NULL: it cannot be read */
	size_t file_len;
};

static void
asking_stop(struct probe_run *r)
{
	struct asking *a = r->state;
	size_t i;

	if (a == NULL)
		return;
	for (i = 0; i < COMMANDS; i++) {
		command_free(a->runs[i]);
		free((char *)(uintptr_t)a->said[i].p);
	}
	pf_lookup_free(a->names_of_file);
	if (a->has_env)
		pf_env_free(&a->env);
	free(a->file);
	free(a);
}

static void said(struct str output, void *arg);

static void
ask(struct probe_run *r)
{
	struct asking *a = r->state;

	if (a->names[a->count] == NULL)
		a->done(r);
	else
		a->runs[a->count] = command_start(r, a->names[a->count],
		    said, r);
}

static void
said(struct str output, void *arg)
{
	struct probe_run *r = arg;
	struct asking *a = r->state;

	if (output.p != NULL)
		a->said[a->count] = str_of(mem_str(output), output.n);
	a->count++;
	ask(r);
}

static struct asking *
asking_new(struct probe_run *r, void (*done)(struct probe_run *))
{
	struct asking *a = mem_zalloc(1, sizeof(*a));

	a->done = done;
	r->state = a;
	return (a);
}

static void
rules_judge(void *arg)
{
	struct probe_run *r = arg;
	struct asking *a = r->state;
	struct pf_live_input in = {
		.info = a->said[0],
		.interfaces = a->said[1],
		.rules = a->said[2],
		.file = a->file == NULL ? NULL : PF_CONF_FILE,
		.text = str_of(a->file, a->file_len),
		.below = pf_system_files(),
	};

	pf_check_rules(&r->check, r->site, &a->env, &in);
	probe_done(r);
}

static void
rules_said(struct probe_run *r)
{
	struct asking *a = r->state;

	if (a->said[2].p == NULL) {
		no_pfctl(r, "-a '*' -vvsr");
		return;
	}
	pf_system_site(&a->env, r->site);
	a->has_env = 1;
	if (pf_system_read(PF_CONF_FILE, LIMIT_CONFIG_FILE, &a->file,
	    &a->file_len) == 0)
		a->names_of_file = pf_lookup_start(r, &a->env, PF_CONF_FILE,
		    rules_judge, r);
	if (a->names_of_file == NULL)
		rules_judge(r);
}

/* Another system's packet filter: told, not judged. */
static void
linux_said(struct probe_run *r)
{
	struct asking *a = r->state;
	int is_nft = strcmp(a->names[0], "nft-rules") == 0;
	struct str nft = is_nft ? a->said[0] : str_of(NULL, 0);
	struct str iptables = a->said[is_nft];

	if (nft.p == NULL && iptables.p == NULL)
		probe_not_applicable(r, "this host has no pf; its own packet "
		    "filter takes root to read: sudo nft list ruleset, sudo "
		    "iptables-save -c");
	else {
		pf_check_linux(&r->check, r->site, nft, iptables);
		probe_done(r);
	}
}

/* iptables shows what nft cannot. */
static void
nft_said(struct probe_run *r)
{
	struct asking *a = r->state;

	a->done = linux_said;
	if (pf_linux_needs_iptables(a->said[0]) && access(IPTABLES, X_OK) ==
	    0)
		a->names[1] = "iptables-rules";
	ask(r);
}

static void
rules_start(struct probe_run *r)
{
	struct asking *a = asking_new(r, rules_said);

	if (access(PFCTL, X_OK) == 0) {
		a->names[0] = "pfctl-info";
		a->names[1] = "pfctl-interfaces";
		a->names[2] = "pfctl-rules";
	} else if (access(NFT, X_OK) == 0) {
		a->done = nft_said;
		a->names[0] = "nft-rules";
	} else if (access(IPTABLES, X_OK) == 0) {
		a->done = linux_said;
		a->names[0] = "iptables-rules";
	} else {
		probe_not_applicable(r, "this host has no pf");
		return;
	}
	ask(r);
}

/* The states are there; the rules tell which let them in. */
static void
states_said(struct probe_run *r)
{
	struct asking *a = r->state;
	struct pf_files none = { NULL, NULL };
	struct pf_live_states states;
	struct pf_conf live, file;

	if (a->said[0].p == NULL) {
		no_pfctl(r, "-v -ss");
		return;
	}
	pf_system_site(&a->env, r->site);
	a->has_env = 1;
	pf_live_states_init(&states);
	pf_live_states_read(&states, a->said[0]);
	pf_conf_init(&live, &a->env, none);
	pf_conf_init(&file, &a->env, pf_system_files());
	pf_check_states(&r->check, r->site, &states, a->said[1].p != NULL &&
	    pf_live_rules(&live, a->said[1]) == 0 ? &live : NULL,
	    pf_conf_read(&file, PF_CONF_FILE) == 0 ? &file : NULL);
	pf_conf_free(&file);
	pf_conf_free(&live);
	pf_live_states_free(&states);
	probe_done(r);
}

static void
states_start(struct probe_run *r)
{
	struct asking *a = asking_new(r, states_said);

	a->names[0] = "pfctl-states";
	a->names[1] = "pfctl-rules";
	ask(r);
}

const struct probe probe_pf_config = {
	.id = "pf.config", .group = "pf", .layer = LAYER_PF,
	.roles = ROLES_ALL, .privilege = PRIVILEGE_FILES,
	.phases = { "read" },
	.interval_ns = 300 * NS_PER_SEC, .timeout_ns = 10 * NS_PER_SEC,
	.sentence = "the rules of pf.conf pass what the site needs and "
	    "nothing it must not",
	.start = config_start, .stop = config_stop,
};

const struct probe probe_pf_rules = {
	.id = "pf.rules", .group = "pf", .layer = LAYER_PF,
	.roles = ROLES_ALL, .privilege = PRIVILEGE_PF,
	.phases = { "ask" },
	.interval_ns = 300 * NS_PER_SEC, .timeout_ns = 10 * NS_PER_SEC,
	.sentence = "the rules that are loaded pass what the site needs",
	.start = rules_start, .stop = asking_stop,
};

const struct probe probe_pf_states = {
	.id = "pf.states", .group = "pf", .layer = LAYER_PF,
	.roles = ROLE_BIT(ROLE_JVB) | ROLE_BIT(ROLE_ROUTER),
	.privilege = PRIVILEGE_PF, .phases = { "ask" },
	.interval_ns = 60 * NS_PER_SEC, .timeout_ns = 10 * NS_PER_SEC,
	.sentence = "media flows both ways through pf",
	.start = states_start, .stop = asking_stop,
};
