/* SPDX-License-Identifier: ISC */
/*
 * Addresses: would catch a name taken for an address, a port lost or made
 * up, IPv6 written without brackets before a port, and a carrier's or
 * private address taken for a public one.
 */
#include <string.h>

#include "agent/run/addr.h"
#include "tests/kit/check.h"

static void
test_parse(void)
{
	static const char *const none[] = { "", "xmpp", "1.2.3", "1.2.3.4.5",
		"256.1.1.1", "1.2.3.4 ", "::g", "[::1]", "1.2.3.4:5" };
	char text[ADDR_TEXT_SIZE];
	struct addr a;
	size_t i;

	CHECK_INT(addr_parse(&a, STR_LIT("100.64.2.3"), 5222), 0, "IPv4");
	addr_text_port(&a, text, sizeof(text));
	CHECK_STR(text, "100.64.2.3:5222", "with its port");
	CHECK_INT(addr_parse(&a, STR_LIT("2001:DB8::1"), 53), 0, "IPv6");
	addr_text_port(&a, text, sizeof(text));
	CHECK_STR(text, "[2001:db8::1]:53", "in brackets before a port");
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		CHECK_INT(addr_parse(&a, str_from(none[i]), 1), -1,
		    "\"%s\" is no address", none[i]);
}

static void
test_ports(void)
{
	static const struct {
		const char *text;
		int ok;
		unsigned port;
	} cases[] = {
		{ "192.0.2.1", 0, 53 }, { "192.0.2.1:5353", 0, 5353 },
		{ "[2001:db8::1]:853", 0, 853 }, { "[2001:db8::1]", 0, 53 },
		{ "2001:db8::1", 0, 53 }, { "192.0.2.1:", -1, 0 },
		{ "192.0.2.1:0", -1, 0 }, { "192.0.2.1:65536", -1, 0 },
		{ "[2001:db8::1", -1, 0 }, { "[2001:db8::1]x", -1, 0 },
		{ "host:53", -1, 0 },
	};
	struct addr a;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CHECK_INT(addr_parse_port(&a, str_from(cases[i].text), 53),
		    cases[i].ok, "\"%s\"", cases[i].text);
		if (cases[i].ok == 0)
			CHECK_INT(addr_port(&a), cases[i].port,
			    "the port of \"%s\"", cases[i].text);
	}
}

static void
test_kinds(void)
{
	static const struct {
		const char *text;
		int private, loopback;
	} cases[] = {
		{ "127.0.0.1", 1, 1 }, { "127.8.8.8", 1, 1 },
		{ "10.1.2.3", 1, 0 }, { "172.16.0.1", 1, 0 },
		{ "172.32.0.1", 0, 0 }, { "192.168.1.1", 1, 0 },
		{ "100.64.0.1", 1, 0 }, { "100.127.255.255", 1, 0 },
		{ "100.128.0.1", 0, 0 }, { "169.254.1.1", 1, 0 },
		{ "203.0.113.1", 0, 0 }, { "::1", 1, 1 },
		{ "fe80::1", 1, 0 }, { "fd00::1", 1, 0 },
		{ "2001:db8::1", 0, 0 },
	};
	struct addr a, b;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		addr_parse(&a, str_from(cases[i].text), 1);
		CHECK_INT(addr_is_private(&a), cases[i].private,
		    "%s: private or not", cases[i].text);
		CHECK_INT(addr_is_loopback(&a), cases[i].loopback,
		    "%s: loopback or not", cases[i].text);
	}
	addr_parse(&a, STR_LIT("192.0.2.1"), 1);
	addr_parse(&b, STR_LIT("192.0.2.1"), 2);
	CHECK(addr_same_host(&a, &b), "the port does not make another host");
	addr_parse(&b, STR_LIT("::192.0.2.1"), 1);
	CHECK(!addr_same_host(&a, &b), "another family does");
	memset(&b, 0, sizeof(b));
	CHECK(!addr_is_private(&b) && !addr_same_host(&b, &b),
	    "no address is nobody's");
}

int
main(void)
{
	test_parse();
	test_ports();
	test_kinds();
	return (check_end());
}
