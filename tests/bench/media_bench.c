/* SPDX-License-Identifier: ISC */
/*
 * Speed and memory of the media analyser.
 *
 *	media_bench make PACKETS FILE	writes a savefile (- is standard output)
 *	media_bench run FILE		reads it with all features
 *	media_bench send RATE SECONDS	sends RTP to 127.0.0.1:10000
 *
 * The savefile is that of 200 participants in rooms of 10, 10 % of them over
 * IPv6: each sends audio and three layers of video, each gets three audio
 * and nine video streams and repetitions; transport-wide feedback every
 * 60 ms, checks every 2.5 s; 1 % of the packets towards the bridge are
 * missing, 0.5 % come twice, 1 % late. Cut at 128 bytes.
 */
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "probes/media/media.h"

#define PEOPLE 200
#define UP 4
#define DOWN 13
#define SNAP 128

struct source {
	uint16_t seq;
	uint32_t ts, ssrc;
};

struct person {
	struct source up[UP], down[DOWN];
	uint16_t transport;
	uint32_t tid;
};

static uint64_t state = 88172645463325252ULL;

static uint32_t
next_random(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return ((uint32_t)(state >> 32));
}

static FILE *out;
static uint64_t written, wanted;
static uint64_t now_us = 1700000000ULL * 1000000;

static void
put16(uint8_t *p, unsigned int v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void
put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v & 0xffff);
}

/* One packet of person n; up: towards the bridge. */
static void
emit(unsigned int n, int up, const uint8_t *payload, size_t len, size_t wire)
{
	uint8_t p[256] = { 0 };
	uint32_t head[4];
	size_t ip, at = 14;
	int v6 = n % 10 == 0;

	if (written >= wanted)
		return;
	put16(p + 12, v6 ? 0x86dd : 0x0800);
	ip = v6 ? 40 : 20;
	if (v6) {
		p[at] = 0x60;
		put16(p + at + 4, (unsigned int)wire + 8);
		p[at + 6] = 17;
		p[at + 7] = 60;
		put32(p + at + (up ? 8 : 24), 0x20010db8);
		put32(p + at + (up ? 20 : 36), n + 1);
		put32(p + at + (up ? 24 : 8), 0x20010db8);
		put32(p + at + (up ? 36 : 20), 0xffff);
	} else {
		p[at] = 0x45;
		put16(p + at + 2, (unsigned int)(20 + 8 + wire));
		put16(p + at + 4, (unsigned int)written);
		p[at + 8] = 60;
		p[at + 9] = 17;
		put32(p + at + (up ? 12 : 16), 0xcb007100 + n);
		put32(p + at + (up ? 16 : 12), 0x64400403);
	}
	at += ip;
	put16(p + at, up ? 40000 + n : 10000);
	put16(p + at + 2, up ? 10000 : 40000 + n);
	put16(p + at + 4, (unsigned int)wire + 8);
	at += 8;
	if (len > SNAP - at)
		len = SNAP - at;
	memcpy(p + at, payload, len);
	head[0] = (uint32_t)(now_us / 1000000);
	head[1] = (uint32_t)(now_us % 1000000);
	head[2] = (uint32_t)(at + len);
	head[3] = (uint32_t)(14 + ip + 8 + wire);
	fwrite(head, sizeof(head), 1, out);
	fwrite(p, at + len, 1, out);
	written++;
	now_us += 5;
}

static void
rtp(unsigned int n, struct person *w, struct source *s, int up,
    unsigned int pt, size_t size)
{
	uint8_t p[128] = { 0 };
	int times = up && next_random() % 200 == 0 ? 2 : 1;

	p[0] = 0x90;
	p[1] = (uint8_t)pt;
	put16(p + 2, s->seq++);
	put32(p + 4, s->ts);
	put32(p + 8, s->ssrc);
	put16(p + 12, 0xbede);
	put16(p + 14, 2);
	p[16] = 0x51;
	put16(p + 17, w->transport++);
	p[19] = 0x10;
	p[20] = (uint8_t)(0x80 | (next_random() & 0x3f));
	if (up && next_random() % 100 == 0)
		return;
	if (up && next_random() % 100 == 0 && s->seq > 3) {
		put16(p + 2, (unsigned int)(uint16_t)(s->seq + 1));
		emit(n, up, p, 100, size);
		put16(p + 2, (unsigned int)(uint16_t)(s->seq - 1));
		emit(n, up, p, 100, size);
		s->seq += 2;
		return;
	}
	while (times-- > 0)
		emit(n, up, p, 100, size);
}

static void
rtcp(unsigned int n, int up)
{
	uint8_t p[64] = { 0x8f, 205, 0, 5 };

	emit(n, up, p, 44, 44);
}

static void
stun(unsigned int n, struct person *w)
{
	uint8_t p[64] = { 0x00, 0x01, 0x00, 0x10, 0x21, 0x12, 0xa4, 0x42 };

	put32(p + 16, w->tid++);
	put16(p + 20, 0x0006);
	put16(p + 22, 9);
	snprintf((char *)p + 24, 12, "b%03u:c%03u", n, n);
	emit(n, 1, p, 36, 36);
	p[0] = 1;
	put16(p + 2, 12);
	put16(p + 20, 0x0020);
	put16(p + 22, 8);
	p[25] = 1;
	emit(n, 0, p, 32, 32);
}

