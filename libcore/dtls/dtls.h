/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dtls.h: DTLS 1.2 as a transport sees it: sessions found by the address of their peer (digest 10, RFC 6347,
 * RFC 7925).
 *
 * A library does the cryptography, behind tls.h and chosen by CMake (LINNET_DTLS); what is here does the
 * sessions: cookies, limits, timers, resumption, replacement. Nothing of a peer takes memory before it has
 * shown that it is where it says.
 */
#ifndef LINNET_DTLS_DTLS_H
#define LINNET_DTLS_DTLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linnet/address.h>
#include <linnet/credentials.h>
#include <linnet/loop.h>

#include "../base/base.h"

/* LINNET_OK if this build can secure datagrams; else LINNET_ERROR_UNAVAILABLE, with the error text saying how
 * to get it. */
linnet_status linnet__dtls_require(linnet_loop *loop, const char *uri);

/* ---- who the peer is ----------------------------------------------------------------------------- */

typedef enum linnet__identity_kind {
  LINNET__IDENTITY_NONE = 0,
  LINNET__IDENTITY_PSK,         /* name: the identity of the key */
  LINNET__IDENTITY_SUBJECT,     /* name: the common name, vouched for by an authority */
  LINNET__IDENTITY_CERTIFICATE, /* name: the digest of a certificate that was agreed */
  LINNET__IDENTITY_PUBLIC_KEY   /* name: the digest of a raw public key */
} linnet__identity_kind;

#define LINNET__IDENTITY_SIZE 128 /* SEC-11 */
#define LINNET__DIGEST_SIZE 32    /* SHA-256 */

/* What a handshake proved. Of it `kind` and so many bytes of `name` are compared and kept. */
typedef struct linnet__identity {
  uint64_t number; /* of the credential; 0: an authority vouched for it. Another key is another number */
  uint8_t kind;    /* a linnet__identity_kind */
  uint8_t length;
  uint8_t name[LINNET__IDENTITY_SIZE];
} linnet__identity;

bool linnet__identity_equal(const linnet__identity *a, const linnet__identity *b);
/* SEC-05: may it register under that name? */
bool linnet__identity_allows(const linnet_credentials *credentials, const linnet__identity *identity,
                             const char *endpoint, size_t length);
/* Tells identities apart; 0: there is none. Stays the same as long as the loop. */
uint64_t linnet__identity_hash(linnet_loop *loop, const linnet__identity *identity);
/* "identity \"kitchen\"" and the like, for people. */
void linnet__identity_print(linnet__buffer *out, const linnet__identity *identity);

/* The modes of /0/x/2 that have keys. */
typedef enum linnet__key_mode {
  LINNET__KEY_PSK = 0,
  LINNET__KEY_PUBLIC_KEY = 1,
  LINNET__KEY_CERTIFICATE = 2
} linnet__key_mode;

/* What a client shows and wants to be shown, as resources 2, 3, 5 and 4 of object 0 have it: views. */
typedef struct linnet__keys {
  linnet__key_mode mode;
  linnet__text own, secret, server;
} linnet__keys;

/*
 * A certificate of an authority lets in whoever it vouches for, too (SEC-13). OUT_OF_RANGE, MALFORMED,
 * UNAVAILABLE: the loop has the words.
 */
linnet_status linnet__credentials_fill(linnet_credentials *credentials, const linnet__keys *keys);
/*
 * Of credentials of object 0, for a server that begins by itself (BS-04): what an authority vouches for has
 * to be that host (of no length: its address), and `name` is what it may ask for in its hello. NO_MEMORY.
 */
linnet_status linnet__credentials_expect(linnet_credentials *credentials, const char *host,
                                         size_t host_length, const char *name);
/* Could a session be begun with that device? O(n). */
bool linnet__credentials_reach(const linnet_credentials *credentials, const char *endpoint, size_t length);
/*
 * What a session that is begun with that device rests on: its pre-shared key, or else the own certificate and
 * whatever lets the device in. What is removed from `credentials` ends it. NULL: no memory. O(n).
 */
