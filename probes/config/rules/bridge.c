/* SPDX-License-Identifier: ISC */
/*
 * Rules about the bridge: its XMPP client, brewery, SCTP, websockets, and
 * the mapping to the public address. Pure.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "probes/config/hocon.h"
#include "probes/config/prosody.h"
#include "probes/config/rules.h"

#define CONFIGS "videobridge.apis.xmpp-client.configs"

/* One client: the block of its values. */
struct client {
	const struct config_file *f;
	const struct item *block;
};

static struct val
client_val(const struct client *c, const char *name)
{
	return ((struct val){ c->f, model_getf(&c->f->model, "%s.%s",
	    c->block->key, name) });
}

/* muc_jids is a text, several with commas between; or a list. */
static int
names_room(const struct client *c, struct str room)
{
	struct val v = client_val(c, "muc_jids");
	struct str rest = val_str(v), one;
	const struct item *it;
	int i;

	while (rest.n > 0) {
		one = str_trim(str_split(&rest, ','));
		if (same_name(one, room))
			return (1);
	}
	for (i = 0; v.it != NULL && (it = model_getf(&c->f->model, "%s/%d",
	    v.it->key, i)) != NULL; i++)
		if (it->type == ITEM_OPAQUE || same_name(item_str(it), room))
			return (1);
	return (v.it != NULL && (v.it->type == ITEM_OPAQUE ||
	    v.it->type == ITEM_TABLE));
}

static int
check_complete(struct lint *l, const struct client *c)
{
	static const char *const required[] = { "hostname", "username",
	    "password", "muc_jids", "muc_nickname" };
	size_t i;

	for (i = 0; i < sizeof(required) / sizeof(required[0]); i++) {
		if (val_is(client_val(c, required[i])))
			continue;
		lint_say(l, "jvb-xmpp-client-not-configured",
		    (struct val){ c->f, c->block }, NOWHERE, NULL,
		    "%s of the bridge's XMPP client is not set%s: the whole "
		    "client is dropped without a line in the log",
		    required[i], lint_misspelt(c->f, required[i]) ?
		    " (it is misspelt)" : "");
		lint_capture(l, "key", str_from(required[i]));
		return (0);
	}
	return (1);
}

static void
check_domain(struct lint *l, const struct client *c)
{
	struct val v = client_val(c, "domain");
	const struct item *guest_auth;
	struct str d;

	if (!val_is(v))
		v = client_val(c, "hostname");
	d = val_str(v);
	if (d.n == 0 || lint_is_told(l, v) || !val_is(l->n.guests) ||
	    lint_elsewhere(l, d))
		return;
	guest_auth = model_getf(&l->n.prosody->model, "%s/authentication",
	    l->n.guests.it->key);
	if (same_name(d, str_from(l->n.guests.it->key)) &&
	    guest_auth != NULL && strstr(guest_auth->value, "anonymous") !=
	    NULL) {
		lint_say(l, "domain-is-public-virtualhost", v, l->n.guests,
		    NULL, "the bridge logs in to %.*s, the anonymous host of "
		    "the guests; it belongs to %s", STR_ARG(d),
		    val_is(l->n.auth) ? l->n.auth.it->key :
		    "the internal VirtualHost");
	} else if (lint_host(l, d, "virtualhost") ==
	    NULL) {
		lint_say(l, "jvb-wrong-domain", v, l->n.auth, NULL,
		    "prosody has no VirtualHost %.*s%s", STR_ARG(d),
		    is_address(d) ? ": this must be a name, not an address" :
		    "");
	} else {
		return;
	}
	lint_capture(l, "domain", d);
	lint_told(l, v);
}

