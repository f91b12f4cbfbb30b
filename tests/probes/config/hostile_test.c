/* SPDX-License-Identifier: ISC */
/*
 * Files made to harm whoever reads them. Would catch: a reader that runs in
 * the caller, a child without a limit, a good file lost with a bad one.
 */
#include <sys/types.h>
#include <sys/resource.h>
#include <sys/time.h>

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

/* A program that watches itself takes longer, and memory of its own. */
#if defined(__SANITIZE_ADDRESS__)
#define SLOWER 6
#else
#define SLOWER 1
#endif

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
	{ "a substitution that grows", "prosody.cfg.lua",
	    "x = string.gsub(string.rep('a', 1000000), 'a', "
	    "string.rep('b', 10000))" },
	{ "brackets that do not balance", "prosody.cfg.lua",
	    "x = string.match(string.rep('(', 1000000), '%b()')" },
	{ "an order that is none", "prosody.cfg.lua",
	    "local t = {} for i = 1, 300000 do t[i] = -i end "
	    "for k = 1, 1000 do table.sort(t) end" },
	{ "a loop that catches its end", "prosody.cfg.lua",
	    "while true do pcall(function() while true do end end) end" },
	{ "an index without end", "prosody.cfg.lua",
	    "getmetatable('').__index = function() while true do end end "
	    "x = ('a').b" },
	{ "code that was compiled", "prosody.cfg.lua", "\033LuaT" },
	{ "a host without end", "prosody.cfg.lua",
	    "while true do VirtualHost 'a' end" },
	{ "an error of 5 MB", "prosody.cfg.lua",
	    "error(string.rep('x', 5000000))" },
	{ "a proxy", "config.js", "var config = new Proxy({}, { ownKeys: "
	    "function () { while (true) {} } });" },
	{ "config.js that goes on after its end", "config.js",
	    "for (;;) { try { while (true) {} } catch (e) {} }" },
	{ "an array of 1 GB", "config.js",
	    "var config = {}; var a = []; for (;;) { a.push({}); }" },
	{ "objects within objects", "config.js", "var t = {}; var c = t; "
	    "for (;;) { c.a = {}; c = c.a; } var config = t;" },
	{ "a HOCON value that is itself", "jvb.conf", "a = ${a}\n" },
	{ "HOCON values that are each other", "jvb.conf",
	    "a = ${b}\nb = ${a}\n" },
};

/* Text repeated, what stands before it and after it. */
static const struct {
	const char *what, *kind, *start, *middle, *end;
	size_t times;
} large[] = {
	{ "HOCON blocks in blocks", "jvb.conf", "", "a {", "", 100000 },
	{ "HOCON lists in lists", "jvb.conf", "a = ", "[", "", 100000 },
	{ "HOCON that doubles", "jvb.conf", "a = [1]\n", "a = ${a} ${a}\n",
	    "", 60 },
	{ "HOCON text that doubles", "jvb.conf", "a = x\n",
	    "a = ${a}${a}\n", "", 60 },
	{ "HOCON that adds", "jvb.conf", "a = []\n", "a += 1\n", "",
	    100000 },
	{ "a HOCON path", "jvb.conf", "a", ".a", " = 1\n", 100000 },
	{ "a HOCON text of 3 MB", "jvb.conf", "a = \"", "xxxxxxxxxx", "\"\n",
	    300000 },
	{ "nginx blocks in blocks", "nginx.conf", "", "a {", "", 100000 },
	{ "nginx names", "nginx.conf", "http { server { listen 443 ssl; "
	    "server_name", " a.example", "; location /http-bind { "
	    "proxy_pass http://a; } } }", 300000 },
	{ "nginx expressions", "nginx.conf", "http { server { listen 443 "
	    "ssl; ", "location ~ ^/((a+)+)+x$ { root /; }\n", "location "
	    "/http-bind { proxy_pass http://a; } } }", 3000 },
	{ "hosts of one name", "hosts", "", "10.0.0.1 jvb\n10.0.0.2 jvb\n",
	    "", 100000 },
	{ "hosts that are none", "hosts", "", "a b c\n", "", 200000 },
	{ "a line of names", "hosts", "10.0.0.1", " jvb web", "\n", 300000 },
	{ "VMs of one name", "vm.conf", "", "vm \"a\" {\n disk \"/d\"\n}\n",
	    "", 50000 },
	{ "lines of properties", "sip-communicator.properties", "",
	    "a = b\\\n", "", 200000 },
	{ "lines of a script", "jvb.in.sh", "", "A=b c\n", "", 200000 },
	{ "quotes", "docker-compose.yml", "", "\"", "", 1000000 },
	{ "bytes of zero", "turnserver.conf", "a", "=", "\n", 1000000 },
	{ "deep Lua tables", "prosody.cfg.lua", "x = ", "{", "", 100000 },
	{ "deep JavaScript", "config.js", "var config = ", "{a:", "",
	    100000 },
	{ "Lua options", "prosody.cfg.lua", "", "o = 'x'\n", "", 200000 },
};

