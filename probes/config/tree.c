/* SPDX-License-Identifier: ISC */
/*
 * The files below a folder: which there are, and which of them may be
 * configurations of a site. I/O: looks at folders and links, opens no file.
 */
#include <sys/types.h>
#include <sys/stat.h>

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "probes/config/reader.h"
#include "probes/config/tree.h"

static int
is_folder(const char *path)
{
	struct stat st;

	return (lstat(path, &st) == 0 && S_ISDIR(st.st_mode));
}

/* Is there such an entry below a folder? */
static int
has(const char *folder, const char *entry)
{
	char *path = mem_printf("%s/%s", folder, entry);
	struct stat st;
	int yes = lstat(path, &st) == 0;

	free(path);
	return (yes);
}

static int
has_any(const char *folder, const char *const *entries)
{
	size_t i;

	for (i = 0; entries[i] != NULL; i++)
		if (has(folder, entries[i]))
			return (1);
	return (0);
}

static const char *
base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return (slash == NULL ? path : slash + 1);
}

static int
is_system(const char *path)
{
	static const char *const folders[] = { "/etc/", "/usr/", "/var/",
	    "/run/", "/lib/", "/private/" };
	size_t i;

	for (i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		if (strncmp(path, folders[i], strlen(folders[i])) == 0)
			return (1);
	return (0);
}

/*
 * The file of the tree that a link with an absolute target means: a copied
 * /etc/nginx/sites-enabled/x leads to "/etc/nginx/sites-available/x", which
 * is ROOT/nginx/sites-available/x here. NULL: the tree has none.
 */
static char *
inside(const char *root, const char *target)
{
	const char *rest = target;
	char *path;
	struct stat st;

	for (; rest != NULL; rest = strchr(rest + 1, '/')) {
		path = mem_printf("%s%s", root, rest);
		if (stat(path, &st) == 0 && S_ISREG(st.st_mode))
			return (path);
		free(path);
	}
	return (NULL);
}

/*
 * What to open for a link: a file of the tree, or one outside, unless the
 * tree is a copy and the link leads into this host's system. NULL: nothing.
 */
static char *
follow(const char *root, const char *link)
{
	char target[PATH_MAX], real[PATH_MAX], real_root[PATH_MAX], *path;
	ssize_t n = readlink(link, target, sizeof(target) - 1);
	struct stat st;

	if (n <= 0)
		return (NULL);
	target[n] = '\0';
	if (target[0] == '/' && (path = inside(root, target)) != NULL)
		return (path);
	if (stat(link, &st) == -1 || !S_ISREG(st.st_mode) ||
	    realpath(link, real) == NULL ||
	    realpath(root, real_root) == NULL)
		return (NULL);
	n = (ssize_t)strlen(real_root);
	if (strncmp(real, real_root, (size_t)n) != 0 && is_system(real) &&
	    !is_system(real_root) && strcmp(real_root, "/etc") != 0)
		return (NULL);
	return (mem_strdup(link));
}

static void
add(struct tree *t, const char *name, const char *host, int depth)
{
	struct tree_file *f, *list;
	struct stat st;
	char *path = NULL;

	if (lstat(name, &st) == 0 && S_ISLNK(st.st_mode))
		path = follow(t->root, name);
	else if (S_ISREG(st.st_mode))
		path = mem_strdup(name);
	if (path == NULL)
		return;
	list = mem_grow(t->list, t->count, &t->cap, sizeof(*list),
	    LIMIT_TREE_FILES);
	if (list == NULL) {
		free(path);
		return;
	}
	t->list = list;
	f = &list[t->count++];
	f->name = mem_strdup(name);
	f->path = path;
	f->host = host == NULL ? NULL : mem_strdup(host);
	f->depth = depth;
}

/* Does a folder hold anything? */
static int
is_empty(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *e;
	int n = 0;

	while (d != NULL && (e = readdir(d)) != NULL)
		n += e->d_name[0] != '.';
	if (d != NULL)
		closedir(d);
	return (n == 0);
}

/* Folders whose files do not count. */
static int
left_out(const char *parent, const char *name)
{
	static const struct {
		const char *name, *beside;
	} available[] = {
		{ "sites-available", "sites-enabled" },
		{ "conf.avail", "conf.d" },
		{ "modules-available", "modules-enabled" },
		{ "mods-available", "mods-enabled" },
		{ "conf-available", "conf-enabled" },
	};
	static const char *const never[] = { "ca-certificates", "pki",
	    "alternatives", "node_modules", "proc", "sys", "dev", "backup",
	    "backups" };
	char *beside;
	size_t i;
	int skip;

	for (i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		if (strcmp(name, never[i]) == 0)
			return (1);
	if (reader_left_over(str_from(name)))
		return (1);
	if (strcmp(name, "certs") == 0 && strcmp(base(parent), "ssl") == 0)
		return (1);
	if (strcmp(name, "archive") == 0 && has(parent, "live"))
		return (1);		/* of Let's Encrypt */
	for (i = 0; i < sizeof(available) / sizeof(available[0]); i++) {
		if (strcmp(name, available[i].name) != 0)
			continue;
		beside = mem_printf("%s/%s", parent, available[i].beside);
		skip = !is_empty(beside);
		free(beside);
		return (skip);
	}
	return (0);
}

static int
wanted_name(const struct dirent *e)
{
	return (e->d_name[0] != '.' || strcmp(e->d_name, ".env") == 0);
}

/* The host whose folder it is: one that has what a machine's /etc has. */
static const char *
host_of(const struct tree *t, const char *path, const char *host, int depth)
{
	static const char *const of_a_host[] = { "etc", "hosts",
	    "resolv.conf", "rc.conf.local", "hostname", "myname", NULL };

	if (host != NULL || depth != 0 || t->is_etc ||
	    !has_any(path, of_a_host))
		return (host);
	return (base(path));
}

static int walk(struct tree *, const char *folder, const char *host,
    int depth);

/* One entry: a file, or a folder to go down into. */
static void
take(struct tree *t, const char *folder, const char *name, const char *host,
    int depth, int folders)
{
	char *path = mem_printf("%s%s%s", folder, folder[strlen(folder) -
	    1] == '/' ? "" : "/", name);

	if (t->count == LIMIT_TREE_FILES || is_folder(path) != folders)
		;		/* enough; or not of this round */
	else if (!folders)
		add(t, path, host, depth);
	else if (depth < LIMIT_TREE_DEPTH && !left_out(folder, name))
		(void)walk(t, path, host_of(t, path, host, depth), depth + 1);
	free(path);
}

/* Files first, then folders, each by name. */
static int
walk(struct tree *t, const char *folder, const char *host, int depth)
{
	struct dirent **names;
	int i, n = scandir(folder, &names, wanted_name, alphasort), round;

	if (n == -1)
		return (-1);
	for (round = 0; round < 2; round++)
		for (i = 0; i < n; i++)
			take(t, folder, names[i]->d_name, host, depth, round);
	for (i = 0; i < n; i++)
		free(names[i]);
	free(names);
	return (0);
}

int
tree_read(struct tree *t, const char *root)
{
	static const char *const of_etc[] = { "hosts", "resolv.conf",
	    "passwd", "fstab", "etc", "rc.conf.local", "hostname", "myname",
	    NULL };
	size_t n;

	memset(t, 0, sizeof(*t));
	t->root = mem_strdup(root);
	for (n = strlen(root); n > 1 && t->root[n - 1] == '/'; n--)
		t->root[n - 1] = '\0';
	t->is_etc = strcmp(base(t->root), "etc") == 0 ||
	    has_any(t->root, of_etc);
	if (walk(t, t->root, NULL, 0) == 0)
		return (0);
	tree_free(t);
	return (-1);
}

void
tree_free(struct tree *t)
{
	size_t i;

	for (i = 0; i < t->count; i++) {
		free(t->list[i].name);
		free(t->list[i].path);
		free(t->list[i].host);
	}
	free(t->list);
	free(t->root);
	memset(t, 0, sizeof(*t));
}

/* A folder of the path is named so, or begins so. */
static int
in_folder(const char *path, const char *start)
{
	const char *p, *slash;

	for (p = path; (slash = strchr(p, '/')) != NULL; p = slash + 1)
		if (strncmp(p, start, strlen(start)) == 0)
			return (1);
	return (0);
}

/* Folders of the programs of a site. */
static int
of_site(const char *path)
{
	static const char *const starts[] = { "nginx", "prosody", "jitsi",
	    "jicofo", "jvb", "videobridge", "site-confs" };
	size_t i;

	for (i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (in_folder(path, starts[i]))
			return (1);
	return (0);
}

/* Files of the system, which any folder may have some of. */
static int
of_system(const char *kind)
{
	static const char *const kinds[] = { "hosts", "resolv.conf",
	    "rc.conf.local", "vm.conf", "sysctl.conf", "syslog.conf",
	    "pf.conf", "acme-client.conf" };
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kind, kinds[i]) == 0)
			return (1);
	return (0);
}

/* Ends of names that no configuration has. */
static int
no_config(const char *name)
{
	static const char *const ends[] = { ".html", ".css", ".png", ".svg",
	    ".json", ".map", ".gz", ".xz", ".log", ".dat", ".so", ".jar",
	    ".types", ".pid", ".sh", ".md", ".txt", ".list", ".lua", "README",
	    "_params", "fastcgi.conf", "mime.types", "koi-utf", "koi-win",
	    "win-utf", "interface_config.js" };
	size_t i;

	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (str_ends(str_from(name), ends[i]))
			return (1);
	return (0);
}

int
tree_wants(const struct tree *t, const struct tree_file *f)
{
	const char *below = f->name + strlen(t->root) + 1;
	struct str host = { NULL, 0 };
	const struct reader *r = reader_by_name(str_from(f->name), &host);
	char *parent;
	int yes;

	/* nginx includes whatever stands in sites-enabled/ */
	if (reader_left_over(str_from(f->name)) && !in_folder(below,
	    "sites-enabled"))
		return (0);
	if (r == NULL)
		return (f->depth == 0 || (!no_config(f->name) &&
		    of_site(below)));
	if (f->depth == 0)
		return (2);
	if (of_system(r->kind)) {
		parent = mem_str(str_of(f->name,
		    (size_t)(base(f->name) - f->name) - 1));
		yes = strcmp(base(parent), "etc") == 0 ||
		    (f->depth == 1 && !t->is_etc);
		free(parent);
		return (yes ? 2 : 0);
	}
	if (strcmp(r->kind, "logging.properties") == 0 || strcmp(r->kind,
	    "sip-communicator.properties") == 0)
		return (of_site(below) || !t->is_etc ? 2 : 0);
	return (2);
}
