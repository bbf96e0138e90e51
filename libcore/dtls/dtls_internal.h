/* SPDX-License-Identifier: Apache-2.0 */
/* dtls_internal.h: what the files of dtls share. */
#ifndef LINNET_DTLS_DTLS_INTERNAL_H
#define LINNET_DTLS_DTLS_INTERNAL_H

#include "dtls.h"

/* ---- credentials.c ------------------------------------------------------------------------------- */

/* Bytes of the loop's memory that are wiped before they go. */
typedef struct linnet__secret {
  uint8_t *data;
  size_t length;
} linnet__secret;

/* Overwrites and frees it. */
void linnet__secret_clear(linnet_loop *loop, linnet__secret *secret);
/* False: no memory. */
bool linnet__secret_copy(linnet_loop *loop, linnet__secret *secret, const void *data, size_t length);

/* The own certificate and its key; both empty: none. The certificate empty: a raw public key. */
typedef struct linnet__own {
  linnet__secret certificate;
  linnet__secret key;
} linnet__own;

/* An endpoint name that an identity may use. */
typedef struct linnet__permission {
  struct linnet__permission *next;
  size_t size; /* of this allocation */
  char endpoint[];
} linnet__permission;

typedef struct linnet__credential {
  linnet__identity identity;
  linnet__secret key;              /* of a PSK */
  linnet__permission *permissions; /* NULL: it is no device's */
} linnet__credential;

/* What tickets are sealed with. Here, so that they stay good when a server gets another certificate. The time
 * is the wall clock's where that is known. */
#define LINNET__TICKET_LIFETIME_MS UINT64_C(604800000) /* a week, the most that RFC 8446 allows */
typedef struct linnet__ticket_key {
  uint64_t made_ms; /* 0: there is none */
  uint8_t number;
  uint8_t key[16];
} linnet__ticket_key;

/* What a certificate that an authority vouches for has to name. */
typedef enum linnet__naming {
  LINNET__NAMING_BY_ROLE = 0, /* that of a server its host, that of a client an endpoint */
  LINNET__NAMING_BY_HOST,
  LINNET__NAMING_BY_ENDPOINT /* compared by linnet__identity_allows, after the handshake */
} linnet__naming;

struct linnet_credentials {
  linnet__handle handle;
  linnet__map by_identity;
  linnet__secret *trust; /* certificates of authorities, as they were given */
  size_t trust_count;
  linnet__own own;
  uint64_t revision;   /* of `own` and `trust` */
  uint64_t trust_mark; /* tells what `trust` has from other authorities, also in another life */
  linnet__ticket_key ticket_keys[2];
  uint64_t tickets_made; /* how many of these keys, in this life */
  uint8_t tickets_restored;
  linnet__naming naming;
  char *host;          /* of a server that begins, by name; NULL: by address */
  char *name;          /* that others may ask for in their hello (RFC 6066 3); NULL: any */
  linnet__list guards; /* that want to know what is removed */
};

/* Of whoever has sessions that rest on credentials. */
typedef struct linnet__guard linnet__guard;
struct linnet__guard {
  linnet__list node;
  /* What was let in by that credential is not any more; 0: by an authority. */
  void (*removed)(linnet__guard *guard, uint64_t number);
};

/* Adds one, or gives it another key, which ends the sessions of the former; no endpoint: nobody's. */
linnet_status linnet__credentials_add(linnet_credentials *credentials, const linnet__identity *identity,
                                      const char *endpoint, size_t endpoint_length, const void *key,
                                      size_t key_length);
/* OK, or the loop has the words. */
linnet_status linnet__psk_check(linnet_loop *loop, linnet__identity *made, const void *identity,
                                size_t identity_length, const void *key, size_t key_length);
bool linnet__credential_permits(const linnet__credential *credential, const char *endpoint, size_t length);
/* NULL: unknown. */
linnet__credential *linnet__credentials_at(const linnet_credentials *credentials,
                                           const linnet__identity *identity);
const linnet__credential *linnet__credentials_find(const linnet_credentials *credentials,
                                                   linnet__identity_kind kind, const void *name,
                                                   size_t length);
void linnet__credentials_watch(linnet_credentials *credentials, linnet__guard *guard);
void linnet__guard_leave(linnet__guard *guard);
/* Of a client: the one PSK there is, or NULL. */
const linnet__credential *linnet__credentials_only_psk(const linnet_credentials *credentials);

/* ---- identity.c ---------------------------------------------------------------------------------- */

/* False: too long. */
bool linnet__identity_make(linnet__identity *identity, linnet__identity_kind kind, const void *name,
                           size_t length);
/* Tells it from others. */
const void *linnet__identity_key(const linnet__identity *identity, size_t *length);

/* ---- key_form.c ---------------------------------------------------------------------------------- */

/* In another form if the libraries read that one only; what is no key stays as it is. NO_MEMORY. */
linnet_status linnet__key_reform(linnet_loop *loop, linnet__secret *key);

/* ---- hello.c ------------------------------------------------------------------------------------- */

#define LINNET__HELLO_ANSWER_SIZE 60

typedef enum linnet__hello_kind {
  LINNET__HELLO_NONE = 0, /* no ClientHello at all */
  LINNET__HELLO_BAD,      /* one that is not answered */
  LINNET__HELLO_STRANGER, /* one without a good cookie: there is an answer */
  LINNET__HELLO_PROVEN    /* one with a good cookie */
} linnet__hello_kind;

/* The secrets that cookies are made with. */
typedef struct linnet__cookies {
  uint8_t key[16];
} linnet__cookies;

typedef struct linnet__hello {
  linnet__hello_kind kind;
  uint64_t mark; /* tells one handshake of a peer from another */
  bool raw_keys; /* PROVEN: the client would show a raw public key (RFC 7250) */
  uint8_t answer[LINNET__HELLO_ANSWER_SIZE];
  size_t answer_length;
} linnet__hello;

/* RFC 6347 4.2.1. Keeps nothing. */
void linnet__hello_read(linnet_loop *loop, const linnet__cookies *cookies, const linnet_address *peer,
                        const uint8_t *data, size_t length, linnet__hello *hello);

#endif
