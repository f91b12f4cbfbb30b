/* SPDX-License-Identifier: ISC */
/*
 * The child that captures on pflogN, and the messages it sends. I/O. It
 * gives up root before it reads the first packet, sleeps in the kernel until
 * pf logs something, and keeps counts only: its memory does not grow.
 */
#include <pcap.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/compat/sys.h"
#include "probes/pf/log/pflog_live.h"
#include "probes/pf/system.h"
#include "probes/sniffer.h"

/* The header, the largest IPv4 header and a TCP header. */
#define SNAPLEN 256
#define BUFFER_BYTES (512 << 10)
/* What pf logs comes at most so much later. */
#define TIMEOUT_MS 2000
/* After a round, while the kernel's buffer takes what comes: under a flood
 * this many milliseconds of it are one round. */
#define PAUSE_MS 500
/* Whom to become; where that user is missing, nobody. */
#define USER "_meetprobe"

struct pflog {
	struct sniffer *sniffers[PF_LOG_INTERFACES];
	size_t count;
	struct buf names;	/* of those that are open */
	struct pf_watch watch;
	struct pf_log log;	/* of this round */
};

char *
pflog_request(const struct pf_watch *watch)
{
	struct buf b;
	char *text;

	buf_init(&b, LIMIT_MSG_BYTES);
	buf_adds(&b, USER " ");
	pf_watch_print(&b, watch);
	text = mem_str(buf_str(&b));
	buf_free(&b);
	return (text);
}

/*
 * Blocked packets, and those with another reason than "match": a limit of
 * states. Instructions, since what filters may say of pflog differs.
 */
static int
set_filter(struct sniffer *s, struct buf *why)
{
	struct bpf_insn code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 2),	/* action */
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PF_LOG_BLOCK, 2, 0),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 3),	/* reason */
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SNAPLEN),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct bpf_program program;

	program.bf_len = sizeof(code) / sizeof(code[0]);
	program.bf_insns = code;
	return (sniffer_filter(s, &program, why));
}

/* Opens one interface; 0, or -1 and `why`. */
static int
open_one(struct pflog *p, const char *name, int timeout, struct buf *why)
{
	const struct sniffer_options o = { SNAPLEN, BUFFER_BYTES, timeout,
	    0 };
	struct sniffer *s;
	unsigned int link;

	buf_clear(why);
	buf_addf(why, "%s: ", name);
	if ((s = sniffer_open(name, &o, why)) == NULL)
		return (-1);
	link = sniffer_link(s);
	if (link != PF_LINKTYPE_PFLOG && link != PF_LINKTYPE_PFLOG_OLD)
		buf_addf(why, "its link type %u is not that of pflog", link);
	else if (set_filter(s, why) == 0) {
		p->sniffers[p->count++] = s;
		buf_addf(&p->names, "%s%s", p->names.len > 0 ? " " : "",
		    name);
		return (0);
	}
	sniffer_close(s);
	return (-1);
}

/* All there are; 0, or -1 and `why` when none can be had. */
static int
open_all(struct pflog *p, struct buf *why)
{
	char names[PF_LOG_INTERFACES][PF_LOG_NAME];
	size_t n = pf_system_pflogs(names), i;

	if (n == 0)
		buf_adds(why, "this host has no interface pflog0 (ifconfig "
		    "pflog0 create)");
	for (i = 0; i < n; i++)
		(void)open_one(p, names[i], TIMEOUT_MS / (int)n, why);
	if (p->count == 0)
		return (-1);
	buf_clear(why);
	return (0);
}

static void
take(void *arg, const uint8_t *bytes, size_t len, size_t wire, int64_t ns)
{
	struct pflog *p = arg;
	struct pf_log_entry e;

	(void)wire;
	if (pf_log_parse(bytes, len, &e) == -1) {
		p->log.bad++;
		return;
	}
	e.time.us = ns / 1000;
	pf_log_add(&p->log, &e);
}

static void
put_bytes(struct msg_out *o, const void *bytes, size_t n)
{
	msg_put_str(o, str_of(bytes, n));
}

