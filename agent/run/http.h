/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_RUN_HTTP_H
#define MEETPROBE_RUN_HTTP_H

#include <stddef.h>
#include <stdint.h>

#include "agent/base/clock.h"
#include "agent/base/str.h"

struct loop;

/*
 * HTTP requests on the loop, by libcurl's multi-socket interface; http.c is
 * the only user of libcurl. Nothing here blocks: the address is given, no
 * name is ever looked up. A client keeps connections between its own
 * requests (BOSH); make one client for each thing that is probed.
 */
struct http;
struct http_call;

struct http_request {
	/* http or https; its host is Host header and SNI */
	const char *url;
	/* numeric: where to connect; NULL: the host is numeric itself */
	const char *address;
	const char *method;	/* NULL: GET, or POST when there is a body */
	const char *const *headers;	/* "Name: value", ends with NULL; or
					 * NULL */
	struct str body;
	/* TLS: verify says whether an untrusted certificate ends it */
	int verify;
	const char *ca;		/* PEM file; NULL: the system's */
	size_t max_body;	/* 0: LIMIT_HTTP_BODY */
	mono_t deadline;	/* of all of it, redirects included */
	/* Follow redirects of the same host, at most LIMIT_HTTP_REDIRECTS;
	 * otherwise a redirect is an answer like any other. */
	int follow;
	int fresh;		/* on a connection of its own */
};

/* Where a request was when it ended; HTTP_DONE: complete. */
enum http_stage {
	HTTP_CONNECT, HTTP_TLS, HTTP_WAIT, HTTP_BODY, HTTP_DONE
};

/* Why there is no whole answer. */
enum http_error {
	HTTP_ERROR_NONE,
	HTTP_ERROR_TIMEOUT,
	HTTP_ERROR_REFUSED,
	HTTP_ERROR_RESET,
	HTTP_ERROR_CLOSED,
	HTTP_ERROR_SYSTEM,	/* os_error says what: no route ... */
	HTTP_ERROR_TLS_ALERT,
	HTTP_ERROR_TLS_VERSION,
	HTTP_ERROR_TLS_UNTRUSTED,
	HTTP_ERROR_TLS_NAME,
	HTTP_ERROR_TLS_EXPIRED,
	HTTP_ERROR_PROTOCOL,
	HTTP_ERROR_TOO_LARGE,
	HTTP_ERROR_TRUNCATED,
	HTTP_ERROR_REDIRECT,	/* endless, or to another host */
	HTTP_ERROR_PERMISSION,
	HTTP_ERROR_INTERNAL,
	HTTP_ERROR_COUNT
};

struct http_result {
	enum http_error error;	/* NONE: there is an answer, whatever its
				 * status */
	int os_error;		/* with SYSTEM */
	enum http_stage stage;
	char text[256];		/* what happened, escaped */
	long status;		/* 0: none */
	struct str headers;	/* of the last answer, lines with CRLF */
	struct str body;
	char *url;		/* the last one asked for */
	int redirects;
	double connect, tls, first_byte, total;	/* seconds, each a part */
	const char *address;	/* numeric, of the peer; "" */
	struct str chain;	/* TLS: "subject; issuer; expiry" lines */
	int reused;		/* connection of an earlier request */
};

struct http *http_new(struct loop *);
/* Ends all requests without telling. NULL is allowed. Not from inside done. */
void http_free(struct http *);
/* done is called once, from the loop, and may start further requests; what
 * the result points at lives until done returns. */
struct http_call *http_start(struct http *, const struct http_request *,
    void (*done)(const struct http_result *, void *), void *arg);
/* The value of a header of the result, trimmed; empty when it is not there. */
struct str http_header(const struct http_result *, const char *name);
/* "connecting", "in the TLS handshake" ... */
const char *http_stage_text(enum http_stage);

#endif
