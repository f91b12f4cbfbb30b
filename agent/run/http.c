/* SPDX-License-Identifier: ISC */
/*
 * HTTP on the loop. I/O. Owns libcurl's multi handle and the easy handles of
 * its calls. libcurl's own callbacks only note what it wants; handles are
 * removed and freed after it has returned.
 */
#include <sys/queue.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "agent/base/buf.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/run/http.h"
#include "agent/run/loop.h"

struct http_call {
	TAILQ_ENTRY(http_call) entry;
	struct http *http;
	CURL *easy;
	struct curl_slist *headers, *resolve;
	struct timer *timer;		/* the deadline */
	char *url, *address, *method, *ca;
	struct buf request_body, head, body, chain;
	int verify, follow, fresh, redirects, too_large, has_body;
	char error[CURL_ERROR_SIZE];
	void (*done)(const struct http_result *, void *);
	void *arg;
};

struct http {
	struct loop *loop;
	CURLM *multi;
	struct timer *timer;		/* libcurl's */
	TAILQ_HEAD(, http_call) calls;
};

static void collect(struct http *);

static void
act(struct http *h, curl_socket_t fd, int what)
{
	int running;

	curl_multi_socket_action(h->multi, fd, what, &running);
	collect(h);
}

static void
timer_fired(void *arg)
{
	act(arg, CURL_SOCKET_TIMEOUT, 0);
}

static void
socket_ready(int fd, int events, void *arg)
{
	act(arg, fd, ((events & IO_READ) ? CURL_CSELECT_IN : 0) |
	    ((events & IO_WRITE) ? CURL_CSELECT_OUT : 0));
}

/* libcurl asks for a timer. */
static int
want_timer(CURLM *multi, long ms, void *arg)
{
	struct http *h = arg;

	(void)multi;
	if (ms < 0)
		timer_stop(h->timer);
	else
		timer_in(h->timer, (int64_t)ms * NS_PER_MS);
	return (0);
}

/* libcurl asks for events of a socket. */
static int
want_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *sockp)
{
	struct http *h = arg;
	struct io *io = sockp;
	int events = 0;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		curl_multi_assign(h->multi, fd, NULL);
		io_free(io);
		return (0);
	}
	if (what == CURL_POLL_IN || what == CURL_POLL_INOUT)
		events |= IO_READ;
	if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT)
		events |= IO_WRITE;
	if (io != NULL) {
		io_set(io, events);
		return (0);
	}
	io = io_new(h->loop, fd, events, socket_ready, h);
	curl_multi_assign(h->multi, fd, io);
	return (0);
}

struct http *
http_new(struct loop *loop)
{
	struct http *h = mem_zalloc(1, sizeof(*h));

	h->loop = loop;
	h->multi = curl_multi_init();
	if (h->multi == NULL)
		fatal("curl_multi_init");
	TAILQ_INIT(&h->calls);
	h->timer = timer_new(loop, timer_fired, h);
	curl_multi_setopt(h->multi, CURLMOPT_SOCKETFUNCTION, want_socket);
	curl_multi_setopt(h->multi, CURLMOPT_SOCKETDATA, h);
	curl_multi_setopt(h->multi, CURLMOPT_TIMERFUNCTION, want_timer);
	curl_multi_setopt(h->multi, CURLMOPT_TIMERDATA, h);
	curl_multi_setopt(h->multi, CURLMOPT_MAXCONNECTS, 4L);
	return (h);
}

static void
free_call(struct http_call *c)
{
	TAILQ_REMOVE(&c->http->calls, c, entry);
	curl_multi_remove_handle(c->http->multi, c->easy);
	curl_easy_cleanup(c->easy);
	curl_slist_free_all(c->headers);
	curl_slist_free_all(c->resolve);
	timer_free(c->timer);
	buf_free(&c->request_body);
	buf_free(&c->head);
	buf_free(&c->body);
	buf_free(&c->chain);
	free(c->url);
	free(c->address);
	free(c->method);
	free(c->ca);
	free(c);
}

void
http_free(struct http *h)
{
	struct http_call *c;

	if (h == NULL)
		return;
	while ((c = TAILQ_FIRST(&h->calls)) != NULL)
		free_call(c);
	curl_multi_cleanup(h->multi);
	timer_free(h->timer);
	free(h);
}

