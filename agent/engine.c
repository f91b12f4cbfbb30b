/* SPDX-License-Identifier: ISC */
/*
 * The engine process of the agent. I/O. It opens nothing by itself: files
 * come from the parent by number, the http process by socket.
 */
#include <sys/types.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/agents.h"
#include "agent/base/buf.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/command.h"
#include "agent/compat/process.h"
#include "agent/compat/sys.h"
#include "agent/conf.h"
#include "agent/diagnosis/catalogue.h"
#include "agent/diagnosis/diagnosis.h"
#include "agent/diagnosis/report.h"
#include "agent/engine.h"
#include "agent/evidence_doc.h"
#include "agent/facts/finding.h"
#include "agent/gather.h"
#include "agent/inputs.h"
#include "agent/media_feed.h"
#include "agent/parent.h"
#include "agent/pf_evidence.h"
#include "agent/pflog_feed.h"
#include "agent/run/child.h"
#include "agent/run/log.h"
#include "agent/run/loop.h"
#include "agent/run/msg.h"
#include "agent/secrets_serve.h"
#include "agent/setup.h"
#include "exporter/exporter.h"
#include "exporter/http.h"
#include "exporter/link.h"
#include "probes/engine.h"
#include "probes/logs/follow.h"
#include "probes/pf/log/watch.h"
#include "probes/probe.h"

/* How often followed logs are looked at and pages are sent. */
#define TICK NS_PER_SEC
/* Every so many ticks the parent is asked whether a log is a new file. */
#define REOPEN_TICKS 2
/* A report is made this long after something changed, and at least once in
 * a minute. */
#define CONCLUDE_SOON (3 * NS_PER_SEC)
#define CONCLUDE_LATEST (60 * NS_PER_SEC)

/* What the logs said longer ago than this no longer counts. */
#define MEMORY (INT64_C(24) * 3600 * US_PER_SEC)

/* A log that is followed. */
struct follower {
	struct log_follow *follow;
	size_t input;		/* its number in the parent's list */
	dev_t device;		/* of the file that was given last */
	ino_t inode;
	int given;
};

/* Somebody waits at /probe. */
struct waiting {
	uint64_t id;
	char *probe, *subject;
	double timeout;
};

struct agent {
	struct setup setup;
	double rate;
	struct loop *loop;
	int parent;		/* socket */
	struct io *parent_io;
	struct inputs inputs;
	struct http_link *link;
	struct exporter *exporter;
	struct engine *engine;
	struct diagnosis *diagnosis;
	struct media_feed *media;
	struct pflog_feed *pflog;	/* NULL: no pf here */
	struct follower *followers;
	size_t follower_count;
	struct check *checks;	/* the last of each (probe, subject) */
	size_t check_count, check_cap;
	struct waiting *waiting;
	size_t waiting_count, waiting_cap;
	struct secrets_serve *secrets;
	struct timer *tick, *conclude;
	unsigned ticks;
	int due;		/* `conclude` is armed for soon */
	enum report_verdict verdict;
	int concluded;
};

/* Arms the next report. */
static void
conclude_soon(struct agent *a)
{
	if (a->due)
		return;
	a->due = 1;
	timer_in(a->conclude, CONCLUDE_SOON);
}

static void
make_report(struct agent *a, struct report *report,
    struct findings *findings)
{
	struct gather g = { 0 };
	struct check copy;
	size_t i;

	report_site(report, a->setup.site.name, a->setup.site.hostname,
	    a->setup.site.roles);
	g.conf = &a->setup.conf;
	g.site = &a->setup.site;
	g.inputs = &a->inputs;
	g.diagnosis = a->diagnosis;
	g.report = report;
	g.findings = findings;
	for (i = 0; i < a->check_count; i++)
		diagnosis_add_check(a->diagnosis, &a->checks[i]);
	pf_evidence_checks(a->checks, a->check_count, a->diagnosis);
	g.pf_file_waits = pf_evidence_file_waits(a->checks, a->check_count);
	gather_configs(&g);
	gather_rules(&g);
	diagnosis_add_verdicts(a->diagnosis, media_feed_verdicts(a->media));
	for (i = 0; i < a->check_count; i++) {
		check_copy(&copy, &a->checks[i]);
		pf_evidence_coverage(&copy, report);
		report_add_check(report, &copy);
	}
	diagnosis_conclude(a->diagnosis, report);
	setup_waive(&a->setup, report);
	report_verdict(report, 0);
}

