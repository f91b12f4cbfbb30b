/* SPDX-License-Identifier: ISC */
/*
 * Addresses and masks of both families as bytes in network order, read from
 * and written as text. Pure.
 */
#include <sys/types.h>
#include <sys/socket.h>

#include <arpa/inet.h>
#include <string.h>

#include "agent/base/buf.h"
#include "probes/pf/addr.h"

int
pf_af_bits(enum pf_af af)
{
	return (af == PF_AF_INET ? 32 : 128);
}

int
pf_mask_len(const struct pf_ip *m)
{
	int i, bit;

	for (i = 0; i < 16 && m->b[i] == 0xff; i++)
		;
	if (i == 16)
		return (128);
	for (bit = 0; bit < 8 && (m->b[i] & (0x80 >> bit)) != 0; bit++)
		;
	return (i * 8 + bit);
}

struct pf_ip
pf_mask_of(int bits)
{
	struct pf_ip m;
	int i;

	memset(&m, 0, sizeof(m));
	for (i = 0; i < 16 && bits >= 8; i++, bits -= 8)
		m.b[i] = 0xff;
	if (i < 16 && bits > 0)
		m.b[i] = (uint8_t)(0xff << (8 - bits));
	return (m);
}

void
pf_ip_mask(struct pf_ip *a, const struct pf_ip *mask)
{
	int i;

	for (i = 0; i < 16; i++)
		a->b[i] &= mask->b[i];
}

int
pf_ip_zero(const struct pf_ip *a)
{
	static const struct pf_ip zero;

	return (memcmp(a, &zero, sizeof(zero)) == 0);
}

int
pf_ip_eq(const struct pf_ip *a, const struct pf_ip *b)
{
	return (memcmp(a, b, sizeof(*a)) == 0);
}

int
pf_ip_cmp(const struct pf_ip *a, const struct pf_ip *b)
{
	return (memcmp(a, b, sizeof(*a)));
}

int
pf_ip_in(const struct pf_ip *a, const struct pf_ip *b,
    const struct pf_ip *mask)
{
	uint64_t x[2], y[2], m[2];

	memcpy(x, a, sizeof(x));
	memcpy(y, b, sizeof(y));
	memcpy(m, mask, sizeof(m));
	return ((((x[0] ^ y[0]) & m[0]) | ((x[1] ^ y[1]) & m[1])) == 0);
}

int
pf_ip_linklocal(const struct pf_ip *a, enum pf_af af)
{
	return (af == PF_AF_INET6 && a->b[0] == 0xfe &&
	    (a->b[1] & 0xc0) == 0x80);
}

int
pf_ip_private(enum pf_af af, const struct pf_ip *a)
{
	const uint8_t *b = a->b;

	if (af == PF_AF_INET6)
		return ((b[0] & 0xfe) == 0xfc);
	return (b[0] == 10 || (b[0] == 172 && (b[1] & 0xf0) == 16) ||
	    (b[0] == 192 && b[1] == 168) || (b[0] == 100 &&
	    (b[1] & 0xc0) == 64));
}

int
pf_ip_parse(struct str s, struct pf_ip *ip, enum pf_af *af)
{
	char text[INET6_ADDRSTRLEN + 1];

	memset(ip, 0, sizeof(*ip));
	if (s.n == 0 || s.n >= sizeof(text) || memchr(s.p, 0, s.n) != NULL)
		return (-1);
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	if (inet_pton(AF_INET, text, ip->b) == 1) {
		*af = PF_AF_INET;
		return (0);
	}
	if (inet_pton(AF_INET6, text, ip->b) == 1) {
		*af = PF_AF_INET6;
		return (0);
	}
	memset(ip, 0, sizeof(*ip));
	return (-1);
}

int
pf_ip_parse_net(struct str s, struct pf_ip *ip)
{
	struct str part;
	int64_t v;
	int i;

	memset(ip, 0, sizeof(*ip));
	if (s.n == 0)
		return (-1);
	for (i = 0; i < 4; i++) {
		part = str_split(&s, '.');
		if (str_num(part, 0, 255, &v) == -1)
			return (-1);
		ip->b[i] = (uint8_t)v;
		if (s.n == 0)
			return (0);
	}
	return (-1);
}

void
pf_ip_print(struct buf *out, const struct pf_ip *ip, enum pf_af af)
{
	char text[INET6_ADDRSTRLEN + 1];

	if (inet_ntop(af == PF_AF_INET6 ? AF_INET6 : AF_INET, ip->b, text,
	    sizeof(text)) == NULL)
		text[0] = '\0';
	buf_adds(out, text);
}
