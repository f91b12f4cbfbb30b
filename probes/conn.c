/* SPDX-License-Identifier: ISC */
/*
 * A connection of a probe: non-blocking TCP, and TLS by the subset that
 * OpenSSL and LibreSSL share. I/O. Owns its socket, SSL object, resolver.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "agent/base/buf.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/run/loop.h"
#include "probes/conn.h"
#include "probes/probe.h"
#include "probes/resolve.h"

struct conn {
	struct probe_run *run;
	struct conn_events on;
	void *arg;

	char *label, *name;
	uint16_t port;
	struct resolve *resolve;
	struct resolved found;
	size_t tried;			/* addresses of found */
	struct addr peer;

	int fd;
	struct io *io;
	int connected, over;
	SSL_CTX *ctx;
	SSL *ssl;
	int handshake;			/* in progress */
	int want_write;			/* TLS waits for room */
	struct buf out;
	size_t in;			/* bytes got in all */
};

/* Numbers of TLS alerts that one may meet, RFC 8446 section 6. */
static const struct {
	int number;
	const char *name;
} alerts[] = {
	{ 10, "unexpected_message" }, { 20, "bad_record_mac" },
	{ 40, "handshake_failure" }, { 42, "bad_certificate" },
	{ 43, "unsupported_certificate" }, { 44, "certificate_revoked" },
	{ 45, "certificate_expired" }, { 46, "certificate_unknown" },
	{ 47, "illegal_parameter" }, { 48, "unknown_ca" },
	{ 49, "access_denied" }, { 50, "decode_error" },
	{ 51, "decrypt_error" }, { 70, "protocol_version" },
	{ 71, "insufficient_security" }, { 80, "internal_error" },
	{ 90, "user_canceled" }, { 109, "missing_extension" },
	{ 112, "unrecognized_name" }, { 116, "certificate_required" },
	{ 120, "no_application_protocol" },
};

struct conn *
conn_new(struct probe_run *run, const struct conn_events *on, void *arg)
{
	struct conn *c = mem_zalloc(1, sizeof(*c));

	c->run = run;
	c->on = *on;
	c->arg = arg;
	c->fd = -1;
	buf_init(&c->out, LIMIT_PEER_BYTES);
	return (c);
}

static void
hang_up(struct conn *c)
{
	io_free(c->io);
	c->io = NULL;
	if (c->fd != -1)
		close(c->fd);
	c->fd = -1;
}

void
conn_free(struct conn *c)
{
	if (c == NULL)
		return;
	resolve_free(c->resolve);
	SSL_free(c->ssl);
	SSL_CTX_free(c->ctx);
	hang_up(c);
	buf_free(&c->out);
	free(c->label);
	free(c->name);
	free(c);
}

const struct addr *
conn_peer(const struct conn *c)
{
	return (&c->peer);
}

const char *
conn_label(const struct conn *c)
{
	return (c->label);
}

SSL *
conn_ssl(const struct conn *c)
{
	return (c->ssl);
}

/* The connection has ended. */
static void
end(struct conn *c, enum reason reason, const char *text)
{
	char who[ADDR_TEXT_SIZE];

	if (c->over)
		return;
	c->over = 1;
	hang_up(c);
	if (c->run->finished)
		return;
	check_say(&c->run->check, "%s", text);
	if (c->on.down != NULL && c->on.down(reason, text, c->arg))
		return;
	addr_text(&c->peer, who, sizeof(who));
	probe_fail(c->run, reason, "%s%s%s%s: %s while %s", c->label,
	    who[0] == '\0' || strcmp(who, c->name) == 0 ? "" : " (",
	    who[0] == '\0' || strcmp(who, c->name) == 0 ? "" : who,
	    who[0] == '\0' || strcmp(who, c->name) == 0 ? "" : ")",
	    text, c->run->doing == NULL ? "connecting" : c->run->doing);
}

