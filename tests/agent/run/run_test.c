/* SPDX-License-Identifier: ISC */
/*
 * run/: the order of the loop, messages that must not be taken when a byte
 * is missing or left over, children that are ended at their deadline, kept
 * to their memory, and whose end is told once.
 */
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/mem.h"
#include "agent/run/child.h"
#include "agent/run/loop.h"
#include "agent/run/msg.h"
#include "tests/kit/check.h"

struct trace {
	struct loop *loop;
	char text[64];
	struct timer *timer;
};

static void
note(struct trace *t, char c)
{
	size_t n = strlen(t->text);

	if (n + 1 < sizeof(t->text))
		t->text[n] = c;
}

static void
deferred(void *arg)
{
	note(arg, 'd');
}

static void
defers(void *arg)
{
	struct trace *t = arg;

	note(t, 'a');
	loop_defer(t->loop, deferred, t);
	note(t, 'b');
}

static void
fired(void *arg)
{
	note(arg, 't');
}

static void
loop_order(void)
{
	struct trace t = { loop_new(), "", NULL };
	mono_t before = mono_now();

	t.timer = timer_new(t.loop, fired, &t);
	timer_in(t.timer, 5 * NS_PER_MS);
	loop_defer(t.loop, defers, &t);
	loop_run(t.loop);
	CHECK_STR(t.text, "abdt", "a deferred call runs after its caller");
	CHECK(mono_diff(mono_now(), before) >= 5 * NS_PER_MS,
	    "a timer is never early");
	timer_free(t.timer);
	loop_free(t.loop);
}

static void
messages(void)
{
	char name[] = "/dev/null";
	struct msg_out out;
	struct msg m;
	int fd[2], null, i;

	CHECK_INT(msg_pair(fd), 0, "pair");
	null = open(name, O_RDONLY);
	msg_begin(&out, 42);
	msg_put_u8(&out, 7);
	msg_put_i64(&out, -5);
	msg_put_str(&out, STR_LIT("a\0b"));
	CHECK_INT(msg_send(&out, fd[0], null), 0, "send with a descriptor");
	CHECK_INT(msg_recv(&m, fd[1]), 1, "received");
	CHECK_INT(m.type, 42, "type");
	CHECK(m.fd != -1 && close(m.fd) == 0, "the descriptor came along");
	CHECK_INT(msg_get_u8(&m), 7, "u8");
	CHECK_INT(msg_get_i64(&m), -5, "i64");
	CHECK_INT(msg_end(&m), -1, "bytes left over are refused");
	CHECK_INT(msg_get_str(&m).n, 3, "a string keeps its NUL");
	CHECK_INT(msg_end(&m), 0, "nothing left over");
	CHECK(msg_get_u32(&m) == 0 && msg_end(&m) == -1,
	    "a field that is not there is refused");
	msg_begin(&out, 1);
	msg_put_u32(&out, 1000000);	/* a string longer than the message */
	msg_send(&out, fd[0], -1);
	CHECK_INT(msg_recv(&m, fd[1]), 1, "received");
	CHECK(msg_get_str(&m).n == 0 && msg_end(&m) == -1,
	    "a length beyond the message is refused");
	msg_begin(&out, 1);
	for (i = 0; i < 3000; i++)
		msg_put_u64(&out, 0);
	CHECK(msg_send(&out, fd[0], -1) == -1 && errno == EMSGSIZE,
	    "an oversized message is not sent");
	CHECK_INT(write(fd[0], "x", 1), 1, "one byte");
	CHECK(msg_recv(&m, fd[1]) == -1 && errno == EBADMSG,
	    "a message without a type is malformed");
	close(fd[0]);
	CHECK_INT(msg_recv(&m, fd[1]), 0, "end of the peer");
	close(fd[1]);
	close(null);
}

/* Roles of the children of this test. */
static int
role_echo(struct str request, int sock)
{
	return (child_answer(sock, request) == -1);
}

static int
role_hang(struct str request, int sock)
{
	(void)request;
	while (sock != -1)
		pause();
	return (0);
}

static int
role_spin(struct str request, int sock)
{
	volatile unsigned n = 0;

	(void)request;
	while (sock != -1)
		n++;
	return (0);
}

static int
role_exit(struct str request, int sock)
{
	(void)request;
	(void)sock;
	return (9);
}

static int
role_fds(struct str request, int sock)
{
	char text[64];
	int fd, open_fds = 0;

	(void)request;
	for (fd = 3; fd < 200; fd++)
		open_fds += fcntl(fd, F_GETFD) != -1;
	snprintf(text, sizeof(text), "%d", open_fds);
	return (child_answer(sock, str_from(text)));
}

static const struct child_role roles[] = {
	{ .name = "echo", .run = role_echo },
	{ .name = "hang", .run = role_hang },
	{ .name = "spin", .run = role_spin, .cpu_seconds = 1 },
	{ .name = "exit", .run = role_exit },
	{ .name = "fds", .run = role_fds },
	{ .name = NULL },
};

static void
children(void)
{
	struct buf big;
	char *answer;
	mono_t before;
	size_t len, i;
	int status;

	buf_init(&big, 1U << 20);
	for (i = 0; i < 30000; i++)
		buf_addf(&big, "line %zu\n", i);
	CHECK_INT(child_call("echo", buf_str(&big), 5 * NS_PER_SEC, &status,
	    &answer, &len), CHILD_DONE, "a child answers");
	CHECK(len == big.len && memcmp(answer, big.data, len) == 0,
	    "a long request and answer arrive whole");
	free(answer);
	buf_free(&big);

	before = mono_now();
	CHECK_INT(child_call("hang", STR_LIT(""), 200 * NS_PER_MS, NULL, NULL,
	    NULL), CHILD_DEADLINE, "a child that hangs is ended");
	CHECK(mono_diff(mono_now(), before) < 2 * NS_PER_SEC, "in time");
	CHECK_INT(child_call("spin", STR_LIT(""), 10 * NS_PER_SEC, NULL, NULL,
	    NULL), CHILD_FAILED, "a child that spins hits its CPU limit");
	CHECK_INT(child_call("exit", STR_LIT(""), 5 * NS_PER_SEC, &status,
	    NULL, NULL), CHILD_FAILED, "another exit status is a failure");
	CHECK_INT(WEXITSTATUS(status), 9, "and the status is told");
	CHECK_INT(child_call("none", STR_LIT(""), 5 * NS_PER_SEC, NULL, NULL,
	    NULL), CHILD_FAILED, "an unknown role fails");
	child_call("fds", STR_LIT(""), 5 * NS_PER_SEC, NULL, &answer, NULL);
	CHECK_STR(answer, "1", "a child has its socket and nothing else");
	free(answer);
}

int
main(int argc, char **argv)
{
	child_main(argc, argv, roles);
	loop_order();
	messages();
	children();
	return (check_end());
}
