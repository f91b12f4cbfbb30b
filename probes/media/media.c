/* SPDX-License-Identifier: ISC */
/*
 * The analyser: takes packets, finds their flow and direction, hands them to
 * the parts of it. Pure but for media_feed_file(). Owns all tables.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "probes/media/engine.h"
#include "probes/media/savefile.h"

static const char *const tap_names[TAP_COUNT] = {
	[TAP_BRIDGE] = "bridge",
	[TAP_ROUTER_IN] = "router-in",
	[TAP_ROUTER_OUT] = "router-out",
	[TAP_CLIENT] = "client",
};
static const char *const kind_names[MEDIA_KINDS] = {
	[MEDIA_AUDIO] = "audio",
	[MEDIA_VIDEO] = "video",
	[MEDIA_RTX] = "rtx",
	[MEDIA_PROBE] = "probe",
	[MEDIA_OTHER] = "other",
};
static const char *const ice_names[ICE_COUNT] = {
	[ICE_NONE] = "none",
	[ICE_CHECKING] = "checking",
	[ICE_CONNECTED] = "connected",
	[ICE_FAILED] = "failed",
};
static const char *const dtls_names[FLOW_DTLS_COUNT] = {
	[FLOW_DTLS_NONE] = "none",
	[FLOW_DTLS_CONNECTING] = "connecting",
	[FLOW_DTLS_CONNECTED] = "connected",
	[FLOW_DTLS_FAILED] = "failed",
};

const char *
media_tap_name(enum media_tap t)
{
	return (tap_names[t]);
}

const char *
media_kind_name(enum media_kind k)
{
	return (kind_names[k]);
}

const char *
media_ice_name(enum media_ice i)
{
	return (ice_names[i]);
}

const char *
media_dtls_name(enum media_dtls d)
{
	return (dtls_names[d]);
}

int
media_tap_by_name(struct str s)
{
	int i;

	if (str_eqs(s, "router"))
		return (TAP_ROUTER_OUT);
	for (i = 0; i < TAP_COUNT; i++)
		if (str_eqs(s, tap_names[i]))
			return (i);
	return (-1);
}

struct media *
media_new(const struct media_options *o)
{
	struct media *m = mem_zalloc(1, sizeof(*m));
	size_t i;

	m->o = *o;
	if (m->o.port_low == 0)
		m->o.port_low = m->o.port_high = 10000;
	if (o->name != NULL)
		snprintf(m->name, sizeof(m->name), "%s", o->name);
	m->o.name = m->name;
	arc4random_buf(m->secret, sizeof(m->secret));
	index_init(&m->flow_index);
	index_init(&m->stream_index);
	m->flow_free = m->stream_free = m->last_flow = NONE;
	for (i = 0; i < LIMIT_MEDIA_UNPROVEN; i++)
		m->unproven[i] = NONE;
	m->forwards = mem_zalloc(FORWARDS, sizeof(*m->forwards));
	return (m);
}

void
media_free(struct media *m)
{
	if (m == NULL)
		return;
	index_free(&m->flow_index);
	index_free(&m->stream_index);
	free(m->flows);
	free(m->streams);
	free(m->forwards);
	free(m);
}

static int
is_ours(const struct media *m, uint16_t port)
{
	return (port >= m->o.port_low && port <= m->o.port_high);
}

/*
 * The direction of a datagram: the bridge is on the side with its port.
 * When both sides have it, the side that a flow already knows; -1: neither.
 */
static int
direction(struct media *m, const struct datagram *d)
{
	int to = is_ours(m, d->dport), from = is_ours(m, d->sport);

	if (!to && !from)
		return (-1);
	if (to != from)
		return (to ? MEDIA_IN : MEDIA_OUT);
	if (flow_find(m, &d->dst, d->dport, &d->src, d->sport) != NULL)
		return (MEDIA_OUT);
	return (MEDIA_IN);
}

