/* SPDX-License-Identifier: ISC */
/*
 * Heads of nginx: the error log, messages of start-up, the access log in
 * its combined form and in formats of a site's own, and requests pasted
 * without a head. Pure. The message of an access line begins at the quote of
 * the request; its session is the client's address.
 */
#include <stdint.h>

#include "probes/logs/heads.h"

static const struct {
	const char *word;
	enum log_level level;
} levels[] = {
	{ "[debug]", LOG_LEVEL_DEBUG }, { "[info]", LOG_LEVEL_INFO },
	{ "[notice]", LOG_LEVEL_INFO }, { "[warn]", LOG_LEVEL_WARN },
	{ "[error]", LOG_LEVEL_ERROR }, { "[crit]", LOG_LEVEL_ERROR },
	{ "[alert]", LOG_LEVEL_ERROR }, { "[emerg]", LOG_LEVEL_ERROR },
};

static int
take_level(struct str *s, enum log_level *level)
{
	size_t i;

	for (i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		if (!take_word(s, levels[i].word))
			continue;
		*level = levels[i].level;
		take_blanks(s);
		return (1);
	}
	return (0);
}

/* "[error] 123#456: *7 message"; process and connection can be absent. */
static int
error_rest(struct str t, struct head *h)
{
	struct str u;
	int n;

	if (!take_level(&t, &h->level))
		return (0);
	u = t;
	if (take_digits(&u, 1, 10, &n) == 0 && take_char(&u, '#') &&
	    take_digits(&u, 1, 10, &n) == 0 && take_char(&u, ':')) {
		take_blanks(&u);
		t = u;
	}
	u = t;
	if (take_char(&u, '*') && take_digits(&u, 1, 12, &n) == 0) {
		h->session = str_sub(t, 1, t.n - u.n);
		take_blanks(&u);
		t = u;
	}
	h->message = t;
	h->form = HEAD_NGINX_ERROR;
	h->component = COMPONENT_NGINX_ERROR;
	return (1);
}

/* "\"GET /path HTTP/1.1\" 200 ": what every access line has in it. */
static int
is_request(struct str t)
{
	size_t close;
	int status;

	if (!take_char(&t, '"'))
		return (0);
	close = str_find(t, "\" ");
	if (close == SIZE_MAX)
		return (0);
	t = str_sub(t, close + 2, t.n);
	return (take_digits(&t, 3, 3, &status) == 0 &&
	    (t.n == 0 || t.p[0] == ' '));
}

/* Separators of log formats: blanks, and what sites put in their place. */
static int
separator(char c)
{
	return (c == ' ' || c == '\t' || c == '^' || c == '|' || c == ',' ||
	    c == ';' || c == '-');
}

/* Without separators at both ends. */
static struct str
bare(struct str s)
{
	while (s.n > 0 && separator(s.p[0]))
		s = str_sub(s, 1, s.n);
	while (s.n > 0 && separator(s.p[s.n - 1]))
		s.n--;
	return (s);
}

/*
 * "ADDR - user [time] \"request\" ..."; a virtual host may stand before. In
 * formats of a site's own ("[time]^ADDR^\"request\"^status") the address
 * stands between the time and the request.
 */
static int
access_line(struct str line, struct head *h)
{
	struct str before, t, first;
	struct head got = *h;
	size_t at = str_chr(str_sub(line, 0, 400), '['), quote;

	if (at == SIZE_MAX)
		return (0);
	before = str_sub(line, 0, at);
	t = str_sub(line, at + 1, line.n);
	if (time_access(&t, &got) == -1 || !take_char(&t, ']'))
		return (0);
	quote = str_chr(str_sub(t, 0, 300), '"');
	if (quote == SIZE_MAX)
		return (0);
	first = str_word(&before);
	if (str_chr(str_trim(before), '.') != SIZE_MAX)
		first = str_word(&before);
	got.session = at > 0 ? first : bare(str_sub(t, 0, quote));
	got.message = str_sub(t, quote, t.n);
	got.form = HEAD_NGINX_ACCESS;
	got.component = COMPONENT_NGINX_ACCESS;
	*h = got;
	return (1);
}

int
head_nginx(struct str line, wall_t reference, struct head *h)
{
	struct str t = line;
	struct head got = *h;

	(void)reference;
	if (line.n == 0)
		return (0);
	if (time_slashes(&t, &got) == 0 && take_blanks(&t) > 0 &&
	    error_rest(t, &got)) {
		*h = got;
		return (1);
	}
	t = line;
	take_word(&t, "nginx: ");
	if (error_rest(t, &got)) {
		/* "[error] ..." alone could be a browser's console. */
		if (t.n == line.n && got.session.n == 0 &&
		    h->component != COMPONENT_NGINX_ERROR &&
		    !str_starts(line, "[emerg]"))
			return (0);
		*h = got;
		return (1);
	}
	if (line.p[0] == '"' && is_request(line)) {
		h->message = line;
		h->form = HEAD_NGINX_ACCESS;
		h->component = COMPONENT_NGINX_ACCESS;
		return (1);
	}
	return (access_line(line, h));
}
