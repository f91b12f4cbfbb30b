/* SPDX-License-Identifier: ISC */
/*
 * The report: a record that owns all its strings, its verdict and the exit
 * status. Pure.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/diagnosis/report.h"

/* One more element at the end, zeroed. */
static void *
more(void *list, size_t *count, size_t *cap, size_t size)
{
	char *p = mem_grow(list, *count, cap, size, LIMIT_REPORT_LIST);

	if (p == NULL)
		fatal("report: more than %u elements", LIMIT_REPORT_LIST);
	memset(p + *count * size, 0, size);
	(*count)++;
	return (p);
}

void
names_add(struct names *n, const char *s)
{
	n->list = more(n->list, &n->count, &n->cap, sizeof(*n->list));
	n->list[n->count - 1] = mem_strdup(s);
}

void
names_free(struct names *n)
{
	size_t i;

	for (i = 0; i < n->count; i++)
		free(n->list[i]);
	free(n->list);
	memset(n, 0, sizeof(*n));
}

int
names_has(const struct names *n, const char *s)
{
	size_t i;

	for (i = 0; i < n->count; i++)
		if (strcmp(n->list[i], s) == 0)
			return (1);
	return (0);
}

struct report *
report_new(const char *mode)
{
	struct report *r = mem_zalloc(1, sizeof(*r));

	r->mode = mem_strdup(mode);
	r->site = mem_strdup("");
	r->host = mem_strdup("");
	r->generated = wall_now();
	return (r);
}

static void
free_cause(struct report_cause *c)
{
	size_t i;

	for (i = 0; i < c->fix_count; i++) {
		free(c->fix[i].os);
		free(c->fix[i].text);
		free(c->fix[i].cmd);
	}
	free(c->fix);
	free(c->id);
	free(c->title);
	free(c->component);
	free(c->host);
	free(c->say);
	free(c->prove);
	free(c->runner_up);
	free(c->separates);
	free(c->instead_of);
	names_free(&c->for_);
	names_free(&c->against);
	names_free(&c->unknown);
	names_free(&c->explains);
	names_free(&c->ref);
}

static void
free_evidence(struct report_evidence *e)
{
	free(e->id);
	free(e->component);
	free(e->host);
	free(e->file);
	free(e->signal);
	free(e->text);
}

void
report_free(struct report *r)
{
	size_t i;

	if (r == NULL)
		return;
	for (i = 0; i < r->check_count; i++) {
		check_free(&r->checks[i].check);
		names_free(&r->checks[i].evidence);
	}
	for (i = 0; i < r->cause_count; i++)
		free_cause(&r->causes[i]);
	for (i = 0; i < r->evidence_count; i++)
		free_evidence(&r->evidence[i]);
	for (i = 0; i < r->coverage_count; i++) {
		free(r->coverage[i].source);
		free(r->coverage[i].hint);
	}
	names_free(&r->unexplained);
	free(r->checks);
	free(r->causes);
	free(r->evidence);
	free(r->coverage);
	free(r->mode);
	free(r->site);
	free(r->host);
	free(r->next_probe);
	free(r->next_why);
	free(r);
}

void
report_site(struct report *r, const char *site, const char *host,
    roles_t roles)
{
	free(r->site);
	free(r->host);
	r->site = mem_strdup(site == NULL ? "" : site);
	r->host = mem_strdup(host == NULL ? "" : host);
	r->roles = roles;
}

void
report_add_check(struct report *r, struct check *c)
{
	r->checks = more(r->checks, &r->check_count, &r->check_cap,
	    sizeof(*r->checks));
	r->checks[r->check_count - 1].check = *c;
	memset(c, 0, sizeof(*c));
}

void
report_add_coverage(struct report *r, const char *source,
    enum coverage_state state, wall_t from, wall_t to, size_t lines,
    const char *hint, int required)
{
	struct report_coverage *c;

	r->coverage = more(r->coverage, &r->coverage_count, &r->coverage_cap,
	    sizeof(*c));
	c = &r->coverage[r->coverage_count - 1];
	c->source = mem_strdup(source);
	c->state = state;
	c->from = from;
	c->to = to;
	c->lines = lines;
	c->hint = hint == NULL ? NULL : mem_strdup(hint);
	c->required = required;
}

