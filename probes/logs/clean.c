/* SPDX-License-Identifier: ISC */
/*
 * Makes plain lines of what loggers, terminals and containers wrap around
 * them. Pure; works in place, one NL stays one NL, so line numbers hold.
 */
#include <string.h>

#include "agent/base/limits.h"
#include "probes/logs/clean.h"
#include "probes/logs/unjson.h"

#define ESCAPE '\033'

void
clean_begin(struct clean *c, const char *p, size_t n)
{
	memset(c, 0, sizeof(*c));
	buf_init(&c->line, LIMIT_LOG_PIECE);
	if (n >= 2 && memcmp(p, "\xff\xfe", 2) == 0)
		c->wide = 1;
	else if (n >= 2 && memcmp(p, "\xfe\xff", 2) == 0)
		c->wide = 2;
	else
		c->json = unjson_looks(str_of(p, n < LIMIT_LOG_SAMPLE ? n :
		    LIMIT_LOG_SAMPLE));
}

void
clean_end(struct clean *c)
{
	buf_free(&c->line);
}

/* The zero halves go; what is no ASCII becomes a question mark. A NL is cut
 * in the middle of its pair, so every zero byte is dropped. */
static size_t
narrow(char *p, size_t n)
{
	size_t i, kept = 0;

	for (i = 0; i < n; i++) {
		if (p[i] == '\0' || p[i] == '\xff' || p[i] == '\xfe')
			continue;
		p[kept++] = (p[i] & 0x80) != 0 ? '?' : p[i];
	}
	return (kept);
}

/* Length of a terminal's control sequence: ESC [ parameters letter. */
static size_t
sequence(const char *p, size_t n)
{
	size_t i = 1;

	if (n < 2 || p[1] != '[')
		return (1);
	for (i = 2; i < n && i < 32; i++)
		if (p[i] >= '@' && p[i] <= '~')
			return (i + 1);
	return (2);
}

static size_t
drop_colours(char *p, size_t n)
{
	const char *first = memchr(p, ESCAPE, n);
	size_t i, kept;

	if (first == NULL)
		return (n);
	kept = (size_t)(first - p);
	for (i = kept; i < n;) {
		if (p[i] == ESCAPE) {
			i += sequence(p + i, n - i);
			continue;
		}
		p[kept++] = p[i++];
	}
	return (kept);
}

static size_t
unwrap_json(struct clean *c, char *p, size_t n)
{
	size_t at = 0, end, len, kept = 0;
	const char *nl;

	while (at < n) {
		nl = memchr(p + at, '\n', n - at);
		end = nl == NULL ? n : (size_t)(nl - p);
		buf_clear(&c->line);
		len = end - at;
		if (unjson_line(str_of(p + at, len), &c->line) == 0) {
			if (c->line.len < len)
				len = c->line.len;
			memcpy(p + kept, buf_cstr(&c->line), len);
		} else
			memmove(p + kept, p + at, len);
		kept += len;
		if (end < n)
			p[kept++] = '\n';
		at = end + 1;
	}
	return (kept);
}

size_t
clean_text(struct clean *c, char *p, size_t n)
{
	if (c->wide)
		n = narrow(p, n);
	if (c->json)
		n = unwrap_json(c, p, n);
	return (drop_colours(p, n));
}
