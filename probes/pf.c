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
		probe_end(r, STATE_UNKNOWN, REASON_TOO_LARGE, "pfctl %s failed, or printed "
		    "more than %u MB", arguments, LIMIT_COMMAND_OUTPUT >> 20);
	else
		probe_fail(r, REASON_PERMISSION, "what pf has loaded takes "
		    "root to read: doas pfctl %s", arguments);
}

/* The two commands of pf.rules and pf.states, one after the other; then the
 * file. */
struct rules_state {
	struct command_run *first, *second;
	char *text;		/* of the first, NULL: not to be had */
	size_t len;
	struct pf_env env;
	int has_env;
	struct pf_lookup *names;
	char *rules, *file;	/* file NULL: it cannot be read */
	size_t rules_len, file_len;
};

static void
rules_stop(struct probe_run *r)
{
	struct rules_state *st = r->state;

	if (st == NULL)
		return;
	command_free(st->first);
	command_free(st->second);
	pf_lookup_free(st->names);
	if (st->has_env)
		pf_env_free(&st->env);
	free(st->text);
	free(st->rules);
	free(st->file);
	free(st);
}

static void
keep_first(struct rules_state *st, struct str output)
{
	if (output.p == NULL)
		return;
	st->text = mem_str(output);
	st->len = output.n;
}

static void
rules_judge(void *arg)
{
	struct probe_run *r = arg;
	struct rules_state *st = r->state;
	struct pf_live_input in = {
		.rules = str_of(st->rules, st->rules_len),
		.info = str_of(st->text, st->len),
		.file = st->file == NULL ? NULL : PF_CONF_FILE,
		.text = str_of(st->file, st->file_len),
		.below = pf_system_files(),
	};

	pf_check_rules(&r->check, r->site, &st->env, &in);
	probe_done(r);
}

static void
rules_done(struct str output, void *arg)
{
	struct probe_run *r = arg;
	struct rules_state *st = r->state;

	if (output.p == NULL) {
		no_pfctl(r, "-a '*' -vvsr");
		return;
	}
	st->rules = mem_str(output);
	st->rules_len = output.n;
	pf_system_site(&st->env, r->site);
	st->has_env = 1;
	if (pf_system_read(PF_CONF_FILE, LIMIT_CONFIG_FILE, &st->file,
	    &st->file_len) == 0)
		st->names = pf_lookup_start(r, &st->env, PF_CONF_FILE,
		    rules_judge, r);
	if (st->names == NULL)
		rules_judge(r);
}

static void
info_done(struct str output, void *arg)
{
	struct probe_run *r = arg;
	struct rules_state *st = r->state;

	keep_first(st, output);
	st->second = command_start(r, "pfctl-rules", rules_done, r);
}

/* Another system's packet filter: told, not judged. */
static void
judge_linux(struct probe_run *r, struct str nft, struct str iptables)
{
	if (nft.p == NULL && iptables.p == NULL)
		probe_not_applicable(r, "this host has no pf; its own packet "
		    "filter takes root to read: sudo nft list ruleset, sudo "
		    "iptables-save -c");
	else {
		pf_check_linux(&r->check, r->site, nft, iptables);
		probe_done(r);
	}
}

static void
iptables_done(struct str output, void *arg)
{
	struct probe_run *r = arg;
	struct rules_state *st = r->state;

	judge_linux(r, str_of(st->text, st->len), output);
}

static void
nft_done(struct str output, void *arg)
{
	struct probe_run *r = arg;
	struct rules_state *st = r->state;

	keep_first(st, output);
	if (pf_linux_needs_iptables(output) && access(IPTABLES, X_OK) == 0)
		st->second = command_start(r, "iptables-rules",
		    iptables_done, r);
	else
		judge_linux(r, output, str_of(NULL, 0));
}

static void
rules_start(struct probe_run *r)
{
	struct rules_state *st = mem_zalloc(1, sizeof(*st));

	r->state = st;
	if (access(PFCTL, X_OK) == 0)
		st->first = command_start(r, "pfctl-info", info_done, r);
	else if (access(NFT, X_OK) == 0)
		st->first = command_start(r, "nft-rules", nft_done, r);
	else if (access(IPTABLES, X_OK) == 0)
		st->first = command_start(r, "iptables-rules", iptables_done,
		    r);
	else
		probe_not_applicable(r, "this host has no pf");
}

/* The states are there; the rules tell which let them in. */
static void
states_judge(struct str output, void *arg)
{
	struct probe_run *r = arg;
	struct rules_state *st = r->state;
	struct pf_files none = { NULL, NULL };
	struct pf_live_states states;
	struct pf_conf live, file;

	pf_system_site(&st->env, r->site);
	st->has_env = 1;
	pf_live_states_init(&states);
	pf_live_states_read(&states, str_of(st->text, st->len));
	pf_conf_init(&live, &st->env, none);
	pf_conf_init(&file, &st->env, pf_system_files());
	pf_check_states(&r->check, r->site, &states, output.p != NULL &&
	    pf_live_rules(&live, output) == 0 ? &live : NULL,
	    pf_conf_read(&file, PF_CONF_FILE) == 0 ? &file : NULL);
	pf_conf_free(&file);
	pf_conf_free(&live);
	pf_live_states_free(&states);
	probe_done(r);
}

static void
states_done(struct str output, void *arg)
{
	struct probe_run *r = arg;
	struct rules_state *st = r->state;

	if (output.p == NULL) {
		no_pfctl(r, "-v -ss");
		return;
	}
	keep_first(st, output);
	st->second = command_start(r, "pfctl-rules", states_judge, r);
}

static void
states_start(struct probe_run *r)
{
	struct rules_state *st = mem_zalloc(1, sizeof(*st));

	r->state = st;
	st->first = command_start(r, "pfctl-states", states_done, r);
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
	.start = rules_start, .stop = rules_stop,
};

const struct probe probe_pf_states = {
	.id = "pf.states", .group = "pf", .layer = LAYER_PF,
	.roles = ROLE_BIT(ROLE_JVB) | ROLE_BIT(ROLE_ROUTER),
	.privilege = PRIVILEGE_PF, .phases = { "ask" },
	.interval_ns = 60 * NS_PER_SEC, .timeout_ns = 10 * NS_PER_SEC,
	.sentence = "media flows both ways through pf",
	.start = states_start, .stop = rules_stop,
};
