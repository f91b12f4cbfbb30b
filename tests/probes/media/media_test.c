/* SPDX-License-Identifier: ISC */
/*
 * The analyser on packets made here. Would catch: a flood of made-up sources
 * that pushes out a real client or costs memory, loss told from an interval
 * in which the capture itself lost packets, totals that do not survive the
 * way to another process.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "probes/codec/stun.h"
#include "probes/media/capture.h"
#include "tests/kit/check.h"
#include "tests/probes/media/packets.h"

/* Half a million sources, each with a check and two packets of a stream. */
static void
test_flood(void)
{
	struct media *m = analyser(0);
	const struct media_counts *c;
	uint32_t i;
	int64_t t = START;

	connect_client(m, 0xcb00710a, t);
	for (i = 0; i < 500000; i++) {
		t += MS / 100;
		send_stun(m, 1, 0, 0x50000000 + i, 1024 + i % 60000, i,
		    "made:up", t);
		if (i % 100 == 0)
			send_rtp(m, 1, 0xcb00710a, i / 100, 7, t);
	}
	c = media_get_counts(m);
	CHECK(c->flows[ICE_CONNECTED] == 1 &&
	    c->flows[ICE_CHECKING] + c->flows[ICE_FAILED] <=
	    LIMIT_MEDIA_UNPROVEN, "made-up sources only push each other out");
	CHECK(c->evicted_flows > 490000, "and that is counted");
	CHECK_INT(c->streams, 1, "the client's stream is still there");
	media_free(m);
}

/* Streams that nobody believes, on one flow. */
static void
test_streams(void)
{
	struct media *m = analyser(0);
	const struct media_counts *c;
	uint32_t i;

	for (i = 0; i < 20000; i++)
		send_rtp(m, 1, 0xcb00710a, i * 7919, i * 2654435761U,
		    START + i * MS);
	c = media_get_counts(m);
	CHECK_INT(c->streams, 0, "single packets make no stream");
	for (i = 0; i < 20000; i++) {
		send_rtp(m, 1, 0xcb00710a, 1, i, START + i * MS);
		send_rtp(m, 1, 0xcb00710a, 2, i, START + i * MS);
	}
	c = media_get_counts(m);
	CHECK(c->streams <= LIMIT_MEDIA_UNPROVEN_STREAMS &&
	    c->refused_streams > 0, "and pairs of them few");
	media_free(m);
}

static void
lose_a_tenth(struct media *m)
{
	unsigned int i;

	connect_client(m, 0xcb00710a, START);
	for (i = 0; i < 500; i++) {
		if (i % 10 != 5)
			send_rtp(m, 1, 0xcb00710a, i, 7, START + i * 20 * MS);
		if (i % 50 == 0)
			send_stun(m, 0, 0, 0xcb00710a, 40000, 10 + i,
			    "client:bridge", START + i * 20 * MS);
		if (i % 50 == 0)
			send_stun(m, 1, 1, 0xcb00710a, 40000, 10 + i, "",
			    START + i * 20 * MS + 5 * MS);
	}
}

static void
test_loss(void)
{
	struct media *m = analyser(0);

	lose_a_tenth(m);
	CHECK(proves(m, "loss-up"), "10 %% loss towards the bridge is told");
	media_capture_dropped(m, 50);
	CHECK(!proves(m, "loss-up"),
	    "but not when the capture itself lost packets");
	media_free(m);
}

/* The same checks unanswered: by nobody, or only for one of two. */
static void
test_silence(void)
{
	struct media *m = analyser(0);
	unsigned int i;

	for (i = 0; i < 20; i++)
		send_stun(m, 1, 0, 0xcb00710a, 40000, i, "bridge:client",
		    START + i * 500 * MS);
	CHECK(proves(m, "udp-in-vm") && !proves(m, "stale-ufrag"),
	    "nobody is answered: not this client's fault");
	for (i = 0; i < 20; i++) {
		send_stun(m, 1, 0, 0xcb00710b, 40001, 100 + i, "other:one",
		    START + i * 500 * MS);
		send_stun(m, 0, 1, 0xcb00710b, 40001, 100 + i, "",
		    START + i * 500 * MS + MS);
	}
	CHECK(proves(m, "stale-ufrag") && !proves(m, "udp-in-vm"),
	    "another one is: the bridge does not know the first");
	media_free(m);
}

