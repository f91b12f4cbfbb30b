/* SPDX-License-Identifier: ISC */
/*
 * The child that captures on pflogN, with a libpcap of its own that reads a
 * savefile from a pipe, as this system has no pflog. Would catch: a filter
 * that lets pass too much or too little, a header version misread, drops not
 * told, root kept, a child that outlives its parent's interest, a message
 * that is not what it says.
 */
#include <sys/types.h>
#include <sys/stat.h>
#include <net/if.h>

#include <fcntl.h>
#include <pcap.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/mem.h"
#include "agent/run/child.h"
#include "agent/run/loop.h"
#include "probes/media/savefile.h"
#include "probes/pf/log/pflog_live.h"
#include "tests/kit/check.h"

/* libpcap, in place of the library's own. The environment says what it has:
 * PFLOG_PIPE the savefile, PFLOG_NAMES the interfaces. */

struct pcap {
	struct savefile file;
	struct bpf_program filter;
	struct bpf_insn code[16];
	int opened;
};

pcap_t *
pcap_create(const char *interface, char *why)
{
	const char *path = getenv("PFLOG_PIPE");
	pcap_t *p;

	if (path == NULL || strcmp(interface, "pflog0") != 0) {
		snprintf(why, PCAP_ERRBUF_SIZE, "/dev/bpf: Permission "
		    "denied");
		return (NULL);
	}
	p = mem_zalloc(1, sizeof(*p));
	if (savefile_open(&p->file, path) == 0)
		p->opened = 1;
	return (p);
}

int
pcap_set_snaplen(pcap_t *p, int n)
{
	(void)p;
	return (n < 160 ? PCAP_ERROR : 0);
}

int
pcap_set_promisc(pcap_t *p, int n)
{
	(void)p;
	return (n);
}

int
pcap_set_timeout(pcap_t *p, int n)
{
	(void)p;
	return (n > 0 ? 0 : PCAP_ERROR);
}

int
pcap_set_buffer_size(pcap_t *p, int n)
{
	(void)p;
	return (n > 0 ? 0 : PCAP_ERROR);
}

int
pcap_activate(pcap_t *p)
{
	return (p->opened ? 0 : PCAP_ERROR_IFACE_NOT_UP);
}

int
pcap_datalink(pcap_t *p)
{
	return ((int)p->file.link);
}

int
pcap_setfilter(pcap_t *p, struct bpf_program *f)
{
	memcpy(p->code, f->bf_insns, f->bf_len * sizeof(p->code[0]));
	p->filter.bf_len = f->bf_len;
	p->filter.bf_insns = p->code;
	return (0);
}

/* One packet a call; the end of the file is the interface's. */
int
pcap_dispatch(pcap_t *p, int n, pcap_handler f, u_char *arg)
{
	struct pollfd in = { .fd = p->file.fd, .events = POLLIN };
	struct capture_packet c;
	struct pcap_pkthdr h;

	(void)n;
	if (geteuid() == 0)
		return (PCAP_ERROR);	/* root is kept */
	/* as the kernel does, it waits no longer than the timeout */
	if (p->file.start == p->file.end && poll(&in, 1, 200) == 0)
		return (0);
	if (savefile_next(&p->file, &c) != 1) {
		usleep(50000);
		return (getenv("PFLOG_ENDS") != NULL ? PCAP_ERROR : 0);
	}
	memset(&h, 0, sizeof(h));
	h.ts.tv_sec = c.ns / NS_PER_SEC;
	h.ts.tv_usec = c.ns % NS_PER_SEC / 1000;
	h.caplen = (bpf_u_int32)c.len;
	h.len = (bpf_u_int32)c.wire;
	if (pcap_offline_filter(&p->filter, &h, c.data) == 0)
		return (0);
	f(arg, &h, c.data);
	return (1);
}

int
pcap_stats(pcap_t *p, struct pcap_stat *s)
{
	memset(s, 0, sizeof(*s));
	s->ps_drop = p->file.packets > 2 ? 7 : 0;
	return (0);
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
	if (p->opened)
		savefile_close(&p->file);
	free(p);
}

