/* SPDX-License-Identifier: ISC */
/*
 * Rules about prosody against the others: components, accounts, modules,
 * who may enter the brewery. Pure.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "probes/config/prosody.h"
#include "probes/config/rules.h"

static const struct model *
model_of(const struct lint *l)
{
	return (&l->n.prosody->model);
}

static struct val
host_option(const struct lint *l, struct val host, const char *option)
{
	return ((struct val){ l->n.prosody, !val_is(host) ? NULL :
	    prosody_option(model_of(l), host.it->key, option) });
}

/* Is a component missing that another file (or the name's form) asks for? */
static void
check_conference(struct lint *l)
{
	struct val v = l->n.js_muc;
	struct str muc = val_str(v);
	const struct item *it;

	if (lint_component_told(l, "conference.") ||
	    lint_component_told(l, "muc."))
		return;
	if (muc.n == 0 && val_is(l->n.js_domain) && !l->n.js->model.partial &&
	    val_of(l->n.js, "hosts.muc").it == NULL && !lint_misspelt(
	    l->n.js, "muc"))
		lint_say(l, "muc-domain-mismatch", l->n.js_domain, l->n.muc,
		    NULL, "hosts.muc is not set: the page does not know "
		    "where rooms are");
	if (muc.n == 0 || lint_is_told(l, v)) {
		if (!val_is(l->n.muc) && !lint_is_told(l, l->n.guests))
			lint_say(l, "conference-muc-component-missing",
			    l->n.guests, NOWHERE, NULL, "no Component "
			    "\"conference.%s\" \"muc\": no room can be made",
			    l->n.guests.it->key);
		return;
	}
	it = lint_host(l, muc, NULL);
	if (it == NULL)
		lint_say(l, val_is(l->n.muc) ? "muc-domain-mismatch" :
		    "conference-muc-component-missing", v,
		    val_is(l->n.muc) ? l->n.muc : l->n.guests, NULL,
		    "config.js sends rooms to %.*s, which prosody does not "
		    "have", STR_ARG(muc));
	else if (strcmp(it->value, "component muc") != 0)
		lint_say(l, "muc-module-missing", (struct val){
		    l->n.prosody, it }, v, NULL, "%.*s is no MUC: write "
		    "Component \"%.*s\" \"muc\"", STR_ARG(muc), STR_ARG(muc));
	else
		return;
	lint_capture(l, "muc", muc);
}

static int
is_muc_name(struct str name)
{
	return (str_starts(name, "conference.") || str_starts(name, "muc.") ||
	    str_starts(name, "internal"));
}

/* A component with a module that is no MUC, or without a secret. */
static void
check_component(struct lint *l, const struct item *it)
{
	struct val at = { l->n.prosody, it };

	if (strncmp(it->value, "component ", 10) == 0) {
		if (is_muc_name(str_from(it->key)) && strstr(it->value,
		    "muc") != NULL && strcmp(it->value, "component muc") != 0
		    && !same_name(str_from(it->key), val_str(l->n.js_muc)))
			lint_say(l, "muc-module-missing", at, NOWHERE,
			    "\"muc\"", "Component \"%s\" has the module %s, "
			    "meant is muc", it->key, it->value + 10);
	} else if (model_getf(model_of(l), "%s/component_secret", it->key) ==
	    NULL && !is_muc_name(str_from(it->key)) &&
	    strncmp(it->key, "focus.", 6) != 0 && (l->n.jvb == NULL ||
	    strncmp(it->key, "jvb.", 4) != 0)) {
		lint_say(l, "component-secret-not-set", at, NOWHERE, NULL,
		    "%s waits for an external component, but has no "
		    "component_secret: none can connect", it->key);
	}
}

/* Components whose module was forgotten. */
static void
check_modules(struct lint *l)
{
	const struct model *m = model_of(l);
	const struct item *it;
	struct str name;
	size_t i;

	for (i = 0; i < m->count; i++) {
		it = &m->list[i];
		name = str_from(it->key);
		if (it->parent == -1 && strncmp(it->value, "component", 9) ==
		    0)
			check_component(l, it);
		if (it->parent != -1 || strcmp(it->value, "component") != 0)
			continue;
		if (is_muc_name(name) && !same_name(name,
		    val_str(l->n.js_muc)))
			lint_say(l, "muc-component-without-module",
			    (struct val){ l->n.prosody, it }, NOWHERE, NULL,
			    "Component \"%s\" has no module: without \"muc\" "
			    "behind it nothing answers there", it->key);
		if (str_starts(name, "jvb.") ||
		    str_starts(name, "jitsi-videobridge."))
			lint_say(l, "jvb-configured-as-component",
			    (struct val){ l->n.prosody, it }, NOWHERE, NULL,
			    "prosody waits for a component %s, but the bridge "
			    "logs in as a user: register it (prosodyctl "
			    "register jvb %s PASSWORD) and drop this",
			    it->key, val_is(l->n.auth) ? l->n.auth.it->key :
			    "auth.DOMAIN");
	}
}