static size_t
take_head(char *bytes, size_t size, size_t n, void *arg)
{
	struct http_call *c = arg;

	/* a new answer (100, or after a redirect) replaces the old head */
	if (n >= 5 && memcmp(bytes, "HTTP/", 5) == 0)
		buf_clear(&c->head);
	if (buf_add(&c->head, bytes, size * n) == -1) {
		c->too_large = 1;
		return (0);
	}
	return (size * n);
}

static size_t
take_body(char *bytes, size_t size, size_t n, void *arg)
{
	struct http_call *c = arg;

	if (buf_add(&c->body, bytes, size * n) == -1) {
		c->too_large = 1;
		return (0);
	}
	return (size * n);
}

/* Host, port and scheme of a URL; the caller curl_frees. 0 or -1. */
static int
url_parts(const char *url, char **scheme, char **host, char **port)
{
	CURLU *u = curl_url();
	int ok;

	*scheme = *host = *port = NULL;
	ok = u != NULL && curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK &&
	    curl_url_get(u, CURLUPART_SCHEME, scheme, 0) == CURLUE_OK &&
	    curl_url_get(u, CURLUPART_HOST, host, 0) == CURLUE_OK &&
	    curl_url_get(u, CURLUPART_PORT, port, CURLU_DEFAULT_PORT) ==
	    CURLUE_OK;
	curl_url_cleanup(u);
	return (ok ? 0 : -1);
}

/* Says where the host of the present URL is, so that nothing is looked up. */
static void
pin_address(struct http_call *c)
{
	char *scheme, *host, *port, *entry;
	int v6;

	curl_slist_free_all(c->resolve);
	c->resolve = NULL;
	if (c->address != NULL &&
	    url_parts(c->url, &scheme, &host, &port) == 0) {
		v6 = strchr(c->address, ':') != NULL;
		entry = mem_printf("%s:%s:%s%s%s", host, port, v6 ? "[" : "",
		    c->address, v6 ? "]" : "");
		c->resolve = curl_slist_append(NULL, entry);
		free(entry);
		curl_free(scheme);
		curl_free(host);
		curl_free(port);
	}
	curl_easy_setopt(c->easy, CURLOPT_RESOLVE, c->resolve);
	curl_easy_setopt(c->easy, CURLOPT_URL, c->url);
}

static void
set_body(struct http_call *c)
{
	CURL *e = c->easy;

	if (c->has_body) {
		curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE,
		    (long)c->request_body.len);
		curl_easy_setopt(e, CURLOPT_POSTFIELDS,
		    buf_cstr(&c->request_body));
	}
	if (c->method != NULL && strcmp(c->method, "HEAD") == 0)
		curl_easy_setopt(e, CURLOPT_NOBODY, 1L);
	else if (c->method != NULL)
		curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST, c->method);
}

static void
set_options(struct http_call *c)
{
	CURL *e = c->easy;

	curl_easy_setopt(e, CURLOPT_PRIVATE, c);
	curl_easy_setopt(e, CURLOPT_ERRORBUFFER, c->error);
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(e, CURLOPT_PROXY, "");
	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(e, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(e, CURLOPT_USERAGENT,
	    "meetprobe/" MEETPROBE_VERSION);
	curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, take_head);
	curl_easy_setopt(e, CURLOPT_HEADERDATA, c);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, c);
	curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, c->verify ? 1L : 0L);
	curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, c->verify ? 2L : 0L);
	curl_easy_setopt(e, CURLOPT_CERTINFO, 1L);
	if (c->ca != NULL)
		curl_easy_setopt(e, CURLOPT_CAINFO, c->ca);
	if (c->fresh) {
		curl_easy_setopt(e, CURLOPT_FRESH_CONNECT, 1L);
		curl_easy_setopt(e, CURLOPT_FORBID_REUSE, 1L);
	}
	if (c->headers != NULL)
		curl_easy_setopt(e, CURLOPT_HTTPHEADER, c->headers);
	set_body(c);
}

static const char *const stage_texts[] = {
	[HTTP_CONNECT] = "connecting",
	[HTTP_TLS] = "in the TLS handshake",
	[HTTP_WAIT] = "waiting for the answer",
	[HTTP_BODY] = "reading the answer",
	[HTTP_DONE] = "done",
};

const char *
http_stage_text(enum http_stage stage)
{
	return (stage_texts[stage]);
}

static double
seconds(CURL *e, CURLINFO what)
{
	curl_off_t us = 0;

	if (curl_easy_getinfo(e, what, &us) != CURLE_OK)
		return (0);
	return ((double)us / 1e6);
}

