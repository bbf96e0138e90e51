/* SPDX-License-Identifier: Apache-2.0 */
/*
 * credentials.h: who is let in, and what proves who we are: keys and certificates of DTLS (digest 10).
 *
 * A server, a bootstrap server or a client that others begin sessions with is given a store of these. What a
 * client proves to its servers stands in object 0, and needs none. Keys are wiped from memory when they are
 * removed or replaced, and appear in no text of linnet.
 */
#ifndef LINNET_CREDENTIALS_H
#define LINNET_CREDENTIALS_H

#include <stddef.h>

#include <linnet/export.h>
#include <linnet/loop.h>
#include <linnet/transport.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct linnet_credentials linnet_credentials;

/** An empty store with one reference; NULL: no memory. Any number of transports may share it. */
LINNET_API linnet_credentials *linnet_credentials_new(linnet_loop *loop);
LINNET_API linnet_credentials *linnet_credentials_ref(linnet_credentials *credentials);
LINNET_API void linnet_credentials_unref(linnet_credentials *credentials);
LINNET_API linnet_loop *linnet_credentials_loop(const linnet_credentials *credentials);

/* ---- who is let in ------------------------------------------------------------------------------- */

/*
 * An identity that a handshake proves may be used by the endpoint names that it was added with (SEC-05), by
 * several if it is added several times. `endpoint` NULL: by the one that is spelled like it. A Register or
 * Bootstrap-Request with another `ep` is answered 4.00. All of it may change at any time: sessions that rest
 * on what was removed or replaced end at once.
 */

/**
 * A pre-shared key: identity up to 128 bytes, key 1 to 64 bytes (SEC-11); keys of 16 random bytes or more are
 * what the specification asks for. Another key for the same identity takes the place of the former one.
 * OUT_OF_RANGE: too long or empty.
 */
LINNET_API linnet_status linnet_credentials_add_psk(linnet_credentials *credentials, const char *endpoint,
                                                    const void *identity, size_t identity_length,
                                                    const void *key, size_t key_length);
/**
 * The certificate (X.509, DER or PEM) of a device or server that is let in with it, whoever signed it; while
 * it is valid. `endpoint` NULL: the common name of its subject. MALFORMED: it is none; UNAVAILABLE: this
 * build has no DTLS.
 */
LINNET_API linnet_status linnet_credentials_add_certificate(linnet_credentials *credentials,
                                                            const char *endpoint, const void *data,
                                                            size_t length);
/**
 * A raw public key (SubjectPublicKeyInfo, DER or PEM) that is let in. UNAVAILABLE: the backend of this build
 * has no raw public keys.
 */
LINNET_API linnet_status linnet_credentials_add_public_key(linnet_credentials *credentials,
                                                           const char *endpoint, const void *data,
                                                           size_t length);
/**
 * Certificates (DER, or PEM with one or more) of authorities: whoever shows a certificate that they vouch for
 * is let in, as the endpoint that its common name says. MALFORMED; UNAVAILABLE: this build has no DTLS.
 */
LINNET_API linnet_status linnet_credentials_add_trust(linnet_credentials *credentials, const void *data,
                                                      size_t length);
/** Takes the trust in all authorities back; sessions that rest on it end. */
LINNET_API void linnet_credentials_remove_trust(linnet_credentials *credentials);
/** Lets the common name of a certificate that an authority vouches for be used by another endpoint name. */
LINNET_API linnet_status linnet_credentials_add_subject(linnet_credentials *credentials, const char *endpoint,
                                                        const char *subject);

/** Removes a pre-shared key. NOT_FOUND: there is no such identity. */
LINNET_API linnet_status linnet_credentials_remove_psk(linnet_credentials *credentials, const void *identity,
                                                       size_t identity_length);
/** Removes whatever lets an endpoint in under its name, authorities aside. NOT_FOUND: nothing does. O(n). */
LINNET_API linnet_status linnet_credentials_remove(linnet_credentials *credentials, const char *endpoint);
/** How many identities there are, authorities aside. */
LINNET_API size_t linnet_credentials_count(const linnet_credentials *credentials);

/* ---- what proves who we are ---------------------------------------------------------------------- */

/**
 * The certificate (DER, or PEM with the chain after it) and its private key (PKCS #8 or SEC1, DER or PEM; in
 * DER also with its public key, RFC 5958) on secp256r1. In place of a former one, for the handshakes that
 * begin from now on. MALFORMED: one of them cannot be read, or they do not fit together; the text says which.
 * UNAVAILABLE: this build has no DTLS.
 */
