/* SPDX-License-Identifier: ISC */
/*
 * Heads of log lines: a table of lines as the programs print them and what
 * must be read from each. Catches a form that is not known, a head of one
 * program taken for another's, and text that is taken for a head.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/logs/heads.h"
#include "tests/kit/check.h"

struct row {
	const char *line;
	const char *component;	/* "none" when the line does not say */
	enum log_level level;
	const char *time;	/* "" when there is none */
	const char *session, *logger, *message;
};

#define NO LOG_LEVEL_NONE
#define INFO LOG_LEVEL_INFO
#define WARN LOG_LEVEL_WARN
#define ERROR LOG_LEVEL_ERROR
#define DEBUG LOG_LEVEL_DEBUG

static const struct row rows[] = {
	/* prosody: file, slides with blanks, console, syslog */
	{ "Sep 16 14:35:58 c2s60a86b47480\tinfo\tClient connected",
	    "prosody", INFO, "2026-09-16T14:35:58Z", "c2s60a86b47480",
	    "c2s60a86b47480", "Client connected" },
	{ "Sep 16 14:35:58 c2s60a86b47480 info Client connected",
	    "prosody", INFO, "2026-09-16T14:35:58Z", "c2s60a86b47480",
	    "c2s60a86b47480", "Client connected" },
	{ "Dec 31 23:59:59 portmanager\terror\tFailed to open server port",
	    "prosody", ERROR, "2025-12-31T23:59:59Z", "", "portmanager",
	    "Failed to open server port" },
	{ "Feb 29 01:02:03 general\twarn\tleap", "prosody", WARN,
	    "2024-02-29T01:02:03Z", "", "general", "leap" },
	{ "startup              info\tHello and welcome", "prosody", INFO, "",
	    "", "startup", "Hello and welcome" },
	{ "focus.meet.example:component                warn     bouncing",
	    "prosody", WARN, "", "", "focus.meet.example:component",
	    "bouncing" },
	{ "2026-11-20 08:00:01 mod_bosh\tinfo\tNew BOSH session, assigned it "
	    "sid '5f0e1a2b-0000-4000-8000-1234567890ab'", "prosody", INFO,
	    "2026-11-20T08:00:01Z", "5f0e1a2b-0000-4000-8000-1234567890ab",
	    "mod_bosh", "New BOSH session, assigned it sid "
	    "'5f0e1a2b-0000-4000-8000-1234567890ab'" },
	{ "Nov 20 08:00:02 bosh5f0e1a2b-0000-4000-8000-1234567890ab\tinfo\t"
	    "Authenticated as x@y", "prosody", INFO, "2026-11-20T08:00:02Z",
	    "5f0e1a2b-0000-4000-8000-1234567890ab",
	    "bosh5f0e1a2b-0000-4000-8000-1234567890ab",
	    "Authenticated as x@y" },
	{ "Nov 20 10:01:19 xmpp prosody[14527]: jts.example:http: Serving",
	    "prosody", NO, "2026-11-20T10:01:19Z", "", "jts.example:http",
	    "Serving" },
	{ "<30>Nov 20 10:01:19 xmpp prosody[14527]: c2s55aa00: Client gone",
	    "prosody", NO, "2026-11-20T10:01:19Z", "c2s55aa00", "c2s55aa00",
	    "Client gone" },
	{ "janv. 29 15:01:42 debian prosody[43991]: c2s55f3f76efa50      "
	    "info        Client connected", "prosody", INFO,
	    "2026-01-29T15:01:42Z", "c2s55f3f76efa50",
	    "c2s55f3f76efa50",
	    "Client connected" },
	{ "prosody-1  | jcp55e9fa842410    info     Incoming connection",
	    "prosody", INFO, "", "jcp55e9fa842410",
	    "jcp55e9fa842410",
	    "Incoming connection" },
	{ "modulemanager: Error initializing module 'x'", "prosody", NO, "",
	    "", "modulemanager", "Error initializing module 'x'" },
	/* jicofo and jvb */
	{ "JVB 2022-09-16 14:44:51.123 INFO: [17] org.ice4j.ice.harvest."
	    "AbstractUdpListener.<init>: Initialized", "jvb", INFO,
	    "2022-09-16T14:44:51.123Z", "17",
	    "org.ice4j.ice.harvest.AbstractUdpListener.<init>",
	    "Initialized" },
	{ "JVB 2026-01-02 03:04:05.006 WARNING: [21] [hostname=xmpp id=x1] "
	    "MucClient.go#697: Error connecting:", "jvb", WARN,
	    "2026-01-02T03:04:05.006Z", "x1", "MucClient.go#697",
	    "Error connecting:" },
	{ "JVB 2026-01-02 03:04:05.006 INFO: [30] [confId=c1 epId=ab12cd34 "
	    "local_ufrag=f] Agent.setState#934: ICE state", "jvb", INFO,
	    "2026-01-02T03:04:05.006Z", "ab12cd34", "Agent.setState#934",
	    "ICE state" },
	{ "Jicofo 2021-10-26 13:40:32.929 SCHWERWIEGEND: [509] "
	    "org.jitsi.jicofo.Main.log() An exception", "jicofo", ERROR,
	    "2021-10-26T13:40:32.929Z", "509", "org.jitsi.jicofo.Main.log()",
	    "An exception" },
	{ "Jicofo 2024-10-16 14:30:19.139 GRAVE: [18] [xmpp_connection="
	    "client] XmppProvider.doConnect#181: Failed", "jicofo", ERROR,
	    "2024-10-16T14:30:19.139Z", "client", "XmppProvider.doConnect#181",
	    "Failed" },
	{ "JVB 2020-05-19 22:12:27.906 SEVERE: [18] "
	    "org.jitsi.meet.ComponentMain.call().323 host-unknown, host:x",
	    "jvb", ERROR, "2020-05-19T22:12:27.906Z", "18",
	    "org.jitsi.meet.ComponentMain.call().323",
	    "host-unknown, host:x" },
	{ "2026-01-02 03:04:05.006 SEVERE: [18] [room=a@b meeting_id=12] "
	    "BridgeSelector.selectBridge#182: None", "jicofo", ERROR,
	    "2026-01-02T03:04:05.006Z", "a@b",
	    "BridgeSelector.selectBridge#182", "None" },
	{ "2026-01-02 03:04:05.006 INFO: [18] HealthChecker.run#181: Fine",
	    "none", INFO, "2026-01-02T03:04:05.006Z", "18",
	    "HealthChecker.run#181", "Fine" },
	{ "Sep 16 14:45:24 jvb jvb: JVB 2022-09-16 14:45:24.260 INFO: [35] "
	    "Endpoint.a#1: b", "jvb", INFO, "2022-09-16T14:45:24.260Z", "35",
	    "Endpoint.a#1", "b" },
	{ "jicofo_1   | May 19, 2020 8:24:00 PM org.jitsi.util.LoggerImpl "
	    "log", "jicofo", NO, "2020-05-19T20:24:00Z", "",
	    "org.jitsi.util.LoggerImpl", "" },
	{ "19 mars 2021 18:31:36 org.jitsi.videobridge.Main main", "jvb", NO,
	    "2021-03-19T18:31:36Z", "", "org.jitsi.videobridge.Main", "" },
	{ "SEVERE: Error processing sctp", "none", ERROR, "", "", "",
	    "Error processing sctp" },
	{ "[hostname=p id=s0] MucClient.lambda$x$9#640: Error connecting:",
	    "jvb", NO, "", "s0", "MucClient.lambda$x$9#640",
	    "Error connecting:" },
	/* nginx */
	{ "2026/11/22 10:17:11 [error] 11712#11712: *2 connect() failed "
	    "(111: Connection refused)", "nginx-error", ERROR,
	    "2026-11-22T10:17:11Z", "2", "",
	    "connect() failed (111: Connection refused)" },
	{ "2026/11/22 10:00:46 [emerg] 12369#12369: unknown directive",
	    "nginx-error", ERROR, "2026-11-22T10:00:46Z", "", "",
	    "unknown directive" },
	{ "nginx: [emerg] host not found in upstream", "nginx-error", ERROR,
	    "", "", "", "host not found in upstream" },
	{ "Sep 27 17:31:34 com nginx[2045]: nginx: [emerg] bind() to",
	    "nginx-error", ERROR, "2026-09-27T17:31:34Z", "", "",
	    "bind() to" },
	{ "100.64.1.9 - - [22/Nov/2026:10:12:06 +0100] \"POST /http-bind "
	    "HTTP/1.1\" 200 499 \"-\" \"-\"", "nginx-access", NO,
	    "2026-11-22T09:12:06Z", "100.64.1.9", "",
	    "\"POST /http-bind HTTP/1.1\" 200 499 \"-\" \"-\"" },
	{ "meet.example:443 10.0.0.7 - - [22/Nov/2026:10:12:06 +0000] "
	    "\"GET / HTTP/2.0\" 200 1", "nginx-access", NO,
	    "2026-11-22T10:12:06Z", "10.0.0.7", "",
	    "\"GET / HTTP/2.0\" 200 1" },
	{ "[24/Nov/2026:22:41:49 +0000]^203.0.113.10^\"POST /http-bind "
	    "HTTP/1.1\"^200^148^xmpp:5280^-", "nginx-access", NO,
	    "2026-11-24T22:41:49Z", "203.0.113.10", "",
	    "\"POST /http-bind HTTP/1.1\"^200^148^xmpp:5280^-" },
	{ "\"POST /http-bind?room=c HTTP/2.0\" 404 393 \"-\" \"okhttp\"",
	    "nginx-access", NO, "", "", "",
	    "\"POST /http-bind?room=c HTTP/2.0\" 404 393 \"-\" \"okhttp\"" },
	/* coturn */
	{ "1: : session 001000000000000001: realm <r> user <>: incoming",
	    "coturn", NO, "", "001000000000000001", "",
	    "session 001000000000000001: realm <r> user <>: incoming" },
	{ "12: (4567): ERROR: check_stun_auth: no", "coturn", ERROR, "", "",
	    "", "check_stun_auth: no" },
	{ "2026-11-22T10:00:00.500+0000: : WARNING: x", "coturn", WARN,
	    "2026-11-22T10:00:00.500Z", "", "", "x" },
	/* browsers */
	{ "[3258:3288:1122/231122.329597:ERROR:dbus/bus.cc:405] Failed",
	    "browser", ERROR, "2026-11-22T23:11:22.329Z", "",
	    "ERROR:dbus/bus.cc:405", "Failed" },
	{ "[1:1:1120/101711.320203:INFO:CONSOLE:2] \"bosh status 502\", "
	    "source: https://x/app.js (2)", "browser", INFO,
	    "2026-11-20T10:17:11.320Z", "", "INFO:CONSOLE:2",
	    "\"bosh status 502\", source: https://x/app.js (2)" },
	{ "[error] network Failed to load resource", "browser", ERROR, "",
	    "", "", "network Failed to load resource" },
	{ "Logger.js:154 2026-11-20T10:00:00.000Z [modules/xmpp/xmpp.js] x",
	    "browser", NO, "2026-11-20T10:00:00Z", "", "Logger.js:154",
	    "[modules/xmpp/xmpp.js] x" },
	{ "LAB joined", "browser", NO, "", "", "", "LAB joined" },
	/* clients, prosodyctl */
	{ "auth ERROR Cannot authenticate with known methods", "client",
	    ERROR, "", "", "auth", "Cannot authenticate with known methods" },
	{ "$ prosodyctl check", "prosodyctl", NO, "", "", "",
	    "$ prosodyctl check" },
	/* wrappers around something else */
	{ "<34>1 2026-10-11T22:14:15.003Z host1 jvb 99 ID47 [a@1 b=\"c]d\"]"
	    "[e@2] JVB 2026-10-11 22:14:15.001 INFO: [1] Endpoint.a#1: m",
	    "jvb", INFO, "2026-10-11T22:14:15.001Z", "1", "Endpoint.a#1",
	    "m" },
	{ "2026-11-20T10:00:00.123456789Z startup   info\tHello", "prosody",
	    INFO, "2026-11-20T10:00:00.123Z", "", "startup", "Hello" },
	{ "2026-11-20T10:00:00.123456789Z stderr F nginx: [emerg] no",
	    "nginx-error", ERROR, "2026-11-20T10:00:00.123Z", "", "", "no" },
	{ "Nov 20 10:00:00 gw dhcpd[99]: DHCPREQUEST for 10.0.0.1", "syslog",
	    NO, "2026-11-20T10:00:00Z", "", "",
	    "DHCPREQUEST for 10.0.0.1" },
	/* no head at all */
	{ "\tat org.jitsi.X.y(X.java:1)", "none", NO, "", "", "",
	    "\tat org.jitsi.X.y(X.java:1)" },
	{ "Some error occurred here: none of it is a head", "none", NO, "",
	    "", "", "Some error occurred here: none of it is a head" },
	{ "Nov 42 10:00:00 startup\tinfo\tno such day", "none", NO, "", "",
	    "", "Nov 42 10:00:00 startup\tinfo\tno such day" },
	{ "", "none", NO, "", "", "", "" },
};

