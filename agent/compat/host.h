/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_COMPAT_HOST_H
#define MEETPROBE_COMPAT_HOST_H

#include <stddef.h>
#include <stdint.h>

/* A process as any user may see it. */
struct process {
	int pid;
	char name[32];
	char arguments[2048];	/* blank between; "" when not to be seen */
	int64_t started;	/* seconds since 1970; 0: not known */
};

/* At most max into list; how many, -1 when the system does not tell. */
int sys_processes(struct process *list, size_t max);
/* The file that a process runs; -1 when the system does not tell, or not
 * this user. */
int sys_process_program(int pid, char *out, size_t len);
/* Bytes of memory that programs of this host can have: of the machine, or
 * less where a container says so; 0 when not known. */
uint64_t sys_memory(void);
/* Does this host forward IPv4 packets: 1, 0; -1 not known. */
int sys_forwarding(void);
/* The limit of open files of a process and how many it has open, each -1
 * when not known. */
void sys_open_files(int pid, int64_t *limit, int64_t *used);
/*
 * Is the clock disciplined by a time server: 1, 0; -1 the system does not
 * tell. *offset_us is its last known offset, 0 when not known.
 */
int sys_clock_synced(int64_t *offset_us);

#endif
