/* SPDX-License-Identifier: ISC */
/*
 * Reads packets out of savefiles, in large pieces. I/O.
 *
 * pcap: 24 bytes of head, then records of four 32-bit words (seconds,
 * fraction, bytes at hand, bytes on the wire) and data. The magic tells byte
 * order and resolution:
 *
 *   a1b2c3d4 microseconds   a1b23c4d nanoseconds   a1b2cd34 patched, with 8
 *   more bytes in each record's head
 *
 * pcapng: blocks of type, length, body padded to 4 bytes, length again;
 * a section head (0a0d0d0a) carries the byte order 1a2b3c4d.
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/clock.h"
#include "agent/base/cur.h"
#include "agent/base/mem.h"
#include "probes/media/savefile.h"

#define YEAR_NS (INT64_C(366) * 86400 * NS_PER_SEC)
#define READ_PIECE (128U << 10)

#define BLOCK_INTERFACE 1
#define BLOCK_OLD_PACKET 2
#define BLOCK_SIMPLE 3
#define BLOCK_STATISTICS 5
#define BLOCK_PACKET 6

/* Says what is wrong and where; -1. */
static int
damaged(struct savefile *s, const char *what)
{
	snprintf(s->problem, sizeof(s->problem), "%s at byte %llu, after "
	    "packet %llu", what,
	    (unsigned long long)(s->read - (s->end - s->start)),
	    (unsigned long long)s->packets);
	return (-1);
}

/* Makes n unread bytes stand together; 0, or -1 when the file has fewer. */
static int
refill(struct savefile *s, size_t n)
{
	size_t want;
	ssize_t got;

	if (n > LIMIT_CAPTURE_BUFFER)
		return (-1);
	memmove(s->buf, s->buf + s->start, s->end - s->start);
	s->end -= s->start;
	s->start = 0;
	while (s->end < n && !s->at_eof) {
		want = LIMIT_CAPTURE_BUFFER - s->end;
		if (want > READ_PIECE)	/* what the cache holds */
			want = READ_PIECE;
		got = read(s->fd, s->buf + s->end, want);
		if (got == -1 && errno == EINTR)
			continue;
		if (got <= 0) {
			s->at_eof = 1;
			if (got == -1)
				snprintf(s->problem, sizeof(s->problem),
				    "read: %s", strerror(errno));
			break;
		}
		s->end += (size_t)got;
		s->read += (uint64_t)got;
	}
	return (s->end >= n ? 0 : -1);
}

static int
have(struct savefile *s, size_t n)
{
	return (s->end - s->start >= n ? 0 : refill(s, n));
}

