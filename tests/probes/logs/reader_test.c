/* SPDX-License-Identifier: ISC */
/*
 * Records and sources: which lines are one record, interleaved writers,
 * line numbers, components found by content, gzip, JSON lines, colours,
 * CRLF, long lines, NUL bytes, and that cutting a log into pieces changes
 * nothing. Catches a stack trace that loses its head, a record read twice
 * or lost at the border of two pieces, and wrong line numbers.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "agent/base/buf.h"
#include "agent/base/limits.h"
#include "probes/logs/logs.h"
#include "probes/logs/unjson.h"
#include "tests/kit/check.h"

/* All records of a text as "LINE COMPONENT|MESSAGE|lines of more\n". */
static char *
list_text(const char *name, struct str bytes, enum component said)
{
	wall_t reference = { INT64_C(1795348800) * US_PER_SEC };
	struct log_source *s = logs_memory(name, bytes, said, NULL, reference);
	const struct log_text *t;
	struct record rec;
	struct buf out;
	size_t at, i, more;

	buf_init(&out, 64 << 20);
	while ((t = logs_next(s)) != NULL)
		for (at = 0; (at = t->record_next(t, at, &rec)) != SIZE_MAX;) {
			for (i = more = 0; i < rec.more.n; i++)
				more += rec.more.p[i] == '\n';
			buf_addf(&out, "%d %s|%.*s|%zu\n", rec.line,
			    rec.component == COMPONENT_NONE ? "none" :
			    component_name(rec.component),
			    STR_ARG(rec.message), rec.more.n > 0 ? more + 1 :
			    more);
		}
	logs_close(s);
	return (buf_take(&out));
}

static void
check_list(const char *what, const char *name, const char *text,
    enum component said, const char *want)
{
	char *got = list_text(name, str_from(text), said);

	CHECK_STR(got, want, "%s", what);
	free(got);
}

