/* SPDX-License-Identifier: ISC */
/*
 * The names of a site, found in whatever files there are, and the rule that
 * they are spelled alike everywhere. Pure.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "probes/config/prosody.h"
#include "probes/config/rules.h"

struct str
val_str(struct val v)
{
	if (v.it == NULL || v.it->type == ITEM_OPAQUE)
		return (str_of("", 0));
	return (str_from(v.it->value));
}

struct val
val_of(const struct config_file *f, const char *key)
{
	return ((struct val){ f, f == NULL ? NULL :
	    model_get(&f->model, key) });
}

int
val_is(struct val v)
{
	return (v.it != NULL);
}

int
same_name(struct str a, struct str b)
{
	char *text = mem_str(b);
	int same = a.n == b.n && str_ieqs(a, text);

	free(text);
	return (same);
}

struct str
jid_domain(struct str jid)
{
	size_t at = str_chr(jid, '@');

	if (at != SIZE_MAX)
		jid = str_sub(jid, at + 1, jid.n);
	return (str_sub(jid, 0, str_chr(jid, '/')));
}

struct str
jid_node(struct str jid)
{
	size_t at = str_chr(jid, '@');

	return (at == SIZE_MAX ? str_of("", 0) : str_sub(jid, 0, at));
}

/* Four numbers of an IPv4 address; -1 when it is none. */
static int
quad(struct str s, int64_t out[4])
{
	int i;

	for (i = 0; i < 4; i++)
		if (str_num(str_split(&s, '.'), 0, 255, &out[i]) == -1)
			return (-1);
	return (s.n == 0 ? 0 : -1);
}

int
is_address(struct str s)
{
	int64_t q[4];
	size_t i, colons = 0;

	if (quad(s, q) == 0)
		return (1);
	for (i = 0; i < s.n; i++) {
		if (s.p[i] == ':')
			colons++;
		else if (!((s.p[i] | 32) >= 'a' && (s.p[i] | 32) <= 'f') &&
		    !(s.p[i] >= '0' && s.p[i] <= '9') && s.p[i] != '.')
			return (0);
	}
	return (colons >= 2);
}

int
is_private_address(struct str s)
{
	int64_t q[4];

	if (quad(s, q) == -1)
		return (0);
	return (q[0] == 10 || q[0] == 127 || (q[0] == 192 && q[1] == 168) ||
	    (q[0] == 172 && q[1] >= 16 && q[1] <= 31) ||
	    (q[0] == 100 && q[1] >= 64 && q[1] <= 127) ||
	    (q[0] == 169 && q[1] == 254));
}

const struct config_file *
lint_file(const struct lint *l, const char *kind, const char *host)
{
	const struct config_file *f = config_find(l->set, kind, host);

	if (f != NULL)
		return (f);
	while ((f = config_next(l->set, kind, f)) != NULL)
		if (f->host == NULL)
			break;
	return (f);
}

const struct config_file *
lint_bridge_properties(const struct config_set *set,
    const struct config_file *after)
{
	static const char *const others[] = { "jicofo", "jigasi", "jibri" };
	const struct config_file *f = after;
	size_t i;

	while ((f = config_next(set, "sip-communicator.properties", f)) !=
	    NULL) {
		for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
			if (strstr(f->name, others[i]) != NULL ||
			    (f->host != NULL && strcmp(f->host,
			    others[i]) == 0))
				break;
		if (i == sizeof(others) / sizeof(others[0]))
			break;
	}
	return (f);
}

int
lint_may_resolve(const struct lint *l, const char *host)
{
	const struct config_file *f = lint_file(l, "resolv.conf", host);

	return (f != NULL && (model_get(&f->model, "search") != NULL ||
	    model_get(&f->model, "domain") != NULL ||
	    str_eqs(model_value(&f->model, "nameserver"), "127.0.0.11")));
}

struct val
lint_hosts(const struct lint *l, const char *host, struct str name)
{
	const struct config_file *f = NULL;
	size_t i;

	while ((f = config_next(l->set, "hosts", f)) != NULL) {
		if (host != NULL && f->host != NULL &&
		    strcmp(f->host, host) != 0)
			continue;
		for (i = 0; i < f->model.count; i++)
			if (same_name(str_from(f->model.list[i].key), name))
				return ((struct val){ f, &f->model.list[i] });
	}
	return (NOWHERE);
}

