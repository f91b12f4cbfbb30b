/* SPDX-License-Identifier: ISC */
/* The table of flows: finding, making, evicting. Pure. */
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "probes/media/engine.h"

static uint32_t
hash_flow(const struct media *m, const struct media_addr *remote,
    uint16_t rport, const struct media_addr *local, uint16_t lport)
{
	uint64_t ports = (uint64_t)rport << 48 | (uint64_t)lport << 32;
	uint64_t a = remote->lo, b = local->lo ^ ports;

	if ((remote->hi | local->hi) != 0)
		a = media_hash(m, a ^ remote->hi * 3, local->hi);
	return ((uint32_t)media_hash(m, a, b));
}

static int
is_flow(const struct flow *f, const struct media_addr *remote,
    uint16_t rport, const struct media_addr *local, uint16_t lport)
{
	return (f->rport == rport && f->lport == lport &&
	    media_addr_eq(&f->remote, remote) &&
	    media_addr_eq(&f->local, local));
}

static struct flow *
lookup(struct media *m, uint32_t hash, const struct media_addr *remote,
    uint16_t rport, const struct media_addr *local, uint16_t lport)
{
	uint32_t at, e;

	for (at = index_first(&m->flow_index, hash, &e); at != INDEX_END;
	    at = index_next(&m->flow_index, hash, at, &e))
		if (is_flow(&m->flows[e], remote, rport, local, lport))
			return (&m->flows[e]);
	return (NULL);
}

struct flow *
flow_find(struct media *m, const struct media_addr *remote, uint16_t rport,
    const struct media_addr *local, uint16_t lport)
{
	return (lookup(m, hash_flow(m, remote, rport, local, lport), remote,
	    rport, local, lport));
}

uint32_t
flow_number(const struct media *m, const struct flow *f)
{
	return ((uint32_t)(f - m->flows));
}

/* Forgets a flow with its streams. */
static void
flow_drop(struct media *m, uint32_t n)
{
	struct flow *f = &m->flows[n];
	int dir;

	for (dir = 0; dir < 2; dir++)
		while (f->streams[dir] != NONE)
			stream_close(m, f->streams[dir]);
	index_remove(&m->flow_index, f->hash, n);
	f->used = 0;
	f->streams[0] = m->flow_free;
	m->flow_free = n;
	if (m->last_flow == n)
		m->last_flow = NONE;
}

/* Makes room by dropping what has been idle for 90 s; else refuses. */
static int
make_room(struct media *m, int64_t t)
{
	uint64_t before = m->counts.evicted_flows;
	size_t i;

	if (t < m->next_room && t > m->next_room - NS_PER_SEC)
		return (-1);	/* a flood must not cost a search a packet */
	m->next_room = t + NS_PER_SEC;
	for (i = 0; i < m->flow_count; i++) {
		struct flow *f = &m->flows[i];
		int64_t last = f->last[0] > f->last[1] ? f->last[0] :
		    f->last[1];

		if (f->used && t - last > 90 * NS_PER_SEC) {
			m->counts.evicted_flows++;
			flow_drop(m, (uint32_t)i);
		}
	}
	return (m->counts.evicted_flows > before ? 0 : -1);
}

/* A free place in the array, or NONE. */
static uint32_t
take_place(struct media *m, int64_t t)
{
	struct flow *grown;
	uint32_t n;

	if (m->flow_free == NONE && m->flow_count == LIMIT_MEDIA_FLOWS &&
	    make_room(m, t) == -1) {
		m->counts.refused_flows++;
		return (NONE);
	}
	if (m->flow_free != NONE) {
		n = m->flow_free;
		m->flow_free = m->flows[n].streams[0];
		return (n);
	}
	grown = mem_grow(m->flows, m->flow_count, &m->flow_cap,
	    sizeof(*m->flows), LIMIT_MEDIA_FLOWS);
	if (grown == NULL)
		return (NONE);
	m->flows = grown;
	return ((uint32_t)m->flow_count++);
}

/* A new flow is unproven; of those only the youngest are kept. */
static void
note_unproven(struct media *m, uint32_t n)
{
	uint32_t *slot = &m->unproven[m->unproven_at];
	uint32_t old = *slot;

	m->unproven_at = (m->unproven_at + 1) % LIMIT_MEDIA_UNPROVEN;
	*slot = n;
	if (old != NONE && old != n && m->flows[old].used &&
	    !m->flows[old].proven) {
		m->counts.evicted_flows++;
		flow_drop(m, old);
	}
}

struct flow *
flow_of(struct media *m, const struct datagram *d, int dir, int64_t t)
{
	const struct media_addr *remote, *local;
	uint16_t rport, lport;
	struct flow *f;
	uint32_t hash, n;

	remote = dir == MEDIA_IN ? &d->src : &d->dst;
	local = dir == MEDIA_IN ? &d->dst : &d->src;
	rport = dir == MEDIA_IN ? d->sport : d->dport;
	lport = dir == MEDIA_IN ? d->dport : d->sport;
	if (m->last_flow != NONE &&
	    is_flow(&m->flows[m->last_flow], remote, rport, local, lport))
		return (&m->flows[m->last_flow]);
	hash = hash_flow(m, remote, rport, local, lport);
	f = lookup(m, hash, remote, rport, local, lport);
	if (f == NULL) {
		if ((n = take_place(m, t)) == NONE)
			return (NULL);
		f = &m->flows[n];
		memset(f, 0, sizeof(*f));
		f->remote = *remote;
		f->local = *local;
		f->rport = rport;
		f->lport = lport;
		f->hash = hash;
		f->used = 1;
		f->id = ++m->flow_ids;
		f->streams[0] = f->streams[1] = NONE;
		index_add(&m->flow_index, hash, n);
		note_unproven(m, n);
		f = &m->flows[n];
	}
	m->last_flow = flow_number(m, f);
	return (f);
}

