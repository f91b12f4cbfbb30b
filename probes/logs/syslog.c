/* SPDX-License-Identifier: ISC */
/*
 * What wraps a program's own line: container prefixes ("jvb-1  | "), time
 * stamps of docker and CRI, syslog as RFC 3164, RFC 5424 and journalctl
 * print it. Pure.
 *
 *   <PRI>Mmm dd hh:mm:ss HOST TAG[PID]: message          RFC 3164, 4.1
 *   <PRI>1 TIME HOST APP PROCID MSGID SD message         RFC 5424, 6
 */
#include <stdint.h>
#include <string.h>

#include "probes/logs/heads.h"

/* Longest name of a host, program or container that is taken for one. */
#define NAME_MAX_LEN 80

static const struct {
	const char *word;
	enum component component;
} programs[] = {
	{ "prosodyctl", COMPONENT_PROSODYCTL },
	{ "prosody", COMPONENT_PROSODY },
	{ "jicofo", COMPONENT_JICOFO },
	{ "jvb", COMPONENT_JVB },
	{ "videobridge", COMPONENT_JVB },
	{ "nginx", COMPONENT_NGINX_ERROR },
	{ "turnserver", COMPONENT_COTURN },
	{ "coturn", COMPONENT_COTURN },
	{ "xmpp", COMPONENT_PROSODY },
	{ "web", COMPONENT_NGINX_ERROR },
	{ "turn", COMPONENT_COTURN },
	{ "client", COMPONENT_CLIENT },
	{ "openssl", COMPONENT_CLIENT },
	{ "libstrophe", COMPONENT_CLIENT },
	{ "curl", COMPONENT_CLIENT },
	{ "keytool", COMPONENT_CLIENT },
	{ "browser", COMPONENT_BROWSER },
	{ "chrom", COMPONENT_BROWSER },
};

enum component
head_component(struct str name)
{
	size_t i;

	for (i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
		if (str_ifind(name, programs[i].word) != SIZE_MAX)
			return (programs[i].component);
	return (COMPONENT_NONE);
}

static int
name_char(char c)
{
	return ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.');
}

/* A name off the front: letters, digits, '_', '-', '.'. */
static struct str
take_name(struct str *s)
{
	struct str name;
	size_t n = 0;

	while (n < s->n && n < NAME_MAX_LEN && name_char(s->p[n]))
		n++;
	name = str_sub(*s, 0, n);
	*s = str_sub(*s, n, s->n);
	return (name);
}

/* "jvb-1      | ". */
static int
unwrap_container(struct str *line, struct head *h)
{
	struct str t = *line, name = take_name(&t);

	if (name.n == 0 || name.n == NAME_MAX_LEN)
		return (0);
	take_blanks(&t);
	if (!take_char(&t, '|'))
		return (0);
	take_char(&t, ' ');
	h->tag = h->host = name;
	h->component = head_component(name);
	*line = t;
	return (1);
}

/* "<30>" of a raw datagram; facility and priority are not needed. */
static int
take_priority(struct str *s)
{
	struct str t = *s;
	int n;

	if (!take_char(&t, '<') || take_digits(&t, 1, 3, &n) == -1 ||
	    !take_char(&t, '>'))
		return (0);
	*s = t;
	return (1);
}

/* The structured data of RFC 5424: "-", or "[...]" one after the other. */
static int
take_structured(struct str *s)
{
	size_t i = 0;
	int quoted = 0, depth = 0;

	if (take_char(s, '-'))
		return (1);
	for (; i < s->n; i++) {
		if (s->p[i] == '\\' && quoted) {
			i++;
			continue;
		}
		if (s->p[i] == '"')
			quoted = !quoted;
		else if (s->p[i] == '[' && !quoted)
			depth++;
		else if (s->p[i] == ']' && !quoted) {
			if (--depth == 0 &&
			    (i + 1 == s->n || s->p[i + 1] != '['))
				break;
		} else if (depth == 0)
			return (0);
	}
	if (i >= s->n)
		return (0);
	*s = str_sub(*s, i + 1, s->n);
	return (1);
}

/* After "<PRI>1 ": RFC 5424. */
static int
unwrap_5424(struct str *line, struct head *h)
{
	struct str t = *line, host, app;
	struct head got = *h;

	if (!take_char(&t, '-') && time_iso(&t, &got) == -1)
		return (0);
	take_blanks(&t);
	host = str_word(&t);
	app = str_word(&t);
	str_word(&t);
	str_word(&t);
	take_blanks(&t);
	if (!take_structured(&t))
		return (0);
	take_blanks(&t);
	take_word(&t, "\xef\xbb\xbf");
	*h = got;
	h->host = str_eqs(host, "-") ? str_of(NULL, 0) : host;
	h->tag = app;
	h->component = head_component(app);
	*line = t;
	return (1);
}

/* "HOST TAG[PID]: " or "HOST TAG: " after the time. */
static int
take_tag(struct str *s, struct head *h)
{
	struct str t = *s, host, tag;
	size_t close;

	host = take_name(&t);
	if (host.n == 0 || !take_char(&t, ' '))
		return (0);
	take_blanks(&t);
	tag = take_name(&t);
	if (tag.n == 0)
		return (0);
	if (take_char(&t, '[')) {
		close = str_chr(str_sub(t, 0, 12), ']');
		if (close == SIZE_MAX)
			return (0);
		t = str_sub(t, close + 1, t.n);
	}
	if (!take_char(&t, ':'))
		return (0);
	take_char(&t, ' ');
	h->host = host;
	h->tag = tag;
	h->component = head_component(tag);
	*s = t;
	return (1);
}

/* CRI: "stdout F message". */
static void
take_cri(struct str *s)
{
	struct str t = *s;

	if ((take_word(&t, "stdout ") || take_word(&t, "stderr ")) &&
	    (take_word(&t, "F ") || take_word(&t, "P ")))
		*s = t;
}

static int
unwrap_syslog(struct str *line, wall_t reference, struct head *h)
{
	struct str t = *line;
	struct head got = *h;
	int priority = take_priority(&t);

	if (priority && take_word(&t, "1 ") && unwrap_5424(&t, h)) {
		*line = t;
		return (1);
	}
	if (time_iso(&t, &got) == -1 &&
	    time_month_first(&t, reference, &got) == -1)
		return (0);
	if (take_blanks(&t) == 0)
		return (0);
	if (take_tag(&t, &got)) {
		*h = got;
		*line = t;
		return (1);
	}
	/* docker logs -t and CRI: a UTC time stamp, then anything. */
	if (got.has_offset && got.time_text.n >= 20 &&
	    got.time_text.p[10] == 'T') {
		take_cri(&t);
		*h = got;
		*line = t;
		return (1);
	}
	return (0);
}

int
head_unwrap(struct str *line, wall_t reference, struct head *h)
{
	int any = 0, depth;

	for (depth = 0; depth < 4; depth++) {
		if (!unwrap_container(line, h) &&
		    !unwrap_syslog(line, reference, h))
			break;
		any = 1;
	}
	return (any);
}
