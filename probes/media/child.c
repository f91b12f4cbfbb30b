/* SPDX-License-Identifier: ISC */
/*
 * The agent's capture child: reads packets, sends counts and verdicts, never
 * a packet. I/O. It drops its privileges before it reads the first one.
 */
#include <sys/types.h>

#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/mem.h"
#include "probes/media/capture.h"

#define ROUND_NS (INT64_C(5) * NS_PER_SEC)

static void
put_counters(struct msg_out *o, const uint64_t *list, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		msg_put_u64(o, list[i]);
}

static void
get_counters(struct msg *m, uint64_t *list, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		list[i] = msg_get_u64(m);
}

static void
put_histogram(struct msg_out *o, const struct media_histogram *h)
{
	put_counters(o, h->count, MEDIA_BUCKETS);
	msg_put_u64(o, (uint64_t)(h->sum * 1e6));
}

static void
get_histogram(struct msg *m, struct media_histogram *h)
{
	get_counters(m, h->count, MEDIA_BUCKETS);
	h->sum = (double)msg_get_u64(m) / 1e6;
}

/* The flat fields of the counts, in one order for both sides. */
#define COUNTS_FIELDS(c) { \
	&(c)->ignored, &(c)->cut, &(c)->bad, &(c)->unknown_link, \
	&(c)->fragments, &(c)->icmp, &(c)->dropped, &(c)->evicted_flows, \
	&(c)->evicted_streams, &(c)->refused_flows, &(c)->refused_streams, \
	&(c)->frames }

static int
send_counts(int sock, struct media *m)
{
	struct media_counts c = *media_get_counts(m);
	uint64_t *const field[] = COUNTS_FIELDS(&c);
	struct msg_out o;
	size_t i;

	msg_begin(&o, MEDIA_MSG_COUNTS);
	for (i = 0; i < 2; i++) {
		put_counters(&o, c.packets[i], PACKET_CLASSES);
		put_counters(&o, c.bytes[i], PACKET_CLASSES);
		put_counters(&o, c.lost[i], MEDIA_KINDS);
		put_counters(&o, c.expected[i], MEDIA_KINDS);
		put_counters(&o, c.reordered[i], MEDIA_KINDS);
		put_counters(&o, c.duplicate[i], MEDIA_KINDS);
		put_histogram(&o, &c.jitter[i]);
	}
	put_histogram(&o, &c.rtt);
	put_histogram(&o, &c.response);
	for (i = 0; i < sizeof(field) / sizeof(field[0]); i++)
		msg_put_u64(&o, *field[i]);
	msg_put_i64(&o, c.first_ns);
	msg_put_i64(&o, c.last_ns);
	for (i = 0; i < ICE_COUNT; i++)
		msg_put_u32(&o, c.flows[i]);
	msg_put_u32(&o, c.streams);
	return (msg_send_wait(&o, sock, -1));
}

int
media_get_msg_counts(struct msg *m, struct media_counts *c)
{
	uint64_t *const field[] = COUNTS_FIELDS(c);
	size_t i;

	memset(c, 0, sizeof(*c));
	for (i = 0; i < 2; i++) {
		get_counters(m, c->packets[i], PACKET_CLASSES);
		get_counters(m, c->bytes[i], PACKET_CLASSES);
		get_counters(m, c->lost[i], MEDIA_KINDS);
		get_counters(m, c->expected[i], MEDIA_KINDS);
		get_counters(m, c->reordered[i], MEDIA_KINDS);
		get_counters(m, c->duplicate[i], MEDIA_KINDS);
		get_histogram(m, &c->jitter[i]);
	}
	get_histogram(m, &c->rtt);
	get_histogram(m, &c->response);
	for (i = 0; i < sizeof(field) / sizeof(field[0]); i++)
		*field[i] = msg_get_u64(m);
	c->first_ns = msg_get_i64(m);
	c->last_ns = msg_get_i64(m);
	for (i = 0; i < ICE_COUNT; i++)
		c->flows[i] = msg_get_u32(m);
	c->streams = msg_get_u32(m);
	return (msg_end(m));
}

static int
send_verdict(int sock, const struct verdict *d)
{
	struct msg_out o;

	msg_begin(&o, MEDIA_MSG_VERDICT);
	msg_put_str(&o, str_from(d->id));
	msg_put_u8(&o, d->fault != 0);
	msg_put_str(&o, str_from(d->flow));
	msg_put_i64(&o, d->from.us);
	msg_put_i64(&o, d->to.us);
	msg_put_str(&o, str_from(d->text));
	msg_put_str(&o, str_from(d->file));
	return (msg_send_wait(&o, sock, -1));
}

