/* SPDX-License-Identifier: ISC */
/*
 * HTTP requests of probes. I/O through the HTTP client.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "agent/run/addr.h"
#include "probes/probe.h"
#include "probes/request.h"
#include "probes/resolve.h"

/* The client's deadline comes a little before the run's, since it knows
 * where the time went. */
#define BEFORE_DEADLINE_NS (20 * NS_PER_MS)

struct request {
	struct probe_run *run;
	struct http *http;
	char *label, *host;
	char address[ADDR_TEXT_SIZE];	/* "" until it is known */
	struct resolve *resolve;

	/* the request in progress */
	char *url;
	char *body;
	size_t body_len;
	struct request_options options;
	void (*answer)(const struct http_result *, void *);
	void *arg;
};

struct request *
request_new(struct probe_run *run, const char *label, const char *host,
    const char *address)
{
	struct request *q = mem_zalloc(1, sizeof(*q));
	struct addr a;

	q->run = run;
	q->http = http_new(run->loop);
	q->label = mem_strdup(label);
	q->host = mem_strdup(host);
	if (addr_parse(&a, str_from(address != NULL ? address : host), 0) == 0)
		addr_text(&a, q->address, sizeof(q->address));
	return (q);
}

void
request_free(struct request *q)
{
	if (q == NULL)
		return;
	http_free(q->http);
	resolve_free(q->resolve);
	free(q->label);
	free(q->host);
	free(q->url);
	free(q->body);
	free(q);
}

const char *
request_label(const struct request *q)
{
	return (q->label);
}

/* The transcript of an answer: status and the headers that matter. */
static void
say_answer(struct request *q, const struct http_result *h)
{
	static const char *const telling[] = { "Server", "Content-Type",
		"Location", "Upgrade" };
	struct check *c = &q->run->check;
	struct str value;
	char *safe;
	size_t i;

	check_say(c, "<- HTTP status %ld, %zu bytes from %s "
	    "(connect %.1f ms, TLS %.1f ms, first byte %.1f ms%s)", h->status,
	    h->body.n, h->address, h->connect * 1e3, h->tls * 1e3,
	    h->first_byte * 1e3, h->reused ? ", same connection" : "");
	for (i = 0; i < sizeof(telling) / sizeof(telling[0]); i++) {
		value = http_header(h, telling[i]);
		if (value.n == 0)
			continue;
		safe = probe_safe(value.p, value.n);
		check_say(c, "   %s: %s", telling[i], safe);
		free(safe);
	}
}

static enum layer
layer_at(const struct request *q, enum http_stage stage)
{
	if (stage == HTTP_CONNECT)
		return (LAYER_NET);
	if (stage == HTTP_TLS)
		return (LAYER_TLS);
	return (q->options.layer);
}

static void
done(const struct http_result *h, void *arg)
{
	struct request *q = arg;
	struct probe_run *r = q->run;

	if (r->finished)
		return;
	if (h->redirects > 0)
		check_say(&r->check, "   %d redirects, last to %s",
		    h->redirects, h->url);
	if (request_reason(h) == REASON_OK) {
		say_answer(q, h);
		q->answer(h, q->arg);
		return;
	}
	check_say(&r->check, "<- nothing of use: %s", h->text);
	r->layer = layer_at(q, h->stage);
	if (q->options.keep_failures) {
		q->answer(h, q->arg);
		return;
	}
	if (strstr(q->label, q->address) != NULL)
		probe_fail(r, request_reason(h), "%s: %s while %s (%s)",
		    q->label,
		    reason_text(request_reason(h)), http_stage_text(h->stage),
		    q->url);
	else
		probe_fail(r, request_reason(h), "%s (%s): %s while %s (%s)",
		    q->label, q->address, reason_text(request_reason(h)),
		    http_stage_text(h->stage), q->url);
}

static void
send_now(struct request *q)
{
	struct http_request h;
	mono_t within;

	memset(&h, 0, sizeof(h));
	h.url = q->url;
	h.address = q->address;
	h.headers = q->options.headers;
	h.body = str_of(q->body, q->body_len);
	h.max_body = q->options.max_body;
	h.follow = q->options.follow;
	h.fresh = q->options.fresh;
	h.deadline = mono_add(q->run->deadline, -BEFORE_DEADLINE_NS);
	within = mono_add(q->run->begun, q->options.within_ns);
	if (q->options.within_ns != 0 && mono_before(within, h.deadline))
		h.deadline = within;
	probe_phase(q->run, q->options.phase, q->options.layer,
	    "waiting for the answer to %s", q->url);
	check_say(&q->run->check, "-> %s %s (at %s)", q->body_len > 0 ?
	    "POST" : "GET", q->url, q->address);
	http_start(q->http, &h, done, q);
}

static void
resolved(const struct resolved *found, void *arg)
{
	struct request *q = arg;

	if (q->run->finished)
		return;
	if (found->reason != REASON_OK || found->count == 0) {
		probe_fail(q->run, found->reason, "%s: the name %s cannot be "
		    "looked up here: %s (%s)", q->label, q->host,
		    reason_text(found->reason), found->text);
		return;
	}
	addr_text(&found->list[0], q->address, sizeof(q->address));
	check_say(&q->run->check, "%s is %s (%s)", q->host, q->address,
	    found->text);
	send_now(q);
}

void
request_send(struct request *q, const struct request_options *o,
    void (*answer)(const struct http_result *, void *), void *arg)
{
	free(q->url);
	free(q->body);
	q->options = *o;
	q->url = mem_strdup(o->url);
	q->body = o->body.n == 0 ? NULL : mem_str(o->body);
	q->body_len = o->body.n;
	q->answer = answer;
	q->arg = arg;
	if (q->address[0] != '\0') {
		send_now(q);
		return;
	}
	probe_phase(q->run, "name", LAYER_DNS, "looking up %s", q->host);
	q->resolve = resolve_start(q->run->loop, q->host, resolved, q);
}

enum reason
request_reason(const struct http_result *h)
{
	static const enum reason reasons[HTTP_ERROR_COUNT] = {
		[HTTP_ERROR_NONE] = REASON_OK,
		[HTTP_ERROR_TIMEOUT] = REASON_TIMEOUT,
		[HTTP_ERROR_REFUSED] = REASON_REFUSED,
		[HTTP_ERROR_RESET] = REASON_RESET,
		[HTTP_ERROR_CLOSED] = REASON_CLOSED,
		[HTTP_ERROR_TLS_ALERT] = REASON_TLS_ALERT,
		[HTTP_ERROR_TLS_VERSION] = REASON_TLS_VERSION,
		[HTTP_ERROR_TLS_UNTRUSTED] = REASON_TLS_UNTRUSTED,
		[HTTP_ERROR_TLS_NAME] = REASON_TLS_NAME,
		[HTTP_ERROR_TLS_EXPIRED] = REASON_TLS_EXPIRED,
		[HTTP_ERROR_PROTOCOL] = REASON_PROTOCOL_ERROR,
		[HTTP_ERROR_TOO_LARGE] = REASON_TOO_LARGE,
		[HTTP_ERROR_TRUNCATED] = REASON_TRUNCATED,
		[HTTP_ERROR_REDIRECT] = REASON_REDIRECT,
		[HTTP_ERROR_PERMISSION] = REASON_PERMISSION,
		[HTTP_ERROR_INTERNAL] = REASON_INTERNAL,
	};

	return (h->error == HTTP_ERROR_SYSTEM ?
	    reason_from_errno(h->os_error) : reasons[h->error]);
}
