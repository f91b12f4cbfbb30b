/* SPDX-License-Identifier: ISC */
/*
 * Rules about the rest of the web server: websockets to prosody and to the
 * bridge, TLS, page includes, rooms, the certificate authority's path. Pure.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "probes/config/nginx.h"
#include "probes/config/prosody.h"
#include "probes/config/rules.h"
#include "probes/config/web.h"

/* The proxy_pass of a location; NULL: none. */
static const struct item *
pass_of(const struct lint *l, const struct item *location)
{
	const struct model *m = &l->n.nginx->model;

	return (location == NULL ? NULL : nginx_next(m,
	    nginx_index(m, location), "proxy_pass", NULL));
}

/* Upgrade, Connection and HTTP/1.1, without which no websocket opens. */
static void
check_upgrade(struct lint *l, const struct item *pass)
{
	const struct model *m = &l->n.nginx->model;
	const struct item *version = nginx_inherited(m, pass->parent,
	    "proxy_http_version"), *timeout = nginx_inherited(m,
	    pass->parent, "proxy_read_timeout");
	const struct item *connection = nginx_header(m, pass->parent,
	    "Connection");
	const char *missing = NULL;

	if (nginx_header(m, pass->parent, "Upgrade") == NULL)
		missing = "proxy_set_header Upgrade $http_upgrade;";
	else if (connection == NULL || (str_ifind(nginx_arg(connection, 1),
	    "upgrade") == SIZE_MAX && str_chr(nginx_arg(connection, 1), '$')
	    == SIZE_MAX))
		missing = "proxy_set_header Connection \"upgrade\";";
	else if (version == NULL || !str_eqs(nginx_arg(version, 0), "1.1"))
		missing = "proxy_http_version 1.1;";
	if (missing != NULL) {
		lint_say(l, "websocket-upgrade-headers-missing",
		    web_val(l, pass), NOWHERE, missing, "a websocket does not "
		    "open through this location without %s", missing);
		return;
	}
	if (timeout == NULL && strstr(m->list[pass->parent].value,
	    "colibri-ws") == NULL)
		lint_say(l, "websocket-proxy-read-timeout", web_val(l, pass),
		    NOWHERE, "proxy_read_timeout 900s;", "nginx cuts a "
		    "websocket on which nothing comes for 60 s (the default): "
		    "clients ping every 10 s, one that sleeps is cut");
}

/* Without config.js: what a location for websockets itself shows. */
static void
check_websocket_location(struct lint *l)
{
	const struct item *location, *pass, *server;

	if (l->n.nginx == NULL || (server = web_server(l)) == NULL)
		return;
	location = nginx_location(&l->n.nginx->model, server,
	    STR_LIT("/xmpp-websocket"));
	pass = pass_of(l, location);
	if (pass == NULL || strstr(location->value, "websocket") == NULL)
		return;
	check_upgrade(l, pass);
	web_check_websocket(l, pass, STR_LIT("/xmpp-websocket"));
	if (l->n.prosody != NULL && val_is(l->n.guests) && !prosody_module(
	    &l->n.prosody->model, l->n.guests.it->key, "websocket"))
		lint_say(l, "websocket-module-not-enabled", web_val(l, pass),
		    l->n.guests, "modules_enabled = { \"websocket\" }",
		    "websocket is not enabled on %s", l->n.guests.it->key);
}

/* Does prosody take a login over the websocket that nginx passes on? */
static void
check_secure(struct lint *l, const struct item *pass)
{
	const struct model *m = &l->n.prosody->model;
	const char *host = l->n.guests.it->key;
	const struct item *require = prosody_option(m, host,
	    "c2s_require_encryption");

	if (item_bool(require) == 0 || (require != NULL && require->type ==
	    ITEM_OPAQUE) || model_get(m, "*/consider_websocket_secure") !=
	    NULL || !prosody_module(m, host, "websocket") ||
	    (model_get(m, "*/trusted_proxies") != NULL && nginx_header(
	    &l->n.nginx->model, pass->parent, "X-Forwarded-Proto") != NULL))
		return;
	lint_say(l, "websocket-not-considered-secure",
	    (struct val){ l->n.prosody, require == NULL ? l->n.guests.it :
	    require }, web_val(l, pass), "consider_websocket_secure = true",
	    "prosody since 0.12 lets nobody log in to %s over a websocket "
	    "without TLS: set consider_websocket_secure = true in the global "
	    "section (nginx does the TLS)", host);
}

