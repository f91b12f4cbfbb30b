/* SPDX-License-Identifier: ISC */
/*
 * The small files and the kinds. Would catch: a value with its quotes on, a
 * comment taken for a value, a file taken for another kind.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "probes/config/model.h"
#include "probes/config/reader.h"
#include "tests/kit/check.h"

static const struct {
	const char *kind, *text, *key, *value;
	int line, column;	/* 0: not asked */
} values[] = {
	/* Java properties */
	{ "sip-communicator.properties", "# c\n! c\na.b=1\n", "a.b", "1", 3,
	    5 },
	{ "sip-communicator.properties", "a : b c \n", "a", "b c", 1, 5 },
	{ "sip-communicator.properties", "a b\n", "a", "b", 0, 0 },
	{ "sip-communicator.properties", "a = b\\\n   c\nd=e\n", "a", "bc",
	    1, 0 },
	{ "sip-communicator.properties", "a = b\\\n   c\nd=e\n", "d", "e", 3,
	    0 },
	{ "sip-communicator.properties", "a\\=b=c\\:d\n", "a\\=b", "c:d", 0,
	    0 },
	{ "logging.properties", "handlers= x\n", "handlers", "x", 1, 11 },
	/* shell */
	{ "jvb.in.sh", "A=1\nB='x y' # c\n", "B", "x y", 2, 3 },
	{ "jvb.in.sh", "export A=\"x\\\"y\"\n", "A", "x\"y", 0, 0 },
	{ "jvb.in.sh", "  A=b;c\n", "A", "b", 0, 0 },
	{ "jvb.in.sh", "#A=1\nA=\n", "A", "", 2, 0 },
	{ "rc.conf.local", "jicofo_flags=\"--host=a b\"\n", "jicofo_flags",
	    "--host=a b", 0, 0 },
	{ ".env", "PUBLIC_URL=https://a:8443\n", "PUBLIC_URL",
	    "https://a:8443", 0, 0 },
	/* OpenBSD */
	{ "sysctl.conf", "net.inet.ip.forwarding=1 # c\n",
	    "net.inet.ip.forwarding", "1", 0, 0 },
	{ "hosts", "10.0.0.1\ta b # c\n", "b", "10.0.0.1", 1, 1 },
	{ "hosts", "::1 localhost\n", "localhost", "::1", 0, 0 },
	{ "resolv.conf", "; c\nnameserver 10.0.0.1\n", "nameserver",
	    "10.0.0.1", 2, 12 },
	{ "resolv.conf", "lookup file bind\n", "lookup", "file bind", 0, 0 },
	{ "syslog.conf", "!jvb\n*.*\t/var/log/jvb\n!*\n*.err /x\n", "jvb",
	    "/var/log/jvb", 2, 0 },
	{ "syslog.conf", "!!jicofo\n*.*\t/var/log/jicofo\n", "jicofo",
	    "/var/log/jicofo", 2, 0 },
	{ "vm.conf", "vm \"web\" {\n\tmemory 2G\n}\n", "vm/web/memory", "2G",
	    2, 9 },
	{ "vm.conf", "vm \"a\" {\n}\nvm \"a\" instance \"b\" {\n disk "
	    "\"/x\" format qcow2\n}\n", "vm/b/disk", "/x", 4, 0 },
	{ "vm.conf", "vm \"a\" { memory 1G\n interface { switch \"up\" }\n"
	    " local interface \"tap1\" { up }\n}\n", "vm/a/memory",
	    "1G", 1, 0 },
	{ "vm.conf", "switch \"up\" { interface bridge0 }\nvm \"a\" {\n"
	    " disk $d \"/a.img\"\n}\n", "vm/a/disk", "$d \"/a.img", 3, 0 },
	{ "vm.conf", "vm \"a\" {\n}\nvm \"a\" instance \"b\" {\n}\n", "vm/b",
	    "a", 3, 0 },
	{ "vm.conf", "vm \"a\" {\n local interface { up }\n memory 1G\n}\n",
	    "vm/a/memory", "1G", 3, 0 },
	{ "acme-client.conf", "domain a.example {\n domain key \"/k\"\n"
	    " domain full chain certificate \"/c\"\n}\n",
	    "domain/a.example/domain full chain certificate", "/c", 3, 0 },
	{ "acme-client.conf", "domain a {\n alternative names { b c }\n}\n",
	    "domain/a/alternative", "c", 2, 0 },
	{ "turnserver.conf", "listening-port=3478\nuse-auth-secret\n",
	    "listening-port", "3478", 0, 0 },
	{ "turnserver.conf", "#x\nstatic-auth-secret=s=t\n",
	    "static-auth-secret", "s=t", 2, 0 },
	/* containers */
	{ "docker-compose.yml", "services:\n  web:\n    image: x:1 # c\n",
	    "services.web.image", "x:1", 3, 12 },
	{ "docker-compose.yml", "services:\n  web:\n    ports:\n"
	    "      - '80:80'\n      - 443:443\n  jvb:\n    image: y\n",
	    "services.web.ports/1", "443:443", 5, 0 },
	{ "docker-compose.yml", "services:\n  web:\n    ports:\n"
	    "    - '80:80'\n    - 443:443\n  jvb:\n    image: y\n",
	    "services.jvb.image", "y", 7, 0 },
	{ "docker-compose.yml", "a:\n  - b: 1\n    c: 2\n  - b: 3\n",
	    "a/0.c", "2", 3, 0 },
	{ "docker-compose.yml", "a:\n  - b: 1\n    c: 2\n  - b: 3\n",
	    "a/1.b", "3", 4, 0 },
	/* notes */
	{ "commands", "# prosodyctl register jvb auth.a pw\n",
	    "account/jvb@auth.a", "pw", 1, 0 },
	{ "commands", "keytool -import -file \\\n x -keystore /a/s -storepass "
	    "p\n", "keystore//a/s", "p", 2, 0 },
	{ "commands", "prosodyctl mod_roster_command subscribe focus.a "
	    "focus@auth.a\n", "subscribe/focus.a", "focus@auth.a", 1, 0 },
	{ "pf.conf", "block all\npass in quick on egress\n", "pass/0",
	    "pass in quick on egress", 2, 0 },
};

