/* SPDX-License-Identifier: ISC */
/*
 * Certificates and trust stores: would catch a self-signed certificate held
 * for untrusted although the store holds it, one of another key taken for
 * it, a name that does not match, an end of validity missed, and a store
 * read wrongly or past its end.
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "agent/base/buf.h"
#include "agent/base/mem.h"
#include "agent/run/msg.h"
#include "probes/chain.h"
#include "probes/trust.h"
#include "tests/kit/check.h"

struct pair {
	X509 *x;
	EVP_PKEY *key;
};

static EVP_PKEY *
make_key(void)
{
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, NULL);
	EVP_PKEY *key = NULL;

	if (c == NULL || EVP_PKEY_keygen_init(c) != 1 ||
	    EVP_PKEY_CTX_set_rsa_keygen_bits(c, 2048) != 1 ||
	    EVP_PKEY_keygen(c, &key) != 1)
		fatal("no key");
	EVP_PKEY_CTX_free(c);
	return (key);
}

static void
add_extension(X509 *x, int nid, const char *text)
{
	char *copy = mem_strdup(text);
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, nid, copy);

	if (e == NULL)
		fatal("no extension");
	X509_add_ext(x, e, -1);
	X509_EXTENSION_free(e);
	free(copy);
}

/* A certificate for a name, valid from now for so many days (negative: it
 * has ended), signed by `by`, NULL: by itself. */
static struct pair
make(const char *name, long days, const struct pair *by)
{
	struct pair p = { X509_new(), make_key() };
	char *alt = mem_printf("DNS:%s", name);
	X509_NAME *n = X509_get_subject_name(p.x);

	X509_set_version(p.x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(p.x), days + 1000);
	X509_gmtime_adj(X509_getm_notBefore(p.x), -86400L * 400);
	X509_gmtime_adj(X509_getm_notAfter(p.x), 86400L * days + 60);
	X509_set_pubkey(p.x, p.key);
	X509_NAME_add_entry_by_txt(n, "CN", MBSTRING_ASC,
	    (const unsigned char *)name, -1, -1, 0);
	X509_set_issuer_name(p.x, by == NULL ? n :
	    X509_get_subject_name(by->x));
	if (strcmp(name, "CA") == 0)
		add_extension(p.x, NID_basic_constraints, "critical,CA:TRUE");
	else
		add_extension(p.x, NID_subject_alt_name, alt);
	X509_sign(p.x, by == NULL ? p.key : by->key, EVP_sha256());
	free(alt);
	return (p);
}

static void
drop(struct pair *p)
{
	X509_free(p->x);
	EVP_PKEY_free(p->key);
}

static char *
pem_of(X509 *x)
{
	BIO *b = BIO_new(BIO_s_mem());
	char *data, *text;
	long n;

	PEM_write_bio_X509(b, x);
	n = BIO_get_mem_data(b, &data);
	text = mem_str(str_of(data, (size_t)n));
	BIO_free(b);
	return (text);
}

/* A handshake in memory; what the client reads of the server's chain. */
static void
shake(struct pair *leaf, const char *name, const char *pem, struct chain *c)
{
	struct chain_roots roots = { NULL, pem, 0 };
	SSL_CTX *sctx = SSL_CTX_new(TLS_server_method());
	SSL_CTX *cctx = SSL_CTX_new(TLS_client_method());
	SSL *server, *client;
	BIO *a, *b;
	int i;

	SSL_CTX_use_certificate(sctx, leaf->x);
	SSL_CTX_use_PrivateKey(sctx, leaf->key);
	SSL_CTX_set_verify(cctx, SSL_VERIFY_NONE, NULL);
	server = SSL_new(sctx);
	client = SSL_new(cctx);
	BIO_new_bio_pair(&a, 65536, &b, 65536);
	SSL_set_bio(server, a, a);
	SSL_set_bio(client, b, b);
	SSL_set_accept_state(server);
	SSL_set_connect_state(client);
	for (i = 0; i < 20; i++) {
		SSL_do_handshake(client);
		SSL_do_handshake(server);
	}
	CHECK(SSL_is_init_finished(client), "a handshake in memory");
	chain_read(c, client, name, &roots);
	SSL_free(server);
	SSL_free(client);
	SSL_CTX_free(sctx);
	SSL_CTX_free(cctx);
}

static void
test_self_signed(void)
{
	struct pair leaf = make("auth.jts.example", 30, NULL);
	struct pair other = make("auth.jts.example", 30, NULL);
	char *own = pem_of(leaf.x), *foreign = pem_of(other.x);
	struct chain c;

	shake(&leaf, "auth.jts.example", own, &c);
	CHECK(c.count == 1 && c.list[0].self_signed, "it is self-signed");
	CHECK(c.is_root && c.valid, "and trusted, as the store holds it");
	CHECK(c.name_ok, "it is for its name");
	CHECK_INT(chain_days_left(&c.list[0], wall_now()), 30,
	    "its days are counted");
	CHECK_INT(strlen(c.list[0].fingerprint), 95,
	    "the fingerprint is whole");
	CHECK(chain_is_fingerprint(&c.list[0], c.list[0].fingerprint),
	    "and known again");
	c.list[0].fingerprint[0] ^= 1;
	CHECK(!chain_is_fingerprint(&c.list[0], "AB:CD"),
	    "a part of one is none");
	chain_free(&c);
	shake(&leaf, "auth.jts.example", foreign, &c);
	CHECK(!c.is_root && !c.valid,
	    "one of the same name and another key is not trusted");
	chain_free(&c);
	shake(&leaf, "jts.example", own, &c);
	CHECK(!c.name_ok, "another name is another name");
	chain_free(&c);
	free(own);
	free(foreign);
	drop(&leaf);
	drop(&other);
}