struct if_nameindex *
if_nameindex(void)
{
	struct if_nameindex *l = mem_zalloc(5, sizeof(*l));
	struct str names = str_from(getenv("PFLOG_NAMES"));
	unsigned n = 0;

	while (names.n > 0 && n < 4) {
		l[n].if_index = n + 1;
		l[n++].if_name = mem_str(str_word(&names));
	}
	return (l);
}

void
if_freenameindex(struct if_nameindex *l)
{
	struct if_nameindex *i;

	for (i = l; i->if_index != 0; i++)
		free(i->if_name);
	free(l);
}

/* The savefile. */

static void
put(FILE *f, uint32_t v, int bytes, int big)
{
	int i;

	for (i = 0; i < bytes; i++)
		fputc((int)(v >> 8 * (big ? bytes - 1 - i : i) & 255), f);
}

static void
put_head(FILE *f, int big, uint32_t link)
{
	put(f, 0xa1b2c3d4, 4, big);
	put(f, 2, 2, big);
	put(f, 4, 2, big);
	put(f, 0, 4, big);
	put(f, 0, 4, big);
	put(f, 160, 4, big);
	put(f, link, 4, big);
}

/* When pf logged: what is a day old no longer counts. */
static uint32_t now;

/* What pf logged of one datagram to 100.64.4.3:10000. */
struct logged {
	unsigned length;	/* of the header */
	uint8_t action, reason;
	uint8_t rule;
	uint8_t from;		/* last byte of the source */
	uint8_t cut;		/* bytes that are missing at the end */
};

static void
put_record(FILE *f, int big, const struct logged *l)
{
	uint8_t r[256];
	size_t start = (l->length + 3) & ~3U, len = start + 28 - l->cut;
	uint8_t *ip = r + start;

	memset(r, 0, sizeof(r));
	r[0] = (uint8_t)l->length;
	r[1] = 2;
	r[2] = l->action;
	r[3] = l->reason;
	memcpy(r + 4, "tap3", 4);
	r[39] = l->rule;
	memset(r + 40, 0xff, 4);
	r[60] = 2;
	ip[0] = 0x45;
	ip[9] = 17;
	memcpy(ip + 12, (uint8_t []){ 198, 51, 100, l->from }, 4);
	memcpy(ip + 16, (uint8_t []){ 100, 64, 4, 3 }, 4);
	memcpy(ip + 20, (uint8_t []){ 0xcb, 0x20, 0x27, 0x10 }, 4);
	put(f, now, 4, big);
	put(f, 5, 4, big);
	put(f, (uint32_t)len, 4, big);
	put(f, (uint32_t)len, 4, big);
	fwrite(r, 1, len, f);
}

static const struct logged packets[] = {
	{ 100, 1, 0, 3, 77, 0 },	/* blocked, a header of OpenBSD */
	{ 61, 1, 0, 3, 78, 0 },		/* of older systems */
	{ 69, 1, 0, 3, 79, 0 },		/* of FreeBSD */
	{ 72, 1, 0, 3, 80, 0 },
	{ 100, 0, 0, 4, 77, 0 },	/* passed: the filter's */
	{ 100, 0, 12, 5, 77, 0 },	/* passed, then a limit of states */
	{ 100, 1, 0, 3, 77, 12 },	/* no ports: cut short */
	{ 40, 1, 0, 3, 77, 0 },		/* a header that cannot be */
};

/* The whole test of one run. */
struct run {
	struct loop *loop;
	struct timer *late;
	struct child *child;
	struct pf_watch watch;
	struct pf_live_log live;
	uint64_t want;		/* entries to wait for */
	int rounds, problem, ended, bad;
};

static int
message(struct msg *m, void *arg)
{
	struct run *r = arg;
	int what = pf_live_log_take(&r->live, m);

	r->rounds += what == 1;
	r->problem += what == 2;
	r->bad += what == -1;
	if (what == 1 && r->live.log.entries + r->live.log.bad >= r->want &&
	    r->want > 0)
		loop_stop(r->loop);
	return (what == -1 ? -1 : 0);
}

