/* SPDX-License-Identifier: ISC */
/*
 * The model of the site, as far as the configuration files tell it. Pure.
 * What is known already stays as it is.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "agent/facts/site.h"
#include "probes/config/config.h"
#include "probes/config/nginx.h"
#include "probes/config/prosody.h"
#include "probes/config/rules.h"
#include "probes/config/web.h"

/* Sets a string that is not known yet; nothing for an empty value. */
static void
set(char **place, struct str value)
{
	char *text;

	if (*place != NULL || value.n == 0)
		return;
	text = mem_str(value);
	site_set(place, text);
	free(text);
}

static struct str
key_of(struct val v)
{
	return (str_from(v.it == NULL ? "" : v.it->key));
}

static void
set_port(uint16_t *place, const struct item *it)
{
	int64_t port = item_number(it, 0);

	if (port > 0 && port < 65536)
		*place = (uint16_t)port;
}

/* The machines, by the names that the talk gives them. */
static void
fill_hosts(const struct lint *l, struct site *s)
{
	int role;
	struct val v;

	for (role = 0; role < ROLE_COUNT; role++) {
		v = lint_hosts(l, NULL, str_from(role_name((enum role)role)));
		if (!val_is(v) || str_starts(val_str(v), "127."))
			continue;
		set(&s->host[role].name, key_of(v));
		set(&s->host[role].address, val_str(v));
	}
	set(&s->host[ROLE_XMPP].name, val_str(l->n.hostname));
}

/* Which programs this host has files of. */
static void
fill_roles(const struct lint *l, struct site *s)
{
	if (s->roles != 0)
		return;
	if (l->n.prosody != NULL)
		s->roles |= ROLE_BIT(ROLE_XMPP);
	if (l->n.jicofo != NULL)
		s->roles |= ROLE_BIT(ROLE_JICOFO);
	if (l->n.jvb != NULL)
		s->roles |= ROLE_BIT(ROLE_JVB);
	if (l->n.nginx != NULL && (l->n.js != NULL ||
	    web_server(l) != NULL))
		s->roles |= ROLE_BIT(ROLE_WEB);
	if (config_find(l->set, "vm.conf", NULL) != NULL)
		s->roles |= ROLE_BIT(ROLE_ROUTER);
}

/* One account; the password is not there when it is known only at run time. */
static void
fill_account(struct site_account *a, struct val user, struct val domain,
    struct val password)
{
	char *from;

	if (a->user != NULL || val_str(user).n == 0)
		return;
	set(&a->user, val_str(user));
	set(&a->domain, val_str(domain));
	set(&a->password, val_str(password));
	if (password.it != NULL) {
		from = mem_printf("%s:%d", password.f->name,
		    password.it->line);
		set(&a->from, str_from(from));
		free(from);
	}
}

/* The bridge's first XMPP client. */
static struct val
client(const struct config_file *f, const char *name)
{
	const struct item *root, *it;
	size_t i;

	if (f == NULL)
		return (NOWHERE);
	root = model_get(&f->model, "videobridge.apis.xmpp-client.configs");
	for (i = 0; root != NULL && i < f->model.count; i++) {
		it = &f->model.list[i];
		if (it->parent == (int)(root - f->model.list) &&
		    it->type == ITEM_TABLE)
			return ((struct val){ f, model_getf(&f->model,
			    "%s.%s", it->key, name) });
	}
	return (NOWHERE);
}

static void
fill_xmpp(const struct lint *l, struct site *s)
{
	const struct model *m = l->n.prosody == NULL ? NULL :
	    &l->n.prosody->model;
	struct val domain = val_is(l->n.domain) ? l->n.domain :
	    client(l->n.jvb, "domain");
	struct str room = val_str(l->n.brewery);
	const struct item *require;

	set(&s->domain, key_of(l->n.guests));
	set(&s->domain, val_str(l->n.js_domain));
	set(&s->domain, val_str(l->n.xmpp_domain));
	set(&s->auth_domain, key_of(l->n.auth));
	set(&s->auth_domain, val_str(domain));
	set(&s->muc, key_of(l->n.muc));
	set(&s->muc, val_str(l->n.js_muc));
	set(&s->focus, key_of(l->n.focus));
	set(&s->internal_muc, key_of(l->n.internal));
	set(&s->brewery, room.n > 0 ? room : val_str(client(l->n.jvb,
	    "muc_jids")));
	set(&s->internal_muc, jid_domain(str_from(s->brewery)));
	set_port(&s->c2s_port, val_of(l->n.jicofo,
	    "jicofo.xmpp.client.port").it);
	if (m != NULL) {
		set_port(&s->c2s_port, model_get(m, "*/c2s_ports/0"));
		set_port(&s->http_port, model_get(m, "*/http_ports/0"));
		require = val_is(l->n.auth) ? prosody_option(m,
		    l->n.auth.it->key, "c2s_require_encryption") : NULL;
		if (item_bool(require) == 0)
			s->encrypted_required = 0;
	}
	fill_account(&s->jicofo, val_is(l->n.user) ? l->n.user : NOWHERE,
	    l->n.domain, val_of(l->n.jicofo, "jicofo.xmpp.client.password"));
	fill_account(&s->jvb, client(l->n.jvb, "username"), val_is(client(
	    l->n.jvb, "domain")) ? client(l->n.jvb, "domain") :
	    client(l->n.jvb, "hostname"), client(l->n.jvb, "password"));
}

