/* SPDX-License-Identifier: ISC */
/*
 * The checks of the group pf on the talk's set-up. Would catch: a blocked
 * flow that is not told, an open port that is not told, the wrong line, a
 * healthy router that is blamed.
 */
#include <stdio.h>
#include <string.h>

#include "agent/base/mem.h"
#include "probes/pf/checks.h"
#include "tests/kit/check.h"

static const char vmm[] =
    "if lo0 loopback\naddr lo0 127.0.0.1/8\nif em0 broadcast\n"
    "addr em0 203.0.113.10/24 203.0.113.255\n"
    "addr em0 2001:db8::10/64\nif tap0\n"
    "addr tap0 100.64.1.2/31\nif tap1\naddr tap1 100.64.2.2/31\n"
    "if tap2\naddr tap2 100.64.3.2/31\nif tap3\naddr tap3 100.64.4.2/31\n"
    "group egress em0\ngroup lo lo0\ngroup tap tap0 tap1 tap2 tap3\n";

static const char good[] =
    "set skip on lo\nblock return log\n"
    "pass in on egress inet proto tcp to (egress) port { 80 443 } "
    "rdr-to web\n"
    "pass in on egress inet proto udp to (egress) port 10000 rdr-to jvb\n"
    "pass out on tap\npass in on tap inet proto tcp from { jvb jicofo } to "
    "xmpp port 5222\n"
    "pass in on tap inet proto tcp from web to xmpp port 5280\n"
    "pass in on tap inet from web to jvb\n";

static void
fill_site(struct site *s, roles_t roles)
{
	site_init(s);
	s->roles = roles;
	site_set(&s->host[ROLE_WEB].name, "web");
	site_set(&s->host[ROLE_WEB].address, "100.64.1.3");
	site_set(&s->host[ROLE_XMPP].name, "xmpp");
	site_set(&s->host[ROLE_XMPP].address, "100.64.2.3");
	site_set(&s->host[ROLE_JICOFO].name, "jicofo");
	site_set(&s->host[ROLE_JICOFO].address, "100.64.3.3");
	site_set(&s->host[ROLE_JVB].name, "jvb");
	site_set(&s->host[ROLE_JVB].address, "100.64.4.3");
	s->media_port = 10000;
	s->c2s_port = 5222;
	s->http_port = 5280;
	s->https_port = 443;
}

/* Runs pf.config on the router's rules. */
static void
config(const char *rules, struct check *c)
{
	struct pf_files none = { NULL, NULL };
	struct errlist errs;
	struct pf_env env;
	struct site s;

	errlist_init(&errs);
	fill_site(&s, ROLE_BIT(ROLE_ROUTER));
	pf_env_init(&env);
	pf_env_parse(&env, "env", str_from(vmm), &errs);
	check_init(c, "pf.config", "pf", "");
	pf_check_config(c, &s, &env, "pf.conf", str_from(rules), none);
	pf_env_free(&env);
	site_free(&s);
	errlist_free(&errs);
}

static void
test_config(void)
{
	struct check c;
	struct buf b;

	config(good, &c);
	CHECK_INT(c.state, STATE_PASS, "a router that fits: %s",
	    c.summary);
	CHECK(strstr(c.facts, "outside>jvb:10000/udp/out=1") != NULL,
	    "and states each leg: %.200s", c.facts);
	check_free(&c);
	buf_init(&b, 65536);
	buf_addf(&b, "%sblock return out log on tap3 inet proto udp\n", good);
	config(buf_cstr(&b), &c);
	CHECK_INT(c.state, STATE_FAIL, "media blocked on its way out");
	CHECK(strstr(c.facts, "outside>jvb:10000/udp/in=1") != NULL &&
	    strstr(c.facts, "outside>jvb:10000/udp/out=0") != NULL,
	    "and which leg it is: %.200s", c.facts);
	CHECK(strstr(c.summary, "going out on tap3") != NULL &&
	    strstr(c.summary, "pf.conf:9") != NULL, "says where: %s",
	    c.summary);
	CHECK(strstr(c.transcript, "+pass out on tap3 inet proto udp to jvb "
	    "port 10000") != NULL, "and which line helps");
	check_free(&c);
	buf_clear(&b);
	buf_addf(&b, "%spass in on egress inet proto tcp to port 5280 rdr-to "
	    "xmpp # debug\n", good);
	config(buf_cstr(&b), &c);
	CHECK_INT(c.state, STATE_WARN, "BOSH open to the world");
	CHECK(strstr(c.summary, "5280") != NULL && strstr(c.summary,
	    "must not be") != NULL, "says which: %s", c.summary);
	check_free(&c);
	config("pass in proto tcp to port 80 rdr-to nowhere.example\n", &c);
	CHECK_INT(c.state, STATE_FAIL, "a file that pfctl refuses");
	CHECK(strstr(c.summary, "pf.conf:1") != NULL, "says the line: %s",
	    c.summary);
	check_free(&c);
	buf_free(&b);
}

