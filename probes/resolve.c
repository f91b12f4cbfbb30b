/* SPDX-License-Identifier: ISC */
/*
 * Names to addresses on the loop. I/O. Owns its sockets and timers.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/cur.h"
#include "agent/base/mem.h"
#include "agent/run/loop.h"
#include "probes/resolve.h"

/* A server is given this long before the next one is asked. */
#define ASK_WAIT_NS (1500 * NS_PER_MS)
#define ASK_ROUNDS 2

/* Reads a small file whole into b; -1 when it cannot be. */
static int
slurp(const char *file, struct buf *b)
{
	char part[4096];
	ssize_t n;
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	buf_init(b, LIMIT_HOSTS_FILE);
	if (fd == -1)
		return (-1);
	while ((n = read(fd, part, sizeof(part))) > 0)
		buf_add(b, part, (size_t)n);
	close(fd);
	return (n == 0 ? 0 : -1);
}

/* The next line without its comment; 0 at the end. */
static int
next_line(struct str *text, struct str *line)
{
	size_t i;

	if (text->n == 0)
		return (0);
	*line = str_split(text, '\n');
	for (i = 0; i < line->n; i++)
		if (line->p[i] == '#' || line->p[i] == ';')
			line->n = i;
	return (1);
}

static void
read_search(struct nameservers *ns, struct str line)
{
	struct str word;

	ns->search_count = 0;
	while ((word = str_word(&line)).n > 0) {
		if (ns->search_count == LIMIT_NAMESERVERS ||
		    word.n >= DNS_NAME_SIZE)
			continue;
		memcpy(ns->search[ns->search_count], word.p, word.n);
		ns->search[ns->search_count++][word.n] = '\0';
	}
}

void
nameservers_read(struct nameservers *ns, const char *file)
{
	struct str text, line, word;
	struct addr a;
	struct buf b;

	memset(ns, 0, sizeof(*ns));
	(void)slurp(file == NULL ? "/etc/resolv.conf" : file, &b);
	text = buf_str(&b);
	while (next_line(&text, &line)) {
		word = str_word(&line);
		if (str_eqs(word, "nameserver")) {
			word = str_word(&line);
			/* [ADDR]:PORT is OpenBSD's way to name a port */
			if (ns->count < LIMIT_NAMESERVERS &&
			    addr_parse_port(&a, word, 53) == 0)
				ns->list[ns->count++] = a;
		} else if (str_eqs(word, "search") || str_eqs(word, "domain"))
			read_search(ns, line);
	}
	buf_free(&b);
}

size_t
hosts_lookup(const char *file, struct str name, struct addr *list)
{
	struct str text, line, word, address;
	char *have;
	size_t count = 0;
	struct buf b;
	struct addr a;

	if (name.n > 0 && name.p[name.n - 1] == '.')
		name.n--;
	(void)slurp(file == NULL ? "/etc/hosts" : file, &b);
	text = buf_str(&b);
	while (next_line(&text, &line)) {
		address = str_word(&line);
		if (addr_parse(&a, address, 0) == -1)
			continue;
		while ((word = str_word(&line)).n > 0) {
			have = mem_str(word);
			if (str_ieqs(name, have) && count < LIMIT_ADDRESSES)
				list[count++] = a;
			free(have);
		}
	}
	buf_free(&b);
	return (count);
}

struct ask {
	struct loop *loop;
	struct nameservers servers;
	char *name;
	uint16_t type, id;
	struct ask_events on;
	struct dns_answer answer;

	size_t server, tries;
	int fd, tcp;
	struct io *io;
	struct timer *timer;
	struct buf query, in;
	size_t sent;
	int finished;
	enum reason worst;		/* of the servers asked so far */
	char text[160];
};

static void ask_next(struct ask *);

static void
hang_up(struct ask *a)
{
	io_free(a->io);
	a->io = NULL;
	if (a->fd != -1)
		close(a->fd);
	a->fd = -1;
}

