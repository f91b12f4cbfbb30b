/* SPDX-License-Identifier: ISC */
/*
 * ws.public: one whole guest session over XMPP in a websocket, RFC 7395 and
 * RFC 6455, through the web server: upgrade, open, anonymous login, bind,
 * close. I/O.
 *
 *	FIN 1 RSV 3 opcode 4 | MASK 1 length 7 (+16, +64) | mask 32 | data
 *
 * What a server sends is not masked; one text frame is one stanza.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "agent/base/buf.h"
#include "agent/base/cur.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "probes/codec/xmpp.h"
#include "probes/conn.h"
#include "probes/families.h"
#include "probes/flows.h"

#define ACCEPT_GUID "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
enum { OP_TEXT = 1, OP_CLOSE = 8, OP_PING = 9, OP_PONG = 10 };

enum step {
	STEP_UPGRADE, STEP_OPEN, STEP_AUTH, STEP_REOPEN, STEP_BIND,
	STEP_CLOSE
};

struct ws {
	struct conn *conn;
	enum step step;
	struct buf in;
	char key[32];		/* Sec-WebSocket-Key */
};

static void
subjects(const struct site *site, struct subjects *s)
{
	if (site->websocket_path == NULL)
		subject_missing(s, "the site does not use websockets for "
		    "XMPP");
	else if (site->name == NULL || site->domain == NULL ||
	    !target_known(site, ROLE_WEB))
		subject_missing(s, "the site's name or web server is not "
		    "known");
	else
		subject_addf(s, "%s:%u", target_name(site, ROLE_WEB),
		    site->https_port);
}

/* Sends one masked frame. */
static void
send_frame(struct ws *w, int opcode, struct str data)
{
	uint8_t mask[4], head[8];
	size_t n = 0, i;
	struct buf b;

	arc4random_buf(mask, sizeof(mask));
	head[n++] = (uint8_t)(0x80 | opcode);
	if (data.n < 126)
		head[n++] = (uint8_t)(0x80 | data.n);
	else {
		head[n++] = 0x80 | 126;
		head[n++] = (uint8_t)(data.n >> 8);
		head[n++] = (uint8_t)data.n;
	}
	buf_init(&b, LIMIT_STANZA);
	buf_add(&b, head, n);
	buf_add(&b, mask, sizeof(mask));
	for (i = 0; i < data.n; i++)
		buf_addc(&b, (char)((uint8_t)data.p[i] ^ mask[i % 4]));
	conn_write(w->conn, buf_str(&b));
	buf_free(&b);
}

static void
send_text(struct ws *w, const char *text)
{
	send_frame(w, OP_TEXT, str_from(text));
}

static void
send_open(struct probe_run *r)
{
	struct ws *w = r->state;
	struct buf b;

	buf_init(&b, 4096);
	buf_adds(&b, "<open xmlns='" XMPP_NS_FRAMING "' version='1.0' to='");
	xml_add_escaped(&b, r->site->domain);
	buf_adds(&b, "'/>");
	check_say(&r->check, "-> <open to='%s'/>", r->site->domain);
	send_text(w, buf_cstr(&b));
	buf_free(&b);
}

/* The Sec-WebSocket-Accept that our key demands. */
static void
expected_accept(const struct ws *w, char *out)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	char *text = mem_printf("%s" ACCEPT_GUID, w->key);

	(void)EVP_Digest(text, strlen(text), digest, &n, EVP_sha1(), NULL);
	EVP_EncodeBlock((unsigned char *)out, digest, (int)n);
	free(text);
}

static void
send_upgrade(struct probe_run *r)
{
	struct ws *w = r->state;
	const struct site *s = r->site;
	unsigned char nonce[16];
	char *request;

	arc4random_buf(nonce, sizeof(nonce));
	EVP_EncodeBlock((unsigned char *)w->key, nonce, sizeof(nonce));
	probe_phase(r, "upgrade", LAYER_HTTP, "waiting for the answer to the "
	    "websocket upgrade of %s", s->websocket_path);
	request = mem_printf("GET %s HTTP/1.1\r\nHost: %s\r\n"
	    "Upgrade: websocket\r\nConnection: Upgrade\r\n"
	    "Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n"
	    "Sec-WebSocket-Protocol: xmpp\r\nOrigin: https://%s\r\n"
	    "User-Agent: meetprobe/" MEETPROBE_VERSION "\r\n\r\n",
	    s->websocket_path, s->name, w->key, s->name);
	check_say(&r->check, "-> GET %s, Upgrade: websocket",
	    s->websocket_path);
	conn_puts(w->conn, request);
	free(request);
}

