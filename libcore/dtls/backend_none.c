/* SPDX-License-Identifier: Apache-2.0 */
/*
 * backend_none.c: in place of all of dtls in a build that has none (docs/architecture.md, section 6): it says
 * so, and how to get it. No transport is secured here and no credentials are made, so the rest is never
 * reached.
 */
#include "dtls.h"

static linnet_status refuse(linnet_loop *loop, const char *what) {
  return linnet__fail(loop, LINNET_ERROR_UNAVAILABLE,
                      "%s needs DTLS, which this build of linnet leaves out (build it with "
                      "-DLINNET_DTLS=mbedtls)",
                      what);
}

const char *linnet_dtls_backend(void) { return "none"; }

linnet_status linnet__dtls_require(linnet_loop *loop, const char *uri) { return refuse(loop, uri); }

/* ---- credentials ------------------------------------------------------------------------------------ */

linnet_credentials *linnet_credentials_new(linnet_loop *loop) {
  refuse(loop, "a store of credentials");
  return NULL;
}

linnet_credentials *linnet_credentials_ref(linnet_credentials *credentials) { return credentials; }

void linnet_credentials_unref(linnet_credentials *credentials) { (void)credentials; }

linnet_loop *linnet_credentials_loop(const linnet_credentials *credentials) {
  (void)credentials;
  return NULL;
}

linnet_status linnet_credentials_add_psk(linnet_credentials *credentials, const char *endpoint,
                                         const void *identity, size_t identity_length, const void *key,
                                         size_t key_length) {
  (void)credentials, (void)endpoint, (void)identity, (void)identity_length, (void)key, (void)key_length;
  return LINNET_ERROR_UNAVAILABLE;
}

linnet_status linnet_credentials_add_certificate(linnet_credentials *credentials, const char *endpoint,
                                                 const void *data, size_t length) {
  (void)credentials, (void)endpoint, (void)data, (void)length;
  return LINNET_ERROR_UNAVAILABLE;
}

linnet_status linnet_credentials_add_public_key(linnet_credentials *credentials, const char *endpoint,
                                                const void *data, size_t length) {
  (void)credentials, (void)endpoint, (void)data, (void)length;
  return LINNET_ERROR_UNAVAILABLE;
}

linnet_status linnet_credentials_add_trust(linnet_credentials *credentials, const void *data, size_t length) {
  (void)credentials, (void)data, (void)length;
  return LINNET_ERROR_UNAVAILABLE;
}

linnet_status linnet_credentials_add_subject(linnet_credentials *credentials, const char *endpoint,
                                             const char *subject) {
  (void)credentials, (void)endpoint, (void)subject;
  return LINNET_ERROR_UNAVAILABLE;
}

linnet_status linnet_credentials_remove_psk(linnet_credentials *credentials, const void *identity,
                                            size_t identity_length) {
  (void)credentials, (void)identity, (void)identity_length;
  return LINNET_ERROR_UNAVAILABLE;
}

linnet_status linnet_credentials_remove(linnet_credentials *credentials, const char *endpoint) {
  (void)credentials, (void)endpoint;
  return LINNET_ERROR_UNAVAILABLE;
}

linnet_status linnet_credentials_set_certificate(linnet_credentials *credentials, const void *certificate,
                                                 size_t certificate_length, const void *key,
                                                 size_t key_length) {
  (void)credentials, (void)certificate, (void)certificate_length, (void)key, (void)key_length;
  return LINNET_ERROR_UNAVAILABLE;
}

linnet_status linnet_credentials_set_key(linnet_credentials *credentials, const void *key,
                                         size_t key_length) {
  (void)credentials, (void)key, (void)key_length;
  return LINNET_ERROR_UNAVAILABLE;
}

void linnet_credentials_remove_trust(linnet_credentials *credentials) { (void)credentials; }

size_t linnet_credentials_count(const linnet_credentials *credentials) {
  (void)credentials;
  return 0;
}

linnet_status linnet__credentials_fill(linnet_credentials *credentials, const linnet__keys *keys) {
  (void)credentials, (void)keys;
  return LINNET_ERROR_UNAVAILABLE;
}