static void
end_errno(struct conn *c, int error)
{
	enum reason reason = reason_from_errno(error);

	if (error == EPIPE) {
		end(c, REASON_CLOSED, "the peer has closed the connection");
		return;
	}
	end(c, reason, reason == REASON_INTERNAL ? strerror(error) :
	    reason_text(reason));
}

/* The peer's FIN, or end of file without close_notify. */
static void
end_closed(struct conn *c)
{
	if (c->handshake && c->ssl != NULL &&
	    BIO_number_read(SSL_get_rbio(c->ssl)) > 0)
		end(c, REASON_TRUNCATED,
		    "the peer closed in the middle of the handshake");
	else
		end(c, REASON_CLOSED, "the peer closed the connection");
}

static const char *
alert_name(int number)
{
	size_t i;

	for (i = 0; i < sizeof(alerts) / sizeof(alerts[0]); i++)
		if (alerts[i].number == number)
			return (alerts[i].name);
	return ("unnamed");
}

/* What the TLS library says, as a reason. */
static void
end_library(struct conn *c)
{
	unsigned long error = ERR_peek_error();
	const char *why = ERR_reason_error_string(error);
	int number = ERR_GET_REASON(error);
	enum reason reason = REASON_PROTOCOL_ERROR;
	char text[200];

	ERR_clear_error();
	if (why == NULL)
		why = "unknown error";
	if (strstr(why, "unexpected eof") != NULL) {
		end_closed(c);
		return;
	}
	if (number >= SSL_AD_REASON_OFFSET &&
	    number < SSL_AD_REASON_OFFSET + 256) {
		number -= SSL_AD_REASON_OFFSET;
		snprintf(text, sizeof(text), "TLS alert %d (%s) from the peer",
		    number, alert_name(number));
		end(c, REASON_TLS_ALERT, text);
		return;
	}
	if (strstr(why, "unsupported protocol") != NULL ||
	    strstr(why, "no shared cipher") != NULL ||
	    strstr(why, "unsupported ssl version") != NULL ||
	    strstr(why, "wrong ssl version") != NULL)
		reason = REASON_TLS_VERSION;
	else if (strstr(why, "length too long") != NULL ||
	    strstr(why, "excessive message size") != NULL)
		reason = REASON_TOO_LARGE;
	snprintf(text, sizeof(text), "TLS error: %s", why);
	end(c, reason, text);
}

/*
 * After an SSL call that did not succeed: 1 when it is to be called again
 * later (the events to wait for are set), 0 when the connection is over.
 */
static int
ssl_again(struct conn *c, int r)
{
	int what = SSL_get_error(c->ssl, r), saved = errno;

	switch (what) {
	case SSL_ERROR_WANT_READ:
		c->want_write = 0;
		return (1);
	case SSL_ERROR_WANT_WRITE:
		c->want_write = 1;
		return (1);
	case SSL_ERROR_ZERO_RETURN:
		end(c, REASON_CLOSED, "the peer closed the connection");
		return (0);
	case SSL_ERROR_SYSCALL:
		if (ERR_peek_error() == 0) {
			if (saved == 0 || r == 0)
				end_closed(c);
			else
				end_errno(c, saved);
			return (0);
		}
		/* FALLTHROUGH */
	default:
		end_library(c);
		return (0);
	}
}

static void
watch(struct conn *c)
{
	if (c->io != NULL)
		io_set(c->io, IO_READ |
		    (c->want_write || (!c->handshake && c->out.len > 0) ?
		    IO_WRITE : 0));
}

static void
go_handshake(struct conn *c)
{
	int r;

	ERR_clear_error();
	errno = 0;
	r = SSL_connect(c->ssl);
	if (r != 1) {
		if (ssl_again(c, r))
			watch(c);
		return;
	}
	c->handshake = 0;
	c->want_write = 0;
	watch(c);
	if (c->on.secure != NULL && !c->run->finished)
		c->on.secure(c->arg);
}

