/* SPDX-License-Identifier: ISC */
/*
 * Verdicts about media once ICE and DTLS stand: loss and where it is,
 * jitter, what does not arrive, and the bridge as a whole. Pure.
 */
#include <math.h>
#include <stdlib.h>

#include "probes/media/view.h"

static double
seconds(int64_t ns)
{
	return ((double)ns / 1e9);
}

static double
share(uint32_t part, uint32_t whole)
{
	return (whole == 0 ? 0 : (double)part / (double)whole);
}

/* Audio and video of one direction together. */
static struct sum
all(const struct view *w, int dir)
{
	struct sum a = w->audio[dir];

	a.expected += w->video[dir].expected;
	a.lost += w->video[dir].lost;
	a.reordered += w->video[dir].reordered;
	a.copies += w->video[dir].copies;
	a.packets += w->video[dir].packets;
	return (a);
}

/* NACKs, seen alone or by size behind a receiver report. */
static uint32_t
nacks(const struct flow *f, int dir)
{
	return (f->rtcp.nack[dir] - f->mark[0].nack[dir] +
	    f->rtcp.hidden_nack[dir] - f->mark[0].hidden_nack[dir]);
}

/* Seconds of media in one direction that the sums are about. */
static double
media_span(const struct views *s, const struct flow *f, int dir)
{
	int64_t from = f->first_rtp[dir];

	if (s->m->mark_time[0] > from)
		from = s->m->mark_time[0];
	return (f->last_rtp[dir] > from ? seconds(f->last_rtp[dir] - from) :
	    0);
}

/* Did consent hold while media went out? */
static int
alive(const struct view *w)
{
	const struct ice_state *i = &w->f->ice;

	return (w->f->last[MEDIA_IN] >= w->f->last_rtp[MEDIA_OUT] -
	    4 * NS_PER_SEC && i->pending[MEDIA_OUT] < 5);
}

/* Large packets are missing and small ones are not. */
static int
only_large_lost(const struct view *w)
{
	const struct sum *a = &w->audio[MEDIA_IN], *v = &w->video[MEDIA_IN];

	return (v->expected >= 60 && v->lost >= 20 &&
	    share(v->lost, v->expected) >= 0.05 && a->expected >= 100 &&
	    share(a->lost, a->expected) < 0.005 &&
	    w->f->largest_rtp[MEDIA_IN] < 1180);
}

static void
say_loss_up(struct views *s, struct view *w)
{
	struct sum a = all(w, MEDIA_IN);

	if (a.expected < 100 || a.lost < 8)
		return;
	if (only_large_lost(w)) {
		say(s, w, "mtu-media", w->f->first_rtp[MEDIA_IN], 0, "%.0f %% "
		    "of the client's video packets are missing and none of "
		    "its audio; no packet above %u bytes arrives: large "
		    "packets get lost on the way to the bridge", 100 *
		    share(w->video[MEDIA_IN].lost,
		    w->video[MEDIA_IN].expected),
		    w->f->largest_rtp[MEDIA_IN]);
		return;
	}
	if (share(a.lost, a.expected) < 0.02)
		return;
	say(s, w, "loss-up", w->f->first_rtp[MEDIA_IN], 0, "%u of %u packets "
	    "(%.1f %%) from the client did not arrive here", a.lost,
	    a.expected, 100 * share(a.lost, a.expected));
}

/* Everything arrived here, and still the bridge asks for repetition. */
static void
say_loss_host(struct views *s, struct view *w)
{
	const struct flow *f = w->f;
	struct sum a = all(w, MEDIA_IN);
	double span = media_span(s, f, MEDIA_IN);
	uint32_t n = nacks(f, MEDIA_OUT);

	if (a.expected < 200 || share(a.lost, a.expected) >= 0.005 ||
	    share(a.reordered, a.expected) >= 0.01 ||
	    n < 10 + 12 * a.lost ||	/* one loss is asked for often */
	    n < 0.5 * span || s->m->hang_count > 0 ||
	    f->last_rtp[MEDIA_IN] < f->rtcp.last[MEDIA_OUT] - 2 * NS_PER_SEC)
		return;
	say(s, w, "loss-host", f->first_rtp[MEDIA_IN], 0, "the bridge asked "
	    "%u times for packets that did arrive here: its host drops them "
	    "(full socket buffer, or a packet filter behind this point)", n);
}

