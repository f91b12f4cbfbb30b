/* SPDX-License-Identifier: ISC */
/*
 * Names: would catch a hosts file misread (aliases, comments, case), a port
 * in resolv.conf lost, a truncated answer not asked again over TCP, the
 * second server never asked, and an answer of a stranger believed.
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <netinet/in.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/mem.h"
#include "agent/run/loop.h"
#include "probes/resolve.h"
#include "tests/kit/check.h"

static char *
file_of(const char *text)
{
	char *path = mem_strdup("/tmp/meetprobe-resolve-XXXXXX");
	int fd = mkstemp(path);

	if (fd == -1 || write(fd, text, strlen(text)) == -1)
		fatal("no file");
	close(fd);
	return (path);
}

static void
drop(char *path)
{
	unlink(path);
	free(path);
}

static void
test_hosts(void)
{
	char *path = file_of("127.0.0.1\tlocalhost\n# 192.0.2.9 xmpp\n"
	    "100.64.2.3 xmpp JTS.example # the site\n::1 xmpp\n"
	    "not an address xmpp\n100.64.2.30 xmpp2");
	struct addr list[LIMIT_ADDRESSES];
	char text[ADDR_TEXT_SIZE];

	CHECK_INT(hosts_lookup(path, STR_LIT("jts.example"), list), 1,
	    "an alias is found, whatever its case");
	addr_text(&list[0], text, sizeof(text));
	CHECK_STR(text, "100.64.2.3", "with its address");
	CHECK_INT(hosts_lookup(path, STR_LIT("xmpp"), list), 2,
	    "a name may have several, a comment and rubbish are none");
	CHECK_INT(hosts_lookup(path, STR_LIT("site"), list), 0,
	    "a word of a comment is no name");
	CHECK_INT(hosts_lookup("/nonexistent", STR_LIT("xmpp"), list), 0,
	    "no file, no names");
	drop(path);
}

static void
test_resolv(void)
{
	char *path = file_of("search a.example b.example\n"
	    "nameserver 192.0.2.1 ; first\nnameserver [2001:db8::1]:5353\n"
	    "options ndots:1\nnameserver nonsense\nlookup file bind\n");
	struct nameservers ns;

	nameservers_read(&ns, path);
	CHECK_INT(ns.count, 2, "two servers");
	CHECK_INT(addr_port(&ns.list[0]), 53, "the first at port 53");
	CHECK_INT(addr_port(&ns.list[1]), 5353, "the second at its own");
	CHECK_INT(ns.search_count, 2, "two domains to search");
	CHECK_STR(ns.search[1], "b.example", "in their order");
	drop(path);
}

/* A server on both transports: over UDP it does `udp`, over TCP answers. */
enum behaviour { ANSWER, TRUNCATE, STRANGER, DEAF };

static size_t
make_answer(uint8_t *m, size_t n, int truncated)
{
	static const uint8_t record[] = { 0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 60,
		0, 4, 192, 0, 2, 77 };

	m[2] = truncated ? 0x83 : 0x81;
	m[3] = 0x80;
	m[7] = truncated ? 0 : 1;
	if (truncated)
		return (n);
	memcpy(m + n, record, sizeof(record));
	return (n + sizeof(record));
}

static void
serve_udp(int fd, enum behaviour b)
{
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	uint8_t m[600];
	ssize_t n = recvfrom(fd, m, 512, 0, (struct sockaddr *)&from, &len);
	size_t out;

	if (n < 12 || b == DEAF)
		return;
	out = make_answer(m, (size_t)n, b == TRUNCATE);
	if (b == STRANGER) {
		m[0] ^= 0x55;	/* first one with another id */
		(void)sendto(fd, m, out, 0, (struct sockaddr *)&from, len);
		m[0] ^= 0x55;
	}
	(void)sendto(fd, m, out, 0, (struct sockaddr *)&from, len);
}

