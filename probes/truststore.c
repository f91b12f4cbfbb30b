/* SPDX-License-Identifier: ISC */
/*
 * The helper child that reads a Java trust store and answers its trusted
 * certificates as PEM. Runs with limits of its own; the file is not trusted.
 * JKS as sun.security.provider.JavaKeyStore writes it:
 *
 *	magic FEEDFEED, version 32, count 32; each entry: tag 32, alias
 *	(16 + bytes), date 64, then for tag 2 a certificate, for tag 1 a key
 *	(32 + bytes) and a count of certificates. A certificate: type
 *	(16 + bytes, version 2 only), 32 + DER.
 *
 * PKCS#12 by the TLS library; PEM as it is.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include "agent/base/buf.h"
#include "agent/base/cur.h"
#include "agent/base/limits.h"
#include "agent/base/mem.h"
#include "agent/run/child.h"
#include "probes/trust.h"

#define JKS_MAGIC 0xfeedfeedU
enum { TAG_KEY = 1, TAG_TRUSTED = 2 };

static void
add_pem(BIO *out, X509 *x)
{
	if (x != NULL)
		(void)PEM_write_bio_X509(out, x);
}

static void
jks_certificate(struct cur *c, uint32_t version, BIO *out)
{
	const uint8_t *der;
	uint32_t n;
	X509 *x;

	if (version == 2)
		cur_skip(c, cur_u16(c));
	n = cur_u32(c);
	der = cur_bytes(c, n);
	if (der == NULL || out == NULL)
		return;
	x = d2i_X509(NULL, &der, (long)n);
	add_pem(out, x);
	X509_free(x);
}

/* 0, or -1 when the bytes are no JKS. */
static int
read_jks(struct str bytes, BIO *out)
{
	uint32_t version, count, tag, chain;
	struct cur c;

	cur_init(&c, bytes.p, bytes.n);
	if (cur_u32(&c) != JKS_MAGIC)
		return (-1);
	version = cur_u32(&c);
	count = cur_u32(&c);
	while (count-- > 0 && !c.err) {
		tag = cur_u32(&c);
		cur_skip(&c, cur_u16(&c));
		cur_skip(&c, 8);
		if (tag == TAG_TRUSTED) {
			jks_certificate(&c, version, out);
			continue;
		}
		if (tag != TAG_KEY)
			return (-1);
		cur_skip(&c, cur_u32(&c));
		chain = cur_u32(&c);
		while (chain-- > 0 && !c.err)
			jks_certificate(&c, version, NULL);
	}
	return (c.err ? -1 : 0);
}

static int
read_pkcs12(struct str bytes, const char *password, BIO *out)
{
	const unsigned char *p = (const unsigned char *)bytes.p;
	PKCS12 *store = d2i_PKCS12(NULL, &p, (long)bytes.n);
	STACK_OF(X509) *list = NULL;
	EVP_PKEY *key = NULL;
	X509 *own = NULL;
	int i, ok;

	if (store == NULL)
		return (-1);
	/* cacerts since JDK 18 have no MAC and nothing encrypted */
	ok = PKCS12_parse(store, PKCS12_mac_present(store) ? password : NULL,
	    &key, &own, &list) == 1;
	for (i = 0; ok && i < sk_X509_num(list); i++)
		add_pem(out, sk_X509_value(list, i));
	sk_X509_pop_free(list, X509_free);
	EVP_PKEY_free(key);
	X509_free(own);
	PKCS12_free(store);
	return (ok ? 0 : -1);
}

static int
slurp(const char *file, struct buf *b)
{
	char part[8192];
	ssize_t n;
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd == -1)
		return (-1);
	while ((n = read(fd, part, sizeof(part))) > 0 && !b->full)
		buf_add(b, part, (size_t)n);
	close(fd);
	return (n == 0 && !b->full ? 0 : -1);
}

/* Request: the file's path, a newline, the password. */
int
truststore_role(struct str request, int sock)
{
	struct str path = str_split(&request, '\n'), bytes;
	char *file = mem_str(path), *password = mem_str(request), *data;
	BIO *out = BIO_new(BIO_s_mem());
	struct buf b;
	int r = -1;
	long n;

	buf_init(&b, LIMIT_CONFIG_FILE);
	if (out != NULL && slurp(file, &b) == 0) {
		bytes = buf_str(&b);
		if (str_find(bytes, "-----BEGIN CERTIFICATE") != SIZE_MAX)
			r = BIO_write(out, b.data, (int)b.len) > 0 ? 0 : -1;
		else if (read_jks(bytes, out) == 0 ||
		    read_pkcs12(bytes, password, out) == 0)
			r = 0;
		n = BIO_get_mem_data(out, &data);
		if (r == 0 && n >= 0)
			r = child_answer(sock, str_of(data, (size_t)n));
	}
	BIO_free(out);
	buf_free(&b);
	explicit_bzero(password, strlen(password));
	free(password);
	free(file);
	return (r == 0 ? 0 : 1);
}