static void
check_brewery(struct lint *l, const struct client *c)
{
	struct val v = client_val(c, "muc_jids");
	struct str room = val_str(l->n.brewery), d;

	if (room.n > 0 && !names_room(c, room) && !lint_is_told(l, v) &&
	    !lint_is_told(l, l->n.brewery)) {
		lint_say(l, "brewery-jid-mismatch", l->n.brewery, v, NULL,
		    "jicofo looks for bridges in %.*s, this bridge goes to "
		    "%.*s", STR_ARG(room), STR_ARG(val_str(v)));
		lint_capture(l, "brewery", room);
		lint_capture(l, "bridge_muc", val_str(v));
	}
	d = jid_domain(str_trim(val_str(v)));
	if (d.n == 0 || str_chr(d, ',') != SIZE_MAX || lint_is_told(l, v) ||
	    lint_component_told(l, "internal") || lint_elsewhere(l, d) ||
	    !val_is(l->n.guests) || same_name(d, jid_domain(room)) ||
	    lint_host(l, d, "component muc") != NULL)
		return;
	lint_say(l, "brewery-muc-not-hosted", v, val_is(l->n.internal) ?
	    l->n.internal : (struct val){ l->n.prosody, NULL }, NULL,
	    "prosody has no Component \"%.*s\" \"muc\" for the brewery room",
	    STR_ARG(d));
	lint_capture(l, "muc", d);
}

static void
check_hostname(struct lint *l, const struct client *c)
{
	const char *host = c->f->host == NULL ? "jvb" : c->f->host;
	const struct config_file *hosts = lint_file(l, "hosts", host);
	struct val v = client_val(c, "hostname"), xmpp;
	struct str h = val_str(v);

	if ((str_eqs(h, "localhost") || str_starts(h, "127.")) &&
	    lint_prosody_elsewhere(l, c->f, host)) {
		lint_say(l, "xmpp-hostname-not-set", v, NOWHERE,
		    "hostname = \"xmpp\"", "the bridge looks for prosody on "
		    "its own machine, which is another one");
		return;
	}
	if (h.n > 0 && (h.p[0] == '\'' || (unsigned char)h.p[0] == 0xe2))
		return;		/* told as wrong quotes */
	if (lint_not_prosody(l, host, h, &xmpp)) {
		lint_say(l, "xmpp-hostname-wrong", v, xmpp, NULL, "%.*s is "
		    "another machine than that of prosody", STR_ARG(h));
		return;
	}
	if (h.n == 0 || hosts == NULL || is_address(h) ||
	    str_eqs(h, "localhost") || val_is(lint_hosts(l, host, h)) ||
	    (str_chr(h, '.') == SIZE_MAX && lint_may_resolve(l, host)))
		return;
	if (str_chr(h, '.') == SIZE_MAX)
		lint_say(l, "xmpp-hostname-not-resolvable", v,
		    (struct val){ hosts, NULL }, NULL, "%.*s is not in the "
		    "hosts file of %s", STR_ARG(h), host);
	else
		lint_say(l, "hosts-entry-missing", v,
		    (struct val){ hosts, NULL }, NULL, "%.*s is not in the "
		    "hosts file of %s, so its DNS must know it", STR_ARG(h),
		    host);
	lint_capture(l, "name", h);
}

static void
check_client(struct lint *l, const struct client *c)
{
	struct val verify = client_val(c, "disable_certificate_verification");

	if (!check_complete(l, c))
		return;
	check_domain(l, c);
	check_brewery(l, c);
	check_hostname(l, c);
	if (!lint_elsewhere(l, val_str(client_val(c, "domain"))))
		lint_port(l, client_val(c, "port"), "the bridge");
	if (item_bool(verify.it) == 1)
		lint_say(l, "certificate-verification-disabled", verify,
		    NOWHERE, NULL, "the bridge takes any certificate for "
		    "prosody's");
}

/* One property of a client that is told the old way. */
static void
check_property(struct lint *l, struct val v)
{
	struct str key = str_from(v.it->key), room = val_str(l->n.brewery),
	    mine = val_str(v);

	if (lint_is_told(l, v))
		return;
	if (str_ends(key, ".MUC_JIDS") && room.n > 0 &&
	    !same_name(mine, room) && str_chr(mine, ',') == SIZE_MAX) {
		lint_say(l, "brewery-jid-mismatch", l->n.brewery, v, NULL,
		    "jicofo looks for bridges in %.*s, this bridge goes to "
		    "%.*s", STR_ARG(room), STR_ARG(mine));
		lint_capture(l, "brewery", room);
		lint_capture(l, "bridge_muc", mine);
	} else if (str_ends(key, ".DOMAIN") && val_is(l->n.guests) &&
	    lint_host(l, mine, "virtualhost") == NULL) {
		lint_say(l, "jvb-wrong-domain", v, l->n.auth, NULL,
		    "prosody has no VirtualHost %.*s", STR_ARG(mine));
		lint_capture(l, "domain", mine);
	}
}

