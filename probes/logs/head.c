/* SPDX-License-Identifier: ISC */
/*
 * One line against all families of heads, and the question whether a line
 * without a head continues what stands before it. Pure.
 */
#include <stdint.h>
#include <string.h>

#include "probes/logs/heads.h"

typedef int (*head_family)(struct str, wall_t, struct head *);

/* In the order of how little they can be mistaken for another. */
static const head_family families[] = {
	head_nginx, head_jitsi, head_coturn, head_prosody, head_client,
	head_browser,
};

/* Beginnings of lines that belong to a stack trace or a Lua traceback. */
static const char *const continuations[] = {
	"Caused by: ", "Suppressed: ", "at org.", "at java.", "at java.base/",
	"at com.", "at net.", "at kotlin", "at io.", "stack traceback:",
	"... ",
};

int
head_continues(struct str line)
{
	size_t i;

	if (line.n == 0)
		return (0);
	if (line.p[0] == ' ' || line.p[0] == '\t')
		return (1);
	for (i = 0; i < sizeof(continuations) / sizeof(continuations[0]); i++)
		if (str_starts(line, continuations[i]))
			return (1);
	return (0);
}

void
head_read(struct str line, wall_t reference, struct head *h)
{
	size_t i;
	int wrapped, by_tag;

	memset(h, 0, sizeof(*h));
	h->time = WALL_NONE;
	take_word(&line, "\xef\xbb\xbf");
	wrapped = head_unwrap(&line, reference, h);
	by_tag = h->component != COMPONENT_NONE;
	h->message = line;
	if (line.n == 0)
		return;
	/* A wrapper's tag says whose a stack trace is, but not more. */
	if (!head_continues(line)) {
		for (i = 0; i < sizeof(families) / sizeof(families[0]); i++)
			if (families[i](line, reference, h))
				return;
		if (wrapped && h->component != COMPONENT_JVB &&
		    h->component != COMPONENT_JICOFO)
			h->form = HEAD_PLAIN;
	}
	if (wrapped && !by_tag && h->tag.n > 0)
		h->component = COMPONENT_SYSLOG;
}
