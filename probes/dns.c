/* SPDX-License-Identifier: ISC */
/*
 * dns.site: what public DNS says of the site's name. dns.peers: what this
 * host makes of the names that its programs use, against what its role
 * needs; hosts(5) and DNS may differ, and do so on purpose here. I/O.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "agent/run/loop.h"
#include "probes/families.h"
#include "probes/flows.h"
#include "probes/resolve.h"

/* The three questions of dns.site, in their order. */
static const struct question {
	uint16_t type;
	const char *name;
} questions[] = {
	{ DNS_A, "A" }, { DNS_AAAA, "AAAA" }, { DNS_SRV, "SRV" },
};
#define QUESTIONS (sizeof(questions) / sizeof(questions[0]))

struct site_state {
	struct nameservers servers;
	size_t question;
	struct ask *ask[QUESTIONS];
	struct timer *next;
	size_t a_count;
	struct addr first;
	char list[200];		/* the A records as text */
};

static void
site_subjects(const struct site *site, struct subjects *s)
{
	if (site->name == NULL)
		subject_missing(s, "the site's public name is not known");
	else
		subject_add(s, site->name, NULL);
}

/* Tells an answer's records; for A keeps them. */
static void
tell(struct probe_run *r, const struct dns_answer *answer, const char *name,
    const char *text)
{
	struct site_state *s = r->state;
	const struct question *q = &questions[s->question];
	size_t list[LIMIT_ADDRESSES], n, i;
	char one[ADDR_TEXT_SIZE];
	struct addr a;

	n = dns_answer_select(answer, str_from(name), q->type, list,
	    LIMIT_ADDRESSES);
	if (n == 0)
		check_say(&r->check, "%s: no %s record (%s)", name, q->name,
		    text);
	for (i = 0; i < n && i < LIMIT_ADDRESSES; i++) {
		const struct dns_record *rr = &answer->list[list[i]];

		if (q->type == DNS_SRV) {
			check_say(&r->check, "%s: SRV %u %u %u %s", name,
			    rr->priority, rr->weight, rr->port, rr->target);
			continue;
		}
		addr_from_bytes(&a, rr->address, q->type == DNS_A ? 4 : 16);
		addr_text(&a, one, sizeof(one));
		check_say(&r->check, "%s: %s %s (%s)", name, q->name, one,
		    text);
		if (q->type != DNS_A)
			continue;
		if (i == 0)
			s->first = a;
		snprintf(s->list + strlen(s->list),
		    sizeof(s->list) - strlen(s->list), "%s%s",
		    i == 0 ? "" : ", ", one);
	}
	if (q->type == DNS_A)
		s->a_count = n;
}

/* All three have been answered. */
static void
site_judge(struct probe_run *r)
{
	struct site_state *s = r->state;
	const struct site *site = r->site;
	struct addr public;

	probe_fact_num(r, "dns.site_a_records", (int64_t)s->a_count);
	if (s->a_count == 0)
		probe_fail(r, REASON_DNS_NXDOMAIN, "%s has no A record: no "
		    "client can find the site", r->subject);
	else if (s->a_count > 1)
		probe_fail(r, REASON_DNS_FAIL, "%s has %zu A records (%s) and "
		    "must have exactly one: clients and bridges pick the "
		    "wrong one", r->subject, s->a_count, s->list);
	else if (site->roles == ROLE_BIT(ROLE_OUTSIDE) &&
	    site->public_address != NULL &&
	    addr_parse(&public, str_from(site->public_address), 0) == 0 &&
	    !addr_same_host(&public, &s->first))
		probe_fail(r, REASON_DNS_FAIL, "%s is %s in DNS, but the "
		    "router's public address is %s", r->subject, s->list,
		    site->public_address);
	else
		probe_end(r, STATE_PASS, REASON_OK,
		    "%s has one A record, %s", r->subject, s->list);
}

static void site_ask(void *);

