/* SPDX-License-Identifier: ISC */
/*
 * Text for a reader who never saw RTP: a block a client, at most 80
 * columns; and a line a client for the live table. Computes nothing but
 * means and rates. Pure.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "probes/media/engine.h"

#define COLUMNS 80
#define LABEL 15		/* columns before the text of a line */

#define RED "\033[31m"
#define GREEN "\033[32m"
#define YELLOW "\033[33m"
#define BOLD "\033[1m"
#define PLAIN "\033[0m"

/* Where a labelled text goes, broken at blanks. */
struct page {
	struct buf *out;
	int color;
	size_t at;		/* columns used of the line */
};

static void
paint(struct page *p, const char *code)
{
	if (p->color)
		buf_adds(p->out, code);
}

/* A label, padded; the text goes behind it. */
static void
label(struct page *p, const char *text)
{
	buf_addf(p->out, "  %-*s", LABEL - 2, text);
	p->at = LABEL;
}

static void
end_line(struct page *p)
{
	buf_addc(p->out, '\n');
	p->at = 0;
}

/* Words, each on the next line when this one is full. */
static void
words(struct page *p, struct str s)
{
	struct str word;

	while ((word = str_word(&s)).n > 0) {
		if (p->at + 1 + word.n > COLUMNS && p->at > LABEL) {
			end_line(p);
			buf_addf(p->out, "%*s", LABEL, "");
			p->at = LABEL;
		}
		if (p->at > LABEL) {
			buf_addc(p->out, ' ');
			p->at++;
		}
		buf_add_safe(p->out, word);
		p->at += word.n;
	}
}

