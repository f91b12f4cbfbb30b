/* SPDX-License-Identifier: ISC */
/*
 * Mirrors exporter/exporter.c, page.c and api.c. Would catch: a failure that
 * is not counted or that leaves its success gauge, a cause that stays active
 * after it cleared, text from outside that becomes markup, pages that are no
 * JSON, an http process that gets nothing after it was started again.
 * With -o DIR it writes the status pages there, to look at.
 */
#include <sys/types.h>
#include <sys/socket.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "agent/base/buf.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/diagnosis/report.h"
#include "agent/run/loop.h"
#include "agent/run/msg.h"
#include "exporter/exporter.h"
#include "exporter/link.h"
#include "exporter/openmetrics.h"
#include "exporter/pages.h"
#include "tests/kit/check.h"

static char *
metrics_page(struct exporter *e, mono_t now)
{
	struct buf b;

	buf_init(&b, LIMIT_PAGE);
	openmetrics_write(&b, exporter_metrics(e), FORMAT_PROMETHEUS_TEXT,
	    now);
	return (buf_take(&b));
}

static void
expect(struct exporter *e, mono_t now, const char *line, int there)
{
	char *text = metrics_page(e, now);
	char *want = mem_printf("\n%s\n", line);

	CHECK((strstr(text, want) != NULL) == there, "%s: %s",
	    there ? "there is" : "there is no", line);
	free(want);
	free(text);
}

/* A check as a probe leaves it. */
static struct check
run_of(enum state state, enum layer layer, enum reason reason)
{
	struct check c;

	check_init(&c, "xmpp.starttls", "tls", "xmpp:5222");
	check_result(&c, state, layer, reason, "what happened at xmpp:5222");
	c.when = wall_from_civil(&(struct civil){ 2026, 11, 22, 10, 0, 0, 0 });
	c.duration = 0.03;
	check_phase(&c, "connect", 0.001);
	if (state == STATE_PASS) {
		check_phase(&c, "tls", 0.02);
		check_fact(&c, "tls.not_after", "1800000000");
		check_fact(&c, "tls.chain_not_after", "1790000000");
	}
	return (c);
}

#define WHO "{probe=\"xmpp.starttls\",subject=\"xmpp:5222\""

static void
checks(void)
{
	struct exporter *e = exporter_new();
	mono_t now = mono_now(), later = mono_add(now, 179 * NS_PER_SEC);
	struct check c;

	exporter_probe(e, "xmpp.starttls", "xmpp:5222", LAYER_TLS);
	expect(e, now, "meetprobe_probe_failures_total" WHO
	    ",layer=\"net\",reason=\"refused\"} 0", 1);
	expect(e, now, "meetprobe_probe_failures_total" WHO
	    ",layer=\"tls\",reason=\"tls-expired\"} 0", 1);
	expect(e, now, "meetprobe_probe_runs_total" WHO
	    ",state=\"fail\"} 0", 1);
	c = run_of(STATE_PASS, LAYER_TLS, REASON_OK);
	exporter_check(e, &c, 60 * NS_PER_SEC, now);
	check_free(&c);
	expect(e, later, "meetprobe_probe_success" WHO "} 1", 1);
	expect(e, later, "meetprobe_probe_phase_seconds" WHO
	    ",phase=\"tls\"} 0.02", 1);
	expect(e, now, "meetprobe_tls_not_after_timestamp_seconds{"
	    "subject=\"xmpp:5222\",position=\"leaf\"} 1800000000", 1);
	expect(e, now, "meetprobe_tls_not_after_timestamp_seconds{"
	    "subject=\"xmpp:5222\",position=\"earliest\"} 1790000000", 1);
	expect(e, now, "meetprobe_probe_last_run_timestamp_seconds" WHO
	    "} 1795341600", 1);
	expect(e, mono_add(later, NS_PER_SEC),
	    "meetprobe_probe_success" WHO "} 1", 0);
	c = run_of(STATE_FAIL, LAYER_NET, REASON_REFUSED);
	exporter_check(e, &c, 60 * NS_PER_SEC, now);
	check_free(&c);
	expect(e, now, "meetprobe_probe_success" WHO "} 0", 1);
	expect(e, now, "meetprobe_probe_failures_total" WHO
	    ",layer=\"net\",reason=\"refused\"} 1", 1);
	expect(e, now, "meetprobe_probe_phase_seconds" WHO
	    ",phase=\"tls\"} 0.02", 0);
	c = run_of(STATE_SKIPPED, LAYER_TLS, REASON_OK);
	exporter_check(e, &c, 60 * NS_PER_SEC, now);
	check_free(&c);
	expect(e, now, "meetprobe_probe_success" WHO "} 0", 0);
	expect(e, now, "meetprobe_probe_success" WHO "} 1", 0);
	expect(e, now, "meetprobe_probe_runs_total" WHO
	    ",state=\"skipped\"} 1", 1);
	expect(e, now, "meetprobe_probe_duration_seconds_count{"
	    "probe=\"xmpp.starttls\"} 2", 1);
	exporter_free(e);
}

