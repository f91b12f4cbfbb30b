/* SPDX-License-Identifier: ISC */
/*
 * Two captures of one call: what passed the outer point and not the inner
 * one, or the other way round, was lost between them. Pure.
 */
#include <string.h>

#include "probes/media/view.h"

/* The pair that is looked at: outer is nearer to the client. */
struct pair {
	struct media *outer, *inner;
	struct views out;	/* where verdicts go, named after inner */
};

/* Towards the bridge: client 0, router-out 1, router-in 2, bridge 3. */
static int
depth(const struct media *m)
{
	static const int of[TAP_COUNT] = {
		[TAP_CLIENT] = 0, [TAP_ROUTER_OUT] = 1, [TAP_ROUTER_IN] = 2,
		[TAP_BRIDGE] = 3
	};

	return (of[m->o.tap]);
}

/* The same client at the other point: by address, or by ufrag behind NAT. */
static struct flow *
match(struct media *m, const struct flow *f)
{
	struct flow *g, *best = NULL;
	size_t i;

	/* A client tries several addresses of the bridge: the busiest. */
	for (i = 0; i < m->flow_count; i++) {
		g = &m->flows[i];
		if (g->used && g->rport == f->rport &&
		    media_addr_eq(&g->remote, &f->remote) && (best == NULL ||
		    g->packets[0] + g->packets[1] >
		    best->packets[0] + best->packets[1]))
			best = g;
	}
	if (best != NULL)
		return (best);
	for (i = 0; i < m->flow_count; i++) {
		g = &m->flows[i];
		if (g->used && f->ice.ufrag[0] != '\0' &&
		    strcmp(g->ice.ufrag, f->ice.ufrag) == 0 &&
		    strcmp(g->ice.remote_ufrag, f->ice.remote_ufrag) == 0)
			return (g);
	}
	return (NULL);
}

/* Did anything at all come in from clients at this point? */
static int
hears_anybody(const struct media *m)
{
	size_t i;

	for (i = 0; i < m->flow_count; i++)
		if (m->flows[i].used && m->flows[i].first[MEDIA_IN] != 0)
			return (1);
	return (0);
}

/* Does this client also call the address that it should call? */
static int
calls_public(const struct media *m, const struct flow *f)
{
	const struct flow *g;
	size_t i;

	for (i = 0; i < m->flow_count; i++) {
		g = &m->flows[i];
		if (g->used && media_addr_eq(&g->remote, &f->remote) &&
		    media_addr_eq(&g->local, &m->o.public))
			return (1);
	}
	return (0);
}

/* A client's checks passed the outer point and not the inner one. */
static void
say_stopped_in(struct pair *p, struct flow *f)
{
	const struct media_options *o = &p->inner->o;
	struct view w = { .f = f };
	const char *from = media_tap_name(p->outer->o.tap);
	const char *to = media_tap_name(o->tap);
	char called[48];
	unsigned int n = f->ice.requests[MEDIA_IN];

	media_addr_print(&f->local, called, sizeof(called));
	if (o->has_public && !media_addr_eq(&f->local, &o->public) &&
	    calls_public(p->outer, f))
		return;
	if (p->outer->o.tap == TAP_CLIENT && o->has_public &&
	    !media_addr_eq(&f->local, &o->public))
		say(&p->out, &w, "nat-addr-wrong", 0, 0, "the client calls %s, "
		    "which is not the public address, and nothing of its %u "
		    "checks reaches %s", called, n, to);
	else if (p->outer->o.tap == TAP_CLIENT && hears_anybody(p->inner))
		say(&p->out, &w, "c-udp", 0, 0, "%u checks left the client and "
		    "none reached %s, where others are heard", n, to);
	else if (p->outer->o.tap == TAP_ROUTER_IN || (f->unreachable > 0 &&
	    !media_addr_eq(&f->icmp_from, &f->local)))
		say(&p->out, &w, "rdr-missing", 0, 0, "%u checks passed %s "
		    "towards %s and none reached %s: they are sent to another "
		    "host or port", n, from, called, to);
	else
		say(&p->out, &w, "udp-in-router", 0, 0, "%u checks passed %s "
		    "and none reached %s: dropped in between, or not passed "
		    "on to the bridge", n, from, to);
}

static double
lost_share(const struct stream *s)
{
	uint32_t expected = seqwin_expected(&s->seq);

	return (expected == 0 ? 0 : (double)seqwin_lost(&s->seq) /
	    (double)expected);
}

