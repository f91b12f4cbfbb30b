/* SPDX-License-Identifier: ISC */
/*
 * Verdicts on packets made here, each with the case next to it that must not
 * raise it. Would catch: a rule that fires on a healthy call, or not at all;
 * the recorded calls (recorded_test.sh) hold the real ones.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/kit/check.h"
#include "tests/probes/media/packets.h"

#define A 0xcb00710a		/* 203.0.113.10 */
#define B 0xcb00710b
#define LAN 0xc0a80105		/* 192.168.1.5 */

/* Checks every half second for so many seconds, answered or not. */
static void
check_for(struct media *m, uint32_t client, const char *ours,
    const char *theirs, int up_answered, int down_answered, int seconds)
{
	int i;
	int64_t t;

	for (i = 0; i < 2 * seconds; i++) {
		t = START + i * 500 * MS;
		send_stun(m, 1, 0, client, 40000, (uint32_t)(1000 + 2 * i),
		    ours, t);
		if (up_answered)
			send_stun(m, 0, 1, client, 40000,
			    (uint32_t)(1000 + 2 * i), "", t + MS);
		send_stun(m, 0, 0, client, 40000, (uint32_t)(1001 + 2 * i),
		    theirs, t + 2 * MS);
		if (down_answered)
			send_stun(m, 1, 1, client, 40000,
			    (uint32_t)(1001 + 2 * i), "10000", t + 20 * MS);
	}
}

static void
test_reach(void)
{
	struct media *m = analyser(0);

	check_for(m, A, "bA:cA", "cA:bA", 1, 1, 10);
	CHECK(!proves(m, "udp-out") && !proves(m, "stale-ufrag"),
	    "answered checks prove nothing");
	check_for(m, B, "bB:cB", "cB:bB", 1, 0, 10);
	CHECK(proves(m, "udp-out") && !proves(m, "hairpin"),
	    "the bridge's checks are never answered: udp-out");
	media_free(m);
	m = analyser(0);
	check_for(m, A, "bA:cA", "cA:bA", 1, 1, 10);
	check_for(m, LAN, "bL:cL", "cL:bL", 1, 0, 10);
	CHECK(proves(m, "hairpin") && !proves(m, "udp-out"),
	    "the same of a client of the local network: hairpin");
	media_free(m);
}

/* The bridge calls, nobody is heard; or one of two. */
static void
test_unheard(void)
{
	struct media *m = analyser(0);
	int i;

	for (i = 0; i < 20; i++)
		send_stun(m, 0, 0, B, 40000, (uint32_t)i, "cB:bB",
		    START + i * 500 * MS);
	CHECK(proves(m, "udp-in-router") && !proves(m, "c-udp"),
	    "nobody is heard: before this point");
	check_for(m, A, "bA:cA", "cA:bA", 1, 1, 10);
	CHECK(proves(m, "c-udp") && !proves(m, "udp-in-router"),
	    "another one is: that client's network");
	media_free(m);
	m = analyser(0);
	for (i = 0; i < 20; i++)
		send_stun(m, 0, 0, B, 40000, (uint32_t)i, "cB:bB",
		    START + i * 500 * MS);
	check_for(m, LAN, "bL:cL", "cL:bL", 1, 1, 10);
	CHECK(proves(m, "nat-addr-private") && !proves(m, "c-udp"),
	    "only the local network is: no public address");
	media_free(m);
}

static void
test_address(void)
{
	struct media_options o = { .has_public = 1, .name = "test" };
	struct media *m;

	CHECK_INT(media_addr_parse("198.51.100.1", &o.public), 0, "an address");
	m = media_new(&o);
	check_for(m, A, "bA:cA", "cA:bA", 1, 1, 3);
	CHECK(!proves(m, "nat-addr-wrong") && !proves(m, "nat-port"),
	    "clients see the configured address");
	send_stun(m, 0, 0, A, 40000, 5, "cA:bA", START + 4000 * MS);
	send_stun(m, 1, 1, A, 40000, 5, "4711", START + 4001 * MS);
	CHECK(proves(m, "nat-port"), "another port: nat-port");
	media_free(m);
	CHECK_INT(media_addr_parse("198.51.100.9", &o.public), 0, "another");
	m = media_new(&o);
	check_for(m, A, "bA:cA", "cA:bA", 1, 1, 3);
	CHECK(proves(m, "nat-addr-wrong"), "another address: nat-addr-wrong");
	media_free(m);
}

