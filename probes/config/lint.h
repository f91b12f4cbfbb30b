/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_CONFIG_LINT_H
#define MEETPROBE_PROBES_CONFIG_LINT_H

#include <stddef.h>

#include "agent/facts/kinds.h"
#include "agent/base/str.h"

/* One row of the table of findings (lint.def). */
struct lint_row {
	const char *id;
	enum severity severity;
	const char *meaning;
};

extern const struct lint_row lint_table[];
extern const size_t lint_count;

/* Is there a finding of that id? For the catalogue's `finding ID`. */
int lint_known(struct str id);
/* Its row, NULL when there is none. */
const struct lint_row *lint_find(struct str id);

#endif
