/* SPDX-License-Identifier: ISC */
/* Flows summed up for the verdicts; the table of verdict ids. Pure. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/map.h"
#include "agent/base/mem.h"
#include "probes/media/view.h"

/* The decision table's ids; fault 0: worth saying, and no fault. */
static const struct {
	const char *id;
	int fault;
	const char *title;
} known[] = {
	{ "bridge-down", 1, "no program listens on the bridge's port" },
	{ "bridge-hung", 1, "the bridge stood still" },
	{ "c-udp", 1, "this client's network lets no UDP through" },
	{ "clock", 1, "the clock of the capturing host was set" },
	{ "congested", 1, "the path is overloaded: packets queue up" },
	{ "dtls-alert", 1, "the key exchange was refused" },
	{ "dtls-fpr", 1, "the certificate is not the one that was announced" },
	{ "dtls-no-ch", 1, "the key exchange never started" },
	{ "dtls-stuck-bridge", 1, "the bridge does not answer the key "
	    "exchange" },
	{ "dup-tap", 0, "the capture holds packets twice" },
	{ "frag", 1, "pieces of large packets are dropped on the way" },
	{ "hairpin", 1, "the local network reaches the bridge, but not back" },
	{ "ice-400", 1, "a check was refused as malformed" },
	{ "ice-401", 1, "a check was refused: wrong password" },
	{ "ice-403", 1, "the bridge refused a new path" },
	{ "ice-487", 1, "both sides claimed the same role" },
	{ "ice-no-nomination", 1, "the bridge never learnt about this client" },
	{ "jitter-bridge", 1, "the bridge holds packets back" },
	{ "jitter-net", 1, "packets arrive unevenly" },
	{ "loss-down", 1, "packets to the client get lost" },
	{ "loss-host", 1, "the bridge's host loses packets it received" },
	{ "loss-up", 1, "packets to the bridge get lost" },
	{ "mtu-dtls", 1, "large packets of the key exchange get lost" },
	{ "mtu-media", 1, "large media packets get lost" },
	{ "muted", 0, "the microphone sends silence" },
	{ "nat-addr-private", 1, "only the local network reaches the bridge" },
	{ "nat-addr-wrong", 1, "the bridge announces a wrong public address" },
	{ "nat-port", 1, "the router changes the bridge's port" },
	{ "one-way-down", 1, "media to the client does not arrive" },
	{ "rdr-missing", 1, "the router does not pass the port on to the "
	    "bridge" },
	{ "rebind-drop", 1, "the client's address changed and the bridge "
	    "did not follow" },
	{ "snat-in", 1, "the router hides the clients' addresses" },
	{ "srtp-reject", 1, "the bridge cannot use the client's media" },
	{ "stale-ufrag", 1, "the bridge does not know this client (any more)" },
	{ "state-timeout", 1, "a firewall forgot the connection" },
	{ "udp-in-router", 1, "packets to the bridge stop at the router" },
	{ "udp-in-vm", 1, "packets reach the bridge's host, not the bridge" },
	{ "udp-out", 1, "packets of the bridge do not reach the client" },
	{ "v6-broken", 1, "the IPv6 path does not work" },
};

static size_t
row(const char *id)
{
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i].id, id) == 0)
			return (i);
	return (SIZE_MAX);
}

const char *
media_verdict_title(const char *id)
{
	size_t i = row(id);

	return (i == SIZE_MAX ? "" : known[i].title);
}

const char *
media_verdict_id(struct str s)
{
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (str_eqs(s, known[i].id))
			return (known[i].id);
	return (NULL);
}

void
say(struct views *s, struct view *w, const char *id, int64_t from, int64_t to,
    const char *fmt, ...)
{
	struct verdict *d = mem_zalloc(1, sizeof(*d));
	char text[1024], flow[MEDIA_ENDPOINT_TEXT];
	const struct media_counts *c = &s->m->counts;
	size_t i = row(id);
	va_list ap;

	if (i == SIZE_MAX)
		fatal("no verdict \"%s\"", id);
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	d->id = known[i].id;
	d->fault = known[i].fault;
	d->text = mem_strdup(text);
	d->file = mem_strdup(s->m->name);
	if (w != NULL) {
		media_endpoint_print(&w->f->remote, w->f->rport, flow,
		    sizeof(flow));
		d->flow = mem_strdup(flow);
		w->broken |= known[i].fault;
		if (from == 0)
			from = w->f->first[0] != 0 && (w->f->first[1] == 0 ||
			    w->f->first[0] < w->f->first[1]) ?
			    w->f->first[0] : w->f->first[1];
		if (to == 0)
			to = w->f->last[0] > w->f->last[1] ? w->f->last[0] :
			    w->f->last[1];
	}
	d->from.us = (from != 0 ? from : c->first_ns) / 1000;
	d->to.us = (to != 0 ? to : c->last_ns) / 1000;
	verdicts_take(s->out, d);
	free(d);
}

