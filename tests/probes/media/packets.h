/* SPDX-License-Identifier: ISC */
/*
 * Packets made for the tests of the media analyser: raw IPv4 between a client
 * and the bridge 10.0.0.1, udp/10000.
 */
#ifndef MEETPROBE_TESTS_MEDIA_PACKETS_H
#define MEETPROBE_TESTS_MEDIA_PACKETS_H

#include <string.h>

#include "probes/media/media.h"

#define MS (INT64_C(1000000))
#define START (INT64_C(1700000000) * 1000 * MS)

static inline void
put16(uint8_t *p, unsigned int v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline void
put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v & 0xffff);
}

/* A datagram between client:port and the bridge 10.0.0.1:10000, raw IP. */
static inline void
send_udp(struct media *m, int up, uint32_t client, unsigned int port,
    const uint8_t *payload, size_t n, int64_t ns)
{
	uint8_t p[1600] = { 0x45 };

	put16(p + 2, (unsigned int)(28 + n));
	p[8] = 64;
	p[9] = 17;
	put32(p + (up ? 12 : 16), client);
	put32(p + (up ? 16 : 12), 0x0a000001);
	put16(p + 20, up ? port : 10000);
	put16(p + 22, up ? 10000 : port);
	put16(p + 24, (unsigned int)(8 + n));
	memcpy(p + 28, payload, n);
	media_feed(m, 101, p, 28 + n, 28 + n, ns);
}

static inline void
send_rtp(struct media *m, int up, uint32_t client, unsigned int seq,
    uint32_t ssrc, int64_t ns)
{
	uint8_t p[60] = { 0x80, 111 };

	put16(p + 2, seq);
	put32(p + 4, seq * 960);
	put32(p + 8, ssrc);
	send_udp(m, up, client, 40000, p, sizeof(p), ns);
}

/* The number that a text is; 0 when it is empty. */
static inline unsigned int
port_of(const char *text)
{
	unsigned int n = 0;

	while (*text >= '0' && *text <= '9')
		n = n * 10 + (unsigned int)(*text++ - '0');
	return (n);
}

/* A check with USERNAME from one side, or its success answer. */
static inline void
send_stun(struct media *m, int up, int answer, uint32_t client,
    unsigned int port, uint32_t id, const char *name, int64_t ns)
{
	uint8_t p[64] = { 0x00, 0x01, 0, 0, 0x21, 0x12, 0xa4, 0x42 };
	size_t n = strlen(name);

	if (answer) {		/* name: the mapped port, or nothing */
		p[0] = 1;
		n = n == 0 ? 0 : 12;
		put16(p + 20, 0x0020);
		put16(p + 22, 8);
		p[25] = 1;
		put16(p + 26, (unsigned int)port_of(name) ^ 0x2112);
		put32(p + 28, 0xc6336401 ^ 0x2112a442);
	} else {
		put16(p + 20, 6);
		put16(p + 22, (unsigned int)n);
		memcpy(p + 24, name, n);
		n = 4 + (n + 3) / 4 * 4;
	}
	put16(p + 2, (unsigned int)n);
	put32(p + 16, id);
	send_udp(m, up, client, port, p, 20 + n, ns);
}

/* Checks in both directions, answered. */
static inline void
connect_client(struct media *m, uint32_t client, int64_t ns)
{
	send_stun(m, 1, 0, client, 40000, 1, "bridge:client", ns);
	send_stun(m, 0, 1, client, 40000, 1, "", ns + MS);
	send_stun(m, 0, 0, client, 40000, 2, "client:bridge", ns + 2 * MS);
	send_stun(m, 1, 1, client, 40000, 2, "", ns + 32 * MS);
}

static inline struct media *
analyser(int live)
{
	struct media_options o = { 0 };

	o.name = "test";
	o.live = live;
	return (media_new(&o));
}

static inline int
has(const struct verdicts *v, const char *id)
{
	size_t i;

	for (i = 0; i < v->count; i++)
		if (strcmp(v->list[i].id, id) == 0)
			return (1);
	return (0);
}

static inline int
proves(struct media *m, const char *id)
{
	struct verdicts v;
	int r;

	verdicts_init(&v);
	media_verdicts(m, 0, &v);
	r = has(&v, id);
	verdicts_free(&v);
	return (r);
}

#endif