static void
ask_done(struct ask *a, enum reason reason, const struct dns_answer *answer)
{
	hang_up(a);
	timer_stop(a->timer);
	if (a->finished)
		return;
	a->finished = 1;
	a->on.done(reason, answer, a->text, a->on.arg);
}

/* Notes why a server was of no use, and turns to the next. */
static void
ask_give_up(struct ask *a, enum reason reason, const char *what)
{
	char who[ADDR_TEXT_SIZE];

	addr_text(&a->servers.list[a->server], who, sizeof(who));
	snprintf(a->text, sizeof(a->text), "DNS server %s %s", who, what);
	a->worst = reason;
	hang_up(a);
	a->server++;
	ask_next(a);
}

/* Judges a message of the present server. */
static void
ask_message(struct ask *a, struct str message)
{
	char who[ADDR_TEXT_SIZE], what[48];
	int r = dns_answer_read(&a->answer, message, a->id,
	    str_from(a->name), a->type);

	if (r == -2)
		return;			/* not ours: go on waiting */
	if (r == -1) {
		ask_give_up(a, REASON_PROTOCOL_ERROR,
		    "answered with something that is no DNS message");
		return;
	}
	if (a->answer.truncated && !a->tcp) {
		hang_up(a);
		a->tcp = 1;
		ask_next(a);
		return;
	}
	addr_text(&a->servers.list[a->server], who, sizeof(who));
	snprintf(a->text, sizeof(a->text), "DNS server %s", who);
	if (a->answer.rcode == DNS_NOERROR)
		ask_done(a, REASON_OK, &a->answer);
	else if (a->answer.rcode == DNS_NXDOMAIN)
		ask_done(a, REASON_DNS_NXDOMAIN, &a->answer);
	else {
		snprintf(what, sizeof(what), "answers %s (code %d)",
		    a->answer.rcode == DNS_SERVFAIL ? "SERVFAIL" :
		    a->answer.rcode == DNS_REFUSED ? "REFUSED" : "an error",
		    a->answer.rcode);
		ask_give_up(a, REASON_DNS_FAIL, what);
	}
}

static void
ask_error(struct ask *a, int error)
{
	enum reason reason = reason_from_errno(error);

	ask_give_up(a, reason, reason == REASON_REFUSED ?
	    "refuses port 53" : strerror(error));
}

static void
ask_read_udp(struct ask *a)
{
	char bytes[4096];
	ssize_t n = recv(a->fd, bytes, sizeof(bytes), 0);

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n == -1)
		ask_error(a, errno);
	else
		ask_message(a, str_of(bytes, (size_t)n));
}

static void
ask_read_tcp(struct ask *a)
{
	char bytes[4096];
	ssize_t n = recv(a->fd, bytes, sizeof(bytes), 0);
	size_t want;

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n == -1) {
		ask_error(a, errno);
		return;
	}
	buf_add(&a->in, bytes, (size_t)n);
	want = a->in.len < 2 ? SIZE_MAX : ((size_t)(uint8_t)a->in.data[0] << 8 |
	    (uint8_t)a->in.data[1]) + 2;
	if (a->in.len >= want)
		ask_message(a, str_of(a->in.data + 2, want - 2));
	else if (n == 0)
		ask_give_up(a, a->in.len == 0 ? REASON_CLOSED :
		    REASON_TRUNCATED, "closed the connection before the end");
}

static void
ask_write_tcp(struct ask *a)
{
	ssize_t n;

	n = send(a->fd, a->query.data + a->sent, a->query.len - a->sent,
	    MSG_NOSIGNAL);
	if (n == -1 && errno != EAGAIN && errno != EINTR) {
		ask_error(a, errno);
		return;
	}
	if (n > 0)
		a->sent += (size_t)n;
	if (a->sent == a->query.len)
		io_set(a->io, IO_READ);
}

static void
ask_ready(int fd, int events, void *arg)
{
	struct ask *a = arg;
	int error = 0;
	socklen_t len = sizeof(error);

	if (events & IO_WRITE) {
		if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == -1)
			error = errno;
		if (error != 0)
			ask_error(a, error);
		else
			ask_write_tcp(a);
		return;
	}
	if (a->tcp)
		ask_read_tcp(a);
	else
		ask_read_udp(a);
}

