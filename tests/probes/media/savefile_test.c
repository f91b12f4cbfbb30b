/* SPDX-License-Identifier: ISC */
/*
 * Savefiles and link layers. Would catch: byte order or resolution mixed up,
 * damage that crashes or hides the packets before it, an empty or foreign
 * file taken for a capture, a link layer's head misjudged.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "probes/media/link.h"
#include "probes/media/savefile.h"
#include "tests/kit/check.h"

static char path[] = "/tmp/meetprobe-savefile.XXXXXX";

struct text {
	uint8_t b[2048];
	size_t n;
	int big;
};

static void
put(struct text *t, const void *p, size_t n)
{
	memcpy(t->b + t->n, p, n);
	t->n += n;
}

static void
put32(struct text *t, uint32_t v)
{
	uint8_t p[4];
	int i;

	for (i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (t->big ? 24 - 8 * i : 8 * i));
	put(t, p, 4);
}

static void
put_pcap(struct text *t, uint32_t magic, int big, uint32_t link)
{
	t->n = 0;
	t->big = big;
	put32(t, magic);
	put32(t, 0x00040002);
	put32(t, 0);
	put32(t, 0);
	put32(t, 65535);
	put32(t, link);
}

static void
put_record(struct text *t, uint32_t s, uint32_t f, uint32_t len,
    uint32_t wire)
{
	put32(t, s);
	put32(t, f);
	put32(t, len);
	put32(t, wire);
	for (; len > 0 && len < 1000; len--)
		put(t, "x", 1);
}

/* Writes the file and reads it; packets, and the end in *r. */
static unsigned int
read_back(const struct text *t, struct savefile *s,
    struct capture_packet *last, int *r)
{
	FILE *f = fopen(path, "w");
	struct capture_packet p;
	unsigned int n = 0;

	*r = -2;
	if (f == NULL)
		return (0);
	fwrite(t->b, 1, t->n, f);
	fclose(f);
	if (savefile_open(s, path) == -1)
		return (0);
	while ((*r = savefile_next(s, &p)) == 1) {
		n++;
		*last = p;
	}
	savefile_close(s);
	return (n);
}

static void
test_orders(void)
{
	struct text t;
	struct savefile s;
	struct capture_packet p = { 0 };
	int r, big;

	for (big = 0; big < 2; big++) {
		put_pcap(&t, 0xa1b2c3d4, big, 1);
		put_record(&t, 1000, 5, 10, 100);
		CHECK_INT(read_back(&t, &s, &p, &r), 1, "order %d", big);
		CHECK(r == 0 && p.ns == 1000000005000 && p.len == 10 &&
		    p.wire == 100 && p.link == 1, "microseconds, %d", big);
		put_pcap(&t, 0xa1b23c4d, big, 101);
		put_record(&t, 1000, 5, 10, 10);
		CHECK(read_back(&t, &s, &p, &r) == 1 && r == 0 &&
		    p.ns == 1000000000005 && p.link == 101,
		    "nanoseconds, %d", big);
	}
}

static void
test_damage(void)
{
	struct text t;
	struct savefile s;
	struct capture_packet p;
	int r;

	put_pcap(&t, 0xa1b2c3d4, 0, 1);
	CHECK(read_back(&t, &s, &p, &r) == 0 && r == 0, "no packets: no error");
	put_record(&t, 1, 0, 20, 20);
	put_record(&t, 2, 0, 0xfffffff0U, 20);
	CHECK(read_back(&t, &s, &p, &r) == 1 && r == -1 &&
	    strstr(s.problem, "after packet 1") != NULL,
	    "4 GB claimed: the packet before counts: %s", s.problem);
	t.n -= 16 + 5;
	CHECK(read_back(&t, &s, &p, &r) == 0 && r == -1 &&
	    strstr(s.problem, "inside a packet") != NULL,
	    "cut inside a packet: %s", s.problem);
	t.n -= 20;
	CHECK(read_back(&t, &s, &p, &r) == 0 && r == -1 &&
	    strstr(s.problem, "record's head") != NULL,
	    "cut inside a record's head: %s", s.problem);
	put_pcap(&t, 0xa1b2c3d4, 0, 1);
	put_record(&t, 1, 0, 0, 60);
	CHECK(read_back(&t, &s, &p, &r) == 1 && r == 0 && p.len == 0,
	    "a record of 0 bytes is one");
	put_pcap(&t, 0xa1b2c3d4, 0, 1);
	put_record(&t, 1, 2000000, 4, 4);
	CHECK(read_back(&t, &s, &p, &r) == 0 && r == -1,
	    "2 s of microseconds are damage");
}

static void
test_foreign(void)
{
	struct text t = { .n = 0 };
	struct savefile s;
	struct capture_packet p;
	int r;

	CHECK(read_back(&t, &s, &p, &r) == 0 && r == -2 &&
	    strcmp(s.problem, "the file is empty") == 0, "an empty file");
	put(&t, "this is text, not packets", 25);
	CHECK(read_back(&t, &s, &p, &r) == 0 && r == -2 &&
	    s.problem[0] != '\0', "a text: %s", s.problem);
	t.n = 0;
	put(&t, "\xd4\xc3\xb2\xa1\2\0\4\0", 8);
	CHECK(read_back(&t, &s, &p, &r) == 0 && r == -2,
	    "a head cut short: %s", s.problem);
	CHECK(savefile_open(&s, "/nonexistent/file") == -1 &&
	    s.problem[0] != '\0', "no file: %s", s.problem);
}

static void
put_block(struct text *t, uint32_t type, const struct text *body)
{
	uint32_t n = (uint32_t)((body->n + 3) & ~(size_t)3);

	put32(t, type);
	put32(t, n + 12);
	put(t, body->b, body->n);
	put(t, "\0\0\0", n - body->n);
	put32(t, n + 12);
}

