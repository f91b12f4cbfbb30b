/* SPDX-License-Identifier: ISC */
/*
 * Following a log under load: a writer numbers its records while the file
 * is rotated by rename, by copytruncate and several times between two looks;
 * every number must arrive once and in order. Catches what a rotation loses
 * or gives twice, and a record that is delivered in halves.
 */
#include <sys/stat.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/mem.h"
#include "probes/logs/follow.h"
#include "tests/kit/check.h"

struct seen {
	size_t count, wrong, halves, pieces;
};

static void
take(void *arg, const struct log_text *t)
{
	struct seen *s = arg;
	struct record rec;
	size_t at;
	long number;

	s->pieces++;
	for (at = 0; (at = t->record_next(t, at, &rec)) != SIZE_MAX;) {
		char text[64];

		snprintf(text, sizeof(text), "%.*s", STR_ARG(rec.message));
		if (sscanf(text, "record %ld", &number) != 1 ||
		    (size_t)number != s->count)
			s->wrong++;
		s->count++;
		/* Every record has one line of a stack trace. */
		if (!str_eqs(rec.more, "\tat a.b(C.java:1)"))
			s->halves++;
	}
}

static void
write_record(int fd, size_t number)
{
	char *text = mem_printf("JVB 2026-11-20 10:00:00.000 SEVERE: [1] "
	    "A.b#1: record %zu\n\tat a.b(C.java:1)\n", number);

	if (write(fd, text, strlen(text)) == -1)
		_exit(1);
	free(text);
}

static void
write_some(const char *path, size_t from, size_t to)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
	size_t i;

	for (i = from; i < to; i++)
		write_record(fd, i);
	close(fd);
}

static void
copy_file(const char *from, const char *to)
{
	size_t n;
	char *text = check_read(from, &n);
	FILE *f = fopen(to, "w");

	fwrite(text, 1, n, f);
	fclose(f);
	free(text);
}

/* PATH.N to PATH.N+1, up to last, then PATH to PATH.FIRST. */
static void
rotate(const char *path, int first, int last)
{
	char *from, *to;
	int i;

	for (i = last; i >= first; i--) {
		from = i == first ? mem_strdup(path) :
		    mem_printf("%s.%d", path, i - 1);
		to = mem_printf("%s.%d", path, i);
		rename(from, to);
		free(from);
		free(to);
	}
}

static void
unlink_rotated(const char *path)
{
	char *name;
	int i;

	for (i = 0; i < 10; i++) {
		name = mem_printf("%s.%d", path, i);
		unlink(name);
		free(name);
	}
	unlink(path);
}

/* The writer of the load test: rename twenty times while it writes. */
static void
writer(const char *path, size_t records)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
	size_t i, late = 0;

	for (i = 0; i < records; i++) {
		if (i % (records / 20) == records / 40) {
			rotate(path, 1, 9);
			late = 50;
		}
		/* Writes on to the renamed file until it is told. */
		if (late > 0 && --late == 0) {
			close(fd);
			fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
		}
		write_record(fd, i);
		if (i % 100 == 0)
			usleep(1000);
	}
	close(fd);
	_exit(0);
}

static void
test_load(const char *path)
{
	struct log_follow *f = follow_new(path, COMPONENT_NONE, NULL, 0, 0);
	struct seen s = { 0 };
	size_t want = 20000;
	int status, quiet = 0;
	pid_t pid = fork();

	if (pid == 0)
		writer(path, want);
	while (quiet < 20) {
		quiet = follow_poll(f, take, &s) > 0 ? 0 : quiet + 1;
		usleep(quiet == 0 ? 300 : 3000);
		if (waitpid(pid, &status, WNOHANG) == 0)
			quiet = 0;
	}
	follow_flush(f, take, &s);
	CHECK_INT(s.count, want, "rename under load: every record once");
	CHECK_INT(s.wrong, 0, "rename under load: in order");
	CHECK_INT(s.halves, 0, "rename under load: in one piece");
	follow_free(f);
	unlink_rotated(path);
}

