/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_MEDIA_MEDIA_H
#define MEETPROBE_MEDIA_MEDIA_H

#include <stddef.h>
#include <stdint.h>

#include "agent/base/buf.h"
#include "agent/facts/verdict.h"
#include "probes/codec/rtp.h"
#include "probes/media/link.h"

/*
 * From packets on the bridge's port to flows, streams and verdicts. One
 * analyser follows one capture point; it is fed packets (live) or a file,
 * and asked at any time what it has seen. Pure but for media_feed_file().
 */
struct media;

/* Where the capture was taken. */
enum media_tap {
	TAP_BRIDGE, TAP_ROUTER_IN, TAP_ROUTER_OUT, TAP_CLIENT, TAP_COUNT
};

/* "bridge", "router-in", "router-out", "client". */
const char *media_tap_name(enum media_tap);
/* The tap of a name ("router" is router-out), or -1. */
int media_tap_by_name(struct str);

struct media_options {
	uint16_t port_low, port_high;	/* of the bridge; 0: 10000 */
	int has_public;
	struct media_addr public;	/* the configured public address */
	enum media_tap tap;
	const char *name;		/* of the file or interface; borrowed */
	int live;			/* forget what has been idle long */
};

/* Freed by media_free(), which takes NULL. */
struct media *media_new(const struct media_options *);
void media_free(struct media *);

/* One packet of a known link layer; ns since 1970. */
void media_feed(struct media *, unsigned int link, const uint8_t *, size_t len,
    size_t wire, int64_t ns);
/* The capture lost n packets up to now: loss is not reported from it. */
void media_capture_dropped(struct media *, uint64_t n);

/*
 * Reads a whole savefile. progress (may be NULL) is called now and then with
 * bytes read and the file's size (0: not known), and ends the reading by
 * returning a reason. 0 when the file is a capture, if need be up to damage
 * or that reason, which `why` then tells; -1 when it is none. `why` gets no
 * newline.
 */
int media_feed_file(struct media *, const char *path, struct buf *why,
    const char *(*progress)(void *arg, uint64_t done, uint64_t size),
    void *arg);

enum media_direction { MEDIA_IN, MEDIA_OUT };	/* IN is to the bridge */

enum media_kind {
	MEDIA_AUDIO, MEDIA_VIDEO, MEDIA_RTX, MEDIA_PROBE, MEDIA_OTHER,
	MEDIA_KINDS
};
/* "audio", "video", "rtx", "probe", "other". */
const char *media_kind_name(enum media_kind);

enum media_ice { ICE_NONE, ICE_CHECKING, ICE_CONNECTED, ICE_FAILED, ICE_COUNT };
const char *media_ice_name(enum media_ice);
enum media_dtls {
	FLOW_DTLS_NONE, FLOW_DTLS_CONNECTING, FLOW_DTLS_CONNECTED,
	FLOW_DTLS_FAILED, FLOW_DTLS_COUNT
};
const char *media_dtls_name(enum media_dtls);

/* Buckets of the histograms: upper bounds in seconds, the last is +Inf. */
#define MEDIA_BUCKETS 12
extern const double media_bucket_seconds[MEDIA_BUCKETS];

struct media_histogram {
	uint64_t count[MEDIA_BUCKETS];	/* not cumulative */
	double sum;			/* seconds */
};

/*
 * What counts up while the analyser lives: flat and of fixed size, so that a
 * capture child can send it as it is. Index [0] is MEDIA_IN.
 */
struct media_counts {
	uint64_t packets[2][PACKET_CLASSES], bytes[2][PACKET_CLASSES];
	uint64_t lost[2][MEDIA_KINDS], expected[2][MEDIA_KINDS];
	uint64_t reordered[2][MEDIA_KINDS], duplicate[2][MEDIA_KINDS];
	struct media_histogram jitter[2], rtt, response;
	uint64_t ignored;		/* packets not of the bridge's port */
	uint64_t cut;			/* headers cut by the snaplen */
	uint64_t bad;			/* headers that contradict each other */
	uint64_t unknown_link;		/* of a link layer not known */
	uint64_t fragments, icmp;
	uint64_t dropped;		/* by the capture */
	uint64_t evicted_flows, evicted_streams;	/* tables were full */
	uint64_t refused_flows, refused_streams;
	uint64_t frames;		/* all packets fed */
	int64_t first_ns, last_ns;	/* 0: none */
	uint32_t flows[ICE_COUNT];	/* now, by state */
	uint32_t streams;		/* now */
};

/* Brings flows[] up to date and returns the counts. */
const struct media_counts *media_get_counts(struct media *);

/*
 * Adds what the packets seen so far prove, as of `ns` (0: the last packet).
 */
void media_verdicts(struct media *, int64_t ns, struct verdicts *);
/* Adds what two or more taps of the same call prove together. */
void media_compare(struct media *const *, size_t count, struct verdicts *);

/*
 * Renderers. The verdicts are those of all the analysers given. JSON is
 * meetprobe.media/1, one line, into buf.
 */
void media_print_json(struct media *const *, size_t count,
    const struct verdicts *, struct buf *);
/* A block a client, at most 80 columns. */
void media_print_text(struct media *const *, size_t count,
    const struct verdicts *, int color, struct buf *);
/* One line a client, for the live table. */
void media_print_table(struct media *, const struct verdicts *, int64_t ns,
    int color, size_t rows, struct buf *);

/* The sentence of a verdict id for a reader new to this; "" if unknown. */
const char *media_verdict_title(const char *id);
/* The id of the const table that equals s, or NULL. */
const char *media_verdict_id(struct str s);

#endif
