/* SPDX-License-Identifier: ISC */
/*
 * HOCON against a table written from the sections of lightbend/config's
 * HOCON.md. Would catch: a value that the Java library reads differently, an
 * error taken for a value, an error without its line.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "probes/config/hocon.h"
#include "probes/config/model.h"
#include "tests/kit/check.h"

/* want: "key=value" for each value that is no block, text in quotes, lists
 * by their members, "!LINE" or "!LINE:COLUMN" for an error. */
struct example {
	const char *section, *text, *want;
};

static const struct example table[] = {
	/* Omit root braces, JSON itself */
	{ "json", "{}", "" },
	{ "json", "", "" },
	{ "json", "{\"a\":1}", "a=1" },
	{ "json", "{\"a\":{\"b\":[1,2]}}", "a.b/0=1 a.b/1=2" },
	{ "json", "{\"a\":true,\"b\":false,\"c\":null}",
	    "a=true b=false c=null" },
	{ "json", "{\"a\":-1.5e3}", "a=-1.5e3" },
	{ "json", "{\"a\":\"x\\ty\\\"z\"}", "a=\"x\ty\"z\"" },
	{ "json", "{\"a\":\"\\u00e4\"}", "a=\"\xc3\xa4\"" },
	{ "json", "{\"a\":\"\\ud83d\\ude00\"}", "a=\"\xf0\x9f\x98\x80\"" },
	{ "json", "{\"a\":\"b\\/c\\\\\"}", "a=\"b/c\\\"" },
	{ "root", "a : 1", "a=1" },
	{ "root", "a : 1 }", "!1:7" },
	{ "root", "{ a : 1", "!1:8" },
	{ "root", "{ a : 1 } b : 2", "!1" },
	{ "root", "[1,2]", "!1" },
	{ "root", "]", "!1" },
	/* Comments */
	{ "comment", "# x\na=1 # y", "a=1" },
	{ "comment", "// x\na=1 // y", "a=1" },
	{ "comment", "a=1//y", "a=1" },
	{ "comment", "a=http://b", "!1:7" },
	{ "comment", "a=\"http://b\"", "a=\"http://b\"" },
	{ "comment", "a=\"#b\" # c", "a=\"#b\"" },
	{ "comment", "a=b#c\nd=e", "a=b d=e" },
	{ "comment", "{ // x\n a = 1 // y\n // z\n}", "a=1" },
	{ "comment", "a = [ # one\n 1 # two\n, 2 ]", "a/0=1 a/1=2" },
	/* Key-value separator */
	{ "separator", "a=1", "a=1" },
	{ "separator", "a:1", "a=1" },
	{ "separator", "a { b = 1 }", "a.b=1" },
	{ "separator", "a={ b:1 }", "a.b=1" },
	{ "separator", "a {\n}", "" },
	{ "separator", "a =\n 1", "a=1" },
	{ "separator", "a =\n\n {\n b = 1 }", "a.b=1" },
	{ "separator", "a 1", "!1:1" },
	{ "separator", "a", "!1:1" },
	{ "separator", "a\n{ b = 1 }", "!1:1" },
	{ "separator", "a = = 1", "!1" },
	{ "separator", "a [1]", "!1" },
	/* Commas */
	{ "comma", "a=1,b=2", "a=1 b=2" },
	{ "comma", "a=1\nb=2", "a=1 b=2" },
	{ "comma", "a=1,\nb=2,\n", "a=1 b=2" },
	{ "comma", "a=[1,2,3,]", "a/0=1 a/1=2 a/2=3" },
	{ "comma", "a=[1\n2\n3]", "a/0=1 a/1=2 a/2=3" },
	{ "comma", "a=[1,2,3,,]", "!1" },
	{ "comma", "a=[,1]", "!1" },
	{ "comma", "a=[1,,2]", "!1" },
	{ "comma", "{a=1,,b=2}", "!1" },
	{ "comma", "{,a=1}", "!1" },
	{ "comma", "{a=1,}", "a=1" },
	{ "comma", "a=1 b=2", "!1" },
	{ "comma", "a=\"1\" b=\"2\"", "!1" },
	{ "comma", "a=[[1]\n[2]]", "a/0/0=1 a/1/0=2" },
	{ "comma", "a=[{b=1}\n{c=2}]", "a/0.b=1 a/1.c=2" },
	{ "comma", "a={b=1} c={d=2}", "!1" },
	{ "comma", "a {b=1}, c {d=2}", "a.b=1 c.d=2" },
	/* Whitespace */
	{ "whitespace", "\ta\t=\t1\t", "a=1" },
	{ "whitespace", "a=1\r\nb=2\r\n", "a=1 b=2" },
	{ "whitespace", "\xef\xbb\xbf" "a=1", "a=1" },
	{ "whitespace", "a\xc2\xa0=\xc2\xa0" "1", "a=1" },
	{ "whitespace", "a\xe2\x80\x83=\xe3\x80\x80" "1", "a=1" },
	/* Duplicate keys and object merging */
	{ "merge", "a=1\na=2", "a=2" },
	{ "merge", "a{b=1}\na{c=2}", "a.b=1 a.c=2" },
	{ "merge", "a{b=1}\na{b=2}", "a.b=2" },
	{ "merge", "a{b=1,c{d=1}}\na{c{e=2}}", "a.b=1 a.c.d=1 a.c.e=2" },
	{ "merge", "a{b=1}\na=null\na{c=2}", "a.c=2" },
	{ "merge", "a{b=1}\na=5", "a=5" },
	{ "merge", "a=5\na{b=1}", "a.b=1" },
	{ "merge", "a=[1]\na=[2]", "a/0=2" },
	{ "merge", "a.b=1\na{c=2}", "a.b=1 a.c=2" },
	{ "merge", "a{b=1}\na.c=2", "a.b=1 a.c=2" },
	{ "merge", "{\"foo\":{\"a\":42},\"foo\":{\"b\":43}}",
	    "foo.a=42 foo.b=43" },
	/* Unquoted strings */
	{ "unquoted", "a=hello", "a=hello" },
	{ "unquoted", "a=b-c_d.e/f", "a=b-c_d.e/f" },
	{ "unquoted", "a=it's", "a=it's" },
	{ "unquoted", "a=1.2.3", "a=1.2.3" },
	{ "unquoted", "a=trueish", "a=trueish" },
	{ "unquoted", "a=(x)", "a=(x)" },
	{ "unquoted", "a=x@y", "!1:4" },
	{ "unquoted", "a=x*", "!1:4" },
	{ "unquoted", "a=!x", "!1:3" },
	{ "unquoted", "a=x&y", "!1:4" },
	{ "unquoted", "a=x\\y", "!1:4" },
	{ "unquoted", "a=x^y", "!1:4" },
	{ "unquoted", "a=x?y", "!1:4" },
	{ "unquoted", "a=x`y", "!1:4" },
	{ "unquoted", "a=x+y", "!1:4" },
	{ "unquoted", "a=x:y", "!1:4" },
	{ "unquoted", "a=x=y", "!1:4" },
	{ "unquoted", "a=x$y", "!1:4" },
	{ "unquoted", "a=pass]word", "!1:7" },
	{ "unquoted", "a=", "!1" },
	{ "unquoted", "a=\n", "!2" },
	{ "unquoted", "a=}", "!1" },
	/* Multi-line strings */
	{ "triple", "a=\"\"\"x\"\"\"", "a=\"x\"" },
	{ "triple", "a=\"\"\"x\ny\"\"\"", "a=\"x\ny\"" },
	{ "triple", "a=\"\"\"x\\ny\"\"\"", "a=\"x\\ny\"" },
	{ "triple", "a=\"\"\"x\"\"\"\"", "a=\"x\"\"" },
	{ "triple", "a=\"\"\"\"x\"\"\"", "a=\"\"x\"" },
	{ "triple", "a=\"\"\"\"\"\"", "a=\"\"" },
	{ "triple", "a=\"\"\"${b}\"\"\"", "a=\"${b}\"" },
	{ "triple", "a=\"\"\"x", "!1" },
	{ "triple", "a=\"\"\"x\ny\"\"\"\nb", "!3:1" },
	/* Quoted strings */
	{ "quoted", "a=\"x\ny\"", "!1" },
	{ "quoted", "a=\"x", "!1" },
	{ "quoted", "a=\"\\x\"", "!1" },
	{ "quoted", "a=\"\\u12g4\"", "!1" },
	{ "quoted", "a=\"\"", "a=\"\"" },
	{ "quoted", "a=\"true\"", "a=\"true\"" },
	/* Value concatenation, strings */
	{ "concat", "a= x y z ", "a=x y z" },
	{ "concat", "a=10 seconds", "a=10 seconds" },
	{ "concat", "a=x  y", "a=x  y" },
	{ "concat", "a=\"x\" y", "a=x y" },
	{ "concat", "a=\"x \"y", "a=x y" },
	{ "concat", "a=1 2", "a=1 2" },
	{ "concat", "a=true false", "a=true false" },
	{ "concat", "a=foo null bar", "a=foo null bar" },
	{ "concat", "a=x y # z\nb=1", "a=x y b=1" },
	{ "concat", "a=x {b=1}", "!1" },
	{ "concat", "a=x [1]", "!1" },
	/* Value concatenation, lists and objects */
	{ "concat", "a=[1] [2]", "a/0=1 a/1=2" },
	{ "concat", "a=[1][2]", "a/0=1 a/1=2" },
	{ "concat", "a={b=1} {c=2}", "a.b=1 a.c=2" },
	{ "concat", "a={b=1}{b=2}", "a.b=2" },
	{ "concat", "a={b=1} [1]", "!1" },
	{ "concat", "a=[1] x", "!1" },
	{ "concat", "a=[x y, z]", "a/0=x y a/1=z" },
	{ "concat", "b=[1]\na=${b} [2]", "b/0=1 a/0=1 a/1=2" },
	{ "concat", "b={x=1}\na=${b} {y=2}", "b.x=1 a.x=1 a.y=2" },
	{ "concat", "b={x=1}\na=${b}{x=2}", "b.x=1 a.x=2" },
	/* Path expressions and paths as keys */
	{ "path", "a.b.c=1", "a.b.c=1" },
	{ "path", "a.\"b.c\".d=1", "a.\"b.c\".d=1" },
	{ "path", "\"a.b\"=1", "\"a.b\"=1" },
	{ "path", "a b c : 1", "\"a b c\"=1" },
	{ "path", "3.14 : 42", "3.14=42" },
	{ "path", "3 : 42", "3=42" },
	{ "path", "true : 42", "true=42" },
	{ "path", "10.foo=1", "10.foo=1" },
	{ "path", "foo\"bar\"=1", "foobar=1" },
	{ "path", "\"\"=1", "\"\"=1" },
	{ "path", "a..b=1", "!1" },
	{ "path", ".a=1", "!1" },
	{ "path", "a.=1", "!1" },
	{ "path", "a-b_c=1", "a-b_c=1" },
	{ "path", "$a=1", "!1" },
	{ "path", "${a}=1", "!1" },
	/* += */
	{ "append", "a+=1", "a/0=1" },
	{ "append", "a=[1]\na+=2", "a/0=1 a/1=2" },
	{ "append", "a+=1\na+=2", "a/0=1 a/1=2" },
	{ "append", "a{b=[1]}\na.b+=2", "a.b/0=1 a.b/1=2" },
	{ "append", "a=1\na+=2", "!" },
	{ "append", "a+=[1]", "a/0/0=1" },
	/* Substitutions */
	{ "substitution", "b=1\na=${b}", "b=1 a=1" },
	{ "substitution", "a=${b}\nb=1", "a=1 b=1" },
	{ "substitution", "a=${b.c}\nb{c=x}", "a=x b.c=x" },
	{ "substitution", "b=1\na=x${b}y", "b=1 a=x1y" },
	{ "substitution", "b=1\na=\"${b}\"", "b=1 a=\"${b}\"" },
	{ "substitution", "b=1\na=\"x\"${b}", "b=1 a=x1" },
	{ "substitution", "b{c=1}\na=${b}", "b.c=1 a.c=1" },
	{ "substitution", "b=[1,2]\na=${b}", "b/0=1 b/1=2 a/0=1 a/1=2" },
	{ "substitution", "a=${?nothing}", "" },
	{ "substitution", "a=x${?nothing}y", "a=xy" },
	{ "substitution", "a=1\na=${?nothing}", "a=1" },
	{ "substitution", "a=[${?nothing}]", "a=[]" },
	{ "substitution", "a=[1,${?nothing},2]", "a/0=1 a/1=2" },
	{ "substitution", "a=${nothing}", "!1:3" },
	{ "substitution", "b=2\nb=1\na=${b}", "b=1 a=1" },
	{ "substitution", "a=${b}\nb=${c}\nc=3", "a=3 b=3 c=3" },
	{ "substitution", "a=${\"b.c\"}\n\"b.c\"=1", "a=1 \"b.c\"=1" },
	{ "substitution", "a=${b\nc=1", "!1" },
	{ "substitution", "a=${}", "!1" },
	{ "substitution", "a{b=1}\nc=${a}\na{b=2}", "a.b=2 c.b=2" },
	{ "substitution", "b{x=1}\na=${b}\na{y=2}", "b.x=1 a.x=1 a.y=2" },
	{ "substitution", "b{x=1}\na{y=2}\na=${b}", "b.x=1 a.y=2 a.x=1" },
	{ "substitution", "a{b=${c}}\nc=${?X}\nc=1", "a.b=1 c=1" },
	/* The environment: HOME is "/root" here, nothing else is set */
	{ "environment", "a=${HOME}", "a=\"/root\"" },
	{ "environment", "a=${?HOME}", "a=\"/root\"" },
	{ "environment", "a=${HOME}/x", "a=/root/x" },
	{ "environment", "HOME=1\na=${HOME}", "HOME=1 a=1" },
	{ "environment", "a=1\na=${?NOT_SET}", "a=1" },
	{ "environment", "a=1\na=${?HOME}", "a=\"/root\"" },
	{ "environment", "a=${NOT_SET}", "!1" },
	/* Self-referential substitutions */
	{ "self", "p=\"a\"\np=${p}\":b\"", "p=a:b" },
	{ "self", "a=[1]\na=${a} [2]", "a/0=1 a/1=2" },
	{ "self", "a=${a}", "!1" },
	{ "self", "a=${?a}", "" },
	{ "self", "a=${?a}x", "a=x" },
	{ "self", "a=1\na=${a}2\na=${a}3", "a=123" },
	{ "self", "a=${b}\nb=${a}", "!" },
	{ "self", "a=${b}\nb=${c}\nc=${a}", "!" },
	{ "self", "bar{foo=42,baz=${bar.foo}}", "bar.foo=42 bar.baz=42" },
	{ "self", "bar{foo=42,baz=${bar.foo}}\nbar{foo=43}",
	    "bar.baz=43 bar.foo=43" },
	{ "self", "a{b=${a}}", "!" },
	/* Include */
	{ "include", "include \"one.conf\"", "x=1 y.z=2" },
	{ "include", "a{include \"one.conf\"}", "a.x=1 a.y.z=2" },
	{ "include", "include \"one.conf\"\nx=5", "y.z=2 x=5" },
	{ "include", "x=5\ninclude \"one.conf\"", "x=1 y.z=2" },
	{ "include", "include file(\"one.conf\")", "x=1 y.z=2" },
	{ "include", "include required(file(\"one.conf\"))", "x=1 y.z=2" },
	{ "include", "include required(\"one.conf\")", "x=1 y.z=2" },
	{ "include", "include url(\"http://x/y\")\na=1", "a=1" },
	{ "include", "y{w=3}\ninclude \"one.conf\"", "y.w=3 y.z=2 x=1" },
	{ "include", "include = 1", "!1" },
	{ "include", "\"include\" = 1", "include=1" },
	{ "include", "includes = 1", "includes=1" },
	{ "include", "include \"loop.conf\"", "!" },
	{ "include", "include one.conf", "!1" },
	{ "include", "include file(\"one.conf\"", "!1" },
	/* Lines of errors */
	{ "error", "a {\n b = 1\n", "!3:1" },
	{ "error", "a {\n b = [1, 2\n}\n", "!3" },
	{ "error", "a = 1\nb = \"x\nc = 2", "!2" },
	{ "error", "a = 1\n  }\n", "!2:3" },
};

