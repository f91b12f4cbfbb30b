/* SPDX-License-Identifier: ISC */
/*
 * Rule about ports: two services of one host want the same. Pure.
 */
#include <string.h>

#include "probes/config/nginx.h"
#include "probes/config/rules.h"

/* Who wants which port. */
struct claim {
	struct val at;		/* it NULL: by default */
	const char *who;
	struct str address;	/* empty: any */
	int64_t port;
};

struct claims {
	struct claim list[100];
	size_t count;
};

static void
claim(struct claims *c, const char *who, struct val at, struct str address,
    int64_t port)
{
	if (str_eqs(address, "*") || str_eqs(address, "0.0.0.0") ||
	    str_eqs(address, "::") || str_eqs(address, "[::]"))
		address = str_of("", 0);
	else if (str_eqs(address, "localhost"))
		address = STR_LIT("127.0.0.1");
	if (at.f != NULL && port > 0 && port < 65536 &&
	    c->count < sizeof(c->list) / sizeof(c->list[0]))
		c->list[c->count++] = (struct claim){ at, who,
		    address, port };
}

/* Members of a port option of prosody, or its default. */
static void
claim_prosody(struct claims *c, const struct config_file *f,
    const char *who, const char *option, int dflt)
{
	const struct item *it, *list = model_getf(&f->model, "*/%s", option);
	int i;

	if (list == NULL)
		claim(c, who, (struct val){ f, NULL }, str_of("", 0), dflt);
	for (i = 0; (it = model_getf(&f->model, "*/%s/%d", option, i)) !=
	    NULL; i++)
		claim(c, who, (struct val){ f, it }, str_of("", 0),
		    item_number(it, 0));
}

static void
claim_nginx(struct claims *c, const struct config_file *f)
{
	const struct item *it;
	struct str address, number;
	size_t i, colon;
	int64_t port;

	for (i = 0; i < f->model.count; i++) {
		it = &f->model.list[i];
		if (strcmp(it->key, "listen") != 0)
			continue;
		address = nginx_arg(it, 0);
		colon = str_rchr(address, ':');
		number = str_sub(address, colon + 1, address.n);
		address = str_sub(address, 0, colon == SIZE_MAX ? 0 : colon);
		if (str_num(number, 1, 65535, &port) == 0)
			claim(c, "nginx", (struct val){ f, it }, address,
			    port);
	}
}

static void
claim_java(struct claims *c, const struct config_file *f, const char *who,
    const char *key, int64_t dflt, const char *host, const char *where)
{
	struct val v = val_of(f, key), h = val_of(f, host);

	if (f != NULL)
		claim(c, who, v, val_is(h) ? val_str(h) : str_from(where),
		    item_number(v.it, dflt));
}

/* The same port of the same address, or of any. */
static int
conflict(const struct claim *a, const struct claim *b)
{
	return (a->port == b->port && strcmp(a->who, b->who) != 0 &&
	    (a->address.n == 0 || b->address.n == 0 ||
	    str_eq(a->address, b->address)));
}

/* The bridge looks for prosody on its own machine: most likely all is on
 * that one. */
static int
on_one(const struct lint *l)
{
	const struct item *it;
	size_t i;

	for (i = 0; l->n.jvb != NULL && i < l->n.jvb->model.count; i++) {
		it = &l->n.jvb->model.list[i];
		if (str_ends(str_from(it->key), ".hostname") &&
		    (strcmp(it->value, "localhost") == 0 ||
		    strncmp(it->value, "127.", 4) == 0))
			return (1);
	}
	return (0);
}

static int
one_host(const struct lint *l, const struct config_file *a,
    const struct config_file *b)
{
	if (a->host == NULL || b->host == NULL)
		return (a->host == b->host && (l->set->local ||
		    on_one(l)));
	return (strcmp(a->host, b->host) == 0);
}

