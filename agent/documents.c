/* SPDX-License-Identifier: ISC */
/*
 * Other hosts' documents: their clocks against ours, their secrets against
 * ours, then their evidence. Pure but for the helper child that computes our
 * own secrets' values.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/diagnosis/diagnosis.h"
#include "agent/diagnosis/report.h"
#include "agent/diagnosis/skew.h"
#include "agent/documents.h"
#include "agent/evidence_doc.h"
#include "agent/facts/finding.h"
#include "agent/facts/secret.h"
#include "agent/gather.h"
#include "agent/known.h"
#include "agent/run/child.h"
#include "agent/secrets.h"

/* A clock this far off is told; and from here on it does harm: TURN
 * credentials and logs side by side. */
#define SKEW_TOLD_US (2 * US_PER_SEC)
#define SKEW_HARM_US (60 * US_PER_SEC)

struct document {
	char *peer;
	struct evidence_doc *doc;
	wall_t sent, received;	/* WALL_NONE: a file */
	/* Its clock: known, how far ahead, give or take; and of whose. */
	int known;
	int64_t ahead_us, doubt_us;
	const char *base;	/* NULL: this host's */
	size_t pairs;		/* events that show it; 0: measured */
};

struct documents {
	struct document *list;
	size_t count, cap;
	char *salt;
	/* This host's own, with that salt. */
	struct secrets own;
	int own_done;		/* they are there */
	struct gather *gather;
	void (*done)(void *);
	void *arg;
};

struct documents *
documents_new(void)
{
	return (mem_zalloc(1, sizeof(struct documents)));
}

void
documents_free(struct documents *d)
{
	size_t i;

	if (d == NULL)
		return;
	for (i = 0; i < d->count; i++) {
		free(d->list[i].peer);
		evidence_free_doc(d->list[i].doc);
	}
	secrets_free(&d->own);
	free(d->list);
	free(d->salt);
	free(d);
}

int
documents_take(struct documents *d, const char *peer, struct str text,
    wall_t sent, wall_t received, const char **why)
{
	struct evidence_doc *doc = evidence_parse(text, why);
	struct document *list, *e;

	if (doc == NULL)
		return (-1);
	*why = "there are too many documents";
	list = mem_grow(d->list, d->count, &d->cap, sizeof(*list),
	    LIMIT_CONF_LIST);
	if (list == NULL) {
		evidence_free_doc(doc);
		return (-1);
	}
	d->list = list;
	e = &list[d->count++];
	memset(e, 0, sizeof(*e));
	e->doc = doc;
	e->peer = mem_strdup(peer != NULL ? peer : evidence_host(doc));
	e->sent = sent;
	e->received = received;
	return (0);
}

const char *
documents_salt(struct documents *d)
{
	if (d->salt == NULL)
		d->salt = secrets_new_salt();
	return (d->salt);
}

/* Whose the files are that we read: this host's, or nobody's that we know. */
static const char *
own_host(const struct gather *g)
{
	return (g->named ? NULL : g->report->host);
}

static void
own_done(enum child_end end, int status, struct str answer, void *arg)
{
	struct documents *d = arg;

	(void)status;
	d->own_done = end == CHILD_DONE &&
	    secrets_take(&d->own, own_host(d->gather), answer) == 0;
	d->done(d->arg);
}

void
documents_own(struct documents *d, struct gather *g, struct loop *loop,
    mono_t deadline, void (*done)(void *), void *arg)
{
	struct child_events on = { NULL, own_done, d };
	struct buf request;
	char *salt;

	(void)documents_salt(d);
	salt = d->salt;
	d->gather = g;
	d->done = done;
	d->arg = arg;
	buf_init(&request, LIMIT_CHILD_ANSWER - 1);
	secrets_request(&request, g, &salt, 1);
	(void)child_start(loop, SECRETS_ROLE, buf_str(&request), -1, deadline,
	    &on);
	buf_free(&request);
}

/* ---- clocks ---- */

/*
 * RFC 5905 section 8: the clock's lead is the mean of what the way there and
 * the way back seem to show, in doubt by half of the time on the way. A host
 * that does not say when it was asked counts as if it had answered at once.
 */
static void
measure(struct document *e)
{
	wall_t asked, utc;
	int64_t there, back, way;

	if (!wall_is_set(e->sent))
		return;
	evidence_clock(e->doc, &asked, &utc);
	if (!wall_is_set(utc))
		return;
	if (!wall_is_set(asked) || asked.us > utc.us ||
	    wall_diff(utc, asked) > wall_diff(e->received, e->sent))
		asked = utc;
	there = wall_diff(asked, e->sent);
	back = wall_diff(utc, e->received);
	way = wall_diff(e->received, e->sent) - wall_diff(utc, asked);
	e->known = 1;
	e->ahead_us = there / 2 + back / 2;
	e->doubt_us = way / 2;
	if (e->ahead_us <= e->doubt_us && e->ahead_us >= -e->doubt_us)
		e->ahead_us = 0;	/* no difference can be seen */
}

