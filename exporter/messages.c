/* SPDX-License-Identifier: ISC */
/*
 * The messages between the engine and the http process, written and read.
 * I/O (the put functions send). Sizes are checked on both sides.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/mem.h"
#include "exporter/messages.h"

/* Flags of HTTP_MSG_LISTEN. */
enum {
	LISTEN_LOOPBACK = 1,
	LISTEN_LOCAL = 2,
	LISTEN_INSECURE = 4,
	LISTEN_TOKEN = 8,
	LISTEN_TLS = 16,
	LISTEN_ALL = 31
};

static const char *const types[CONTENT_COUNT] = {
	[CONTENT_TEXT] = "text/plain; charset=utf-8",
	[CONTENT_HTML] = "text/html; charset=utf-8",
	[CONTENT_JSON] = "application/json",
	[CONTENT_PROMETHEUS] = "text/plain; version=0.0.4; charset=utf-8",
	[CONTENT_OPENMETRICS] =
	    "application/openmetrics-text; version=1.0.0; charset=utf-8",
};

static const enum content page_contents[PAGE_COUNT] = {
	[PAGE_INDEX] = CONTENT_HTML,
	[PAGE_METRICS_TEXT] = CONTENT_PROMETHEUS,
	[PAGE_METRICS_OPENMETRICS] = CONTENT_OPENMETRICS,
	[PAGE_REPORT] = CONTENT_JSON,
	[PAGE_CAUSES] = CONTENT_JSON,
	[PAGE_SD] = CONTENT_JSON,
};

const char *
content_type(enum content content)
{
	return (types[content]);
}

enum content
page_content(enum page page)
{
	return (page_contents[page]);
}

int
http_put_listener(int sock, const struct http_listener *l)
{
	struct msg_out m;
	unsigned flags = 0;

	flags |= l->loopback ? LISTEN_LOOPBACK : 0;
	flags |= l->local ? LISTEN_LOCAL : 0;
	flags |= l->insecure ? LISTEN_INSECURE : 0;
	flags |= l->token != NULL ? LISTEN_TOKEN : 0;
	flags |= l->cert != NULL && l->key != NULL ? LISTEN_TLS : 0;
	msg_begin(&m, HTTP_MSG_LISTEN);
	msg_put_u8(&m, (uint8_t)flags);
	msg_put_str(&m, str_from(l->token));
	msg_put_str(&m, str_from(flags & LISTEN_TLS ? l->cert : NULL));
	msg_put_str(&m, str_from(flags & LISTEN_TLS ? l->key : NULL));
	return (msg_send_wait(&m, sock, l->fd));
}

int
http_get_listener(struct msg *m, struct http_listener *l)
{
	unsigned flags = msg_get_u8(m);
	struct str token = msg_get_str(m), cert = msg_get_str(m);
	struct str key = msg_get_str(m);

	memset(l, 0, sizeof(*l));
	l->fd = m->fd;
	m->fd = -1;
	if (msg_end(m) == -1 || l->fd == -1 || (flags & ~LISTEN_ALL) != 0) {
		http_listener_free(l);
		return (-1);
	}
	l->loopback = (flags & LISTEN_LOOPBACK) != 0;
	l->local = (flags & LISTEN_LOCAL) != 0;
	l->insecure = (flags & LISTEN_INSECURE) != 0;
	if (flags & LISTEN_TOKEN)
		l->token = mem_str(token);
	if (flags & LISTEN_TLS) {
		l->cert = mem_str(cert);
		l->key = mem_str(key);
	}
	/* the message still holds the secrets */
	explicit_bzero(m->bytes, sizeof(m->bytes));
	return (0);
}

static void
wipe(char *secret)
{
	if (secret != NULL)
		explicit_bzero(secret, strlen(secret));
	free(secret);
}

void
http_listener_free(struct http_listener *l)
{
	wipe(l->token);
	wipe(l->key);
	free(l->cert);
	if (l->fd != -1)
		close(l->fd);
	memset(l, 0, sizeof(*l));
	l->fd = -1;
}

int
http_put_go(int sock)
{
	struct msg_out m;

	msg_begin(&m, HTTP_MSG_GO);
	return (msg_send_wait(&m, sock, -1));
}

int
http_put_request(int sock, const struct http_request *r)
{
	struct msg_out m;

	msg_begin(&m, HTTP_MSG_REQUEST);
	msg_put_u64(&m, r->id);
	msg_put_u8(&m, (uint8_t)r->what);
	msg_put_str(&m, str_from(r->target));
	msg_put_str(&m, str_from(r->module));
	msg_put_str(&m, str_from(r->asker));
	msg_put_u32(&m, r->timeout_ms);
	return (msg_send(&m, sock, -1));
}

/* Copies s into a field of a request of at most max bytes; -1 when it is
 * longer or has a NUL. */
static int
take_argument(char *field, struct str s, size_t max)
{
	if (s.n > max || str_chr(s, '\0') != SIZE_MAX)
		return (-1);
	if (s.n > 0)
		memcpy(field, s.p, s.n);
	field[s.n] = '\0';
	return (0);
}

int
http_get_request(struct msg *m, struct http_request *r)
{
	struct str target, module, asker;
	unsigned what;

	memset(r, 0, sizeof(*r));
	r->id = msg_get_u64(m);
	what = msg_get_u8(m);
	target = msg_get_str(m);
	module = msg_get_str(m);
	asker = msg_get_str(m);
	r->timeout_ms = msg_get_u32(m);
	if (msg_end(m) == -1 || what >= HTTP_WHAT_COUNT ||
	    take_argument(r->target, target, LIMIT_HTTP_ARGUMENT) == -1 ||
	    take_argument(r->module, module, LIMIT_HTTP_ARGUMENT) == -1 ||
	    take_argument(r->asker, asker, LIMIT_HTTP_ASKER) == -1)
		return (-1);
	r->what = (enum http_what)what;
	return (0);
}

void
http_make_item(struct msg_out *m, const struct http_item *item)
{
	if (item->is_page) {
		msg_begin(m, HTTP_MSG_PAGE);
		msg_put_u8(m, (uint8_t)item->page);
	} else {
		msg_begin(m, HTTP_MSG_ANSWER);
		msg_put_u64(m, item->id);
		msg_put_u32(m, item->status);
		msg_put_u8(m, (uint8_t)item->content);
	}
	msg_put_u32(m, item->length);
}

int
http_get_item(struct msg *m, struct http_item *item)
{
	unsigned page, content;

	memset(item, 0, sizeof(*item));
	item->is_page = m->type == HTTP_MSG_PAGE;
	if (item->is_page) {
		page = msg_get_u8(m);
		if (page >= PAGE_COUNT)
			return (-1);
		item->page = (enum page)page;
		item->content = page_content(item->page);
		item->status = 200;
	} else {
		item->id = msg_get_u64(m);
		item->status = msg_get_u32(m);
		content = msg_get_u8(m);
		if (content >= CONTENT_COUNT || item->status < 200 ||
		    item->status > 599)
			return (-1);
		item->content = (enum content)content;
	}
	item->length = msg_get_u32(m);
	return (item->length > LIMIT_PAGE ? -1 : msg_end(m));
}

void
http_make_data(struct msg_out *m, struct str piece)
{
	msg_begin(m, HTTP_MSG_DATA);
	msg_put_str(m, piece);
}

int
http_get_data(struct msg *m, struct str *piece)
{
	*piece = msg_get_str(m);
	return (msg_end(m));
}
