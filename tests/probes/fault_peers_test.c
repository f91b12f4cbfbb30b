/* SPDX-License-Identifier: ISC */
/*
 * Every kind of connection that probes open, against peers forked here that
 * misbehave: would catch a probe that hangs, that calls one fault by
 * another's name, that puts it in the wrong layer, and (under the sanitizer)
 * one that leaks when it is cut short. All of them run at once on one loop.
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <netinet/in.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "agent/base/mem.h"
#include "agent/run/loop.h"
#include "probes/engine.h"
#include "probes/probe.h"
#include "tests/kit/check.h"

#define TIMEOUT_NS (1200 * NS_PER_MS)

/* The peer's end of a connection, TLS or not. */
struct side {
	int fd;
	SSL *ssl;
};

static int
get(struct side *s)
{
	char bytes[4096];

	if (s->ssl != NULL)
		return (SSL_read(s->ssl, bytes, sizeof(bytes)));
	return ((int)read(s->fd, bytes, sizeof(bytes)));
}

static int
put(struct side *s, const char *text, size_t n)
{
	if (s->ssl != NULL)
		return (SSL_write(s->ssl, text, (int)n));
	return ((int)write(s->fd, text, n));
}

static void
says(struct side *s, const char *text)
{
	(void)put(s, text, strlen(text));
}

#define HEADER "<?xml version='1.0'?><stream:stream xmlns='jabber:client' " \
	"xmlns:stream='http://etherx.jabber.org/streams' id='x' " \
	"from='auth.jts.example' version='1.0'>"
#define FEATURES "<stream:features><starttls xmlns='urn:ietf:params:xml:ns" \
	":xmpp-tls'/></stream:features>"
#define PROCEED "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
#define OK "HTTP/1.1 200 OK\r\nContent-Type: "

/* What peers do once a connection is there; returning closes it. */
static void
silent(struct side *s)
{
	while (get(s) > 0)
		;
	sleep(10);
}

static void
closes(struct side *s)
{
	(void)get(s);
}

