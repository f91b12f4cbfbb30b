/* SPDX-License-Identifier: ISC */
/*
 * The keys that jicofo and jitsi-videobridge (with ice4j) know: from their
 * reference.conf of August 2022, July 2024 and August 2026. An element * is
 * any name, a last ** anything below. `until` is the first month (YYMM) whose
 * version ignores the key. Checks a file against them. Pure.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "probes/config/hocon.h"
#include "probes/config/jitsi_keys.h"
#include "probes/config/model.h"

enum key_type {
	KEY_BOOL, KEY_NUMBER, KEY_TEXT, KEY_SPAN, KEY_LIST, KEY_ANY
};

struct key {
	const char *path;
	enum key_type type;
	int until;
};

static const struct key jicofo_keys[] = {
	{ "jicofo.authentication.enabled", KEY_BOOL, 0 },
	{ "jicofo.authentication.type", KEY_TEXT, 0 },
	{ "jicofo.authentication.login-url", KEY_TEXT, 0 },
	{ "jicofo.authentication.logout-url", KEY_TEXT, 2410 },
	{ "jicofo.authentication.authentication-lifetime", KEY_SPAN, 0 },
	{ "jicofo.authentication.enable-auto-login", KEY_BOOL, 0 },
	{ "jicofo.bridge.max-bridge-participants", KEY_NUMBER, 0 },
	{ "jicofo.bridge.max-bridge-packet-rate", KEY_NUMBER, 2401 },
	{ "jicofo.bridge.average-participant-packet-rate-pps",
	    KEY_NUMBER, 2401 },
	{ "jicofo.bridge.average-participant-stress", KEY_NUMBER, 0 },
	{ "jicofo.bridge.participant-rampup-interval", KEY_SPAN, 0 },
	{ "jicofo.bridge.stress-threshold", KEY_NUMBER, 0 },
	{ "jicofo.bridge.failure-reset-threshold", KEY_SPAN, 0 },
	{ "jicofo.bridge.selection-strategy", KEY_TEXT, 0 },
	{ "jicofo.bridge.visitor-selection-strategy", KEY_TEXT, 0 },
	{ "jicofo.bridge.participant-selection-strategy", KEY_TEXT, 0 },
	{ "jicofo.bridge.topology-strategy", KEY_TEXT, 0 },
	{ "jicofo.bridge.region-groups", KEY_LIST, 0 },
	{ "jicofo.bridge.health-checks.enabled", KEY_BOOL, 0 },
	{ "jicofo.bridge.health-checks.interval", KEY_SPAN, 0 },
	{ "jicofo.bridge.health-checks.retry-delay", KEY_SPAN, 0 },
	{ "jicofo.bridge.health-checks.use-presence", KEY_BOOL, 0 },
	{ "jicofo.bridge.health-checks.presence-timeout", KEY_SPAN, 0 },
	{ "jicofo.bridge.brewery-jid", KEY_TEXT, 0 },
	{ "jicofo.bridge.xmpp-connection-name", KEY_TEXT, 0 },
	{ "jicofo.bridge.ice-failure-detection.enabled", KEY_BOOL, 0 },
	{ "jicofo.bridge.ice-failure-detection.interval", KEY_SPAN, 0 },
	{ "jicofo.bridge.ice-failure-detection.min-endpoints", KEY_NUMBER, 0 },
	{ "jicofo.bridge.ice-failure-detection.threshold", KEY_NUMBER, 0 },
	{ "jicofo.bridge.ice-failure-detection.timeout", KEY_SPAN, 0 },
	{ "jicofo.bridge.load-redistribution.enabled", KEY_BOOL, 0 },
	{ "jicofo.bridge.load-redistribution.interval", KEY_SPAN, 0 },
	{ "jicofo.bridge.load-redistribution.stress-threshold", KEY_NUMBER, 0 },
	{ "jicofo.bridge.load-redistribution.timeout", KEY_SPAN, 0 },
	{ "jicofo.bridge.load-redistribution.endpoints", KEY_NUMBER, 0 },
	{ "jicofo.codec.**", KEY_ANY, 0 },
	{ "jicofo.conference.enable-auto-owner", KEY_BOOL, 0 },
	{ "jicofo.conference.enable-multi-stream-backward-compat", KEY_BOOL,
	    0 },
	{ "jicofo.conference.enable-moderator-checks", KEY_BOOL, 0 },
	{ "jicofo.conference.initial-timeout", KEY_SPAN, 0 },
	{ "jicofo.conference.max-ssrcs-per-user", KEY_NUMBER, 0 },
	{ "jicofo.conference.max-ssrc-groups-per-user", KEY_NUMBER, 0 },
	{ "jicofo.conference.single-participant-timeout", KEY_SPAN, 0 },
	{ "jicofo.conference.min-participants", KEY_NUMBER, 0 },
	{ "jicofo.conference.max-audio-senders", KEY_NUMBER, 0 },
	{ "jicofo.conference.max-video-senders", KEY_NUMBER, 0 },
	{ "jicofo.conference.enable-lip-sync", KEY_BOOL, 2301 },
	{ "jicofo.conference.strip-simulcast", KEY_BOOL, 0 },
	{ "jicofo.conference.use-ssrc-rewriting", KEY_BOOL, 0 },
	{ "jicofo.conference.use-json-encoded-sources", KEY_BOOL, 0 },
	{ "jicofo.conference.use-random-shared-document-name", KEY_BOOL, 0 },
	{ "jicofo.conference.shared-document.use-random-name", KEY_BOOL, 0 },
	{ "jicofo.conference.source-signaling-delays.**", KEY_ANY, 0 },
	{ "jicofo.conference.reinvite-method", KEY_TEXT, 0 },
	{ "jicofo.conference.restart-request-rate-limits.min-interval",
	    KEY_SPAN, 0 },
	{ "jicofo.conference.restart-request-rate-limits.max-requests",
	    KEY_NUMBER, 0 },
	{ "jicofo.conference.restart-request-rate-limits.interval",
	    KEY_SPAN, 0 },
	{ "jicofo.health.enabled", KEY_BOOL, 0 },
	{ "jicofo.health.interval", KEY_SPAN, 0 },
	{ "jicofo.health.timeout", KEY_SPAN, 0 },
	{ "jicofo.health.max-check-duration", KEY_SPAN, 0 },
	{ "jicofo.health.room-name-prefix", KEY_TEXT, 0 },
	{ "jicofo.jibri.brewery-jid", KEY_TEXT, 0 },
	{ "jicofo.jibri.num-retries", KEY_NUMBER, 0 },
	{ "jicofo.jibri.pending-timeout", KEY_SPAN, 0 },
	{ "jicofo.jibri.xmpp-connection-name", KEY_TEXT, 0 },
	{ "jicofo.jibri.use-private-address-connectivity", KEY_BOOL, 0 },
	{ "jicofo.jibri-sip.brewery-jid", KEY_TEXT, 0 },
	{ "jicofo.jigasi.brewery-jid", KEY_TEXT, 0 },
	{ "jicofo.jigasi.xmpp-connection-name", KEY_TEXT, 0 },
	{ "jicofo.jigasi.use-private-address-connectivity", KEY_BOOL, 0 },
	{ "jicofo.jigasi.local-region", KEY_TEXT, 0 },
	{ "jicofo.local-region", KEY_TEXT, 0 },
	{ "jicofo.metrics.update-interval", KEY_SPAN, 0 },
	{ "jicofo.octo.enabled", KEY_BOOL, 0 },
	{ "jicofo.octo.id", KEY_TEXT, 2211 },
	{ "jicofo.octo.allow-mixed-versions", KEY_BOOL, 0 },
	{ "jicofo.octo.sctp-datachannels", KEY_BOOL, 0 },
	{ "jicofo.rest.enabled", KEY_BOOL, 0 },
	{ "jicofo.rest.port", KEY_NUMBER, 0 },
	{ "jicofo.rest.tls-port", KEY_NUMBER, 2410 },
	{ "jicofo.rest.host", KEY_TEXT, 0 },
	{ "jicofo.rest.prometheus.enabled", KEY_BOOL, 0 },
	{ "jicofo.rest.conference-request.enabled", KEY_BOOL, 0 },
	{ "jicofo.rest.move-endpoints.enabled", KEY_BOOL, 0 },
	{ "jicofo.rest.debug.enabled", KEY_BOOL, 0 },
	{ "jicofo.rest.pin.enabled", KEY_BOOL, 0 },
	{ "jicofo.rest.shutdown.enabled", KEY_BOOL, 0 },
	{ "jicofo.rtcstats.**", KEY_ANY, 0 },
	{ "jicofo.sctp.enabled", KEY_BOOL, 0 },
	{ "jicofo.ssrc-rewriting.**", KEY_ANY, 0 },
	{ "jicofo.task-pools.**", KEY_ANY, 0 },
	{ "jicofo.visitors.**", KEY_ANY, 0 },
	{ "jicofo.xmpp.client.enabled", KEY_BOOL, 0 },
	{ "jicofo.xmpp.client.hostname", KEY_TEXT, 0 },
	{ "jicofo.xmpp.client.port", KEY_NUMBER, 0 },
	{ "jicofo.xmpp.client.domain", KEY_TEXT, 0 },
	{ "jicofo.xmpp.client.xmpp-domain", KEY_TEXT, 0 },
	{ "jicofo.xmpp.client.username", KEY_TEXT, 0 },
	{ "jicofo.xmpp.client.password", KEY_TEXT, 0 },
	{ "jicofo.xmpp.client.reply-timeout", KEY_SPAN, 0 },
	{ "jicofo.xmpp.client.conference-muc-jid", KEY_TEXT, 0 },
	{ "jicofo.xmpp.client.client-proxy", KEY_TEXT, 0 },
	{ "jicofo.xmpp.client.disable-certificate-verification", KEY_BOOL, 0 },
	{ "jicofo.xmpp.client.use-tls", KEY_BOOL, 0 },
	{ "jicofo.xmpp.client.jid-cache-size", KEY_NUMBER, 0 },
	{ "jicofo.xmpp.service.enabled", KEY_BOOL, 0 },
	{ "jicofo.xmpp.service.hostname", KEY_TEXT, 0 },
	{ "jicofo.xmpp.service.port", KEY_NUMBER, 0 },
	{ "jicofo.xmpp.service.domain", KEY_TEXT, 0 },
	{ "jicofo.xmpp.service.username", KEY_TEXT, 0 },
	{ "jicofo.xmpp.service.password", KEY_TEXT, 0 },
	{ "jicofo.xmpp.service.reply-timeout", KEY_SPAN, 0 },
	{ "jicofo.xmpp.service.disable-certificate-verification", KEY_BOOL, 0 },
	{ "jicofo.xmpp.service.use-tls", KEY_BOOL, 0 },
	{ "jicofo.xmpp.visitors.**", KEY_ANY, 0 },
	{ "jicofo.xmpp.trusted-domains", KEY_LIST, 0 },
	{ "jicofo.xmpp.jid-cache-size", KEY_NUMBER, 0 },
};

static const struct key jvb_keys[] = {
	{ "videobridge.entity-expiration.timeout", KEY_SPAN, 0 },
	{ "videobridge.entity-expiration.check-interval", KEY_SPAN, 0 },
	{ "videobridge.health.interval", KEY_SPAN, 0 },
	{ "videobridge.health.timeout", KEY_SPAN, 0 },
	{ "videobridge.health.max-check-duration", KEY_SPAN, 0 },
	{ "videobridge.health.sticky-failures", KEY_BOOL, 0 },
	{ "videobridge.health.require-valid-address", KEY_BOOL, 0 },
	{ "videobridge.health.require-stun", KEY_BOOL, 0 },
	{ "videobridge.ep-connection-status.first-transfer-timeout",
	    KEY_SPAN, 0 },
	{ "videobridge.ep-connection-status.max-inactivity-limit",
	    KEY_SPAN, 0 },
	{ "videobridge.ep-connection-status.check-interval", KEY_SPAN, 0 },
	{ "videobridge.cc.**", KEY_ANY, 0 },
	{ "videobridge.cryptex.endpoint", KEY_BOOL, 0 },
	{ "videobridge.cryptex.relay", KEY_BOOL, 0 },
	{ "videobridge.apis.xmpp-client.presence-interval", KEY_SPAN, 0 },
	{ "videobridge.apis.xmpp-client.stats-filter.**", KEY_ANY, 0 },
	{ "videobridge.apis.xmpp-client.jid-cache-size", KEY_NUMBER, 0 },
	{ "videobridge.apis.xmpp-client.configs.*.hostname", KEY_TEXT, 0 },
	{ "videobridge.apis.xmpp-client.configs.*.port", KEY_NUMBER, 0 },
	{ "videobridge.apis.xmpp-client.configs.*.domain", KEY_TEXT, 0 },
	{ "videobridge.apis.xmpp-client.configs.*.username", KEY_TEXT, 0 },
	{ "videobridge.apis.xmpp-client.configs.*.password", KEY_TEXT, 0 },
	{ "videobridge.apis.xmpp-client.configs.*.muc_jids", KEY_TEXT, 0 },
	{ "videobridge.apis.xmpp-client.configs.*.muc_nickname", KEY_TEXT, 0 },
	{ "videobridge.apis.xmpp-client.configs.*.muc", KEY_TEXT, 0 },
	{ "videobridge.apis.xmpp-client.configs.*."
	    "disable_certificate_verification", KEY_BOOL, 0 },
	{ "videobridge.apis.xmpp-client.configs.*.iq_handler_mode",
	    KEY_TEXT, 0 },
	{ "videobridge.apis.xmpp-client.configs.*.security_mode", KEY_TEXT, 0 },
	{ "videobridge.apis.jvb-api.enabled", KEY_BOOL, 0 },
	{ "videobridge.apis.rest.enabled", KEY_BOOL, 0 },
	{ "videobridge.rest.debug.enabled", KEY_BOOL, 0 },
	{ "videobridge.rest.drain.enabled", KEY_BOOL, 0 },
	{ "videobridge.rest.health.enabled", KEY_BOOL, 0 },
	{ "videobridge.rest.prometheus.enabled", KEY_BOOL, 0 },
	{ "videobridge.rest.rtcstats.enabled", KEY_BOOL, 0 },
	{ "videobridge.rest.shutdown.enabled", KEY_BOOL, 0 },
	{ "videobridge.rest.version.enabled", KEY_BOOL, 0 },
	{ "videobridge.http-servers.public.enabled", KEY_BOOL, 0 },
	{ "videobridge.http-servers.public.host", KEY_TEXT, 0 },
	{ "videobridge.http-servers.public.port", KEY_NUMBER, 0 },
	{ "videobridge.http-servers.public.tls-port", KEY_NUMBER, 0 },
	{ "videobridge.http-servers.public.key-store-path", KEY_TEXT, 0 },
	{ "videobridge.http-servers.public.key-store-password", KEY_TEXT, 0 },
	{ "videobridge.http-servers.public.need-client-auth", KEY_BOOL, 0 },
	{ "videobridge.http-servers.public.send-server-version", KEY_BOOL, 0 },
	{ "videobridge.http-servers.private.enabled", KEY_BOOL, 0 },
	{ "videobridge.http-servers.private.host", KEY_TEXT, 0 },
	{ "videobridge.http-servers.private.port", KEY_NUMBER, 0 },
	{ "videobridge.http-servers.private.tls-port", KEY_NUMBER, 0 },
	{ "videobridge.http-servers.private.key-store-path", KEY_TEXT, 0 },
	{ "videobridge.http-servers.private.key-store-password", KEY_TEXT, 0 },
	{ "videobridge.http-servers.private.need-client-auth", KEY_BOOL, 0 },
	{ "videobridge.http-servers.private.send-server-version", KEY_BOOL, 0 },
	{ "videobridge.octo.**", KEY_ANY, 2302 },
	{ "videobridge.relay.enabled", KEY_BOOL, 0 },
	{ "videobridge.relay.region", KEY_TEXT, 0 },
	{ "videobridge.relay.relay-id", KEY_TEXT, 0 },
	{ "videobridge.load-management.**", KEY_ANY, 0 },
	{ "videobridge.sctp.enabled", KEY_BOOL, 0 },
	{ "videobridge.sctp.use-usrsctp", KEY_BOOL, 2503 },
	{ "videobridge.stats.enabled", KEY_BOOL, 0 },
	{ "videobridge.stats.interval", KEY_SPAN, 0 },
	{ "videobridge.stats.transports", KEY_LIST, 2301 },
	{ "videobridge.stats.callstats.**", KEY_ANY, 2301 },
	{ "videobridge.stats.transit-time.**", KEY_ANY, 0 },
	{ "videobridge.stats.jvm.enabled", KEY_BOOL, 0 },
	{ "videobridge.websockets.enabled", KEY_BOOL, 0 },
	{ "videobridge.websockets.server-id", KEY_TEXT, 0 },
	{ "videobridge.websockets.enable-compression", KEY_BOOL, 0 },
	{ "videobridge.websockets.send-keepalive-pings", KEY_BOOL, 0 },
	{ "videobridge.websockets.keepalive-ping-interval", KEY_SPAN, 0 },
	{ "videobridge.websockets.idle-timeout", KEY_SPAN, 0 },
	{ "videobridge.websockets.tls", KEY_BOOL, 0 },
	{ "videobridge.websockets.domain", KEY_TEXT, 0 },
	{ "videobridge.websockets.domains", KEY_LIST, 0 },
	{ "videobridge.websockets.relay-domain", KEY_TEXT, 0 },
	{ "videobridge.websockets.relay-domains", KEY_LIST, 0 },
	{ "videobridge.ice.tcp.enabled", KEY_BOOL, 2407 },
	{ "videobridge.ice.tcp.port", KEY_NUMBER, 2407 },
	{ "videobridge.ice.tcp.mapped-port", KEY_NUMBER, 2407 },
	{ "videobridge.ice.tcp.ssltcp", KEY_BOOL, 2407 },
	{ "videobridge.ice.udp.port", KEY_NUMBER, 0 },
	{ "videobridge.ice.ufrag-prefix", KEY_TEXT, 0 },
	{ "videobridge.ice.keep-alive-strategy", KEY_TEXT, 0 },
	{ "videobridge.ice.use-component-socket", KEY_BOOL, 0 },
	{ "videobridge.ice.resolve-remote-candidates", KEY_BOOL, 0 },
	{ "videobridge.ice.nomination-strategy", KEY_TEXT, 0 },
	{ "videobridge.ice.advertise-private-candidates", KEY_BOOL, 0 },
	{ "videobridge.transport.send.queue-size", KEY_NUMBER, 0 },
	{ "videobridge.speech-activity.**", KEY_ANY, 0 },
	{ "videobridge.loudest.**", KEY_ANY, 0 },
	{ "videobridge.version.announce", KEY_BOOL, 0 },
	{ "videobridge.version.release", KEY_TEXT, 0 },
	{ "videobridge.shutdown.**", KEY_ANY, 0 },
	{ "videobridge.initial-drain-mode", KEY_BOOL, 0 },
	{ "videobridge.stats-filter-threshold", KEY_NUMBER, 0 },
	{ "videobridge.redact-remote-addresses", KEY_BOOL, 0 },
	{ "videobridge.multi-stream.**", KEY_ANY, 0 },
	{ "videobridge.ssrc-limit.**", KEY_ANY, 0 },
	{ "videobridge.exporter.**", KEY_ANY, 0 },
	{ "videobridge.rtcstats.**", KEY_ANY, 0 },
	{ "videobridge.colibri-export.**", KEY_ANY, 0 },
	{ "videobridge.task-pools.**", KEY_ANY, 0 },
	{ "ice4j.consent-freshness.interval", KEY_SPAN, 0 },
	{ "ice4j.consent-freshness.original-wait-interval", KEY_SPAN, 0 },
	{ "ice4j.consent-freshness.max-wait-interval", KEY_SPAN, 0 },
	{ "ice4j.consent-freshness.max-retransmissions", KEY_NUMBER, 0 },
	{ "ice4j.consent-freshness.randomize-interval", KEY_BOOL, 0 },
	{ "ice4j.ice.**", KEY_ANY, 0 },
	{ "ice4j.software", KEY_TEXT, 0 },
	{ "ice4j.send-to-last-received-from-address", KEY_BOOL, 0 },
	{ "ice4j.redact-remote-addresses", KEY_BOOL, 0 },
	{ "ice4j.harvest.use-ipv6", KEY_BOOL, 0 },
	{ "ice4j.harvest.use-link-local-addresses", KEY_BOOL, 0 },
	{ "ice4j.harvest.timeout", KEY_SPAN, 0 },
	{ "ice4j.harvest.allowed-addresses", KEY_LIST, 0 },
	{ "ice4j.harvest.blocked-addresses", KEY_LIST, 0 },
	{ "ice4j.harvest.allowed-interfaces", KEY_LIST, 0 },
	{ "ice4j.harvest.blocked-interfaces", KEY_LIST, 0 },
	{ "ice4j.harvest.udp.receive-buffer-size", KEY_NUMBER, 0 },
	{ "ice4j.harvest.udp.use-dynamic-ports", KEY_BOOL, 0 },
	{ "ice4j.harvest.udp.socket-pool-size", KEY_NUMBER, 0 },
	{ "ice4j.harvest.mapping.aws.enabled", KEY_BOOL, 0 },
	{ "ice4j.harvest.mapping.aws.force", KEY_BOOL, 0 },
	{ "ice4j.harvest.mapping.stun.addresses", KEY_LIST, 0 },
	{ "ice4j.harvest.mapping.stun.enabled", KEY_BOOL, 0 },
	{ "ice4j.harvest.mapping.static-mappings", KEY_LIST, 0 },
	{ "jmt.**", KEY_ANY, 0 },
};

/*
 * Keys that came later: the first month whose version reads them. Where only
 * the three releases tell it is the month after the one that does not have
 * the key yet (2209, 2408).
 */