/* Does any value of the file begin so? */
static int
has_path(const struct config_file *f, const char *start)
{
	size_t i;

	for (i = 0; f != NULL && i < f->model.count; i++)
		if (str_starts(str_from(f->model.list[i].value), start))
			return (1);
	return (0);
}

int
is_openbsd(const struct lint *l)
{
	static const char *const only[] = { "rc.conf.local", "vm.conf",
	    "pf.conf" };
	size_t i;

	for (i = 0; i < sizeof(only) / sizeof(only[0]); i++)
		if (config_find(l->set, only[i], NULL) != NULL)
			return (1);
	return (has_path(config_find(l->set, "jicofo.in.sh", NULL),
	    "/usr/local/share/") || has_path(config_find(l->set,
	    "jvb.in.sh", NULL), "/usr/local/share/"));
}

int
is_container(const struct lint *l)
{
	struct str domain = val_str(l->n.xmpp_domain);

	return (config_find(l->set, "docker-compose.yml", NULL) != NULL ||
	    config_find(l->set, ".env", NULL) != NULL ||
	    str_eqs(domain, "meet.jitsi") ||
	    str_eqs(val_str(l->n.domain), "auth.meet.jitsi") ||
	    has_path(l->n.prosody, "/config/") ||
	    has_path(l->n.prosody, "/run/prosody/") ||
	    has_path(l->n.nginx, "/config/") ||
	    has_path(l->n.jvb, "auth.meet.jitsi"));
}

/* A component whose name begins so and ends in the guests' domain. */
static struct val
find_component(const struct config_file *f, const char *const *starts,
    struct str domain)
{
	const struct item *it;
	struct str name;
	size_t i, k;

	for (k = 0; starts[k] != NULL; k++)
		for (i = 0; i < f->model.count; i++) {
			it = &f->model.list[i];
			name = str_from(it->key);
			if (it->type != ITEM_TABLE || it->parent != -1 ||
			    !str_starts(str_from(it->value), "component") ||
			    !str_starts(name, starts[k]))
				continue;
			name = str_sub(name, strlen(starts[k]), name.n);
			if (domain.n == 0 || same_name(name, domain))
				return ((struct val){ f, it });
		}
	return (NOWHERE);
}

/* How much a VirtualHost looks like that of the guests. */
static int
guest_points(const struct model *m, const struct item *it)
{
	struct str auth = item_str(model_getf(m, "%s/authentication",
	    it->key));
	int points = 0;

	if (str_eqs(auth, "anonymous") || str_eqs(auth, "jitsi-anonymous") ||
	    str_eqs(auth, "token"))
		points += 2;
	if (prosody_module(m, it->key, "bosh") ||
	    prosody_module(m, it->key, "websocket"))
		points += 2;
	if (model_getf(m, "auth.%s", it->key) != NULL)
		points += 3;
	if (strncmp(it->key, "auth.", 5) == 0 ||
	    strncmp(it->key, "recorder.", 9) == 0 ||
	    strncmp(it->key, "guest.", 6) == 0)
		points -= 4;
	return (points);
}

static void
find_virtualhosts(struct names *n)
{
	const struct model *m = &n->prosody->model;
	const struct item *it;
	int best = -100, points;
	struct str auth;
	size_t i;

	for (i = 0; i < m->count; i++) {
		it = &m->list[i];
		if (it->parent != -1 || strcmp(it->value, "virtualhost") !=
		    0 || item_bool(model_getf(m, "%s/enabled", it->key)) == 0)
			continue;
		points = guest_points(m, it);
		if (points < 0 && strncmp(it->key, "auth.", 5) == 0)
			continue;
		if (points > best) {
			n->guests = (struct val){ n->prosody, it };
			best = points;
		}
	}
	for (i = 0; i < m->count; i++) {
		it = &m->list[i];
		if (it->parent != -1 || it == n->guests.it ||
		    strcmp(it->value, "virtualhost") != 0)
			continue;
		auth = item_str(model_getf(m, "%s/authentication", it->key));
		if (strncmp(it->key, "auth.", 5) == 0 || (n->auth.it == NULL &&
		    str_starts(auth, "internal_")))
			n->auth = (struct val){ n->prosody, it };
	}
}

