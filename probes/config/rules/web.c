/* SPDX-License-Identifier: ISC */
/*
 * Rules about the way of a BOSH request: the URL of config.js, the location
 * nginx picks, where it passes it on, what prosody serves there. Pure.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "probes/config/nginx.h"
#include "probes/config/prosody.h"
#include "probes/config/rules.h"
#include "probes/config/web.h"

void
url_split(struct str s, struct url *u)
{
	size_t i = str_find(s, "://"), end;

	memset(u, 0, sizeof(*u));
	if (i != SIZE_MAX) {
		u->scheme = str_sub(s, 0, i);
		s = str_sub(s, i + 3, s.n);
	} else if (str_starts(s, "//")) {
		s = str_sub(s, 2, s.n);
	} else {
		u->path = s;
		return;
	}
	end = str_chr(s, '/');
	u->host = str_sub(s, 0, end);
	u->path = str_sub(s, end, s.n);
	i = str_rchr(u->host, ':');
	if (i != SIZE_MAX && str_chr(u->host, ']') == SIZE_MAX) {
		u->port = str_sub(u->host, i + 1, u->host.n);
		u->host = str_sub(u->host, 0, i);
	}
	u->path = str_sub(u->path, 0, str_chr(u->path, '?'));
}

int
url_port(const struct url *u)
{
	int64_t port;

	if (u->port.n == 0)
		return (str_eqs(u->scheme, "https") ||
		    str_eqs(u->scheme, "wss") ? 443 : 80);
	return (str_num(u->port, 1, 65535, &port) == 0 ? (int)port : 0);
}

struct val
web_val(const struct lint *l, const struct item *it)
{
	return ((struct val){ l->n.nginx, it });
}

const struct item *
web_server(const struct lint *l)
{
	const struct model *m = &l->n.nginx->model;
	struct str host = val_str(l->n.js_domain);
	const struct item *s;

	if (host.n == 0 && val_is(l->n.guests))
		host = str_from(l->n.guests.it->key);
	s = nginx_server(m, host, 443);
	if (s == NULL)		/* behind a proxy that has port 443 */
		s = nginx_server(m, host, 0);
	return (s != NULL ? s : nginx_server(m, host, 80));
}

/* The first server of an upstream block of that name; else the name. */
static struct str
upstream(const struct model *m, struct str name)
{
	const struct item *it, *server;
	size_t i;

	for (i = 0; i < m->count; i++) {
		it = &m->list[i];
		if (strcmp(it->key, "upstream") != 0 ||
		    !str_eq(nginx_arg(it, 0), name))
			continue;
		server = nginx_next(m, (int)i, "server", NULL);
		return (server == NULL ? name : nginx_arg(server, 0));
	}
	return (name);
}

/* What a variable is when nothing else is asked for: the default of its map,
 * or what `set` gives it; the name itself when neither is there. */
static struct str
variable(const struct model *m, struct str name)
{
	const struct item *it, *dflt;
	size_t i;

	if (!str_starts(name, "$"))
		return (name);
	for (i = 0; i < m->count; i++) {
		it = &m->list[i];
		if (strcmp(it->key, "set") == 0 &&
		    str_eq(nginx_arg(it, 0), name))
			return (nginx_arg(it, 1));
		if (strcmp(it->key, "map") != 0 ||
		    !str_eq(nginx_arg(it, 1), name))
			continue;
		dflt = nginx_next(m, (int)i, "default", NULL);
		return (dflt == NULL ? name : nginx_arg(dflt, 0));
	}
	return (name);
}

/* "$backend/path" or "$backend$request_uri" with what stands for $backend;
 * host and port are the variable's name when that is not known. */
static void
split_variable(const struct model *m, struct str s, struct url *u)
{
	size_t end = 1;
	struct str name, path;

	while (end < s.n && s.p[end] != '/' && s.p[end] != '$')
		end++;
	name = str_sub(s, 0, end);
	path = str_sub(s, end, s.n);
	url_split(variable(m, name), u);
	if (u->host.n == 0)
		u->host = u->port = name;
	if (str_starts(path, "/"))
		u->path = str_sub(path, 0, str_chr(path, '?'));
}

