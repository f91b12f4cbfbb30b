/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_DIAGNOSIS_DIAGNOSIS_H
#define MEETPROBE_DIAGNOSIS_DIAGNOSIS_H

#include "agent/base/str.h"
#include "agent/facts/check.h"
#include "agent/facts/finding.h"
#include "agent/facts/record.h"
#include "agent/facts/verdict.h"

struct catalogue;
struct report;

/*
 * One diagnosis: evidence is added in any order, then concluded once. The
 * order and the cutting of logs into texts do not change what comes out.
 */
struct diagnosis;

/* The catalogue must outlive it. Freed by diagnosis_free. */
struct diagnosis *diagnosis_new(const struct catalogue *);
void diagnosis_free(struct diagnosis *);

/* Matches the text at once and copies what it keeps. */
void diagnosis_add_log(struct diagnosis *, const struct log_text *);
/* The check's state and reason, its facts lines; copied. */
void diagnosis_add_check(struct diagnosis *, const struct check *);
/* 0, or -1 when facts.def has no such fact or the value is not of its type. */
int diagnosis_add_fact(struct diagnosis *, struct str name,
    struct str subject, struct str value);
void diagnosis_add_finding(struct diagnosis *, const struct finding *);
/* 1 when a finding of that id, host and place is there already; host and file
 * may be NULL. */
int diagnosis_has_finding(const struct diagnosis *, const char *id,
    const char *host, const char *file, int line);
void diagnosis_add_findings(struct diagnosis *, const struct findings *);
void diagnosis_add_verdict(struct diagnosis *, const struct verdict *);
void diagnosis_add_verdicts(struct diagnosis *, const struct verdicts *);

struct versions;
/* Adds what was said so far of the versions of the site's programs, by facts
 * and by logs. More may be added afterwards. */
void diagnosis_versions(const struct diagnosis *, struct versions *);

/*
 * What was seen of one signal, as evidence that travels between hosts
 * (meetprobe.evidence/1). The slices live as long as the diagnosis, or the
 * call that hands them in.
 */
#define SIGNAL_CAPTURES 24
struct signal_seen {
	const char *id;
	enum component component;
	const char *host;	/* NULL: not known */
	size_t count;
	wall_t first, last;	/* WALL_NONE when the lines have no time */
	struct str sample;	/* the message of the first */
	struct {
		struct str name, value;
	} captures[SIGNAL_CAPTURES];	/* of the first */
	size_t capture_count;
};

/* Calls back for every signal that was seen; nothing is added afterwards. */
void diagnosis_signals(struct diagnosis *,
    void (*)(void *, const struct signal_seen *), void *);
/* Calls back with the first and the last time of every signal that was seen
 * so far; what is still to come may be added afterwards. */
void diagnosis_sightings(const struct diagnosis *, void (*)(void *,
    const char *id, wall_t first, wall_t last), void *);
/* The catalogue that it was made with. */
const struct catalogue *diagnosis_catalogue(const struct diagnosis *);
/* Takes in what another host saw. 0, or -1 when the catalogue has no such
 * signal (it is another version's). */
int diagnosis_add_signal(struct diagnosis *, const struct signal_seen *);
/* Takes in that another host read a log of this component, from when to
 * when: what it did not see there is absent, not unknown. */
void diagnosis_add_cover(struct diagnosis *, enum component,
    const char *host, wall_t from, wall_t to, size_t lines);

/* As if nobody had looked for this item of the catalogue (its tests). */
void diagnosis_unknown(struct diagnosis *, size_t item);
/* 1 when the signal or pattern of this id is present; nothing is added after
 * this question. */
int diagnosis_seen(struct diagnosis *, const char *id);

/*
 * Ranks the causes and puts causes, evidence, unexplained and the next probe
 * into the report. Checks that were added to both are joined by id and
 * subject. Call report_verdict afterwards.
 */
void diagnosis_conclude(struct diagnosis *, struct report *);
/*
 * After that: keeps what the logs said since `keep` and forgets the rest
 * (checks, facts, findings, verdicts), so that the agent can add what it
 * knows now and conclude again.
 */
void diagnosis_renew(struct diagnosis *, wall_t keep);

#endif
