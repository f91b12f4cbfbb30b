/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_COMPAT_LISTEN_H
#define MEETPROBE_COMPAT_LISTEN_H

#include <stddef.h>
#include <stdint.h>

/* A socket that takes connections (TCP) or datagrams from anybody (UDP). */
struct listener {
	int udp;
	int v6;
	uint8_t address[16];	/* 4 or 16 bytes used; all zero: any */
	uint16_t port;
	int pid;		/* 0: not to be seen from here */
	char process[32];	/* "" when pid is 0 */
};

/*
 * All of them on this host, at most max into list; how many, or -1 when the
 * system does not tell. Other users' processes need root to be named.
 */
int sys_listeners(struct listener *list, size_t max);

#endif