/* The bridge sent something after a pause in which media came in. */
static void
after_pause(struct media *m, int64_t t)
{
	int64_t gap = t - m->last_out;
	struct hang *h;

	if (m->last_out == 0 || gap < NS_PER_SEC * 9 / 10 ||
	    m->in_since_out < 15 || m->out_before < 10 ||
	    m->quiet > gap / 2)		/* the capture stood still */
		return;
	h = &m->hangs[m->hang_count % HANGS];
	m->hang_count++;
	h->from = m->last_out;
	h->to = t;
	h->in = m->in_since_out;
}

/* Follows the bridge's own sending, over all flows. */
static void
note_out(struct media *m, int rtp, int64_t t)
{
	after_pause(m, t);
	m->last_out = t;
	m->in_since_out = 0;
	m->quiet = 0;
	if (t - m->out_second_start > NS_PER_SEC || t < m->out_second_start) {
		m->out_before = t - m->out_second_start < 2 * NS_PER_SEC ?
		    m->out_second : 0;
		m->out_second = 0;
		m->out_second_start = t;
	}
	m->out_second += rtp != 0;
	if (m->out_second > m->out_before)
		m->out_before = m->out_second;
}

/* Notes idle time of both sides of a flow, and what changed on the path. */
static void
note_packet(struct flow *f, int dir, const struct datagram *d, int64_t t)
{
	int64_t last = f->last[0] > f->last[1] ? f->last[0] : f->last[1];

	if (last != 0 && t - last > 20 * NS_PER_SEC) {
		f->idle_length = t - last;
		f->idle_end = t;
	}
	if (f->first[dir] == 0)
		f->first[dir] = t;
	f->last[dir] = t;
	f->packets[dir]++;
	f->bytes[dir] += d->wire;
	if (dir == MEDIA_IN) {
		if (f->ttl != d->ttl && f->ttl != 0)
			f->ttl_changes++;
		f->ttl = d->ttl;
		f->tos = d->tos;
		f->congestion_marks += (d->tos & 3) == 3;
	}
}

/* The pieces of one datagram, or NULL. */
static struct fragments *
fragments_find(struct media *m, const struct datagram *d)
{
	struct fragments *g;
	size_t i;

	for (i = 0; i < FRAGMENTS; i++) {
		g = &m->fragments[i];
		if (g->used && g->id == d->ip_id &&
		    media_addr_eq(&g->src, &d->src) &&
		    media_addr_eq(&g->dst, &d->dst))
			return (g);
	}
	return (NULL);
}

/* The flow that the pieces belong to, while it is still the same one. */
static struct flow *
fragments_flow(struct media *m, const struct fragments *g)
{
	struct flow *f;

	if (!g->have_first || g->flow >= m->flow_count)
		return (NULL);
	f = &m->flows[g->flow];
	return (f->used && f->id == g->flow_id ? f : NULL);
}

static struct fragments *
fragments_new(struct media *m, const struct datagram *d, int64_t t)
{
	struct fragments *g = &m->fragments[m->fragment_at++ % FRAGMENTS];
	struct flow *f;

	/* Pieces follow each other closely: the rest does not come. */
	if (g->used && t - g->t > NS_PER_SEC / 5 &&
	    (f = fragments_flow(m, g)) != NULL)
		f->frag_broken[g->dir]++;
	memset(g, 0, sizeof(*g));
	g->used = 1;
	g->src = d->src;
	g->dst = d->dst;
	g->id = d->ip_id;
	g->t = t;
	return (g);
}

/* All there? Then the datagram is whole. */
static void
fragments_check(struct media *m, struct fragments *g)
{
	struct flow *f = fragments_flow(m, g);

	if (!g->have_first || g->bytes < g->total)
		return;
	if (f != NULL)
		f->frag_whole[g->dir]++;
	g->used = 0;
}

