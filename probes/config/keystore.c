/* SPDX-License-Identifier: ISC */
/*
 * Java key stores: JKS and JCEKS by an own bounded reader (the layout is that
 * of sun.security.provider.JavaKeyStore), PKCS#12 by the TLS library. Which
 * certificates, and which of the given passwords opens it. Pure; runs in a
 * helper child.
 *
 *	magic FEEDFEED or CECECECE, version 1 or 2, number of entries;
 *	each: tag 1 (key) or 2 (trusted), alias, date, then
 *	 key: bytes, chain of certificates; trusted: one certificate
 *	 (version 2: its type's name before it);
 *	SHA-1 over password (UTF-16), "Mighty Aphrodite" and all the above.
 *
 * Keys: "type" (jks, jceks, pkcs12), "pbes2" (true: with the algorithms that
 * keytool takes since JDK 16), "password/N" (true: the password of
 * source N opens it), "entry/N" (alias), "entry/N/kind" (trusted, key),
 * "entry/N/cert..." as x509_add.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/pkcs12.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#include "agent/base/buf.h"
#include "agent/base/cur.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "probes/config/model.h"
#include "probes/config/reader.h"
#include "probes/config/x509.h"

#define JKS_MAGIC 0xfeedfeedU
#define JCEKS_MAGIC 0xcecececeU

static void
add(struct model *m, const char *key, const char *value, enum item_type t)
{
	struct item *it = model_add(m, str_from(key), str_from(value), t);

	if (it != NULL)
		it->line = 1;
}

static void
add_entry(struct model *m, int n, struct str alias, const char *kind)
{
	char *name = mem_str(alias), key[32];

	snprintf(key, sizeof(key), "entry/%d", n);
	add(m, key, name, ITEM_TEXT);
	snprintf(key, sizeof(key), "entry/%d/kind", n);
	add(m, key, kind, ITEM_WORD);
	free(name);
}

static void
add_der(struct model *m, int n, const uint8_t *der, size_t len)
{
	const unsigned char *p = der;
	X509 *x;
	char key[32];

	if (der == NULL || len > LIMIT_CONFIG_FILE ||
	    (x = d2i_X509(NULL, &p, (long)len)) == NULL) {
		m->partial = 1;
		return;
	}
	snprintf(key, sizeof(key), "entry/%d/cert", n);
	x509_add(m, key, x);
	X509_free(x);
}

/* Length of 16 bits, then bytes. */
static struct str
utf(struct cur *c)
{
	size_t n = cur_u16(c);
	const uint8_t *p = cur_bytes(c, n);

	return (str_of((const char *)p, p == NULL ? 0 : n));
}

/* One certificate; only the first of a chain is noted. */
static void
jks_certificate(struct cur *c, struct model *m, int n, uint32_t version,
    int note)
{
	const uint8_t *der;
	size_t len;

	if (version == 2)
		utf(c);
	len = cur_u32(c);
	der = cur_bytes(c, len);
	if (note && !c->err)
		add_der(m, n, der, len);
}

static void
jks_entry(struct cur *c, struct model *m, int n, uint32_t version)
{
	uint32_t tag = cur_u32(c), chain, i;
	struct str alias = utf(c);

	cur_u64(c);
	if (tag != 1 && tag != 2)
		cur_fail(c);
	if (c->err)
		return;
	add_entry(m, n, alias, tag == 1 ? "key" : "trusted");
	if (tag == 2) {
		jks_certificate(c, m, n, version, 1);
		return;
	}
	cur_skip(c, cur_u32(c));
	chain = cur_u32(c);
	for (i = 0; i < chain && !c->err; i++)
		jks_certificate(c, m, n, version, i == 0);
}

/* SHA-1 over the password as UTF-16 and the content is what is stored? */
static int
jks_opens(struct str store, struct str password)
{
	static const char whitener[] = "Mighty Aphrodite";
	unsigned char digest[SHA_DIGEST_LENGTH], pair[2] = { 0, 0 };
	EVP_MD_CTX *sha = EVP_MD_CTX_new();
	size_t i;

	if (sha == NULL || EVP_DigestInit_ex(sha, EVP_sha1(), NULL) != 1) {
		EVP_MD_CTX_free(sha);
		return (0);
	}
	for (i = 0; i < password.n; i++) {
		pair[1] = (unsigned char)password.p[i];
		EVP_DigestUpdate(sha, pair, 2);
	}
	EVP_DigestUpdate(sha, whitener, sizeof(whitener) - 1);
	EVP_DigestUpdate(sha, store.p, store.n - SHA_DIGEST_LENGTH);
	EVP_DigestFinal_ex(sha, digest, NULL);
	EVP_MD_CTX_free(sha);
	return (memcmp(digest, store.p + store.n - SHA_DIGEST_LENGTH,
	    SHA_DIGEST_LENGTH) == 0);
}

