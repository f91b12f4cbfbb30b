/* SPDX-License-Identifier: ISC */
/* The schema meetprobe.media/1. Computes nothing but means. Pure. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "probes/media/engine.h"

static double
seconds(int64_t ns)
{
	return ((double)ns / 1e9);
}

/* Three digits after the point are enough and keep the output steady. */
static json_t *
rounded(double v)
{
	char text[64];

	snprintf(text, sizeof(text), "%.3f", v);
	return (json_real(strtod(text, NULL)));
}

static void
put(json_t *o, const char *key, json_t *value)
{
	if (json_object_set_new(o, key, value) == -1)
		fatal("json");
}

/* Text from outside: bytes that are no UTF-8 as \\xNN. */
static json_t *
safe(const char *text)
{
	struct buf b;
	json_t *s;

	buf_init(&b, LIMIT_ERROR_TEXT);
	buf_add_safe(&b, str_from(text));
	s = json_string(buf_cstr(&b));
	buf_free(&b);
	return (s);
}

static void
put_number(json_t *o, const char *key, uint64_t v)
{
	put(o, key, json_integer((json_int_t)v));
}

static void
put_time(json_t *o, const char *key, int64_t ns)
{
	char text[WALL_TEXT_SIZE];

	if (ns == 0)
		return;
	wall_format((wall_t){ ns / 1000 }, text, sizeof(text));
	put(o, key, json_string(text));
}

static void
put_endpoint(json_t *o, const char *key, const struct media_addr *a,
    uint16_t port)
{
	char text[MEDIA_ENDPOINT_TEXT];

	media_endpoint_print(a, port, text, sizeof(text));
	put(o, key, json_string(text));
}

static json_t *
verdicts_of(const struct verdicts *v, const char *flow, const char *file)
{
	json_t *list = json_array(), *o;
	const struct verdict *d;
	size_t i;

	for (i = 0; i < v->count; i++) {
		d = &v->list[i];
		if ((flow == NULL) != (d->flow == NULL) ||
		    (flow != NULL && strcmp(flow, d->flow) != 0) ||
		    (file != NULL && d->file != NULL &&
		    strcmp(file, d->file) != 0))
			continue;
		o = json_object();
		put(o, "id", json_string(d->id));
		put(o, "fault", json_boolean(d->fault));
		put(o, "text", safe(d->text));
		if (wall_is_set(d->from))
			put_time(o, "from", d->from.us * 1000);
		if (wall_is_set(d->to))
			put_time(o, "to", d->to.us * 1000);
		if (json_array_append_new(list, o) == -1)
			fatal("json");
	}
	return (list);
}

static json_t *
stream_json(const struct stream *s)
{
	json_t *o = json_object();
	double span = seconds(s->last - s->first);

	put_number(o, "ssrc", s->ssrc);
	put(o, "direction", json_string(s->dir == MEDIA_IN ? "in" : "out"));
	put_number(o, "pt", s->pt);
	put(o, "kind", json_string(media_kind_name(stream_kind(s))));
	put_number(o, "packets", s->seq.packets);
	put_number(o, "expected", seqwin_expected(&s->seq));
	put_number(o, "lost", seqwin_lost(&s->seq));
	put_number(o, "duplicate", seqwin_copies(&s->seq));
	put_number(o, "reordered", s->seq.reordered);
	put_number(o, "restarts", s->seq.restarts);
	if (s->jitter_count > 0) {
		put(o, "jitter_ms", rounded(s->jitter));
		put(o, "jitter_max_ms", rounded(s->jitter_max));
		put(o, "jitter_mean_ms", rounded(s->jitter_sum /
		    s->jitter_count));
	} else
		put(o, "jitter_ms", rounded(0));
	if (s->clock != 0)
		put_number(o, "clock_hz", s->clock);
	put_number(o, "bytes", s->bytes);
	put(o, "duration_seconds", rounded(span));
	if (span > 0)
		put(o, "bitrate", json_integer((json_int_t)((double)s->bytes *
		    8 / span)));
	if (s->kind == MEDIA_VIDEO && s->frames > 1) {
		put_number(o, "frames", s->frames);
		put(o, "frame_rate", rounded((s->frames - 1) /
		    (seconds(s->last_frame - s->first) + 1e-9)));
		put_number(o, "freezes", s->freezes);
	}
	if (s->levels > 0)
		put(o, "silent_ratio", rounded((double)s->silent / s->levels));
	return (o);
}

static void
put_samples(json_t *o, const char *key, const struct samples *s)
{
	if (s->count == 0)
		return;
	put(o, key, rounded(samples_median(s)));
}

static json_t *
both(uint64_t in, uint64_t out)
{
	json_t *o = json_object();

	put_number(o, "in", in);
	put_number(o, "out", out);
	return (o);
}

