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
	int valid;			/* a chain to a trusted root was found */
	char problem[120];		/* why not, in the library's words */
};

/*
 * Reads what the peer of a finished handshake served. name: whom it must be
 * for; ca: PEM file of trusted roots, NULL: the system's (not looked at when
 * `system` is 0). chain_free gives it back.
 */
void chain_read(struct chain *, SSL *, const char *name, const char *ca,
    int system);
void chain_free(struct chain *);
/* Tells the transcript: version, cipher, each certificate. */
void chain_say(const struct chain *, struct check *);
/* Whole days until the certificate ends; negative when past. */
long chain_days_left(const struct certificate *, wall_t now);
/* 1 when the text is the fingerprint, whatever its colons and case. */
int chain_is_fingerprint(const struct certificate *, const char *text);

#endif