static void
resets(struct side *s)
{
	static const struct linger hard = { 1, 0 };

	(void)get(s);
	setsockopt(s->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
}

static void
slow(struct side *s)
{
	static const char lead[] = "<?xml version='1.0'?>";
	int i;

	for (i = 0; i < 20 && put(s, lead + i, 1) == 1; i++)
		sleep(1);
}

static void
garbage(struct side *s)
{
	(void)get(s);
	says(s, "\x7f\x01garbage & <more\r\n\r\n");
	(void)get(s);
}

static void
alert(struct side *s)
{
	(void)get(s);
	(void)put(s, "\x15\x03\x03\0\2\2\x28", 7);
	(void)get(s);
}

/* The first bytes of a ServerHello. */
static void
half_hello(struct side *s)
{
	(void)get(s);
	(void)put(s, "\x16\x03\x03\0\x7a\2\0\0\x76\3\3", 11);
}

static void
half_header(struct side *s)
{
	(void)get(s);
	says(s, "<?xml version='1.0'?><stream:str");
}

static void
flood(struct side *s)
{
	char spaces[4096];
	int i;

	(void)get(s);
	memset(spaces, 'x', sizeof(spaces));
	says(s, HEADER "<a>");
	for (i = 0; i < 4096 && put(s, spaces, sizeof(spaces)) > 0; i++)
		;
	(void)get(s);
}

static void
unknown_host(struct side *s)
{
	(void)get(s);
	says(s, HEADER "<stream:error><host-unknown xmlns='urn:ietf:params:"
	    "xml:ns:xmpp-streams'/></stream:error></stream:stream>");
	(void)get(s);
}

static void
no_starttls(struct side *s)
{
	(void)get(s);
	says(s, HEADER "<stream:features/>");
	(void)get(s);
}

static void
silent_after_proceed(struct side *s)
{
	(void)get(s);
	says(s, HEADER FEATURES);
	(void)get(s);
	says(s, PROCEED);
	silent(s);
}

static void
alert_after_proceed(struct side *s)
{
	(void)get(s);
	says(s, HEADER FEATURES);
	(void)get(s);
	says(s, PROCEED);
	alert(s);
}

static void
plain_after_proceed(struct side *s)
{
	(void)get(s);
	says(s, HEADER FEATURES);
	(void)get(s);
	says(s, PROCEED);
	(void)get(s);
	says(s, "HTTP/1.1 400 Bad Request\r\n\r\n");
	(void)get(s);
}

static void
not_found(struct side *s)
{
	(void)get(s);
	says(s, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
	(void)get(s);
}

static void
upgrade_lost(struct side *s)
{
	(void)get(s);
	says(s, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nIt works!");
	(void)get(s);
}

static void
wrong_accept(struct side *s)
{
	(void)get(s);
	says(s, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
	    "Connection: Upgrade\r\nSec-WebSocket-Accept: wrong\r\n\r\n");
	(void)get(s);
}

static void
page_for_all(struct side *s)
{
	(void)get(s);
	says(s, OK "text/html\r\nContent-Length: 28\r\n\r\n"
	    "<html>Jitsi config.js</html>");
	(void)get(s);
}

static void
no_ssi(struct side *s)
{
	(void)get(s);
	says(s, OK "text/html\r\nContent-Length: 46\r\n\r\n"
	    "<html><!--#include virtual=\"base.html\" --></htm");
	(void)get(s);
}

static void
bad_json(struct side *s)
{
	(void)get(s);
	says(s, OK "application/json\r\nContent-Length: 9\r\n\r\n{\"a\": tru");
	(void)get(s);
}

static void
half_body(struct side *s)
{
	(void)get(s);
	says(s, OK "application/json\r\nContent-Length: 90\r\n\r\n{\"a\":");
}

static void
redirects(struct side *s)
{
	while (get(s) > 0)
		says(s, "HTTP/1.1 302 Found\r\nLocation: /round\r\n"
		    "Content-Length: 0\r\n\r\n");
}

static void
terminates(struct side *s)
{
	(void)get(s);
	says(s, OK "text/xml\r\nContent-Length: 101\r\n\r\n"
	    "<body xmlns='http://jabber.org/protocol/httpbind' type="
	    "'terminate' condition='remote-stream-error'/>\n");
	(void)get(s);
}

/* Not there at all: nobody listens. */
#define REFUSES NULL

static const struct fault {
	const char *probe, *what;
	void (*act)(struct side *);
	int tls;		/* the peer does TLS first */
	const char *reason, *layer;
} faults[] = {
	{ "tcp.connect", "refuses", REFUSES, 0, "refused", "net" },
	{ "tls.web", "is silent", silent, 0, "timeout", "tls" },
	{ "tls.web", "closes", closes, 0, "closed", "tls" },
	{ "tls.web", "resets", resets, 0, "reset", "tls" },
	{ "tls.web", "sends a byte a second", slow, 0, "timeout", "tls" },
	{ "xmpp.stream", "sends a byte a second", slow, 0, "timeout",
	    "xmpp" },
	{ "tls.web", "speaks no TLS", garbage, 0, "protocol-error", "tls" },
	{ "tls.web", "sends an alert", alert, 0, "tls-alert", "tls" },
	{ "tls.web", "sends half a hello", half_hello, 0, "truncated",
	    "tls" },
	{ "tls.web", "refuses", REFUSES, 0, "refused", "net" },
	{ "xmpp.stream", "is silent", silent, 0, "timeout", "xmpp" },
	{ "xmpp.stream", "closes", closes, 0, "closed", "xmpp" },
	{ "xmpp.stream", "resets", resets, 0, "reset", "xmpp" },
	{ "xmpp.stream", "speaks no XMPP", garbage, 0, "protocol-error",
	    "xmpp" },
	{ "xmpp.stream", "sends half a header", half_header, 0, "truncated",
	    "xmpp" },
	{ "xmpp.stream", "sends without end", flood, 0, "too-large",
	    "xmpp" },
	{ "xmpp.stream", "does not serve the host", unknown_host, 0,
	    "host-unknown", "xmpp" },
	{ "xmpp.starttls", "offers no STARTTLS", no_starttls, 0,
	    "no-starttls", "xmpp" },
	{ "xmpp.starttls", "is silent in the handshake",
	    silent_after_proceed, 0, "timeout", "tls" },
	{ "xmpp.starttls", "sends an alert in the handshake",
	    alert_after_proceed, 0, "tls-alert", "tls" },
	{ "xmpp.starttls", "speaks no TLS after all", plain_after_proceed, 0,
	    "protocol-error", "tls" },
	{ "xmpp.login", "is silent", silent, 0, "timeout", "xmpp" },
	{ "xmpp.login", "offers no STARTTLS", no_starttls, 0, "no-starttls",
	    "xmpp" },
	{ "ws.public", "is silent", silent, 1, "timeout", "http" },
	{ "ws.public", "closes", closes, 1, "closed", "http" },
	{ "ws.public", "does not have it", not_found, 1, "http-status",
	    "http" },
	{ "ws.public", "loses the upgrade", upgrade_lost, 1, "http-status",
	    "http" },
	{ "ws.public", "answers another key", wrong_accept, 1,
	    "protocol-error", "http" },
	{ "ws.public", "speaks no HTTP", garbage, 1, "protocol-error",
	    "http" },
	{ "ws.public", "redirects", redirects, 1, "redirect", "http" },
	{ "web.config", "answers with a page", page_for_all, 1, "http-body",
	    "web" },
	{ "web.config", "redirects without end", redirects, 1, "redirect",
	    "http" },
	{ "web.acme", "is silent", silent, 1, "timeout", "http" },
	{ "web.page", "runs no includes", no_ssi, 1, "http-body", "web" },
	{ "bosh.direct", "is silent", silent, 0, "timeout", "bosh" },
	{ "bosh.direct", "ends the session", terminates, 0,
	    "bosh-terminate", "bosh" },
	{ "bosh.direct", "does not have it", not_found, 0, "http-status",
	    "http" },
	{ "jvb.health", "does not have it", not_found, 0, "not-enabled",
	    "http" },
	{ "jvb.stats", "sends half JSON", bad_json, 0, "bad-json", "http" },
	{ "jvb.stats", "sends half a body", half_body, 0, "truncated",
	    "http" },
	{ "jicofo.stats", "resets", resets, 0, "reset", "http" },
	{ "jicofo.stats", "refuses", REFUSES, 0, "refused", "net" },
};
#define FAULTS (sizeof(faults) / sizeof(faults[0]))

/* One fault under way. */
struct trial {
	const struct fault *fault;
	struct site site;
	struct engine *engine;
	pid_t pid;
	uint16_t port;
	struct check check;
	int told;
	size_t *open;
	struct loop *loop;
};

/* A certificate for the site, made on the spot. */
static SSL_CTX *
make_server(void)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	EVP_PKEY_CTX *make = EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, NULL);
	EVP_PKEY *key = NULL;
	X509 *x = X509_new();
	X509_NAME *name;

	if (ctx == NULL || make == NULL || x == NULL ||
	    EVP_PKEY_keygen_init(make) != 1 ||
	    EVP_PKEY_CTX_set_rsa_keygen_bits(make, 2048) != 1 ||
	    EVP_PKEY_keygen(make, &key) != 1)
		fatal("no key");
	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
	X509_gmtime_adj(X509_getm_notBefore(x), -60);
	X509_gmtime_adj(X509_getm_notAfter(x), 86400 * 60L);
	X509_set_pubkey(x, key);
	name = X509_get_subject_name(x);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
	    (const unsigned char *)"jts.example", -1, -1, 0);
	X509_set_issuer_name(x, name);
	X509_sign(x, key, EVP_sha256());
	if (SSL_CTX_use_certificate(ctx, x) != 1 ||
	    SSL_CTX_use_PrivateKey(ctx, key) != 1)
		fatal("no certificate");
	X509_free(x);
	EVP_PKEY_free(key);
	EVP_PKEY_CTX_free(make);
	return (ctx);
}