static const struct {
	const char *path;
	int since;
} born[] = {
	{ "jicofo.bridge.ice-failure-detection.**", 2408 },
	{ "jicofo.bridge.load-redistribution.**", 2408 },
	{ "jicofo.rest.enabled", 2408 },
	{ "jicofo.rest.prometheus.enabled", 2208 },
	{ "jicofo.rest.conference-request.enabled", 2301 },
	{ "jicofo.visitors.**", 2209 },
	{ "videobridge.health.require-valid-address", 2209 },
	{ "videobridge.rest.rtcstats.enabled", 2408 },
	{ "videobridge.sctp.use-usrsctp", 2405 },
	{ "videobridge.websockets.domains", 2302 },
	{ "videobridge.websockets.relay-domain", 2301 },
	{ "videobridge.websockets.relay-domains", 2302 },
	{ "videobridge.exporter.**", 2408 },
	{ "videobridge.redact-remote-addresses", 2407 },
	{ "ice4j.harvest.udp.socket-pool-size", 2410 },
};

/* How far a path agrees with a row: 1 all of it, 0 not, -1 a block of it. */
static int
agrees(const char *row, const char *path)
{
	const char *r = row, *p = path;
	size_t n, k;

	while (*p != '\0') {
		if (strcmp(r, "**") == 0)
			return (1);
		n = strcspn(r, ".");
		k = strcspn(p, "./");
		if (!(n == 1 && r[0] == '*') &&
		    (n != k || strncmp(r, p, n) != 0))
			return (0);
		r += n;
		p += k;
		if (*p == '/')
			return (*r == '\0');	/* a member of a list */
		if (*p == '\0')
			return (*r == '\0' ? 1 : -1);
		if (*r == '\0')
			return (0);
		r++;
		p++;
	}
	return (*r == '\0');
}