static void
check_field(const struct row *r, const char *what, struct str got,
    const char *want)
{
	char text[512];

	snprintf(text, sizeof(text), "%.*s", STR_ARG(got));
	CHECK_STR(text, want, "%s of \"%.60s\"", what, r->line);
}

static void
check_row(const struct row *r, wall_t reference)
{
	char when[WALL_TEXT_SIZE] = "";
	struct head h;

	head_read(str_from(r->line), reference, &h);
	if (wall_is_set(h.time))
		wall_format(h.time, when, sizeof(when));
	CHECK_STR(h.component == COMPONENT_NONE ? "none" :
	    component_name(h.component), r->component,
	    "component of \"%.60s\"", r->line);
	CHECK_INT(h.level, r->level, "level of \"%.60s\"", r->line);
	CHECK_STR(when, r->time, "time of \"%.60s\"", r->line);
	check_field(r, "session", h.session, r->session);
	check_field(r, "logger", h.logger, r->logger);
	check_field(r, "message", h.message, r->message);
}

/* Every proper beginning of every line is read without going past it. */
static void
check_beginnings(const struct row *r, wall_t reference)
{
	struct head h;
	size_t n, len = strlen(r->line);

	for (n = 0; n < len; n++) {
		char *copy = n == 0 ? NULL : strndup(r->line, n);

		head_read(str_of(copy, n), reference, &h);
		free(copy);
	}
}

int
main(void)
{
	struct civil c = { 2026, 11, 22, 12, 0, 0, 0 };
	wall_t reference = wall_from_civil(&c);
	struct head h;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		check_row(&rows[i], reference);
		check_beginnings(&rows[i], reference);
	}
	head_read(str_from("Nov 20 10:00:00 general\tinfo\tx"), reference, &h);
	CHECK(h.time_guessed && !h.has_offset,
	    "a missing year is said to be guessed");
	head_read(str_from("1.2.3.4 - - [22/Nov/2026:10:12:06 +0100] \"GET / "
	    "HTTP/1.1\" 200 1"), reference, &h);
	CHECK(!h.time_guessed && h.has_offset,
	    "a logged year and offset are not guessed");
	head_read(str_from("web-1 | nginx: [emerg] x"), reference, &h);
	CHECK(str_eqs(h.host, "web-1"), "the container's name is the host");
	head_read(str_from("Nov 20 10:01:19 xmpp prosody[1]: a.b:c: d"),
	    reference, &h);
	CHECK(str_eqs(h.host, "xmpp"), "the host is syslog's");
	return (check_end());
}
