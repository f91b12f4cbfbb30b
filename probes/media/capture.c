/* SPDX-License-Identifier: ISC */
/*
 * Live capture of the bridge's port. I/O: owns the sniffer, and says of
 * which packets only the head is kept.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "probes/media/capture.h"
#include "probes/sniffer.h"

#define SNAP_WHOLE 2048		/* STUN and DTLS */
#define SNAP_HEAD 128		/* everything else */
#define BUFFER_BYTES (2 << 20)	/* the most that OpenBSD's bpf takes */
#define TIMEOUT_MS 50

struct capture {
	struct sniffer *sniffer;
	unsigned int link;
	struct media *media;	/* during a read */
};

#define FILTER_SIZE 1024

/*
 * Two filters over the bridge's ports, which are a range: one for what is
 * kept whole, STUN and DTLS by their first byte below 64 (RFC 7983) and
 * ICMP errors; one for the rest and later fragments, which have no ports.
 */
static void
make_filters(char whole[FILTER_SIZE], char head[FILTER_SIZE],
    unsigned int low, unsigned int high)
{
	char v4[160], v6[160];

	/* and, or bind equally: every pair has its parentheses. */
	snprintf(v4, sizeof(v4), "((udp[0:2] >= %u and udp[0:2] <= %u) or "
	    "(udp[2:2] >= %u and udp[2:2] <= %u))", low, high, low, high);
	snprintf(v6, sizeof(v6), "(ip6 proto 17 and ((ip6[40:2] >= %u and "
	    "ip6[40:2] <= %u) or (ip6[42:2] >= %u and ip6[42:2] <= %u)))",
	    low, high, low, high);
	snprintf(whole, FILTER_SIZE, "(%s and udp[8] < 64) or (%s and "
	    "ip6[48] < 64) or icmp[0] = 3 or icmp[0] = 11 or (icmp6 and "
	    "ip6[40] <= 4)", v4, v6);
	snprintf(head, FILTER_SIZE, "%s or %s or (ip proto 17 and "
	    "ip[6:2] & 0x1fff != 0) or ip6 proto 44", v4, v6);
}

struct capture *
capture_open(const char *interface, uint16_t low, uint16_t high,
    struct buf *why)
{
	const struct sniffer_options o = { SNAP_WHOLE, BUFFER_BYTES,
	    TIMEOUT_MS, 1 };
	struct capture *c = mem_zalloc(1, sizeof(*c));
	char text[2][FILTER_SIZE];

	if ((c->sniffer = sniffer_open(interface, &o, why)) != NULL) {
		c->link = sniffer_link(c->sniffer);
		if (!link_known(c->link))
			buf_addf(why, "link type %u is not known here",
			    c->link);
		else {
			make_filters(text[0], text[1], low, high);
			if (sniffer_filter_heads(c->sniffer, text[0],
			    text[1], SNAP_HEAD, why) == 0)
				return (c);
		}
	}
	capture_close(c);
	return (NULL);
}

void
capture_close(struct capture *c)
{
	if (c == NULL)
		return;
	sniffer_close(c->sniffer);
	free(c);
}

int
capture_fd(const struct capture *c)
{
	return (sniffer_fd(c->sniffer));
}

static void
take(void *arg, const uint8_t *bytes, size_t len, size_t wire, int64_t ns)
{
	struct capture *c = arg;

	media_feed(c->media, c->link, bytes, len, wire, ns);
}

int
capture_read(struct capture *c, struct media *m, struct buf *why)
{
	unsigned int dropped;
	int n;

	c->media = m;
	if ((n = sniffer_read(c->sniffer, take, c, why)) == -1)
		return (-1);
	if ((dropped = sniffer_dropped(c->sniffer)) != 0)
		media_capture_dropped(m, dropped);
	return (n);
}