/* How much round trips differ, without the extreme ones; ms. */
static double
spread(const struct samples *s)
{
	double low = 0, high = 0, mid = samples_median(s);
	uint32_t n = s->count < SAMPLES ? s->count : SAMPLES, i;

	if (n < 5)
		return (0);
	for (i = 0; i < n; i++) {
		if ((double)s->ms[i] < mid)
			low += mid - (double)s->ms[i];
		else
			high += (double)s->ms[i] - mid;
	}
	return ((low < high ? low : high) * 2 / n);
}

/* What the bridge sent without gaps, the client asks for again. */
static void
say_loss_down(struct views *s, struct view *w)
{
	const struct flow *f = w->f;
	struct sum a = all(w, MEDIA_OUT);
	double span = media_span(s, f, MEDIA_OUT);
	uint32_t n = nacks(f, MEDIA_IN);

	if (a.expected < 100 || n < 8 || n < 0.8 * span)
		return;
	/* Gaps that were there before are asked for too; a browser asks
	 * for each but a few times, other clients for ever. */
	if ((share(a.lost, a.expected) >= 0.005 ||
	    share(a.reordered, a.expected) >= 0.01) &&
	    f->rtcp.hidden_nack[MEDIA_IN] -
	    f->mark[0].hidden_nack[MEDIA_IN] < 8 + 3 *
	    (w->video[MEDIA_OUT].lost + w->video[MEDIA_OUT].reordered))
		return;
	if (spread(&f->ice.rtt) >= 10) {
		say(s, w, "jitter-net", f->first_rtp[MEDIA_OUT], 0, "round "
		    "trips vary by %.0f ms and the client asked %u times in "
		    "%.0f s for packets that the bridge had sent: they arrive "
		    "too late or out of order", 2 * spread(&f->ice.rtt), n,
		    span);
		return;
	}
	say(s, w, "loss-down", f->first_rtp[MEDIA_OUT], 0, "the client asked "
	    "%u times in %.0f s for packets that the bridge had sent: they "
	    "get lost on the way to the client", n, span);
}

/* Media goes out, checks are answered, and nothing says that it arrives. */
static void
say_one_way(struct views *s, struct view *w)
{
	const struct flow *f = w->f;
	const struct rtcp_state *r = &f->rtcp;
	struct sum a = all(w, MEDIA_OUT);
	int64_t from = f->first_rtp[MEDIA_OUT], to = f->last_rtp[MEDIA_OUT];

	if (a.packets < 100 || to - from < 5 * NS_PER_SEC || !alive(w))
		return;
	if (r->last_report[MEDIA_IN] == 0 && w->f->dtls.finished != 0 &&
	    r->first[MEDIA_IN] == 0 && f->first_rtp[MEDIA_IN] == 0) {
		say(s, w, "dtls-fpr", f->dtls.first_hello, to, "the key "
		    "exchange finished, and in %.0f s of media from the "
		    "bridge nothing encrypted came from the client: it did "
		    "not accept the bridge's certificate (or all its media "
		    "is dropped on the way)", seconds(to - from));
		return;
	}
	if (r->last_report[MEDIA_IN] == 0) {
		say(s, w, "one-way-down", from, to, "the bridge sent %u media "
		    "packets in %.0f s; the client answers checks but never "
		    "reports that media arrived", a.packets,
		    seconds(to - from));
		return;
	}
	if (to - r->last_report[MEDIA_IN] < 8 * NS_PER_SEC ||
	    f->last[MEDIA_IN] < to - 2 * NS_PER_SEC)
		return;
	say(s, w, "one-way-down", r->last_report[MEDIA_IN], to, "for %.0f s "
	    "the client has reported no arriving media, though it answers "
	    "checks and the bridge sends", seconds(to -
	    r->last_report[MEDIA_IN]));
}