static const struct config_source given[] = {
	{ { "", 0 }, { "", 0 }, { "", 0 } },	/* the case itself */
	{ { "one.conf", 8 }, { "", 0 }, { "x=1\ny{z=2}", 10 } },
	{ { "loop.conf", 9 }, { "", 0 }, { "include \"loop.conf\"", 19 } },
};

static void
read_text(struct model *m, const char *text)
{
	struct config_source list[3];
	struct config_sources s = { list, 3, STR_LIT("HOME=/root\n") };

	memcpy(list, given, sizeof(list));
	list[0].text = str_from(text);
	list[0].name = STR_LIT("test.conf");
	model_init(m);
	read_hocon(&s, m);
}

/* An error of the table is met when line and, if said, column agree. */
static int
error_agrees(const struct model *m, const char *want)
{
	char *with, *without;
	int ok = 0;
	size_t i;

	if (strcmp(want, "!") == 0)
		return (m->problem_count > 0);
	for (i = 0; i < m->problem_count && !ok; i++) {
		with = mem_printf("!%d:%d", m->problems[i].line,
		    m->problems[i].column);
		without = mem_printf("!%d", m->problems[i].line);
		ok = strcmp(want, with) == 0 || strcmp(want, without) == 0;
		free(with);
		free(without);
	}
	return (ok);
}