/* config.js names a websocket: the way to prosody's mod_websocket. */
static void
check_xmpp_websocket(struct lint *l)
{
	const struct item *location, *pass, *server;
	struct url u;

	if (l->n.js == NULL)
		check_websocket_location(l);
	if (val_str(l->n.websocket).n == 0)
		return;
	url_split(val_str(l->n.websocket), &u);
	if (str_eqs(u.scheme, "ws"))
		lint_say(l, "mixed-content", l->n.websocket, NOWHERE, "wss:",
		    "the page comes by https, browsers refuse ws: from it");
	if (l->n.prosody != NULL && val_is(l->n.guests) && !prosody_module(
	    &l->n.prosody->model, l->n.guests.it->key, "websocket"))
		lint_say(l, "websocket-module-not-enabled", l->n.websocket,
		    l->n.guests, "modules_enabled = { \"websocket\" }",
		    "websocket is not enabled on %s", l->n.guests.it->key);
	if (l->n.nginx == NULL || (server = web_server(l)) == NULL)
		return;
	location = nginx_location(&l->n.nginx->model, server, u.path);
	if ((pass = pass_of(l, location)) != NULL) {
		check_upgrade(l, pass);
		web_check_websocket(l, pass, u.path);
		if (l->n.prosody != NULL && val_is(l->n.guests))
			check_secure(l, pass);
	} else if (!l->n.nginx->model.partial)
		lint_say(l, "http-bind-location-missing", web_val(l,
		    location == NULL ? server : location), l->n.websocket,
		    NULL, "%.*s has no location with a proxy_pass",
		    STR_ARG(u.path));
}

/* Some location for /colibri-ws/ anywhere; to name a wrong server-id. */
static const struct item *
any_colibri(const struct lint *l)
{
	const struct model *m = &l->n.nginx->model;
	size_t i;

	for (i = 0; i < m->count; i++)
		if (strcmp(m->list[i].key, "location") == 0 &&
		    strstr(m->list[i].value, "colibri-ws") != NULL)
			return (&m->list[i]);
	return (NULL);
}

/* nginx must go where this bridge's public HTTP server listens. */
static void
check_route(struct lint *l, const struct config_file *jvb,
    const struct item *pass)
{
	struct val host = val_of(jvb, "videobridge.http-servers.public.host"),
	    port = val_of(jvb, "videobridge.http-servers.public.port");
	struct str h = val_str(host), address;
	struct url u;
	int64_t want = item_number(port.it, 0);

	web_target(l, pass, &u);
	web_check_resolver(l, pass);
	if (u.path.n > 1 && str_find(u.path, "colibri-ws") == SIZE_MAX &&
	    str_find(u.path, "uri") == SIZE_MAX) {
		lint_say(l, "colibri-websocket-route-wrong", web_val(l, pass),
		    NOWHERE, NULL, "the request arrives as %.*s, the bridge "
		    "serves /colibri-ws/", STR_ARG(u.path));
		return;
	}
	if (str_chr(u.port, '$') != SIZE_MAX)
		return;
	if (want > 0 && url_port(&u) != want) {
		lint_say(l, "colibri-websocket-route-wrong", web_val(l, pass),
		    port, NULL, "nginx goes to port %d, the bridge listens on "
		    "%lld", url_port(&u), (long long)want);
		return;
	}
	if (str_chr(u.host, '$') != SIZE_MAX)
		return;
	address = is_address(u.host) ? u.host : val_str(lint_hosts(l,
	    "web", u.host));
	if (h.n > 0 && is_address(h) && address.n > 0 &&
	    !str_eqs(h, "0.0.0.0") && !str_eqs(h, "::") && !str_eq(h,
	    address))
		lint_say(l, "colibri-websocket-route-wrong", web_val(l, pass),
		    host, NULL, "nginx goes to %.*s, the bridge listens on "
		    "%.*s", STR_ARG(address), STR_ARG(h));
}

