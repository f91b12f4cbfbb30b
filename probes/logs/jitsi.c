/* SPDX-License-Identifier: ISC */
/*
 * Heads of jicofo and jitsi-videobridge: JitsiLogFormatter of jitsi-utils
 * (both dialects and the older one), and the two lines of java.util.logging
 * when the formatter is not configured. Pure.
 *
 *   [JVB |Jicofo ]YYYY-MM-DD HH:MM:SS.mmm LEVEL: [TID] [[k=v ...] ]
 *       Class.method#LINE: message
 *
 * The level is localised by Java. The session of a record is, of what the
 * context says: endpoint, participant, connection, conference; else the
 * thread.
 */
#include <stdint.h>
#include <string.h>

#include "probes/logs/heads.h"

static const struct {
	const char *word;
	enum log_level level;
} levels[] = {
	{ "INFO", LOG_LEVEL_INFO }, { "WARNING", LOG_LEVEL_WARN },
	{ "SEVERE", LOG_LEVEL_ERROR }, { "FINE", LOG_LEVEL_DEBUG },
	{ "FINER", LOG_LEVEL_DEBUG }, { "FINEST", LOG_LEVEL_DEBUG },
	{ "CONFIG", LOG_LEVEL_DEBUG },
	/* German */
	{ "SCHWERWIEGEND", LOG_LEVEL_ERROR }, { "WARNUNG", LOG_LEVEL_WARN },
	{ "INFORMATION", LOG_LEVEL_INFO }, { "FEIN", LOG_LEVEL_DEBUG },
	{ "FEINER", LOG_LEVEL_DEBUG }, { "AM FEINSTEN", LOG_LEVEL_DEBUG },
	{ "KONFIGURATION", LOG_LEVEL_DEBUG }, { "KONFIG", LOG_LEVEL_DEBUG },
	/* French, Italian, Spanish, Portuguese */
	{ "GRAVE", LOG_LEVEL_ERROR }, { "GRAVES", LOG_LEVEL_ERROR },
	{ "AVERTISSEMENT", LOG_LEVEL_WARN }, { "INFOS", LOG_LEVEL_INFO },
	{ "ATTENTION", LOG_LEVEL_WARN }, { "PR\xc3\x89""CIS",
	LOG_LEVEL_DEBUG }, { "AVVERTENZA", LOG_LEVEL_WARN },
	{ "INFORMAZIONI", LOG_LEVEL_INFO }, { "ADVERTENCIA", LOG_LEVEL_WARN },
	{ "INFORMACI\xc3\x93N", LOG_LEVEL_INFO },
	{ "ADVERT\xc3\x8aNCIA", LOG_LEVEL_WARN },
	{ "INFORMA\xc3\x87\xc3\x95""ES", LOG_LEVEL_INFO },
	{ "AVISO", LOG_LEVEL_WARN }, { "AVISSO", LOG_LEVEL_WARN },
	/* Swedish, Dutch */
	{ "ALLVARLIG", LOG_LEVEL_ERROR }, { "VARNING", LOG_LEVEL_WARN },
	{ "WAARSCHUWING", LOG_LEVEL_WARN }, { "ERNSTIG", LOG_LEVEL_ERROR },
	/* Japanese, Chinese, Korean */
	{ "\xe9\x87\x8d\xe5\xa4\xa7", LOG_LEVEL_ERROR },
	{ "\xe8\xad\xa6\xe5\x91\x8a", LOG_LEVEL_WARN },
	{ "\xe6\x83\x85\xe5\xa0\xb1", LOG_LEVEL_INFO },
	{ "\xe4\xb8\xa5\xe9\x87\x8d", LOG_LEVEL_ERROR },
	{ "\xe8\xad\xa6\xe5\x91\x8a", LOG_LEVEL_WARN },
	{ "\xe4\xbf\xa1\xe6\x81\xaf", LOG_LEVEL_INFO },
	{ "\xec\x8b\xac\xea\xb0\x81", LOG_LEVEL_ERROR },
	{ "\xea\xb2\xbd\xea\xb3\xa0", LOG_LEVEL_WARN },
	{ "\xec\xa0\x95\xeb\xb3\xb4", LOG_LEVEL_INFO },
};

