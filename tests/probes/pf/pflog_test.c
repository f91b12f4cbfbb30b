/* SPDX-License-Identifier: ISC */
/*
 * Records of pflog(4), made by hand after the header's drawing. Would catch:
 * wrong offsets, the wrong start of the packet for each header length, reads
 * beyond a short record, counting by the wrong port or rule.
 */
#include <string.h>

#include "probes/pf/log/pflog.h"
#include "probes/pf/system.h"
#include "tests/kit/check.h"

static void
put32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

/* A record with a UDP packet to 100.64.4.3:10000; its length. */
static size_t
record(uint8_t *r, unsigned int length, const char *ruleset, uint32_t nr,
    uint32_t sub)
{
	uint8_t *ip = r + ((length + 3) & ~3U);

	memset(r, 0, 200);
	r[0] = (uint8_t)length;
	r[1] = 2;
	r[2] = 1;
	memcpy(r + 4, "tap3", 4);
	memcpy(r + 20, ruleset, strlen(ruleset));
	put32(r + 36, nr);
	put32(r + 40, sub);
	r[60] = 2;
	ip[0] = 0x45;
	ip[9] = 17;
	put32(ip + 12, 0xc633644d);
	put32(ip + 16, 0x64400403);
	ip[20] = 0xcb;
	ip[21] = 0x20;
	ip[22] = 0x27;
	ip[23] = 0x10;
	return ((size_t)(ip - r) + 28);
}

static void
test_parse(void)
{
	static const unsigned int lengths[] = { 100, 61, 64, 69 };
	uint8_t r[256];
	struct pf_log_entry e;
	size_t len, i, cut;
	int bad = 0;

	for (i = 0; i < 4; i++) {
		len = record(r, lengths[i], "", 3, UINT32_MAX);
		CHECK(pf_log_parse(r, len, &e) == 0 && e.dport == 10000 &&
		    e.sport == 52000 && e.proto == 17 && e.rule == 3 &&
		    e.subrule == -1 && e.dir == PF_OUT, "header of %u bytes",
		    lengths[i]);
		CHECK_STR(e.ifname, "tap3", "interface");
		CHECK_STR(e.reason, "match", "reason");
	}
	len = record(r, 100, "jitsi", 1, 2);
	r[61] = 1;
	r[96] = 0x27;
	r[97] = 0x11;
	CHECK(pf_log_parse(r, len, &e) == 0 && e.subrule == 2 &&
	    e.rewritten && e.new_sport == 10001, "anchor and rewriting");
	CHECK_STR(e.ruleset, "jitsi", "the anchor's name");
	memset(r + 20, 'x', 16);
	pf_log_parse(r, len, &e);
	CHECK_INT(strlen(e.ruleset), 16, "a name that fills its field");
	for (cut = 0; cut < len; cut++)
		if (pf_log_parse(r, cut, &e) == 0 && e.proto != -1 &&
		    cut < 120)
			bad++;
	CHECK_INT(bad, 0, "no short record claims a whole packet");
	CHECK(pf_log_parse(r, 40, &e) == -1, "a cut header is refused");
	r[0] = 20;
	CHECK(pf_log_parse(r, len, &e) == -1, "a length that cannot be");
	CHECK_STR(pf_log_reason(10), "state-mismatch", "a reason");
	CHECK_STR(pf_log_reason(99), "unknown", "a reason that is none");
}

static const struct pf_watch watch = {
	.ports = { { 17, 10000, 10000 }, { 6, 5222, 5222 } },
	.port_count = 2,
	.hosts = { { PF_AF_INET, { { 100, 64, 4, 3 } } } },
	.host_count = 1,
};