void
web_target(const struct lint *l, const struct item *pass, struct url *u)
{
	struct str real = nginx_arg(pass, 0), port;
	size_t i;

	if (str_starts(real, "$") && str_find(real, "://") == SIZE_MAX)
		split_variable(&l->n.nginx->model, real, u);
	else
		url_split(real, u);
	real = variable(&l->n.nginx->model, u->host);
	if (!str_eq(real, u->host) && !str_eq(upstream(&l->n.nginx->model,
	    real), real))
		u->host = real;	/* a name known to nginx itself */
	if (u->port.n == 0) {
		real = upstream(&l->n.nginx->model, u->host);
		i = str_ends(real, "]") ? SIZE_MAX : str_rchr(real, ':');
		port = i == SIZE_MAX ? str_of("", 0) :
		    str_sub(real, i + 1, real.n);
		u->host = str_sub(real, 0, i);
		u->port = port;
	}
	if (str_starts(u->host, "[") && str_ends(u->host, "]"))
		u->host = str_sub(u->host, 1, u->host.n - 1);
}

const struct item *
web_passed_on(const struct lint *l, const struct item *server)
{
	const struct model *m = &l->n.nginx->model;
	const struct item *page = nginx_location(m, server, STR_LIT("/"));

	return (page == NULL ? NULL : nginx_next(m, nginx_index(m, page),
	    "proxy_pass", NULL));
}

/* Does it go to the web server that has the page, not to prosody? */
static int
goes_to_web(const struct lint *l, const struct item *server,
    const struct url *u)
{
	const struct item *page = web_passed_on(l, server);
	struct url web;

	if (page == NULL)
		return (0);
	web_target(l, page, &web);
	return (str_eq(web.host, u->host) && str_eq(web.port, u->port));
}

/* Is the number a member of a port option, or of its default? */
static int
serves_port(const struct lint *l, const char *option, int dflt, int port)
{
	const struct model *m = &l->n.prosody->model;
	const struct item *it, *list = model_getf(m, "*/%s", option);
	int i;

	if (list == NULL)
		return (port == dflt);
	if (list->type == ITEM_NUMBER)
		return (item_number(list, 0) == port);
	for (i = 0; (it = model_getf(m, "*/%s/%d", option, i)) != NULL; i++)
		if (it->type == ITEM_OPAQUE || item_number(it, 0) == port)
			return (1);
	return (0);
}

static void
check_port(struct lint *l, const struct item *pass, const struct url *u)
{
	int port = url_port(u), tls = str_eqs(u->scheme, "https");
	int plain = serves_port(l, "http_ports", 5280, port),
	    secure = serves_port(l, "https_ports", 5281, port);
	struct val http = val_of(l->n.prosody, "*/http_ports/0");
	const char *id;

	if (val_is(val_of(l->n.prosody, "*/http_ports")) && !val_is(http) &&
	    val_of(l->n.prosody, "*/http_ports").it->type == ITEM_TABLE)
		return;		/* told as http-ports-disabled */
	if (plain && tls)
		id = "https-to-plain-http-port";
	else if (secure && !tls)
		id = "plain-http-to-https-port";
	else if (plain || secure || port == 0)
		return;
	else if (serves_port(l, "c2s_ports", 5222, port))
		id = "proxy-to-c2s-port";
	else
		id = "proxy-to-wrong-port";
	lint_say(l, id, web_val(l, pass), http, NULL, "nginx goes to port %d "
	    "with %s, prosody's plain HTTP is on %s", port, tls ? "TLS" :
	    "plain HTTP", val_is(http) ? http.it->value :
	    "5280 (the default)");
	lint_capture(l, "port", u->port);
}

/* The Host header that reaches prosody must name a VirtualHost. */
static void
check_host_header(struct lint *l, const struct item *pass,
    const struct url *u)
{
	const struct model *m = &l->n.nginx->model;
	const struct item *h = nginx_header(m, pass->parent, "Host"),
	    *dflt = model_get(&l->n.prosody->model, "*/http_default_host");
	struct str value = h == NULL ? u->host : nginx_arg(h, 1);

	if (dflt != NULL || str_find(value, "$host") != SIZE_MAX ||
	    str_find(value, "$http_host") != SIZE_MAX ||
	    str_find(value, "$server_name") != SIZE_MAX)
		return;
	value = str_sub(value, 0, str_rchr(value, ':'));
	if (str_chr(value, '$') != SIZE_MAX && !str_eqs(value,
	    "$proxy_host"))
		return;
	if (lint_host(l, value, "virtualhost") != NULL)
		return;
	lint_say(l, h == NULL ? "proxy-host-header-missing" :
	    "http-host-unknown", web_val(l, h == NULL ? pass : h),
	    l->n.guests, "proxy_set_header Host $http_host;", h == NULL ?
	    "without a Host header of its own the request names %.*s, which "
	    "prosody does not host: 404" : "the Host header %.*s is no "
	    "VirtualHost of prosody: 404", STR_ARG(value));
	lint_capture(l, "host", value);
}