static void
add_stream(struct view *w, const struct stream *s)
{
	enum media_kind k = stream_kind(s);
	struct stream_mark since = stream_since(s);
	struct sum *sum;

	if (k != MEDIA_AUDIO && k != MEDIA_VIDEO)
		return;
	sum = k == MEDIA_AUDIO ? &w->audio[s->dir] : &w->video[s->dir];
	sum->expected += since.expected;
	sum->lost += since.lost;
	sum->reordered += since.reordered;
	sum->copies += since.copies;
	sum->packets += since.packets;
}

/* The flow's session: by the bridge's ufrag, or its own. */
static struct session *
session_of(struct views *s, struct map *by_ufrag, const struct flow *f)
{
	struct session *mine = &s->sessions[s->session_count];
	void **place;

	if (f->ice.ufrag[0] != '\0') {
		place = map_put(by_ufrag, str_from(f->ice.ufrag));
		if (place != NULL && *place != NULL)
			return (*place);
		if (place != NULL)
			*place = mine;
	}
	s->session_count++;
	return (mine);
}

static void
add_flow(struct views *s, struct map *by_ufrag, struct flow *f)
{
	struct view *w = &s->list[s->count++];
	struct session *n = session_of(s, by_ufrag, f);
	int dir, private = media_addr_is_private(&f->remote);
	uint32_t i;

	w->f = f;
	w->session = n;
	w->ice = flow_ice(s->m, f, s->end);
	w->dtls = flow_dtls(f);
	for (dir = 0; dir < 2; dir++)
		for (i = f->streams[dir]; i != NONE; i = s->m->streams[i].next)
			add_stream(w, &s->m->streams[i]);
	n->flows++;
	n->public_flows += !private;
	if (f->ice.answers[0] > 0 && f->ice.answers[1] > 0) {
		n->connected++;
		n->connected_v4 += media_addr_is_v4(&f->remote);
		s->connected++;
		s->connected_public += !private;
	}
	if (f->first[MEDIA_IN] != 0) {
		n->heard++;
		s->heard_flows++;
	}
	if (f->ice.answers[MEDIA_IN] > 0)
		s->answered_flows++;
	if (f->ice.last_answer[MEDIA_IN] > n->last_answer)
		n->last_answer = f->ice.last_answer[MEDIA_IN];
}

void
views_make(struct views *s, struct media *m, int64_t end,
    struct verdicts *out)
{
	struct map by_ufrag;
	double span;
	size_t i;

	memset(s, 0, sizeof(*s));
	s->m = m;
	s->end = end;
	s->out = out;
	s->since = m->o.live ? end - 60 * NS_PER_SEC : 0;
	s->list = mem_zalloc(m->flow_count + 1, sizeof(*s->list));
	s->sessions = mem_zalloc(m->flow_count + 1, sizeof(*s->sessions));
	map_init(&by_ufrag, LIMIT_MEDIA_FLOWS);
	for (i = 0; i < m->flow_count; i++)
		if (m->flows[i].used)
			add_flow(s, &by_ufrag, &m->flows[i]);
	map_free(&by_ufrag);
	/* A second without any packet in a busy capture is the capture's. */
	span = (double)(m->counts.last_ns - m->counts.first_ns) / 1e9;
	s->untrusted = (m->counts.dropped > 0 &&
	    m->dropped_at >= s->since) || (m->gap > NS_PER_SEC &&
	    m->gap_at >= s->since && span > 0 &&
	    (double)m->counts.frames / span > 50);
}

void
views_free(struct views *s)
{
	free(s->list);
	free(s->sessions);
}
