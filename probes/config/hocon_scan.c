/* SPDX-License-Identifier: ISC */
/*
 * HOCON: characters, blanks, comments and quoted strings of a text (sections
 * Comments, Whitespace, Multi-line strings of HOCON.md). Pure.
 */
#include <stdarg.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/limits.h"
#include "probes/config/hocon.h"
#include "probes/config/hocon_scan.h"

int
hocon_column(const struct hocon_scan *c)
{
	return ((int)(c->at - c->line_start) + 1);
}

/* A syntax error at the place of the scan. */
void
hocon_wrong(struct hocon_scan *c, const char *fmt, ...)
{
	struct buf b;
	va_list ap;

	buf_init(&b, LIMIT_ERROR_TEXT);
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	hocon_error(c->doc, "hocon-syntax-error", c->source, c->line,
	    hocon_column(c), "%s", buf_cstr(&b));
	buf_free(&b);
}

int
hocon_peek(const struct hocon_scan *c)
{
	return (c->at < c->s.n ? (unsigned char)c->s.p[c->at] : -1);
}

int
hocon_peek_at(const struct hocon_scan *c, size_t ahead)
{
	return (c->at + ahead < c->s.n ?
	    (unsigned char)c->s.p[c->at + ahead] : -1);
}

void
hocon_step(struct hocon_scan *c)
{
	if (hocon_peek(c) == '\n') {
		c->line++;
		c->line_start = c->at + 1;
	}
	if (c->at < c->s.n)
		c->at++;
}

/* What may stand after an error or at the end: stop every loop. */
int
hocon_stopped(const struct hocon_scan *c)
{
	return (c->doc->failed || c->at >= c->s.n);
}

/*
 * Length of the blank at the place, 0 when there is none: HOCON counts the
 * Unicode separators and the byte order mark. A newline is no blank.
 */
size_t
hocon_blank(const struct hocon_scan *c)
{
	static const char *const wide[] = {
		"\xc2\xa0", "\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x81",
		"\xe2\x80\x82", "\xe2\x80\x83", "\xe2\x80\x84",
		"\xe2\x80\x85", "\xe2\x80\x86", "\xe2\x80\x87",
		"\xe2\x80\x88", "\xe2\x80\x89", "\xe2\x80\x8a",
		"\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80",
		"\xef\xbb\xbf",
	};
	struct str rest = str_sub(c->s, c->at, c->s.n);
	int ch = hocon_peek(c);
	size_t i;

	if (ch == ' ' || ch == '\t' || ch == '\r' || ch == '\f' ||
	    ch == '\v' || (ch >= 0x1c && ch <= 0x1f))
		return (1);
	for (i = 0; ch >= 0x80 && i < sizeof(wide) / sizeof(wide[0]); i++)
		if (str_starts(rest, wide[i]))
			return (strlen(wide[i]));
	return (0);
}

int
hocon_at_comment(const struct hocon_scan *c)
{
	return (hocon_peek(c) == '#' || (hocon_peek(c) == '/' &&
	    hocon_peek_at(c, 1) == '/'));
}

/* Blanks of one line. */
void
hocon_skip_blanks(struct hocon_scan *c)
{
	size_t n;

	while ((n = hocon_blank(c)) > 0)
		c->at += n;
}

/* Blanks, comments and newlines. 1 when a newline was among them. */
int
hocon_skip_lines(struct hocon_scan *c)
{
	int newline = 0;

	for (;;) {
		hocon_skip_blanks(c);
		if (hocon_at_comment(c))
			while (c->at < c->s.n && hocon_peek(c) != '\n')
				c->at++;
		if (hocon_peek(c) != '\n')
			return (newline);
		newline = 1;
		hocon_step(c);
	}
}

/* Four hexadecimal digits after \u; -1 when they are none. */
static long
hex4(struct hocon_scan *c)
{
	long v = 0;
	int i, ch;

	for (i = 0; i < 4; i++) {
		ch = hocon_peek(c);
		if (ch >= '0' && ch <= '9')
			v = v * 16 + ch - '0';
		else if ((ch | 32) >= 'a' && (ch | 32) <= 'f')
			v = v * 16 + (ch | 32) - 'a' + 10;
		else
			return (-1);
		c->at++;
	}
	return (v);
}

static void
add_utf8(struct buf *b, unsigned long v)
{
	if (v < 0x80) {
		buf_addc(b, (char)v);
	} else if (v < 0x800) {
		buf_addc(b, (char)(0xc0 | v >> 6));
		buf_addc(b, (char)(0x80 | (v & 0x3f)));
	} else if (v < 0x10000) {
		buf_addc(b, (char)(0xe0 | v >> 12));
		buf_addc(b, (char)(0x80 | (v >> 6 & 0x3f)));
		buf_addc(b, (char)(0x80 | (v & 0x3f)));
	} else {
		buf_addc(b, (char)(0xf0 | v >> 18));
		buf_addc(b, (char)(0x80 | (v >> 12 & 0x3f)));
		buf_addc(b, (char)(0x80 | (v >> 6 & 0x3f)));
		buf_addc(b, (char)(0x80 | (v & 0x3f)));
	}
}

/* The character after a backslash (JSON's escapes). */
static void
parse_escape(struct hocon_scan *c, struct buf *b)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	int ch = hocon_peek(c);
	const char *p;
	long v, low;

	if (ch != -1 && ch != 0 && (p = strchr(from, ch)) != NULL) {
		buf_addc(b, to[p - from]);
		c->at++;
		return;
	}
	if (ch != 'u') {
		hocon_wrong(c, "a backslash in quotes must be doubled (\\\\)");
		return;
	}
	c->at++;
	if ((v = hex4(c)) == -1) {
		hocon_wrong(c, "\\u takes four hexadecimal digits");
		return;
	}
	if (v >= 0xd800 && v < 0xdc00 && hocon_peek(c) == '\\' &&
	    hocon_peek_at(c, 1) == 'u') {
		c->at += 2;
		low = hex4(c);
		if (low >= 0xdc00 && low < 0xe000)
			v = 0x10000 + ((v - 0xd800) << 10) + (low - 0xdc00);
	}
	add_utf8(b, (unsigned long)v);
}

/* Multi-line strings: everything up to the last three of a run of quotes. */
static void
parse_triple(struct hocon_scan *c, struct buf *b)
{
	size_t quotes;
	int line = c->line;

	c->at += 3;
	for (;;) {
		for (quotes = 0; hocon_peek(c) == '"'; quotes++)
			c->at++;
		if (quotes >= 3) {
			for (; quotes > 3; quotes--)
				buf_addc(b, '"');
			return;
		}
		for (; quotes > 0; quotes--)
			buf_addc(b, '"');
		if (hocon_stopped(c)) {
			hocon_wrong(c, "no closing \"\"\" for the one in "
			    "line %d", line);
			return;
		}
		buf_addc(b, (char)hocon_peek(c));
		hocon_step(c);
	}
}

void
hocon_quoted(struct hocon_scan *c, struct buf *b)
{
	int ch;

	if (hocon_peek_at(c, 1) == '"' && hocon_peek_at(c, 2) == '"') {
		parse_triple(c, b);
		return;
	}
	c->at++;
	while ((ch = hocon_peek(c)) != '"') {
		if (ch == -1 || ch == '\n') {
			hocon_wrong(c, "no closing quote in this line");
			return;
		}
		c->at++;
		if (ch == '\\')
			parse_escape(c, b);
		else
			buf_addc(b, (char)ch);
		if (c->doc->failed)
			return;
	}
	c->at++;
}
