/* SPDX-License-Identifier: ISC */
/*
 * Sources of log text: a file, a descriptor, bytes in memory. I/O. A source
 * owns its descriptor and one buffer of LIMIT_LOG_PIECE bytes, through which
 * the file passes piece by piece, so that memory does not grow with it; a
 * file that is truncated meanwhile is read as it is, never mapped. Each
 * piece ends where a record ends. gzip is unfolded by zlib.
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "probes/logs/clean.h"
#include "probes/logs/heads.h"
#include "probes/logs/logs.h"
#include "probes/logs/reader.h"

struct log_source {
	char *name, *host;
	enum component said;
	int fd;			/* -1: bytes in memory, or nothing */
	gzFile gz;		/* owns fd when not NULL */
	struct str bytes;	/* what is left of a source in memory */
	char *buf;
	size_t clean;		/* bytes that are whole and cleaned */
	size_t filled;		/* bytes in buf */
	size_t piece;		/* bytes that the last piece took */
	size_t total;		/* bytes read so far */
	int eof, started;
	struct clean how;
	struct reader reader;
	struct log_text text;
	struct log_coverage coverage;
	char *hint;
};

static void
fail(struct log_source *s, enum coverage_state state, const char *hint)
{
	s->coverage.state = state;
	free(s->hint);
	s->hint = hint == NULL ? NULL : mem_strdup(hint);
	s->coverage.hint = s->hint;
	s->eof = 1;
}

static struct log_source *
source_new(const char *name, enum component said, const char *host)
{
	struct log_source *s = mem_zalloc(1, sizeof(*s));

	s->name = mem_strdup(name);
	s->host = mem_strdup(host == NULL ? "" : host);
	s->said = said;
	s->fd = -1;
	reader_init(&s->reader);
	s->coverage.state = COVERAGE_READ;
	s->coverage.from = s->coverage.to = WALL_NONE;
	s->coverage.component = said;
	s->reader.fallback = said;
	s->reader.said = said != COMPONENT_NONE;
	s->text.file = str_from(s->name);
	s->text.host = str_from(s->host);
	s->text.component = said;
	return (s);
}

/* 1f 8b at the front, RFC 1952. A pipe is always given to zlib. */
static void
look_for_gzip(struct log_source *s)
{
	unsigned char magic[2];
	ssize_t n = pread(s->fd, magic, sizeof(magic), 0);

	if (n != -1 && (n < 2 || magic[0] != 0x1f || magic[1] != 0x8b))
		return;
	s->gz = gzdopen(s->fd, "rb");
	if (s->gz == NULL)
		fatal("zlib: out of memory");
	gzbuffer(s->gz, 256 << 10);
}

struct log_source *
logs_fdopen(int fd, const char *name, enum component said, const char *host)
{
	struct log_source *s = source_new(name, said, host);
	struct stat st;
	int flags;

	if (fd == -1) {
		fail(s, COVERAGE_MISSING, NULL);
		return (s);
	}
	s->fd = fd;
	if (fstat(fd, &st) == -1) {
		fail(s, COVERAGE_UNREADABLE, strerror(errno));
		return (s);
	}
	if (S_ISDIR(st.st_mode)) {
		fail(s, COVERAGE_UNREADABLE, "a directory, not a log");
		return (s);
	}
	flags = fcntl(fd, F_GETFL);
	if (flags != -1)
		fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
	s->reader.reference = S_ISREG(st.st_mode) ?
	    (wall_t){ (int64_t)st.st_mtime * US_PER_SEC } : wall_now();
	look_for_gzip(s);
	return (s);
}