/* Sends what is waiting. */
static void
flush(struct conn *c)
{
	ssize_t n;

	while (!c->over && !c->handshake && c->out.len > 0) {
		if (c->ssl != NULL) {
			ERR_clear_error();
			errno = 0;
			n = SSL_write(c->ssl, c->out.data, (int)c->out.len);
			if (n <= 0 && !ssl_again(c, (int)n))
				return;
		} else {
			n = send(c->fd, c->out.data, c->out.len, MSG_NOSIGNAL);
			if (n == -1 && errno != EAGAIN && errno != EINTR) {
				end_errno(c, errno);
				return;
			}
		}
		if (n <= 0)
			break;
		c->want_write = 0;
		buf_drop(&c->out, (size_t)n);
	}
	watch(c);
}

/* Reads once; 1 when there may be more. */
static int
read_some(struct conn *c)
{
	char bytes[8192];
	ssize_t n;

	if (c->ssl != NULL) {
		ERR_clear_error();
		errno = 0;
		n = SSL_read(c->ssl, bytes, sizeof(bytes));
		if (n <= 0) {
			if (ssl_again(c, (int)n))
				watch(c);
			return (0);
		}
	} else {
		n = recv(c->fd, bytes, sizeof(bytes), 0);
		if (n == -1 && (errno == EAGAIN || errno == EINTR))
			return (0);
		if (n <= 0) {
			if (n == 0)
				end_closed(c);
			else
				end_errno(c, errno);
			return (0);
		}
	}
	c->in += (size_t)n;
	if (c->in > LIMIT_PEER_BYTES) {
		end(c, REASON_TOO_LARGE, "the peer sends without end");
		return (0);
	}
	if (c->on.data != NULL && !c->run->finished)
		c->on.data(str_of(bytes, (size_t)n), c->arg);
	/* starting TLS or ending the run changes who reads next */
	return (c->ssl != NULL && !c->handshake && !c->over &&
	    !c->run->finished);
}

static void
ready(int fd, int events, void *arg)
{
	struct conn *c = arg;

	(void)fd;
	if (c->run->finished) {
		/* only the farewell is still to be sent */
		flush(c);
		if (c->io != NULL && c->out.len == 0)
			io_set(c->io, 0);
		return;
	}
	if (c->handshake) {
		go_handshake(c);
		return;
	}
	if (events & IO_WRITE)
		flush(c);
	if ((events & IO_READ) && !c->over)
		while (read_some(c))
			;
}

static void try_next(struct conn *, enum reason, const char *);

static void
connected(int fd, int events, void *arg)
{
	struct conn *c = arg;
	socklen_t len = sizeof(int);
	int error = 0;

	(void)events;
	if (c->run->finished)
		return;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == -1)
		error = errno;
	if (error != 0) {
		try_next(c, reason_from_errno(error), strerror(error));
		return;
	}
	c->connected = 1;
	io_free(c->io);
	c->io = io_new(c->run->loop, c->fd, IO_READ, ready, c);
	check_say(&c->run->check, "connected to %s", c->label);
	c->on.up(c->arg);
}

/* Starts connecting to the next address; the last error ends the run. */
static void
try_next(struct conn *c, enum reason reason, const char *text)
{
	char who[ADDR_TEXT_SIZE];

	for (;;) {
		hang_up(c);
		if (reason != REASON_OK && c->tried < c->found.count) {
			addr_text(&c->peer, who, sizeof(who));
			check_say(&c->run->check, "%s: %s", who, text);
		}
		if (c->tried >= c->found.count) {
			end(c, reason, reason == REASON_INTERNAL ? text :
			    reason_text(reason));
			return;
		}
		c->peer = c->found.list[c->tried++];
		addr_set_port(&c->peer, c->port);
		addr_text_port(&c->peer, who, sizeof(who));
		check_say(&c->run->check, "connecting to %s", who);
		c->fd = addr_socket(&c->peer, SOCK_STREAM);
		if (c->fd != -1 && (connect(c->fd, (const struct sockaddr *)
		    &c->peer.ss, c->peer.len) == 0 || errno == EINPROGRESS))
			break;
		reason = reason_from_errno(errno);
		text = strerror(errno);
	}
	c->io = io_new(c->run->loop, c->fd, IO_WRITE, connected, c);
}