/* Sends the query to the present server; -1 with errno. */
static int
ask_send(struct ask *a)
{
	const struct addr *to = &a->servers.list[a->server];
	struct buf query;
	char length[2];

	a->id = (uint16_t)arc4random_uniform(65536);
	buf_clear(&a->query);
	buf_clear(&a->in);
	a->sent = 0;
	buf_init(&query, 512);
	(void)dns_query_write(&query, a->id, str_from(a->name), a->type);
	if (a->tcp) {
		length[0] = (char)(query.len >> 8);
		length[1] = (char)query.len;
		buf_add(&a->query, length, 2);
	}
	buf_add_str(&a->query, buf_str(&query));
	buf_free(&query);
	a->fd = addr_socket(to, a->tcp ? SOCK_STREAM : SOCK_DGRAM);
	if (a->fd == -1)
		return (-1);
	if (connect(a->fd, (const struct sockaddr *)&to->ss, to->len) == -1 &&
	    errno != EINPROGRESS)
		return (-1);
	if (!a->tcp && send(a->fd, a->query.data, a->query.len, 0) == -1)
		return (-1);
	a->io = io_new(a->loop, a->fd, a->tcp ? IO_WRITE : IO_READ, ask_ready,
	    a);
	return (0);
}

/* Asks the present server, or the one after those that cannot be. */
static void
ask_next(struct ask *a)
{
	for (;;) {
		if (a->server >= a->servers.count) {
			a->server = 0;
			a->tcp = 0;
			if (++a->tries >= ASK_ROUNDS) {
				ask_done(a, a->worst, NULL);
				return;
			}
		}
		timer_in(a->timer, ASK_WAIT_NS);
		if (ask_send(a) == 0)
			return;
		a->worst = reason_from_errno(errno);
		snprintf(a->text, sizeof(a->text), "DNS server: %s",
		    strerror(errno));
		hang_up(a);
		a->server++;
	}
}

/* A server's time is over; or the start. */
static void
ask_tick(void *arg)
{
	struct ask *a = arg;
	struct buf test;
	int bad;

	if (a->fd != -1) {
		ask_give_up(a, REASON_TIMEOUT, "does not answer");
		return;
	}
	buf_init(&test, 512);
	bad = dns_query_write(&test, 0, str_from(a->name), a->type) == -1;
	buf_free(&test);
	if (bad) {
		snprintf(a->text, sizeof(a->text), "not a name");
		ask_done(a, REASON_DNS_FAIL, NULL);
	} else if (a->servers.count == 0) {
		snprintf(a->text, sizeof(a->text),
		    "no DNS server is configured (resolv.conf)");
		ask_done(a, REASON_DNS_FAIL, NULL);
	} else
		ask_next(a);
}

struct ask *
ask_start(struct loop *loop, const struct nameservers *servers,
    const char *name, uint16_t type, const struct ask_events *on)
{
	struct ask *a = mem_zalloc(1, sizeof(*a));

	a->loop = loop;
	a->servers = *servers;
	a->name = mem_strdup(name);
	a->type = type;
	a->on = *on;
	a->fd = -1;
	a->worst = REASON_DNS_FAIL;
	buf_init(&a->query, 1024);
	buf_init(&a->in, LIMIT_DNS_MESSAGE + 2);
	a->timer = timer_new(loop, ask_tick, a);
	timer_in(a->timer, 0);
	return (a);
}

void
ask_free(struct ask *a)
{
	if (a == NULL)
		return;
	hang_up(a);
	timer_free(a->timer);
	buf_free(&a->query);
	buf_free(&a->in);
	free(a->name);
	free(a);
}

struct resolve {
	struct loop *loop;
	char *name;
	void (*done)(const struct resolved *, void *);
	void *arg;
	struct timer *timer;
	struct nameservers servers;
	size_t suffix;		/* search domain tried next */
	uint16_t type;
	char *full;		/* the name as asked now */
	struct ask *ask;
	struct ask *old;	/* over, freed at the next step */
	struct resolved result;
};

