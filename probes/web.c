/* SPDX-License-Identifier: ISC */
/*
 * web.page, web.config, web.acme: what browsers get from the web server, by
 * the site's name, whatever the address. Certificates are tls.web's. I/O.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "probes/config/js.h"
#include "probes/config/model.h"
#include "probes/families.h"
#include "probes/flows.h"
#include "probes/packages.h"
#include "probes/request.h"

#define PAGE_LIMIT (8U << 20)	/* lib-jitsi-meet is large */

struct web {
	struct request *request;
};

static char *
over(const struct site *s)
{
	return (mem_printf("%s:%u", target_name(s, ROLE_WEB),
	    s->https_port));
}

/* 1 when the site can be asked at all; else says what is missing. */
static int
usable(const struct site *site, struct subjects *s)
{
	if (site->name == NULL)
		subject_missing(s, "the site's public name is not known");
	else if (!target_known(site, ROLE_WEB))
		subject_missing(s, "the address of the web server is not "
		    "known");
	else
		return (1);
	return (0);
}

static void
page_subjects(const struct site *site, struct subjects *s)
{
	char *place, *room;

	if (!usable(site, s))
		return;
	place = over(site);
	room = mem_printf("/%s", site->room == NULL ? "meetprobe" :
	    site->room);
	subject_add(s, "/", place);
	subject_add(s, room, place);
	subject_add(s, "/libs/lib-jitsi-meet.min.js", place);
	subject_add(s, "/external_api.js", place);
	free(room);
	free(place);
}

static void
config_subjects(const struct site *site, struct subjects *s)
{
	char *place;

	if (!usable(site, s))
		return;
	place = over(site);
	subject_add(s, "/config.js", place);
	free(place);
}

static void
acme_subjects(const struct site *site, struct subjects *s)
{
	char *place;

	if (!usable(site, s))
		return;
	place = over(site);
	subject_add(s, "/.well-known/acme-challenge/meetprobe", place);
	free(place);
}

static int
has_type(const struct http_result *h, const char *word)
{
	return (str_ifind(http_header(h, "content-type"), word) != SIZE_MAX);
}

/* A status other than 200, for all but web.acme. */
static void
wrong_status(struct probe_run *r, const struct http_result *h)
{
	const char *room = r->subject, *hint = "";

	if (h->status == 404 && strcmp(r->subject, "/") != 0 &&
	    strchr(room + 1, '/') == NULL && strchr(room, '.') == NULL)
		hint = ": room URLs are not rewritten to the page (the "
		    "location for rooms is missing or does not match)";
	probe_fail(r, REASON_HTTP_STATUS, "%s answers with status %ld%s",
	    h->url, h->status, hint);
}

/* The number behind the page's scripts, and what the server says it is. */
static void
state_versions(struct probe_run *r, struct str page, struct str server)
{
	static const enum product products[] = { PRODUCT_WEB,
	    PRODUCT_NGINX };
	struct versions *v = mem_zalloc(1, sizeof(*v));
	const struct version_known *k;
	size_t i;

	packages_page(v, page);
	if (str_starts(server, "nginx/"))
		versions_add(v, PRODUCT_NGINX, str_sub(server, 6, server.n),
		    "");
	for (i = 0; i < 2; i++) {
		k = versions_first(v, products[i]);
		if (k != NULL)
			check_fact(&r->check, product_fact(products[i]),
			    k->text);
	}
	free(v);
}

static void
judge_page(struct probe_run *r, const struct http_result *h)
{
	if (strcmp(r->subject, "/") == 0)
		state_versions(r, h->body, http_header(h, "server"));
	if (!has_type(h, "text/html"))
		probe_fail(r, REASON_HTTP_BODY, "%s is not served as "
		    "text/html", h->url);
	else if (str_find(h->body, "<!--#include") != SIZE_MAX)
		probe_fail(r, REASON_HTTP_BODY, "%s still has its "
		    "<!--#include lines: server side includes did not run "
		    "(ssi on)", h->url);
	else if (h->body.n == 0 || str_ifind(h->body, "<html") == SIZE_MAX)
		probe_fail(r, REASON_HTTP_BODY, "%s is no HTML page", h->url);
	else if (str_find(h->body, "error occurred while processing the "
	    "directive") != SIZE_MAX)
		probe_fail(r, REASON_HTTP_BODY, "%s: a file that it includes "
		    "is missing at the web server", h->url);
	else if (str_ifind(h->body, "jitsi") == SIZE_MAX &&
	    str_find(h->body, "config.js") == SIZE_MAX)
		probe_fail(r, REASON_HTTP_BODY, "%s is a page, but not that "
		    "of Jitsi Meet", h->url);
	else
		probe_end(r, STATE_PASS, REASON_OK, "%s is the page of Jitsi "
		    "Meet, %zu bytes", h->url, h->body.n);
}

static void
judge_script(struct probe_run *r, const struct http_result *h)
{
	if (h->body.n == 0)
		probe_fail(r, REASON_HTTP_BODY, "%s is empty", h->url);
	else if (has_type(h, "text/html") ||
	    str_starts(str_trim(h->body), "<"))
		probe_fail(r, REASON_HTTP_BODY, "%s is a page instead of a "
		    "script: another location catches it", h->url);
	else if (!has_type(h, "javascript"))
		probe_fail(r, REASON_HTTP_BODY, "%s is not served as "
		    "JavaScript", h->url);
	else
		probe_end(r, STATE_PASS, REASON_OK, "%s is served, %zu bytes",
		    h->url, h->body.n);
}

