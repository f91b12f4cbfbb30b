/* SPDX-License-Identifier: ISC */
/*
 * prosody.cfg.lua as prosody understands it. Would catch: an option on the
 * wrong host, a missing comma or quote without its line, a file that runs
 * for ever or eats the memory.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "probes/config/model.h"
#include "probes/config/prosody.h"
#include "probes/config/reader.h"
#include "tests/kit/check.h"

static void
read_text(struct model *m, const char *text, const char *included)
{
	struct config_source list[2] = {
		{ STR_LIT("/etc/prosody/prosody.cfg.lua"), { "", 0 },
		    str_from(text) },
		{ STR_LIT("/etc/prosody/conf.d/site.cfg.lua"), { "", 0 },
		    str_from(included) },
	};
	struct config_sources s = { list, included == NULL ? 1 : 2,
	    { NULL, 0 } };

	model_init(m);
	read_prosody(&s, m);
}

static const char good[] =
    "-- a comment\n"
    "modules_enabled = {\n"
    "\t\"saslauth\"; -- needed\n"
    "\t\"tls\", \"smacks\";\n"
    "}\n"
    "http_ports = { 5280 }\n"
    "log = { info = \"/var/prosody/prosody.log\" }\n"
    "VirtualHost \"jts.example\"\n"
    "    authentication = \"anonymous\";\n"
    "    modules_enabled = { \"bosh\" }\n"
    "VirtualHost \"auth.jts.example\"\n"
    "    ssl = { key = \"/k.key\"; certificate = \"/k.crt\"; }\n"
    "    authentication = \"internal_hashed\"\n"
    "Component \"conference.jts.example\" \"muc\"\n"
    "Component \"jvb.jts.example\"\n"
    "    component_secret = os.getenv(\"SECRET\") .. \"x\"\n"
    "Component \"internal.auth.jts.example\" \"muc\"\n"
    "    admins = { \"focus@auth.jts.example\" }\n";

static void
check_good(void)
{
	struct model m;
	const struct item *it;

	read_text(&m, good, NULL);
	CHECK_INT(m.problem_count, 0, "a good file has no problem (%s)",
	    m.problem_count == 0 ? "" : m.problems[0].message);
	CHECK_STR(model_get(&m, "jts.example")->value, "virtualhost",
	    "a VirtualHost");
	CHECK_STR(model_get(&m, "conference.jts.example")->value,
	    "component muc", "a Component with its module");
	it = model_get(&m, "jts.example/authentication");
	CHECK_STR(it->value, "anonymous", "an option of the host");
	CHECK_INT(it->line, 9, "its line");
	CHECK_INT(it->column, 22, "its column");
	it = model_get(&m, "*/modules_enabled/1");
	CHECK_STR(it->value, "tls", "a member of a list");
	CHECK_INT(it->line, 4, "its line");
	CHECK_INT(it->column, 2, "its column");
	it = model_get(&m, "auth.jts.example/ssl/certificate");
	CHECK_STR(it->value, "/k.crt", "a member of a table");
	CHECK_INT(it->line, 12, "its line");
	CHECK_INT(model_get(&m, "jvb.jts.example/component_secret")->type,
	    ITEM_OPAQUE, "os.getenv is opaque, joined too");
	CHECK_STR(model_get(&m, "*/http_ports/0")->value, "5280", "a port");
	CHECK_INT(prosody_module(&m, "jts.example", "bosh"), 1,
	    "bosh is on there");
	CHECK_INT(prosody_module(&m, "auth.jts.example", "bosh"), 0,
	    "and not here");
	CHECK_INT(prosody_module(&m, "auth.jts.example", "smacks"), 1,
	    "a global module is on every host");
	CHECK(prosody_host(&m, STR_LIT("JTS.example"), "virtualhost") != NULL,
	    "host names compare without case");
	model_free(&m);
}

struct bad {
	const char *text, *id;
	int line;
};

