/* SPDX-License-Identifier: ISC */
/*
 * Files that the configuration names, and files that it does not. Would
 * catch: a certificate that is never looked at, a private key taken into
 * memory without need, a piece of prosody's configuration taken for read.
 */
#include <sys/types.h>
#include <sys/stat.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/mem.h"
#include "agent/facts/finding.h"
#include "probes/config/config.h"
#include "tests/kit/check.h"

static const struct finding *
find(const struct findings *f, const char *id)
{
	size_t i;

	for (i = 0; i < f->count; i++)
		if (strcmp(f->list[i].id, id) == 0)
			return (&f->list[i]);
	return (NULL);
}

/* Is a piece beside this main file found not to be included? */
static int
not_included(const char *main_file, const char *piece)
{
	struct config_set *set = config_set_new();
	struct findings findings;
	int found;

	set->in_process = 1;
	config_add_text(set, "prosody.cfg.lua", NULL,
	    "/etc/prosody/prosody.cfg.lua", str_from(main_file), -1);
	config_add_text(set, "prosody.cfg.lua", NULL,
	    "/etc/prosody/conf.d/a.cfg.lua", str_from(piece), -1);
	config_read(set);
	findings_init(&findings);
	config_lint(set, (wall_t){ INT64_C(1795348800) * US_PER_SEC },
	    &findings, NULL);
	found = find(&findings, "config-not-included") != NULL;
	findings_free(&findings);
	config_set_free(set);
	return (found);
}

/* An include of a file that cannot be read leaves it unread. */
static void
check_unreadable(void)
{
	struct config_set *set = config_set_new();

	set->in_process = 1;
	config_add_text(set, "prosody.cfg.lua", NULL,
	    "/etc/prosody/prosody.cfg.lua", STR_LIT("VirtualHost \"a\"\n"
	    "Include \"conf.d/*.cfg.lua\"\n"), -1);
	config_add_text(set, "prosody.cfg.lua", NULL,
	    "/etc/prosody/conf.d/a.cfg.lua", STR_LIT(""), -1);
	set->list[1].state = COVERAGE_UNREADABLE;
	set->list[1].hint = "doas cat";
	config_read(set);
	CHECK(set->list[1].state == COVERAGE_UNREADABLE &&
	    set->list[1].hint != NULL, "an include of a file that cannot be "
	    "read leaves it unread");
	config_set_free(set);
}

/* Debian's prosody.cfg.lua and its conf.d/localhost.cfg.lua both say
 * VirtualHost "localhost": the piece is included and adds nothing. */
static void
check_not_included(void)
{
	static const char host[] = "VirtualHost \"localhost\"\n";

	CHECK(not_included(host, "VirtualHost \"a.example\"\n"),
	    "config-not-included");
	CHECK(!not_included("VirtualHost \"localhost\"\n"
	    "Include \"conf.d/*.cfg.lua\"\n", host),
	    "a piece that is included and adds nothing is included");
}

static void
put_file(const char *path, const char *text, mode_t mode)
{
	FILE *f = fopen(path, "w");

	if (f == NULL)
		fatal("%s cannot be written", path);
	fputs(text, f);
	fclose(f);
	chmod(path, mode);
}

/* This host's own configuration: the files that it names are looked at. */
static void
check_named(void)
{
	static const char text[] = "http { server { listen 443 ssl; "
	    "server_name a.example; ssl_certificate %s/w.crt; "
	    "ssl_certificate_key %s/w.key; location = /http-bind { "
	    "proxy_pass http://127.0.0.1:5280; } } }\n";
	char folder[] = "/tmp/meetprobe-rules-XXXXXX", *conf, *path;
	struct config_set *set = config_set_new();
	struct findings findings;

	if (mkdtemp(folder) == NULL || chmod(folder, 0755) == -1)
		fatal("no folder in /tmp");
	path = mem_printf("%s/w.crt", folder);
	put_file(path, "no certificate\n", 0644);
	free(path);
	path = mem_printf("%s/w.key", folder);
	put_file(path, "no key\n", 0644);
	conf = mem_printf(text, folder, folder);
	set->in_process = set->local = 1;
	config_add_text(set, "nginx.conf", NULL, "nginx.conf",
	    str_from(conf), -1);
	config_add_text(set, "jicofo.in.sh", NULL, "jicofo.in.sh",
	    STR_LIT("JICOFO_CONF=/nonexistent/jicofo.conf\n"), -1);
	config_read(set);
	findings_init(&findings);
	config_lint(set, (wall_t){ INT64_C(1795348800) * US_PER_SEC },
	    &findings, NULL);
	CHECK(find(&findings, "cert-file-not-pem") != NULL,
	    "the certificate that nginx.conf names is read");
	CHECK(find(&findings, "secret-file-readable-by-all") != NULL,
	    "a key that all can read is told");
	CHECK(find(&findings, "hocon-file-missing") != NULL,
	    "a configuration that a script names is not there");
	CHECK_INT(set->count, 3, "the key itself is not read");
	findings_free(&findings);
	config_set_free(set);
	unlink(path);
	free(path);
	path = mem_printf("%s/w.crt", folder);
	unlink(path);
	rmdir(folder);
	free(path);
	free(conf);
}

int
main(void)
{
	check_not_included();
	check_unreadable();
	check_named();
	return (check_end());
}
