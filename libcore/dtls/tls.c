/* SPDX-License-Identifier: Apache-2.0 */
/* tls.c: which backend does what (tls.h, tls_backend.h). */
#include "tls_backend.h"

static const char no_raw_keys[] =
    "this build of linnet leaves raw public keys out (install GnuTLS, on Debian libgnutls28-dev, and build "
    "linnet "
    "with -DLINNET_RAW_KEYS=gnutls)";

/* A config and an association begin with it, whosever they are. */
static const linnet__tls_backend *of(const void *object) {
  return *(const linnet__tls_backend *const *)object;
}

const char *linnet_dtls_backend(void) { return linnet__tls_standard()->name; }

bool linnet__tls_has_raw_keys(void) { return linnet__tls_raw_keys() != NULL; }

/* NULL: there is none, and *why has words. */
static const linnet__tls_backend *choose(linnet__tls_mode mode, const char **why) {
  *why = no_raw_keys;
  return mode == LINNET__TLS_RAW_KEYS ? linnet__tls_raw_keys() : linnet__tls_standard();
}

/* ---- what many associations have in common ------------------------------------------------------- */

static linnet__tls_common *common(linnet__tls_config *config) { return (linnet__tls_common *)(void *)config; }

static linnet__tls_config *allocate(const linnet__tls_backend *backend, linnet_loop *loop) {
  linnet__tls_config *config = linnet__new(loop, backend->config_size);
  if (config == NULL) linnet__fail(loop, LINNET_ERROR_NO_MEMORY, "DTLS: out of memory");
  return config;
}

linnet__tls_config *linnet__tls_config_new(linnet_loop *loop, linnet__tls_role role, linnet__tls_mode mode,
                                           const linnet__dtls_profile *profile,
                                           linnet_credentials *credentials) {
  const char *why;
  const linnet__tls_backend *backend = choose(mode, &why);
  if (backend == NULL) {
    linnet__fail(loop, LINNET_ERROR_UNAVAILABLE, "DTLS: %s", why);
    return NULL;
  }
  linnet__tls_config *config = allocate(backend, loop);
  if (config == NULL) return NULL;
  *common(config) =
      (linnet__tls_common){backend, 1, loop, linnet_credentials_ref(credentials), role, *profile};
  const char *fault = backend->config_prepare(config);
  if (fault == NULL) return config;
  linnet__fail(loop, LINNET_ERROR_MALFORMED, "DTLS: %s", fault);
  linnet__tls_config_unref(config);
  return NULL;
}

linnet__tls_config *linnet__tls_config_ref(linnet__tls_config *config) {
  common(config)->references++;
  return config;
}

void linnet__tls_config_unref(linnet__tls_config *config) {
  if (config == NULL || --common(config)->references > 0) return;
  const linnet__tls_backend *backend = of(config);
  linnet_loop *loop = common(config)->loop;
  backend->config_clear(config);
  linnet_credentials_unref(common(config)->credentials);
  linnet__free(loop, config, backend->config_size);
}

/* ---- an association ------------------------------------------------------------------------------ */

linnet__tls *linnet__tls_new(linnet__tls_config *config, size_t room, const linnet__tls_peer *peer,
                             linnet__tls_emit emit, void *user) {
  return of(config)->make(config, room, peer, emit, user);
}

void linnet__tls_free(linnet__tls *tls) {
  if (tls != NULL) of(tls)->release(tls);
}

linnet__tls_result linnet__tls_handshake(linnet__tls *tls, const uint8_t *data, size_t length) {
  return of(tls)->handshake(tls, data, length);
}

uint64_t linnet__tls_deadline(const linnet__tls *tls) { return of(tls)->deadline(tls); }

const linnet__identity *linnet__tls_identity(const linnet__tls *tls) { return of(tls)->identity(tls); }

bool linnet__tls_resumed(const linnet__tls *tls) { return of(tls)->resumed(tls); }

linnet_cause linnet__tls_cause(const linnet__tls *tls, bool *told) { return of(tls)->cause(tls, told); }

linnet__tls_result linnet__tls_open(linnet__tls *tls, const uint8_t *data, size_t length, uint8_t *plain,
                                    size_t size, size_t *plain_length) {
  return of(tls)->open(tls, data, length, plain, size, plain_length);
}

linnet_status linnet__tls_seal(linnet__tls *tls, const uint8_t *data, size_t length) {
  return of(tls)->seal(tls, data, length);
}

void linnet__tls_say_goodbye(linnet__tls *tls) { of(tls)->say_goodbye(tls); }

bool linnet__tls_recognizes(linnet__tls *tls, const uint8_t *data, size_t length) {
  return of(tls)->recognizes(tls, data, length);
}

size_t linnet__tls_packed_size(linnet__tls *tls) { return of(tls)->packed_size(tls); }

bool linnet__tls_pack(linnet__tls *tls, uint8_t *out, size_t size) { return of(tls)->pack(tls, out, size); }

linnet__tls *linnet__tls_unpack(linnet__tls_config *config, const uint8_t *data, size_t length,
                                linnet__tls_emit emit, void *user) {
  return of(config)->unpack(config, data, length, emit, user);
}

linnet_status linnet__tls_save(linnet__tls *tls, linnet__buffer *out) { return of(tls)->save(tls, out); }

linnet_status linnet__tls_resume(linnet__tls *tls, const uint8_t *data, size_t length) {
  return of(tls)->resume(tls, data, length);
}

/* ---- certificates and keys ----------------------------------------------------------------------- */

linnet_status linnet__tls_read_material(linnet_loop *loop, linnet__material material, const void *data,
                                        size_t length, linnet__material_facts *facts, const char **why) {
  bool raw = material == LINNET__MATERIAL_PUBLIC_KEY;
  const linnet__tls_backend *backend = choose(raw ? LINNET__TLS_RAW_KEYS : LINNET__TLS_STANDARD, why);
  if (backend == NULL) return LINNET_ERROR_UNAVAILABLE;
  return backend->read_material(loop, material, data, length, facts, why);
}

linnet_status linnet__tls_check_own(linnet_loop *loop, const linnet__own *own, const char **why) {
  const linnet__tls_backend *backend = choose(linnet__own_mode(own), why);
  return backend != NULL ? backend->check_own(loop, own, why) : LINNET_ERROR_UNAVAILABLE;
}

linnet__tls_mode linnet__own_mode(const linnet__own *own) {
  return own->certificate.length == 0 && own->key.length > 0 ? LINNET__TLS_RAW_KEYS : LINNET__TLS_STANDARD;
}
