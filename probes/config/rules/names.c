/* SPDX-License-Identifier: ISC */
/*
 * The rule that a site's domain is spelled alike everywhere. Some places must
 * hold it (a JID of jicofo, a component of prosody): two letters off are a
 * mistake. Others may as well name a neighbour (hosts files, server_name):
 * there only what looks like a slip of the finger is one. Pure.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "probes/config/nginx.h"
#include "probes/config/prosody.h"
#include "probes/config/rules.h"

/* One mention of a domain: the site's part of it. */
struct mention {
	struct val at;
	struct str base;
	int weak;
};

struct mentions {
	struct mention list[400];
	size_t count;
};

/* The site's domain inside a name: known prefixes taken off. */
struct str
site_part(struct str name)
{
	static const char *const prefixes[] = { "internal.auth.",
	    "internal-muc.", "conference.", "conferenceduration.", "auth.",
	    "focus.", "muc.", "jvb.", "jitsi-videobridge.", "guest.",
	    "recorder.", "jibri.", "internal.", "speakerstats.", "lobby.",
	    "breakout.", "avmoderation.", "callcontrol.", "endconference.",
	    "metadata.", "polls.", "filesharing.", "visitors.", "xmpp.",
	    "hidden.", "turn.", "stun." };
	size_t i;

	for (i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (str_starts(name, prefixes[i]))
			return (str_sub(name, strlen(prefixes[i]), name.n));
	return (name);
}

/* The host of a JID, a URL or an address with a port. */
static struct str
host_of(struct str s)
{
	size_t i = str_find(s, "://");

	if (i != SIZE_MAX)
		s = str_sub(s, i + 3, s.n);
	else if (str_starts(s, "//"))
		s = str_sub(s, 2, s.n);
	s = jid_domain(s);
	return (str_sub(s, 0, str_chr(s, ':')));
}

static void
mention(struct mentions *ms, struct val at, struct str name, int weak)
{
	struct mention *m;

	name = host_of(name);
	if (name.n == 0 || is_address(name) || str_chr(name, '.') == SIZE_MAX
	    || str_chr(name, '$') != SIZE_MAX || str_eqs(name, "localhost") ||
	    ms->count == sizeof(ms->list) / sizeof(ms->list[0]))
		return;
	m = &ms->list[ms->count++];
	m->at = at;
	m->base = site_part(name);
	m->weak = weak;
}

#define LEGACY "org.jitsi.videobridge.xmpp.user."

/* Keys whose values are domains, JIDs or URLs, by their start and end. */
static const struct {
	const char *kind, *start, *end;
	int weak;
} domain_keys[] = {
	{ "jicofo.conf", "jicofo.xmpp.client.domain", "", 0 },
	{ "jicofo.conf", "jicofo.xmpp.client.hostname", "", 0 },
	{ "jicofo.conf", "jicofo.xmpp.client.xmpp-domain", "", 0 },
	{ "jicofo.conf", "jicofo.xmpp.client.client-proxy", "", 0 },
	{ "jicofo.conf", "jicofo.xmpp.client.conference-muc-jid", "", 0 },
	{ "jicofo.conf", "jicofo.bridge.brewery-jid", "", 0 },
	{ "jicofo.conf", "jicofo.jibri.brewery-jid", "", 0 },
	{ "jicofo.conf", "jicofo.jigasi.brewery-jid", "", 0 },
	{ "jicofo.conf", "jicofo.authentication.login-url", "", 0 },
	{ "jicofo.conf", "jicofo.xmpp.trusted-domains/", "", 0 },
	{ "jvb.conf", "videobridge.apis.xmpp-client.configs.", ".domain", 0 },
	{ "jvb.conf", "videobridge.apis.xmpp-client.configs.", ".hostname",
	    0 },
	{ "jvb.conf", "videobridge.apis.xmpp-client.configs.", ".muc_jids",
	    0 },
	{ "jvb.conf", "videobridge.websockets.domain", "", 0 },
	{ "sip-communicator.properties", LEGACY, ".DOMAIN", 0 },
	{ "sip-communicator.properties", LEGACY, ".MUC_JIDS", 0 },
	{ "prosody.cfg.lua", "", "/target_address", 0 },
	{ "prosody.cfg.lua", "", "/muc_mapper_domain_base", 0 },
	{ "prosody.cfg.lua", "", "/http_default_host", 0 },
	{ "prosody.cfg.lua", "", "_muc", 0 },
	{ "prosody.cfg.lua", "", "_component", 0 },
	{ "prosody.cfg.lua", "", "/muc_filter_whitelist", 0 },
	{ "prosody.cfg.lua", "", "/host", 1 },
	{ "config.js", "hosts.", "", 0 },
	{ "config.js", "focusUserJid", "", 0 },
	{ "config.js", "bosh", "", 0 },
	{ "config.js", "websocket", "", 0 },
	{ "acme-client.conf", "domain/", "", 1 },
	{ "turnserver.conf", "realm", "", 1 },
	{ "turnserver.conf", "server-name", "", 1 },
};

/* Lists of prosody whose members are JIDs or domains. */
static int
is_jid_list(const char *key)
{
	static const char *const lists[] = { "/admins/", "/unlimited_jids/",
	    "/muc_password_whitelist/", "/muc_filter_whitelist/",
	    "/muc_lobby_whitelist/", "/recorder_prefixes/" };
	size_t i;

	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if (strstr(key, lists[i]) != NULL)
			return (1);
	return (0);
}

/* Names that stand in the key, or among the arguments of a directive. */
static void
mention_odd(struct mentions *ms, const struct config_file *f,
    const struct item *it)
{
	struct val at = { f, it };
	struct str key = str_from(it->key), flags = item_str(it), w;
	const char *kind = f->reader->kind;
	size_t i;

	if (strcmp(kind, "prosody.cfg.lua") == 0) {
		if (it->type == ITEM_TABLE && it->parent == -1 &&
		    strcmp(it->key, "*") != 0)
			mention(ms, at, key, 0);
		if (is_jid_list(it->key))
			mention(ms, at, item_str(it), 0);
	} else if (strcmp(kind, "commands") == 0 && strncmp(it->key,
	    "keystore/", 9) != 0) {
		mention(ms, at, str_sub(key, str_chr(key, '/') + 1, key.n),
		    0);
		if (strncmp(it->key, "subscribe/", 10) == 0)
			mention(ms, at, item_str(it), 0);
	} else if (strcmp(kind, "hosts") == 0) {
		mention(ms, at, key, 1);
	} else if (strcmp(kind, "rc.conf.local") == 0) {
		while ((w = str_word(&flags)).n > 0)
			if (str_starts(w, "--host=") ||
			    str_starts(w, "--domain="))
				mention(ms, at, str_sub(w, str_chr(w, '=') +
				    1, w.n), 0);
	} else if (strcmp(kind, "nginx.conf") == 0) {
		if (strcmp(it->key, "proxy_set_header") == 0 &&
		    str_ieqs(nginx_arg(it, 0), "Host"))
			mention(ms, at, nginx_arg(it, 1), 1);
		for (i = 0; strcmp(it->key, "server_name") == 0 &&
		    (w = nginx_arg(it, i)).n > 0; i++)
			mention(ms, at, w, 1);
	}
}

static void
mentions_of(struct mentions *ms, const struct config_file *f)
{
	const struct item *it;
	struct str key;
	size_t i, k;

	for (i = 0; i < f->model.count; i++) {
		it = &f->model.list[i];
		key = str_from(it->key);
		mention_odd(ms, f, it);
		for (k = 0; k < sizeof(domain_keys) /
		    sizeof(domain_keys[0]); k++)
			if (strcmp(domain_keys[k].kind, f->reader->kind) == 0
			    && str_starts(key, domain_keys[k].start) &&
			    str_ends(key, domain_keys[k].end))
				break;
		if (k < sizeof(domain_keys) / sizeof(domain_keys[0]) &&
		    it->type != ITEM_OPAQUE)
			mention(ms, (struct val){ f, it }, item_str(it),
			    domain_keys[k].weak);
	}
}

static size_t
votes_for(const struct mentions *ms, struct str base)
{
	size_t i, n = 0;

	for (i = 0; i < ms->count; i++)
		n += same_name(ms->list[i].base, base);
	return (n);
}

/*
 * The spelling that most have. The guests' VirtualHost says which site it is;
 * but when all the others are spelled alike it is the one that is wrong.
 */
static struct str
site_domain(const struct lint *l, const struct mentions *ms, size_t *votes)
{
	struct str best = str_of("", 0), base;
	size_t i, n;

	*votes = 0;
	if (val_is(l->n.guests)) {
		best = site_part(str_from(l->n.guests.it->key));
		*votes = votes_for(ms, best);
	}
	for (i = 0; i < ms->count; i++) {
		base = ms->list[i].base;
		n = votes_for(ms, base);
		if (n <= *votes || ms->list[i].weak || (val_is(l->n.guests) &&
		    (n < 2 * *votes || str_distance(base, best, 2) > 2)))
			continue;
		*votes = n;
		best = base;
	}
	return (best);
}

static int
is_letter(char ch)
{
	return ((ch | 32) >= 'a' && (ch | 32) <= 'z');
}

/*
 * Do two names differ as by a slip of the finger: a letter too many or too
 * few, two exchanged, or (in a longer label) one for another?
 */
static int
is_slip(struct str a, struct str b)
{
	size_t i, k, label;

	if (a.n > b.n)
		return (is_slip(b, a));
	for (i = 0; i < a.n && (a.p[i] | 32) == (b.p[i] | 32); i++)
		;
	for (k = 0; k < a.n - i && (a.p[a.n - 1 - k] | 32) ==
	    (b.p[b.n - 1 - k] | 32); k++)
		;
	for (label = i; label < b.n && b.p[label] != '.'; label++)
		;
	label -= str_rchr(str_sub(b, 0, i), '.') + 1;
	if (i == b.n || !is_letter(b.p[i]) || label < 3)
		return (0);
	if (a.n + 1 == b.n)
		return (i + k == a.n);
	if (a.n != b.n || !is_letter(a.p[i]))
		return (0);
	if (i + k + 1 == a.n)
		return (label > 3);
	return (i + k + 2 == a.n && a.p[i] == b.p[i + 1] &&
	    a.p[i + 1] == b.p[i] && is_letter(a.p[i + 1]));
}

/* Are they numbered names: one but for their digits? */
static int
is_numbered(struct str a, struct str b)
{
	size_t i = 0, k = 0;

	for (;;) {
		while (i < a.n && a.p[i] >= '0' && a.p[i] <= '9')
			i++;
		while (k < b.n && b.p[k] >= '0' && b.p[k] <= '9')
			k++;
		if (i == a.n || k == b.n)
			return (i == a.n && k == b.n);
		if ((a.p[i++] | 32) != (b.p[k++] | 32))
			return (0);
	}
}

/* The first mention of the spelling that most have. */
static struct val
first_of(const struct mentions *ms, struct str base)
{
	size_t i;

	for (i = 0; i < ms->count; i++)
		if (same_name(ms->list[i].base, base))
			return (ms->list[i].at);
	return (NOWHERE);
}

/* The guests' VirtualHost when it is itself the one that is spelled wrong. */
static struct str
own_name(const struct lint *l)
{
	struct str name = val_is(l->n.guests) ? site_part(str_from(
	    l->n.guests.it->key)) : str_of("", 0);

	return (same_name(name, l->site) ? str_of("", 0) : name);
}

void
rules_names(struct lint *l)
{
	struct mentions *ms = mem_zalloc(1, sizeof(*ms));
	const struct mention *m;
	struct str site;
	char *fix;
	size_t i, votes;

	for (i = 0; i < l->set->count; i++)
		if (l->set->list[i].reader != NULL && !l->set->list[i].used)
			mentions_of(ms, &l->set->list[i]);
	site = l->site = site_domain(l, ms, &votes);
	for (i = 0; i < ms->count; i++) {
		m = &ms->list[i];
		if (same_name(m->base, site) || votes < 2 ||
		    is_numbered(m->base, site) || (m->weak ?
		    !is_slip(m->base, site) : str_distance(m->base, site, 2) >
		    2) || (l->n.prosody != NULL && !same_name(m->base,
		    own_name(l)) && prosody_host(&l->n.prosody->model,
		    m->base, "virtualhost") != NULL))
			continue;
		fix = mem_printf("spell it %.*s", STR_ARG(site));
		lint_say(l, "domain-spelled-differently", m->at,
		    first_of(ms, site), fix, "the domain is %.*s here and "
		    "%.*s in %zu other places", STR_ARG(m->base),
		    STR_ARG(site), votes);
		lint_capture(l, "domain", m->base);
		lint_capture(l, "site", site);
		lint_told(l, m->at);
		free(fix);
	}
	free(ms);
}
