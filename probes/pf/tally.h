/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_PF_TALLY_H
#define MEETPROBE_PROBES_PF_TALLY_H

#include "agent/base/buf.h"
#include "probes/pf/checks.h"
#include "probes/pf/matrix.h"

/*
 * What the flow matrix comes to under the rules of one host: what pf.config
 * does with a file and pf.rules with what is loaded. Inside checks*.c only.
 */
#define QUESTIONS (FLOWS_MAX * 2)

/* What the flows of one check came to. */
struct tally {
	struct check *c;
	const struct site *s;
	const struct pf_conf *file;	/* lines of live rules, or NULL */
	struct pf_site pf;
	int self, live;
	int tried, blocked, spare, open, unclear;
	int refused;			/* the rules could not be read */
	struct buf first;		/* the first trouble, a sentence */
	struct buf legs;		/* the fact pf.flow_legs */
	struct buf sure;		/* those that no table can change */
	struct buf blocks;		/* the fact pf.blocked */
	struct buf why;			/* refused: the first error */
	struct pf_question stopped[QUESTIONS], shut[QUESTIONS];
	size_t stopped_count, shut_count;	/* to advise on */
};

void tally_init(struct tally *, struct check *, const struct site *);
void tally_free(struct tally *);
/*
 * Follows every flow through the rules (of a file, or with tally.live those
 * of pfctl) and fills the check: sentences, facts, advice.
 */
void tally_rules(struct tally *, struct pf_env *, const char *file,
    struct str text, struct pf_files below);
/* FILE:LINE of a rule, of the file's when the rule is a live one. */
void tally_where(const struct tally *, const struct pf_rule *, struct buf *);
/* A trouble; what is blocked is told before what is open. */
void tally_note(struct tally *, const struct buf *line, int open);
/* Each leg that this host's rules decided, as facts have them. */
void tally_legs(struct tally *, const struct pf_followed *);
/* The rows of the matrix that lead outside, or come from a monitor. */
void tally_further(struct tally *);

#endif
