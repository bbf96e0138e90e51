/* SPDX-License-Identifier: Apache-2.0 */
/* backend_none.c: the DTLS backend of a build that has none (docs/architecture.md, section 6). */
#include "tls.h"

static const char why_not[] = "this build of linnet leaves DTLS out (build it with -DLINNET_DTLS=mbedtls)";

const char *linnet__dtls_backend(void) { return "none"; }

linnet_status linnet__dtls_require(linnet_loop *loop, const char *uri) {
  return linnet__fail(loop, LINNET_ERROR_UNAVAILABLE,
                      "%s needs DTLS, which this build of linnet leaves out (build it with "
                      "-DLINNET_DTLS=mbedtls)",
                      uri);
}

linnet_status linnet__tls_read_material(linnet_loop *loop, linnet__material material, const void *data,
                                        size_t length, linnet__material_facts *facts, const char **why) {
  (void)loop, (void)material, (void)data, (void)length, (void)facts;
  *why = why_not;
  return LINNET_ERROR_UNAVAILABLE;
}

linnet_status linnet__tls_check_own(linnet_loop *loop, const linnet__own *own, const char **why) {
  (void)loop, (void)own;
  *why = why_not;
  return LINNET_ERROR_UNAVAILABLE;
}

/* No transport is secured here, so none of what follows is reached. */

linnet__tls_config *linnet__tls_config_new(linnet_loop *loop, linnet__tls_role role,
                                           const linnet__dtls_profile *profile,
                                           linnet_credentials *credentials) {
  (void)role, (void)profile, (void)credentials;
  linnet__fail(loop, LINNET_ERROR_UNAVAILABLE, "DTLS: %s", why_not);
  return NULL;
}

linnet__tls_config *linnet__tls_config_ref(linnet__tls_config *config) { return config; }

void linnet__tls_config_unref(linnet__tls_config *config) { (void)config; }

linnet__tls *linnet__tls_new(linnet__tls_config *config, size_t room, const linnet__tls_peer *peer,
                             linnet__tls_emit emit, void *user) {
  (void)config, (void)room, (void)peer, (void)emit, (void)user;
  return NULL;
}

void linnet__tls_free(linnet__tls *tls) { (void)tls; }

linnet__tls_result linnet__tls_handshake(linnet__tls *tls, const uint8_t *data, size_t length) {
  (void)tls, (void)data, (void)length;
  return LINNET__TLS_FAILED;
}

uint64_t linnet__tls_deadline(const linnet__tls *tls) {
  (void)tls;
  return LINNET_NEVER;
}

const linnet__identity *linnet__tls_identity(const linnet__tls *tls) {
  static const linnet__identity nobody = {0};
  (void)tls;
  return &nobody;
}

bool linnet__tls_resumed(const linnet__tls *tls) {
  (void)tls;
  return false;
}

linnet_cause linnet__tls_cause(const linnet__tls *tls, bool *told) {
  (void)tls;
  *told = false;
  return LINNET_CAUSE_NO_COMMON_MODE;
}

linnet__tls_result linnet__tls_open(linnet__tls *tls, const uint8_t *data, size_t length, uint8_t *plain,
                                    size_t size, size_t *plain_length) {
  (void)tls, (void)data, (void)length, (void)plain, (void)size, (void)plain_length;
  return LINNET__TLS_FAILED;
}

linnet_status linnet__tls_seal(linnet__tls *tls, const uint8_t *data, size_t length) {
  (void)tls, (void)data, (void)length;
  return LINNET_ERROR_UNAVAILABLE;
}

void linnet__tls_say_goodbye(linnet__tls *tls) { (void)tls; }

bool linnet__tls_recognizes(linnet__tls *tls, const uint8_t *data, size_t length) {
  (void)tls, (void)data, (void)length;
  return false;
}

size_t linnet__tls_packed_size(linnet__tls *tls) {
  (void)tls;
  return 0;
}

bool linnet__tls_pack(linnet__tls *tls, uint8_t *out, size_t size) {
  (void)tls, (void)out, (void)size;
  return false;
}

linnet__tls *linnet__tls_unpack(linnet__tls_config *config, const uint8_t *data, size_t length,
                                linnet__tls_emit emit, void *user) {
  (void)config, (void)data, (void)length, (void)emit, (void)user;
  return NULL;
}

linnet_status linnet__tls_save(linnet__tls *tls, linnet__buffer *out) {
  (void)tls, (void)out;
  return LINNET_ERROR_NOT_FOUND;
}

linnet_status linnet__tls_resume(linnet__tls *tls, const uint8_t *data, size_t length) {
  (void)tls, (void)data, (void)length;
  return LINNET_ERROR_UNAVAILABLE;
}
