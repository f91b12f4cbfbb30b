/* SPDX-License-Identifier: ISC */
/* Verdicts about the key exchange. RFC 6347, RFC 5763. Pure. */
#include "probes/media/view.h"

/* The largest datagram that no path of today needs to cut. */
#define SMALL_DATAGRAM 400

static double
seconds(int64_t ns)
{
	return ((double)ns / 1e9);
}

static void
say_alert(struct views *s, struct view *w)
{
	struct dtls_state *d = &w->f->dtls;
	const char *who = d->alert_dir == MEDIA_IN ? "the client" :
	    "the bridge";

	say(s, w, "dtls-alert", d->first_hello, d->last, "%s ended the key "
	    "exchange with the alert %s (%u)", who,
	    dtls_alert_name(d->alert_code), d->alert_code);
	if (d->alert_code >= 42 && d->alert_code <= 49)
		say(s, w, "dtls-fpr", d->first_hello, d->last, "%s did not "
		    "accept the other side's certificate: it is not the one "
		    "whose fingerprint was signalled", who);
}

/* Of the client's first message some pieces never arrive. */
static int
hello_incomplete(const struct flow *f)
{
	const struct dtls_state *d = &f->dtls;

	if (d->server_hello[MEDIA_OUT] + d->verify_request[MEDIA_OUT] > 0)
		return (0);
	if (d->hello_end[MEDIA_IN] >= 2 && d->hello_begin[MEDIA_IN] == 0)
		return (1);
	if (d->hello_begin[MEDIA_IN] >= 2 && d->hello_end[MEDIA_IN] == 0)
		return (1);
	return (d->hello_begin[MEDIA_IN] >= 2 && f->frag_broken[MEDIA_IN] >= 2);
}

static void
say_connecting(struct views *s, struct view *w)
{
	struct flow *f = w->f;
	struct dtls_state *d = &f->dtls;
	int64_t span = d->last_hello - d->first_hello;

	if (hello_incomplete(f)) {
		say(s, w, "mtu-dtls", d->first_hello, 0, "of the client's "
		    "ClientHello, sent in pieces %u times, only the %s part "
		    "arrives: larger packets get lost on the way to the "
		    "bridge", d->hello_end[MEDIA_IN] > d->hello_begin[MEDIA_IN]
		    ? d->hello_end[MEDIA_IN] : d->hello_begin[MEDIA_IN],
		    d->hello_begin[MEDIA_IN] == 0 ? "last" : "first");
		return;
	}
	if (d->records[MEDIA_OUT] == 0 && d->hello_begin[MEDIA_IN] >= 3 &&
	    f->ice.requests[MEDIA_OUT] > 0 && span >= 3 * NS_PER_SEC) {
		say(s, w, "dtls-stuck-bridge", d->first_hello, 0, "the client "
		    "sent ClientHello %u times in %.0f s, the bridge answered "
		    "none", d->hello_begin[MEDIA_IN], seconds(span));
		return;
	}
	if (d->server_hello[MEDIA_OUT] >= 3 && d->certificate[MEDIA_IN] == 0 &&
	    d->finish_part[MEDIA_IN] == 0 && d->last_hello <
	    d->first_server_hello + 50 * NS_PER_MS &&
	    f->last[MEDIA_IN] > d->first_server_hello + 3 * NS_PER_SEC) {
		say(s, w, "mtu-dtls", d->first_hello, 0, "the bridge sent its "
		    "part of the key exchange %u times, the client asks no "
		    "more and its own, larger part never arrives: large "
		    "packets get lost on the way to the bridge",
		    d->server_hello[MEDIA_OUT]);
		return;
	}
	if (d->server_hello[MEDIA_OUT] >= 3 && d->certificate[MEDIA_IN] == 0 &&
	    d->finish_part[MEDIA_IN] == 0 &&
	    d->largest[MEDIA_OUT] >= SMALL_DATAGRAM) {
		say(s, w, "mtu-dtls", d->first_hello, 0, "the bridge sent its "
		    "part of the key exchange %u times in datagrams of up to "
		    "%u bytes and the client goes on asking: larger packets "
		    "get lost on the way to the client",
		    d->server_hello[MEDIA_OUT], d->largest[MEDIA_OUT]);
		return;
	}
	if (d->server_hello[MEDIA_OUT] > 0 && d->certificate[MEDIA_IN] == 0 &&
	    d->finish_part[MEDIA_IN] >= 3)
		say(s, w, "mtu-dtls", d->first_hello, 0, "the client's "
		    "certificate never arrives, its smaller messages do: "
		    "larger packets get lost on the way to the bridge");
}