struct report_evidence *
report_add_evidence(struct report *r, enum source source)
{
	struct report_evidence *e;

	r->evidence = more(r->evidence, &r->evidence_count, &r->evidence_cap,
	    sizeof(*e));
	e = &r->evidence[r->evidence_count - 1];
	e->id = mem_printf("e%zu", r->evidence_count);
	e->source = source;
	e->time = WALL_NONE;
	e->count = 1;
	return (e);
}

struct report_cause *
report_add_cause(struct report *r, const char *id)
{
	struct report_cause *c;

	r->causes = more(r->causes, &r->cause_count, &r->cause_cap,
	    sizeof(*c));
	c = &r->causes[r->cause_count - 1];
	c->id = mem_strdup(id);
	c->rank = (int)r->cause_count;
	c->cleared = WALL_NONE;
	return (c);
}

void
report_add_fix(struct report_cause *c, const char *os, const char *text,
    const char *cmd, enum interrupts interrupts)
{
	struct report_fix *f;

	c->fix = more(c->fix, &c->fix_count, &c->fix_cap, sizeof(*f));
	f = &c->fix[c->fix_count - 1];
	f->os = mem_strdup(os);
	f->text = mem_strdup(text);
	f->cmd = cmd == NULL ? NULL : mem_strdup(cmd);
	f->interrupts = interrupts;
}

/* What the causes and checks say, the worst of it. */
struct worst {
	int down, degraded, risk;	/* causes */
	int fail, warn, unknown;	/* checks */
	int unread;			/* required sources */
};

static void
look(const struct report *r, struct worst *w)
{
	const struct report_check *c;
	size_t i;

	memset(w, 0, sizeof(*w));
	for (i = 0; i < r->cause_count; i++) {
		w->down |= r->causes[i].severity == SEVERITY_DOWN;
		w->degraded |= r->causes[i].severity == SEVERITY_DEGRADED;
		w->risk |= r->causes[i].severity == SEVERITY_RISK;
	}
	for (i = 0; i < r->check_count; i++) {
		c = &r->checks[i];
		w->fail |= c->check.state == STATE_FAIL && !c->explained;
		w->warn |= c->check.state == STATE_WARN;
		w->unknown |= c->check.state == STATE_UNKNOWN &&
		    c->check.required;
	}
	for (i = 0; i < r->coverage_count; i++)
		w->unread |= r->coverage[i].required &&
		    (r->coverage[i].state == COVERAGE_MISSING ||
		    r->coverage[i].state == COVERAGE_UNREADABLE);
}

void
report_verdict(struct report *r, int strict)
{
	struct worst w;

	look(r, &w);
	if (w.down || w.degraded || w.fail ||
	    (strict && (w.warn || w.risk))) {
		r->verdict = REPORT_FINDINGS;
		r->exit_status = 1;
	} else if (w.unknown || w.unread) {
		r->verdict = REPORT_UNDETERMINED;
		r->exit_status = 3;
	} else {
		r->verdict = REPORT_HEALTHY;
		r->exit_status = 0;
	}
}

int
report_exit(const struct report *r, enum report_format format)
{
	struct worst w;

	if (format != REPORT_NAGIOS)
		return (r->exit_status);
	look(r, &w);
	if (w.down || w.fail)
		return (2);
	if (w.degraded || w.warn || r->verdict == REPORT_FINDINGS)
		return (1);
	return (r->verdict == REPORT_UNDETERMINED ? 3 : 0);
}

const char *
report_verdict_name(enum report_verdict v)
{
	static const char *const names[] = {
		[REPORT_HEALTHY] = "healthy",
		[REPORT_FINDINGS] = "findings",
		[REPORT_UNDETERMINED] = "undetermined",
	};

	return (names[v]);
}