/* The old way: properties instead of HOCON. 1 when there are any. */
static int
check_properties(struct lint *l)
{
	static const char start[] = "org.jitsi.videobridge.xmpp.user.";
	const struct config_file *f = NULL;
	struct val v;
	size_t i;
	int any = 0;

	while ((f = lint_bridge_properties(l->set, f)) != NULL)
		for (i = 0; i < f->model.count; i++) {
			v = (struct val){ f, &f->model.list[i] };
			if (!str_starts(str_from(v.it->key), start))
				continue;
			any = 1;
			check_property(l, v);
		}
	return (any);
}

static void
check_clients(struct lint *l, const struct config_file *f, int old_way)
{
	const struct item *it, *root = model_get(&f->model, CONFIGS);
	struct client c = { f, NULL };
	size_t i;
	int n = 0;

	for (i = 0; root != NULL && i < f->model.count; i++) {
		it = &f->model.list[i];
		if (it->parent != (int)(root - f->model.list) ||
		    it->type != ITEM_TABLE)
			continue;
		c.block = it;
		check_client(l, &c);
		n++;
	}
	/* Debian's has them in sip-communicator.properties, given or not */
	if (n == 0 && !old_way && f->model.count > 0 && (l->set->local ||
	    is_openbsd(l) || lint_bridge_properties(l->set, NULL) != NULL ||
	    model_get(&f->model, "videobridge.apis.xmpp-client") != NULL))
		lint_say(l, "jvb-xmpp-client-not-configured",
		    val_of(f, "videobridge"), NOWHERE, NULL, "no XMPP client "
		    "below " CONFIGS ": the bridge never joins a brewery");
}

/* Two files of one host are variants, not two bridges. */
static int
one_host(const struct config_file *a, const struct config_file *b)
{
	if (a->host == NULL || b->host == NULL)
		return (a->host == b->host);
	return (strcmp(a->host, b->host) == 0);
}

/* The nicknames of another file that are the same as this one. */
static void
compare_nickname(struct lint *l, struct val mine,
    const struct config_file *other)
{
	struct val v = { other, NULL };
	size_t i;

	for (i = 0; i < other->model.count; i++) {
		v.it = &other->model.list[i];
		if (val_str(mine).n == 0 || !str_eq(val_str(mine), val_str(v)))
			continue;
		if (str_ends(str_from(v.it->key), ".muc_nickname") &&
		    str_ends(str_from(mine.it->key), ".muc_nickname"))
			lint_say(l, "bridge-nickname-conflict", v, mine,
			    NULL, "two bridges have the nickname %.*s: jicofo "
			    "sees one", STR_ARG(val_str(mine)));
		else if (strcmp(v.it->key, mine.it->key) == 0 &&
		    strcmp(v.it->key, "videobridge.relay.relay-id") == 0)
			lint_say(l, "bridge-nickname-conflict", v, mine,
			    NULL, "two bridges have the relay-id %.*s: they "
			    "cannot reach each other",
			    STR_ARG(val_str(mine)));
	}
}

/* Two bridges, one nickname in one room. */
static void
check_nicknames(struct lint *l, const struct config_file *f)
{
	const struct config_file *other = f;
	struct val v = { f, NULL };
	size_t i;

	while ((other = config_next(l->set, "jvb.conf", other)) != NULL)
		for (i = 0; !one_host(f, other) && i < f->model.count; i++) {
			v.it = &f->model.list[i];
			if (str_ends(str_from(v.it->key), ".muc_nickname") ||
			    str_ends(str_from(v.it->key), ".relay-id"))
				compare_nickname(l, v, other);
		}
}

