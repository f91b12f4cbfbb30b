/* SPDX-License-Identifier: ISC */
/*
 * Stream, features, STARTTLS of the XMPP probes. I/O through conn.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "probes/client.h"
#include "probes/probe.h"

enum step { STEP_FEATURES, STEP_PROCEED, STEP_TLS, STEP_INSIDE, STEP_OVER };

struct client {
	struct probe_run *run;
	struct client_events on;
	void *arg;
	struct conn *conn;
	struct xmpp_stream *stream;
	enum step step;
	int opened;		/* the server's header has come */
	int begun;		/* some byte has come in this step */
	int tls_wanted;		/* proceed has come: after the parser */
	char *domain;
};

static void
send_header(struct client *c)
{
	struct buf b;

	buf_init(&b, 4096);
	xmpp_write_header(&b, c->domain);
	c->opened = c->begun = 0;
	check_say(&c->run->check, "-> <stream:stream to='%s'>", c->domain);
	conn_write(c->conn, buf_str(&b));
	buf_free(&b);
}

static void
wait_for_features(struct client *c)
{
	int inside = c->step == STEP_INSIDE;

	probe_phase(c->run, inside ? "stream2" : "stream", LAYER_XMPP,
	    "waiting for the stream header and features%s",
	    inside ? " inside TLS" : "");
	send_header(c);
}

static void
opened(const struct xml *header, void *arg)
{
	struct client *c = arg;
	const char *from = xml_attribute(header, "from");
	char *safe;

	if (strcmp(header->name, "stream") != 0 ||
	    strcmp(header->ns, XMPP_NS_STREAM) != 0) {
		safe = probe_safe(header->name, strlen(header->name));
		probe_fail(c->run, REASON_PROTOCOL_ERROR, "%s answers with "
		    "<%s>, which is no XMPP stream", conn_label(c->conn),
		    safe);
		free(safe);
		return;
	}
	c->opened = 1;
	safe = probe_safe(from == NULL ? "" : from, from == NULL ? 0 :
	    strlen(from));
	check_say(&c->run->check, "<- <stream:stream from='%s'>", safe);
	free(safe);
}

/* The server ended the stream with an error. */
static void
stream_error(struct client *c, const struct xml *x)
{
	const char *text, *condition = xmpp_condition(x, &text);
	char *safe = probe_safe(text, strlen(text));
	char *name = probe_safe(condition, strlen(condition));
	int unknown = strcmp(condition, "host-unknown") == 0;

	check_say(&c->run->check, "<- stream error %s: %s", name, safe);
	if (unknown)
		probe_fail(c->run, REASON_HOST_UNKNOWN, "%s does not serve "
		    "the virtual host %s (host-unknown: %s)",
		    conn_label(c->conn), c->domain, safe);
	else
		probe_fail(c->run, REASON_STREAM_ERROR, "%s ends the stream "
		    "to %s with %s%s%s", conn_label(c->conn), c->domain, name,
		    safe[0] == '\0' ? "" : ": ", safe);
	free(safe);
	free(name);
}

static void
say_features(struct client *c, const struct xmpp_features *f)
{
	check_say(&c->run->check, "<- features:%s%s%s%s%s",
	    f->starttls ? " starttls" : "",
	    f->starttls_required ? " (required)" : "",
	    f->mechanisms[0] != '\0' ? " mechanisms " : "", f->mechanisms,
	    f->bind ? " bind" : "");
}

static void
got_features(struct client *c, const struct xml *x)
{
	struct xmpp_features f;

	if (xmpp_features_read(&f, x) == -1) {
		char *safe = probe_safe(x->name, strlen(x->name));

		probe_fail(c->run, REASON_PROTOCOL_ERROR, "%s sends <%s> "
		    "where stream features belong", conn_label(c->conn),
		    safe);
		free(safe);
		return;
	}
	say_features(c, &f);
	if (c->step == STEP_INSIDE) {
		c->step = STEP_OVER;
		c->on.inside(&f, c->arg);
		return;
	}
	if (c->on.features(&f, c->arg) == 0) {
		c->step = STEP_OVER;
		return;
	}
	c->step = STEP_PROCEED;
	c->begun = 0;
	probe_phase(c->run, "starttls", LAYER_XMPP,
	    "waiting for <proceed/> after <starttls/>");
	check_say(&c->run->check, "-> <starttls/>");
	conn_puts(c->conn, "<starttls xmlns='" XMPP_NS_TLS "'/>");
}