/* The value of a header in a head; empty when it is not there. */
static struct str
header(struct str head, const char *name)
{
	struct str line, key;

	while (head.n > 0) {
		line = str_split(&head, '\n');
		key = str_split(&line, ':');
		if (str_ieqs(str_trim(key), name))
			return (str_trim(line));
	}
	return (str_of(NULL, 0));
}

static void
refused(struct probe_run *r, int64_t status)
{
	const char *path = r->site->websocket_path, *hint = "";

	if (status == 404)
		hint = ": the location is missing at the web server, or "
		    "mod_websocket is not enabled on the virtual host";
	else if (status == 502 || status == 504)
		hint = ": the web server gets no answer from prosody";
	else if (status == 501 || status == 400 || status == 200)
		hint = ": the upgrade gets lost on the way "
		    "(proxy_http_version 1.1, Upgrade, Connection)";
	if (status >= 300 && status < 400)
		probe_fail(r, REASON_REDIRECT, "%s redirects %s elsewhere",
		    r->subject, path);
	else
		probe_fail(r, REASON_HTTP_STATUS, "%s answers the websocket "
		    "upgrade of %s with status %lld%s", r->subject, path,
		    (long long)status, hint);
}

/* The head of the answer is complete. 1: it is a websocket now. */
static int
upgraded(struct probe_run *r, struct str head)
{
	struct ws *w = r->state;
	struct str line = head, word;
	char accept[64];
	int64_t status;

	line = str_split(&line, '\n');
	word = str_word(&line);
	if (!str_starts(word, "HTTP/1.") ||
	    str_num(str_word(&line), 100, 599, &status) == -1) {
		probe_fail(r, REASON_PROTOCOL_ERROR, "%s answers the "
		    "websocket upgrade with something that is not HTTP",
		    r->subject);
		return (0);
	}
	check_say(&r->check, "<- HTTP status %lld", (long long)status);
	if (status != 101) {
		refused(r, status);
		return (0);
	}
	expected_accept(w, accept);
	if (!str_eqs(header(head, "sec-websocket-accept"), accept)) {
		probe_fail(r, REASON_PROTOCOL_ERROR, "%s answers 101 with a "
		    "wrong Sec-WebSocket-Accept", r->subject);
		return (0);
	}
	w->step = STEP_OPEN;
	probe_phase(r, "open", LAYER_XMPP, "waiting for the stream to open");
	send_open(r);
	return (1);
}

static void
stream_failed(struct probe_run *r, const struct xml *x)
{
	const char *text, *condition = xmpp_condition(x, &text);
	char *safe = probe_safe(text, strlen(text));
	int unknown = condition != NULL &&
	    strcmp(condition, "host-unknown") == 0;

	if (strcmp(x->name, "failure") == 0)
		probe_fail(r, REASON_SASL_NOT_AUTHORIZED, "%s: prosody "
		    "refuses the guest login: %.60s %s", r->subject,
		    condition, safe);
	else
		probe_fail(r, unknown ? REASON_HOST_UNKNOWN :
		    REASON_STREAM_ERROR, "%s: prosody ends the stream to %s: "
		    "%.60s %s", r->subject, r->site->domain,
		    condition == NULL ? "no reason given" : condition, safe);
	free(safe);
}

static void
got_features(struct probe_run *r, const struct xml *x)
{
	struct ws *w = r->state;
	struct xmpp_features f;

	(void)xmpp_features_read(&f, x);
	check_say(&r->check, "<- features: mechanisms %s%s", f.mechanisms,
	    f.bind ? " bind" : "");
	if (w->step == STEP_REOPEN) {
		w->step = STEP_BIND;
		probe_phase(r, "bind", LAYER_XMPP, "binding a resource");
		send_text(w, "<iq xmlns='" XMPP_NS_CLIENT "' type='set' "
		    "id='b'><bind xmlns='" XMPP_NS_BIND "'/></iq>");
		return;
	}
	if (!xmpp_has_mechanism(&f, "ANONYMOUS")) {
		probe_fail(r, REASON_SASL_NO_MECHANISM, "%s: guests cannot "
		    "log in to %s over the websocket: %s", r->subject,
		    r->site->domain, f.mechanisms[0] == '\0' ? "no mechanism "
		    "is offered (consider_websocket_secure)" :
		    "ANONYMOUS is not offered");
		return;
	}
	w->step = STEP_AUTH;
	probe_phase(r, "auth", LAYER_XMPP, "logging in as a guest");
	send_text(w, "<auth xmlns='" XMPP_NS_SASL "' "
	    "mechanism='ANONYMOUS'/>");
}

