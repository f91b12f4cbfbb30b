/* SPDX-License-Identifier: ISC */
/*
 * Rules about jicofo: where it connects, as whom, which brewery. Pure.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "probes/config/prosody.h"
#include "probes/config/rules.h"

/* Is the name a VirtualHost of the prosody that is known? 1, 0, -1: no file
 * to tell. */
static int
is_virtualhost(const struct lint *l, struct str name)
{
	if (l->n.prosody == NULL || !val_is(l->n.guests) || name.n == 0)
		return (-1);
	return (lint_host(l, name, "virtualhost") !=
	    NULL);
}

/* Does the guests' host let anyone in? */
static int
guests_anonymous(const struct lint *l)
{
	const struct item *it;

	if (!val_is(l->n.guests))
		return (0);
	it = model_getf(&l->n.prosody->model, "%s/authentication",
	    l->n.guests.it->key);
	return (it != NULL && strstr(it->value, "anonymous") != NULL);
}

static void
check_domain(struct lint *l)
{
	struct str d = val_str(l->n.domain);

	if (d.n == 0 || lint_is_told(l, l->n.domain))
		return;
	if (val_is(l->n.guests) && guests_anonymous(l) &&
	    same_name(d, str_from(l->n.guests.it->key))) {
		lint_say(l, "domain-is-public-virtualhost", l->n.domain,
		    l->n.guests, NULL, "jicofo logs in to %.*s, the anonymous "
		    "host of the guests; it belongs to %s", STR_ARG(d),
		    val_is(l->n.auth) ? l->n.auth.it->key :
		    "the internal VirtualHost");
		lint_capture(l, "domain", d);
		lint_told(l, l->n.domain);
		return;
	}
	if (is_virtualhost(l, d) != 0 && !is_address(d))
		return;
	lint_say(l, "jicofo-wrong-xmpp-domain", l->n.domain, l->n.auth, NULL,
	    is_address(d) ? "%.*s is an address: this must be the name of a "
	    "VirtualHost" : "prosody has no VirtualHost %.*s", STR_ARG(d));
	lint_capture(l, "domain", d);
	lint_told(l, l->n.domain);
}

/* How jicofo stands to the version that no longer reads its command line and
 * needs xmpp-domain instead. */
static enum version_order
flags_count(const struct lint *l)
{
	return (versions_order(&l->known, PRODUCT_JICOFO,
	    STR_LIT("2022-10")));
}

static void
check_xmpp_domain(struct lint *l)
{
	struct val v = l->n.xmpp_domain;
	struct str d = val_str(v);
	int internal;

	if (!val_is(v)) {
		if (flags_count(l) == VERSION_BEFORE)
			return;
		lint_say(l, "jicofo-xmpp-domain-not-set",
		    (struct val){ l->n.jicofo, l->n.domain.it }, NOWHERE,
		    "xmpp-domain = \"DOMAIN\" beside domain", "xmpp-domain is "
		    "not set: jicofo since October 2022 logs an error for it "
		    "after each login");
		return;
	}
	if (d.n == 0 || lint_is_told(l, v) || l->n.domain.it == v.it)
		return;
	if (is_address(d) && lint_is_told(l, l->n.domain))
		return;		/* said of the domain already */
	internal = val_is(l->n.auth) && same_name(d,
	    str_from(l->n.auth.it->key));
	if (is_address(d) || internal || is_virtualhost(l, d) == 0) {
		lint_say(l, "jicofo-wrong-xmpp-domain", v, l->n.guests, NULL,
		    "xmpp-domain %.*s is %s", STR_ARG(d), is_address(d) ?
		    "an address, not a VirtualHost" : internal ?
		    "the internal VirtualHost; rooms belong to that of the "
		    "guests" : "no VirtualHost of prosody");
		lint_capture(l, "domain", d);
	}
}

