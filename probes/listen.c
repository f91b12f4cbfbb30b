/* SPDX-License-Identifier: ISC */
/*
 * listen.local: who listens on the ports of the site, at which address: the
 * second witness for whatever a connection from elsewhere shows. I/O.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/run/addr.h"
#include "probes/families.h"
#include "probes/flows.h"
#include "probes/listen.h"

/* The ports that matter, whoever should have them. */
static const struct {
	uint16_t port;
	int udp;
} known[] = {
	{ 80, 0 }, { 443, 0 }, { 3478, 0 }, { 3478, 1 }, { 5222, 0 },
	{ 5280, 0 }, { 5347, 0 }, { 8080, 0 }, { 8888, 0 }, { 9090, 0 },
	{ 10000, 1 },
};

/* Programs that never are the right ones for a port of another's. */
static const struct {
	const char *process;
	roles_t fits;		/* roles whose ports it may hold */
} programs[] = {
	{ "nginx", ROLE_BIT(ROLE_WEB) },
	{ "apache2", ROLE_BIT(ROLE_WEB) },
	{ "httpd", ROLE_BIT(ROLE_WEB) },
	{ "lighttpd", ROLE_BIT(ROLE_WEB) },
	{ "prosody", ROLE_BIT(ROLE_XMPP) },
	{ "ejabberd", ROLE_BIT(ROLE_XMPP) },
	{ "turnserver", ROLE_BIT(ROLE_WEB) },
	{ "openvpn", 0 },
	{ "sshd", 0 },
	{ "coturn", ROLE_BIT(ROLE_WEB) },
};

void
listeners_read(struct listeners *l)
{
	int n;

	l->list = mem_zalloc(LIMIT_LOCAL_LISTENERS, sizeof(*l->list));
	n = sys_listeners(l->list, LIMIT_LOCAL_LISTENERS);
	l->known = n >= 0;
	l->count = n < 0 ? 0 : (size_t)n;
}

void
listeners_free(struct listeners *l)
{
	free(l->list);
	l->list = NULL;
	l->count = 0;
}

static int
is_any(const struct listener *l)
{
	static const uint8_t zero[16];

	return (memcmp(l->address, zero, l->v6 ? 16 : 4) == 0);
}

int
listener_is_loopback(const struct listener *l)
{
	static const uint8_t one[16] = { [15] = 1 };
	static const uint8_t mapped[13] = { [10] = 0xff, [11] = 0xff,
		[12] = 127 };

	if (!l->v6)
		return (l->address[0] == 127);
	return (memcmp(l->address, one, 16) == 0 ||
	    memcmp(l->address, mapped, 13) == 0);
}

void
listener_address(const struct listener *l, char *out, size_t len)
{
	struct addr a;

	if (is_any(l)) {
		snprintf(out, len, "%s", l->v6 ? "[::]" : "0.0.0.0");
		return;
	}
	addr_from_bytes(&a, l->address, l->v6 ? 16 : 4);
	addr_text(&a, out, len);
}

static int
reach(const struct listener *l)
{
	return (is_any(l) ? 3 : listener_is_loopback(l) ? 1 : 2);
}

const struct listener *
listeners_find(const struct listeners *all, int udp, uint16_t port)
{
	const struct listener *best = NULL, *l;
	size_t i;

	for (i = 0; i < all->count; i++) {
		l = &all->list[i];
		if (l->udp == udp && l->port == port &&
		    (best == NULL || reach(l) > reach(best)))
			best = l;
	}
	return (best);
}

static void
subjects(const struct site *site, struct subjects *s)
{
	struct subject *added;

	if (site->roles & ROLE_BIT(ROLE_WEB)) {
		subject_addf(s, "tcp/%u", site->https_port);
		if ((added = subject_add(s, "tcp/80", NULL)) != NULL)
			added->optional = 1;
	}
	if (site->roles & ROLE_BIT(ROLE_XMPP)) {
		subject_addf(s, "tcp/%u", site->c2s_port);
		subject_addf(s, "tcp/%u", site->http_port);
	}
	if (site->roles & ROLE_BIT(ROLE_JVB))
		subject_addf(s, "udp/%u", site->media_port);
	/* without a role: what listens is told, nothing is judged */
	if (s->count == 0)
		subject_add(s, "", NULL);
}