static void
dump(const struct model *m, struct buf *b)
{
	const struct item *it;
	size_t i;

	for (i = 0; i < m->count; i++) {
		it = &m->list[i];
		if (it->type == ITEM_TABLE || (it->type == ITEM_LIST &&
		    i + 1 < m->count && m->list[i + 1].parent == (int)i))
			continue;
		if (b->len > 0)
			buf_addc(b, ' ');
		if (it->type == ITEM_TEXT)
			buf_addf(b, "%s=\"%s\"", it->key, it->value);
		else if (it->type == ITEM_LIST)
			buf_addf(b, "%s=[]", it->key);
		else
			buf_addf(b, "%s=%s", it->key, it->value);
	}
}

static void
check_example(const struct example *e)
{
	struct model m;
	struct buf b;
	const char *problem;

	read_text(&m, e->text);
	problem = m.problem_count > 0 ? m.problems[0].message : "none";
	if (e->want[0] == '!') {
		CHECK(error_agrees(&m, e->want), "%s: %s is an error %s "
		    "(got %d:%d %s)", e->section, e->text, e->want,
		    m.problem_count > 0 ? m.problems[0].line : 0,
		    m.problem_count > 0 ? m.problems[0].column : 0, problem);
	} else if (m.problem_count > 0 && strcmp(m.problems[0].id,
	    "hocon-duplicate-key") != 0) {
		CHECK(0, "%s: %s is no error (got %s)", e->section, e->text,
		    problem);
	} else {
		buf_init(&b, 1 << 16);
		dump(&m, &b);
		CHECK_STR(buf_cstr(&b), e->want, "%s: %s", e->section,
		    e->text);
		buf_free(&b);
	}
	model_free(&m);
}

