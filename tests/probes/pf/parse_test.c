/* SPDX-License-Identifier: ISC */
/*
 * pf.conf(5) line by line: what a text prints, or which lines are refused
 * with which words. Beside OpenBSD's own files, which are compared where
 * they are there: constructs these do not have, limits, and files that try
 * to do harm. Would catch: a grammar that takes too much or too little,
 * wrong line numbers, includes that never end, memory without a ceiling.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "probes/pf/system.h"
#include "tests/kit/check.h"

static const char machine[] =
    "if lo0 loopback\naddr lo0 ::1/128\naddr lo0 fe80::1/64\n"
    "addr lo0 127.0.0.1/8\nif em0 broadcast\n"
    "addr em0 203.0.113.10/24 203.0.113.255\naddr em0 203.0.113.11/32\n"
    "addr em0 2001:db8::10/64\nif wg0 pointopoint\n"
    "addr wg0 10.9.0.1/32 10.9.0.2\ngroup egress em0\ngroup lo lo0\n"
    "host web 100.64.1.3\nhost dual 100.64.2.3 2001:db8:2::3\n"
    "uid root 0\ngid wheel 0\n";

static struct pf_env env;

struct line {
	const char *in, *out;	/* out: what it prints */
};

static const struct line good[] = {
	{ "pass", "pass all flags S/SA\n" },
	{ "pass in proto tcp to port { 80, 443 }",
	    "pass in proto tcp from any to any port = 80 flags S/SA\n"
	    "pass in proto tcp from any to any port = 443 flags S/SA\n" },
	{ "block in from em0", "block drop in inet from 203.0.113.10 to any\n"
	    "block drop in inet from 203.0.113.11 to any\n"
	    "block drop in inet6 from 2001:db8::10 to any\n" },
	{ "block in from em0:0", "block drop in inet from 203.0.113.10 to "
	    "any\nblock drop in inet6 from 2001:db8::10 to any\n" },
	{ "pass to em0:broadcast",
	    "pass inet from any to 203.0.113.255 flags S/SA\n" },
	{ "pass to wg0:peer", "pass inet from any to 10.9.0.2 flags S/SA\n" },
	{ "pass from dual", "pass inet from 100.64.2.3 to any flags S/SA\n"
	    "pass inet6 from 2001:db8:2::3 to any flags S/SA\n" },
	{ "pass inet from dual",
	    "pass inet from 100.64.2.3 to any flags S/SA\n" },
	{ "pass from fe80::1%lo0",
	    "pass on lo0 inet6 from fe80::1 to any flags S/SA\n" },
	{ "pass from { 10/8 any }", "pass all flags S/SA\n" },
	{ "a = \"1.2.3.4\"\nb = $a 5.6.7.8\npass from { $b }",
	    "a = \"1.2.3.4\"\nb = \"1.2.3.4 5.6.7.8\"\n"
	    "pass inet from 1.2.3.4 to any flags S/SA\n"
	    "pass inet from 5.6.7.8 to any flags S/SA\n" },
	{ "pass in \\\n on em0 # comment \\\n still the comment",
	    "pass in on em0 all flags S/SA\n" },
	{ "set block-policy return\nblock\nset block-policy drop\nblock",
	    "set block-policy return\nset block-policy drop\n"
	    "block return all\nblock drop all\n" },
	{ "set state-policy if-bound\npass\npass keep state (floating)",
	    "set state-policy if-bound\n"
	    "pass all flags S/SA keep state (if-bound)\n"
	    "pass all flags S/SA\n" },
	{ "set state-defaults max 100, no-sync\npass proto udp",
	    "pass proto udp all keep state (max 100, no-sync, "
	    "adaptive.start 60, adaptive.end 120)\n" },
	{ "pass out on em0 inet nat-to (em0:0) port 1024:2047 static-port "
	    "\\\n", NULL },
	{ "pass in on em0 inet proto tcp to port 80 rdr-to { 10.0.0.1, "
	    "10.0.0.2 } port 8080 least-states sticky-address",
	    "table <__automatic_0> const { 10.0.0.1 10.0.0.2 }\n"
	    "pass in on em0 inet proto tcp from any to any port = 80 flags "
	    "S/SA rdr-to <__automatic_0> port 8080 least-states "
	    "sticky-address\n" },
	{ "anchor \"x\" on { em0 wg0 } {\npass\n}",
	    "anchor \"x\" on em0 all {\n  pass all flags S/SA\n}\n"
	    "anchor \"x\" on wg0 all\n" },
	{ "anchor {\n}", "anchor all\n" },
	{ "table <t> persist { 10/8, !10.1.0.0/16 web }",
	    "table <t> persist { 10.0.0.0/8 !10.1.0.0/16 100.64.1.3 }\n" },
	{ "table <t> file \"other\"", "table <t> file \"other\"\n" },
	{ "include \"other\"\npass", "o = \"1\"\npass all flags S/SA\n" },
	{ "block return-icmp(host-unr, admin-unr) proto udp",
	    "block return-icmp(host-unr, admin-unr) proto udp all\n" },
	{ "pass proto tcp user { root, > 1000 } group unknown",
	    "pass proto tcp all user = 0 group = unknown flags S/SA\n"
	    "pass proto tcp all user > 1000 group = unknown flags S/SA\n" },
	{ "match set ( prio (3, 5) , tos ef, delay 10 ) probability 25%",
	    "match all set (prio(3, 5), tos 0xb8, delay 10) "
	    "probability 25%\n" },
	{ "pass in on em0 reply-to 10.0.0.1 ! received-on wg0",
	    "pass in on em0 inet all !received-on wg0 flags S/SA reply-to "
	    "10.0.0.1\n" },
	{ "antispoof quick for em0", "block drop in quick on ! em0 inet from "
	    "203.0.113.0/24 to any\nblock drop in quick on ! em0 inet from "
	    "203.0.113.11 to any\nblock drop in quick on ! em0 inet6 from "
	    "2001:db8::/64 to any\nblock drop in quick inet from "
	    "203.0.113.10 to any\nblock drop in quick inet from "
	    "203.0.113.11 to any\nblock drop in quick inet6 from "
	    "2001:db8::10 to any\n" },
};

