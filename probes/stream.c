/* SPDX-License-Identifier: ISC */
/*
 * xmpp.stream: is a virtual host served? One stream header for each that the
 * configuration names, the features, and leave. I/O.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "probes/client.h"
#include "probes/families.h"
#include "probes/flows.h"

struct stream {
	struct client *client;
};

static void
subjects(const struct site *site, struct subjects *s)
{
	char *over;

	if (!target_known(site, ROLE_XMPP)) {
		subject_missing(s, "the address of prosody is not known");
		return;
	}
	over = mem_printf("%s:%u", target_name(site, ROLE_XMPP),
	    site->c2s_port);
	if (site->auth_domain != NULL)
		subject_add(s, site->auth_domain, over);
	if (site->domain != NULL && (site->auth_domain == NULL ||
	    strcmp(site->domain, site->auth_domain) != 0))
		subject_add(s, site->domain, over);
	free(over);
	subject_missing(s, "no virtual host is known");
}

static int
features(const struct xmpp_features *f, void *arg)
{
	struct probe_run *r = arg;
	struct stream *s = r->state;
	int dead = !f->starttls && f->mechanisms[0] == '\0';

	client_leave(s->client);
	if (dead)
		probe_fail(r, REASON_SASL_NO_MECHANISM, "prosody serves %s, "
		    "but offers neither STARTTLS nor a login mechanism there",
		    r->subject);
	else
		probe_end(r, STATE_PASS, REASON_OK, "prosody serves the "
		    "virtual host %s", r->subject);
	return (0);
}

static void
start(struct probe_run *r)
{
	static const struct client_events on = { features, NULL, NULL };
	struct stream *s = mem_zalloc(1, sizeof(*s));
	const char *host = target_host(r->site, ROLE_XMPP);
	char *label;

	r->state = s;
	if (!target_known(r->site, ROLE_XMPP)) {
		probe_not_applicable(r, "prosody's address is not known");
		return;
	}
	label = mem_printf("%s:%u", target_name(r->site, ROLE_XMPP),
	    r->site->c2s_port);
	s->client = client_new(r, &on, r);
	client_start(s->client, label, host != NULL ? host : "xmpp",
	    target_address(r->site, ROLE_XMPP), r->site->c2s_port,
	    r->subject);
	free(label);
}

static void
stop(struct probe_run *r)
{
	struct stream *s = r->state;

	if (s != NULL)
		client_free(s->client);
	free(s);
}

#define CLIENTS (ROLE_BIT(ROLE_XMPP) | ROLE_BIT(ROLE_JICOFO) | \
    ROLE_BIT(ROLE_JVB))

const struct probe probe_xmpp_stream = {
	.id = "xmpp.stream",
	.group = "xmpp",
	.layer = LAYER_XMPP,
	.roles = CLIENTS,
	.required = CLIENTS,
	.needs = { "tcp.connect" },
	.phases = { "name", "connect", "stream" },
	.interval_ns = 60 * NS_PER_SEC,
	.timeout_ns = 10 * NS_PER_SEC,
	.sentence = "prosody serves the virtual host",
	.subjects = subjects,
	.start = start,
	.stop = stop,
};
