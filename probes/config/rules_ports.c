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
	int64_t port;
};

struct claims {
	struct claim list[100];
	size_t count;
};

static void
claim(struct claims *c, const char *who, struct val at, int64_t port)
{
	if (at.f != NULL && port > 0 && port < 65536 &&
	    c->count < sizeof(c->list) / sizeof(c->list[0]))
		c->list[c->count++] = (struct claim){ at, who, port };
}

/* Members of a port option of prosody, or its default. */
static void
claim_prosody(struct claims *c, const struct config_file *f,
    const char *who, const char *option, int dflt)
{
	const struct item *it, *list = model_getf(&f->model, "*/%s", option);
	int i;

	if (list == NULL)
		claim(c, who, (struct val){ f, NULL }, dflt);
	for (i = 0; (it = model_getf(&f->model, "*/%s/%d", option, i)) !=
	    NULL; i++)
		claim(c, who, (struct val){ f, it },
		    item_number(it, 0));
}

static void
claim_nginx(struct claims *c, const struct config_file *f)
{
	const struct item *it;
	struct str address;
	int64_t port;
	size_t i;

	for (i = 0; i < f->model.count; i++) {
		it = &f->model.list[i];
		if (strcmp(it->key, "listen") != 0)
			continue;
		address = nginx_arg(it, 0);
		address = str_sub(address, str_rchr(address, ':') + 1,
		    address.n);
		if (str_num(address, 1, 65535, &port) == 0)
			claim(c, "nginx", (struct val){ f, it }, port);
	}
}

static void
claim_java(struct claims *c, const struct config_file *f, const char *who,
    const char *key, int64_t dflt)
{
	struct val v = val_of(f, key);

	if (f != NULL)
		claim(c, who, v, item_number(v.it, dflt));
}

static int
one_host(const struct lint *l, const struct config_file *a,
    const struct config_file *b)
{
	if (a->host == NULL || b->host == NULL)
		return (l->set->local && a->host == b->host);
	return (strcmp(a->host, b->host) == 0);
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
	    "videobridge.http-servers.private.port", 8080);
	claim_java(&c, l->n.jvb, "the bridge's public HTTP server",
	    "videobridge.http-servers.public.port", 0);
	claim_java(&c, l->n.jicofo, "jicofo's REST interface",
	    "jicofo.rest.port", 8888);
	claim_java(&c, turn, "the TURN server", "tls-listening-port", 0);
	for (i = 0; i < c.count; i++)
		for (k = 0; k < i; k++) {
			if (c.list[i].port != c.list[k].port ||
			    strcmp(c.list[i].who, c.list[k].who) == 0 ||
			    !one_host(l, c.list[i].at.f, c.list[k].at.f))
				continue;
			lint_say(l, "port-in-use", c.list[i].at,
			    c.list[k].at, NULL, "%s wants port %lld, which "
			    "%s has", c.list[i].who,
			    (long long)c.list[i].port, c.list[k].who);
		}
}
