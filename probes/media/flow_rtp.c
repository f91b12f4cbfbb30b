/* SPDX-License-Identifier: ISC */
/*
 * SRTP and SRTCP of one flow: streams by SSRC, jitter, frames, the way
 * through the bridge. Pure; runs once a packet.
 */
#include <math.h>
#include <string.h>

#include "probes/media/engine.h"

/* Payload types as jicofo offers them, and the static ones still seen. */
static const struct {
	uint8_t kind;
	uint32_t clock;
} payload_types[128] = {
	[0] = { MEDIA_AUDIO, 8000 }, [8] = { MEDIA_AUDIO, 8000 },
	[9] = { MEDIA_AUDIO, 8000 },
	[111] = { MEDIA_AUDIO, 48000 }, [112] = { MEDIA_AUDIO, 48000 },
	[126] = { MEDIA_OTHER, 8000 },
	[100] = { MEDIA_VIDEO, 90000 }, [101] = { MEDIA_VIDEO, 90000 },
	[107] = { MEDIA_VIDEO, 90000 }, [41] = { MEDIA_VIDEO, 90000 },
	[96] = { MEDIA_RTX, 90000 }, [97] = { MEDIA_RTX, 90000 },
	[99] = { MEDIA_RTX, 90000 }, [42] = { MEDIA_RTX, 90000 },
};

/* What is needed of a packet, whether it is here or was kept aside. */
struct arrival {
	struct rtp_packet r;
	struct rtp_extensions e;
	uint32_t size, ip_id;
	int64_t t;
};

/* A payload type not in the table: the clock whose ticks fit the time. */
static void
infer_clock(struct stream *s, uint32_t ts, int64_t t)
{
	static const uint32_t clocks[] = {
		8000, 16000, 24000, 32000, 44100, 48000, 90000
	};
	double seconds = (double)(t - s->first) / 1e9;
	double rate, error, best = 0.1;
	size_t i;

	if (seconds < 0.5 || s->seq.packets < 10)
		return;
	rate = (double)(int32_t)(ts - s->first_ts) / seconds;
	for (i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++) {
		error = fabs(rate - (double)clocks[i]) / (double)clocks[i];
		if (error < best) {
			best = error;
			s->clock = clocks[i];
		}
	}
	if (s->clock == 0)
		return;
	s->kind = s->clock == 90000 ? MEDIA_VIDEO : MEDIA_AUDIO;
	s->prev = t;
	s->prev_ts = s->max_ts = ts;
}

/*
 * The arrival clock against the stream's own: a jump that stays tells that
 * the clock of this host was set.
 */
static void
watch_transit(struct stream *s, double d, int64_t t)
{
	s->transit += d;
	if (s->transit < s->transit_min)
		s->transit_min = s->transit;
	s->queue_sum += s->transit - s->transit_min;
	if (fabs(d) >= 300 && s->seq.packets > 20) {
		s->before_step = s->transit - d;
		s->step = d;
		s->step_at = t;
	}
}

/* RFC 3550 appendix A.8, in milliseconds and floating point. */
static void
add_jitter(struct media *m, struct stream *s, uint32_t ts, int64_t t)
{
	double d;

	d = (double)(t - s->prev) / 1e6 -
	    (double)(int32_t)(ts - s->prev_ts) * 1000.0 / (double)s->clock;
	s->prev = t;
	s->prev_ts = ts;
	s->jitter += (fabs(d) - s->jitter) / 16.0;
	s->jitter_sum += s->jitter;
	s->jitter_count++;
	if (s->jitter > s->jitter_max)
		s->jitter_max = s->jitter;
	if (s->dir == MEDIA_IN)
		watch_transit(s, d, t);
	if (t >= s->next_sample) {
		if (s->next_sample != 0)
			histogram_add(&m->counts.jitter[s->dir],
			    s->jitter / 1000);
		s->next_sample = t + NS_PER_SEC;
	}
}

/* A frame begins: rate and freezes, by the rule that browsers use. */
static void
add_frame(struct stream *s, int64_t t)
{
	float gap = (float)((double)(t - s->last_frame) / 1e6);

	if (s->frames > 0) {
		if (s->frames > 5 && gap > s->frame_gap * 3 &&
		    gap > s->frame_gap + 150)
			s->freezes++;
		if (gap > s->frame_gap_max)
			s->frame_gap_max = gap;
		s->frame_gap = s->frames == 1 ? gap :
		    s->frame_gap + (gap - s->frame_gap) / 30;
	}
	s->frames++;
	s->last_frame = t;
}