static json_t *
stun_json(const struct ice_state *i)
{
	json_t *o = json_object(), *e = json_object();

	put(o, "requests", both(i->requests[0], i->requests[1]));
	put(o, "answered", both(i->answers[0], i->answers[1]));
	put(o, "error_answers", both(i->errors[0], i->errors[1]));
	put(o, "use_candidate", both(i->use_candidate[0],
	    i->use_candidate[1]));
	put(o, "controlling", both(i->controlling[0], i->controlling[1]));
	if (i->error_400 > 0)
		put_number(e, "400", i->error_400);
	if (i->error_401 > 0)
		put_number(e, "401", i->error_401);
	if (i->error_403 > 0)
		put_number(e, "403", i->error_403);
	if (i->error_487 > 0)
		put_number(e, "487", i->error_487);
	if (i->error_other > 0)
		put_number(e, "other", i->error_other);
	put(o, "errors", e);
	return (o);
}

static void
put_fingerprint(json_t *o, const char *key, const struct dtls_state *d,
    int dir)
{
	char text[3 * 32 + 1];
	size_t i;

	if (!d->has_fingerprint[dir])
		return;
	for (i = 0; i < 32; i++)
		snprintf(text + 3 * i, 4, "%02X:", d->fingerprint[dir][i]);
	text[3 * 32 - 1] = '\0';
	put(o, key, json_string(text));
}

static json_t *
dtls_json(const struct dtls_state *d)
{
	json_t *o = json_object();
	char text[80];

	put(o, "client_hello", both(d->hello_begin[0], d->hello_begin[1]));
	put(o, "server_hello", both(d->server_hello[0], d->server_hello[1]));
	put(o, "certificate", both(d->certificate[0], d->certificate[1]));
	put(o, "change_cipher_spec", both(d->ccs[0], d->ccs[1]));
	put(o, "records", both(d->records[0], d->records[1]));
	put(o, "largest_datagram", both(d->largest[0], d->largest[1]));
	if (d->has_alert) {
		snprintf(text, sizeof(text), "%s %s",
		    d->alert_level == 2 ? "fatal" : "warning",
		    dtls_alert_name(d->alert_code));
		put(o, "alert", json_string(text));
	}
	if (d->first_hello != 0 && d->first_server_hello > d->first_hello)
		put(o, "hello_ms", rounded((double)(d->first_server_hello -
		    d->first_hello) / 1e6));
	if (d->first_hello != 0 && d->finished > d->first_hello)
		put(o, "handshake_ms", rounded((double)(d->finished -
		    d->first_hello) / 1e6));
	if (d->hello.cipher != 0) {
		snprintf(text, sizeof(text), "0x%04x", d->hello.cipher);
		put(o, "cipher", json_string(text));
	}
	if (d->hello.srtp_profile != 0)
		put_number(o, "srtp_profile", d->hello.srtp_profile);
	put_fingerprint(o, "client_fingerprint", d, MEDIA_IN);
	put_fingerprint(o, "bridge_fingerprint", d, MEDIA_OUT);
	return (o);
}

static json_t *
rtcp_json(const struct rtcp_state *r)
{
	json_t *o = json_object();

	put(o, "sender_reports", both(r->sr[0], r->sr[1]));
	put(o, "receiver_reports", both(r->rr[0], r->rr[1]));
	put(o, "with_report_blocks", both(r->reporting[0], r->reporting[1]));
	put(o, "nack", both(r->nack[0] + r->hidden_nack[0],
	    r->nack[1] + r->hidden_nack[1]));
	put(o, "pli", both(r->pli[0] + r->hidden_pli[0],
	    r->pli[1] + r->hidden_pli[1]));
	put(o, "fir", both(r->fir[0], r->fir[1]));
	put(o, "transport_feedback", both(r->tcc[0], r->tcc[1]));
	return (o);
}

static void
put_ice_details(json_t *o, const struct ice_state *i)
{
	if (i->remote_ufrag[0] != '\0')
		put(o, "remote_ufrag", json_string(i->remote_ufrag));
	put(o, "stun", stun_json(i));
	if (i->has_mapped_up)
		put_endpoint(o, "mapped_up", &i->mapped_up,
		    i->mapped_up_port);
	if (i->has_mapped_down)
		put_endpoint(o, "mapped_down", &i->mapped_down,
		    i->mapped_down_port);
	put_samples(o, "rtt_ms", &i->rtt);
	put_samples(o, "bridge_response_ms", &i->response);
}

/* One counter over all streams of a direction, repetitions too. */
static json_t *
transport_json(const struct seqwin *w)
{
	json_t *o = json_object();

	put_number(o, "expected", seqwin_expected(w));
	put_number(o, "lost", seqwin_lost(w));
	put_number(o, "reordered", w->reordered);
	return (o);
}

