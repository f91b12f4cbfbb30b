/* SPDX-License-Identifier: ISC */
/*
 * The table of file kinds, and how the kind of a file is found from its
 * name or its content. Pure.
 */
#include <stddef.h>
#include <string.h>

#include "probes/config/jitsi_keys.h"
#include "probes/config/reader.h"

const struct reader reader_table[] = {
	{ "prosody.cfg.lua", "config.prosody", 1, read_prosody },
	{ "jicofo.conf", "config.jicofo-conf", 0, read_jicofo_conf },
	{ "jvb.conf", "config.jvb-conf", 0, read_jvb_conf },
	{ "jicofo.in.sh", "config.jicofo-in-sh", 0, read_shell },
	{ "jvb.in.sh", "config.jvb-in-sh", 0, read_shell },
	{ "sip-communicator.properties", "config.sip-communicator", 0,
	    read_properties },
	{ "logging.properties", "config.logging", 0, read_properties },
	{ "nginx.conf", "config.nginx", 0, read_nginx },
	{ "config.js", "config.config-js", 1, read_config_js },
	{ "pf.conf", "config.pf", 0, read_pf_conf },
	{ "hosts", "config.hosts", 0, read_hosts },
	{ "resolv.conf", "config.resolv", 0, read_resolv },
	{ "rc.conf.local", "config.rc-conf-local", 0, read_shell },
	{ "vm.conf", "config.vm", 0, read_vm_conf },
	{ "sysctl.conf", "config.sysctl", 0, read_sysctl },
	{ "syslog.conf", "config.syslog", 0, read_syslog },
	{ "acme-client.conf", "config.acme-client", 0, read_acme },
	{ "turnserver.conf", "config.turnserver", 0, read_turnserver },
	{ ".env", "config.env", 0, read_shell },
	{ "docker-compose.yml", "config.compose", 0, read_compose },
	{ "keystore", "config.keystore", 1, read_keystore },
	{ "certificate", "config.certificate", 1, read_certificate },
	{ "commands", "config.commands", 0, read_commands },
	{ "jicofo.service", "config.jicofo-unit", 0, read_unit },
	{ "jitsi-videobridge2.service", "config.jvb-unit", 0, read_unit },
	{ "release", "config.java-release", 0, read_shell },
	{ "login.conf", "config.login", 0, read_login_conf },
	{ "packages", "config.packages", 0, read_packages },
};
const size_t reader_count = sizeof(reader_table) / sizeof(reader_table[0]);

const struct reader *
reader_find(struct str kind)
{
	size_t i;

	for (i = 0; i < reader_count; i++)
		if (str_eqs(kind, reader_table[i].kind))
			return (&reader_table[i]);
	return (NULL);
}

/* Ends of names, or of paths, that say a kind by themselves. */
static const struct {
	const char *end, *kind;
} endings[] = {
	{ ".cfg.lua", "prosody.cfg.lua" },
	{ "/jicofo/config", "jicofo.in.sh" },
	{ "/videobridge/config", "jvb.in.sh" },
	{ "-config.js", "config.js" },
	{ ".crt", "certificate" }, { ".pem", "certificate" },
	{ ".cer", "certificate" }, { ".key", "certificate" },
	{ ".store", "keystore" }, { ".jks", "keystore" },
	{ ".p12", "keystore" }, { ".pfx", "keystore" },
	{ "/cacerts", "keystore" },
	{ "docker-compose.yaml", "docker-compose.yml" },
	{ "compose.yml", "docker-compose.yml" },
	{ "compose.yaml", "docker-compose.yml" },
	{ "/env", ".env" }, { "env.example", ".env" },
	{ "jvb.service", "jitsi-videobridge2.service" },
	{ "/dpkg/status", "packages" },
};

/* Folders whose files are all of one kind. */
static const struct {
	const char *folder, *kind;
} folders[] = {
	{ "/jicofo.service.d/", "jicofo.service" },
	{ "/jitsi-videobridge2.service.d/", "jitsi-videobridge2.service" },
	{ "/login.conf.d/", "login.conf" },
};