/* The first piece, which has the ports; others may have come before it. */
static void
fragment_first(struct media *m, const struct flow *f, int dir,
    const struct datagram *d, int64_t t)
{
	struct fragments *g = fragments_find(m, d);

	if (g == NULL || g->have_first)
		g = fragments_new(m, d, t);
	else
		m->frag_followers[dir]++;
	g->have_first = 1;
	g->flow = flow_number(m, f);
	g->flow_id = f->id;
	g->dir = (uint8_t)dir;
	g->bytes += d->frag_len;
	g->total = (uint32_t)d->wire + 8;
	fragments_check(m, g);
}

static void
fragment_next(struct media *m, const struct datagram *d, int64_t t)
{
	struct fragments *g = fragments_find(m, d);

	m->counts.fragments++;
	if (g == NULL)
		g = fragments_new(m, d, t);
	else if (g->have_first)
		m->frag_followers[g->dir]++;
	g->bytes += d->frag_len;
	fragments_check(m, g);
}

/* Pieces that did not come within two seconds never will. */
static void
fragment_expire(struct media *m, int64_t t)
{
	struct fragments *g;
	struct flow *f;
	size_t i;

	for (i = 0; i < FRAGMENTS; i++) {
		g = &m->fragments[i];
		if (!g->used || t - g->t < 2 * NS_PER_SEC)
			continue;
		if ((f = fragments_flow(m, g)) != NULL)
			f->frag_broken[g->dir]++;
		g->used = 0;
	}
}

/* An ICMP error: the quoted datagram names the flow. */
static void
feed_icmp(struct media *m, const struct datagram *d, int64_t t)
{
	int dir = direction(m, d);
	struct flow *f;
	int big, admin;

	if (dir == -1)
		return;
	m->counts.icmp++;
	f = dir == MEDIA_IN ?
	    flow_find(m, &d->src, d->sport, &d->dst, d->dport) :
	    flow_find(m, &d->dst, d->dport, &d->src, d->sport);
	if (f == NULL)
		return;
	f->icmp_from = d->icmp_from;
	big = d->icmp_v6 ? d->icmp_type == 2 :
	    d->icmp_type == 3 && d->icmp_code == 4;
	if (big) {
		f->too_big[dir]++;
		f->mtu = d->icmp_mtu;
		return;
	}
	if (dir != MEDIA_IN || (d->icmp_v6 ? d->icmp_type != 1 :
	    d->icmp_type != 3))
		return;
	admin = d->icmp_v6 ? d->icmp_code == 1 || d->icmp_code == 5 :
	    d->icmp_code == 9 || d->icmp_code == 10 || d->icmp_code == 13;
	if (f->first_unreachable == 0)
		f->first_unreachable = t;
	f->unreachable++;
	f->unreachable_admin += admin != 0;
	if (media_addr_eq(&d->icmp_from, &f->local)) {
		f->unreachable_bridge++;
		m->icmp_from_bridge++;
	}
}

static void
feed_udp(struct media *m, const struct datagram *d, int64_t t)
{
	int dir = direction(m, d);
	enum packet_class class;
	struct flow *f;

	if (dir == -1) {
		m->counts.ignored++;
		return;
	}
	class = d->len == 0 ? PACKET_OTHER :
	    packet_classify(d->data, d->len, d->wire);
	if ((f = flow_of(m, d, dir, t)) == NULL)
		return;
	if (dir == MEDIA_OUT) {
		flow_sent(m, f);
		note_out(m, class == PACKET_RTP, t);
	} else if (class == PACKET_RTP)
		m->in_since_out++;
	note_packet(f, dir, d, t);
	if (d->fragmented)
		fragment_first(m, f, dir, d, t);
	if (class == PACKET_STUN && flow_stun(m, f, dir, d, t) == -1)
		class = PACKET_OTHER;
	else if (class == PACKET_DTLS &&
	    flow_dtls_packet(m, f, dir, d, t) == -1)
		class = PACKET_OTHER;
	else if (class == PACKET_RTP)
		flow_rtp(m, flow_number(m, f), dir, d, t);
	else if (class == PACKET_RTCP)
		flow_rtcp(m, f, dir, d, t);
	f->class_packets[dir][class]++;
	m->counts.packets[dir][class]++;
	m->counts.bytes[dir][class] += d->wire;
}

