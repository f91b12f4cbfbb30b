/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_MEDIA_SAVEFILE_H
#define MEETPROBE_MEDIA_SAVEFILE_H

#include <stddef.h>
#include <stdint.h>

#include "agent/base/limits.h"

/* One packet as captured; data is valid until the next call. */
struct capture_packet {
	const uint8_t *data;
	size_t len;		/* bytes at hand */
	size_t wire;		/* bytes that were on the wire, >= len */
	int64_t ns;		/* since 1970, UTC */
	unsigned int link;	/* LINKTYPE_ of the-tcpdump-group */
};

/* An interface of a pcapng section. */
struct savefile_interface {
	unsigned int link;
	uint32_t snaplen;	/* 0: none */
	int64_t ticks;		/* a second has so many */
	int64_t offset;		/* seconds to add */
};

/*
 * A reader of pcap (both byte orders, micro- and nanoseconds) and pcapng
 * files. I/O: owns the descriptor and one buffer; memory does not depend on
 * the file.
 */
struct savefile {
	int fd;
	uint8_t *buf;
	size_t start, end;		/* what of the buffer is unread */
	int at_eof;
	uint64_t read;			/* bytes read from the file */
	uint64_t size;			/* of the file, 0: not known */
	int swapped, nanoseconds, extra, ng;
	uint32_t snaplen;
	unsigned int link;		/* of a pcap file */
	struct savefile_interface interfaces[LIMIT_CAPTURE_INTERFACES];
	size_t interface_count;
	uint64_t packets;		/* records given out */
	int64_t last_ns;		/* time of the last one that has one */
	uint64_t dropped;		/* not captured, says the file */
	char problem[160];		/* why reading ended early, "" if not */
};

/* Opens and reads the file's head. 0; -1: problem says why it is no
 * capture that can be read, and nothing needs closing. */
int savefile_open(struct savefile *, const char *path);
void savefile_close(struct savefile *);
/*
 * 1: a packet; 0: the end; -1: the file is damaged here, problem says how
 * and where, and there is no next packet.
 */
int savefile_next(struct savefile *, struct capture_packet *);

#endif