/* The address that the bridge tells clients: HOST:PORT, by wss. */
static void
check_domain(struct lint *l, const struct config_file *jvb)
{
	struct val v = val_of(jvb, "videobridge.websockets.domain"),
	    tls = val_of(jvb, "videobridge.websockets.tls");
	struct str d = val_str(v), host = str_sub(d, 0, str_chr(d, ':'));
	struct str port;
	const char *wrong = NULL;

	if (item_bool(tls.it) == 0)
		lint_say(l, "mixed-content", tls, NOWHERE, "tls = true",
		    "the bridge tells clients ws:, which browsers refuse "
		    "from a page of https");
	if (d.n == 0 || lint_is_told(l, v))
		return;
	if (str_find(d, "://") != SIZE_MAX)
		wrong = "it is HOST:PORT, without ws: or https:";
	else if ((str_eqs(host, "localhost") || str_starts(host, "127.")) &&
	    str_find(val_str(l->n.websocket), "//localhost") == SIZE_MAX)
		wrong = "clients look for it on their own machine";
	else if (str_find(d, "example.com") != SIZE_MAX && str_find(
	    val_str(l->n.js_domain), "example.com") == SIZE_MAX &&
	    l->n.js != NULL)
		wrong = "it is the sample's";
	port = str_sub(d, str_chr(d, ':') + 1, d.n);
	if (wrong == NULL && str_chr(d, ':') != SIZE_MAX &&
	    !str_eqs(port, "443") && l->n.nginx != NULL &&
	    !l->n.nginx->model.partial && !is_container(l) &&
	    same_name(host, val_str(l->n.js_domain)) &&
	    !web_listens(l, port))
		wrong = "nginx does not listen on that port";
	if (wrong != NULL)
		lint_say(l, "colibri-websocket-route-wrong", v, NOWHERE, NULL,
		    "%.*s is what clients are told to open: %s", STR_ARG(d),
		    wrong);
}

/* Do clients reach the bridge's websockets by another name than the site's,
 * past its server of nginx? */
static int
past_nginx(const struct lint *l, const struct config_file *jvb,
    const struct item *server)
{
	const struct model *m = &l->n.nginx->model;
	struct str d = val_str(val_of(jvb, "videobridge.websockets.domain")),
	    name;
	const struct item *it = NULL;
	size_t i;

	if (d.n == 0)
		d = val_str(val_of(jvb, "videobridge.websockets.domains/0"));
	d = str_sub(d, 0, str_chr(d, ':'));
	while (d.n > 0 && (it = nginx_next(m, nginx_index(m, server),
	    "server_name", it)) != NULL)
		for (i = 0; (name = nginx_arg(it, i)).n > 0; i++)
			if (same_name(name, d) || name.p[0] == '~' ||
			    name.p[0] == '*' || str_eqs(name, "_"))
				return (0);
	return (d.n > 0 && !same_name(d, val_str(l->n.js_domain)));
}

