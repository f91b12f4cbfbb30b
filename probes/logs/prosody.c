/* SPDX-License-Identifier: ISC */
/*
 * Heads of prosody: file ("TIME NAME<TAB>LEVEL<TAB>MESSAGE"), console (NAME
 * padded, no time), syslog ("NAME: MESSAGE", no level in the text). Pure.
 * The shapes are those of util/loggingmanager of 0.11, 0.12 and 13.0; the
 * time can be any strftime format of the configuration, of which the usual
 * ones are known.
 */
#include <stdint.h>

#include "probes/logs/heads.h"

#define NAME_LONGEST 200

/* Names of prosody's own modules that stand without a host. */
static const char *const core_names[] = {
	"startup", "general", "portmanager", "certmanager", "modulemanager",
	"hostmanager", "datamanager", "usermanager", "stanzarouter",
	"rostermanager", "storagemanager", "sessionmanager", "configmanager",
	"loggingmanager", "statsmanager", "features", "socket", "server",
	"adns", "x509", "http.server", "http.client", "resolvers", "runner",
	"stats", "connlisteners", "s2smanager", "c2smanager", "sasl", "pubsub",
	"prosodyctl", "unbound", "mod_", "conn_", "server_", "conn", "serv",
};

static const struct {
	const char *word;
	enum log_level level;
} levels[] = {
	{ "info", LOG_LEVEL_INFO },
	{ "debug", LOG_LEVEL_DEBUG },
	{ "warn", LOG_LEVEL_WARN },
	{ "error", LOG_LEVEL_ERROR },
};

static int
is_hex(char c)
{
	return ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
}

/* "c2s60a86b47480", "jcp55e9...", "s2sin...": the word and hex digits. */
static int
is_session(struct str name)
{
	static const char *const kinds[] = { "c2s", "jcp", "s2sin", "s2sout" };
	size_t i, k;

	for (k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		struct str rest = name;

		if (!take_word(&rest, kinds[k]) || rest.n < 5)
			continue;
		for (i = 0; i < rest.n && is_hex(rest.p[i]); i++)
			;
		if (i == rest.n)
			return (1);
	}
	return (0);
}

/* "bosh" and a UUID; takes the word off. */
static int
take_bosh(struct str *name)
{
	struct str rest = *name;

	if (!take_word(&rest, "bosh") || rest.n < 32 || !is_hex(rest.p[0]))
		return (0);
	*name = rest;
	return (1);
}

static int
is_core(struct str name)
{
	size_t i;

	for (i = 0; i < sizeof(core_names) / sizeof(core_names[0]); i++) {
		struct str rest = name;

		if (!take_word(&rest, core_names[i]))
			continue;
		if (rest.n == 0 || rest.p[-1] == '_' || is_hex(rest.p[0]))
			return (1);
	}
	return (0);
}

/* "host.example:module": a colon with a name on both sides. */
static int
is_host_module(struct str name)
{
	size_t at = str_rchr(name, ':');

	return (at != SIZE_MAX && at > 2 && at + 2 < name.n &&
	    str_chr(str_sub(name, 0, at), '.') != SIZE_MAX &&
	    str_chr(name, '/') == SIZE_MAX && str_chr(name, '"') == SIZE_MAX);
}

static int
is_name(struct str name)
{
	struct str bosh = name;

	return (is_session(name) || take_bosh(&bosh) || is_core(name) ||
	    is_host_module(name));
}

/* The session that a message of mod_bosh is about: "sid 'UUID'". */
static void
session_of_message(struct head *h)
{
	size_t at = str_find(h->message, " sid ");
	struct str sid;
	size_t n = 0;

	if (at == SIZE_MAX)
		return;
	sid = str_sub(h->message, at + 5, h->message.n);
	if (!take_char(&sid, '\''))
		take_char(&sid, '"');
	while (n < sid.n && (is_hex(sid.p[n]) || sid.p[n] == '-'))
		n++;
	if (n >= 8)
		h->session = str_sub(sid, 0, n);
}

static void
set_name(struct head *h, struct str name)
{
	h->form = HEAD_PROSODY;
	h->component = COMPONENT_PROSODY;
	h->logger = name;
	if (take_bosh(&name) || is_session(name)) {
		h->session = name;
		return;
	}
	if (str_eqs(name, "mod_bosh"))
		session_of_message(h);
}

/* LEVEL and the blanks around it. */
static int
take_level(struct str *s, enum log_level *level, int *padded)
{
	struct str t = *s;
	size_t i, blanks;

	for (i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		if (!take_word(&t, levels[i].word))
			continue;
		if (t.n == 0 || (t.p[0] != ' ' && t.p[0] != '\t'))
			return (0);
		*padded = t.p[0] == '\t';
		blanks = take_blanks(&t);
		*padded |= blanks > 1;
		*level = levels[i].level;
		*s = t;
		return (1);
	}
	return (0);
}

/* NAME, blanks, LEVEL, blanks. timed: a time stood before. */
static int
name_and_level(struct str t, int timed, struct head *h)
{
	struct str name;
	enum log_level level;
	int padded;
	size_t n = 0;

	while (n < t.n && n < NAME_LONGEST && t.p[n] != ' ' && t.p[n] != '\t')
		n++;
	name = str_sub(t, 0, n);
	t = str_sub(t, n, t.n);
	if (name.n == 0 || take_blanks(&t) == 0 ||
	    !take_level(&t, &level, &padded))
		return (0);
	if (!timed && !padded && !is_name(name))
		return (0);
	h->level = level;
	h->message = t;
	set_name(h, name);
	return (1);
}

/* "NAME: MESSAGE", where syslog has lost the level. */
static int
name_and_colon(struct str t, struct head *h)
{
	size_t at = str_find(str_sub(t, 0, NAME_LONGEST), ": ");
	struct str name = str_sub(t, 0, at);

	if (at == SIZE_MAX || at == 0 || str_chr(name, ' ') != SIZE_MAX ||
	    str_chr(name, '\t') != SIZE_MAX)
		return (0);
	if (h->component != COMPONENT_PROSODY && !is_core(name) &&
	    !is_session(name))
		return (0);
	h->message = str_sub(t, at + 2, t.n);
	set_name(h, name);
	return (1);
}

int
head_prosody(struct str line, wall_t reference, struct head *h)
{
	struct str t = line;
	struct head got = *h;
	int timed = 0;

	if (time_month_first(&t, reference, &got) == 0 ||
	    time_iso(&t, &got) == 0 || time_slashes(&t, &got) == 0)
		timed = take_blanks(&t) > 0;
	if (timed && t.n > 0 && t.p[0] == '[')
		return (0);
	if (name_and_level(t, timed, &got) ||
	    (!timed && name_and_colon(t, &got))) {
		*h = got;
		return (1);
	}
	return (0);
}
