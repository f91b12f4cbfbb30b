/* SPDX-License-Identifier: ISC */
/*
 * config.js: what browsers refuse, and values. Would catch: a missing comma
 * blamed on the wrong line, newer JavaScript taken for an error, a value that
 * the engine computes and the scanner does not see.
 */
#include <string.h>

#include "probes/config/model.h"
#include "probes/config/reader.h"
#include "tests/kit/check.h"

static void
read_text(struct model *m, const char *text)
{
	struct config_source list[1] = { { STR_LIT("config.js"), { "", 0 },
	    str_from(text) } };
	struct config_sources s = { list, 1, { NULL, 0 } };

	model_init(m);
	read_config_js(&s, m);
}

/* Each is an error in that line and column (0: any). */
static const struct {
	const char *text;
	int line, column;
} bad[] = {
	{ "var config = {\n  a: 1\n  b: 2\n};", 2, 7 },
	{ "var config = {\n  a: 'x'\n  // why\n  b: 2\n};", 2, 9 },
	{ "var config = {\n  a: { b: 1 }\n  c: 2\n};", 2, 14 },
	{ "var config = {\n  a: [1, 2]\n  c: 2\n};", 2, 12 },
	{ "var config = {\n  a: true\n  c: 2\n};", 2, 10 },
	{ "var config = {\n  a: f(1)\n  c: 2\n};", 2, 10 },
	{ "var config = {\n  a: ['x' 'y']\n};", 2, 10 },
	{ "var config = {\n  a: 'x,\n  b: 2\n};", 2, 0 },
	{ "var config = {\n  a: \"x,\n};", 2, 0 },
	{ "var config = {\n  a: 1,\n", 0, 0 },
	{ "var config = {\n  a: [1,\n};", 3, 1 },
	{ "var config = {\n  a: 1,\n  }\n};", 4, 0 },
	{ "var config = {\n  a: 1,,\n  b: 2\n};", 2, 8 },
	{ "var config = {\n  a = 1\n};", 2, 5 },
	{ "var config = {\n  a: 1;\n};", 2, 7 },
	{ "var config = {\n  a 1\n};", 2, 4 },
	{ "var config = {\n  a: ,\n};", 2, 0 },
	{ "var config = { /* no end \n a: 1 };", 1, 0 },
	{ "var config = {\n  hosts: {\n    domain: 'x'\n    muc: 'y'\n  }\n};",
	    3, 16 },
};

/* None of these is an error. */
static const char *const good[] = {
	"var config = { a: 1, b: 2, };",
	"var config = {\n  // a: 1\n  /* b: 2 */\n};",
	"const config = { a: `x ${y} z`, b: x => x + 1 };",
	"let config = {};\nconfig.a = 1\nconfig.b = 2\n",
	"var config = { a: x ? 1 : 2, b: -1, c: !d, e: 'x' + y };",
	"var config = { f: function (a, b) { return a / b; }, g() {} };",
	"var config = { 'a-b': /x[/]y/g, c: 1 / 2 };",
	"var config = { a: [ , 1, 2, ], ...rest };",
	"if (a) { b = { c: 1 } } else { d() }\nvar config = {}",
	"var config = { a: async () => { await b(); }, get c() { return 1 } };",
	"var config = { a: typeof b === 'x', c: new D(), e: b in f };",
	"var config = { a: a?.b ?? 'c', d: { ...e } }",
	"/* eslint-disable */\nvar subdomain = '';\nvar config = { a: 1 };",
	"var config = {\n a: 1\n};\nvar interfaceConfig = { b: 2 }\n",
	"function f(a) {\n  var b = a\n  return b\n}\nvar config = {};",
};

static void
check_syntax(void)
{
	struct model m;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		read_text(&m, bad[i].text);
		CHECK(m.problem_count == 1 && (bad[i].line == 0 ||
		    m.problems[0].line == bad[i].line) &&
		    (bad[i].column == 0 ||
		    m.problems[0].column == bad[i].column),
		    "%s is wrong at %d:%d (got %d:%d %s)", bad[i].text,
		    bad[i].line, bad[i].column, m.problem_count == 0 ? 0 :
		    m.problems[0].line, m.problem_count == 0 ? 0 :
		    m.problems[0].column, m.problem_count == 0 ? "nothing" :
		    m.problems[0].message);
		model_free(&m);
	}
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		read_text(&m, good[i]);
		CHECK(m.problem_count == 0, "%s is right (got %s)", good[i],
		    m.problem_count == 0 ? "" : m.problems[0].message);
		model_free(&m);
	}
}

static void
check_values(void)
{
	struct model m;
	const struct item *it;

	read_text(&m, "var domain = 'jts.example';\n"
	    "var config = {\n"
	    "  hosts: {\n"
	    "    domain: 'jts.example',\n"
	    "    muc: 'conference.' + domain // no DNS\n"
	    "  },\n"
	    "  bosh: '//' + domain + '/http-bind',\n"
	    "  list: [ 'a', { urls: 'stun:x:443' } ],\n"
	    "  on: true, n: 12.5\n"
	    "};\n"
	    "config.hosts.focus = 'focus.' + domain;\n");
	it = model_get(&m, "hosts.domain");
	CHECK(it != NULL && it->line == 4 && it->column == 13,
	    "a literal has its place");
	CHECK_STR(model_get(&m, "hosts.muc")->value,
	    "conference.jts.example", "an expression its value");
	CHECK_INT(model_get(&m, "hosts.muc")->line, 5, "and its line");
	CHECK_STR(model_get(&m, "bosh")->value, "//jts.example/http-bind",
	    "another");
	CHECK_STR(model_get(&m, "list/1.urls")->value, "stun:x:443",
	    "inside a list");
	CHECK_STR(model_get(&m, "on")->value, "true", "a boolean");
	CHECK_STR(model_get(&m, "n")->value, "12.5", "a number");
	it = model_get(&m, "hosts.focus");
	CHECK_STR(it == NULL ? "none" : it->value, "focus.jts.example",
	    "an assignment after the literal");
	model_free(&m);
	read_text(&m, "var subdomain = '<!--# echo var=\"s\" default=\"\" "
	    "-->';\nvar config = { hosts: { muc: 'muc.' + subdomain + "
	    "'x.example' } };");
	it = model_get(&m, "hosts.muc");
	CHECK_STR(it == NULL ? "none" : it->value, "muc.x.example",
	    "a server side include is its default");
	model_free(&m);
	read_text(&m, "const config = { hosts: { domain: 'x.example' },\n"
	    " f: a => a, bosh: `//${location.host}/http-bind` };");
	it = model_get(&m, "hosts.domain");
	CHECK_STR(it == NULL ? "none" : it->value, "x.example",
	    "literals are known where the engine gives up");
	model_free(&m);
}

int
main(void)
{
	check_syntax();
	check_values();
	return (check_end());
}