/* SCTP: the default is on, on both sides. */
static void
check_sctp(struct lint *l)
{
	struct val j = val_of(l->n.jicofo, "jicofo.sctp.enabled"),
	    b = val_of(l->n.jvb, "videobridge.sctp.enabled");
	int jicofo = item_bool(j.it) != 0, bridge = item_bool(b.it) != 0;

	if (l->n.jicofo == NULL || l->n.jicofo->model.count == 0 ||
	    l->n.jvb->model.count == 0)
		return;
	if (jicofo && !bridge)
		lint_say(l, "sctp-enabled-on-jicofo-only", val_is(j) ? j :
		    val_of(l->n.jicofo, "jicofo"), b, "jicofo.sctp.enabled = "
		    "false", "jicofo asks for SCTP (%s), the bridge has it "
		    "off: every allocation fails", val_is(j) ? "enabled" :
		    "the default");
	else if (!jicofo && bridge)
		lint_say(l, "sctp-one-side-only", val_is(b) ? b :
		    val_of(l->n.jvb, "videobridge"), j, NULL, "SCTP is on in "
		    "the bridge (%s) and off in jicofo", val_is(b) ?
		    "enabled" : "the default");
	else if (jicofo && is_openbsd(l))
		lint_say(l, "sctp-native-library", val_is(b) ? b :
		    val_of(l->n.jvb, "videobridge"), j, NULL, "SCTP is on, "
		    "and OpenBSD's packages have no library for it: switch "
		    "it off in jvb.conf and jicofo.conf");
}

static void
check_channel(struct lint *l)
{
	struct val ws = val_of(l->n.jvb, "videobridge.websockets.enabled"),
	    sctp = val_of(l->n.jvb, "videobridge.sctp.enabled"),
	    jicofo = val_of(l->n.jicofo, "jicofo.sctp.enabled");

	if (item_bool(ws.it) == 1 || l->n.jvb->model.count == 0 ||
	    (item_bool(sctp.it) != 0 && item_bool(jicofo.it) != 0))
		return;
	lint_say(l, "bridge-channel-not-configured", val_is(sctp) ? sctp :
	    val_of(l->n.jvb, "videobridge"), NOWHERE, NULL, "neither "
	    "websockets nor SCTP are on: clients cannot ask the bridge for "
	    "video, only audio is forwarded");
}

static const char *const harvester[] = {
	"org.ice4j.ice.harvest.NAT_HARVESTER_LOCAL_ADDRESS",
	"org.ice4j.ice.harvest.NAT_HARVESTER_PUBLIC_ADDRESS",
	"org.ice4j.ice.harvest.DISABLE_AWS_HARVESTER",
	"org.ice4j.ice.harvest.FORCE_AWS_HARVESTER",
	"org.ice4j.ice.harvest.STUN_MAPPING_HARVESTER_ADDRESSES",
	"org.ice4j.ice.harvest.ALLOWED_INTERFACES",
	"org.ice4j.ice.harvest.BLOCKED_INTERFACES",
	"org.ice4j.ice.harvest.ALLOWED_ADDRESSES",
	"org.ice4j.ice.harvest.BLOCKED_ADDRESSES",
	"org.ice4j.ipv6.DISABLED",
	"org.ice4j.ice.harvest.DISABLE_LINK_LOCAL_ADDRESSES",
};

static void
check_spelling(struct lint *l, const struct config_file *f)
{
	const struct item *it;
	size_t i, k, d;

	for (i = 0; i < f->model.count; i++) {
		it = &f->model.list[i];
		for (k = 0; k < sizeof(harvester) / sizeof(harvester[0]);
		    k++) {
			d = str_distance(str_from(it->key),
			    str_from(harvester[k]), 3);
			if (d == 0)
				break;
			if (d > 3 && (k > 3 || !str_ends(str_from(it->key),
			    strrchr(harvester[k], '.'))))
				continue;
			lint_say(l, "nat-harvester-key-misspelled",
			    (struct val){ f, it }, NOWHERE, harvester[k],
			    strncmp(it->key, "\xef\xbb\xbf", 3) == 0 ?
			    "a byte order mark stands before %s: take it away, "
			    "the property is not %s with it" :
			    "%s is no property, meant is %s", it->key,
			    harvester[k]);
			break;
		}
	}
}

/* Does jvb.conf find its public address by itself? */
static int
mapped_in_hocon(const struct config_file *jvb)
{
	return (jvb != NULL && (model_get(&jvb->model,
	    "ice4j.harvest.mapping.static-mappings/0") != NULL ||
	    model_get(&jvb->model, "ice4j.harvest.mapping.stun.addresses/0")
	    != NULL));
}

/* The pair, from properties or from the first static mapping. */
static void
find_pair(const struct lint *l, const struct config_file *sip,
    struct val *local, struct val *public)
{
	*local = val_of(sip, harvester[0]);
	*public = val_of(sip, harvester[1]);
	if (val_is(*local) || val_is(*public))
		return;
	*local = val_of(l->n.jvb, "ice4j.harvest.mapping.static-mappings/0."
	    "local-address");
	*public = val_of(l->n.jvb, "ice4j.harvest.mapping.static-mappings/0."
	    "public-address");
}

