/* SPDX-License-Identifier: ISC */
/*
 * The REST interfaces of jvb, jicofo, jibri and jigasi on this host. A page
 * that does not exist is not enabled, which is never an outage. jvb's health
 * does not look at its XMPP side, so its own numbers are asked as well. I/O.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "agent/base/mem.h"
#include "agent/run/addr.h"
#include "probes/families.h"
#include "probes/request.h"

/* What is asked of which program. */
struct page {
	const char *id;
	const char *program;	/* "jvb" */
	const char *path;
	/* Judges an answer of status 200; must end the run or ask on. */
	void (*judge)(struct probe_run *, const struct http_result *);
};

struct rest {
	const struct page *page;
	struct request *request;
	char *base;		/* "http://127.0.0.1:8080" */
	char *label;		/* "jvb at 127.0.0.1:8080" */
};

static void ask(struct probe_run *, const char *phase, const char *path,
    int keep, void (*)(const struct http_result *, void *));

static const struct site_rest *
interface(const struct site *s, const char *program)
{
	if (strcmp(program, "jvb") == 0)
		return (&s->jvb_rest);
	if (strcmp(program, "jicofo") == 0)
		return (&s->jicofo_rest);
	if (strcmp(program, "jibri") == 0)
		return (&s->jibri_rest);
	return (&s->jigasi_rest);
}

/* Port and address as the program has them by default. */
static uint16_t
port_of(const struct site *s, const char *program)
{
	const struct site_rest *i = interface(s, program);

	if (i->port != 0)
		return (i->port);
	if (strcmp(program, "jvb") == 0)
		return (8080);
	return (strcmp(program, "jicofo") == 0 ? 8888 : 0);
}

/* An address bound to everything is asked at the loopback. */
static const char *
address_of(const struct site *s, const char *program)
{
	const char *a = interface(s, program)->address;

	if (a == NULL || strcmp(a, "0.0.0.0") == 0)
		return ("127.0.0.1");
	return (strcmp(a, "::") == 0 ? "::1" : a);
}

static void
subject_of(const struct site *site, struct subjects *s, const char *program)
{
	uint16_t port = port_of(site, program);
	char *missing;

	if (port != 0) {
		subject_addf(s, "%s:%u", address_of(site, program), port);
		return;
	}
	missing = mem_printf("%s is not configured on this host", program);
	subject_missing(s, missing);
	free(missing);
}

static void
jvb_subjects(const struct site *site, struct subjects *s)
{
	subject_of(site, s, "jvb");
}

static void
jicofo_subjects(const struct site *site, struct subjects *s)
{
	subject_of(site, s, "jicofo");
}

static void
jibri_subjects(const struct site *site, struct subjects *s)
{
	subject_of(site, s, "jibri");
}

static void
jigasi_subjects(const struct site *site, struct subjects *s)
{
	subject_of(site, s, "jigasi");
}

/* The body as JSON object; NULL when it is none, and the run is over. */
static json_t *
object_of(struct probe_run *r, const struct http_result *h)
{
	struct rest *s = r->state;
	json_error_t error;
	json_t *j;

	j = json_loadb(h->body.p == NULL ? "" : h->body.p, h->body.n, 0,
	    &error);
	if (json_is_object(j))
		return (j);
	json_decref(j);
	probe_fail(r, REASON_BAD_JSON, "%s answers %s with something that is "
	    "no JSON object", s->label, s->page->path);
	return (NULL);
}

static int
number_at(const json_t *j, const char *key, int64_t *out)
{
	const json_t *v = json_object_get(j, key);

	if (!json_is_number(v))
		return (0);
	*out = (int64_t)json_number_value(v);
	return (1);
}

/* The value of a line "NAME VALUE" of Prometheus text. */
static int
metric_at(struct str text, const char *name, int64_t *out)
{
	struct str line, word;

	while (text.n > 0) {
		line = str_split(&text, '\n');
		word = str_word(&line);
		if (!str_eqs(word, name))
			continue;
		word = str_word(&line);
		word = str_split(&word, '.');
		return (str_num(word, 0, INT64_C(1) << 53, out) == 0);
	}
	return (0);
}