static const struct bad bad[] = {
	{ "VirtualHost \"a\"\nmodules_enabled = {\n\t\"bosh\"\n\t\"tls\"\n}",
	    "config-syntax-error", 3 },
	{ "VirtualHost \"a\"\nauthentication = anonymous\n",
	    "config-unquoted-value", 2 },
	{ "VirtualHost jts.example\n", "config-syntax-error", 1 },
	{ "VirtualHost \"a\"\n\nhttp_ports = { 5280 }\n",
	    "option-in-wrong-section", 3 },
	{ "VirtualHost \"a\"\nconsider_bosh_secure = true\n",
	    "option-in-wrong-section", 2 },
	{ "cross_domain_bosh = true\nVirtualHost \"a\"\n", "obsolete-option",
	    1 },
	{ "VirtualHost \"a\"\nmodules_enabled = { \"mod_bosh\" }\n",
	    "module-name-has-mod-prefix", 2 },
	{ "http_ports = { 5280 }\n", "no-virtualhost", 0 },
	{ "VirtualHost \"a\"\nx = \"y\n", "config-syntax-error", 2 },
	{ "VirtualHost \"a\"\nComponent \"a\" \"muc\"\n",
	    "config-host-defined-twice", 2 },
	{ "VirtualHost \"a\"\nInclude \"other.cfg.lua\"\n",
	    "config-include-not-given", 2 },
	{ "VirtualHost \"a\"\nwhile true do end\n", "config-syntax-error",
	    2 },
	{ "VirtualHost \"a\"\nwhile true do pcall(function() while true do "
	    "end end) end\n", "config-syntax-error", 2 },
	{ "VirtualHost \"a\"\nx = string.rep(\"a\", 1000000000)\n",
	    "config-syntax-error", 0 },
	{ "VirtualHost \"a\"\nlocal t = {} while true do t[#t+1] = "
	    "string.rep(\"x\", 100000) .. #t end\n", "config-syntax-error",
	    0 },
	{ "local function f() return f() + 1 end f()",
	    "config-syntax-error", 0 },
	{ "Include \"/etc/prosody/*.lua\"\n", "config-include-not-given", 1 },
	{ "\033Lua", "config-syntax-error", 0 },
};

static void
check_bad(void)
{
	struct model m;
	size_t i, k;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		read_text(&m, bad[i].text, NULL);
		for (k = 0; k < m.problem_count; k++)
			if (strcmp(m.problems[k].id, bad[i].id) == 0 &&
			    (bad[i].line == 0 ||
			    m.problems[k].line == bad[i].line))
				break;
		CHECK(k < m.problem_count, "%s in line %d of %.50s (got %s, "
		    "%d, %s)", bad[i].id, bad[i].line, bad[i].text,
		    m.problem_count == 0 ? "nothing" : m.problems[0].id,
		    m.problem_count == 0 ? 0 : m.problems[0].line,
		    m.problem_count == 0 ? "" : m.problems[0].message);
		model_free(&m);
	}
}

/* Include sees the given files only, and a host does not leak out of one. */
static void
check_include(void)
{
	struct model m;

	read_text(&m, "VirtualHost \"a\"\nInclude \"conf.d/*.cfg.lua\"\n"
	    "authentication = \"anonymous\"\n",
	    "VirtualHost \"b\"\nauthentication = \"internal_plain\"\n");
	CHECK_INT(m.problem_count, 0, "a wildcard finds the file given");
	CHECK_STR(model_get(&m, "b/authentication")->value, "internal_plain",
	    "it is read");
	CHECK_INT(model_get(&m, "b/authentication")->source, 1,
	    "the place names that file");
	CHECK_STR(model_get(&m, "a/authentication")->value, "anonymous",
	    "the host outside stays");
	model_free(&m);
	read_text(&m, "Include \"conf.d/site.cfg.lua\"\n",
	    "Include \"/etc/prosody/conf.d/site.cfg.lua\"\nVirtualHost \"b\"");
	CHECK(m.problem_count > 0, "a file that includes itself is told");
	model_free(&m);
	read_text(&m, "string.x = function() end\n"
	    "Include \"site.cfg.lua\"\nstring.x()\nVirtualHost \"a\"",
	    "string.x = VirtualHost\n");
	CHECK(1, "a function kept from an included file harms nothing");
	model_free(&m);
}

/*
 * With arguments: reads the first file, which may include the others, and
 * prints each value, for the comparison with what prosody has read.
 */
static int
print_values(int argc, char **argv)
{
	struct config_source list[8];
	struct config_sources s = { list, 0, { NULL, 0 } };
	const struct item *it;
	struct model m;
	size_t i, len;
	char *text;

	for (; s.count < 8 && s.count + 1 < (size_t)argc; s.count++) {
		text = check_read(argv[s.count + 1], &len);
		list[s.count] = (struct config_source){
		    str_from(argv[s.count + 1]), { "", 0 },
		    str_of(text, len) };
	}
	model_init(&m);
	read_prosody(&s, &m);
	for (i = 0; i < m.count; i++) {
		it = &m.list[i];
		if (strchr(it->key, '/') != NULL && it->type != ITEM_TABLE)
			printf("%s=%s\n", it->key, it->value);
	}
	model_free(&m);
	for (i = 0; i < s.count; i++)
		free((void *)(uintptr_t)list[i].text.p);
	return (0);
}

int
main(int argc, char **argv)
{
	if (argc > 1)
		return (print_values(argc, argv));
	check_good();
	check_bad();
	check_include();
	return (check_end());
}
