/* SPDX-License-Identifier: ISC */
/*
 * Memory that is given back all at once. Pure. Ceilings are the callers':
 * what they allocate is bounded by the size of files and by LIMIT_PF_RULES.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "probes/pf/arena.h"

#define CHUNK (64U << 10)

struct pf_chunk {
	struct pf_chunk *next;
	size_t used, size;
	_Alignas(16) unsigned char data[];
};

void
pf_arena_free(struct pf_arena *a)
{
	struct pf_chunk *c, *next;

	for (c = a->chunk; c != NULL; c = next) {
		next = c->next;
		free(c);
	}
	a->chunk = NULL;
	a->total = 0;
}

void *
pf_alloc(struct pf_arena *a, size_t n)
{
	struct pf_chunk *c = a->chunk;
	size_t size;
	void *p;

	if (n > SIZE_MAX / 2)
		fatal("pf: allocation too large");
	n = (n + 15) & ~(size_t)15;
	if (c == NULL || c->size - c->used < n) {
		size = n > CHUNK ? n : CHUNK;
		c = mem_zalloc(1, sizeof(*c) + size);
		c->size = size;
		c->next = a->chunk;
		a->chunk = c;
	}
	p = c->data + c->used;
	c->used += n;
	a->total += n;
	return (p);
}

char *
pf_strdup(struct pf_arena *a, struct str s)
{
	char *p = pf_alloc(a, s.n + 1);

	if (s.n > 0)
		memcpy(p, s.p, s.n);
	return (p);
}