/* The value of --NAME in jicofo_flags of rc.conf.local. */
static struct str
flag(struct str flags, const char *name)
{
	size_t i = str_find(flags, name);
	struct str rest;

	if (i == SIZE_MAX)
		return (str_of("", 0));
	rest = str_sub(flags, i + strlen(name), flags.n);
	return (str_word(&rest));
}

static void
check_flags(struct lint *l)
{
	const struct config_file *rc = config_find(l->set, "rc.conf.local",
	    NULL);
	struct val v = val_of(rc, "jicofo_flags");
	struct str host = flag(val_str(v), "--host=");

	if (host.n == 0)
		return;
	if (is_address(host) && flags_count(l) != VERSION_AFTER) {
		lint_say(l, "jicofo-host-option-is-address", v, NOWHERE,
		    NULL, "--host=%.*s: jicofo takes this for the VirtualHost "
		    "too and looks for rooms on conference.%.*s; give the "
		    "name and put it into /etc/hosts", STR_ARG(host),
		    STR_ARG(host));
		lint_capture(l, "address", host);
	} else if (l->n.jicofo != NULL && !val_is(l->n.hostname) &&
	    flags_count(l) != VERSION_BEFORE) {
		lint_say(l, "jicofo-host-option-ignored", v,
		    (struct val){ l->n.jicofo, NULL }, NULL, "jicofo since "
		    "October 2022 ignores --host and connects to localhost: "
		    "set jicofo.xmpp.client.hostname");
	}
}

/* Told to connect to a machine that does not run prosody? */
static void
check_machine(struct lint *l)
{
	struct val v = l->n.hostname, xmpp;
	struct str h = val_str(v);

	if (str_eqs(h, "localhost") || str_starts(h, "127.")) {
		if (lint_prosody_elsewhere(l, l->n.jicofo, "jicofo"))
			lint_say(l, "xmpp-hostname-not-set", v, NOWHERE,
			    "hostname = \"xmpp\"", "jicofo looks for prosody "
			    "on its own machine, which is another one");
	} else if (lint_not_prosody(l, "jicofo", h, &xmpp)) {
		lint_say(l, "xmpp-hostname-wrong", v, xmpp, NULL, "%.*s is "
		    "another machine than that of prosody", STR_ARG(h));
	}
}

static void
check_hostname(struct lint *l)
{
	struct val client = val_of(l->n.jicofo, "jicofo.xmpp.client");
	const struct config_file *rc = config_find(l->set, "rc.conf.local",
	    NULL);
	struct val flags = val_of(rc, "jicofo_flags"), found,
	    hosts = { lint_file(l, "hosts", "jicofo"), NULL };
	struct str h = val_str(l->n.hostname);

	if (!val_is(l->n.hostname)) {
		if (flag(val_str(flags), "--host=").n > 0 ||
		    !lint_prosody_elsewhere(l, l->n.jicofo, "jicofo"))
			return;
		lint_say(l, "xmpp-hostname-not-set", client, NOWHERE,
		    "hostname = \"xmpp\"", "jicofo.xmpp.client.hostname is "
		    "not set: jicofo connects to localhost");
		return;
	}
	found = lint_hosts(l, "jicofo", h);
	if (h.n == 0 || is_address(h) || val_is(found) || hosts.f == NULL ||
	    str_eqs(h, "localhost"))
		return;
	if (str_chr(h, '.') == SIZE_MAX && lint_may_resolve(l, "jicofo"))
		return;
	if (str_chr(h, '.') == SIZE_MAX)
		lint_say(l, "xmpp-hostname-not-resolvable", l->n.hostname,
		    hosts, NULL, "%.*s is not in the hosts file of jicofo",
		    STR_ARG(h));
	else
		lint_say(l, "hosts-entry-missing", l->n.hostname, hosts,
		    NULL, "%.*s is not in the hosts file of jicofo, so its "
		    "DNS must know it", STR_ARG(h));
	lint_capture(l, "name", h);
}