/* The bridge's own rules. Would catch: clients of IPv6 kept out unseen; a
 * host blamed that only has such an address and no name for it. */
static void
test_inet6(void)
{
	static const char machine[] = "if lo0 loopback\naddr lo0 127.0.0.1/8\n"
	    "if vio0 broadcast\naddr vio0 100.64.4.3/31\n"
	    "addr vio0 2001:db8:4::3/64\ngroup egress vio0\n"
	    "host xmpp 100.64.2.3\nhost jvb 100.64.4.3";
	static const struct {
		const char *names, *family;
		enum state want;
	} cases[] = {
		{ "\n", "inet", STATE_PASS },
		{ " 2001:db8:4::3\n", "inet", STATE_WARN },
		{ " 2001:db8:4::3\n", "", STATE_PASS },
	};
	struct pf_files none = { NULL, NULL };
	struct errlist errs;
	struct pf_env env;
	struct buf text, rules;
	struct check c;
	struct site s;
	size_t i;

	buf_init(&text, 4096);
	buf_init(&rules, 4096);
	for (i = 0; i < 3; i++) {
		buf_clear(&text);
		buf_clear(&rules);
		buf_addf(&text, "%s%s", machine, cases[i].names);
		buf_addf(&rules, "block return log\npass in %s proto udp to "
		    "self port 10000\npass out proto tcp to xmpp port 5222\n",
		    cases[i].family);
		errlist_init(&errs);
		site_init(&s);
		s.roles = ROLE_BIT(ROLE_JVB);
		site_set(&s.host[ROLE_JVB].name, "jvb");
		site_set(&s.host[ROLE_XMPP].name, "xmpp");
		pf_env_init(&env);
		pf_env_parse(&env, "env", buf_str(&text), &errs);
		check_init(&c, "pf.config", "pf", "");
		pf_check_config(&c, &s, &env, "pf.conf", buf_str(&rules),
		    none);
		CHECK(c.state == cases[i].want && (c.state == STATE_PASS ||
		    strstr(c.summary, "outside to jvb:10000/udp over IPv6 "
		    "(2001:db8:4::3) is blocked coming in on vio0 by "
		    "pf.conf:1") != NULL), "IPv6: %s", c.summary);
		check_free(&c);
		pf_env_free(&env);
		site_free(&s);
		errlist_free(&errs);
	}
	buf_free(&text);
	buf_free(&rules);
}

/* All roles on one host. Would catch: its other roles not followed since
 * nothing names them, a loopback that is blocked. */
static void
test_one_host(void)
{
	static const char machine[] = "if lo0 loopback\naddr lo0 127.0.0.1/8\n"
	    "if em0 broadcast\naddr em0 203.0.113.10/24 203.0.113.255\n"
	    "group egress em0\ngroup lo lo0\n";
	static const char rules[] = "set skip on lo\nblock return log\n"
	    "pass out\npass in on egress proto tcp to (egress) port { 80 443 "
	    "}\npass in on egress proto udp to (egress) port 10000\n";
	static const char *const texts[] = { rules, "block return log\n"
	    "pass out on egress\npass in on egress proto tcp to (egress) port "
	    "{ 80 443 }\npass in on egress proto udp to (egress) port "
	    "10000\n" };
	static const char *const want[] = { "10 flows", "web to "
	    "xmpp:5280/tcp is blocked going out on lo" };
	struct pf_files none = { NULL, NULL };
	struct errlist errs;
	struct pf_env env;
	struct check c;
	struct site s;
	int i;

	for (i = 0; i < 2; i++) {
		errlist_init(&errs);
		site_init(&s);
		s.roles = ROLE_BIT(ROLE_WEB) | ROLE_BIT(ROLE_XMPP) |
		    ROLE_BIT(ROLE_JICOFO) | ROLE_BIT(ROLE_JVB);
		pf_env_init(&env);
		pf_env_parse(&env, "env", str_from(machine), &errs);
		check_init(&c, "pf.config", "pf", "");
		pf_check_config(&c, &s, &env, "pf.conf", str_from(texts[i]),
		    none);
		CHECK(c.state == (i == 0 ? STATE_PASS : STATE_FAIL) &&
		    strstr(c.summary, want[i]) != NULL, "one host: %s",
		    c.summary);
		check_free(&c);
		pf_env_free(&env);
		site_free(&s);
		errlist_free(&errs);
	}
}

