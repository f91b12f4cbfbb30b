/* SPDX-License-Identifier: ISC */
/*
 * tcp.connect: one connection for each flow of the site's matrix that starts
 * at this host. I/O. Refused alone does not tell a dead daemon from `block
 * return`, so the sentence says what else is known.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "agent/run/addr.h"
#include "probes/conn.h"
#include "probes/families.h"
#include "probes/flows.h"
#include "probes/listen.h"

struct tcp {
	struct conn *conn;
	int reachable;		/* it must be */
};

uint16_t
subject_port(const char *subject, struct str *name)
{
	struct str s = str_from(subject);
	size_t colon = str_rchr(s, ':');
	int64_t port;

	*name = s;
	if (colon == SIZE_MAX ||
	    str_num(str_sub(s, colon + 1, s.n), 1, 65535, &port) == -1)
		return (0);
	*name = str_sub(s, 0, colon);
	return ((uint16_t)port);
}

static void
subjects(const struct site *site, struct subjects *s)
{
	struct flow list[FLOWS_MAX];
	size_t i, n = flows_of(site, list);
	struct subject *added;

	for (i = 0; i < n; i++) {
		if (list[i].udp || (list[i].from & site->roles) == 0 ||
		    !target_known(site, list[i].to))
			continue;
		added = subject_addf(s, "%s%s:%u",
		    list[i].reachable ? "" : "not ",
		    target_name(site, list[i].to), list[i].port);
		if (added != NULL)
			added->optional = list[i].optional;
	}
	subject_missing(s, "no flow of the site starts at this host");
}

static void
up(void *arg)
{
	struct probe_run *r = arg;
	struct tcp *t = r->state;

	if (t->reachable)
		probe_end(r, STATE_PASS, REASON_OK, "%s accepts connections",
		    conn_label(t->conn));
	else
		probe_end(r, STATE_WARN, REASON_ROLE_CONFLICT,
		    "%s can be reached from here and should not be: close it "
		    "in the packet filter", conn_label(t->conn));
}

static int role_of(const struct site *, struct str);

/* Is the peer this host itself? Then its listeners are a second witness. */
static int
is_here(const struct probe_run *r, const char *label)
{
	struct str name;
	int role;

	(void)subject_port(label, &name);
	role = role_of(r->site, name);
	return (role != -1 && (r->site->roles & ROLE_BIT(role)) != 0);
}

static void
refused_here(struct probe_run *r, const char *label, const char *who)
{
	struct listeners all;
	struct str name;
	uint16_t port = subject_port(label, &name);
	const struct listener *l;
	char address[ADDR_TEXT_SIZE];

	listeners_read(&all);
	l = listeners_find(&all, 0, port);
	if (!all.known)
		probe_fail(r, REASON_REFUSED, "%s (%s): the connection was "
		    "refused", label, who);
	else if (l == NULL)
		probe_fail(r, REASON_REFUSED, "%s (%s): the connection was "
		    "refused, and nothing listens on port %u on this host",
		    label, who, port);
	else {
		listener_address(l, address, sizeof(address));
		probe_fail(r, REASON_REFUSED, "%s (%s): the connection was "
		    "refused, although %s listens on %s port %u: a packet "
		    "filter answers, or the address is another one", label,
		    who, l->process[0] == '\0' ? "a process" : l->process,
		    address, port);
	}
	listeners_free(&all);
}

static int
down(enum reason reason, const char *text, void *arg)
{
	struct probe_run *r = arg;
	struct tcp *t = r->state;
	char who[ADDR_TEXT_SIZE];

	(void)text;
	addr_text_port(conn_peer(t->conn), who, sizeof(who));
	if (!t->reachable && (reason == REASON_REFUSED ||
	    reason == REASON_UNREACHABLE || reason == REASON_NO_ROUTE ||
	    reason == REASON_TIMEOUT)) {
		probe_end(r, STATE_PASS, REASON_OK, "%s cannot be reached "
		    "from here, as it should be", conn_label(t->conn));
		return (1);
	}
	if (reason != REASON_REFUSED)
		return (0);
	if (is_here(r, conn_label(t->conn)))
		refused_here(r, conn_label(t->conn), who);
	else
		probe_fail(r, reason, "%s (%s): the connection was refused: "
		    "nothing listens there, or a packet filter answers for it "
		    "(block return)", conn_label(t->conn), who);
	return (1);
}

static void
late(struct probe_run *r)
{
	struct tcp *t = r->state;
	char who[ADDR_TEXT_SIZE];

	if (r->layer != LAYER_NET)
		return;
	if (!t->reachable) {
		probe_end(r, STATE_PASS, REASON_OK, "%s cannot be reached "
		    "from here, as it should be", conn_label(t->conn));
		return;
	}
	addr_text_port(conn_peer(t->conn), who, sizeof(who));
	probe_fail(r, REASON_TIMEOUT, "%s (%s): no answer to the connection "
	    "request: a packet filter drops it, the host is down, or the way "
	    "back is missing", conn_label(t->conn), who);
}

/* The role that a subject's host name stands for; -1 when none. */
static int
role_of(const struct site *site, struct str name)
{
	int i;

	for (i = 0; i < ROLE_COUNT; i++)
		if (str_eqs(name, target_name(site, (enum role)i)))
			return (i);
	return (-1);
}

static void
start(struct probe_run *r)
{
	static const struct conn_events on = { up, NULL, NULL, down };
	struct tcp *t = mem_zalloc(1, sizeof(*t));
	const char *subject = r->subject, *host, *address = NULL;
	struct str name;
	uint16_t port;
	char *copy;
	int role;

	r->state = t;
	t->reachable = strncmp(subject, "not ", 4) != 0;
	if (!t->reachable)
		subject += 4;
	port = subject_port(subject, &name);
	if (port == 0) {
		probe_not_applicable(r, "\"%s\" is not NAME:PORT", subject);
		return;
	}
	copy = mem_str(name);
	role = role_of(r->site, name);
	host = role == -1 ? NULL : target_host(r->site, (enum role)role);
	if (role != -1)
		address = target_address(r->site, (enum role)role);
	t->conn = conn_new(r, &on, r);
	conn_dial(t->conn, subject, host == NULL ? copy : host, address, port);
	free(copy);
}

static void
stop(struct probe_run *r)
{
	struct tcp *t = r->state;

	if (t != NULL)
		conn_free(t->conn);
	free(t);
}

const struct probe probe_tcp_connect = {
	.id = "tcp.connect",
	.group = "net",
	.layer = LAYER_NET,
	.roles = ROLES_ALL,
	.required = ROLES_ALL,
	.phases = { "name", "connect" },
	.interval_ns = 15 * NS_PER_SEC,
	.timeout_ns = 5 * NS_PER_SEC,
	.sentence = "a flow that the site needs can be opened from this host",
	.subjects = subjects,
	.start = start,
	.stop = stop,
	.late = late,
};