/* The microphone: silence in the audio level for all or the last seconds. */
static void
say_muted(struct views *s, struct view *w)
{
	const struct stream *a;
	struct stream_mark k;
	uint32_t n;
	int64_t quiet;

	for (n = w->f->streams[MEDIA_IN]; n != NONE; n = a->next) {
		a = &s->m->streams[n];
		k = stream_since(a);
		quiet = a->last - a->last_sound;
		if (a->kind != MEDIA_AUDIO || k.levels < 100 ||
		    k.levels < k.packets / 2 ||
		    a->last - a->first < 4 * NS_PER_SEC)
			continue;
		if (share(k.silent, k.levels) < 0.98 &&
		    quiet < 6 * NS_PER_SEC)
			continue;
		say(s, w, "muted", a->last_sound, a->last, "%u of %u audio "
		    "packets from the client are marked silent: the "
		    "microphone is off or dead", k.silent, k.levels);
		return;
	}
}

/* Does some other client get media while this one sends? */
static int
has_listener(const struct views *s, const struct view *w)
{
	const struct flow *f = w->f, *g;
	size_t n;

	for (n = 0; n < s->count; n++) {
		g = s->list[n].f;
		if (g == f || s->list[n].session == w->session ||
		    s->list[n].dtls == FLOW_DTLS_FAILED ||
		    g->ice.answers[0] == 0 || g->ice.answers[1] == 0)
			continue;
		if (g->last[MEDIA_IN] > f->first_rtp[MEDIA_IN] +
		    4 * NS_PER_SEC && (g->dtls.finished != 0 ||
		    g->first_rtp[MEDIA_IN] != 0))
			return (1);
	}
	return (0);
}

/* Audible audio came in; how much of it went on to somebody? */
static void
count_forwarded(const struct views *s, const struct view *w,
    uint32_t *packets, uint32_t *forwarded)
{
	const struct stream *a;
	uint32_t n;

	*packets = *forwarded = 0;
	for (n = w->f->streams[MEDIA_IN]; n != NONE; n = a->next) {
		a = &s->m->streams[n];
		if (a->kind != MEDIA_AUDIO)
			continue;
		*forwarded += a->forwarded;
		*packets += a->seq.packets > a->silent ?
		    a->seq.packets - a->silent : 0;
	}
}

/* Is there media of another client that this one should get? */
static int
others_send(const struct views *s, const struct view *w)
{
	size_t n;

	for (n = 0; n < s->count; n++)
		if (s->list[n].session != w->session &&
		    s->list[n].audio[MEDIA_IN].packets > 100)
			return (1);
	return (0);
}

static void
say_rejected(struct views *s, struct view *w)
{
	const struct flow *f = w->f;
	const struct rtcp_state *r = &f->rtcp;
	struct sum a = all(w, MEDIA_IN);
	int64_t span = f->last_rtp[MEDIA_IN] - f->first_rtp[MEDIA_IN];
	uint32_t packets, forwarded;

	if (a.packets < 150 || span < 5 * NS_PER_SEC ||
	    w->dtls != FLOW_DTLS_CONNECTED || f->proven == 0)
		return;
	count_forwarded(s, w, &packets, &forwarded);
	if (r->tcc[MEDIA_OUT] + r->nack[MEDIA_OUT] + r->pli[MEDIA_OUT] > 0 ||
	    forwarded > 0)
		return;
	if (r->first[MEDIA_OUT] == 0 && f->first_rtp[MEDIA_OUT] == 0 &&
	    f->dtls.finished != 0 && others_send(s, w))
		say(s, w, "dtls-fpr", f->dtls.first_hello, 0, "the key "
		    "exchange finished, %u media packets came in, and the "
		    "bridge sent nothing encrypted itself: it did not accept "
		    "the client's certificate", a.packets);
	else if (r->rr[MEDIA_OUT] == 0)
		say(s, w, "srtp-reject", f->first_rtp[MEDIA_IN], 0, "%u media "
		    "packets came in and the bridge reports on none of them: "
		    "it cannot decrypt them or does not know the sender",
		    a.packets);
	else if (packets >= 150 && has_listener(s, w) &&
	    (w->video[MEDIA_IN].packets > 0 ||
	    s->m->counts.packets[MEDIA_OUT][PACKET_RTP] > 100))
		say(s, w, "srtp-reject", f->first_rtp[MEDIA_IN], 0, "%u media "
		    "packets came in, none went on to anybody and the bridge "
		    "gives no feedback on them: it cannot decrypt them",
		    a.packets);
}