/* Would catch: a foreign filter judged, its counters not told. */
static void
test_linux(void)
{
	static const char rules[] = "*filter\n:INPUT DROP [12:720]\n"
	    "[7:420] -A INPUT -p udp -m udp --dport 10000 -j ACCEPT\n"
	    "[99:9] -A INPUT -j REJECT\nCOMMIT\n";
	struct check c;
	struct site s;

	fill_site(&s, ROLE_BIT(ROLE_JVB));
	check_init(&c, "pf.rules", "pf", "");
	pf_check_linux(&c, &s, str_of(NULL, 0), str_from(rules));
	CHECK(c.state == STATE_NOT_APPLICABLE && strstr(c.summary,
	    "2 rules of iptables") != NULL && strstr(c.transcript,
	    "7 packets") != NULL && strstr(c.transcript, "99 packets") !=
	    NULL, "iptables as evidence: %s", c.summary);
	check_free(&c);
	check_init(&c, "pf.rules", "pf", "");
	pf_check_linux(&c, &s, str_from("no such thing\n"),
	    str_from("nor this\n"));
	CHECK(c.state == STATE_NOT_APPLICABLE && strstr(c.summary,
	    "evidence") == NULL, "text that is no ruleset");
	check_free(&c);
	check_init(&c, "pf.rules", "pf", "");
	pf_check_linux(&c, &s, str_from("{\"nftables\":[{\"rule\":{"
	    "\"family\":\"ip\",\"table\":\"filter\",\"chain\":\"INPUT\","
	    "\"expr\":[{\"xt\":{\"name\":\"multiport\"}},{\"counter\":{"
	    "\"packets\":8,\"bytes\":9}},{\"drop\":null}]}}]}"),
	    str_from(rules));
	CHECK(strstr(c.transcript, "xt") == NULL && strstr(c.transcript,
	    "multiport") == NULL && strstr(c.summary, "2 rules of iptables")
	    != NULL, "iptables' rules are shown by iptables: %s",
	    c.transcript);
	check_free(&c);
	site_free(&s);
}

static void
test_rules(void)
{
	static const char text[] =
	    "@0 block return log all\n  [ Evaluations: 1 ]\n"
	    "@1 pass in on egress inet proto udp from any to (egress:1) "
	    "port = 10000 rdr-to 100.64.4.3\n";
	struct pf_live_input in = { .rules = str_from(text) };
	struct errlist errs;
	struct pf_env env;
	struct check c;
	struct site s;

	errlist_init(&errs);
	fill_site(&s, ROLE_BIT(ROLE_ROUTER));
	pf_env_init(&env);
	pf_env_parse(&env, "env", str_from(vmm), &errs);
	check_init(&c, "pf.rules", "pf", "");
	pf_check_rules(&c, &s, &env, &in);
	CHECK(c.state == STATE_FAIL && strstr(c.summary, "rule 0") != NULL,
	    "the running filter blocks: %s", c.summary);
	check_free(&c);
	check_init(&c, "pf.rules", "pf", "");
	in.rules = str_from("pfctl: /dev/pf: busy\n");
	pf_check_rules(&c, &s, &env, &in);
	CHECK_INT(c.state, STATE_UNKNOWN, "text that is no rules");
	check_free(&c);
	pf_env_free(&env);
	site_free(&s);
	errlist_free(&errs);
}

static void
states(const char *text, roles_t roles, enum state want, const char *what)
{
	struct pf_live_states live;
	struct check c;
	struct site s;

	fill_site(&s, roles);
	pf_live_states_init(&live);
	pf_live_states_read(&live, str_from(text));
	check_init(&c, "pf.states", "pf", "");
	pf_check_states(&c, &s, &live, NULL, NULL);
	CHECK_INT(c.state, want, "%s: %s", what, c.summary);
	check_free(&c);
	pf_live_states_free(&live);
	site_free(&s);
}