static void
test_records(void)
{
	check_list("a Java record has its trace and its causes", "jicofo.log",
	    "Jicofo 2026-11-20 10:00:00.000 SEVERE: [1] A.b#1: one\n"
	    "java.io.IOException: text\n"
	    "\tat a.b(C.java:1)\n"
	    "Caused by: java.net.ConnectException: Connection refused\n"
	    "\t... 4 more\n"
	    "Jicofo 2026-11-20 10:00:01.000 INFO: [1] A.b#2: two\n",
	    COMPONENT_NONE,
	    "1 jicofo|one|4\n6 jicofo|two|0\n");
	check_list("java.util.logging has two lines and a trace", "x.log",
	    "Oct 10, 2020 1:25:51 PM org.jitsi.videobridge.X log\n"
	    "SEVERE: Failed\n"
	    "java.io.IOException: text\n"
	    "Oct 10, 2020 1:25:51 PM org.jitsi.videobridge.X log\n"
	    "INFO: [25] [id=a] MucClient.go#1: Fine\n",
	    COMPONENT_NONE,
	    "1 jvb|Failed|1\n4 jvb|Fine|0\n");
	check_list("prosody's tracebacks are one record, its plain lines not",
	    "prosody.log",
	    "\n****\nA problem occurred while reading the config file\n"
	    "Error: x.lua:15: '}' expected\n"
	    "Nov 20 10:00:00 modulemanager\terror\tError initializing\n"
	    "\tstack traceback:\n\t[C]: in ?\n"
	    "Good bye!\n",
	    COMPONENT_NONE,
	    "2 prosody|****|0\n"
	    "3 prosody|A problem occurred while reading the config file|0\n"
	    "4 prosody|Error: x.lua:15: '}' expected|0\n"
	    "5 prosody|Error initializing|2\n"
	    "8 prosody|Good bye!|0\n");
	check_list("containers that interleave keep their lines apart",
	    "all.log",
	    "jvb-1     | JVB 2026-11-20 10:00:00.000 SEVERE: [1] A.b#1: x\n"
	    "jvb-1     | java.io.IOException: y\n"
	    "prosody-1 | startup   info\tHello\n"
	    "jvb-1     | \tat a.b(C.java:1)\n"
	    "web-1     | 10.0.0.1 - - [20/Nov/2026:10:00:00 +0000] "
	    "\"GET / HTTP/1.1\" 200 5\n",
	    COMPONENT_NONE,
	    "1 jvb|x|1\n3 prosody|Hello|0\n4 jvb|\tat a.b(C.java:1)|0\n"
	    "5 nginx-access|\"GET / HTTP/1.1\" 200 5|0\n");
	check_list("a fragment without heads: the trace belongs together",
	    "jvb.log",
	    "javax.net.ssl.SSLHandshakeException: PKIX\n"
	    "\tat a.b(C.java:1)\n"
	    "Caused by: sun.X: y\n",
	    COMPONENT_JVB,
	    "1 jvb|javax.net.ssl.SSLHandshakeException: PKIX|2\n");
	check_list("CRLF and a last line without end", "prosody.log",
	    "Nov 20 10:00:00 general\tinfo\tone\r\n"
	    "Nov 20 10:00:00 general\tinfo\ttwo", COMPONENT_NONE,
	    "1 prosody|one|0\n2 prosody|two|0\n");
	check_list("colours of a console are dropped", "prosody.log",
	    "\033[1mstartup\033[0m         \033[0;32minfo\033[0m\tHello\n",
	    COMPONENT_NONE, "1 prosody|Hello|0\n");
	check_list("access lines in an error log keep their form",
	    "nginx-error.log",
	    "10.0.0.1 - - [20/Nov/2026:10:00:00 +0000] \"GET / HTTP/1.1\" "
	    "200 5\n", COMPONENT_NGINX_ERROR,
	    "1 nginx-access|\"GET / HTTP/1.1\" 200 5|0\n");
	check_list("docker's JSON lines", "x-json.log",
	    "{\"log\":\"\\u001b[1mstartup\\u001b[0m   info\\tHe said "
	    "\\\"a\\\"\\n\",\"stream\":\"stdout\",\"attrs\":{\"a\":[1,\"}\"]"
	    "},\"time\":\"2026-11-20T10:00:00.1Z\"}\n"
	    "{\"log\":\"second\\n\",\"time\":\"2026-11-20T10:00:01.1Z\"}\n",
	    COMPONENT_PROSODY,
	    "1 prosody|He said \"a\"|0\n2 prosody|second|0\n");
	check_list("journalctl -o json", "j.json",
	    "{\"__REALTIME_TIMESTAMP\":\"1795348800000000\",\"_HOSTNAME\":"
	    "\"h\",\"SYSLOG_IDENTIFIER\":\"jvb\",\"MESSAGE\":\"JVB 2026-11-20 "
	    "10:00:00.000 INFO: [1] A.b#1: x\"}\n", COMPONENT_NONE,
	    "1 jvb|x|0\n");
	check_list("nothing at all", "e.log", "", COMPONENT_NONE, "");
	check_list("blank lines only", "e.log", "\n\n \n", COMPONENT_NONE,
	    "3 none| |0\n");
}

static int
recognised(const char *name, const char *text)
{
	return (logs_recognise(name, str_from(text)));
}