/* The entry of the ports that speak TLS from the first byte. */
static struct val
direct_tls_port(const struct lint *l, int64_t port)
{
	static const char *const lists[] = { "c2s_direct_tls_ports",
	    "legacy_ssl_ports" };
	const struct item *it;
	size_t i;
	int k;

	for (i = 0; i < 2; i++)
		for (k = 0; (it = model_getf(&l->n.prosody->model, "*/%s/%d",
		    lists[i], k)) != NULL; k++)
			if (item_number(it, 0) == port)
				return ((struct val){ l->n.prosody, it });
	return (NOWHERE);
}

void
lint_port(struct lint *l, struct val v, const char *service)
{
	struct val ports = val_of(l->n.prosody, "*/c2s_ports"), first;
	int64_t port = item_number(v.it, 5222);
	const struct item *it;
	int i;

	if (l->n.prosody == NULL || !val_is(l->n.guests) || port <= 0 ||
	    (v.it != NULL && v.it->type == ITEM_OPAQUE))
		return;
	first = direct_tls_port(l, port);
	if (val_is(first)) {
		lint_say(l, "direct-tls-on-starttls-port", val_is(v) ? v :
		    first, val_is(v) ? first : NOWHERE, NULL,
		    "%s begins in plain text (STARTTLS), prosody awaits TLS "
		    "at once on port %lld", service, (long long)port);
		return;
	}
	first = val_is(ports) ? val_of(l->n.prosody, "*/c2s_ports/0") : ports;
	if (val_is(ports) && ports.it->type != ITEM_TABLE && (
	    ports.it->type == ITEM_OPAQUE || item_number(ports.it, 0) ==
	    port))
		return;
	for (i = 0; (it = model_getf(&l->n.prosody->model, "*/c2s_ports/%d",
	    i)) != NULL; i++)
		if (it->type == ITEM_OPAQUE || item_number(it, 0) == port)
			return;
	if (!val_is(ports) && port == 5222)
		return;
	lint_say(l, "xmpp-port-mismatch", val_is(v) ? v : ports, val_is(v) ?
	    first : NOWHERE, NULL, "%s connects to port %lld, prosody takes "
	    "clients on %s", service, (long long)port, val_is(first) ?
	    first.it->value : val_is(ports) ? "none" : "5222 (the default)");
}

void
rules_ports(struct lint *l)
{
	const struct config_file *turn = config_find(l->set,
	    "turnserver.conf", NULL);
	struct claims c = { .count = 0 };
	size_t i, k;

	if (l->n.prosody != NULL) {
		claim_prosody(&c, l->n.prosody, "prosody", "c2s_ports", 5222);
		claim_prosody(&c, l->n.prosody, "prosody's HTTP",
		    "http_ports", 5280);
	}
	if (l->n.nginx != NULL)
		claim_nginx(&c, l->n.nginx);
	claim_java(&c, l->n.jvb, "the bridge's REST interface",
	    "videobridge.http-servers.private.port", 8080,
	    "videobridge.http-servers.private.host", "127.0.0.1");
	claim_java(&c, l->n.jvb, "the bridge's public HTTP server",
	    "videobridge.http-servers.public.port", 0,
	    "videobridge.http-servers.public.host", "");
	claim_java(&c, l->n.jicofo, "jicofo's REST interface",
	    "jicofo.rest.port", 8888, "jicofo.rest.host", "127.0.0.1");
	claim_java(&c, turn, "the TURN server", "tls-listening-port", 0,
	    "listening-ip", "");
	for (i = 0; i < c.count; i++)
		for (k = 0; k < i; k++) {
			if (!conflict(&c.list[i], &c.list[k]) ||
			    !one_host(l, c.list[i].at.f, c.list[k].at.f))
				continue;
			lint_say(l, "port-in-use", c.list[i].at,
			    c.list[k].at, NULL, "%s wants port %lld, which "
			    "%s has", c.list[i].who,
			    (long long)c.list[i].port, c.list[k].who);
		}
}