/* What a bridge says of its XMPP side; -1 for what it does not say. */
static void
judge_bridge(struct probe_run *r, int64_t configured, int64_t connected,
    int64_t joined)
{
	struct rest *s = r->state;

	if (connected >= 0)
		probe_fact_bool(r, "bridge.connected_xmpp", connected > 0);
	if (joined >= 0)
		probe_fact_num(r, "bridge.mucs_joined", joined);
	if (configured == 0) {
		r->layer = LAYER_CONFIG;
		probe_fail(r, REASON_ROLE_CONFLICT, "%s is healthy, but has "
		    "no XMPP client configured: jicofo can never see it",
		    s->label);
	} else if (connected == 0) {
		r->layer = LAYER_XMPP;
		probe_fail(r, REASON_CLOSED, "%s calls itself healthy, but is "
		    "cut off from prosody: none of its %lld XMPP clients is "
		    "connected", s->label, (long long)configured);
	} else if (joined == 0) {
		r->layer = LAYER_XMPP;
		probe_fail(r, REASON_CLOSED, "%s is connected to prosody, but "
		    "has not joined the brewery", s->label);
	} else if (connected > 0)
		probe_end(r, STATE_PASS, REASON_OK, "%s is healthy and "
		    "connected to prosody", s->label);
	else
		probe_end(r, STATE_PASS, REASON_OK, "%s is healthy (whether "
		    "it is connected to prosody it does not say)", s->label);
}

static void
got_metrics(const struct http_result *h, void *arg)
{
	struct probe_run *r = arg;
	int64_t configured = -1, connected = -1, joined = -1;

	r->layer = LAYER_HTTP;
	if (request_reason(h) == REASON_OK && h->status == 200) {
		(void)metric_at(h->body, "jitsi_jvb_muc_clients_configured",
		    &configured);
		(void)metric_at(h->body, "jitsi_jvb_muc_clients_connected",
		    &connected);
		(void)metric_at(h->body, "jitsi_jvb_mucs_joined", &joined);
		check_say(&r->check, "   XMPP clients: %lld configured, %lld "
		    "connected, %lld rooms joined", (long long)configured,
		    (long long)connected, (long long)joined);
	}
	judge_bridge(r, configured, connected, joined);
}

static void
judge_jvb_health(struct probe_run *r, const struct http_result *h)
{
	probe_fact_num(r, "bridge.health_status", h->status);
	ask(r, "metrics", "/metrics", 1, got_metrics);
}

static void
judge_jicofo_health(struct probe_run *r, const struct http_result *h)
{
	struct rest *s = r->state;

	probe_fact_num(r, "jicofo.health_status", h->status);
	probe_end(r, STATE_PASS, REASON_OK, "%s is healthy", s->label);
}

static void
judge_jvb_stats(struct probe_run *r, const struct http_result *h)
{
	int64_t configured = -1, connected = -1, joined = -1, n;
	json_t *j = object_of(r, h);

	if (j == NULL)
		return;
	(void)number_at(j, "muc_clients_configured", &configured);
	(void)number_at(j, "muc_clients_connected", &connected);
	(void)number_at(j, "mucs_joined", &joined);
	if (number_at(j, "conferences", &n))
		probe_fact_num(r, "bridge.conferences", n);
	if (number_at(j, "participants", &n))
		probe_fact_num(r, "bridge.participants", n);
	check_say(&r->check, "   XMPP clients: %lld configured, %lld "
	    "connected, %lld rooms joined", (long long)configured,
	    (long long)connected, (long long)joined);
	judge_bridge(r, configured, connected, joined);
	json_decref(j);
}

static void
judge_jicofo_stats(struct probe_run *r, const struct http_result *h)
{
	struct rest *s = r->state;
	json_t *j = object_of(r, h), *selector;
	int64_t count = -1, operational = -1;

	if (j == NULL)
		return;
	selector = json_object_get(j, "bridge_selector");
	(void)number_at(selector, "bridge_count", &count);
	(void)number_at(selector, "operational_bridge_count", &operational);
	json_decref(j);
	if (count >= 0)
		probe_fact_num(r, "jicofo.bridge_count", count);
	if (operational >= 0)
		probe_fact_num(r, "jicofo.operational_bridge_count",
		    operational);
	check_say(&r->check, "   bridges: %lld, operational %lld",
	    (long long)count, (long long)operational);
	r->layer = LAYER_XMPP;
	if (count == 0)
		probe_fail(r, REASON_HTTP_BODY, "%s knows no bridge: none is "
		    "in the brewery that it watches", s->label);
	else if (operational == 0)
		probe_fail(r, REASON_HTTP_BODY, "%s knows %lld bridges, but "
		    "none is operational", s->label, (long long)count);
	else
		probe_end(r, STATE_PASS, REASON_OK, "%s knows %lld bridges",
		    s->label, (long long)count);
}