static void
test_count(void)
{
	uint8_t r[256];
	struct pf_log_entry e;
	struct pf_log l, two;
	size_t len = record(r, 100, "", 0, UINT32_MAX);
	int i;

	pf_log_init(&l, &watch);
	for (i = 0; i < 5; i++) {
		pf_log_parse(r, len, &e);
		e.time.us = i;
		e.src.b[3] = (uint8_t)i;
		pf_log_add(&l, &e);
	}
	e.rule = 7;
	pf_log_add(&l, &e);
	e.dport = 53;
	pf_log_add(&l, &e);
	CHECK_INT(l.count, 2, "one flow for each rule, not each client");
	CHECK(l.flows[0].packets == 5 && l.flows[0].last.us == 4 &&
	    l.flows[0].first.us == 0, "packets and their times");
	CHECK(l.other == 1 && l.blocked == 7 && l.entries == 7,
	    "what is no service of the site");
	CHECK(l.flows[0].to == 0 && l.flows[0].from == -1 &&
	    l.flows[0].kind == PF_LOG_OPENS, "who to whom");
	pf_log_init(&two, &watch);
	pf_log_merge(&two, &l);
	pf_log_merge(&two, &l);
	CHECK(two.count == 2 && two.flows[0].packets == 10 &&
	    two.entries == 14, "two logs become one");
	pf_log_forget(&two, (wall_t){ 5 });
	CHECK_INT(two.count, 0, "what is old goes");
	pf_log_free(&two);
	pf_log_clear(&l);
	l.until.us = 3;
	e.time.us = 4;
	pf_log_add(&l, &e);
	CHECK(l.count == 0 && l.entries == 0, "what is later than until");
	pf_log_free(&l);
}

/* A TCP entry of 5222 with these flags. */
static enum pf_log_kind
kind_of(int to, int flags)
{
	struct pf_log_entry e;
	struct pf_log l;
	enum pf_log_kind kind;

	memset(&e, 0, sizeof(e));
	e.reason = "match";
	e.af = PF_AF_INET;
	e.proto = 6;
	e.flags = flags;
	e.sport = to ? 40000 : 5222;
	e.dport = to ? 5222 : 40000;
	pf_log_init(&l, &watch);
	pf_log_add(&l, &e);
	kind = l.count == 1 ? l.flows[0].kind : PF_LOG_DATAGRAM;
	pf_log_free(&l);
	return (kind);
}

/* Would catch: the end of a connection taken for an attempt to open one. */
static void
test_kinds(void)
{
	uint8_t r[256];
	uint8_t *ip = r + 100;
	struct pf_log_entry e;

	CHECK_INT(kind_of(1, 0x02), PF_LOG_OPENS, "SYN");
	CHECK_INT(kind_of(1, 0x10), PF_LOG_REST, "ACK");
	CHECK_INT(kind_of(1, 0x11), PF_LOG_REST, "FIN and ACK");
	CHECK_INT(kind_of(1, 0x04), PF_LOG_REST, "RST");
	CHECK_INT(kind_of(1, -1), PF_LOG_REST, "flags that were cut off");
	CHECK_INT(kind_of(0, 0x12), PF_LOG_ANSWERS, "SYN and ACK back");
	CHECK_INT(kind_of(0, 0x02), PF_LOG_REST, "a SYN of the service");
	record(r, 100, "", 3, UINT32_MAX);
	ip[9] = 6;
	ip[33] = 0xc2;		/* with the two bits of ECN */
	CHECK(pf_log_parse(r, 200, &e) == 0 && e.flags == 0x02,
	    "flags of a packet, without ECN");
	CHECK(pf_log_parse(r, 100 + 33, &e) == 0 && e.flags == -1 &&
	    e.dport == 10000, "a header cut before its flags");
	e.action = PF_LOG_PASS;
	e.reason = pf_log_reason(12);
	CHECK(pf_log_dropped(&e), "a limit of states drops what it passes");
	e.reason = pf_log_reason(0);
	CHECK(!pf_log_dropped(&e), "a pass is none");
}

