/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_EXPORTER_HTTP_H
#define MEETPROBE_EXPORTER_HTTP_H

#include <stddef.h>

#include "exporter/messages.h"

/*
 * The http process: answers from finished pages, passes /probe and
 * /api/v1/evidence on to the engine. It has its listening descriptors, the
 * socket to the engine and nothing else, and of the token only a digest.
 */
struct http_config {
	struct http_listener listener[LIMIT_LISTENERS];
	size_t count;
};

/*
 * For the parent: sends all listeners and GO to a process that waits in
 * http_receive. 0 or -1 with errno.
 */
int http_send_config(int sock, const struct http_config *);
/* In the http process: takes them; -1 when the sender is not our parent. */
int http_receive(int sock, struct http_config *);

/*
 * The body of the process: serves until the socket to the engine ends, which
 * is exit status 0; 1 when a message was malformed or a listener could not
 * be used (a certificate that does not load), said on standard error. Takes
 * the descriptors and strings of the configuration.
 */
int http_process(struct http_config *, int sock);

#endif
