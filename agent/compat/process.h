/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_COMPAT_PROCESS_H
#define MEETPROBE_COMPAT_PROCESS_H

#include <stdint.h>

/* What this process uses; 0 where the system does not tell. */
struct sys_process {
	double cpu_seconds;	/* user and system */
	uint64_t resident;	/* bytes; the highest so far where the
				 * present figure cannot be had */
	uint64_t size;		/* bytes of address space */
	unsigned open_fds, max_fds;
};

void sys_process(struct sys_process *);

/* Gives memory that was freed back to the system, where free() alone does
 * not: after something large that will not come again soon. */
void sys_release(void);

#endif
