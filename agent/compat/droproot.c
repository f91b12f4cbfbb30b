/* SPDX-License-Identifier: ISC */
/*
 * I/O: gives up root, the same way on every system we build on.
 */
#include <sys/types.h>

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include "agent/compat/sys.h"

int
sys_drop_root(const char *user)
{
	const struct passwd *pw;

	if (geteuid() != 0)
		return (0);
	errno = 0;
	pw = getpwnam(user);
	if (pw == NULL) {
		if (errno == 0)
			errno = ENOENT;
		return (-1);
	}
	if (setgroups(1, &pw->pw_gid) == -1 ||
	    setresgid(pw->pw_gid, pw->pw_gid, pw->pw_gid) == -1 ||
	    setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid) == -1)
		return (-1);
	/* it must not come back */
	return (setuid(0) == 0 || geteuid() == 0 ? -1 : 0);
}
