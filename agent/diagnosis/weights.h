/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_DIAGNOSIS_WEIGHTS_H
#define MEETPROBE_DIAGNOSIS_WEIGHTS_H

#include <stddef.h>
#include <stdint.h>

#include "agent/diagnosis/evidence.h"

/*
 * The numbers of the inference, all in hundredths of a bit. A weight w is
 * kept as -log2(1 - w): what several causes do to one item adds up then.
 */
struct weights {
	size_t items, causes;
	uint16_t *shows;	/* [cause * items + item]: with consequences */
	uint16_t *expects;	/* [cause * items + item]: its own only */
	int *gain[8];		/* [leak class][sum]: log2(p / leak) */
};

/* Sums are cut off here: 20 bits, as good as certain. */
#define WEIGHT_MAX 2000

/* How often an item is there without any cause. */
enum leak {
	LEAK_SPECIFIC, LEAK_SHARED, LEAK_PROBE, LEAK_FINDING, LEAK_FACT,
	LEAK_LIFE, LEAK_NEGATED, LEAK_NOISE,
	LEAKS
};

void weights_init(struct weights *, const struct catalogue *);
void weights_free(struct weights *);
enum leak item_leak(const struct catalogue *, const struct item *);
int prior_score(const struct cause *);

#endif
