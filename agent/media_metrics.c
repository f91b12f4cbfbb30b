/* SPDX-License-Identifier: ISC */
/* From the capture's counts to the metrics of the media part. Pure. */
#include "agent/media_metrics.h"
#include "exporter/metrics.h"

static const char *const direction[2] = { "in", "out" };

/* What a counter grew by; all of it when it began anew. */
static uint64_t
grown(uint64_t told, uint64_t now)
{
	return (now >= told ? now - told : now);
}

static void
add_histogram(struct metrics *m, enum metric which,
    const char *const *labels, const struct media_histogram *told,
    const struct media_histogram *now)
{
	double upper, lower = 0;
	uint64_t n;
	int i;

	for (i = 0; i < MEDIA_BUCKETS; i++) {
		upper = i == MEDIA_BUCKETS - 1 ? 2 * lower :
		    media_bucket_seconds[i];
		n = grown(told->count[i], now->count[i]);
		if (n > 100000)	/* one interval cannot hold more */
			n = 100000;
		while (n-- > 0)
			metrics_observe(m, which, labels,
			    (lower + upper) / 2);
		lower = upper;
	}
}

static void
add_kinds(struct metrics *m, enum metric which, int dir,
    const uint64_t told[MEDIA_KINDS], const uint64_t now[MEDIA_KINDS])
{
	int k;

	for (k = 0; k < MEDIA_KINDS; k++)
		metrics_add(m, which, METRIC_SET(direction[dir],
		    media_kind_name((enum media_kind)k)),
		    grown(told[k], now[k]));
}

static void
add_direction(struct metrics *m, int dir, const struct media_counts *told,
    const struct media_counts *now)
{
	const char *class;
	int k;

	for (k = 0; k < PACKET_CLASSES; k++) {
		class = packet_class_name((enum packet_class)k);
		metrics_add(m, METRIC_MEDIA_PACKETS,
		    METRIC_SET(direction[dir], class),
		    grown(told->packets[dir][k], now->packets[dir][k]));
		metrics_add(m, METRIC_MEDIA_BYTES,
		    METRIC_SET(direction[dir], class),
		    grown(told->bytes[dir][k], now->bytes[dir][k]));
	}
	add_kinds(m, METRIC_MEDIA_LOST, dir, told->lost[dir], now->lost[dir]);
	add_kinds(m, METRIC_MEDIA_EXPECTED, dir, told->expected[dir],
	    now->expected[dir]);
	add_kinds(m, METRIC_MEDIA_REORDERED, dir, told->reordered[dir],
	    now->reordered[dir]);
	add_kinds(m, METRIC_MEDIA_DUPLICATE, dir, told->duplicate[dir],
	    now->duplicate[dir]);
	add_histogram(m, METRIC_MEDIA_JITTER, METRIC_SET(direction[dir]),
	    &told->jitter[dir], &now->jitter[dir]);
}

void
media_metrics(struct metrics *m, struct media_counts *told,
    const struct media_counts *now)
{
	int i;

	if (now->frames < told->frames)
		*told = (struct media_counts){ 0 };
	for (i = 0; i < 2; i++)
		add_direction(m, i, told, now);
	for (i = 0; i < ICE_COUNT; i++)
		metrics_gauge(m, METRIC_MEDIA_FLOWS,
		    METRIC_SET(media_ice_name((enum media_ice)i)),
		    now->flows[i], MONO_NONE);
	add_histogram(m, METRIC_MEDIA_STUN_RTT, METRIC_NO_LABELS, &told->rtt,
	    &now->rtt);
	add_histogram(m, METRIC_MEDIA_BRIDGE_RESPONSE, METRIC_NO_LABELS,
	    &told->response, &now->response);
	metrics_add(m, METRIC_CAPTURE_DROPPED, METRIC_SET("kernel"),
	    grown(told->dropped, now->dropped));
	metrics_add(m, METRIC_MEDIA_EVICTED, METRIC_SET("flows"),
	    grown(told->evicted_flows, now->evicted_flows) +
	    grown(told->refused_flows, now->refused_flows));
	metrics_add(m, METRIC_MEDIA_EVICTED, METRIC_SET("streams"),
	    grown(told->evicted_streams, now->evicted_streams) +
	    grown(told->refused_streams, now->refused_streams));
	*told = *now;
}
