/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_MEDIA_SEQWIN_H
#define MEETPROBE_MEDIA_SEQWIN_H

#include <stdint.h>

#define SEQWIN_SIZE 512		/* late packets told from copies */

/*
 * Counts packets by their 16-bit sequence numbers, RFC 3550 appendix A.1,
 * but with a window that tells late packets from copies, so that copies
 * never hide a loss.
 */
struct seqwin {
	uint32_t base, max;	/* lowest and highest extended number */
	uint32_t packets;	/* all, copies too */
	uint32_t distinct;
	uint32_t reordered;	/* first copies below the highest so far */
	uint32_t carried;	/* expected before the last restart */
	uint32_t settled_lost;	/* lost for good: only grows */
	uint32_t settled_expected;
	uint32_t settled_to;	/* numbers up to this one are settled */
	uint16_t restarts;
	uint16_t held_seq;	/* a jump: the number that would confirm it */
	uint8_t held;
	uint8_t started;
	uint64_t bits[SEQWIN_SIZE / 64];	/* by extended number, ring */
};

enum seqwin_result {
	SEQ_NEXT,		/* new, the highest so far */
	SEQ_GAP,		/* new, some before it are missing */
	SEQ_LATE,		/* new, below the highest */
	SEQ_COPY,
	SEQ_JUMP,		/* too far away; counted when confirmed */
	SEQ_RESTART		/* confirmed: counting starts anew */
};

/* since_ns: time since the stream's last packet, to tell an outage (many
 * missing, much time) from a restart. */
enum seqwin_result seqwin_add(struct seqwin *, uint16_t seq,
    int64_t since_ns);
/* What leaves the window is settled by itself; this settles all numbers up to
 * `to` (a max of some seconds ago), so that slow streams are told in time. */
void seqwin_settle(struct seqwin *, uint32_t to);
uint32_t seqwin_expected(const struct seqwin *);
uint32_t seqwin_lost(const struct seqwin *);
uint32_t seqwin_copies(const struct seqwin *);

#endif
