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

/* The name of one machine of the site. */
static int
is_machine(struct str name)
{
	static const char *const names[] = { "web", "xmpp", "jicofo", "jvb",
	    "router", "prosody", "nginx", "turn" };
	struct str start;
	size_t i, n;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		n = strlen(names[i]);
		start = str_sub(name, 0, n);
		if (str_ieqs(start, names[i]) && strspn(name.n > n ?
		    name.p + n : "", "0123456789") >= name.n - n)
			return (1);
	}
	return (0);
}

int
lint_prosody_elsewhere(const struct lint *l,
    const struct config_file *service,
    const char *machine)
{
	struct val xmpp, own;

	if (service == NULL)
		return (0);
	if (l->set->local)
		return (l->n.prosody == NULL);
	if (l->n.prosody != NULL && l->n.prosody->host != NULL &&
	    service->host != NULL)
		return (strcmp(l->n.prosody->host, service->host) != 0);
	xmpp = lint_hosts(l, machine, STR_LIT("xmpp"));
	own = lint_hosts(l, machine, str_from(machine));
	return (val_is(xmpp) && !str_starts(val_str(xmpp), "127.") &&
	    (!val_is(own) || !str_eq(val_str(xmpp), val_str(own))));
}

struct val
lint_machine(const struct lint *l, const char *from, struct str name)
{
	struct val v = is_address(name) ? NOWHERE : lint_hosts(l, from, name);
	const struct config_file *f = NULL;
	struct str address = is_address(name) ? name : val_str(v);
	const struct item *it;
	size_t i;

	if (address.n == 0 || str_starts(address, "127."))
		return (NOWHERE);
	while ((f = config_next(l->set, "hosts", f)) != NULL)
		for (i = 0; i < f->model.count; i++) {
			it = &f->model.list[i];
			if (str_eqs(address, it->value) &&
			    is_machine(str_from(it->key)))
				return ((struct val){ f, it });
		}
	return (NOWHERE);
}

int
lint_not_prosody(const struct lint *l, const char *from, struct str name,
    struct val *xmpp)
{
	struct val there = lint_machine(l, from, name);

	*xmpp = lint_hosts(l, from, STR_LIT("xmpp"));
	if (!val_is(*xmpp))
		*xmpp = lint_hosts(l, from, STR_LIT("prosody"));
	if (!val_is(*xmpp) || str_starts(val_str(*xmpp), "127."))
		return (0);
	if (val_is(there))
		return (!str_eq(val_str(there), val_str(*xmpp)) &&
		    strcmp(there.it->key, "xmpp") != 0 &&
		    strcmp(there.it->key, "prosody") != 0);
	/* vmd's net: one machine, one address */
	return (str_starts(name, "100.64.") && is_address(name) &&
	    str_starts(val_str(*xmpp), "100.64.") &&
	    !str_eq(name, val_str(*xmpp)));
}

const struct item *
lint_host(const struct lint *l, struct str name, const char *what)
{
	const struct model *m = &l->n.prosody->model;
	const struct item *it = prosody_host(m, name, what);
	struct str key, base;
	size_t i;

	for (i = 0; it == NULL && i < l->told_count; i++) {
		it = l->told[i];
		if (it < m->list || it >= m->list + m->count ||
		    it->type != ITEM_TABLE || it->parent != -1 ||
		    !str_starts(str_from(it->value), what == NULL ? "" :
		    what)) {
			it = NULL;
			continue;
		}
		key = str_from(it->key);
		base = site_part(key);
		key = str_sub(key, 0, key.n - base.n);
		if (name.n != key.n + l->site.n ||
		    !same_name(str_sub(name, 0, key.n), key) ||
		    !same_name(str_sub(name, key.n, name.n), l->site))
			it = NULL;
	}
	return (it);
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

static int
is_jicofo(const struct model *m)
{
	return (model_get(m, "jicofo") != NULL);
}

static int
is_bridge(const struct model *m)
{
	return (model_get(m, "videobridge") != NULL);
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
	n->jicofo = whole(l->set, "jicofo.conf", is_jicofo);
	n->jvb = whole(l->set, "jvb.conf", is_bridge);
	n->nginx = whole(l->set, "nginx.conf", nginx_is_jitsi);
	n->js = whole(l->set, "config.js", NULL);
	if (n->jicofo != NULL && !is_jicofo(&n->jicofo->model) &&
	    n->jicofo->model.problem_count > 0)
		n->jicofo = NULL;	/* the block's name is misspelt */
	if (n->jvb != NULL && !is_bridge(&n->jvb->model) &&
	    n->jvb->model.problem_count > 0)
		n->jvb = NULL;
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

