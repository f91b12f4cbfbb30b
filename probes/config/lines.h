/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_CONFIG_LINES_H
#define MEETPROBE_PROBES_CONFIG_LINES_H

#include <stddef.h>

#include "agent/base/str.h"

/* Where the lines of a text begin. */
struct lines {
	struct str text;	/* borrowed */
	size_t *start;
	int count;
};

void lines_init(struct lines *, struct str text);
void lines_free(struct lines *);
/* Line n from 1, without its newline; empty when there is none. */
struct str lines_get(const struct lines *, int n);
/* The line (from 1) and column (from 1) of a byte. */
int lines_at(const struct lines *, size_t byte, int *column);

#endif