static void
find_prosody(struct names *n)
{
	static const char *const muc[] = { "conference.", "muc.", NULL };
	static const char *const focus[] = { "focus.", NULL };
	static const char *const internal[] = { "internal.auth.",
	    "internal-muc.", "internal.", NULL };
	struct str domain;

	find_virtualhosts(n);
	domain = str_from(n->guests.it == NULL ? "" : n->guests.it->key);
	n->muc = find_component(n->prosody, muc, domain);
	n->focus = find_component(n->prosody, focus, domain);
	n->internal = find_component(n->prosody, internal, domain);
	if (!val_is(n->internal))
		n->internal = find_component(n->prosody, internal,
		    str_of("", 0));
}

int
lint_elsewhere(const struct lint *l, struct str domain)
{
	struct str service = val_str(l->n.service);

	return (service.n > 0 && (same_name(domain, service) || same_name(
	    domain, jid_domain(val_str(l->n.brewery)))));
}

int
lint_broken(const struct config_file *f)
{
	static const char *const ids[] = { "config-syntax-error",
	    "config-host-defined-twice", "hocon-syntax-error",
	    "hocon-unresolved-substitution", "config-too-large",
	    "config-not-read", "nginx-config-syntax",
	    "config-js-syntax-error" };
	size_t i, k;

	for (i = 0; i < f->model.problem_count; i++)
		for (k = 0; k < sizeof(ids) / sizeof(ids[0]); k++)
			if (strcmp(f->model.problems[i].id, ids[k]) == 0)
				return (1);
	return (0);
}

/* Is it a node of visitors, who follow a conference of another server? */
int
prosody_is_visitors(const struct model *m)
{
	size_t i;

	for (i = 0; i < m->count; i++)
		if (strcmp(m->list[i].value, "fmuc") == 0 &&
		    strstr(m->list[i].key, "/modules_enabled/") != NULL)
			return (1);
	return (0);
}

/* Does prosody serve Jitsi, or is it some other chat server? */
static int
prosody_is_jitsi(const struct model *m)
{
	static const char *const starts[] = { "auth.", "focus.", "internal",
	    "jvb.", "jitsi-videobridge.", "speakerstats.", "lobby.",
	    "breakout.", "avmoderation." };
	const struct item *it;
	size_t i, k;

	for (i = 0; i < m->count; i++) {
		it = &m->list[i];
		if (it->parent != -1 || it->type != ITEM_TABLE)
			continue;
		for (k = 0; k < sizeof(starts) / sizeof(starts[0]); k++)
			if (str_starts(str_from(it->key), starts[k]))
				return (1);
		if (strcmp(it->value, "virtualhost") == 0 &&
		    strcmp(it->key, "localhost") != 0 &&
		    (prosody_module(m, it->key, "bosh") ||
		    prosody_module(m, it->key, "websocket")))
			return (1);
	}
	return (0);
}

/* 2: browsers log in there; 1: it is a part of a site; 0. */
static int
prosody_points(const struct model *m)
{
	const struct item *it;
	size_t i;

	if (!prosody_is_jitsi(m))
		return (0);
	for (i = 0; i < m->count; i++) {
		it = &m->list[i];
		if (it->parent == -1 && strcmp(it->value, "virtualhost") ==
		    0 && strncmp(it->key, "auth.", 5) != 0 && (prosody_module(
		    m, it->key, "bosh") || prosody_module(m, it->key,
		    "websocket")))
			return (prosody_is_visitors(m) ? 1 : 2);
	}
	return (1);
}

/* Does nginx serve Jitsi, or some other site? */
static int
nginx_is_jitsi(const struct model *m)
{
	static const char *const words[] = { "http-bind", "xmpp-websocket",
	    "colibri-ws", "jitsi", "external_api.js" };
	size_t i, k;

	for (i = 0; i < m->count; i++)
		for (k = 0; k < sizeof(words) / sizeof(words[0]); k++)
			if (strstr(m->list[i].value, words[k]) != NULL)
				return (1);
	return (0);
}