static void
test_states(void)
{
	static const char in[] = "all udp 100.64.4.3:10000 "
	    "(203.0.113.10:10000) <- 198.51.100.77:52000       "
	    "MULTIPLE:MULTIPLE\n";
	static const char lost[] = "all udp 100.64.4.3:10000 "
	    "(203.0.113.10:10000) <- 198.51.100.77:52000       "
	    "NO_TRAFFIC:SINGLE\n";
	static const char out[] = "all udp 198.51.100.77:52000 -> "
	    "100.64.4.3:10000       MULTIPLE:MULTIPLE\n";
	struct buf b;

	states("", ROLE_BIT(ROLE_JVB), STATE_NOT_APPLICABLE, "no call");
	states(in, ROLE_BIT(ROLE_JVB), STATE_PASS, "both ways");
	states(in, ROLE_BIT(ROLE_ROUTER), STATE_PASS,
	    "a call that was answered and whose other state is gone");
	states(lost, ROLE_BIT(ROLE_ROUTER), STATE_FAIL,
	    "the router's second leg is missing");
	buf_init(&b, 4096);
	buf_addf(&b, "%s   age 00:01:00, expires in 00:00:03, 4:0 pkts, "
	    "90:0 bytes, rule 7\n", lost);
	states(buf_cstr(&b), ROLE_BIT(ROLE_ROUTER), STATE_WARN,
	    "a state about to go proves less");
	buf_free(&b);
	buf_init(&b, 4096);
	buf_addf(&b, "%s%s", in, out);
	states(buf_cstr(&b), ROLE_BIT(ROLE_ROUTER), STATE_PASS, "both legs");
	buf_free(&b);
	states("all udp 100.64.4.3:10000 <- 198.51.100.77:52000       "
	    "NO_TRAFFIC:SINGLE\n", ROLE_BIT(ROLE_JVB), STATE_WARN,
	    "the bridge never answers");
	states("all udp 2001:db8::3[10000] <- 2001:db8::77[52000]       "
	    "NO_TRAFFIC:SINGLE\n", ROLE_BIT(ROLE_JVB), STATE_WARN,
	    "nor over IPv6");
	states("all udp 198.51.100.77:52000 <- 100.64.4.3:10000       "
	    "NO_TRAFFIC:SINGLE\nall udp 100.64.4.3:10000 -> "
	    "198.51.100.77:52000       SINGLE:NO_TRAFFIC\n",
	    ROLE_BIT(ROLE_ROUTER), STATE_WARN,
	    "only the bridge sends, and is not taken for a client");
	buf_init(&b, 4096);
	buf_addf(&b, "%s%sall udp 198.51.100.9:7 <- 100.64.4.3:10000       "
	    "NO_TRAFFIC:SINGLE\n", in, out);
	states(buf_cstr(&b), ROLE_BIT(ROLE_ROUTER), STATE_PASS,
	    "a call, and the bridge tries another address");
	buf_clear(&b);
	buf_addf(&b, "%sall udp 100.64.4.2:50123 (198.51.100.77:52000) -> "
	    "100.64.4.3:10000       MULTIPLE:MULTIPLE\n", in);
	states(buf_cstr(&b), ROLE_BIT(ROLE_ROUTER), STATE_PASS,
	    "both legs, translated on the second");
	buf_free(&b);
	states("all tcp 100.64.2.3:5222 <- 100.64.3.3:40000       "
	    "CLOSED:SYN_SENT\n", ROLE_BIT(ROLE_ROUTER), STATE_FAIL,
	    "jicofo's connection ends between the legs");
	states("all tcp 100.64.2.3:5222 <- 100.64.3.3:40000       "
	    "CLOSED:SYN_SENT\nall tcp 100.64.3.3:40000 -> "
	    "100.64.2.3:5222       SYN_SENT:CLOSED\n",
	    ROLE_BIT(ROLE_ROUTER), STATE_WARN,
	    "it goes out, and prosody does not answer");
	states("all tcp 100.64.2.3:5222 <- 100.64.3.3:40000       "
	    "ESTABLISHED:ESTABLISHED\n", ROLE_BIT(ROLE_ROUTER),
	    STATE_NOT_APPLICABLE, "an old connection whose twin is gone");
	states("all tcp 203.0.113.10:443 <- 198.51.100.9:40000       "
	    "CLOSED:SYN_SENT\n", ROLE_BIT(ROLE_ROUTER) | ROLE_BIT(ROLE_WEB),
	    STATE_WARN, "a router that is the web server itself");
	states("all tcp 100.64.2.3:22 <- 198.51.100.5:40000       "
	    "CLOSED:SYN_SENT\n", ROLE_BIT(ROLE_ROUTER),
	    STATE_NOT_APPLICABLE, "what is no flow of the site");
}

/* The last moment of the entries below, and two days later. */
#define LOGGED ((wall_t){ INT64_C(1663509601) * US_PER_SEC })

static const char blocking[] =
    "@0 block return log all\n"
    "@1 pass in on egress inet proto udp from any to (egress:1) "
    "port = 10000 rdr-to 100.64.4.3\n";