static void
check_bridge_websocket(struct lint *l, const struct config_file *jvb)
{
	struct val on = val_of(jvb, "videobridge.websockets.enabled"),
	    id = val_of(jvb, "videobridge.websockets.server-id"),
	    port = val_of(jvb, "videobridge.http-servers.public.port");
	struct str name = val_is(id) ? val_str(id) : STR_LIT("default-id");
	const struct item *location, *pass, *server, *other;
	char *path;

	if (item_bool(on.it) != 1 || name.n == 0)
		return;
	if (!val_is(port) && !val_is(val_of(jvb,
	    "videobridge.http-servers.public.tls-port")))
		lint_say(l, "colibri-websocket-route-wrong", on, NOWHERE,
		    "videobridge.http-servers.public.port = 9090",
		    "websockets are on, but the public HTTP server, which "
		    "serves them, has no port");
	check_domain(l, jvb);
	if (!val_is(val_of(jvb, "videobridge.websockets.domain")) &&
	    !val_is(val_of(jvb, "videobridge.websockets.domains")))
		lint_say(l, "colibri-websocket-route-wrong", on, NOWHERE,
		    "videobridge.websockets.domain = \"DOMAIN:443\"",
		    "websockets are on, but no domain is told to clients");
	if (l->n.nginx == NULL || (server = web_server(l)) == NULL ||
	    past_nginx(l, jvb, server))
		return;
	path = mem_printf("/colibri-ws/%.*s/conference/endpoint",
	    STR_ARG(name));
	location = nginx_location(&l->n.nginx->model, server,
	    str_from(path));
	free(path);
	pass = pass_of(l, location);
	other = any_colibri(l);
	if (pass != NULL && strstr(location->value, "colibri-ws") != NULL) {
		check_upgrade(l, pass);
		check_route(l, jvb, pass);
	} else if (other != NULL && location != NULL && location != other &&
	    location < other && str_starts(nginx_arg(location, 0), "~")) {
		lint_say(l, "room-regex-holds-address", web_val(l, location),
		    web_val(l, other), NULL, "this location takes "
		    "/colibri-ws/ before the one for it: it must stand below");
	} else if (other != NULL) {
		lint_say(l, "colibri-websocket-server-id-mismatch",
		    web_val(l, other), id, NULL, "this location does not "
		    "take /colibri-ws/%.*s/, the server-id of the bridge",
		    STR_ARG(name));
	} else if (!l->n.nginx->model.partial || location != NULL) {
		lint_say(l, "colibri-websocket-not-proxied", on, web_val(l,
		    location == NULL ? server : location), NULL,
		    "the bridge tells clients to open /colibri-ws/%.*s/, "
		    "nginx has no location for it", STR_ARG(name));
	}
}

static int
has_word(const struct item *it, const char *word)
{
	size_t i;

	for (i = 0; nginx_arg(it, i).n > 0; i++)
		if (str_eqs(nginx_arg(it, i), word))
			return (1);
	return (0);
}

/* Does another program in front of nginx do the TLS? */
static int
behind_proxy(const struct lint *l, const struct item *server)
{
	const struct model *m = &l->n.nginx->model;
	int block = nginx_index(m, server), outside = 0, any = 0;
	const struct item *it = NULL, *proto = nginx_header(m, block,
	    "X-Forwarded-Proto");

	while ((it = nginx_next(m, block, "listen", it)) != NULL) {
		any = 1;
		outside |= nginx_listen_port(it) == 80 &&
		    !str_starts(nginx_arg(it, 0), "127.") &&
		    !str_starts(nginx_arg(it, 0), "[::1]") &&
		    !str_starts(nginx_arg(it, 0), "localhost");
	}
	return ((any && !outside) || is_container(l) ||
	    nginx_inherited(m, block, "real_ip_header") != NULL ||
	    nginx_inherited(m, block, "set_real_ip_from") != NULL ||
	    (proto != NULL && !str_eqs(nginx_arg(proto, 1), "$scheme")));
}

/* Port 443 with TLS and a certificate. */
static void
check_tls(struct lint *l, const struct item *server)
{
	const struct model *m = &l->n.nginx->model;
	int block = nginx_index(m, server), tls = 0, on443 = 0, all = 0;
	const struct item *it = NULL, *plain = NULL;

	while ((it = nginx_next(m, block, "listen", it)) != NULL) {
		tls |= has_word(it, "ssl") || has_word(it, "quic");
		if (!str_ends(nginx_arg(it, 0), "443"))
			continue;
		on443 = 1;
		if (!has_word(it, "ssl") && !has_word(it, "quic"))
			plain = it;
	}
	it = nginx_next(m, block, "ssl", NULL);
	if (it != NULL && str_eqs(nginx_arg(it, 0), "on"))
		all = tls = 1;
	if (plain != NULL && !all)
		lint_say(l, "web-tls-not-configured", web_val(l, plain),
		    NOWHERE, "listen 443 ssl;", "port 443 without ssl speaks "
		    "plain HTTP");
	else if (!tls && !on443 && !behind_proxy(l, server))
		lint_say(l, "web-tls-not-configured", web_val(l, server),
		    NOWHERE, NULL, "no server of the site listens with TLS: "
		    "browsers give no camera to a page of http");
	it = nginx_inherited(m, block, "ssl_certificate");
	if (it != NULL && nginx_inherited(m, block, "ssl_certificate_key") ==
	    NULL && !m->partial)
		lint_say(l, "web-tls-not-configured", web_val(l, it),
		    NOWHERE, "ssl_certificate_key FILE;", "nginx does not "
		    "start without the key of this certificate");
	if (tls && it == NULL && !m->partial)
		lint_say(l, "web-tls-not-configured", web_val(l, server),
		    NOWHERE, NULL, "TLS without ssl_certificate");
}