/* The row of a path; *block is set when the path is a block of some row. */
static const struct key *
find(const struct key *table, size_t n, const char *path, int *block)
{
	size_t i;
	int r;

	*block = 0;
	for (i = 0; i < n; i++) {
		r = agrees(table[i].path, path);
		if (r == 1)
			return (&table[i]);
		*block |= r == -1;
	}
	return (NULL);
}

/* Is the text a value of that type, as metaconfig takes it? */
static int
fits(enum key_type type, const struct item *it)
{
	int64_t v;

	if (it->type == ITEM_OPAQUE || it->type == ITEM_NULL ||
	    type == KEY_ANY)
		return (1);
	if (it->type == ITEM_TABLE)
		return (0);
	switch (type) {
	case KEY_BOOL:
		return (item_bool(it) != -1);
	case KEY_NUMBER:
		return (hocon_size(str_from(it->value), &v) == 0 &&
		    strspn(it->value, "-+.0123456789eE") ==
		    strlen(it->value) && (v <= 65535 || !str_ends(
		    str_from(it->key), "port")));
	case KEY_SPAN:
		return (hocon_duration(str_from(it->value), &v) == 0);
	case KEY_TEXT:
		return (it->type != ITEM_LIST);
	case KEY_LIST:
		return (it->type == ITEM_LIST);
	default:
		return (1);
	}
}

