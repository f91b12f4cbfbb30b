/* SPDX-License-Identifier: ISC */
/*
 * The one table of helper children. Pure.
 */
#include <stddef.h>

#include "agent/base/limits.h"
#include "agent/engine.h"
#include "agent/peers.h"
#include "agent/roles.h"
#include "agent/secrets.h"
#include "probes/config/role.h"
#include "probes/media/capture.h"
#include "probes/command.h"
#include "probes/login.h"
#include "probes/pf/log/pflog_live.h"
#include "probes/pf_lookup.h"
#include "probes/trust.h"

const struct child_role child_roles[] = {
	{ .name = "engine", .run = engine_role, .network = 1 },
	{ .name = "http", .run = http_role, .network = 1 },
	{ .name = "capture", .run = media_capture_child, .network = 1 },
	{ .name = LOOKUP_ROLE, .run = lookup_role, .network = 1 },
	{ .name = PFLOG_ROLE, .run = pflog_role, .network = 1 },
	{ .name = "config", .run = config_read_role, .cpu_seconds = 1,
	    .memory = LIMIT_CONFIG_CHILD_MEMORY },
	{ .name = TRUSTSTORE_ROLE, .run = truststore_role, .cpu_seconds = 2,
	    .memory = 256U << 20 },
	{ .name = LOGIN_ROLE, .run = login_role, .cpu_seconds = 5,
	    .memory = 256U << 20, .network = 1 },
	{ .name = COMMAND_ROLE, .run = command_role, .cpu_seconds = 5 },
	{ .name = SECRETS_ROLE, .run = secrets_role,
	    .cpu_seconds = LIMIT_SECRET_SECONDS,
	    .memory = LIMIT_SECRET_MEMORY },
	{ .name = "ssh", .run = peer_ssh_role, .network = 1 },
	{ .name = NULL },
};
