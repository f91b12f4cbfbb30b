/* SPDX-License-Identifier: ISC */
/*
 * bosh.direct, bosh.public: one whole anonymous session over BOSH as a
 * browser has it: create, login, bind, ping, terminate; at prosody itself,
 * and through the web server. When the public way fails, the direct one is
 * tried as the second witness, so that the first hop that differs is named.
 * I/O.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "probes/codec/bosh.h"
#include "probes/families.h"
#include "probes/flows.h"
#include "probes/request.h"

enum step {
	STEP_CREATE, STEP_AUTH, STEP_RESTART, STEP_BIND, STEP_PING,
	STEP_TERMINATE, STEP_COUNT
};

static const struct {
	const char *phase;
	const char *doing;
} steps[STEP_COUNT] = {
	[STEP_CREATE] = { "create", "creating the session" },
	[STEP_AUTH] = { "auth", "logging in as a guest" },
	[STEP_RESTART] = { "restart", "restarting the stream" },
	[STEP_BIND] = { "bind", "binding a resource" },
	[STEP_PING] = { "ping", "pinging the domain" },
	[STEP_TERMINATE] = { "terminate", "ending the session" },
};

/* Empty answers to sit out before the wanted one counts as missing. */
#define POLLS 3

struct bosh {
	struct request *request;
	char *url;
	enum step step;
	uint64_t rid;
	char *sid;
	int polls;
	int witness;			/* this is the direct way, tried
					 * because the public one failed */
	struct request *first;		/* the public one's, then */
	/* what the public way ended with */
	enum reason reason;
	enum layer layer;
	char *summary;
};