/* The path at prosody. */
static void
check_path(struct lint *l, const struct item *pass, const struct url *u,
    struct str asked, const char *module, struct str served)
{
	const struct item *it = model_getf(&l->n.prosody->model,
	    "%s/http_paths/%s", l->n.guests.it->key, module);
	struct str path = u->path;

	if (it == NULL)
		it = model_getf(&l->n.prosody->model, "*/http_paths/%s",
		    module);
	if (it != NULL)
		served = item_str(it);
	if (path.n == 0)
		path = asked;
	if (str_chr(path, '$') != SIZE_MAX || str_eq(path, served) ||
	    served.n == 0)
		return;
	lint_say(l, "proxy-path-mismatch", web_val(l, pass),
	    (struct val){ l->n.prosody, it }, NULL, "the request arrives as "
	    "%.*s, prosody serves its module %s at %.*s", STR_ARG(path),
	    module, STR_ARG(served));
}

static void
check_interfaces(struct lint *l, const struct item *pass,
    const struct url *u)
{
	const struct model *m = &l->n.prosody->model;
	struct val at = val_of(l->n.prosody, "*/http_interfaces"),
	    ports = val_of(l->n.prosody, "*/http_ports");
	const struct item *it;
	int i;

	if (val_is(ports) && ports.it->type == ITEM_TABLE && model_get(m,
	    "*/http_ports/0") == NULL)
		lint_say(l, "http-ports-disabled", ports, web_val(l, pass),
		    NULL, "http_ports is empty: BOSH listens nowhere");
	if (str_eqs(u->host, "localhost") || str_starts(u->host, "127.") ||
	    str_eqs(u->host, "::1"))
		return;
	if (!val_is(at))
		at = val_of(l->n.prosody, "*/interfaces");
	for (i = 0; val_is(at) && (it = model_getf(m, "%s/%d", at.it->key,
	    i)) != NULL; i++)
		if (strncmp(it->value, "127.", 4) != 0 &&
		    strcmp(it->value, "::1") != 0 &&
		    strcmp(it->value, "localhost") != 0)
			return;
	if (val_is(at) && (at.it->type == ITEM_OPAQUE || (i == 0 &&
	    strncmp(at.it->value, "127.", 4) != 0)))
		return;
	lint_say(l, "http-interfaces-loopback-only", val_is(at) ? at :
	    (struct val){ l->n.prosody, NULL }, web_val(l, pass),
	    "http_interfaces = { \"*\", \"::\" }", "%s, but nginx comes "
	    "from another machine (%.*s)", val_is(at) ?
	    "prosody's HTTP listens on loopback only" : "http_interfaces is "
	    "not set: prosody since 0.12 serves HTTP on loopback only",
	    STR_ARG(u->host));
}

/* Seconds of an nginx time ("60", "60s", "15m"). */
static int64_t
seconds(struct str s)
{
	int64_t ns;

	return (str_duration(s, &ns) == -1 ? -1 : ns / 1000000000);
}

static void
check_timeout(struct lint *l, const struct item *pass)
{
	const struct item *it = nginx_inherited(&l->n.nginx->model,
	    pass->parent, "proxy_read_timeout");
	int64_t s = it == NULL ? 60 : seconds(nginx_arg(it, 0));

	if (s >= 0 && s < 60)
		lint_say(l, "proxy-read-timeout-too-short", web_val(l, it),
		    NOWHERE, "proxy_read_timeout 90s;", "nginx gives up after "
		    "%lld s, a BOSH request is held for 60 s", (long long)s);
	else if (s == 60)
		lint_say(l, "proxy-read-timeout-equals-bosh-wait",
		    web_val(l, it == NULL ? pass : it), NOWHERE,
		    "proxy_read_timeout 90s;", "nginx waits 60 s%s, as long "
		    "as an idle BOSH request is held: some end in 504",
		    it == NULL ? " (the default)" : "");
}