/* index.html takes its parts by server side includes. */
static void
check_page(struct lint *l, const struct item *server)
{
	const struct model *m = &l->n.nginx->model;
	int block = nginx_index(m, server);
	const struct item *it, *location;

	it = nginx_inherited(m, block, "ssi");
	location = nginx_location(m, server, STR_LIT("/index.html"));
	if (it == NULL && location != NULL)
		it = nginx_next(m, nginx_index(m, location), "ssi", NULL);
	if (it == NULL) {
		location = nginx_location(m, server, STR_LIT("/Room"));
		it = location == NULL ? NULL : nginx_next(m,
		    nginx_index(m, location), "ssi", NULL);
	}
	if ((it == NULL || str_eqs(nginx_arg(it, 0), "off")) && !m->partial)
		lint_say(l, "ssi-off", web_val(l, it == NULL ? server : it),
		    NOWHERE, "ssi on;", "the page's includes stay unreplaced "
		    "without ssi on: config.js never reaches the browser");
	if (nginx_inherited(m, block, "root") == NULL && !m->partial)
		lint_say(l, "web-assets-missing", web_val(l, server),
		    NOWHERE, NULL, "no root: nginx serves its default folder");
}

/* Limits that a call goes over. */
static void
check_size(struct lint *l, const struct item *server)
{
	const struct model *m = &l->n.nginx->model;
	const struct item *it = nginx_inherited(m, nginx_index(m, server),
	    "client_max_body_size"), *events = nginx_next(m, -1, "events",
	    NULL);
	struct str s;
	int64_t n = 0;

	s = it == NULL ? str_of("", 0) : nginx_arg(it, 0);
	if (s.n > 0 && (str_num(s, 1, 65535, &n) == 0 || ((s.p[s.n - 1] |
	    32) == 'k' && str_num(str_sub(s, 0, s.n - 1), 1, 63, &n) == 0)))
		lint_say(l, "nginx-body-too-large", web_val(l, it), NOWHERE,
		    "client_max_body_size 1m;", "requests of a call are "
		    "larger than %.*s: nginx refuses them (413)",
		    STR_ARG(s));
	it = events == NULL ? NULL : nginx_next(m, nginx_index(m, events),
	    "worker_connections", NULL);
	if (it != NULL && str_num(nginx_arg(it, 0), 1, 127, &n) == 0)
		lint_say(l, "nginx-worker-connections", web_val(l, it),
		    NOWHERE, "worker_connections 1024;", "a browser takes "
		    "four of these %lld connections", (long long)n);
}

/* Paths that must not be taken for a room. */
static void
check_rooms(struct lint *l, const struct item *server)
{
	static const char *const paths[] = { "/external_api.js",
	    "/config.js", "/libs/lib-jitsi-meet.min.js" };
	const struct model *m = &l->n.nginx->model;
	const struct item *room, *it;
	size_t i;

	room = nginx_location(m, server, STR_LIT("/SomeRoom"));
	if (room == NULL || !str_starts(nginx_arg(room, 0), "~"))
		return;
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		it = nginx_location(m, server, str_from(paths[i]));
		if (it != room)
			continue;
		lint_say(l, "room-regex-holds-address", web_val(l, room),
		    NOWHERE, NULL, "%s is taken for the name of a room: its "
		    "location must come before this one", paths[i]);
		break;
	}
}

