/* SPDX-License-Identifier: ISC */
/*
 * The helper child that logs in by libstrophe. I/O; it blocks, its parent
 * ends it at the deadline. libstrophe gives one and the same event for a
 * wrong password, no usable mechanism and a refused connection, so its log
 * decides what it was.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <strophe.h>

#include "agent/base/buf.h"
#include "agent/base/clock.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/run/child.h"
#include "probes/chain.h"
#include "probes/login.h"

#define NS_INFO "http://jabber.org/protocol/disco#info"
#define NS_ITEMS "http://jabber.org/protocol/disco#items"
#define ASKS_MAX 12
/* Answers to discovery are waited for this long. */
#define ANSWERS_MS 4000

/* The certificate that is accepted: libstrophe gives its certificate
 * callback nothing but the certificate, so this process's environment, which
 * is this login's alone, carries it there. */
#define PIN "MEETPROBE_LOGIN_FINGERPRINT"

struct ask {
	char *what, *jid;	/* "info", "items" */
	int answered;
	struct login *login;
};

struct login {
	xmpp_ctx_t *ctx;
	xmpp_conn_t *conn;
	struct buf out;
	int connected, failed_auth, no_mechanism, tls_failed;
	int stream_error;
	char *error_text;
	struct ask asks[ASKS_MAX];
	size_t ask_count, open;
};

/* Lines of the library's log that are told; they hold no secret. */
static const char *const telling[] = {
	"auth successful", "auth failed", "Cannot authenticate",
	"connection failed", "Connection attempt timed out",
	"X509_V_ERR", "certificate", "Bind successful", "TLS",
};

static void
log_line(void *arg, xmpp_log_level_t level, const char *area,
    const char *text)
{
	struct login *l = arg;
	size_t i;

	(void)level;
	/* what is sent and received holds the password's proof */
	if (strncmp(text, "SENT:", 5) == 0 || strncmp(text, "RECV:", 5) == 0)
		return;
	if (strstr(text, "auth failed") != NULL)
		l->failed_auth = 1;
	if (strstr(text, "Cannot authenticate") != NULL)
		l->no_mechanism = 1;
	if (strcmp(area, "tls") == 0 && (strstr(text, "X509_V_ERR") != NULL ||
	    strstr(text, "erification") != NULL))
		l->tls_failed = 1;
	for (i = 0; i < sizeof(telling) / sizeof(telling[0]); i++)
		if (strstr(text, telling[i]) != NULL) {
			buf_adds(&l->out, "log\t");
			buf_add_safe(&l->out, str_sub(str_from(text), 0,
			    200));
			buf_addc(&l->out, '\n');
			return;
		}
}

/* 1: the certificate is the one that the probe has judged. */
static int
certificate_known(const xmpp_tlscert_t *cert, const char *error)
{
	const char *pin = getenv(PIN), *have;
	struct certificate served;

	(void)error;
	have = xmpp_tlscert_get_string(cert, XMPP_CERT_FINGERPRINT_SHA256);
	if (pin == NULL || have == NULL)
		return (0);
	memset(&served, 0, sizeof(served));
	snprintf(served.fingerprint, sizeof(served.fingerprint), "%s", have);
	return (chain_is_fingerprint(&served, pin));
}

/* The condition of an error stanza. */
static const char *
condition_of(xmpp_stanza_t *stanza)
{
	xmpp_stanza_t *error = xmpp_stanza_get_child_by_name(stanza, "error");
	xmpp_stanza_t *c;

	for (c = error == NULL ? NULL : xmpp_stanza_get_children(error);
	    c != NULL; c = xmpp_stanza_get_next(c))
		if (xmpp_stanza_get_name(c) != NULL &&
		    strcmp(xmpp_stanza_get_name(c), "text") != 0)
			return (xmpp_stanza_get_name(c));
	return ("error");
}

/* Adds a word that came from outside, blanks taken out. */
static void
add_word(struct buf *b, const char *text)
{
	struct str s = str_sub(str_from(text), 0, 200);
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.p[i] != ' ' && s.p[i] != '\t')
			buf_add_safe(b, str_sub(s, i, i + 1));
}

