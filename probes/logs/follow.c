/* SPDX-License-Identifier: ISC */
/*
 * Following a growing log. I/O: reads descriptors, looks at the path; owns
 * the descriptors and the text not yet delivered.
 *
 * Rename: the path is another file than the one we read. The old one stays
 * open and is read on, since its writer may not have noticed yet; the new
 * one is taken up when the old one has been quiet for some polls.
 *
 * Copytruncate: the file is shorter than what we have read of it, or the
 * bytes before our place are not those that we read there. What came between
 * our last look and the truncation is in the copy, PATH.1 or PATH.0, if the
 * bytes before our place agree.
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "probes/logs/clean.h"
#include "probes/logs/follow.h"
#include "probes/logs/logs.h"
#include "probes/logs/reader.h"

/* Bytes before our place that prove a file to be the one we read. */
#define PRINT_LEN 64
/* Quiet polls after which a renamed file is given up. */
#define QUIET_POLLS 5
/* Files that wait for their turn. */
#define PENDING 10

struct tail {
	int fd;			/* -1: none */
	off_t at;		/* read so far */
	char print[PRINT_LEN];	/* the bytes before `at` */
	size_t print_len;
	int quiet;		/* polls without new bytes */
};

struct log_follow {
	char *path, *host;
	enum component said;
	int given;		/* descriptors come from outside */
	int skip;		/* start at the end of the first file */
	struct tail now;
	int next[PENDING];	/* files to be read after it, oldest first */
	int next_count;
	char *buf;		/* text not yet delivered, NULL: none */
	size_t filled, clean;
	struct clean how;
	int begun;		/* how is known */
	size_t lines;		/* delivered so far of the file */
	struct reader reader;
	struct log_text text;
};

static void
tail_init(struct tail *t, int fd)
{
	memset(t, 0, sizeof(*t));
	t->fd = fd;
}

/* Notes the last bytes that were read. */
static void
tail_print(struct tail *t, const char *p, size_t n)
{
	size_t keep;

	if (n >= PRINT_LEN) {
		memcpy(t->print, p + n - PRINT_LEN, PRINT_LEN);
		t->print_len = PRINT_LEN;
		return;
	}
	keep = t->print_len + n > PRINT_LEN ? PRINT_LEN - n : t->print_len;
	memmove(t->print, t->print + t->print_len - keep, keep);
	memcpy(t->print + keep, p, n);
	t->print_len = keep + n;
}

/* 1 when the bytes before our place are those that we read. */
static int
tail_agrees(const struct tail *t, int fd)
{
	char got[PRINT_LEN];
	ssize_t n;

	if (t->print_len == 0)
		return (1);
	n = pread(fd, got, t->print_len, t->at - (off_t)t->print_len);
	return (n == (ssize_t)t->print_len &&
	    memcmp(got, t->print, t->print_len) == 0);
}

static void
tail_to_end(struct tail *t)
{
	char last[PRINT_LEN];
	struct stat st;
	off_t from;
	ssize_t n;

	if (fstat(t->fd, &st) == -1 || st.st_size == 0)
		return;
	from = st.st_size > PRINT_LEN ? st.st_size - PRINT_LEN : 0;
	n = pread(t->fd, last, (size_t)(st.st_size - from), from);
	if (n <= 0)
		return;
	t->at = from + n;
	tail_print(t, last, (size_t)n);
}

struct log_follow *
follow_new(const char *path, enum component said, const char *host,
    int from_end, int descriptors)
{
	struct log_follow *f = mem_zalloc(1, sizeof(*f));

	f->path = mem_strdup(path);
	f->host = mem_strdup(host == NULL ? "" : host);
	f->said = said;
	f->given = descriptors;
	f->skip = from_end;
	tail_init(&f->now, -1);
	reader_init(&f->reader);
	f->reader.fallback = said;
	f->reader.said = said != COMPONENT_NONE;
	f->text.file = str_from(f->path);
	f->text.host = str_from(f->host);
	f->text.component = said;
	return (f);
}

void
follow_free(struct log_follow *f)
{
	int i;

	if (f == NULL)
		return;
	if (f->now.fd != -1)
		close(f->now.fd);
	for (i = 0; i < f->next_count; i++)
		close(f->next[i]);
	reader_free(&f->reader);
	if (f->begun)
		clean_end(&f->how);
	free(f->buf);
	free(f->path);
	free(f->host);
	free(f);
}