/* Keys that take one of a few words. */
static const struct {
	const char *path, *words;
} choices[] = {
	{ "jicofo.authentication.type", "NONE XMPP JWT SHIBBOLETH" },
	{ "jicofo.bridge.xmpp-connection-name", "CLIENT SERVICE" },
	{ "jicofo.jibri.xmpp-connection-name", "CLIENT SERVICE" },
	{ "jicofo.jigasi.xmpp-connection-name", "CLIENT SERVICE" },
	{ "videobridge.ice.keep-alive-strategy", "SELECTED_AND_TCP "
	    "SELECTED_ONLY ALL_SUCCEEDED" },
	{ "videobridge.ice.nomination-strategy", "NONE NominateFirstValid "
	    "NominateHighestPriority NominateFirstHostOrReflexiveValid "
	    "NominateBestRTT" },
};

/* The words the key takes when the value is none of them; NULL: it is. */
static const char *
wrong_choice(const struct item *it)
{
	struct str rest, word;
	size_t i;

	for (i = 0; i < sizeof(choices) / sizeof(choices[0]); i++)
		if (strcmp(it->key, choices[i].path) == 0)
			break;
	if (i == sizeof(choices) / sizeof(choices[0]) ||
	    it->type == ITEM_OPAQUE || it->type == ITEM_NULL)
		return (NULL);
	rest = str_from(choices[i].words);
	while ((word = str_word(&rest)).n > 0)
		if (str_ieqs(word, it->value))
			return (NULL);
	return (choices[i].words);
}

