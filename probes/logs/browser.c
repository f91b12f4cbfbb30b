/* SPDX-License-Identifier: ISC */
/*
 * Heads of browsers: Chromium's standard error ("[pid:tid:date:LEVEL:
 * CONSOLE:2] ..."), the lists that developers' tools export, and what
 * lib-jitsi-meet prints to the console. Pure.
 */
#include <stdint.h>

#include "probes/logs/heads.h"

static const struct {
	const char *word;
	enum log_level level;
} levels[] = {
	{ "INFO", LOG_LEVEL_INFO }, { "WARNING", LOG_LEVEL_WARN },
	{ "ERROR", LOG_LEVEL_ERROR }, { "FATAL", LOG_LEVEL_ERROR },
	{ "VERBOSE", LOG_LEVEL_DEBUG },
};

/* Tags of exported consoles: "[error] ", "[Error] ", "[net] ". */
static const struct {
	const char *word;
	enum log_level level;
} tags[] = {
	{ "[error]", LOG_LEVEL_ERROR }, { "[Error]", LOG_LEVEL_ERROR },
	{ "[warning]", LOG_LEVEL_WARN }, { "[Warning]", LOG_LEVEL_WARN },
	{ "[warn]", LOG_LEVEL_WARN }, { "[WARN]", LOG_LEVEL_WARN },
	{ "[log]", LOG_LEVEL_INFO }, { "[Log]", LOG_LEVEL_INFO },
	{ "[info]", LOG_LEVEL_INFO }, { "[Info]", LOG_LEVEL_INFO },
	{ "[debug]", LOG_LEVEL_DEBUG }, { "[net]", LOG_LEVEL_INFO },
	{ "[ERROR]", LOG_LEVEL_ERROR }, { "[INFO]", LOG_LEVEL_INFO },
	{ "[exception]", LOG_LEVEL_ERROR },
};

/* Beginnings of lines that only a browser's console has. */
static const char *const starts[] = {
	"LAB ", "WebSocket connection to '", "Failed to load resource: ",
	"Uncaught ", "Mixed Content: ", "Access to XMLHttpRequest ",
	"Access to fetch ", "Refused to ", "net::ERR_", "Strophe: ",
	"Firefox can", "XHR failed", "[modules/", "[conference.js]",
	"[JitsiMeetJS", "[features/", "CONFERENCE FAILED",
	"Cross-Origin Request Blocked", "Content Security Policy",
	"The connection to wss://", "GET wss://", "POST https://",
	"GET https://",
};

static enum log_level
level_of(struct str s)
{
	size_t i;

	for (i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		if (str_starts(s, levels[i].word))
			return (levels[i].level);
	return (LOG_LEVEL_NONE);
}

/* "[31789:31821:1124/225326.768346:ERROR:dbus/bus.cc:405] message". */
static int
chromium(struct str line, wall_t reference, struct head *h)
{
	struct str t = line;
	struct head got = *h;
	size_t close;
	int n;

	if (!take_char(&t, '[') || take_digits(&t, 1, 10, &n) == -1 ||
	    !take_char(&t, ':') || take_digits(&t, 1, 10, &n) == -1 ||
	    !take_char(&t, ':') || time_chromium(&t, reference, &got) == -1 ||
	    !take_char(&t, ':'))
		return (0);
	got.level = level_of(t);
	close = str_find(str_sub(t, 0, 300), "] ");
	if (close == SIZE_MAX)
		return (0);
	got.logger = str_sub(t, 0, close);
	got.message = str_sub(t, close + 2, t.n);
	got.form = HEAD_BROWSER;
	got.component = COMPONENT_BROWSER;
	*h = got;
	return (1);
}

/* "Logger.js:154 2026-11-22T10:00:00.000Z [modules/xmpp/xmpp.js] ...". */
static int
jitsi_console(struct str line, struct head *h)
{
	struct str t = line, word = str_word(&t);
	struct head got = *h;
	size_t i;

	if (str_find(word, ".js:") != SIZE_MAX || str_ends(word, ".html")) {
		take_blanks(&t);
		got.logger = word;
	} else
		t = line;
	if (time_iso(&t, &got) == 0) {
		take_blanks(&t);
		if (t.n == 0 || t.p[0] != '[')
			return (0);
	} else if (got.logger.n == 0)
		return (0);
	for (i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
		if (take_word(&t, tags[i].word)) {
			got.level = tags[i].level;
			take_blanks(&t);
			break;
		}
	got.form = HEAD_BROWSER;
	got.component = COMPONENT_BROWSER;
	got.message = t;
	*h = got;
	return (1);
}

int
head_browser(struct str line, wall_t reference, struct head *h)
{
	struct str t = line;
	size_t i;

	if (chromium(line, reference, h) || jitsi_console(line, h))
		return (1);
	for (i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
		if (take_word(&t, tags[i].word)) {
			h->level = tags[i].level;
			break;
		}
	if (t.n == line.n) {
		for (i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
			if (str_starts(line, starts[i]))
				break;
		if (i == sizeof(starts) / sizeof(starts[0]))
			return (0);
	}
	take_blanks(&t);
	h->form = HEAD_BROWSER;
	h->component = COMPONENT_BROWSER;
	h->message = t;
	return (1);
}
