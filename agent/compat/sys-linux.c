/* SPDX-License-Identifier: ISC */
/*
 * Linux back end. I/O.
 */
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/mem.h"
#include "agent/compat/sys.h"

const char *
sys_name(void)
{
	return ("linux");
}

char *
sys_self(const char *argv0)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path));

	if (n > 0 && n < (ssize_t)sizeof(path))
		return (mem_str(str_of(path, (size_t)n)));
	return (argv0 == NULL ? NULL : realpath(argv0, NULL));
}

void
sys_closefrom(int lowest)
{
	long fd, most;

	if (syscall(SYS_close_range, (unsigned)lowest, ~0U, 0U) == 0)
		return;
	most = sysconf(_SC_OPEN_MAX);
	for (fd = lowest; fd < (most > 0 && most < 65536 ? most : 65536); fd++)
		close((int)fd);
}

void
sys_title(const char *role)
{
	char name[16];

	strncpy(name, role, sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	prctl(PR_SET_NAME, name);
}

const char *
sys_capture_interface(void)
{
	return ("any");
}
