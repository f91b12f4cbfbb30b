/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_RUN_MSG_H
#define MEETPROBE_RUN_MSG_H

#include <stddef.h>
#include <stdint.h>

#include "agent/base/buf.h"
#include "agent/base/cur.h"
#include "agent/base/limits.h"
#include "agent/base/str.h"

/*
 * Messages between our processes: one datagram of a SOCK_SEQPACKET socket
 * pair each, so the kernel keeps the borders. Layout: u16 type, then the
 * fields in network byte order; a string is u32 length and bytes. The reader
 * takes the fields by type and ends with msg_end: a message that is too
 * short or has bytes left over was not made by us and ends the reader.
 * A message may carry one descriptor.
 *
 * Text longer than a message goes in pieces: msg_send_text, msg_text.
 */
struct msg_out {
	struct buf b;
};

struct msg {
	unsigned type;
	struct cur c;
	int fd;			/* the descriptor that came along, or -1 */
	uint8_t bytes[LIMIT_MSG_BYTES];
};

/* A connected pair, close-on-exec; 0, or -1 with errno. */
int msg_pair(int fd[2]);

void msg_begin(struct msg_out *, unsigned type);
void msg_put_u8(struct msg_out *, uint8_t);
void msg_put_u32(struct msg_out *, uint32_t);
void msg_put_u64(struct msg_out *, uint64_t);
void msg_put_i64(struct msg_out *, int64_t);
void msg_put_str(struct msg_out *, struct str);
/*
 * Sends it, with fd unless that is -1, and empties the message whatever the
 * outcome. 0; -1 with errno, EMSGSIZE when it is larger than LIMIT_MSG_BYTES,
 * EAGAIN when the socket is non-blocking and full. The fd stays open here.
 */
int msg_send(struct msg_out *, int sock, int fd);
/* The same, waiting until the socket takes it, at most ten seconds. */
int msg_send_wait(struct msg_out *, int sock, int fd);

/*
 * Receives one message. 1; 0 at the end (the peer is gone); -1 with errno,
 * EAGAIN when a non-blocking socket has none, EBADMSG when it is malformed.
 */
int msg_recv(struct msg *, int sock);
uint8_t msg_get_u8(struct msg *);
uint32_t msg_get_u32(struct msg *);
uint64_t msg_get_u64(struct msg *);
int64_t msg_get_i64(struct msg *);
/* A slice of the message, valid as long as it. */
struct str msg_get_str(struct msg *);
/* 0 when every byte was taken and nothing was missing, else -1. */
int msg_end(const struct msg *);

/*
 * Long text: as many messages of `type` as it takes, each with u8 last and a
 * string. Waits for room. 0 or -1 with errno.
 */
int msg_send_text(int sock, unsigned type, struct str text);
/* Takes such a piece into b. 1 it was the last one, 0 more comes, -1 bad or
 * above the ceiling of b. */
int msg_text(struct msg *, struct buf *b);

#endif
