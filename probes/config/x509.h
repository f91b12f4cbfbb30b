/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_PROBES_CONFIG_X509_H
#define MEETPROBE_PROBES_CONFIG_X509_H

#include <openssl/x509.h>

#include "agent/base/str.h"

struct model;

/*
 * What is asked of a certificate, as values below a key: KEY (value: subject
 * common name), KEY/fingerprint (SHA-256 of the certificate, lower case hex),
 * KEY/key (SHA-256 of its public key), KEY/issuer, KEY/self_signed,
 * KEY/not_before, KEY/not_after (seconds since 1970), KEY/name/N.
 */
void x509_add(struct model *, const char *key, X509 *);
/* SHA-256 of a public key's encoding, as hex; out holds 65 bytes. -1: none. */
int x509_key_hash(EVP_PKEY *, char *out);
/*
 * Does a certificate of the model, under KEY, cover a host name (RFC 6125:
 * a whole name, or * for its first label)?
 */
int x509_covers(const struct model *, const char *key, struct str host);

#endif
