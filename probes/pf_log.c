/* SPDX-License-Identifier: ISC */
/*
 * pf.log: the packets of the site that pf logged as blocked, from pflogd's
 * file and as they come. I/O: reads /var/log/pflog; pfctl and the capture
 * run in helper children. In the agent the capture is there already
 * (probe_live_log); a command looks for a few seconds itself.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/run/child.h"
#include "agent/run/loop.h"
#include "probes/command.h"
#include "probes/families.h"
#include "probes/pf/checks.h"
#include "probes/pf/live.h"
#include "probes/pf/log/pflog_live.h"
#include "probes/pf/system.h"

#define LOOK_NS (4 * NS_PER_SEC)
#define HINT_FILE "doas tcpdump -n -e -ttt -r " PF_LOG_FILE
#define HINT_LIVE "doas meetprobe probe pf.log"

struct log_state {
	struct command_run *command;
	struct child *child;
	struct timer *end;
	char *rules;		/* pfctl's text, NULL: not to be had */
	size_t rules_len;
	struct pf_env env;
	struct pf_watch watch;
	struct pf_log log;	/* the file's, then all */
	struct pf_live_log live;
	int file_read;
	char *file_problem;
};

/* Rules that are loaded, from pfctl's text; 0, or -1. */
static int
read_live(struct log_state *st, struct pf_conf *live)
{
	struct pf_files none = { NULL, NULL };

	pf_conf_init(live, &st->env, none);
	return (st->rules == NULL ? -1 : pf_live_rules(live,
	    str_of(st->rules, st->rules_len)));
}

/* Neither source could be read, or judges what was. */
static void
judge(struct probe_run *r, const struct pf_live_log *l)
{
	struct log_state *st = r->state;
	struct pf_conf live, file;
	int has_live;

	if (r->finished)
		return;
	if (l->interfaces != NULL)
		check_say(&r->check, "live: capturing on %s",
		    l->interfaces);
	else
		check_say(&r->check, "live: not to be had here: %s (%s)",
		    l->problem == NULL ? "the helper ended" : l->problem,
		    HINT_LIVE);
	if (!st->file_read && l->interfaces == NULL) {
		probe_fail(r, REASON_PERMISSION, "%s; %s: what pf blocks "
		    "takes root to see: %s", st->file_problem,
		    l->problem == NULL ? "no capture" : l->problem,
		    HINT_LIVE);
		return;
	}
	pf_log_merge(&st->log, &l->log);
	has_live = read_live(st, &live) == 0;
	pf_conf_init(&file, &st->env, pf_system_files());
	pf_check_log(&r->check, r->site, &st->env, &st->log,
	    has_live ? &live : NULL, pf_conf_read(&file, PF_CONF_FILE) == 0 ?
	    &file : NULL, wall_now());
	pf_conf_free(&file);
	pf_conf_free(&live);
	probe_done(r);
}

static int
message(struct msg *m, void *arg)
{
	struct probe_run *r = arg;
	struct log_state *st = r->state;

	return (pf_live_log_take(&st->live, m) == -1 ? -1 : 0);
}

static void
child_done(enum child_end end, int status, struct str answer, void *arg)
{
	struct probe_run *r = arg;
	struct log_state *st = r->state;

	(void)end;
	(void)status;
	(void)answer;
	st->child = NULL;
	judge(r, &st->live);
}

static void
looked(void *arg)
{
	struct probe_run *r = arg;
	struct log_state *st = r->state;

	judge(r, &st->live);
}

/* The live interfaces for a few seconds. */
static void
look(struct probe_run *r)
{
	struct log_state *st = r->state;
	struct child_events on = { message, child_done, r };
	char *request = pflog_request(&st->watch);

	probe_phase(r, "listen", LAYER_PF, "listening to pflog");
	st->child = child_start(r->loop, PFLOG_ROLE, str_from(request), -1,
	    r->deadline, &on);
	st->end = timer_new(r->loop, looked, r);
	timer_in(st->end, LOOK_NS);
	free(request);
}

/* pflogd's file: history. */
static void
read_history(struct probe_run *r, wall_t until)
{
	struct log_state *st = r->state;
	struct buf why;

	if (access(PF_LOG_FILE, R_OK) == -1) {
		st->file_problem = mem_printf("%s: %s", PF_LOG_FILE,
		    strerror(errno));
		check_say(&r->check, "%s%s", st->file_problem, errno ==
		    ENOENT ? ": does pflogd run?" : " (" HINT_FILE ")");
		return;
	}
	buf_init(&why, LIMIT_ERROR_TEXT);
	st->log.until = until;
	st->file_read = pf_log_read(&st->log, PF_LOG_FILE, &why) == 0;
	if (!st->file_read) {
		check_say(&r->check, "%s", buf_cstr(&why));
		/* pflogd may be about to write the rest */
		st->file_read = st->log.entries > 0;
		st->file_problem = buf_take(&why);
	} else
		check_say(&r->check, PF_LOG_FILE ": %llu records",
		    (unsigned long long)st->log.entries);
	buf_free(&why);
}

/* The rules that are loaded tell what the numbers in the log mean. */
static void
rules_done(struct str output, void *arg)
{
	struct probe_run *r = arg;
	struct log_state *st = r->state;
	const struct pf_live_log *live = probe_live_log(r);

	if (output.p != NULL) {
		st->rules = mem_str(output);
		st->rules_len = output.n;
	}
	pf_system_site(&st->env, r->site);
	pf_watch_site(&st->watch, r->site, &st->env);
	pf_log_init(&st->log, &st->watch);
	pf_live_log_init(&st->live, &st->watch);
	read_history(r, live == NULL ? WALL_NONE : live->since);
	if (live == NULL)
		look(r);
	else
		judge(r, live);
}

static void
log_start(struct probe_run *r)
{
	struct log_state *st;

	if (access(PFCTL, X_OK) == -1 && access(PF_LOG_FILE, F_OK) == -1) {
		probe_not_applicable(r, "this host has no pf");
		return;
	}
	r->state = st = mem_zalloc(1, sizeof(*st));
	pf_env_init(&st->env);
	st->command = command_start(r, "pfctl-rules", rules_done, r);
}

static void
log_stop(struct probe_run *r)
{
	struct log_state *st = r->state;

	if (st == NULL)
		return;
	command_free(st->command);
	if (st->child != NULL)
		child_cancel(st->child);
	timer_free(st->end);
	pf_log_free(&st->log);
	pf_live_log_free(&st->live);
	pf_env_free(&st->env);
	free(st->rules);
	free(st->file_problem);
	free(st);
}

const struct probe probe_pf_log = {
	.id = "pf.log", .group = "pf", .layer = LAYER_PF,
	.roles = ROLES_ALL, .privilege = PRIVILEGE_CAPTURE,
	.phases = { "read", "listen" },
	.interval_ns = 60 * NS_PER_SEC, .timeout_ns = 15 * NS_PER_SEC,
	.sentence = "pf logged no blocked packet of the site's flows",
	.start = log_start, .stop = log_stop,
};