linnet_status linnet__credentials_expect(linnet_credentials *credentials, const char *host,
                                         size_t host_length, const char *name) {
  (void)credentials, (void)host, (void)host_length, (void)name;
  return LINNET_ERROR_UNAVAILABLE;
}

bool linnet__credentials_reach(const linnet_credentials *credentials, const char *endpoint, size_t length) {
  (void)credentials, (void)endpoint, (void)length;
  return false;
}

linnet_credentials *linnet__credentials_for(const linnet_credentials *credentials, const char *endpoint,
                                            size_t length) {
  (void)credentials, (void)endpoint, (void)length;
  return NULL;
}

/* ---- identities and sessions ------------------------------------------------------------------------ */

bool linnet__identity_allows(const linnet_credentials *credentials, const linnet__identity *identity,
                             const char *endpoint, size_t length) {
  (void)credentials, (void)identity, (void)endpoint, (void)length;
  return false;
}

uint64_t linnet__identity_hash(linnet_loop *loop, const linnet__identity *identity) {
  (void)loop, (void)identity;
  return 0;
}

void linnet__identity_print(linnet__buffer *out, const linnet__identity *identity) {
  (void)out, (void)identity;
}

linnet__dtls *linnet__dtls_new(linnet_loop *loop, linnet__dtls_owner *owner,
                               const linnet__dtls_profile *profile, linnet_credentials *credentials) {
  (void)loop, (void)owner, (void)profile, (void)credentials;
  return NULL;
}

void linnet__dtls_close(linnet__dtls *dtls) { (void)dtls; }

void linnet__dtls_free(linnet__dtls *dtls) { (void)dtls; }

uint64_t linnet__dtls_tickets(const linnet__dtls *dtls) {
  (void)dtls;
  return 0;
}

void linnet__dtls_save_tickets(const linnet__dtls *dtls, linnet__buffer *out) { (void)dtls, (void)out; }

linnet_status linnet__dtls_restore_tickets(linnet__dtls *dtls, const void *data, size_t length) {
  (void)dtls, (void)data, (void)length;
  return LINNET_ERROR_UNAVAILABLE;
}

void linnet__dtls_accept(linnet__dtls *dtls, linnet_credentials *credentials) {
  (void)dtls, (void)credentials;
}

void linnet__dtls_set_limit(linnet__dtls *dtls, linnet__dtls_limit limit, size_t value) {
  (void)dtls, (void)limit, (void)value;
}

void linnet__dtls_receive(linnet__dtls *dtls, const linnet_address *peer, const uint8_t *data,
                          size_t length) {
  (void)dtls, (void)peer, (void)data, (void)length;
}

linnet_status linnet__dtls_send(linnet__dtls *dtls, const linnet_address *peer, const void *data,
                                size_t length) {
  (void)dtls, (void)peer, (void)data, (void)length;
  return LINNET_ERROR_UNAVAILABLE;
}

linnet_status linnet__dtls_connect(linnet__dtls *dtls, const linnet_address *peer,
                                   linnet_credentials *credentials, const char *host,
                                   const linnet__packed *former) {
  (void)dtls, (void)peer, (void)credentials, (void)host, (void)former;
  return LINNET_ERROR_UNAVAILABLE;
}

void linnet__dtls_end(linnet__dtls *dtls, const linnet_address *peer) { (void)dtls, (void)peer; }

const linnet__identity *linnet__dtls_identity(linnet__dtls *dtls, const linnet_address *peer) {
  (void)dtls, (void)peer;
  return NULL;
}

uint64_t linnet__dtls_identity_hash(linnet__dtls *dtls, const linnet_address *peer) {
  (void)dtls, (void)peer;
  return 0;
}

const linnet_credentials *linnet__dtls_credentials(const linnet__dtls *dtls) {
  (void)dtls;
  return NULL;
}

linnet_status linnet__dtls_save(linnet__dtls *dtls, const linnet_address *peer, linnet__buffer *out) {
  (void)dtls, (void)peer, (void)out;
  return LINNET_ERROR_UNAVAILABLE;
}

const linnet__dtls_counters *linnet__dtls_get_counters(const linnet__dtls *dtls) {
  (void)dtls;
  return NULL;
}