/* How far it got, and how long each part took. */
static void
read_times(struct http_call *c, struct http_result *r)
{
	CURL *e = c->easy;
	double connect = seconds(e, CURLINFO_CONNECT_TIME_T);
	double tls = seconds(e, CURLINFO_APPCONNECT_TIME_T);
	double first = seconds(e, CURLINFO_STARTTRANSFER_TIME_T);
	double lookup = seconds(e, CURLINFO_NAMELOOKUP_TIME_T);
	int secure = strncmp(c->url, "https:", 6) == 0;
	long fresh = 0;

	curl_easy_getinfo(e, CURLINFO_NUM_CONNECTS, &fresh);
	r->reused = fresh == 0 && first > 0;
	r->total = seconds(e, CURLINFO_TOTAL_TIME_T);
	if (connect > 0)
		r->connect = connect - lookup;
	if (tls > 0)
		r->tls = tls - connect;
	if (first > 0)
		r->first_byte = first - (tls > 0 ? tls : connect);
	if (connect <= 0 && !r->reused)
		r->stage = HTTP_CONNECT;
	else if (secure && tls <= 0 && !r->reused)
		r->stage = HTTP_TLS;
	else if (c->head.len == 0)
		r->stage = HTTP_WAIT;
	else
		r->stage = HTTP_BODY;
}

static void
read_chain(struct http_call *c)
{
	struct curl_certinfo *info = NULL;
	struct curl_slist *line;
	int i;

	if (curl_easy_getinfo(c->easy, CURLINFO_CERTINFO, &info) != CURLE_OK ||
	    info == NULL)
		return;
	for (i = 0; i < info->num_of_certs && i < LIMIT_HTTP_CHAIN; i++) {
		for (line = info->certinfo[i]; line != NULL; line = line->next)
			if (strncmp(line->data, "Subject:", 8) == 0 ||
			    strncmp(line->data, "Issuer:", 7) == 0 ||
			    strncmp(line->data, "Expire date:", 12) == 0) {
				buf_add_safe(&c->chain, str_from(line->data));
				buf_adds(&c->chain, "; ");
			}
		buf_addc(&c->chain, '\n');
	}
}

/* What a failed handshake was, by libcurl's and the TLS library's words. */
static enum http_error
tls_error(struct http_call *c, long os_error)
{
	struct str text = str_from(c->error);

	if (str_ifind(text, "alert") != SIZE_MAX)
		return (HTTP_ERROR_TLS_ALERT);
	if (str_ifind(text, "wrong version number") != SIZE_MAX ||
	    str_ifind(text, "unknown protocol") != SIZE_MAX ||
	    str_ifind(text, "http request") != SIZE_MAX ||
	    str_ifind(text, "packet length") != SIZE_MAX ||
	    str_ifind(text, "record") != SIZE_MAX)
		return (HTTP_ERROR_PROTOCOL);
	if (str_ifind(text, "unsupported protocol") != SIZE_MAX ||
	    str_ifind(text, "no shared cipher") != SIZE_MAX)
		return (HTTP_ERROR_TLS_VERSION);
	if (str_ifind(text, "reset") != SIZE_MAX || os_error == ECONNRESET)
		return (HTTP_ERROR_RESET);
	if (str_ifind(text, "unexpected eof") != SIZE_MAX)
		return (HTTP_ERROR_CLOSED);
	if (os_error != 0)
		return (HTTP_ERROR_SYSTEM);
	return (HTTP_ERROR_CLOSED);
}

static enum http_error
verify_error(struct http_call *c)
{
	struct str text = str_from(c->error);

	if (str_ifind(text, "expired") != SIZE_MAX)
		return (HTTP_ERROR_TLS_EXPIRED);
	if (str_ifind(text, "subject name") != SIZE_MAX ||
	    str_ifind(text, "host name") != SIZE_MAX ||
	    str_ifind(text, "alternative") != SIZE_MAX)
		return (HTTP_ERROR_TLS_NAME);
	return (HTTP_ERROR_TLS_UNTRUSTED);
}

/* The peer is gone while something was expected of it. */
static enum http_error
lost_error(struct http_call *c, long os_error)
{
	curl_off_t got = 0;

	curl_easy_getinfo(c->easy, CURLINFO_SIZE_DOWNLOAD_T, &got);
	if (os_error == ECONNRESET ||
	    str_ifind(str_from(c->error), "reset") != SIZE_MAX)
		return (HTTP_ERROR_RESET);
	if (c->head.len > 0 || got > 0)
		return (HTTP_ERROR_TRUNCATED);
	return (HTTP_ERROR_CLOSED);
}

