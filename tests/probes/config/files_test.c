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

/* A piece that the main file does not include. */
static void
check_not_included(void)
{
	struct config_set *set = config_set_new();
	struct findings findings;

	set->in_process = 1;
	config_add_text(set, "prosody.cfg.lua", NULL,
	    "/etc/prosody/prosody.cfg.lua", STR_LIT("VirtualHost "
	    "\"localhost\"\n"), -1);
	config_add_text(set, "prosody.cfg.lua", NULL,
	    "/etc/prosody/conf.d/a.cfg.lua", STR_LIT("VirtualHost "
	    "\"a.example\"\n"), -1);
	config_read(set);
	findings_init(&findings);
	config_lint(set, (wall_t){ INT64_C(1795348800) * US_PER_SEC },
	    &findings, NULL);
	CHECK(find(&findings, "config-not-included") != NULL,
	    "config-not-included");
	findings_free(&findings);
	config_set_free(set);
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
	check_named();
	return (check_end());
}