static void
begin_connect(struct conn *c)
{
	probe_phase(c->run, "connect", LAYER_NET, "connecting");
	try_next(c, REASON_OK, "");
}

static void
resolved(const struct resolved *found, void *arg)
{
	struct conn *c = arg;
	char who[ADDR_TEXT_SIZE];

	if (c->run->finished)
		return;
	c->found = *found;
	if (found->reason != REASON_OK || found->count == 0) {
		check_say(&c->run->check, "%s: %s (%s)", c->name,
		    reason_text(found->reason), found->text);
		probe_fail(c->run, found->reason, "%s: the name %s cannot be "
		    "looked up here: %s (%s)", c->label, c->name,
		    reason_text(found->reason), found->text);
		return;
	}
	addr_text(&found->list[0], who, sizeof(who));
	check_say(&c->run->check, "%s is %s (%s)", c->name, who, found->text);
	begin_connect(c);
}

void
conn_dial(struct conn *c, const char *label, const char *name,
    const char *address, uint16_t port)
{
	c->label = mem_strdup(label);
	c->name = mem_strdup(name);
	c->port = port;
	if (address != NULL && addr_parse(&c->found.list[0],
	    str_from(address), port) == 0) {
		c->found.count = 1;
		begin_connect(c);
		return;
	}
	probe_phase(c->run, "name", LAYER_DNS, "looking up %s", name);
	c->resolve = resolve_start(c->run->loop, name, resolved, c);
}

/* Names the server wanted (RFC 6066). The library's macro casts const away,
 * so it gets a copy, of which it makes another. */
static void
ask_for(SSL *ssl, const char *sni)
{
	char *name = mem_strdup(sni);

	(void)SSL_set_tlsext_host_name(ssl, name);
	free(name);
}

void
conn_tls(struct conn *c, const char *sni)
{
	struct addr numeric;

	probe_phase(c->run, "tls", LAYER_TLS, "in the TLS handshake");
	c->ctx = SSL_CTX_new(TLS_client_method());
	if (c->ctx == NULL) {
		end(c, REASON_INTERNAL, "no TLS context");
		return;
	}
	SSL_CTX_set_verify(c->ctx, SSL_VERIFY_NONE, NULL);
	/* what falls short is to be told by name, not refused unseen */
	(void)SSL_CTX_set_min_proto_version(c->ctx, TLS1_VERSION);
	SSL_CTX_set_mode(c->ctx, SSL_MODE_ENABLE_PARTIAL_WRITE |
	    SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	c->ssl = SSL_new(c->ctx);
	if (c->ssl == NULL || SSL_set_fd(c->ssl, c->fd) != 1) {
		end(c, REASON_INTERNAL, "no TLS object");
		return;
	}
	if (sni != NULL && addr_parse(&numeric, str_from(sni), 0) == -1)
		ask_for(c->ssl, sni);
	c->handshake = 1;
	go_handshake(c);
}

void
conn_write(struct conn *c, struct str bytes)
{
	if (c->over || c->fd == -1)
		return;
	buf_add_str(&c->out, bytes);
	flush(c);
}

void
conn_puts(struct conn *c, const char *text)
{
	conn_write(c, str_from(text));
}

void
conn_leave(struct conn *c)
{
	if (c->over || c->fd == -1)
		return;
	flush(c);
	if (c->over)
		return;
	c->over = 1;
	if (c->ssl != NULL && !c->handshake) {
		ERR_clear_error();
		(void)SSL_shutdown(c->ssl);
	}
	io_free(c->io);
	c->io = NULL;
	(void)shutdown(c->fd, SHUT_WR);
}
