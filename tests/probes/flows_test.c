/* SPDX-License-Identifier: ISC */
/*
 * The flow matrix: would catch a flow that is tried from a host that the
 * site's packet filters do not allow, one that is forgotten, and a port of
 * prosody that nobody outside must reach left untried from there.
 */
#include <string.h>

#include "probes/flows.h"
#include "tests/kit/check.h"

/* The flow from a role to another's port; NULL when there is none. */
static const struct flow *
find(const struct flow *list, size_t n, enum role from, enum role to,
    int udp, uint16_t port)
{
	size_t i;

	for (i = 0; i < n; i++)
		if ((list[i].from & ROLE_BIT(from)) && list[i].to == to &&
		    list[i].udp == udp && list[i].port <= port &&
		    port <= list[i].last)
			return (&list[i]);
	return (NULL);
}

static void
test_matrix(void)
{
	struct flow list[FLOWS_MAX];
	const struct flow *f;
	struct site s;
	size_t n;

	site_init(&s);
	n = flows_of(&s, list);
	CHECK(n > 0 && n <= FLOWS_MAX, "there are flows, within the bound");
	CHECK(find(list, n, ROLE_WEB, ROLE_XMPP, 0, 5280) != NULL,
	    "web reaches prosody's HTTP");
	CHECK(find(list, n, ROLE_JICOFO, ROLE_XMPP, 0, 5222) != NULL &&
	    find(list, n, ROLE_JVB, ROLE_XMPP, 0, 5222) != NULL,
	    "jicofo and jvb reach prosody");
	CHECK(find(list, n, ROLE_WEB, ROLE_XMPP, 0, 5222) == NULL &&
	    find(list, n, ROLE_JVB, ROLE_XMPP, 0, 5280) == NULL,
	    "and not each other's port of it");
	f = find(list, n, ROLE_OUTSIDE, ROLE_WEB, 0, 443);
	CHECK(f != NULL && f->reachable && !f->optional,
	    "everybody reaches the web server");
	f = find(list, n, ROLE_OUTSIDE, ROLE_JVB, 1, 10000);
	CHECK(f != NULL && f->optional, "and the bridge, by UDP, which is "
	    "never required");
	f = find(list, n, ROLE_OUTSIDE, ROLE_XMPP, 0, 5222);
	CHECK(f != NULL && !f->reachable,
	    "nobody outside must reach prosody");
	f = find(list, n, ROLE_OUTSIDE, ROLE_JVB, 0, 8080);
	CHECK(f != NULL && !f->reachable, "nor the bridge's REST interface");
	CHECK(find(list, n, ROLE_XMPP, ROLE_JVB, 0, 8080) == NULL,
	    "which is bound to the loopback, so no flow goes there");
	site_free(&s);
}

static void
test_settings(void)
{
	struct flow list[FLOWS_MAX];
	struct site s;
	size_t n;

	site_init(&s);
	s.c2s_port = 5322;
	s.media_port_last = 10050;
	s.jvb_rest.port = 8090;
	site_set(&s.jvb_rest.address, "0.0.0.0");
	n = flows_of(&s, list);
	CHECK(find(list, n, ROLE_JVB, ROLE_XMPP, 0, 5322) != NULL &&
	    find(list, n, ROLE_JVB, ROLE_XMPP, 0, 5222) == NULL,
	    "another port is another flow");
	CHECK(find(list, n, ROLE_OUTSIDE, ROLE_JVB, 1, 10050) != NULL &&
	    find(list, n, ROLE_OUTSIDE, ROLE_JVB, 1, 10051) == NULL,
	    "a range of bridge ports is a range");
	CHECK(find(list, n, ROLE_XMPP, ROLE_JVB, 0, 8090) != NULL,
	    "a REST interface bound beyond the loopback is to be reached");
	site_free(&s);
}

static void
test_targets(void)
{
	struct site s;

	site_init(&s);
	s.roles = ROLE_BIT(ROLE_XMPP);
	CHECK(!target_known(&s, ROLE_WEB), "an unknown host is unknown");
	CHECK_STR(target_address(&s, ROLE_XMPP), "127.0.0.1",
	    "a host reaches itself by the loopback");
	CHECK_STR(target_name(&s, ROLE_JVB), "jvb", "a role's own name");
	site_set(&s.host[ROLE_WEB].name, "www");
	CHECK(target_known(&s, ROLE_WEB), "a name is enough to know it");
	CHECK_STR(target_name(&s, ROLE_WEB), "www", "and is what it is called");
	site_set(&s.host[ROLE_XMPP].address, "100.64.2.3");
	CHECK_STR(target_address(&s, ROLE_XMPP), "100.64.2.3",
	    "what is said goes before the loopback");
	s.roles = ROLE_BIT(ROLE_OUTSIDE);
	site_set(&s.name, "jts.example");
	CHECK_STR(target_host(&s, ROLE_WEB), "jts.example",
	    "outside only the public name leads there");
	site_free(&s);
}

int
main(void)
{
	test_matrix();
	test_settings();
	test_targets();
	return (check_end());
}
