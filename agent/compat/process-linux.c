/* SPDX-License-Identifier: ISC */
/*
 * What this process uses, from getrusage(2) and /proc. I/O.
 */
#include <sys/types.h>
#include <sys/resource.h>

#include <dirent.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/compat/process.h"

/* Pages of address space and resident ones, from /proc/self/statm. */
static void
read_memory(struct sys_process *p)
{
	unsigned long size, resident;
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	FILE *f = fopen("/proc/self/statm", "re");

	if (f == NULL)
		return;
	if (fscanf(f, "%lu %lu", &size, &resident) == 2) {
		p->size = size * page;
		p->resident = resident * page;
	}
	fclose(f);
}

static void
count_descriptors(struct sys_process *p)
{
	DIR *d = opendir("/proc/self/fd");
	const struct dirent *e;

	if (d == NULL)
		return;
	while ((e = readdir(d)) != NULL)
		if (e->d_name[0] != '.')
			p->open_fds++;
	closedir(d);
	p->open_fds--;	/* the directory itself */
}

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
		p->max_fds = rl.rlim_cur > 1U << 30 ? 1U << 30 :
		    (unsigned)rl.rlim_cur;
	read_memory(p);
	count_descriptors(p);
}

void
sys_release(void)
{
	(void)malloc_trim(0);
}