int
media_get_msg_verdict(struct msg *m, struct verdicts *out)
{
	struct verdict d = { 0 };
	struct str id = msg_get_str(m), flow, text, file;

	d.fault = msg_get_u8(m);
	flow = msg_get_str(m);
	d.from.us = msg_get_i64(m);
	d.to.us = msg_get_i64(m);
	text = msg_get_str(m);
	file = msg_get_str(m);
	if (msg_end(m) == -1 || (d.id = media_verdict_id(id)) == NULL)
		return (-1);
	d.flow = flow.n == 0 ? NULL : mem_str(flow);
	d.text = mem_str(text);
	d.file = mem_str(file);
	verdicts_take(out, &d);
	return (0);
}

static int
send_empty(int sock, unsigned type)
{
	struct msg_out o;

	msg_begin(&o, type);
	return (msg_send_wait(&o, sock, -1));
}

static int
send_problem(int sock, const char *text)
{
	struct msg_out o;

	msg_begin(&o, MEDIA_MSG_PROBLEM);
	msg_put_str(&o, str_from(text));
	return (msg_send_wait(&o, sock, -1));
}

int
media_send_round(int sock, struct media *m, int64_t ns)
{
	struct verdicts v;
	size_t i;
	int r;

	verdicts_init(&v);
	media_verdicts(m, ns, &v);
	r = send_counts(sock, m);
	for (i = 0; r == 0 && i < v.count; i++)
		r = send_verdict(sock, &v.list[i]);
	verdicts_free(&v);
	return (r == 0 ? send_empty(sock, MEDIA_MSG_END) : -1);
}

/* For good: group, groups and user. 0, or -1 and a reason. */
static int
become(const char *user, struct buf *why)
{
	struct passwd *pw;

	if (strcmp(user, "-") == 0 || geteuid() != 0)
		return (0);
	if ((pw = getpwnam(user)) == NULL) {
		buf_addf(why, "no user \"%s\"", user);
		return (-1);
	}
	if (setgroups(1, &pw->pw_gid) == -1 || setgid(pw->pw_gid) == -1 ||
	    setuid(pw->pw_uid) == -1 || setuid(0) != -1) {
		buf_addf(why, "cannot become %s: %s", user, strerror(errno));
		return (-1);
	}
	return (0);
}

/* What the parent asks for. */
struct order {
	char *interface, *user;
	struct media_options o;
};

static int
read_order(struct str request, struct order *r)
{
	struct str interface = str_word(&request), low = str_word(&request);
	struct str high = str_word(&request), public = str_word(&request);
	struct str user = str_word(&request);
	int64_t from, to;
	char *text;

	if (interface.n == 0 || user.n == 0 ||
	    str_num(low, 1, 65535, &from) == -1 ||
	    str_num(high, from, 65535, &to) == -1)
		return (-1);
	r->o.port_low = (uint16_t)from;
	r->o.port_high = (uint16_t)to;
	r->o.live = 1;
	text = mem_str(public);
	r->o.has_public = media_addr_parse(text, &r->o.public) == 0;
	free(text);
	r->interface = mem_str(interface);
	r->user = mem_str(user);
	r->o.name = r->interface;
	return (0);
}

/* Until the other side is gone or the interface is. */
static void
serve(struct capture *c, struct media *m, int sock, struct buf *why)
{
	struct pollfd p[2] = {
		{ .fd = sock, .events = POLLIN },
		{ .fd = capture_fd(c), .events = POLLIN },
	};
	mono_t next = mono_add(mono_now(), ROUND_NS), now;

	for (;;) {
		if (poll(p, 2, (int)(CAPTURE_INTERVAL_NS / NS_PER_MS)) > 0 &&
		    p[0].revents != 0)
			return;
		if (capture_read(c, m, why) == -1)
			return;
		now = mono_now();
		if (mono_before(now, next))
			continue;
		next = mono_add(now, ROUND_NS);
		if (media_send_round(sock, m, wall_now().us * 1000) == -1)
			return;
	}
}

int
media_capture_child(struct str request, int sock)
{
	struct order r = { 0 };
	struct capture *c = NULL;
	struct media *m = NULL;
	struct buf why;
	int failed;

	buf_init(&why, LIMIT_ERROR_TEXT);
	if (read_order(request, &r) == -1)
		buf_adds(&why, "the capture child got a request that is none");
	else if ((c = capture_open(r.interface, r.o.port_low, r.o.port_high,
	    &why)) != NULL && become(r.user, &why) == 0) {
		m = media_new(&r.o);
		serve(c, m, sock, &why);
	}
	failed = why.len > 0;
	if (failed)
		(void)send_problem(sock, buf_cstr(&why));
	media_free(m);
	capture_close(c);
	free(r.interface);
	free(r.user);
	buf_free(&why);
	return (failed);
}
