/* SPDX-License-Identifier: ISC */
/*
 * Mirrors exporter/http.c, messages.c and link.c: the real process on
 * loopback, this test plays the engine and the clients. Would catch: a page
 * served without its token, a peer that hangs and holds /metrics up, probes
 * that are not joined, methods, paths and headers that are not refused,
 * a malformed message that is taken, slow clients that fill the server.
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <netinet/in.h>

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/clock.h"
#include "agent/base/mem.h"
#include "agent/run/loop.h"
#include "agent/run/msg.h"
#include "exporter/http.h"
#include "exporter/link.h"
#include "tests/kit/check.h"

#define TOKEN "correct-horse"

struct server {
	pid_t pid;
	int sock;
	in_port_t open, lan;	/* loopback rules; rules beyond loopback */
};

static int
listen_on(in_port_t *port)
{
	struct sockaddr_in sin;
	socklen_t n = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	memset(&sin, 0, sizeof(sin));
	sin.sin_family = AF_INET;
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (struct sockaddr *)&sin, sizeof(sin)) == -1 ||
	    listen(fd, 64) == -1 ||
	    getsockname(fd, (struct sockaddr *)&sin, &n) == -1)
		fatal("listen");
	*port = sin.sin_port;
	return (fd);
}

/* Starts the process the way the parent does: configuration by messages. */
static void
start(struct server *s)
{
	struct http_config config;
	int pair[2];

	memset(&config, 0, sizeof(config));
	config.count = 2;
	config.listener[0].fd = listen_on(&s->open);
	config.listener[0].loopback = 1;
	config.listener[1].fd = listen_on(&s->lan);
	config.listener[1].token = mem_strdup(TOKEN);
	if (msg_pair(pair) == -1)
		fatal("msg_pair");
	s->pid = fork();
	if (s->pid == 0) {
		struct http_config mine;

		close(pair[0]);
		http_listener_free(&config.listener[0]);
		http_listener_free(&config.listener[1]);
		if (http_receive(pair[1], &mine) == -1)
			_exit(9);
		_exit(http_process(&mine, pair[1]));
	}
	close(pair[1]);
	s->sock = pair[0];
	CHECK_INT(http_send_config(s->sock, &config), 0,
	    "the configuration is sent");
	http_listener_free(&config.listener[0]);
	http_listener_free(&config.listener[1]);
}

/* Ends the engine's side; the exit status of the process. */
static int
stop(struct server *s)
{
	int status = -1;

	close(s->sock);
	waitpid(s->pid, &status, 0);
	return (WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + status);
}

static void
send_item(struct server *s, const struct http_item *item, const char *body)
{
	struct msg_out m;
	size_t at;

	http_make_item(&m, item);
	msg_send_wait(&m, s->sock, -1);
	for (at = 0; at < item->length; at += HTTP_PIECE) {
		http_make_data(&m, str_sub(str_from(body), at,
		    at + HTTP_PIECE));
		msg_send_wait(&m, s->sock, -1);
	}
}

static void
send_page(struct server *s, enum page page, const char *body)
{
	struct http_item item = { 1, page, 0, 200, CONTENT_TEXT,
	    (uint32_t)strlen(body) };

	send_item(s, &item, body);
}

static void
send_answer(struct server *s, uint64_t id, unsigned status, const char *body)
{
	struct http_item item = { 0, PAGE_INDEX, id, status,
	    CONTENT_PROMETHEUS, (uint32_t)strlen(body) };

	send_item(s, &item, body);
}

/* The next request to the engine; 0, -1 when none comes in that time. */
static int
next_request(struct server *s, struct http_request *r, int ms)
{
	struct pollfd pfd = { s->sock, POLLIN, 0 };
	struct msg *m = mem_zalloc(1, sizeof(*m));
	int ok = -1;

	if (poll(&pfd, 1, ms) == 1 && msg_recv(m, s->sock) == 1 &&
	    m->type == HTTP_MSG_REQUEST)
		ok = http_get_request(m, r);
	free(m);
	return (ok);
}

static int
dial(in_port_t port)
{
	struct sockaddr_in sin;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	memset(&sin, 0, sizeof(sin));
	sin.sin_family = AF_INET;
	sin.sin_port = port;
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (connect(fd, (struct sockaddr *)&sin, sizeof(sin)) == -1)
		fatal("connect");
	return (fd);
}

static void
send_text(int fd, const char *text)
{
	if (send(fd, text, strlen(text), MSG_NOSIGNAL) == -1)
		fprintf(stderr, "# send failed\n");
}

/* Reads until the peer closes or `enough` bytes of body came; "" at a
 * time-out. Freed by the caller. */