static void
count_signal(void *arg, const struct signal_seen *s)
{
	struct agent *a = arg;

	metrics_total(exporter_metrics(a->exporter), METRIC_LOG_SIGNALS,
	    METRIC_SET(component_name(s->component), s->id), s->count);
}

static void
conclude(void *arg)
{
	struct agent *a = arg;
	struct report *report = report_new("agent");

	a->due = 0;
	make_report(a, report, NULL);
	diagnosis_signals(a->diagnosis, count_signal, a);
	exporter_report(a->exporter, report);
	if (!a->concluded || report->verdict != a->verdict)
		log_info("site: %s%s%s", report_verdict_name(report->verdict),
		    report->cause_count > 0 ? ": " : "",
		    report->cause_count > 0 ? report->causes[0].title : "");
	a->verdict = report->verdict;
	a->concluded = 1;
	report_free(report);
	diagnosis_renew(a->diagnosis, wall_add(wall_now(), -MEMORY));
	sys_release();
	timer_in(a->conclude, CONCLUDE_LATEST);
}

/* Puts the check in the place of its predecessor; takes it. */
static void
keep(struct agent *a, struct check *check)
{
	struct check *list;
	size_t i;

	for (i = 0; i < a->check_count; i++) {
		list = &a->checks[i];
		if (strcmp(list->id, check->id) != 0 ||
		    strcmp(list->subject, check->subject) != 0)
			continue;
		if (list->state != check->state ||
		    list->reason != check->reason) {
			log_info("%s %s: %s -> %s: %s", check->id,
			    check->subject, state_name(list->state),
			    state_name(check->state), check->summary);
			conclude_soon(a);
		}
		check_free(list);
		*list = *check;
		return;
	}
	list = mem_grow(a->checks, a->check_count, &a->check_cap,
	    sizeof(*list), LIMIT_CHECKS);
	if (list == NULL) {
		check_free(check);
		return;
	}
	a->checks = list;
	list[a->check_count++] = *check;
	conclude_soon(a);
}

static void
free_waiting(struct waiting *w)
{
	free(w->probe);
	free(w->subject);
}

/* Answers everybody who waits for this check. */
static void
answer_waiting(struct agent *a, const struct check *check)
{
	struct waiting *w;
	struct buf page;
	size_t i = 0;

	while (i < a->waiting_count) {
		w = &a->waiting[i];
		if (strcmp(w->probe, check->id) != 0 ||
		    strcmp(w->subject, check->subject) != 0) {
			i++;
			continue;
		}
		buf_init(&page, LIMIT_CHECK_TEXT);
		exporter_probe_page(&page, check, w->timeout);
		(void)http_link_answer(a->link, w->id, 200,
		    CONTENT_PROMETHEUS, buf_str(&page));
		buf_free(&page);
		free_waiting(w);
		*w = a->waiting[--a->waiting_count];
	}
}

static void
probe_finished(struct check *check, void *arg)
{
	struct agent *a = arg;

	exporter_check(a->exporter, check,
	    engine_interval(a->engine, check->id), mono_now());
	answer_waiting(a, check);
	keep(a, check);
}

/* A request of /api/v1/evidence: what is known now, as a document. */
static void
send_evidence(void *arg, uint64_t id, wall_t asked,
    const struct secrets *secrets, const char *why_not)
{
	struct agent *a = arg;
	struct report *report = report_new("agent");
	struct findings findings;
	struct evidence_parts parts = { report, a->diagnosis, NULL,
	    &findings, secrets, asked };
	struct buf doc;

	findings_init(&findings);
	make_report(a, report, &findings);
	if (why_not != NULL)
		report_add_coverage(report, "secrets", COVERAGE_UNREADABLE,
		    WALL_NONE, WALL_NONE, 0, why_not, 0);
	buf_init(&doc, LIMIT_EVIDENCE_WRITTEN + 1);
	if (evidence_write(&doc, &parts) == -1)
		(void)http_link_answer(a->link, id, 500, CONTENT_TEXT,
		    STR_LIT("the evidence is too long\n"));
	else
		(void)http_link_answer(a->link, id, 200, CONTENT_JSON,
		    buf_str(&doc));
	buf_free(&doc);
	findings_free(&findings);
	report_free(report);
	diagnosis_renew(a->diagnosis, wall_add(wall_now(), -MEMORY));
}

