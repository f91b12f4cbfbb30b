/* SPDX-License-Identifier: ISC */
/*
 * Sequence numbers. Would catch: copies that hide losses, wrong counts at a
 * wrap or when the first packets are swapped, a restart taken for a loss, an
 * outage taken for a restart, counters that fall.
 */
#include <string.h>

#include "probes/media/seqwin.h"
#include "tests/kit/check.h"

#define MS 1000000

/* Feeds numbers from..to, leaving out those where i % skip == 0. */
static void
run(struct seqwin *w, unsigned int from, unsigned int n, unsigned int skip)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (skip == 0 || i == 0 || i == n - 1 || i % skip != 0)
			(void)seqwin_add(w, (uint16_t)(from + i), 20 * MS);
}

static void
expect(const struct seqwin *w, const char *what, unsigned int expected,
    unsigned int lost, unsigned int copies, unsigned int late)
{
	CHECK_INT(seqwin_expected(w), expected, "%s: expected", what);
	CHECK_INT(seqwin_lost(w), lost, "%s: lost", what);
	CHECK_INT(seqwin_copies(w), copies, "%s: copies", what);
	CHECK_INT(w->reordered, late, "%s: late", what);
}

static void
test_plain(void)
{
	struct seqwin w = { 0 };
	unsigned int i;

	run(&w, 100, 200, 0);
	expect(&w, "200 in order", 200, 0, 0, 0);
	memset(&w, 0, sizeof(w));
	run(&w, 100, 200, 20);
	expect(&w, "9 of 200 missing", 200, 9, 0, 0);
	for (i = 0; i < 10; i++)	/* copies must not hide the losses */
		(void)seqwin_add(&w, (uint16_t)(285 + i), MS);
	expect(&w, "10 copies", 200, 9, 10, 0);
}

static void
test_wrap(void)
{
	struct seqwin w = { 0 };

	run(&w, 65436, 200, 0);
	expect(&w, "wrap", 200, 0, 0, 0);
	memset(&w, 0, sizeof(w));
	run(&w, 65436, 99, 0);
	run(&w, 65537 + 0, 99, 0);	/* 65535 and 0 lost */
	expect(&w, "wrap with 65535 and 0 lost", 200, 2, 0, 0);
	memset(&w, 0, sizeof(w));
	run(&w, 0, 65535, 0);
	run(&w, 65536, 100, 0);
	expect(&w, "once round, 65535 lost", 65636, 1, 0, 0);
}

static void
test_order(void)
{
	struct seqwin w = { 0 };

	(void)seqwin_add(&w, 1001, 0);
	CHECK_INT(seqwin_add(&w, 1000, MS), SEQ_LATE, "the first two swapped");
	run(&w, 1002, 50, 0);
	expect(&w, "first two swapped", 52, 0, 0, 1);
	(void)seqwin_add(&w, 1053, MS);
	(void)seqwin_add(&w, 1052, MS);
	expect(&w, "last two swapped", 54, 0, 0, 2);
	(void)seqwin_add(&w, 1500, MS);
	CHECK_INT(seqwin_add(&w, 1260, MS), SEQ_LATE, "240 late");
	CHECK_INT(seqwin_add(&w, 1260, MS), SEQ_COPY, "and once more");
}

static void
test_restart(void)
{
	struct seqwin w = { 0 };

	run(&w, 100, 200, 0);
	CHECK_INT(seqwin_add(&w, 30000, 20 * MS), SEQ_JUMP, "a jump is held");
	CHECK_INT(seqwin_add(&w, 30001, 20 * MS), SEQ_RESTART,
	    "the next one confirms it");
	run(&w, 30002, 98, 0);
	expect(&w, "restart", 300, 0, 0, 0);
	CHECK_INT(w.restarts, 1, "one restart");
	memset(&w, 0, sizeof(w));
	run(&w, 100, 200, 0);
	(void)seqwin_add(&w, 30000, 20 * MS);
	run(&w, 300, 100, 0);
	CHECK_INT(seqwin_expected(&w), 300, "a stray packet changes nothing");
	memset(&w, 0, sizeof(w));
	run(&w, 100, 200, 0);
	CHECK_INT(seqwin_add(&w, 5300, (int64_t)100000 * MS), SEQ_GAP,
	    "5000 missing in 100 s are an outage");
	expect(&w, "outage", 5201, 5000, 0, 0);
}

static void
test_settled(void)
{
	struct seqwin w = { 0 };
	unsigned int i, before = 0, fell = 0;

	for (i = 0; i < 5000; i++) {
		if (i % 10 != 3)
			(void)seqwin_add(&w, (uint16_t)i, MS);
		if (i % 10 == 9)	/* late, but within the window */
			(void)seqwin_add(&w, (uint16_t)(i - 6), MS);
		fell += w.settled_lost < before;
		before = w.settled_lost;
	}
	CHECK_INT(fell, 0, "what is told as lost never falls");
	CHECK_INT(w.settled_lost, 0, "late packets are never told as lost");
	run(&w, 5100, 600, 0);
	CHECK_INT(w.settled_lost, 100, "what leaves the window is");
	memset(&w, 0, sizeof(w));
	run(&w, 65500, 100, 10);
	CHECK_INT(w.settled_expected, 0, "a short stream has settled nothing");
	seqwin_settle(&w, w.max - 20);
	CHECK_INT(w.settled_expected, 80, "until it is told to");
	CHECK_INT(w.settled_lost, 7, "with what is missing");
	seqwin_settle(&w, w.max - 30);
	run(&w, 65600, 1000, 0);
	seqwin_settle(&w, w.max);
	CHECK(w.settled_expected == 1100 && w.settled_lost == 9,
	    "and nothing is settled twice");
}

int
main(void)
{
	test_plain();
	test_wrap();
	test_order();
	test_restart();
	test_settled();
	return (check_end());
}