linnet_credentials *linnet__credentials_for(const linnet_credentials *credentials, const char *endpoint,
                                            size_t length);

/* ---- sessions ------------------------------------------------------------------------------------ */

typedef struct linnet__dtls linnet__dtls;

typedef enum linnet__session_news_kind {
  LINNET__SESSION_OPENED = 0, /* the peer is who it says, and can be sent to */
  LINNET__SESSION_FAILED,     /* there was none yet */
  LINNET__SESSION_ENDED       /* there was one */
} linnet__session_news_kind;

typedef struct linnet__session_news {
  linnet__session_news_kind kind;
  bool resumed;                     /* OPENED: it goes on where a former one was (REG-10) */
  bool ours;                        /* OPENED, FAILED: of linnet__dtls_connect */
  bool replaces;                    /* OPENED: there was another one with this peer */
  bool told;                        /* FAILED, ENDED: it is the peer that says so */
  linnet_cause cause;               /* FAILED, ENDED */
  const linnet__identity *identity; /* NULL: not known */
} linnet__session_news;

/* Whom it works for. Called from within receive, a timer and, but for `received`, from connect and send. */
typedef struct linnet__dtls_owner linnet__dtls_owner;
struct linnet__dtls_owner {
  linnet_status (*emit)(linnet__dtls_owner *owner, const linnet_address *peer, const uint8_t *data,
                        size_t length);
  /* Plaintext; a view. May close. */
  void (*received)(linnet__dtls_owner *owner, const linnet_address *peer, const uint8_t *data, size_t length);
  /* May close. */
  void (*news)(linnet__dtls_owner *owner, const linnet_address *peer, const linnet__session_news *news);
  /* The largest datagram. */
  size_t (*room)(const linnet__dtls_owner *owner);
};

/* What is different for what carries the datagrams (SEC-17, SMS-30, SMS-33). */
typedef struct linnet__dtls_profile {
  uint32_t first_timeout_ms; /* of a flight of the handshake; doubled each time ... */
  uint32_t last_timeout_ms;  /* ... up to this */
  bool only_short;           /* only suites with the least overhead */
} linnet__dtls_profile;

/* Bytes that a record takes beside the plaintext. */
#define LINNET__DTLS_SHORT_OVERHEAD 29 /* CCM_8: header 13, nonce 8, tag 8 (SMS-30) */
#define LINNET__DTLS_OVERHEAD 77       /* CBC: header 13, IV 16, padding up to 16, MAC 32 */

typedef enum linnet__dtls_limit {
  LINNET__DTLS_SESSIONS = 0,
  LINNET__DTLS_HANDSHAKES,    /* half-open ones */
  LINNET__DTLS_LIVE_SESSIONS, /* of those that can rest, so many do not */
  LINNET__DTLS_LIMIT_COUNT
} linnet__dtls_limit;

/* `credentials` NULL: it answers no handshakes. Holds them, not the loop. NULL: no memory. */
linnet__dtls *linnet__dtls_new(linnet_loop *loop, linnet__dtls_owner *owner,
                               const linnet__dtls_profile *profile, linnet_credentials *credentials);
/* All sessions end without a word; timers stop. */
void linnet__dtls_close(linnet__dtls *dtls);
/* Closes it; the memory goes when no call is running any more. */
void linnet__dtls_free(linnet__dtls *dtls);
/*
 * Answers handshakes of those who are let in by these from now on, by nobody if NULL. Sessions that peers
 * began end without a word.
 */
void linnet__dtls_accept(linnet__dtls *dtls, linnet_credentials *credentials);
void linnet__dtls_set_limit(linnet__dtls *dtls, linnet__dtls_limit limit, size_t value);

/* A datagram of a peer; anything at all. */
void linnet__dtls_receive(linnet__dtls *dtls, const linnet_address *peer, const uint8_t *data, size_t length);
/* SECURITY: there is no session with that peer. */
linnet_status linnet__dtls_send(linnet__dtls *dtls, const linnet_address *peer, const void *data,
                                size_t length);
