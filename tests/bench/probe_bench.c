/* SPDX-License-Identifier: ISC */
/*
 * CPU of a TCP probe, 1,000 at once, through the whole engine: subjects,
 * deadlines, transcript, result. The other end is a forked process on the
 * loopback whose CPU does not count. Target: < 0.1 ms each. Ends with 1 when
 * it is missed or a probe did not pass.
 */
#include <sys/types.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <netinet/in.h>

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/mem.h"
#include "agent/run/loop.h"
#include "probes/engine.h"
#include "probes/probe.h"

#define PROBES 1000
#define ROUNDS 5
#define TARGET_MS 0.1

struct tally {
	struct loop *loop;
	size_t passed, other;
	size_t now, most;
};

static void
started(const struct probe *p, const char *subject, void *arg)
{
	struct tally *t = arg;

	(void)p;
	(void)subject;
	if (++t->now > t->most)
		t->most = t->now;
}

static void
finished(struct check *c, void *arg)
{
	struct tally *t = arg;

	t->now--;
	if (c->state == STATE_PASS)
		t->passed++;
	else
		t->other++;
	check_free(c);
}

static void
idle(void *arg)
{
	struct tally *t = arg;

	loop_stop(t->loop);
}

/* Takes connections until it is ended. */
static _Noreturn void
serve(struct pollfd *fds)
{
	int c, i;

	for (;;) {
		poll(fds, PROBES, -1);
		for (i = 0; i < PROBES; i++)
			if (fds[i].revents != 0 &&
			    (c = accept(fds[i].fd, NULL, NULL)) != -1)
				close(c);
	}
}

static double
cpu_seconds(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return ((double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	    (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6);
}

/* A listening socket on the loopback; its port in *port. */
static int
listen_somewhere(uint16_t *port)
{
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	memset(&sin, 0, sizeof(sin));
	sin.sin_family = AF_INET;
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd == -1 || bind(fd, (struct sockaddr *)&sin, sizeof(sin)) == -1 ||
	    listen(fd, 16) == -1 || getsockname(fd,
	    (struct sockaddr *)&sin, &len) == -1)
		return (-1);
	*port = ntohs(sin.sin_port);
	return (fd);
}

/* A target for each probe, served by a process of its own; its pid. */
static pid_t
start_targets(uint16_t *ports)
{
	struct pollfd *fds = mem_zalloc(PROBES, sizeof(*fds));
	pid_t pid;
	int i;

	for (i = 0; i < PROBES; i++) {
		fds[i].fd = listen_somewhere(&ports[i]);
		fds[i].events = POLLIN;
		if (fds[i].fd == -1)
			fatal("descriptor %d of %d", i, PROBES);
	}
	pid = fork();
	if (pid == 0)
		serve(fds);
	for (i = 0; i < PROBES; i++)
		close(fds[i].fd);
	free(fds);
	return (pid);
}

int
main(void)
{
	struct tally t = { 0 };
	struct engine_events on = { started, finished, idle, &t };
	struct rlimit files;
	struct engine *e;
	struct site site;
	uint16_t ports[PROBES];
	char subject[64];
	double before, each;
	pid_t pid;
	int i;

	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	pid = start_targets(ports);
	site_init(&site);
	t.loop = loop_new();
	e = engine_new(t.loop, &site, &on);
	for (i = 0; i < PROBES; i++) {
		snprintf(subject, sizeof(subject), "127.0.0.1:%u", ports[i]);
		engine_add(e, probe_find("tcp.connect"), subject);
	}
	before = cpu_seconds();
	for (i = 0; i < ROUNDS; i++) {
		engine_run(e, MONO_NONE);
		loop_run(t.loop);
	}
	each = (cpu_seconds() - before) * 1e3 / (PROBES * ROUNDS);
	printf("tcp probe: %.4f ms CPU each (target %.1f), %zu at once, %zu "
	    "passed, %zu other\n", each, TARGET_MS, t.most, t.passed,
	    t.other);
	engine_free(e);
	loop_free(t.loop);
	site_free(&site);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return (each < TARGET_MS && t.other == 0 ? 0 : 1);
}