static void
site_answer(enum reason reason, const struct dns_answer *answer,
    const char *text, void *arg)
{
	struct probe_run *r = arg;
	struct site_state *s = r->state;
	char *name;

	if (r->finished)
		return;
	name = s->question == 2 ? mem_printf("_xmpp-client._tcp.%s",
	    r->subject) : mem_strdup(r->subject);
	if (answer != NULL)
		tell(r, answer, name, text);
	else
		check_say(&r->check, "%s %s: %s", name,
		    questions[s->question].name, text);
	free(name);
	if (s->question == 0 && reason != REASON_OK) {
		if (reason == REASON_DNS_NXDOMAIN)
			probe_fact_num(r, "dns.site_a_records", 0);
		if (s->servers.count == 0)
			probe_end(r, STATE_UNKNOWN, REASON_DNS_FAIL,
			    "%s cannot be looked up here: %s", r->subject,
			    text);
		else
			probe_fail(r, reason, "%s: %s (%s)", r->subject,
			    reason_text(reason), text);
		return;
	}
	if (++s->question == QUESTIONS) {
		site_judge(r);
		return;
	}
	timer_in(s->next, 0);
}

static void
site_ask(void *arg)
{
	struct probe_run *r = arg;
	struct site_state *s = r->state;
	struct ask_events on = { site_answer, r };
	char *srv = mem_printf("_xmpp-client._tcp.%s", r->subject);

	probe_phase(r, questions[s->question].name, LAYER_DNS,
	    "asking for the %s records of %s", questions[s->question].name,
	    r->subject);
	s->ask[s->question] = ask_start(r->loop, &s->servers,
	    s->question == 2 ? srv : r->subject,
	    questions[s->question].type, &on);
	free(srv);
}

static void
site_start(struct probe_run *r)
{
	struct site_state *s = mem_zalloc(1, sizeof(*s));
	struct addr a;

	r->state = s;
	s->next = timer_new(r->loop, site_ask, r);
	if ((r->site->roles & ROLE_BIT(ROLE_OUTSIDE)) &&
	    r->site->resolver != NULL &&
	    addr_parse_port(&a, str_from(r->site->resolver), 53) == 0) {
		s->servers.list[0] = a;
		s->servers.count = 1;
	} else
		nameservers_read(&s->servers, NULL);
	site_ask(r);
}

static void
site_stop(struct probe_run *r)
{
	struct site_state *s = r->state;
	size_t i;

	if (s == NULL)
		return;
	for (i = 0; i < QUESTIONS; i++)
		ask_free(s->ask[i]);
	timer_free(s->next);
	free(s);
}

const struct probe probe_dns_site = {
	.id = "dns.site",
	.group = "dns",
	.layer = LAYER_DNS,
	.roles = ROLES_ALL,
	.required = ROLE_BIT(ROLE_WEB) | ROLE_BIT(ROLE_OUTSIDE),
	.phases = { "A", "AAAA", "SRV" },
	.interval_ns = 120 * NS_PER_SEC,
	.timeout_ns = 10 * NS_PER_SEC,
	.sentence = "the site's name has exactly one A record",
	.subjects = site_subjects,
	.start = site_start,
	.stop = site_stop,
};

struct peer_state {
	struct resolve *name, *expected;
	struct resolved got;
	int have;		/* got is there */
	enum role role;		/* whose address it must be */
};

/* Whose address a name must have on this host: the site's own name stands
 * for prosody on the hosts that log in there. */
static int
expected_role(const struct site *site, const char *name)
{
	int i;

	if (site->name != NULL && strcmp(name, site->name) == 0)
		return (site->roles & (ROLE_BIT(ROLE_JICOFO) |
		    ROLE_BIT(ROLE_JVB)) ? ROLE_XMPP : -1);
	for (i = 0; i < ROLE_COUNT; i++)
		if (site->host[i].name != NULL &&
		    strcmp(name, site->host[i].name) == 0)
			return (i);
	return (-1);
}

static void
peer_subjects(const struct site *site, struct subjects *s)
{
	const roles_t clients = ROLE_BIT(ROLE_JICOFO) | ROLE_BIT(ROLE_JVB);
	const char *xmpp = site->host[ROLE_XMPP].name;
	struct addr a;

	if ((site->roles & clients) && site->name != NULL)
		subject_add(s, site->name, NULL);
	if ((site->roles & (clients | ROLE_BIT(ROLE_WEB))) && xmpp != NULL &&
	    addr_parse(&a, str_from(xmpp), 0) == -1 &&
	    (s->count == 0 || strcmp(xmpp, site->name) != 0))
		subject_add(s, xmpp, NULL);
	subject_missing(s, "no name of another host is needed here");
}

static int
in_list(const struct addr *a, const struct resolved *r)
{
	size_t i;

	for (i = 0; i < r->count; i++)
		if (addr_same_host(a, &r->list[i]))
			return (1);
	return (0);
}

