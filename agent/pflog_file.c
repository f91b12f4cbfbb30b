/* SPDX-License-Identifier: ISC */
/*
 * pflog savefiles among the files that `diagnose` is given. I/O.
 */
#include <stddef.h>

#include "agent/base/buf.h"
#include "agent/base/limits.h"
#include "agent/facts/check.h"
#include "agent/pflog_file.h"
#include "probes/media/savefile.h"
#include "probes/pf/checks.h"

/* 1 when its packets are pflog's. */
static int
is_pflog(const char *path)
{
	struct savefile f;
	struct capture_packet p;
	unsigned int link;

	if (savefile_open(&f, path) == -1)
		return (0);
	link = savefile_next(&f, &p) == 1 ? p.link : f.link;
	savefile_close(&f);
	return (link == PF_LINKTYPE_PFLOG || link == PF_LINKTYPE_PFLOG_OLD);
}

int
pflog_file(const char *path, const struct site *site, struct check *c,
    struct pflog_span *span)
{
	struct pf_watch watch;
	struct pf_log log;
	struct pf_env env;
	struct buf why;

	if (!is_pflog(path))
		return (0);
	buf_init(&why, LIMIT_ERROR_TEXT);
	pf_env_init(&env);
	pf_env_site(&env, site);
	pf_watch_site(&watch, site, &env);
	pf_log_init(&log, &watch);
	check_init(c, "pf.log", "pf", path);
	if (pf_log_read(&log, path, &why) == -1)
		check_say(c, "%s", buf_cstr(&why));
	pf_check_log(c, site, &env, &log, NULL, NULL, log.last);
	span->from = log.first;
	span->to = log.last;
	span->records = log.entries;
	pf_log_free(&log);
	pf_env_free(&env);
	buf_free(&why);
	return (1);
}