/*
 * The first whole file of a kind, of several the first with the most points:
 * a site's piece may stand alone, beside other sites' pieces.
 */
static const struct config_file *
whole(const struct config_set *set, const char *kind,
    int (*points)(const struct model *))
{
	const struct config_file *f = NULL, *best = NULL;
	int n, most = -1;

	while ((f = config_next(set, kind, f)) != NULL) {
		n = points == NULL ? 0 : points(&f->model);
		if (lint_broken(f) || n <= most)
			continue;
		best = f;
		most = n;
	}
	return (best);
}

/* Leaves alone what has nothing to do with Jitsi: a package's default. */
static void
drop_strangers(const struct lint *l, struct names *n)
{
	int jitsi = n->jicofo != NULL || n->jvb != NULL || n->js != NULL;

	if (n->prosody != NULL && !prosody_is_jitsi(&n->prosody->model) &&
	    (!jitsi || l->set->local))
		n->prosody = NULL;
	if (n->nginx != NULL && !nginx_is_jitsi(&n->nginx->model) &&
	    n->js == NULL && (n->prosody == NULL || l->set->local))
		n->nginx = NULL;
}

void
names_find(struct lint *l)
{
	struct names *n = &l->n;

	n->prosody = whole(l->set, "prosody.cfg.lua", prosody_points);
	n->jicofo = whole(l->set, "jicofo.conf", NULL);
	n->jvb = whole(l->set, "jvb.conf", NULL);
	n->nginx = whole(l->set, "nginx.conf", nginx_is_jitsi);
	n->js = whole(l->set, "config.js", NULL);
	drop_strangers(l, n);
	if (n->prosody != NULL)
		find_prosody(n);
	n->hostname = val_of(n->jicofo, "jicofo.xmpp.client.hostname");
	n->domain = val_of(n->jicofo, "jicofo.xmpp.client.domain");
	n->xmpp_domain = val_of(n->jicofo, "jicofo.xmpp.client.xmpp-domain");
	n->user = val_of(n->jicofo, "jicofo.xmpp.client.username");
	n->brewery = val_of(n->jicofo, "jicofo.bridge.brewery-jid");
	n->service = val_of(n->jicofo, "jicofo.xmpp.service.domain");
	if (item_bool(val_of(n->jicofo, "jicofo.xmpp.service.enabled").it) !=
	    1 || same_name(val_str(n->service), val_str(n->domain)))
		n->service.it = NULL;
	n->js_domain = val_of(n->js, "hosts.domain");
	n->js_muc = val_of(n->js, "hosts.muc");
	n->js_anonymous = val_of(n->js, "hosts.anonymousdomain");
	n->bosh = val_of(n->js, "bosh");
	n->websocket = val_of(n->js, "websocket");
}

/* One mention of a domain: the site's part of it. */
struct mention {
	struct val at;
	struct str base;
};

struct mentions {
	struct mention list[400];
	size_t count;
};

