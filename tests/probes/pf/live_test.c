/* SPDX-License-Identifier: ISC */
/*
 * What pfctl prints of the running filter. Would catch: a rule that does not
 * print back as it was read, counters at the wrong rule, states with sides
 * or directions mixed up. The round trip runs over OpenBSD's own files where
 * they are there.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/pf/live.h"
#include "tests/kit/check.h"

static const char machine[] =
    "if lo0 loopback\naddr lo0 ::1/128\naddr lo0 fe80::1/64\n"
    "addr lo0 127.0.0.1/8\nif tun1000000\nif em0\n";

/* The rules of a reading with their numbers, a line each, anchors too. */
static void
print_rules(struct buf *out, const struct pf_anchor *a)
{
	const struct pf_rule *r;

	for (r = a->first; r != NULL; r = r->next) {
		pf_rule_print(out, r, 1);
		if (r->body != NULL) {
			buf_adds(out, " {\n");
			print_rules(out, r->body);
			buf_adds(out, "}");
		}
		buf_addc(out, '\n');
	}
}

/* The lines of a file that are no counters. */
static void
rule_lines(struct buf *out, const char *text)
{
	struct str s = str_from(text), line;

	while (s.n > 0) {
		line = str_split(&s, '\n');
		if (line.n == 0 || str_starts(line, "  ["))
			continue;
		buf_add_str(out, line);
		buf_addc(out, '\n');
	}
}

static int
round_trip(struct pf_env *env, const char *text)
{
	struct pf_files none = { NULL, NULL };
	struct pf_conf conf;
	struct buf want, got;
	int same;

	buf_init(&want, 1U << 20);
	buf_init(&got, 1U << 20);
	pf_conf_init(&conf, env, none);
	rule_lines(&want, text);
	pf_live_rules(&conf, str_from(text));
	print_rules(&got, conf.anchors);
	same = strcmp(buf_cstr(&want), buf_cstr(&got)) == 0;
	if (!same)
		printf("# want\n%s# got\n%s", buf_cstr(&want),
		    buf_cstr(&got));
	pf_conf_free(&conf);
	buf_free(&want);
	buf_free(&got);
	return (same);
}

static void
test_files(struct pf_env *env)
{
	char *dir = check_data("pfctl-regress"), *text;
	char path[4096];
	struct dirent *e;
	DIR *d;
	int files = 0, good = 0;

	if (dir == NULL || (d = opendir(dir)) == NULL) {
		check_skip("pfctl-regress is not here");
		free(dir);
		return;
	}
	while ((e = readdir(d)) != NULL) {
		if (!str_ends(str_from(e->d_name), ".loaded") &&
		    !str_ends(str_from(e->d_name), ".optimized"))
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		if ((text = check_read(path, NULL)) == NULL)
			continue;
		files++;
		if (round_trip(env, text))
			good++;
		else
			printf("# %s\n", e->d_name);
		free(text);
	}
	closedir(d);
	CHECK_INT(good, files, "every loaded ruleset prints back");
	CHECK(files > 100, "there are many of them: %d", files);
	free(dir);
}

static void
test_counters(struct pf_env *env)
{
	static const char text[] =
	    "@0 block return log all\n"
	    "  [ Evaluations: 1000  Packets: 12  Bytes: 720  States: 0 ]\n"
	    "  [ Inserted: uid 0 pid 1 State Creations: 0 ]\n"
	    "@1 anchor \"jitsi\" all {\n"
	    "  [ Evaluations: 5  Packets: 4  Bytes: 3  States: 2 ]\n"
	    "@0 pass in on egress inet proto udp from any to (egress:1) "
	    "port = 10000 rdr-to <__automatic_x_0:2> round-robin\n"
	    "  [ Evaluations: 7  Packets: 8  Bytes: 9  States: 1 ]\n"
	    "}\n"
	    "@7 pass out all flags S/SA # expired\n"
	    "  [ Evaluations: 1  Packets: 1  Bytes: 1  States: 1 ]\n";
	struct pf_files none = { NULL, NULL };
	struct pf_conf conf;
	struct pf_rule *r;

	pf_conf_init(&conf, env, none);
	CHECK_INT(pf_live_rules(&conf, str_from(text)), 0, "live rules read");
	r = conf.anchors->first;
	CHECK(r != NULL && r->packets == 12 && r->bytes == 720 &&
	    r->evaluations == 1000, "counters of the first rule");
	r = r == NULL ? NULL : r->next;
	CHECK(r != NULL && r->packets == 4 && r->body != NULL,
	    "counters of an anchor rule are its own");
	CHECK(r != NULL && r->body != NULL && r->body->first != NULL &&
	    r->body->first->states == 1 && r->body->first->packets == 8,
	    "counters inside the anchor");
	CHECK(r != NULL && r->body->first != NULL &&
	    strcmp(r->body->first->rdr.addr.name, "__automatic_x_0") == 0,
	    "the count is no part of a table's name");
	r = r == NULL ? NULL : r->next;
	CHECK(r != NULL && r->nr == 7 && r->expired, "number and expiry");
	pf_conf_free(&conf);
	pf_conf_init(&conf, env, none);
	CHECK(pf_live_rules(&conf, str_from("@0 pass in frobnicate\n")) ==
	    -1 && conf.errs.count > 0 && conf.errs.list[0].line == 1,
	    "a rule not understood is told");
	pf_conf_free(&conf);
}