static void
check_choice(struct model *m, const struct item *it)
{
	const char *words = wrong_choice(it);

	if (words == NULL)
		return;
	model_problem(m, "hocon-wrong-type", it->source, it->line, it->column,
	    "%s must be one of %s, not %s", it->key, words, it->value);
	model_fix(m, it->end_column, "%s", "");
}

/* A bare number where a time belongs counts milliseconds. */
static void
check_unit(struct model *m, const struct item *it)
{
	int64_t n = item_number(it, 0);

	if (n < 1 || n >= 1000 || strspn(it->value, "0123456789") !=
	    strlen(it->value))
		return;
	model_problem(m, "hocon-duration-without-unit", it->source, it->line,
	    it->column, "%s = %s is %s milliseconds", it->key, it->value,
	    it->value);
	model_fix(m, it->end_column, "%s seconds", it->value);
}

static void
wrong_type(struct model *m, const struct item *it, enum key_type type)
{
	static const char *const words[] = {
		[KEY_BOOL] = "true or false", [KEY_NUMBER] = "a number",
		[KEY_TEXT] = "a text",
		[KEY_SPAN] = "a time such as 10 seconds",
		[KEY_LIST] = "a list", [KEY_ANY] = "anything",
	};

	model_problem(m, "hocon-wrong-type", it->source, it->line,
	    it->column, "%s must be %s, not %s", it->key, words[type],
	    it->type == ITEM_TABLE ? "a block" : it->type == ITEM_LIST ?
	    "a list" : it->value);
	model_fix(m, it->end_column, "%s", "");
}

