/* SPDX-License-Identifier: ISC */
/*
 * The HTTP client against peers forked here: would catch a request that
 * outlives its deadline, a redirect followed to another host or without end,
 * an answer larger than allowed that is taken, one cut short that counts as
 * complete, a name that is looked up although the address was given, and
 * (under the sanitizer) handles that are not given back.
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <netinet/in.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/mem.h"
#include "agent/run/http.h"
#include "agent/run/loop.h"
#include "tests/kit/check.h"

/* What a peer says to a request; %u is its own port. */
struct peer {
	const char *answer;
	int then;		/* what it does next */
	pid_t pid;
	uint16_t port;
};
enum { CLOSE, RESET, HANG, KEEP, FLOOD };

static void
answer(int fd, const struct peer *p)
{
	static const struct linger hard = { 1, 0 };
	char request[4096], text[1024];
	int i;

	while (read(fd, request, sizeof(request)) > 0) {
		snprintf(text, sizeof(text), p->answer, p->port);
		if (write(fd, text, strlen(text)) == -1)
			return;
		if (p->then != KEEP)
			break;
	}
	if (p->then == HANG)
		sleep(30);
	if (p->then == FLOOD)
		for (i = 0; i < 100000 && write(fd, request,
		    sizeof(request)) > 0; i++)
			;
	if (p->then == RESET)
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
}

static void
start(struct peer *p)
{
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM, 0), c;

	memset(&sin, 0, sizeof(sin));
	sin.sin_family = AF_INET;
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (struct sockaddr *)&sin, sizeof(sin)) == -1 ||
	    listen(fd, 8) == -1 ||
	    getsockname(fd, (struct sockaddr *)&sin, &len) == -1)
		fatal("no peer");
	p->port = ntohs(sin.sin_port);
	p->pid = fork();
	if (p->pid == 0) {
		signal(SIGPIPE, SIG_IGN);
		while ((c = accept(fd, NULL, NULL)) != -1) {
			answer(c, p);
			close(c);
		}
		_exit(0);
	}
	close(fd);
}

static void
end(struct peer *p)
{
	kill(p->pid, SIGKILL);
	waitpid(p->pid, NULL, 0);
}

/* What came of a request. */
struct got {
	struct loop *loop;
	enum http_error error;
	enum http_stage stage;
	long status;
	int os_error, redirects, reused, calls;
	char body[64], type[64], address[64];
};

static void
done(const struct http_result *r, void *arg)
{
	struct got *g = arg;

	g->calls++;
	g->error = r->error;
	g->stage = r->stage;
	g->status = r->status;
	g->os_error = r->os_error;
	g->redirects = r->redirects;
	g->reused = r->reused;
	snprintf(g->body, sizeof(g->body), "%.*s", (int)r->body.n < 60 ?
	    (int)r->body.n : 60, r->body.n > 0 ? r->body.p : "");
	snprintf(g->type, sizeof(g->type), "%.*s",
	    STR_ARG(http_header(r, "Content-Type")));
	snprintf(g->address, sizeof(g->address), "%s", r->address);
	loop_stop(g->loop);
}

static void
ask(struct got *g, struct http *h, const char *host, const struct peer *p,
    const char *path, int64_t ns)
{
	struct http_request q;
	struct loop *loop = g->loop;
	char *url = mem_printf("http://%s:%u%s", host, p->port, path);

	memset(g, 0, sizeof(*g));
	g->loop = loop;
	memset(&q, 0, sizeof(q));
	q.url = url;
	q.address = "127.0.0.1";
	q.follow = 1;
	q.max_body = 10000;
	q.deadline = mono_add(mono_now(), ns);
	http_start(h, &q, done, g);
	loop_run(loop);
	free(url);
}

static void
test_answer(void)
{
	struct peer p = { "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
	    "Content-Length: 5\r\n\r\nhello", KEEP, 0, 0 };
	struct got g = { .loop = loop_new() };
	struct http *h = http_new(g.loop);

	start(&p);
	/* a name that no resolver knows: only the address leads there */
	ask(&g, h, "nowhere.invalid", &p, "/", 5 * NS_PER_SEC);
	CHECK_INT(g.error, HTTP_ERROR_NONE, "an answer is an answer");
	CHECK_INT(g.status, 200, "with its status");
	CHECK_STR(g.body, "hello", "and its body");
	CHECK_STR(g.type, "text/plain", "and a header");
	CHECK_STR(g.address, "127.0.0.1", "from the address that was given");
	ask(&g, h, "nowhere.invalid", &p, "/", 5 * NS_PER_SEC);
	CHECK(g.reused, "the next request takes the same connection");
	CHECK_INT(g.calls, 1, "done is called once");
	http_free(h);
	loop_free(g.loop);
	end(&p);
}

