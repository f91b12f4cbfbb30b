/* SPDX-License-Identifier: ISC */
/*
 * tls.web: the certificate and the handshake that browsers meet at the web
 * server, by the site's name whatever the address. I/O.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "probes/chain.h"
#include "probes/conn.h"
#include "probes/families.h"
#include "probes/flows.h"

struct web {
	struct conn *conn;
};

static void
subjects(const struct site *site, struct subjects *s)
{
	if (site->name == NULL)
		subject_missing(s, "the site's public name is not known");
	else if (!target_known(site, ROLE_WEB))
		subject_missing(s, "the address of the web server is not "
		    "known");
	else
		subject_addf(s, "%s:%u", target_name(site, ROLE_WEB),
		    site->https_port);
}

static void
facts(struct probe_run *r, const struct chain *c, long days)
{
	char until[WALL_TEXT_SIZE];

	probe_fact_num(r, "web.cert_days_left", days);
	probe_fact_bool(r, "web.cert_self_signed", c->list[0].self_signed);
	probe_fact_bool(r, "web.cert_names_site", c->name_ok);
	wall_format(c->list[0].not_after, until, sizeof(until));
	check_fact(&r->check, "web.cert_not_after", until);
	check_fact(&r->check, "web.tls_version", c->version);
}

/* What is wrong first decides; the transcript has the rest. */
static void
judge(struct probe_run *r, const struct chain *c)
{
	const struct certificate *leaf = &c->list[0];
	const char *site = r->site->name;
	char until[WALL_TEXT_SIZE];
	wall_t now = wall_now();
	long days;

	if (c->count == 0) {
		probe_fail(r, REASON_PROTOCOL_ERROR,
		    "%s served no certificate", r->subject);
		return;
	}
	days = chain_days_left(leaf, now);
	facts(r, c, days);
	wall_format(leaf->not_after, until, sizeof(until));
	if (!c->name_ok)
		probe_fail(r, REASON_TLS_NAME, "%s serves a certificate that "
		    "is not for %s but for %s", r->subject, site,
		    leaf->names[0] != '\0' ? leaf->names : leaf->subject);
	else if (wall_diff(leaf->not_after, now) < 0)
		probe_fail(r, REASON_TLS_EXPIRED, "%s serves a certificate "
		    "that expired at %s", r->subject, until);
	else if (wall_diff(leaf->not_before, now) > 0)
		probe_fail(r, REASON_TLS_EXPIRED, "%s serves a certificate "
		    "that is not valid yet (or this host's clock is wrong)",
		    r->subject);
	else if (!c->valid && r->site->ca != NULL)
		probe_fail(r, REASON_TLS_UNTRUSTED, "%s serves a certificate "
		    "that %s does not vouch for: %s", r->subject,
		    r->site->ca, c->problem);
	else if (!c->valid && !leaf->self_signed)
		probe_end(r, STATE_WARN, REASON_TLS_UNTRUSTED, "%s serves a "
		    "certificate that this host's roots do not vouch for: %s",
		    r->subject, c->problem);
	else if (days < r->site->cert_warn_days)
		probe_end(r, STATE_WARN, REASON_TLS_EXPIRED, "the certificate "
		    "of %s expires in %ld days, at %s", r->subject, days,
		    until);
	else
		probe_end(r, STATE_PASS, REASON_OK, "%s serves a certificate "
		    "for %s that is valid for %ld more days%s (%s)",
		    r->subject, site, days, leaf->self_signed ?
		    ", self-signed" : "", c->version);
}

static void
secure(void *arg)
{
	struct probe_run *r = arg;
	struct web *w = r->state;
	struct chain_roots roots = { r->site->ca, NULL, 1 };
	struct chain c;

	chain_read(&c, conn_ssl(w->conn), r->site->name, &roots);
	chain_say(&c, &r->check);
	if (c.problem[0] != '\0')
		check_say(&r->check, "trust: %s", c.problem);
	conn_leave(w->conn);
	judge(r, &c);
	chain_free(&c);
}

static void
up(void *arg)
{
	struct probe_run *r = arg;
	struct web *w = r->state;

	check_say(&r->check, "asking for %s", r->site->name);
	conn_tls(w->conn, r->site->name);
}

static void
start(struct probe_run *r)
{
	static const struct conn_events on = { up, secure, NULL, NULL };
	struct web *w = mem_zalloc(1, sizeof(*w));
	const char *host = target_host(r->site, ROLE_WEB);

	r->state = w;
	if (r->site->name == NULL || !target_known(r->site, ROLE_WEB)) {
		probe_not_applicable(r, "the site's name or web server is "
		    "not known");
		return;
	}
	w->conn = conn_new(r, &on, r);
	conn_dial(w->conn, r->subject, host != NULL ? host : "web",
	    target_address(r->site, ROLE_WEB), r->site->https_port);
}

static void
stop(struct probe_run *r)
{
	struct web *w = r->state;

	if (w != NULL)
		conn_free(w->conn);
	free(w);
}

const struct probe probe_tls_web = {
	.id = "tls.web",
	.group = "tls",
	.layer = LAYER_TLS,
	.roles = ROLE_BIT(ROLE_WEB) | ROLE_BIT(ROLE_OUTSIDE) |
	    ROLE_BIT(ROLE_ROUTER),
	.required = ROLE_BIT(ROLE_WEB) | ROLE_BIT(ROLE_OUTSIDE),
	.needs = { "tcp.connect" },
	.phases = { "name", "connect", "tls" },
	.interval_ns = 300 * NS_PER_SEC,
	.timeout_ns = 10 * NS_PER_SEC,
	.sentence = "the web server's certificate is the site's, trusted and "
	    "not about to expire",
	.subjects = subjects,
	.start = start,
	.stop = stop,
};