static void
done(enum child_end end, int status, struct str answer, void *arg)
{
	struct run *r = arg;

	(void)end;
	(void)answer;
	r->child = NULL;
	r->ended = status == 0 ? 1 : 2;
	loop_stop(r->loop);
}

static void
late(void *arg)
{
	struct run *r = arg;

	loop_stop(r->loop);
}

/* Runs the child until it has told so much, or ends. */
static void
run(struct run *r, const char *request, uint64_t want)
{
	struct child_events on = { message, done, r };

	memset(r, 0, sizeof(*r));
	r->want = want;
	pf_watch_parse(&r->watch, str_from("17:10000-10000 100.64.4.3"));
	pf_live_log_init(&r->live, &r->watch);
	r->loop = loop_new();
	r->late = timer_new(r->loop, late, r);
	timer_in(r->late, 20 * NS_PER_SEC);
	r->child = child_start(r->loop, PFLOG_ROLE, str_from(request), -1,
	    MONO_NONE, &on);
	loop_run(r->loop);
	if (r->child != NULL)
		child_cancel(r->child);
	timer_free(r->late);
	loop_free(r->loop);
}

/* The writer's end of the pipe, in a process of its own, which ends when
 * the child's reader does. */
static pid_t
write_pipe(const char *path, int big, uint32_t link)
{
	FILE *f;
	size_t i;
	pid_t pid = fork();

	if (pid != 0)
		return (pid);
	alarm(30);
	if ((f = fopen(path, "wb")) == NULL)
		_exit(1);
	put_head(f, big, link);
	for (i = 0; i < sizeof(packets) / sizeof(packets[0]); i++)
		put_record(f, big, &packets[i]);
	fflush(f);
	if (getenv("PFLOG_ENDS") != NULL)
		_exit(0);
	for (;;)
		pause();
}

static const char good[] = "_meetprobe 17:10000-10000 100.64.4.3";

static void
test_counts(const char *path, int big)
{
	const struct pf_log_flow *f;
	struct run r;
	pid_t pid = write_pipe(path, big, 117);
	const char *order = big ? "big" : "little";

	setenv("PFLOG_NAMES", "lo0 pflog0 pflogger tap3", 1);
	run(&r, good, 7);
	kill(pid, SIGKILL);
	CHECK_INT(r.ended, 0, "it runs until it is ended (%s endian)", order);
	CHECK(r.live.interfaces != NULL && strcmp(r.live.interfaces,
	    "pflog0") == 0, "and says where it captures");
	CHECK_INT(r.bad, 0, "every message is what it says");
	CHECK_INT(r.live.log.entries, 6, "a passed packet is not for us");
	CHECK_INT(r.live.log.bad, 1, "a header that cannot be is counted");
	CHECK_INT(r.live.log.count, 2, "two flows");
	f = r.live.log.flows;
	CHECK(r.live.log.count == 2 && f->packets == 4 && f->sample.rule ==
	    3 && f->port == 10000 && f->sample.dir == PF_OUT &&
	    strcmp(f->sample.ifname, "tap3") == 0, "all header versions");
	CHECK(r.live.log.count == 2 && f[1].sample.rule == 5 &&
	    pf_log_dropped(&f[1].sample), "a limit of states, by its rule");
	CHECK(f != NULL && f->last.us == now * US_PER_SEC + 5,
	    "the packet's own time");
	CHECK_INT(r.live.log.lost, 7, "what the capture dropped is told");
	CHECK(r.live.log.other == 1, "a packet without ports");
	pf_live_log_free(&r.live);
}

/* Would catch: a host without the interface, or one without the right to
 * open it, that is silent; a capture of something else. */
