/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_COMMAND_H
#define MEETPROBE_PROBES_COMMAND_H

#include "agent/base/str.h"

struct probe_run;

/*
 * Commands of the system that are run, in a helper child: a closed list with
 * fixed arguments, full paths, no shell.
 */
#define COMMAND_ROLE "command"
int command_role(struct str request, int sock);

/*
 * Runs the one of that name: "vmctl-status", "ntpctl-status",
 * "pfctl-rules", "pfctl-info", "pfctl-interfaces", "pfctl-states",
 * "nft-rules", "iptables-rules", "rcctl-failed". done gets its output, or NULL bytes when it is not there,
 * failed, or took too long. Once, from the loop.
 */
struct command_run;
struct command_run *command_start(struct probe_run *, const char *name,
    void (*done)(struct str output, void *), void *arg);
/* NULL is allowed. Not from inside done. */
void command_free(struct command_run *);

#endif
