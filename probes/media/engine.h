/* SPDX-License-Identifier: ISC */
/*
 * What the files of this folder share: the state of flows and streams. All
 * of it is owned by struct media; flows and streams name each other by
 * their numbers in the two arrays, so that the arrays can move.
 */
#ifndef MEETPROBE_MEDIA_ENGINE_H
#define MEETPROBE_MEDIA_ENGINE_H

#include "agent/base/clock.h"
#include "agent/base/limits.h"
#include "probes/codec/dtls.h"
#include "probes/codec/stun.h"
#include "probes/media/index.h"
#include "probes/media/media.h"
#include "probes/media/seqwin.h"

#define NONE UINT32_MAX		/* no flow, no stream */

#define TID_RING 16		/* requests remembered a flow */
#define SAMPLES 32		/* round trips remembered a flow */
#define CANDIDATES 8		/* streams seen once, a flow */
#define FRAGMENTS 128		/* datagrams in pieces, at once */
#define FORWARDS 4096		/* audio packets remembered, a power of two */
#define HANGS 8			/* standstills remembered */

/* One request on its way, for the time to its answer. */
struct tid {
	uint64_t id;		/* hash of the transaction id, 0: free */
	int64_t t;
	uint8_t dir;		/* of the request */
	uint8_t answered;
};

/* Times between a request and its answer. */
struct samples {
	float ms[SAMPLES];	/* ring of the last ones */
	uint32_t count;
	float min, max;
	float early;		/* mean of the first three */
};

/* ICE of one flow; [dir] is the direction of the request. */
struct ice_state {
	uint32_t requests[2], answers[2], errors[2], indications[2];
	uint32_t use_candidate[2], controlling[2], controlled[2];
	uint32_t pending[2];	/* requests since the last answer */
	int64_t pending_since[2];
	int64_t first_request[2], last_request[2], last_answer[2];
	uint32_t error_400, error_401, error_403, error_487, error_other;
	int64_t first_error, last_error, first_answer[2];
	uint32_t early;		/* requests in the flow's first 3 s */
	uint32_t again[2];	/* sent again although answered */
	uint8_t error_dir;	/* of the last error answer itself */
	uint8_t attributes;	/* some message was whole enough to read */
	uint32_t foreign;	/* requests without USERNAME */
	char ufrag[LIMIT_MEDIA_UFRAG + 1];	/* the bridge's, "": none */
	char remote_ufrag[LIMIT_MEDIA_UFRAG + 1];
	uint32_t restarts;	/* the ufrag changed */
	uint8_t has_mapped_up, has_mapped_down;
	struct media_addr mapped_up, mapped_down;
	uint16_t mapped_up_port, mapped_down_port;
	struct samples rtt, response;
	struct tid tids[TID_RING];
	uint8_t tid_at;
};

/* DTLS of one flow; [dir] is where the message went. */
struct dtls_state {
	uint32_t records[2];
	uint32_t hello_begin[2], hello_end[2];	/* ClientHello: pieces */
	uint32_t server_hello[2], verify_request[2];
	uint32_t certificate[2], key_exchange[2], done[2];
	uint32_t finish_part[2];	/* CertificateVerify, key exchange */
	uint32_t ccs[2], encrypted[2], application[2];
	uint32_t encrypted_alert[2];
	int64_t first_hello, first_server_hello, finished, last;
	int64_t first_certificate[2], last_certificate[2];
	int64_t last_hello, first_encrypted_alert;
	uint32_t largest[2];	/* datagram of the handshake, bytes */
	uint8_t alert_level, alert_code, alert_dir, has_alert;
	uint8_t has_fingerprint[2];
	uint8_t fingerprint[2][32];	/* SHA-256 of the certificate */
	struct dtls_hello hello;	/* what the server chose */
};

/* SRTCP of one flow; [dir] is where it went. */
struct rtcp_state {
	uint32_t sr[2], rr[2], reporting[2];	/* reporting: RC > 0 */
	uint32_t nack[2], pli[2], fir[2], tcc[2], other[2];
	uint32_t hidden_nack[2], hidden_pli[2];	/* by size, behind an RR */
	int64_t last_report[2];	/* RC > 0, or transport-wide feedback */
	int64_t first[2], last[2];
};

/* What a stream or flow had counted at some moment: a live verdict looks at
 * the last 30 to 60 s only. All zero in a file: its verdicts look at all. */
