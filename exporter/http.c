/* SPDX-License-Identifier: ISC */
/*
 * The http process. I/O; the only user of libmicrohttpd, which runs in its
 * external mode on our loop: after each of its turns the descriptors it
 * waits for are compared with those we watch, and its timer is set again.
 * Owns the listeners, the pages and the requests that wait for the engine.
 */
#include <sys/types.h>
#include <sys/queue.h>
#include <sys/select.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <microhttpd.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>

#include "agent/base/buf.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/run/loop.h"
#include "agent/run/msg.h"
#include "exporter/http.h"
#include "exporter/policy.h"

/* What a request waits beyond its own time before it is given up. */
#define WAIT_GRACE_MS 200
#define SWEEP_NS NS_PER_SEC

struct http;

/* A connection, to end those that take too long. */
struct connection {
	LIST_ENTRY(connection) entry;
	int fd;
	int answering;		/* a request is here and not finished */
	mono_t since;		/* of that request, or of waiting for one */
};

/* A listening address with its daemon. */
struct listener {
	struct http *http;
	struct policy_address address;
	unsigned char digest[SHA256_DIGEST_LENGTH];	/* of the token */
	struct MHD_Daemon *daemon;
	char *cert, *key;
	int fd;
	struct io *watch[FD_SETSIZE];
	int top;		/* highest descriptor watched */
	struct timer *timer;
	int due;		/* a turn is deferred */
};

/* A question to the engine and everybody who waits for its answer. */
struct flight {
	TAILQ_ENTRY(flight) entry;
	struct http_request request;
	LIST_HEAD(waiter_head, waiter) waiters;
	struct timer *timer;
	struct http *http;
	struct MHD_Response *response;	/* NULL until it is answered */
	unsigned status;
};

/* A request as libmicrohttpd keeps it for us. */
struct waiter {
	LIST_ENTRY(waiter) entry;
	struct MHD_Connection *connection;
	struct flight *flight;	/* NULL when it did not have to wait */
	struct listener *listener;
};

struct http {
	struct loop *loop;
	int sock;
	struct io *io;
	struct listener *listeners;
	size_t listener_count;
	LIST_HEAD(, connection) connections;
	TAILQ_HEAD(flight_head, flight) flights;
	size_t waiting;
	uint64_t next_id;
	struct MHD_Response *page[PAGE_COUNT];
	mono_t renewed;		/* when a metrics page came last */
	struct http_item item;	/* on its way in */
	int item_open;
	struct buf body;
	struct timer *sweep;
	int status;
	struct msg in;
};

static const enum page route_page[ROUTE_COUNT] = {
	[ROUTE_INDEX] = PAGE_INDEX,
	[ROUTE_METRICS] = PAGE_METRICS_TEXT,
	[ROUTE_PROBE] = PAGE_COUNT,
	[ROUTE_HEALTHY] = PAGE_COUNT,
	[ROUTE_REPORT] = PAGE_REPORT,
	[ROUTE_EVIDENCE] = PAGE_COUNT,
	[ROUTE_CAUSES] = PAGE_CAUSES,
	[ROUTE_SD] = PAGE_SD,
};

/* ---- responses ---- */

/* Headers that every answer has. The answer changes with time and must not
 * be kept; nothing in it is a script. */
static void
add_headers(struct MHD_Response *r, enum content content)
{
	MHD_add_response_header(r, "Content-Type", content_type(content));
	MHD_add_response_header(r, "Cache-Control", "no-store");
	MHD_add_response_header(r, "Vary", "Accept");
	MHD_add_response_header(r, "X-Content-Type-Options", "nosniff");
	MHD_add_response_header(r, "Content-Security-Policy",
	    "default-src 'none'; style-src 'unsafe-inline'; "
	    "frame-ancestors 'none'; base-uri 'none'");
	MHD_add_response_header(r, "Referrer-Policy", "no-referrer");
}

/* A response of a body that it takes. */
static struct MHD_Response *
make_response(char *body, size_t n, enum content content)
{
	struct MHD_Response *r;

	r = MHD_create_response_from_buffer(n, body, MHD_RESPMEM_MUST_FREE);
	if (r == NULL)
		fatal("MHD_create_response_from_buffer");
	add_headers(r, content);
	return (r);
}