/* Two folders of the file system, maybe as seen from /var/www (OpenBSD's
 * nginx has its root there), with or without a slash at the end. */
static int
same_folder(struct str a, struct str b)
{
	if (str_starts(a, "/var/www/"))
		a = str_sub(a, 8, a.n);
	if (str_starts(b, "/var/www/"))
		b = str_sub(b, 8, b.n);
	while (a.n > 1 && a.p[a.n - 1] == '/')
		a = str_sub(a, 0, a.n - 1);
	while (b.n > 1 && b.p[b.n - 1] == '/')
		b = str_sub(b, 0, b.n - 1);
	return (str_eq(a, b));
}

/* Does the location look where acme-client puts its answers? 1 when it was
 * said that it does not. */
static int
check_folder(struct lint *l, const struct item *location,
    const struct config_file *acme, struct str host)
{
	const struct model *m = &l->n.nginx->model;
	int block = nginx_index(m, location), same;
	const struct item *alias = nginx_next(m, block, "alias", NULL),
	    *root = nginx_next(m, block, "root", NULL), *it;
	struct str want = STR_LIT("/var/www/acme"), has;
	char *name = mem_str(host), *path = NULL;

	it = model_getf(&acme->model, "domain/%s/challengedir", name);
	free(name);
	if (it != NULL)
		want = item_str(it);
	if (alias == NULL && root == NULL)
		return (0);
	has = nginx_arg(alias != NULL ? alias : root, 0);
	if (alias == NULL && nginx_next(m, block, "rewrite", NULL) == NULL)
		path = mem_printf("%.*s/.well-known/acme-challenge",
		    STR_ARG(has));
	same = same_folder(path == NULL ? has : str_from(path), want);
	if (!same)
		lint_say(l, "acme-challenge-path", web_val(l, alias != NULL ?
		    alias : root), (struct val){ acme, it }, NULL,
		    "this leads to %s, acme-client puts its answers into "
		    "%.*s: no certificate is renewed", path == NULL ?
		    (alias != NULL ? alias : root)->value : path,
		    STR_ARG(want));
	free(path);
	return (!same);
}

/* The certificate authority asks on port 80. */
static void
check_acme(struct lint *l)
{
	const struct model *m = &l->n.nginx->model;
	const struct config_file *acme = config_find(l->set,
	    "acme-client.conf", NULL);
	struct str host = val_str(l->n.js_domain);
	const struct item *server, *it;

	if (host.n == 0 && val_is(l->n.guests))
		host = str_from(l->n.guests.it->key);
	if ((server = nginx_server(m, host, 80)) == NULL || m->partial)
		return;
	it = nginx_location(m, server,
	    STR_LIT("/.well-known/acme-challenge/token"));
	if (it != NULL && acme != NULL && check_folder(l, it, acme, host))
		return;
	if (it != NULL && (strstr(it->value, "well-known") != NULL ||
	    !str_starts(nginx_arg(it, 0), "~")))
		return;
	if (it != NULL)
		lint_say(l, "acme-challenge-path", web_val(l, it), NOWHERE,
		    NULL, "this location also takes /.well-known/acme-"
		    "challenge/: no certificate is renewed");
	else if (acme != NULL)
		lint_say(l, "acme-challenge-path", web_val(l, server),
		    (struct val){ acme, NULL }, NULL, "no location for "
		    "/.well-known/acme-challenge/: no certificate is renewed");
}

void
rules_websocket(struct lint *l)
{
	const struct config_file *jvb = NULL;
	const struct item *server;

	check_xmpp_websocket(l);
	while ((jvb = config_next(l->set, "jvb.conf", jvb)) != NULL)
		check_bridge_websocket(l, jvb);
	if (l->n.nginx == NULL || (server = web_server(l)) == NULL)
		return;
	check_tls(l, server);
	if (web_passed_on(l, server) == NULL)
		check_page(l, server);
	check_size(l, server);
	check_rooms(l, server);
	check_acme(l);
}