/* Checks work and nobody starts: only where the start was captured. */
static void
say_no_hello(struct views *s, struct view *w)
{
	struct flow *f = w->f;
	struct ice_state *i = &f->ice;
	int64_t up = i->first_answer[0] > i->first_answer[1] ?
	    i->first_answer[0] : i->first_answer[1];
	int64_t last = f->last[0] > f->last[1] ? f->last[0] : f->last[1];
	int dir;

	for (dir = 0; dir < 2; dir++)
		if (f->first_rtp[dir] != 0 ||
		    f->class_packets[dir][PACKET_RTCP] > 0)
			return;
	if (i->use_candidate[0] + i->use_candidate[1] == 0 || i->early < 3 ||
	    last - up < 5 * NS_PER_SEC)
		return;
	say(s, w, "dtls-no-ch", up, 0, "checks have worked for %.0f s and no "
	    "ClientHello came: the client did not start the key exchange, or "
	    "it is dropped on the way", seconds(last - up));
}

static void
say_failed(struct views *s, struct view *w)
{
	struct dtls_state *d = &w->f->dtls;

	if (d->has_alert && d->alert_level == 2) {
		say_alert(s, w);
		return;
	}
	say(s, w, "dtls-fpr", d->first_hello, d->last, "the client repeated "
	    "its certificate %u times in %.0f s and the bridge stopped "
	    "answering: the certificate is not the one whose fingerprint was "
	    "signalled", d->certificate[MEDIA_IN],
	    seconds(d->last_certificate[MEDIA_IN] -
	    d->first_certificate[MEDIA_IN]));
}

/* Finished, and closed at once; what media there was went on in vain. */
static void
say_closed(struct views *s, struct view *w)
{
	struct dtls_state *d = &w->f->dtls;
	int64_t soon = (w->f->first_rtp[MEDIA_IN] == 0 ? 2 : 1) * NS_PER_SEC;

	if (d->finished == 0 || d->first_encrypted_alert == 0 ||
	    d->first_encrypted_alert - d->finished > soon ||
	    w->f->last_rtp[MEDIA_OUT] > d->first_encrypted_alert + NS_PER_SEC)
		return;
	say(s, w, "dtls-fpr", d->first_hello, d->last, "the key exchange "
	    "finished and was closed again %.1f s later: one side did not "
	    "accept the other's certificate",
	    seconds(d->first_encrypted_alert - d->finished));
}

void
verdicts_dtls(struct views *s)
{
	struct view *w;
	size_t n;

	for (n = 0; n < s->count; n++) {
		w = &s->list[n];
		if (w->dtls == FLOW_DTLS_FAILED) {
			say_failed(s, w);
			continue;
		}
		if (w->broken || w->f->ice.answers[0] == 0 ||
		    w->f->ice.answers[1] == 0 || s->m->o.tap == TAP_CLIENT)
			continue;
		if (w->dtls == FLOW_DTLS_CONNECTING)
			say_connecting(s, w);
		else if (w->dtls == FLOW_DTLS_CONNECTED)
			say_closed(s, w);
		else if (w->session->connected == 1)
			say_no_hello(s, w);
	}
}
