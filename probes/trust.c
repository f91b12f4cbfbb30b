/* SPDX-License-Identifier: ISC */
/*
 * Trust in prosody's certificate. I/O: a helper child reads the store.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "agent/run/child.h"
#include "agent/run/loop.h"
#include "probes/probe.h"
#include "probes/trust.h"

struct roots {
	struct probe_run *run;
	struct child *child;
	struct timer *timer;
	char *pem;		/* of the trust store; NULL: none or not read */
	void (*ready)(void *);
	void *arg;
};

static void
child_done(enum child_end end, int status, struct str answer, void *arg)
{
	struct roots *roots = arg;
	struct probe_run *r = roots->run;

	(void)status;
	roots->child = NULL;
	if (r->finished)
		return;
	if (end == CHILD_DONE)
		roots->pem = mem_str(answer);
	check_say(&r->check, "trust store %s: %s", r->site->truststore,
	    end == CHILD_DONE ? "read" : "cannot be read here (right, "
	    "password or format)");
	roots->ready(roots->arg);
}

static void
nothing_to_read(void *arg)
{
	struct roots *roots = arg;

	if (!roots->run->finished)
		roots->ready(roots->arg);
}

struct roots *
roots_load(struct probe_run *r, void (*ready)(void *), void *arg)
{
	struct roots *roots = mem_zalloc(1, sizeof(*roots));
	struct child_events on = { NULL, child_done, roots };
	const struct site *s = r->site;
	char *request;

	roots->run = r;
	roots->ready = ready;
	roots->arg = arg;
	if (s->truststore == NULL) {
		roots->timer = timer_new(r->loop, nothing_to_read, roots);
		timer_in(roots->timer, 0);
		return (roots);
	}
	request = mem_printf("%s\n%s", s->truststore,
	    s->truststore_password == NULL ? "" : s->truststore_password);
	roots->child = child_start(r->loop, TRUSTSTORE_ROLE,
	    str_from(request), -1, r->deadline, &on);
	explicit_bzero(request, strlen(request));
	free(request);
	return (roots);
}

void
roots_free(struct roots *roots)
{
	if (roots == NULL)
		return;
	if (roots->child != NULL)
		child_cancel(roots->child);
	timer_free(roots->timer);
	free(roots->pem);
	free(roots);
}

void
roots_read_chain(const struct roots *roots, struct chain *c, SSL *ssl,
    const char *name)
{
	struct chain_roots by = { roots->run->site->ca, roots->pem, 0 };

	chain_read(c, ssl, name, &by);
	chain_say(c, &roots->run->check);
}

/* By the certificates of the trust store or of `ca`. */
static enum trust
by_roots(const struct chain *c)
{
	if (c->is_root)
		return (TRUST_PINNED);
	/* an end of validity is judged by itself */
	if (c->valid || strstr(c->problem, "expired") != NULL ||
	    strstr(c->problem, "not yet valid") != NULL)
		return (TRUST_CA);
	return (TRUST_NONE);
}

enum trust
trust_judge(struct probe_run *r, const struct roots *roots,
    const struct chain *c, const char **why)
{
	const struct site *s = r->site;
	enum trust trust;
	const char *unused;

	if (why == NULL)
		why = &unused;
	*why = "nothing is known to judge it by";
	if (c->count == 0)
		return (TRUST_NONE);
	if (roots->pem != NULL) {
		*why = "the trust store";
		trust = by_roots(c);
		probe_fact_bool(r, "keystore.has_prosody_cert",
		    trust != TRUST_NONE);
		if (trust != TRUST_NONE || s->fingerprint == NULL)
			return (trust);
	}
	if (s->fingerprint != NULL) {
		*why = "the fingerprint of meetprobe.conf";
		if (chain_is_fingerprint(&c->list[0], s->fingerprint))
			return (TRUST_PINNED);
		if (s->ca == NULL)
			return (TRUST_NONE);
	}
	if (s->ca != NULL) {
		*why = "the file of roots of meetprobe.conf";
		return (by_roots(c));
	}
	if (s->verification_disabled) {
		*why = "verification is disabled";
		return (TRUST_OFF);
	}
	return (TRUST_UNKNOWN);
}
