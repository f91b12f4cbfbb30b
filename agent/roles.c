/* SPDX-License-Identifier: ISC */
/*
 * The one table of helper children. Pure.
 */
#include <stddef.h>

#include "agent/engine.h"
#include "agent/roles.h"
#include "probes/media/capture.h"

const struct child_role child_roles[] = {
	{ .name = "engine", .run = engine_role, .network = 1 },
	{ .name = "http", .run = http_role, .network = 1 },
	{ .name = "capture", .run = media_capture_child, .network = 1 },
	{ .name = NULL },
};