static void
read_jks(const struct config_sources *s, struct model *m)
{
	struct str store = s->list[0].text;
	struct cur c;
	uint32_t magic, version, count, i;
	char key[32];

	cur_init(&c, store.p, store.n);
	magic = cur_u32(&c);
	version = cur_u32(&c);
	count = cur_u32(&c);
	add(m, "type", magic == JKS_MAGIC ? "jks" : "jceks", ITEM_WORD);
	if (version != 1 && version != 2)
		cur_fail(&c);
	for (i = 0; i < count && !c.err && m->count < LIMIT_CONFIG_ITEMS; i++)
		jks_entry(&c, m, (int)i, version);
	if (c.err || cur_left(&c) != SHA_DIGEST_LENGTH) {
		m->partial = 1;
		model_problem(m, "truststore-damaged", 0, 1, 0,
		    "this key store is cut off or damaged");
		return;
	}
	for (i = 1; i < s->count; i++) {
		snprintf(key, sizeof(key), "password/%u", i);
		add(m, key, jks_opens(store, s->list[i].text) ? "true" :
		    "false", ITEM_BOOL);
	}
}

static void
add_x509(struct model *m, int n, X509 *x, const char *kind)
{
	struct str alias;
	char key[32];
	int len = 0;
	const unsigned char *name = X509_alias_get0(x, &len);

	alias = str_of((const char *)name, name == NULL ? 0 : (size_t)len);
	add_entry(m, n, alias, kind);
	snprintf(key, sizeof(key), "entry/%d/cert", n);
	x509_add(m, key, x);
}

/* What the right password shows. */
static void
read_p12_content(struct model *m, PKCS12 *p12, const char *password)
{
	STACK_OF(X509) *others = NULL;
	EVP_PKEY *key = NULL;
	X509 *own = NULL;
	int i, n = 0;

	if (PKCS12_parse(p12, PKCS12_mac_present(p12) ? password : NULL,
	    &key, &own, &others) != 1) {
		m->partial = 1;
		return;
	}
	if (own != NULL)
		add_x509(m, n++, own, key != NULL ? "key" : "trusted");
	for (i = 0; i < sk_X509_num(others) && i < 1000; i++)
		add_x509(m, n++, sk_X509_value(others, i), "trusted");
	sk_X509_pop_free(others, X509_free);
	X509_free(own);
	EVP_PKEY_free(key);
}

/* Is anything encrypted by PBES2 (1.2.840.113549.1.5.13)? The names of the
 * algorithms stand in the open. */
static int
has_pbes2(struct str store)
{
	static const char oid[] = "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01"
	    "\x05\x0d";
	size_t i, n = sizeof(oid) - 1;

	for (i = 0; i + n <= store.n; i++)
		if (memcmp(store.p + i, oid, n) == 0)
			return (1);
	return (0);
}

static void
read_p12(const struct config_sources *s, struct model *m)
{
	const unsigned char *p = (const unsigned char *)s->list[0].text.p;
	PKCS12 *p12 = d2i_PKCS12(NULL, &p, (long)s->list[0].text.n);
	char *password, key[32];
	int done = 0, opens;
	size_t i;

	if (p12 == NULL) {
		m->partial = 1;
		model_problem(m, "truststore-damaged", 0, 1, 0,
		    "this is no key store: neither JKS nor PKCS#12");
		return;
	}
	add(m, "type", "pkcs12", ITEM_WORD);
	add(m, "pbes2", has_pbes2(s->list[0].text) ? "true" : "false",
	    ITEM_BOOL);
	for (i = 1; i < s->count; i++) {
		password = mem_str(s->list[i].text);
		/* cacerts since JDK 18: no MAC, nothing encrypted, opened
		 * by any password */
		opens = !PKCS12_mac_present(p12) ||
		    PKCS12_verify_mac(p12, password, -1) == 1;
		snprintf(key, sizeof(key), "password/%zu", i);
		add(m, key, opens ? "true" : "false", ITEM_BOOL);
		if (opens && !done) {
			read_p12_content(m, p12, password);
			done = 1;
		}
		free(password);
	}
	if (!done)
		m->partial = 1;
	PKCS12_free(p12);
}

/* Sources after the first are passwords to try. */
void
read_keystore(const struct config_sources *s, struct model *m)
{
	struct cur c;
	uint32_t magic;

	cur_init(&c, s->list[0].text.p, s->list[0].text.n);
	magic = cur_u32(&c);
	if (s->list[0].text.n > LIMIT_CONFIG_FILE)
		m->partial = 1;
	else if (magic == JKS_MAGIC || magic == JCEKS_MAGIC)
		read_jks(s, m);
	else if (str_starts(s->list[0].text, "-----BEGIN"))
		model_problem(m, "truststore-damaged", 0, 1, 0, "this is a "
		    "PEM file, Java takes no such thing as a key store");
	else
		read_p12(s, m);
}