static const char passing[] =
    "@0 block return log all\n"
    "@1 pass out on tap3 inet proto udp all\n";

/* pf.log of one packet on the router; its check. */
static void
log_one(struct check *c, int proto, const char *from, uint16_t sport,
    const char *to, uint16_t dport, int flags, enum pf_dir dir,
    const char *ifname, const char *rules, int64_t later)
{
	struct pf_files none = { NULL, NULL };
	struct pf_watch watch;
	struct pf_log_entry e;
	struct pf_conf live;
	struct pf_log l;
	struct pf_env env;
	struct errlist errs;
	struct site s;

	errlist_init(&errs);
	fill_site(&s, ROLE_BIT(ROLE_ROUTER));
	pf_env_init(&env);
	pf_env_parse(&env, "env", str_from(vmm), &errs);
	pf_env_site(&env, &s);
	pf_watch_site(&watch, &s, &env);
	pf_log_init(&l, &watch);
	memset(&e, 0, sizeof(e));
	e.time = LOGGED;
	e.reason = pf_log_reason(0);
	e.action = PF_LOG_BLOCK;
	e.proto = proto;
	e.flags = flags;
	e.sport = sport;
	e.dport = dport;
	e.subrule = -1;
	e.dir = dir;
	pf_ip_parse(str_from(from), &e.src, &e.af);
	pf_ip_parse(str_from(to), &e.dst, &e.af);
	memcpy(e.ifname, ifname, strlen(ifname));
	pf_log_add(&l, &e);
	pf_log_add(&l, &e);
	pf_conf_init(&live, &env, none);
	if (rules != NULL)
		pf_live_rules(&live, str_from(rules));
	check_init(c, "pf.log", "pf", "");
	pf_check_log(c, &s, &env, &l, rules == NULL ? NULL : &live, NULL,
	    wall_add(LOGGED, later * US_PER_SEC));
	pf_conf_free(&live);
	pf_log_free(&l);
	pf_env_free(&env);
	site_free(&s);
	errlist_free(&errs);
}

/*
 * Would catch: a scan, the end of a connection or a bridge's tries taken for
 * a fault; a fault that was mended; one that is told without its rule.
 */
