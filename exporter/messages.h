/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_EXPORTER_MESSAGES_H
#define MEETPROBE_EXPORTER_MESSAGES_H

#include <stddef.h>
#include <stdint.h>

#include "agent/base/str.h"
#include "agent/run/msg.h"

/*
 * What the engine and the http process say to each other, on one socket of
 * msg_pair. Towards http: the addresses to listen on and GO, once; then items
 * (a page, an answer), each a head followed by as many DATA messages as its
 * length takes. Towards the engine: requests. Every get function returns 0,
 * or -1 when the message is not what a put function makes: the reader ends.
 */
enum http_message {
	HTTP_MSG_LISTEN = 64,
	HTTP_MSG_GO,
	HTTP_MSG_PAGE,
	HTTP_MSG_ANSWER,
	HTTP_MSG_DATA,
	HTTP_MSG_REQUEST
};

/* The pages that the http process keeps, each with its content type. */
enum page {
	PAGE_INDEX,
	PAGE_METRICS_TEXT,
	PAGE_METRICS_OPENMETRICS,
	PAGE_REPORT,
	PAGE_CAUSES,
	PAGE_SD,
	PAGE_COUNT
};

enum content {
	CONTENT_TEXT,		/* text/plain, UTF-8 */
	CONTENT_HTML,
	CONTENT_JSON,
	CONTENT_PROMETHEUS,	/* text/plain; version=0.0.4 */
	CONTENT_OPENMETRICS,
	CONTENT_COUNT
};

/* The value of the Content-Type header. */
const char *content_type(enum content);
/* What a page holds. */
enum content page_content(enum page);

/* An address to listen on. The strings are the listener's. */
struct http_listener {
	int fd;			/* bound and listening, non-blocking */
	int loopback;		/* 127.0.0.0/8 or ::1 */
	int local;		/* a Unix socket: file modes guard it */
	int insecure;		/* beyond loopback without a token, as said */
	char *token;		/* NULL: none */
	char *cert, *key;	/* PEM texts; NULL: plain HTTP */
};

/* Sends it with its descriptor, which stays open here. 0 or -1, errno. */
int http_put_listener(int sock, const struct http_listener *);
/* Takes it, descriptor and all; freed by http_listener_free. */
int http_get_listener(struct msg *, struct http_listener *);
/* Wipes the secrets, frees the strings, closes the descriptor. */
void http_listener_free(struct http_listener *);
int http_put_go(int sock);

/* What the http process wants from the engine. */
enum http_what { HTTP_PROBE, HTTP_EVIDENCE, HTTP_WHAT_COUNT };

struct http_request {
	uint64_t id;		/* chosen by http, comes back in the answer */
	enum http_what what;
	/* HTTP_PROBE: a configured subject, and a probe's id.
	 * HTTP_EVIDENCE: the salt that was asked for or "", and "". */
	char target[LIMIT_HTTP_ARGUMENT + 1];
	char module[LIMIT_HTTP_ARGUMENT + 1];
	/* HTTP_EVIDENCE: who asks, as policy_asker names him; else "". */
	char asker[LIMIT_HTTP_ASKER + 1];
	uint32_t timeout_ms;	/* when the asker gives up */
};

/* -1 with EAGAIN when the engine does not read: tell the asker so. */
int http_put_request(int sock, const struct http_request *);
int http_get_request(struct msg *, struct http_request *);

/* The head of an item on its way to http. */
struct http_item {
	int is_page;
	enum page page;
	uint64_t id;		/* of the request answered */
	unsigned status;	/* HTTP status of the answer */
	enum content content;	/* of the answer; a page has its own */
	uint32_t length;	/* bytes that follow */
};

void http_make_item(struct msg_out *, const struct http_item *);
/* For HTTP_MSG_PAGE and HTTP_MSG_ANSWER. */
int http_get_item(struct msg *, struct http_item *);
/* A piece of the body at most as long as fits into a message. */
#define HTTP_PIECE (LIMIT_MSG_BYTES - 16)
void http_make_data(struct msg_out *, struct str piece);
int http_get_data(struct msg *, struct str *piece);

#endif
