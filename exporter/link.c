/* SPDX-License-Identifier: ISC */
/*
 * The engine's end of the socket to the http process: a queue of pages and
 * answers, requests coming in. I/O. Owns the socket and what is queued.
 */
#include <sys/types.h>
#include <sys/queue.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/run/loop.h"
#include "agent/run/msg.h"
#include "exporter/link.h"

/* One page or answer on its way. */
struct item {
	TAILQ_ENTRY(item) entry;
	struct http_item head;
	int started;		/* the head was sent */
	char *body;
	size_t sent;		/* bytes of the body */
};

struct http_link {
	struct loop *loop;
	int sock;
	struct io *io;
	struct http_link_events events;
	TAILQ_HEAD(item_head, item) queue;
	int gone;		/* nothing is sent any more */
	int telling;		/* tell_gone is on its way */
	int freed;		/* and is the one to free the memory */
	struct msg in;
};

static void
item_free(struct item *item)
{
	free(item->body);
	free(item);
}

/* Tells the owner, from the loop, once. */
static void
tell_gone(void *arg)
{
	struct http_link *l = arg;

	l->telling = 0;
	if (l->freed)
		free(l);
	else
		l->events.gone(l->events.arg);
}

static void
set_gone(struct http_link *l)
{
	if (l->gone)
		return;
	l->gone = l->telling = 1;
	io_set(l->io, 0);
	loop_defer(l->loop, tell_gone, l);
}

/* The next message of an item. */
static void
make_message(struct item *item, struct msg_out *m, size_t *piece)
{
	*piece = 0;
	if (!item->started) {
		http_make_item(m, &item->head);
		return;
	}
	*piece = item->head.length - item->sent;
	if (*piece > HTTP_PIECE)
		*piece = HTTP_PIECE;
	http_make_data(m, str_of(item->body + item->sent, *piece));
}

/* Sends what the socket takes; watches for room when something is left. */
static void
flush(struct http_link *l)
{
	struct item *item;
	struct msg_out m;
	size_t piece;

	while (!l->gone && (item = TAILQ_FIRST(&l->queue)) != NULL) {
		make_message(item, &m, &piece);
		if (msg_send(&m, l->sock, -1) == -1) {
			if (errno == EAGAIN || errno == ENOBUFS)
				io_set(l->io, IO_READ | IO_WRITE);
			else
				set_gone(l);
			return;
		}
		item->started = 1;
		item->sent += piece;
		if (item->sent == item->head.length) {
			TAILQ_REMOVE(&l->queue, item, entry);
			item_free(item);
		}
	}
	if (!l->gone)
		io_set(l->io, IO_READ);
}

/* Takes one message; 0, or -1 when there is no more to take now. */
static int
take(struct http_link *l)
{
	struct http_request request;
	int r = msg_recv(&l->in, l->sock);

	if (r == -1 && errno == EAGAIN)
		return (-1);
	if (r == 1 && l->in.fd != -1) {
		close(l->in.fd);
		r = 0;
	}
	if (r != 1 || l->in.type != HTTP_MSG_REQUEST ||
	    http_get_request(&l->in, &request) == -1) {
		set_gone(l);
		return (-1);
	}
	l->events.request(&request, l->events.arg);
	return (0);
}

static void
ready(int fd, int events, void *arg)
{
	struct http_link *l = arg;

	(void)fd;
	if (events & IO_WRITE)
		flush(l);
	else if (events & IO_READ)
		take(l);
}

struct http_link *
http_link_new(struct loop *loop, int sock,
    const struct http_link_events *events)
{
	struct http_link *l = mem_zalloc(1, sizeof(*l));

	l->loop = loop;
	l->sock = sock;
	l->events = *events;
	TAILQ_INIT(&l->queue);
	fcntl(sock, F_SETFL, fcntl(sock, F_GETFL) | O_NONBLOCK);
	l->io = io_new(loop, sock, IO_READ, ready, l);
	return (l);
}

void
http_link_free(struct http_link *l)
{
	struct item *item;

	if (l == NULL)
		return;
	while ((item = TAILQ_FIRST(&l->queue)) != NULL) {
		TAILQ_REMOVE(&l->queue, item, entry);
		item_free(item);
	}
	io_free(l->io);
	close(l->sock);
	l->gone = l->freed = 1;
	if (!l->telling)
		free(l);
}

/* The page in the queue that has not started, NULL when there is none. */
static struct item *
waiting_page(struct http_link *l, enum page page)
{
	struct item *item;

	TAILQ_FOREACH(item, &l->queue, entry)
		if (item->head.is_page && item->head.page == page &&
		    !item->started)
			return (item);
	return (NULL);
}

int
http_link_page(struct http_link *l, enum page page, struct str body)
{
	struct item *item;

	if (l->gone || body.n > LIMIT_PAGE)
		return (-1);
	item = waiting_page(l, page);
	if (item == NULL) {
		item = mem_zalloc(1, sizeof(*item));
		item->head.is_page = 1;
		item->head.page = page;
		TAILQ_INSERT_TAIL(&l->queue, item, entry);
	}
	free(item->body);
	item->body = mem_str(body);
	item->head.length = (uint32_t)body.n;
	flush(l);
	return (0);
}

int
http_link_answer(struct http_link *l, uint64_t id, unsigned status,
    enum content content, struct str body)
{
	struct item *item, *first;

	if (l->gone || body.n > LIMIT_PAGE)
		return (-1);
	item = mem_zalloc(1, sizeof(*item));
	item->head.id = id;
	item->head.status = status;
	item->head.content = content;
	item->head.length = (uint32_t)body.n;
	item->body = mem_str(body);
	/* before all pages, but not into the middle of an item */
	first = TAILQ_FIRST(&l->queue);
	if (first != NULL && first->started)
		TAILQ_INSERT_AFTER(&l->queue, first, item, entry);
	else
		TAILQ_INSERT_HEAD(&l->queue, item, entry);
	flush(l);
	return (0);
}
