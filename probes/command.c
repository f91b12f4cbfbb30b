/* SPDX-License-Identifier: ISC */
/*
 * The commands of the system that probes ask. I/O.
 */
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/buf.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/run/child.h"
#include "probes/command.h"
#include "probes/probe.h"

/* The whole list; nothing else is ever run. */
static const struct {
	const char *name;
	const char *argv[6];
} commands[] = {
	{ "vmctl-status", { "/usr/sbin/vmctl", "status", NULL } },
	{ "ntpctl-status", { "/usr/sbin/ntpctl", "-s", "status", NULL } },
	{ "pfctl-rules", { "/sbin/pfctl", "-a", "*", "-vvsr", NULL } },
	{ "pfctl-info", { "/sbin/pfctl", "-vsi", NULL } },
	{ "pfctl-interfaces", { "/sbin/pfctl", "-v", "-sI", NULL } },
	{ "pfctl-states", { "/sbin/pfctl", "-v", "-ss", NULL } },
	{ "nft-rules", { "/usr/sbin/nft", "-j", "list", "ruleset", NULL } },
	{ "iptables-rules", { "/usr/sbin/iptables-save", "-c", NULL } },
	{ "rcctl-failed", { "/usr/sbin/rcctl", "ls", "failed", NULL } },
};

/* After fork: standard output goes to the pipe. */
static _Noreturn void
become(const char *const *argv, int out)
{
	char *copy[6], *const empty[] = { NULL };
	int null = open("/dev/null", O_RDWR), i;

	for (i = 0; argv[i] != NULL; i++)
		copy[i] = mem_strdup(argv[i]);
	copy[i] = NULL;
	if (null == -1 || dup2(null, STDIN_FILENO) == -1 ||
	    dup2(null, STDERR_FILENO) == -1 ||
	    dup2(out, STDOUT_FILENO) == -1)
		_exit(127);
	execve(copy[0], copy, empty);
	_exit(127);
}

/* Runs it and collects its output; its exit status is 0, or -1. */
static int
run(const char *const *argv, struct buf *output)
{
	char part[4096];
	int fd[2], status = -1;
	ssize_t n;
	pid_t pid;

	if (pipe(fd) == -1)
		return (-1);
	pid = fork();
	if (pid == 0)
		become(argv, fd[1]);
	close(fd[1]);
	while (pid != -1 && ((n = read(fd[0], part, sizeof(part))) > 0 ||
	    (n == -1 && errno == EINTR)))
		if (n > 0)
			buf_add(output, part, (size_t)n);
	close(fd[0]);
	if (pid == -1)
		return (-1);
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		;
	return (status == 0 ? 0 : -1);
}

int
command_role(struct str request, int sock)
{
	struct buf output;
	int r = -1;
	size_t i;

	buf_init(&output, LIMIT_COMMAND_OUTPUT);
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (str_eqs(request, commands[i].name))
			r = run(commands[i].argv, &output);
	/* Cut short it would be misread. */
	if (r == 0 && output.full)
		r = -1;
	if (r == 0)
		r = child_answer(sock, buf_str(&output));
	buf_free(&output);
	return (r == 0 ? 0 : 1);
}

struct command_run {
	struct probe_run *run;
	struct child *child;
	void (*done)(struct str, void *);
	void *arg;
};

static void
child_done(enum child_end end, int status, struct str answer, void *arg)
{
	struct command_run *c = arg;

	(void)status;
	c->child = NULL;
	if (c->run->finished)
		return;
	c->done(end == CHILD_DONE ? answer : str_of(NULL, 0), c->arg);
}

struct command_run *
command_start(struct probe_run *r, const char *name,
    void (*done)(struct str output, void *), void *arg)
{
	struct command_run *c = mem_zalloc(1, sizeof(*c));
	struct child_events on = { NULL, child_done, c };

	c->run = r;
	c->done = done;
	c->arg = arg;
	c->child = child_start(r->loop, COMMAND_ROLE, str_from(name), -1,
	    r->deadline, &on);
	return (c);
}

void
command_free(struct command_run *c)
{
	if (c == NULL)
		return;
	if (c->child != NULL)
		child_cancel(c->child);
	free(c);
}