static void
say_jitter(struct views *s, struct view *w)
{
	const struct stream *a;
	struct stream_mark k;
	double worst = 0, mean;
	uint32_t n;

	for (n = w->f->streams[MEDIA_IN]; n != NONE; n = a->next) {
		a = &s->m->streams[n];
		k = stream_since(a);
		if (a->kind != MEDIA_AUDIO || k.jitter_count < 100)
			continue;
		mean = k.jitter_sum / k.jitter_count;
		if (mean > worst)
			worst = mean;
	}
	if (worst >= 30)
		say(s, w, "jitter-net", w->f->first_rtp[MEDIA_IN], 0, "audio "
		    "from the client arrives %.0f ms unevenly on average; "
		    "above 30 ms it is heard", worst);
}

static float
recent(const struct samples *s)
{
	uint32_t n;
	float sum = 0;

	for (n = 1; n <= 3; n++)
		sum += s->ms[(s->count - n) % SAMPLES];
	return (sum / 3);
}

/* Queues fill: the way grows longer and packets get lost. */
static void
say_congested(struct views *s, struct view *w)
{
	const struct samples *r = &w->f->ice.rtt;
	struct sum a = all(w, MEDIA_IN);
	const struct stream *a2;
	struct stream_mark k;
	double queue = 0;
	uint32_t n;
	int lossy = share(a.lost, a.expected) >= 0.01 ||
	    nacks(w->f, MEDIA_IN) >= 10;

	for (n = w->f->streams[MEDIA_IN]; n != NONE; n = a2->next) {
		a2 = &s->m->streams[n];
		k = stream_since(a2);
		if (a2->kind == MEDIA_AUDIO && k.jitter_count >= 200 &&
		    a2->step == 0 && k.queue_sum / k.jitter_count > queue)
			queue = k.queue_sum / k.jitter_count;
	}
	if (lossy && r->count >= 6 && recent(r) > r->min + 100 &&
	    recent(r) > 3 * r->min)
		say(s, w, "congested", 0, 0, "the round trip grew from %.0f to "
		    "%.0f ms while packets were lost: the path is full",
		    (double)r->min, (double)recent(r));
	else if (lossy && queue >= 150)
		say(s, w, "congested", 0, 0, "audio from the client waits "
		    "%.0f ms on average on its way and packets are lost: the "
		    "path is full", queue);
}

/* The same client or the same stream, seen before from another port. */
static int
was_here(const struct media *m, const struct flow *a, const struct flow *b)
{
	const struct stream *s, *t;
	uint32_t i, j;

	if (flow_same_session(a, b))
		return (1);
	for (i = a->streams[MEDIA_IN]; i != NONE; i = s->next) {
		s = &m->streams[i];
		for (j = b->streams[MEDIA_IN]; j != NONE; j = t->next) {
			t = &m->streams[j];
			if (s->ssrc == t->ssrc)
				return (1);
		}
	}
	return (0);
}

/* Flow b went on where flow a fell silent. */
static int
follows(const struct flow *a, const struct flow *b)
{
	return (a->first_rtp[MEDIA_IN] != 0 && a->lport == b->lport &&
	    b->first[MEDIA_IN] > a->first_rtp[MEDIA_IN] &&
	    a->last_rtp[MEDIA_IN] < b->first[MEDIA_IN] + 2 * NS_PER_SEC &&
	    a->last[MEDIA_OUT] > b->first[MEDIA_IN] + NS_PER_SEC);
}