/* The legs of flows, of the loaded rules only. */
static void
flows(const char *id, int there)
{
	struct exporter *e = exporter_new();
	mono_t now = mono_now();
	struct check c;

	check_init(&c, id, "pf", "");
	check_result(&c, STATE_PASS, LAYER_PF, REASON_OK, "fits");
	check_fact(&c, "pf.flow_legs", "web>xmpp:5280/tcp/in=1 "
	    "web>xmpp:5280/tcp/out=0 nonsense");
	exporter_check(e, &c, 60 * NS_PER_SEC, now);
	check_free(&c);
	expect(e, now, "meetprobe_pf_flow_allowed{"
	    "flow=\"web>xmpp:5280/tcp\",leg=\"in\"} 1", there);
	expect(e, now, "meetprobe_pf_flow_allowed{"
	    "flow=\"web>xmpp:5280/tcp\",leg=\"out\"} 0", there);
	exporter_free(e);
}

static struct report *
sample_report(int active)
{
	static const struct {
		const char *id, *group, *subject;
		enum state state;
		enum layer layer;
		enum reason reason;
		const char *summary;
	} t[] = {
		{ "dns.site", "dns", "", STATE_PASS, LAYER_DNS, REASON_OK,
		    "meet.jts.example.org has one A record, 192.0.2.7" },
		{ "tcp.connect", "net", "xmpp:5222", STATE_PASS, LAYER_NET,
		    REASON_OK, "connected to xmpp:5222 in 0.4 ms" },
		{ "listen.local", "net", "udp/10000", STATE_WARN, LAYER_HOST,
		    REASON_ROLE_CONFLICT, "another process holds udp/10000" },
		{ "xmpp.starttls", "tls", "xmpp:5222", STATE_FAIL, LAYER_TLS,
		    REASON_TLS_UNTRUSTED, "the certificate of <b>xmpp</b> "
		    "is not in /etc/jvb/truststore \033[31m& more" },
		{ "xmpp.login", "xmpp", "jvb@auth.jts.example.org",
		    STATE_SKIPPED, LAYER_XMPP, REASON_OK, "not tried" },
		{ "config.jvb-conf", "config", "", STATE_FAIL, LAYER_CONFIG,
		    REASON_PROTOCOL_ERROR, "/etc/jvb/jvb.conf:3: no" },
		{ "jvb.health", "rest", "127.0.0.1:8080", STATE_UNKNOWN,
		    LAYER_HTTP, REASON_TIMEOUT, "no answer in 2 s" },
	};
	struct report *r = report_new("agent");
	struct report_cause *cause;
	struct report_evidence *ev;
	struct check c;
	size_t i;

	report_site(r, "jts.example.org", "jvb", ROLE_BIT(ROLE_JVB));
	r->generated = wall_from_civil(
	    &(struct civil){ 2026, 11, 22, 10, 0, 0, 0 });
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		check_init(&c, t[i].id, t[i].group, t[i].subject);
		check_result(&c, t[i].state, t[i].layer, t[i].reason, "%s",
		    t[i].summary);
		if (t[i].state == STATE_SKIPPED)
			c.because = mem_strdup("xmpp.starttls");
		report_add_check(r, &c);
	}
	ev = report_add_evidence(r, SOURCE_LOG);
	ev->component = mem_strdup("prosody");
	ev->host = mem_strdup("xmpp");
	ev->file = mem_strdup("/var/log/prosody/prosody.log");
	ev->line = 120;
	ev->time = r->generated;
	ev->count = 17;
	ev->signal = mem_strdup("prosody-tls-cert-unknown");
	ev->text = mem_strdup("c2s60a86b47480 info Client disconnected: "
	    "<script>alert(1)</script> sslv3 alert certificate unknown");
	cause = report_add_cause(r, "truststore-lacks-cert");
	cause->kind = KIND_AUTH_CERT_TRUST;
	cause->title = mem_strdup("the Java trust store does not hold "
	    "prosody's certificate");
	cause->say = mem_strdup("jvb at 100.64.3.3 refused the certificate "
	    "of auth.jts.example.org");
	cause->severity = SEVERITY_DOWN;
	cause->confidence = 0.93;
	cause->rank = 1;
	cause->component = mem_strdup("jvb");
	cause->host = mem_strdup("jvb");
	cause->cleared = active ? WALL_NONE : r->generated;
	names_add(&cause->for_, "e1");
	names_add(&cause->for_, "probe:xmpp.starttls");
	names_add(&cause->explains, "no-operational-bridge");
	report_add_fix(cause, "openbsd", "import the certificate and restart",
	    "keytool -import -alias prosody -file "
	    "/var/prosody/auth.jts.example.org.crt -keystore "
	    "/etc/jvb/truststore", INTERRUPTS_CALLS);
	report_add_coverage(r, "/var/log/jvb.log", COVERAGE_READ,
	    r->generated, r->generated, 1234, NULL, 0);
	report_add_coverage(r, "/etc/pf.conf", COVERAGE_UNREADABLE,
	    WALL_NONE, WALL_NONE, 0, "doas meetprobe diagnose", 0);
	report_verdict(r, 0);
	return (r);
}