static void
say_words(struct page *p, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
say_words(struct page *p, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	words(p, str_from(text));
}

static double
seconds(int64_t ns)
{
	return ((double)ns / 1e9);
}

static void
verdict_line(struct page *p, const struct verdict *d)
{
	paint(p, d->fault ? RED : YELLOW);
	label(p, d->fault ? "FAULT" : "note");
	say_words(p, "%s [%s]", media_verdict_title(d->id), d->id);
	paint(p, PLAIN);
	end_line(p);
	label(p, "");
	words(p, str_from(d->text));
	end_line(p);
}

static void
verdict_lines(struct page *p, const struct verdicts *v, const char *flow,
    const char *file)
{
	const struct verdict *d;
	size_t i;

	for (i = 0; i < v->count; i++) {
		d = &v->list[i];
		if ((flow == NULL) != (d->flow == NULL) ||
		    (flow != NULL && strcmp(flow, d->flow) != 0) ||
		    (file != NULL && d->file != NULL &&
		    strcmp(file, d->file) != 0))
			continue;
		verdict_line(p, d);
	}
}

static const char *
ice_words(const struct flow *f, enum media_ice state)
{
	const struct ice_state *i = &f->ice;

	if (state == ICE_CONNECTED)
		return ("checks are answered in both directions");
	if (state == ICE_NONE)
		return ("no connectivity checks seen");
	if (i->answers[0] > 0 && i->answers[1] > 0 &&
	    f->dtls.encrypted_alert[0] + f->dtls.encrypted_alert[1] > 0)
		return ("worked until one side closed the call");
	if (i->answers[0] > 0 && i->answers[1] > 0)
		return ("worked, then the answers stopped");
	if (i->answers[MEDIA_IN] > 0)
		return ("the bridge answers the client, not the other way "
		    "round");
	if (i->answers[MEDIA_OUT] > 0)
		return ("the client answers the bridge, not the other way "
		    "round");
	if (i->errors[0] + i->errors[1] > 0)
		return ("checks are refused");
	return ("checks are not answered");
}

static void
ice_lines(struct page *p, const struct media *m, const struct flow *f)
{
	const struct ice_state *i = &f->ice;
	char text[MEDIA_ENDPOINT_TEXT];

	label(p, "connection");
	say_words(p, "%s", ice_words(f, flow_ice(m, f, m->now)));
	end_line(p);
	if (i->rtt.count + i->response.count > 0)
		label(p, "");
	if (i->rtt.count > 0)
		say_words(p, "round trip %.1f ms%s", samples_median(&i->rtt),
		    i->response.count > 0 ? "," : "");
	if (i->response.count > 0)
		say_words(p, "the bridge answers in %.1f ms",
		    samples_median(&i->response));
	if (i->rtt.count + i->response.count > 0)
		end_line(p);
	if (i->has_mapped_up) {
		label(p, "");
		media_endpoint_print(&i->mapped_up, i->mapped_up_port, text,
		    sizeof(text));
		say_words(p, "the client sees the bridge at %s", text);
		end_line(p);
	}
}

static void
dtls_lines(struct page *p, const struct flow *f)
{
	const struct dtls_state *d = &f->dtls;
	static const char *const state[FLOW_DTLS_COUNT] = {
		[FLOW_DTLS_NONE] = "key exchange (DTLS) not seen",
		[FLOW_DTLS_CONNECTING] = "key exchange (DTLS) not finished",
		[FLOW_DTLS_CONNECTED] = "keys agreed (DTLS)",
		[FLOW_DTLS_FAILED] = "key exchange (DTLS) failed",
	};

	label(p, "encryption");
	say_words(p, "%s", state[flow_dtls(f)]);
	if (d->finished > d->first_hello && d->first_hello != 0)
		say_words(p, "in %.0f ms", seconds(d->finished -
		    d->first_hello) * 1000);
	end_line(p);
}

/* One line: kind, packets, loss, jitter, rate; what is rare goes below. */
static void
stream_line(struct page *p, const struct stream *s, const char *what)
{
	double span = seconds(s->last - s->first);
	uint32_t expected = seqwin_expected(&s->seq);
	uint32_t lost = seqwin_lost(&s->seq);
	const char *gone = s->dir == MEDIA_IN ? "lost" : "missing";

	label(p, what);
	buf_addf(p->out, "%-5s %7u packets, %4.1f %% %s",
	    media_kind_name(stream_kind(s)), s->seq.packets,
	    expected == 0 ? 0 : 100.0 * lost / expected, gone);
	if (s->jitter_count > 0)
		buf_addf(p->out, ", jitter %.1f ms", s->jitter);
	if (span > 0.5)
		buf_addf(p->out, ", %.0f kbit/s", (double)s->bytes * 8 /
		    span / 1000);
	end_line(p);
	if (seqwin_copies(&s->seq) + s->seq.reordered + s->freezes +
	    s->seq.restarts == 0)
		return;
	label(p, "");
	buf_adds(p->out, "      ");
	p->at += 6;
	if (s->seq.reordered > 0)
		say_words(p, "%u late", s->seq.reordered);
	if (seqwin_copies(&s->seq) > 0)
		say_words(p, "%u twice", seqwin_copies(&s->seq));
	if (s->freezes > 0)
		say_words(p, "%u freezes", s->freezes);
	if (s->seq.restarts > 0)
		say_words(p, "%u restarts", s->seq.restarts);
	end_line(p);
}

static void
stream_lines(struct page *p, const struct media *m, const struct flow *f,
    int dir)
{
	const char *what = dir == MEDIA_IN ? "from client" : "to client";
	uint32_t n, others = 0;
	uint64_t packets = 0;

	for (n = f->streams[dir]; n != NONE; n = m->streams[n].next) {
		const struct stream *s = &m->streams[n];
		enum media_kind k = stream_kind(s);

		if (k == MEDIA_RTX || k == MEDIA_PROBE) {
			others++;
			packets += s->seq.packets;
			continue;
		}
		stream_line(p, s, what);
		what = "";
	}
	if (others > 0) {
		label(p, what);
		say_words(p, "and %llu packets of repetition and probing",
		    (unsigned long long)packets);
		end_line(p);
	} else if (what[0] != '\0') {
		label(p, what);
		words(p, str_from("no media"));
		end_line(p);
	}
}

/* Nothing of what a client of the bridge would send. */
static int
is_noise(const struct flow *f)
{
	return (!f->proven && f->streams[0] == NONE && f->streams[1] == NONE &&
	    f->ice.requests[MEDIA_IN] == f->ice.foreign);
}

static void
flow_block(struct page *p, const struct media *m, const struct flow *f,
    const struct verdicts *v)
{
	char remote[MEDIA_ENDPOINT_TEXT];
	enum media_ice ice = flow_ice(m, f, m->now);

	media_endpoint_print(&f->remote, f->rport, remote, sizeof(remote));
	buf_addc(p->out, '\n');
	paint(p, BOLD);
	buf_addf(p->out, "client %s", remote);
	paint(p, PLAIN);
	buf_adds(p->out, "  ");
	paint(p, ice == ICE_CONNECTED ? GREEN : ice == ICE_FAILED ? RED : "");
	buf_adds(p->out, media_ice_name(ice));
	paint(p, PLAIN);
	if (f->ice.ufrag[0] != '\0')
		buf_addf(p->out, "  ufrag %s", f->ice.ufrag);
	buf_addc(p->out, '\n');
	verdict_lines(p, v, remote, m->name);
	ice_lines(p, m, f);
	dtls_lines(p, f);
	stream_lines(p, m, f, MEDIA_IN);
	stream_lines(p, m, f, MEDIA_OUT);
}

static void
head_lines(struct page *p, struct media *m, const struct verdicts *v)
{
	const struct media_counts *c = media_get_counts(m);
	char from[WALL_TEXT_SIZE], to[WALL_TEXT_SIZE];

	buf_add_safe(p->out, str_from(m->name));
	buf_addf(p->out, " (%s)\n", media_tap_name(m->o.tap));
	if (c->frames == 0) {
		buf_adds(p->out, "  no packets\n");
	} else {
		wall_format((wall_t){ c->first_ns / 1000 }, from,
		    sizeof(from));
		wall_format((wall_t){ c->last_ns / 1000 }, to, sizeof(to));
		buf_addf(p->out, "  %s to %s, %.0f s\n", from, to,
		    seconds(c->last_ns - c->first_ns));
		buf_addf(p->out, "  %llu packets; %u clients connected, %u "
		    "connecting, %u failed\n",
		    (unsigned long long)c->frames, c->flows[ICE_CONNECTED],
		    c->flows[ICE_CHECKING], c->flows[ICE_FAILED]);
	}
	if (m->problem[0] != '\0') {
		label(p, "read up to");
		words(p, str_from(m->problem));
		end_line(p);
	}
	if (c->dropped > 0)
		buf_addf(p->out, "  the capture itself lost %llu packets: "
		    "loss is not reported\n", (unsigned long long)c->dropped);
	if (c->evicted_flows + c->refused_flows > 0)
		buf_addf(p->out, "  %llu sources were forgotten, there were "
		    "too many\n", (unsigned long long)(c->evicted_flows +
		    c->refused_flows));
	verdict_lines(p, v, NULL, m->name);
	if (m->flow_count > 0)
		return;
	label(p, "nothing");
	words(p, STR_LIT("no packet of the bridge's port is in here. If "
	    "somebody tried to call meanwhile, their packets do not reach "
	    "this point: a packet filter or port forwarding before it, or "
	    "the bridge announces another address. A bridge that waits to "
	    "be called sends nothing by itself; a second capture outside "
	    "the router (-r router-out=FILE) tells them apart."));
	end_line(p);
}

static void
one_capture(struct page *p, struct media *m, const struct verdicts *v)
{
	uint64_t noise = 0, packets = 0;
	size_t i;

	head_lines(p, m, v);
	for (i = 0; i < m->flow_count; i++) {
		const struct flow *f = &m->flows[i];

		if (!f->used)
			continue;
		if (is_noise(f)) {
			noise++;
			packets += f->packets[0] + f->packets[1];
			continue;
		}
		flow_block(p, m, f, v);
	}
	if (noise > 0)
		buf_addf(p->out, "\n%llu other sources sent %llu packets that "
		    "belong to no call\n", (unsigned long long)noise,
		    (unsigned long long)packets);
}

void
media_print_text(struct media *const *list, size_t count,
    const struct verdicts *v, int color, struct buf *out)
{
	struct page p = { out, color, 0 };
	size_t i, faults = 0;

	for (i = 0; i < count; i++) {
		if (i > 0)
			buf_addc(out, '\n');
		one_capture(&p, list[i], v);
	}
	if (count > 1) {
		buf_addc(out, '\n');
		verdict_lines(&p, v, NULL, "");
	}
	for (i = 0; i < v->count; i++)
		faults += v->list[i].fault != 0;
	for (i = 0; i < count && list[i]->stream_count == 0; i++)
		;
	if (i < count)
		buf_adds(out, "\njitter: how unevenly packets arrive; above 30 "
		    "ms it is heard or seen.\nlost: did not arrive here; "
		    "missing: was not there when the bridge sent it on.\n");
	buf_addc(out, '\n');
	if (faults == 0)
		buf_adds(out, "No fault found.\n");
	else
		buf_addf(out, "%zu fault%s found; `meetprobe explain ID` says "
		    "more about each.\n", faults, faults == 1 ? "" : "s");
}

/* kbit/s since the last table, and remembers. */
static void
rates(struct flow *f, int64_t ns, double *in, double *out)
{
	double span = f->shown_at == 0 ? seconds(ns - (f->first[0] != 0 &&
	    (f->first[1] == 0 || f->first[0] < f->first[1]) ? f->first[0] :
	    f->first[1])) : seconds(ns - f->shown_at);

	if (span < 0.1)
		span = 0.1;
	*in = (double)(f->bytes[0] - f->shown_bytes[0]) * 8 / span / 1000;
	*out = (double)(f->bytes[1] - f->shown_bytes[1]) * 8 / span / 1000;
	f->shown_bytes[0] = f->bytes[0];
	f->shown_bytes[1] = f->bytes[1];
	f->shown_at = ns;
}

/* Loss of all audio and video of one direction, in percent. */
static double
loss_of(const struct media *m, const struct flow *f, int dir)
{
	uint64_t lost = 0, expected = 0;
	uint32_t n;

	for (n = f->streams[dir]; n != NONE; n = m->streams[n].next) {
		const struct stream *s = &m->streams[n];
		enum media_kind k = stream_kind(s);

		if (k != MEDIA_AUDIO && k != MEDIA_VIDEO)
			continue;
		lost += seqwin_lost(&s->seq);
		expected += seqwin_expected(&s->seq);
	}
	return (expected == 0 ? 0 : 100.0 * (double)lost / (double)expected);
}

static void
table_row(struct page *p, struct media *m, struct flow *f,
    const struct verdicts *v, int64_t ns)
{
	char remote[MEDIA_ENDPOINT_TEXT];
	double in, out, rtt = samples_median(&f->ice.rtt);
	size_t i;

	media_endpoint_print(&f->remote, f->rport, remote, sizeof(remote));
	rates(f, ns, &in, &out);
	buf_addf(p->out, "%-24s %-9s %-9s ", remote,
	    media_ice_name(flow_ice(m, f, ns)),
	    media_dtls_name(flow_dtls(f)));
	if (rtt >= 0)
		buf_addf(p->out, "%6.1f ", rtt);
	else
		buf_adds(p->out, "     - ");
	buf_addf(p->out, "%6.0f %5.1f %6.0f", in, loss_of(m, f, MEDIA_IN),
	    out);
	for (i = 0; i < v->count; i++)
		if (v->list[i].flow != NULL &&
		    strcmp(v->list[i].flow, remote) == 0) {
			paint(p, v->list[i].fault ? RED : YELLOW);
			buf_addf(p->out, " %s", v->list[i].id);
			paint(p, PLAIN);
		}
	buf_addc(p->out, '\n');
}

void
media_print_table(struct media *m, const struct verdicts *v, int64_t ns,
    int color, size_t rows, struct buf *out)
{
	struct page p = { out, color, 0 };
	const struct media_counts *c = media_get_counts(m);
	size_t i, shown = 0, hidden = 0;

	buf_add_safe(out, str_from(m->name));
	buf_addf(out, ": %u connected, %u connecting, %u failed; %llu "
	    "packets, %llu lost by the capture\n", c->flows[ICE_CONNECTED],
	    c->flows[ICE_CHECKING], c->flows[ICE_FAILED],
	    (unsigned long long)c->frames,
	    (unsigned long long)c->dropped);
	paint(&p, BOLD);
	buf_addf(out, "%-24s %-9s %-9s %6s %6s %5s %6s\n", "CLIENT", "ICE",
	    "DTLS", "RTT ms", "IN kb", "LOSS%", "OUT kb");
	paint(&p, PLAIN);
	for (i = 0; i < m->flow_count; i++) {
		if (!m->flows[i].used || is_noise(&m->flows[i]))
			continue;
		if (shown < rows) {
			table_row(&p, m, &m->flows[i], v, ns);
			shown++;
		} else
			hidden++;
	}
	if (hidden > 0)
		buf_addf(out, "... and %zu more\n", hidden);
	for (i = 0; i < v->count; i++)
		if (v->list[i].flow == NULL)
			buf_addf(out, "%s: %s\n", v->list[i].id,
			    v->list[i].text);
}
