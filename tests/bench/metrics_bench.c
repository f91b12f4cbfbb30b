/* SPDX-License-Identifier: ISC */
/*
 * How long a scrape of /metrics takes while as many /probe requests hang as
 * the http process lets wait, and the engine sends a new page all the time.
 * Target: p99 under 1 ms. Ends with 1 when it is missed.
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <netinet/in.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/buf.h"
#include "agent/base/clock.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/run/loop.h"
#include "agent/run/msg.h"
#include "exporter/http.h"
#include "exporter/link.h"
#include "exporter/metrics.h"
#include "exporter/openmetrics.h"

#define SCRAPES 4000
#define TARGET_MS 1.0

/* The page of an agent with all probes: some 600 series. */
static void
make_page(struct buf *b)
{
	struct metrics *m = metrics_new();
	char subject[32], signal_id[32];
	int i, k;

	for (i = 0; i < 30; i++) {
		snprintf(subject, sizeof(subject), "subject-%d:5222", i);
		metrics_gauge(m, METRIC_PROBE_SUCCESS,
		    METRIC_SET("tcp.connect", subject), 1, MONO_NONE);
		metrics_gauge(m, METRIC_PROBE_LAST_RUN,
		    METRIC_SET("tcp.connect", subject), 1795341600.25,
		    MONO_NONE);
		metrics_observe(m, METRIC_PROBE_DURATION,
		    METRIC_SET(subject), 0.01);
		for (k = 0; k < 6; k++) {
			snprintf(signal_id, sizeof(signal_id), "reason-%d",
			    k);
			metrics_add(m, METRIC_PROBE_FAILURES,
			    METRIC_SET("tcp.connect", subject, "net",
			    signal_id), (uint64_t)k);
		}
	}
	for (i = 0; i < 300; i++) {
		snprintf(signal_id, sizeof(signal_id), "signal-%d", i);
		metrics_add(m, METRIC_LOG_SIGNALS,
		    METRIC_SET("prosody", signal_id), 1);
	}
	openmetrics_write(b, m, FORMAT_PROMETHEUS_TEXT, mono_now());
	metrics_free(m);
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

/* One scrape as Prometheus makes it; milliseconds, -1 when it failed. */
static double
scrape(in_port_t port)
{
	static const char request[] = "GET /metrics HTTP/1.1\r\nHost: x\r\n"
	    "Connection: close\r\n\r\n";
	char text[65536];
	mono_t before = mono_now();
	ssize_t n, total = 0;
	int fd = dial(port), ok = 0;

	if (send(fd, request, sizeof(request) - 1, 0) == -1)
		fatal("send");
	while ((n = recv(fd, text, sizeof(text), 0)) > 0) {
		if (total == 0)
			ok = n > 12 && memcmp(text + 9, "200", 3) == 0;
		total += n;
	}
	close(fd);
	return (ok ? mono_seconds(before, mono_now()) * 1000 : -1);
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return ((x > y) - (x < y));
}

static void
nobody_asked(const struct http_request *r, void *arg)
{
	(void)r;	/* never answered: it hangs */
	(void)arg;
}

static void
gone(void *arg)
{
	(void)arg;
}

/* The engine's part in a process of its own: a new page every 10 ms. */
static void
engine(int sock, const struct buf *page)
{
	struct http_link_events events = { nobody_asked, gone, NULL };
	struct loop *loop = loop_new();
	struct http_link *link = http_link_new(loop, sock, &events);

	for (;;) {
		http_link_page(link, PAGE_METRICS_TEXT, buf_str(page));
		loop_poll(loop);
		usleep(10000);
	}
}

static void
hang(in_port_t port, int *fd)
{
	char request[200];
	int i;

	for (i = 0; i < LIMIT_HTTP_WAITING; i++) {
		fd[i] = dial(port);
		snprintf(request, sizeof(request), "GET /probe?target=%d"
		    "&module=m HTTP/1.1\r\nHost: x\r\n"
		    "X-Prometheus-Scrape-Timeout-Seconds: 60\r\n\r\n", i);
		if (send(fd[i], request, strlen(request), 0) == -1)
			fatal("send");
	}
}

static int
listen_somewhere(in_port_t *port)
{
	struct sockaddr_in sin;
	socklen_t n = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	memset(&sin, 0, sizeof(sin));
	sin.sin_family = AF_INET;
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (struct sockaddr *)&sin, sizeof(sin)) == -1 ||
	    listen(fd, 128) == -1 ||
	    getsockname(fd, (struct sockaddr *)&sin, &n) == -1)
		fatal("listen");
	*port = sin.sin_port;
	return (fd);
}

/* Prints the figures of one series of scrapes; p99 in milliseconds. */
static double
measure(in_port_t port, const char *what)
{
	static double ms[SCRAPES];	/* too large for the stack */
	int i;

	for (i = 0; i < SCRAPES; i++)
		if ((ms[i] = scrape(port)) < 0)
			fatal("a scrape failed");
	qsort(ms, SCRAPES, sizeof(ms[0]), compare);
	printf("/metrics, %s: p50 %.3f ms, p99 %.3f ms, worst %.3f ms\n",
	    what, ms[SCRAPES / 2], ms[SCRAPES * 99 / 100], ms[SCRAPES - 1]);
	return (ms[SCRAPES * 99 / 100]);
}

int
main(void)
{
	struct http_config config;
	struct buf page;
	in_port_t port;
	int pair[2], fd[LIMIT_HTTP_WAITING], i;
	pid_t http, feeder;
	double quiet, hanging;

	buf_init(&page, LIMIT_PAGE);
	make_page(&page);
	memset(&config, 0, sizeof(config));
	config.count = 1;
	config.listener[0].fd = listen_somewhere(&port);
	config.listener[0].loopback = 1;
	if (msg_pair(pair) == -1)
		fatal("msg_pair");
	if ((http = fork()) == 0) {
		close(pair[0]);
		_exit(http_process(&config, pair[1]));
	}
	close(pair[1]);
	if ((feeder = fork()) == 0)
		engine(pair[0], &page);
	close(pair[0]);
	close(config.listener[0].fd);
	usleep(200000);
	printf("page of %zu bytes\n", page.len);
	quiet = measure(port, "nothing hangs");
	hang(port, fd);
	usleep(50000);
	hanging = measure(port, "16 probes hang");
	for (i = 0; i < LIMIT_HTTP_WAITING; i++)
		close(fd[i]);
	kill(feeder, SIGTERM);
	waitpid(feeder, NULL, 0);
	waitpid(http, NULL, 0);
	buf_free(&page);
	printf("/metrics: p99 with hanging probes %s the target of %.1f ms "
	    "(%.2f times the quiet one)\n",
	    hanging < TARGET_MS ? "meets" : "misses", TARGET_MS,
	    hanging / quiet);
	return (hanging < TARGET_MS ? 0 : 1);
}