static void resolve_ask(struct resolve *);

static void
resolve_end(struct resolve *r)
{
	r->done(&r->result, r->arg);
}

static void
take_addresses(struct resolve *r, const struct dns_answer *answer)
{
	size_t list[LIMIT_ADDRESSES], n, i;
	struct addr *a;

	n = dns_answer_select(answer, str_from(r->full), r->type, list,
	    LIMIT_ADDRESSES);
	for (i = 0; i < n && i < LIMIT_ADDRESSES &&
	    r->result.count < LIMIT_ADDRESSES; i++) {
		a = &r->result.list[r->result.count++];
		addr_from_bytes(a, answer->list[list[i]].address,
		    r->type == DNS_AAAA ? 16 : 4);
	}
}

/* A or AAAA has been answered. */
static void
resolve_answer(enum reason reason, const struct dns_answer *answer,
    const char *text, void *arg)
{
	struct resolve *r = arg;

	r->old = r->ask;
	r->ask = NULL;
	r->result.from = RESOLVE_DNS;
	r->result.reason = reason;
	snprintf(r->result.text, sizeof(r->result.text), "%s", text);
	if (reason == REASON_OK) {
		take_addresses(r, answer);
		if (r->type == DNS_A) {
			r->type = DNS_AAAA;
			timer_in(r->timer, 0);
			return;
		}
	}
	if (r->result.count > 0) {
		r->result.reason = REASON_OK;
		resolve_end(r);
		return;
	}
	if (reason == REASON_OK || reason == REASON_DNS_NXDOMAIN) {
		r->result.reason = REASON_DNS_NXDOMAIN;
		if (r->suffix < r->servers.search_count) {
			r->suffix++;
			r->type = DNS_A;
			timer_in(r->timer, 0);
			return;
		}
	}
	resolve_end(r);
}

/* Asks for the name as it is now: with a search domain, or without. A name
 * without a dot is tried with the domains first, as libc does. */
static void
resolve_ask(struct resolve *r)
{
	struct ask_events on = { resolve_answer, r };
	int dotted = strchr(r->name, '.') != NULL;
	size_t which = r->suffix;

	free(r->full);
	if (dotted ? which == 0 : which == r->servers.search_count)
		r->full = mem_strdup(r->name);
	else
		r->full = mem_printf("%s.%s", r->name,
		    r->servers.search[dotted ? which - 1 : which]);
	r->ask = ask_start(r->loop, &r->servers, r->full, r->type, &on);
}

static void
resolve_step(void *arg)
{
	struct resolve *r = arg;

	ask_free(r->old);
	r->old = NULL;
	if (r->full != NULL) {
		resolve_ask(r);
		return;
	}
	if (addr_parse(&r->result.list[0], str_from(r->name), 0) == 0) {
		r->result.from = RESOLVE_NUMERIC;
		r->result.count = 1;
		snprintf(r->result.text, sizeof(r->result.text), "numeric");
		resolve_end(r);
		return;
	}
	r->result.count = hosts_lookup(NULL, str_from(r->name),
	    r->result.list);
	if (r->result.count > 0) {
		r->result.from = RESOLVE_HOSTS;
		snprintf(r->result.text, sizeof(r->result.text),
		    "/etc/hosts");
		resolve_end(r);
		return;
	}
	nameservers_read(&r->servers, NULL);
	resolve_ask(r);
}

struct resolve *
resolve_start(struct loop *loop, const char *name,
    void (*done)(const struct resolved *, void *), void *arg)
{
	struct resolve *r = mem_zalloc(1, sizeof(*r));

	r->loop = loop;
	r->name = mem_strdup(name);
	r->done = done;
	r->arg = arg;
	r->type = DNS_A;
	r->timer = timer_new(loop, resolve_step, r);
	timer_in(r->timer, 0);
	return (r);
}

void
resolve_free(struct resolve *r)
{
	if (r == NULL)
		return;
	ask_free(r->ask);
	ask_free(r->old);
	timer_free(r->timer);
	free(r->full);
	free(r->name);
	free(r);
}