static int
send_flow(int sock, const struct pf_log_flow *f)
{
	const struct pf_log_entry *e = &f->sample;
	struct msg_out o;

	msg_begin(&o, PFLOG_MSG_FLOW);
	msg_put_i64(&o, f->first.us);
	msg_put_i64(&o, e->time.us);
	msg_put_u64(&o, f->packets);
	msg_put_u8(&o, (uint8_t)e->action);
	msg_put_str(&o, str_from(e->reason));
	msg_put_str(&o, str_from(e->ifname));
	msg_put_str(&o, str_from(e->ruleset));
	msg_put_i64(&o, e->rule);
	msg_put_i64(&o, e->subrule);
	msg_put_u8(&o, (uint8_t)e->dir);
	msg_put_u8(&o, (uint8_t)e->af);
	msg_put_u8(&o, (uint8_t)e->proto);
	put_bytes(&o, e->src.b, sizeof(e->src.b));
	put_bytes(&o, e->dst.b, sizeof(e->dst.b));
	msg_put_u32(&o, e->sport);
	msg_put_u32(&o, e->dport);
	msg_put_i64(&o, e->flags);
	msg_put_u8(&o, (uint8_t)(e->rewritten != 0));
	put_bytes(&o, e->new_src.b, sizeof(e->new_src.b));
	put_bytes(&o, e->new_dst.b, sizeof(e->new_dst.b));
	msg_put_u32(&o, e->new_sport);
	msg_put_u32(&o, e->new_dport);
	return (msg_send_wait(&o, sock, -1));
}

static int
send_end(int sock, const struct pflog *p)
{
	const struct pf_log *l = &p->log;
	struct msg_out o;

	msg_begin(&o, PFLOG_MSG_END);
	msg_put_str(&o, buf_str(&p->names));
	msg_put_u64(&o, l->entries);
	msg_put_u64(&o, l->blocked);
	msg_put_u64(&o, l->other);
	msg_put_u64(&o, l->bad);
	msg_put_u64(&o, l->lost);
	return (msg_send_wait(&o, sock, -1));
}

/* Sends what was counted and begins anew. */
static int
send_round(int sock, struct pflog *p)
{
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < p->log.count; i++)
		r = send_flow(sock, &p->log.flows[i]);
	if (r == 0)
		r = send_end(sock, p);
	pf_log_clear(&p->log);
	return (r);
}

static void
send_problem(int sock, const struct buf *why)
{
	struct msg_out o;

	msg_begin(&o, PFLOG_MSG_PROBLEM);
	msg_put_str(&o, buf_str(why));
	(void)msg_send_wait(&o, sock, -1);
}

/* Reads every interface once; 0, or -1 and `why`. */
static int
read_all(struct pflog *p, struct buf *why)
{
	size_t i;

	for (i = 0; i < p->count; i++) {
		if (sniffer_read(p->sniffers[i], take, p, why) == -1)
			return (-1);
		p->log.lost += sniffer_dropped(p->sniffers[i]);
	}
	return (0);
}

/* Until the other side is gone or an interface is. */
static void
serve(struct pflog *p, int sock, struct buf *why)
{
	struct pollfd other = { .fd = sock, .events = POLLIN };
	int pause = 0;

	if (send_round(sock, p) == -1)
		return;
	while (poll(&other, 1, pause) <= 0) {
		if (read_all(p, why) == -1)
			return;
		pause = p->log.entries + p->log.bad + p->log.lost > 0 ?
		    PAUSE_MS : 0;
		if (pause > 0 && send_round(sock, p) == -1)
			return;
	}
}

static int
become(struct str name, struct buf *why)
{
	char *user = mem_str(name);
	int r = sys_drop_root(user);

	if (r == -1)
		r = sys_drop_root("nobody");
	if (r == -1)
		buf_addf(why, "neither %s nor nobody can be become: %s", user,
		    strerror(errno));
	free(user);
	return (r);
}

int
pflog_role(struct str request, int sock)
{
	struct pflog p;
	struct str user = str_word(&request);
	struct buf why;
	size_t i;
	int failed;

	memset(&p, 0, sizeof(p));
	buf_init(&p.names, LIMIT_ERROR_TEXT);
	buf_init(&why, LIMIT_ERROR_TEXT);
	pf_log_init(&p.log, &p.watch);
	if (user.n == 0 || pf_watch_parse(&p.watch, request) == -1)
		buf_adds(&why, "the pflog child got a request that is none");
	else if (open_all(&p, &why) == 0 && become(user, &why) == 0)
		serve(&p, sock, &why);
	failed = why.len > 0;
	if (failed)
		send_problem(sock, &why);
	for (i = 0; i < p.count; i++)
		sniffer_close(p.sniffers[i]);
	pf_log_free(&p.log);
	buf_free(&p.names);
	buf_free(&why);
	return (failed);
}