struct stream_mark {
	uint32_t expected, lost, reordered, copies, packets;
	uint32_t levels, silent, jitter_count;
	double jitter_sum, queue_sum;
};

struct flow_mark {
	uint32_t nack[2], hidden_nack[2];
	uint32_t frag_whole, frag_broken;	/* in */
};

/* An RTP packet of an SSRC not yet believed. */
struct candidate {
	uint32_t ssrc, ts;
	int64_t t;
	uint32_t size, ip_id;
	uint16_t seq;
	uint8_t dir, pt, used, padding, marker;
	int16_t level;
};

/* What every packet touches comes first and stands together. */
struct flow {
	struct media_addr remote, local;
	uint16_t rport, lport;
	uint32_t hash;
	uint32_t id;			/* counts up, tells reuse */
	uint8_t used, proven;		/* proven: the bridge sent something */
	uint8_t trusted;		/* a check was answered: SSRCs count */
	uint8_t ttl, tos;		/* of the last packet in */
	uint64_t packets[2], bytes[2];
	int64_t first[2], last[2];	/* 0: none */
	int64_t first_rtp[2], last_rtp[2];
	uint32_t largest_rtp[2];
	uint32_t class_packets[2][PACKET_CLASSES];
	uint32_t ttl_changes, congestion_marks;
	struct seqwin transport[2];	/* transport-wide numbers */
	uint32_t streams[2];		/* first of each direction's list */
	uint32_t stream_count[2];
	struct rtcp_state rtcp;
	struct ice_state ice;
	struct dtls_state dtls;
	struct candidate candidates[CANDIDATES];
	uint8_t candidate_at;
	uint32_t unreachable, unreachable_admin;	/* ICMP */
	uint32_t unreachable_bridge;	/* of these, sent by the bridge */
	int64_t first_unreachable;
	uint32_t too_big[2];
	uint16_t mtu;
	uint32_t frag_whole[2], frag_broken[2];
	struct media_addr icmp_from;
	/* Silence of both sides, for lost firewall state. */
	int64_t idle_end;		/* the last idle interval's end */
	int64_t idle_length;
	struct flow_mark mark[2];	/* the older one first */
	/* What the live table showed last, for rates. */
	uint64_t shown_bytes[2];
	int64_t shown_at;
};

struct stream {
	uint32_t flow, ssrc;
	uint32_t clock;			/* Hz, 0: not known yet */
	uint8_t dir, kind, pt, used;
	int64_t last, first;
	int64_t prev;			/* arrival of the jitter's last */
	uint32_t prev_ts, max_ts, first_ts;
	uint32_t last_ip_id;
	uint64_t bytes;
	uint32_t padded, markers, frames;
	uint32_t largest;		/* datagram */
	double jitter, jitter_max, jitter_sum;	/* ms */
	double transit;			/* ms, relative to the first packet */
	double transit_min, queue_sum;	/* queue_sum: above the minimum */
	int64_t next_sample;		/* for the histogram */
	uint32_t jitter_count;
	uint32_t levels, silent;	/* packets with a level; of these 127 */
	uint32_t forwarded;		/* in: packets that went on to others */
	int64_t last_sound;		/* last packet with a level below 127 */
	int64_t last_frame;
	float frame_gap;		/* running mean, ms */
	float frame_gap_max;
	struct seqwin seq;
	uint32_t hash;
	uint32_t next;			/* in the flow's list */
	uint32_t freezes;
	uint32_t copies_close;		/* copies: equal IP id, within 1 ms */
	double step;			/* ms: a jump of the arrival clock */
	int64_t step_at;
	double before_step;
	uint32_t settle_to;		/* the highest number one sweep ago */
	uint32_t told_lost, told_expected, told_reordered, told_copies;
	struct stream_mark mark[2];	/* the older one first */
};

/* A datagram that came in pieces. */
struct fragments {
	struct media_addr src, dst;
	uint32_t id;
	uint32_t flow, flow_id;
	uint8_t dir, used, have_first;
	uint32_t bytes, total;
	int64_t t;
};

struct forward {
	uint32_t ts, stream, ssrc, flow;
	int64_t t;
	uint16_t seq;
	uint8_t used, seen;
};

/* The bridge sent nothing for a while although media came in. */
struct hang {
	int64_t from, to;
	uint32_t in;			/* packets that came meanwhile */
};