static void
check_target(struct lint *l)
{
	struct val target = host_option(l, l->n.focus, "target_address");
	struct str t = val_str(target), user = val_str(l->n.user),
	    domain = val_str(l->n.domain);

	if (t.n == 0 && !val_is(target) && val_is(l->n.focus) &&
	    !lint_misspelt(l->n.prosody, "target_address"))
		lint_say(l, "client-proxy-target-wrong", l->n.focus, NOWHERE,
		    "target_address = \"focus@auth.DOMAIN\"", "%s is not told "
		    "to whom requests go: it has no target_address",
		    l->n.focus.it->key);
	if (t.n == 0 || lint_is_told(l, target) ||
	    lint_is_told(l, l->n.domain) || domain.n == 0)
		return;
	if (user.n == 0)
		user = STR_LIT("focus");
	if (same_name(jid_node(t), user) && same_name(jid_domain(t), domain))
		return;
	if (is_address(domain) || same_name(domain,
	    str_from(l->n.guests.it->key)))
		return;		/* told of jicofo */
	lint_say(l, "client-proxy-target-wrong", target, l->n.domain, NULL,
	    "requests go to %.*s, but jicofo logs in as %.*s@%.*s",
	    STR_ARG(t), STR_ARG(user), STR_ARG(domain));
	lint_capture(l, "target", t);
}

/* Is jicofo one of before 2021, which logs in as a component, by what its
 * start script is told and jicofo.conf is not? */
static int
is_component(const struct lint *l)
{
	return (val_str(val_of(lint_file(l, "jicofo.in.sh", NULL),
	    "JICOFO_SECRET")).n > 0 && !val_is(val_of(l->n.jicofo,
	    "jicofo.xmpp.client.password")));
}

static void
check_focus(struct lint *l)
{
	struct val f = l->n.focus;
	const char *domain = l->n.guests.it->key;

	if (!val_is(f) && (lint_component_told(l, "focus.") ||
	    prosody_is_visitors(model_of(l)) || lint_is_told(l, l->n.guests)))
		return;
	if (!val_is(f)) {
		lint_say(l, "focus-component-not-configured", l->n.guests,
		    NOWHERE, NULL, "no Component \"focus.%s\" "
		    "\"client_proxy\": requests for a conference reach "
		    "nobody", domain);
		return;
	}
	if (strcmp(f.it->value, "component") == 0 && !is_component(l))
		lint_say(l, "focus-component-with-secret-obsolete", f,
		    NOWHERE, NULL, "%s waits for a component with a secret; "
		    "jicofo logs in as a user since 2021: write Component "
		    "\"%s\" \"client_proxy\" with target_address = "
		    "\"focus@auth.%s\"", f.it->key, f.it->key, domain);
	else if (strcmp(f.it->value, "component client_proxy") == 0)
		check_target(l);
}

/* Does a list option of the host (or the global one) hold the JID? */
static int
is_admin(const struct lint *l, const char *host, struct str jid)
{
	const struct model *m = model_of(l);
	const struct item *it, *list = model_getf(m, "%s/admins", host);
	int i;

	if (list == NULL)
		host = "*";
	for (i = 0; (it = model_getf(m, "%s/admins/%d", host, i)) != NULL;
	    i++)
		if (it->type == ITEM_OPAQUE || same_name(item_str(it), jid))
			return (1);
	return (0);
}

/* Is the spelling of an admin explained? */
static int
admins_told(const struct lint *l)
{
	size_t i;

	for (i = 0; i < l->told_count; i++)
		if (strstr(l->told[i]->key, "/admins/") != NULL)
			return (1);
	return (0);
}

static void
check_owner(struct lint *l)
{
	struct str user = val_str(l->n.user);
	struct val admins, own;
	char *jid;

	if (!val_is(l->n.internal) || !val_is(l->n.auth) ||
	    lint_is_told(l, l->n.auth) || admins_told(l))
		return;
	if (user.n == 0)
		user = STR_LIT("focus");
	jid = mem_printf("%.*s@%s", STR_ARG(user), l->n.auth.it->key);
	admins = host_option(l, l->n.internal, "admins");
	/* written below a VirtualHost, meant for all */
	own = (struct val){ l->n.prosody, model_getf(model_of(l),
	    "%s/admins", l->n.guests.it->key) };
	if (!is_admin(l, l->n.guests.it->key, str_from(jid)))
		own = NOWHERE;
	if (!is_admin(l, l->n.internal.it->key, str_from(jid)) &&
	    !lint_is_told(l, l->n.internal)) {
		lint_say(l, "focus-not-owner-of-brewery",
		    val_is(admins) ? admins : l->n.internal, own, NULL,
		    "%s is no admin of %s: when a bridge enters the brewery "
		    "first, focus cannot configure the room%s", jid,
		    l->n.internal.it->key, val_is(own) ? " (what stands below "
		    "a VirtualHost is for that host only)" : "");
		lint_capture(l, "user", str_from(jid));
	}
	free(jid);
}