/* Ends of names of what editors and packages leave beside. */
static const char *const left_over[] = { "bak", "old", "orig", "save", "swp",
    "rej", "dist", "default", "disabled", "dpkg-old", "dpkg-dist", "dpkg-new",
    "dpkg-bak", "ucf-old", "ucf-dist", "ucf-new", "rpmsave", "rpmnew",
    "rpmorig" };

static int
is_left_over(struct str end)
{
	size_t i;

	for (i = 0; i < sizeof(left_over) / sizeof(left_over[0]); i++)
		if (str_eqs(end, left_over[i]))
			return (1);
	return (0);
}

int
reader_left_over(struct str name)
{
	size_t dot = name.n;

	while (dot > 0 && name.p[dot - 1] != '.' && name.p[dot - 1] != '/')
		dot--;
	return (str_ends(name, "~") || (dot > 0 && name.p[dot - 1] == '.' &&
	    is_left_over(str_sub(name, dot, name.n))));
}

static int
is_host(struct str s)
{
	static const char *const not_hosts[] = { "conf", "sample", "txt",
	    "example", "new", "js", "sh", "lua", "properties", "local",
	    "allow", "deny", "equiv", "lpd", "in", "md" };
	size_t i;

	if (is_left_over(s))
		return (0);
	for (i = 0; i < sizeof(not_hosts) / sizeof(not_hosts[0]); i++)
		if (str_eqs(s, not_hosts[i]))
			return (0);
	for (i = 0; i < s.n; i++)
		if (!((s.p[i] | 32) >= 'a' && (s.p[i] | 32) <= 'z') &&
		    !(s.p[i] >= '0' && s.p[i] <= '9') && s.p[i] != '-' &&
		    s.p[i] != '_')
			return (0);
	return (s.n > 0 && s.n < 64);
}

/* "jvb2.conf", "jicofo1.in.sh": the kind with a number, of that host. */
static const struct reader *
numbered(struct str base, struct str *host)
{
	static const struct {
		const char *start, *rest;
	} forms[] = {
		{ "jvb", ".conf" }, { "jvb", ".in.sh" },
		{ "jicofo", ".conf" }, { "jicofo", ".in.sh" },
	};
	size_t i, k, n;
	char kind[32];

	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		n = strlen(forms[i].start);
		if (!str_starts(base, forms[i].start) ||
		    !str_ends(base, forms[i].rest))
			continue;
		for (k = n; k < base.n && base.p[k] >= '0' &&
		    base.p[k] <= '9'; k++)
			;
		if (k == n || k + strlen(forms[i].rest) != base.n)
			continue;
		*host = str_sub(base, 0, k);
		kind[0] = '\0';
		memcpy(kind, forms[i].start, n);
		memcpy(kind + n, forms[i].rest, strlen(forms[i].rest) + 1);
		return (reader_find(str_from(kind)));
	}
	return (NULL);
}

/* Names like those of configurations that are other programs' files. */
static int
is_foreign(struct str name)
{
	return (str_ends(name, "migrator.cfg.lua") ||
	    str_find(name, "apache2/") != SIZE_MAX ||
	    str_find(name, "httpd/") != SIZE_MAX);
}

