/* SPDX-License-Identifier: ISC */
/*
 * Versions: would catch 0.9 taken for newer than 0.12, a release and the
 * program's own count compared as numbers, a snapshot taken for a version, a
 * judgement where the months overlap.
 */
#include <string.h>

#include "agent/facts/fact.h"
#include "agent/facts/version.h"
#include "tests/kit/check.h"

static const struct {
	enum product product;
	const char *a, *b;
	enum version_order want;
} pairs[] = {
	{ PRODUCT_PROSODY, "0.9.10", "0.12.3", VERSION_BEFORE },
	{ PRODUCT_PROSODY, "13.0.1", "0.12.3", VERSION_AFTER },
	{ PRODUCT_PROSODY, "0.11.14", "0.11", VERSION_SAME },
	{ PRODUCT_PROSODY, "0.11.14", "0.11.7", VERSION_AFTER },
	{ PRODUCT_PROSODY, "trunk", "0.12", VERSION_UNCLEAR },
	{ PRODUCT_PROSODY, "0.12.3-1+deb12u1", "0.12.3", VERSION_SAME },
	{ PRODUCT_NGINX, "1.22.1", "1.9.0", VERSION_AFTER },
	/* the three ways of jicofo and jvb */
	{ PRODUCT_JVB, "2.0.9646", "stable-7648-4", VERSION_AFTER },
	{ PRODUCT_JVB, "stable/jitsi-meet_9646", "2.0.9646", VERSION_SAME },
	{ PRODUCT_JVB, "2.0-9646-1", "9646", VERSION_SAME },
	{ PRODUCT_JVB, "2.3-105-ga6d99f8e-1", "2.3.9", VERSION_AFTER },
	{ PRODUCT_JVB, "2.2-22-g42bc1b99", "2.0.7648", VERSION_UNCLEAR },
	{ PRODUCT_JVB, "2.2-22-g42bc1b99", "2022-10", VERSION_BEFORE },
	{ PRODUCT_JVB, "2.2-22-g42bc1b99", "2022-08", VERSION_UNCLEAR },
	{ PRODUCT_JVB, "2.3.SNAPSHOT", "2022-07", VERSION_AFTER },
	{ PRODUCT_JVB, "2.3.SNAPSHOT", "2022-10", VERSION_UNCLEAR },
	{ PRODUCT_JVB, "2.1.SNAPSHOT", "2024-10", VERSION_BEFORE },
	{ PRODUCT_JVB, "2.1.SNAPSHOT", "2022-10", VERSION_UNCLEAR },
	{ PRODUCT_JICOFO, "1.1.SNAPSHOT", "2022-10", VERSION_UNCLEAR },
	{ PRODUCT_JVB, "2.3.SNAPSHOT", "2024-07", VERSION_UNCLEAR },
	{ PRODUCT_JVB, "2.3.SNAPSHOT", "2.3-105", VERSION_UNCLEAR },
	{ PRODUCT_JICOFO, "1.0-911-1", "2022-11", VERSION_BEFORE },
	{ PRODUCT_JICOFO, "1.0-1090", "1.0-911", VERSION_AFTER },
	{ PRODUCT_JICOFO, "1.1-20", "1.0-1140", VERSION_AFTER },
	{ PRODUCT_JICOFO, "jicofo-1.0-1075-1", "1.0-1075", VERSION_SAME },
	{ PRODUCT_JICOFO, "2.0.9646", "2026-05", VERSION_BEFORE },
	{ PRODUCT_JICOFO, "2.0.11248", "2026-05", VERSION_AFTER },
	{ PRODUCT_JICOFO, "2.0.11000", "2026-05", VERSION_UNCLEAR },
	{ PRODUCT_JICOFO, "unstable-2026-08-20", "2026-05", VERSION_AFTER },
	{ PRODUCT_JICOFO, "latest", "2026-05", VERSION_UNCLEAR },
	{ PRODUCT_WEB, "1.0.6447-1", "2022-11", VERSION_BEFORE },
	/* Java */
	{ PRODUCT_JAVA, "1.8.0_292", "8.0.301", VERSION_BEFORE },
	{ PRODUCT_JAVA, "8u312", "8.0.301", VERSION_AFTER },
	{ PRODUCT_JAVA, "11.0.11+9", "11.0.12", VERSION_BEFORE },
	{ PRODUCT_JAVA, "17.0.15+6-Debian-1deb12u1", "17", VERSION_SAME },
	{ PRODUCT_JAVA, "25", "17", VERSION_AFTER },
	{ PRODUCT_JAVA, "", "17", VERSION_UNCLEAR },
};