LINNET_API linnet_status linnet_credentials_set_certificate(linnet_credentials *credentials,
                                                            const void *certificate,
                                                            size_t certificate_length, const void *key,
                                                            size_t key_length);
/** The private key of a raw public key, likewise. UNAVAILABLE: the backend has no raw public keys. */
LINNET_API linnet_status linnet_credentials_set_key(linnet_credentials *credentials, const void *key,
                                                    size_t key_length);

/** What does the cryptography in this build: "mbedtls", ...; "none": there is no DTLS. */
LINNET_API const char *linnet_dtls_backend(void);

/* ---- transports ---------------------------------------------------------------------------------- */

/**
 * Secures a transport with DTLS, before it is given to a client or server: "coaps" from then on. With
 * credentials it answers handshakes of those that are let in; without (NULL), as for a client, it only begins
 * sessions with the servers of object 0. Holds the credentials. UNAVAILABLE: this build has no DTLS.
 * WRONG_STATE: it is in use, or secured already. OUT_OF_RANGE: its datagrams are too small. SECURITY: the
 * loop was seeded with less than LINNET_SECURE_SEED_SIZE bytes.
 */
LINNET_API linnet_status linnet_transport_secure(linnet_transport *transport,
                                                 linnet_credentials *credentials);
LINNET_API bool linnet_transport_is_secure(const linnet_transport *transport);

/** The fewest bytes of seed for a loop that is to keep secrets. */
#define LINNET_SECURE_SEED_SIZE 32

/* ---- why a handshake failed ---------------------------------------------------------------------- */

/* X(constant, value, name, text) */
#define LINNET_CAUSE_MAP(X)                                                                               \
  X(LINNET_CAUSE_NONE, 0, "none", "nothing failed")                                                       \
  X(LINNET_CAUSE_TIMED_OUT, 1, "timed-out", "the peer did not answer")                                    \
  X(LINNET_CAUSE_UNKNOWN_IDENTITY, 2, "unknown-identity", "the identity is unknown")                      \
  X(LINNET_CAUSE_WRONG_KEY, 3, "wrong-key", "the keys of the two sides differ")                           \
  X(LINNET_CAUSE_NO_COMMON_MODE, 4, "no-common-mode", "the two sides have no mode or suite in common")    \
  X(LINNET_CAUSE_NO_CERTIFICATE, 5, "no-certificate", "there is no certificate")                          \
  X(LINNET_CAUSE_BAD_CERTIFICATE, 6, "bad-certificate", "the certificate is malformed or unfit")          \
  X(LINNET_CAUSE_UNTRUSTED, 7, "untrusted", "nobody who is trusted vouches for the certificate")          \
  X(LINNET_CAUSE_EXPIRED, 8, "expired", "the certificate has expired")                                    \
  X(LINNET_CAUSE_NOT_YET_VALID, 9, "not-yet-valid", "the certificate is not valid yet")                   \
  X(LINNET_CAUSE_REVOKED, 10, "revoked", "the certificate was revoked")                                   \
  X(LINNET_CAUSE_WRONG_HOST, 11, "wrong-host", "the certificate is of another host")                      \
  X(LINNET_CAUSE_WRONG_CERTIFICATE, 12, "wrong-certificate", "it is not the certificate that was agreed") \
  X(LINNET_CAUSE_PROTOCOL, 13, "protocol", "the peer did not keep to the protocol")                       \
  X(LINNET_CAUSE_CLOSED, 14, "closed", "the peer closed the session")                                     \
  X(LINNET_CAUSE_REMOVED, 15, "removed", "the credentials were removed or replaced")                      \
  X(LINNET_CAUSE_LIMIT, 16, "limit", "there are too many sessions, or no memory for one more")

/** Why there is no session: of events and calls with the status LINNET_ERROR_SECURITY. */
typedef enum linnet_cause {
#define LINNET_CAUSE_CONSTANT(constant, value, name, text) constant = (value),
  LINNET_CAUSE_MAP(LINNET_CAUSE_CONSTANT)
#undef LINNET_CAUSE_CONSTANT
} linnet_cause;

/** "unknown-identity", ... Never NULL. */
LINNET_API const char *linnet_cause_name(linnet_cause cause);
/** One line for people. Never NULL. */
LINNET_API const char *linnet_cause_text(linnet_cause cause);

#ifdef __cplusplus
}
#endif

#endif