/* Modules and options that keep strangers out of the internal rooms. */
static void
check_open_brewery(struct lint *l)
{
	static const char *const guards[] = { "muc_filter_access",
	    "muc_allowlist", "muc_whitelist", "muc_access_control",
	    "muc_restrict_rooms", "muc_gateway_optimize" };
	struct val auth = host_option(l, l->n.guests, "authentication"),
	    members = host_option(l, l->n.internal,
	    "muc_room_default_members_only");
	size_t i;

	if (!val_is(l->n.internal) || !val_is(auth) ||
	    strstr(auth.it->value, "anonymous") == NULL ||
	    item_bool(members.it) == 1)
		return;
	for (i = 0; i < sizeof(guards) / sizeof(guards[0]); i++)
		if (prosody_module(model_of(l), l->n.internal.it->key,
		    guards[i]))
			return;
	lint_say(l, "brewery-open-to-anonymous", l->n.internal, auth, NULL,
	    "every anonymous guest of %s can enter the rooms of %s, read the "
	    "bridges' presence and pose as a bridge; restrict it (for "
	    "example with the module muc_filter_access)",
	    l->n.guests.it->key, l->n.internal.it->key);
}

/* A VirtualHost that lets anonymous users in; or NULL. */
static const struct item *
anonymous_host(const struct lint *l)
{
	const struct model *m = model_of(l);
	const struct item *it;
	size_t i;

	for (i = 0; i < m->count; i++) {
		it = &m->list[i];
		if (it->parent == -1 && it->type == ITEM_TABLE &&
		    prosody_host(m, str_from(it->key), "virtualhost") == it &&
		    str_find(val_str((struct val){ l->n.prosody,
		    prosody_option(m, it->key, "authentication") }),
		    "anonymous") != SIZE_MAX)
			return (it);
	}
	return (NULL);
}

/* The site's VirtualHost wants a password and config.js names no other: a
 * mistake, unless everyone is to log in, as jicofo is told. */
static void
check_guests(struct lint *l, struct val auth)
{
	const struct item *host = anonymous_host(l);
	struct val at = val_is(auth) ? auth : l->n.guests;

	if (host == NULL && item_bool(val_of(l->n.jicofo,
	    "jicofo.authentication.enabled").it) == 1)
		return;
	if (host == NULL)
		lint_say(l, "anonymous-auth-disabled", at, NOWHERE,
		    "authentication = \"anonymous\"", "guests cannot log in "
		    "to %s (%s), and config.js names no anonymousdomain",
		    l->n.guests.it->key, val_is(auth) ? auth.it->value :
		    "the default, internal_hashed");
	else
		lint_say(l, "anonymous-auth-disabled", val_is(l->n.js_domain) ?
		    l->n.js_domain : (struct val){ l->n.js, NULL }, at,
		    NULL, "%s lets no guests in; add anonymousdomain: '%s'",
		    l->n.guests.it->key, host->key);
}

static void
check_logins(struct lint *l)
{
	struct val modules = val_of(l->n.prosody, "*/modules_enabled"),
	    auth = host_option(l, l->n.guests, "authentication"), secure;
	const char *host = l->n.guests.it->key;
	struct str a = val_str(auth);

	if (val_is(modules)) {
		if (!prosody_module(model_of(l), host, "saslauth"))
			lint_say(l, "mod-saslauth-not-loaded", modules,
			    NOWHERE, "add \"saslauth\"", "saslauth is not "
			    "enabled: nobody can log in");
		if (val_is(l->n.auth) && !prosody_module(model_of(l),
		    l->n.auth.it->key, "tls"))
			lint_say(l, "mod-tls-not-loaded", modules, NOWHERE,
			    "add \"tls\"", "tls is not enabled: jicofo and "
			    "the bridge find no STARTTLS");
	}
	secure = host_option(l, l->n.auth, "c2s_require_encryption");
	if (item_bool(secure.it) == 0)
		lint_say(l, "plaintext-login-allowed", secure, NOWHERE, NULL,
		    "clients of %s may log in without TLS",
		    l->n.auth.it->key);
	if (val_is(l->n.js_anonymous))
		return;
	if (l->n.js != NULL && (a.n == 0 || str_starts(a, "internal_")) &&
	    !(val_is(auth) && auth.it->type == ITEM_OPAQUE))
		check_guests(l, auth);
}

