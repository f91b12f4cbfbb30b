/* SPDX-License-Identifier: ISC */
/* ICE as one flow's STUN messages show it. RFC 8445, RFC 7675. Pure. */
#include <string.h>

#include "probes/media/engine.h"

/* 64 bits of a transaction id; never 0. */
static uint64_t
tid_hash(const struct media *m, const uint8_t *tid)
{
	uint64_t a, h;
	uint32_t b;

	memcpy(&a, tid, 8);
	memcpy(&b, tid + 8, 4);
	h = media_hash(m, a, b);
	return (h == 0 ? 1 : h);
}

static void
sample(struct samples *s, int64_t ns)
{
	float ms = (float)((double)ns / 1e6);

	s->ms[s->count % SAMPLES] = ms;
	if (s->count < 3)
		s->early = (s->early * (float)s->count + ms) /
		    (float)(s->count + 1);
	if (s->count == 0 || ms < s->min)
		s->min = ms;
	if (s->count == 0 || ms > s->max)
		s->max = ms;
	s->count++;
}

/* A fragment of ours: what is kept of it must be printable as it is. */
static void
keep_ufrag(char *out, struct str s)
{
	size_t i;

	if (s.n > LIMIT_MEDIA_UFRAG)
		s.n = LIMIT_MEDIA_UFRAG;
	for (i = 0; i < s.n; i++)
		out[i] = s.p[i] > 0x20 && s.p[i] < 0x7f ? s.p[i] : '?';
	out[s.n] = '\0';
}

/* USERNAME is the receiver's ufrag, a colon, the sender's. */
static void
take_username(struct ice_state *i, int dir, struct str name)
{
	char ours[LIMIT_MEDIA_UFRAG + 1], theirs[LIMIT_MEDIA_UFRAG + 1];
	struct str first = str_split(&name, ':');

	if (first.n == 0)
		return;
	keep_ufrag(dir == MEDIA_IN ? ours : theirs, first);
	keep_ufrag(dir == MEDIA_IN ? theirs : ours, name);
	if (ours[0] == '\0')
		return;
	if (i->ufrag[0] != '\0' && strcmp(i->ufrag, ours) != 0)
		i->restarts++;
	memcpy(i->ufrag, ours, sizeof(ours));
	memcpy(i->remote_ufrag, theirs, sizeof(theirs));
}

static void
request(struct media *m, struct flow *f, int dir,
    const struct stun_message *s, int64_t t)
{
	struct ice_state *i = &f->ice;
	uint64_t id = tid_hash(m, s->tid);
	int n;

	i->requests[dir]++;
	if (t - (f->first[0] != 0 && (f->first[1] == 0 ||
	    f->first[0] < f->first[1]) ? f->first[0] : f->first[1]) <
	    3 * NS_PER_SEC)
		i->early++;
	if (i->pending[dir]++ == 0)
		i->pending_since[dir] = t;
	if (i->first_request[dir] == 0)
		i->first_request[dir] = t;
	i->last_request[dir] = t;
	i->use_candidate[dir] += s->use_candidate != 0;
	i->controlling[dir] += s->controlling != 0;
	i->controlled[dir] += s->controlled != 0;
	if (s->username.n > 0) {
		i->attributes = 1;
		take_username(i, dir, s->username);
	} else if (!s->cut)
		i->foreign++;
	for (n = 0; n < TID_RING; n++)	/* sent again: the first time stays */
		if (i->tids[n].id == id && i->tids[n].dir == dir) {
			i->again[dir] += i->tids[n].answered;
			return;
		}
	i->tids[i->tid_at] = (struct tid){ id, t, (uint8_t)dir, 0 };
	i->tid_at = (uint8_t)((i->tid_at + 1) % TID_RING);
}

/* The time between a request and its answer. */
static void
measure(struct media *m, struct flow *f, int reqdir, int64_t ns, int64_t t)
{
	if (ns < 0)
		return;
	if (reqdir == MEDIA_OUT) {
		sample(&f->ice.rtt, ns);
		histogram_add(&m->counts.rtt, (double)ns / 1e9);
		return;
	}
	sample(&f->ice.response, ns);
	histogram_add(&m->counts.response, (double)ns / 1e9);
	if (ns > NS_PER_SEC / 2) {
		m->late_answers++;
		m->late_answer_at = t;
	}
}

static void
take_mapped(struct ice_state *i, int dir, const struct stun_address *a)
{
	struct media_addr addr = media_addr_from_bytes(a->ip,
	    a->family == 6 ? 16 : 4);

	if (dir == MEDIA_IN) {
		i->has_mapped_up = 1;
		i->mapped_up = addr;
		i->mapped_up_port = a->port;
	} else {
		i->has_mapped_down = 1;
		i->mapped_down = addr;
		i->mapped_down_port = a->port;
	}
}

static void
answer(struct media *m, struct flow *f, int dir,
    const struct stun_message *s, int64_t t)
{
	struct ice_state *i = &f->ice;
	int reqdir = OTHER(dir), n;
	uint64_t id = tid_hash(m, s->tid);

	for (n = 0; n < TID_RING; n++)
		if (i->tids[n].id == id && i->tids[n].dir == reqdir) {
			if (!i->tids[n].answered)
				measure(m, f, reqdir, t - i->tids[n].t, t);
			i->tids[n].answered = 1;
			break;
		}
	if (i->answers[reqdir]++ == 0)
		i->first_answer[reqdir] = t;
	f->trusted = 1;
	i->pending[reqdir] = 0;
	i->last_answer[reqdir] = t;
	if (s->mapped.family != 0) {
		i->attributes = 1;
		take_mapped(i, dir, &s->mapped);
	}
}

static void
error(struct flow *f, int dir, const struct stun_message *s, int64_t t)
{
	struct ice_state *i = &f->ice;

	i->errors[OTHER(dir)]++;
	i->pending[OTHER(dir)] = 0;
	i->error_dir = (uint8_t)dir;
	if (i->first_error == 0)
		i->first_error = t;
	i->last_error = t;
	switch (s->error_code) {
	case 400: i->error_400++; break;
	case 401: i->error_401++; break;
	case 403: i->error_403++; break;
	case 487: i->error_487++; break;
	default: i->error_other++; break;
	}
}

int
flow_stun(struct media *m, struct flow *f, int dir, const struct datagram *d,
    int64_t t)
{
	struct stun_message s;

	if (stun_parse(d->data, d->len, d->wire, &s) == -1 ||
	    (s.method != STUN_METHOD_BINDING &&
	    s.method != STUN_METHOD_GOOG_PING))
		return (-1);
	switch (s.class) {
	case STUN_REQUEST: request(m, f, dir, &s, t); break;
	case STUN_SUCCESS: answer(m, f, dir, &s, t); break;
	case STUN_ERROR: error(f, dir, &s, t); break;
	case STUN_INDICATION: f->ice.indications[dir]++; break;
	}
	return (0);
}