static _Noreturn void
serve(int fd, const struct fault *f, SSL_CTX *ctx)
{
	struct side s;

	signal(SIGPIPE, SIG_IGN);
	while ((s.fd = accept(fd, NULL, NULL)) != -1) {
		s.ssl = NULL;
		if (f->tls) {
			s.ssl = SSL_new(ctx);
			SSL_set_fd(s.ssl, s.fd);
			if (SSL_accept(s.ssl) != 1) {
				close(s.fd);
				continue;
			}
		}
		f->act(&s);
		if (s.ssl != NULL && f->act != resets)
			SSL_shutdown(s.ssl);
		close(s.fd);
	}
	_exit(0);
}

static void
start_peer(struct trial *t, SSL_CTX *ctx)
{
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	memset(&sin, 0, sizeof(sin));
	sin.sin_family = AF_INET;
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (struct sockaddr *)&sin, sizeof(sin)) == -1 ||
	    (t->fault->act != REFUSES && listen(fd, 8) == -1) ||
	    getsockname(fd, (struct sockaddr *)&sin, &len) == -1)
		fatal("no peer");
	t->port = ntohs(sin.sin_port);
	t->pid = fork();
	if (t->pid == 0) {
		if (t->fault->act != REFUSES)
			serve(fd, t->fault, ctx);
		sleep(60);	/* the port stays taken, nobody listens */
		_exit(0);
	}
	close(fd);
}