/* What the text is is found from its first bytes. */
static void
begin(struct log_follow *f)
{
	int found;

	if (f->begun || f->filled == 0)
		return;
	f->begun = 1;
	clean_begin(&f->how, f->buf, f->filled);
	found = logs_recognise(f->path, str_of(f->buf, f->filled));
	if (f->said == COMPONENT_NONE && found > 0)
		f->reader.fallback = (enum component)found;
}

static void
clean_lines(struct log_follow *f, int all)
{
	size_t end = f->filled, kept;

	begin(f);
	if (!all)
		while (end > f->clean && f->buf[end - 1] != '\n')
			end--;
	if (end == f->clean)
		return;
	kept = clean_text(&f->how, f->buf + f->clean, end - f->clean);
	memmove(f->buf + f->clean + kept, f->buf + end, f->filled - end);
	f->filled -= end - f->clean - kept;
	f->clean += kept;
}

/* Delivers the whole records; all: also the last one. */
static void
deliver(struct log_follow *f, int all, follow_deliver call, void *arg)
{
	size_t cut;

	if (f->clean == 0)
		return;
	f->reader.reference = wall_now();
	f->reader.first_line = f->lines + 1;
	f->text.text = str_of(f->buf, f->clean);
	reader_attach(&f->reader, &f->text);
	if (!all) {
		cut = reader_last(&f->text);
		if (cut == 0)
			return;
		f->text.text.n = cut;
	}
	f->lines += reader_attach(&f->reader, &f->text);
	call(arg, &f->text);
	cut = f->text.text.n;
	memmove(f->buf, f->buf + cut, f->filled - cut);
	f->filled -= cut;
	f->clean -= cut;
}

/* Takes what a descriptor has, delivering whenever the buffer is full. */
static size_t
drain(struct log_follow *f, struct tail *t, follow_deliver call, void *arg)
{
	size_t total = 0, room;
	ssize_t n;

	while (t->fd != -1 && total < LIMIT_LOG_POLL) {
		room = LIMIT_LOG_FOLLOW - f->filled;
		if (room == 0) {
			clean_lines(f, f->clean == 0);
			deliver(f, 0, call, arg);
			if (f->filled == LIMIT_LOG_FOLLOW)
				deliver(f, 1, call, arg);
			continue;
		}
		n = pread(t->fd, f->buf + f->filled, room, t->at);
		if (n == -1 && errno == EINTR)
			continue;
		/* Cut between two looks: not the bytes that follow ours. */
		if (n <= 0 || !tail_agrees(t, t->fd))
			break;
		tail_print(t, f->buf + f->filled, (size_t)n);
		t->at += n;
		f->filled += (size_t)n;
		total += (size_t)n;
	}
	t->quiet = total > 0 ? 0 : t->quiet + 1;
	return (total);
}

/* The end of a file: what is kept back will not grow any more. */
static void
end_of_file(struct log_follow *f, follow_deliver call, void *arg)
{
	clean_lines(f, 1);
	deliver(f, 1, call, arg);
	f->lines = 0;
}

/* The copy that copytruncate made has what we had not read yet. */
static size_t
drain_copy(struct log_follow *f, const struct tail *t, follow_deliver call,
    void *arg)
{
	static const char *const ends[] = { ".1", ".0" };
	struct tail copy = *t;
	char *path;
	size_t i, n = 0;

	if (f->given || t->at == 0)
		return (0);
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]) && n == 0; i++) {
		path = mem_printf("%s%s", f->path, ends[i]);
		copy.fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		free(path);
		if (copy.fd == -1)
			continue;
		if (tail_agrees(&copy, copy.fd))
			n = drain(f, &copy, call, arg);
		close(copy.fd);
	}
	return (n);
}

/* 1 when the file was cut under us. */
static int
truncated(const struct tail *t)
{
	struct stat st;

	if (t->fd == -1 || fstat(t->fd, &st) == -1)
		return (0);
	return (st.st_size < t->at || !tail_agrees(t, t->fd));
}