static json_t *
flow_json(const struct media *m, const struct flow *f,
    const struct verdicts *v)
{
	json_t *o = json_object(), *list = json_array();
	char remote[MEDIA_ENDPOINT_TEXT];
	uint32_t n;
	int dir;

	media_endpoint_print(&f->remote, f->rport, remote, sizeof(remote));
	put(o, "remote", json_string(remote));
	put_endpoint(o, "local", &f->local, f->lport);
	put(o, "ufrag", f->ice.ufrag[0] == '\0' ? json_null() :
	    json_string(f->ice.ufrag));
	put(o, "ice", json_string(media_ice_name(flow_ice(m, f, m->now))));
	put(o, "dtls", json_string(media_dtls_name(flow_dtls(f))));
	put(o, "tap", json_string(media_tap_name(m->o.tap)));
	put(o, "packets", both(f->packets[0], f->packets[1]));
	put(o, "bytes", both(f->bytes[0], f->bytes[1]));
	put_ice_details(o, &f->ice);
	put(o, "dtls_details", dtls_json(&f->dtls));
	put(o, "srtcp", rtcp_json(&f->rtcp));
	for (dir = 0; dir < 2; dir++)
		if (f->transport[dir].started)
			put(o, dir == MEDIA_IN ? "transport_wide_in" :
			    "transport_wide_out",
			    transport_json(&f->transport[dir]));
	put_number(o, "congestion_marks", f->congestion_marks);
	put_number(o, "ttl_changes", f->ttl_changes);
	if (f->unreachable > 0)
		put_number(o, "icmp_unreachable", f->unreachable);
	for (dir = 0; dir < 2; dir++)
		for (n = f->streams[dir]; n != NONE; n = m->streams[n].next)
			if (json_array_append_new(list,
			    stream_json(&m->streams[n])) == -1)
				fatal("json");
	put(o, "streams", list);
	put(o, "verdicts", verdicts_of(v, remote, m->name));
	return (o);
}

static void
add_flows(json_t *list, const struct media *m, const struct verdicts *v)
{
	size_t i;

	for (i = 0; i < m->flow_count; i++)
		if (m->flows[i].used && json_array_append_new(list,
		    flow_json(m, &m->flows[i], v)) == -1)
			fatal("json");
}

static json_t *
classes_json(const struct media_counts *c, int dir)
{
	json_t *o = json_object();
	int k;

	for (k = 0; k < PACKET_CLASSES; k++)
		put_number(o, packet_class_name((enum packet_class)k),
		    c->packets[dir][k]);
	return (o);
}

static json_t *
capture_json(struct media *m)
{
	const struct media_counts *c = media_get_counts(m);
	json_t *o = json_object();

	put(o, "name", safe(m->name));
	put(o, "tap", json_string(media_tap_name(m->o.tap)));
	put_number(o, "frames", c->frames);
	put_time(o, "from", c->first_ns);
	put_time(o, "to", c->last_ns);
	put(o, "in", classes_json(c, MEDIA_IN));
	put(o, "out", classes_json(c, MEDIA_OUT));
	put_number(o, "ignored", c->ignored);
	put_number(o, "cut", c->cut);
	put_number(o, "bad", c->bad);
	put_number(o, "unknown_link", c->unknown_link);
	put_number(o, "fragments", c->fragments);
	put_number(o, "icmp_errors", c->icmp);
	put_number(o, "dropped_by_capture", c->dropped);
	put_number(o, "evicted", c->evicted_flows + c->evicted_streams);
	put_number(o, "refused", c->refused_flows + c->refused_streams);
	if (m->transits > 0)
		put(o, "slow_transit_ratio", rounded((double)m->transits_slow /
		    m->transits));
	if (m->problem[0] != '\0')
		put(o, "problem", safe(m->problem));
	return (o);
}

void
media_print_json(struct media *const *list, size_t count,
    const struct verdicts *v, struct buf *out)
{
	json_t *root = json_object(), *flows = json_array();
	json_t *captures = json_array(), *totals = json_object();
	uint64_t frames = 0;
	size_t i, n = 0;
	char *text;

	put(root, "schema", json_string("meetprobe.media/1"));
	put(root, "version", json_string(MEETPROBE_VERSION));
	for (i = 0; i < count; i++) {
		add_flows(flows, list[i], v);
		if (json_array_append_new(captures, capture_json(list[i])) ==
		    -1)
			fatal("json");
		frames += list[i]->counts.frames;
	}
	n = json_array_size(flows);
	put(root, "flows", flows);
	put(root, "captures", captures);
	put_number(totals, "frames", frames);
	put_number(totals, "flows", n);
	put(totals, "verdicts", verdicts_of(v, NULL, NULL));
	put(root, "totals", totals);
	text = json_dumps(root, JSON_COMPACT | JSON_ENSURE_ASCII |
	    JSON_REAL_PRECISION(9));
	json_decref(root);
	if (text == NULL)
		fatal("json");
	buf_adds(out, text);
	buf_addc(out, '\n');
	free(text);
}