/* The session was had and has been closed by both sides. */
static void
well_done(struct probe_run *r)
{
	struct ws *w = r->state;

	send_frame(w, OP_CLOSE, STR_LIT("\x03\xe8"));
	conn_leave(w->conn);
	probe_end(r, STATE_PASS, REASON_OK, "%s: a guest of %s logs in over "
	    "the websocket", r->subject, r->site->domain);
}

/* One stanza. */
static void
stanza(struct probe_run *r, const struct xml *x)
{
	struct ws *w = r->state;

	if (strcmp(x->name, "error") == 0 || strcmp(x->name, "failure") == 0)
		stream_failed(r, x);
	else if (strcmp(x->name, "open") == 0)
		check_say(&r->check, "<- <open/>");
	else if (strcmp(x->name, "close") == 0 && w->step == STEP_CLOSE)
		well_done(r);
	else if (strcmp(x->name, "close") == 0)
		probe_fail(r, REASON_CLOSED, "%s: prosody closes the stream "
		    "without saying why", r->subject);
	else if (strcmp(x->name, "features") == 0 &&
	    (w->step == STEP_OPEN || w->step == STEP_REOPEN))
		got_features(r, x);
	else if (strcmp(x->name, "success") == 0 && w->step == STEP_AUTH) {
		check_say(&r->check, "<- <success/>");
		w->step = STEP_REOPEN;
		probe_phase(r, "reopen", LAYER_XMPP, "opening the stream "
		    "again");
		send_open(r);
	} else if (strcmp(x->name, "iq") == 0 && w->step == STEP_BIND) {
		check_say(&r->check, "<- bound");
		w->step = STEP_CLOSE;
		probe_phase(r, "close", LAYER_XMPP, "closing the stream");
		send_text(w, "<close xmlns='" XMPP_NS_FRAMING "'/>");
	}
}

static void
text_frame(struct probe_run *r, struct str text)
{
	const char *why = "";
	struct xml *x = xml_parse(text, &why);

	if (x == NULL)
		probe_fail(r, REASON_PROTOCOL_ERROR, "%s sends a websocket "
		    "frame that is not XML (%s)", r->subject, why);
	else
		stanza(r, x);
	xml_free(x);
}

/* Takes one frame off the front; 1, 0 when it is not complete yet. */
static int
take_frame(struct probe_run *r)
{
	struct ws *w = r->state;
	struct cur c;
	unsigned first, second;
	uint64_t n;
	const uint8_t *data;

	cur_init(&c, w->in.data, w->in.len);
	first = cur_u8(&c);
	second = cur_u8(&c);
	n = second & 0x7f;
	if (n == 126)
		n = cur_u16(&c);
	else if (n == 127)
		n = cur_u64(&c);
	if (c.err)
		return (0);
	if ((second & 0x80) || !(first & 0x80) || (first & 0x70)) {
		probe_fail(r, REASON_PROTOCOL_ERROR, "%s sends a websocket "
		    "frame that is not allowed here", r->subject);
		return (0);
	}
	if (n > LIMIT_STANZA) {
		probe_fail(r, REASON_TOO_LARGE, "%s sends a websocket frame "
		    "of %llu bytes", r->subject, (unsigned long long)n);
		return (0);
	}
	data = cur_bytes(&c, (size_t)n);
	if (data == NULL)
		return (0);
	if ((first & 0xf) == OP_TEXT)
		text_frame(r, str_of((const char *)data, (size_t)n));
	else if ((first & 0xf) == OP_PING)
		send_frame(w, OP_PONG, str_of((const char *)data, (size_t)n));
	else if ((first & 0xf) == OP_CLOSE && w->step == STEP_CLOSE)
		well_done(r);
	else if ((first & 0xf) == OP_CLOSE)
		probe_fail(r, REASON_CLOSED, "%s closes the websocket without "
		    "saying why", r->subject);
	buf_drop(&w->in, cur_pos(&c));
	return (1);
}

