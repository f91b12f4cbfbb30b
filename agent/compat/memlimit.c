/* SPDX-License-Identifier: ISC */
/*
 * I/O: the limit of a child's memory. The address sanitizer reserves
 * terabytes of address space, so under it the limit cannot be set; the other
 * limits and the deadline still hold there.
 */
#include <sys/resource.h>

#include "agent/compat/sys.h"

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define SANITIZED
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define SANITIZED
#endif

#ifdef SANITIZED
int
sys_limit_memory(size_t bytes)
{
	(void)bytes;
	return (-1);
}
#elif defined(RLIMIT_AS)
int
sys_limit_memory(size_t bytes)
{
	struct rlimit r = { bytes, bytes };

	return (setrlimit(RLIMIT_AS, &r));
}
#else
int
sys_limit_memory(size_t bytes)
{
	struct rlimit r = { bytes, bytes };

	return (setrlimit(RLIMIT_DATA, &r));
}
#endif
