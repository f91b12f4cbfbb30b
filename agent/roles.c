/* SPDX-License-Identifier: ISC */
/*
 * The one table of helper children. Pure.
 */
#include <stddef.h>

#include "agent/roles.h"

const struct child_role child_roles[] = {
	{ .name = NULL },
};
