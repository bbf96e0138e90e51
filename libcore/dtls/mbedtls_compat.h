/* SPDX-License-Identifier: Apache-2.0 */
/* mbedtls_compat.h: where Mbed TLS 2.28 and 3.6 differ, so that nothing else has to know. */
#ifndef LINNET_DTLS_MBEDTLS_COMPAT_H
#define LINNET_DTLS_MBEDTLS_COMPAT_H

#include <mbedtls/ctr_drbg.h>
#include <mbedtls/error.h>
#include <mbedtls/oid.h>
#include <mbedtls/pk.h>
#include <mbedtls/platform.h>
#include <mbedtls/sha256.h>
#include <mbedtls/ssl.h>
#include <mbedtls/ssl_ciphersuites.h>
#include <mbedtls/version.h>
#include <mbedtls/x509_crt.h>

#if MBEDTLS_VERSION_NUMBER >= 0x03000000

#define LINNET__FIELD(name) MBEDTLS_PRIVATE(name)

#define linnet__compat_parse_key(key, data, length, drbg) \
  mbedtls_pk_parse_key(key, data, length, NULL, 0, mbedtls_ctr_drbg_random, drbg)
#define linnet__compat_check_pair(public, private, drbg) \
  mbedtls_pk_check_pair(public, private, mbedtls_ctr_drbg_random, drbg)
#define linnet__compat_sha256(data, length, out) mbedtls_sha256(data, length, out, 0)
#define linnet__compat_version_1_2(conf)                                \
  do {                                                                  \
    mbedtls_ssl_conf_min_tls_version(conf, MBEDTLS_SSL_VERSION_TLS1_2); \
    mbedtls_ssl_conf_max_tls_version(conf, MBEDTLS_SSL_VERSION_TLS1_2); \
  } while (0)
#define LINNET__COMPAT_CURVES \
  { MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1, MBEDTLS_SSL_IANA_TLS_GROUP_SECP384R1, 0 }
typedef uint16_t linnet__compat_curve;
#define linnet__compat_conf_curves mbedtls_ssl_conf_groups

#else

#define LINNET__FIELD(name) name

#define linnet__compat_parse_key(key, data, length, drbg) \
  ((void)(drbg), mbedtls_pk_parse_key(key, data, length, NULL, 0))
#define linnet__compat_check_pair(public, private, drbg) \
  ((void)(drbg), mbedtls_pk_check_pair(public, private))
#define linnet__compat_sha256(data, length, out) mbedtls_sha256_ret(data, length, out, 0)
#define linnet__compat_version_1_2(conf)                                                          \
  do {                                                                                            \
    mbedtls_ssl_conf_min_version(conf, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3); \
    mbedtls_ssl_conf_max_version(conf, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3); \
  } while (0)
#define LINNET__COMPAT_CURVES \
  { MBEDTLS_ECP_DP_SECP256R1, MBEDTLS_ECP_DP_SECP384R1, MBEDTLS_ECP_DP_NONE }
typedef mbedtls_ecp_group_id linnet__compat_curve;
#define linnet__compat_conf_curves mbedtls_ssl_conf_curves
#define MBEDTLS_ERR_SSL_HANDSHAKE_FAILURE MBEDTLS_ERR_SSL_NO_CIPHER_CHOSEN

#endif

#endif
