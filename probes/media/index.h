/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_MEDIA_INDEX_H
#define MEETPROBE_MEDIA_INDEX_H

#include <stddef.h>
#include <stdint.h>

/*
 * A hash index into an array of somebody else: open addressing, 8 bytes a
 * slot, grows at 70 %, deletes without marks. It stores 32 bits of the hash
 * and the element's number; whether the element is the one wanted, the
 * caller decides.
 */
struct index_slot {
	uint32_t hash;
	uint32_t element;	/* number + 1; 0: free */
};

struct index {
	struct index_slot *slots;
	uint32_t mask;
	uint32_t count;
};

void index_init(struct index *);
void index_free(struct index *);
void index_add(struct index *, uint32_t hash, uint32_t element);
void index_remove(struct index *, uint32_t hash, uint32_t element);

/*
 * Walks the elements that have this hash:
 *	for (at = index_first(i, hash, &e); at != INDEX_END;
 *	    at = index_next(i, hash, at, &e))
 */
#define INDEX_END UINT32_MAX

static inline uint32_t
index_scan(const struct index *i, uint32_t hash, uint32_t at,
    uint32_t *element)
{
	for (;; at = (at + 1) & i->mask) {
		if (i->slots[at].element == 0)
			return (INDEX_END);
		if (i->slots[at].hash == hash) {
			*element = i->slots[at].element - 1;
			return (at);
		}
	}
}

static inline uint32_t
index_first(const struct index *i, uint32_t hash, uint32_t *element)
{
	return (index_scan(i, hash, hash & i->mask, element));
}

static inline uint32_t
index_next(const struct index *i, uint32_t hash, uint32_t at,
    uint32_t *element)
{
	return (index_scan(i, hash, (at + 1) & i->mask, element));
}

#endif