static double
mean_jitter(const struct stream *s)
{
	return (s->jitter_count < 100 ? 0 : s->jitter_sum / s->jitter_count);
}

/* One stream at both points; first is where it passes first. */
static void
compare_stream(struct pair *p, struct view *w, const struct stream *first,
    const struct stream *then, int dir)
{
	const struct media *a = dir == MEDIA_IN ? p->outer : p->inner;
	const struct media *b = dir == MEDIA_IN ? p->inner : p->outer;
	const char *from = media_tap_name(a->o.tap);
	const char *to = media_tap_name(b->o.tap);
	double before = lost_share(first), after = lost_share(then);

	if (stream_kind(then) != MEDIA_AUDIO &&
	    stream_kind(then) != MEDIA_VIDEO)
		return;
	if (seqwin_expected(&then->seq) >= 50 && after - before >= 0.025)
		say(&p->out, w, dir == MEDIA_IN ? "loss-up" : "loss-down",
		    then->first, then->last, "%s: %.1f %% lost between %s and "
		    "%s, %.1f %% before", media_kind_name(stream_kind(then)),
		    100 * (after - before), from, to, 100 * before);
	if (then->kind == MEDIA_AUDIO && mean_jitter(then) >= 30 &&
	    mean_jitter(first) * 2 < mean_jitter(then))
		say(&p->out, w, "jitter-net", then->first, then->last,
		    "audio: jitter %.0f ms at %s, %.0f ms at %s",
		    mean_jitter(then), to, mean_jitter(first), from);
}

/* The stream of that SSRC in a flow's list, or NULL. */
static const struct stream *
same_ssrc(const struct media *m, const struct flow *f, int dir, uint32_t ssrc)
{
	uint32_t n;

	for (n = f->streams[dir]; n != NONE; n = m->streams[n].next)
		if (m->streams[n].ssrc == ssrc)
			return (&m->streams[n]);
	return (NULL);
}

static void
compare_streams(struct pair *p, struct flow *outer, struct flow *inner)
{
	struct view w = { .f = inner };
	const struct stream *s, *t;
	uint32_t n;
	int dir;

	if (p->outer->counts.dropped + p->inner->counts.dropped > 0)
		return;
	for (dir = 0; dir < 2; dir++)
		for (n = inner->streams[dir]; n != NONE; n = s->next) {
			s = &p->inner->streams[n];
			t = same_ssrc(p->outer, outer, dir, s->ssrc);
			if (t != NULL)
				compare_stream(p, &w, dir == MEDIA_IN ? t : s,
				    dir == MEDIA_IN ? s : t, dir);
		}
}

static void
compare_pair(struct pair *p)
{
	struct flow *f, *g;
	struct view w;
	size_t i;

	for (i = 0; i < p->outer->flow_count; i++) {
		f = &p->outer->flows[i];
		if (!f->used || f->ice.requests[MEDIA_IN] < 3 ||
		    f->ice.answers[MEDIA_IN] > 0)
			continue;
		g = match(p->inner, f);
		if (g != NULL && g->first[MEDIA_IN] != 0)
			continue;
		p->out.m = p->outer;	/* only there is the flow */
		say_stopped_in(p, f);
		p->out.m = p->inner;
	}
	for (i = 0; i < p->inner->flow_count; i++) {
		f = &p->inner->flows[i];
		if (!f->used)
			continue;
		g = match(p->outer, f);
		if (g != NULL)
			compare_streams(p, g, f);
		memset(&w, 0, sizeof(w));
		w.f = f;
		/* At a client only its own flows can be expected. */
		if (f->packets[MEDIA_OUT] >= 3 &&
		    (g == NULL ? p->outer->o.tap != TAP_CLIENT :
		    g->first[MEDIA_OUT] == 0))
			say(&p->out, &w, "udp-out", 0, 0, "the bridge sent "
			    "%llu packets past %s, none of them passed %s",
			    (unsigned long long)f->packets[MEDIA_OUT],
			    media_tap_name(p->inner->o.tap),
			    media_tap_name(p->outer->o.tap));
	}
}

void
media_compare(struct media *const *list, size_t count, struct verdicts *v)
{
	struct pair p;
	size_t i, j;

	for (i = 0; i < count; i++)
		for (j = 0; j < count; j++) {
			if (depth(list[i]) >= depth(list[j]))
				continue;
			memset(&p, 0, sizeof(p));
			p.outer = list[i];
			p.inner = list[j];
			p.out.m = list[j];
			p.out.out = v;
			compare_pair(&p);
		}
}
