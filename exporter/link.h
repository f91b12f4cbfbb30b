/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_EXPORTER_LINK_H
#define MEETPROBE_EXPORTER_LINK_H

#include <stdint.h>

#include "agent/base/str.h"
#include "exporter/messages.h"

struct loop;

/*
 * The engine's end of the socket to the http process. Nothing here waits:
 * what the socket does not take now is sent when it does, a newer version of
 * a page replaces one that has not started, so memory stays bounded even
 * when the http process stands still.
 */
struct http_link;

struct http_link_events {
	/* Somebody asks. Answer with http_link_answer, now or later. */
	void (*request)(const struct http_request *, void *);
	/* The http process is gone. Free the link from here or later. */
	void (*gone)(void *);
	void *arg;
};

/* The socket becomes the link's and non-blocking. Never NULL. */
struct http_link *http_link_new(struct loop *, int sock,
    const struct http_link_events *);
/* Closes the socket. NULL is allowed. */
void http_link_free(struct http_link *);

/* Sends a new version of a page; the body is copied. A body larger than
 * LIMIT_PAGE is refused: -1. */
int http_link_page(struct http_link *, enum page, struct str body);
/* Answers a request; the body is copied. */
int http_link_answer(struct http_link *, uint64_t id, unsigned status,
    enum content, struct str body);

#endif
