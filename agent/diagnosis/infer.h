/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_DIAGNOSIS_INFER_H
#define MEETPROBE_DIAGNOSIS_INFER_H

#include <stddef.h>

#include "agent/diagnosis/evidence.h"

/*
 * From the values of items to a ranked list of causes: noisy-OR over sets of
 * up to three causes, scores in hundredths of a bit, ties by id.
 */

/* What became of one cause of the catalogue. */
struct ranked {
	size_t cause;
	int single;		/* score of it alone */
	int gain;		/* what the chosen set loses without it */
	double confidence;
	int observed;		/* explains a fault that was seen */
	int instead_of;		/* rank position it would replace, or -1 */
	wall_t cleared;		/* WALL_NONE: active */
	size_t *explains;	/* causes folded into it */
	size_t explain_count, explain_cap;
	int runner_up;		/* a cause, -1: none */
	int separates;		/* an item, -1: none */
};

struct inference {
	struct ranked *list;	/* by rank */
	size_t count, cap;
	char *explained;	/* [item]: a listed cause explains it */
	int probe_item;		/* the probe that would decide most, -1 */
};

void infer(const struct evidence *, struct inference *);
void inference_free(struct inference *);

/* 1 when an item is a sign of a fault, not only of life. */
int item_is_fault(const struct evidence *, const struct item *);

/*
 * How bad a cause that was ranked is: what cleared is a note; what only the
 * configuration shows is as bad as the finding says, since nobody has
 * noticed yet.
 */
enum severity ranked_severity(const struct evidence *, const struct ranked *);

#endif