void
web_check_resolver(struct lint *l, const struct item *pass)
{
	const struct model *m = &l->n.nginx->model;
	struct str arg = nginx_arg(pass, 0);
	struct url u;

	url_split(arg, &u);
	if (str_chr(arg, '$') == SIZE_MAX || u.host.n == 0 ||
	    str_chr(u.host, '$') != SIZE_MAX || is_address(u.host) ||
	    u.host.p[0] == '[' || str_eqs(u.host, "localhost") ||
	    !str_eq(upstream(m, u.host), u.host) || nginx_inherited(m,
	    pass->parent, "resolver") != NULL || m->partial)
		return;
	lint_say(l, "nginx-no-resolver", web_val(l, pass), NOWHERE, NULL,
	    "with a variable in it nginx looks %.*s up at each request, and "
	    "has no resolver to ask; hosts files are not used then",
	    STR_ARG(u.host));
	lint_capture(l, "name", u.host);
}

/* nginx must go to prosody's machine. */
static void
check_machine(struct lint *l, const struct item *pass, const struct url *u)
{
	struct val xmpp = NOWHERE;

	if (str_eqs(u->host, "localhost") || str_starts(u->host, "127.") ||
	    str_eqs(u->host, "::1")) {
		if (!lint_prosody_elsewhere(l, l->n.nginx, "web"))
			return;
		xmpp = (struct val){ l->n.prosody, NULL };
	} else if (!lint_not_prosody(l, "web", u->host, &xmpp)) {
		return;
	}
	lint_say(l, "proxy-to-wrong-host", web_val(l, pass), xmpp, NULL,
	    "nginx goes to %.*s, which is not prosody's machine",
	    STR_ARG(u->host));
	lint_capture(l, "host", u->host);
}

static void
check_upstream_name(struct lint *l, const struct item *pass,
    const struct url *u)
{
	const struct config_file *hosts = lint_file(l, "hosts", "web");

	web_check_resolver(l, pass);
	if (str_eq(u->host, u->port))
		return;		/* a variable of which nothing is known */
	if (str_chr(u->host, '$') != SIZE_MAX) {
		if (!is_address(u->host) && nginx_inherited(
		    &l->n.nginx->model, pass->parent, "resolver") == NULL &&
		    str_chr(u->host, '$') != SIZE_MAX)
			lint_say(l, "nginx-no-resolver", web_val(l, pass),
			    NOWHERE, NULL, "proxy_pass with a variable needs "
			    "a resolver directive; hosts files are not used "
			    "then");
		return;
	}
	if (hosts == NULL || is_address(u->host) ||
	    str_eqs(u->host, "localhost") ||
	    val_is(lint_hosts(l, "web", u->host)) ||
	    lint_may_resolve(l, "web") ||
	    str_chr(u->host, '.') != SIZE_MAX)
		return;
	lint_say(l, "upstream-name-not-resolvable", web_val(l, pass),
	    (struct val){ hosts, NULL }, NULL, "%.*s is not in the hosts "
	    "file of web: nginx does not start", STR_ARG(u->host));
	lint_capture(l, "name", u->host);
}

static void
check_pass(struct lint *l, const struct item *server,
    const struct item *pass, struct str asked)
{
	struct url u;

	web_target(l, pass, &u);
	check_upstream_name(l, pass, &u);
	check_timeout(l, pass);
	if (l->n.prosody == NULL || !val_is(l->n.guests) ||
	    str_chr(u.host, '$') != SIZE_MAX || goes_to_web(l, server, &u))
		return;
	check_machine(l, pass, &u);
	check_port(l, pass, &u);
	/* prosody 0.11 serves BOSH whatever the Host header says */
	if (versions_order(&l->known, PRODUCT_PROSODY, STR_LIT("0.12")) !=
	    VERSION_BEFORE)
		check_host_header(l, pass, &u);
	check_path(l, pass, &u, asked, "bosh", STR_LIT("/http-bind"));
	check_interfaces(l, pass, &u);
}

/* The header that tells prosody of https; NULL: nginx sends none. */
static const struct item *
says_https(const struct lint *l)
{
	const struct item *it;
	size_t i;

	for (i = 0; i < l->n.nginx->model.count; i++) {
		it = &l->n.nginx->model.list[i];
		if (strcmp(it->key, "proxy_set_header") == 0 &&
		    str_ieqs(nginx_arg(it, 0), "X-Forwarded-Proto"))
			return (it);
	}
	return (NULL);
}