/* An audio packet towards the bridge: remembered until it comes out. */
static void
remember(struct media *m, const struct stream *s, const struct arrival *a)
{
	struct forward *w = &m->forwards[media_hash(m, a->r.ts, 1) %
	    FORWARDS];

	w->ts = a->r.ts;
	w->seq = a->r.seq;
	w->ssrc = s->ssrc;
	w->flow = s->flow;
	w->stream = (uint32_t)(s - m->streams);
	w->t = a->t;
	w->used = 1;
	w->seen = 0;
}

/*
 * An audio packet from the bridge: the same time stamp, and the same SSRC
 * (jitsi-videobridge) or sequence number (pion), as one that came in on
 * another flow. Only the first copy out tells the way through the bridge.
 */
static void
recognise(struct media *m, const struct stream *s, const struct arrival *a)
{
	struct forward *w = &m->forwards[media_hash(m, a->r.ts, 1) %
	    FORWARDS];
	struct stream *from;
	int64_t ns = a->t - w->t;

	if (!w->used || w->seen || w->ts != a->r.ts || w->flow == s->flow ||
	    (w->ssrc != s->ssrc && w->seq != a->r.seq) || ns < 0 ||
	    ns > 10 * NS_PER_SEC)
		return;
	w->seen = 1;
	from = &m->streams[w->stream];
	if (from->used && from->ssrc == w->ssrc)
		from->forwarded++;
	if (a->t - m->first_rtp < 3 * NS_PER_SEC)
		return;
	m->transits++;
	histogram_add(&m->transit, (double)ns / 1e9);
	if (ns > 20 * NS_PER_MS)
		m->transits_slow++;
}

static void
add_level(struct stream *s, const struct arrival *a)
{
	if (a->e.level < 0)
		return;
	s->levels++;
	if (a->e.level == 127)	/* whatever the V bit: Chromium sets it */
		s->silent++;
	else
		s->last_sound = a->t;
}

/* The tap sees one packet twice: same IP identification, at once. */
static void
check_copy(struct media *m, struct stream *s, const struct arrival *a)
{
	if (s->last_ip_id == a->ip_id && a->t - s->last <= NS_PER_MS)
		s->copies_close++;
	(void)m;
}

static void
add_audio(struct media *m, struct stream *s, const struct arrival *a)
{
	if (s->seq.packets > 1 && s->clock != 0)
		add_jitter(m, s, a->r.ts, a->t);
	if (s->dir == MEDIA_IN) {
		add_level(s, a);
		remember(m, s, a);
	} else
		recognise(m, s, a);
}

static void
add_video(struct media *m, struct stream *s, const struct arrival *a)
{
	int32_t step = (int32_t)(a->r.ts - s->max_ts);

	if (s->seq.packets > 1 && step <= 0)
		return;
	if (s->seq.packets > 1 && s->clock != 0)
		add_jitter(m, s, a->r.ts, a->t);
	s->max_ts = a->r.ts;
	add_frame(s, a->t);
}

static void
first_packet(struct stream *s, const struct arrival *a)
{
	s->pt = (uint8_t)a->r.pt;
	s->kind = payload_types[a->r.pt].kind;
	s->clock = payload_types[a->r.pt].clock;
	if (s->clock == 0)
		s->kind = MEDIA_OTHER;
	s->first = s->prev = a->t;
	s->first_ts = s->prev_ts = s->max_ts = a->r.ts;
	s->last_sound = a->t;
}

/* Starts all over but for the counts: the sender did. */
static void
restart(struct stream *s, const struct arrival *a)
{
	s->prev = a->t;
	s->prev_ts = s->max_ts = a->r.ts;
	s->step = 0;
}

static void
stream_add(struct media *m, struct stream *s, const struct arrival *a)
{
	enum seqwin_result how;

	if (s->seq.packets == 0)
		first_packet(s, a);
	how = seqwin_add(&s->seq, a->r.seq, a->t - s->last);
	s->bytes += a->size;
	s->padded += (uint32_t)a->r.padding;
	s->markers += (uint32_t)a->r.marker;
	if (a->size > s->largest)
		s->largest = a->size;
	if (how == SEQ_COPY)
		check_copy(m, s, a);
	if (how == SEQ_RESTART)
		restart(s, a);
	else if (how == SEQ_JUMP)
		;
	else if (s->kind == MEDIA_AUDIO)
		add_audio(m, s, a);
	else if (s->kind == MEDIA_VIDEO)
		add_video(m, s, a);
	else if (s->kind == MEDIA_OTHER && s->clock == 0)
		infer_clock(s, a->r.ts, a->t);
	s->last_ip_id = a->ip_id;
	s->last = a->t;
}

