/* SPDX-License-Identifier: ISC */
/*
 * For host_test.py, preloaded: a libpcap whose pflog0 is the savefile that
 * comes through the pipe PFLOG_PIPE (this byte order, microseconds). Other
 * interfaces cannot be opened. No test program of its own.
 */
#include <sys/time.h>

#include <fcntl.h>
#include <pcap.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct pcap {
	int fd;
	struct bpf_insn code[32];
	struct bpf_program filter;
};

pcap_t *
pcap_create(const char *interface, char *why)
{
	const char *path = getenv("PFLOG_PIPE");
	pcap_t *p = calloc(1, sizeof(*p));

	if (p == NULL || path == NULL || strcmp(interface, "pflog0") != 0 ||
	    (p->fd = open(path, O_RDWR)) == -1) {
		snprintf(why, PCAP_ERRBUF_SIZE, "/dev/bpf: Permission "
		    "denied");
		free(p);
		return (NULL);
	}
	return (p);
}

int
pcap_set_snaplen(pcap_t *p, int n)
{
	(void)p;
	(void)n;
	return (0);
}

int
pcap_set_promisc(pcap_t *p, int n)
{
	(void)p;
	(void)n;
	return (0);
}

int
pcap_set_timeout(pcap_t *p, int n)
{
	(void)p;
	(void)n;
	return (0);
}

int
pcap_set_buffer_size(pcap_t *p, int n)
{
	(void)p;
	(void)n;
	return (0);
}

int
pcap_activate(pcap_t *p)
{
	(void)p;
	return (0);
}

int
pcap_datalink(pcap_t *p)
{
	(void)p;
	return (117);
}

int
pcap_setfilter(pcap_t *p, struct bpf_program *f)
{
	if (f->bf_len > sizeof(p->code) / sizeof(p->code[0]))
		return (PCAP_ERROR);
	memcpy(p->code, f->bf_insns, f->bf_len * sizeof(p->code[0]));
	p->filter.bf_len = f->bf_len;
	p->filter.bf_insns = p->code;
	return (0);
}

/* One record a call: seconds, microseconds, two lengths, bytes; written to
 * the pipe at once, so it can be read at once. */
int
pcap_dispatch(pcap_t *p, int n, pcap_handler f, u_char *arg)
{
	struct pollfd in = { .fd = p->fd, .events = POLLIN };
	struct pcap_pkthdr h;
	uint32_t head[4];
	u_char bytes[512];

	(void)n;
	if (poll(&in, 1, 500) <= 0)
		return (0);
	if (read(p->fd, head, sizeof(head)) != sizeof(head) ||
	    head[2] > sizeof(bytes) ||
	    read(p->fd, bytes, head[2]) != (ssize_t)head[2])
		return (PCAP_ERROR);
	memset(&h, 0, sizeof(h));
	h.ts.tv_sec = head[0];
	h.ts.tv_usec = head[1];
	h.caplen = head[2];
	h.len = head[3];
	if (pcap_offline_filter(&p->filter, &h, bytes) != 0)
		f(arg, &h, bytes);
	return (1);
}

int
pcap_stats(pcap_t *p, struct pcap_stat *s)
{
	(void)p;
	memset(s, 0, sizeof(*s));
	return (0);
}

int
pcap_get_selectable_fd(pcap_t *p)
{
	return (p->fd);
}

char *
pcap_geterr(pcap_t *p)
{
	static char gone[] = "the interface is gone";

	(void)p;
	return (gone);
}

void
pcap_close(pcap_t *p)
{
	close(p->fd);
	free(p);
}