static char *
answer_of(int fd, int ms)
{
	struct pollfd pfd = { fd, POLLIN, 0 };
	char *text = mem_zalloc(1, 200000);
	size_t n = 0;
	ssize_t got;

	while (n < 199999 && poll(&pfd, 1, ms) == 1) {
		got = recv(fd, text + n, 199999 - n, 0);
		if (got <= 0)
			break;
		n += (size_t)got;
	}
	return (text);
}

/* One request on a connection of its own. */
static char *
ask(in_port_t port, const char *method, const char *path, const char *headers)
{
	char *text, *request;
	int fd = dial(port);

	request = mem_printf("%s %s HTTP/1.1\r\nHost: x\r\n%s"
	    "Connection: close\r\n\r\n", method, path, headers);
	send_text(fd, request);
	free(request);
	text = answer_of(fd, 3000);
	close(fd);
	return (text);
}

static void
expect(in_port_t port, const char *path, const char *headers, int status,
    const char *part)
{
	char *text = ask(port, "GET", path, headers), want[20];

	snprintf(want, sizeof(want), "HTTP/1.1 %d", status);
	CHECK(strncmp(text, want, strlen(want)) == 0 &&
	    strstr(text, part) != NULL,
	    "GET %s %.30s: %d with \"%s\"", path, headers, status, part);
	if (strncmp(text, want, strlen(want)) != 0)
		fprintf(stderr, "# got: %.300s\n", text);
	free(text);
}

static void
pages(struct server *s)
{
	char *text;

	expect(s->open, "/-/healthy", "", 503, "starting");
	expect(s->open, "/metrics", "", 503, "starting");
	send_page(s, PAGE_INDEX, "<html>one</html>");
	send_page(s, PAGE_METRICS_OPENMETRICS, "a_total 1\n# EOF\n");
	send_page(s, PAGE_METRICS_TEXT, "a_total 1\n");
	send_page(s, PAGE_REPORT, "{\"report\":1}");
	send_page(s, PAGE_CAUSES, "{}");
	send_page(s, PAGE_SD, "[]");
	usleep(100000);
	expect(s->open, "/-/healthy", "", 200, "ok");
	expect(s->open, "/", "", 200, "text/html");
	expect(s->open, "/metrics", "", 200, "version=0.0.4");
	expect(s->open, "/metrics", "Accept: application/openmetrics-text\r\n",
	    200, "application/openmetrics-text; version=1.0.0");
	expect(s->open, "/api/v1/report", "", 200, "{\"report\":1}");
	expect(s->open, "/api/v1/causes", "", 200, "application/json");
	expect(s->open, "/api/v1/sd", "", 200, "[]");
	expect(s->open, "/nothing", "", 404, "no such page");
	expect(s->open, "/metrics/../api", "", 404, "");
	expect(s->open, "/api/v1/evidence", "", 403, "token");
	send_page(s, PAGE_INDEX, "<html>two</html>");
	usleep(50000);
	expect(s->open, "/", "", 200, "two");
	text = ask(s->open, "HEAD", "/", "");
	CHECK(strncmp(text, "HTTP/1.1 200", 12) == 0 &&
	    strstr(text, "two") == NULL, "HEAD has no body");
	free(text);
	text = ask(s->open, "POST", "/", "Content-Length: 0\r\n");
	CHECK(strncmp(text, "HTTP/1.1 405", 12) == 0 &&
	    strstr(text, "Allow: GET, HEAD") != NULL, "POST is refused");
	free(text);
	text = ask(s->open, "GET", "/", "Content-Length: 5\r\n");
	CHECK(strncmp(text, "HTTP/1.1 400", 12) == 0, "a body is refused");
	free(text);
}

static void
tokens(struct server *s)
{
	expect(s->lan, "/-/healthy", "", 200, "ok");
	expect(s->lan, "/metrics", "", 401, "WWW-Authenticate: Basic");
	expect(s->lan, "/nothing", "", 401, "");
	expect(s->lan, "/metrics", "Authorization: Bearer wrong\r\n", 401, "");
	expect(s->lan, "/metrics", "Authorization: Bearer \r\n", 401, "");
	expect(s->lan, "/metrics", "Authorization: Bearer " TOKEN "\r\n", 200,
	    "a_total");
	/* any:correct-horse, any:wrong */
	expect(s->lan, "/metrics",
	    "Authorization: Basic YW55OmNvcnJlY3QtaG9yc2U=\r\n", 200,
	    "a_total");
	expect(s->lan, "/metrics", "Authorization: Basic YW55Ondyb25n\r\n",
	    401, "");
	expect(s->lan, "/metrics", "Authorization: Basic %%%%\r\n", 401, "");
	expect(s->lan, "/nothing", "Authorization: Bearer " TOKEN "\r\n", 404,
	    "");
}