static void
page_answer(const struct http_result *h, void *arg)
{
	struct probe_run *r = arg;
	size_t n = strlen(r->subject);

	r->layer = LAYER_WEB;
	if (h->status != 200)
		wrong_status(r, h);
	else if (n > 3 && strcmp(r->subject + n - 3, ".js") == 0)
		judge_script(r, h);
	else
		judge_page(r, h);
}

/* Ends the run when a browser would not read the script. */
static int
refused_script(struct probe_run *r, const struct http_result *h)
{
	struct model m;
	int refused;

	model_init(&m);
	js_scan(h->body, &m);
	refused = m.problem_count > 0;
	if (refused)
		probe_fail(r, REASON_HTTP_BODY, "%s does not parse: line %d: "
		    "%s", h->url, m.problems[0].line, m.problems[0].message);
	model_free(&m);
	return (refused);
}

static void
config_answer(const struct http_result *h, void *arg)
{
	struct probe_run *r = arg;
	const struct site *s = r->site;

	r->layer = LAYER_WEB;
	if (h->status != 200) {
		wrong_status(r, h);
		return;
	}
	if (h->body.n == 0 || has_type(h, "text/html") ||
	    str_find(h->body, "config") == SIZE_MAX) {
		probe_fail(r, REASON_HTTP_BODY, "%s is not a config.js",
		    h->url);
		return;
	}
	if (refused_script(r, h))
		return;
	if (s->domain != NULL && str_find(h->body, s->domain) ==
	    SIZE_MAX)
		probe_fail(r, REASON_HTTP_BODY, "%s does not name the "
		    "virtual host %s", h->url, s->domain);
	else if (s->muc != NULL && str_find(h->body, s->muc) == SIZE_MAX &&
	    str_find(h->body, "conference.") == SIZE_MAX)
		probe_fail(r, REASON_HTTP_BODY, "%s does not name the "
		    "conference component %s", h->url, s->muc);
	else
		probe_end(r, STATE_PASS, REASON_OK, "%s parses and names %s",
		    h->url, s->domain == NULL ? s->name : s->domain);
}

static void
acme_answer(const struct http_result *h, void *arg)
{
	struct probe_run *r = arg;

	r->layer = LAYER_WEB;
	if (h->status == 200 && has_type(h, "text/html"))
		probe_end(r, STATE_WARN, REASON_HTTP_BODY, "%s is answered "
		    "with a page: the location for rooms catches it, and the "
		    "certificate cannot be renewed", h->url);
	else if (h->status >= 500)
		probe_fail(r, REASON_HTTP_STATUS, "%s answers with status "
		    "%ld", h->url, h->status);
	else
		probe_end(r, STATE_PASS, REASON_OK, "%s is looked for as a "
		    "file (status %ld)", h->url, h->status);
}

static void
ask(struct probe_run *r, void (*answer)(const struct http_result *, void *))
{
	struct request_options o = { .phase = "http", .layer = LAYER_HTTP,
	    .follow = 1, .max_body = PAGE_LIMIT };
	struct web *w = mem_zalloc(1, sizeof(*w));
	const struct site *s = r->site;
	const char *host = target_host(s, ROLE_WEB);
	char *url, *label, port[8] = "";

	r->state = w;
	if (s->name == NULL || !target_known(s, ROLE_WEB)) {
		probe_not_applicable(r, "the web server or the site's name "
		    "is not known");
		return;
	}
	label = over(s);
	w->request = request_new(r, label, host != NULL ? host : "web",
	    target_address(s, ROLE_WEB));
	if (s->https_port != 443)
		snprintf(port, sizeof(port), ":%u", s->https_port);
	url = mem_printf("https://%s%s%s%s", s->name, port,
	    r->subject[0] == '/' ? "" : "/", r->subject);
	o.url = url;
	request_send(w->request, &o, answer, r);
	free(url);
	free(label);
}

static void
page_start(struct probe_run *r)
{
	ask(r, page_answer);
}

static void
config_start(struct probe_run *r)
{
	ask(r, config_answer);
}

static void
acme_start(struct probe_run *r)
{
	ask(r, acme_answer);
}

static void
stop(struct probe_run *r)
{
	struct web *w = r->state;

	if (w != NULL)
		request_free(w->request);
	free(w);
}

#define BROWSERS (ROLE_BIT(ROLE_WEB) | ROLE_BIT(ROLE_OUTSIDE))
#define WEB_ROW(row_id, row_required, row_seconds, row_subjects, row_start, \
    row_text) { \
	.id = row_id, .group = "web", .layer = LAYER_WEB, \
	.roles = BROWSERS, .required = row_required, \
	.needs = { "tcp.connect" }, .phases = { "name", "http" }, \
	.interval_ns = row_seconds * NS_PER_SEC, \
	.timeout_ns = 10 * NS_PER_SEC, \
	.sentence = row_text, .subjects = row_subjects, \
	.start = row_start, .stop = stop }

const struct probe probe_web_page = WEB_ROW("web.page", BROWSERS, 60,
    page_subjects, page_start, "the page, a room, and the scripts are served "
    "as what they are");
const struct probe probe_web_config = WEB_ROW("web.config", BROWSERS, 60,
    config_subjects, config_start, "config.js as served parses and names the "
    "site's hosts");
const struct probe probe_web_acme = WEB_ROW("web.acme", 0, 3600, acme_subjects,
    acme_start, "certificates can be renewed: the location for rooms does "
    "not catch /.well-known");