static void
test_recognise(void)
{
	CHECK_INT(recognised("a.log", "Nov 20 10:00:00 general\tinfo\tx\n"),
	    COMPONENT_PROSODY, "prosody by its head");
	CHECK_INT(recognised("jicofo.log",
	    "2026-11-20 10:00:00.000 INFO: [1] Main.main#1: x\n"),
	    COMPONENT_JICOFO, "a Java head without a name: the file's name");
	CHECK_INT(recognised("x.log",
	    "2026-11-20 10:00:00.000 INFO: [1] Main.main#1: x\n"),
	    COMPONENT_NONE, "a Java head without a name is left open");
	CHECK_INT(recognised("messages",
	    "Nov 20 10:00:00 h jvb[1]: JVB 2026-11-20 10:00:00.000 INFO: [1] "
	    "A.b#1: x\nNov 20 10:00:00 h prosody[1]: general: x\n"),
	    COMPONENT_NONE, "several programs in one syslog");
	CHECK_INT(recognised("prosody.cfg.lua",
	    "VirtualHost \"a\"\n\tauthentication = \"anonymous\"\n"
	    "Component \"b\" \"muc\"\n"), -1,
	    "a configuration file is no log");
	CHECK_INT(recognised("/x/prosody.err", "something went wrong\n"),
	    COMPONENT_PROSODY, "the name when the content says nothing");
	CHECK_INT(recognised("client_proxy.log",
	    "Nov 20 10:00:00 general\tinfo\tx\n"), COMPONENT_PROSODY,
	    "a name that only sounds like a client's");
	CHECK_INT(recognised("prosodyctl.log", "$ prosodyctl check\n"
	    "usermanager         info\tUser account created\n"),
	    COMPONENT_PROSODYCTL, "what prosodyctl prints, by its name");
	CHECK_INT(recognised("hosts", "127.0.0.1 localhost\n"), -1,
	    "a hosts file is no log");
	CHECK_INT(recognised(NULL, ""), -1, "nothing is no log");
}

/* A log of many records of different length, some with traces. */
static char *
long_log(size_t want)
{
	struct buf b;
	unsigned n = 0, k;

	buf_init(&b, want + (1 << 20));
	while (b.len < want) {
		n++;
		buf_addf(&b, "JVB 2026-11-20 10:%02u:%02u.%03u SEVERE: [%u] "
		    "A.b#%u: record %u", n / 6000 % 60, n / 100 % 60,
		    n % 1000, n % 7, n % 5, n);
		for (k = 0; k < n % 211; k++)
			buf_addc(&b, 'x');
		buf_addc(&b, '\n');
		for (k = 0; k < n % 4; k++)
			buf_addf(&b, "\tat a.b(C.java:%u)\n", k);
		if (n % 5000 == 0) {
			buf_adds(&b, "\tat ");
			for (k = 0; k < 100000; k++)
				buf_addc(&b, k % 50 == 0 ? '\0' : 'y');
			buf_addc(&b, '\n');
		}
	}
	return (buf_take(&b));
}

/* Counts records and checks that line and number follow each other. */
static void
check_order(struct log_source *s, size_t *records, size_t *lines)
{
	const struct log_text *t;
	struct record rec, same;
	size_t at, pieces = 0, wrong = 0, expected = 1, i, n = 0;

	while ((t = logs_next(s)) != NULL) {
		pieces++;
		for (at = 0; (at = t->record_next(t, at, &rec)) != SIZE_MAX;) {
			n++;
			if ((size_t)rec.line != expected)
				wrong++;
			for (i = 0; i < rec.raw.n; i++)
				expected += rec.raw.p[i] == '\n';
			expected++;
			if (t->record_at(t, (size_t)(rec.raw.p - t->text.p) +
			    rec.raw.n - 1, &same) == -1 ||
			    same.line != rec.line ||
			    same.raw.n != rec.raw.n)
				wrong++;
		}
	}
	CHECK_INT(wrong, 0, "every line number is right, and record_at from "
	    "a record's last byte finds the same record (%zu pieces)",
	    pieces);
	*records = n;
	*lines = logs_coverage(s)->lines;
}