static void
serve_tcp(int fd)
{
	uint8_t m[700];
	size_t out;
	ssize_t n;
	int c = accept(fd, NULL, NULL);

	n = read(c, m, 600);
	if (n > 14) {
		out = make_answer(m + 2, (size_t)n - 2, 0);
		m[0] = (uint8_t)(out >> 8);
		m[1] = (uint8_t)out;
		/* in two pieces: the length counts, not the segments */
		(void)!write(c, m, 5);
		usleep(30000);
		(void)!write(c, m + 5, out - 3);
	}
	close(c);
}

static pid_t
start_server(enum behaviour b, struct addr *where)
{
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);
	int udp = socket(AF_INET, SOCK_DGRAM, 0);
	int tcp = socket(AF_INET, SOCK_STREAM, 0);
	pid_t pid;

	memset(&sin, 0, sizeof(sin));
	sin.sin_family = AF_INET;
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(tcp, (struct sockaddr *)&sin, sizeof(sin)) == -1 ||
	    listen(tcp, 4) == -1 ||
	    getsockname(tcp, (struct sockaddr *)&sin, &len) == -1 ||
	    bind(udp, (struct sockaddr *)&sin, sizeof(sin)) == -1)
		fatal("no server");
	addr_parse(where, STR_LIT("127.0.0.1"), ntohs(sin.sin_port));
	pid = fork();
	if (pid == 0) {
		for (;;) {
			serve_udp(udp, b);
			if (b == TRUNCATE)
				serve_tcp(tcp);
		}
	}
	close(udp);
	close(tcp);
	return (pid);
}

struct got {
	struct loop *loop;
	enum reason reason;
	size_t count;
	int last;
	char text[200];
};

static void
done(enum reason reason, const struct dns_answer *a, const char *text,
    void *arg)
{
	struct got *g = arg;
	size_t list[4];

	g->reason = reason;
	snprintf(g->text, sizeof(g->text), "%s", text);
	if (a != NULL) {
		g->count = dns_answer_select(a, STR_LIT("jts.example"), DNS_A,
		    list, 4);
		if (g->count > 0)
			g->last = a->list[list[0]].address[3];
	}
	loop_stop(g->loop);
}

static void
ask(struct got *g, const struct nameservers *ns)
{
	struct ask_events on = { done, g };
	struct ask *a;

	memset(g, 0, sizeof(*g));
	g->loop = loop_new();
	a = ask_start(g->loop, ns, "jts.example", DNS_A, &on);
	loop_run(g->loop);
	ask_free(a);
	loop_free(g->loop);
}

static void
test_ask(void)
{
	static const struct {
		enum behaviour b;
		const char *what;
	} cases[] = {
		{ ANSWER, "an answer over UDP" },
		{ TRUNCATE, "a truncated one is asked for over TCP" },
		{ STRANGER, "an answer of another id is passed over" },
	};
	struct nameservers ns;
	struct got g;
	pid_t pid, second;
	size_t i;

	for (i = 0; i < 3; i++) {
		memset(&ns, 0, sizeof(ns));
		ns.count = 1;
		pid = start_server(cases[i].b, &ns.list[0]);
		ask(&g, &ns);
		CHECK(g.reason == REASON_OK && g.count == 1 && g.last == 77,
		    "%s (%s)", cases[i].what, g.text);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	memset(&ns, 0, sizeof(ns));
	ns.count = 2;
	pid = start_server(DEAF, &ns.list[0]);
	second = start_server(ANSWER, &ns.list[1]);
	ask(&g, &ns);
	CHECK(g.reason == REASON_OK && g.last == 77,
	    "the second server is asked when the first is deaf");
	kill(second, SIGKILL);
	waitpid(second, NULL, 0);
	ns.count = 1;
	ask(&g, &ns);
	CHECK_STR(reason_name(g.reason), "timeout", "deaf servers: timeout");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	ask(&g, &ns);
	CHECK_STR(reason_name(g.reason), "refused",
	    "a port that nobody has: refused");
	ns.count = 0;
	ask(&g, &ns);
	CHECK_STR(reason_name(g.reason), "dns-fail", "no server: dns-fail");
}

int
main(void)
{
	test_hosts();
	test_resolv();
	test_ask();
	return (check_end());
}
