/* SPDX-License-Identifier: ISC */
/* Sequence number accounting. Pure. */
#include <string.h>

#include "probes/media/seqwin.h"

#define MAX_DROPOUT 3000	/* RFC 3550 A.1 */
#define MAX_MISORDER 1000
#define FIRST (UINT32_C(1) << 30)	/* room below the first number */
#define MAX_RATE 2000		/* packets a second of one stream */

static int
is_set(const struct seqwin *w, uint32_t n)
{
	return ((int)(w->bits[n % SEQWIN_SIZE / 64] >> (n % 64) & 1));
}

static void
set(struct seqwin *w, uint32_t n)
{
	w->bits[n % SEQWIN_SIZE / 64] |= UINT64_C(1) << (n % 64);
}

static void
clear(struct seqwin *w, uint32_t n)
{
	w->bits[n % SEQWIN_SIZE / 64] &= ~(UINT64_C(1) << (n % 64));
}

static void
start(struct seqwin *w, uint16_t seq)
{
	memset(w->bits, 0, sizeof(w->bits));
	w->base = w->max = FIRST + seq;
	w->started = 1;
	w->held = 0;
	set(w, w->max);
	w->distinct++;
}

/* Number n leaves the window: it is lost for good if it never came. */
static void
settle(struct seqwin *w, uint32_t n)
{
	if (n < w->base || n <= w->settled_to)
		return;
	w->settled_to = n;
	w->settled_expected++;
	if (!is_set(w, n))
		w->settled_lost++;
}

static enum seqwin_result
forward(struct seqwin *w, uint32_t d)
{
	uint32_t i;

	if (d >= SEQWIN_SIZE) {
		for (i = 0; i < SEQWIN_SIZE; i++)
			settle(w, w->max - SEQWIN_SIZE + 1 + i);
		w->settled_expected += d - SEQWIN_SIZE;
		w->settled_lost += d - SEQWIN_SIZE;
		w->settled_to = w->max + d - SEQWIN_SIZE;
		memset(w->bits, 0, sizeof(w->bits));
	} else
		for (i = 1; i <= d; i++) {
			settle(w, w->max + i - SEQWIN_SIZE);
			clear(w, w->max + i);
		}
	w->max += d;
	set(w, w->max);
	w->distinct++;
	return (d == 1 ? SEQ_NEXT : SEQ_GAP);
}

static enum seqwin_result
backward(struct seqwin *w, uint32_t age)
{
	uint32_t n = w->max - age;

	if (age < SEQWIN_SIZE) {
		if (n >= w->base && is_set(w, n))
			return (SEQ_COPY);
		set(w, n);
	} else if (n >= w->base &&
	    w->distinct >= w->carried + (w->max - w->base + 1))
		return (SEQ_COPY);	/* nothing was missing */
	if (n < w->base)
		w->base = n;
	w->distinct++;
	w->reordered++;
	return (SEQ_LATE);
}

/* RFC 3550 A.1: a jump counts when the next number follows it. */
static enum seqwin_result
jump(struct seqwin *w, uint16_t seq)
{
	if (!w->held || seq != w->held_seq) {
		w->held = 1;
		w->held_seq = (uint16_t)(seq + 1);
		return (SEQ_JUMP);
	}
	seqwin_settle(w, w->max);
	w->settled_to = 0;
	w->carried += w->max - w->base + 1;
	w->restarts++;
	start(w, (uint16_t)(seq - 1));
	(void)forward(w, 1);
	return (SEQ_RESTART);
}

enum seqwin_result
seqwin_add(struct seqwin *w, uint16_t seq, int64_t since_ns)
{
	int d;

	w->packets++;
	if (!w->started) {
		start(w, seq);
		return (SEQ_NEXT);
	}
	d = (int16_t)(seq - (uint16_t)w->max);
	if (d == 1) {
		w->held = 0;
		settle(w, w->max + 1 - SEQWIN_SIZE);
		w->max++;
		set(w, w->max);
		w->distinct++;
		return (SEQ_NEXT);
	}
	if ((d > MAX_DROPOUT && since_ns / 1000000 * MAX_RATE / 1000 < d) ||
	    d < -MAX_MISORDER)
		return (jump(w, seq));
	if (d > 0) {
		w->held = 0;
		return (forward(w, (uint32_t)d));
	}
	return (d == 0 ? SEQ_COPY : backward(w, (uint32_t)-d));
}

void
seqwin_settle(struct seqwin *w, uint32_t to)
{
	uint32_t n = w->max - SEQWIN_SIZE + 1;

	if (!w->started || to > w->max)
		return;
	if (n <= w->settled_to)
		n = w->settled_to + 1;
	if (n < w->base)
		n = w->base;
	for (; n <= to; n++)
		settle(w, n);
}

uint32_t
seqwin_expected(const struct seqwin *w)
{
	return (w->started ? w->carried + w->max - w->base + 1 : 0);
}

uint32_t
seqwin_lost(const struct seqwin *w)
{
	uint32_t expected = seqwin_expected(w);

	return (expected > w->distinct ? expected - w->distinct : 0);
}

uint32_t
seqwin_copies(const struct seqwin *w)
{
	return (w->packets > w->distinct ? w->packets - w->distinct : 0);
}