static void
say_rebind(struct views *s, struct view *w)
{
	struct flow *b = w->f, *a;
	char old[MEDIA_ENDPOINT_TEXT];
	size_t n;

	if (b->first_rtp[MEDIA_OUT] != 0 || b->first[MEDIA_IN] == 0 ||
	    (b->first_rtp[MEDIA_IN] == 0 && b->ice.error_403 == 0))
		return;
	for (n = 0; n < s->count; n++) {
		a = s->list[n].f;
		if (a == b || !follows(a, b) || !was_here(s->m, a, b))
			continue;
		media_endpoint_print(&a->remote, a->rport, old, sizeof(old));
		say(s, w, "rebind-drop", b->first[MEDIA_IN], 0, "the client "
		    "moved here from %s; the bridge still sends its media "
		    "there", old);
		return;
	}
}

static void
say_frag(struct views *s, struct view *w)
{
	const struct flow *f = w->f;
	uint32_t broken = f->frag_broken[MEDIA_IN] - f->mark[0].frag_broken;

	if (broken < 3 || broken * 3 < f->frag_whole[MEDIA_IN] -
	    f->mark[0].frag_whole)
		return;
	/* A capture filter on the port shows first pieces only. */
	if (s->m->frag_followers[0] + s->m->frag_followers[1] == 0 &&
	    w->dtls == FLOW_DTLS_CONNECTED)
		return;
	say(s, w, "frag", 0, 0, "of %u packets that came in pieces only the "
	    "first piece arrived", broken);
}

static void
flow_media(struct views *s, struct view *w)
{
	enum media_tap tap = s->m->o.tap;
	int clock_ok = s->m->step_back == 0;

	if (!s->untrusted)
		say_frag(s, w);
	say_rebind(s, w);
	if (w->broken)
		return;
	say_muted(s, w);
	if (tap != TAP_CLIENT) {
		say_rejected(s, w);
		say_one_way(s, w);
	}
	if (s->untrusted)
		return;
	if (tap != TAP_CLIENT) {
		say_loss_up(s, w);
		say_loss_down(s, w);
		say_congested(s, w);
		if (clock_ok)
			say_jitter(s, w);
	}
	if (tap == TAP_BRIDGE)
		say_loss_host(s, w);
}

/*
 * Audio is not asked for again; but what came in without gaps and goes out
 * with gaps was lost between this point and the bridge.
 */
static void
say_gaps_inside(struct views *s)
{
	struct sum in = { 0 }, out = { 0 };
	struct view *w;
	size_t n;

	for (n = 0; n < s->count; n++) {
		w = &s->list[n];
		in.expected += w->audio[MEDIA_IN].expected;
		in.lost += w->audio[MEDIA_IN].lost;
		in.reordered += w->audio[MEDIA_IN].reordered;
		out.expected += w->audio[MEDIA_OUT].expected;
		out.lost += w->audio[MEDIA_OUT].lost;
	}
	if (in.expected < 200 || share(in.lost, in.expected) >= 0.003 ||
	    share(in.reordered, in.expected) >= 0.003 || out.lost < 15 ||
	    share(out.lost, out.expected) < 0.02)
		return;
	say(s, NULL, "loss-host", 0, 0, "audio came in without gaps and goes "
	    "out with %.1f %% missing: the bridge's host drops packets that "
	    "it received (full socket buffer, or a packet filter behind this "
	    "point)", 100 * share(out.lost, out.expected));
}

void
verdicts_media(struct views *s)
{
	size_t n, before = s->out->count;
	int faults = s->m->step_back != 0 || s->m->hang_count > 0;

	for (n = 0; n < s->count; n++) {
		faults |= s->list[n].broken;
		flow_media(s, &s->list[n]);
	}
	for (n = before; n < s->out->count; n++)
		faults |= s->out->list[n].fault;
	if (!faults && !s->untrusted && s->m->o.tap == TAP_BRIDGE)
		say_gaps_inside(s);
}

