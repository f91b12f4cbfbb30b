/* SPDX-License-Identifier: ISC */
/*
 * The pf lines of `meetprobed -nv`, read by our own reader of pf.conf. Would
 * catch: a line that pfctl refuses, an address of the wrong family, brackets
 * or a port where pf.conf has none, a port that is not the listener's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/conf.h"
#include "agent/conf_pf.h"
#include "probes/pf/rule.h"
#include "probes/pf/system.h"
#include "tests/kit/check.h"

static const char machine[] =
    "if lo0 loopback\naddr lo0 ::1/128\naddr lo0 127.0.0.1/8\n"
    "if vio0 broadcast\naddr vio0 100.64.4.3/31\naddr vio0 fd00::3/64\n"
    "group egress vio0\nhost xmpp 100.64.2.3\nhost stun.example.org "
    "192.0.2.9\n";

/* The lines for a meetprobe.conf, without "# pf: ". */
static void
lines_of(const char *text, struct buf *out)
{
	struct errlist errs;
	struct conf c;
	struct buf b;
	struct str s, line;

	errlist_init(&errs);
	conf_init(&c);
	buf_init(&b, 65536);
	buf_clear(out);
	CHECK_INT(conf_parse(&c, "test", text, strlen(text), &errs), 0,
	    "meetprobe.conf parses: %s", errs.count > 0 ?
	    errs.list[0].message : "");
	conf_print_pf(&c, &b);
	s = buf_str(&b);
	while (s.n > 0) {
		line = str_split(&s, '\n');
		CHECK(str_starts(line, "# pf: "), "it is a comment: %.*s",
		    STR_ARG(line));
		buf_add_str(out, str_sub(line, 6, line.n));
		buf_addc(out, '\n');
	}
	buf_free(&b);
	conf_free(&c);
	errlist_free(&errs);
}

/* Reads them as pf.conf; how many rules, -1: refused. */
static int
rules_of(const struct buf *text)
{
	struct pf_given given = { "pf.conf", buf_cstr(text), text->len };
	struct pf_given_set set = { &given, 1 };
	struct pf_env env;
	struct pf_conf conf;
	struct errlist errs;
	int n;

	errlist_init(&errs);
	pf_env_init(&env);
	pf_env_parse(&env, "env", str_from(machine), &errs);
	pf_conf_init(&conf, &env, pf_given_files(&set));
	n = pf_conf_read(&conf, "pf.conf") == 0 ? conf.anchors->count : -1;
	if (n == -1)
		printf("# %s\n", conf.errs.list[0].message);
	pf_conf_free(&conf);
	pf_env_free(&env);
	errlist_free(&errs);
	return (n);
}

static void
lines(const char *conf, int rules, const char *want, const char *what)
{
	struct buf b;

	buf_init(&b, 65536);
	lines_of(conf, &b);
	CHECK_INT(rules_of(&b), rules, "%s: pf takes the rules", what);
	CHECK_STR(buf_cstr(&b), want, "%s", what);
	buf_free(&b);
}

int
main(void)
{
	lines("listen on 127.0.0.1\nlisten on ::1\n", 0, "", "loopback only");
	lines("monitor address 100.64.9.9\nlisten on 100.64.4.3 port 9099 "
	    "token file \"/t\"\n", 1, "pass in inet proto tcp from "
	    "100.64.9.9 to 100.64.4.3 port 9099\n", "a monitor of IPv4");
	lines("monitor address fd00::9\nlisten on 100.64.4.3 insecure\n"
	    "listen on fd00::3 port 10918 insecure\n", 2,
	    "# nobody may ask: say \"monitor address A\" in meetprobe.conf\n"
	    "pass in inet proto tcp from 127.0.0.1 to 100.64.4.3 port 10917\n"
	    "pass in inet6 proto tcp from fd00::9 to fd00::3 port 10918\n",
	    "a monitor of IPv6");
	lines("monitor address 100.64.9.9\nlisten on 0.0.0.0 insecure\n", 2,
	    "pass in inet proto tcp from 100.64.9.9 to self port 10917\n",
	    "every address");
	lines("listen on :: insecure\npeer xmpp url "
	    "\"http://[fd00::2]:10917\" token file \"/t\"\n", 3,
	    "pass in inet6 proto tcp from fd00::2 to self port 10917\n"
	    "pass out proto tcp to fd00::2 port 10917\n",
	    "a peer by its IPv6 address");
	lines("listen on 100.64.4.3 insecure\npeer xmpp url "
	    "\"https://xmpp/meetprobe\" token file \"/t\"\n", 2,
	    "pass in inet proto tcp from xmpp to 100.64.4.3 port 10917\n"
	    "pass out proto tcp to xmpp port 443\n", "a peer by its name");
	lines("role router\nmonitor address 198.51.100.6\npeer xmpp url "
	    "\"http://100.64.2.3:10917\" token file \"/t\"\n", 2,
	    "pass out proto tcp to 100.64.2.3 port 10917\n"
	    "pass proto tcp from 198.51.100.6 to 100.64.2.3 port 10917 "
	    "# both legs\n", "the router lets the monitor through");
	lines("resolver 9.9.9.9\nstun server stun.example.org:3479\n", 3,
	    "pass out proto { tcp udp } to 9.9.9.9 port 53\n"
	    "pass out proto udp to stun.example.org port 3479\n",
	    "what probes ask");
	lines("stun server \"[2001:db8::5]:3478\"\n", 1,
	    "pass out proto udp to 2001:db8::5 port 3478\n",
	    "a STUN server of IPv6");
	return (check_end());
}
