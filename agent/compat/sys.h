/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_COMPAT_SYS_H
#define MEETPROBE_COMPAT_SYS_H

#include <stddef.h>
#include <sys/types.h>

/*
 * What differs between the systems: sys-openbsd.c and sys-linux.c have the
 * same functions. Strings returned are freed by the caller.
 */

/* "openbsd" or "linux". */
const char *sys_name(void);
/* The path to run this program again; argv0 as main got it. NULL: unknown. */
char *sys_self(const char *argv0);
/* Closes every descriptor from `lowest` on. */
void sys_closefrom(int lowest);
/* The name of this process in ps(1): "meetprobed: ROLE". */
void sys_title(const char *role);

/*
 * Gives up root for good in favour of a user, its groups included. 0; -1
 * when there is no such user (errno ENOENT) or it cannot be done. Without
 * root it does nothing and is 0.
 */
int sys_drop_root(const char *user);
/* The interface that a capture takes when none is said; NULL: there is no
 * such thing here, it must be said. Const. */
const char *sys_capture_interface(void);
/* Bounds what this process may map from now on; 0, or -1 where it cannot be
 * (under the address sanitizer). */
int sys_limit_memory(size_t bytes);

#endif
