/* SPDX-License-Identifier: ISC */
/*
 * The agent's side of the pflog child. I/O: asks this host for its addresses
 * once, and its log.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/clock.h"
#include "agent/base/mem.h"
#include "agent/pflog_feed.h"
#include "agent/run/log.h"
#include "agent/run/msg.h"
#include "exporter/metrics.h"
#include "probes/pf/log/pflog_live.h"
#include "probes/pf/system.h"

#define LOOK_AGAIN (10 * NS_PER_SEC)

struct pflog_feed {
	struct pf_watch watch;
	struct pf_live_log live;
	size_t flows;		/* of which pf.log knows */
	uint64_t lost;		/* of which the metrics know */
	mono_t looked;
	int told;		/* the capture is in the agent's log */
	char *problem;		/* that is in the agent's log */
};

struct pflog_feed *
pflog_feed_new(const struct site *site)
{
	char names[PF_LOG_INTERFACES][PF_LOG_NAME];
	struct pflog_feed *f;
	struct pf_env env;

	if (access(PFCTL, X_OK) == -1)
		return (NULL);
	f = mem_zalloc(1, sizeof(*f));
	pf_system_site(&env, site);
	pf_watch_site(&f->watch, site, &env);
	pf_env_free(&env);
	pf_live_log_init(&f->live, &f->watch);
	f->looked = MONO_NONE;
	if (pf_system_pflogs(names) == 0)
		f->live.problem = mem_strdup("this host has no interface "
		    "pflog0 (doas ifconfig pflog0 create)");
	return (f);
}

void
pflog_feed_free(struct pflog_feed *f)
{
	if (f == NULL)
		return;
	pf_live_log_free(&f->live);
	free(f->problem);
	free(f);
}

const struct pf_watch *
pflog_feed_watch(const struct pflog_feed *f)
{
	return (f->live.problem != NULL ? NULL : &f->watch);
}

const struct pf_live_log *
pflog_feed_live(const struct pflog_feed *f)
{
	return (&f->live);
}

/* A round is complete: 1 when pf.log should look. */
static int
end_round(struct pflog_feed *f, struct metrics *metrics)
{
	size_t flows = f->live.log.count;
	mono_t now = mono_now();
	int more = flows > f->flows;

	if (!f->told)
		log_info("pflog: capturing on %s", f->live.interfaces);
	f->told = 1;
	metrics_add(metrics, METRIC_CAPTURE_DROPPED, METRIC_SET("pflog"),
	    f->live.log.lost - f->lost);
	f->lost = f->live.log.lost;
	if (more && f->looked.ns != MONO_NONE.ns &&
	    mono_diff(now, f->looked) < LOOK_AGAIN)
		return (0);
	f->flows = flows;
	if (more)
		f->looked = now;
	return (more);
}

/* It is tried again every minute, and said when it is another one. */
static void
tell_problem(struct pflog_feed *f)
{
	f->told = 0;
	if (f->problem != NULL && strcmp(f->problem, f->live.problem) == 0)
		return;
	free(f->problem);
	f->problem = mem_strdup(f->live.problem);
	log_warn("pflog: %s", f->problem);
}

int
pflog_feed_take(struct pflog_feed *f, struct msg *m, struct metrics *metrics)
{
	switch (pf_live_log_take(&f->live, m)) {
	case 0:
		return (0);
	case 1:
		return (end_round(f, metrics));
	case 2:
		tell_problem(f);
		return (0);
	default:
		return (-1);
	}
}
