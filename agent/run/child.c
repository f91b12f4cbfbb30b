/* SPDX-License-Identifier: ISC */
/*
 * Helper children: fork and exec of this program, a socket pair, limits, a
 * deadline. I/O. A child object owns its socket and process; it is ended by
 * SIGKILL and reaped here, so no SIGCHLD handler is needed: the end of the
 * socket says that the process is going, waitpid collects it.
 */
#include <sys/types.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/buf.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/compat/sys.h"
#include "agent/run/child.h"
#include "agent/run/loop.h"
#include "agent/run/msg.h"

/* argv[1] of a child; no user would type it. */
#define CHILD_FLAG "--child="

struct child {
	struct loop *loop;
	struct io *io;
	struct timer *timer;	/* deadline; after the end: waits for waitpid */
	int sock;
	pid_t pid;
	int late;		/* ended by us at its deadline */
	struct buf answer;
	struct child_events on;
};

/* The path of this program, found once by child_main. */
static char *self;

static void
set_limit(int what, rlim_t value)
{
	struct rlimit r = { value, value };

	(void)setrlimit(what, &r);
}

/* Receives the request, which comes in pieces; 0 or -1. */
static int
receive_request(struct buf *request)
{
	struct msg m;
	int r = 0;

	while (r == 0) {
		if (msg_recv(&m, CHILD_FD) != 1 || m.type != CHILD_REQUEST)
			return (-1);
		r = msg_text(&m, request);
	}
	return (r == 1 ? 0 : -1);
}

static _Noreturn void
run_role(const struct child_role *role)
{
	struct buf request;
	int status;

	sys_title(role->name);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	buf_init(&request, LIMIT_CHILD_ANSWER);
	if (receive_request(&request) == -1)
		_exit(2);
	if (role->cpu_seconds > 0)
		set_limit(RLIMIT_CPU, role->cpu_seconds);
	if (role->memory > 0)
		(void)sys_limit_memory(role->memory);
	status = role->run(buf_str(&request), CHILD_FD);
	buf_free(&request);
	exit(status);
}

void
child_main(int argc, char **argv, const struct child_role *roles)
{
	const size_t n = sizeof(CHILD_FLAG) - 1;

	/* Secrets of the site's files are in the memory of all. */
	set_limit(RLIMIT_CORE, 0);
	/* A child has helpers as well: the engine's logins and readers. */
	free(self);
	self = sys_self(argc > 0 ? argv[0] : NULL);
	if (argc != 2 || strncmp(argv[1], CHILD_FLAG, n) != 0)
		return;
	for (; roles->name != NULL; roles++)
		if (strcmp(argv[1] + n, roles->name) == 0)
			run_role(roles);
	fprintf(stderr, "meetprobe: no child role \"%s\"\n", argv[1] + n);
	_exit(2);
}

int
child_answer(int sock, struct str text)
{
	return (msg_send_text(sock, CHILD_ANSWER, text));
}

/* After fork: the socket becomes CHILD_FD, fd the one after it. */
static _Noreturn void
become(const char *role, int sock, int fd)
{
	char flag[64];
	char *argv[3];
	int high[2] = { -1, -1 };

	/* out of the way of the places they are to take */
	high[0] = fcntl(sock, F_DUPFD, CHILD_FD + 2);
	if (fd != -1)
		high[1] = fcntl(fd, F_DUPFD, CHILD_FD + 2);
	if (high[0] == -1 || dup2(high[0], CHILD_FD) == -1)
		_exit(127);
	if (fd != -1 && dup2(high[1], CHILD_FD + 1) == -1)
		_exit(127);
	sys_closefrom(CHILD_FD + (fd == -1 ? 1 : 2));
	snprintf(flag, sizeof(flag), CHILD_FLAG "%s", role);
	argv[0] = self;
	argv[1] = flag;
	argv[2] = NULL;
	execv(self, argv);
	_exit(127);
}

/* Starts the process; 0 with *sock and *pid, or -1. */
static int
start_process(const char *role, int fd, int *sock, pid_t *pid)
{
	int pair[2];

	if (self == NULL || msg_pair(pair) == -1)
		return (-1);
	*pid = fork();
	if (*pid == 0)
		become(role, pair[1], fd);
	close(pair[1]);
	if (*pid == -1) {
		close(pair[0]);
		return (-1);
	}
	*sock = pair[0];
	return (0);
}

static enum child_end
end_of(int status, int late)
{
	if (late)
		return (CHILD_DEADLINE);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return (CHILD_DONE);
	return (CHILD_FAILED);
}

static void
free_child(struct child *c)
{
	io_free(c->io);
	timer_free(c->timer);
	if (c->sock != -1)
		close(c->sock);
	/* models of configuration files come this way, secrets and all */
	mem_wipe_bytes(c->answer.data, c->answer.len);
	buf_free(&c->answer);
	free(c);
}