struct refusal {
	const char *in;
	int line;
	const char *words;
};

static const struct refusal bad[] = {
	{ "pass\npass in frobnicate\n", 2, "syntax error" },
	{ "vms={ web dual }\n", 1, "syntax error" },
	{ "pass from $nix", 1, "macro 'nix' not defined" },
	{ "pass from nix.example", 1, "could not parse host specification" },
	{ "pass proto tcp to port nix", 1, "unknown port nix" },
	{ "pass proto tcp to port 70000", 1, "illegal port value 70000" },
	{ "pass proto nix", 1, "unknown protocol nix" },
	{ "pass proto 0", 1, "proto 0 cannot be used" },
	{ "pass to port 80", 1, "port only applies to tcp/udp" },
	{ "pass proto udp flags S/SA", 1, "flags only apply to tcp" },
	{ "block keep state", 1, "keep state is great, but only for pass" },
	{ "block return-rst", 1, "return-rst can only be applied to TCP" },
	{ "pass in rdr-to dual", 1, "different address families" },
	{ "pass in inet6 rdr-to web", 1, "af mismatch in translation spec" },
	{ "pass nat-to 10.0.0.1", 1, "nat-to and rdr-to require a direction" },
	{ "pass out nat-to 10.0.0.1 no state", 1,
	    "nat-to and rdr-to require keep state" },
	{ "match in on em0 inet route-to 10.0.0.1", 1,
	    "route-to, reply-to and dup-to require keep state" },
	{ "pass from 10.0.0.1 to 2001:db8::1", 1,
	    "rule expands to no valid combination" },
	{ "anchor", 1, "anchors without explicit rules" },
	{ "anchor \"_x\"", 1, "reserved" },
	{ "anchor \"a\" {\npass\n}\nanchor \"a\" {\npass\n}\n", 6,
	    "already exists" },
	{ "anchor \"a\" {\npass nix nix\npass\n}\n", 2, "syntax error" },
	{ "anchor \"a\" {\npass nix nix\npass\n}\n", 4, "syntax error" },
	{ "pass in \\\n proto tcp \\\n to port 99999", 3,
	    "illegal port value" },
	{ "pass in on em0 \\\n keep state (max-src-nodes 5, \\\n "
	    "source-track global)", 3, "incompatible" },
	{ "table <a-name-that-is-longer-than-31-characters> { }", 1,
	    "table name too long" },
	{ "pass tag this-tag-is-longer-than-sixty-three-characters-and-that-"
	    "is-too-long", 1, "tag too long" },
	{ "pass quick label \"a\" label \"b\"", 1, "label cannot be" },
	{ "pass rtable 5", 1, "rtable 5 does not exist" },
	{ "set limit nix 5", 1, "unable to set limit" },
	{ "set skip on ! em0", 1, "not supported" },
	{ "include \"nix\"", 1, "failed to include file nix" },
	{ "include \"pf.conf\"", 0, "too deep" },
	{ "pass from \"unterminated", 0, "reached end of file" },
	{ "pass queue nix", 1, "queue nix is not defined" },
	{ "pass from { 10.0.0.1,\n 10.0.0.2 }", 1, "syntax error" },
	{ "pass in proto tcp port = ssh to any", 1, "syntax error" },
	{ "pass in on egress to (egress) tcp port { 80 443 }", 1,
	    "syntax error" },
};

/* Reads a text; the print-out or the errors in *out. 0, or -1: refused. */
static int
run(const char *text, size_t len, struct buf *out)
{
	struct pf_given given[] = { { "pf.conf", text, len },
	    { "other", "o = 1 # ::1\n", 12 } };
	struct pf_given_set set = { given, 2 };
	struct pf_conf conf;
	int status;

	/* As a table the other file would be bad data. */
	if (strstr(text, "file \"other\"") != NULL)
		given[1] = (struct pf_given){ "other", "10.0.0.1 # a\n!::1\n",
		    18 };
	pf_conf_init(&conf, &env, pf_given_files(&set));
	status = pf_conf_read(&conf, "pf.conf");
	if (status == 0)
		pf_conf_print(&conf, out);
	else
		errlist_print(&conf.errs, out);
	pf_conf_free(&conf);
	return (status);
}

