/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls.h: what a backend does: the records and the cryptography of one association. tls.c knows the backends
 * of this build (tls_backend.h).
 *
 * Nothing here knows addresses, other associations or the network: datagrams go in, and come out through
 * `emit`.
 */
#ifndef LINNET_DTLS_TLS_H
#define LINNET_DTLS_TLS_H

#include "dtls_internal.h"

/* ---- what many associations have in common ------------------------------------------------------- */

typedef enum linnet__tls_role { LINNET__TLS_CLIENT = 0, LINNET__TLS_SERVER = 1 } linnet__tls_role;

/* What a backend is chosen by. */
typedef enum linnet__tls_mode {
  LINNET__TLS_STANDARD = 0, /* pre-shared keys, certificates */
  LINNET__TLS_RAW_KEYS,     /* RFC 7250 */
  LINNET__TLS_MODE_COUNT
} linnet__tls_mode;

/* Does a certificate of the peer have to name its host? */
static inline bool linnet__naming_is_by_host(const linnet_credentials *credentials, linnet__tls_role role) {
  linnet__naming naming = credentials->naming;
  return naming == LINNET__NAMING_BY_HOST || (naming == LINNET__NAMING_BY_ROLE && role == LINNET__TLS_CLIENT);
}
/* Does this build have a backend for them? */
bool linnet__tls_has_raw_keys(void);
/* The mode that the own side asks for, if it is to be one. */
linnet__tls_mode linnet__own_mode(const linnet__own *own);

typedef struct linnet__tls_config linnet__tls_config;

/*
 * Takes from the credentials what they have now of the own side, and looks peers up in them later. The
 * credentials outlive it. One reference. NULL: the loop has the words (NO_MEMORY, MALFORMED, UNAVAILABLE).
 */
linnet__tls_config *linnet__tls_config_new(linnet_loop *loop, linnet__tls_role role, linnet__tls_mode mode,
                                           const linnet__dtls_profile *profile,
                                           linnet_credentials *credentials);
linnet__tls_config *linnet__tls_config_ref(linnet__tls_config *config);
void linnet__tls_config_unref(linnet__tls_config *config);

/* ---- an association ------------------------------------------------------------------------------ */

typedef struct linnet__tls linnet__tls;
typedef void (*linnet__tls_emit)(void *user, const uint8_t *data, size_t length);

typedef enum linnet__tls_result {
  LINNET__TLS_WAIT = 0, /* for a datagram, or the deadline */
  LINNET__TLS_DONE,
  LINNET__TLS_LAST,   /* open: DONE, and nothing of the datagram is left */
  LINNET__TLS_CLOSED, /* the peer said good-bye */
  LINNET__TLS_FAILED  /* linnet__tls_cause; an alert is on its way if there is to be one */
} linnet__tls_result;

/* Whom one wants to speak with: what its certificate has to name, where hosts are compared. */
typedef struct linnet__tls_peer {
  const char *host; /* NULL: the URI has the address itself */
  linnet_address address;
} linnet__tls_peer;

/* Holds the config. `room` is the largest datagram. NULL: no memory. */
linnet__tls *linnet__tls_new(linnet__tls_config *config, size_t room, const linnet__tls_peer *peer,
                             linnet__tls_emit emit, void *user);
void linnet__tls_free(linnet__tls *tls);

/* With a datagram, or NULL: to begin, or because the deadline is there. */
linnet__tls_result linnet__tls_handshake(linnet__tls *tls, const uint8_t *data, size_t length);
/* When a handshake wants to be called again; LINNET_NEVER. */
uint64_t linnet__tls_deadline(const linnet__tls *tls);
/* After DONE. */
const linnet__identity *linnet__tls_identity(const linnet__tls *tls);
bool linnet__tls_resumed(const linnet__tls *tls);
/* After FAILED; *told: an alert of the peer says so. What is known of the identity is in
 * linnet__tls_identity.
 */
linnet_cause linnet__tls_cause(const linnet__tls *tls, bool *told);

/*
 * DONE, LAST: there are *plain_length bytes in `plain`, maybe 0. After DONE call again with NULL; `data` must
 * stay until then.
 */
linnet__tls_result linnet__tls_open(linnet__tls *tls, const uint8_t *data, size_t length, uint8_t *plain,
                                    size_t size, size_t *plain_length);
linnet_status linnet__tls_seal(linnet__tls *tls, const uint8_t *data, size_t length);
void linnet__tls_say_goodbye(linnet__tls *tls);
/* Is it a record of this association, and not seen before? Changes nothing. */
bool linnet__tls_recognizes(linnet__tls *tls, const uint8_t *data, size_t length);

/*
 * An association at rest in few bytes, secret and good for one association. How many; 0: it cannot be done
 * (now, or with this suite).
 */
size_t linnet__tls_packed_size(linnet__tls *tls);
/* Writes them; the association is of no use any more. False: it stands. */
bool linnet__tls_pack(linnet__tls *tls, uint8_t *out, size_t size);
linnet__tls *linnet__tls_unpack(linnet__tls_config *config, const uint8_t *data, size_t length,
                                linnet__tls_emit emit, void *user);

/* For a client: what can be resumed later; NOT_FOUND. And before the handshake: what to resume; MALFORMED. */
linnet_status linnet__tls_save(linnet__tls *tls, linnet__buffer *out);
linnet_status linnet__tls_resume(linnet__tls *tls, const uint8_t *data, size_t length);

/* ---- certificates and keys ----------------------------------------------------------------------- */

typedef enum linnet__material {
  LINNET__MATERIAL_CERTIFICATE = 0,
  LINNET__MATERIAL_AUTHORITY, /* one or more */
  LINNET__MATERIAL_PUBLIC_KEY
} linnet__material;

/* What credentials have to know of a certificate or key. */
typedef struct linnet__material_facts {
  uint8_t digest[LINNET__DIGEST_SIZE]; /* SHA-256 of the DER of the first */
  char subject[LINNET__IDENTITY_SIZE + 1];
  bool authority; /* it may vouch for others */
} linnet__material_facts;

/* OK, MALFORMED, UNAVAILABLE; *why then has words. `facts` may be NULL. */
linnet_status linnet__tls_read_material(linnet_loop *loop, linnet__material material, const void *data,
                                        size_t length, linnet__material_facts *facts, const char **why);
/* The same, with words in the loop; `what` is to be added. */
linnet_status linnet__credentials_read(linnet_credentials *credentials, linnet__material material,
                                       const char *what, const void *data, size_t length,
                                       linnet__material_facts *facts);
/* The same of a certificate (empty: a raw public key) and its private key. */
linnet_status linnet__tls_check_own(linnet_loop *loop, const linnet__own *own, const char **why);

#endif