static void
check_brewery(struct lint *l)
{
	struct val bridge = val_of(l->n.jicofo, "jicofo.bridge"),
	    root = val_of(l->n.jicofo, "jicofo");
	struct str d = jid_domain(val_str(l->n.brewery));
	const struct item *it;

	if (!val_is(l->n.brewery)) {
		lint_say(l, "brewery-jid-not-set", val_is(bridge) ? bridge :
		    root, NOWHERE, "brewery-jid = \"JvbBrewery@internal.auth."
		    "DOMAIN\"", "jicofo.bridge.brewery-jid is not set: jicofo "
		    "never finds a bridge");
		return;
	}
	if (d.n == 0 || l->n.prosody == NULL || lint_is_told(l, l->n.brewery)
	    || lint_elsewhere(l, d) || lint_component_told(l, "internal") ||
	    !val_is(l->n.guests))
		return;
	it = lint_host(l, d, "component");
	if (it != NULL)
		return;		/* what it is, is told of prosody */
	lint_told(l, l->n.brewery);
	lint_say(l, val_is(l->n.internal) ? "brewery-muc-not-hosted" :
	    "internal-muc-missing", l->n.brewery, val_is(l->n.internal) ?
	    l->n.internal : (struct val){ l->n.prosody, NULL }, NULL,
	    "prosody has no Component \"%.*s\" \"muc\" for the brewery room",
	    STR_ARG(d));
	lint_capture(l, "muc", d);
}

/* TLS switched off or not checked. */
static void
check_tls(struct lint *l)
{
	struct val tls = val_of(l->n.jicofo, "jicofo.xmpp.client.use-tls"),
	    verify = val_of(l->n.jicofo,
	    "jicofo.xmpp.client.disable-certificate-verification");
	const struct item *require = l->n.prosody == NULL ||
	    !val_is(l->n.auth) ? NULL : prosody_option(&l->n.prosody->model,
	    l->n.auth.it->key, "c2s_require_encryption");

	if (item_bool(tls.it) == 0 && item_bool(require) != 0)
		lint_say(l, "xmpp-without-tls", tls, NOWHERE, "use-tls = true",
		    "jicofo is told not to use TLS, which prosody requires "
		    "unless told otherwise");
	if (item_bool(verify.it) == 1)
		lint_say(l, "certificate-verification-disabled", verify,
		    NOWHERE, NULL, "jicofo takes any certificate for "
		    "prosody's");
}

/* No password in jicofo.conf, nor in the script that starts it (the way of
 * before 2021). */
static int
lacks_password(const struct lint *l, struct val password)
{
	const struct config_file *script = config_find(l->set,
	    "jicofo.in.sh", NULL);

	if (val_is(password))
		return (val_str(password).n == 0 &&
		    password.it->type != ITEM_OPAQUE);
	return (val_is(l->n.user) && val_is(l->n.domain) &&
	    !l->n.jicofo->model.partial &&
	    !val_is(val_of(script, "JICOFO_AUTH_PASSWORD")) &&
	    !val_is(val_of(script, "JICOFO_OPTS")) &&
	    !lint_misspelt(l->n.jicofo, "password"));
}

/* What jicofo needs besides names: a password, prosody's port, the focus. */
static void
check_client(struct lint *l)
{
	struct val proxy = val_of(l->n.jicofo,
	    "jicofo.xmpp.client.client-proxy"), port = val_of(l->n.jicofo,
	    "jicofo.xmpp.client.port"), password = val_of(l->n.jicofo,
	    "jicofo.xmpp.client.password");
	struct str p = val_str(proxy);

	if (lacks_password(l, password))
		lint_say(l, "jicofo-wrong-password", val_is(password) ?
		    password : l->n.domain, NOWHERE, NULL, "jicofo has no "
		    "password for its account");
	lint_port(l, port, "jicofo");
	if (p.n > 0 && val_is(l->n.focus) && !lint_is_told(l, proxy) &&
	    !lint_is_told(l, l->n.focus) && !lint_component_told(l, "focus.")
	    && !same_name(p, str_from(l->n.focus.it->key)))
		lint_say(l, "client-proxy-target-wrong", proxy, l->n.focus,
		    NULL, "requests come through %s, not through %.*s",
		    l->n.focus.it->key, STR_ARG(p));
}