static void
test_good(void)
{
	struct buf out, again;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		buf_init(&out, 1U << 20);
		buf_init(&again, 1U << 20);
		if (good[i].out == NULL) {
			CHECK(run(good[i].in, strlen(good[i].in), &out) == -1,
			    "refused: %.40s", good[i].in);
		} else {
			run(good[i].in, strlen(good[i].in), &out);
			CHECK_STR(buf_cstr(&out), good[i].out, "line %zu", i);
		}
		buf_free(&out);
		buf_free(&again);
	}
}

static void
test_bad(void)
{
	struct buf out, want;
	size_t i;
	int refused;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		buf_init(&out, 1U << 20);
		buf_init(&want, 256);
		refused = run(bad[i].in, strlen(bad[i].in), &out) == -1;
		if (bad[i].line > 0)
			buf_addf(&want, "pf.conf:%d: ", bad[i].line);
		CHECK(refused && strstr(buf_cstr(&out), buf_cstr(&want)) !=
		    NULL && strstr(buf_cstr(&out), bad[i].words) != NULL,
		    "refused on line %d: %s", bad[i].line, bad[i].words);
		buf_free(&out);
		buf_free(&want);
	}
}

/* A text of n times a part, and whether it is refused. */
static int
many(const char *head, const char *part, int n, const char *tail)
{
	struct buf text, out;
	int i, status;

	buf_init(&text, 64U << 20);
	buf_init(&out, 64U << 20);
	buf_adds(&text, head);
	for (i = 0; i < n; i++)
		buf_addf(&text, "%s", part);
	buf_adds(&text, tail);
	status = run(buf_cstr(&text), text.len, &out);
	buf_free(&text);
	buf_free(&out);
	return (status);
}

static void
test_limits(void)
{
	struct buf b, out;
	int i;

	CHECK(many("pass from { ", "10.0.0.1 ", 100000, "} to any\n") == 0,
	    "a line of one megabyte is read");
	CHECK(many("# ", "x", 1 << 20, "\npass\n") == 0,
	    "a comment of one megabyte is read");
	CHECK(many("pass from ", "x", 9000, "\n") == -1,
	    "a word of 9000 characters is refused");
	CHECK(many("", "anchor {\n", 100, "") == -1,
	    "a hundred nested anchors are refused");
	CHECK(many("pass from ", "{ ", 5000, "") == -1,
	    "five thousand nested lists are refused");
	buf_init(&b, 64U << 20);
	buf_init(&out, 64U << 20);
	for (i = 0; i < 100000; i++)
		buf_addf(&b, "m%d = \"x\"\n", i);
	CHECK(run(buf_cstr(&b), b.len, &out) == 0, "100,000 macros are read");
	buf_clear(&b);
	buf_clear(&out);
	buf_adds(&b, "m0 = \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"\n");
	for (i = 1; i < 60; i++)
		buf_addf(&b, "m%d = $m%d $m%d\n", i, i - 1, i - 1);
	CHECK(run(buf_cstr(&b), b.len, &out) == -1,
	    "macros that double sixty times end in an error");
	buf_clear(&b);
	buf_clear(&out);
	buf_adds(&b, "l = \"{ 1.1.1.1 1.1.1.2 1.1.1.3 1.1.1.4 1.1.1.5 "
	    "1.1.1.6 1.1.1.7 1.1.1.8 1.1.1.9 1.1.2.1 }\"\np = \"{ 1 2 3 4 5 "
	    "6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 }\"\n"
	    "pass proto { tcp udp } from $l port $p to $l port $p\n"
	    "pass proto { tcp udp } from $l port $p to $l port $p\n"
	    "pass proto { tcp udp } from $l port $p to $l port $p\n");
	CHECK(run(buf_cstr(&b), b.len, &out) == -1,
	    "lists that make too many rules end in an error");
	buf_free(&b);
	buf_free(&out);
	CHECK(run("pass\0pass\n", 10, (buf_init(&out, 4096), &out)) == -1,
	    "a NUL byte is refused");
	buf_free(&out);
}

int
main(void)
{
	struct errlist errs;

	errlist_init(&errs);
	pf_env_init(&env);
	CHECK(pf_env_parse(&env, "env", str_from(machine), &errs) == 0,
	    "the environment reads");
	CHECK(pf_env_parse(&env, "env", str_from("if\naddr nix0 1.2.3.4\n"
	    "host x\nfrobnicate\n"), &errs) == -1 && errs.count == 4,
	    "four lines that are none are all told");
	test_good();
	test_bad();
	test_limits();
	pf_env_free(&env);
	errlist_free(&errs);
	return (check_end());
}
