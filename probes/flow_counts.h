/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_FLOW_COUNTS_H
#define MEETPROBE_PROBES_FLOW_COUNTS_H

#include <stddef.h>
#include <stdint.h>

struct msg;
struct verdicts;

/* What the capture child has told, without the analyser's own types. */
struct flow_counts;

struct flow_counts *flow_counts_new(void);
/* NULL is allowed. */
void flow_counts_free(struct flow_counts *);
/*
 * Takes a message of the capture child: 0; 1 when the round is complete; 2
 * when it says why it cannot capture (the text is still in the message); -1
 * when it is none. Verdicts are added to v.
 */
int flow_counts_take(struct flow_counts *, struct msg *, struct verdicts *v);
/* Packets of class i ("stun", "dtls" ...); NULL name: there is no such. */
const char *flow_counts_class(const struct flow_counts *, size_t i,
    uint64_t *in, uint64_t *out);

#endif
