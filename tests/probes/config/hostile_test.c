/* SPDX-License-Identifier: ISC */
/*
 * Files made to harm whoever reads them. Would catch: a reader that runs in
 * the caller, a child without a limit, a good file lost with a bad one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/clock.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/facts/finding.h"
#include "agent/run/child.h"
#include "probes/config/config.h"
#include "probes/config/role.h"
#include "tests/kit/check.h"

static const struct child_role roles[] = {
	{ .name = "config", .run = config_read_role, .cpu_seconds = 1,
	    .memory = LIMIT_CONFIG_CHILD_MEMORY },
	{ .name = NULL },
};

static const struct {
	const char *what, *kind, *text;
} hostile[] = {
	{ "config.js that never ends", "config.js",
	    "var config = {}; while (true) {}" },
	{ "config.js that never ends in a getter", "config.js",
	    "var config = { get a() { while (true) {} } };" },
	{ "config.js that eats memory", "config.js",
	    "var config = {}; var a = 'x'; while (true) { a += a; }" },
	{ "config.js that recurses", "config.js",
	    "function f() { f(); } var config = { a: 1 }; f();" },
	{ "config.js with an expression that backtracks", "config.js",
	    "var config = {}; /(a+)+$/.test("
	    "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!');" },
	{ "a Lua loop", "prosody.cfg.lua", "while true do end" },
	{ "a Lua loop inside a C function", "prosody.cfg.lua",
	    "x = string.find(string.rep('a', 50000), "
	    "'.-.-.-.-.-.-.-.-.-.-b')" },
	{ "a string of 1 GB", "prosody.cfg.lua",
	    "x = string.rep('a', 1000000000)" },
	{ "a table that grows", "prosody.cfg.lua",
	    "local t = {} for i = 1, 1e9 do t[i] = i end" },
	{ "recursion", "prosody.cfg.lua",
	    "local function f(n) return 1 + f(n + 1) end x = f(1)" },
	{ "a file that includes itself", "prosody.cfg.lua",
	    "Include 'bad'" },
};

/* A good file on each side: both must be read. */
static void
check_one(size_t i)
{
	struct config_set *set = config_set_new();
	struct findings findings;
	mono_t begin = mono_now();
	double took;

	config_add_text(set, "config.js", NULL, "before.js",
	    STR_LIT("var config = { a: 1 };"), -1);
	config_add_text(set, hostile[i].kind, NULL, "bad",
	    str_from(hostile[i].text), -1);
	config_add_text(set, "prosody.cfg.lua", NULL, "after.cfg.lua",
	    STR_LIT("VirtualHost \"a\"\n"), -1);
	config_read(set);
	took = mono_seconds(begin, mono_now());
	CHECK(took < 4.0, "%s ends in time (%.1f s)", hostile[i].what, took);
	CHECK(model_get(&set->list[0].model, "a") != NULL,
	    "%s: the file before it is read", hostile[i].what);
	CHECK(model_get(&set->list[2].model, "a") != NULL,
	    "%s: the file after it is read", hostile[i].what);
	CHECK(set->list[1].model.partial, "%s: it counts as read in part",
	    hostile[i].what);
	findings_init(&findings);
	config_lint(set, wall_now(), &findings, NULL);
	CHECK(1, "%s: the caller lives", hostile[i].what);
	findings_free(&findings);
	config_set_free(set);
}

/* Key stores and the like full of noise. */
static void
check_noise(void)
{
	static const char *const kinds[] = { "keystore", "certificate",
	    "jvb.conf", "nginx.conf", "vm.conf", "docker-compose.yml",
	    "sip-communicator.properties", "hosts", "commands" };
	struct config_set *set = config_set_new();
	struct findings findings;
	struct buf b;
	size_t i;
	unsigned n, seed = 1;

	buf_init(&b, 1 << 20);
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		buf_clear(&b);
		if (i == 0)
			buf_add(&b, "\xfe\xed\xfe\xed\0\0\0\2\xff\xff\xff\xff",
			    12);
		for (n = 0; n < 100000; n++) {
			seed = seed * 1103515245 + 12345;
			buf_addc(&b, (char)(seed >> 16));
		}
		config_add_text(set, kinds[i], NULL, kinds[i], buf_str(&b),
		    -1);
	}
	config_read(set);
	findings_init(&findings);
	config_lint(set, wall_now(), &findings, NULL);
	CHECK(findings.count > 0, "noise in every kind is survived");
	findings_free(&findings);
	buf_free(&b);
	config_set_free(set);
}

int
main(int argc, char **argv)
{
	size_t i;

	child_main(argc, argv, roles);
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++)
		check_one(i);
	check_noise();
	return (check_end());
}
