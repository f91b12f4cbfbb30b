/* SPDX-License-Identifier: ISC */
/*
 * Heads of coturn: "SECONDS: : message", "SECONDS: (THREAD): LEVEL:
 * message", and the same after a date where new-log-timestamp is set. Pure.
 * Seconds count from the start of the server, so a line without a date has
 * no time. The session is the number that coturn gives one.
 */
#include <stdint.h>

#include "probes/logs/heads.h"

static const struct {
	const char *word;
	enum log_level level;
} levels[] = {
	{ "ERROR: ", LOG_LEVEL_ERROR }, { "WARNING: ", LOG_LEVEL_WARN },
	{ "INFO: ", LOG_LEVEL_INFO }, { "DEBUG: ", LOG_LEVEL_DEBUG },
	{ "CRITICAL: ", LOG_LEVEL_ERROR },
};

static void
read_session(struct head *h)
{
	struct str t = h->message;
	int n;

	if (!take_word(&t, "session ") || take_digits(&t, 1, 20, &n) == -1)
		return;
	h->session = str_sub(h->message, 8, h->message.n - t.n);
}

int
head_coturn(struct str line, wall_t reference, struct head *h)
{
	struct str t = line, start;
	struct head got = *h;
	int n;
	size_t i;

	(void)reference;
	if (time_iso(&t, &got) == -1 &&
	    take_digits(&t, 1, 10, &n) == -1)
		return (0);
	start = str_sub(line, 0, line.n - t.n);
	if (!take_word(&t, ": "))
		return (0);
	if (take_char(&t, '(')) {
		if (take_digits(&t, 1, 10, &n) == -1 || !take_char(&t, ')'))
			return (0);
	}
	if (!take_char(&t, ':') || (t.n > 0 && !take_char(&t, ' ')))
		return (0);
	for (i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		if (take_word(&t, levels[i].word)) {
			got.level = levels[i].level;
			break;
		}
	if (got.time_text.n == 0)
		got.time_text = start;
	got.form = HEAD_COTURN;
	got.component = COMPONENT_COTURN;
	got.message = t;
	read_session(&got);
	*h = got;
	return (1);
}
