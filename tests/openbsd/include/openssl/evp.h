/* SPDX-License-Identifier: ISC */
/* As ssl.h: LibreSSL's functions under their own names. */
#include_next <openssl/evp.h>
#ifdef EVP_PKEY_bits
#undef EVP_PKEY_id
#undef EVP_PKEY_base_id
#undef EVP_PKEY_bits
#undef EVP_PKEY_size
#undef EVP_PKEY_security_bits
#undef EVP_MD_size
#undef EVP_MD_type
#undef EVP_MD_block_size
int EVP_PKEY_id(const EVP_PKEY *);
int EVP_PKEY_base_id(const EVP_PKEY *);
int EVP_PKEY_bits(const EVP_PKEY *);
int EVP_PKEY_size(const EVP_PKEY *);
int EVP_PKEY_security_bits(const EVP_PKEY *);
int EVP_MD_size(const EVP_MD *);
int EVP_MD_type(const EVP_MD *);
int EVP_MD_block_size(const EVP_MD *);
#endif