static void
judge_version(struct probe_run *r, const struct http_result *h)
{
	struct rest *s = r->state;
	json_t *j = object_of(r, h);
	const char *name, *version, *fact;
	char *safe;

	if (j == NULL)
		return;
	name = json_string_value(json_object_get(j, "name"));
	version = json_string_value(json_object_get(j, "version"));
	if (version == NULL) {
		probe_fail(r, REASON_BAD_JSON, "%s does not say its version",
		    s->label);
		json_decref(j);
		return;
	}
	safe = probe_safe(version, strlen(version));
	fact = strcmp(s->page->program, "jvb") == 0 ? "bridge.version" :
	    "jicofo.version";
	check_fact(&r->check, fact, safe);
	check_say(&r->check, "   version %s", safe);
	if (name != NULL && strcmp(s->page->program, "jvb") == 0 &&
	    strstr(name, "icofo") != NULL)
		probe_fail(r, REASON_ROLE_CONFLICT, "at the bridge's port "
		    "jicofo answers");
	else
		probe_end(r, STATE_PASS, REASON_OK, "%s is version %s",
		    s->label, safe);
	free(safe);
	json_decref(j);
}

static void
judge_jibri(struct probe_run *r, const struct http_result *h)
{
	struct rest *s = r->state;
	json_t *j = object_of(r, h), *health;
	const char *state;

	if (j == NULL)
		return;
	health = json_object_get(json_object_get(j, "status"), "health");
	state = json_string_value(json_object_get(health, "healthStatus"));
	if (state != NULL && strcmp(state, "HEALTHY") != 0)
		probe_fail(r, REASON_HTTP_BODY, "%s calls itself unhealthy",
		    s->label);
	else
		probe_end(r, STATE_PASS, REASON_OK, "%s is healthy",
		    s->label);
	json_decref(j);
}

static void
judge_jigasi(struct probe_run *r, const struct http_result *h)
{
	struct rest *s = r->state;

	(void)h;
	probe_end(r, STATE_PASS, REASON_OK, "%s is healthy", s->label);
}

static const struct page pages[] = {
	{ "jvb.health", "jvb", "/about/health", judge_jvb_health },
	{ "jvb.stats", "jvb", "/colibri/stats", judge_jvb_stats },
	{ "jvb.version", "jvb", "/about/version", judge_version },
	{ "jicofo.health", "jicofo", "/about/health", judge_jicofo_health },
	{ "jicofo.stats", "jicofo", "/stats", judge_jicofo_stats },
	{ "jicofo.version", "jicofo", "/about/version", judge_version },
	{ "jibri.health", "jibri", "/jibri/api/v1.0/health", judge_jibri },
	{ "jigasi.health", "jigasi", "/about/health", judge_jigasi },
};

/* A status that is not 200. */
static void
other_status(struct probe_run *r, const struct http_result *h)
{
	struct rest *s = r->state;
	struct str body = str_trim(h->body);
	char *safe;

	if (h->status == 404) {
		check_result(&r->check, STATE_NOT_APPLICABLE, LAYER_HTTP,
		    REASON_NOT_ENABLED, "%s does not have %s: it is not "
		    "enabled, which is no fault", s->label, s->page->path);
		probe_done(r);
		return;
	}
	if (strcmp(s->page->id, "jvb.health") == 0)
		probe_fact_num(r, "bridge.health_status", h->status);
	if (strcmp(s->page->id, "jicofo.health") == 0)
		probe_fact_num(r, "jicofo.health_status", h->status);
	safe = probe_safe(body.p == NULL ? "" : body.p, body.n);
	check_say(&r->check, "   %s", safe);
	probe_fail(r, REASON_HTTP_STATUS, "%s answers %s with status %ld%s%s",
	    s->label, s->page->path, h->status, safe[0] == '\0' ? "" : ": ",
	    safe);
	free(safe);
}