/* BOSH of prosody itself. */
static void
check_bosh_module(struct lint *l)
{
	const struct model *m = &l->n.prosody->model;
	const char *host = l->n.guests.it->key;
	const struct item *require = prosody_option(m, host,
	    "c2s_require_encryption"), *secure = model_get(m,
	    "*/consider_bosh_secure"), *proxies = model_get(m,
	    "*/trusted_proxies");

	if (!prosody_module(m, host, "bosh")) {
		if (!val_is(l->n.websocket) || !prosody_module(m, host,
		    "websocket"))
			lint_say(l, "bosh-module-not-enabled", l->n.guests,
			    l->n.bosh, "modules_enabled = { \"bosh\" }",
			    "bosh is not enabled on %s", host);
		return;
	}
	if (item_bool(require) != 0 && item_bool(secure) != 1 &&
	    proxies == NULL && (require == NULL || require->type !=
	    ITEM_OPAQUE) && l->n.nginx != NULL && says_https(l) != NULL)
		lint_say(l, "trusted-proxies-missing", web_val(l,
		    says_https(l)), l->n.guests, "trusted_proxies = "
		    "{ \"ADDRESS OF WEB\" }", "prosody takes no notice of "
		    "this header without trusted_proxies, and then lets "
		    "nobody log in over BOSH");
	else if (item_bool(require) != 0 && item_bool(secure) != 1 &&
	    proxies == NULL && (require == NULL || require->type !=
	    ITEM_OPAQUE) && l->n.nginx != NULL)
		lint_say(l, "bosh-not-considered-secure", require == NULL ?
		    l->n.guests : (struct val){ l->n.prosody, require },
		    NOWHERE, "consider_bosh_secure = true",
		    "prosody since 0.12 lets nobody log in to %s over plain "
		    "HTTP: set consider_bosh_secure = true in the global "
		    "section (nginx does the TLS)", host);
}

static void
check_domain(struct lint *l)
{
	struct str d = val_str(l->n.js_domain), a = val_str(
	    l->n.js_anonymous);
	int internal;

	if (l->n.prosody == NULL || !val_is(l->n.guests))
		return;
	internal = val_is(l->n.auth) && same_name(d,
	    str_from(l->n.auth.it->key));
	if (d.n > 0 && !lint_is_told(l, l->n.js_domain) && (internal ||
	    lint_host(l, d, "virtualhost") == NULL)) {
		lint_say(l, "bosh-wrong-domain", l->n.js_domain, l->n.guests,
		    NULL, internal ? "%.*s is the VirtualHost of focus and "
		    "the bridges, not that of the guests" :
		    "%.*s is no VirtualHost of prosody", STR_ARG(d));
		lint_capture(l, "domain", d);
	}
	if (a.n > 0 && !lint_is_told(l, l->n.js_anonymous) &&
	    lint_host(l, a, "virtualhost") == NULL)
		lint_say(l, "bosh-wrong-domain", l->n.js_anonymous,
		    l->n.guests, NULL, "anonymousdomain %.*s is no "
		    "VirtualHost of prosody", STR_ARG(a));
}

/* May nginx be asked by that name: it has it, or one that is no name. */
static int
may_serve(const struct lint *l, struct str host)
{
	const struct model *m = &l->n.nginx->model;
	struct str name;
	size_t i, k;
	int names = 0;

	for (i = 0; i < m->count; i++)
		for (k = 0; strcmp(m->list[i].key, "server_name") == 0 &&
		    (name = nginx_arg(&m->list[i], k)).n > 0; k++) {
			names++;
			if (same_name(name, host) || str_eqs(name, "_") ||
			    name.p[0] == '~' || name.p[0] == '*')
				return (1);
		}
	return (names == 0);
}

int
web_listens(const struct lint *l, struct str port)
{
	const struct model *m = &l->n.nginx->model;
	struct str a;
	size_t i;

	for (i = 0; i < m->count; i++) {
		if (strcmp(m->list[i].key, "listen") != 0)
			continue;
		a = nginx_arg(&m->list[i], 0);
		if (str_eq(port, str_sub(a, str_rchr(a, ':') + 1, a.n)))
			return (1);
	}
	return (0);
}