void
flow_sent(struct media *m, struct flow *f)
{
	uint32_t n = flow_number(m, f), i;

	if (f->proven)
		return;
	f->proven = 1;
	for (i = 0; i < LIMIT_MEDIA_UNPROVEN; i++)
		if (m->unproven[i] == n)
			m->unproven[i] = NONE;
}

/* Live: what was idle for long is folded into the counts and forgotten. */
void
flow_sweep(struct media *m, int64_t t)
{
	size_t i;
	int64_t last;

	for (i = 0; i < m->stream_count; i++) {
		struct stream *s = &m->streams[i];

		if (s->used && t - s->last > 30 * NS_PER_SEC)
			stream_close(m, (uint32_t)i);
		else if (s->used)
			stream_settle(m, s, 0);
	}
	for (i = 0; i < m->flow_count; i++) {
		struct flow *f = &m->flows[i];

		last = f->last[0] > f->last[1] ? f->last[0] : f->last[1];
		if (f->used && t - last > 90 * NS_PER_SEC)
			flow_drop(m, (uint32_t)i);
	}
}

int
flow_same_session(const struct flow *a, const struct flow *b)
{
	if (a == b)
		return (1);
	if (a->ice.ufrag[0] != '\0' && b->ice.ufrag[0] != '\0')
		return (strcmp(a->ice.ufrag, b->ice.ufrag) == 0);
	return (0);
}

/* Did checks run, and did consent last until `end`? */
static enum media_ice
connected_or_lost(const struct flow *f, int64_t end)
{
	const struct ice_state *i = &f->ice;
	int64_t answer = i->last_answer[0] > i->last_answer[1] ?
	    i->last_answer[0] : i->last_answer[1];
	int64_t heard = f->last[MEDIA_IN];

	if (end - answer > 30 * NS_PER_SEC &&
	    (i->pending[0] > 0 || i->pending[1] > 0))
		return (ICE_FAILED);
	if (heard != 0 && end - heard > 30 * NS_PER_SEC)
		return (ICE_FAILED);
	return (ICE_CONNECTED);
}

enum media_ice
flow_ice(const struct media *m, const struct flow *f, int64_t end)
{
	const struct ice_state *i = &f->ice;
	int dir;

	(void)m;
	if (i->answers[0] > 0 && i->answers[1] > 0)
		return (connected_or_lost(f, end));
	if (i->requests[0] + i->requests[1] + i->answers[0] + i->answers[1] +
	    i->errors[0] + i->errors[1] == 0)
		return (ICE_NONE);
	for (dir = 0; dir < 2; dir++) {
		if (i->errors[dir] > 0 && i->answers[dir] == 0)
			return (ICE_FAILED);
		if (i->pending[dir] > 0 &&
		    end - i->pending_since[dir] >= 15 * NS_PER_SEC)
			return (ICE_FAILED);
	}
	return (ICE_CHECKING);
}

/* Did the client's Certificate flight stay without an answer? */
static int
flight_unanswered(const struct dtls_state *d, int dir)
{
	if (d->certificate[dir] == 0 || d->ccs[OTHER(dir)] > 0 ||
	    d->encrypted[OTHER(dir)] > 0)
		return (0);
	return (d->certificate[dir] >= 4 || d->last_certificate[dir] -
	    d->first_certificate[dir] >= 5 * NS_PER_SEC);
}

enum media_dtls
flow_dtls(const struct flow *f)
{
	const struct dtls_state *d = &f->dtls;
	int client = d->server_hello[MEDIA_IN] > 0 ? MEDIA_OUT : MEDIA_IN;

	if (d->records[0] + d->records[1] == 0)
		return (FLOW_DTLS_NONE);
	if (d->ccs[OTHER(client)] > 0 || (d->encrypted[0] > 0 &&
	    d->encrypted[1] > 0) || (d->application[0] > 0 &&
	    d->application[1] > 0))
		return (FLOW_DTLS_CONNECTED);
	if (d->has_alert && d->alert_level == 2)
		return (FLOW_DTLS_FAILED);
	if (flight_unanswered(d, client))
		return (FLOW_DTLS_FAILED);
	if (d->hello_begin[0] + d->hello_begin[1] + d->server_hello[0] +
	    d->server_hello[1] > 0 && f->first_rtp[0] > 0 &&
	    f->first_rtp[1] > 0)
		return (FLOW_DTLS_CONNECTED);
	if (d->hello_begin[0] + d->hello_begin[1] + d->hello_end[0] +
	    d->hello_end[1] + d->server_hello[0] + d->server_hello[1] +
	    d->certificate[0] + d->certificate[1] == 0 &&
	    d->encrypted_alert[0] + d->encrypted_alert[1] > 0)
		return (FLOW_DTLS_CONNECTED);
	return (FLOW_DTLS_CONNECTING);
}
