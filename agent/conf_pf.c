/* SPDX-License-Identifier: ISC */
/*
 * The pf rules that meetprobe itself needs, from its configuration. Pure.
 * Printed as comments, so that the text around them still parses; what
 * follows "# pf: " is what pf.conf(5) takes.
 */
#include <string.h>

#include "agent/base/buf.h"
#include "agent/conf.h"
#include "agent/conf_pf.h"

#define STUN_PORT 3478

/* A host and a port, without the brackets of an IPv6 address. */
struct target {
	struct str host;
	int64_t port;
};

/* "HOST", "HOST:PORT", "[V6]", "[V6]:PORT"; 0, or -1: nothing that pf.conf
 * can name. */
static int
parse_target(struct str s, int64_t port, struct target *t)
{
	size_t colon = str_rchr(s, ':'), close = str_chr(s, ']'), i;

	t->port = port;
	t->host = s;
	if (close != SIZE_MAX && str_starts(s, "[")) {
		t->host = str_sub(s, 1, close);
		s = str_sub(s, close + 1, s.n);
	} else if (colon != SIZE_MAX && str_chr(s, ':') == colon) {
		t->host = str_sub(s, 0, colon);
		s = str_sub(s, colon, s.n);
	} else
		s = str_of(NULL, 0);
	if (str_starts(s, ":") && str_num(str_sub(s, 1, s.n), 1, 65535,
	    &t->port) == -1)
		return (-1);
	for (i = 0; i < t->host.n; i++)
		if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUV"
		    "WXYZ0123456789.:-_", t->host.p[i]) == NULL)
			return (-1);
	return (t->host.n == 0 || t->host.p[0] == '-' ? -1 : 0);
}

/* Of an http URL. */
static int
parse_url(const char *url, struct target *t)
{
	struct str s = str_from(url);
	size_t i = str_find(s, "://");

	if (i == SIZE_MAX)
		return (-1);
	s = str_sub(s, i + 3, s.n);
	return (parse_target(str_split(&s, '/'),
	    str_starts(str_from(url), "https") ? 443 : 80, t));
}

int
conf_pf_url(const char *url, struct str *host, int64_t *port)
{
	struct target t;

	if (parse_url(url, &t) == -1)
		return (-1);
	*host = t.host;
	*port = t.port;
	return (0);
}

/* 4, 6, or 0: a name, which may be of either. */
static int
family(struct str host)
{
	size_t i;

	if (str_chr(host, ':') != SIZE_MAX)
		return (6);
	for (i = 0; i < host.n; i++)
		if (strchr("0123456789.", host.p[i]) == NULL)
			return (0);
	return (4);
}

/* 1 when one rule can hold both. */
static int
fit(struct str a, struct str b)
{
	int f = family(a), g = family(b);

	return (f == 0 || g == 0 || f == g);
}

/* One line for a source that may ask at an address of ours. */
static void
print_in(const struct conf_listen *l, struct str from, struct buf *b)
{
	struct str to = str_from(l->address);
	int any = str_eqs(to, "0.0.0.0") || str_eqs(to, "::");

	if (!fit(from, to))
		return;
	buf_addf(b, "# pf: pass in %s proto tcp from %.*s to %s port %u\n",
	    family(to) == 6 ? "inet6" : "inet", STR_ARG(from),
	    any ? "self" : l->address, l->port);
}

/* Who may ask: the monitor, and the peers, whose `diagnose` does. */
static void
print_listen(const struct conf *c, const struct conf_listen *l, struct buf *b)
{
	const char *nobody = family(str_from(l->address)) == 6 ? "::1" :
	    "127.0.0.1";
	struct target t;
	size_t i, before = b->len;

	if (strncmp(l->address, "127.", 4) == 0 ||
	    strcmp(l->address, "::1") == 0)
		return;
	if (c->monitor != NULL)
		print_in(l, str_from(c->monitor), b);
	for (i = 0; i < c->peers.count; i++)
		if (parse_url(c->peers.list[i].url, &t) == 0)
			print_in(l, t.host, b);
	if (b->len > before)
		return;
	buf_addf(b, "# pf: # nobody may ask: say \"monitor address A\" in "
	    "meetprobe.conf\n");
	print_in(l, str_from(nobody), b);
}

/* What this agent asks, and on the router what passes through it. */
static void
print_peer(const struct conf *c, const struct conf_peer *p, struct buf *b)
{
	struct target t;

	if (parse_url(p->url, &t) == -1)
		return;
	buf_addf(b, "# pf: pass out proto tcp to %.*s port %lld\n",
	    STR_ARG(t.host), (long long)t.port);
	if ((c->roles & ROLE_BIT(ROLE_ROUTER)) != 0 && c->monitor != NULL &&
	    fit(str_from(c->monitor), t.host))
		buf_addf(b, "# pf: pass proto tcp from %s to %.*s port %lld "
		    "# both legs\n", c->monitor, STR_ARG(t.host),
		    (long long)t.port);
}

void
conf_print_pf(const struct conf *c, struct buf *b)
{
	struct target t;
	size_t i;

	for (i = 0; i < c->listens.count; i++)
		print_listen(c, &c->listens.list[i], b);
	for (i = 0; i < c->peers.count; i++)
		print_peer(c, &c->peers.list[i], b);
	if (c->resolver != NULL)
		buf_addf(b, "# pf: pass out proto { tcp udp } to %s port 53\n",
		    c->resolver);
	if (c->stun_server != NULL && parse_target(str_from(c->stun_server),
	    STUN_PORT, &t) == 0)
		buf_addf(b, "# pf: pass out proto udp to %.*s port %lld\n",
		    STR_ARG(t.host), (long long)t.port);
}