struct log_source *
logs_open(const char *path, enum component said, const char *host)
{
	/* A FIFO without a writer must not hold us: O_NONBLOCK. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct log_source *s;
	char *hint;

	if (fd != -1)
		return (logs_fdopen(fd, path, said, host));
	s = source_new(path, said, host);
	if (errno == ENOENT || errno == ENOTDIR) {
		fail(s, COVERAGE_MISSING, NULL);
		return (s);
	}
	hint = mem_printf("%s: run the command with doas or sudo",
	    strerror(errno));
	fail(s, COVERAGE_UNREADABLE, hint);
	free(hint);
	return (s);
}

struct log_source *
logs_memory(const char *name, struct str bytes, enum component said,
    const char *host, wall_t reference)
{
	struct log_source *s = source_new(name, said, host);

	s->bytes = bytes;
	s->reader.reference = wall_is_set(reference) ? reference :
	    wall_now();
	return (s);
}

static ssize_t
read_some(struct log_source *s, char *p, size_t n)
{
	ssize_t got;

	if (s->gz != NULL)
		return (gzread(s->gz, p, (unsigned)n));
	if (s->fd != -1) {
		do
			got = read(s->fd, p, n);
		while (got == -1 && errno == EINTR);
		return (got);
	}
	if (n > s->bytes.n)
		n = s->bytes.n;
	if (n > 0)
		memcpy(p, s->bytes.p, n);
	s->bytes = str_sub(s->bytes, n, s->bytes.n);
	return ((ssize_t)n);
}

/* zlib says so only after it has given out all it had. */
static int
ends_early(struct log_source *s)
{
	int error = Z_OK;

	if (s->gz != NULL)
		gzerror(s->gz, &error);
	return (error != Z_OK && error != Z_STREAM_END);
}

/* Reads until the buffer is full or the source has ended. */
static void
fill(struct log_source *s)
{
	ssize_t n;

	while (!s->eof && s->filled < LIMIT_LOG_PIECE) {
		n = read_some(s, s->buf + s->filled,
		    LIMIT_LOG_PIECE - s->filled);
		if (n < 0) {
			fail(s, s->total > 0 ? COVERAGE_PARTIAL :
			    COVERAGE_UNREADABLE, s->gz != NULL ?
			    "the compressed file is damaged" :
			    strerror(errno));
			return;
		}
		if (n == 0) {
			s->eof = 1;
			if (ends_early(s))
				fail(s, COVERAGE_PARTIAL,
				    "the compressed file ends early");
			return;
		}
		s->filled += (size_t)n;
		s->total += (size_t)n;
		if (s->gz != NULL && s->total > LIMIT_LOG_INFLATED)
			fail(s, COVERAGE_PARTIAL,
			    "the compressed file unfolds to more than is read");
	}
}

static size_t
last_newline(const char *p, size_t from, size_t to)
{
	while (to > from && p[to - 1] != '\n')
		to--;
	return (to);
}

/* Cleans the whole lines among what was read last. */
static void
clean_lines(struct log_source *s)
{
	size_t end = s->eof ? s->filled :
	    last_newline(s->buf, s->clean, s->filled), kept;

	if (end == s->clean && s->clean == 0 &&
	    s->filled == LIMIT_LOG_PIECE)
		end = s->filled;	/* one line fills it: cut */
	if (end == s->clean)
		return;
	kept = clean_text(&s->how, s->buf + s->clean, end - s->clean);
	memmove(s->buf + s->clean + kept, s->buf + end, s->filled - end);
	s->filled -= end - s->clean - kept;
	s->clean += kept;
}

static void
note_time(struct log_source *s, const struct record *rec)
{
	struct log_coverage *c = &s->coverage;

	if (!wall_is_set(rec->time))
		return;
	if (!wall_is_set(c->from) || wall_diff(rec->time, c->from) < 0)
		c->from = rec->time;
	if (!wall_is_set(c->to) || wall_diff(rec->time, c->to) > 0)
		c->to = rec->time;
	c->time_guessed |= rec->time_guessed;
	c->has_offset |= rec->has_offset;
}

/* The times of the first and last few records of a piece. */
static void
note_times(struct log_source *s)
{
	struct record rec;
	size_t at = 0, end = s->text.text.n;
	int n;

	for (n = 0; n < 20 && at != SIZE_MAX; n++) {
		at = s->text.record_next(&s->text, at, &rec);
		if (at != SIZE_MAX)
			note_time(s, &rec);
	}
	for (n = 0; n < 20 && end > 0; n++) {
		if (s->text.record_at(&s->text, end - 1, &rec) == -1)
			break;
		note_time(s, &rec);
		end = (size_t)(rec.raw.p - s->text.text.p);
	}
}

static void
start(struct log_source *s)
{
	int found;

	s->started = 1;
	s->buf = mem_zalloc(1, LIMIT_LOG_PIECE);
	fill(s);
	clean_begin(&s->how, s->buf, s->filled);
	clean_lines(s);
	found = logs_recognise(s->name, str_of(s->buf, s->clean));
	if (s->said == COMPONENT_NONE && found > 0)
		s->coverage.component = s->reader.fallback =
		    (enum component)found;
}

const struct log_text *
logs_next(struct log_source *s)
{
	size_t cut;

	if (s->coverage.state == COVERAGE_MISSING ||
	    s->coverage.state == COVERAGE_UNREADABLE)
		return (NULL);
	if (!s->started)
		start(s);
	else {
		s->filled -= s->piece;
		s->clean -= s->piece;
		memmove(s->buf, s->buf + s->piece, s->filled);
		fill(s);
		clean_lines(s);
	}
	s->piece = 0;
	if (s->clean == 0) {
		if (s->coverage.lines == 0 &&
		    s->coverage.state == COVERAGE_READ)
			s->coverage.state = COVERAGE_EMPTY;
		return (NULL);
	}
	s->text.text = str_of(s->buf, s->clean);
	s->reader.first_line = s->coverage.lines + 1;
	reader_attach(&s->reader, &s->text);
	if (!s->eof || s->clean < s->filled) {
		cut = reader_last(&s->text);
		if (cut > 0)
			s->text.text.n = cut;
	}
	s->piece = s->text.text.n;
	s->coverage.lines += reader_attach(&s->reader, &s->text);
	note_times(s);
	return (&s->text);
}

const struct log_coverage *
logs_coverage(const struct log_source *s)
{
	return (&s->coverage);
}

void
logs_close(struct log_source *s)
{
	if (s == NULL)
		return;
	if (s->gz != NULL)
		gzclose(s->gz);
	else if (s->fd != -1)
		close(s->fd);
	reader_free(&s->reader);
	clean_end(&s->how);
	free(s->buf);
	free(s->hint);
	free(s->name);
	free(s->host);
	free(s);
}
