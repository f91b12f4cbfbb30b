/* SPDX-License-Identifier: ISC */
/*
 * The table of file kinds, and how the kind of a file is found from its
 * name or its content. Pure.
 */
#include "probes/config/reader.h"

int
source_named(struct str name, struct str path)
{
	size_t a, b;

	if (str_eq(name, path))
		return (1);
	if (path.n < name.n && name.p[name.n - path.n - 1] == '/' &&
	    str_eq(str_sub(name, name.n - path.n, name.n), path))
		return (1);
	a = str_rchr(name, '/');
	b = str_rchr(path, '/');
	if (a != SIZE_MAX && b != SIZE_MAX)
		return (0);
	return (str_eq(str_sub(name, a + 1, name.n),
	    str_sub(path, b + 1, path.n)));
}