static void
test_log(void)
{
	struct check c;

	log_one(&c, 17, "198.51.100.77", 52000, "100.64.4.3", 10000, -1,
	    PF_OUT, "tap3", blocking, 60);
	CHECK_INT(c.state, STATE_FAIL, "media blocked on its way out");
	CHECK_STR(c.summary, "udp/10000 from 198.51.100.77 to jvb "
	    "(100.64.4.3) is blocked going out on tap3 by rule 0 (block "
	    "return log all): 2 packets, the last at 2022-09-18T14:00:01Z",
	    "it is told with its rule");
	check_free(&c);
	log_one(&c, 17, "198.51.100.77", 52000, "100.64.4.3", 10000, -1,
	    PF_OUT, "tap3", passing, 60);
	CHECK(c.state == STATE_PASS && strstr(c.transcript, "loaded now "
	    "pass it") != NULL, "mended since: %s", c.transcript);
	check_free(&c);
	log_one(&c, 17, "198.51.100.77", 52000, "100.64.4.3", 10000, -1,
	    PF_OUT, "tap3", blocking, 2 * 86400);
	CHECK_INT(c.state, STATE_PASS, "two days ago");
	check_free(&c);
	log_one(&c, 17, "198.51.100.77", 52000, "203.0.113.10", 10000, -1,
	    PF_IN, "em0", NULL, 60);
	CHECK_INT(c.state, STATE_WARN, "at the router's own address, the "
	    "loaded rules not known");
	check_free(&c);
	log_one(&c, 6, "198.51.100.77", 52000, "203.0.113.10", 5222, 2,
	    PF_IN, "em0", blocking, 60);
	CHECK(c.state == STATE_PASS && strstr(c.transcript, "must not be "
	    "open") != NULL, "a scan of 5222: %s", c.transcript);
	check_free(&c);
	log_one(&c, 6, "100.64.3.3", 52000, "100.64.2.3", 5222, 2, PF_IN,
	    "tap2", blocking, 60);
	CHECK(c.state == STATE_FAIL && strstr(c.summary, "tcp/5222 from "
	    "jicofo (100.64.3.3) to xmpp (100.64.2.3)") != NULL,
	    "jicofo's login: %s", c.summary);
	check_free(&c);
	log_one(&c, 6, "100.64.3.3", 52000, "100.64.2.3", 5222, 0x11, PF_IN,
	    "tap2", blocking, 60);
	CHECK_INT(c.state, STATE_PASS, "the end of a connection");
	check_free(&c);
	log_one(&c, 6, "100.64.2.3", 5222, "100.64.3.3", 52000, 0x12, PF_IN,
	    "tap1", blocking, 60);
	CHECK(c.state == STATE_FAIL && strstr(c.summary, "the answer of") ==
	    c.summary, "prosody's answer is blocked: %s", c.summary);
	check_free(&c);
	log_one(&c, 17, "100.64.4.3", 10000, "192.168.7.7", 50001, -1, PF_IN,
	    "tap3", blocking, 60);
	CHECK_INT(c.state, STATE_PASS, "the bridge tries a candidate");
	check_free(&c);
	log_one(&c, 6, "198.51.100.77", 52000, "203.0.113.10", 80, 2, PF_IN,
	    "em0", blocking, 60);
	CHECK_INT(c.state, STATE_PASS, "port 80, which may be closed");
	check_free(&c);
	log_one(&c, 6, "198.51.100.77", 52000, "203.0.113.10", 443, 2, PF_IN,
	    "em0", "@0 block drop in log quick from <bad:9> to any\n", 60);
	CHECK(c.state == STATE_PASS && strstr(c.transcript, "keeps out") !=
	    NULL, "a sender on a list: %s", c.transcript);
	check_free(&c);
	log_one(&c, 6, "198.51.100.77", 52000, "203.0.113.10", 443, 2, PF_IN,
	    "em0", "@0 block drop in log quick inet from 198.51.100.0/24 to "
	    "any\n", 60);
	CHECK_INT(c.state, STATE_PASS, "a sender by its network");
	check_free(&c);
	log_one(&c, 6, "100.64.3.3", 52000, "100.64.2.3", 5222, 2, PF_IN,
	    "tap2", "@0 block drop in log quick from <bad:9> to any\n", 60);
	CHECK_INT(c.state, STATE_FAIL, "jicofo on such a list");
	check_free(&c);
	log_one(&c, 6, "2001:db8:9::77", 52000, "2001:db8::10", 443, 2, PF_IN,
	    "em0", blocking, 60);
	CHECK_INT(c.state, STATE_PASS, "IPv6, which the site does not use");
	check_free(&c);
	log_one(&c, 6, "198.51.100.77", 52000, "203.0.113.10", 5222, 2,
	    PF_IN, "em0", "@0 block drop all\n@1 pass log all\n", 60);
	CHECK(c.state == STATE_NOT_APPLICABLE && strstr(c.summary, "\"log\"")
	    != NULL, "a block that does not log: %s", c.summary);
	check_free(&c);
	log_one(&c, 6, "198.51.100.77", 52000, "203.0.113.11", 443, 2, PF_IN,
	    "em0", blocking, 60);
	CHECK_INT(c.state, STATE_PASS, "another machine's web server");
	check_free(&c);
}

/* The rows with one end outside: of the router and of a VM, with all that the
 * configuration can ask for. */
static void
further(roles_t roles, const char *machine, const char *rules,
    struct check *c)
{
	struct pf_files none = { NULL, NULL };
	struct errlist errs;
	struct pf_env env;
	struct site s;

	errlist_init(&errs);
	fill_site(&s, roles);
	site_set(&s.stun_server, "stun.example.org:3479");
	site_set(&s.monitor, "100.64.9.9");
	site_set(&s.admin, "198.51.100.40");
	site_set(&s.agent.address, "0.0.0.0");
	s.agent.port = 10917;
	s.peer_count = 1;
	site_set(&s.peer[0].name, "other");
	site_set(&s.peer[0].address, "100.64.8.8");
	s.peer[0].port = 10918;
	pf_env_init(&env);
	pf_env_parse(&env, "env", str_from(machine), &errs);
	check_init(c, "pf.config", "pf", "");
	pf_check_config(c, &s, &env, "pf.conf", str_from(rules), none);
	pf_env_free(&env);
	site_free(&s);
	errlist_free(&errs);
}

static const char bridge[] = "if lo0 loopback\naddr lo0 127.0.0.1/8\n"
    "if vio0 broadcast\naddr vio0 100.64.4.3/31\ngroup egress vio0\n"
    "host xmpp 100.64.2.3\nhost jvb 100.64.4.3\nhost web 100.64.1.3\n"
    "host jicofo 100.64.3.3\n";

#define VM "set skip on lo\nblock return\npass in proto udp to self port " \
    "10000\npass out proto tcp to xmpp port 5222\n"