/* The last element of a path. */
static const char *
last(const char *path)
{
	const char *dot = strrchr(path, '.');

	return (dot == NULL ? path : dot + 1);
}

/* Does it say the same but for _ against -, case, or a letter or two? */
static int
similar(const char *a, const char *b)
{
	char *x = mem_strdup(a), *y = mem_strdup(b), *p;
	size_t d, n = strlen(a);

	for (p = x; *p != '\0'; p++)
		*p = *p == '-' ? '_' : *p >= 'A' && *p <= 'Z' ? *p + 32 : *p;
	for (p = y; *p != '\0'; p++)
		*p = *p == '-' ? '_' : *p;
	d = str_distance(str_from(x), str_from(y), 2);
	if (n > 5 && str_starts(str_from(y), x))
		d = 0;			/* the rest of it forgotten */
	free(x);
	free(y);
	return (n > 0 && d <= (n > 6 ? 2U : n > 3 ? 1U : 0U));
}

/* The row of the same block whose last element is meant; NULL: none. */
static const struct key *
meant(const struct key *table, size_t n, const char *path)
{
	size_t i, len = (size_t)(last(path) - path);
	char *block = mem_str(str_of(path, len == 0 ? 0 : len - 1));
	const struct key *found = NULL;
	char *row;

	for (i = 0; i < n && found == NULL; i++) {
		if (last(table[i].path) == table[i].path)
			continue;
		row = mem_str(str_of(table[i].path,
		    (size_t)(last(table[i].path) - table[i].path) - 1));
		if (agrees(row, block) == 1 &&
		    similar(last(path), last(table[i].path)))
			found = &table[i];
		free(row);
	}
	free(block);
	return (found);
}