/* The site's domain inside a name: known prefixes taken off. */
static struct str
base_of(struct str name)
{
	static const char *const prefixes[] = { "internal.auth.",
	    "internal-muc.", "conference.", "conferenceduration.", "auth.",
	    "focus.", "muc.", "jvb.", "jitsi-videobridge.", "guest.",
	    "recorder.", "jibri.", "internal.", "speakerstats.", "lobby.",
	    "breakout.", "avmoderation.", "callcontrol.", "endconference.",
	    "metadata.", "polls.", "filesharing.", "visitors." };
	size_t i;

	for (i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (str_starts(name, prefixes[i]))
			return (str_sub(name, strlen(prefixes[i]), name.n));
	return (name);
}

static void
mention(struct mentions *ms, struct val at, struct str name)
{
	struct mention *m;

	name = jid_domain(name);
	if (name.n == 0 || is_address(name) || str_chr(name, '.') == SIZE_MAX
	    || str_chr(name, '$') != SIZE_MAX || str_eqs(name, "localhost") ||
	    ms->count == sizeof(ms->list) / sizeof(ms->list[0]))
		return;
	m = &ms->list[ms->count++];
	m->at = at;
	m->base = base_of(name);
}

#define LEGACY "org.jitsi.videobridge.xmpp.user."

/* Keys of one kind whose values are domains or JIDs; * ends a prefix. */
static const struct {
	const char *kind, *start, *end;
} domain_keys[] = {
	{ "jicofo.conf", "jicofo.xmpp.client.domain", "" },
	{ "jicofo.conf", "jicofo.xmpp.client.hostname", "" },
	{ "jicofo.conf", "jicofo.xmpp.client.xmpp-domain", "" },
	{ "jicofo.conf", "jicofo.xmpp.client.client-proxy", "" },
	{ "jicofo.conf", "jicofo.xmpp.client.conference-muc-jid", "" },
	{ "jicofo.conf", "jicofo.bridge.brewery-jid", "" },
	{ "jicofo.conf", "jicofo.xmpp.trusted-domains/", "" },
	{ "jvb.conf", "videobridge.apis.xmpp-client.configs.", ".domain" },
	{ "jvb.conf", "videobridge.apis.xmpp-client.configs.", ".hostname" },
	{ "jvb.conf", "videobridge.apis.xmpp-client.configs.", ".muc_jids" },
	{ "sip-communicator.properties", LEGACY, ".DOMAIN" },
	{ "sip-communicator.properties", LEGACY, ".MUC_JIDS" },
	{ "prosody.cfg.lua", "", "/target_address" },
	{ "prosody.cfg.lua", "", "/muc_mapper_domain_base" },
	{ "config.js", "hosts.", "" },
	{ "commands", "account/", "" },
	{ "commands", "subscribe/", "" },
	{ "acme-client.conf", "domain/", "" },
};

static void
mentions_of(struct mentions *ms, const struct config_file *f)
{
	const struct item *it;
	struct str key;
	size_t i, k;

	for (i = 0; i < f->model.count; i++) {
		it = &f->model.list[i];
		key = str_from(it->key);
		if (strcmp(f->reader->kind, "prosody.cfg.lua") == 0) {
			if (it->type == ITEM_TABLE && it->parent == -1 &&
			    strcmp(it->key, "*") != 0)
				mention(ms, (struct val){ f, it }, key);
			if (strstr(it->key, "/admins/") != NULL)
				mention(ms, (struct val){ f, it },
				    item_str(it));
		}
		for (k = 0; k < sizeof(domain_keys) /
		    sizeof(domain_keys[0]); k++)
			if (strcmp(domain_keys[k].kind, f->reader->kind) == 0
			    && str_starts(key, domain_keys[k].start) &&
			    str_ends(key, domain_keys[k].end) &&
			    it->type != ITEM_OPAQUE)
				break;
		if (k == sizeof(domain_keys) / sizeof(domain_keys[0]))
			continue;
		if (strcmp(domain_keys[k].kind, "commands") == 0)
			mention(ms, (struct val){ f, it }, str_sub(key,
			    str_chr(key, '/') + 1, key.n));
		else
			mention(ms, (struct val){ f, it }, item_str(it));
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

/* The guests' VirtualHost; without one the spelling that most have. */
static struct str
site_domain(const struct lint *l, const struct mentions *ms, size_t *votes)
{
	struct str best = str_of("", 0);
	size_t i, n;

	*votes = 0;
	if (val_is(l->n.guests)) {
		best = base_of(str_from(l->n.guests.it->key));
		*votes = votes_for(ms, best);
		return (best);
	}
	for (i = 0; i < ms->count; i++) {
		n = votes_for(ms, ms->list[i].base);
		if (n > *votes) {
			*votes = n;
			best = ms->list[i].base;
		}
	}
	return (best);
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
	site = site_domain(l, ms, &votes);
	for (i = 0; i < ms->count; i++) {
		m = &ms->list[i];
		if (same_name(m->base, site) || votes < 2 ||
		    str_distance(m->base, site, 2) > 2 ||
		    (l->n.prosody != NULL && prosody_host(
		    &l->n.prosody->model, m->base, "virtualhost") != NULL))
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