static void
check_url(struct lint *l, struct url *u)
{
	struct str d = val_str(l->n.js_domain);

	url_split(val_str(l->n.bosh), u);
	if (str_eqs(u->scheme, "http"))
		lint_say(l, "mixed-content", l->n.bosh, NOWHERE, NULL,
		    "the page comes by https, browsers refuse to call http "
		    "from it");
	if (u->port.n > 0 && l->n.nginx != NULL && l->n.prosody != NULL &&
	    val_is(l->n.guests) && !web_listens(l, u->port) &&
	    (serves_port(l, "http_ports", 5280, url_port(u)) ||
	    serves_port(l, "https_ports", 5281, url_port(u))))
		lint_say(l, "bosh-url-other-origin", l->n.bosh, NOWHERE, NULL,
		    "port %.*s is prosody's own, which browsers do not reach "
		    "and which is another origin: go through nginx",
		    STR_ARG(u->port));
	else if (u->host.n > 0 && d.n > 0 && !same_name(u->host, d) &&
	    !lint_is_told(l, l->n.bosh) &&
	    l->n.nginx != NULL && !may_serve(l, u->host))
		lint_say(l, "bosh-url-other-origin", l->n.bosh,
		    l->n.js_domain, NULL, "the page of %.*s calls %.*s, "
		    "which no server_name of nginx is: another origin",
		    STR_ARG(d), STR_ARG(u->host));
}

/* The location exists, but with a slash at its end: 1 when said. */
static int
check_slash(struct lint *l, const struct item *server, struct str path)
{
	const struct model *m = &l->n.nginx->model;
	char *longer = mem_printf("%.*s/", STR_ARG(path));
	const struct item *location = nginx_location(m, server,
	    str_from(longer));
	int said = 0;

	if (location != NULL && (str_eqs(nginx_arg(location, 0), longer) ||
	    str_eqs(nginx_arg(location, 1), longer))) {
		lint_say(l, "proxy-path-mismatch", web_val(l, location),
		    l->n.bosh, longer, "clients ask for %.*s, without the "
		    "slash at the end of this location", STR_ARG(path));
		said = 1;
	}
	free(longer);
	return (said);
}

void
web_check_websocket(struct lint *l, const struct item *pass,
    struct str asked)
{
	struct url u;

	web_target(l, pass, &u);
	web_check_resolver(l, pass);
	if (l->n.prosody == NULL || !val_is(l->n.guests) ||
	    str_chr(u.host, '$') != SIZE_MAX)
		return;
	check_machine(l, pass, &u);
	check_host_header(l, pass, &u);
	check_path(l, pass, &u, asked, "websocket",
	    STR_LIT("/xmpp-websocket"));
}

/* A location that goes to jicofo's REST interface. */
static void
check_conference_request(struct lint *l)
{
	const struct model *m = &l->n.nginx->model;
	struct val port = val_of(l->n.jicofo, "jicofo.rest.port");
	int64_t want = item_number(port.it, 8888);
	const struct item *pass;
	struct url u;
	size_t i;

	for (i = 0; l->n.jicofo != NULL && i < m->count; i++) {
		if (strcmp(m->list[i].key, "location") != 0 ||
		    strstr(m->list[i].value, "conference-request") == NULL ||
		    (pass = nginx_next(m, (int)i, "proxy_pass", NULL)) ==
		    NULL)
			continue;
		web_target(l, pass, &u);
		if (str_chr(u.host, '$') == SIZE_MAX && url_port(&u) > 0 &&
		    url_port(&u) != want)
			lint_say(l, "proxy-to-wrong-port", web_val(l, pass),
			    port, NULL, "nginx goes to port %d, jicofo's REST "
			    "interface is on %lld", url_port(&u),
			    (long long)want);
	}
}

void
rules_web(struct lint *l)
{
	const struct item *server, *location, *pass;
	struct url u;

	check_domain(l);
	check_url(l, &u);
	if (l->n.prosody != NULL && val_is(l->n.guests))
		check_bosh_module(l);
	if (l->n.nginx == NULL || (server = web_server(l)) == NULL)
		return;
	check_conference_request(l);
	if (u.path.n == 0)
		u.path = STR_LIT("/http-bind");
	if (val_is(l->n.websocket) && !val_is(l->n.bosh))
		return;
	location = nginx_location(&l->n.nginx->model, server, u.path);
	pass = location == NULL ? NULL : nginx_next(&l->n.nginx->model,
	    nginx_index(&l->n.nginx->model, location), "proxy_pass", NULL);
	if (pass == NULL) {
		if (l->n.nginx->model.partial && location == NULL)
			return;
		if (check_slash(l, server, u.path))
			return;
		lint_say(l, "http-bind-location-missing", web_val(l,
		    location == NULL ? server : location), l->n.bosh, NULL,
		    "%.*s %s: no proxy_pass to prosody", STR_ARG(u.path),
		    location == NULL ? "has no location" :
		    "is caught by this location");
		lint_capture(l, "path", u.path);
		return;
	}
	check_pass(l, server, pass, u.path);
}