/* The VirtualHost of focus and jvb needs a certificate of its own. */
static void
check_certificate(struct lint *l)
{
	struct val v = host_option(l, l->n.auth, "ssl"),
	    dir = val_of(l->n.prosody, "*/certificates");
	const struct item *one;
	size_t i;

	if (val_is(v) && v.it->type == ITEM_TABLE && !lint_misspelt(
	    l->n.prosody, "certificate") && (one = model_getf(model_of(l),
	    "%s/key", v.it->key)) != NULL && model_getf(model_of(l),
	    "%s/certificate", v.it->key) == NULL)
		lint_say(l, "auth-virtualhost-without-certificate",
		    (struct val){ l->n.prosody, one }, NOWHERE, NULL,
		    "ssl names a key, but no certificate");
	if (!val_is(l->n.auth) || val_is(v) || val_is(dir) ||
	    val_is(host_option(l, l->n.auth, "certificate")) ||
	    prosody_module(model_of(l), l->n.auth.it->key,
	    "secure_interfaces"))	/* no TLS wanted on the loopback */
		return;
	for (i = 0; i < l->set->count; i++)
		if (strstr(l->set->list[i].name, l->n.auth.it->key) != NULL &&
		    strstr(l->set->list[i].name, ".crt") != NULL)
			return;		/* found by its name in certs/ */
	lint_say(l, "auth-virtualhost-without-certificate", l->n.auth,
	    NOWHERE, NULL, "%s names no certificate (ssl = { key, "
	    "certificate }): unless certs/ holds one of its name, jicofo and "
	    "the bridge get no TLS", l->n.auth.it->key);
}

/* What a service connects to from another machine must not be on loopback. */
static int
loopback_only(const struct model *m, const char *option)
{
	const struct item *it;
	int i;

	for (i = 0; (it = model_getf(m, "*/%s/%d", option, i)) != NULL; i++)
		if (strncmp(it->value, "127.", 4) != 0 &&
		    strcmp(it->value, "::1") != 0 &&
		    strcmp(it->value, "localhost") != 0)
			return (0);
	return (i > 0);
}

static void
check_interfaces(struct lint *l)
{
	static const char *const options[] = { "c2s_interfaces",
	    "interfaces" };
	struct str h = val_str(l->n.hostname);
	struct val at;
	size_t i;
	char *key;

	if (h.n == 0 && model_get(model_of(l), "*/http_interfaces/0") != NULL
	    && !loopback_only(model_of(l), "http_interfaces"))
		h = STR_LIT("as nginx does");
	if (h.n == 0 || str_eqs(h, "localhost") || str_starts(h, "127."))
		return;
	for (i = 0; i < 2; i++) {
		if (!loopback_only(model_of(l), options[i]))
			continue;
		key = mem_printf("*/%s", options[i]);
		at = val_of(l->n.prosody, key);
		lint_say(l, "c2s-interfaces-loopback-only", at,
		    l->n.hostname, NULL, "prosody takes connections from "
		    "itself only, jicofo comes from another machine (%.*s)",
		    STR_ARG(h));
		free(key);
		break;
	}
}

static int
has_hosts(const struct config_file *f)
{
	size_t i;

	for (i = 0; i < f->model.count; i++)
		if (f->model.list[i].type == ITEM_TABLE &&
		    f->model.list[i].parent == -1 &&
		    strcmp(f->model.list[i].key, "*") != 0)
			return (1);
	return (0);
}

/* A file in conf.d/ that the main file does not include says nothing. */
static void
check_included(struct lint *l)
{
	const struct config_file *f = NULL, *g, *main;

	while ((f = config_next(l->set, "prosody.cfg.lua", f)) != NULL) {
		if (strstr(f->name, "conf.d/") == NULL || !has_hosts(f))
			continue;
		main = NULL;
		for (g = NULL; (g = config_next(l->set, "prosody.cfg.lua",
		    g)) != NULL; )
			if (str_ends(str_from(g->name), "prosody.cfg.lua") &&
			    strstr(g->name, "conf.d/") == NULL &&
			    !lint_broken(g))
				main = g;
		if (main != NULL && (main->host == NULL || f->host == NULL ||
		    strcmp(main->host, f->host) == 0))
			lint_say(l, "config-not-included", (struct val){ f,
			    NULL }, (struct val){ main, NULL }, "Include "
			    "\"conf.d/*.cfg.lua\"", "%s does not include this "
			    "file: nothing of it counts", main->name);
	}
}

void
rules_prosody(struct lint *l)
{
	check_included(l);
	if (l->n.prosody == NULL || !val_is(l->n.guests) ||
	    l->n.prosody->state == COVERAGE_UNREADABLE)
		return;
	check_conference(l);
	check_modules(l);
	check_focus(l);
	check_owner(l);
	check_open_brewery(l);
	check_logins(l);
	check_certificate(l);
	check_interfaces(l);
}