#define CAUSE "{cause=\"truststore-lacks-cert\",kind=\"auth-cert-trust\"," \
	"severity=\"down\"}"

static void
causes(void)
{
	struct exporter *e = exporter_new();
	mono_t now = mono_now();
	struct report *r;

	expect(e, now, "meetprobe_causes{severity=\"down\"} 0", 1);
	r = sample_report(1);
	exporter_report(e, r);
	report_free(r);
	expect(e, now, "meetprobe_causes{severity=\"down\"} 1", 1);
	expect(e, now, "meetprobe_causes{severity=\"risk\"} 0", 1);
	expect(e, now, "meetprobe_probe_success{probe=\"config.jvb-conf\","
	    "subject=\"\"} 0", 1);
	expect(e, now, "meetprobe_probe_success{probe=\"dns.site\","
	    "subject=\"\"} 1", 0);
	expect(e, now, "meetprobe_cause_active" CAUSE " 1", 1);
	expect(e, now, "meetprobe_cause_confidence_ratio" CAUSE " 0.93", 1);
	r = sample_report(0);
	exporter_report(e, r);
	report_free(r);
	expect(e, now, "meetprobe_causes{severity=\"down\"} 0", 1);
	expect(e, now, "meetprobe_cause_active" CAUSE " 0", 1);
	expect(e, now, "meetprobe_cause_confidence_ratio" CAUSE " 0", 1);
	exporter_free(e);
}

