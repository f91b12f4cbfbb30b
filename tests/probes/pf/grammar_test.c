/* SPDX-License-Identifier: ISC */
/*
 * pf.conf(5) by cases in tests/golden/pf/grammar-*.txt: a text, and all that
 * pfctl(8) prints of it or complains of it, worked out by hand from the
 * grammar of OpenBSD. Would catch: a production that takes too much or too
 * little, a message, a line or a number of errors that is not pfctl's, a
 * form that prints differently.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "probes/pf/live.h"
#include "probes/pf/system.h"
#include "tests/kit/check.h"

static const char machine[] =
    "if lo0 loopback\naddr lo0 ::1/128\naddr lo0 fe80::1/64\n"
    "addr lo0 127.0.0.1/8\nif em0 broadcast\n"
    "addr em0 203.0.113.10/24 203.0.113.255\naddr em0 203.0.113.11/32\n"
    "addr em0 2001:db8::10/64\nif em1 broadcast\n"
    "addr em1 10.1.0.1/16 10.1.255.255\nif wg0 pointopoint\n"
    "addr wg0 10.9.0.1/32 10.9.0.2\ngroup egress em0\ngroup lo lo0\n"
    "group lan em0 em1\n"
    "host web 100.64.1.3\nhost dual 100.64.2.3 2001:db8:2::3\n"
    "uid root 0\nuid www 67\ngid wheel 0\nservice www 80/tcp\n"
    "service domain 53/tcp\nservice domain 53/udp\nservice ntp 123/udp\n";

/* The other files that cases include, load or fill tables from. */
static const struct pf_given others[] = {
	{ "macro.conf", "o = \"1\"\n", 8 },
	{ "pass.conf", "pass in\npass out\n", 17 },
	{ "bad.conf", "pass in\npass nix\npass out", 25 },
	{ "addrs", "10.0.0.1 # a\n!::1\n", 18 },
	{ "long", "10.0.0.1\n10.0.0.1/33\n", 21 },
};

#define OTHERS (sizeof(others) / sizeof(others[0]))

static struct pf_env env;

/* The rules of a reading as `pfctl -vvsr` prints them, anchors too. */
static void
live_rules(struct buf *out, const struct pf_anchor *a)
{
	const struct pf_rule *r;

	for (r = a->first; r != NULL; r = r->next) {
		pf_rule_print(out, r, 1);
		if (r->body != NULL) {
			buf_adds(out, " {\n");
			live_rules(out, r->body);
			buf_adds(out, "}");
		}
		buf_addc(out, '\n');
	}
}

/* Those rules read back print as they did. */
static void
check_live(const struct pf_conf *conf, struct str title)
{
	struct pf_files none = { NULL, NULL };
	struct pf_conf live;
	struct buf want, got;

	buf_init(&want, 1U << 20);
	buf_init(&got, 1U << 20);
	live_rules(&want, conf->anchors);
	pf_conf_init(&live, &env, none);
	if (pf_live_rules(&live, buf_str(&want)) == 0)
		live_rules(&got, live.anchors);
	else
		errlist_print(&live.errs, &got);
	CHECK_STR(buf_cstr(&got), buf_cstr(&want), "%.*s, live",
	    (int)title.n, title.p);
	pf_conf_free(&live);
	buf_free(&want);
	buf_free(&got);
}

static void
run(struct str text, struct buf *out, struct str title)
{
	struct pf_given given[OTHERS + 1];
	struct pf_given_set set = { given, OTHERS + 1 };
	struct pf_conf conf;

	memcpy(given + 1, others, sizeof(others));
	given[0] = (struct pf_given){ "pf.conf", text.p, text.n };
	pf_conf_init(&conf, &env, pf_given_files(&set));
	if (pf_conf_read(&conf, "pf.conf") == 0) {
		pf_conf_print(&conf, out);
		check_live(&conf, title);
	} else
		errlist_print(&conf.errs, out);
	pf_conf_free(&conf);
}

/* One case: "TITLE\nTEXT--\nWANTED". */
static void
run_case(struct str part)
{
	struct str title = str_split(&part, '\n'), text;
	size_t at = str_find(part, "--\n");
	struct buf got, want;

	if (at == SIZE_MAX) {
		CHECK(0, "case %.*s is whole", (int)title.n, title.p);
		return;
	}
	text = str_sub(part, 0, at);
	buf_init(&got, 1U << 20);
	buf_init(&want, 1U << 20);
	buf_add_str(&want, str_sub(part, at + 3, part.n));
	run(text, &got, title);
	CHECK_STR(buf_cstr(&got), buf_cstr(&want), "%.*s", (int)title.n,
	    title.p);
	buf_free(&got);
	buf_free(&want);
}

static void
run_file(const char *name)
{
	size_t at, len, n = 0;
	char *text = check_read(name, &len);
	struct str rest = str_of(text == NULL ? "" : text, len);

	while (str_starts(rest, "== ")) {
		rest = str_sub(rest, 3, rest.n);
		at = str_find(rest, "\n== ");
		at = at == SIZE_MAX ? rest.n : at + 1;
		run_case(str_sub(rest, 0, at));
		rest = str_sub(rest, at, rest.n);
		n++;
	}
	CHECK(rest.n == 0 && n > 0, "%s is all cases", name);
	free(text);
}

int
main(void)
{
	struct errlist errs;

	errlist_init(&errs);
	pf_env_init(&env);
	CHECK(pf_env_parse(&env, "env", str_from(machine), &errs) == 0,
	    "the environment reads");
	run_file("tests/golden/pf/grammar-limiter.txt");
	run_file("tests/golden/pf/grammar-lexer.txt");
	run_file("tests/golden/pf/grammar-rules.txt");
	run_file("tests/golden/pf/grammar-addr.txt");
	run_file("tests/golden/pf/grammar-conf.txt");
	run_file("tests/golden/pf/grammar-rest.txt");
	run_file("tests/golden/pf/grammar-more.txt");
	pf_env_free(&env);
	errlist_free(&errs);
	return (check_end());
}