/* A host name is as good as an address: the bridge looks it up. */
static int
is_name(struct str s)
{
	size_t i;
	int letters = 0;

	for (i = 0; i < s.n; i++) {
		if ((s.p[i] | 32) >= 'a' && (s.p[i] | 32) <= 'z')
			letters = 1;
		else if (!(s.p[i] >= '0' && s.p[i] <= '9') && s.p[i] != '.' &&
		    s.p[i] != '-')
			return (0);
	}
	return (letters);
}

static void
check_pair(struct lint *l, struct val local, struct val public)
{
	const char *host = local.f == NULL || local.f->host == NULL ? "jvb" :
	    local.f->host;
	struct val own = lint_hosts(l, NULL, str_from(host));
	struct str a = val_str(local), b = val_str(public);

	if (a.n > 0 && l->set->local) {
		if (!config_local_address(a))
			lint_say(l, "nat-local-address-not-local", local,
			    NOWHERE, NULL, "the mapping is for %.*s, which no "
			    "interface of this host has: it makes no "
			    "candidate", STR_ARG(a));
	} else if (a.n > 0 && val_is(own) && !str_eq(a, val_str(own)) &&
	    !str_starts(val_str(own), "127.")) {
		lint_say(l, "nat-local-address-not-local", local, own, NULL,
		    "the mapping is for %.*s, but %s has the address %.*s: "
		    "it makes no candidate", STR_ARG(a), host,
		    STR_ARG(val_str(own)));
		lint_capture(l, "address", a);
	}
	if (b.n > 0 && !is_address(b) && !is_name(b)) {
		lint_say(l, "nat-public-address-wrong", public, local, NULL,
		    "%.*s is no address", STR_ARG(b));
		lint_capture(l, "address", b);
	} else if (b.n > 0 && (is_private_address(b) || str_eq(a, b))) {
		lint_say(l, "nat-public-address-wrong", public, local, NULL,
		    "%.*s is %s: clients outside cannot reach it",
		    STR_ARG(b), str_eq(a, b) ? "the local address too" :
		    "no public address");
		lint_capture(l, "address", b);
	}
}

/* The mappings of further bridges: their own, and to addresses of their
 * own unless the port differs. */
static void
check_other_pairs(struct lint *l, struct val first)
{
	static const char key[] = "ice4j.harvest.mapping.static-mappings/0.";
	const struct config_file *f = l->n.jvb;
	struct val local, public;
	char *name;

	while (f != NULL && (f = config_next(l->set, "jvb.conf", f)) !=
	    NULL) {
		if (f->host == NULL || l->n.jvb->host == NULL ||
		    strcmp(f->host, l->n.jvb->host) == 0)
			continue;
		name = mem_printf("%slocal-address", key);
		local = val_of(f, name);
		free(name);
		name = mem_printf("%spublic-address", key);
		public = val_of(f, name);
		free(name);
		check_pair(l, local, public);
		if (val_str(public).n > 0 && str_eq(val_str(public),
		    val_str(first)) && item_number(val_of(f,
		    "videobridge.ice.udp.port").it, 10000) == item_number(
		    val_of(l->n.jvb, "videobridge.ice.udp.port").it, 10000))
			lint_say(l, "nat-public-address-wrong", public, first,
			    NULL, "two bridges tell clients %.*s and the same "
			    "port: packets reach one of them",
			    STR_ARG(val_str(public)));
	}
}

static void
check_mapping(struct lint *l)
{
	const struct config_file *sip = lint_bridge_properties(l->set, NULL);
	struct val local, public, own;

	if (sip != NULL)
		check_spelling(l, sip);
	find_pair(l, sip, &local, &public);
	check_pair(l, local, public);
	check_other_pairs(l, public);
	if (sip == NULL || mapped_in_hocon(l->n.jvb) ||
	    val_is(val_of(sip, harvester[4])))
		return;
	if (val_is(local) && val_is(public))
		return;
	own = lint_hosts(l, NULL, str_from(sip->host == NULL ? "jvb" :
	    sip->host));
	/* with neither set, only a private address shows that they miss */
	if ((val_is(own) && !is_private_address(val_str(own))) ||
	    (!val_is(own) && !val_is(local) && !val_is(public)))
		return;
	lint_say(l, "nat-address-not-set", val_is(local) ? local :
	    val_is(public) ? public : (struct val){ sip, NULL }, own, NULL,
	    "the bridge is not told its public address (%s%s%s): clients "
	    "outside get its private one only",
	    val_is(local) ? "" : "NAT_HARVESTER_LOCAL_ADDRESS",
	    val_is(local) || val_is(public) ? "" : " and ",
	    val_is(public) ? "" : "NAT_HARVESTER_PUBLIC_ADDRESS");
}

