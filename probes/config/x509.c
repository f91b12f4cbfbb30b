/* SPDX-License-Identifier: ISC */
/*
 * Certificates and private keys in PEM, and what both key store readers need
 * of a certificate. Only functions that OpenSSL and LibreSSL share. Pure.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>

#include "agent/base/buf.h"
#include "agent/base/clock.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "probes/config/lines.h"
#include "probes/config/model.h"
#include "probes/config/reader.h"
#include "probes/config/x509.h"

#define HEX_SIZE (2 * SHA256_DIGEST_LENGTH + 1)

static void
hex(const unsigned char *p, size_t n, char *out)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < n; i++) {
		out[2 * i] = digits[p[i] >> 4];
		out[2 * i + 1] = digits[p[i] & 15];
	}
	out[2 * n] = '\0';
}

static void
add(struct model *m, const char *key, const char *name, const char *value,
    enum item_type type)
{
	char *path = mem_printf("%s%s%s", key, name[0] == '\0' ? "" : "/",
	    name);

	model_add(m, str_from(path), str_from(value), type);
	free(path);
}

static void
add_time(struct model *m, const char *key, const char *name,
    const ASN1_TIME *when)
{
	struct civil c = { 0 };
	struct tm tm;
	char *text;

	if (when == NULL || ASN1_TIME_to_tm(when, &tm) != 1)
		return;
	c.year = tm.tm_year + 1900;
	c.month = tm.tm_mon + 1;
	c.day = tm.tm_mday;
	c.hour = tm.tm_hour;
	c.minute = tm.tm_min;
	c.second = tm.tm_sec;
	text = mem_printf("%lld", (long long)(wall_from_civil(&c).us /
	    US_PER_SEC));
	add(m, key, name, text, ITEM_NUMBER);
	free(text);
}

static void
add_names(struct model *m, const char *key, X509 *x)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(x, NID_subject_alt_name,
	    NULL, NULL);
	const GENERAL_NAME *n;
	const ASN1_STRING *s;
	char *text, *path;
	int i;

	for (i = 0; i < sk_GENERAL_NAME_num(names) && i < 200; i++) {
		n = sk_GENERAL_NAME_value(names, i);
		if (n->type != GEN_DNS)
			continue;
		s = n->d.dNSName;
		text = mem_str(str_of((const char *)ASN1_STRING_get0_data(s),
		    (size_t)ASN1_STRING_length(s)));
		path = mem_printf("name/%d", i);
		add(m, key, path, text, ITEM_TEXT);
		free(path);
		free(text);
	}
	GENERAL_NAMES_free(names);
}

static void
add_subject(struct model *m, const char *key, const char *name,
    X509_NAME *subject)
{
	char text[256] = "";

	if (subject == NULL || X509_NAME_get_text_by_NID(subject,
	    NID_commonName, text, sizeof(text)) < 0)
		text[0] = '\0';
	add(m, key, name, text, ITEM_TEXT);
}

int
x509_key_hash(EVP_PKEY *key, char *out)
{
	unsigned char *der = NULL, digest[SHA256_DIGEST_LENGTH];
	int n = key == NULL ? -1 : i2d_PUBKEY(key, &der);

	if (n <= 0)
		return (-1);
	SHA256(der, (size_t)n, digest);
	hex(digest, sizeof(digest), out);
	OPENSSL_free(der);
	return (0);
}

void
x509_add(struct model *m, const char *key, X509 *x)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	char text[2 * EVP_MAX_MD_SIZE + 1];
	EVP_PKEY *pub;

	add_subject(m, key, "", X509_get_subject_name(x));
	if (X509_digest(x, EVP_sha256(), digest, &n) == 1) {
		hex(digest, n, text);
		add(m, key, "fingerprint", text, ITEM_TEXT);
	}
	pub = X509_get_pubkey(x);
	if (x509_key_hash(pub, text) == 0)
		add(m, key, "key", text, ITEM_TEXT);
	EVP_PKEY_free(pub);
	add_subject(m, key, "issuer", X509_get_issuer_name(x));
	add(m, key, "self_signed", X509_NAME_cmp(X509_get_subject_name(x),
	    X509_get_issuer_name(x)) == 0 ? "true" : "false", ITEM_BOOL);
	add_time(m, key, "not_before", X509_get0_notBefore(x));
	add_time(m, key, "not_after", X509_get0_notAfter(x));
	add_names(m, key, x);
}

static int
name_covers(struct str name, struct str host)
{
	char *text = mem_str(name);
	size_t dot;
	int yes = str_ieqs(host, text);

	if (!yes && str_starts(name, "*.") &&
	    (dot = str_chr(host, '.')) != SIZE_MAX)
		yes = str_ieqs(str_sub(host, dot, host.n), text + 1);
	free(text);
	return (yes);
}

int
x509_covers(const struct model *m, const char *key, struct str host)
{
	char *path = mem_printf("%s/name/", key);
	size_t i, names = 0;
	int yes = 0;

	for (i = 0; i < m->count && !yes; i++) {
		if (!str_starts(str_from(m->list[i].key), path))
			continue;
		names++;
		yes = name_covers(str_from(m->list[i].value), host);
	}
	free(path);
	if (names == 0)
		yes = name_covers(item_str(model_get(m, key)), host);
	return (yes);
}

static int
no_password(char *text, int size, int writing, void *arg)
{
	(void)text;
	(void)size;
	(void)writing;
	(void)arg;
	return (-1);
}

/* PEM blocks of a file: certificates "cert/N", a private key "key". */
void
read_certificate(const struct config_sources *s, struct model *m)
{
	struct str text = s->list[0].text;
	BIO *bio = BIO_new_mem_buf(text.p, (int)(text.n > LIMIT_CONFIG_FILE ?
	    LIMIT_CONFIG_FILE : text.n));
	EVP_PKEY *key;
	char path[32], hash[HEX_SIZE];
	X509 *x;
	int i;

	for (i = 0; bio != NULL && i < 100 && (x = PEM_read_bio_X509(bio,
	    NULL, no_password, NULL)) != NULL; i++) {
		snprintf(path, sizeof(path), "cert/%d", i);
		x509_add(m, path, x);
		X509_free(x);
	}
	BIO_free(bio);
	bio = BIO_new_mem_buf(text.p, (int)(text.n > LIMIT_CONFIG_FILE ?
	    LIMIT_CONFIG_FILE : text.n));
	if (bio != NULL && str_find(text, "PRIVATE KEY-----") != SIZE_MAX) {
		key = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
		if (key != NULL && x509_key_hash(key, hash) == 0)
			add(m, "key", "", hash, ITEM_TEXT);
		else
			add(m, "key", "", "", ITEM_OPAQUE);
		EVP_PKEY_free(key);
	}
	BIO_free(bio);
	if (m->count == 0)
		model_problem(m, "cert-file-not-pem", 0, 1, 0,
		    "no certificate and no key in PEM is in this file");
	for (size_t k = 0; k < m->count; k++)
		m->list[k].line = 1;
}
