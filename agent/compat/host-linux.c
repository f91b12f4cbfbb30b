/* SPDX-License-Identifier: ISC */
/*
 * Linux: processes, forwarding, limits and the clock, from /proc and
 * adjtimex(2). I/O.
 */
#include <sys/timex.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/str.h"
#include "agent/compat/host.h"

/* Reads a small file of /proc; its length, -1 when it cannot be. */
static ssize_t
read_file(const char *path, char *out, size_t len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd == -1)
		return (-1);
	n = read(fd, out, len - 1);
	close(fd);
	if (n >= 0)
		out[n] = '\0';
	return (n);
}

/* Seconds since 1970 at which the system was started. */
static int64_t
boot_time(void)
{
	char line[256];
	long long seconds = 0;
	FILE *file = fopen("/proc/stat", "re");

	while (file != NULL && fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "btime %lld", &seconds) == 1)
			break;
	if (file != NULL)
		fclose(file);
	return (seconds);
}

/* Ticks after the start of the system at which a process was started:
 * field 22 of stat, counted after the name, which may hold anything. */
static int64_t
start_ticks(int pid)
{
	char path[64], text[1024], *p;
	unsigned long long ticks;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (read_file(path, text, sizeof(text)) <= 0 ||
	    (p = strrchr(text, ')')) == NULL)
		return (-1);
	if (sscanf(p + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u "
	    "%*u %*d %*d %*d %*d %*d %*d %llu", &ticks) != 1)
		return (-1);
	return ((int64_t)ticks);
}

static int
read_process(int pid, int64_t boot, struct process *p)
{
	char path[64];
	int64_t ticks;
	ssize_t n, i;

	memset(p, 0, sizeof(*p));
	p->pid = pid;
	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	if (read_file(path, p->name, sizeof(p->name)) <= 0)
		return (0);
	p->name[strcspn(p->name, "\n")] = '\0';
	snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
	n = read_file(path, p->arguments, sizeof(p->arguments));
	for (i = 0; i + 1 < n; i++)
		if (p->arguments[i] == '\0')
			p->arguments[i] = ' ';
	ticks = start_ticks(pid);
	if (boot > 0 && ticks >= 0)
		p->started = boot + ticks / sysconf(_SC_CLK_TCK);
	return (1);
}

int
sys_processes(struct process *list, size_t max)
{
	int64_t boot = boot_time(), pid;
	DIR *dir = opendir("/proc");
	struct dirent *e;
	size_t n = 0;

	if (dir == NULL)
		return (-1);
	while ((e = readdir(dir)) != NULL && n < max)
		if (str_num(str_from(e->d_name), 1, INT32_MAX, &pid) == 0)
			n += (size_t)read_process((int)pid, boot, &list[n]);
	closedir(dir);
	return ((int)n);
}

int
sys_process_program(int pid, char *out, size_t len)
{
	char path[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/exe", pid);
	n = readlink(path, out, len - 1);
	if (n <= 0)
		return (-1);
	out[n] = '\0';
	return (0);
}

uint64_t
sys_memory(void)
{
	static const char *const limits[] = {
	    "/sys/fs/cgroup/memory.max",
	    "/sys/fs/cgroup/memory/memory.limit_in_bytes" };
	long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
	uint64_t all = 0;
	char text[64];
	int64_t limit;
	size_t i;

	if (pages > 0 && size > 0)
		all = (uint64_t)pages * (uint64_t)size;
	for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		if (read_file(limits[i], text, sizeof(text)) > 0 &&
		    str_num(str_trim(str_from(text)), 1, INT64_MAX,
		    &limit) == 0 && (all == 0 || (uint64_t)limit < all))
			all = (uint64_t)limit;
	return (all);
}

int
sys_forwarding(void)
{
	char text[16];

	if (read_file("/proc/sys/net/ipv4/ip_forward", text, sizeof(text)) <=
	    0)
		return (-1);
	return (text[0] == '1');
}

void
sys_open_files(int pid, int64_t *limit, int64_t *used)
{
	char path[64], line[256];
	long long soft;
	FILE *file;
	DIR *dir;

	*limit = *used = -1;
	snprintf(path, sizeof(path), "/proc/%d/limits", pid);
	file = fopen(path, "re");
	while (file != NULL && fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "Max open files %lld", &soft) == 1)
			*limit = soft;
	if (file != NULL)
		fclose(file);
	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	dir = opendir(path);
	if (dir == NULL)
		return;
	*used = -2;		/* without "." and ".." */
	while (readdir(dir) != NULL)
		(*used)++;
	closedir(dir);
}

int
sys_clock_synced(int64_t *offset_us)
{
	struct timex t;
	int state;

	memset(&t, 0, sizeof(t));
	*offset_us = 0;
	state = adjtimex(&t);
	if (state == -1)
		return (-1);
	*offset_us = (t.status & STA_NANO) ? t.offset / 1000 : t.offset;
	return (state != TIME_ERROR && (t.status & STA_UNSYNC) == 0);
}