static void
keep_alive(struct server *s)
{
	int fd = dial(s->open), i;
	char *text;

	for (i = 0; i < 3; i++) {
		send_text(fd, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
		text = answer_of(fd, 100);
		CHECK(strstr(text, "a_total 1") != NULL,
		    "request %d on one connection", i);
		free(text);
	}
	send_text(fd, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"
	    "GET /api/v1/sd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
	text = answer_of(fd, 1000);
	CHECK(strstr(text, "a_total 1") != NULL && strstr(text, "[]") != NULL,
	    "pipelined requests are both answered");
	free(text);
	close(fd);
}

#define PROBE "GET /probe?target=xmpp&module=tcp.connect HTTP/1.1\r\n" \
	"Host: x\r\nX-Prometheus-Scrape-Timeout-Seconds: 2\r\n" \
	"Connection: close\r\n\r\n"

static void
probes(struct server *s)
{
	struct http_request r;
	int a = dial(s->open), b = dial(s->open), c = dial(s->open);
	char *text;

	send_text(a, PROBE);
	CHECK_INT(next_request(s, &r, 1000), 0, "the engine is asked");
	CHECK_STR(r.target, "xmpp", "for the target");
	CHECK_STR(r.module, "tcp.connect", "and the probe");
	CHECK_INT(r.timeout_ms, 1750, "in the time the scrape leaves");
	send_text(b, PROBE);
	send_text(c, PROBE);
	close(c);	/* one asker goes away */
	{
		struct http_request again;

		CHECK_INT(next_request(s, &again, 200), -1,
		    "the same request is not passed on twice");
	}
	expect(s->open, "/metrics", "", 200, "a_total");
	send_answer(s, r.id + 77, 200, "nobody asked this");
	send_answer(s, r.id, 200, "probe_success 1\n");
	text = answer_of(a, 1000);
	CHECK(strstr(text, "probe_success 1") != NULL, "the first is answered");
	free(text);
	text = answer_of(b, 1000);
	CHECK(strstr(text, "probe_success 1") != NULL,
	    "the one who joined too");
	free(text);
	close(a);
	close(b);
	expect(s->open, "/probe?target=x", "", 400, "module");
	expect(s->open, "/probe?target=x&module=y",
	    "X-Prometheus-Scrape-Timeout-Seconds: NaN\r\n", 400, "");
	/* nobody answers: the time-out is ours */
	expect(s->open, "/probe?target=x&module=y",
	    "X-Prometheus-Scrape-Timeout-Seconds: 0.3\r\n", 504, "in time");
	CHECK_INT(next_request(s, &r, 100), 0, "it was asked");
	send_answer(s, r.id, 200, "too late\n");
	expect(s->lan, "/api/v1/evidence?salt=abcd",
	    "Authorization: Bearer " TOKEN "\r\n"
	    "X-Prometheus-Scrape-Timeout-Seconds: 0.3\r\n", 504, "");
	CHECK_INT(next_request(s, &r, 100), 0, "evidence is passed on");
	CHECK(r.what == HTTP_EVIDENCE && strcmp(r.target, "abcd") == 0,
	    "with its salt");
	CHECK_STR(r.asker, "127.0.0.1", "and who asks");
}

/* Waiting requests, silent and slow clients leave /metrics alone. */
static void
crowd(struct server *s)
{
	int fd[LIMIT_HTTP_WAITING + 4], i, late = 0;
	struct http_request r;
	char *text, *line;

	for (i = 0; i < LIMIT_HTTP_WAITING + 4; i++) {
		fd[i] = dial(s->open);
		line = mem_printf("GET /probe?target=%d&module=m HTTP/1.1\r\n"
		    "Host: x\r\nConnection: close\r\n\r\n", i);
		send_text(fd[i], line);
		free(line);
	}
	for (i = LIMIT_HTTP_WAITING; i < LIMIT_HTTP_WAITING + 4; i++) {
		text = answer_of(fd[i], 1000);
		late += strncmp(text, "HTTP/1.1 503", 12) == 0;
		free(text);
	}
	CHECK_INT(late, 4, "only so many may wait for the engine");
	expect(s->open, "/metrics", "", 200, "a_total");
	for (i = 0; next_request(s, &r, 100) == 0; i++)
		send_answer(s, r.id, 200, "done\n");
	CHECK_INT(i, LIMIT_HTTP_WAITING, "each was passed on");
	for (i = 0; i < LIMIT_HTTP_WAITING + 4; i++)
		close(fd[i]);
	for (i = 0; i < 10; i++) {
		fd[i] = dial(s->open);
		send_text(fd[i], "GET /metrics HT");
	}
	expect(s->open, "/metrics", "", 200, "a_total");
	line = mem_zalloc(1, 70000);
	memset(line, 'x', 60000);
	memcpy(line, "X: ", 3);
	memcpy(line + 60000, "\r\n", 3);
	text = ask(s->open, "GET", "/metrics", line);
	CHECK(strstr(text, "200 OK") == NULL, "headers have a ceiling");
	free(text);
	free(line);
	text = answer_of(fd[0], 13000);
	CHECK_STR(text, "", "half a request is closed after a while");
	free(text);
	for (i = 0; i < 10; i++)
		close(fd[i]);
}

static void
malformed(void)
{
	struct server s;
	struct msg_out m;

	start(&s);
	msg_begin(&m, HTTP_MSG_PAGE);
	msg_put_u8(&m, PAGE_COUNT);
	msg_put_u32(&m, 4);
	msg_send_wait(&m, s.sock, -1);
	CHECK_INT(stop(&s), 1, "an unknown page ends the process");
	start(&s);
	msg_begin(&m, HTTP_MSG_DATA);
	msg_put_str(&m, str_from("x"));
	msg_send_wait(&m, s.sock, -1);
	CHECK_INT(stop(&s), 1, "data without a head too");
	start(&s);
	msg_begin(&m, HTTP_MSG_PAGE);
	msg_put_u8(&m, PAGE_SD);
	msg_put_u32(&m, 1);
	msg_send_wait(&m, s.sock, -1);
	msg_begin(&m, HTTP_MSG_DATA);
	msg_put_str(&m, str_from("xy"));
	msg_send_wait(&m, s.sock, -1);
	CHECK_INT(stop(&s), 1, "and data longer than was said");
}

struct engine {
	struct loop *loop;
	struct http_link *link;
	int asked, gone;
};

static void
engine_asked(const struct http_request *r, void *arg)
{
	struct engine *e = arg;

	e->asked++;
	http_link_answer(e->link, r->id, 200, CONTENT_PROMETHEUS,
	    str_from("probe_success 0\n"));
}

static void
engine_gone(void *arg)
{
	struct engine *e = arg;

	e->gone++;
	loop_stop(e->loop);
}

static void
turns(struct engine *e, int n)
{
	while (n-- > 0) {
		loop_poll(e->loop);
		usleep(2000);
	}
}

/* The engine's end: nothing waits, even when the other side stands still. */
static void
link_to_http(void)
{
	struct server s;
	struct engine e;
	struct http_link_events events = { engine_asked, engine_gone, &e };
	char *big = mem_zalloc(1, 3000001), *text;
	mono_t before;
	int fd, i;

	memset(&e, 0, sizeof(e));
	memset(big, 'a', 3000000);
	start(&s);
	e.loop = loop_new();
	e.link = http_link_new(e.loop, s.sock, &events);
	kill(s.pid, SIGSTOP);
	before = mono_now();
	for (i = 0; i < 50; i++)
		http_link_page(e.link, PAGE_REPORT, str_from(big));
	http_link_page(e.link, PAGE_REPORT, str_from("{\"last\":1}"));
	http_link_page(e.link, PAGE_METRICS_TEXT, str_from("x 1\n"));
	CHECK(mono_seconds(before, mono_now()) < 2,
	    "a process that stands still does not hold the engine");
	kill(s.pid, SIGCONT);
	fd = dial(s.open);
	turns(&e, 100);
	send_text(fd, PROBE);
	turns(&e, 50);
	text = answer_of(fd, 1000);
	CHECK(strstr(text, "probe_success 0") != NULL,
	    "the engine answers over the link");
	free(text);
	close(fd);
	CHECK_INT(e.asked, 1, "asked once");
	expect(s.open, "/api/v1/report", "", 200, "{\"last\":1}");
	kill(s.pid, SIGTERM);
	waitpid(s.pid, NULL, 0);
	loop_run(e.loop);
	CHECK_INT(e.gone, 1, "the end of the process is told");
	http_link_free(e.link);
	loop_free(e.loop);
	free(big);
}

int
main(void)
{
	struct server s;

	signal(SIGPIPE, SIG_IGN);
	start(&s);
	pages(&s);
	tokens(&s);
	keep_alive(&s);
	probes(&s);
	crowd(&s);
	CHECK_INT(stop(&s), 0, "the process ends with the engine, cleanly");
	malformed();
	link_to_http();
	return (check_end());
}