static void
keep_candidate(struct flow *f, int dir, const struct arrival *a)
{
	struct candidate *c = &f->candidates[f->candidate_at];

	f->candidate_at = (uint8_t)((f->candidate_at + 1) % CANDIDATES);
	c->used = 1;
	c->dir = (uint8_t)dir;
	c->ssrc = a->r.ssrc;
	c->ts = a->r.ts;
	c->seq = a->r.seq;
	c->pt = (uint8_t)a->r.pt;
	c->padding = (uint8_t)a->r.padding;
	c->marker = (uint8_t)a->r.marker;
	c->level = (int16_t)a->e.level;
	c->size = a->size;
	c->ip_id = a->ip_id;
	c->t = a->t;
}

/*
 * An SSRC on a flow without ICE is believed when a second packet follows
 * the first one closely, RFC 3550 A.1; the first is then counted too.
 */
static struct stream *
believe(struct media *m, uint32_t flow, int dir, const struct arrival *a)
{
	struct flow *f = &m->flows[flow];
	struct candidate *c = NULL;
	struct arrival first;
	struct stream *s;
	int i;

	for (i = 0; i < CANDIDATES; i++)
		if (f->candidates[i].used && f->candidates[i].dir == dir &&
		    f->candidates[i].ssrc == a->r.ssrc)
			c = &f->candidates[i];
	if (c == NULL || (uint16_t)(a->r.seq - c->seq) - 1U >= 16 ||
	    c->pt != a->r.pt) {
		keep_candidate(f, dir, a);
		return (NULL);
	}
	memset(&first, 0, sizeof(first));
	first.r.ssrc = c->ssrc;
	first.r.ts = c->ts;
	first.r.seq = c->seq;
	first.r.pt = c->pt;
	first.r.padding = c->padding;
	first.r.marker = c->marker;
	first.e.level = c->level;
	first.size = c->size;
	first.ip_id = c->ip_id;
	first.t = c->t;
	c->used = 0;
	s = stream_of(m, flow, dir, a->r.ssrc, 1);
	if (s != NULL)
		stream_add(m, s, &first);
	return (s);
}

void
flow_rtp(struct media *m, uint32_t flow, int dir, const struct datagram *d,
    int64_t t)
{
	struct flow *f = &m->flows[flow];
	struct arrival a;
	struct stream *s;

	if (rtp_parse(d->data, d->len, d->wire, &a.r) == -1)
		return;
	rtp_extensions(&a.r, &a.e);
	a.size = (uint32_t)d->wire;
	a.ip_id = d->ip_id;
	a.t = t;
	s = stream_of(m, flow, dir, a.r.ssrc, f->trusted);
	if (s == NULL && !f->trusted)
		s = believe(m, flow, dir, &a);
	if (s == NULL)
		return;
	if (m->first_rtp == 0)
		m->first_rtp = t;
	if (f->first_rtp[dir] == 0)
		f->first_rtp[dir] = s->first != 0 ? s->first : t;
	f->last_rtp[dir] = t;
	if (a.size > f->largest_rtp[dir])
		f->largest_rtp[dir] = a.size;
	if (a.e.transport_seq >= 0)
		(void)seqwin_add(&f->transport[dir],
		    (uint16_t)a.e.transport_seq, 0);
	stream_add(m, s, &a);
}

/* Feedback that rides behind a receiver report shows by its size: one
 * NACK item makes 16 bytes, a PLI 12. RFC 4585 section 6. */
static void
hidden_feedback(struct rtcp_state *r, int dir, const struct rtcp_packet *p)
{
	if (p->pt != 201)
		return;
	if (p->more == 12)
		r->hidden_pli[dir]++;
	else if (p->more >= 16 && p->more <= 64)
		r->hidden_nack[dir]++;
}

void
flow_rtcp(struct media *m, struct flow *f, int dir, const struct datagram *d,
    int64_t t)
{
	struct rtcp_state *r = &f->rtcp;
	struct rtcp_packet p;

	(void)m;
	if (rtcp_parse(d->data, d->len, d->wire, &p) == -1)
		return;
	if (r->first[dir] == 0)
		r->first[dir] = t;
	r->last[dir] = t;
	if ((p.pt == 200 || p.pt == 201) && p.count > 0) {
		r->reporting[dir]++;
		r->last_report[dir] = t;
	}
	if (p.pt == 200)
		r->sr[dir]++;
	else if (p.pt == 201)
		r->rr[dir]++;
	else if (p.pt == 205 && p.count == 1)
		r->nack[dir]++;
	else if (p.pt == 206 && p.count == 1)
		r->pli[dir]++;
	else if (p.pt == 206 && p.count == 4)
		r->fir[dir]++;
	else if (p.pt == 205 && p.count == 15) {
		r->tcc[dir]++;
		r->last_report[dir] = t;
	} else
		r->other[dir]++;
	hidden_feedback(r, dir, &p);
}