static void
test_states(void)
{
	static const char text[] =
	    "all udp 100.64.4.3:10000 (203.0.113.10:10000) <- "
	    "198.51.100.77:52000       NO_TRAFFIC:SINGLE\n"
	    "   age 00:01:05, expires in 00:00:55, 120:0 pkts, 9000:0 bytes, "
	    "anchor 3, rule 12\n"
	    "em0 tcp 203.0.113.10:50001 (100.64.1.3:40004) -> "
	    "151.101.2.217:443       ESTABLISHED:ESTABLISHED\n"
	    "   [1 + 2] wscale 7  [3 + 4] wscale 7\n"
	    "   age 10:00:00, expires in 23:59:59, 5:6 pkts, 7:8 bytes, "
	    "rule 4, sloppy\n"
	    "all tcp fe80::1%lo0[22] <- fe80::2[1024]       FIN_WAIT_2:"
	    "FIN_WAIT_2\n"
	    "all icmp 10.0.0.1:8 <- 10.0.0.2:7   0:0\n"
	    "all tcp (1) 10.0.0.1:22 ((1) 192.0.2.1:2222) <- (2) "
	    "10.0.0.2:40000       CLOSED:SYN_SENT\n"
	    "all udp 100.64.4.3:10000 (2001:db8::1[10000]) <- "
	    "198.51.100.77:5       MULTIPLE:MULTIPLE\n"
	    "garbage\n";
	struct pf_live_states s;
	const struct pf_live_state *st;

	pf_live_states_init(&s);
	pf_live_states_read(&s, str_from(text));
	CHECK_INT(s.count, 6, "six states");
	CHECK_INT(s.bad, 1, "one line that is none");
	st = s.list;
	CHECK(s.count == 6 && !st->out && st->a_port == 10000 &&
	    st->has_a_orig && st->b_port == 52000, "a redirected flow");
	CHECK_STR(st->b_state, "SINGLE", "the opener is on the right");
	CHECK(st->age == 65 && st->expires == 55 && st->packets[0] == 120 &&
	    st->packets[1] == 0 && st->anchor == 3 && st->rule == 12,
	    "its details");
	CHECK(st[1].out && st[1].has_a_orig && st[1].rule == 4 &&
	    st[1].age == 36000, "a translated flow going out");
	CHECK(st[2].af == PF_AF_INET6 && st[2].a_port == 22 &&
	    st[2].b_port == 1024, "IPv6 with ports in brackets");
	CHECK(s.count == 6 && st[4].a_port == 22 && st[4].has_a_orig &&
	    st[4].a_orig_port == 2222 && st[4].b_port == 40000,
	    "routing domains before the addresses");
	CHECK(s.count == 6 && st[5].has_a_orig && st[5].a_orig_port ==
	    10000, "an address that was of the other family");
	pf_live_states_free(&s);
}

static void
test_info(void)
{
	static const char text[] =
	    "Status: Enabled for 3 days 01:02:03           Debug: err\n\n"
	    "Hostid:   0x12345678\nChecksum: 0xabcdef\n\n"
	    "State Table                          Total             Rate\n"
	    "  current entries                      117               \n"
	    "  half-open tcp                          2               \n"
	    "  searches                      1234567890       4660.1/s\n"
	    "Counters\n  match                              400500"
	    "          1.5/s\n  state-mismatch                        7"
	    "          0.0/s\n";
	struct pf_live_info info;
	uint64_t n = 0;

	pf_live_info_read(&info, str_from(text));
	CHECK(info.known && info.enabled, "pf is enabled");
	CHECK_INT(info.seconds, 3 * 86400 + 3723, "for how long");
	CHECK_STR(info.checksum, "0xabcdef", "checksum of the rules");
	CHECK(pf_live_counter(&info, "current entries", &n) == 0 && n == 117,
	    "a counter with a blank in its name");
	CHECK(pf_live_counter(&info, "state-mismatch", &n) == 0 && n == 7,
	    "a counter with a rate");
	CHECK(pf_live_counter(&info, "no such", &n) == -1,
	    "a counter that is not there");
	pf_live_info_read(&info, str_from("Status: Disabled\n"));
	CHECK(info.known && !info.enabled && info.seconds == -1,
	    "pf is disabled");
	pf_live_info_read(&info, str_from("pfctl: /dev/pf: Permission\n"));
	CHECK(!info.known, "no status is not disabled");
}

/* Limiters by name as 7.9 prints them, by id as it did before. */
static void
test_limiters(struct pf_env *env)
{
	CHECK(round_trip(env, "@0 pass in proto udp from any to any port = 53 "
	    "state limiter dns (no-match)\n@1 pass all flags S/SA state "
	    "limiter id 3 (block) source limiter ssh (block)\n"
	    "@2 pass all flags S/SA keep state source limiter id 1 (no-match)"
	    " (max 5)\n"), "rules with limiters print back");
}

int
main(void)
{
	struct errlist errs;
	struct pf_env env;

	errlist_init(&errs);
	pf_env_init(&env);
	pf_env_parse(&env, "env", str_from(machine), &errs);
	test_files(&env);
	test_counters(&env);
	test_limiters(&env);
	test_states();
	test_info();
	pf_env_free(&env);
	errlist_free(&errs);
	return (check_end());
}
