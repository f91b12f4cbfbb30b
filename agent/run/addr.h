/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_RUN_ADDR_H
#define MEETPROBE_RUN_ADDR_H

#include <sys/types.h>
#include <sys/socket.h>

#include <stddef.h>
#include <stdint.h>

#include "agent/base/str.h"

/* A socket address of IPv4 or IPv6 with its length; len 0 is none. */
struct addr {
	struct sockaddr_storage ss;
	socklen_t len;
};

/* Room for "[V6%scope]:PORT". */
#define ADDR_TEXT_SIZE 80

/* A numeric address ("100.64.2.3", "2001:db8::1") and a port; 0, or -1 when
 * the text is none. Never asks a resolver. */
int addr_parse(struct addr *, struct str text, uint16_t port);
/* The same with a port that may stand in the text: "192.0.2.1:5353",
 * "[2001:db8::1]:53"; else the one given. */
int addr_parse_port(struct addr *, struct str text, uint16_t port);
/* An address from its 4 or 16 bytes, port 0. */
void addr_from_bytes(struct addr *, const uint8_t *bytes, size_t n);
/* The address without its port, "" for none. */
void addr_text(const struct addr *, char *, size_t);
/* "ADDR:PORT" or "[V6]:PORT". */
void addr_text_port(const struct addr *, char *, size_t);
uint16_t addr_port(const struct addr *);
void addr_set_port(struct addr *, uint16_t port);
/* 1 when the addresses are the same, ports aside. */
int addr_same_host(const struct addr *, const struct addr *);
/* 127/8 or ::1. */
int addr_is_loopback(const struct addr *);
/* RFC 1918, 100.64/10, loopback, link-local, fc00::/7: not of the internet. */
int addr_is_private(const struct addr *);
/* A non-blocking close-on-exec socket of the address's family; -1, errno. */
int addr_socket(const struct addr *, int type);

#endif