static void
test_authority(void)
{
	struct pair ca = make("CA", 300, NULL);
	struct pair leaf = make("auth.jts.example", 30, &ca);
	struct pair past = make("auth.jts.example", -3, &ca);
	char *root = pem_of(ca.x);
	struct chain c;

	shake(&leaf, "auth.jts.example", root, &c);
	CHECK(c.valid && !c.is_root && !c.list[0].self_signed,
	    "a certificate below a root of the store is trusted");
	chain_free(&c);
	shake(&past, "auth.jts.example", root, &c);
	CHECK(!c.valid && strstr(c.problem, "expired") != NULL,
	    "one that has expired is not, and it is said why");
	CHECK(chain_days_left(&c.list[0], wall_now()) < 0,
	    "its days are negative");
	chain_free(&c);
	shake(&leaf, "auth.jts.example", NULL, &c);
	CHECK(!c.valid && c.problem[0] == '\0',
	    "without roots nothing is judged");
	chain_free(&c);
	free(root);
	drop(&ca);
	drop(&leaf);
	drop(&past);
}

/* What the role answers to a store; NULL when it fails. */
static char *
read_store(const char *bytes, size_t n, const char *password)
{
	char path[] = "/tmp/meetprobe-store-XXXXXX", *request;
	int fd = mkstemp(path), pair[2], r = 0, status = 0;
	struct buf text;
	struct msg m;
	pid_t pid;

	if (fd == -1 || write(fd, bytes, n) != (ssize_t)n ||
	    msg_pair(pair) == -1)
		fatal("no file");
	close(fd);
	request = mem_printf("%s\n%s", path, password);
	pid = fork();
	if (pid == 0)
		_exit(truststore_role(str_from(request), pair[1]));
	close(pair[1]);
	buf_init(&text, 1U << 20);
	while (r == 0 && msg_recv(&m, pair[0]) == 1)
		r = msg_text(&m, &text);
	close(pair[0]);
	waitpid(pid, &status, 0);
	unlink(path);
	free(request);
	if (status != 0) {
		buf_free(&text);
		return (NULL);
	}
	request = buf_take(&text);
	buf_free(&text);
	return (request);
}

static void
put(struct buf *b, uint64_t v, int bytes)
{
	while (bytes-- > 0)
		buf_addc(b, (char)(v >> (8 * bytes)));
}

static void
test_jks(void)
{
	struct pair leaf = make("auth.jts.example", 30, NULL);
	char *want = pem_of(leaf.x), *got;
	unsigned char *der = NULL;
	int n = i2d_X509(leaf.x, &der);
	struct buf b;
	size_t cut;

	buf_init(&b, 65536);
	put(&b, 0xfeedfeed, 4);
	put(&b, 2, 4);
	put(&b, 1, 4);
	put(&b, 2, 4);			/* trusted certificate */
	put(&b, 7, 2);
	buf_adds(&b, "prosody");
	put(&b, 0, 8);
	put(&b, 5, 2);
	buf_adds(&b, "X.509");
	put(&b, (uint64_t)n, 4);
	buf_add(&b, der, (size_t)n);
	cut = b.len;
	buf_adds(&b, "twenty bytes of hash");
	got = read_store(b.data, b.len, "jitsicool");
	CHECK(got != NULL && strcmp(got, want) == 0,
	    "a JKS store gives its certificate");
	free(got);
	got = read_store(b.data, cut - 1, "jitsicool");
	CHECK(got == NULL, "one cut short is not read");
	free(got);
	b.data[8] = 0x7f;		/* two thousand million entries */
	got = read_store(b.data, b.len, "jitsicool");
	CHECK(got == NULL, "nor one that says it has more than it has");
	free(got);
	buf_free(&b);
	OPENSSL_free(der);
	free(want);
	drop(&leaf);
}

static void
test_pkcs12(void)
{
	struct pair leaf = make("auth.jts.example", 30, NULL);
	STACK_OF(X509) *list = sk_X509_new_null();
	char *want = pem_of(leaf.x), *got, pass[] = "jitsicool", name[] = "p";
	unsigned char *der = NULL;
	PKCS12 *p;
	int n;

	sk_X509_push(list, leaf.x);
	p = PKCS12_create(pass, name, NULL, NULL, list, 0, 0, 0, 0, 0);
	n = i2d_PKCS12(p, &der);
	got = read_store((const char *)der, (size_t)n, "jitsicool");
	CHECK(got != NULL && strcmp(got, want) == 0,
	    "a PKCS#12 store gives its certificate");
	free(got);
	got = read_store((const char *)der, (size_t)n, "wrong");
	CHECK(got == NULL, "a wrong password opens nothing");
	free(got);
	got = read_store("not a store", 11, "jitsicool");
	CHECK(got == NULL, "what is no store is not read");
	free(got);
	got = read_store(want, strlen(want), "");
	CHECK(got != NULL && strcmp(got, want) == 0, "PEM is taken as it is");
	free(got);
	PKCS12_free(p);
	OPENSSL_free(der);
	sk_X509_free(list);
	free(want);
	drop(&leaf);
}

int
main(void)
{
	test_self_signed();
	test_authority();
	test_jks();
	test_pkcs12();
	return (check_end());
}
