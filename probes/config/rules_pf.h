/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_CONFIG_RULES_PF_H
#define MEETPROBE_PROBES_CONFIG_RULES_PF_H

#include "probes/config/filters.h"

/*
 * The place of a line of a filter's rules: from its first word, or where
 * `word` (NULL: none) stands in it, to its end. Fills *at, which must live
 * as long as the value.
 */
struct val pf_place(const struct filter *, const char *file, int line,
    const char *word, struct item *at);
/* What pfctl(8) refuses in a file, and what could not be looked at. */
void pf_say_refused(struct lint *, const struct filter *);

#endif