/* What is added to the sightings of one host. */
struct adding {
	const struct catalogue *catalogue;
	struct skew_host *host;
	int64_t ahead_us;
};

static void
add_sighting(void *arg, const char *id, wall_t first, wall_t last)
{
	struct adding *a = arg;

	if (!wall_is_set(first))
		return;
	skew_add(a->catalogue, a->host, id, wall_add(first, -a->ahead_us),
	    wall_is_set(last) ? wall_add(last, -a->ahead_us) : last);
}

/* Tells that a file's clock stays unknown, where its times are put beside
 * those of others. */
static void
tell_unknown_clock(struct gather *g, const struct document *e)
{
	char *source = mem_printf("clock of %s", e->peer);

	report_add_coverage(g->report, source, COVERAGE_PARTIAL, WALL_NONE,
	    WALL_NONE, 0, "not known: no two events that another host has "
	    "logged as well agree; a peer that is asked (http, ssh) is "
	    "measured", 0);
	free(source);
}

/*
 * The clocks of files, from what two hosts logged of the same thing. Host 0
 * is what is known at our clock: our own logs, and hosts that were measured.
 */
static void
estimate(struct documents *d, struct gather *g)
{
	const struct catalogue *c = diagnosis_catalogue(g->diagnosis);
	struct skew_host *hosts = mem_zalloc(d->count + 1, sizeof(*hosts));
	struct document *e;
	struct adding a = { c, &hosts[0], 0 };
	size_t i, base, timed = 0;

	diagnosis_sightings(g->diagnosis, add_sighting, &a);
	for (i = 0; i < d->count; i++) {
		e = &d->list[i];
		a.host = &hosts[e->known ? 0 : i + 1];
		a.ahead_us = e->known ? e->ahead_us : 0;
		evidence_sightings(e->doc, add_sighting, &a);
	}
	for (i = 0; i <= d->count; i++)
		timed += hosts[i].count > 0;
	skew_estimate(c, hosts, d->count + 1, hosts[0].count > 0 ? 0 :
	    d->count + 1);
	for (i = 0; i < d->count; i++) {
		e = &d->list[i];
		base = hosts[i + 1].base;
		if (!e->known && !hosts[i + 1].known && timed > 1 &&
		    hosts[i + 1].count > 0)
			tell_unknown_clock(g, e);
		if (e->known || !hosts[i + 1].known || base == i + 1)
			continue;
		e->known = 1;
		e->ahead_us = hosts[i + 1].ahead_us;
		e->doubt_us = SKEW_AGREE_US / 2;
		e->base = base == 0 ? NULL : d->list[base - 1].peer;
		e->pairs = hosts[i + 1].pairs;
	}
	for (i = 0; i <= d->count; i++)
		skew_free(&hosts[i]);
	free(hosts);
}

/* A finding about two hosts; takes the message. */
static void
say(struct gather *g, const char *id, enum severity severity,
    const char *host, const char *file, int line, char *message)
{
	struct finding f = { 0 };

	f.id = id;
	f.probe = "config.site";
	f.severity = severity;
	f.host = host == NULL ? NULL : mem_strdup(host);
	f.at.file = file == NULL ? NULL : mem_strdup(file);
	f.at.line = line;
	f.message = message;
	diagnosis_add_finding(g->diagnosis, &f);
	free(f.host);
	free(f.at.file);
	free(f.message);
}

/* Tells a clock that is certainly off by more than two seconds. */
static void
tell_clock(struct gather *g, const struct document *e)
{
	int64_t off = e->ahead_us < 0 ? -e->ahead_us : e->ahead_us;
	const char *way = e->ahead_us < 0 ? "behind" : "ahead of";
	double seconds = (double)off / US_PER_SEC;
	char *message;

	if (off - e->doubt_us <= SKEW_TOLD_US)
		return;
	if (e->pairs == 0)
		message = mem_printf("the clock of %s is %.1f s %s this "
		    "host's (measured, +/- %.1f s)", e->peer, seconds, way,
		    (double)e->doubt_us / US_PER_SEC);
	else
		message = mem_printf("what %s logged is %.1f s %s %s%s (%zu "
		    "events that both logged agree): a clock is off, or their "
		    "time zones differ", e->peer, seconds, way,
		    e->base == NULL ? "this host's logs" : "what ",
		    e->base == NULL ? "" : e->base, e->pairs);
	say(g, FINDING_CLOCK_SKEW, off > SKEW_HARM_US ? SEVERITY_DEGRADED :
	    SEVERITY_RISK, e->peer, NULL, 0, message);
}

/* ---- secrets ---- */

struct comparing {
	struct gather *g;
	const struct secrets *all;
	size_t own;		/* the first so many are this host's */
};

static const struct {
	const char *start, *id;
	enum severity severity;
	const char *what;
} classes[] = {
	{ "component_secret ", "component-secret-mismatch", SEVERITY_DOWN,
	    "secrets of the component " },
	{ "turn_secret", "turn-secret-mismatch", SEVERITY_DEGRADED,
	    "secrets of the TURN server" },
	{ "truststore_password ", "truststore-wrong-password", SEVERITY_DOWN,
	    "passwords for copies of one trust store" },
};

