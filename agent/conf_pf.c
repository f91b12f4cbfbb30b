/* SPDX-License-Identifier: ISC */
/*
 * The pf rules that meetprobe itself needs, from its configuration. Pure.
 * Printed as comments, so that the text around them still parses.
 */
#include <string.h>

#include "agent/base/buf.h"
#include "agent/conf.h"
#include "agent/conf_pf.h"

/* Host and port of an http URL, as "HOST port PORT"; 0 or -1. */
static int
url_target(const char *url, struct buf *out)
{
	struct str s = str_from(url), host;
	size_t i = str_find(s, "://");
	int64_t port = strncmp(url, "https", 5) == 0 ? 443 : 80;

	if (i == SIZE_MAX)
		return (-1);
	s = str_sub(s, i + 3, s.n);
	s = str_split(&s, '/');
	i = str_rchr(s, ':');
	host = s;
	if (i != SIZE_MAX && str_num(str_sub(s, i + 1, s.n), 1, 65535,
	    &port) == 0)
		host = str_sub(s, 0, i);
	buf_addf(out, "%.*s port %lld", STR_ARG(host), (long long)port);
	return (host.n == 0 ? -1 : 0);
}

static void
print_listen(const struct conf *c, const struct conf_listen *l, struct buf *b)
{
	const char *from = c->monitor == NULL ? "$monitor" : c->monitor;

	if (strncmp(l->address, "127.", 4) == 0 ||
	    strcmp(l->address, "::1") == 0)
		return;
	buf_addf(b, "# pf: pass in proto tcp from %s to %s port %u\n", from,
	    strcmp(l->address, "0.0.0.0") == 0 ||
	    strcmp(l->address, "::") == 0 ? "self" : l->address, l->port);
}

void
conf_print_pf(const struct conf *c, struct buf *b)
{
	struct buf target;
	size_t i;

	for (i = 0; i < c->listens.count; i++)
		print_listen(c, &c->listens.list[i], b);
	buf_init(&target, 512);
	for (i = 0; i < c->peers.count; i++) {
		buf_clear(&target);
		if (url_target(c->peers.list[i].url, &target) == 0)
			buf_addf(b, "# pf: pass out proto tcp to %s\n",
			    buf_cstr(&target));
	}
	if (c->resolver != NULL)
		buf_addf(b, "# pf: pass out proto { tcp udp } to %s port 53\n",
		    c->resolver);
	if (c->stun_server != NULL)
		buf_addf(b, "# pf: pass out proto udp to { %s } "
		    "# host:port\n", c->stun_server);
	buf_free(&target);
}