/* Seconds of processor time, own and of children. */
static double
spent(void)
{
	struct rusage own, theirs;

	getrusage(RUSAGE_SELF, &own);
	getrusage(RUSAGE_CHILDREN, &theirs);
	return ((double)(own.ru_utime.tv_sec + own.ru_stime.tv_sec +
	    theirs.ru_utime.tv_sec + theirs.ru_stime.tv_sec) +
	    (double)(own.ru_utime.tv_usec + own.ru_stime.tv_usec +
	    theirs.ru_utime.tv_usec + theirs.ru_stime.tv_usec) / 1e6);
}

/* A long file costs a second at most, and the one after it is read. */
static void
check_large(size_t i)
{
	struct config_set *set = config_set_new();
	struct findings findings;
	double begin = spent(), took;
	struct buf b;
	size_t k;

	buf_init(&b, LIMIT_CONFIG_FILE);
	buf_adds(&b, large[i].start);
	for (k = 0; k < large[i].times; k++)
		buf_adds(&b, large[i].middle);
	buf_adds(&b, large[i].end);
	config_add_text(set, large[i].kind, NULL, "bad", buf_str(&b), -1);
	config_add_text(set, "prosody.cfg.lua", NULL, "after.cfg.lua",
	    STR_LIT("VirtualHost \"a\"\n"), -1);
	config_read(set);
	findings_init(&findings);
	config_lint(set, wall_now(), &findings, NULL);
	took = spent() - begin;
	CHECK(took < 1.3 * SLOWER, "%s costs a second at most (%.2f s)",
	    large[i].what, took);
	CHECK(model_get(&set->list[1].model, "a") != NULL,
	    "%s: the file after it is read", large[i].what);
	findings_free(&findings);
	buf_free(&b);
	config_set_free(set);
}

/* A good file on each side: both must be read. */
static void
check_one(size_t i)
{
	struct config_set *set = config_set_new();
	struct findings findings;
	mono_t begin = mono_now();
	double took, before = spent();

	config_add_text(set, "config.js", NULL, "before.js",
	    STR_LIT("var config = { a: 1 };"), -1);
	config_add_text(set, hostile[i].kind, NULL, "bad",
	    str_from(hostile[i].text), -1);
	config_add_text(set, "prosody.cfg.lua", NULL, "after.cfg.lua",
	    STR_LIT("VirtualHost \"a\"\n"), -1);
	config_read(set);
	took = mono_seconds(begin, mono_now());
	CHECK(took < 4.0, "%s ends in time (%.1f s)", hostile[i].what, took);
	took = spent() - before;
	CHECK(took < 1.3 * SLOWER, "%s costs a second at most (%.2f s)",
	    hostile[i].what, took);
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
	struct rusage usage;
	size_t i;

	child_main(argc, argv, roles);
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++)
		check_one(i);
	for (i = 0; i < sizeof(large) / sizeof(large[0]); i++)
		check_large(i);
	getrusage(RUSAGE_CHILDREN, &usage);
	CHECK(SLOWER > 1 || usage.ru_maxrss / 1024 <= 64, "no helper has "
	    "taken more than 64 MB (%ld MB)", usage.ru_maxrss / 1024);
	check_noise();
	return (check_end());
}
