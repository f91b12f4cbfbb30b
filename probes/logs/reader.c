/* SPDX-License-Identifier: ISC */
/*
 * Records of a piece of text. Pure. A record is a line with a head and the
 * lines without one that belong to it: all that follow a Java head, and
 * elsewhere those that begin with a blank or like a stack trace. Which
 * record a line belongs to is decided by looking back at most
 * LIMIT_LOG_RECORD_LINES lines and LIMIT_LOG_RECORD_BYTES bytes; what lies
 * further from its head stands for itself.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "probes/logs/heads.h"
#include "probes/logs/reader.h"

void
reader_init(struct reader *r)
{
	memset(r, 0, sizeof(*r));
	r->reference = WALL_NONE;
	r->first_line = 1;
}

void
reader_free(struct reader *r)
{
	free(r->marks);
	reader_init(r);
}

static size_t
count_lines(const char *p, size_t n)
{
	const char *end = p + n;
	size_t lines = 0;

	while (p < end && (p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		lines++;
		p++;
	}
	return (lines);
}

/* Start of the line that holds byte `at`. */
static size_t
line_start(struct str text, size_t at)
{
	while (at > 0 && text.p[at - 1] != '\n')
		at--;
	return (at);
}

/* End of the line that begins at `at`: its NL or the end. */
static size_t
line_end(struct str text, size_t at)
{
	const char *nl = memchr(text.p + at, '\n', text.n - at);

	return (nl == NULL ? text.n : (size_t)(nl - text.p));
}

static size_t
line_after(struct str text, size_t at)
{
	size_t end = line_end(text, at);

	return (end < text.n ? end + 1 : text.n);
}