static void
write_file(const char *dir, const char *name, const struct buf *b)
{
	char *path = mem_printf("%s/%s", dir, name);
	FILE *f = fopen(path, "w");

	free(path);
	if (f == NULL)
		return;
	fwrite(b->data, 1, b->len, f);
	fclose(f);
}

static void
index_page(const char *dir)
{
	struct report *r = sample_report(1);
	struct buf b;
	const char *text;

	buf_init(&b, LIMIT_PAGE);
	page_index(&b, r);
	text = buf_cstr(&b);
	CHECK(strstr(text, "<script") == NULL &&
	    strstr(text, "&lt;script&gt;") != NULL,
	    "markup in a log stays text");
	CHECK(strstr(text, "&lt;b&gt;xmpp&lt;/b&gt;") != NULL,
	    "markup in a summary stays text");
	CHECK(strchr(text, '\033') == NULL &&
	    strstr(text, "\\x1b[31m&amp; more") != NULL,
	    "control characters are shown as such");
	CHECK(strstr(text, "ends all calls") != NULL,
	    "a fix says what it interrupts");
	CHECK(strstr(text, "truststore-lacks-cert") != NULL &&
	    strstr(text, "doas meetprobe diagnose") != NULL,
	    "causes and hints are there");
	if (dir != NULL)
		write_file(dir, "findings.html", &b);
	report_free(r);
	r = report_new("agent");
	report_site(r, NULL, "xmpp", 0);
	report_verdict(r, 0);
	buf_clear(&b);
	page_index(&b, r);
	CHECK(strstr(buf_cstr(&b), "healthy") != NULL,
	    "an empty report is healthy and makes a page");
	if (dir != NULL)
		write_file(dir, "empty.html", &b);
	report_free(r);
	buf_free(&b);
}

static void
json_pages(void)
{
	static const struct exporter_agent agents[] = {
		{ "100.64.1.3:10917", "xmpp", ROLE_BIT(ROLE_XMPP) },
		{ "100.64.2.3:10917", "j\"j",
		    ROLE_BIT(ROLE_JICOFO) | ROLE_BIT(ROLE_JVB) },
		{ "\377", "x", 0 },
	};
	struct report *r = sample_report(1);
	struct buf b, c;
	json_t *j, *first;

	buf_init(&b, LIMIT_PAGE);
	buf_init(&c, LIMIT_PAGE);
	page_report(&b, r);
	j = json_loadb(b.data, b.len, 0, NULL);
	CHECK(j != NULL, "the report is JSON");
	CHECK_STR(json_string_value(json_object_get(j, "schema")),
	    "meetprobe.report/1", "of this schema");
	json_decref(j);
	page_causes(&c, &b);
	j = json_loadb(c.data, c.len, 0, NULL);
	first = json_array_get(json_object_get(j, "causes"), 0);
	CHECK_STR(json_string_value(json_object_get(first, "id")),
	    "truststore-lacks-cert", "the causes are there");
	CHECK(fabs(json_real_value(json_object_get(first, "confidence")) -
	    0.93) < 1e-9, "with their confidence");
	CHECK(json_object_get(j, "evidence") == NULL, "and nothing else");
	json_decref(j);
	buf_clear(&b);
	page_sd(&b, "jts.example.org", agents, 3);
	j = json_loadb(b.data, b.len, 0, NULL);
	CHECK_INT(json_array_size(j), 2,
	    "service discovery lists the agents that can be said");
	first = json_array_get(j, 1);
	CHECK_STR(json_string_value(json_array_get(json_object_get(first,
	    "targets"), 0)), "100.64.2.3:10917", "a target");
	CHECK_STR(json_string_value(json_object_get(json_object_get(first,
	    "labels"), "role")), "jicofo,jvb", "with its roles");
	json_decref(j);
	report_free(r);
	buf_free(&b);
	buf_free(&c);
}

