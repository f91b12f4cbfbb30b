/* SPDX-License-Identifier: ISC */
/*
 * Certificates as served: read and judged after the handshake, so that what
 * is wrong with them is told and nothing is hidden by a refused handshake.
 * Reads the file of roots (I/O), else pure. Only what OpenSSL and LibreSSL
 * share.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "agent/base/buf.h"
#include "agent/base/mem.h"
#include "agent/facts/check.h"
#include "agent/run/addr.h"
#include "probes/chain.h"
#include "probes/probe.h"

static wall_t
time_of(const ASN1_TIME *t)
{
	struct civil civil;
	struct tm tm;

	memset(&tm, 0, sizeof(tm));
	if (t == NULL || ASN1_TIME_to_tm(t, &tm) != 1)
		return (WALL_NONE);
	civil = (struct civil){ tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
		tm.tm_hour, tm.tm_min, tm.tm_sec, 0 };
	return (wall_from_civil(&civil));
}

static char *
name_text(X509_NAME *name)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *data, *text;
	long n;

	if (bio == NULL || name == NULL ||
	    X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253) < 0) {
		BIO_free(bio);
		return (mem_strdup("?"));
	}
	n = BIO_get_mem_data(bio, &data);
	text = probe_safe(data, n < 0 ? 0 : (size_t)n);
	BIO_free(bio);
	return (text);
}

/* Adds one subject alternative name. */
static void
add_name(struct buf *b, const GENERAL_NAME *name)
{
	const ASN1_STRING *s = NULL;
	struct addr a;
	char text[ADDR_TEXT_SIZE];

	if (name->type == GEN_DNS)
		s = name->d.dNSName;
	else if (name->type == GEN_IPADD)
		s = name->d.iPAddress;
	if (s == NULL)
		return;
	if (b->len > 0)
		buf_addc(b, ' ');
	if (name->type == GEN_DNS) {
		buf_add_safe(b, str_of((const char *)ASN1_STRING_get0_data(s),
		    (size_t)ASN1_STRING_length(s)));
		return;
	}
	if (ASN1_STRING_length(s) != 4 && ASN1_STRING_length(s) != 16)
		return;
	addr_from_bytes(&a, ASN1_STRING_get0_data(s),
	    (size_t)ASN1_STRING_length(s));
	addr_text(&a, text, sizeof(text));
	buf_adds(b, text);
}

static char *
names_text(X509 *x)
{
	GENERAL_NAMES *names;
	struct buf b;
	char *text;
	int i;

	names = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
	buf_init(&b, 2048);
	for (i = 0; i < sk_GENERAL_NAME_num(names); i++)
		add_name(&b, sk_GENERAL_NAME_value(names, i));
	GENERAL_NAMES_free(names);
	text = buf_take(&b);
	buf_free(&b);
	return (text);
}

static char *
key_text(X509 *x)
{
	EVP_PKEY *key = X509_get_pubkey(x);
	const char *kind;
	char *text;

	if (key == NULL)
		return (mem_strdup("key not readable"));
	switch (EVP_PKEY_base_id(key)) {
	case EVP_PKEY_RSA: kind = "RSA"; break;
	case EVP_PKEY_EC: kind = "EC"; break;
	default: kind = OBJ_nid2sn(EVP_PKEY_base_id(key)); break;
	}
	text = mem_printf("%s %d bits", kind == NULL ? "key" : kind,
	    EVP_PKEY_bits(key));
	EVP_PKEY_free(key);
	return (text);
}

static void
read_certificate(struct certificate *c, X509 *x)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned n = 0, i;

	c->subject = name_text(X509_get_subject_name(x));
	c->issuer = name_text(X509_get_issuer_name(x));
	c->names = names_text(x);
	c->key = key_text(x);
	c->not_before = time_of(X509_get0_notBefore(x));
	c->not_after = time_of(X509_get0_notAfter(x));
	c->self_signed = X509_NAME_cmp(X509_get_subject_name(x),
	    X509_get_issuer_name(x)) == 0;
	if (X509_digest(x, EVP_sha256(), digest, &n) != 1)
		n = 0;
	for (i = 0; i < n && i * 3 + 3 < sizeof(c->fingerprint); i++)
		snprintf(c->fingerprint + i * 3, 4, "%02X:", digest[i]);
	if (n > 0)
		c->fingerprint[n * 3 - 1] = '\0';
}

/* Puts the certificates of a PEM text among the roots; how many. */
static int
add_pem(X509_STORE *store, const char *pem)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	X509 *x;
	int n = 0;

	while (bio != NULL && (x = PEM_read_bio_X509(bio, NULL, NULL, NULL)) !=
	    NULL) {
		n += X509_STORE_add_cert(store, x) == 1;
		X509_free(x);
	}
	BIO_free(bio);
	return (n);
}

/* 1 when the certificate itself stands in the PEM text. */
static int
stands_in(const X509 *leaf, const char *pem)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	int found = 0;
	X509 *x;

	while (bio != NULL && !found && (x = PEM_read_bio_X509(bio, NULL, NULL,
	    NULL)) != NULL) {
		found = X509_cmp(leaf, x) == 0;
		X509_free(x);
	}
	BIO_free(bio);
	return (found);
}