static void
data(struct str bytes, void *arg)
{
	struct probe_run *r = arg;
	struct ws *w = r->state;
	size_t end;

	if (buf_add_str(&w->in, bytes) == -1) {
		probe_fail(r, REASON_TOO_LARGE, "%s answers with more than "
		    "any right answer has", r->subject);
		return;
	}
	if (w->step == STEP_UPGRADE) {
		end = str_find(buf_str(&w->in), "\r\n\r\n");
		if (w->in.len >= 5 && memcmp(w->in.data, "HTTP/", 5) != 0)
			(void)upgraded(r, buf_str(&w->in));
		else if (end == SIZE_MAX && w->in.len > LIMIT_HTTP_HEADERS)
			probe_fail(r, REASON_TOO_LARGE, "%s answers with "
			    "headers without end", r->subject);
		if (end == SIZE_MAX || r->finished)
			return;
		if (!upgraded(r, str_sub(buf_str(&w->in), 0, end)))
			return;
		buf_drop(&w->in, end + 4);
	}
	while (!r->finished && take_frame(r))
		;
}

static int
down(enum reason reason, const char *text, void *arg)
{
	struct probe_run *r = arg;
	struct ws *w = r->state;

	(void)text;
	if (w->step == STEP_CLOSE) {
		well_done(r);
		return (1);
	}
	if (reason != REASON_CLOSED || conn_ssl(w->conn) == NULL)
		return (0);
	if (w->in.len > 0) {
		probe_fail(r, REASON_TRUNCATED, "%s closed the connection in "
		    "the middle, while %s", r->subject, r->doing);
		return (1);
	}
	if (w->step != STEP_OPEN)
		return (0);
	r->layer = LAYER_HTTP;
	probe_fail(r, REASON_CLOSED, "%s answers the upgrade and then closes: "
	    "the upgrade gets lost on the way to prosody (proxy_set_header "
	    "Upgrade and Connection, proxy_http_version 1.1)", r->subject);
	return (1);
}

static void
secure(void *arg)
{
	send_upgrade(arg);
}

static void
up(void *arg)
{
	struct probe_run *r = arg;
	struct ws *w = r->state;

	conn_tls(w->conn, r->site->name);
}

static void
start(struct probe_run *r)
{
	static const struct conn_events on = { up, secure, data, down };
	struct ws *w = mem_zalloc(1, sizeof(*w));
	const char *host = target_host(r->site, ROLE_WEB);

	r->state = w;
	buf_init(&w->in, LIMIT_PEER_BYTES);
	if (r->site->name == NULL || r->site->domain == NULL ||
	    r->site->websocket_path == NULL ||
	    !target_known(r->site, ROLE_WEB)) {
		probe_not_applicable(r, "the site does not use websockets for "
		    "XMPP, or its name is not known");
		return;
	}
	w->conn = conn_new(r, &on, r);
	conn_dial(w->conn, r->subject, host != NULL ? host : "web",
	    target_address(r->site, ROLE_WEB), r->site->https_port);
}

static void
stop(struct probe_run *r)
{
	struct ws *w = r->state;

	if (w == NULL)
		return;
	conn_free(w->conn);
	buf_free(&w->in);
	free(w);
}

const struct probe probe_ws_public = {
	.id = "ws.public",
	.group = "bosh",
	.layer = LAYER_BOSH,
	.roles = ROLE_BIT(ROLE_WEB) | ROLE_BIT(ROLE_OUTSIDE),
	.required = ROLE_BIT(ROLE_WEB) | ROLE_BIT(ROLE_OUTSIDE),
	.needs = { "tcp.connect" },
	.phases = { "name", "connect", "tls", "upgrade", "open", "auth",
	    "reopen", "bind" },
	.interval_ns = 60 * NS_PER_SEC,
	.timeout_ns = 15 * NS_PER_SEC,
	.sentence = "a guest can log in over the websocket through the web "
	    "server",
	.subjects = subjects,
	.start = start,
	.stop = stop,
};
