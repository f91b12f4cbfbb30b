/* SPDX-License-Identifier: ISC */
/*
 * media.flow: what flows on the bridge's port, by class and direction, from
 * a short look at its interface. Passive: without a call there is nothing to
 * see, which is no fault. I/O: a helper child captures.
 */
#include <sys/types.h>
#include <sys/socket.h>

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "agent/facts/verdict.h"
#include "agent/run/addr.h"
#include "agent/run/child.h"
#include "agent/run/msg.h"
#include "probes/families.h"
#include "probes/flow_counts.h"

struct flow_state {
	struct child *child;
	struct flow_counts *counts;
	struct verdicts verdicts;
	char *problem;
};

/* 1 when the IPv4 address lies in the network of the interface. */
static int
in_network(const struct ifaddrs *i, const struct addr *a)
{
	struct sockaddr_in own, mask, other;

	if (i->ifa_netmask == NULL || a->ss.ss_family != AF_INET)
		return (0);
	memcpy(&own, i->ifa_addr, sizeof(own));
	memcpy(&mask, i->ifa_netmask, sizeof(mask));
	memcpy(&other, &a->ss, sizeof(other));
	return (((own.sin_addr.s_addr ^ other.sin_addr.s_addr) &
	    mask.sin_addr.s_addr) == 0);
}

/* The interface that has the bridge's address, or the one towards it (on
 * the router), or the first that is up and is no loopback; NULL: none. Freed
 * by the caller. */
static char *
interface_of(const struct site *s)
{
	const char *want = s->nat_local != NULL ? s->nat_local :
	    s->host[ROLE_JVB].address;
	struct ifaddrs *list, *i;
	char *best = NULL;
	struct addr a, b;
	int has_want = want != NULL && addr_parse(&a, str_from(want), 0) == 0;

	if (getifaddrs(&list) == -1)
		return (NULL);
	for (i = list; i != NULL; i = i->ifa_next) {
		if (i->ifa_addr == NULL || !(i->ifa_flags & IFF_UP) ||
		    (i->ifa_flags & IFF_LOOPBACK) ||
		    i->ifa_addr->sa_family != AF_INET)
			continue;
		memset(&b, 0, sizeof(b));
		b.len = sizeof(struct sockaddr_in);
		memcpy(&b.ss, i->ifa_addr, b.len);
		if (best == NULL || (has_want && in_network(i, &a))) {
			free(best);
			best = mem_strdup(i->ifa_name);
		}
		if (has_want && addr_same_host(&a, &b)) {
			free(best);
			best = mem_strdup(i->ifa_name);
			break;
		}
	}
	freeifaddrs(list);
	return (best);
}

/* Tells the counts by class; the sums. */
static void
say_counts(struct probe_run *r, uint64_t *all_in, uint64_t *all_out)
{
	struct flow_state *f = r->state;
	uint64_t in, out;
	const char *name;
	size_t i;

	*all_in = *all_out = 0;
	for (i = 0; (name = flow_counts_class(f->counts, i, &in, &out)) !=
	    NULL; i++) {
		check_say(&r->check, "%s: %llu packets in, %llu out", name,
		    (unsigned long long)in, (unsigned long long)out);
		*all_in += in;
		*all_out += out;
	}
}

static void
judge(struct probe_run *r)
{
	struct flow_state *f = r->state;
	const struct verdict *fault = NULL;
	uint64_t in, out;
	size_t i;

	say_counts(r, &in, &out);
	for (i = 0; i < f->verdicts.count; i++) {
		check_say(&r->check, "%s: %s", f->verdicts.list[i].id,
		    f->verdicts.list[i].text);
		if (fault == NULL && f->verdicts.list[i].fault)
			fault = &f->verdicts.list[i];
	}
	if (in + out == 0)
		probe_not_applicable(r, "no call is going on: open a call "
		    "with two browsers and run meetprobe accept --wait 5m "
		    "media");
	else if (fault != NULL)
		probe_end(r, STATE_FAIL, REASON_NO_ANSWER, "%s: %s",
		    fault->id, fault->text);
	else
		probe_end(r, STATE_PASS, REASON_OK, "media flows on udp/%u: "
		    "%llu packets in, %llu out", r->site->media_port,
		    (unsigned long long)in, (unsigned long long)out);
}

static int
message(struct msg *m, void *arg)
{
	struct probe_run *r = arg;
	struct flow_state *f = r->state;
	struct str text;
	int what;

	if (r->finished)
		return (0);
	what = flow_counts_take(f->counts, m, &f->verdicts);
	if (what == 1)
		judge(r);
	else if (what == 2) {
		text = msg_get_str(m);
		free(f->problem);
		f->problem = probe_safe(text.p, text.n);
	}
	return (what == -1 ? -1 : 0);
}

static void
done(enum child_end end, int status, struct str answer, void *arg)
{
	struct probe_run *r = arg;
	struct flow_state *f = r->state;

	(void)end;
	(void)status;
	(void)answer;
	f->child = NULL;
	if (!r->finished)
		probe_fail(r, REASON_PERMISSION, "the bridge's interface "
		    "cannot be captured here: %s", f->problem == NULL ?
		    "the helper ended" : f->problem);
}

static void
start(struct probe_run *r)
{
	struct flow_state *f = mem_zalloc(1, sizeof(*f));
	struct child_events on = { message, done, r };
	const struct site *s = r->site;
	char *interface = interface_of(s), *request;

	r->state = f;
	f->counts = flow_counts_new();
	verdicts_init(&f->verdicts);
	if (interface == NULL) {
		probe_fail(r, REASON_INTERNAL, "this host has no interface "
		    "to look at");
		return;
	}
	probe_phase(r, "capture", LAYER_MEDIA, "looking at %s", interface);
	check_say(&r->check, "looking at %s, udp port %u to %u", interface,
	    s->media_port, s->media_port_last);
	request = mem_printf("%s %u %u %s -", interface, s->media_port,
	    s->media_port_last, s->nat_public != NULL ? s->nat_public : "-");
	f->child = child_start(r->loop, "capture", str_from(request), -1,
	    r->deadline, &on);
	free(request);
	free(interface);
}

static void
stop(struct probe_run *r)
{
	struct flow_state *f = r->state;

	if (f == NULL)
		return;
	if (f->child != NULL)
		child_cancel(f->child);
	verdicts_free(&f->verdicts);
	flow_counts_free(f->counts);
	free(f->problem);
	free(f);
}

const struct probe probe_media_flow = {
	.id = "media.flow",
	.group = "media",
	.layer = LAYER_MEDIA,
	.roles = ROLE_BIT(ROLE_JVB) | ROLE_BIT(ROLE_ROUTER),
	.privilege = PRIVILEGE_CAPTURE,
	.phases = { "capture" },
	.interval_ns = 120 * NS_PER_SEC,
	.timeout_ns = 12 * NS_PER_SEC,
	.sentence = "packets of calls flow in both directions",
	.start = start,
	.stop = stop,
};
