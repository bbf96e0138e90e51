/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls_backend.h: the table that a backend of tls.h is, and where the two of a build are found.
 *
 * One does pre-shared keys and certificates, the other, which may be missing, raw public keys (RFC 7250).
 * CMake chooses the files: backend_<LINNET_DTLS>.c, raw_keys_<LINNET_RAW_KEYS>.c.
 */
#ifndef LINNET_DTLS_TLS_BACKEND_H
#define LINNET_DTLS_TLS_BACKEND_H

#include "tls.h"

/*
 * The functions do what those of tls.h with their names do; make and release are linnet__tls_new and _free,
 * and nothing is called with NULL for an object. Each backend has its own `struct linnet__tls_config`, which
 * begins with linnet__tls_common, and its own `struct linnet__tls`, whose first member points to this table.
 */
typedef struct linnet__tls_backend {
  const char *name;
  size_t config_size;
  /* Fills what is zero behind the common part. NULL; or what is wrong, in words, and then it is cleared, too.
   */
  const char *(*config_prepare)(linnet__tls_config *config);
  void (*config_clear)(linnet__tls_config *config);
  linnet__tls *(*make)(linnet__tls_config *config, size_t room, const linnet__tls_peer *peer,
                       linnet__tls_emit emit, void *user);
  void (*release)(linnet__tls *tls);
  linnet__tls_result (*handshake)(linnet__tls *tls, const uint8_t *data, size_t length);
  uint64_t (*deadline)(const linnet__tls *tls);
  const linnet__identity *(*identity)(const linnet__tls *tls);
  bool (*resumed)(const linnet__tls *tls);
  linnet_cause (*cause)(const linnet__tls *tls, bool *told);
  linnet__tls_result (*open)(linnet__tls *tls, const uint8_t *data, size_t length, uint8_t *plain,
                             size_t size, size_t *plain_length);
  linnet_status (*seal)(linnet__tls *tls, const uint8_t *data, size_t length);
  void (*say_goodbye)(linnet__tls *tls);
  bool (*recognizes)(linnet__tls *tls, const uint8_t *data, size_t length);
  size_t (*packed_size)(linnet__tls *tls);
  bool (*pack)(linnet__tls *tls, uint8_t *out, size_t size);
  linnet__tls *(*unpack)(linnet__tls_config *config, const uint8_t *data, size_t length,
                         linnet__tls_emit emit, void *user);
  linnet_status (*save)(linnet__tls *tls, linnet__buffer *out);
  linnet_status (*resume)(linnet__tls *tls, const uint8_t *data, size_t length);
  linnet_status (*read_material)(linnet_loop *loop, linnet__material material, const void *data,
                                 size_t length, linnet__material_facts *facts, const char **why);
  linnet_status (*check_own)(linnet_loop *loop, const linnet__own *own, const char **why);
} linnet__tls_backend;

/* What configs of all backends begin with; tls.c makes it. */
typedef struct linnet__tls_common {
  const linnet__tls_backend *backend; /* first: tls.c looks there */
  unsigned references;
  linnet_loop *loop;
  linnet_credentials *credentials; /* held */
  linnet__tls_role role;
  linnet__dtls_profile profile;
} linnet__tls_common;

const linnet__tls_backend *linnet__tls_standard(void);
/* NULL: this build has none. */
const linnet__tls_backend *linnet__tls_raw_keys(void);

/* alert.c: what a peer's alert says of us. */
linnet_cause linnet__cause_of_alert(uint8_t description);

#endif
