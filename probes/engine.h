/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_ENGINE_H
#define MEETPROBE_PROBES_ENGINE_H

#include <stddef.h>
#include <stdint.h>

#include "agent/base/clock.h"
#include "agent/facts/check.h"
#include "agent/facts/site.h"

struct loop;
struct pf_live_log;
struct probe;

/*
 * Runs probes on the loop: each (probe, subject) is a job. A job waits for
 * the jobs of its prerequisites; when one of them failed (or was skipped) it
 * is skipped and its check says because of what, and only it. Everything
 * else runs at once, up to LIMIT_RUNS_AT_ONCE.
 *
 * Once: engine_add, engine_run, loop_run until `idle`. engine_again runs a
 * part once more (accept's patience). For good: engine_add,
 * engine_schedule.
 */
struct engine;

struct engine_events {
	/* A run begins; may be NULL. */
	void (*started)(const struct probe *, const char *subject, void *);
	/*
	 * A job has its result: run, skipped or not applicable. The check
	 * (its strings) is the callee's from now on.
	 */
	void (*finished)(struct check *, void *);
	/* engine_run, engine_again: no job is left. May be NULL. */
	void (*idle)(void *);
	void *arg;
};

/* The site must outlive the engine. */
struct engine *engine_new(struct loop *, const struct site *,
    const struct engine_events *);
/* What a capture of pflog has counted, for probe_live_log(); borrowed. */
void engine_live_log(struct engine *, const struct pf_live_log *);
/* Ends all runs without telling, and frees. Not from inside an event. */
void engine_free(struct engine *);

/*
 * Adds the probe's jobs: one for each of its subjects, or for the one named.
 * A probe without any gets one job, which ends as not-applicable and says
 * what was missing (none, when its row says only_configured). Jobs that are there already are not added again.
 * Returns how many were added.
 */
size_t engine_add(struct engine *, const struct probe *, const char *subject);
/* Adds what runs on this host's roles: all (NULL), or one group. */
size_t engine_add_group(struct engine *, const char *group);
/* Adds the prerequisites of what is there, and theirs. */
size_t engine_add_needs(struct engine *);
size_t engine_count(const struct engine *);
/*
 * Other times than the table's for a probe (0: as it is), for the jobs that
 * are there. An interval below the probe's floor is raised to it. off: its
 * jobs are taken out; before engine_run and engine_schedule only.
 */
void engine_tune(struct engine *, const char *id, int64_t interval_ns,
    int64_t timeout_ns, int off);
/* How long it is from one scheduled run of the probe to the next, rate and
 * floor counted in, jitter not; 0: it has no jobs. */
int64_t engine_interval(const struct engine *, const char *id);

/*
 * Runs every job once. Jobs not done by the deadline (MONO_NONE: none) end
 * as unknown, timeout. `idle` comes when all have ended.
 */
void engine_run(struct engine *, mono_t deadline);
/*
 * The same for the jobs whose last state is one of the set (bit 1 << state);
 * skipped ones are tried again as well. A job that its floor holds back is
 * counted, but keeps its result in this round. Returns how many; 0: no
 * `idle`.
 */
size_t engine_again(struct engine *, unsigned states, mono_t deadline);
/*
 * Runs every job at its interval divided by rate, with jitter, until freed.
 * The first runs are spread over the first ten seconds, prerequisites first.
 */
void engine_schedule(struct engine *, double rate);
/*
 * Runs one job now, out of turn (the agent's /probe); it is told by
 * `finished` like any other. 0, or -1 when there is no such job. Joins a
 * run in progress.
 */
int engine_run_one(struct engine *, const char *id, const char *subject);

#endif