static void
test_copytruncate(const char *path)
{
	char *copy = mem_printf("%s.1", path);
	struct log_follow *f = follow_new(path, COMPONENT_NONE, NULL, 0, 0);
	struct seen s = { 0 };
	size_t round, n = 0;

	for (round = 0; round < 20; round++) {
		write_some(path, n, n + 10 + round * 7);
		n += 10 + round * 7;
		if (round % 3 != 1)
			follow_poll(f, take, &s);
		write_some(path, n, n + 3);	/* not seen before the cut */
		n += 3;
		copy_file(path, copy);
		CHECK(truncate(path, 0) == 0, "truncated");
		if (round % 2 == 0)
			follow_poll(f, take, &s);
		/* Grows past the old place before the next look. */
		write_some(path, n, n + 200);
		n += 200;
		follow_poll(f, take, &s);
	}
	follow_poll(f, take, &s);
	follow_flush(f, take, &s);
	CHECK_INT(s.count, n, "copytruncate: every record once");
	CHECK_INT(s.wrong, 0, "copytruncate: in order");
	CHECK_INT(s.halves, 0, "copytruncate: in one piece");
	follow_free(f);
	unlink(path);
	unlink(copy);
	free(copy);
}

/* newsyslog numbers from 0: three rotations between two looks. */
static void
test_missed(const char *path)
{
	struct log_follow *f = follow_new(path, COMPONENT_NONE, NULL, 0, 0);
	struct seen s = { 0 };
	size_t n = 0;
	int k, i;

	write_some(path, 0, 5);
	follow_poll(f, take, &s);
	for (k = 0, n = 5; k < 3; k++, n += 5) {
		rotate(path, 0, k);
		write_some(path, n, n + 5);
	}
	for (i = 0; i < 10; i++)
		follow_poll(f, take, &s);
	CHECK_INT(s.count, n, "three rotations at once: every record");
	CHECK_INT(s.wrong, 0, "three rotations at once: in order");
	follow_free(f);
	unlink_rotated(path);
}

static void
test_parts(const char *path)
{
	struct log_follow *f = follow_new(path, COMPONENT_JVB, "b", 0, 0);
	struct seen s = { 0 };
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);

	CHECK_INT(write(fd, "JVB 2026-11-20 10:00:00.000 SEVERE: [1] A.b#1: "
	    "rec", 50), 50, "half a line");
	follow_poll(f, take, &s);
	follow_poll(f, take, &s);
	CHECK_INT(s.count, 0, "half a line is not delivered");
	CHECK_INT(write(fd, "ord 0\n\tat a.b(C.java:1)\n", 24), 24, "rest");
	follow_poll(f, take, &s);
	CHECK_INT(s.count, 0, "the newest record is kept back: it may grow");
	follow_poll(f, take, &s);
	CHECK_INT(s.count, 1, "and delivered when nothing more came");
	CHECK_INT(s.halves, 0, "whole");
	close(fd);
	follow_free(f);
	f = follow_new(path, COMPONENT_JVB, "b", 1, 0);
	follow_poll(f, take, &s);
	write_some(path, 1, 3);
	follow_poll(f, take, &s);
	follow_poll(f, take, &s);
	CHECK_INT(s.count, 3, "from the end: only what came later");
	CHECK_INT(s.wrong, 0, "from the end: the right ones");
	follow_free(f);
	f = follow_new("x", COMPONENT_JVB, "b", 0, 1);
	memset(&s, 0, sizeof(s));
	follow_give(f, open(path, O_RDONLY));
	follow_poll(f, take, &s);
	follow_poll(f, take, &s);
	CHECK_INT(s.count, 3, "a descriptor that was handed over");
	follow_free(f);
	unlink(path);
}

int
main(void)
{
	char dir[] = "/tmp/meetprobe-follow-XXXXXX", *path;

	if (mkdtemp(dir) == NULL)
		return (1);
	path = mem_printf("%s/jvb.log", dir);
	test_parts(path);
	test_copytruncate(path);
	test_missed(path);
	test_load(path);
	free(path);
	CHECK(rmdir(dir) == 0, "nothing is left behind");
	return (check_end());
}
