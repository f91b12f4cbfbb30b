/* SPDX-License-Identifier: ISC */
/*
 * The names that OpenSSL 3 made macros for new functions are functions in
 * LibreSSL. This takes the macros away, so that what is linked is what
 * LibreSSL has; a call by the new name then fails to link, as it should.
 */
#include_next <openssl/ssl.h>
#ifdef SSL_get_peer_certificate
#undef SSL_get_peer_certificate
X509 *SSL_get_peer_certificate(const SSL *);
#undef SSL_CTX_set_min_proto_version
#undef SSL_CTX_set_max_proto_version
#undef SSL_set_min_proto_version
#undef SSL_set_max_proto_version
int SSL_CTX_set_min_proto_version(SSL_CTX *, uint16_t);
int SSL_CTX_set_max_proto_version(SSL_CTX *, uint16_t);
int SSL_set_min_proto_version(SSL *, uint16_t);
int SSL_set_max_proto_version(SSL *, uint16_t);
#endif
