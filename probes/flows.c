/* SPDX-License-Identifier: ISC */
/*
 * The flow matrix and the site's hosts. Pure.
 */
#include <string.h>

#include "probes/flows.h"

#define VMS (ROLE_BIT(ROLE_WEB) | ROLE_BIT(ROLE_XMPP) | \
    ROLE_BIT(ROLE_JICOFO) | ROLE_BIT(ROLE_JVB))

static void
add(struct flow *list, size_t *n, struct flow f)
{
	if (f.last == 0)
		f.last = f.port;
	if (*n < FLOWS_MAX && f.port != 0)
		list[(*n)++] = f;
}

/* 1 when a REST interface is bound beyond loopback. */
static int
is_open(const struct site_rest *r)
{
	return (r->port != 0 && r->address != NULL &&
	    strncmp(r->address, "127.", 4) != 0 &&
	    strcmp(r->address, "::1") != 0);
}

size_t
flows_of(const struct site *s, struct flow *list)
{
	const roles_t outside = ROLE_BIT(ROLE_OUTSIDE);
	const roles_t users = outside | ROLE_BIT(ROLE_WEB) |
	    ROLE_BIT(ROLE_ROUTER);
	size_t n = 0;

	add(list, &n, (struct flow){ "web-xmpp-http", ROLE_BIT(ROLE_WEB),
	    ROLE_XMPP, 0, s->http_port, 0, 1, 0 });
	add(list, &n, (struct flow){ "jicofo-xmpp-c2s",
	    ROLE_BIT(ROLE_JICOFO), ROLE_XMPP, 0, s->c2s_port, 0, 1, 0 });
	add(list, &n, (struct flow){ "jvb-xmpp-c2s", ROLE_BIT(ROLE_JVB),
	    ROLE_XMPP, 0, s->c2s_port, 0, 1, 0 });
	/* prosody's own host must reach itself before anybody else can */
	add(list, &n, (struct flow){ "xmpp-self-c2s", ROLE_BIT(ROLE_XMPP),
	    ROLE_XMPP, 0, s->c2s_port, 0, 1, 0 });
	add(list, &n, (struct flow){ "xmpp-self-http", ROLE_BIT(ROLE_XMPP),
	    ROLE_XMPP, 0, s->http_port, 0, 1, 0 });
	add(list, &n, (struct flow){ "any-web-https", users, ROLE_WEB, 0,
	    s->https_port, 0, 1, 0 });
	add(list, &n, (struct flow){ "any-web-http", users, ROLE_WEB, 0, 80,
	    0, 1, 1 });
	/* inside, only the bridge's own clients come by this port, and the
	 * router's filter knows them from outside only */
	add(list, &n, (struct flow){ "any-jvb-media", outside, ROLE_JVB, 1,
	    s->media_port, s->media_port_last, 1, 1 });
	if (is_open(&s->jvb_rest))
		add(list, &n, (struct flow){ "monitor-jvb-rest",
		    VMS & ~ROLE_BIT(ROLE_JVB), ROLE_JVB, 0, s->jvb_rest.port,
		    0, 1, 1 });
	if (is_open(&s->jicofo_rest))
		add(list, &n, (struct flow){ "monitor-jicofo-rest",
		    VMS & ~ROLE_BIT(ROLE_JICOFO), ROLE_JICOFO, 0,
		    s->jicofo_rest.port, 0, 1, 1 });
	add(list, &n, (struct flow){ "outside-not-c2s", outside, ROLE_XMPP, 0,
	    s->c2s_port, 0, 0, 1 });
	add(list, &n, (struct flow){ "outside-not-http", outside, ROLE_XMPP,
	    0, s->http_port, 0, 0, 1 });
	add(list, &n, (struct flow){ "outside-not-jvb-rest", outside,
	    ROLE_JVB, 0, 8080, 0, 0, 1 });
	add(list, &n, (struct flow){ "outside-not-jicofo-rest", outside,
	    ROLE_JICOFO, 0, 8888, 0, 0, 1 });
	return (n);
}

const char *
target_name(const struct site *s, enum role role)
{
	return (s->host[role].name != NULL ? s->host[role].name :
	    role_name(role));
}

/* 1 when this host sees the site only from outside. */
static int
is_outside(const struct site *s)
{
	return (s->roles == ROLE_BIT(ROLE_OUTSIDE));
}

const char *
target_address(const struct site *s, enum role role)
{
	if (s->host[role].address != NULL)
		return (s->host[role].address);
	if (is_outside(s))
		return (s->public_address);
	if (s->roles & ROLE_BIT(role))
		return ("127.0.0.1");
	return (NULL);
}

const char *
target_host(const struct site *s, enum role role)
{
	if (is_outside(s))
		return (s->name);
	return (s->host[role].name);
}

int
target_known(const struct site *s, enum role role)
{
	return (target_address(s, role) != NULL ||
	    target_host(s, role) != NULL);
}