/* "occupants=N" of a room's form, XEP-0045 section 6.4. */
static void
add_occupants(struct buf *b, xmpp_stanza_t *query)
{
	xmpp_stanza_t *x, *field, *value;
	const char *name, *var;
	char *text;

	x = xmpp_stanza_get_child_by_ns(query, "jabber:x:data");
	for (field = x == NULL ? NULL : xmpp_stanza_get_children(x);
	    field != NULL; field = xmpp_stanza_get_next(field)) {
		name = xmpp_stanza_get_name(field);
		var = xmpp_stanza_get_attribute(field, "var");
		if (name == NULL || var == NULL ||
		    strcmp(var, "muc#roominfo_occupants") != 0)
			continue;
		value = xmpp_stanza_get_child_by_name(field, "value");
		text = value == NULL ? NULL : xmpp_stanza_get_text(value);
		if (text != NULL) {
			buf_adds(b, " occupants=");
			add_word(b, text);
			free(text);
		}
	}
}

static void
add_answer(struct buf *b, const struct ask *a, xmpp_stanza_t *query)
{
	xmpp_stanza_t *c;
	const char *name, *word, *slash;
	int info = strcmp(a->what, "info") == 0;

	for (c = query == NULL ? NULL : xmpp_stanza_get_children(query);
	    c != NULL; c = xmpp_stanza_get_next(c)) {
		name = xmpp_stanza_get_name(c);
		if (name == NULL)
			continue;
		if (info && strcmp(name, "identity") == 0) {
			word = xmpp_stanza_get_attribute(c, "category");
			add_word(b, word == NULL ? "?" : word);
			word = xmpp_stanza_get_attribute(c, "type");
			buf_addc(b, '/');
			add_word(b, word == NULL ? "?" : word);
			buf_addc(b, ' ');
		} else if (!info && strcmp(name, "item") == 0) {
			word = xmpp_stanza_get_attribute(c, "jid");
			slash = word == NULL ? NULL : strchr(word, '/');
			add_word(b, slash != NULL ? slash + 1 :
			    word == NULL ? "?" : word);
			buf_addc(b, ' ');
		}
	}
	if (info && query != NULL)
		add_occupants(b, query);
}

static void
finish(struct login *l)
{
	if (l->open == 0)
		xmpp_disconnect(l->conn);
}

static int
got_answer(xmpp_conn_t *conn, xmpp_stanza_t *stanza, void *arg)
{
	struct ask *a = arg;
	struct login *l = a->login;
	const char *type = xmpp_stanza_get_type(stanza);
	int bad = type != NULL && strcmp(type, "error") == 0;

	(void)conn;
	if (a->answered)
		return (0);
	a->answered = 1;
	l->open--;
	buf_addf(&l->out, "%s %s\t", a->what, a->jid);
	if (bad)
		add_word(&l->out, condition_of(stanza));
	else
		buf_adds(&l->out, "ok");
	buf_addc(&l->out, '\t');
	if (!bad)
		add_answer(&l->out, a,
		    xmpp_stanza_get_child_by_name(stanza, "query"));
	buf_addc(&l->out, '\n');
	finish(l);
	return (0);
}

/* The answers that have not come are told as such. */
static int
no_more_waiting(xmpp_conn_t *conn, void *arg)
{
	struct login *l = arg;

	(void)conn;
	l->open = 0;
	finish(l);
	return (0);
}

static void
send_asks(struct login *l)
{
	xmpp_stanza_t *iq, *query;
	char id[32];
	size_t i;

	for (i = 0; i < l->ask_count; i++) {
		snprintf(id, sizeof(id), "meetprobe%zu", i);
		iq = xmpp_iq_new(l->ctx, "get", id);
		xmpp_stanza_set_to(iq, l->asks[i].jid);
		query = xmpp_stanza_new(l->ctx);
		xmpp_stanza_set_name(query, "query");
		xmpp_stanza_set_ns(query, strcmp(l->asks[i].what, "info") ==
		    0 ? NS_INFO : NS_ITEMS);
		xmpp_stanza_add_child(iq, query);
		xmpp_stanza_release(query);
		xmpp_id_handler_add(l->conn, got_answer, id, &l->asks[i]);
		xmpp_send(l->conn, iq);
		xmpp_stanza_release(iq);
	}
	l->open = l->ask_count;
	xmpp_timed_handler_add(l->conn, no_more_waiting, ANSWERS_MS, l);
	finish(l);
}

