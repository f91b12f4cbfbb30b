/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_DIAGNOSIS_REPORT_H
#define MEETPROBE_DIAGNOSIS_REPORT_H

#include <stddef.h>
#include <stdio.h>

#include "agent/base/clock.h"
#include "agent/base/str.h"
#include "agent/facts/check.h"
#include "agent/facts/kinds.h"
#include "agent/facts/version.h"

/*
 * The report: one record of everything that was checked, seen and concluded,
 * which every format prints (schema meetprobe.report/1). Made by the
 * programs (checks, coverage) and by diagnosis_conclude (causes, evidence);
 * the renderers only read it. The report owns all its strings.
 */

/* The same order as the words of --format. */
enum report_format {
	REPORT_TEXT, REPORT_SHORT, REPORT_JSON, REPORT_JUNIT, REPORT_TAP,
	REPORT_NAGIOS,
	REPORT_FORMATS
};

enum report_verdict {
	REPORT_HEALTHY, REPORT_FINDINGS, REPORT_UNDETERMINED
};

/* A growing list of strings of its own. */
struct names {
	char **list;
	size_t count, cap;
};

/* A check, and the evidence that it became ("e3"). */
struct report_check {
	struct check check;
	struct names evidence;
	int explained;		/* failed, and a cause explains why */
};

struct report_evidence {
	char *id;		/* "e3" */
	enum source source;
	char *component;	/* NULL when nobody's */
	char *host;		/* NULL when not known */
	wall_t time;		/* as logged; WALL_NONE when there is none */
	int time_guessed;	/* the year or the zone was not in the line */
	int has_offset;		/* time is UTC, not just as logged */
	char *file;		/* NULL when not from a file */
	int line;		/* 0 when not known */
	char *signal;		/* id of the signal, pattern, check ... */
	char *text;		/* the line, the sentence */
	size_t count;		/* how many times it was seen */
};

struct report_fix {
	char *os;		/* openbsd, linux, container, any */
	char *text, *cmd;	/* cmd: NULL when there is no command */
	enum interrupts interrupts;
};

struct report_cause {
	char *id, *title, *component, *host, *say;
	enum kind kind;
	int rank;		/* from 1 */
	double confidence;	/* 0..0.99 */
	enum severity severity;
	int explains_observed;	/* at least one observed fault */
	wall_t cleared;		/* WALL_NONE while it is active */
	struct names for_, against, unknown;	/* evidence ids; probe:ID ... */
	struct names explains;	/* ids of causes folded into this one */
	struct report_fix *fix;
	size_t fix_count, fix_cap;
	char *prove;		/* a probe, or NULL */
	struct names ref;
	char *instead_of;	/* id of the cause it would replace: the
				 * evidence does not decide; or NULL */
	char *runner_up;	/* the next best instead of this, or NULL */
	char *separates;	/* the item that tells them apart, or NULL */
};

struct report_coverage {
	char *source;
	enum coverage_state state;
	wall_t from, to;	/* WALL_NONE when not known */
	size_t lines;
	char *hint;		/* how it could be read, or NULL */
	int required;		/* named on the command line */
	enum component component;	/* of a log; NONE: mixed, or no log */
};

struct report {
	char *mode;		/* the command: "accept", "diagnose", "agent" */
	char *site, *host;	/* "" when not known */
	roles_t roles;
	wall_t generated;
	enum report_verdict verdict;
	int exit_status;	/* 0, 1 or 3 */
	struct report_check *checks;
	size_t check_count, check_cap;
	struct report_cause *causes;	/* by rank */
	size_t cause_count, cause_cap;
	struct names unexplained;	/* evidence ids */
	struct report_evidence *evidence;
	size_t evidence_count, evidence_cap;
	struct report_coverage *coverage;
	size_t coverage_count, coverage_cap;
	struct versions versions;	/* of the programs, as far as known */
	char *next_probe;	/* what to run next, or NULL */
	char *next_why;		/* a sentence, or NULL */
};

/* An empty report; mode is the command's name. Freed by report_free. */
struct report *report_new(const char *mode);
void report_free(struct report *);
/* Copies; NULL is "". */
void report_site(struct report *, const char *site, const char *host,
    roles_t);
/* Takes the check's strings (as check_free would) and leaves it empty. */
void report_add_check(struct report *, struct check *);
/* What was to be read, and whether it was. Strings are copied; hint: NULL or
 * how to read it. required: not reading it makes the run undetermined. */
void report_add_coverage(struct report *, const char *source,
    enum coverage_state, wall_t from, wall_t to, size_t lines,
    const char *hint, int required);
/* Adds evidence with the next id; what the caller fills in belongs to the
 * report. Valid until the next addition; never NULL. */
struct report_evidence *report_add_evidence(struct report *, enum source);
struct report_cause *report_add_cause(struct report *, const char *id);
void report_add_fix(struct report_cause *, const char *os, const char *text,
    const char *cmd, enum interrupts);

/*
 * Once everything is in: verdict and exit status. 1 when a cause is down or
 * degraded or a failed check has no cause; else 3 when a required check is
 * unknown or a required source was not read; else 0. With strict a check
 * that warns and a cause of severity risk count as findings.
 */
void report_verdict(struct report *, int strict);
/* The process's exit status in a format: nagios alone has its own mapping. */
int report_exit(const struct report *, enum report_format);
const char *report_verdict_name(enum report_verdict);

/* Prints it. Text from outside is escaped in every format. */
void report_render(const struct report *, enum report_format, int color,
    FILE *);

void names_add(struct names *, const char *);
void names_free(struct names *);
int names_has(const struct names *, const char *);

#endif
