/* SPDX-License-Identifier: ISC */
/*
 * What wrote a log, by the heads of its first lines, then by sentences that
 * only one program prints, last by the file's name. Pure.
 */
#include <stdint.h>
#include <string.h>

#include "agent/base/limits.h"
#include "probes/logs/heads.h"
#include "probes/logs/logs.h"

/* Lines that are looked at. */
#define SAMPLE_LINES 400

/* What the programs print before their logging is up. */
static const struct {
	const char *text;
	enum component component;
} sentences[] = {
	{ "A problem occurred while reading the config file",
	    COMPONENT_PROSODY },
	{ "Prosody was unable to find the configuration file",
	    COMPONENT_PROSODY },
	{ "Prosody was unable to find one of its dependencies",
	    COMPONENT_PROSODY },
	{ "Checking config...", COMPONENT_PROSODYCTL },
	{ "Checking certificates...", COMPONENT_PROSODYCTL },
	{ "Checking DNS", COMPONENT_PROSODYCTL },
	{ "STUN/TURN Server", COMPONENT_COTURN },
	{ "nginx: configuration file ", COMPONENT_NGINX_ERROR },
	{ "javax.net.ssl.", COMPONENT_CLIENT },
	{ "SSL routines:", COMPONENT_CLIENT },
	{ "no peer certificate available", COMPONENT_CLIENT },
	{ "org.jitsi.videobridge", COMPONENT_JVB },
	{ "org.jitsi.jicofo", COMPONENT_JICOFO },
};

/* Names of files that say more than head_component does. */
static const struct {
	const char *part;
	enum component component;
} names[] = {
	{ "access", COMPONENT_NGINX_ACCESS },
	{ "browser", COMPONENT_BROWSER },
	{ "devtools", COMPONENT_BROWSER },
	{ "prosodyctl", COMPONENT_PROSODYCTL },
	{ "client", COMPONENT_CLIENT },
	{ "syslog", COMPONENT_SYSLOG },
	{ "messages", COMPONENT_SYSLOG },
	{ "daemon", COMPONENT_SYSLOG },
};

/* A file called like a log: "jvb", "x.log", "prosody.err", "nginx.log.1". */
static int
log_name(struct str base)
{
	static const char *const parts[] = { "log", ".err", ".out", ".txt",
	    "console", "messages" };
	size_t i;

	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (str_ifind(base, parts[i]) != SIZE_MAX)
			return (1);
	return (str_chr(base, '.') == SIZE_MAX);
}

static int
by_name(const char *name)
{
	struct str base;
	size_t slash, i;
	enum component c;

	if (name == NULL)
		return (-1);
	base = str_from(name);
	slash = str_rchr(base, '/');
	if (slash != SIZE_MAX)
		base = str_sub(base, slash + 1, base.n);
	if (!log_name(base))
		return (-1);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (str_ifind(base, names[i].part) != SIZE_MAX)
			return ((int)names[i].component);
	c = head_component(base);
	return (c == COMPONENT_NONE ? -1 : (int)c);
}

static int
by_sentence(struct str sample)
{
	size_t i;

	for (i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++)
		if (str_find(sample, sentences[i].text) != SIZE_MAX)
			return ((int)sentences[i].component);
	return (-1);
}

struct tally {
	size_t votes[COMPONENT_COUNT];
	size_t java;		/* Java heads that name no program */
	size_t heads, lines;
	size_t tags;		/* lines in which a wrapper names the writer */
};

static void
count_heads(struct str sample, struct tally *t)
{
	struct str line;
	struct head h;

	memset(t, 0, sizeof(*t));
	while (sample.n > 0 && t->lines < SAMPLE_LINES) {
		line = str_trim(str_split(&sample, '\n'));
		if (line.n == 0)
			continue;
		t->lines++;
		head_read(line, WALL_NONE, &h);
		if (h.form == HEAD_NONE && h.tag.n == 0)
			continue;
		t->heads++;
		t->tags += h.tag.n > 0;
		if (h.component != COMPONENT_NONE)
			t->votes[h.component]++;
		else if (h.form == HEAD_JITSI || h.form == HEAD_JUL ||
		    h.form == HEAD_JUL_LEVEL)
			t->java++;
	}
}

int
logs_recognise(const char *name, struct str sample)
{
	struct tally t;
	size_t i, best = 0, second = 0;
	int named = by_name(name), said;

	sample = str_sub(sample, 0, LIMIT_LOG_SAMPLE);
	count_heads(sample, &t);
	for (i = 1; i < COMPONENT_COUNT; i++) {
		if (t.votes[i] > t.votes[best]) {
			second = best;
			best = i;
		} else if (second == 0 || t.votes[i] > t.votes[second])
			second = i;
	}
	if (best == COMPONENT_NONE) {
		if (t.java > 0)
			return (named == COMPONENT_JICOFO ||
			    named == COMPONENT_JVB ||
			    named == COMPONENT_CLIENT ? named :
			    COMPONENT_NONE);
		said = by_sentence(sample);
		if (said != -1)
			return (named == -1 ? said : named);
		return (t.heads > 0 ? COMPONENT_NONE : named);
	}
	if (t.heads * 20 < t.lines && named == -1)
		return (-1);
	/* A client's file can hold a service's lines: its name decides, where
	 * the content does not speak against it. */
	if ((named == COMPONENT_PROSODYCTL || named == COMPONENT_CLIENT) &&
	    (t.votes[named] > 0 || t.votes[best] * 4 < t.lines))
		return (named);
	/* Where wrappers name the writer, others can follow further down. */
	if (t.votes[second] > 0 || t.tags > 0)
		return (COMPONENT_NONE);
	return ((int)best);
}