static void
changed(xmpp_conn_t *conn, xmpp_conn_event_t event, int error,
    xmpp_stream_error_t *stream_error, void *arg)
{
	struct login *l = arg;

	(void)conn;
	(void)error;
	if (event == XMPP_CONN_CONNECT) {
		l->connected = 1;
		send_asks(l);
		return;
	}
	if (stream_error != NULL) {
		l->stream_error = 1;
		free(l->error_text);
		l->error_text = mem_strdup(stream_error->text == NULL ? "" :
		    stream_error->text);
	}
	xmpp_stop(l->ctx);
}

static void
add_result(struct login *l)
{
	const char *result = "closed", *text = "";

	if (l->connected)
		result = "ok";
	else if (l->stream_error) {
		result = "stream-error";
		text = l->error_text;
	} else if (l->failed_auth)
		result = "not-authorized";
	else if (l->no_mechanism)
		result = "no-mechanism";
	else if (l->tls_failed)
		result = "tls";
	buf_addf(&l->out, "result\t%s\t", result);
	buf_add_safe(&l->out, str_sub(str_from(text), 0, 200));
	buf_addc(&l->out, '\n');
}

/* The rest of the request: what to ask. */
static void
read_asks(struct login *l, struct str request)
{
	struct str line;
	struct ask *a;

	while (request.n > 0 && l->ask_count < ASKS_MAX) {
		line = str_split(&request, '\n');
		if (line.n == 0)
			continue;
		a = &l->asks[l->ask_count++];
		a->login = l;
		a->what = mem_str(str_split(&line, ' '));
		a->jid = mem_str(line);
	}
}

static int
connect_by(struct login *l, const char *address, int64_t port,
    const char *user, const char *domain, const char *password)
{
	int guest = user[0] == '\0', r;
	char *jid = guest ? mem_strdup(domain) :
	    mem_printf("%s@%s/meetprobe-%08x", user, domain, arc4random());

	xmpp_conn_set_flags(l->conn, XMPP_CONN_FLAG_DISABLE_SM |
	    (guest ? XMPP_CONN_FLAG_DISABLE_TLS :
	    XMPP_CONN_FLAG_MANDATORY_TLS));
	xmpp_conn_set_jid(l->conn, jid);
	if (!guest)
		xmpp_conn_set_pass(l->conn, password);
	xmpp_conn_set_certfail_handler(l->conn, certificate_known);
	r = xmpp_connect_client(l->conn, address, (unsigned short)port,
	    changed, l);
	free(jid);
	return (r);
}

int
login_role(struct str request, int sock)
{
	struct login l;
	xmpp_log_t log = { log_line, &l };
	char *field[6];
	int64_t port = 0;
	size_t i;
	int status;

	memset(&l, 0, sizeof(l));
	buf_init(&l.out, LIMIT_CHECK_TEXT);
	for (i = 0; i < 6; i++)
		field[i] = mem_str(str_split(&request, '\n'));
	read_asks(&l, request);
	if (str_num(str_from(field[1]), 1, 65535, &port) == -1 ||
	    setenv(PIN, field[5], 1) == -1)
		return (2);
	xmpp_initialize();
	l.ctx = xmpp_ctx_new(NULL, &log);
	l.conn = xmpp_conn_new(l.ctx);
	if (connect_by(&l, field[0], port, field[2], field[3], field[4]) ==
	    XMPP_EOK)
		xmpp_run(l.ctx);
	add_result(&l);
	xmpp_conn_release(l.conn);
	xmpp_ctx_free(l.ctx);
	xmpp_shutdown();
	status = child_answer(sock, buf_str(&l.out)) == 0 ? 0 : 1;
	explicit_bzero(field[4], strlen(field[4]));
	for (i = 0; i < 6; i++)
		free(field[i]);
	for (i = 0; i < l.ask_count; i++) {
		free(l.asks[i].what);
		free(l.asks[i].jid);
	}
	free(l.error_text);
	buf_free(&l.out);
	return (status);
}