static void
test_pieces(void)
{
	char path[] = "/tmp/meetprobe-logs-XXXXXX", gz[64];
	char *text = long_log(2 * LIMIT_LOG_PIECE + 12345);
	size_t records, lines, again, want = 0, i, len;
	struct log_source *s;
	gzFile out;
	FILE *f;
	int fd = mkstemp(path);

	/* NUL bytes are in it: the length is where the last NL is. */
	for (len = 2 * LIMIT_LOG_PIECE + 12345; text[len - 1] != '\n'; len--)
		;
	for (i = 0; i < len; i++)
		want += text[i] == '\n';
	f = fdopen(fd, "w");
	fwrite(text, 1, len, f);
	fclose(f);
	s = logs_open(path, COMPONENT_NONE, "bridge");
	check_order(s, &records, &lines);
	CHECK_INT(lines, want, "all lines of a log of three pieces");
	CHECK(logs_coverage(s)->state == COVERAGE_READ, "it was read");
	logs_close(s);
	snprintf(gz, sizeof(gz), "%s.gz", path);
	out = gzopen(gz, "wb1");
	gzwrite(out, text, (unsigned)len);
	gzclose(out);
	s = logs_open(gz, COMPONENT_NONE, NULL);
	check_order(s, &again, &lines);
	CHECK_INT(again, records, "gzip gives the same records");
	logs_close(s);
	CHECK(truncate(gz, 50000) == 0, "cut the compressed file");
	s = logs_open(gz, COMPONENT_NONE, NULL);
	while (logs_next(s) != NULL)
		;
	CHECK(logs_coverage(s)->state == COVERAGE_PARTIAL &&
	    logs_coverage(s)->hint != NULL, "a damaged gzip is partial");
	logs_close(s);
	unlink(gz);
	unlink(path);
	free(text);
}

static void
test_coverage(void)
{
	wall_t reference = { INT64_C(1795348800) * US_PER_SEC };
	struct log_source *s = logs_open("/nonexistent/x", COMPONENT_NONE,
	    NULL);
	char when[WALL_TEXT_SIZE];

	CHECK(logs_next(s) == NULL &&
	    logs_coverage(s)->state == COVERAGE_MISSING, "no such file");
	logs_close(s);
	s = logs_open("/", COMPONENT_NONE, NULL);
	CHECK(logs_next(s) == NULL &&
	    logs_coverage(s)->state == COVERAGE_UNREADABLE &&
	    logs_coverage(s)->hint != NULL, "a directory");
	logs_close(s);
	s = logs_memory("e", str_of(NULL, 0), COMPONENT_NONE, NULL, reference);
	CHECK(logs_next(s) == NULL &&
	    logs_coverage(s)->state == COVERAGE_EMPTY, "an empty file");
	logs_close(s);
	s = logs_memory("p", STR_LIT("Nov 20 10:00:00 general\tinfo\tx\n"
	    "Nov 20 10:00:07 general\tinfo\ty\n"), COMPONENT_NONE, NULL,
	    reference);
	while (logs_next(s) != NULL)
		;
	wall_format(logs_coverage(s)->from, when, sizeof(when));
	CHECK_STR(when, "2026-11-20T10:00:00Z", "coverage from");
	wall_format(logs_coverage(s)->to, when, sizeof(when));
	CHECK_STR(when, "2026-11-20T10:00:07Z", "coverage to");
	CHECK(logs_coverage(s)->time_guessed, "its year is guessed");
	CHECK_INT(logs_coverage(s)->component, COMPONENT_PROSODY,
	    "its component is told");
	logs_close(s);
}

static void
test_json(void)
{
	static const char *const bad[] = { "{", "{}", "{\"log\":", "[1]",
	    "{\"log\":\"x\"", "{\"log\":\"x", "{\"time\":\"x\"}",
	    "{\"log\" \"x\"}", "{\"a\":[1,{\"b\":\"}\"}", "" };
	struct buf out;
	size_t i;

	buf_init(&out, 1000);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(unjson_line(str_from(bad[i]), &out) == -1 &&
		    out.len == 0, "not a line in JSON: %s", bad[i]);
	CHECK(unjson_line(str_from("{\"log\":\"a\\u00e4\\ud83d\\n\"}"),
	    &out) == 0, "escapes");
	CHECK_STR(buf_cstr(&out), "a\xc3\xa4?", "are decoded");
	buf_free(&out);
}

int
main(void)
{
	test_records();
	test_recognise();
	test_pieces();
	test_coverage();
	test_json();
	return (check_end());
}