static void send_step(struct probe_run *);
static void verdict(struct probe_run *, enum reason, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void
direct_subjects(const struct site *site, struct subjects *s)
{
	if (site->domain == NULL)
		subject_missing(s, "the guests' virtual host is not known");
	else if (!target_known(site, ROLE_XMPP))
		subject_missing(s, "the address of prosody is not known");
	else
		subject_addf(s, "%s:%u", target_name(site, ROLE_XMPP),
		    site->http_port);
}

static void
public_subjects(const struct site *site, struct subjects *s)
{
	if (site->domain == NULL || site->name == NULL)
		subject_missing(s, "the site's name or virtual host is not "
		    "known");
	else if (!target_known(site, ROLE_WEB))
		subject_missing(s, "the address of the web server is not "
		    "known");
	else
		subject_addf(s, "%s:%u", target_name(site, ROLE_WEB),
		    site->https_port);
}

/* May this host reach prosody's HTTP port by the flow matrix? */
static int
has_direct(const struct site *s)
{
	return ((s->roles & (ROLE_BIT(ROLE_WEB) | ROLE_BIT(ROLE_XMPP))) != 0 &&
	    target_known(s, ROLE_XMPP));
}

static void
open_direct(struct probe_run *r)
{
	struct bosh *b = r->state;
	const struct site *s = r->site;
	const char *host = target_host(s, ROLE_XMPP);
	char *label;

	label = mem_printf("%s:%u", target_name(s, ROLE_XMPP), s->http_port);
	b->request = request_new(r, label, host != NULL ? host : "xmpp",
	    target_address(s, ROLE_XMPP));
	free(label);
	free(b->url);
	b->url = mem_printf("http://%s:%u%s", s->domain, s->http_port,
	    s->bosh_path);
}

/* The public way failed: the same directly, for comparison. */
static void
call_witness(struct probe_run *r, enum reason reason, char *summary)
{
	struct bosh *b = r->state;

	b->witness = 1;
	b->reason = reason;
	b->layer = r->layer;
	b->summary = summary;
	b->first = b->request;
	check_say(&r->check, "failed: %s", summary);
	check_say(&r->check, "the same directly at prosody, for comparison:");
	b->step = STEP_CREATE;
	b->polls = 0;
	free(b->sid);
	b->sid = NULL;
	open_direct(r);
	send_step(r);
}

/* Ends the comparison. how: what the direct way did, NULL: it worked. */
static void
compared(struct probe_run *r, const char *how)
{
	struct bosh *b = r->state;

	r->layer = b->layer;
	probe_fact_bool(r, "bosh.direct_works", how == NULL);
	if (how == NULL)
		probe_fail(r, b->reason, "%s; directly at %s the same works, "
		    "so the web server is the first hop that differs",
		    b->summary, request_label(b->request));
	else
		probe_fail(r, b->reason, "%s; directly it fails as well (%s), "
		    "so the fault is not the web server's", b->summary, how);
}

static void
verdict(struct probe_run *r, enum reason reason, const char *fmt, ...)
{
	struct bosh *b = r->state;
	struct buf text;
	va_list ap;
	int public = strcmp(r->probe->id, "bosh.public") == 0;

	buf_init(&text, LIMIT_CHECK_TEXT);
	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	if (b->witness)
		compared(r, buf_cstr(&text));
	else if (public && has_direct(r->site))
		call_witness(r, reason, buf_take(&text));
	else
		probe_fail(r, reason, "%s", buf_cstr(&text));
	buf_free(&text);
}

/* A status that is not 200, or a body that is no XML. */
static void
not_bosh(struct probe_run *r, const struct http_result *h, const char *why)
{
	struct bosh *b = r->state;
	const char *label = request_label(b->request);
	int html = str_ifind(http_header(h, "content-type"), "html") !=
	    SIZE_MAX && str_ifind(h->body, "<html") != SIZE_MAX;

	r->layer = LAYER_HTTP;
	if (h->status == 404 && str_find(h->body, "Unknown host") != SIZE_MAX)
		verdict(r, REASON_HOST_UNKNOWN, "%s: prosody answers 404, "
		    "\"Unknown host\": it gets a Host header that is not %s",
		    label, r->site->domain);
	else if (h->status == 404)
		verdict(r, REASON_HTTP_STATUS, "%s answers %s with 404: the "
		    "path is not there (location missing, or mod_bosh not "
		    "enabled on %s)", label, r->site->bosh_path,
		    r->site->domain);
	else if (h->status == 502 || h->status == 504 || h->status == 503)
		verdict(r, REASON_HTTP_STATUS, "%s answers %ld: the web "
		    "server gets no answer from prosody", label, h->status);
	else if (h->status >= 300 && h->status < 400)
		verdict(r, REASON_REDIRECT, "%s redirects %s elsewhere",
		    label, r->site->bosh_path);
	else if (h->status != 200)
		verdict(r, REASON_HTTP_STATUS, "%s answers %s with status "
		    "%ld", label, r->site->bosh_path, h->status);
	else if (h->body.n == 0)
		verdict(r, REASON_HTTP_BODY, "%s answers %s with an empty "
		    "body", label, r->site->bosh_path);
	else if (html)
		verdict(r, REASON_HTTP_BODY, "%s answers %s with a page "
		    "instead of BOSH: the path is lost on the way", label,
		    r->site->bosh_path);
	else
		verdict(r, REASON_PROTOCOL_ERROR, "%s answers %s with "
		    "something that is not BOSH (%s)", label,
		    r->site->bosh_path, why);
}

static void
terminated(struct probe_run *r, const struct bosh_answer *a)
{
	struct bosh *b = r->state;
	const struct xml *error = xml_child(a->body, "error", NULL);
	const char *inner = xmpp_condition(error, NULL);
	char *condition = probe_safe(a->condition, strlen(a->condition));
	char *more = inner == NULL ? mem_strdup("") :
	    mem_printf(" (%.60s)", inner);

	check_say(&r->check, "<- terminate, condition %s%s", condition, more);
	r->layer = LAYER_BOSH;
	if (strcmp(a->condition, "improper-addressing") == 0 ||
	    (inner != NULL && strcmp(inner, "host-unknown") == 0))
		verdict(r, REASON_BOSH_TERMINATE, "%s: prosody ends the BOSH "
		    "session: it does not serve %s (%s)",
		    request_label(b->request), r->site->domain, condition);
	else
		verdict(r, REASON_BOSH_TERMINATE, "%s: prosody ends the BOSH "
		    "session while %s: %s%s", request_label(b->request),
		    steps[b->step].doing, condition, more);
	free(condition);
	free(more);
}

static void
next_step(struct probe_run *r)
{
	struct bosh *b = r->state;

	b->step++;
	b->polls = 0;
	if (b->step < STEP_COUNT) {
		send_step(r);
		return;
	}
	if (b->witness)
		compared(r, NULL);
	else
		probe_end(r, STATE_PASS, REASON_OK, "%s: a guest of %s logs "
		    "in over BOSH", request_label(b->request),
		    r->site->domain);
}

static void
got_session(struct probe_run *r, const struct bosh_answer *a)
{
	struct bosh *b = r->state;
	struct xmpp_features f;

	if (a->sid == NULL) {
		verdict(r, REASON_PROTOCOL_ERROR, "%s: the BOSH answer has "
		    "no session id", request_label(b->request));
		return;
	}
	b->sid = mem_strdup(a->sid);
	if (xmpp_features_read(&f, xml_child(a->body, "features", NULL)) ==
	    -1) {
		/* they may come with the next answer */
		memset(&f, 0, sizeof(f));
	}
	check_say(&r->check, "<- session created; mechanisms: %s",
	    f.mechanisms[0] == '\0' ? "none" : f.mechanisms);
	r->layer = LAYER_BOSH;
	if (xmpp_has_mechanism(&f, "ANONYMOUS"))
		next_step(r);
	else if (f.mechanisms[0] == '\0')
		verdict(r, REASON_SASL_NO_MECHANISM, "%s: prosody offers no "
		    "login over BOSH for %s: it holds the connection to be "
		    "insecure (consider_bosh_secure), or the authentication "
		    "module is not loaded", request_label(b->request),
		    r->site->domain);
	else
		verdict(r, REASON_SASL_NO_MECHANISM, "%s: guests cannot log "
		    "in to %s: ANONYMOUS is not offered, only %s",
		    request_label(b->request), r->site->domain, f.mechanisms);
}

/* The element that a step waits for: 1 good, -1 an error, 0 not there. */
static int
look_for(enum step step, const struct bosh_answer *a, const struct xml **x)
{
	const char *type;

	switch (step) {
	case STEP_AUTH:
		if ((*x = xml_child(a->body, "success", XMPP_NS_SASL)) != NULL)
			return (1);
		*x = xml_child(a->body, "failure", XMPP_NS_SASL);
		return (*x == NULL ? 0 : -1);
	case STEP_RESTART:
		*x = xml_child(a->body, "features", NULL);
		return (*x != NULL);
	default:
		*x = xml_child(a->body, "iq", NULL);
		type = xml_attribute(*x, "type");
		if (*x == NULL || type == NULL)
			return (0);
		return (strcmp(type, "error") == 0 ? -1 : 1);
	}
}

static void
got_answer(struct probe_run *r, const struct bosh_answer *a)
{
	struct bosh *b = r->state;
	const struct xml *x;
	const char *condition, *text;
	int found = look_for(b->step, a, &x);
	char *safe;

	r->layer = LAYER_BOSH;
	if (found == 0 && ++b->polls > POLLS) {
		verdict(r, REASON_PROTOCOL_ERROR, "%s: prosody answers, but "
		    "says nothing while %s", request_label(b->request),
		    steps[b->step].doing);
		return;
	}
	if (found == 0) {
		send_step(r);
		return;
	}
	/* a ping that is answered with an error is answered */
	if (found == 1 || b->step == STEP_PING) {
		check_say(&r->check, "<- %s: ok", steps[b->step].phase);
		next_step(r);
		return;
	}
	condition = xmpp_condition(x, &text);
	safe = probe_safe(text, strlen(text));
	verdict(r, b->step == STEP_AUTH ? REASON_SASL_NOT_AUTHORIZED :
	    REASON_STREAM_ERROR, "%s: prosody refuses %s: %.60s %s",
	    request_label(b->request), steps[b->step].doing,
	    condition == NULL ? "" : condition, safe);
	free(safe);
}

static void
answered(const struct http_result *h, void *arg)
{
	struct probe_run *r = arg;
	struct bosh *b = r->state;
	struct bosh_answer a;
	const char *why = "";
	char *safe;

	if (request_reason(h) != REASON_OK) {
		verdict(r, request_reason(h), "%s: %s while %s",
		    request_label(b->request), reason_text(request_reason(h)),
		    http_stage_text(h->stage));
		return;
	}
	if (b->step == STEP_TERMINATE && h->status == 200) {
		next_step(r);
		return;
	}
	if (h->status != 200 || bosh_read(&a, h->body, &why) == -1) {
		safe = probe_safe(h->body.p == NULL ? "" : h->body.p,
		    h->body.n > 100 ? 100 : h->body.n);
		check_say(&r->check, "   %s", safe);
		free(safe);
		not_bosh(r, h, why);
		return;
	}
	if (a.terminate)
		terminated(r, &a);
	else if (b->step == STEP_CREATE)
		got_session(r, &a);
	else
		got_answer(r, &a);
	bosh_answer_free(&a);
}

/* The stanza that a step sends, the first time. */
static const char *
payload(struct probe_run *r, struct buf *b)
{
	struct bosh *s = r->state;

	if (s->polls > 0)
		return ("");
	switch (s->step) {
	case STEP_AUTH:
		return ("<auth xmlns='" XMPP_NS_SASL "' "
		    "mechanism='ANONYMOUS'/>");
	case STEP_BIND:
		return ("<iq xmlns='" XMPP_NS_CLIENT "' type='set' id='b'>"
		    "<bind xmlns='" XMPP_NS_BIND "'/></iq>");
	default:
		buf_adds(b, "<iq xmlns='" XMPP_NS_CLIENT "' type='get' "
		    "id='p' to='");
		xml_add_escaped(b, r->site->domain);
		buf_adds(b, "'><ping xmlns='urn:xmpp:ping'/></iq>");
		return (buf_cstr(b));
	}
}

static void
send_step(struct probe_run *r)
{
	static const char *const headers[] = {
		"Content-Type: text/xml; charset=utf-8", NULL };
	struct request_options o = { .layer = LAYER_BOSH,
	    .headers = headers, .keep_failures = 1 };
	struct bosh *b = r->state;
	const char *domain = r->site->domain;
	struct buf body, scratch;

	buf_init(&body, 8192);
	buf_init(&scratch, 4096);
	b->rid++;
	if (b->step == STEP_CREATE)
		bosh_write_create(&body, b->rid, domain);
	else if (b->step == STEP_RESTART && b->polls == 0)
		bosh_write_restart(&body, b->rid, b->sid, domain);
	else if (b->step == STEP_TERMINATE)
		bosh_write_terminate(&body, b->rid, b->sid);
	else
		bosh_write(&body, b->rid, b->sid, payload(r, &scratch));
	/* the second witness is to be heard within the same deadline */
	if (!b->witness && has_direct(r->site) &&
	    strcmp(r->probe->id, "bosh.public") == 0)
		o.within_ns = mono_diff(r->deadline, r->begun) / 10 * 6;
	o.phase = steps[b->step].phase;
	o.url = b->url;
	o.body = buf_str(&body);
	check_say(&r->check, "%s", steps[b->step].doing);
	request_send(b->request, &o, answered, r);
	buf_free(&body);
	buf_free(&scratch);
}

static struct bosh *
new_state(struct probe_run *r)
{
	struct bosh *b = mem_zalloc(1, sizeof(*b));

	/* below 2^53, with room to count up */
	b->rid = ((uint64_t)arc4random_uniform(1U << 20) << 32) |
	    arc4random();
	r->state = b;
	return (b);
}

static void
direct_start(struct probe_run *r)
{
	new_state(r);
	if (r->site->domain == NULL || !target_known(r->site, ROLE_XMPP)) {
		probe_not_applicable(r, "prosody's address or the guests' "
		    "virtual host is not known");
		return;
	}
	open_direct(r);
	send_step(r);
}

static void
public_start(struct probe_run *r)
{
	struct bosh *b = new_state(r);
	const struct site *s = r->site;
	const char *host = target_host(s, ROLE_WEB);

	if (s->domain == NULL || s->name == NULL ||
	    !target_known(s, ROLE_WEB)) {
		probe_not_applicable(r, "the web server or the site's name "
		    "is not known");
		return;
	}
	b->request = request_new(r, r->subject, host != NULL ? host : "web",
	    target_address(s, ROLE_WEB));
	b->url = s->https_port == 443 ?
	    mem_printf("https://%s%s", s->name, s->bosh_path) :
	    mem_printf("https://%s:%u%s", s->name, s->https_port,
	    s->bosh_path);
	send_step(r);
}

/* The time is over while the second witness was being heard. */
static void
late(struct probe_run *r)
{
	struct bosh *b = r->state;

	if (b != NULL && b->witness)
		compared(r, "no answer in time");
}

static void
stop(struct probe_run *r)
{
	struct bosh *b = r->state;

	if (b == NULL)
		return;
	request_free(b->request);
	request_free(b->first);
	free(b->url);
	free(b->sid);
	free(b->summary);
	free(b);
}

const struct probe probe_bosh_direct = {
	.id = "bosh.direct",
	.group = "bosh",
	.layer = LAYER_BOSH,
	.roles = ROLE_BIT(ROLE_WEB) | ROLE_BIT(ROLE_XMPP),
	.required = ROLE_BIT(ROLE_WEB) | ROLE_BIT(ROLE_XMPP),
	.needs = { "tcp.connect" },
	.phases = { "name", "create", "auth", "restart", "bind", "ping",
	    "terminate" },
	.interval_ns = 60 * NS_PER_SEC,
	.timeout_ns = 15 * NS_PER_SEC,
	.sentence = "a guest can log in over BOSH at prosody itself",
	.subjects = direct_subjects,
	.start = direct_start,
	.stop = stop,
};

const struct probe probe_bosh_public = {
	.id = "bosh.public",
	.group = "bosh",
	.layer = LAYER_BOSH,
	.roles = ROLE_BIT(ROLE_WEB) | ROLE_BIT(ROLE_OUTSIDE),
	.required = ROLE_BIT(ROLE_WEB) | ROLE_BIT(ROLE_OUTSIDE),
	.needs = { "tcp.connect" },
	.phases = { "name", "create", "auth", "restart", "bind", "ping",
	    "terminate" },
	.interval_ns = 60 * NS_PER_SEC,
	.timeout_ns = 15 * NS_PER_SEC,
	.sentence = "a guest can log in over BOSH through the web server",
	.subjects = public_subjects,
	.start = public_start,
	.late = late,
	.stop = stop,
};