/* A request of /probe: runs the probe out of turn. */
static void
request(const struct http_request *r, void *arg)
{
	static const char unknown[] = "unknown target or module\n";
	struct agent *a = arg;
	struct waiting *w;

	if (r->what != HTTP_PROBE) {
		if (secrets_serve(a->secrets, r) == -1)
			(void)http_link_answer(a->link, r->id, 400,
			    CONTENT_TEXT, STR_LIT("the salt must be 32 to "
			    "128 hexadecimal digits\n"));
		return;
	}
	if (probe_find(r->module) == NULL ||
	    engine_run_one(a->engine, r->module, r->target) == -1) {
		(void)http_link_answer(a->link, r->id, 400, CONTENT_TEXT,
		    str_from(unknown));
		return;
	}
	w = mem_grow(a->waiting, a->waiting_count, &a->waiting_cap,
	    sizeof(*w), LIMIT_CHECKS);
	if (w == NULL) {
		(void)http_link_answer(a->link, r->id, 503, CONTENT_TEXT,
		    STR_LIT("too many requests\n"));
		return;
	}
	a->waiting = w;
	w += a->waiting_count++;
	w->id = r->id;
	w->probe = mem_strdup(r->module);
	w->subject = mem_strdup(r->target);
	w->timeout = r->timeout_ms / 1000.0;
}

static void
http_gone(void *arg)
{
	struct agent *a = arg;

	log_warn("http: the process is gone");
	loop_stop(a->loop);
}