static uint32_t
get32(const struct savefile *s, const uint8_t *p)
{
	if (s->swapped)
		return ((uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
		    (uint32_t)p[2] << 8 | p[3]);
	return ((uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[1] << 8 | p[0]);
}

static unsigned int
get16(const struct savefile *s, const uint8_t *p)
{
	if (s->swapped)
		return ((unsigned int)p[0] << 8 | p[1]);
	return ((unsigned int)p[1] << 8 | p[0]);
}

/* Takes the head of a pcap file; -1 when the magic is not one of its. */
static int
pcap_head(struct savefile *s)
{
	const uint8_t *p = s->buf + s->start;
	uint32_t magic;
	int order;

	for (order = 0; order < 2; order++) {
		s->swapped = order;
		magic = get32(s, p);
		if (magic == 0xa1b2c3d4 || magic == 0xa1b23c4d ||
		    magic == 0xa1b2cd34)
			break;
	}
	if (order == 2)
		return (-1);
	s->nanoseconds = magic == 0xa1b23c4d;
	s->extra = magic == 0xa1b2cd34;
	if (have(s, 24) == -1)
		return (damaged(s, "the file ends inside its head"));
	p = s->buf + s->start;
	s->snaplen = get32(s, p + 16);
	s->link = get32(s, p + 20) & 0xffff;
	s->start += 24;
	return (0);
}

int
savefile_open(struct savefile *s, const char *path)
{
	struct stat st;

	memset(s, 0, sizeof(*s));
	s->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (s->fd == -1) {
		snprintf(s->problem, sizeof(s->problem), "%s",
		    strerror(errno));
		return (-1);
	}
	if (fstat(s->fd, &st) == 0 && S_ISREG(st.st_mode))
		s->size = (uint64_t)st.st_size;
	s->buf = mem_zalloc(LIMIT_CAPTURE_BUFFER, 1);
	if (have(s, 4) == -1) {
		if (s->problem[0] == '\0')
			snprintf(s->problem, sizeof(s->problem), "%s",
			    s->end == 0 ? "the file is empty" :
			    "too short to be a capture");
	} else if (memcmp(s->buf, "\x0a\x0d\x0d\x0a", 4) == 0) {
		s->ng = 1;
		return (0);
	} else if (pcap_head(s) == 0)
		return (0);
	else if (s->problem[0] == '\0')
		snprintf(s->problem, sizeof(s->problem),
		    "neither a pcap nor a pcapng file");
	savefile_close(s);
	return (-1);
}

void
savefile_close(struct savefile *s)
{
	if (s->fd != -1)
		close(s->fd);
	free(s->buf);
	s->fd = -1;
	s->buf = NULL;
}

static int
pcap_next(struct savefile *s, struct capture_packet *out)
{
	size_t head = s->extra ? 24 : 16;
	const uint8_t *p;
	uint32_t fraction, len, wire;
	int64_t ns;

	if (have(s, head) == -1) {
		if (s->end == s->start)
			return (s->problem[0] == '\0' ? 0 : -1);
		return (damaged(s, "the file ends inside a record's head"));
	}
	p = s->buf + s->start;
	fraction = get32(s, p + 4);
	len = get32(s, p + 8);
	wire = get32(s, p + 12);
	if (len > LIMIT_CAPTURE_PACKET || (len > wire && (len > 65535 ||
	    (s->snaplen >= 64 && len > s->snaplen))))
		return (damaged(s, "a record claims more bytes than a "
		    "packet can have"));
	ns = (int64_t)get32(s, p) * NS_PER_SEC +
	    (int64_t)fraction * (s->nanoseconds ? 1 : 1000);
	if (s->last_ns > YEAR_NS && (ns - s->last_ns > YEAR_NS ||
	    s->last_ns - ns > YEAR_NS))
		return (damaged(s, "a record is years away from the one "
		    "before"));
	if (fraction >= (s->nanoseconds ? 1000000000U : 1000000U))
		return (damaged(s, "a record's time is none"));
	if (have(s, head + len) == -1)
		return (damaged(s, "the file ends inside a packet"));
	p = s->buf + s->start;
	out->data = p + head;
	out->len = len;
	out->wire = wire < len || wire > LIMIT_CAPTURE_PACKET ? len : wire;
	out->ns = s->last_ns = ns;
	out->link = s->link;
	s->start += head + len;
	s->packets++;
	return (1);
}

/* Ticks a second: a power of 2 or of 10; 0 when that is too many. */
static int64_t
resolution(int binary, unsigned int exponent)
{
	int64_t ticks = 1;

	if (binary)
		return (exponent < 62 ? INT64_C(1) << exponent : 0);
	if (exponent > 18)
		return (0);
	while (exponent-- > 0)
		ticks *= 10;
	return (ticks);
}

/* The options of an interface that matter here: how its time counts. */
static void
interface_options(struct savefile *s, struct savefile_interface *i,
    const uint8_t *p, size_t n)
{
	unsigned int code, len, shift;
	uint64_t value;

	while (n >= 4) {
		code = get16(s, p);
		len = get16(s, p + 2);
		if (code == 0 || len > n - 4)
			return;
		if (code == 9 && len >= 1) {	/* if_tsresol */
			shift = p[4] & 0x7f;
			i->ticks = resolution(p[4] & 0x80, shift);
		} else if (code == 14 && len >= 8) {	/* if_tsoffset */
			value = s->swapped ?
			    (uint64_t)get32(s, p + 4) << 32 | get32(s, p + 8) :
			    (uint64_t)get32(s, p + 8) << 32 | get32(s, p + 4);
			if (value < (UINT64_C(1) << 33))
				i->offset = (int64_t)value;
		}
		len = (len + 3U) & ~3U;
		if (len > n - 4)
			return;
		p += 4 + len;
		n -= 4 + len;
	}
}

/* A 64-bit counter among the options of a packet or statistics block. */
static uint64_t
option_u64(struct savefile *s, unsigned int want, const uint8_t *p, size_t n)
{
	unsigned int code, len;

	while (n >= 4) {
		code = get16(s, p);
		len = get16(s, p + 2);
		if (code == 0 || len > n - 4)
			return (0);
		if (code == want && len == 8)
			return (s->swapped ?
			    (uint64_t)get32(s, p + 4) << 32 | get32(s, p + 8) :
			    (uint64_t)get32(s, p + 8) << 32 | get32(s, p + 4));
		len = (len + 3U) & ~3U;
		if (len > n - 4)
			return (0);
		p += 4 + len;
		n -= 4 + len;
	}
	return (0);
}

static int
ng_interface(struct savefile *s, const uint8_t *body, size_t n)
{
	struct savefile_interface *i;

	if (n < 8)
		return (damaged(s, "an interface block is too short"));
	if (s->interface_count == LIMIT_CAPTURE_INTERFACES)
		return (damaged(s, "too many interfaces"));
	i = &s->interfaces[s->interface_count++];
	i->link = get16(s, body);
	i->snaplen = get32(s, body + 4);
	i->ticks = 1000000;
	i->offset = 0;
	interface_options(s, i, body + 8, n - 8);
	return (i->ticks > 0 ? 0 : damaged(s, "a resolution of time that "
	    "cannot be"));
}

static int64_t
ng_time(const struct savefile_interface *i, uint32_t high, uint32_t low)
{
	uint64_t t = (uint64_t)high << 32 | low, ticks = (uint64_t)i->ticks;
	uint64_t seconds = t / ticks, rest = t % ticks;

	if (seconds > UINT64_C(8000000000))
		seconds = UINT64_C(8000000000);
	if (ticks <= 1000000000)
		rest = rest * 1000000000 / ticks;
	else
		rest = rest / (ticks / 1000000000);
	return (((int64_t)seconds + i->offset) * NS_PER_SEC + (int64_t)rest);
}

/* An enhanced (or the obsolete) packet block. */
static int
ng_packet(struct savefile *s, int old, const uint8_t *body, size_t n,
    struct capture_packet *out)
{
	const struct savefile_interface *i;
	uint32_t id, len;
	size_t padded;

	if (n < 20)
		return (damaged(s, "a packet block is too short"));
	id = old ? get16(s, body) : get32(s, body);
	len = get32(s, body + 12);
	if (id >= s->interface_count)
		return (damaged(s, "a packet of an interface that the file "
		    "does not describe"));
	if (len > n - 20)
		return (damaged(s, "a packet is longer than its block"));
	i = &s->interfaces[id];
	out->data = body + 20;
	out->len = len;
	out->wire = get32(s, body + 16);
	if (out->wire < len || out->wire > LIMIT_CAPTURE_PACKET)
		out->wire = len;
	out->ns = ng_time(i, get32(s, body + 4), get32(s, body + 8));
	s->last_ns = out->ns;
	out->link = i->link;
	padded = ((size_t)len + 3) & ~(size_t)3;
	if (old && get16(s, body + 2) != 0xffff)
		s->dropped += get16(s, body + 2);
	else if (!old && padded < n - 20)
		s->dropped += option_u64(s, 4, body + 20 + padded,
		    n - 20 - padded);
	s->packets++;
	return (1);
}

static int
ng_simple(struct savefile *s, const uint8_t *body, size_t n,
    struct capture_packet *out)
{
	const struct savefile_interface *i = &s->interfaces[0];

	if (n < 4 || s->interface_count == 0)
		return (damaged(s, "a simple packet block without interface"));
	out->data = body + 4;
	out->wire = get32(s, body);
	out->len = n - 4 < out->wire ? n - 4 : out->wire;
	if (i->snaplen != 0 && out->len > i->snaplen)
		out->len = i->snaplen;
	if (out->wire > LIMIT_CAPTURE_PACKET)
		out->wire = out->len;
	out->ns = s->last_ns;	/* such a block has no time */
	out->link = i->link;
	s->packets++;
	return (1);
}

/* The byte order of a section; its interfaces start anew. */
static int
ng_section(struct savefile *s)
{
	const uint8_t *p;

	if (have(s, 28) == -1)
		return (damaged(s, "the file ends inside a section's head"));
	p = s->buf + s->start;
	if (memcmp(p + 8, "\x4d\x3c\x2b\x1a", 4) == 0)
		s->swapped = 0;
	else if (memcmp(p + 8, "\x1a\x2b\x3c\x4d", 4) == 0)
		s->swapped = 1;
	else
		return (damaged(s, "a section without byte order"));
	s->interface_count = 0;
	return (0);
}

/* One block whose bytes are at hand: 1 packet, 0 none in it, -1 damage. */
static int
ng_block(struct savefile *s, uint32_t type, const uint8_t *body, size_t n,
    struct capture_packet *out)
{
	switch (type) {
	case BLOCK_INTERFACE:
		return (ng_interface(s, body, n));
	case BLOCK_PACKET:
		return (ng_packet(s, 0, body, n, out));
	case BLOCK_OLD_PACKET:
		return (ng_packet(s, 1, body, n, out));
	case BLOCK_SIMPLE:
		return (ng_simple(s, body, n, out));
	case BLOCK_STATISTICS:
		if (n > 12)		/* isb_ifdrop */
			s->dropped += option_u64(s, 5, body + 12, n - 12);
		return (0);
	default:
		return (0);
	}
}

/* Passes over n bytes that need not be at hand together. */
static int
skip(struct savefile *s, size_t n)
{
	size_t here;

	while (n > 0) {
		if (have(s, 1) == -1)
			return (-1);
		here = s->end - s->start;
		if (here > n)
			here = n;
		s->start += here;
		n -= here;
	}
	return (0);
}

static int
ng_next(struct savefile *s, struct capture_packet *out)
{
	const uint8_t *p;
	uint32_t type, len;
	int r;

	for (;;) {
		if (have(s, 12) == -1) {
			if (s->end == s->start)
				return (s->problem[0] == '\0' ? 0 : -1);
			return (damaged(s, "the file ends inside a block"));
		}
		p = s->buf + s->start;
		if (memcmp(p, "\x0a\x0d\x0d\x0a", 4) == 0 &&
		    ng_section(s) == -1)
			return (-1);
		p = s->buf + s->start;
		type = get32(s, p);
		len = get32(s, p + 4);
		if (len < 12 || len % 4 != 0 || len > LIMIT_CAPTURE_BLOCK)
			return (damaged(s, "a block's length is wrong"));
		if (len > LIMIT_CAPTURE_BUFFER) {
			if (skip(s, len) == -1)
				return (damaged(s, "the file ends inside a "
				    "block"));
			continue;
		}
		if (have(s, len) == -1)
			return (damaged(s, "the file ends inside a block"));
		p = s->buf + s->start;
		if (get32(s, p + len - 4) != len)
			return (damaged(s, "the two lengths of a block "
			    "differ"));
		r = ng_block(s, type, p + 8, len - 12, out);
		if (r == -1)
			return (-1);
		s->start += len;
		if (r == 1)
			return (1);
	}
}

int
savefile_next(struct savefile *s, struct capture_packet *out)
{
	return (s->ng ? ng_next(s, out) : pcap_next(s, out));
}
