/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_PF_ARENA_H
#define MEETPROBE_PROBES_PF_ARENA_H

#include <stddef.h>

#include "agent/base/str.h"

/*
 * Memory that is given back all at once: what one reading of a rule file
 * makes lives and dies together.
 */
struct pf_arena {
	struct pf_chunk *chunk;	/* the newest, linked to the older ones */
	size_t total;		/* bytes handed out */
};

void pf_arena_free(struct pf_arena *);
/* Zeroed memory, never NULL. */
void *pf_alloc(struct pf_arena *, size_t);
/* A NUL terminated copy. */
char *pf_strdup(struct pf_arena *, struct str);

#endif
