/* SPDX-License-Identifier: ISC */
/*
 * UDP exchanges of probes. I/O. Owns its socket, timer, resolver. The socket
 * is connected, so that the system gives us the ICMP messages for it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/mem.h"
#include "agent/run/loop.h"
#include "probes/datagram.h"
#include "probes/probe.h"
#include "probes/resolve.h"

#define FIRST_WAIT_NS (500 * NS_PER_MS)

struct datagram {
	struct probe_run *run;
	struct datagram_events on;
	void *arg;
	char *label, *name, *bytes;
	size_t len;
	uint16_t port;
	struct resolve *resolve;
	struct addr peer;
	int fd;
	struct io *io;
	struct timer *timer;
	int64_t wait;
};

struct datagram *
datagram_new(struct probe_run *run, const struct datagram_events *on,
    void *arg)
{
	struct datagram *d = mem_zalloc(1, sizeof(*d));

	d->run = run;
	d->on = *on;
	d->arg = arg;
	d->fd = -1;
	return (d);
}

void
datagram_free(struct datagram *d)
{
	if (d == NULL)
		return;
	resolve_free(d->resolve);
	io_free(d->io);
	timer_free(d->timer);
	if (d->fd != -1)
		close(d->fd);
	free(d->label);
	free(d->name);
	free(d->bytes);
	free(d);
}

const struct addr *
datagram_peer(const struct datagram *d)
{
	return (&d->peer);
}

static void
failed(struct datagram *d, int error)
{
	enum reason reason = reason_from_errno(error);
	char who[ADDR_TEXT_SIZE];

	if (d->run->finished || (d->on.error != NULL &&
	    d->on.error(error, d->arg)))
		return;
	addr_text_port(&d->peer, who, sizeof(who));
	/* for UDP the refusal is an ICMP message, or the filter's in its
	 * place */
	if (reason == REASON_REFUSED)
		reason = REASON_ICMP_PORT;
	probe_fail(d->run, reason, "%s (%s): %s", d->label, who,
	    reason == REASON_INTERNAL ? strerror(error) :
	    reason_text(reason));
}

static void
ready(int fd, int events, void *arg)
{
	struct datagram *d = arg;
	char bytes[2048];
	ssize_t n;

	(void)events;
	n = recv(fd, bytes, sizeof(bytes), 0);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n == -1)
		failed(d, errno);
	else if (!d->run->finished)
		d->on.data(str_of(bytes, (size_t)n), d->arg);
}

static void
send_again(void *arg)
{
	struct datagram *d = arg;

	if (d->run->finished)
		return;
	if (send(d->fd, d->bytes, d->len, 0) == -1 && errno != EAGAIN &&
	    errno != ENOBUFS) {
		failed(d, errno);
		return;
	}
	timer_in(d->timer, d->wait);
	d->wait *= 2;
}

static void
open_socket(struct datagram *d)
{
	char who[ADDR_TEXT_SIZE];

	addr_set_port(&d->peer, d->port);
	addr_text_port(&d->peer, who, sizeof(who));
	probe_phase(d->run, "answer", LAYER_NET, "waiting for an answer from "
	    "%s", who);
	check_say(&d->run->check, "-> %zu bytes to udp %s", d->len, who);
	d->fd = addr_socket(&d->peer, SOCK_DGRAM);
	if (d->fd == -1 || connect(d->fd, (const struct sockaddr *)
	    &d->peer.ss, d->peer.len) == -1) {
		failed(d, errno);
		return;
	}
	d->io = io_new(d->run->loop, d->fd, IO_READ, ready, d);
	d->timer = timer_new(d->run->loop, send_again, d);
	d->wait = FIRST_WAIT_NS;
	send_again(d);
}

static void
resolved(const struct resolved *found, void *arg)
{
	struct datagram *d = arg;

	if (d->run->finished)
		return;
	if (found->reason != REASON_OK || found->count == 0) {
		probe_fail(d->run, found->reason, "%s: the name %s cannot be "
		    "looked up here: %s (%s)", d->label, d->name,
		    reason_text(found->reason), found->text);
		return;
	}
	d->peer = found->list[0];
	open_socket(d);
}

void
datagram_send(struct datagram *d, const char *label, const char *name,
    const char *address, uint16_t port, struct str bytes)
{
	d->label = mem_strdup(label);
	d->name = mem_strdup(name);
	d->bytes = mem_str(bytes);
	d->len = bytes.n;
	d->port = port;
	if (address != NULL && addr_parse(&d->peer, str_from(address), port)
	    == 0) {
		open_socket(d);
		return;
	}
	probe_phase(d->run, "name", LAYER_DNS, "looking up %s", name);
	d->resolve = resolve_start(d->run->loop, name, resolved, d);
}