/* Counts a piece of a followed log and matches it. */
static void
deliver(void *arg, const struct log_text *text)
{
	struct agent *a = arg;
	const char *p = text->text.p, *end = p + text->text.n;
	uint64_t lines = 0;

	while (p < end && (p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		lines++;
		p++;
	}
	metrics_add(exporter_metrics(a->exporter), METRIC_LOG_LINES,
	    METRIC_SET(text->component == COMPONENT_NONE ? "mixed" :
	    component_name(text->component)), lines);
	diagnosis_add_log(a->diagnosis, text);
	conclude_soon(a);
}

/* Asks the parent for the descriptor of a log. */
static void
ask_open(struct agent *a, const struct follower *f)
{
	struct msg_out m;

	msg_begin(&m, ENGINE_OPEN);
	msg_put_u32(&m, (uint32_t)f->input);
	(void)msg_send(&m, a->parent, -1);
}

/* The parent's answer: the file, perhaps a new one after a rotation. */
static int
take_opened(struct agent *a, struct msg *m)
{
	uint32_t input = msg_get_u32(m), error = msg_get_u32(m);
	struct follower *f;
	struct stat st;
	size_t i;

	for (i = 0; i < a->follower_count; i++)
		if (a->followers[i].input == input)
			break;
	if (msg_end(m) == -1 || i == a->follower_count ||
	    (error == 0) != (m->fd != -1)) {
		if (m->fd != -1)
			close(m->fd);
		return (-1);
	}
	if (error != 0)
		return (0);
	f = &a->followers[i];
	if (fstat(m->fd, &st) == -1 || (f->given &&
	    f->device == st.st_dev && f->inode == st.st_ino)) {
		close(m->fd);
		return (0);
	}
	f->given = 1;
	f->device = st.st_dev;
	f->inode = st.st_ino;
	follow_give(f->follow, m->fd);
	return (0);
}

static void
tick(void *arg)
{
	struct agent *a = arg;
	size_t i;

	if (a->ticks++ % REOPEN_TICKS == 0)
		for (i = 0; i < a->follower_count; i++)
			ask_open(a, &a->followers[i]);

	for (i = 0; i < a->follower_count; i++)
		(void)follow_poll(a->followers[i].follow, deliver, a);
	exporter_publish(a->exporter, a->link, mono_now());
	timer_in(a->tick, TICK);
}

/* Everything that runs here starts at 0 in the counters. */
static void
announce(struct agent *a)
{
	const struct probe *const *p;
	struct subjects subjects;
	size_t i;

	for (p = probe_table; *p != NULL; p++) {
		if (!probe_runs_on(*p, a->setup.site.roles))
			continue;
		memset(&subjects, 0, sizeof(subjects));
		if ((*p)->subjects == NULL)
			(void)subject_add(&subjects, "", NULL);
		else
			(*p)->subjects(&a->setup.site, &subjects);
		for (i = 0; i < subjects.count; i++)
			exporter_probe(a->exporter, (*p)->id,
			    subjects.list[i].name, (*p)->layer);
		subjects_free(&subjects);
	}
}

static void
add_probes(struct agent *a)
{
	const struct conf *c = &a->setup.conf;
	const struct probe *const *p;
	size_t i;

	for (p = probe_table; *p != NULL; p++) {
		for (i = 0; i < c->probes.count; i++)
			if (c->probes.list[i].off &&
			    strcmp(c->probes.list[i].id, (*p)->id) == 0)
				break;
		if (i == c->probes.count &&
		    probe_runs_on(*p, a->setup.site.roles))
			(void)engine_add(a->engine, *p, NULL);
	}
}

/* Fault signals of the components whose logs are followed start at 0. */
static void
announce_signals(struct agent *a)
{
	const struct catalogue *c = a->setup.catalogue;
	unsigned followed = 0;
	size_t i;
	int k;

	for (i = 0; i < a->follower_count; i++)
		followed |= 1U << a->inputs.list[
		    a->followers[i].input].component;
	for (i = 0; i < c->signal_count; i++)
		for (k = COMPONENT_NONE + 1; k < COMPONENT_COUNT; k++)
			if (c->signals[i].class == CLASS_FAULT &&
			    (followed & c->signals[i].from & 1U << k) != 0)
				metrics_add(exporter_metrics(a->exporter),
				    METRIC_LOG_SIGNALS, METRIC_SET(
				    component_name((enum component)k),
				    c->signals[i].id), 0);
}

/* Intervals and deadlines that meetprobe.conf changes. */
static void
tune(struct agent *a)
{
	const struct conf_probe *p = a->setup.conf.probes.list;
	size_t i;

	for (i = 0; i < a->setup.conf.probes.count; i++)
		engine_tune(a->engine, p[i].id, p[i].interval_ns,
		    p[i].timeout_ns, p[i].off);
}

/* The agents of the site, for /api/v1/sd: this one and the peers. */
static void
list_agents(struct agent *a)
{
	const struct conf *c = &a->setup.conf;
	struct exporter_agent *list;
	size_t i, n = 0;
	char *own;

	list = mem_zalloc(c->peers.count + 1, sizeof(*list));
	own = mem_printf("%s:%u", c->listens.count > 0 ?
	    c->listens.list[0].address : "127.0.0.1", c->listens.count > 0 ?
	    c->listens.list[0].port : CONF_PORT);
	list[n].target = own;
	list[n].host = a->setup.site.hostname;
	list[n++].roles = a->setup.site.roles;
	for (i = 0; i < c->peers.count; i++) {
		const char *at = strstr(c->peers.list[i].url, "://");
		int role = role_by_name(str_from(c->peers.list[i].name));

		if (at == NULL)
			continue;
		list[n].target = at + 3;
		list[n].host = c->peers.list[i].name;
		list[n++].roles = role == -1 ? 0 : ROLE_BIT(role);
	}
	exporter_agents(a->exporter, a->setup.site.name == NULL ? "" :
	    a->setup.site.name, list, n);
	free(own);
	free(list);
}

/* Asks the parent to capture the media port where media passes. */
static void
ask_capture(struct agent *a)
{
	const struct site *s = &a->setup.site;
	const char *address = s->nat_public != NULL ? s->nat_public :
	    s->public_address;
	struct msg_out m;

	if ((s->roles & (ROLE_BIT(ROLE_JVB) | ROLE_BIT(ROLE_ROUTER))) == 0)
		return;
	msg_begin(&m, ENGINE_CAPTURE);
	msg_put_u32(&m, s->media_port);
	msg_put_u32(&m, s->media_port_last);
	msg_put_str(&m, str_from(address));
	(void)msg_send_wait(&m, a->parent, -1);
}

/* Asks the parent to capture what pf logs, where there is pf. */
static void
ask_pflog(struct agent *a)
{
	struct msg_out m;
	struct buf watch;

	a->pflog = pflog_feed_new(&a->setup.site);
	if (a->pflog == NULL)
		return;
	engine_live_log(a->engine, pflog_feed_live(a->pflog));
	if (pflog_feed_watch(a->pflog) == NULL)
		return;
	buf_init(&watch, LIMIT_MSG_BYTES);
	pf_watch_print(&watch, pflog_feed_watch(a->pflog));
	msg_begin(&m, ENGINE_PFLOG);
	msg_put_str(&m, buf_str(&watch));
	(void)msg_send_wait(&m, a->parent, -1);
	buf_free(&watch);
}

/* All inputs are known: follow the logs, start the probes. */
static void
start(struct agent *a)
{
	struct engine_events on = { NULL, probe_finished, NULL, a };
	struct follower *f;
	size_t i;

	a->followers = mem_zalloc(a->inputs.count, sizeof(*a->followers));
	for (i = 0; i < a->inputs.count; i++) {
		if (a->inputs.list[i].type != INPUT_LOG)
			continue;
		f = &a->followers[a->follower_count++];
		f->input = i;
		f->follow = follow_new(a->inputs.list[i].path,
		    a->inputs.list[i].component, a->inputs.list[i].host, 1,
		    1);
	}
	a->engine = engine_new(a->loop, &a->setup.site, &on);
	announce(a);
	announce_signals(a);
	add_probes(a);
	tune(a);
	engine_schedule(a->engine, a->rate);
	agents_tell(a->exporter, &a->setup.conf, &a->setup.site);
	log_info("engine: %zu probes, %zu logs", engine_count(a->engine),
	    a->follower_count);
	ask_capture(a);
	ask_pflog(a);
	list_agents(a);
	tick(a);
	conclude_soon(a);
}

static int
take_input(struct agent *a, struct msg *m)
{
	struct str kind, host, path;
	unsigned type, component, required;
	uint32_t index = msg_get_u32(m);

	type = msg_get_u8(m);
	component = msg_get_u8(m);
	kind = msg_get_str(m);
	host = msg_get_str(m);
	path = msg_get_str(m);
	required = msg_get_u8(m);
	if (msg_end(m) == -1 || index != a->inputs.count ||
	    type > INPUT_UNKNOWN || component >= COMPONENT_COUNT)
		return (-1);
	inputs_take(&a->inputs, (enum input_type)type,
	    (enum component)component, kind, host, path, (int)required);
	return (0);
}

static int
take_restarts(struct agent *a, struct msg *m)
{
	struct str process = msg_get_str(m);
	uint64_t count = msg_get_u64(m);
	char *name;

	if (msg_end(m) == -1)
		return (-1);
	name = mem_str(process);
	metrics_total(exporter_metrics(a->exporter), METRIC_CHILD_RESTARTS,
	    METRIC_SET(name), count);
	free(name);
	return (0);
}

/* A message of a capturing child, passed on by the parent; freed by the
 * caller. NULL: it is none. */
static struct msg *
unwrap(struct msg *m)
{
	struct str whole = msg_get_str(m);
	struct msg *inner;

	if (msg_end(m) == -1)
		return (NULL);
	inner = mem_zalloc(1, sizeof(*inner));
	memcpy(inner->bytes, whole.p, whole.n);
	cur_init(&inner->c, inner->bytes, whole.n);
	inner->fd = -1;
	inner->type = cur_u16(&inner->c);
	return (inner);
}

static int
take_capture(struct agent *a, struct msg *m)
{
	struct msg *inner = unwrap(m);
	int r = inner == NULL ? -1 : media_feed_take(a->media, inner,
	    exporter_metrics(a->exporter));

	free(inner);
	if (r == 1)
		conclude_soon(a);
	return (r == -1 ? -1 : 0);
}

/* Something is blocked that was not before: pf.log looks out of turn. */
static int
take_pflog(struct agent *a, struct msg *m)
{
	struct msg *inner = unwrap(m);
	int r = inner == NULL || a->pflog == NULL ? -1 : pflog_feed_take(
	    a->pflog, inner, exporter_metrics(a->exporter));

	free(inner);
	if (r == 1)
		(void)engine_run_one(a->engine, "pf.log", "");
	return (r == -1 ? -1 : 0);
}

static int
take_reloaded(struct agent *a, struct msg *m)
{
	unsigned good = msg_get_u8(m);

	if (msg_end(m) == -1)
		return (-1);
	metrics_gauge(exporter_metrics(a->exporter), METRIC_CONFIG_RELOAD,
	    METRIC_NO_LABELS, good, MONO_NONE);
	return (0);
}

/* Handles a message of the parent; -1 when it is malformed. */
static int
handle(struct agent *a, struct msg *m)
{
	switch (m->type) {
	case PARENT_INPUT: return (take_input(a, m));
	case PARENT_RESTARTS: return (take_restarts(a, m));
	case PARENT_RELOADED: return (take_reloaded(a, m));
	case PARENT_CAPTURE: return (take_capture(a, m));
	case PARENT_PFLOG: return (take_pflog(a, m));
	case PARENT_OPENED: return (take_opened(a, m));
	case PARENT_READY:
		if (a->engine == NULL)
			start(a);
		return (msg_end(m));
	default: return (-1);
	}
}

static void
parent_readable(int fd, int events, void *arg)
{
	struct agent *a = arg;
	struct msg m;
	int r;

	(void)events;
	while ((r = msg_recv(&m, fd)) == 1)
		if (handle(a, &m) == -1) {
			log_warn("engine: malformed message %u of the parent",
			    m.type);
			r = 0;
			break;
		}
	if (r == 0 || errno != EAGAIN)
		loop_stop(a->loop);
}

/* The request's first line: foreground verbose rate*1000 pitfalls. */
static int
parse_request(struct agent *a, struct str text, struct options *o)
{
	struct str line = str_split(&text, '\n');
	struct errlist errors;
	int64_t foreground, verbose, rate;
	int r;

	if (str_num(str_split(&line, ' '), 0, 1, &foreground) == -1 ||
	    str_num(str_split(&line, ' '), 0, 9, &verbose) == -1 ||
	    str_num(str_split(&line, ' '), 1, 100000, &rate) == -1)
		return (-1);
	log_open("engine", (int)foreground, (int)verbose);
	a->rate = (double)rate / 1000;
	o->pitfalls = line.n > 0 ? mem_str(line) : NULL;
	errlist_init(&errors);
	r = conf_parse(&a->setup.conf, "parent", text.p, text.n, &errors);
	errlist_free(&errors);
	return (r);
}

static void
run(struct agent *a)
{
	struct http_link_events on = { request, http_gone, a };

	a->loop = loop_new();
	a->exporter = exporter_new();
	a->diagnosis = diagnosis_new(a->setup.catalogue);
	a->media = media_feed_new();
	a->secrets = secrets_serve_new(a->loop, &a->setup.conf, &a->inputs,
	    send_evidence, a);
	a->tick = timer_new(a->loop, tick, a);
	a->conclude = timer_new(a->loop, conclude, a);
	a->link = http_link_new(a->loop, CHILD_FD + 1, &on);
	fcntl(a->parent, F_SETFL, O_NONBLOCK);
	a->parent_io = io_new(a->loop, a->parent, IO_READ, parent_readable,
	    a);
	loop_run(a->loop);
	secrets_serve_free(a->secrets);
	if (a->engine != NULL)
		engine_free(a->engine);
	io_free(a->parent_io);
	http_link_free(a->link);
	timer_free(a->tick);
	timer_free(a->conclude);
	diagnosis_free(a->diagnosis);
	media_feed_free(a->media);
	pflog_feed_free(a->pflog);
	exporter_free(a->exporter);
	loop_free(a->loop);
}

static void
free_agent(struct agent *a)
{
	size_t i;

	for (i = 0; i < a->follower_count; i++)
		follow_free(a->followers[i].follow);
	for (i = 0; i < a->check_count; i++)
		check_free(&a->checks[i]);
	for (i = 0; i < a->waiting_count; i++)
		free_waiting(&a->waiting[i]);
	free(a->followers);
	free(a->checks);
	free(a->waiting);
	inputs_free(&a->inputs);
	setup_free(&a->setup);
}

int
engine_role(struct str request_text, int sock)
{
	struct options o = { 0 };
	struct agent a = { .parent = sock };
	int status = 2;

	setup_init(&a.setup);
	inputs_init(&a.inputs);
	if (parse_request(&a, request_text, &o) == 0 &&
	    setup_rest(&a.setup, &o) == 0) {
		run(&a);
		status = 0;
	}
	free_agent(&a);
	free((void *)(uintptr_t)o.pitfalls);
	return (status);
}

int
http_role(struct str request_text, int sock)
{
	struct http_config config;

	(void)request_text;
	(void)sock;
	log_open("http", 1, 0);
	if (http_receive(CHILD_FD + 1, &config) == -1)
		return (1);
	if (sys_drop_root(CONF_USER) == -1 && sys_drop_root("nobody") == -1) {
		log_warn("http: neither %s nor nobody can be become: %s",
		    CONF_USER, strerror(errno));
		return (1);
	}
	return (http_process(&config, CHILD_FD + 1));
}
