/* SPDX-License-Identifier: ISC */
/*
 * Which of the given files an include means. Files collected from a host lie
 * elsewhere than they did there, whole trees or all in one folder: paths are
 * compared from their ends. Pure.
 */
#include <string.h>

#include "probes/config/reader.h"

int
source_glob(struct str p, struct str s)
{
	size_t star = SIZE_MAX, back = 0, i = 0, k = 0;

	while (k < s.n) {
		if (i < p.n && p.p[i] == '*') {
			star = i++;
			back = k;
		} else if (i < p.n && (p.p[i] == '?' ||
		    p.p[i] == s.p[k])) {
			i++;
			k++;
		} else if (star != SIZE_MAX) {
			i = star + 1;
			k = ++back;
		} else {
			return (0);
		}
	}
	while (i < p.n && p.p[i] == '*')
		i++;
	return (i == p.n);
}

/* Takes the last part off a path. */
static struct str
last_part(struct str *path)
{
	size_t slash = str_rchr(*path, '/');
	struct str part = str_sub(*path, slash + 1, path->n);

	*path = str_sub(*path, 0, slash == SIZE_MAX ? 0 : slash);
	return (part);
}

static struct str
folder(struct str path)
{
	last_part(&path);
	return (path);
}

int
source_agrees(struct str name, struct str path)
{
	int folders = 0;

	while (str_starts(path, "./"))
		path = str_sub(path, 2, path.n);
	if (!source_glob(last_part(&path), last_part(&name)))
		return (-1);
	while (path.n > 0 && name.n > 0 &&
	    source_glob(last_part(&path), last_part(&name)))
		folders++;
	return (folders);
}

/* A folder of sites, or of pieces, whose files a main file takes in. */
static int
takes_all(struct str path)
{
	static const char *const names[] = { "sites-enabled", "conf.d",
	    "site-confs", "vhosts.d", "vhosts", "http.d", "sites", "servers" };
	struct str parts = folder(path), name = last_part(&parts);
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (str_eqs(name, names[i]))
			return (1);
	return (0);
}

/*
 * May a file be meant whose folders do not agree: the files were put into
 * one folder. Of a wildcard only in the main file, and of sites only.
 */
static int
flat(const struct config_sources *s, int from, size_t i, struct str path)
{
	struct str name = s->list[i].name, mine = s->list[from].name;

	if (str_chr(path, '/') == SIZE_MAX ||
	    str_chr(name, '/') == SIZE_MAX)
		return (str_chr(path, '*') == SIZE_MAX || from == 0);
	if (!str_eq(folder(name), folder(mine)))
		return (0);
	return (str_chr(path, '*') == SIZE_MAX || (from == 0 &&
	    takes_all(path) && str_eq(s->list[i].kind, s->list[0].kind)));
}

/* Is a file below the folder of the file that names it by a relative path? */
static int
beside(struct str name, struct str mine, struct str path)
{
	struct str where = folder(mine);

	return (!str_starts(path, "/") && name.n > where.n && (where.n == 0 ||
	    name.p[where.n] == '/') && str_eq(str_sub(name, 0, where.n),
	    where));
}

size_t
sources_included(const struct config_sources *s, int from, struct str path,
    size_t *list)
{
	int agree, best = 0, wild = str_chr(path, '*') != SIZE_MAX ||
	    str_chr(path, '?') != SIZE_MAX;
	size_t i, n = 0;

	for (i = 0; i < s->count; i++) {
		agree = source_agrees(s->list[i].name, path);
		if (agree > 0 && beside(s->list[i].name, s->list[from].name,
		    path))
			agree += 100;	/* before one of another folder */
		if (agree <= 0 || agree < best || (wild && (int)i == from))
			continue;
		if (agree > best)
			n = 0;
		best = agree;
		list[n++] = i;
	}
	for (i = 0; best == 0 && i < s->count; i++)
		if ((int)i != from && source_agrees(s->list[i].name,
		    path) == 0 && flat(s, from, i, path))
			list[n++] = i;
	return (wild || n == 0 ? n : 1);
}

int
source_folder_given(const struct config_sources *s, int from, struct str path)
{
	struct str mine = folder(s->list[from].name), outer = folder(path),
	    copy = mine;
	size_t i;

	last_part(&outer);
	if (str_chr(path, '/') == SIZE_MAX || (outer.n > 0 &&
	    !str_eq(last_part(&copy), last_part(&outer))))
		return (0);
	for (i = 0; i < s->count; i++)
		if ((int)i != from && mine.n > 0 && str_eq(folder(folder(
		    s->list[i].name)), mine))
			return (1);
	return (0);
}