/* Lengths that no version has, by chance or on purpose. */
static void
test_lengths(void)
{
	uint8_t r[512];
	struct pf_log_entry e;
	unsigned int length;
	size_t len, n;
	int bad = 0;

	for (length = 0; length < 256; length++) {
		memset(r, 0x45, sizeof(r));
		len = length > 200 ? 200 : record(r, length, "", 3,
		    UINT32_MAX);
		r[0] = (uint8_t)length;
		for (n = 0; n <= len; n++)
			bad += pf_log_parse(r, n, &e) == 0 && (length < 61 ||
			    n < length);
	}
	CHECK_INT(bad, 0, "no length below 61 or above the record");
	memset(r, 0, sizeof(r));
	CHECK(pf_log_parse(r, sizeof(r), &e) == -1, "length 0");
	r[0] = 255;
	CHECK(pf_log_parse(r, 200, &e) == -1, "length 255 of 200 bytes");
	CHECK(pf_log_parse(r, 0, &e) == -1, "no bytes at all");
}

static void
test_watch(void)
{
	static const char *const bad[] = { "", "17:1-2", "17:1-2 x",
		"17:2-1 -", "0:1-1 -", "17:1-65536 -", "17:1 -", ", -",
		"17:1-2 10.0.0.1 more", "17:1-2,, -" };
	struct pf_watch w;
	struct buf b, again;
	size_t i;
	int wrong = 0;

	buf_init(&b, 4096);
	buf_init(&again, 4096);
	pf_watch_print(&b, &watch);
	CHECK_STR(buf_cstr(&b), "17:10000-10000,6:5222-5222 100.64.4.3",
	    "a watch as text");
	CHECK_INT(pf_watch_parse(&w, buf_str(&b)), 0, "reads back");
	pf_watch_print(&again, &w);
	CHECK_STR(buf_cstr(&again), buf_cstr(&b), "to the same");
	CHECK(pf_watch_parse(&w, str_from("- -")) == 0 && w.port_count ==
	    0 && w.host_count == 0, "an empty one");
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		wrong += pf_watch_parse(&w, str_from(bad[i])) == 0;
	CHECK_INT(wrong, 0, "texts that are none");
	buf_free(&b);
	buf_free(&again);
}

static void
test_rule(void)
{
	static const char text[] = "block return log\nanchor \"jitsi\" {\n"
	    "\tpass in proto udp to port 10000\n\tblock log proto tcp\n}\n"
	    "pass out\n";
	struct pf_given given = { "pf.conf", text, sizeof(text) - 1 };
	struct pf_given_set set = { &given, 1 };
	struct pf_env env;
	struct pf_conf conf;
	struct pf_log_entry e;
	const struct pf_rule *r;

	memset(&e, 0, sizeof(e));
	pf_env_init(&env);
	pf_conf_init(&conf, &env, pf_given_files(&set));
	CHECK_INT(pf_conf_read(&conf, "pf.conf"), 0, "rules read");
	e.rule = 0;
	e.subrule = -1;
	r = pf_log_rule(&conf, &e);
	CHECK(r != NULL && r->line == 1, "rule 0 is line 1");
	e.rule = 1;
	e.subrule = 1;
	memcpy(e.ruleset, "jitsi", 6);
	r = pf_log_rule(&conf, &e);
	CHECK(r != NULL && r->line == 4, "rule 1.jitsi.1 is line 4");
	CHECK(r != NULL && pf_live_in_file(&conf, r) == r,
	    "a rule is found by its print");
	e.rule = -1;
	CHECK(pf_log_rule(&conf, &e) == NULL, "the default rule has no line");
	e.rule = 9;
	e.subrule = -1;
	CHECK(pf_log_rule(&conf, &e) == NULL, "a number that is not there");
	pf_conf_free(&conf);
	pf_env_free(&env);
}

int
main(void)
{
	test_parse();
	test_lengths();
	test_count();
	test_kinds();
	test_watch();
	test_rule();
	return (check_end());
}
