/* SPDX-License-Identifier: ISC */
/*
 * Live capture with the calls that OpenBSD's base libpcap has. I/O: owns the
 * capture handle.
 */
#include <pcap.h>
#include <stdlib.h>

#include "agent/base/clock.h"
#include "agent/base/mem.h"
#include "probes/sniffer.h"

struct sniffer {
	pcap_t *pcap;
	unsigned int link;
	unsigned int dropped;	/* as pcap_stats last said */
	sniffer_packet *take;	/* during a read */
	void *arg;
};

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
activate(struct sniffer *s, const char *interface,
    const struct sniffer_options *o, struct buf *why)
{
	char text[PCAP_ERRBUF_SIZE] = "";
	int r;

	if ((s->pcap = pcap_create(interface, text)) == NULL) {
		buf_adds(why, text);
		return (-1);
	}
	(void)pcap_set_snaplen(s->pcap, o->snaplen);
	(void)pcap_set_promisc(s->pcap, 0);
	(void)pcap_set_timeout(s->pcap, o->timeout_ms);
	(void)pcap_set_buffer_size(s->pcap, o->buffer);
	if ((r = pcap_activate(s->pcap)) < 0) {
		buf_addf(why, "%s", r == PCAP_ERROR ? pcap_geterr(s->pcap) :
		    pcap_statustostr(r));
		return (-1);
	}
	s->link = linktype(pcap_datalink(s->pcap));
	if (o->nonblock && pcap_setnonblock(s->pcap, 1, text) == -1) {
		buf_adds(why, text);
		return (-1);
	}
	return (0);
}

struct sniffer *
sniffer_open(const char *interface, const struct sniffer_options *o,
    struct buf *why)
{
	struct sniffer *s = mem_zalloc(1, sizeof(*s));

	if (activate(s, interface, o, why) == 0)
		return (s);
	sniffer_close(s);
	return (NULL);
}

void
sniffer_close(struct sniffer *s)
{
	if (s == NULL)
		return;
	if (s->pcap != NULL)
		pcap_close(s->pcap);
	free(s);
}

unsigned int
sniffer_link(const struct sniffer *s)
{
	return (s->link);
}

static int
compile(struct sniffer *s, struct bpf_program *program, const char *text,
    struct buf *why)
{
	if (pcap_compile(s->pcap, program, text, 1, 0) == 0)
		return (0);
	buf_addf(why, "filter: %s", pcap_geterr(s->pcap));
	return (-1);
}

int
sniffer_filter(struct sniffer *s, struct bpf_program *program,
    struct buf *why)
{
	if (pcap_setfilter(s->pcap, program) == 0)
		return (0);
	buf_addf(why, "filter: %s", pcap_geterr(s->pcap));
	return (-1);
}

/*
 * Joins two filters: where the first says no, the second begins; its yes
 * keeps only the head of a packet. A filter's answer is the number of bytes
 * to keep (bpf(4)), and 0 is no.
 */
static void
join(struct bpf_program *out, const struct bpf_program *whole,
    const struct bpf_program *head, unsigned int bytes)
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
			i->k = bytes;
	}
}

int
sniffer_filter_heads(struct sniffer *s, const char *whole, const char *head,
    unsigned int bytes, struct buf *why)
{
	struct bpf_program w, h, both;
	int r;

	if (compile(s, &w, whole, why) == -1)
		return (-1);
	if (compile(s, &h, head, why) == -1) {
		pcap_freecode(&w);
		return (-1);
	}
	join(&both, &w, &h, bytes);
	r = sniffer_filter(s, &both, why);
	free(both.bf_insns);
	pcap_freecode(&w);
	pcap_freecode(&h);
	return (r);
}

int
sniffer_fd(const struct sniffer *s)
{
	return (pcap_get_selectable_fd(s->pcap));
}

static void
take(u_char *arg, const struct pcap_pkthdr *h, const u_char *bytes)
{
	struct sniffer *s = (struct sniffer *)(void *)arg;

	/* base libpcap's two fields are 32 bits: field by field */
	s->take(s->arg, bytes, h->caplen, h->len,
	    (int64_t)h->ts.tv_sec * NS_PER_SEC +
	    (int64_t)h->ts.tv_usec * 1000);
}

int
sniffer_read(struct sniffer *s, sniffer_packet *f, void *arg,
    struct buf *why)
{
	int n;

	s->take = f;
	s->arg = arg;
	n = pcap_dispatch(s->pcap, -1, take, (u_char *)s);
	if (n < 0)
		buf_adds(why, pcap_geterr(s->pcap));
	return (n < 0 ? -1 : n);
}

unsigned int
sniffer_dropped(struct sniffer *s)
{
	struct pcap_stat st;
	unsigned int more;

	if (pcap_stats(s->pcap, &st) == -1)
		return (0);
	more = st.ps_drop - s->dropped;
	s->dropped = st.ps_drop;
	return (more);
}