/* Live: what is idle goes, and the totals stay. */
static void
test_sweep(void)
{
	struct media *m = analyser(1);
	const struct media_counts *c;
	unsigned int i;
	uint64_t expected;

	lose_a_tenth(m);
	send_udp(m, 1, 1, 1, (const uint8_t *)"x", 1, START + 200000 * MS);
	c = media_get_counts(m);
	expected = c->expected[MEDIA_IN][MEDIA_AUDIO];
	CHECK_INT(expected, 500, "a stream that ended is counted in full");
	CHECK_INT(c->lost[MEDIA_IN][MEDIA_AUDIO], 50, "with its losses");
	CHECK_INT(c->streams, 0, "and gone");
	for (i = 0; i < 4; i++)
		send_udp(m, 1, 2 + i, 1, (const uint8_t *)"x", 1,
		    START + (300000 + i) * MS);
	c = media_get_counts(m);
	CHECK_INT(c->flows[ICE_CONNECTED], 0, "so is its flow");
	CHECK_INT(c->expected[MEDIA_IN][MEDIA_AUDIO], expected,
	    "the totals stay");
	media_free(m);
}

/* Live: a fault that is over is no longer told. */
static void
test_clears(void)
{
	struct media *m = analyser(1);
	unsigned int i;
	int told = 0, later;

	lose_a_tenth(m);
	told = proves(m, "loss-up");
	for (i = 500; i < 8000; i++) {
		send_rtp(m, 1, 0xcb00710a, i, 7, START + i * 20 * MS);
		if (i % 50 != 0)
			continue;
		send_stun(m, 0, 0, 0xcb00710a, 40000, 10 + i,
		    "client:bridge", START + i * 20 * MS);
		send_stun(m, 1, 1, 0xcb00710a, 40000, 10 + i, "",
		    START + i * 20 * MS + 5 * MS);
	}
	later = proves(m, "loss-up");
	CHECK(told && !later, "loss that ended two minutes ago is not told");
	media_free(m);
}

/* The counts and verdicts through a socket pair. */
static void
test_messages(void)
{
	struct media *m = analyser(1);
	struct media_counts got;
	const struct media_counts *c;
	struct verdicts v;
	struct msg *in = malloc(sizeof(*in));
	int pair[2], ended = 0, bad = 0;

	if (in == NULL || msg_pair(pair) == -1) {
		CHECK(0, "a socket pair");
		return;
	}
	lose_a_tenth(m);
	verdicts_init(&v);
	memset(&got, 0, sizeof(got));
	CHECK_INT(media_send_round(pair[0], m, 0), 0, "a round is sent");
	while (!ended && !bad && msg_recv(in, pair[1]) == 1) {
		if (in->type == MEDIA_MSG_COUNTS)
			bad = media_get_msg_counts(in, &got);
		else if (in->type == MEDIA_MSG_VERDICT)
			bad = media_get_msg_verdict(in, &v);
		else
			ended = in->type == MEDIA_MSG_END;
	}
	c = media_get_counts(m);
	CHECK(ended && !bad, "and received");
	CHECK(memcmp(got.packets, c->packets, sizeof(got.packets)) == 0 &&
	    got.frames == c->frames && got.streams == c->streams &&
	    got.rtt.count[6] == c->rtt.count[6] &&
	    got.flows[ICE_CONNECTED] == 1, "with the same counts");
	CHECK(has(&v, "loss-up") && v.list[0].flow != NULL,
	    "and the same verdicts");
	verdicts_free(&v);
	media_free(m);
	close(pair[0]);
	close(pair[1]);
	free(in);
}

int
main(void)
{
	test_flood();
	test_streams();
	test_loss();
	test_silence();
	test_sweep();
	test_clears();
	test_messages();
	return (check_end());
}
