/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_SERVICES_H
#define MEETPROBE_PROBES_SERVICES_H

#include <stddef.h>

#include "agent/base/str.h"
#include "agent/compat/host.h"
#include "agent/facts/kinds.h"

/* The program that a role needs: "prosody"; NULL for router, outside. */
const char *service_of(enum role);
/* Is this the process of the role's program? */
int service_is(enum role, const struct process *);

/* One machine of vm.conf(5) against vmctl(8)'s status. */
struct vm {
	char name[64];
	int disabled;		/* said in vm.conf */
	int listed, running;	/* by vmctl */
};

/* The machines that vm.conf names: how many, at most max. */
size_t vms_of_config(struct str text, struct vm *list, size_t max);
/* Marks what `vmctl status` printed. */
void vms_mark(struct vm *list, size_t count, struct str output);

#endif
