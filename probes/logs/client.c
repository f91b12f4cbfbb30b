/* SPDX-License-Identifier: ISC */
/*
 * What command line clients print: libstrophe's logger, openssl s_client,
 * curl, keytool, prosodyctl. They have no time stamps; a line that begins
 * like one of theirs stands for itself. Pure.
 */
#include <stdint.h>

#include "probes/logs/heads.h"

static const struct {
	const char *start;
	enum component component;
	enum log_level level;
	int named;		/* "LOGGER LEVEL message" */
} starts[] = {
	{ "xmpp DEBUG ", COMPONENT_CLIENT, LOG_LEVEL_DEBUG, 1 },
	{ "xmpp INFO ", COMPONENT_CLIENT, LOG_LEVEL_INFO, 1 },
	{ "xmpp ERROR ", COMPONENT_CLIENT, LOG_LEVEL_ERROR, 1 },
	{ "xmpp WARN ", COMPONENT_CLIENT, LOG_LEVEL_WARN, 1 },
	{ "conn DEBUG ", COMPONENT_CLIENT, LOG_LEVEL_DEBUG, 1 },
	{ "conn ERROR ", COMPONENT_CLIENT, LOG_LEVEL_ERROR, 1 },
	{ "auth ERROR ", COMPONENT_CLIENT, LOG_LEVEL_ERROR, 1 },
	{ "auth DEBUG ", COMPONENT_CLIENT, LOG_LEVEL_DEBUG, 1 },
	{ "tls DEBUG ", COMPONENT_CLIENT, LOG_LEVEL_DEBUG, 1 },
	{ "tls ERROR ", COMPONENT_CLIENT, LOG_LEVEL_ERROR, 1 },
	{ "sock DEBUG ", COMPONENT_CLIENT, LOG_LEVEL_DEBUG, 1 },
	{ "sock ERROR ", COMPONENT_CLIENT, LOG_LEVEL_ERROR, 1 },
	{ "CONNECTED(", COMPONENT_CLIENT, LOG_LEVEL_INFO, 0 },
	{ "verify error:", COMPONENT_CLIENT, LOG_LEVEL_ERROR, 0 },
	{ "Verify return code: ", COMPONENT_CLIENT, LOG_LEVEL_INFO, 0 },
	{ "Verification error: ", COMPONENT_CLIENT, LOG_LEVEL_ERROR, 0 },
	{ "curl: (", COMPONENT_CLIENT, LOG_LEVEL_ERROR, 0 },
	{ "keytool error: ", COMPONENT_CLIENT, LOG_LEVEL_ERROR, 0 },
	{ "$ prosodyctl ", COMPONENT_PROSODYCTL, LOG_LEVEL_NONE, 0 },
	{ "# prosodyctl ", COMPONENT_PROSODYCTL, LOG_LEVEL_NONE, 0 },
	{ "$ openssl ", COMPONENT_CLIENT, LOG_LEVEL_NONE, 0 },
	{ "$ curl ", COMPONENT_CLIENT, LOG_LEVEL_NONE, 0 },
	{ "$ keytool ", COMPONENT_CLIENT, LOG_LEVEL_NONE, 0 },
	{ "$ libstrophe ", COMPONENT_CLIENT, LOG_LEVEL_NONE, 0 },
};

int
head_client(struct str line, wall_t reference, struct head *h)
{
	size_t i;
	struct str t;

	(void)reference;
	for (i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		if (!str_starts(line, starts[i].start))
			continue;
		t = line;
		if (starts[i].named) {
			h->logger = str_word(&t);
			str_word(&t);
			take_blanks(&t);
		}
		h->message = t;
		h->level = starts[i].level;
		h->component = starts[i].component;
		h->form = starts[i].component == COMPONENT_CLIENT ?
		    HEAD_CLIENT : HEAD_PROSODYCTL;
		return (1);
	}
	return (0);
}