/* Classes that only one of the two programs has. */
static const struct {
	const char *name;
	enum component component;
} classes[] = {
	{ "org.jitsi.videobridge", COMPONENT_JVB },
	{ "org.jitsi.nlj", COMPONENT_JVB },
	{ "org.ice4j", COMPONENT_JVB },
	{ "org.jitsi.jicofo", COMPONENT_JICOFO },
	{ "org.jitsi.impl.protocol.xmpp", COMPONENT_JICOFO },
	{ "MucClient", COMPONENT_JVB }, { "Videobridge", COMPONENT_JVB },
	{ "Endpoint", COMPONENT_JVB }, { "Conference.", COMPONENT_JVB },
	{ "Colibri2ConferenceHandler", COMPONENT_JVB },
	{ "Agent.", COMPONENT_JVB }, { "IceTransport", COMPONENT_JVB },
	{ "DtlsTransport", COMPONENT_JVB }, { "DtlsStack", COMPONENT_JVB },
	{ "Harvesters", COMPONENT_JVB }, { "UlimitCheck", COMPONENT_JVB },
	{ "XmppConnection", COMPONENT_JVB },
	{ "ConnectivityCheck", COMPONENT_JVB },
	{ "FocusManager", COMPONENT_JICOFO },
	{ "JitsiMeetConference", COMPONENT_JICOFO },
	{ "ColibriV2Session", COMPONENT_JICOFO },
	{ "BridgeSelector", COMPONENT_JICOFO },
	{ "JvbDoctor", COMPONENT_JICOFO }, { "BaseBrewery", COMPONENT_JICOFO },
	{ "XmppProvider", COMPONENT_JICOFO },
	{ "XmppServices", COMPONENT_JICOFO },
	{ "JicofoServices", COMPONENT_JICOFO },
	{ "ParticipantInviteRunnable", COMPONENT_JICOFO },
	{ "ChatRoomImpl", COMPONENT_JICOFO },
	{ "ConferenceIqHandler", COMPONENT_JICOFO },
};

static int
level_find(struct str word, enum log_level *level)
{
	size_t i;

	for (i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		if (!str_eqs(word, levels[i].word))
			continue;
		*level = levels[i].level;
		return (1);
	}
	return (0);
}

/* "LEVEL: " off the front; any: an unknown word is a level, too. */
static int
take_level(struct str *s, int any, enum log_level *level)
{
	size_t at = str_chr(str_sub(*s, 0, 40), ':');
	struct str word = str_sub(*s, 0, at);

	if (at == SIZE_MAX || at == 0 || at + 1 >= s->n ||
	    s->p[at + 1] != ' ')
		return (0);
	if (!level_find(word, level)) {
		if (!any || str_chr(word, ' ') != SIZE_MAX)
			return (0);
		*level = LOG_LEVEL_NONE;
	}
	*s = str_sub(*s, at + 2, s->n);
	return (1);
}

/* The value of "key=" in "k=v k=v", empty when there is none. */
static struct str
context_value(struct str context, const char *key)
{
	struct str word;
	size_t n = strlen(key);

	while ((word = str_word(&context)).n > 0)
		if (word.n > n && str_starts(word, key))
			return (str_sub(word, n, word.n));
	return (str_of(NULL, 0));
}

static void
read_context(struct str context, struct head *h)
{
	static const char *const keys[] = { "epId=", "participant=", "id=",
	    "confId=", "room=", "conf_name=", "meeting_id=",
	    "xmpp_connection=" };
	struct str value;
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		value = context_value(context, keys[i]);
		if (value.n == 0)
			continue;
		h->session = value;
		break;
	}
	if (h->component != COMPONENT_NONE)
		return;
	if (context_value(context, "confId=").n > 0 ||
	    context_value(context, "epId=").n > 0 ||
	    context_value(context, "hostname=").n > 0)
		h->component = COMPONENT_JVB;
	else if (context_value(context, "xmpp_connection=").n > 0 ||
	    context_value(context, "brewery=").n > 0 ||
	    context_value(context, "room=").n > 0)
		h->component = COMPONENT_JICOFO;
}

static int
class_char(char c)
{
	return ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_' || c == '$' || c == '.' ||
	    c == '<' || c == '>' || c == '-' || c == '#' || c == '(' ||
	    c == ')');
}