/* Looks for a chain from the leaf to a root that is trusted. */
static void
verify(struct chain *c, X509 *leaf, STACK_OF(X509) *served,
    const struct chain_roots *roots)
{
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();

	if (store == NULL || ctx == NULL)
		goto out;
	if (roots->pem != NULL) {
		(void)add_pem(store, roots->pem);
		c->is_root = stands_in(leaf, roots->pem);
	}
	if (roots->system)
		(void)X509_STORE_set_default_paths(store);
	if (roots->file != NULL &&
	    X509_STORE_load_locations(store, roots->file, NULL) != 1)
		snprintf(c->problem, sizeof(c->problem), "the file of trusted "
		    "roots %s cannot be read", roots->file);
	else if (X509_STORE_CTX_init(ctx, store, leaf, served) == 1) {
		c->valid = X509_verify_cert(ctx) == 1;
		if (!c->valid)
			snprintf(c->problem, sizeof(c->problem), "%s",
			    X509_verify_cert_error_string(
			    X509_STORE_CTX_get_error(ctx)));
	}
out:
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
	ERR_clear_error();
}

static int
is_for(X509 *leaf, const char *name)
{
	struct addr numeric;

	if (addr_parse(&numeric, str_from(name), 0) == 0)
		return (X509_check_ip_asc(leaf, name, 0) == 1);
	return (X509_check_host(leaf, name, strlen(name), 0, NULL) == 1);
}

void
chain_read(struct chain *c, SSL *ssl, const char *name,
    const struct chain_roots *roots)
{
	STACK_OF(X509) *served = SSL_get_peer_cert_chain(ssl);
	X509 *leaf = SSL_get_peer_certificate(ssl);
	int i;

	memset(c, 0, sizeof(*c));
	snprintf(c->version, sizeof(c->version), "%s", SSL_get_version(ssl));
	snprintf(c->cipher, sizeof(c->cipher), "%s",
	    SSL_CIPHER_get_name(SSL_get_current_cipher(ssl)));
	c->bits = SSL_CIPHER_get_bits(SSL_get_current_cipher(ssl), NULL);
	if (leaf == NULL) {
		snprintf(c->problem, sizeof(c->problem),
		    "no certificate was served");
		return;
	}
	for (i = 0; i < sk_X509_num(served) && c->count < LIMIT_CHAIN; i++)
		read_certificate(&c->list[c->count++],
		    sk_X509_value(served, i));
	if (c->count == 0)
		read_certificate(&c->list[c->count++], leaf);
	c->name_ok = name == NULL || is_for(leaf, name);
	if (roots->file != NULL || roots->pem != NULL || roots->system)
		verify(c, leaf, served, roots);
	X509_free(leaf);
}

void
chain_free(struct chain *c)
{
	size_t i;

	for (i = 0; i < c->count; i++) {
		free(c->list[i].subject);
		free(c->list[i].issuer);
		free(c->list[i].names);
		free(c->list[i].key);
	}
	memset(c, 0, sizeof(*c));
}

/* The fact of an expiry, as Unix time. */
static void
state_expiry(struct check *check, const char *fact, wall_t when)
{
	char text[32];

	snprintf(text, sizeof(text), "%lld",
	    (long long)(when.us / US_PER_SEC));
	check_fact(check, fact, text);
}

void
chain_say(const struct chain *c, struct check *check)
{
	const struct certificate *x;
	wall_t first = WALL_NONE;
	char from[WALL_TEXT_SIZE], to[WALL_TEXT_SIZE];
	size_t i;

	check_say(check, "%s, cipher %s, %d bits", c->version, c->cipher,
	    c->bits);
	for (i = 0; i < c->count; i++) {
		x = &c->list[i];
		wall_format(x->not_before, from, sizeof(from));
		wall_format(x->not_after, to, sizeof(to));
		check_say(check, "certificate %zu: subject %s", i,
		    x->subject);
		check_say(check, "  issuer %s%s", x->issuer,
		    x->self_signed ? " (self-signed)" : "");
		if (x->names[0] != '\0')
			check_say(check, "  names %s", x->names);
		check_say(check, "  valid %s to %s, %s", from, to, x->key);
		check_say(check, "  SHA-256 %s", x->fingerprint);
		if (!wall_is_set(first) || wall_diff(x->not_after, first) < 0)
			first = x->not_after;
	}
	if (c->count > 0) {
		state_expiry(check, "tls.not_after", c->list[0].not_after);
		state_expiry(check, "tls.chain_not_after", first);
	}
}

long
chain_days_left(const struct certificate *x, wall_t now)
{
	int64_t us = wall_diff(x->not_after, now);
	const int64_t day = INT64_C(86400) * US_PER_SEC;

	return ((long)(us < 0 ? -((-us + day - 1) / day) : us / day));
}

/* The next hexadecimal digit of a text in upper case, 0 at its end. */
static int
next_digit(const char **p)
{
	while (**p == ':' || **p == ' ')
		(*p)++;
	if (**p == '\0')
		return (0);
	return (**p >= 'a' && **p <= 'f' ? *(*p)++ - 32 : *(*p)++);
}

int
chain_is_fingerprint(const struct certificate *x, const char *text)
{
	const char *a = x->fingerprint, *b = text;
	int d;

	if (strncmp(text, "SHA256:", 7) == 0 ||
	    strncmp(text, "sha256:", 7) == 0)
		b += 7;
	do {
		d = next_digit(&a);
		if (d != next_digit(&b))
			return (0);
	} while (d != 0);
	return (x->fingerprint[0] != '\0');
}