static void
test_pairs(void)
{
	size_t i;

	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		CHECK_INT(version_compare(pairs[i].product,
		    str_from(pairs[i].a), str_from(pairs[i].b)),
		    pairs[i].want, "%s against %s", pairs[i].a, pairs[i].b);
		CHECK_INT(version_compare(pairs[i].product,
		    str_from(pairs[i].b), str_from(pairs[i].a)),
		    pairs[i].want == VERSION_UNCLEAR ? VERSION_UNCLEAR :
		    -(int)pairs[i].want, "%s against %s", pairs[i].b,
		    pairs[i].a);
	}
	CHECK_INT(java_major(str_from("1.8.0_292")), 8, "Java 8");
	CHECK_INT(java_major(str_from("25.0.3+9-LTS")), 25, "Java 25");
	CHECK_INT(java_major(str_from("openjdk")), 0, "no number");
}

static void
test_tables(void)
{
	int p;

	for (p = 0; p < PRODUCT_COUNT; p++) {
		CHECK(fact_find(str_from(product_fact((enum product)p))) !=
		    NULL, "facts.def has %s", product_fact((enum product)p));
		CHECK_INT(product_by_name(str_from(product_name(
		    (enum product)p))), p, "the name is found");
		CHECK_INT(product_by_fact(str_from(product_fact(
		    (enum product)p))), p, "the fact is found");
	}
	CHECK_INT(product_by_name(str_from("router")), -1, "router is none");
}

static void
test_known(void)
{
	struct versions v;

	memset(&v, 0, sizeof(v));
	CHECK_INT(versions_order(&v, PRODUCT_JVB, STR_LIT("2022-10")),
	    VERSION_UNCLEAR, "nothing is known");
	CHECK(!versions_outside(&v, PRODUCT_JVB, "2.0.7648", "2.0.9646"),
	    "what is not known is not outside");
	versions_add(&v, PRODUCT_JVB, STR_LIT("2.3.SNAPSHOT"), "jvb.log");
	versions_add(&v, PRODUCT_JVB, STR_LIT("2.3.SNAPSHOT"), "again");
	versions_add(&v, PRODUCT_JVB, STR_LIT("?"), "nothing");
	CHECK_INT(v.count, 1, "one version, once");
	CHECK_STR(versions_first(&v, PRODUCT_JVB)->from, "jvb.log", "where");
	CHECK(versions_first(&v, PRODUCT_JICOFO) == NULL, "not jicofo's");
	CHECK_INT(versions_order(&v, PRODUCT_JVB, STR_LIT("2024-10")),
	    VERSION_UNCLEAR, "a snapshot may be of any month");
	versions_since(&v, PRODUCT_JVB, STR_LIT("2024-11"));
	versions_since(&v, PRODUCT_JVB, STR_LIT("2022-11"));
	CHECK_INT(versions_order(&v, PRODUCT_JVB, STR_LIT("2024-10")),
	    VERSION_AFTER, "a line of the log narrows it");
	CHECK(versions_outside(&v, PRODUCT_JVB, NULL, "2.0.9646"),
	    "newer than the last that has the fault");
	versions_until(&v, PRODUCT_JVB, STR_LIT("2022-12"));
	CHECK_INT(versions_order(&v, PRODUCT_JVB, STR_LIT("2024-10")),
	    VERSION_UNCLEAR, "an update in the log: both are possible");
}

static void
test_several(void)
{
	struct versions v;

	memset(&v, 0, sizeof(v));
	versions_add(&v, PRODUCT_JVB, STR_LIT("2.0.7648"), "a");
	versions_add(&v, PRODUCT_JVB, STR_LIT("2.0.9646"), "b");
	CHECK_INT(versions_order(&v, PRODUCT_JVB, STR_LIT("2.0.8000")),
	    VERSION_UNCLEAR, "of two bridges one is older");
	CHECK_INT(versions_order(&v, PRODUCT_JVB, STR_LIT("2.0.9999")),
	    VERSION_BEFORE, "both are older");
	CHECK(versions_outside(&v, PRODUCT_JVB, "2.0.8000", "2.0.9000"),
	    "one too old, one too new");
	CHECK(!versions_outside(&v, PRODUCT_JVB, "2.0.8000", NULL),
	    "one may have it");
}

int
main(void)
{
	test_pairs();
	test_tables();
	test_known();
	test_several();
	return (check_end());
}
