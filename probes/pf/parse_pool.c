/* SPDX-License-Identifier: ISC */
/*
 * Where a packet is sent instead: the pools of nat-to, rdr-to, binat-to,
 * af-to and route-to, with ports and pool options. Pure.
 */
#include <openssl/evp.h>

#include <stdlib.h>
#include <string.h>

#include "probes/pf/parse.h"

/* host [weight N] ...; the brace is read. */
static int
pool_hosts(struct pf_parser *p, struct pf_host **list)
{
	struct pf_host **tail = list;
	int more;

	pf_newlines(p);
	do {
		if (pf_parse_host(p, tail) == -1 ||
		    pf_parse_weight(p, *tail) == -1)
			return (-1);
		if (tail == list && (*list)->addr.type != PF_ADDR_MASK)
			return (pf_error(p, "only addresses can be listed for "
			    "redirection pools "));
		while (*tail != NULL)
			tail = &(*tail)->next;
		if ((more = pf_list_more(p)) == -1)
			return (-1);
	} while (more);
	return (0);
}

static uint32_t
be32(const unsigned char *p)
{
	return ((uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3]);
}

static int
hex_key(struct pf_parser *p, const char *s, uint32_t *key)
{
	char part[9], *end;
	int i;

	if (strlen(s) != 34)
		return (pf_error(p, "hex key must be 128 bits (32 hex digits) "
		    "long"));
	for (i = 0; i < 4; i++) {
		memcpy(part, s + 2 + 8 * i, 8);
		part[8] = '\0';
		key[i] = (uint32_t)strtoul(part, &end, 16);
		if (*end != '\0')
			return (pf_error(p, "invalid hex key"));
	}
	return (0);
}

/* A key in hexadecimal, or any text, which is hashed. Without one pfctl
 * draws a random key; ours stays zero, so that runs agree. */
int
pf_parse_source_hash(struct pf_parser *p, struct pf_redirect *r)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int n = 0;
	const char *s;
	int i;

	if (pf_peek(p) != T_STRING)
		return (0);
	if (pf_strings(p, &s) == -1)
		return (-1);
	r->has_key = 1;
	if (strncmp(s, "0x", 2) == 0)
		return (hex_key(p, s, r->key));
	if (EVP_Digest(s, strlen(s), digest, &n, EVP_md5(), NULL) != 1)
		return (pf_error(p, "no MD5 for the key of source-hash"));
	for (i = 0; i < 4; i++)
		r->key[i] = be32(digest + 4 * i);
	return (0);
}

static int
pool_type(struct pf_parser *p, struct pf_redirect *r, enum pf_pool_type type)
{
	if (type == PF_POOL_SRCHASH && pf_parse_source_hash(p, r) == -1)
		return (-1);
	if (r->type != PF_POOL_NONE)
		return (pf_error(p, "pool type cannot be redefined"));
	r->type = type;
	return (0);
}

static int
pool_options(struct pf_parser *p, struct pf_redirect *r)
{
	static const struct {
		int token;
		enum pf_pool_type type;
	} types[] = {
		{ K_BITMASK, PF_POOL_BITMASK }, { K_RANDOM, PF_POOL_RANDOM },
		{ K_SOURCEHASH, PF_POOL_SRCHASH },
		{ K_ROUNDROBIN, PF_POOL_ROUNDROBIN },
		{ K_LEASTSTATES, PF_POOL_LEASTSTATES },
	};
	size_t i, n = sizeof(types) / sizeof(types[0]);

	for (;;) {
		for (i = 0; i < n && !pf_accept(p, types[i].token); i++)
			;
		if (i < n) {
			if (pool_type(p, r, types[i].type) == -1)
				return (-1);
		} else if (pf_accept(p, K_STATICPORT)) {
			if (r->static_port)
				return (pf_error(p, "static-port cannot be "
				    "redefined"));
			r->static_port = 1;
		} else if (pf_accept(p, K_STICKYADDRESS)) {
			if (r->sticky)
				return (pf_error(p, "sticky-address cannot be "
				    "redefined"));
			r->sticky = 1;
		} else
			return (0);
	}
}

int
pf_parse_redirect(struct pf_parser *p, struct pf_redirect *r, int port)
{
	memset(r, 0, sizeof(*r));
	r->set = 1;
	if (pf_accept(p, '{')) {
		if (pool_hosts(p, &r->host) == -1)
			return (-1);
	} else if (pf_parse_host(p, &r->host) == -1 ||
	    pf_parse_weight(p, r->host) == -1)
		return (-1);
	if (port && pf_accept(p, K_PORT) &&
	    pf_parse_port(p, 1, 1, &r->port) == -1)
		return (-1);
	return (pool_options(p, r));
}
