/* SPDX-License-Identifier: ISC */
/*
 * Rules about the TURN server: what prosody tells clients of it against what
 * turnserver.conf says, who may use it, its addresses and ports. Pure.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "probes/config/prosody.h"
#include "probes/config/rules.h"

/* A member of external_services. */
static struct val
service(const struct lint *l, int n, const char *name)
{
	return ((struct val){ l->n.prosody, model_getf(
	    &l->n.prosody->model, "*/external_services/%d/%s", n, name) });
}

static int
is_turn(struct str type)
{
	return (str_eqs(type, "turn") || str_eqs(type, "turns"));
}

/* Is the one TURN server that clients are told of the one whose file this
 * is? Several hosts are several servers. */
static int
one_server(const struct lint *l)
{
	struct str first = str_of("", 0), host;
	int i;

	for (i = 0; val_is(service(l, i, "type")); i++) {
		host = val_str(service(l, i, "host"));
		if (host.n == 0)
			return (0);
		if (first.n > 0 && !same_name(first, host))
			return (0);
		first = host;
	}
	return (first.n > 0);
}

static void
check_credentials(struct lint *l, int n)
{
	struct val type = service(l, n, "type"),
	    secret = service(l, n, "secret");

	if (!is_turn(val_str(type)) || val_is(service(l, n, "username")) ||
	    (val_is(secret) && item_bool(secret.it) != 0))
		return;
	lint_say(l, "turn-secret-missing", type, NOWHERE, "secret = true",
	    "clients are told of this TURN server without credentials: it "
	    "relays nothing for them");
}

/* The port at which clients are sent to the server. */
static void
check_port(struct lint *l, const struct config_file *turn, int n)
{
	struct str type = val_str(service(l, n, "type")),
	    transport = val_str(service(l, n, "transport"));
	int tls = str_eqs(type, "turns"), udp = transport.n == 0 ||
	    str_eqs(transport, "udp");
	struct val port = service(l, n, "port"), own = val_of(turn, tls ?
	    "tls-listening-port" : "listening-port"), off = val_of(turn,
	    tls ? "no-tls" : udp ? "no-udp" : "no-tcp");
	int64_t want = item_number(port.it, tls ? 5349 : 3478),
	    has = item_number(own.it, tls ? 5349 : 3478);

	if (val_is(off) && !(tls && udp)) {
		lint_say(l, "turn-server-unreachable", off, port, NULL,
		    "prosody tells clients of %.*s over %s, which is switched "
		    "off here", STR_ARG(type), tls ? "TLS" : udp ? "UDP" :
		    "TCP");
		return;
	}
	/* 443 is most often nginx or a redirect in front */
	if (port.it == NULL || port.it->type == ITEM_OPAQUE || want == has ||
	    want == 443 || want == 80 || want == item_number(val_of(turn,
	    tls ? "alt-tls-listening-port" : "alt-listening-port").it, 0))
		return;
	lint_say(l, "turn-server-unreachable", port, own, NULL, "clients are "
	    "told port %lld for %.*s, the server listens on %lld",
	    (long long)want, STR_ARG(type), (long long)has);
}

static void
check_services(struct lint *l, const struct config_file *turn)
{
	const struct config_file *certs = turn;
	int i, one = turn != NULL && one_server(l), tls = 0;

	for (i = 0; val_is(service(l, i, "type")); i++) {
		check_credentials(l, i);
		if (one)
			check_port(l, turn, i);
		/* at 443 most often nginx ends TLS in front */
		tls |= str_eqs(val_str(service(l, i, "type")), "turns") &&
		    (item_number(service(l, i, "port").it, 5349) != 443 ||
		    val_is(val_of(turn, "tls-listening-port")));
	}
	if (one && tls && !val_is(val_of(turn, "no-tls")) &&
	    (!val_is(val_of(certs, "cert")) || !val_is(val_of(certs,
	    "pkey"))))
		lint_say(l, "turn-cert-missing", (struct val){ turn, NULL },
		    NOWHERE, NULL, "clients are sent here over TLS, but %s is "
		    "not set", val_is(val_of(certs, "cert")) ? "pkey" :
		    "cert");
}

