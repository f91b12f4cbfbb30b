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
void diagnosis_add_findings(struct diagnosis *, const struct findings *);
void diagnosis_add_verdict(struct diagnosis *, const struct verdict *);
void diagnosis_add_verdicts(struct diagnosis *, const struct verdicts *);

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