static size_t
follow_truncation(struct log_follow *f, follow_deliver call, void *arg)
{
	size_t n = 0;
	int fd;

	if (!truncated(&f->now))
		return (0);
	n = drain_copy(f, &f->now, call, arg);
	end_of_file(f, call, arg);
	fd = f->now.fd;
	tail_init(&f->now, fd);
	return (n);
}

void
follow_give(struct log_follow *f, int fd)
{
	if (f->next_count == PENDING) {
		/* Nobody rotates that fast: the oldest one goes. */
		close(f->next[0]);
		memmove(f->next, f->next + 1,
		    (PENDING - 1) * sizeof(f->next[0]));
		f->next_count--;
	}
	f->next[f->next_count++] = fd;
}

/* Takes the next file up, when there is one. */
static void
turn(struct log_follow *f)
{
	if (f->next_count == 0)
		return;
	if (f->now.fd != -1)
		close(f->now.fd);
	tail_init(&f->now, f->next[0]);
	f->next_count--;
	memmove(f->next, f->next + 1,
	    (size_t)f->next_count * sizeof(f->next[0]));
	if (f->skip)
		tail_to_end(&f->now);
	f->skip = 0;
}

static int
same_file(int fd, const struct stat *there)
{
	struct stat ours;

	return (fd != -1 && fstat(fd, &ours) == 0 &&
	    ours.st_dev == there->st_dev && ours.st_ino == there->st_ino);
}

static int
open_rotated(const struct log_follow *f, int number)
{
	char *path = mem_printf("%s.%d", f->path, number);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	free(path);
	return (fd);
}

/*
 * Files that came and went between two looks: those that are numbered
 * between the one we read and the path, oldest first.
 */
static void
give_missed(struct log_follow *f, int newest)
{
	struct stat st;
	int fd, n, ours = -1;

	for (n = 0; n < PENDING && ours == -1 && newest != -1; n++) {
		fd = open_rotated(f, n);
		if (fd == -1)
			continue;
		if (fstat(fd, &st) == 0 && same_file(newest, &st))
			ours = n;
		close(fd);
	}
	for (n = ours - 1; n >= 0; n--) {
		fd = open_rotated(f, n);
		if (fd != -1)
			follow_give(f, fd);
	}
}

/* Opens the path when it is another file than the newest one we have. */
static void
look_at_path(struct log_follow *f)
{
	int newest = f->next_count > 0 ? f->next[f->next_count - 1] :
	    f->now.fd, fd;
	struct stat there;

	if (f->given)
		return;
	if (stat(f->path, &there) == -1) {
		/* What appears later is read from its beginning. */
		if (newest == -1)
			f->skip = 0;
		return;
	}
	if (same_file(newest, &there))
		return;
	fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd == -1)
		return;
	if (newest == f->now.fd)
		give_missed(f, newest);
	follow_give(f, fd);
}

/* Between two looks only the text that waits is kept. */
static void
shrink(struct log_follow *f)
{
	if (f->filled == 0) {
		free(f->buf);
		f->buf = NULL;
	} else
		f->buf = mem_realloc(f->buf, f->filled, 1);
}

size_t
follow_poll(struct log_follow *f, follow_deliver call, void *arg)
{
	size_t total = 0, n;

	f->buf = mem_realloc(f->buf, LIMIT_LOG_FOLLOW, 1);
	look_at_path(f);
	if (f->now.fd == -1)
		turn(f);
	while (f->now.fd != -1 && total < LIMIT_LOG_POLL) {
		n = 0;
		if (f->next_count == 0)
			n += follow_truncation(f, call, arg);
		n += drain(f, &f->now, call, arg);
		clean_lines(f, 0);
		deliver(f, 0, call, arg);
		total += n;
		if (f->next_count == 0)
			break;
		if (n > 0)
			continue;
		/* Its writer may not have noticed the rotation yet. */
		if (f->next_count == 1 && f->now.quiet < QUIET_POLLS)
			break;
		end_of_file(f, call, arg);
		turn(f);
	}
	if (total == 0)
		deliver(f, 1, call, arg);
	shrink(f);
	return (total);
}

void
follow_flush(struct log_follow *f, follow_deliver call, void *arg)
{
	end_of_file(f, call, arg);
}