/* An empty line ends it; libcurl takes the end of the connection too. */
static int
head_is_whole(const struct http_call *c)
{
	struct str head = buf_str(&c->head);

	return (str_ends(head, "\r\n\r\n") || str_ends(head, "\n\n"));
}

static enum http_error
error_of(struct http_call *c, CURLcode code)
{
	long os_error = 0, got = 0;

	curl_easy_getinfo(c->easy, CURLINFO_OS_ERRNO, &os_error);
	curl_easy_getinfo(c->easy, CURLINFO_HEADER_SIZE, &got);
	if (c->too_large)
		return (HTTP_ERROR_TOO_LARGE);
	switch (code) {
	case CURLE_OK:
		return (head_is_whole(c) ? HTTP_ERROR_NONE :
		    HTTP_ERROR_TRUNCATED);
	case CURLE_COULDNT_CONNECT:
		return (os_error == 0 ? HTTP_ERROR_REFUSED :
		    HTTP_ERROR_SYSTEM);
	case CURLE_OPERATION_TIMEDOUT:
		return (HTTP_ERROR_TIMEOUT);
	case CURLE_SSL_CONNECT_ERROR:
		return (tls_error(c, os_error));
	case CURLE_PEER_FAILED_VERIFICATION:
		return (verify_error(c));
	case CURLE_GOT_NOTHING:
	case CURLE_RECV_ERROR:
	case CURLE_SEND_ERROR:
		return (lost_error(c, os_error));
	case CURLE_PARTIAL_FILE:
		return (HTTP_ERROR_TRUNCATED);
	case CURLE_WEIRD_SERVER_REPLY:
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_BAD_CONTENT_ENCODING:
	case CURLE_HTTP2:
		return (HTTP_ERROR_PROTOCOL);
	case CURLE_SSL_CACERT_BADFILE:
		return (HTTP_ERROR_PERMISSION);
	case CURLE_OUT_OF_MEMORY:
	default:
		return (HTTP_ERROR_INTERNAL);
	}
}

/* Tells the owner, then frees. */
static void
finish(struct http_call *c, enum http_error error, const char *text)
{
	struct http_result r;
	struct buf safe;
	char *address = NULL;
	long os_error = 0;

	memset(&r, 0, sizeof(r));
	r.error = error;
	read_times(c, &r);
	read_chain(c);
	if (error == HTTP_ERROR_NONE)
		r.stage = HTTP_DONE;
	curl_easy_getinfo(c->easy, CURLINFO_OS_ERRNO, &os_error);
	r.os_error = (int)os_error;
	curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &r.status);
	curl_easy_getinfo(c->easy, CURLINFO_PRIMARY_IP, &address);
	r.address = address == NULL ? "" : address;
	buf_init(&safe, sizeof(r.text) - 1);
	buf_add_safe(&safe, str_sub(str_from(text), 0, 60 * 4 - 8));
	snprintf(r.text, sizeof(r.text), "%s", buf_cstr(&safe));
	buf_free(&safe);
	r.headers = buf_str(&c->head);
	r.body = buf_str(&c->body);
	r.url = c->url;
	r.redirects = c->redirects;
	r.chain = buf_str(&c->chain);
	c->done(&r, c->arg);
	free_call(c);
}

static void
too_late(void *arg)
{
	struct http_call *c = arg;

	finish(c, HTTP_ERROR_TIMEOUT, "no answer before the deadline");
}

/* The next header line of an answer's head; 0 at the end. */
static int
next_header(struct str *head, struct str *name, struct str *value)
{
	struct str line;

	while (head->n > 0) {
		line = str_split(head, '\n');
		*name = str_split(&line, ':');
		if (line.p == NULL || line.n == 0)
			continue;
		*value = str_trim(line);
		*name = str_trim(*name);
		return (1);
	}
	return (0);
}

struct str
http_header(const struct http_result *r, const char *name)
{
	struct str head = r->headers, key, value;

	while (next_header(&head, &key, &value))
		if (str_ieqs(key, name))
			return (value);
	return (str_of(NULL, 0));
}