void
pf_live_log_init(struct pf_live_log *l, const struct pf_watch *watch)
{
	memset(l, 0, sizeof(*l));
	pf_log_init(&l->log, watch);
	l->since = WALL_NONE;
}

void
pf_live_log_free(struct pf_live_log *l)
{
	pf_log_free(&l->log);
	free(l->interfaces);
	free(l->problem);
	memset(l, 0, sizeof(*l));
}

/* A name of the child's, which it made printable; -1: too long. */
static int
get_name(struct msg *m, char name[PF_LOG_NAME])
{
	struct str s = msg_get_str(m);

	if (s.n >= PF_LOG_NAME)
		return (-1);
	memcpy(name, s.n > 0 ? s.p : "", s.n);
	name[s.n] = '\0';
	return (0);
}

static int
get_ip(struct msg *m, struct pf_ip *ip)
{
	struct str s = msg_get_str(m);

	if (s.n != sizeof(ip->b))
		return (-1);
	memcpy(ip->b, s.p, sizeof(ip->b));
	return (0);
}

/* The entry's fields in send_flow's order; 0, or -1. */
static int
get_entry(struct msg *m, struct pf_log_entry *e)
{
	int bad = 0;

	e->action = msg_get_u8(m);
	e->reason = pf_log_reason_const(msg_get_str(m));
	bad |= get_name(m, e->ifname);
	bad |= get_name(m, e->ruleset);
	e->rule = msg_get_i64(m);
	e->subrule = msg_get_i64(m);
	e->dir = (enum pf_dir)msg_get_u8(m);
	e->af = (enum pf_af)msg_get_u8(m);
	e->proto = msg_get_u8(m);
	bad |= get_ip(m, &e->src);
	bad |= get_ip(m, &e->dst);
	e->sport = (uint16_t)msg_get_u32(m);
	e->dport = (uint16_t)msg_get_u32(m);
	e->flags = (int)msg_get_i64(m);
	e->rewritten = msg_get_u8(m);
	bad |= get_ip(m, &e->new_src);
	bad |= get_ip(m, &e->new_dst);
	e->new_sport = (uint16_t)msg_get_u32(m);
	e->new_dport = (uint16_t)msg_get_u32(m);
	return (bad || msg_end(m) == -1 || e->dir > PF_OUT ||
	    (e->af != PF_AF_INET && e->af != PF_AF_INET6) ||
	    e->rule < -1 || e->subrule < -1 ? -1 : 0);
}

static int
take_flow(struct pf_live_log *l, struct msg *m)
{
	struct pf_log_entry e;
	uint64_t packets;
	wall_t first;

	memset(&e, 0, sizeof(e));
	first.us = msg_get_i64(m);
	e.time.us = msg_get_i64(m);
	packets = msg_get_u64(m);
	if (get_entry(m, &e) == -1)
		return (-1);
	return (pf_log_add_flow(&l->log, &e, packets, first));
}

static int
take_end(struct pf_live_log *l, struct msg *m)
{
	struct str names = msg_get_str(m);

	l->log.entries += msg_get_u64(m);
	l->log.blocked += msg_get_u64(m);
	l->log.other += msg_get_u64(m);
	l->log.bad += msg_get_u64(m);
	l->log.lost += msg_get_u64(m);
	if (msg_end(m) == -1)
		return (-1);
	if (!wall_is_set(l->since))
		l->since = wall_now();
	free(l->interfaces);
	free(l->problem);
	l->interfaces = mem_str(names);
	l->problem = NULL;
	pf_log_forget(&l->log, wall_add(wall_now(), -PF_LOG_MEMORY_US));
	return (1);
}

static int
take_problem(struct pf_live_log *l, struct msg *m)
{
	struct str text = msg_get_str(m);

	if (msg_end(m) == -1)
		return (-1);
	free(l->interfaces);
	free(l->problem);
	l->interfaces = NULL;
	l->problem = mem_str(text);
	return (2);
}

int
pf_live_log_take(struct pf_live_log *l, struct msg *m)
{
	switch (m->type) {
	case PFLOG_MSG_FLOW: return (take_flow(l, m));
	case PFLOG_MSG_END: return (take_end(l, m));
	case PFLOG_MSG_PROBLEM: return (take_problem(l, m));
	default: return (-1);
	}
}
