/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gnutls_backend.h: what the files of the GnuTLS backend share. It does raw public keys (RFC 7250, SEC-12),
 * which Mbed TLS has not.
 *
 * What the library does not let one do: its randomness and memory are its own, and it looks at the system's
 * clock. So the retransmissions of a handshake are timed here, by the loop, and its own are switched off.
 */
#ifndef LINNET_DTLS_GNUTLS_BACKEND_H
#define LINNET_DTLS_GNUTLS_BACKEND_H

#include <gnutls/abstract.h>
#include <gnutls/dtls.h>
#include <gnutls/gnutls.h>

#include "tls_backend.h"

struct linnet__tls_config {
  linnet__tls_common common;
  gnutls_certificate_credentials_t own;
  gnutls_priority_t suites;
};

struct linnet__tls {
  const linnet__tls_backend *backend; /* first: tls.c looks there */
  linnet__tls_config *config;         /* held */
  gnutls_session_t session;
  linnet__tls_emit emit;
  void *user;
  const uint8_t *datagram; /* what was received and not yet taken; NULL */
  size_t datagram_length;
  uint32_t timeout_ms; /* of the flight that was sent last */
  uint64_t deadline_ms;
  bool begun;
  bool emitted; /* something, since the flag was cleared */
  linnet__identity identity;
  linnet_cause cause; /* what was found out before the library gave up; or NONE */
  int error;          /* of the library */
};

/* gnutls_config.c: as in tls_backend.h. */
const char *linnet__gnutls_config_prepare(linnet__tls_config *config);
void linnet__gnutls_config_clear(linnet__tls_config *config);

/* gnutls_material.c */
linnet_status linnet__gnutls_read_material(linnet_loop *loop, linnet__material material, const void *data,
                                           size_t length, linnet__material_facts *facts, const char **why);
linnet_status linnet__gnutls_check_own(linnet_loop *loop, const linnet__own *own, const char **why);
/* Of a private key, in DER, for gnutls_free; a GnuTLS error, or 0. */
int linnet__gnutls_public_key_of(const linnet__secret *key, gnutls_datum_t *public_key);
gnutls_x509_crt_fmt_t linnet__gnutls_format(const void *data, size_t length);

#endif