/* One request to a peer that misbehaves. */
static void
try_peer(struct peer p, enum http_error want, enum http_stage stage,
    const char *what)
{
	struct got g = { .loop = loop_new() };
	struct http *h = http_new(g.loop);
	mono_t begun = mono_now();

	start(&p);
	ask(&g, h, "nowhere.invalid", &p, "/", NS_PER_SEC);
	CHECK_INT(g.error, want, "%s", what);
	CHECK_INT(g.stage, stage, "and where: %s", what);
	CHECK(mono_seconds(begun, mono_now()) < 10, "in time: %s", what);
	http_free(h);
	loop_free(g.loop);
	end(&p);
}

static void
test_misbehaviour(void)
{
	try_peer((struct peer){ "", HANG, 0, 0 }, HTTP_ERROR_TIMEOUT, HTTP_WAIT,
	    "a peer that is silent: timeout");
	try_peer((struct peer){ "", CLOSE, 0, 0 }, HTTP_ERROR_CLOSED, HTTP_WAIT,
	    "one that closes: closed");
	try_peer((struct peer){ "", RESET, 0, 0 }, HTTP_ERROR_RESET, HTTP_WAIT,
	    "one that resets: reset");
	try_peer((struct peer){ "\x16\x03\x01 rubbish\r\n\r\n", CLOSE, 0, 0 },
	    HTTP_ERROR_PROTOCOL, HTTP_WAIT,
	    "one that speaks no HTTP: protocol-error");
	try_peer((struct peer){ "HTTP/1.1 200 OK\r\nContent-Len", CLOSE, 0,
	    0 }, HTTP_ERROR_TRUNCATED, HTTP_BODY, "half a head: truncated");
	try_peer((struct peer){ "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n"
	    "\r\nhalf", CLOSE, 0, 0 }, HTTP_ERROR_TRUNCATED, HTTP_BODY,
	    "half a body: truncated");
	try_peer((struct peer){ "HTTP/1.1 200 OK\r\n\r\n", FLOOD, 0, 0 },
	    HTTP_ERROR_TOO_LARGE, HTTP_BODY, "a body without end: too-large");
	try_peer((struct peer){ "HTTP/1.1 200 OK\r\nX: ", FLOOD, 0, 0 },
	    HTTP_ERROR_TOO_LARGE, HTTP_BODY, "a head without end: too-large");
}

static void
test_redirects(void)
{
	struct peer loop = { "HTTP/1.1 302 Found\r\nLocation: /again\r\n"
	    "Content-Length: 0\r\n\r\n", KEEP, 0, 0 };
	struct peer away = { "HTTP/1.1 301 Moved\r\nLocation: "
	    "http://elsewhere.invalid:%u/\r\nContent-Length: 0\r\n\r\n", KEEP,
	    0, 0 };
	struct got g = { .loop = loop_new() };
	struct http *h = http_new(g.loop);

	start(&loop);
	ask(&g, h, "nowhere.invalid", &loop, "/", 5 * NS_PER_SEC);
	CHECK_INT(g.error, HTTP_ERROR_REDIRECT,
	    "a redirect without end is not followed without end");
	CHECK(g.redirects > 3 && g.redirects < 10, "but some times");
	end(&loop);
	start(&away);
	ask(&g, h, "nowhere.invalid", &away, "/", 5 * NS_PER_SEC);
	CHECK_INT(g.error, HTTP_ERROR_REDIRECT,
	    "a redirect to another host is not followed");
	CHECK_INT(g.redirects, 0, "at all");
	end(&away);
	http_free(h);
	loop_free(g.loop);
}

static void
test_refused(void)
{
	struct peer p = { "", CLOSE, 0, 0 };
	struct got g = { .loop = loop_new() };
	struct http *h = http_new(g.loop);

	start(&p);
	end(&p);
	ask(&g, h, "nowhere.invalid", &p, "/", 5 * NS_PER_SEC);
	CHECK(g.error == HTTP_ERROR_REFUSED || (g.error ==
	    HTTP_ERROR_SYSTEM && g.os_error == ECONNREFUSED),
	    "a port that nobody has: refused");
	CHECK_INT(g.stage, HTTP_CONNECT, "while connecting");
	http_free(h);
	loop_free(g.loop);
}

static void
test_cut_short(void)
{
	struct peer p = { "", HANG, 0, 0 };
	struct got g = { .loop = loop_new() };
	struct http *h = http_new(g.loop);
	struct http_request q;
	char *url;

	start(&p);
	memset(&q, 0, sizeof(q));
	url = mem_printf("http://127.0.0.1:%u/", p.port);
	q.url = url;
	q.deadline = mono_add(mono_now(), 5 * NS_PER_SEC);
	http_start(h, &q, done, &g);
	loop_poll(g.loop);
	http_free(h);
	CHECK_INT(g.calls, 0, "a client freed in the middle tells nothing");
	loop_free(g.loop);
	free(url);
	end(&p);
}

int
main(void)
{
	signal(SIGPIPE, SIG_IGN);
	test_answer();
	test_misbehaviour();
	test_redirects();
	test_refused();
	test_cut_short();
	return (check_end());
}
