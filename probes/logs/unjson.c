/* SPDX-License-Identifier: ISC */
/*
 * Log lines wrapped in JSON, one object a line: docker's json-file driver,
 * journalctl -o json, and the usual shippers. Pure. Own scanner: a log of
 * 100 MB is not worth a tree of values for three strings a line. RFC 8259.
 */
#include <stdint.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/clock.h"
#include "probes/logs/unjson.h"

#define KEY_LONGEST 64

struct fields {
	struct str text, time, host, tag, stamp;	/* raw, still escaped */
};

static int
space(char c)
{
	return (c == ' ' || c == '\t' || c == '\r' || c == '\n');
}

static void
skip_space(struct str *s)
{
	size_t n = 0;

	while (n < s->n && space(s->p[n]))
		n++;
	*s = str_sub(*s, n, s->n);
}

/* The inside of a string at the front, escapes left in; -1 when none. */
static int
take_string(struct str *s, struct str *inside)
{
	size_t i;

	if (s->n == 0 || s->p[0] != '"')
		return (-1);
	for (i = 1; i < s->n && s->p[i] != '"'; i++)
		if (s->p[i] == '\\')
			i++;
	if (i >= s->n)
		return (-1);
	*inside = str_sub(*s, 1, i);
	*s = str_sub(*s, i + 1, s->n);
	return (0);
}

/* Any value off the front; nested ones by counting brackets. */
static int
skip_value(struct str *s)
{
	struct str ignored;
	size_t depth = 0;

	do {
		skip_space(s);
		if (s->n == 0)
			return (-1);
		if (s->p[0] == '"') {
			if (take_string(s, &ignored) == -1)
				return (-1);
			continue;
		}
		if (s->p[0] == '{' || s->p[0] == '[')
			depth++;
		else if (s->p[0] == '}' || s->p[0] == ']') {
			if (depth == 0)
				return (0);
			depth--;
		} else if (s->p[0] == ',' && depth == 0)
			return (0);
		*s = str_sub(*s, 1, s->n);
	} while (depth > 0 || (s->n > 0 && s->p[0] != ',' &&
	    s->p[0] != '}'));
	return (0);
}

static void
note(struct fields *f, struct str key, struct str value)
{
	if (str_eqs(key, "log") || str_eqs(key, "MESSAGE") ||
	    str_eqs(key, "message") || str_eqs(key, "msg"))
		f->text = value;
	else if (str_eqs(key, "time") || str_eqs(key, "@timestamp") ||
	    str_eqs(key, "timestamp") || str_eqs(key, "ts"))
		f->time = value;
	else if (str_eqs(key, "__REALTIME_TIMESTAMP"))
		f->stamp = value;
	else if (str_eqs(key, "_HOSTNAME") || str_eqs(key, "hostname"))
		f->host = value;
	else if (str_eqs(key, "SYSLOG_IDENTIFIER") ||
	    str_eqs(key, "container_name"))
		f->tag = value;
}

static int
read_fields(struct str s, struct fields *f)
{
	struct str key, value;

	memset(f, 0, sizeof(*f));
	skip_space(&s);
	if (s.n == 0 || s.p[0] != '{')
		return (-1);
	do {
		s = str_sub(s, 1, s.n);
		skip_space(&s);
		if (take_string(&s, &key) == -1)
			return (-1);
		skip_space(&s);
		if (s.n == 0 || s.p[0] != ':')
			return (-1);
		s = str_sub(s, 1, s.n);
		skip_space(&s);
		if (s.n > 0 && s.p[0] == '"') {
			if (take_string(&s, &value) == -1)
				return (-1);
			if (key.n < KEY_LONGEST)
				note(f, key, value);
		} else if (skip_value(&s) == -1)
			return (-1);
		skip_space(&s);
	} while (s.n > 0 && s.p[0] == ',');
	return (f->text.p == NULL || s.n == 0 || s.p[0] != '}' ? -1 : 0);
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return (c - '0');
	c |= 32;
	return (c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1);
}

/* Four hexadecimal digits at i, -1 when they are none. */
static int
code_unit(struct str s, size_t i)
{
	int v = 0, d;
	size_t k;

	for (k = 0; k < 4; k++) {
		d = i + k < s.n ? hex_value(s.p[i + k]) : -1;
		if (d == -1)
			return (-1);
		v = v * 16 + d;
	}
	return (v);
}

/* A character as UTF-8; halves of pairs become a question mark. */
static void
add_code(struct buf *out, int c)
{
	if (c == '\n' || c == '\r')
		c = ' ';
	if (c < 0x80)
		buf_addc(out, (char)c);
	else if (c < 0x800) {
		buf_addc(out, (char)(0xc0 | (c >> 6)));
		buf_addc(out, (char)(0x80 | (c & 0x3f)));
	} else if (c >= 0xd800 && c < 0xe000)
		buf_addc(out, '?');
	else {
		buf_addc(out, (char)(0xe0 | (c >> 12)));
		buf_addc(out, (char)(0x80 | ((c >> 6) & 0x3f)));
		buf_addc(out, (char)(0x80 | (c & 0x3f)));
	}
}

/* The escaped inside of a string; a newline inside becomes a blank. */
static void
add_unescaped(struct buf *out, struct str s)
{
	static const char from[] = "ntrbf", to[] = " \t \b\f";
	const char *at;
	size_t i;
	int c;

	while (str_ends(s, "\\n") || str_ends(s, "\\r"))
		s.n -= 2;
	for (i = 0; i < s.n; i++) {
		if (s.p[i] != '\\' || i + 1 >= s.n) {
			buf_addc(out, s.p[i]);
			continue;
		}
		i++;
		if (s.p[i] == 'u' && (c = code_unit(s, i + 1)) != -1) {
			add_code(out, c);
			i += 4;
			continue;
		}
		at = s.p[i] == '\0' ? NULL : strchr(from, s.p[i]);
		buf_addc(out, at == NULL ? s.p[i] : to[at - from]);
	}
}

int
unjson_looks(struct str sample)
{
	struct fields f;
	size_t nl;

	skip_space(&sample);
	if (sample.n == 0 || sample.p[0] != '{')
		return (0);
	nl = str_chr(sample, '\n');
	return (read_fields(str_sub(sample, 0, nl), &f) == 0);
}

int
unjson_line(struct str line, struct buf *out)
{
	struct fields f;
	char when[WALL_TEXT_SIZE];
	int64_t us;

	if (read_fields(line, &f) == -1)
		return (-1);
	if (f.time.n >= 20 && str_chr(f.time, '\\') == SIZE_MAX) {
		buf_add_str(out, f.time);
		buf_addc(out, ' ');
	} else if (str_num(f.stamp, 0, INT64_C(1) << 60, &us) == 0) {
		wall_format((wall_t){ us }, when, sizeof(when));
		buf_adds(out, when);
		buf_addc(out, ' ');
	}
	if (f.tag.n > 0) {
		if (f.time.n < 20 && f.stamp.n == 0) {
			add_unescaped(out, f.tag);
			buf_adds(out, " | ");
		} else {
			add_unescaped(out, f.host.n > 0 ? f.host : f.tag);
			buf_addc(out, ' ');
			add_unescaped(out, f.tag);
			buf_adds(out, ": ");
		}
	}
	add_unescaped(out, f.text);
	return (0);
}