static void
tick(struct person *people, unsigned int t)
{
	unsigned int n, k;
	struct person *w;

	for (k = 0; k < UP + DOWN; k++)
		for (n = 0; n < PEOPLE; n++) {
			w = &people[n];
			if (k == 0) {
				w->up[0].ts += 960;
				rtp(n, w, &w->up[0], 1, 111, 90);
			} else if (k < UP) {
				if (t % 2 == 0)
					w->up[k].ts += 3600;
				rtp(n, w, &w->up[k], 1, 100, 600 + k * 200);
			} else if (k < UP + 3) {
				w->down[k - UP].ts += 960;
				rtp(n, w, &w->down[k - UP], 0, 111, 90);
			} else if (k < UP + 12) {
				if (t % 2 == 0)
					w->down[k - UP].ts += 3600;
				rtp(n, w, &w->down[k - UP], 0, 100, 1100);
			} else if (t % 8 == n % 8)
				rtp(n, w, &w->down[12], 0, 96, 1100);
		}
	for (n = 0; n < PEOPLE; n++) {
		if (t % 3 == n % 3) {
			rtcp(n, 1);
			rtcp(n, 0);
		}
		if (t % 125 == n % 125 || t == 0)
			stun(n, &people[n]);
	}
}

static int
make(uint64_t packets, const char *path)
{
	static struct person people[PEOPLE];
	static const uint32_t head[6] = {
		0xa1b2c3d4, 0x00040002, 0, 0, SNAP, 1
	};
	unsigned int n, k, t;

	out = strcmp(path, "-") == 0 ? stdout : fopen(path, "w");
	if (out == NULL) {
		perror(path);
		return (1);
	}
	wanted = packets;
	for (n = 0; n < PEOPLE; n++)
		for (k = 0; k < UP + DOWN; k++) {
			struct source *s = k < UP ? &people[n].up[k] :
			    &people[n].down[k - UP];

			s->ssrc = next_random();
			s->seq = (uint16_t)next_random();
			s->ts = next_random();
		}
	fwrite(head, sizeof(head), 1, out);
	for (t = 0; written < wanted; t++)
		tick(people, t);
	return (fclose(out) == EOF);
}

static double
cpu(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return ((double)u.ru_utime.tv_sec + (double)u.ru_stime.tv_sec +
	    (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6);
}

static int
run(const char *path)
{
	struct media_options o = { 0 };
	struct media *m;
	struct verdicts v;
	struct buf why;
	struct rusage u;
	const struct media_counts *c;
	double start = cpu(), spent;

	o.name = path;
	m = media_new(&o);
	buf_init(&why, 4096);
	if (media_feed_file(m, path, &why, NULL, NULL) == -1 || why.len > 0)
		fprintf(stderr, "%s: %s\n", path, buf_cstr(&why));
	verdicts_init(&v);
	media_verdicts(m, 0, &v);
	spent = cpu() - start;
	getrusage(RUSAGE_SELF, &u);
	c = media_get_counts(m);
	printf("packets %llu seconds %.3f mpps %.2f ns %.1f streams %u "
	    "flows %u rss_kb %ld\n", (unsigned long long)c->frames, spent,
	    (double)c->frames / spent / 1e6, spent * 1e9 / (double)c->frames,
	    c->streams, c->flows[ICE_CHECKING] + c->flows[ICE_CONNECTED] +
	    c->flows[ICE_FAILED], u.ru_maxrss);
	verdicts_free(&v);
	buf_free(&why);
	media_free(m);
	return (0);
}

/* RTP of 100 streams from one socket, evenly, in bursts of a millisecond. */
static int
transmit(unsigned int rate, unsigned int seconds)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	struct timespec t;
	uint8_t p[900] = { 0x80, 100 };
	uint64_t sent = 0, due;
	double start, at;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	int sink = socket(AF_INET, SOCK_DGRAM, 0);	/* so that no ICMP */

	to.sin_port = htons(10000);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd == -1 || sink == -1 ||
	    bind(sink, (struct sockaddr *)(void *)&to, sizeof(to)) == -1 ||
	    connect(fd, (struct sockaddr *)(void *)&to, sizeof(to)) == -1) {
		perror("socket");
		return (1);
	}
	clock_gettime(CLOCK_MONOTONIC, &t);
	start = (double)t.tv_sec + (double)t.tv_nsec / 1e9;
	for (at = 0; at < seconds;) {
		for (due = (uint64_t)(at * rate); sent < due; sent++) {
			put16(p + 2, (unsigned int)(sent / 100));
			put32(p + 4, (uint32_t)(sent / 100 * 3000));
			put32(p + 8, (uint32_t)(sent % 100));
			if (send(fd, p, sizeof(p), 0) != sizeof(p))
				return (1);
		}
		t.tv_sec = 0;
		t.tv_nsec = 500000;
		nanosleep(&t, NULL);
		clock_gettime(CLOCK_MONOTONIC, &t);
		at = (double)t.tv_sec + (double)t.tv_nsec / 1e9 - start;
	}
	printf("sent %llu\n", (unsigned long long)sent);
	return (0);
}

int
main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "make") == 0)
		return (make(strtoull(argv[2], NULL, 10), argv[3]));
	if (argc == 3 && strcmp(argv[1], "run") == 0)
		return (run(argv[2]));
	if (argc == 4 && strcmp(argv[1], "send") == 0)
		return (transmit((unsigned int)strtoul(argv[2], NULL, 10),
		    (unsigned int)strtoul(argv[3], NULL, 10)));
	if (argc == 1)		/* media_bench.sh runs it with arguments */
		return (0);
	fputs("usage: media_bench make PACKETS FILE | run FILE\n", stderr);
	return (2);
}