#define OUT "pass out proto { tcp udp } to port { 53 80 123 443 3479 10918 " \
    "}\n"
#define IN "pass in proto tcp to self port { 22 10917 }\n"

/*
 * The rules of a bridge, one row at a time. Would catch: a row that is not
 * followed, one that is blocked and not told, a site that is closed on
 * purpose blamed, a name server of its own taken for none.
 */
static void
test_further(void)
{
	static const struct {
		const char *about, *rules;
		enum state want;
		const char *fact, *said;
	} cases[] = {
		{ "all of it passes", VM OUT IN, STATE_PASS,
		    "jvb>resolver:53/udp/out=1 jvb>resolver:53/tcp/out=1 "
		    "jvb>outside:80/tcp/out=1 jvb>outside:123/udp/out=1 "
		    "jvb>outside:443/tcp/out=1 jvb>stun:3479/udp/out=1 "
		    "monitor>jvb:10917/tcp/in=1 admin>jvb:22/tcp/in=1 "
		    "other>jvb:10917/tcp/in=1 jvb>other:10918/tcp/out=1",
		    "" },
		{ "no names, and other things outside", VM OUT IN "block "
		    "return out proto udp to port 53\n", STATE_WARN,
		    "jvb>resolver:53/udp/out=0", "jvb to resolver:53/udp is "
		    "blocked going out on vio0 by pf.conf:7: names" },
		{ "a name server of its own", VM OUT IN "block return out "
		    "proto udp to port 53\npass out proto udp to 100.64.4.2 "
		    "port 53\n", STATE_PASS, "jvb>resolver:53/udp/out=0", "" },
		{ "nothing goes out", VM IN "pass out proto udp to port 3479"
		    "\npass out proto tcp to port 10918\n", STATE_PASS,
		    "jvb>outside:443/tcp/out=0", "closed, which a site may "
		    "mean so: jvb to resolver:53/udp (pf.conf:2), jvb to" },
		{ "the web is closed", VM OUT IN "block return out proto tcp "
		    "to port { 80 443 }\n", STATE_PASS,
		    "jvb>outside:443/tcp/out=0", "mean so: jvb to "
		    "outside:80/tcp (pf.conf:7), jvb to outside:443/tcp "
		    "(pf.conf:7)" },
		{ "time is closed", VM OUT IN "block return out proto udp to "
		    "port 123\n", STATE_PASS, "jvb>outside:123/udp/out=0",
		    "mean so: jvb to outside:123/udp (pf.conf:7)" },
		{ "large answers of names", VM OUT IN "block return out proto "
		    "tcp to port 53\n", STATE_PASS,
		    "jvb>resolver:53/tcp/out=0", "mean so: jvb to "
		    "resolver:53/tcp (pf.conf:7)" },
		{ "the STUN server is blocked", VM OUT IN "block return out "
		    "proto udp to port 3479\n", STATE_WARN,
		    "jvb>stun:3479/udp/out=0", "jvb to stun:3479/udp is "
		    "blocked going out on vio0 by pf.conf:7: the "
		    "configuration asks for it" },
		{ "STUN from the bridge's port only", VM OUT IN "block return "
		    "out proto udp to port 3479\npass out proto udp from self "
		    "port 10000\n", STATE_PASS, "jvb>stun:3479/udp/out=0",
		    "" },
		{ "the monitor is blocked", VM OUT IN "block return in proto "
		    "tcp from 100.64.9.9\n", STATE_WARN,
		    "monitor>jvb:10917/tcp/in=0", "monitor to jvb:10917/tcp "
		    "is blocked coming in on vio0 by pf.conf:7" },
		{ "a peer is blocked", VM OUT IN "block return in proto tcp "
		    "from 100.64.8.8\n", STATE_WARN,
		    "other>jvb:10917/tcp/in=0", "other to jvb:10917/tcp is "
		    "blocked coming in on vio0 by pf.conf:7" },
		{ "a peer cannot be asked", VM OUT IN "block return out proto "
		    "tcp to port 10918\n", STATE_WARN,
		    "jvb>other:10918/tcp/out=0", "jvb to other:10918/tcp is "
		    "blocked going out on vio0 by pf.conf:7" },
		{ "the administrator is kept out", VM OUT IN "block return in "
		    "proto tcp to port 22\n", STATE_WARN,
		    "admin>jvb:22/tcp/in=0", "admin to jvb:22/tcp is blocked "
		    "coming in on vio0 by pf.conf:7" },
		{ "or passed by a table", VM OUT "table <admins> persist\n"
		    "pass in proto tcp to self port 10917\npass in proto tcp "
		    "from <admins> to self port 22\n", STATE_PASS,
		    "admin>jvb:22/tcp/in=0", "" },
		{ "without a state for the answer", VM OUT IN "pass out proto "
		    "udp to port 53 no state\n", STATE_WARN, "", "jvb to "
		    "resolver:53/udp: the answer is blocked coming in on vio0 "
		    "by pf.conf:2" },
	};
	struct check c;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		further(ROLE_BIT(ROLE_JVB), bridge, cases[i].rules, &c);
		CHECK_INT(c.state, cases[i].want, "%s: %s", cases[i].about,
		    c.summary);
		CHECK(strstr(c.facts, cases[i].fact) != NULL, "%s: %s",
		    cases[i].about, c.facts);
		CHECK(strstr(cases[i].want == STATE_WARN ? c.summary :
		    c.transcript, cases[i].said) != NULL, "%s is told: %s",
		    cases[i].about, c.transcript);
		check_free(&c);
	}
}