/* Values from an environment that nobody knows are neither text nor error. */
static void
check_unknown_environment(void)
{
	struct config_source one = { STR_LIT("x.conf"), STR_LIT("jvb.conf"),
	    STR_LIT("a=${X}\nb=2\nb=${?Y}\nc=x${X}") };
	struct config_sources s = { &one, 1, { NULL, 0 } };
	struct model m;

	model_init(&m);
	read_hocon(&s, &m);
	CHECK_INT(m.problem_count, 0, "an unknown environment is no error");
	CHECK_INT(model_get(&m, "a")->type, ITEM_OPAQUE, "${X} is opaque");
	CHECK_STR(model_get(&m, "b")->value, "2", "${?Y} leaves the default");
	CHECK_INT(model_get(&m, "c")->type, ITEM_OPAQUE, "so is x${X}");
	model_free(&m);
}

static void
check_spans(void)
{
	static const struct {
		const char *text;
		long long ns;
	} spans[] = {
		{ "10 seconds", 10000000000 }, { "10s", 10000000000 },
		{ "500", 500000000 }, { "500 ms", 500000000 },
		{ "1 minute", 60000000000 }, { "2h", 7200000000000 },
		{ "1 day", 86400000000000 }, { "1.5 s", 1500000000 },
		{ "3 micros", 3000 }, { "7 ns", 7 }, { "-1", -1000000 },
	}, sizes[] = {
		{ "512", 512 }, { "1K", 1024 }, { "1 kB", 1000 },
		{ "2 megabytes", 2000000 }, { "3MiB", 3145728 },
	};
	static const char *const bad[] = { "", "ten seconds", "10 parsecs",
	    "s", "10 s s", "1e999 s", "nan", "inf" };
	int64_t v;
	size_t i;

	for (i = 0; i < sizeof(spans) / sizeof(spans[0]); i++)
		CHECK(hocon_duration(str_from(spans[i].text), &v) == 0 &&
		    v == spans[i].ns, "%s is %lld ns", spans[i].text,
		    spans[i].ns);
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		CHECK(hocon_size(str_from(sizes[i].text), &v) == 0 &&
		    v == sizes[i].ns, "%s is %lld bytes", sizes[i].text,
		    sizes[i].ns);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(hocon_duration(str_from(bad[i]), &v) == -1,
		    "\"%s\" is no duration", bad[i]);
}

