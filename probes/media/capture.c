/* SPDX-License-Identifier: ISC */
/*
 * Live capture with the calls that OpenBSD's base libpcap has. I/O: owns the
 * capture handle.
 */
#include <pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/clock.h"
#include "agent/base/mem.h"
#include "probes/media/capture.h"

#define SNAP_WHOLE 2048		/* STUN and DTLS */
#define SNAP_HEAD 128		/* everything else */
#define BUFFER_BYTES (2 << 20)	/* the most that OpenBSD's bpf takes */
#define TIMEOUT_MS 50

struct capture {
	pcap_t *pcap;
	unsigned int link;
	unsigned int dropped;	/* as pcap_stats last said */
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

/*
 * Joins two filters: where the first says no, the second begins; its yes
 * keeps only the head of a packet. A filter's answer is the number of bytes
 * to keep (bpf(4)), and 0 is no.
 */
static void
join(struct bpf_program *out, const struct bpf_program *whole,
    const struct bpf_program *head)
{
	struct bpf_insn *i;
	unsigned int n, split = whole->bf_len;

	out->bf_len = whole->bf_len + head->bf_len;
	out->bf_insns = mem_zalloc(out->bf_len, sizeof(*out->bf_insns));
	for (n = 0; n < out->bf_len; n++) {
		i = &out->bf_insns[n];
		*i = n < split ? whole->bf_insns[n] :
		    head->bf_insns[n - split];
		if (BPF_CLASS(i->code) != BPF_RET)
			continue;
		if (n < split && i->k == 0) {
			i->code = BPF_JMP | BPF_JA;
			i->k = split - n - 1;
		} else if (n >= split && i->k != 0)
			i->k = SNAP_HEAD;
	}
}

static int
set_filter(struct capture *c, unsigned int low, unsigned int high,
    struct buf *why)
{
	struct bpf_program whole, head, both;
	char text[2][FILTER_SIZE];
	int r = -1;

	make_filters(text[0], text[1], low, high);
	if (pcap_compile(c->pcap, &whole, text[0], 1, 0) == -1) {
		buf_addf(why, "filter: %s", pcap_geterr(c->pcap));
		return (-1);
	}
	if (pcap_compile(c->pcap, &head, text[1], 1, 0) == -1) {
		buf_addf(why, "filter: %s", pcap_geterr(c->pcap));
		pcap_freecode(&whole);
		return (-1);
	}
	join(&both, &whole, &head);
	if (pcap_setfilter(c->pcap, &both) == -1)
		buf_addf(why, "filter: %s", pcap_geterr(c->pcap));
	else
		r = 0;
	free(both.bf_insns);
	pcap_freecode(&whole);
	pcap_freecode(&head);
	return (r);
}

/* A DLT_ has another number in a file on some systems. */
static unsigned int
linktype(int dlt)
{
	switch (dlt) {
	case DLT_LOOP: return (108);
	case DLT_RAW: return (101);
	case DLT_ENC: return (109);
	default: return ((unsigned int)dlt);
	}
}

/* Activates the handle; 0, or -1 and a reason. */
static int
activate(struct capture *c, const char *interface, struct buf *why)
{
	char text[PCAP_ERRBUF_SIZE] = "";
	int r;

	if ((c->pcap = pcap_create(interface, text)) == NULL) {
		buf_adds(why, text);
		return (-1);
	}
	(void)pcap_set_snaplen(c->pcap, SNAP_WHOLE);
	(void)pcap_set_promisc(c->pcap, 0);
	(void)pcap_set_timeout(c->pcap, TIMEOUT_MS);
	(void)pcap_set_buffer_size(c->pcap, BUFFER_BYTES);
	if ((r = pcap_activate(c->pcap)) < 0) {
		buf_addf(why, "%s", r == PCAP_ERROR ? pcap_geterr(c->pcap) :
		    pcap_statustostr(r));
		return (-1);
	}
	c->link = linktype(pcap_datalink(c->pcap));
	if (!link_known(c->link)) {
		buf_addf(why, "link type %u is not known here", c->link);
		return (-1);
	}
	if (pcap_setnonblock(c->pcap, 1, text) == -1) {
		buf_adds(why, text);
		return (-1);
	}
	return (0);
}

struct capture *
capture_open(const char *interface, uint16_t low, uint16_t high,
    struct buf *why)
{
	struct capture *c = mem_zalloc(1, sizeof(*c));

	if (activate(c, interface, why) == -1 ||
	    set_filter(c, low, high, why) == -1) {
		capture_close(c);
		return (NULL);
	}
	return (c);
}

void
capture_close(struct capture *c)
{
	if (c == NULL)
		return;
	if (c->pcap != NULL)
		pcap_close(c->pcap);
	free(c);
}

int
capture_fd(const struct capture *c)
{
	return (pcap_get_selectable_fd(c->pcap));
}

static void
take(u_char *arg, const struct pcap_pkthdr *h, const u_char *bytes)
{
	struct capture *c = (struct capture *)(void *)arg;
	int64_t ns = (int64_t)h->ts.tv_sec * NS_PER_SEC +
	    (int64_t)h->ts.tv_usec * 1000;

	media_feed(c->media, c->link, bytes, h->caplen, h->len, ns);
}

int
capture_read(struct capture *c, struct media *m, struct buf *why)
{
	struct pcap_stat s;
	int n;

	c->media = m;
	n = pcap_dispatch(c->pcap, -1, take, (u_char *)c);
	if (n < 0) {
		buf_adds(why, pcap_geterr(c->pcap));
		return (-1);
	}
	if (pcap_stats(c->pcap, &s) == 0 && s.ps_drop != c->dropped) {
		media_capture_dropped(m, s.ps_drop - c->dropped);
		c->dropped = s.ps_drop;
	}
	return (n);
}
