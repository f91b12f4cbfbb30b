/* SPDX-License-Identifier: ISC */
/* A hash index, see index.h. Pure; owns its slots. */
#include <stdlib.h>

#include "agent/base/mem.h"
#include "probes/media/index.h"

#define FIRST_SLOTS 256

void
index_init(struct index *i)
{
	i->slots = mem_zalloc(FIRST_SLOTS, sizeof(*i->slots));
	i->mask = FIRST_SLOTS - 1;
	i->count = 0;
}

void
index_free(struct index *i)
{
	free(i->slots);
	i->slots = NULL;
}

static void
place(struct index *i, struct index_slot s)
{
	uint32_t at = s.hash & i->mask;

	while (i->slots[at].element != 0)
		at = (at + 1) & i->mask;
	i->slots[at] = s;
}

static void
grow(struct index *i)
{
	struct index_slot *old = i->slots;
	uint32_t n, size = i->mask + 1;

	i->slots = mem_zalloc((size_t)size * 2, sizeof(*i->slots));
	i->mask = size * 2 - 1;
	for (n = 0; n < size; n++)
		if (old[n].element != 0)
			place(i, old[n]);
	free(old);
}

void
index_add(struct index *i, uint32_t hash, uint32_t element)
{
	struct index_slot s = { hash, element + 1 };

	if ((uint64_t)(i->count + 1) * 10 > (uint64_t)(i->mask + 1) * 7)
		grow(i);
	place(i, s);
	i->count++;
}

/* Moves later members of the run into the hole, so that no search ends
 * before its element. */
static void
close_hole(struct index *i, uint32_t hole)
{
	uint32_t at = hole, home;

	for (;;) {
		at = (at + 1) & i->mask;
		if (i->slots[at].element == 0)
			break;
		home = i->slots[at].hash & i->mask;
		if (((at - home) & i->mask) < ((at - hole) & i->mask))
			continue;
		i->slots[hole] = i->slots[at];
		hole = at;
	}
	i->slots[hole].element = 0;
}

void
index_remove(struct index *i, uint32_t hash, uint32_t element)
{
	uint32_t at = hash & i->mask;

	while (i->slots[at].element != 0) {
		if (i->slots[at].element == element + 1) {
			close_hole(i, at);
			i->count--;
			return;
		}
		at = (at + 1) & i->mask;
	}
}
