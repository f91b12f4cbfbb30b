/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_FACTS_SECRET_H
#define MEETPROBE_FACTS_SECRET_H

#include <stddef.h>

#include "agent/base/str.h"
#include "agent/facts/kinds.h"

/*
 * A secret that two programs hold alike, as one of them holds it. Between
 * hosts `value` is PBKDF2-HMAC-SHA256 (RFC 8018 section 5.2) of the secret
 * with the salt of who asked, both in lower case hexadecimal; within one set
 * of files salt is "", rounds 0 and value the secret itself.
 */
struct secret {
	/* What it is for: "component_secret focus.jts.example" (or "focus"
	 * where the holder does not say its domain), "turn_secret",
	 * "truststore_password STORE". */
	char *name;
	enum component component;	/* who holds it */
	char *host;			/* whose file; NULL: not said */
	char *file;
	int line;
	char *salt;
	unsigned rounds;
	char *value;
};

struct secrets {
	struct secret *list;
	size_t count, cap;
};

void secrets_init(struct secrets *);
/* Wipes the values. */
void secrets_free(struct secrets *);
/* A new element, zeroed; NULL above LIMIT_SECRETS. */
struct secret *secrets_add(struct secrets *);

/*
 * Takes a salt as it is written: hexadecimal, LIMIT_SALT_LEAST to
 * LIMIT_SALT_MOST bytes. Their number, or 0.
 */
size_t secret_salt(struct str text, unsigned char out[]);
/* Bytes as lower case hexadecimal; freed by the caller. */
char *secret_hex(const unsigned char *, size_t);
/* A hexadecimal text in lower case; freed by the caller. */
char *secret_lower(struct str);

/* What comparing one holder of a secret with prosody (of a trust store's
 * password: with the other holder) has shown. */
enum secret_result {
	SECRET_DIFFERS,		/* none of them is the holder's */
	SECRET_UNKNOWN		/* another salt or number of rounds */
};

/*
 * Compares all of the list. fn is called for what is not the same; holder
 * and other are elements of the list. A program may hold several values for
 * one name: one that is the same is enough. Values of the same program on
 * different hosts are not compared.
 */
void secrets_compare(const struct secrets *, void (*fn)(void *,
    enum secret_result, const struct secret *holder,
    const struct secret *other), void *arg);

#endif