static void
class_component(struct head *h)
{
	size_t i;

	if (h->component != COMPONENT_NONE)
		return;
	for (i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		if (!str_starts(h->logger, classes[i].name))
			continue;
		h->component = classes[i].component;
		return;
	}
}

/*
 * "Class.method#LINE: " or "pkg.Class.method: "; the older dialect writes
 * "Class.method() " and "Class.method().LINE ". What is left is the message.
 */
static void
take_class(struct str *s, struct head *h)
{
	size_t n = 0;
	struct str t;

	while (n < s->n && n < 300 && class_char(s->p[n]))
		n++;
	if (n < 3 || n >= s->n || str_chr(str_sub(*s, 0, n), '.') == SIZE_MAX)
		return;
	t = str_sub(*s, n, s->n);
	if (!take_char(&t, ':') && (n < 2 ||
	    str_chr(str_sub(*s, 0, n), '(') == SIZE_MAX))
		return;
	if (t.n > 0 && !take_char(&t, ' '))
		return;
	h->logger = str_sub(*s, 0, n);
	class_component(h);
	*s = t;
}

/* "[TID] ", "[k=v ...] ", Class.method. */
static int
take_rest(struct str t, int need_thread, struct head *h)
{
	int thread;
	struct str digits = t;
	size_t close;

	if (take_char(&t, '[') && take_digits(&t, 1, 10, &thread) == 0 &&
	    take_char(&t, ']')) {
		h->session = str_sub(digits, 1, digits.n - t.n - 1);
		take_char(&t, ' ');
	} else if (need_thread)
		return (0);
	else
		t = digits;
	if (t.n > 0 && t.p[0] == '[') {
		close = str_find(str_sub(t, 0, 2000), "] ");
		if (close != SIZE_MAX &&
		    str_chr(str_sub(t, 0, close), '=') != SIZE_MAX) {
			read_context(str_sub(t, 1, close), h);
			t = str_sub(t, close + 2, t.n);
		}
	}
	take_class(&t, h);
	h->message = t;
	return (1);
}

/* "Mar 19, 2021 6:31:36 PM org.jitsi.Class method" and nothing more. */
static int
jul_first(struct str line, struct head *h)
{
	struct str t = line, class, method;
	struct head got = *h;

	if (line.n > 300 || time_jul(&t, &got) == -1 || take_blanks(&t) == 0)
		return (0);
	class = str_word(&t);
	method = str_word(&t);
	if (class.n == 0 || method.n == 0 || str_trim(t).n > 0 ||
	    str_chr(class, '.') == SIZE_MAX)
		return (0);
	got.form = HEAD_JUL;
	got.logger = class;
	class_component(&got);
	got.message = str_sub(line, line.n, line.n);
	*h = got;
	return (1);
}

/* Head without time: "SEVERE: [25] ...", "[hostname=x id=y] Class.m#1: ". */
static int
untimed(struct str line, struct head *h)
{
	struct str t = line;
	struct head got = *h;
	size_t hash;

	if (take_level(&t, 0, &got.level)) {
		take_rest(t, 0, &got);
		got.form = HEAD_JUL_LEVEL;
		*h = got;
		return (1);
	}
	if (t.n == 0 || t.p[0] != '[')
		return (0);
	take_rest(t, 0, &got);
	hash = str_rchr(got.logger, '#');
	if (got.logger.n == 0 || hash == SIZE_MAX)
		return (0);
	got.form = HEAD_JITSI;
	*h = got;
	return (1);
}

int
head_jitsi(struct str line, wall_t reference, struct head *h)
{
	struct str t = line;
	struct head got = *h;
	int named = 1;

	(void)reference;
	if (take_word(&t, "JVB "))
		got.component = COMPONENT_JVB;
	else if (take_word(&t, "Jicofo "))
		got.component = COMPONENT_JICOFO;
	else
		named = 0;
	if (time_iso(&t, &got) == 0) {
		if (take_blanks(&t) == 0 ||
		    !take_level(&t, 1, &got.level) ||
		    !take_rest(t, !named, &got))
			return (0);
		got.form = HEAD_JITSI;
		*h = got;
		return (1);
	}
	if (named && take_level(&t, 1, &got.level) &&
	    take_rest(t, 1, &got)) {
		got.form = HEAD_JITSI;
		*h = got;
		return (1);
	}
	return (jul_first(line, h) || untimed(line, h));
}
