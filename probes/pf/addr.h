/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_PF_ADDR_H
#define MEETPROBE_PROBES_PF_ADDR_H

#include <stdint.h>

#include "agent/base/str.h"

struct buf;

/* The family of an address, a packet or a rule; 0: none said. */
enum pf_af { PF_AF_ANY = 0, PF_AF_INET = 4, PF_AF_INET6 = 6 };

/* An address in network order; IPv4 in the first four bytes, rest zero. */
struct pf_ip {
	uint8_t b[16];
};

/* Bits of a full mask: 32 or 128. */
int pf_af_bits(enum pf_af);
/* The length of a mask: 1 bits before the first 0. */
int pf_mask_len(const struct pf_ip *);
/* A mask of that many bits (0..128). */
struct pf_ip pf_mask_of(int bits);
/* Clears the bits of the address that the mask does not have. */
void pf_ip_mask(struct pf_ip *, const struct pf_ip *mask);
int pf_ip_zero(const struct pf_ip *);
int pf_ip_eq(const struct pf_ip *, const struct pf_ip *);
/* Order as numbers: <0, 0, >0. */
int pf_ip_cmp(const struct pf_ip *, const struct pf_ip *);
/* 1 when a and b agree in the bits of the mask. */
int pf_ip_in(const struct pf_ip *a, const struct pf_ip *b,
    const struct pf_ip *mask);
/* fe80::/10. */
int pf_ip_linklocal(const struct pf_ip *, enum pf_af);
/* 10/8, 172.16/12, 192.168/16, 100.64/10, fc00::/7. */
int pf_ip_private(enum pf_af, const struct pf_ip *);

/*
 * A numeric address: dotted quad or RFC 4291 text, without scope. Sets the
 * family; 0, or -1 when the text is no address.
 */
int pf_ip_parse(struct str, struct pf_ip *, enum pf_af *);
/*
 * Part of a dotted quad ("10", "172.16") as in 10/8, missing bytes zero; 0,
 * or -1.
 */
int pf_ip_parse_net(struct str, struct pf_ip *);
/* Writes the address as inet_ntop(3) does. */
void pf_ip_print(struct buf *, const struct pf_ip *, enum pf_af);

#endif