static void
stanza(const struct xml *x, void *arg)
{
	struct client *c = arg;
	char *safe;

	if (c->run->finished || c->step == STEP_OVER)
		return;
	if (strcmp(x->name, "error") == 0) {
		stream_error(c, x);
		return;
	}
	if (c->step != STEP_PROCEED) {
		got_features(c, x);
		return;
	}
	safe = probe_safe(x->name, strlen(x->name));
	check_say(&c->run->check, "<- <%s/>", safe);
	if (strcmp(x->ns, XMPP_NS_TLS) == 0 &&
	    strcmp(x->name, "proceed") == 0) {
		c->tls_wanted = 1;
		xmpp_stream_restart(c->stream);
	} else if (strcmp(x->name, "failure") == 0)
		probe_fail(c->run, REASON_NO_STARTTLS, "%s refuses STARTTLS "
		    "for %s", conn_label(c->conn), c->domain);
	else
		probe_fail(c->run, REASON_PROTOCOL_ERROR, "%s answers "
		    "<starttls/> with <%s>", conn_label(c->conn), safe);
	free(safe);
}

static void
closed(void *arg)
{
	struct client *c = arg;

	probe_fail(c->run, REASON_CLOSED, "%s closes the stream to %s without "
	    "saying why", conn_label(c->conn), c->domain);
}

static void
up(void *arg)
{
	struct client *c = arg;

	wait_for_features(c);
}

static void
data(struct str bytes, void *arg)
{
	struct client *c = arg;
	char *safe;
	int r;

	if (c->step == STEP_OVER)
		return;
	c->begun = 1;
	r = xmpp_stream_feed(c->stream, bytes);
	if (c->run->finished)
		return;
	if (r == -2) {
		probe_fail(c->run, REASON_TOO_LARGE, "%s sends more than any "
		    "right answer has (%s)", conn_label(c->conn),
		    xmpp_stream_problem(c->stream));
	} else if (r == -1) {
		safe = probe_safe(bytes.p, bytes.n > 60 ? 60 : bytes.n);
		check_say(&c->run->check, "<- %s", safe);
		probe_fail(c->run, REASON_PROTOCOL_ERROR, "%s answers with "
		    "something that is not XMPP (%s): %s",
		    conn_label(c->conn), xmpp_stream_problem(c->stream),
		    safe);
		free(safe);
	} else if (c->tls_wanted) {
		c->tls_wanted = 0;
		c->step = STEP_TLS;
		conn_tls(c->conn, c->domain);
	}
}

static void
secure(void *arg)
{
	struct client *c = arg;

	if (c->on.secure(conn_ssl(c->conn), c->arg) == 0) {
		c->step = STEP_OVER;
		return;
	}
	c->step = STEP_INSIDE;
	wait_for_features(c);
}

/* The end in the middle of what was being said is truncated. */
static int
down(enum reason reason, const char *text, void *arg)
{
	struct client *c = arg;

	if (reason != REASON_CLOSED || !c->begun || c->step == STEP_TLS ||
	    c->step == STEP_OVER)
		return (0);
	(void)text;
	probe_fail(c->run, REASON_TRUNCATED, "%s closed the connection in the "
	    "middle, while %s", conn_label(c->conn), c->run->doing);
	return (1);
}

struct client *
client_new(struct probe_run *run, const struct client_events *on, void *arg)
{
	static const struct conn_events conn_on = { up, secure, data, down };
	struct client *c = mem_zalloc(1, sizeof(*c));
	struct xmpp_events stream_on = { opened, stanza, closed, c };

	c->run = run;
	c->on = *on;
	c->arg = arg;
	c->conn = conn_new(run, &conn_on, c);
	c->stream = xmpp_stream_new(&stream_on);
	return (c);
}

void
client_free(struct client *c)
{
	if (c == NULL)
		return;
	conn_free(c->conn);
	xmpp_stream_free(c->stream);
	free(c->domain);
	free(c);
}

void
client_start(struct client *c, const char *label, const char *host,
    const char *address, uint16_t port, const char *domain)
{
	c->domain = mem_strdup(domain);
	conn_dial(c->conn, label, host, address, port);
}

const struct addr *
client_peer(const struct client *c)
{
	return (conn_peer(c->conn));
}

void
client_leave(struct client *c)
{
	if (conn_ssl(c->conn) == NULL || c->step == STEP_OVER)
		conn_puts(c->conn, "</stream:stream>");
	conn_leave(c->conn);
}
