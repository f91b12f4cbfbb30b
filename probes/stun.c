/* SPDX-License-Identifier: ISC */
/*
 * stun.mapped: which address does a STUN server see of this host, and is it
 * the one that the bridge announces? I/O.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "probes/codec/stun.h"
#include "probes/datagram.h"
#include "probes/families.h"

#define STUN_PORT 3478

struct mapped {
	struct datagram *datagram;
	uint8_t tid[STUN_TID];
};

/* The public address that the bridge announces; NULL: not known. */
static const char *
announced(const struct site *s)
{
	return (s->nat_public != NULL ? s->nat_public : s->public_address);
}

static void
subjects(const struct site *site, struct subjects *s)
{
	if (site->stun_server == NULL)
		subject_missing(s, "no STUN server is configured");
	else
		subject_add(s, site->stun_server, NULL);
}

static void
judge(struct probe_run *r, const struct stun_message *m)
{
	const char *want = announced(r->site);
	struct addr mapped, a;
	char text[ADDR_TEXT_SIZE];

	addr_from_bytes(&mapped, m->mapped.ip, m->mapped.family == 6 ? 16 : 4);
	addr_text(&mapped, text, sizeof(text));
	check_say(&r->check, "<- mapped address %s port %u", text,
	    m->mapped.port);
	check_fact(&r->check, "stun.mapped_address", text);
	if (want == NULL || addr_parse(&a, str_from(want), 0) == -1)
		probe_end(r, STATE_PASS, REASON_OK, "%s sees this host as %s",
		    r->subject, text);
	else if (addr_same_host(&a, &mapped))
		probe_end(r, STATE_PASS, REASON_OK, "%s sees this host as %s, "
		    "the address that the bridge announces", r->subject,
		    text);
	else
		probe_fail(r, REASON_STUN_MAPPED_MISMATCH, "%s sees this host "
		    "as %s, but the bridge announces %s", r->subject, text,
		    want);
}

static void
data(struct str bytes, void *arg)
{
	struct probe_run *r = arg;
	struct mapped *s = r->state;
	struct stun_message m;
	char *text;

	r->layer = LAYER_ICE;
	if (stun_parse((const uint8_t *)bytes.p, bytes.n, bytes.n, &m) == -1 ||
	    memcmp(m.tid, s->tid, sizeof(s->tid)) != 0) {
		check_say(&r->check, "<- %zu bytes that are no answer to this",
		    bytes.n);
		return;
	}
	if (m.class == STUN_ERROR) {
		text = probe_safe(m.error_text.p == NULL ? "" :
		    m.error_text.p, m.error_text.n);
		probe_fail(r, REASON_STUN_ERROR, "%s answers with STUN error "
		    "%d %s", r->subject, m.error_code, text);
		free(text);
	} else if (m.class == STUN_SUCCESS && m.mapped.family != 0)
		judge(r, &m);
	else if (m.class == STUN_SUCCESS)
		probe_fail(r, REASON_PROTOCOL_ERROR, "%s answers without a "
		    "mapped address", r->subject);
}

static void
late(struct probe_run *r)
{
	if (r->layer == LAYER_DNS)
		return;
	probe_fail(r, REASON_NO_ANSWER, "%s does not answer over UDP: the "
	    "server is down, or a packet filter drops it", r->subject);
}

static void
start(struct probe_run *r)
{
	static const struct datagram_events on = { data, NULL };
	struct mapped *s = mem_zalloc(1, sizeof(*s));
	uint8_t request[STUN_BINDING_SIZE];
	struct addr numeric;
	struct str name;
	uint16_t port = subject_port(r->subject, &name);
	char *host;

	r->state = s;
	if (port == 0 || addr_parse(&numeric, str_from(r->subject), 0) == 0) {
		name = str_from(r->subject);
		port = STUN_PORT;
	}
	if (name.n > 2 && name.p[0] == '[')
		name = str_sub(name, 1, name.n - 1);
	if (name.n == 0) {
		probe_not_applicable(r, "no STUN server is configured");
		return;
	}
	host = mem_str(name);
	arc4random_buf(s->tid, sizeof(s->tid));
	stun_build_binding(request, s->tid);
	s->datagram = datagram_new(r, &on, r);
	datagram_send(s->datagram, r->subject, host, host, port,
	    str_of((const char *)request, sizeof(request)));
	free(host);
}

static void
stop(struct probe_run *r)
{
	struct mapped *s = r->state;

	if (s != NULL)
		datagram_free(s->datagram);
	free(s);
}

const struct probe probe_stun_mapped = {
	.id = "stun.mapped",
	.group = "media",
	.layer = LAYER_ICE,
	.roles = ROLE_BIT(ROLE_JVB) | ROLE_BIT(ROLE_ROUTER),
	.phases = { "name", "answer" },
	.interval_ns = 300 * NS_PER_SEC,
	.timeout_ns = 8 * NS_PER_SEC,
	.sentence = "a STUN server sees this host under the address that the "
	    "bridge announces",
	.subjects = subjects,
	.start = start,
	.stop = stop,
	.late = late,
};
