/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_CONFIG_ROLE_H
#define MEETPROBE_PROBES_CONFIG_ROLE_H

#include "agent/base/str.h"

/* The helper child's role "config": reads a batch of files. */
int config_read_role(struct str request, int sock);

#endif