/* Does some host have the module that tells clients of the server? */
static void
check_module(struct lint *l)
{
	const struct model *m = &l->n.prosody->model;
	struct val v = val_of(l->n.prosody, "*/external_services");
	size_t i;

	if (!val_is(v) || m->partial)
		return;
	for (i = 0; i < m->count; i++)
		if (m->list[i].parent == -1 && m->list[i].type == ITEM_TABLE &&
		    prosody_module(m, m->list[i].key, "external_services"))
			return;
	lint_say(l, "external-services-not-enabled", v, NOWHERE,
	    "modules_enabled = { \"external_services\" }", "nobody is told "
	    "of these servers: the module external_services is not enabled");
}

static void
check_server(struct lint *l, const struct config_file *turn)
{
	struct val open = val_of(turn, "no-auth"), low = val_of(turn,
	    "min-port"), high = val_of(turn, "max-port"), outside =
	    val_of(turn, "external-ip");
	struct str a = val_str(outside), own;
	int64_t from = item_number(low.it, 49152),
	    to = item_number(high.it, 65535);

	if (val_is(open) && !val_is(val_of(turn, "stun-only")))
		lint_say(l, "turn-no-auth-configured", open, NOWHERE, NULL,
		    "with no-auth everybody relays through this server");
	if (to - from < 50)
		lint_say(l, "turn-relay-ports-exhausted", val_is(low) ? low :
		    high, NOWHERE, NULL, "%lld ports are not enough: each "
		    "client takes one or two", (long long)(to < from ? 0 :
		    to - from + 1));
	own = str_split(&a, '/');
	if (own.n > 0 && is_private_address(own))
		lint_say(l, "nat-public-address-wrong", outside, NOWHERE,
		    NULL, "%.*s is no public address: clients outside cannot "
		    "reach it", STR_ARG(own));
}

/* An address to listen on that belongs to another machine. */
void
lint_bind(struct lint *l, const char *id, struct val v, const char *machine)
{
	const char *host = v.f == NULL || v.f->host == NULL ? machine :
	    v.f->host;
	struct val own = lint_hosts(l, NULL, str_from(host)), there;
	struct str a = val_str(v);

	if (!is_address(a) || l->set->local || !val_is(own) ||
	    str_eq(a, val_str(own)) || str_starts(a, "127.") ||
	    str_starts(val_str(own), "127."))
		return;
	there = lint_machine(l, host, a);
	if (!val_is(there) && !(str_starts(a, "100.64.") && str_starts(
	    val_str(own), "100.64.")))
		return;
	if (val_is(there) && same_name(str_from(there.it->key),
	    str_from(host)))
		return;
	lint_say(l, id, v, own, NULL, "%.*s is the address of %s; %s has %.*s",
	    STR_ARG(a), val_is(there) ? there.it->key : "another machine",
	    host, STR_ARG(val_str(own)));
	lint_capture(l, "address", a);
}

void
rules_turn(struct lint *l)
{
	const struct config_file *turn = config_find(l->set,
	    "turnserver.conf", NULL);
	static const char *const lists[] = { "*/interfaces",
	    "*/c2s_interfaces", "*/http_interfaces" };
	size_t i;
	int k;

	if (turn != NULL && turn->model.count > 0) {
		check_server(l, turn);
		lint_bind(l, "turn-listen-address-not-local", val_of(turn,
		    "listening-ip"), "turn");
		lint_bind(l, "turn-listen-address-not-local", val_of(turn,
		    "relay-ip"), "turn");
	}
	lint_bind(l, "bind-address-not-local", val_of(l->n.jicofo,
	    "jicofo.rest.host"), "jicofo");
	if (l->n.prosody == NULL || !val_is(l->n.guests))
		return;
	check_services(l, turn);
	check_module(l);
	for (i = 0; i < 3; i++)
		for (k = 0; k < 8; k++)
			lint_bind(l, "bind-address-not-local", (struct val){
			    l->n.prosody, model_getf(&l->n.prosody->model,
			    "%s/%d", lists[i], k) }, "xmpp");
}
