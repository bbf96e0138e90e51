/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mbedtls.h: what the files of the Mbed TLS backend share.
 *
 * The library's own buffers come from its own allocator, which can only be replaced for the whole process;
 * all else is the loop's memory.
 */
#ifndef LINNET_DTLS_MBEDTLS_H
#define LINNET_DTLS_MBEDTLS_H

#include "mbedtls_compat.h"
#include "tls_backend.h"

struct linnet__tls_config {
  linnet__tls_common common;
  mbedtls_ssl_config conf;
  mbedtls_ctr_drbg_context drbg;
  mbedtls_x509_crt trust;
  mbedtls_x509_crt own;
  mbedtls_pk_context own_key;
  int suites[5];
  linnet__tls *active; /* whose handshake the library is in, for callbacks that do not say */
};

struct linnet__tls {
  const linnet__tls_backend *backend; /* first: tls.c looks there */
  mbedtls_ssl_context ssl;
  linnet__tls_config *config;
  linnet__tls_emit emit;
  void *user;
  const uint8_t *datagram; /* what was received and not yet taken; NULL */
  size_t datagram_length;
  uint64_t halfway_ms; /* the two deadlines of mbedtls_ssl_set_timer_t */
  uint64_t deadline_ms;
  char *host; /* whom the certificate has to name; NULL: the address */
  linnet_address address;
  linnet__identity identity;
  uint32_t chain_flags; /* what is wrong above the first certificate */
  linnet_cause cause;   /* what was found out before the library gave up; or NONE */
  int error;            /* of the library */
  bool resumed;
  bool resuming; /* a client's: it asked to go on with a session that had this secret */
  uint8_t master[48];
};

/* mbedtls_config.c: as in tls_backend.h. */
const char *linnet__mbedtls_config_prepare(linnet__tls_config *config);
void linnet__mbedtls_config_clear(linnet__tls_config *config);

/* mbedtls_verify.c: of mbedtls_ssl_set_verify. */
int linnet__mbedtls_verify(void *user, mbedtls_x509_crt *certificate, int depth, uint32_t *flags);

/* What the wall clock says against it: of MBEDTLS_X509_BADCERT_EXPIRED and _FUTURE. */
uint32_t linnet__mbedtls_faults_of_time(const linnet__tls *tls, const mbedtls_x509_crt *certificate);

/* Puts the one that the certificate is of into tls->identity. */
void linnet__mbedtls_identify(linnet__tls *tls, const mbedtls_x509_crt *certificate);

/* mbedtls_ticket.c */
void linnet__mbedtls_use_tickets(linnet__tls_config *config);

/* mbedtls_material.c: as in tls.h. */
linnet_status linnet__mbedtls_read_material(linnet_loop *loop, linnet__material material, const void *data,
                                            size_t length, linnet__material_facts *facts, const char **why);
linnet_status linnet__mbedtls_check_own(linnet_loop *loop, const linnet__own *own, const char **why);
/* Both take DER and PEM; 0 or an error of the library. */
int linnet__mbedtls_parse_certificates(linnet_loop *loop, mbedtls_x509_crt *chain, const void *data,
                                       size_t length);
int linnet__mbedtls_parse_key(linnet_loop *loop, mbedtls_pk_context *key, const void *data, size_t length,
                              mbedtls_ctr_drbg_context *drbg);
/* The common name; "" if there is none, or it does not fit. */
void linnet__mbedtls_subject(const mbedtls_x509_crt *certificate, char subject[LINNET__IDENTITY_SIZE + 1]);
/* False: no memory. */
bool linnet__mbedtls_seed(linnet_loop *loop, mbedtls_ctr_drbg_context *drbg);

#endif