static void
fill_trust(const struct lint *l, struct site *s)
{
	const struct config_file *f;

	if ((f = config_find(l->set, "jicofo.in.sh", NULL)) != NULL) {
		set(&s->truststore, val_str(val_of(f, "JICOFO_TRUSTSTORE")));
		if (s->truststore != NULL)
			set(&s->truststore_password, val_str(val_of(f,
			    "JICOFO_TRUSTSTORE_PASSWORD")));
	}
	if (s->truststore == NULL && (f = config_find(l->set, "jvb.in.sh",
	    NULL)) != NULL) {
		set(&s->truststore, val_str(val_of(f, "JVB_TRUSTSTORE")));
		set(&s->truststore_password, val_str(val_of(f,
		    "JVB_TRUSTSTORE_PASSWORD")));
	}
	if (item_bool(client(l->n.jvb, "disable_certificate_verification").it)
	    == 1 || item_bool(val_of(l->n.jicofo,
	    "jicofo.xmpp.client.disable-certificate-verification").it) == 1)
		s->verification_disabled = 1;
}

static void
fill_web(const struct lint *l, struct site *s)
{
	const struct model *m;
	const struct item *server, *root;
	struct url u;

	set(&s->name, val_str(l->n.js_domain));
	set(&s->name, key_of(l->n.guests));
	url_split(val_str(l->n.bosh), &u);
	if (u.path.n > 0) {
		site_set(&s->bosh_path, NULL);
		set(&s->bosh_path, u.path);
	}
	if (val_str(l->n.websocket).n > 0) {
		url_split(val_str(l->n.websocket), &u);
		set(&s->websocket_path, u.path);
	}
	if (l->n.nginx == NULL || (server = web_server(l)) == NULL)
		return;
	m = &l->n.nginx->model;
	if (s->name == NULL) {
		root = nginx_next(m, nginx_index(m, server), "server_name",
		    NULL);
		if (root != NULL && !str_eqs(nginx_arg(root, 0), "_"))
			set(&s->name, nginx_arg(root, 0));
	}
	root = nginx_inherited(m, nginx_index(m, server), "root");
	if (root != NULL)
		set(&s->web_root, nginx_arg(root, 0));
}

static void
fill_rest(struct site_rest *r, struct val host, struct val port,
    const char *address, int dflt)
{
	int64_t p = item_number(port.it, dflt);

	if (r->port != 0 || p <= 0 || p > 65535)
		return;
	set(&r->address, val_str(host));
	set(&r->address, str_from(address));
	r->port = (uint16_t)p;
}

/* The bridge's port before it had a jvb.conf. */
#define SINGLE_PORT "org.jitsi.videobridge.SINGLE_PORT_HARVESTER_PORT"

static void
fill_media(const struct lint *l, struct site *s)
{
	const struct config_file *sip = lint_bridge_properties(l->set, NULL);

	set(&s->nat_local, val_str(val_of(sip,
	    "org.ice4j.ice.harvest.NAT_HARVESTER_LOCAL_ADDRESS")));
	set(&s->nat_public, val_str(val_of(sip,
	    "org.ice4j.ice.harvest.NAT_HARVESTER_PUBLIC_ADDRESS")));
	set(&s->nat_local, val_str(val_of(l->n.jvb, "ice4j.harvest.mapping."
	    "static-mappings/0.local-address")));
	set(&s->nat_public, val_str(val_of(l->n.jvb, "ice4j.harvest.mapping."
	    "static-mappings/0.public-address")));
	set(&s->public_address, str_from(s->nat_public));
	set(&s->stun_server, val_str(val_of(l->n.jvb,
	    "ice4j.harvest.mapping.stun.addresses/0")));
	set_port(&s->media_port, val_of(l->n.jvb,
	    "videobridge.ice.udp.port").it);
	if (!val_is(val_of(l->n.jvb, "videobridge.ice.udp.port")))
		set_port(&s->media_port, val_of(sip, SINGLE_PORT).it);
	if (s->media_port_last < s->media_port ||
	    val_is(val_of(l->n.jvb, "videobridge.ice.udp.port")) ||
	    val_is(val_of(sip, SINGLE_PORT)))
		s->media_port_last = s->media_port;
	if (l->n.jvb != NULL)
		fill_rest(&s->jvb_rest, val_of(l->n.jvb,
		    "videobridge.http-servers.private.host"), val_of(l->n.jvb,
		    "videobridge.http-servers.private.port"), "127.0.0.1",
		    8080);
	if (l->n.jicofo != NULL)
		fill_rest(&s->jicofo_rest, val_of(l->n.jicofo,
		    "jicofo.rest.host"), val_of(l->n.jicofo,
		    "jicofo.rest.port"), "127.0.0.1", 8888);
}

void
config_fill_site(const struct config_set *config, struct site *s)
{
	struct lint l = { .set = config };

	names_find(&l);
	fill_roles(&l, s);
	fill_hosts(&l, s);
	fill_xmpp(&l, s);
	fill_trust(&l, s);
	fill_web(&l, s);
	fill_media(&l, s);
}
