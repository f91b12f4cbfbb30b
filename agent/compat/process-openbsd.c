/* SPDX-License-Identifier: ISC */
/*
 * What this process uses. I/O. Only calls that pledge "stdio" allows:
 * sysctl(2) for the present memory would need "ps".
 */
#include <sys/types.h>
#include <sys/resource.h>
#include <sys/time.h>

#include <string.h>
#include <unistd.h>

#include "agent/compat/process.h"

void
sys_process(struct sys_process *p)
{
	struct rusage ru;
	struct rlimit rl;

	memset(p, 0, sizeof(*p));
	if (getrusage(RUSAGE_SELF, &ru) == 0) {
		p->cpu_seconds = (double)ru.ru_utime.tv_sec +
		    (double)ru.ru_stime.tv_sec +
		    (double)(ru.ru_utime.tv_usec + ru.ru_stime.tv_usec) / 1e6;
		p->resident = (uint64_t)ru.ru_maxrss * 1024;
	}
	if (getrlimit(RLIMIT_NOFILE, &rl) == 0)
		p->max_fds = (unsigned)rl.rlim_cur;
	p->open_fds = (unsigned)getdtablecount();
}

void
sys_release(void)
{
	/* its malloc gives pages back by itself */
}