/*
 * Begins a handshake as client with what `credentials` have; a session with that peer stays until it is
 * over. `host` is the name in the URI, NULL if that has an address. With `former` (of linnet__dtls_save) it
 * asks to go on with that one. The news come later in a step, also if nothing can be sent. NO_MEMORY;
 * MALFORMED: credentials are missing.
 */
linnet_status linnet__dtls_connect(linnet__dtls *dtls, const linnet_address *peer,
                                   linnet_credentials *credentials, const char *host,
                                   const linnet__packed *former);
/* Says good-bye and forgets the peer, half-open or open, without news. */
void linnet__dtls_end(linnet__dtls *dtls, const linnet_address *peer);
/* NULL: there is no open session with that peer. Lives as long as the session. */
const linnet__identity *linnet__dtls_identity(linnet__dtls *dtls, const linnet_address *peer);
/* Of that identity; 0: there is none. */
uint64_t linnet__dtls_identity_hash(linnet__dtls *dtls, const linnet_address *peer);
/* The credentials that the peers of this end are let in by. */
const linnet_credentials *linnet__dtls_credentials(const linnet__dtls *dtls);
/* Appends what a later handshake can resume; secret. NOT_FOUND: there is nothing to resume. */
linnet_status linnet__dtls_save(linnet__dtls *dtls, const linnet_address *peer, linnet__buffer *out);

/*
 * The keys that tickets are sealed with: how often they changed, 0 for none yet; appended, secret; and taken
 * from a former life, where there are none yet. MALFORMED.
 */
uint64_t linnet__dtls_tickets(const linnet__dtls *dtls);
void linnet__dtls_save_tickets(const linnet__dtls *dtls, linnet__buffer *out);
linnet_status linnet__dtls_restore_tickets(linnet__dtls *dtls, const void *data, size_t length);

/* Counters since it was made, for tests and diagnosis. */
typedef struct linnet__dtls_counters {
  size_t sessions; /* now */
  size_t handshakes;
  size_t live; /* that take much memory, now */
  uint64_t cookies;
  uint64_t opened;
  uint64_t resumed;
  uint64_t failed;
  uint64_t refused_by_limit;
} linnet__dtls_counters;
const linnet__dtls_counters *linnet__dtls_get_counters(const linnet__dtls *dtls);

/* ---- cipher_<backend>.c: block ciphers, for secured packets (SMS-41) ----------------------------- */

typedef enum linnet__cipher {
  LINNET__CIPHER_AES,       /* AES-128 */
  LINNET__CIPHER_TRIPLE_DES /* three keys in a row */
} linnet__cipher;

/* Of the longest checksum; that of triple DES has 8. */
#define LINNET__CHECKSUM_SIZE 16

static inline size_t linnet__cipher_block(linnet__cipher cipher) {
  return cipher == LINNET__CIPHER_AES ? 16 : 8;
}

/* UNAVAILABLE: this build has none. */
linnet_status linnet__cipher_require(linnet_loop *loop);
/* Whole blocks in place, chained (CBC), from a vector of zeros. SECURITY: the key cannot be. */
linnet_status linnet__cipher_encrypt(linnet__cipher cipher, const uint8_t *key, uint8_t *data, size_t length);
linnet_status linnet__cipher_decrypt(linnet__cipher cipher, const uint8_t *key, uint8_t *data, size_t length);

typedef struct linnet__cipher_part {
  const uint8_t *data;
  size_t length;
} linnet__cipher_part;
/* CMAC of AES; of triple DES the last block in CBC, the data filled up with zeros. */
linnet_status linnet__cipher_checksum(linnet__cipher cipher, const uint8_t *key,
                                      const linnet__cipher_part *parts, size_t count,
                                      uint8_t checksum[LINNET__CHECKSUM_SIZE]);
/* Zeros, whatever the compiler thinks of it. */
void linnet__cipher_forget(void *memory, size_t size);

#endif