static void
finished(struct check *c, void *arg)
{
	struct trial *t = arg;

	t->told++;
	check_free(&t->check);
	t->check = *c;
}

static void
idle(void *arg)
{
	struct trial *t = arg;

	if (--*t->open == 0)
		loop_stop(t->loop);
}

static void
fill_site(struct trial *t)
{
	struct site *s = &t->site;

	site_init(s);
	s->roles = ROLE_BIT(ROLE_WEB) | ROLE_BIT(ROLE_XMPP) |
	    ROLE_BIT(ROLE_JICOFO) | ROLE_BIT(ROLE_JVB);
	site_set(&s->name, "jts.example");
	site_set(&s->domain, "jts.example");
	site_set(&s->auth_domain, "auth.jts.example");
	site_set(&s->host[ROLE_WEB].address, "127.0.0.1");
	site_set(&s->host[ROLE_XMPP].address, "127.0.0.1");
	site_set(&s->websocket_path, "/xmpp-websocket");
	site_set(&s->jicofo.user, "focus");
	site_set(&s->jicofo.domain, "auth.jts.example");
	site_set(&s->jicofo.password, "not told to strangers");
	s->c2s_port = s->http_port = s->https_port = t->port;
	s->jvb_rest.port = s->jicofo_rest.port = t->port;
}

/* The one subject of a probe that is tried. */
static const char *
subject(const struct fault *f, char *buf, size_t len, uint16_t port)
{
	if (strcmp(f->probe, "xmpp.stream") == 0)
		return ("auth.jts.example");
	if (strcmp(f->probe, "xmpp.login") == 0)
		return ("focus@auth.jts.example");
	if (strcmp(f->probe, "web.page") == 0)
		return ("/");
	if (strcmp(f->probe, "tcp.connect") == 0) {
		snprintf(buf, len, "web:%u", port);
		return (buf);
	}
	return (NULL);
}

static void
start_trial(struct trial *t, SSL_CTX *ctx)
{
	struct engine_events on = { NULL, finished, idle, t };
	char buf[32];

	start_peer(t, ctx);
	fill_site(t);
	check_init(&t->check, "", "", "");
	t->engine = engine_new(t->loop, &t->site, &on);
	engine_add(t->engine, probe_find(t->fault->probe),
	    subject(t->fault, buf, sizeof(buf), t->port));
	engine_tune(t->engine, t->fault->probe, 0, TIMEOUT_NS, 0);
	engine_run(t->engine, MONO_NONE);
}

static void
judge(struct trial *t)
{
	const struct fault *f = t->fault;

	CHECK_INT(t->told, 1, "%s has one result when a peer %s", f->probe,
	    f->what);
	CHECK_STR(reason_name(t->check.reason), f->reason,
	    "%s: a peer that %s: %s", f->probe, f->what, t->check.summary);
	CHECK_STR(layer_name(t->check.layer), f->layer,
	    "%s: a peer that %s: the layer", f->probe, f->what);
	CHECK(t->check.duration < 10, "%s ends in time when a peer %s",
	    f->probe, f->what);
	CHECK(t->check.state != STATE_PASS && t->check.summary[0] != '\0',
	    "%s does not pass when a peer %s", f->probe, f->what);
	CHECK(strstr(t->check.transcript, "not told to strangers") == NULL,
	    "%s keeps the password to itself", f->probe);
}

int
main(void)
{
	struct loop *loop = loop_new();
	struct trial *trials = mem_zalloc(FAULTS, sizeof(*trials));
	SSL_CTX *ctx = make_server();
	size_t i, open = FAULTS;

	signal(SIGPIPE, SIG_IGN);
	for (i = 0; i < FAULTS; i++) {
		trials[i].fault = &faults[i];
		trials[i].loop = loop;
		trials[i].open = &open;
		start_trial(&trials[i], ctx);
	}
	loop_run(loop);
	for (i = 0; i < FAULTS; i++) {
		judge(&trials[i]);
		engine_free(trials[i].engine);
		site_free(&trials[i].site);
		check_free(&trials[i].check);
		kill(trials[i].pid, SIGKILL);
		waitpid(trials[i].pid, NULL, 0);
	}
	loop_free(loop);
	free(trials);
	SSL_CTX_free(ctx);
	return (check_end());
}