static void
check_values(void)
{
	const struct item *it;
	struct config_source one;
	struct config_sources s = { &one, 1, { NULL, 0 } };
	struct model m;
	size_t i;

	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		one = (struct config_source){ str_from(values[i].kind),
		    str_from(values[i].kind), str_from(values[i].text) };
		model_init(&m);
		reader_find(str_from(values[i].kind))->read(&s, &m);
		it = model_get(&m, values[i].key);
		CHECK_STR(it == NULL ? "none" : it->value, values[i].value,
		    "%s: %s", values[i].kind, values[i].key);
		if (it != NULL && values[i].line > 0)
			CHECK_INT(it->line, values[i].line, "%s: line of %s",
			    values[i].kind, values[i].key);
		if (it != NULL && values[i].column > 0)
			CHECK_INT(it->column, values[i].column,
			    "%s: column of %s", values[i].kind,
			    values[i].key);
		model_free(&m);
	}
}

/* What a file is, from its name or its content. */
static const struct {
	const char *name, *text, *kind, *host;
} kinds[] = {
	{ "/etc/prosody/prosody.cfg.lua", "", "prosody.cfg.lua", NULL },
	{ "conf.d/a.example.cfg.lua", "", "prosody.cfg.lua", NULL },
	{ "hosts.jicofo", "", "hosts", "jicofo" },
	{ "hosts.orig", "", NULL, NULL },
	{ "resolv.conf.jvb2", "", "resolv.conf", "jvb2" },
	{ "jvb2.conf", "", "jvb.conf", "jvb2" },
	{ "jvb.conf.jvb2", "", "jvb.conf", "jvb2" },
	{ "jicofo-auth.conf", "jicofo {\n}\n", "jicofo.conf", NULL },
	{ "x.txt", "videobridge {\n", "jvb.conf", NULL },
	{ "/etc/jitsi/jicofo/config", "", "jicofo.in.sh", NULL },
	{ "/etc/jitsi/meet/a.example-config.js", "", "config.js", NULL },
	{ "/etc/nginx/sites-enabled/a.example", "", "nginx.conf", NULL },
	{ "site", "server {\n server_name a;\n}\n", "nginx.conf", NULL },
	{ "store", "\xfe\xed\xfe\xed\0\0\0\2", "keystore", NULL },
	{ "a.crt", "", "certificate", NULL },
	{ "cert", "-----BEGIN CERTIFICATE-----\n", "certificate", NULL },
	{ ".env", "", ".env", NULL },
	{ "compose.yaml", "", "docker-compose.yml", NULL },
	{ "install.txt", "prosodyctl register a b c\n", "commands", NULL },
	{ "notes", "nothing here\n", NULL, NULL },
	{ "rules", "pass in on egress proto tcp to port 80 rdr-to web\n",
	    "pf.conf", NULL },
};

