/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_CHAIN_H
#define MEETPROBE_PROBES_CHAIN_H

#include <stddef.h>

#include <openssl/ssl.h>

#include "agent/base/clock.h"
#include "agent/base/limits.h"

struct check;
struct site;

/* One certificate as served; strings are escaped. */
struct certificate {
	char *subject, *issuer;
	char *names;			/* DNS names and addresses, blanks */
	char *key;			/* "RSA 2048 bits" */
	wall_t not_before, not_after;
	char fingerprint[100];		/* SHA-256, "AB:CD:..." */
	int self_signed;		/* issuer is subject */
};

/* What a TLS handshake showed. */
struct chain {
	char version[16], cipher[64];
	int bits;
	size_t count;
	struct certificate list[LIMIT_CHAIN];
	int name_ok;			/* the first one is for the name */
	int valid;			/* a chain to a trusted root */
	int is_root;			/* the first one is itself a root */
	char problem[120];		/* why not, in the library's words */
};

/* The roots to judge by: all that are named. */
struct chain_roots {
	const char *file;		/* of PEM, or NULL */
	const char *pem;		/* text of PEM, or NULL */
	int system;			/* those of the system */
};

/*
 * Reads what the peer of a finished handshake served. name: whom it must be
 * for. chain_free gives it back.
 */
void chain_read(struct chain *, SSL *, const char *name,
    const struct chain_roots *);
void chain_free(struct chain *);
/* Tells the transcript: version, cipher, each certificate; and states when
 * they expire: the facts tls.not_after and tls.chain_not_after. */
void chain_say(const struct chain *, struct check *);
/* Whole days until the certificate ends; negative when past. */
long chain_days_left(const struct certificate *, wall_t now);
/* 1 when the text is the fingerprint, whatever its colons and case. */
int chain_is_fingerprint(const struct certificate *, const char *text);

#endif
