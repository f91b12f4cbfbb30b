/* SPDX-License-Identifier: ISC */
/*
 * Files for the reader that are in memory already: a bundle resolves its
 * includes only within itself. Pure.
 */
#include <errno.h>
#include <string.h>

#include "agent/base/mem.h"
#include "probes/pf/system.h"

/* The part after the last slash. */
static const char *
base_name(const char *name)
{
	const char *slash = strrchr(name, '/');

	return (slash == NULL ? name : slash + 1);
}

static int
given_read(void *arg, const char *name, char **text, size_t *len)
{
	const struct pf_given_set *set = arg;
	const struct pf_given *g = NULL;
	size_t i;

	for (i = 0; i < set->count && g == NULL; i++)
		if (strcmp(set->list[i].name, name) == 0)
			g = &set->list[i];
	for (i = 0; i < set->count && g == NULL; i++)
		if (strcmp(base_name(set->list[i].name), base_name(name)) ==
		    0)
			g = &set->list[i];
	if (g == NULL)
		return (ENOENT);
	*text = mem_str(str_of(g->text, g->len));
	*len = g->len;
	return (0);
}

struct pf_files
pf_given_files(const struct pf_given_set *set)
{
	union {
		const struct pf_given_set *in;
		void *out;
	} u = { set };
	struct pf_files files = { given_read, u.out };

	return (files);
}
