/* SPDX-License-Identifier: ISC */
/* The table of streams, one a flow, direction and SSRC. Pure. */
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "probes/media/engine.h"

static uint32_t
hash_stream(const struct media *m, uint32_t flow, int dir, uint32_t ssrc)
{
	return ((uint32_t)media_hash(m, (uint64_t)flow << 1 | (unsigned int)dir,
	    ssrc));
}

static uint32_t
take_place(struct media *m)
{
	struct stream *grown;
	uint32_t n;

	if (m->stream_free != NONE) {
		n = m->stream_free;
		m->stream_free = m->streams[n].next;
		return (n);
	}
	grown = mem_grow(m->streams, m->stream_count, &m->stream_cap,
	    sizeof(*m->streams), LIMIT_MEDIA_STREAMS);
	if (grown == NULL)
		return (NONE);
	m->streams = grown;
	return ((uint32_t)m->stream_count++);
}

static struct stream *
stream_new(struct media *m, uint32_t flow, int dir, uint32_t ssrc,
    uint32_t hash)
{
	struct flow *f = &m->flows[flow];
	struct stream *s;
	uint32_t *link, n, max = f->proven ? LIMIT_MEDIA_FLOW_STREAMS :
	    LIMIT_MEDIA_UNPROVEN_STREAMS;

	if (f->stream_count[dir] >= max || (n = take_place(m)) == NONE) {
		m->counts.refused_streams++;
		return (NULL);
	}
	s = &m->streams[n];
	memset(s, 0, sizeof(*s));
	s->flow = flow;
	s->ssrc = ssrc;
	s->hash = hash;
	s->dir = (uint8_t)dir;
	s->used = 1;
	s->next = NONE;
	for (link = &f->streams[dir]; *link != NONE;
	    link = &m->streams[*link].next)
		;			/* in order of appearance */
	*link = n;
	f->stream_count[dir]++;
	m->counts.streams++;
	index_add(&m->stream_index, hash, n);
	return (s);
}

struct stream *
stream_of(struct media *m, uint32_t flow, int dir, uint32_t ssrc, int make)
{
	uint32_t hash = hash_stream(m, flow, dir, ssrc), at, e;
	struct stream *s;

	for (at = index_first(&m->stream_index, hash, &e); at != INDEX_END;
	    at = index_next(&m->stream_index, hash, at, &e)) {
		s = &m->streams[e];
		if (s->ssrc == ssrc && s->flow == flow && s->dir == dir)
			return (s);
	}
	return (make ? stream_new(m, flow, dir, ssrc, hash) : NULL);
}

void
stream_close(struct media *m, uint32_t n)
{
	struct stream *s = &m->streams[n];
	struct flow *f = &m->flows[s->flow];
	uint32_t *link = &f->streams[s->dir];

	stream_settle(m, s, 1);
	while (*link != n)
		link = &m->streams[*link].next;
	*link = s->next;
	f->stream_count[s->dir]--;
	m->counts.streams--;
	index_remove(&m->stream_index, s->hash, n);
	s->used = 0;
	s->next = m->stream_free;
	m->stream_free = n;
}

enum media_kind
stream_kind(const struct stream *s)
{
	/* jvb probes with padding on a media payload type. */
	if (s->kind == MEDIA_VIDEO && s->dir == MEDIA_OUT && s->padded > 0 &&
	    (uint64_t)s->padded * 10 >= (uint64_t)s->seq.packets * 9)
		return (MEDIA_PROBE);
	return ((enum media_kind)s->kind);
}

/*
 * Carries what is final of a stream's sequence numbers over to the counts,
 * so that those only ever grow. When closing everything is final.
 */