/* A line without NL and CR. */
static struct str
line_at(struct str text, size_t at)
{
	struct str line = str_sub(text, at, line_end(text, at));

	while (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	return (line);
}

static int
line_number(const struct reader *r, struct str text, size_t at)
{
	size_t step = at / READER_STEP;
	size_t lines = r->first_line;

	if (step >= r->mark_count)
		step = r->mark_count == 0 ? 0 : r->mark_count - 1;
	if (r->mark_count > 0)
		lines += r->marks[step];
	lines += count_lines(text.p + step * READER_STEP,
	    at - step * READER_STEP);
	return (lines > INT32_MAX ? INT32_MAX : (int)lines);
}

/* Same program as far as wrappers tell. */
static int
same_writer(const struct head *a, const struct head *b)
{
	return (str_eq(a->tag, b->tag));
}

/*
 * Whether Java heads can govern plain lines here: then a line without head
 * needs a look back further than one.
 */
static int
java_possible(const struct log_text *text, const struct reader *r)
{
	switch (r->said ? text->component : r->fallback) {
	case COMPONENT_JICOFO:
	case COMPONENT_JVB:
	case COMPONENT_CLIENT:
	case COMPONENT_SYSLOG:
	case COMPONENT_NONE:
		return (1);
	default:
		return (0);
	}
}

static int
is_java(const struct head *h)
{
	return (h->form == HEAD_JITSI || h->form == HEAD_JUL ||
	    h->form == HEAD_JUL_LEVEL);
}

/* The second line of java.util.logging belongs to the first. */
static size_t
before_level(const struct log_text *text, size_t at, const struct head *h)
{
	const struct reader *r = text->reader;
	struct head first;
	size_t before;

	if (at == 0)
		return (at);
	before = line_start(text->text, at - 1);
	head_read(line_at(text->text, before), r->reference, &first);
	if (first.form == HEAD_JUL && same_writer(&first, h))
		return (before);
	return (at);
}

/*
 * The start of the record that the line at `at` belongs to. Walks back over
 * lines without a head; `candidate` is the nearest one that begins a record
 * when no Java head governs it. *own is the head of the line at `at`.
 */
static size_t
record_start(const struct log_text *text, size_t at, struct head *own)
{
	const struct reader *r = text->reader;
	size_t p = at, candidate = SIZE_MAX;
	struct head first, h;
	int lines;

	head_read(line_at(text->text, at), r->reference, &first);
	*own = first;
	if (first.form == HEAD_JUL_LEVEL)
		return (before_level(text, at, &first));
	if (first.form != HEAD_NONE)
		return (at);
	if (!head_continues(first.message)) {
		candidate = at;
		if (!java_possible(text, r))
			return (at);
	}
	for (lines = 0; lines < LIMIT_LOG_RECORD_LINES && p > 0; lines++) {
		p = line_start(text->text, p - 1);
		if (at - p > LIMIT_LOG_RECORD_BYTES)
			break;
		head_read(line_at(text->text, p), r->reference, &h);
		if (!same_writer(&first, &h))
			break;
		if (h.form == HEAD_NONE && candidate == SIZE_MAX &&
		    !head_continues(h.message) && h.message.n > 0)
			candidate = p;
		if (candidate == p && !java_possible(text, r))
			break;
		if (h.form == HEAD_NONE)
			continue;
		if (!is_java(&h) && candidate != SIZE_MAX)
			break;
		return (h.form == HEAD_JUL_LEVEL ?
		    before_level(text, p, &h) : p);
	}
	return (candidate == SIZE_MAX ? at : candidate);
}

/*
 * The usual case without taking the line apart: it begins with the same four
 * bytes ("JVB ", "Sep ", "2026") as the head before it.
 */
static int
begins_alike(struct str text, size_t start, size_t p, const struct head *head)
{
	return (head->tag.n == 0 && head->form != HEAD_NONE &&
	    head->form != HEAD_JUL && text.n - p > 4 &&
	    text.p[p] != ' ' && text.p[p] != '\t' &&
	    memcmp(text.p + start, text.p + p, 4) == 0);
}

/* Where the record that starts at `start` ends: after its last NL. */
static size_t
record_end(const struct log_text *text, size_t start, const struct head *head)
{
	const struct reader *r = text->reader;
	size_t p = line_after(text->text, start);
	struct head h;
	int lines, java = is_java(head);

	for (lines = 0; lines < LIMIT_LOG_RECORD_LINES; lines++) {
		if (p >= text->text.n ||
		    p - start > LIMIT_LOG_RECORD_BYTES)
			break;
		if (begins_alike(text->text, start, p, head))
			break;
		head_read(line_at(text->text, p), r->reference, &h);
		if (h.form == HEAD_JUL_LEVEL && head->form == HEAD_JUL &&
		    lines == 0 && same_writer(head, &h)) {
			p = line_after(text->text, p);
			continue;
		}
		if (h.form != HEAD_NONE || !same_writer(head, &h))
			break;
		if (!java && !head_continues(h.message))
			break;
		p = line_after(text->text, p);
	}
	return (p);
}

/* What the line says wins; nginx's two logs are told apart by their form. */
static enum component
component_of(const struct log_text *text, const struct head *h)
{
	const struct reader *r = text->reader;
	enum component said = text->component;

	if (said == COMPONENT_NONE || said == COMPONENT_SYSLOG) {
		if (h->component != COMPONENT_NONE)
			return (h->component);
		return (r->fallback);
	}
	if (h->form == HEAD_NGINX_ERROR || h->form == HEAD_NGINX_ACCESS)
		return (h->component);
	if (h->tag.n > 0 && h->component != COMPONENT_NONE &&
	    h->component != COMPONENT_SYSLOG &&
	    said != COMPONENT_CLIENT && said != COMPONENT_PROSODYCTL)
		return (h->component);
	return (said);
}

static void
fill(const struct log_text *text, size_t start, const struct head *h,
    size_t end, struct record *rec)
{
	const struct reader *r = text->reader;
	size_t first_end = line_after(text->text, start);
	struct head second;
	struct str more;

	memset(rec, 0, sizeof(*rec));
	rec->component = component_of(text, h);
	rec->file = text->file;
	rec->line = line_number(r, text->text, start);
	rec->host = text->host.n > 0 ? text->host : h->host;
	rec->time = h->time;
	rec->time_guessed = h->time_guessed;
	rec->has_offset = h->has_offset;
	rec->time_text = h->time_text;
	rec->level = h->level;
	rec->session = h->session;
	rec->logger = h->logger;
	rec->message = h->message;
	if (h->form == HEAD_JUL && first_end < end) {
		head_read(line_at(text->text, first_end), r->reference,
		    &second);
		if (second.form == HEAD_JUL_LEVEL) {
			rec->level = second.level;
			rec->message = second.message;
			if (second.session.n > 0)
				rec->session = second.session;
			if (second.logger.n > 0)
				rec->logger = second.logger;
			first_end = line_after(text->text, first_end);
		}
	}
	more = str_sub(text->text, first_end, end);
	rec->raw = str_sub(text->text, start, end);
	while (more.n > 0 && (more.p[more.n - 1] == '\n' ||
	    more.p[more.n - 1] == '\r'))
		more.n--;
	while (rec->raw.n > 0 && (rec->raw.p[rec->raw.n - 1] == '\n' ||
	    rec->raw.p[rec->raw.n - 1] == '\r'))
		rec->raw.n--;
	rec->more = more;
}

static int
reader_at(const struct log_text *text, size_t at, struct record *rec)
{
	const struct reader *r = text->reader;
	size_t start, end, line;
	struct head h;

	if (at >= text->text.n)
		return (-1);
	line = line_start(text->text, at);
	start = record_start(text, line, &h);
	if (start != line)
		head_read(line_at(text->text, start), r->reference, &h);
	end = record_end(text, start, &h);
	if (end <= at) {
		/* Too far from its head: the line stands for itself. */
		start = line_start(text->text, at);
		head_read(line_at(text->text, start), r->reference, &h);
		end = line_after(text->text, start);
	}
	fill(text, start, &h, end, rec);
	return (0);
}

static size_t
reader_next(const struct log_text *text, size_t at, struct record *rec)
{
	const struct reader *r = text->reader;
	size_t end;
	struct head h;

	if (at > 0 && at < text->text.n && text->text.p[at - 1] != '\n')
		at = line_after(text->text, at);
	while (at < text->text.n && line_at(text->text, at).n == 0)
		at = line_after(text->text, at);
	if (at >= text->text.n)
		return (SIZE_MAX);
	head_read(line_at(text->text, at), r->reference, &h);
	end = record_end(text, at, &h);
	fill(text, at, &h, end, rec);
	return (end);
}

size_t
reader_attach(struct reader *r, struct log_text *text)
{
	size_t at, lines = 0, n;

	r->mark_count = 0;
	for (at = 0; at < text->text.n; at += READER_STEP) {
		r->marks = mem_grow(r->marks, r->mark_count, &r->mark_cap,
		    sizeof(*r->marks), LIMIT_LOG_PIECE / READER_STEP + 2);
		if (r->marks == NULL)
			fatal("a piece of a log is larger than its limit");
		r->marks[r->mark_count++] = lines;
		n = text->text.n - at;
		lines += count_lines(text->text.p + at,
		    n < READER_STEP ? n : READER_STEP);
	}
	text->record_at = reader_at;
	text->record_next = reader_next;
	text->reader = r;
	if (text->text.n > 0 && text->text.p[text->text.n - 1] != '\n')
		lines++;
	return (lines);
}

size_t
reader_last(const struct log_text *text)
{
	size_t at = text->text.n;
	struct head h;

	if (at == 0)
		return (0);
	return (record_start(text, line_start(text->text, at - 1), &h));
}
