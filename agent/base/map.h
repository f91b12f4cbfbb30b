/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_BASE_MAP_H
#define MEETPROBE_BASE_MAP_H

#include <stddef.h>
#include <stdint.h>

#include "agent/base/str.h"

/*
 * A hash table from byte strings to pointers. Keys are copied, values are
 * borrowed. Iteration is in order of insertion, so output stays
 * deterministic. Nothing is ever removed but all at once. The hash is keyed
 * with a seed of the process, so that names from outside cannot be chosen
 * to collide.
 */
struct map_entry {
	struct str key;
	void *value;
};

struct map {
	struct map_entry *list;	/* in order of insertion */
	size_t count, cap, max;
	size_t *slot;		/* open addressing: index + 1, 0 is free */
	size_t slots;		/* a power of two */
	uint64_t seed;		/* of the hash; the table may be moved */
};

/* At most max entries. */
void map_init(struct map *, size_t max);
void map_free(struct map *);
/* The value, NULL when the key is not there. */
void *map_get(const struct map *, struct str key);
/*
 * The place of the key's value, made (NULL) when missing; valid until the
 * next new key. NULL when max entries are there and this is a new one.
 */
void **map_put(struct map *, struct str key);

#endif