static void
check_interval(struct lint *l)
{
	struct val v = val_of(l->n.jvb,
	    "videobridge.apis.xmpp-client.presence-interval");
	int64_t ns;

	if (hocon_duration(val_str(v), &ns) == 0 && ns > INT64_C(60000000000))
		lint_say(l, "presence-interval-wait", v, NOWHERE, NULL,
		    "jicofo learns changes of this bridge (drain, load) only "
		    "every %lld seconds", (long long)(ns / 1000000000));
}

/* An address to bind to must be the bridge's own. */
static void
check_bind(struct lint *l, const struct config_file *f, const char *key)
{
	struct val v = val_of(f, key);
	const char *host = f->host == NULL ? "jvb" : f->host;
	struct val own = lint_hosts(l, NULL, str_from(host));
	struct str a = val_str(v);

	if (l->set->local && is_address(a) && !str_eqs(a, "0.0.0.0") &&
	    !str_eqs(a, "::") && !config_local_address(a)) {
		lint_say(l, "bind-address-not-local", v, NOWHERE, NULL,
		    "no interface of this host has %.*s", STR_ARG(a));
		return;
	}
	if (l->set->local || !is_address(a) || str_starts(a, "127.") ||
	    str_eqs(a, "0.0.0.0") || str_chr(a, ':') != SIZE_MAX ||
	    !val_is(own) || str_eq(a, val_str(own)) ||
	    str_starts(val_str(own), "127."))
		return;
	lint_say(l, "bind-address-not-local", v, own, NULL, "the bridge "
	    "cannot listen on %.*s: %s has the address %.*s", STR_ARG(a),
	    host, STR_ARG(val_str(own)));
	lint_capture(l, "address", a);
}

/* Who can reach the REST interface. */
static void
check_rest(struct lint *l)
{
	struct val host = val_of(l->n.jvb,
	    "videobridge.http-servers.private.host");
	const struct config_file *pf = config_find(l->set, "pf.conf", "jvb");
	const struct item *it;
	struct str h = val_str(host);
	size_t i;

	if ((str_eqs(h, "0.0.0.0") || str_eqs(h, "::")) && !is_container(l))
		lint_say(l, "rest-port-open-to-world", host, NOWHERE, NULL,
		    "the bridge's REST interface, which asks for no password, "
		    "listens on every address: let the firewall allow the "
		    "monitor only");
	if (val_is(host) && !str_starts(h, "127.") &&
	    !str_eqs(h, "localhost"))
		return;
	if (pf == NULL)
		pf = config_find(l->set, "pf.conf", NULL);
	for (i = 0; pf != NULL && i < pf->model.count; i++) {
		it = &pf->model.list[i];
		if (str_find(str_from(it->value), "8080") == SIZE_MAX)
			continue;
		lint_say(l, "jvb-rest-loopback-only", (struct val){ pf, it },
		    val_is(host) ? host : val_of(l->n.jvb, "videobridge"),
		    "videobridge.http-servers.private.host = \"ADDRESS\"",
		    "this rule opens 8080, but the bridge's REST interface "
		    "listens on 127.0.0.1 only");
		break;
	}
}

void
rules_bridge(struct lint *l)
{
	const struct config_file *f = NULL;
	int old_way;

	check_mapping(l);
	old_way = check_properties(l);
	if (l->n.jvb == NULL)
		return;
	while ((f = config_next(l->set, "jvb.conf", f)) != NULL) {
		if (!lint_broken(f))
			check_clients(l, f, old_way);
		check_nicknames(l, f);
		check_bind(l, f, "videobridge.http-servers.public.host");
		check_bind(l, f, "videobridge.http-servers.private.host");
	}
	check_sctp(l);
	check_channel(l);
	check_interval(l);
	check_rest(l);
}