static void
answered(const struct http_result *h, void *arg)
{
	struct probe_run *r = arg;
	struct rest *s = r->state;

	if (h->status == 200)
		s->page->judge(r, h);
	else if (h->status >= 300 && h->status < 400)
		probe_fail(r, REASON_REDIRECT, "%s redirects %s elsewhere",
		    s->label, s->page->path);
	else
		other_status(r, h);
}

static void
ask(struct probe_run *r, const char *phase, const char *path, int keep,
    void (*answer)(const struct http_result *, void *))
{
	static const char *const accept[] = { "Accept: text/plain", NULL };
	struct request_options o = { .phase = phase, .layer = LAYER_HTTP,
	    .keep_failures = keep, .follow = !keep };
	struct rest *s = r->state;
	char *url = mem_printf("%s%s", s->base, path);

	o.url = url;
	if (keep)
		o.headers = accept;
	request_send(s->request, &o, answer, r);
	free(url);
}

static void
start(struct probe_run *r)
{
	struct rest *s = mem_zalloc(1, sizeof(*s));
	const char *address;
	struct str name;
	uint16_t port;
	size_t i;

	r->state = s;
	for (i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		if (strcmp(pages[i].id, r->probe->id) == 0)
			s->page = &pages[i];
	address = address_of(r->site, s->page->program);
	port = subject_port(r->subject, &name);
	if (port == 0)
		port = port_of(r->site, s->page->program);
	if (port == 0) {
		probe_not_applicable(r, "%s is not configured on this host",
		    s->page->program);
		return;
	}
	s->label = mem_printf("%s at %s:%u", s->page->program, address, port);
	s->base = mem_printf(strchr(address, ':') != NULL ?
	    "http://[%s]:%u" : "http://%s:%u", address, port);
	s->request = request_new(r, s->label, address, NULL);
	ask(r, "http", s->page->path, 0, answered);
}

static void
stop(struct probe_run *r)
{
	struct rest *s = r->state;

	if (s == NULL)
		return;
	request_free(s->request);
	free(s->base);
	free(s->label);
	free(s);
}

#define JVB ROLE_BIT(ROLE_JVB)
#define JICOFO ROLE_BIT(ROLE_JICOFO)
#define REST_ROW(row_id, row_roles, row_subjects, row_sentence) { \
	.id = row_id, .group = "rest", .layer = LAYER_HTTP, \
	.roles = row_roles, .required = row_roles, \
	.phases = { "http", "metrics" }, .only_configured = \
	row_roles == ROLES_ALL, .interval_ns = 15 * NS_PER_SEC, \
	.timeout_ns = 5 * NS_PER_SEC, .sentence = row_sentence, \
	.subjects = row_subjects, .start = start, .stop = stop }

const struct probe probe_jvb_health = REST_ROW("jvb.health", JVB,
    jvb_subjects, "the bridge is healthy and connected to prosody");
const struct probe probe_jvb_stats = REST_ROW("jvb.stats", JVB, jvb_subjects,
    "the bridge's numbers show it in its brewery");
const struct probe probe_jvb_version = REST_ROW("jvb.version", JVB,
    jvb_subjects, "the bridge answers with its version");
const struct probe probe_jicofo_health = REST_ROW("jicofo.health", JICOFO,
    jicofo_subjects, "jicofo is healthy");
const struct probe probe_jicofo_stats = REST_ROW("jicofo.stats", JICOFO,
    jicofo_subjects, "jicofo knows an operational bridge");
const struct probe probe_jicofo_version = REST_ROW("jicofo.version", JICOFO,
    jicofo_subjects, "jicofo answers with its version");
const struct probe probe_jibri_health = REST_ROW("jibri.health", ROLES_ALL,
    jibri_subjects, "jibri is healthy");
const struct probe probe_jigasi_health = REST_ROW("jigasi.health", ROLES_ALL,
    jigasi_subjects, "jigasi is healthy");