/* Where a redirect leads; NULL when it leads away from the host. */
static char *
redirect_url(struct http_call *c)
{
	struct http_result r;
	CURLU *u = curl_url();
	char *location, *full = NULL, *copy = NULL;
	char *a, *b, *host_a, *host_b, *scheme_a, *scheme_b;

	memset(&r, 0, sizeof(r));
	r.headers = buf_str(&c->head);
	location = mem_str(http_header(&r, "location"));
	if (u != NULL && location[0] != '\0' &&
	    curl_url_set(u, CURLUPART_URL, c->url, 0) == CURLUE_OK &&
	    curl_url_set(u, CURLUPART_URL, location, 0) == CURLUE_OK)
		(void)curl_url_get(u, CURLUPART_URL, &full, 0);
	curl_url_cleanup(u);
	free(location);
	if (full != NULL && url_parts(c->url, &scheme_a, &host_a, &a) == 0) {
		if (url_parts(full, &scheme_b, &host_b, &b) == 0 &&
		    str_ieqs(str_from(host_a), host_b))
			copy = mem_strdup(full);
		curl_free(scheme_b);
		curl_free(host_b);
		curl_free(b);
		curl_free(scheme_a);
		curl_free(host_a);
		curl_free(a);
	}
	curl_free(full);
	return (copy);
}

/* A complete answer: is it to be followed? 1 when a new request runs. */
static int
follow(struct http_call *c, CURLcode code)
{
	long status = 0;
	char *url;

	curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
	if (!c->follow || code != CURLE_OK || (status != 301 &&
	    status != 302 && status != 303 && status != 307 && status != 308))
		return (0);
	url = redirect_url(c);
	if (url == NULL) {
		finish(c, HTTP_ERROR_REDIRECT, "redirected to another host");
		return (1);
	}
	if (c->redirects++ >= LIMIT_HTTP_REDIRECTS) {
		free(url);
		finish(c, HTTP_ERROR_REDIRECT, "redirected without end");
		return (1);
	}
	free(c->url);
	c->url = url;
	buf_clear(&c->head);
	buf_clear(&c->body);
	curl_multi_remove_handle(c->http->multi, c->easy);
	pin_address(c);
	curl_multi_add_handle(c->http->multi, c->easy);
	return (1);
}

/* Ends the calls that libcurl is done with. */
static void
collect(struct http *h)
{
	struct http_call *c;
	CURLMsg *m;
	CURLcode code;
	int left;

	while ((m = curl_multi_info_read(h->multi, &left)) != NULL) {
		if (m->msg != CURLMSG_DONE)
			continue;
		code = m->data.result;
		c = NULL;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &c);
		if (c == NULL || follow(c, code))
			continue;
		finish(c, error_of(c, code), code == CURLE_OK ? "" :
		    c->error[0] != '\0' ? c->error :
		    curl_easy_strerror(code));
	}
}

struct http_call *
http_start(struct http *h, const struct http_request *q,
    void (*done)(const struct http_result *, void *), void *arg)
{
	struct http_call *c = mem_zalloc(1, sizeof(*c));
	size_t i;

	c->http = h;
	c->done = done;
	c->arg = arg;
	c->url = mem_strdup(q->url);
	c->address = q->address == NULL ? NULL : mem_strdup(q->address);
	c->method = q->method == NULL ? NULL : mem_strdup(q->method);
	c->ca = q->ca == NULL ? NULL : mem_strdup(q->ca);
	c->verify = q->verify;
	c->follow = q->follow;
	c->fresh = q->fresh;
	c->has_body = q->body.n > 0;
	buf_init(&c->request_body, LIMIT_HTTP_BODY);
	buf_add_str(&c->request_body, q->body);
	buf_init(&c->head, LIMIT_HTTP_HEADERS);
	buf_init(&c->body, q->max_body == 0 ? LIMIT_HTTP_BODY : q->max_body);
	buf_init(&c->chain, LIMIT_HTTP_HEADERS);
	for (i = 0; q->headers != NULL && q->headers[i] != NULL; i++)
		c->headers = curl_slist_append(c->headers, q->headers[i]);
	c->easy = curl_easy_init();
	if (c->easy == NULL)
		fatal("curl_easy_init");
	TAILQ_INSERT_TAIL(&h->calls, c, entry);
	set_options(c);
	pin_address(c);
	c->timer = timer_new(h->loop, too_late, c);
	timer_at(c->timer, q->deadline);
	curl_multi_add_handle(h->multi, c->easy);
	return (c);
}
