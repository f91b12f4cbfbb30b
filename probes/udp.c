/* SPDX-License-Identifier: ISC */
/*
 * udp.reach: towards the bridge's port only an ICMP message proves
 * something. The bridge drops what it does not know without an answer, so
 * silence is unknown, and never held against anybody. I/O.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "probes/codec/stun.h"
#include "probes/datagram.h"
#include "probes/families.h"
#include "probes/flows.h"

static void
subjects(const struct site *site, struct subjects *s)
{
	struct flow list[FLOWS_MAX];
	size_t i, n = flows_of(site, list);
	struct subject *added;

	for (i = 0; i < n; i++) {
		if (!list[i].udp || (list[i].from & site->roles) == 0 ||
		    !target_known(site, list[i].to))
			continue;
		added = subject_addf(s, "%s:%u", target_name(site,
		    list[i].to), list[i].port);
		if (added != NULL)
			added->optional = 1;
	}
	subject_missing(s, "no UDP flow of the site starts at this host");
}

static void
data(struct str bytes, void *arg)
{
	struct probe_run *r = arg;

	probe_end(r, STATE_PASS, REASON_OK, "%s answers (%zu bytes)",
	    r->subject, bytes.n);
}

static int
error(int what, void *arg)
{
	struct probe_run *r = arg;

	if (what != ECONNREFUSED)
		return (0);
	probe_fail(r, REASON_ICMP_PORT, "%s: an ICMP message says that the "
	    "port is closed: nothing listens there, or a packet filter "
	    "answers for it (block return)", r->subject);
	return (1);
}

static void
late(struct probe_run *r)
{
	if (r->layer == LAYER_DNS)
		return;
	probe_fail(r, REASON_NO_ANSWER, "%s is silent, which proves nothing: "
	    "a bridge does not answer strangers", r->subject);
}

static void
start(struct probe_run *r)
{
	static const struct datagram_events on = { data, error };
	uint8_t request[STUN_BINDING_SIZE], tid[STUN_TID];
	const char *host = target_host(r->site, ROLE_JVB);
	struct str name;
	uint16_t port = subject_port(r->subject, &name);
	struct datagram *d;

	if (port == 0 || !target_known(r->site, ROLE_JVB)) {
		probe_not_applicable(r, "the bridge's address is not known");
		return;
	}
	d = datagram_new(r, &on, r);
	r->state = d;
	arc4random_buf(tid, sizeof(tid));
	stun_build_binding(request, tid);
	datagram_send(d, r->subject, host != NULL ? host : "jvb",
	    target_address(r->site, ROLE_JVB), port,
	    str_of((const char *)request, sizeof(request)));
}

static void
stop(struct probe_run *r)
{
	datagram_free(r->state);
}

const struct probe probe_udp_reach = {
	.id = "udp.reach",
	.group = "net",
	.layer = LAYER_NET,
	.roles = ROLES_ALL,
	.phases = { "name", "answer" },
	.interval_ns = 60 * NS_PER_SEC,
	.timeout_ns = 2 * NS_PER_SEC,
	.sentence = "nothing says that the bridge's port is closed",
	.subjects = subjects,
	.start = start,
	.stop = stop,
	.late = late,
};