static enum MHD_Result
reply_text(struct MHD_Connection *c, unsigned status, const char *text,
    const char *header, const char *value)
{
	struct MHD_Response *r;
	enum MHD_Result ok;

	r = make_response(mem_strdup(text), strlen(text), CONTENT_TEXT);
	if (header != NULL)
		MHD_add_response_header(r, header, value);
	ok = MHD_queue_response(c, status, r);
	MHD_destroy_response(r);
	return (ok);
}

/* ---- turns of libmicrohttpd ---- */

/* Watches what the daemon waits for now, and nothing else. */
static void
update_watches(struct listener *l)
{
	fd_set r, w, e;
	MHD_UNSIGNED_LONG_LONG ms;
	int max = -1, fd, events;

	FD_ZERO(&r);
	FD_ZERO(&w);
	FD_ZERO(&e);
	MHD_get_fdset(l->daemon, &r, &w, &e, &max);
	if (max > l->top)
		l->top = max;
	for (fd = 0; fd <= l->top; fd++) {
		events = (FD_ISSET(fd, &r) ? IO_READ : 0) |
		    (FD_ISSET(fd, &w) ? IO_WRITE : 0);
		if (l->watch[fd] != NULL)
			io_set(l->watch[fd], events);
	}
	if (MHD_get_timeout(l->daemon, &ms) == MHD_YES)
		timer_in(l->timer, (int64_t)(ms > 60000 ? 60000 : ms) *
		    NS_PER_MS);
	else
		timer_stop(l->timer);
}

static void
turn(struct listener *l)
{
	MHD_run(l->daemon);
	update_watches(l);
}

static void
listener_ready(int fd, int events, void *arg)
{
	(void)fd;
	(void)events;
	turn(arg);
}

static void
listener_timer(void *arg)
{
	turn(arg);
}

static void
listener_due(void *arg)
{
	struct listener *l = arg;

	l->due = 0;
	turn(l);
}

/* Gives the daemon a turn once the present callback is over. */
static void
turn_soon(struct listener *l)
{
	if (l->due)
		return;
	l->due = 1;
	loop_defer(l->http->loop, listener_due, l);
}

/* ---- connections ---- */

static void
sweep(void *arg)
{
	struct http *h = arg;
	struct connection *c;
	mono_t now = mono_now();
	int64_t limit;

	LIST_FOREACH(c, &h->connections, entry) {
		limit = c->answering ? 2 * LIMIT_HTTP_WAIT_SECONDS :
		    LIMIT_HTTP_SECONDS;
		/* libmicrohttpd sees the end and cleans up */
		if (mono_diff(now, c->since) > limit * NS_PER_SEC)
			shutdown(c->fd, SHUT_RDWR);
	}
	if (!LIST_EMPTY(&h->connections))
		timer_in(h->sweep, SWEEP_NS);
}

/*
 * A connection began or ended. Its watch is made and freed here, while the
 * descriptor is open: a number that is closed and given out again within one
 * turn would otherwise keep a watch that the kernel has forgotten.
 */
static void
connection_notify(void *arg, struct MHD_Connection *mc, void **context,
    enum MHD_ConnectionNotificationCode code)
{
	struct listener *l = arg;
	struct http *h = l->http;
	struct connection *c = *context;
	const union MHD_ConnectionInfo *info;

	if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
		if (c == NULL)
			return;
		io_free(l->watch[c->fd]);
		l->watch[c->fd] = NULL;
		LIST_REMOVE(c, entry);
		free(c);
		*context = NULL;
		return;
	}
	info = MHD_get_connection_info(mc, MHD_CONNECTION_INFO_CONNECTION_FD);
	if (info == NULL || info->connect_fd < 0 ||
	    info->connect_fd >= FD_SETSIZE)
		return;
	c = mem_zalloc(1, sizeof(*c));
	c->fd = info->connect_fd;
	c->since = mono_now();
	if (LIST_EMPTY(&h->connections))
		timer_in(h->sweep, SWEEP_NS);
	LIST_INSERT_HEAD(&h->connections, c, entry);
	l->watch[c->fd] = io_new(h->loop, c->fd, 0, listener_ready, l);
	*context = c;
}