#define ROUTER "set skip on lo\nblock return\nmatch out on egress inet from " \
    "100.64.0.0/10 nat-to (egress:0)\npass out on tap\npass in on egress " \
    "inet proto tcp to (egress) port { 80 443 } rdr-to web\npass in on " \
    "egress inet proto udp to (egress) port 10000 rdr-to jvb\npass in on " \
    "tap inet proto tcp to xmpp port { 5222 5280 }\npass in proto tcp to " \
    "self port { 22 10917 }\npass out proto tcp to port 10918\n"

/* The router's two legs. Would catch: names that are let in and blocked on
 * the way out, the second leg not told apart, a router without nat-to. */
static void
test_further_router(void)
{
	struct check c;

	further(ROLE_BIT(ROLE_ROUTER), vmm, ROUTER "pass in on tap inet proto "
	    "{ tcp udp } to port { 53 80 123 443 3479 }\npass out on egress\n",
	    &c);
	CHECK(c.state == STATE_PASS && strstr(c.facts, "web>resolver:53/udp/"
	    "in=1 web>resolver:53/udp/out=1") != NULL, "a router that lets "
	    "all out: %s %s", c.summary, c.facts);
	check_free(&c);
	further(ROLE_BIT(ROLE_ROUTER), vmm, ROUTER "pass in on tap inet proto "
	    "{ tcp udp } to port 53 rdr-to 9.9.9.9\n", &c);
	CHECK(c.state == STATE_FAIL && strstr(c.summary, "web to resolver:53/"
	    "udp is blocked going out on em0 by pf.conf:2; pf.conf:10 let it "
	    "in") != NULL && strstr(c.facts, "web>resolver:53/udp/in=1 "
	    "web>resolver:53/udp/out=0") != NULL, "the talk's rule for names "
	    "alone: %s", c.summary);
	check_free(&c);
	further(ROLE_BIT(ROLE_ROUTER), vmm, ROUTER "pass in on tap inet proto "
	    "tcp to port { 80 443 }\npass inet proto udp to port 3479\n",
	    &c);
	CHECK(c.state == STATE_WARN && strstr(c.summary, "jvb to outside:443/"
	    "tcp is blocked going out on em0 by pf.conf:2; pf.conf:10 let it "
	    "in") != NULL, "the web that was let in: %s", c.summary);
	check_free(&c);
	further(ROLE_BIT(ROLE_ROUTER), vmm, ROUTER "pass in on tap\n"
	    "pass out inet proto udp to port 3479\n", &c);
	CHECK(c.state == STATE_PASS && strstr(c.facts, "web>outside:80/tcp/"
	    "in=1 web>outside:80/tcp/out=0") != NULL, "let in by no rule for "
	    "it, for the router's own name server: %s", c.summary);
	check_free(&c);
	further(ROLE_BIT(ROLE_ROUTER), vmm, "pass\nblock return in on em0 "
	    "proto tcp to port { 5222 5280 8080 8888 }\npass in on em0 inet "
	    "proto tcp to (em0) port { 80 443 } rdr-to web\npass in on em0 "
	    "inet proto udp to (em0) port 10000 rdr-to jvb\n", &c);
	CHECK(c.state == STATE_PASS && strstr(c.transcript, "web to "
	    "resolver:53/udp leaves with a private address") != NULL,
	    "without nat-to: %s", c.transcript);
	check_free(&c);
}

int
main(void)
{
	test_config();
	test_one_host();
	test_inet6();
	test_further();
	test_further_router();
	test_rules();
	test_linux();
	test_states();
	test_log();
	return (check_end());
}