static void
peer_compare(struct probe_run *r, const struct resolved *expected)
{
	struct peer_state *p = r->state;
	const char *role = role_name(p->role);
	char got[ADDR_TEXT_SIZE], want[ADDR_TEXT_SIZE];
	size_t i;

	addr_text(&expected->list[0], want, sizeof(want));
	for (i = 0; i < p->got.count; i++) {
		addr_text(&p->got.list[i], got, sizeof(got));
		if (in_list(&p->got.list[i], expected))
			continue;
		if (addr_is_loopback(&p->got.list[i]) &&
		    (r->site->roles & ROLE_BIT(p->role)))
			continue;
		probe_fact_bool(r, "dns.peer_is_public",
		    !addr_is_private(&p->got.list[i]) &&
		    !addr_is_loopback(&p->got.list[i]));
		probe_fail(r, REASON_DNS_FAIL, "%s is %s here (from %s), but "
		    "must be %s, %s", r->subject, got, p->got.from ==
		    RESOLVE_HOSTS ? "/etc/hosts" : "DNS", want, role);
		return;
	}
	probe_end(r, STATE_PASS, REASON_OK, "%s is %s, the address of %s",
	    r->subject, want, role);
}

static void
expected_done(const struct resolved *found, void *arg)
{
	struct probe_run *r = arg;
	struct peer_state *p = r->state;

	if (r->finished)
		return;
	if (found->reason != REASON_OK || found->count == 0) {
		probe_end(r, STATE_UNKNOWN, REASON_DNS_FAIL,
		    "%s has an address, but that of %s is not known here",
		    r->subject, role_name(p->role));
		return;
	}
	peer_compare(r, found);
}

static void
peer_done(const struct resolved *found, void *arg)
{
	struct probe_run *r = arg;
	struct peer_state *p = r->state;
	const char *want;
	char text[ADDR_TEXT_SIZE];
	size_t i;
	int role;

	if (r->finished)
		return;
	p->got = *found;
	probe_fact_bool(r, "dns.peer_resolves", found->reason == REASON_OK &&
	    found->count > 0);
	if (found->reason != REASON_OK || found->count == 0) {
		probe_fail(r, found->reason, "%s cannot be looked up on this "
		    "host: %s (%s)", r->subject, reason_text(found->reason),
		    found->text);
		return;
	}
	for (i = 0; i < found->count; i++) {
		addr_text(&found->list[i], text, sizeof(text));
		check_say(&r->check, "%s is %s (%s)", r->subject, text,
		    found->text);
	}
	role = expected_role(r->site, r->subject);
	if (role == -1) {
		probe_end(r, STATE_PASS, REASON_OK, "%s has an address here",
		    r->subject);
		return;
	}
	p->role = (enum role)role;
	want = r->site->host[role].address;
	if (want == NULL)
		want = r->site->host[role].name;
	if (want == NULL || strcmp(want, r->subject) == 0) {
		probe_end(r, STATE_PASS, REASON_OK, "%s is %s here",
		    r->subject, text);
		return;
	}
	p->expected = resolve_start(r->loop, want, expected_done, r);
}

static void
peer_start(struct probe_run *r)
{
	struct peer_state *p = mem_zalloc(1, sizeof(*p));

	r->state = p;
	probe_phase(r, "name", LAYER_DNS, "looking up %s", r->subject);
	p->name = resolve_start(r->loop, r->subject, peer_done, r);
}

static void
peer_stop(struct probe_run *r)
{
	struct peer_state *p = r->state;

	if (p == NULL)
		return;
	resolve_free(p->name);
	resolve_free(p->expected);
	free(p);
}

const struct probe probe_dns_peers = {
	.id = "dns.peers",
	.group = "dns",
	.layer = LAYER_DNS,
	.roles = ROLES_ALL,
	.required = ROLE_BIT(ROLE_WEB) | ROLE_BIT(ROLE_JICOFO) |
	    ROLE_BIT(ROLE_JVB),
	.phases = { "name" },
	.interval_ns = 60 * NS_PER_SEC,
	.timeout_ns = 10 * NS_PER_SEC,
	.sentence = "the names that this host's programs use lead where its "
	    "role needs",
	.subjects = peer_subjects,
	.start = peer_start,
	.stop = peer_stop,
};