struct media {
	struct media_options o;
	char name[256];
	uint64_t secret[2];		/* of the hashes */
	struct flow *flows;
	size_t flow_count, flow_cap;
	uint32_t flow_free, flow_ids;
	struct index flow_index;
	uint32_t unproven[LIMIT_MEDIA_UNPROVEN];	/* ids, ring */
	uint32_t unproven_at;
	struct stream *streams;
	size_t stream_count, stream_cap;
	uint32_t stream_free;
	struct index stream_index;
	uint32_t last_flow;		/* the one of the last packet */
	struct fragments fragments[FRAGMENTS];
	uint32_t fragment_at;
	struct forward *forwards;
	struct media_counts counts;
	int64_t now;			/* of the last packet */
	int64_t shift;			/* added to all times */
	int64_t first_rtp;
	int64_t next_sweep, next_room;
	int64_t mark_time[2];		/* live: of the marks */
	/* transit through the bridge, after the first seconds */
	uint32_t transits, transits_slow;
	struct media_histogram transit;
	/* standstill of the bridge */
	int64_t last_out;
	uint32_t in_since_out;		/* RTP packets */
	int64_t quiet;			/* longest time without any packet */
	uint32_t out_before;		/* RTP packets out in its last second */
	uint32_t out_second;
	int64_t out_second_start;
	uint32_t late_answers;		/* answered after more than 500 ms */
	int64_t late_answer_at;
	struct hang hangs[HANGS];
	uint32_t hang_count;
	/* clock */
	int64_t step_back;		/* largest step back, ns */
	int64_t step_back_at;
	/* nothing at all was captured */
	int64_t gap, gap_at;
	int64_t dropped_at;		/* the capture last lost packets */
	uint32_t tap_copies, tap_checked;
	uint32_t icmp_from_bridge;
	uint32_t frag_followers[2];
	char problem[256];		/* of the file, "" if none */
	uint8_t feeding_file;
};

/* The other direction. */
#define OTHER(dir) ((dir) == MEDIA_IN ? MEDIA_OUT : MEDIA_IN)

/* A keyed mix of two words: addresses and SSRCs are chosen by others. */
static inline uint64_t
media_hash(const struct media *m, uint64_t a, uint64_t b)
{
	uint64_t h = (a ^ m->secret[0]) * UINT64_C(0x9e3779b97f4a7c15);

	h ^= h >> 29;
	h = (h ^ b ^ m->secret[1]) * UINT64_C(0xbf58476d1ce4e5b9);
	return (h ^ h >> 32);
}

/* flow.c */
/* The flow of a datagram, made when missing; NULL when refused. */
struct flow *flow_of(struct media *, const struct datagram *, int dir,
    int64_t t);
/* Like flow_of but never makes one. */
struct flow *flow_find(struct media *, const struct media_addr *remote,
    uint16_t rport, const struct media_addr *local, uint16_t lport);
void flow_sent(struct media *, struct flow *);	/* the bridge sent to it */
void flow_sweep(struct media *, int64_t t);
uint32_t flow_number(const struct media *, const struct flow *);
/* Are both names for one endpoint of the bridge? NULL-safe: same flow. */
int flow_same_session(const struct flow *, const struct flow *);
enum media_ice flow_ice(const struct media *, const struct flow *,
    int64_t end);
enum media_dtls flow_dtls(const struct flow *);

/* flow_stun.c, flow_dtls.c, flow_rtp.c: one packet of a flow */
int flow_stun(struct media *, struct flow *, int dir,
    const struct datagram *, int64_t t);
int flow_dtls_packet(struct media *, struct flow *, int dir,
    const struct datagram *, int64_t t);
void flow_rtp(struct media *, uint32_t flow, int dir,
    const struct datagram *, int64_t t);
void flow_rtcp(struct media *, struct flow *, int dir,
    const struct datagram *, int64_t t);

/* stream.c */
/* The stream of an SSRC, made when missing and `make` is set; else NULL. */
struct stream *stream_of(struct media *, uint32_t flow, int dir,
    uint32_t ssrc, int make);
void stream_close(struct media *, uint32_t stream);
/* What it counted since its older mark. */
struct stream_mark stream_since(const struct stream *);
/* Live: time for another mark of every stream and flow. */
void marks_set(struct media *, int64_t t);
/* The kind that a stream showed itself to be. */
enum media_kind stream_kind(const struct stream *);
void stream_settle(struct media *, struct stream *, int closing);
double samples_median(const struct samples *);
void histogram_add(struct media_histogram *, double seconds);

#endif
