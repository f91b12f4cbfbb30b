/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_AGENT_ROLES_H
#define MEETPROBE_AGENT_ROLES_H

#include "agent/run/child.h"

/* What this program can be started as by itself: every helper child. The
 * table ends with a NULL name; both mains hand it to child_main first. */
extern const struct child_role child_roles[];

#endif
