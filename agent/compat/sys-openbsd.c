/* SPDX-License-Identifier: ISC */
/*
 * OpenBSD back end. I/O.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/mem.h"
#include "agent/compat/sys.h"

const char *
sys_name(void)
{
	return ("openbsd");
}

/* A bare name was found along PATH by the shell: look there again. */
static char *
along_path(const char *name)
{
	const char *env = getenv("PATH");
	struct str path = str_from(env == NULL ? "/usr/local/bin" : env), dir;
	char *try;

	while (path.n > 0) {
		dir = str_split(&path, ':');
		try = mem_printf("%.*s/%s", STR_ARG(dir), name);
		if (access(try, X_OK) == 0)
			return (try);
		free(try);
	}
	return (NULL);
}

char *
sys_self(const char *argv0)
{
	if (argv0 == NULL)
		return (NULL);
	if (strchr(argv0, '/') != NULL)
		return (realpath(argv0, NULL));
	return (along_path(argv0));
}

void
sys_closefrom(int lowest)
{
	closefrom(lowest);
}

void
sys_title(const char *role)
{
	setproctitle("%s", role);
}

const char *
sys_capture_interface(void)
{
	return (NULL);
}
