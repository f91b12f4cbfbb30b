/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_BASE_CUR_H
#define MEETPROBE_BASE_CUR_H

#include <stddef.h>
#include <stdint.h>

#include "agent/base/str.h"

/*
 * A bounded reader of bytes with a sticky error: a read past the end returns
 * zeros, moves nothing and sets `err`, and so does every read after it. Read
 * a whole structure, then ask once. A nested length is a sub-cursor.
 */
struct cur {
	const uint8_t *start;
	const uint8_t *p;	/* next byte */
	const uint8_t *end;
	int err;
};

void cur_init(struct cur *, const void *, size_t);
/* Bytes not yet read; 0 after an error. */
size_t cur_left(const struct cur *);
/* Bytes read so far. */
size_t cur_pos(const struct cur *);
/* 1 when no read failed and nothing is left over. */
int cur_done(const struct cur *);
void cur_fail(struct cur *);

uint8_t cur_u8(struct cur *);
/* Network byte order. */
uint16_t cur_u16(struct cur *);
uint32_t cur_u24(struct cur *);
uint32_t cur_u32(struct cur *);
uint64_t cur_u64(struct cur *);
/* Little endian. */
uint16_t cur_le16(struct cur *);
uint32_t cur_le32(struct cur *);
/* The next byte without taking it; 0 at the end, which is no error. */
uint8_t cur_peek(const struct cur *);

/* The next n bytes, NULL on error. n may be 0. */
const uint8_t *cur_bytes(struct cur *, size_t n);
void cur_skip(struct cur *, size_t n);
/* Takes the next n bytes as a cursor of their own; on error both fail. */
struct cur cur_sub(struct cur *, size_t n);

/* Text: takes up to and including the next NL; the NL (and a CR before it)
 * is not in the result. At the end of the input returns what is left. */
struct str cur_line(struct cur *);
/* All that is left. */
struct str cur_rest(struct cur *);

#endif
