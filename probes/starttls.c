/* SPDX-License-Identifier: ISC */
/*
 * xmpp.starttls: stream, features, STARTTLS, TLS with prosody as jicofo and
 * jvb do it, then the leave of a client that changed its mind: the stream
 * is not opened again inside TLS, which prosody would log as the beginning
 * of a login that never came. I/O.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "probes/client.h"
#include "probes/families.h"
#include "probes/flows.h"
#include "probes/trust.h"

struct starttls {
	struct client *client;
	struct roots *roots;
	const char *domain;
};

/* The virtual host that logs in with a password, else the guests'. */
static const char *
domain_of(const struct site *s)
{
	return (s->auth_domain != NULL ? s->auth_domain : s->domain);
}

static void
subjects(const struct site *site, struct subjects *s)
{
	if (domain_of(site) == NULL)
		subject_missing(s, "no virtual host is known");
	else if (!target_known(site, ROLE_XMPP))
		subject_missing(s, "the address of prosody is not known");
	else
		subject_addf(s, "%s:%u", target_name(site, ROLE_XMPP),
		    site->c2s_port);
}

static int
features(const struct xmpp_features *f, void *arg)
{
	struct probe_run *r = arg;
	struct starttls *s = r->state;

	if (f->starttls)
		return (1);
	client_leave(s->client);
	probe_fail(r, REASON_NO_STARTTLS, "%s does not offer STARTTLS for %s: "
	    "the virtual host has no certificate, or mod_tls is not loaded",
	    r->subject, s->domain);
	return (0);
}

static void
facts(struct probe_run *r, const struct chain *c, long days)
{
	probe_fact_num(r, "cert.days_left", days);
	probe_fact_bool(r, "cert.self_signed", c->list[0].self_signed);
	probe_fact_bool(r, "cert.names_domain", c->name_ok);
	check_fact(&r->check, "cert.fingerprint", c->list[0].fingerprint);
	check_fact(&r->check, "cert.tls_version", c->version);
}

/* The certificate is for another name than the virtual host. */
static void
wrong_name(struct probe_run *r, const struct certificate *leaf)
{
	struct starttls *s = r->state;
	const char *names = leaf->names[0] != '\0' ? leaf->names :
	    leaf->subject;

	if (r->site->verification_disabled)
		probe_end(r, STATE_PASS, REASON_OK, "%s serves a certificate "
		    "for %s instead of %s, which is not looked at because "
		    "verification is disabled", r->subject, names, s->domain);
	else
		probe_fail(r, REASON_TLS_NAME, "%s serves a certificate that "
		    "is not for %s but for %s", r->subject, s->domain, names);
}

static void
expired(struct probe_run *r, enum trust trust, const char *until)
{
	if (trust == TRUST_PINNED || trust == TRUST_OFF)
		probe_end(r, STATE_PASS, REASON_OK, "%s: the certificate "
		    "expired at %s, which Java does not mind for one that is "
		    "itself in the trust store", r->subject, until);
	else
		probe_fail(r, REASON_TLS_EXPIRED, "%s serves a certificate "
		    "that expired at %s", r->subject, until);
}

static void
judge(struct probe_run *r, const struct chain *c)
{
	struct starttls *s = r->state;
	const struct certificate *leaf = &c->list[0];
	char until[WALL_TEXT_SIZE];
	wall_t now = wall_now();
	const char *why;
	enum trust trust;
	long days;

	if (c->count == 0) {
		probe_fail(r, REASON_PROTOCOL_ERROR,
		    "%s served no certificate", r->subject);
		return;
	}
	trust = trust_judge(r, s->roots, c, &why);
	check_say(&r->check, "trust: %s (%s)", trust == TRUST_NONE ? "no" :
	    trust == TRUST_UNKNOWN ? "not known" : "yes", why);
	days = chain_days_left(leaf, now);
	facts(r, c, days);
	wall_format(leaf->not_after, until, sizeof(until));
	if (!c->name_ok)
		wrong_name(r, leaf);
	else if (wall_diff(leaf->not_after, now) < 0)
		expired(r, trust, until);
	else if (wall_diff(leaf->not_before, now) > 0)
		probe_fail(r, REASON_TLS_EXPIRED, "%s serves a certificate "
		    "that is not valid yet (or this host's clock is wrong)",
		    r->subject);
	else if (trust == TRUST_NONE && r->site->verification_disabled)
		probe_end(r, STATE_PASS, REASON_OK, "%s serves a certificate "
		    "that is not trusted (%s), which is not looked at because "
		    "verification is disabled", r->subject, why);
	else if (trust == TRUST_NONE)
		probe_fail(r, REASON_TLS_UNTRUSTED, "%s serves a certificate "
		    "that is not trusted here (%s): jicofo and jvb refuse it",
		    r->subject, why);
	else if (days < r->site->cert_warn_days)
		probe_end(r, STATE_WARN, REASON_TLS_EXPIRED, "the certificate "
		    "of %s for %s expires in %ld days, at %s", r->subject,
		    s->domain, days, until);
	else
		probe_end(r, STATE_PASS, REASON_OK, "%s does STARTTLS for %s "
		    "with a certificate valid for %ld more days (%s)",
		    r->subject, s->domain, days, c->version);
}

static int
secure(SSL *ssl, void *arg)
{
	struct probe_run *r = arg;
	struct starttls *s = r->state;
	struct chain c;

	roots_read_chain(s->roots, &c, ssl, s->domain);
	client_leave(s->client);
	judge(r, &c);
	chain_free(&c);
	return (0);
}

/* The trust store has been read. */
static void
ready(void *arg)
{
	static const struct client_events on = { features, secure, NULL };
	struct probe_run *r = arg;
	struct starttls *s = r->state;
	const char *host = target_host(r->site, ROLE_XMPP);

	s->client = client_new(r, &on, r);
	client_start(s->client, r->subject, host != NULL ? host : "xmpp",
	    target_address(r->site, ROLE_XMPP), r->site->c2s_port,
	    s->domain);
}

static void
start(struct probe_run *r)
{
	struct starttls *s = mem_zalloc(1, sizeof(*s));

	r->state = s;
	s->domain = domain_of(r->site);
	if (s->domain == NULL || !target_known(r->site, ROLE_XMPP)) {
		probe_not_applicable(r, "prosody's address or virtual host "
		    "is not known");
		return;
	}
	s->roots = roots_load(r, ready, r);
}

static void
stop(struct probe_run *r)
{
	struct starttls *s = r->state;

	if (s == NULL)
		return;
	client_free(s->client);
	roots_free(s->roots);
	free(s);
}

#define CLIENTS (ROLE_BIT(ROLE_XMPP) | ROLE_BIT(ROLE_JICOFO) | \
    ROLE_BIT(ROLE_JVB))

const struct probe probe_xmpp_starttls = {
	.id = "xmpp.starttls",
	.group = "tls",
	.layer = LAYER_XMPP,
	.roles = CLIENTS,
	.required = CLIENTS,
	.needs = { "tcp.connect" },
	.phases = { "name", "connect", "stream", "starttls", "tls" },
	.interval_ns = 60 * NS_PER_SEC,
	.timeout_ns = 10 * NS_PER_SEC,
	.sentence = "prosody offers STARTTLS with a certificate that jicofo "
	    "and jvb accept",
	.subjects = subjects,
	.start = start,
	.stop = stop,
};
