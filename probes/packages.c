/* SPDX-License-Identifier: ISC */
/*
 * The versions of the programs that this host's packages have. I/O: reads
 * folders and files.
 */
#include <sys/types.h>

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/buf.h"
#include "agent/base/limits.h"
#include "probes/packages.h"

static const struct {
	const char *package;
	enum product product;
} packages[] = {
	{ "jicofo", PRODUCT_JICOFO },
	{ "jitsi-videobridge2", PRODUCT_JVB },
	{ "jitsi-videobridge", PRODUCT_JVB },
	{ "jitsi-meet", PRODUCT_WEB },
	{ "jitsi-meet-web", PRODUCT_WEB },
	{ "jitsi-meet-prosody", PRODUCT_PLUGINS },
	{ "jitsi-prosody-plugins", PRODUCT_PLUGINS },
	{ "prosody", PRODUCT_PROSODY },
	{ "nginx", PRODUCT_NGINX },
};

static void
add(struct versions *v, struct str package, struct str version,
    const char *from)
{
	size_t i;

	for (i = 0; i < sizeof(packages) / sizeof(packages[0]); i++)
		if (str_eqs(package, packages[i].package))
			versions_add(v, packages[i].product, version, from);
}

/* Where the version begins: behind the first "-" that a digit follows. */
static size_t
version_at(struct str name)
{
	size_t i;

	for (i = 0; i + 1 < name.n; i++)
		if (name.p[i] == '-' && name.p[i + 1] >= '0' &&
		    name.p[i + 1] <= '9')
			return (i);
	return (SIZE_MAX);
}

void
packages_openbsd(struct versions *v, struct str name)
{
	size_t at = version_at(name);
	struct str version;

	if (at == SIZE_MAX)
		return;
	version = str_sub(name, at + 1, name.n);
	/* the port's own count: p0, v0; and flavors: -main */
	version = str_sub(version, 0, str_chr(version, 'p'));
	version = str_sub(version, 0, str_chr(version, 'v'));
	add(v, str_sub(name, 0, at), version, "package");
}

/* "0.12.3-1+deb12u1", with an epoch perhaps: "1:0.12.3". */
static struct str
without_epoch(struct str version)
{
	size_t colon = str_chr(version, ':');

	return (colon == SIZE_MAX || colon > 2 ? version :
	    str_sub(version, colon + 1, version.n));
}

void
packages_dpkg(struct versions *v, struct str text)
{
	struct str line, name = { NULL, 0 }, version = { NULL, 0 };
	int installed = 0;

	while (text.n > 0) {
		line = str_split(&text, '\n');
		if (str_starts(line, "Package: "))
			name = str_trim(str_sub(line, 9, line.n));
		else if (str_starts(line, "Status: "))
			installed = str_ends(str_trim(line), " installed");
		else if (str_starts(line, "Version: "))
			version = str_trim(str_sub(line, 9, line.n));
		if (str_trim(line).n > 0 && text.n > 0)
			continue;
		if (installed)
			add(v, name, without_epoch(version), "package");
		name = version = str_of("", 0);
		installed = 0;
	}
}

void
packages_list(struct versions *v, struct str text)
{
	struct str line, word, name;

	if (str_find(text, "Package: ") != SIZE_MAX &&
	    str_find(text, "Status: ") != SIZE_MAX) {
		packages_dpkg(v, text);
		return;
	}
	while (text.n > 0) {
		line = str_split(&text, '\n');
		word = str_word(&line);
		if (!str_eqs(word, "ii") && !str_eqs(word, "hi")) {
			packages_openbsd(v, word);
			continue;
		}
		word = str_word(&line);		/* nginx:amd64 */
		name = str_split(&word, ':');
		add(v, name, without_epoch(str_word(&line)), "package");
	}
}

void
packages_page(struct versions *v, struct str text)
{
	static const char mark[] = "lib-jitsi-meet.min.js?v=";
	size_t at = str_find(text, mark), n = 0;
	char version[32];

	if (at == SIZE_MAX)
		return;
	text = str_sub(text, at + sizeof(mark) - 1, text.n);
	while (n < text.n && text.p[n] >= '0' && text.p[n] <= '9')
		n++;
	if (n < 3 || n > 6)
		return;		/* a build of one's own */
	snprintf(version, sizeof(version), "1.0.%.*s", (int)n, text.p);
	versions_add(v, PRODUCT_WEB, str_from(version), "index.html");
}

void
packages_arguments(struct versions *v, enum product p, struct str arguments)
{
	const char *name = p == PRODUCT_JVB ? "jitsi-videobridge-" :
	    "jicofo-";
	size_t at, end;
	struct str version;

	at = str_find(arguments, name);
	if (at == SIZE_MAX)
		return;
	version = str_sub(arguments, at + strlen(name), arguments.n);
	end = str_find(version, ".jar");
	if (end == SIZE_MAX || end > 60 || str_chr(str_sub(version, 0, end),
	    '/') != SIZE_MAX)
		return;
	version = str_sub(version, 0, end);
	end = str_find(version, "-jar-with-dependencies");
	if (end != SIZE_MAX)
		version = str_sub(version, 0, end);
	if (version.n > 0 && version.p[0] >= '0' && version.p[0] <= '9')
		versions_add(v, p, version, "jar");
}

static int
open_below(const char *root, const char *path)
{
	char name[PATH_MAX];

	snprintf(name, sizeof(name), "%s%s", root, path);
	return (open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK));
}

/* Reads on, up to LIMIT_PACKAGES in the buffer; 0 at the end. */
static int
read_on(int fd, struct buf *b)
{
	char part[4096];
	ssize_t n = 1;

	while (b->len + sizeof(part) <= LIMIT_PACKAGES &&
	    (n = read(fd, part, sizeof(part))) > 0)
		buf_add(b, part, (size_t)n);
	return (n > 0);
}

/* Where the last whole paragraph ends; all when there is no such end. */
static size_t
paragraphs(struct str s)
{
	size_t i;

	for (i = s.n; i >= 2; i--)
		if (s.p[i - 1] == '\n' && s.p[i - 2] == '\n')
			return (i);
	return (s.n);
}

/* The database is megabytes: piece by piece. */
static void
read_dpkg(struct versions *v, const char *root, struct buf *b)
{
	int fd = open_below(root, "/var/lib/dpkg/status"), more = 1;
	size_t n;

	while (fd != -1 && more) {
		more = read_on(fd, b);
		n = more ? paragraphs(buf_str(b)) : b->len;
		packages_dpkg(v, str_sub(buf_str(b), 0, n));
		buf_drop(b, n);
	}
	if (fd != -1)
		close(fd);
}

static void
read_folder(struct versions *v, const char *root)
{
	char name[PATH_MAX];
	struct dirent *e;
	DIR *d;

	snprintf(name, sizeof(name), "%s/var/db/pkg", root);
	d = opendir(name);
	if (d == NULL)
		return;
	while ((e = readdir(d)) != NULL)
		packages_openbsd(v, str_from(e->d_name));
	closedir(d);
}

void
packages_find(struct versions *v, const char *root)
{
	static const char *const pages[] = { "/var/www/jitsi-meet/index.html",
	    "/usr/share/jitsi-meet/index.html" };
	struct buf b;
	size_t i;
	int fd;

	read_folder(v, root);
	buf_init(&b, LIMIT_PACKAGES);
	read_dpkg(v, root, &b);
	for (i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		buf_clear(&b);
		if ((fd = open_below(root, pages[i])) == -1)
			continue;
		(void)read_on(fd, &b);
		close(fd);
		packages_page(v, buf_str(&b));
	}
	buf_free(&b);
}