static void
check_trusted(struct lint *l)
{
	struct val v = val_of(l->n.jicofo, "jicofo.bridge.health-checks."
	    "presence-timeout"), use = val_of(l->n.jicofo,
	    "jicofo.bridge.health-checks.use-presence");
	struct val muc = val_of(l->n.jicofo,
	    "jicofo.xmpp.client.conference-muc-jid");
	struct str d = val_str(muc);

	if (item_bool(use.it) == 1 && val_is(v))
		lint_say(l, "presence-interval-wait", v, NOWHERE, NULL,
		    "jicofo judges bridges by their presence: the bridge's "
		    "presence-interval must be shorter than this");
	if (d.n > 0 && l->n.prosody != NULL && val_is(l->n.guests) &&
	    !lint_is_told(l, muc) && lint_host(l, d, "component") == NULL)
		lint_say(l, "conference-muc-component-missing", muc,
		    (struct val){ l->n.prosody, NULL }, NULL, "prosody has no "
		    "Component \"%.*s\" \"muc\"", STR_ARG(d));
}

/* Who opens the port wants to ask for health, which is off by default. */
static void
check_health(struct lint *l, struct val rule)
{
	struct val on = val_of(l->n.jicofo, "jicofo.health.enabled");

	if (item_bool(on.it) != 1)
		lint_say(l, "jicofo-health-not-enabled", val_is(on) ? on :
		    val_of(l->n.jicofo, "jicofo"), rule,
		    "jicofo.health.enabled = true", "jicofo answers 404 to "
		    "/about/health unless health.enabled is true");
}

/* A rule of pf opens what listens on loopback only. */
static void
check_rest(struct lint *l)
{
	struct val host = val_of(l->n.jicofo, "jicofo.rest.host");
	const struct config_file *pf = config_find(l->set, "pf.conf",
	    "jicofo");
	const struct item *it;
	struct str h = val_str(host);
	size_t i;

	if ((str_eqs(h, "0.0.0.0") || str_eqs(h, "::")) && !is_container(l))
		lint_say(l, "rest-port-open-to-world", host, NOWHERE, NULL,
		    "jicofo's REST interface, which asks for no password, "
		    "listens on every address: let the firewall allow the "
		    "monitor only");
	if (val_is(host) && !str_starts(h, "127.") &&
	    !str_eqs(h, "localhost"))
		return;
	/* without it, versions before June 2025 listen on every address */
	if (!val_is(host) && versions_order(&l->known, PRODUCT_JICOFO,
	    STR_LIT("2025-06")) == VERSION_BEFORE)
		return;
	if (pf == NULL)
		pf = config_find(l->set, "pf.conf", NULL);
	for (i = 0; pf != NULL && i < pf->model.count; i++) {
		it = &pf->model.list[i];
		if (str_find(str_from(it->value), "8888") == SIZE_MAX)
			continue;
		check_health(l, (struct val){ pf, it });
		lint_say(l, "jicofo-rest-loopback-only", (struct val){ pf,
		    it }, val_is(host) ? host : val_of(l->n.jicofo, "jicofo"),
		    "jicofo.rest.host = \"ADDRESS\"", "this rule opens 8888, "
		    "but jicofo's REST interface listens on 127.0.0.1 only "
		    "(since June 2025, before on every address)");
		break;
	}
}

void
rules_jicofo(struct lint *l)
{
	check_flags(l);
	if (l->n.jicofo == NULL || l->n.jicofo->model.count == 0)
		return;
	check_hostname(l);
	check_machine(l);
	check_domain(l);
	check_xmpp_domain(l);
	check_brewery(l);
	check_tls(l);
	check_client(l);
	check_trusted(l);
	check_rest(l);
}