/*
 * The block of some row that is meant by a block's name: the element at its
 * depth, in *len bytes; NULL: none.
 */
static const char *
meant_block(const struct key *table, size_t n, const char *path, size_t *len)
{
	size_t i, outer = (size_t)(last(path) - path);
	const char *element;
	char *name, *block = mem_str(str_of(path, outer == 0 ? 0 :
	    outer - 1)), *row;
	int ok;

	for (i = 0; i < n; i++) {
		element = table[i].path;
		for (ok = 0; block[0] != '\0' && (element = strchr(element,
		    '.')) != NULL; ) {
			row = mem_str(str_of(table[i].path,
			    (size_t)(element - table[i].path)));
			ok = agrees(row, block) == 1;
			free(row);
			element++;
			if (ok)
				break;
		}
		if (block[0] != '\0' && !ok)
			continue;
		*len = strcspn(element, ".");
		if (element[*len] != '.')
			continue;
		name = mem_str(str_of(element, *len));
		ok = name[0] != '*' && similar(last(path), name);
		free(name);
		if (ok) {
			free(block);
			return (element);
		}
	}
	free(block);
	return (NULL);
}

/* A block whose name is nearly one; 0: it is not. */
static int
misspelt_block(struct model *m, const struct key *table, size_t n,
    const struct item *it)
{
	size_t len = 0;
	const char *name = meant_block(table, n, it->key, &len);

	if (name == NULL)
		return (0);
	model_problem(m, "config-key-misspelt", it->source, it->line,
	    it->column, "%s is no block, and is ignored without a word: meant "
	    "is %.*s", last(it->key), (int)len, name);
	model_fix(m, it->end_column, "%.*s", (int)len, name);
	return (1);
}

static void
unknown(struct model *m, const struct key *table, size_t n,
    const struct item *it)
{
	const struct key *k = meant(table, n, it->key);
	const char *name = last(it->key);

	if (it->type == ITEM_TABLE && misspelt_block(m, table, n, it))
		return;
	if (k != NULL && it->type != ITEM_TABLE) {
		model_problem(m, "config-key-misspelt", it->source, it->line,
		    it->column, "%s is no key, and is ignored without a word: "
		    "meant is %s", name, last(k->path));
		model_fix(m, it->end_column, "%s", last(k->path));
	} else {
		model_problem(m, "config-key-unknown", it->source, it->line,
		    it->column, "%s is no key that the versions of 2022 to "
		    "2026 know: it is ignored", it->key);
		model_fix(m, it->end_column, "%s", "");
	}
}

static void
check_keys(struct model *m, const struct key *table, size_t rows,
    const char *const *roots)
{
	const struct key *k;
	const struct item *it;
	size_t i, n = m->count, r;
	int block, skip = -1;

	for (i = 0; i < n; i++) {
		it = &m->list[i];
		for (r = 0; roots[r] != NULL; r++)
			if (strncmp(it->key, roots[r],
			    strlen(roots[r])) == 0)
				break;
		if (roots[r] == NULL && it->parent == -1 &&
		    it->type == ITEM_TABLE && find(table, rows, it->key,
		    &block) == NULL && !block)
			(void)misspelt_block(m, table, rows, it);
		if (roots[r] == NULL || strchr(it->key, '/') != NULL)
			continue;
		if (skip >= 0 && it->parent >= skip)
			continue;	/* below an unknown block */
		skip = -1;
		k = find(table, rows, it->key, &block);
		if (k == NULL && !block) {
			unknown(m, table, rows, it);
			if (it->type == ITEM_TABLE)
				skip = (int)i;
		} else if (k != NULL && !fits(k->type, it)) {
			wrong_type(m, it, k->type);
			if (it->type == ITEM_TABLE)
				skip = (int)i;
		} else if (k != NULL) {
			check_choice(m, it);
			if (k->type == KEY_SPAN)
				check_unit(m, it);
		}
	}
}

