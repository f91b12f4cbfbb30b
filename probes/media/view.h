/* SPDX-License-Identifier: ISC */
/*
 * A flow as the verdicts look at it: sums over its streams and what other
 * flows of the same client did. Made anew for every evaluation.
 */
#ifndef MEETPROBE_MEDIA_VIEW_H
#define MEETPROBE_MEDIA_VIEW_H

#include "probes/media/engine.h"

/* Sums of the audio or video streams of one direction. */
struct sum {
	uint32_t expected, lost, reordered, copies, packets;
};

/* All flows with one ufrag of the bridge: one client's attempts. */
struct session {
	uint32_t flows, connected, connected_v4;
	uint32_t heard;			/* flows with packets in */
	uint32_t public_flows;		/* of a public remote address */
	int64_t last_answer;		/* by the bridge */
};

struct view {
	struct flow *f;
	struct session *session;
	enum media_ice ice;
	enum media_dtls dtls;
	struct sum audio[2], video[2];
	int broken;			/* a verdict says why it fails */
};

struct views {
	struct media *m;
	struct view *list;
	size_t count;
	struct session *sessions;
	size_t session_count;
	int64_t end;
	int untrusted;			/* the capture itself lost packets */
	int64_t since;			/* live: older events do not count */
	uint32_t answered_flows;	/* the bridge answered */
	uint32_t heard_flows;		/* anything came in */
	uint32_t connected;		/* flows */
	uint32_t connected_public;
	struct verdicts *out;
};

void views_make(struct views *, struct media *, int64_t end,
    struct verdicts *);
void views_free(struct views *);

/* Adds a verdict about a flow (NULL: the capture), seen from..to (ns, 0: the
 * flow's or the capture's own time). The id must be of the table. */
void say(struct views *, struct view *, const char *id, int64_t from,
    int64_t to, const char *fmt, ...) __attribute__((format(printf, 6, 7)));

/* verdict_ice.c, verdict_dtls.c, verdict_media.c */
void verdicts_ice(struct views *);
void verdicts_nat(struct views *);
void verdicts_dtls(struct views *);
void verdicts_media(struct views *);
void verdicts_bridge(struct views *);

#endif