/* Hostile files end as an error and within the limits. */
static void
check_hostile(void)
{
	struct model m;
	struct buf b;
	int i;

	buf_init(&b, 1 << 22);
	buf_adds(&b, "a0=xxxxxxxxxxxxxxxx\n");
	for (i = 1; i < 60; i++)
		buf_addf(&b, "a%d=${a%d}${a%d}\n", i, i - 1, i - 1);
	read_text(&m, buf_cstr(&b));
	CHECK(m.problem_count > 0, "text that doubles itself is refused");
	model_free(&m);
	buf_clear(&b);
	for (i = 0; i < 1000000; i++)
		buf_addc(&b, '[');
	buf_addc(&b, 0);
	b.data[0] = 'a'; b.data[1] = '=';
	read_text(&m, buf_cstr(&b));
	CHECK(m.problem_count > 0, "a million brackets are refused");
	model_free(&m);
	buf_clear(&b);
	for (i = 0; i < 300000; i++)
		buf_addf(&b, "k%d=1\n", i);
	read_text(&m, buf_cstr(&b));
	CHECK(m.problem_count > 0, "300000 keys are refused");
	model_free(&m);
	buf_free(&b);
}

/* A model packed and unpacked is the same; damaged bytes are refused. */
static void
check_pack(void)
{
	struct model m, n;
	struct buf b, again;
	size_t i;

	read_text(&m, "a { b = [1, \"x\"], c = ${HOME} }\nd = 1\ne");
	buf_init(&b, 1 << 20);
	buf_init(&again, 1 << 20);
	model_pack(&m, &b);
	model_init(&n);
	CHECK_INT(model_unpack(&n, buf_str(&b)), 0, "a packed model unpacks");
	model_pack(&n, &again);
	CHECK(str_eq(buf_str(&b), buf_str(&again)), "and is the same");
	model_free(&n);
	for (i = 0; i < b.len; i++) {
		model_init(&n);
		if (model_unpack(&n, str_sub(buf_str(&b), 0, i)) != -1)
			break;
		model_free(&n);
	}
	CHECK(i == b.len, "every shortened model is refused");
	buf_free(&b);
	buf_free(&again);
	model_free(&m);
}

int
main(void)
{
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		check_example(&table[i]);
	CHECK(i >= 150, "the table has %zu cases", i);
	check_unknown_environment();
	check_spans();
	check_hostile();
	check_pack();
	return (check_end());
}