static void
probe_page(void)
{
	struct check c = run_of(STATE_PASS, LAYER_TLS, REASON_OK);
	struct buf b;

	buf_init(&b, LIMIT_PAGE);
	exporter_probe_page(&b, &c, 9.5);
	CHECK(strstr(buf_cstr(&b), "\nprobe_success 1\n") != NULL &&
	    strstr(buf_cstr(&b), "\nprobe_timeout_seconds 9.5\n") != NULL &&
	    strstr(buf_cstr(&b),
	    "\nprobe_ssl_earliest_cert_expiry 1790000000\n") != NULL,
	    "/probe of a success");
	check_free(&c);
	buf_clear(&b);
	c = run_of(STATE_UNKNOWN, LAYER_NET, REASON_NO_ANSWER);
	exporter_probe_page(&b, &c, 9.5);
	CHECK(strstr(buf_cstr(&b), "\nprobe_success 0\n") != NULL &&
	    strstr(buf_cstr(&b), "probe_reason_info{reason=\"no-answer\","
	    "layer=\"net\"} 1\n") != NULL &&
	    strstr(buf_cstr(&b), "cert_expiry") == NULL,
	    "/probe of an unknown: no success, and nothing made up");
	check_free(&c);
	buf_free(&b);
}

/* Counts the heads of pages that come out of the link. */
static int
pages_sent(int sock)
{
	struct msg *m = mem_zalloc(1, sizeof(*m));
	int n = 0;

	while (recv(sock, m, 1, MSG_DONTWAIT | MSG_PEEK) > 0 &&
	    msg_recv(m, sock) == 1)
		n += m->type == HTTP_MSG_PAGE;
	free(m);
	return (n);
}

static void
publishing(void)
{
	struct http_link_events none = { NULL, NULL, NULL };
	struct exporter *e = exporter_new();
	struct loop *loop = loop_new();
	struct http_link *link;
	mono_t now = mono_now();
	struct report *r;
	char *text;
	int pair[2];

	if (msg_pair(pair) == -1)
		fatal("msg_pair");
	link = http_link_new(loop, pair[0], &none);
	exporter_publish(e, link, now);
	CHECK_INT(pages_sent(pair[1]), 3, "metrics twice and the agents");
	exporter_publish(e, link, mono_add(now, NS_PER_SEC));
	CHECK_INT(pages_sent(pair[1]), 0, "nothing changed, nothing sent");
	exporter_publish(e, link, mono_add(now, 16 * NS_PER_SEC));
	CHECK_INT(pages_sent(pair[1]), 2, "a sign of life");
	r = sample_report(1);
	exporter_report(e, r);
	report_free(r);
	exporter_publish(e, link, mono_add(now, 17 * NS_PER_SEC));
	CHECK_INT(pages_sent(pair[1]), 5, "a report: its pages, and metrics");
	exporter_again(e);
	exporter_publish(e, link, mono_add(now, 18 * NS_PER_SEC));
	CHECK_INT(pages_sent(pair[1]), 6, "a new http process gets all");
	text = metrics_page(e, now);
	CHECK(strstr(text, "\nprocess_cpu_seconds_total ") != NULL &&
	    strstr(text, "\nprocess_open_fds ") != NULL &&
	    strstr(text, "\nprocess_resident_memory_bytes ") != NULL &&
	    strstr(text, "\nprocess_start_time_seconds 1") != NULL,
	    "the process's own figures are there");
	free(text);
	http_link_free(link);
	close(pair[1]);
	loop_free(loop);
	exporter_free(e);
}

int
main(int argc, char **argv)
{
	checks();
	flows("pf.rules", 1);
	flows("pf.config", 0);
	causes();
	index_page(argc > 2 && strcmp(argv[1], "-o") == 0 ? argv[2] : NULL);
	json_pages();
	probe_page();
	publishing();
	return (check_end());
}
