/* SPDX-License-Identifier: Apache-2.0 */
/*
 * backend_none.c: in place of all of dtls in a build that has none (docs/architecture.md, section 6): it says
 * so, and how to get it. No credentials are made, and no transport is secured (net/secure_none.c).
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

/* ---- credentials --------------------------------------------------------------------------------- */

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

/* ---- causes -------------------------------------------------------------------------------------- */

/* Nobody gets one here: its name is enough. */
const char *linnet_cause_text(linnet_cause cause) { return linnet_cause_name(cause); }