static void
connection_state(struct MHD_Connection *mc, int answering)
{
	const union MHD_ConnectionInfo *info;
	struct connection *c;

	info = MHD_get_connection_info(mc,
	    MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	if (info == NULL || info->socket_context == NULL)
		return;
	c = info->socket_context;
	c->answering = answering;
	c->since = mono_now();
}

/* ---- requests that wait for the engine ---- */

static void
flight_free(struct flight *f)
{
	if (f->response != NULL)
		MHD_destroy_response(f->response);
	timer_free(f->timer);
	free(f);
}

/* The answer is here: everybody who waits goes on in the handler. The last
 * one to leave frees the flight (request_completed). */
static void
flight_answer(struct flight *f, unsigned status, struct MHD_Response *r)
{
	struct waiter *w;

	f->status = status;
	f->response = r;
	timer_stop(f->timer);
	TAILQ_REMOVE(&f->http->flights, f, entry);
	LIST_FOREACH(w, &f->waiters, entry) {
		MHD_resume_connection(w->connection);
		f->http->waiting--;
		turn_soon(w->listener);
	}
	if (LIST_EMPTY(&f->waiters))
		flight_free(f);
}

static void
flight_answer_text(struct flight *f, unsigned status, const char *text)
{
	flight_answer(f, status, make_response(mem_strdup(text),
	    strlen(text), CONTENT_TEXT));
}

static void
flight_late(void *arg)
{
	flight_answer_text(arg, MHD_HTTP_GATEWAY_TIMEOUT,
	    "the engine did not answer in time\n");
}

static struct flight *
flight_same(struct http *h, const struct http_request *r)
{
	struct flight *f;

	TAILQ_FOREACH(f, &h->flights, entry)
		if (f->request.what == r->what &&
		    f->request.timeout_ms == r->timeout_ms &&
		    strcmp(f->request.target, r->target) == 0 &&
		    strcmp(f->request.asker, r->asker) == 0 &&
		    strcmp(f->request.module, r->module) == 0)
			return (f);
	return (NULL);
}

/* A new flight, sent off; NULL when the engine does not take it. */
static struct flight *
flight_new(struct http *h, struct http_request *r)
{
	struct flight *f;

	r->id = ++h->next_id;
	if (http_put_request(h->sock, r) == -1)
		return (NULL);
	f = mem_zalloc(1, sizeof(*f));
	f->request = *r;
	f->http = h;
	LIST_INIT(&f->waiters);
	f->timer = timer_new(h->loop, flight_late, f);
	timer_in(f->timer,
	    ((int64_t)r->timeout_ms + WAIT_GRACE_MS) * NS_PER_MS);
	TAILQ_INSERT_TAIL(&h->flights, f, entry);
	return (f);
}

/* Lets the connection wait for the engine's answer to r. */
static enum MHD_Result
wait_for(struct waiter *w, struct http_request *r)
{
	struct http *h = w->listener->http;
	struct flight *f;

	if (h->waiting >= LIMIT_HTTP_WAITING)
		return (reply_text(w->connection,
		    MHD_HTTP_SERVICE_UNAVAILABLE,
		    "too many requests wait already\n", "Retry-After", "5"));
	f = flight_same(h, r);
	if (f == NULL)
		f = flight_new(h, r);
	if (f == NULL)
		return (reply_text(w->connection,
		    MHD_HTTP_SERVICE_UNAVAILABLE,
		    "the engine is busy\n", "Retry-After", "5"));
	w->flight = f;
	LIST_INSERT_HEAD(&f->waiters, w, entry);
	h->waiting++;
	MHD_suspend_connection(w->connection);
	return (MHD_YES);
}

/* ---- requests ---- */

/* An argument of the query; 0, -1 when it is too long. Not there: "". */
static int
take_argument(struct MHD_Connection *c, const char *name, char *field)
{
	const char *v;

	v = MHD_lookup_connection_value(c, MHD_GET_ARGUMENT_KIND, name);
	if (v == NULL)
		v = "";
	if (strlen(v) > LIMIT_HTTP_ARGUMENT)
		return (-1);
	memcpy(field, v, strlen(v) + 1);
	return (0);
}

/* Who asks, by his address. */
static void
take_asker(struct waiter *w, struct http_request *r)
{
	const union MHD_ConnectionInfo *info;

	info = MHD_get_connection_info(w->connection,
	    MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	policy_asker(&w->listener->address, info == NULL ? NULL :
	    info->client_addr, r->asker, sizeof(r->asker));
}

static enum MHD_Result
answer_engine(struct waiter *w, enum http_what what)
{
	struct MHD_Connection *c = w->connection;
	struct http_request r;
	int bad;

	memset(&r, 0, sizeof(r));
	r.what = what;
	if (what == HTTP_PROBE)
		bad = take_argument(c, "target", r.target) == -1 ||
		    take_argument(c, "module", r.module) == -1;
	else {
		bad = take_argument(c, "salt", r.target) == -1;
		take_asker(w, &r);
	}
	if (bad)
		return (reply_text(c, MHD_HTTP_BAD_REQUEST,
		    "an argument is too long\n", NULL, NULL));
	if (what == HTTP_PROBE && r.module[0] == '\0')
		return (reply_text(c, MHD_HTTP_BAD_REQUEST,
		    "say which probe: /probe?module=ID&target=NAME\n", NULL,
		    NULL));
	if (policy_timeout(MHD_lookup_connection_value(c, MHD_HEADER_KIND,
	    "X-Prometheus-Scrape-Timeout-Seconds"), &r.timeout_ms) == -1)
		return (reply_text(c, MHD_HTTP_BAD_REQUEST,
		    "X-Prometheus-Scrape-Timeout-Seconds is no positive "
		    "number\n", NULL, NULL));
	return (wait_for(w, &r));
}

/* 1 while the engine renews its pages. */
static int
pages_fresh(const struct http *h)
{
	return (h->renewed.ns != MONO_NONE.ns &&
	    mono_diff(mono_now(), h->renewed) <
	    LIMIT_PAGE_AGE_SECONDS * NS_PER_SEC);
}

static enum MHD_Result
answer_page(struct waiter *w, enum route route)
{
	struct http *h = w->listener->http;
	struct MHD_Connection *c = w->connection;
	enum page page = route_page[route];

	if (route == ROUTE_METRICS && policy_openmetrics(
	    MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Accept")))
		page = PAGE_METRICS_OPENMETRICS;
	if (!pages_fresh(h) || h->page[page] == NULL)
		return (reply_text(c, MHD_HTTP_SERVICE_UNAVAILABLE,
		    h->renewed.ns == MONO_NONE.ns || pages_fresh(h) ?
		    "starting, nothing to show yet\n" :
		    "the engine has stopped renewing its pages\n",
		    "Retry-After", "5"));
	return (MHD_queue_response(c, MHD_HTTP_OK, h->page[page]));
}

static enum MHD_Result
answer_route(struct waiter *w, enum route route)
{
	struct http *h = w->listener->http;

	switch (route) {
	case ROUTE_PROBE:
		return (answer_engine(w, HTTP_PROBE));
	case ROUTE_EVIDENCE:
		return (answer_engine(w, HTTP_EVIDENCE));
	case ROUTE_HEALTHY:
		if (pages_fresh(h))
			return (reply_text(w->connection, MHD_HTTP_OK,
			    "ok\n", NULL, NULL));
		return (reply_text(w->connection,
		    MHD_HTTP_SERVICE_UNAVAILABLE,
		    "the engine is starting or has stopped\n", NULL, NULL));
	default:
		return (answer_page(w, route));
	}
}

/* 1 when the text is the listener's token. Digests are compared, in time
 * that depends on neither. */
static int
token_is(const struct listener *l, const char *text)
{
	unsigned char digest[SHA256_DIGEST_LENGTH];

	SHA256((const unsigned char *)text, strlen(text), digest);
	return (CRYPTO_memcmp(digest, l->digest, sizeof(digest)) == 0);
}

/* 1 when the request brought the token: as Bearer, or as the password of
 * Basic, whatever the user (RFC 6750, RFC 7617). */
static int
token_matches(const struct listener *l, struct MHD_Connection *c)
{
	const char *value;
	char *user, *password = NULL;
	int match = 0;

	value = MHD_lookup_connection_value(c, MHD_HEADER_KIND,
	    "Authorization");
	if (value == NULL || !l->address.has_token)
		return (0);
	if (str_ieqs(str_sub(str_from(value), 0, 7), "Bearer "))
		return (token_is(l, value + 7 + strspn(value + 7, " ")));
	user = MHD_basic_auth_get_username_password(c, &password);
	if (user != NULL && password != NULL)
		match = token_is(l, password);
	MHD_free(user);
	MHD_free(password);
	return (match);
}

/* A request is complete. */
static enum MHD_Result
answer(struct waiter *w, const char *url, const char *method)
{
	struct MHD_Connection *c = w->connection;
	int route;

	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 &&
	    strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		return (reply_text(c, MHD_HTTP_METHOD_NOT_ALLOWED,
		    "only GET and HEAD\n", "Allow", "GET, HEAD"));
	route = route_by_path(url);
	if (route == -1)
		/* who may see nothing is not told what there is */
		route = ROUTE_INDEX;
	switch (policy_access(&w->listener->address, (enum route)route,
	    token_matches(w->listener, c))) {
	case ACCESS_TOKEN:
		return (reply_text(c, MHD_HTTP_UNAUTHORIZED,
		    "this needs the token\n", "WWW-Authenticate",
		    "Basic realm=\"meetprobe\", charset=\"UTF-8\""));
	case ACCESS_NEVER:
		return (reply_text(c, MHD_HTTP_FORBIDDEN,
		    "this needs a token, and none is configured\n", NULL,
		    NULL));
	case ACCESS_ALLOWED:
		break;
	}
	if (route_by_path(url) == -1)
		return (reply_text(c, MHD_HTTP_NOT_FOUND,
		    "no such page\n", NULL, NULL));
	return (answer_route(w, (enum route)route));
}

/* 1 when the request says that it has a body. */
static int
has_body(struct MHD_Connection *c)
{
	const char *n;

	n = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Content-Length");
	return ((n != NULL && strcmp(n, "0") != 0) ||
	    MHD_lookup_connection_value(c, MHD_HEADER_KIND,
	    "Transfer-Encoding") != NULL);
}

/* libmicrohttpd's access handler: after the headers, then with the request
 * complete, then again when a wait is over. */
static enum MHD_Result
handle(void *arg, struct MHD_Connection *c, const char *url,
    const char *method, const char *version, const char *upload,
    size_t *upload_size, void **context)
{
	struct waiter *w = *context;

	(void)version;
	(void)upload;
	if (w == NULL) {
		w = mem_zalloc(1, sizeof(*w));
		w->connection = c;
		w->listener = arg;
		*context = w;
		connection_state(c, 1);
		if (has_body(c))
			return (reply_text(c, MHD_HTTP_BAD_REQUEST,
			    "requests have no body\n", "Connection",
			    "close"));
		return (MHD_YES);
	}
	*upload_size = 0;
	if (w->flight != NULL)
		return (MHD_queue_response(c, w->flight->status,
		    w->flight->response));
	return (answer(w, url, method));
}

static void
request_completed(void *arg, struct MHD_Connection *c, void **context,
    enum MHD_RequestTerminationCode code)
{
	struct waiter *w = *context;

	(void)arg;
	(void)code;
	if (w == NULL)
		return;
	connection_state(c, 0);
	if (w->flight != NULL) {
		LIST_REMOVE(w, entry);
		if (LIST_EMPTY(&w->flight->waiters) &&
		    w->flight->response != NULL)
			flight_free(w->flight);
	}
	free(w);
	*context = NULL;
}

/* ---- messages of the engine ---- */

static void
item_done(struct http *h)
{
	struct MHD_Response *r;
	struct flight *f;
	size_t n = h->body.len;

	h->item_open = 0;
	r = make_response(buf_take(&h->body), n, h->item.content);
	if (h->item.is_page) {
		if (h->page[h->item.page] != NULL)
			MHD_destroy_response(h->page[h->item.page]);
		h->page[h->item.page] = r;
		if (h->item.page == PAGE_METRICS_TEXT)
			h->renewed = mono_now();
		return;
	}
	TAILQ_FOREACH(f, &h->flights, entry)
		if (f->request.id == h->item.id) {
			flight_answer(f, h->item.status, r);
			return;
		}
	MHD_destroy_response(r);	/* nobody waits any more */
}

/* Takes one message; 0, or -1 when it is not the engine's. */
static int
take_message(struct http *h)
{
	struct str piece;

	switch (h->in.type) {
	case HTTP_MSG_PAGE:
	case HTTP_MSG_ANSWER:
		if (h->item_open || http_get_item(&h->in, &h->item) == -1)
			return (-1);
		h->item_open = 1;
		buf_init(&h->body, LIMIT_PAGE);
		break;
	case HTTP_MSG_DATA:
		if (!h->item_open || http_get_data(&h->in, &piece) == -1 ||
		    piece.n == 0 || piece.n > h->item.length - h->body.len)
			return (-1);
		buf_add_str(&h->body, piece);
		break;
	default:
		return (-1);
	}
	if (h->body.len == h->item.length)
		item_done(h);
	return (0);
}

static void
engine_ready(int fd, int events, void *arg)
{
	struct http *h = arg;
	int r = msg_recv(&h->in, fd);

	(void)events;
	if (r == -1 && errno == EAGAIN)
		return;
	if (r == 1 && h->in.fd != -1) {
		close(h->in.fd);
		r = -1;
	}
	if (r == 1 && take_message(h) == 0)
		return;
	if (r != 0) {
		fprintf(stderr, "meetprobed: http: bad message of the "
		    "engine\n");
		h->status = 1;
	}
	loop_stop(h->loop);
}

/* ---- start and end ---- */

int
http_send_config(int sock, const struct http_config *config)
{
	size_t i;

	for (i = 0; i < config->count; i++)
		if (http_put_listener(sock, &config->listener[i]) == -1)
			return (-1);
	return (http_put_go(sock));
}

int
http_receive(int sock, struct http_config *config)
{
	struct msg *m = mem_zalloc(1, sizeof(*m));
	int r = -1;

	memset(config, 0, sizeof(*config));
	while (msg_recv(m, sock) == 1) {
		if (m->type == HTTP_MSG_GO && m->fd == -1) {
			r = msg_end(m);
			break;
		}
		if (m->type != HTTP_MSG_LISTEN ||
		    config->count == LIMIT_LISTENERS ||
		    http_get_listener(m,
		    &config->listener[config->count]) == -1)
			break;
		config->count++;
	}
	explicit_bzero(m, sizeof(*m));
	free(m);
	return (r);
}

/* Takes what is needed of the configuration: of the token the digest. */
static void
listener_take(struct listener *l, struct http_listener *from)
{
	l->fd = from->fd;
	from->fd = -1;
	fcntl(l->fd, F_SETFL, fcntl(l->fd, F_GETFL) | O_NONBLOCK);
	l->address.loopback = from->loopback;
	l->address.local = from->local;
	l->address.insecure = from->insecure;
	l->address.has_token = from->token != NULL;
	if (from->token != NULL)
		SHA256((const unsigned char *)from->token,
		    strlen(from->token), l->digest);
	l->cert = from->cert;
	l->key = from->key;
	from->cert = from->key = NULL;
	http_listener_free(from);
}

static int
listener_start(struct http *h, struct listener *l)
{
	char priorities[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";
	struct MHD_OptionItem tls[] = {
		{ MHD_OPTION_HTTPS_MEM_CERT, 0, l->cert },
		{ MHD_OPTION_HTTPS_MEM_KEY, 0, l->key },
		{ MHD_OPTION_HTTPS_PRIORITIES, 0, priorities },
		{ MHD_OPTION_END, 0, NULL }
	};
	int secure = l->cert != NULL && l->key != NULL;

	l->http = h;
	if (l->fd >= FD_SETSIZE)
		return (-1);
	l->daemon = MHD_start_daemon(MHD_ALLOW_SUSPEND_RESUME |
	    (secure ? MHD_USE_TLS : 0), 0, NULL, NULL, handle, l,
	    MHD_OPTION_LISTEN_SOCKET, (MHD_socket)l->fd,
	    MHD_OPTION_NOTIFY_CONNECTION, connection_notify, l,
	    MHD_OPTION_NOTIFY_COMPLETED, request_completed, l,
	    MHD_OPTION_CONNECTION_LIMIT, (unsigned)LIMIT_HTTP_CONNECTIONS,
	    MHD_OPTION_PER_IP_CONNECTION_LIMIT,
	    (unsigned)LIMIT_HTTP_PER_ADDRESS,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT,
	    (size_t)LIMIT_HTTP_CONNECTION_MEMORY,
	    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)LIMIT_HTTP_SECONDS,
	    MHD_OPTION_ARRAY, secure ? tls : tls + 3,
	    MHD_OPTION_END);
	/* it was copied into the TLS library */
	if (l->key != NULL)
		explicit_bzero(l->key, strlen(l->key));
	if (l->daemon == NULL)
		return (-1);
	l->timer = timer_new(h->loop, listener_timer, l);
	l->watch[l->fd] = io_new(h->loop, l->fd, 0, listener_ready, l);
	update_watches(l);
	return (0);
}

static void
listener_stop(struct listener *l)
{
	if (l->daemon != NULL) {
		io_free(l->watch[l->fd]);
		l->watch[l->fd] = NULL;
		MHD_run(l->daemon);	/* resumes who waited */
		MHD_stop_daemon(l->daemon);	/* closes its descriptor */
	} else if (l->fd != -1)
		close(l->fd);
	timer_free(l->timer);
	free(l->cert);
	free(l->key);
}

static void
http_end(struct http *h)
{
	struct flight *f;
	size_t i;

	while ((f = TAILQ_FIRST(&h->flights)) != NULL)
		flight_answer_text(f, MHD_HTTP_SERVICE_UNAVAILABLE,
		    "the engine has ended\n");
	for (i = 0; i < h->listener_count; i++)
		listener_stop(&h->listeners[i]);
	for (i = 0; i < PAGE_COUNT; i++)
		if (h->page[i] != NULL)
			MHD_destroy_response(h->page[i]);
	if (h->item_open)
		buf_free(&h->body);
	io_free(h->io);
	timer_free(h->sweep);
	close(h->sock);
	loop_free(h->loop);
	free(h->listeners);
	free(h);
}

int
http_process(struct http_config *config, int sock)
{
	struct http *h = mem_zalloc(1, sizeof(*h));
	size_t i;
	int status;

	signal(SIGPIPE, SIG_IGN);
	h->loop = loop_new();
	h->sock = sock;
	h->renewed = MONO_NONE;
	LIST_INIT(&h->connections);
	TAILQ_INIT(&h->flights);
	h->sweep = timer_new(h->loop, sweep, h);
	fcntl(sock, F_SETFL, fcntl(sock, F_GETFL) | O_NONBLOCK);
	h->io = io_new(h->loop, sock, IO_READ, engine_ready, h);
	h->listeners = mem_zalloc(config->count + 1, sizeof(*h->listeners));
	h->listener_count = config->count;
	for (i = 0; i < config->count; i++)
		listener_take(&h->listeners[i], &config->listener[i]);
	for (i = 0; i < h->listener_count; i++)
		if (listener_start(h, &h->listeners[i]) == -1) {
			fprintf(stderr, "meetprobed: http: listener %zu "
			    "cannot be used%s\n", i + 1,
			    h->listeners[i].cert != NULL ?
			    " (certificate or key do not load)" : "");
			h->status = 1;
		}
	if (h->status == 0)
		loop_run(h->loop);
	status = h->status;
	http_end(h);
	return (status);
}