/* ICMP "port unreachable" of the bridge about a packet of the client. */
static void
send_unreachable(struct media *m, uint32_t client, unsigned int code,
    int64_t ns)
{
	uint8_t p[56] = { 0x45 };

	put16(p + 2, 56);
	p[9] = 1;
	put32(p + 12, 0x0a000001);
	put32(p + 16, client);
	p[20] = 3;
	p[21] = (uint8_t)code;
	p[28] = 0x45;
	put16(p + 30, 56);
	p[37] = 17;
	put32(p + 40, client);
	put32(p + 44, 0x0a000001);
	put16(p + 48, 40000);
	put16(p + 50, 10000);
	media_feed(m, 101, p, 56, 56, ns);
}

static void
test_unreachable(void)
{
	struct media *m = analyser(0), *n = analyser(0);
	int i;

	for (i = 0; i < 10; i++) {
		send_stun(m, 1, 0, A, 40000, (uint32_t)i, "bA:cA",
		    START + i * 500 * MS);
		send_unreachable(m, A, 3, START + i * 500 * MS + MS);
		send_stun(n, 1, 0, A, 40000, (uint32_t)i, "bA:cA",
		    START + i * 500 * MS);
		send_unreachable(n, A, 13, START + i * 500 * MS + MS);
	}
	CHECK(proves(m, "bridge-down") && !proves(m, "udp-in-vm"),
	    "port unreachable: nothing listens");
	CHECK(proves(n, "udp-in-vm") && !proves(n, "bridge-down"),
	    "administratively prohibited: a packet filter");
	media_free(m);
	media_free(n);
}

/* A ClientHello of one piece, too short to be read further. */
static void
send_hello(struct media *m, uint32_t client, unsigned int seq, int64_t ns)
{
	uint8_t p[60] = { 22, 0xfe, 0xfd };

	p[10] = (uint8_t)seq;
	put16(p + 11, 47);
	p[13] = 1;
	p[16] = 35;
	p[24] = 35;
	send_udp(m, 1, client, 40000, p, sizeof(p), ns);
}

static void
test_dtls(void)
{
	struct media *m = analyser(0);
	unsigned int i;

	check_for(m, A, "bA:cA", "cA:bA", 1, 1, 10);
	send_hello(m, A, 0, START + 100 * MS);
	CHECK(!proves(m, "dtls-stuck-bridge"), "one ClientHello is no fault");
	for (i = 1; i < 5; i++)
		send_hello(m, A, i, START + 100 * MS + i * 1000 * MS);
	CHECK(proves(m, "dtls-stuck-bridge"), "five without an answer are");
	media_free(m);
}

/* Audio of A comes out to B so many packets of 20 ms later, and 1 ms. */
static int
slow_bridge(unsigned int behind)
{
	struct media *m = analyser(0);
	unsigned int i;
	int64_t t;
	int r;

	connect_client(m, A, START);
	connect_client(m, B, START);
	for (i = 0; i < 500; i++) {
		t = START + 100 * MS + i * 20 * MS;
		send_rtp(m, 1, A, i, 7, t);
		if (i >= behind)
			send_rtp(m, 0, B, i - behind, 7, t + MS);
	}
	r = proves(m, "jitter-bridge");
	media_free(m);
	return (r);
}

static void
test_bridge(void)
{
	CHECK(!slow_bridge(0), "1 ms inside the bridge is fine");
	CHECK(slow_bridge(2), "41 ms are not");
}

/* Nothing for a minute, then only the bridge is heard. */
static void
test_state(void)
{
	struct media *m = analyser(0);
	int i;

	connect_client(m, A, START);
	for (i = 0; i < 6; i++)
		send_stun(m, 0, 0, A, 40000, (uint32_t)(50 + i), "cA:bA",
		    START + (60 + i) * 1000 * MS);
	CHECK(proves(m, "state-timeout"), "a forgotten connection");
	send_stun(m, 1, 1, A, 40000, 55, "", START + 66 * 1000 * MS);
	CHECK(!proves(m, "state-timeout"), "unless it answers after all");
	media_free(m);
}

int
main(void)
{
	test_reach();
	test_unheard();
	test_address();
	test_unreachable();
	test_dtls();
	test_bridge();
	test_state();
	CHECK_STR(media_verdict_title("no-such-verdict"), "",
	    "an id that is none");
	return (check_end());
}