/* What a member of static-mappings has. */
static void
check_mappings(struct model *m)
{
	static const char *const names[] = { "local-address",
	    "public-address", "local-port", "public-port", "name" };
	static const char start[] = "ice4j.harvest.mapping.static-mappings/";
	const struct item *it;
	size_t i, k, n = m->count;

	for (i = 0; i < n; i++) {
		it = &m->list[i];
		if (strncmp(it->key, start, sizeof(start) - 1) != 0 ||
		    it->type == ITEM_TABLE)
			continue;
		for (k = 0; k < sizeof(names) / sizeof(names[0]); k++)
			if (strcmp(last(it->key), names[k]) == 0)
				break;
		if (k < sizeof(names) / sizeof(names[0]))
			continue;
		for (k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
			if (!similar(last(it->key), names[k]))
				continue;
			model_problem(m, "config-key-misspelt", it->source,
			    it->line, it->column, "%s is no key of a mapping: "
			    "meant is %s", last(it->key), names[k]);
			model_fix(m, it->end_column, "%s", names[k]);
			break;
		}
	}
}

/* 'x' and typographic quotes are no quotes: they belong to the value. */
static void
check_quotes(struct model *m)
{
	static const char *const marks[] = { "'", "\xe2\x80\x98",
	    "\xe2\x80\x99", "\xe2\x80\x9c", "\xe2\x80\x9d",
	    "\xe2\x80\x9e", "\xc2\xab" };
	const struct item *it;
	size_t i, k, n = m->count;

	for (i = 0; i < n; i++) {
		it = &m->list[i];
		for (k = 0; it->type == ITEM_WORD && k < sizeof(marks) /
		    sizeof(marks[0]); k++) {
			if (!str_starts(str_from(it->value), marks[k]))
				continue;
			model_problem(m, "config-wrong-quotes", it->source,
			    it->line, it->column, "these are no quotes here: "
			    "they become part of the value of %s", it->key);
			model_fix(m, it->end_column, "\"...\"");
			break;
		}
	}
}

int
jitsi_key_life(enum product p, const char *path, int *since, int *until)
{
	const struct key *k;
	int block;
	size_t i;

	k = p == PRODUCT_JICOFO ? find(jicofo_keys, sizeof(jicofo_keys) /
	    sizeof(jicofo_keys[0]), path, &block) : find(jvb_keys,
	    sizeof(jvb_keys) / sizeof(jvb_keys[0]), path, &block);
	*since = 0;
	*until = k == NULL ? 0 : k->until;
	for (i = 0; k != NULL && i < sizeof(born) / sizeof(born[0]); i++)
		if (agrees(born[i].path, path) == 1)
			*since = born[i].since;
	return (*since != 0 || *until != 0);
}

/* "${NAME}" in quotes is that text, no value of a variable. */
static void
check_quoted(struct model *m)
{
	const struct item *it;
	size_t i, n = m->count;

	for (i = 0; i < n; i++) {
		it = &m->list[i];
		if (it->type != ITEM_TEXT ||
		    str_find(str_from(it->value), "${") == SIZE_MAX)
			continue;
		model_problem(m, "hocon-quoted-substitution", it->source,
		    it->line, it->column, "%s is \"%s\" to the letter: "
		    "nothing is put in between quotes", it->key, it->value);
		model_fix(m, it->end_column, "write the value itself, or the "
		    "${...} without quotes");
	}
}

void
read_jicofo_conf(const struct config_sources *s, struct model *m)
{
	static const char *const roots[] = { "jicofo", NULL };

	read_hocon(s, m);
	check_quoted(m);
	check_quotes(m);
	check_keys(m, jicofo_keys, sizeof(jicofo_keys) /
	    sizeof(jicofo_keys[0]), roots);
}

/*
 * The names of an XMPP client's values count without case (the containers
 * write them in capitals): the model has them in small letters.
 */
static void
fold_clients(struct model *m)
{
	static const char start[] = "videobridge.apis.xmpp-client.configs.";
	struct item *it;
	void **slot;
	size_t i;
	char *p;

	for (i = 0; i < m->count; i++) {
		it = &m->list[i];
		if (strncmp(it->key, start, sizeof(start) - 1) != 0 ||
		    (p = strchr(it->key + sizeof(start) - 1, '.')) == NULL)
			continue;
		for (; *p != '\0'; p++)
			if (*p >= 'A' && *p <= 'Z')
				*p = (char)(*p + 32);
		if ((slot = map_put(&m->index, str_from(it->key))) != NULL)
			*slot = (void *)(uintptr_t)(i + 1);
	}
}

void
read_jvb_conf(const struct config_sources *s, struct model *m)
{
	static const char *const roots[] = { "videobridge", "ice4j", NULL };

	read_hocon(s, m);
	fold_clients(m);
	check_quoted(m);
	check_quotes(m);
	check_keys(m, jvb_keys, sizeof(jvb_keys) / sizeof(jvb_keys[0]),
	    roots);
	check_mappings(m);
}