/* The capture's own clock: steps back, and time in which nothing came. */
static void
watch_clock(struct media *m, int64_t t)
{
	if (m->now != 0 && t < m->now - 50 * NS_PER_MS &&
	    m->now - t > m->step_back) {
		m->step_back = m->now - t;
		m->step_back_at = t;
	}
	if (m->now != 0 && (t - m->now > m->gap ||
	    (m->o.live && t - m->now > NS_PER_SEC))) {
		m->gap = t - m->now;
		m->gap_at = m->now;
	}
	if (m->now != 0 && t - m->now > m->quiet)
		m->quiet = t - m->now;
	m->now = t;
	if (m->counts.first_ns == 0)
		m->counts.first_ns = t;
	m->counts.last_ns = t;
	if (t < m->next_sweep)
		return;
	m->next_sweep = t + 2 * NS_PER_SEC;
	fragment_expire(m, t);
	if (!m->o.live)
		return;
	flow_sweep(m, t);
	if (t - m->mark_time[1] >= 30 * NS_PER_SEC)
		marks_set(m, t);
}

void
media_feed(struct media *m, unsigned int link, const uint8_t *p, size_t len,
    size_t wire, int64_t ns)
{
	struct datagram d;

	/* Times that count from 0: 0 means "never" in here. */
	if (m->counts.frames++ == 0 && ns < NS_PER_SEC)
		m->shift = NS_PER_SEC;
	ns += m->shift;
	watch_clock(m, ns);
	switch (link_decode(link, p, len, wire, &d)) {
	case LINK_UDP: feed_udp(m, &d, ns); break;
	case LINK_FRAGMENT: fragment_next(m, &d, ns); break;
	case LINK_ICMP: feed_icmp(m, &d, ns); break;
	case LINK_CUT: m->counts.cut++; break;
	case LINK_BAD: m->counts.bad++; break;
	case LINK_UNKNOWN: m->counts.unknown_link++; break;
	case LINK_OTHER: m->counts.ignored++; break;
	}
}

void
media_capture_dropped(struct media *m, uint64_t n)
{
	m->counts.dropped += n;
	m->dropped_at = m->now;
}

int
media_feed_file(struct media *m, const char *path, struct buf *why,
    const char *(*progress)(void *, uint64_t, uint64_t), void *arg)
{
	struct savefile s;
	struct capture_packet p;
	const char *stop = NULL;
	int r;

	if (savefile_open(&s, path) == -1) {
		buf_adds(why, s.problem);
		return (-1);
	}
	while (stop == NULL && (r = savefile_next(&s, &p)) == 1) {
		media_feed(m, p.link, p.data, p.len, p.wire, p.ns);
		if (progress != NULL && (s.packets & 0x3ffff) == 0)
			stop = progress(arg, s.read, s.size);
	}
	media_capture_dropped(m, s.dropped);
	if (stop != NULL)
		buf_addf(why, "%s, after packet %llu", stop,
		    (unsigned long long)s.packets);
	else if (r == -1)
		buf_adds(why, s.problem);
	else if (m->counts.unknown_link > 0 &&
	    m->counts.unknown_link == m->counts.frames)
		buf_addf(why, "link type %u is not known here", p.link);
	snprintf(m->problem, sizeof(m->problem), "%s", buf_cstr(why));
	r = 0;
	if (s.packets == 0 ? s.ng && s.problem[0] != '\0' :
	    m->counts.unknown_link == m->counts.frames)
		r = -1;		/* nothing in it can be read */
	savefile_close(&s);
	return (r);
}

const struct media_counts *
media_get_counts(struct media *m)
{
	size_t i;

	memset(m->counts.flows, 0, sizeof(m->counts.flows));
	for (i = 0; i < m->flow_count; i++)
		if (m->flows[i].used)
			m->counts.flows[flow_ice(m, &m->flows[i], m->now)]++;
	return (&m->counts);
}