static void
check_kinds(void)
{
	const struct reader *r;
	struct str host;
	char *text;
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		host = str_of("", 0);
		r = reader_recognise(str_from(kinds[i].name),
		    str_from(kinds[i].text), &host);
		CHECK_STR(r == NULL ? "none" : r->kind, kinds[i].kind == NULL
		    ? "none" : kinds[i].kind, "%s is", kinds[i].name);
		text = mem_str(host);
		CHECK_STR(text, kinds[i].host == NULL ? "" : kinds[i].host,
		    "%s is of host", kinds[i].name);
		free(text);
	}
}

/* What an include means among files that were collected somewhere. */
static void
check_names(void)
{
	static const char *const names[] = { "t/nginx/nginx.conf",
	    "t/nginx/conf.d/a.conf", "t/nginx/sites-enabled/a",
	    "t/nginx/site.conf", "t/nginx/ssl.inc" };
	static const struct {
		const char *path;
		int from;
		const char *want;
	} rows[] = {
		{ "/etc/nginx/sites-enabled/*", 0, "2" },
		{ "conf.d/*.conf", 0, "1" },
		{ "/etc/nginx/vhosts.d/*.conf", 0, "3" },	/* flat */
		{ "/etc/nginx/vhosts.d/*.conf", 3, "" },
		{ "/etc/jitsi/meet/jaas/*.conf", 0, "" },
		{ "/etc/other/ssl.inc", 3, "4" },
		{ "/etc/other/ssl.inc", 1, "" },
		{ "/etc/nginx/ssl.inc", 1, "4" },
		{ "/etc/nginx/none.inc", 0, "" },
	};
	struct config_source list[5];
	struct config_sources s = { list, 5, { NULL, 0 } };
	size_t i, k, n, found[5];
	char text[8];

	for (i = 0; i < 5; i++)
		list[i] = (struct config_source){ str_from(names[i]),
		    STR_LIT("nginx.conf"), STR_LIT("") };
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		n = sources_included(&s, rows[i].from,
		    str_from(rows[i].path), found);
		for (k = 0; k < n; k++)
			text[k] = (char)('0' + found[k]);
		text[k] = '\0';
		CHECK_STR(text, rows[i].want, "%s in %s means file",
		    rows[i].path, names[rows[i].from]);
	}
	CHECK(source_agrees(STR_LIT("/x/conf.d/a.lua"),
	    STR_LIT("./conf.d/a.lua")) == 1, "the end of a path names it");
	CHECK(source_agrees(STR_LIT("/x/ba.conf"), STR_LIT("a.conf")) == -1,
	    "half a name does not");
}

int
main(void)
{
	check_values();
	check_kinds();
	check_names();
	return (check_end());
}