static void
test_problems(const char *path)
{
	struct run r;
	pid_t pid;

	setenv("PFLOG_NAMES", "lo0", 1);
	run(&r, good, 0);
	CHECK(r.problem == 1 && r.ended == 2 && strstr(r.live.problem,
	    "ifconfig pflog0 create") != NULL, "no interface: %s",
	    r.live.problem);
	pf_live_log_free(&r.live);
	setenv("PFLOG_NAMES", "pflog1", 1);
	run(&r, good, 0);
	CHECK(r.problem == 1 && strcmp(r.live.problem, "pflog1: /dev/bpf: "
	    "Permission denied") == 0, "no right to: %s", r.live.problem);
	pf_live_log_free(&r.live);
	setenv("PFLOG_NAMES", "pflog0", 1);
	pid = write_pipe(path, 0, 1);
	run(&r, good, 0);
	kill(pid, SIGKILL);
	CHECK(r.problem == 1 && strstr(r.live.problem, "link type 1") != NULL,
	    "another link type: %s", r.live.problem);
	pf_live_log_free(&r.live);
	run(&r, "_meetprobe 17:x", 0);
	CHECK(r.problem == 1 && r.rounds == 0, "a request that is none");
	pf_live_log_free(&r.live);
	setenv("PFLOG_ENDS", "1", 1);
	pid = write_pipe(path, 0, 117);
	run(&r, good, 0);
	kill(pid, SIGKILL);
	unsetenv("PFLOG_ENDS");
	CHECK(r.problem == 1 && r.ended == 2 && strcmp(r.live.problem,
	    "the interface is gone") == 0 && r.live.interfaces == NULL,
	    "the interface goes: %s", r.live.problem);
	CHECK(r.live.log.count > 0, "what came before stays");
	pf_live_log_free(&r.live);
}

/* A message of the child cut at every byte. Would catch: a field that is
 * taken beyond the end, a text that is longer than its place. */
static void
test_messages(void)
{
	struct pf_watch watch;
	struct pf_live_log l;
	struct msg_out o;
	struct msg m;
	int fd[2], i, cut, bad = 0, n = 0;

	pf_watch_parse(&watch, str_from("17:10000-10000 -"));
	pf_live_log_init(&l, &watch);
	if (msg_pair(fd) == -1)
		return;
	for (cut = 0; cut < 120; cut++) {
		msg_begin(&o, PFLOG_MSG_FLOW);
		for (i = 0; i < cut; i++)
			msg_put_u8(&o, (uint8_t)i);
		if (msg_send(&o, fd[0], -1) == -1 || msg_recv(&m, fd[1]) != 1)
			break;
		bad += pf_live_log_take(&l, &m) != -1;
		n++;
	}
	CHECK(n == 120 && bad == 0, "bytes that are no flow");
	msg_begin(&o, PFLOG_MSG_END);
	msg_put_str(&o, str_from("pflog0"));
	msg_put_u64(&o, 1);
	if (msg_send(&o, fd[0], -1) == 0 && msg_recv(&m, fd[1]) == 1)
		CHECK_INT(pf_live_log_take(&l, &m), -1, "half a round");
	msg_begin(&o, 99);
	if (msg_send(&o, fd[0], -1) == 0 && msg_recv(&m, fd[1]) == 1)
		CHECK_INT(pf_live_log_take(&l, &m), -1, "another message");
	pf_live_log_free(&l);
	close(fd[0]);
	close(fd[1]);
}

int
main(int argc, char **argv)
{
	static const struct child_role roles[] = {
		{ .name = PFLOG_ROLE, .run = pflog_role },
		{ .name = NULL },
	};
	char dir[] = "/tmp/pflog-XXXXXX", path[64];

	child_main(argc, argv, roles);
	now = (uint32_t)(wall_now().us / US_PER_SEC);
	if (mkdtemp(dir) == NULL)
		return (1);
	chmod(dir, 0755);
	snprintf(path, sizeof(path), "%s/pipe", dir);
	if (mkfifo(path, 0644) == -1)
		return (1);
	setenv("PFLOG_PIPE", path, 1);
	test_counts(path, 0);
	test_counts(path, 1);
	test_problems(path);
	test_messages();
	unlink(path);
	rmdir(dir);
	return (check_end());
}
