/* SPDX-License-Identifier: ISC */
/*
 * meetprobe.conf: every statement is printed back and parses again to the
 * same text; every mistake is told with its line, and does not hide the next.
 */
#include <string.h>

#include "agent/base/buf.h"
#include "agent/conf.h"
#include "tests/kit/check.h"

static const char whole[] =
    "net = 100.64.2\n"
    "roles = \"{ web, xmpp }\"\n"
    "# a comment\n"
    "site \"jts.example.org\"\n"
    "role $roles\n"
    "host xmpp address 100.64.2.3\n"
    "host jvb address 2001:db8::4\n"
    "public address 203.0.113.1\n"
    "resolver 9.9.9.9\n"
    "ca file /etc/ssl/site.pem\n"
    "fingerprint AA:BB\n"
    "stun server \"stun.example.org:3478\"\n"
    "room probe-room\n"
    "monitor address 100.64.9.9\n"
    "admin address 100.64.9.8\n"
    "certificate warn 21 days\n"
    "media on vio0 port 10000:10050\n"
    "listen on 127.0.0.1\n"
    "listen on 100.64.2.3 port 10918 \\\n"
    "    token file /etc/meetprobe.token tls cert /c key /k\n"
    "rest jvb address 127.0.0.1 port 8080\n"
    "account probe probe@auth.jts.example.org password file /etc/p\n"
    "probe xmpp.login interval 5m timeout 10s\n"
    "probe tls.web off\n"
    "log prosody /var/prosody/prosody.log\n"
    "log jvb@jvb2 /var/log/jvb2\n"
    "config jvb.conf /etc/jvb/jvb.conf\n"
    "peer xmpp url http://100.64.2.3:10917 token file /etc/t\n"
    "waive risky-thing reason \"known, moves in May\" until 2026-12-31\n";

static void
round_trip(void)
{
	struct conf c, again;
	struct errlist errors;
	struct buf one, two, text;

	conf_init(&c);
	conf_init(&again);
	errlist_init(&errors);
	buf_init(&one, 65536);
	buf_init(&two, 65536);
	buf_init(&text, 65536);
	conf_parse(&c, "t.conf", whole, strlen(whole), &errors);
	errlist_print(&errors, &text);
	CHECK_STR(buf_cstr(&text), "", "every statement is understood");
	conf_print(&c, &one);
	CHECK_INT(conf_parse(&again, "printed", buf_cstr(&one), one.len,
	    &errors), 0, "what is printed parses");
	conf_print(&again, &two);
	CHECK_STR(buf_cstr(&two), buf_cstr(&one), "and to the same");
	CHECK_INT(c.roles, ROLE_BIT(ROLE_WEB) | ROLE_BIT(ROLE_XMPP),
	    "a macro holds a list");
	CHECK_INT(c.media_port_last, 10050, "a range of ports");
	CHECK_INT(c.probes.list[0].interval_ns, 300 * NS_PER_SEC, "a time");
	CHECK_STR(c.listens.list[1].token_file, "/etc/meetprobe.token",
	    "a line joined by a backslash");
	CHECK(conf_waived(&c, "risky-thing",
	    (wall_t){ INT64_C(1798761599) * US_PER_SEC }) != NULL,
	    "a waiver holds through its last day");
	CHECK(conf_waived(&c, "risky-thing",
	    (wall_t){ INT64_C(1798761600) * US_PER_SEC }) == NULL,
	    "and not a second longer");
	conf_free(&c);
	conf_free(&again);
	errlist_free(&errors);
	buf_free(&one);
	buf_free(&two);
	buf_free(&text);
}

static void
refused(const char *text, const char *want)
{
	struct conf c;
	struct errlist errors;
	struct buf out;

	conf_init(&c);
	errlist_init(&errors);
	buf_init(&out, 65536);
	CHECK_INT(conf_parse(&c, "f", text, strlen(text), &errors), -1,
	    "refused: %.30s", want);
	errlist_print(&errors, &out);
	CHECK_STR(buf_cstr(&out), want, "the message");
	conf_free(&c);
	errlist_free(&errors);
	buf_free(&out);
}

int
main(void)
{
	round_trip();
	refused("siet x\nrole bad\nroom a b\n",
	    "f:1:1: no statement \"siet\", did you mean site?\n"
	    "f:2:6: \"bad\" is no role: web, xmpp, jicofo, jvb, router or "
	    "outside\n"
	    "f:3:8: \"b\" does not belong to \"room\"\n");
	refused("listen on 0.0.0.0\n", "f:1:8: listening beyond loopback "
	    "needs \"token file\", or \"insecure\"\n");
	refused("site a\nsite b\n", "f:2:6: the site's name was set before\n");
	refused("host xmpp address xmpp\n",
	    "f:1:19: \"xmpp\" is not a numeric address\n");
	refused("role $none\n", "f:1:6: macro \"none\" is not defined\n"
	    "f:1:11: expected a role\n");
	refused("a = $a\nroom $a\n",
	    "f:2:8: macro \"a\" is expanded too deeply\n"
	    "f:2:8: expected a room\n");
	refused("room \"x\n", "f:1:6: string is not closed on its line\n");
	refused("waive x reason y until 2026-02-30\n",
	    "f:1:24: \"2026-02-30\" is no day such as 2026-12-31\n");
	refused("media port 10000:9999\n", "f:1:12: \"10000:9999\" is no port "
	    "and no range such as 10000:10050\n");
	refused("include \"x\"\n",
	    "f:1:9: cannot read x: Function not implemented\n");
	refused("role { web", "f:1:11: expected a role\n");
	return (check_end());
}