void
stream_settle(struct media *m, struct stream *s, int closing)
{
	struct media_counts *c = &m->counts;
	enum media_kind k = stream_kind(s);
	uint32_t lost, expected;

	/* A packet that is two seconds late is lost. */
	seqwin_settle(&s->seq, s->settle_to);
	s->settle_to = s->seq.max;
	lost = s->seq.settled_lost;
	expected = s->seq.settled_expected;
	if (closing) {
		lost = seqwin_lost(&s->seq);
		expected = seqwin_expected(&s->seq);
	}
	if (lost > s->told_lost) {
		c->lost[s->dir][k] += lost - s->told_lost;
		s->told_lost = lost;
	}
	if (expected > s->told_expected) {
		c->expected[s->dir][k] += expected - s->told_expected;
		s->told_expected = expected;
	}
	c->reordered[s->dir][k] += s->seq.reordered - s->told_reordered;
	s->told_reordered = s->seq.reordered;
	if (seqwin_copies(&s->seq) > s->told_copies) {
		c->duplicate[s->dir][k] += seqwin_copies(&s->seq) -
		    s->told_copies;
		s->told_copies = seqwin_copies(&s->seq);
	}
}

static struct stream_mark
stream_count_now(const struct stream *s)
{
	struct stream_mark k;

	k.expected = seqwin_expected(&s->seq);
	k.lost = seqwin_lost(&s->seq);
	k.reordered = s->seq.reordered;
	k.copies = seqwin_copies(&s->seq);
	k.packets = s->seq.packets;
	k.levels = s->levels;
	k.silent = s->silent;
	k.jitter_count = s->jitter_count;
	k.jitter_sum = s->jitter_sum;
	k.queue_sum = s->queue_sum;
	return (k);
}

struct stream_mark
stream_since(const struct stream *s)
{
	struct stream_mark k = stream_count_now(s);
	const struct stream_mark *old = &s->mark[0];

	k.expected -= old->expected;
	/* Late packets make up for a loss told before. */
	k.lost = k.lost > old->lost ? k.lost - old->lost : 0;
	k.reordered -= old->reordered;
	k.copies = k.copies > old->copies ? k.copies - old->copies : 0;
	k.packets -= old->packets;
	k.levels -= old->levels;
	k.silent -= old->silent;
	k.jitter_count -= old->jitter_count;
	k.jitter_sum -= old->jitter_sum;
	k.queue_sum -= old->queue_sum;
	return (k);
}

void
marks_set(struct media *m, int64_t t)
{
	struct stream *s;
	struct flow *f;
	size_t i;
	int dir;

	for (i = 0; i < m->stream_count; i++) {
		s = &m->streams[i];
		s->mark[0] = s->mark[1];
		s->mark[1] = stream_count_now(s);
	}
	for (i = 0; i < m->flow_count; i++) {
		f = &m->flows[i];
		f->mark[0] = f->mark[1];
		for (dir = 0; dir < 2; dir++) {
			f->mark[1].nack[dir] = f->rtcp.nack[dir];
			f->mark[1].hidden_nack[dir] =
			    f->rtcp.hidden_nack[dir];
		}
		f->mark[1].frag_whole = f->frag_whole[MEDIA_IN];
		f->mark[1].frag_broken = f->frag_broken[MEDIA_IN];
	}
	m->mark_time[0] = m->mark_time[1];
	m->mark_time[1] = t;
	m->transits /= 2;
	m->transits_slow /= 2;
}

static int
by_value(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return ((x > y) - (x < y));
}

double
samples_median(const struct samples *s)
{
	float sorted[SAMPLES];
	size_t n = s->count < SAMPLES ? s->count : SAMPLES;

	if (n == 0)
		return (-1);
	memcpy(sorted, s->ms, n * sizeof(sorted[0]));
	qsort(sorted, n, sizeof(sorted[0]), by_value);
	return ((double)(sorted[n / 2] + sorted[(n - 1) / 2]) / 2);
}

const double media_bucket_seconds[MEDIA_BUCKETS] = {
	0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1,
	1e9
};

void
histogram_add(struct media_histogram *h, double seconds)
{
	int i = 0;

	while (i < MEDIA_BUCKETS - 1 && seconds > media_bucket_seconds[i])
		i++;
	h->count[i]++;
	h->sum += seconds;
}