static void
put_ng(struct text *t)
{
	struct text b = { .big = 0 };

	t->n = 0;
	t->big = 0;
	put32(&b, 0x1a2b3c4d);
	put32(&b, 1);
	put32(&b, 0xffffffff);
	put32(&b, 0xffffffff);
	put_block(t, 0x0a0d0d0a, &b);
	b.n = 0;
	put32(&b, 1);		/* Ethernet */
	put32(&b, 0);
	put32(&b, 0x00010009);	/* if_tsresol: 10^-9 */
	put32(&b, 9);
	put_block(t, 1, &b);
	b.n = 0;
	put32(&b, 0);
	put32(&b, (uint32_t)(UINT64_C(1000000000005) >> 32));
	put32(&b, (uint32_t)UINT64_C(1000000000005));
	put32(&b, 5);
	put32(&b, 50);
	put(&b, "12345\0\0\0", 8);
	put32(&b, 0x00080004);	/* epb_dropcount: 3 */
	put32(&b, 3);
	put32(&b, 0);
	put_block(t, 6, &b);
}

static void
test_ng(void)
{
	struct text t;
	struct savefile s;
	struct capture_packet p;
	int r;

	put_ng(&t);
	CHECK_INT(read_back(&t, &s, &p, &r), 1, "pcapng");
	CHECK(r == 0 && p.ns == 1000000000005 && p.len == 5 && p.wire == 50,
	    "with its own resolution");
	CHECK_INT(s.dropped, 3, "and the packets that it says were lost");
	t.b[t.n - 1] ^= 1;
	CHECK(read_back(&t, &s, &p, &r) == 0 && r == -1,
	    "lengths that differ are damage: %s", s.problem);
	t.n -= 2;
	CHECK(read_back(&t, &s, &p, &r) == 0 && r == -1,
	    "so is a cut: %s", s.problem);
}

/* One UDP datagram over IPv4 behind the heads of several link layers. */
static void
test_links(void)
{
	static const char ip[] = "\x45\x00\x00\x20\x00\x01\x00\x00\x40\x11"
	    "\x00\x00\xcb\x00\x71\x0a\x64\x40\x04\x03"
	    "\x9c\x40\x27\x10\x00\x0c\x00\x00" "abcd";
	static const struct {
		unsigned int link;
		const char *head;
		size_t n;
	} t[] = {
		{ 1, "ddddddssssss\x08\x00", 14 },
		{ 1, "ddddddssssss\x81\x00\x00\x04\x08\x00", 18 },
		{ 1, "ddddddssssss\x88\xa8\x00\x04\x81\x00\x00\x05\x08\x00",
		    22 },
		{ 1, "ddddddssssss\x88\x64\x11\x00\x00\x01\x00\x22\x00\x21",
		    22 },
		{ 0, "\x02\x00\x00\x00", 4 }, { 108, "\x00\x00\x00\x02", 4 },
		{ 101, "", 0 }, { 12, "", 0 }, { 12, "\x00\x00\x00\x02", 4 },
		{ 228, "", 0 },
		{ 113, "\0\0\0\1\0\6MMMMMM\0\0\x08\x00", 16 },
		{ 276, "\x08\x00\0\0\0\0\0\2\0\1\0\6MMMMMMMM", 20 },
	};
	uint8_t p[128];
	struct datagram d;
	size_t i, n;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		memcpy(p, t[i].head, t[i].n);
		memcpy(p + t[i].n, ip, sizeof(ip) - 1);
		n = t[i].n + sizeof(ip) - 1;
		CHECK(link_decode(t[i].link, p, n, n, &d) == LINK_UDP &&
		    d.sport == 40000 && d.dport == 10000 && d.wire == 4 &&
		    d.len == 4 && memcmp(d.data, "abcd", 4) == 0,
		    "link type %u with a head of %zu", t[i].link, t[i].n);
		CHECK(link_decode(t[i].link, p, n - 8, n, &d) == LINK_CUT,
		    "and cut inside the UDP head");
	}
	CHECK_INT(link_decode(147, p, n, n, &d), LINK_UNKNOWN, "another type");
}

static void
test_icmp(void)
{
	static const char p[] =
	    "\x45\x00\x00\x38\x00\x01\x00\x00\x40\x01\x00\x00"
	    "\x64\x40\x04\x03\xcb\x00\x71\x0a"
	    "\x03\x03\x00\x00\x00\x00\x00\x00"
	    "\x45\x00\x00\x20\x00\x01\x00\x00\x40\x11\x00\x00"
	    "\xcb\x00\x71\x0a\x64\x40\x04\x03"
	    "\x9c\x40\x27\x10\x00\x0c\x00\x00";
	struct datagram d;
	char text[64];

	CHECK_INT(link_decode(101, (const uint8_t *)p, 56, 56, &d), LINK_ICMP,
	    "an ICMP error");
	media_endpoint_print(&d.src, d.sport, text, sizeof(text));
	CHECK_STR(text, "203.0.113.10:40000", "about whose packet");
	media_addr_print(&d.icmp_from, text, sizeof(text));
	CHECK_STR(text, "100.64.4.3", "from whom");
	CHECK_INT(link_decode(101, (const uint8_t *)p, 50, 56, &d), LINK_CUT,
	    "cut in the quoted head");
}

int
main(void)
{
	int fd = mkstemp(path);

	if (fd != -1)
		close(fd);
	test_orders();
	test_damage();
	test_foreign();
	test_ng();
	test_links();
	test_icmp();
	unlink(path);
	return (check_end());
}