const struct reader *
reader_by_name(struct str name, struct str *host)
{
	struct str base = str_sub(name, str_rchr(name, '/') + 1, name.n), rest;
	const struct reader *r = reader_find(base);
	size_t i, n;

	if (is_foreign(name))
		return (NULL);
	if (r != NULL)
		return (r);
	for (i = 0; i < reader_count; i++) {
		n = strlen(reader_table[i].kind);
		if (!str_starts(base, reader_table[i].kind) || base.n <= n ||
		    base.p[n] != '.')
			continue;
		rest = str_sub(base, n + 1, base.n);
		if (!is_host(rest))
			continue;
		*host = rest;
		return (&reader_table[i]);
	}
	if ((r = numbered(base, host)) != NULL)
		return (r);
	for (i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
		if (str_ends(name, endings[i].end) ||
		    str_eqs(name, endings[i].end))
			return (reader_find(str_from(endings[i].kind)));
	for (i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		if (str_find(name, folders[i].folder) != SIZE_MAX)
			return (reader_find(str_from(folders[i].kind)));
	if (str_find(name, "/sites-enabled/") != SIZE_MAX ||
	    str_find(name, "/sites-available/") != SIZE_MAX)
		return (reader_find(STR_LIT("nginx.conf")));
	return (NULL);
}

/* Words that only one kind has; the first row that fits decides. */
static const struct {
	const char *word, *also, *kind;
} contents[] = {
	{ "\xfe\xed\xfe\xed", "", "keystore" },
	{ "\xce\xce\xce\xce", "", "keystore" },
	{ "-----BEGIN CERTIFICATE", "", "certificate" },
	{ "PRIVATE KEY-----", "", "certificate" },
	{ "VirtualHost \"", "", "prosody.cfg.lua" },
	{ "Component \"", "", "prosody.cfg.lua" },
	{ "videobridge {", "", "jvb.conf" },
	{ "videobridge.", "=", "jvb.conf" },
	{ "xmpp-client {", "", "jvb.conf" },
	{ "jicofo {", "", "jicofo.conf" },
	{ "jicofo.", "=", "jicofo.conf" },
	{ "JICOFO_AUTH_PASSWORD", "PUBLIC_URL", ".env" },
	{ "JICOFO_", "=", "jicofo.in.sh" },
	{ "JVB_TRUSTSTORE", "=", "jvb.in.sh" },
	{ "JVB_CONF", "=", "jvb.in.sh" },
	{ "server_name", "{", "nginx.conf" },
	{ "proxy_pass", ";", "nginx.conf" },
	{ "ssi_types", ";", "nginx.conf" },
	{ "var config", "{", "config.js" },
	{ "hosts:", "domain:", "config.js" },
	{ "org.ice4j.", "=", "sip-communicator.properties" },
	{ "java.util.logging", "handlers", "logging.properties" },
	{ "_flags=", "", "rc.conf.local" },
	{ "vm \"", "disk", "vm.conf" },
	{ "net.inet.", "=", "sysctl.conf" },
	{ "api url", "account key", "acme-client.conf" },
	{ "domain full chain certificate", "", "acme-client.conf" },
	{ "static-auth-secret", "", "turnserver.conf" },
	{ "listening-port", "", "turnserver.conf" },
	{ "services:", "image:", "docker-compose.yml" },
	{ "keytool -import", "", "commands" },
	{ "prosodyctl register", "", "commands" },
	{ "rdr-to", "pass in", "pf.conf" },
	{ "pass in", " port ", "pf.conf" },
	{ "block return", "", "pf.conf" },
	{ "nameserver ", "", "resolv.conf" },
	{ "!jicofo", "", "syslog.conf" },
	{ "!jvb", "", "syslog.conf" },
	{ "JAVA_VERSION=", "IMPLEMENTOR=", "release" },
	{ "ii  jicofo", "", "packages" }, { "ii  jitsi-", "", "packages" },
	{ "ii  prosody", "", "packages" },
	{ "Package: jicofo", "Status: ", "packages" },
	{ "jicofo-", "javaPathHelper-", "packages" },
};

static const struct reader *
by_content(struct str text)
{
	struct str head = str_sub(text, 0, 65536);
	size_t i;

	for (i = 0; i < sizeof(contents) / sizeof(contents[0]); i++)
		if (str_find(head, contents[i].word) != SIZE_MAX &&
		    str_find(head, contents[i].also) != SIZE_MAX)
			return (reader_find(str_from(contents[i].kind)));
	if (text.n > 4 && (unsigned char)text.p[0] == 0x30 &&
	    (unsigned char)text.p[1] == 0x82 && text.p[4] == 2)
		return (reader_find(STR_LIT("keystore")));
	return (NULL);
}

const struct reader *
reader_recognise(struct str name, struct str text, struct str *host)
{
	const struct reader *r = reader_by_name(name, host);

	return (r != NULL ? r : is_foreign(name) ? NULL : by_content(text));
}
