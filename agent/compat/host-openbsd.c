/* SPDX-License-Identifier: ISC */
/*
 * OpenBSD: processes and forwarding by sysctl(3). I/O. Another process's
 * limits and the state of ntpd are not to be had this way.
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/sysctl.h>

#include <netinet/in.h>
#include <netinet/ip_var.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/compat/host.h"

/* The arguments of a process, as KERN_PROC_ARGV gives them: pointers, then
 * the strings they point at. */
static void
read_arguments(int pid, char *out, size_t len)
{
	int mib[4] = { CTL_KERN, KERN_PROC_ARGS, pid, KERN_PROC_ARGV };
	char buffer[8192];
	size_t size = sizeof(buffer), used = 0, i, n;
	char **argv = (char **)(void *)buffer;

	out[0] = '\0';
	if (sysctl(mib, 4, buffer, &size, NULL, 0) == -1)
		return;
	for (i = 0; (i + 1) * sizeof(*argv) < size && argv[i] != NULL; i++) {
		if (argv[i] < buffer || argv[i] >= buffer + size)
			break;
		n = strnlen(argv[i], (size_t)(buffer + size - argv[i]));
		if (used + n + 2 > len)
			break;
		if (used > 0)
			out[used++] = ' ';
		memcpy(out + used, argv[i], n);
		used += n;
		out[used] = '\0';
	}
}

int
sys_processes(struct process *list, size_t max)
{
	int mib[6] = { CTL_KERN, KERN_PROC, KERN_PROC_ALL, 0,
		sizeof(struct kinfo_proc), 0 };
	struct kinfo_proc *all;
	size_t size = 0, i, n = 0;

	if (sysctl(mib, 6, NULL, &size, NULL, 0) == -1)
		return (-1);
	size += size / 8;
	all = calloc(1, size);
	mib[5] = (int)(size / sizeof(*all));
	if (all == NULL || sysctl(mib, 6, all, &size, NULL, 0) == -1) {
		free(all);
		return (-1);
	}
	for (i = 0; i < size / sizeof(*all) && n < max; i++, n++) {
		memset(&list[n], 0, sizeof(list[n]));
		list[n].pid = (int)all[i].p_pid;
		list[n].started = (int64_t)all[i].p_ustart_sec;
		snprintf(list[n].name, sizeof(list[n].name), "%s",
		    all[i].p_comm);
		read_arguments(list[n].pid, list[n].arguments,
		    sizeof(list[n].arguments));
	}
	free(all);
	return ((int)n);
}

int
sys_process_program(int pid, char *out, size_t len)
{
	(void)pid;
	(void)out;
	(void)len;
	return (-1);
}

uint64_t
sys_memory(void)
{
	int mib[2] = { CTL_HW, HW_PHYSMEM64 };
	int64_t bytes = 0;
	size_t size = sizeof(bytes);

	if (sysctl(mib, 2, &bytes, &size, NULL, 0) == -1 || bytes < 0)
		return (0);
	return ((uint64_t)bytes);
}

int
sys_forwarding(void)
{
	int mib[4] = { CTL_NET, PF_INET, IPPROTO_IP, IPCTL_FORWARDING };
	size_t size = sizeof(int);
	int value = 0;

	if (sysctl(mib, 4, &value, &size, NULL, 0) == -1)
		return (-1);
	return (value != 0);
}

void
sys_open_files(int pid, int64_t *limit, int64_t *used)
{
	(void)pid;
	*limit = *used = -1;
}

int
sys_clock_synced(int64_t *offset_us)
{
	*offset_us = 0;
	return (-1);
}