static void
say_hangs(struct views *s)
{
	struct media *m = s->m;
	const struct hang *h;
	uint32_t i, kept = m->hang_count < HANGS ? m->hang_count : HANGS;
	double gap;

	for (i = 0; i < kept; i++) {
		h = &m->hangs[i];
		if (h->to < s->since)
			continue;
		gap = seconds(h->to - h->from);
		if (gap < 1.5 && (m->late_answers == 0 ||
		    m->late_answer_at < h->from ||
		    m->late_answer_at > h->to + NS_PER_SEC))
			continue;
		say(s, NULL, "bridge-hung", h->from, h->to, "the bridge sent "
		    "nothing to anybody for %.1f s while %u media packets "
		    "came in, then went on", gap, h->in);
	}
	gap = seconds(s->end - m->last_out);
	if (m->last_out != 0 && gap >= 4 && m->in_since_out >= 50 &&
	    m->out_before >= 10 && m->icmp_from_bridge == 0)
		say(s, NULL, "bridge-hung", m->last_out, s->end, "for %.1f s, "
		    "until the end of the capture, the bridge sent nothing "
		    "to anybody while %u media packets came in", gap,
		    m->in_since_out);
}

#define LASTING_NS (NS_PER_SEC * 7 / 10)

/* Did the arrival clock of this stream jump, and stay there? */
static int
jumped(const struct stream *a)
{
	return (a->used && a->dir == MEDIA_IN && a->kind == MEDIA_AUDIO &&
	    a->step != 0 && a->last - a->step_at >= LASTING_NS &&
	    fabs(a->transit - a->before_step) >= fabs(a->step) * 0.8);
}

/* Steps of the arrival clock that several clients share. */
static void
say_clock(struct views *s)
{
	const struct media *m = s->m;
	const struct stream *a, *first = NULL;
	uint32_t stepped = 0, steady = 0;
	int64_t at;
	size_t n;

	if (m->step_back >= 50 * NS_PER_MS && m->step_back_at >= s->since) {
		say(s, NULL, "clock", m->step_back_at, 0, "time went back "
		    "%.1f s inside the capture: the clock of the capturing "
		    "host was set", seconds(m->step_back));
		return;
	}
	for (n = 0; n < m->stream_count && first == NULL; n++)
		if (jumped(&m->streams[n]) &&
		    m->streams[n].step_at >= s->since)
			first = &m->streams[n];
	if (first == NULL)
		return;
	at = first->step_at;
	for (n = 0; n < m->stream_count; n++) {
		a = &m->streams[n];
		if (!a->used || a->dir != MEDIA_IN || a->kind != MEDIA_AUDIO ||
		    a->first > at - NS_PER_SEC || a->last < at +
		    LASTING_NS || a->flow == first->flow)
			continue;	/* not there at that moment */
		if (jumped(a) && llabs(a->step_at - at) < 300 * NS_PER_MS)
			stepped++;
		else
			steady++;
	}
	if (stepped >= 1 && steady == 0)
		say(s, NULL, "clock", first->step_at, 0, "all streams jump by "
		    "%.1f s at the same moment and stay there: the clock of "
		    "the capturing host was set", first->step / 1000);
}

/* The capture sees each packet twice (a bridge and its member). */
static void
say_dup_tap(struct views *s)
{
	const struct media *m = s->m;
	uint64_t close = 0, packets = 0, copies = 0;
	size_t n;

	for (n = 0; n < m->stream_count; n++) {
		if (!m->streams[n].used || m->streams[n].kind > MEDIA_VIDEO)
			continue;	/* repetitions repeat */
		close += m->streams[n].copies_close;
		copies += seqwin_copies(&m->streams[n].seq);
		packets += m->streams[n].seq.packets;
	}
	if (close < 20 || close * 5 < packets || close * 10 < copies * 9)
		return;
	say(s, NULL, "dup-tap", 0, 0, "%llu of %llu media packets are copies "
	    "with the same IP identification within 1 ms: the capture point "
	    "sees packets twice, the network does not send them twice",
	    (unsigned long long)close, (unsigned long long)packets);
}

void
verdicts_bridge(struct views *s)
{
	const struct media *m = s->m;

	say_clock(s);
	say_dup_tap(s);
	if (m->o.tap != TAP_BRIDGE)
		return;
	say_hangs(s);
	if (m->transits >= 50 && m->transits_slow * 20 >= m->transits &&
	    m->step_back == 0)
		say(s, NULL, "jitter-bridge", 0, 0, "%.0f %% of the audio "
		    "packets spent more than 20 ms inside the bridge: it "
		    "lacks CPU time or pauses", 100.0 * m->transits_slow /
		    m->transits);
}