/* Tells the owner once and frees; runs from the loop. */
static void
finish(struct child *c, enum child_end end, int status)
{
	struct child_events on = c->on;

	if (on.done != NULL)
		on.done(end, status, buf_str(&c->answer), on.arg);
	free_child(c);
}

/* The socket has ended: the process is ending or was ended. */
static void
collect(void *arg)
{
	struct child *c = arg;
	int status = 0;
	pid_t r;

	do {
		r = waitpid(c->pid, &status, WNOHANG);
	} while (r == -1 && errno == EINTR);
	if (r == 0) {
		/* it closed its socket but lives: it has nothing to say */
		kill(c->pid, SIGKILL);
		timer_in(c->timer, 2 * NS_PER_MS);
		return;
	}
	c->pid = -1;
	finish(c, end_of(status, c->late), status);
}

static void
hang_up(struct child *c)
{
	io_free(c->io);
	c->io = NULL;
	close(c->sock);
	c->sock = -1;
	timer_free(c->timer);
	c->timer = timer_new(c->loop, collect, c);
	/* a moment to exit by itself, so that its status is its own */
	timer_in(c->timer, c->late ? 0 : 20 * NS_PER_MS);
}

static void
too_late(void *arg)
{
	struct child *c = arg;

	c->late = 1;
	kill(c->pid, SIGKILL);
	hang_up(c);
}

/* Handles one message; -1 ends the child. */
static int
handle(struct child *c, struct msg *m)
{
	if (m->type == CHILD_ANSWER)
		return (msg_text(m, &c->answer) == -1 ? -1 : 0);
	if (m->type >= CHILD_OWN && c->on.message != NULL)
		return (c->on.message(m, c->on.arg));
	return (-1);
}

static void
readable(int fd, int events, void *arg)
{
	struct child *c = arg;
	struct msg m;
	int r, turns;

	(void)events;
	for (turns = 0; turns < 64; turns++) {
		r = msg_recv(&m, fd);
		if (r == -1 && errno == EAGAIN)
			return;
		if (r == 1 && handle(c, &m) == 0)
			continue;
		if (r != 0)
			kill(c->pid, SIGKILL);
		hang_up(c);
		return;
	}
}

static void
not_started(void *arg)
{
	finish(arg, CHILD_NOT_STARTED, 0);
}

struct child *
child_start(struct loop *loop, const char *role, struct str request, int fd,
    mono_t deadline, const struct child_events *on)
{
	struct child *c = mem_zalloc(1, sizeof(*c));

	c->loop = loop;
	c->sock = -1;
	c->pid = -1;
	c->on = *on;
	buf_init(&c->answer, LIMIT_CHILD_ANSWER);
	if (start_process(role, fd, &c->sock, &c->pid) == -1) {
		c->timer = timer_new(loop, not_started, c);
		timer_in(c->timer, 0);
		return (c);
	}
	/* a child that does not take its request is found by the deadline */
	(void)msg_send_text(c->sock, CHILD_REQUEST, request);
	fcntl(c->sock, F_SETFL, O_NONBLOCK);
	c->io = io_new(loop, c->sock, IO_READ, readable, c);
	c->timer = timer_new(loop, too_late, c);
	if (deadline.ns != MONO_NONE.ns)
		timer_at(c->timer, deadline);
	return (c);
}

void
child_cancel(struct child *c)
{
	if (c->pid != -1) {
		kill(c->pid, SIGKILL);
		while (waitpid(c->pid, NULL, 0) == -1 && errno == EINTR)
			;
	}
	free_child(c);
}

int
child_socket(const struct child *c)
{
	return (c->sock);
}

/* What child_call waits for. */
struct call {
	struct loop *loop;
	enum child_end end;
	int status;
	char *answer;
	size_t len;
};

static void
call_done(enum child_end end, int status, struct str answer, void *arg)
{
	struct call *call = arg;

	call->end = end;
	call->status = status;
	call->answer = mem_str(answer);
	call->len = answer.n;
	loop_stop(call->loop);
}

enum child_end
child_call(const char *role, struct str request, int64_t timeout_ns,
    int *status, char **answer, size_t *answer_len)
{
	struct call call = { loop_new(), CHILD_NOT_STARTED, 0, NULL, 0 };
	struct child_events on = { NULL, call_done, &call };

	child_start(call.loop, role, request, -1,
	    mono_add(mono_now(), timeout_ns), &on);
	loop_run(call.loop);
	loop_free(call.loop);
	if (status != NULL)
		*status = call.status;
	if (answer_len != NULL)
		*answer_len = call.len;
	if (answer != NULL)
		*answer = call.answer;
	else
		free(call.answer);
	return (call.end);
}