/* "jicofo on jicofo (/etc/jitsi/jicofo/config:7)" */
static char *
holder_text(const struct secret *s)
{
	struct buf b;

	buf_init(&b, LIMIT_ERROR_TEXT);
	buf_adds(&b, component_name(s->component));
	if (s->host != NULL) {
		buf_adds(&b, " on ");
		buf_add_safe(&b, str_from(s->host));
	}
	buf_adds(&b, " (");
	buf_add_safe(&b, str_from(s->file));
	buf_addf(&b, ":%d)", s->line);
	return (buf_take(&b));
}

static void
tell_difference(struct gather *g, const struct secret *holder,
    const struct secret *other)
{
	char *a = holder_text(holder), *b = holder_text(other);
	struct str name = str_from(holder->name);
	struct buf message;
	size_t i;

	/* the longer name is the one with its domain */
	if (strlen(other->name) > name.n)
		name = str_from(other->name);
	buf_init(&message, LIMIT_ERROR_TEXT);
	for (i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		if (!str_starts(name, classes[i].start))
			continue;
		buf_addf(&message, "%s and %s have different %s", a, b,
		    classes[i].what);
		if (i == 0)
			buf_add_safe(&message, str_sub(name,
			    strlen(classes[i].start), name.n));
		say(g, classes[i].id, classes[i].severity, holder->host,
		    holder->file, holder->line, buf_take(&message));
		break;
	}
	buf_free(&message);
	free(a);
	free(b);
}

static void
tell_unknown(struct gather *g, const struct secret *holder,
    const struct secret *other)
{
	char *source, *a = holder_text(holder), *b = holder_text(other);

	source = mem_printf("secrets of %s and %s", a, b);
	report_add_coverage(g->report, source, COVERAGE_PARTIAL, WALL_NONE,
	    WALL_NONE, 0, "they were told with different salts and cannot be "
	    "compared: run `meetprobe evidence --salt S` with the same S (32 "
	    "hexadecimal digits or more) on both hosts", 0);
	free(source);
	free(a);
	free(b);
}

static void
compared(void *arg, enum secret_result result, const struct secret *holder,
    const struct secret *other)
{
	struct comparing *c = arg;

	/* between this host's own files the rules compare */
	if ((size_t)(holder - c->all->list) < c->own &&
	    (size_t)(other - c->all->list) < c->own)
		return;
	if (result == SECRET_DIFFERS)
		tell_difference(c->g, holder, other);
	else
		tell_unknown(c->g, holder, other);
}

/* The salts of the list, each once, but the one that is known already. */
static size_t
salts_of(const struct secrets *s, const char *known,
    char *salts[LIMIT_SECRET_SALTS])
{
	size_t i, k, n = 0;

	for (i = 0; i < s->count && n < LIMIT_SECRET_SALTS; i++) {
		if (known != NULL && strcmp(known, s->list[i].salt) == 0)
			continue;
		for (k = 0; k < n; k++)
			if (strcmp(salts[k], s->list[i].salt) == 0)
				break;
		if (k == n)
			salts[n++] = s->list[i].salt;
	}
	return (n);
}

/* Appends what `from` holds, leaving it empty. */
static void
move(struct secrets *to, struct secrets *from)
{
	struct secret *s;
	size_t i;

	for (i = 0; i < from->count; i++)
		if ((s = secrets_add(to)) != NULL) {
			*s = from->list[i];
			memset(&from->list[i], 0, sizeof(*s));
		}
	secrets_free(from);
}

static void
compare_secrets(struct documents *d, struct gather *g, mono_t deadline)
{
	struct secrets all, theirs;
	char *salts[LIMIT_SECRET_SALTS];
	struct comparing c = { g, &all, 0 };
	size_t i, n;

	secrets_init(&all);
	secrets_init(&theirs);
	for (i = 0; i < d->count; i++)
		evidence_secrets(d->list[i].doc, d->list[i].peer, &theirs);
	move(&all, &d->own);
	n = salts_of(&theirs, d->own_done ? d->salt : NULL, salts);
	if (n > 0 && secrets_own(&all, g, own_host(g), salts, n, deadline) ==
	    -1)
		report_add_coverage(g->report, "secrets of this host",
		    COVERAGE_UNREADABLE, WALL_NONE, WALL_NONE, 0,
		    "the helper child did not answer in time", 0);
	c.own = all.count;
	move(&all, &theirs);
	secrets_compare(&all, compared, &c);
	secrets_free(&all);
}

void
documents_settle(struct documents *d, struct gather *g, mono_t deadline)
{
	size_t i;

	if (d->count == 0)
		return;
	for (i = 0; i < d->count; i++)
		measure(&d->list[i]);
	estimate(d, g);
	for (i = 0; i < d->count; i++) {
		if (d->list[i].known)
			tell_clock(g, &d->list[i]);
		evidence_add(d->list[i].doc, d->list[i].peer,
		    d->list[i].ahead_us, g->diagnosis, g->report);
	}
	compare_secrets(d, g, deadline);
}