static void
say(struct probe_run *r, const struct listeners *all)
{
	const struct listener *l;
	char address[ADDR_TEXT_SIZE];
	size_t i, k;

	for (k = 0; k < sizeof(known) / sizeof(known[0]); k++)
		for (i = 0; i < all->count; i++) {
			l = &all->list[i];
			if (l->port != known[k].port ||
			    l->udp != known[k].udp)
				continue;
			listener_address(l, address, sizeof(address));
			check_say(&r->check, "%s %s port %u: %s",
			    l->udp ? "udp" : "tcp", address, l->port,
			    l->pid == 0 ? "(process not to be seen)" :
			    l->process);
		}
}

/* The role whose port it is. */
static enum role
owner(const struct site *s, int udp, uint16_t port)
{
	if (udp)
		return (ROLE_JVB);
	if (port == s->c2s_port || port == s->http_port)
		return (ROLE_XMPP);
	return (ROLE_WEB);
}

/* The program holds a port that is another's. */
static int
is_foreign(const struct listener *l, enum role role)
{
	size_t i;

	for (i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
		if (strcmp(l->process, programs[i].process) == 0)
			return ((programs[i].fits & ROLE_BIT(role)) == 0);
	return (0);
}

/* 1 when hosts other than this one must reach the port. */
static int
is_needed_elsewhere(const struct site *s, enum role role, uint16_t port)
{
	if (role != ROLE_XMPP)
		return (1);
	if (port == s->http_port)
		return ((s->roles & ROLE_BIT(ROLE_WEB)) == 0);
	return ((s->roles & (ROLE_BIT(ROLE_JICOFO) | ROLE_BIT(ROLE_JVB))) !=
	    (ROLE_BIT(ROLE_JICOFO) | ROLE_BIT(ROLE_JVB)));
}

static void
judge(struct probe_run *r, const struct listeners *all, int udp,
    uint16_t port)
{
	const struct listener *l = listeners_find(all, udp, port);
	enum role role = owner(r->site, udp, port);
	char address[ADDR_TEXT_SIZE];

	if (udp)
		probe_fact_bool(r, "listen.udp_10000", l != NULL);
	if (l == NULL) {
		probe_fail(r, REASON_REFUSED, "nothing listens on %s on this "
		    "host, where %s should", r->subject,
		    role == ROLE_WEB ? "the web server" :
		    role == ROLE_XMPP ? "prosody" : "the bridge");
		return;
	}
	listener_address(l, address, sizeof(address));
	if (is_foreign(l, role))
		probe_fail(r, REASON_ROLE_CONFLICT, "%s is held by %s (pid "
		    "%d), which is not the program that belongs there",
		    r->subject, l->process, l->pid);
	else if (listener_is_loopback(l) &&
	    is_needed_elsewhere(r->site, role, port))
		probe_fail(r, REASON_ROLE_CONFLICT, "%s is bound to %s only: "
		    "no other host can reach it", r->subject, address);
	else
		probe_end(r, STATE_PASS, REASON_OK, "%s%s listens on %s, "
		    "address %s", l->process[0] == '\0' ? "a process" : "",
		    l->process, r->subject, address);
}

static void
start(struct probe_run *r)
{
	struct str proto, port = str_from(r->subject);
	struct listeners all;
	int64_t number;

	listeners_read(&all);
	if (!all.known)
		probe_fail(r, REASON_PERMISSION, "the system does not tell "
		    "who listens");
	say(r, &all);
	proto = str_split(&port, '/');
	if (str_num(port, 1, 65535, &number) == 0)
		judge(r, &all, str_eqs(proto, "udp"), (uint16_t)number);
	else
		probe_end(r, STATE_PASS, REASON_OK, "%zu sockets listen on "
		    "this host", all.count);
	listeners_free(&all);
}

const struct probe probe_listen_local = {
	.id = "listen.local",
	.group = "net",
	.layer = LAYER_HOST,
	.roles = 0,
	.required = ROLES_ALL,
	.interval_ns = 30 * NS_PER_SEC,
	.timeout_ns = 2 * NS_PER_SEC,
	.sentence = "the programs of this host listen where they should",
	.subjects = subjects,
	.start = start,
};
