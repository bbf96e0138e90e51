/* SPDX-License-Identifier: Apache-2.0 */
/* mbedtls_config.c: what associations of the Mbed TLS backend have in common (tls.h; SEC-10, SEC-17). */
#include <string.h>

#include "mbedtls.h"

/* ---- the server's pre-shared keys ---------------------------------------------------------------- */

/* Debian's library copies keys of up to 32 bytes; SEC-11 wants 64. Its derivation takes any length, so a
 * longer key is lent to the configuration for this one call of the handshake (handshake). */
static int lend_key(linnet__tls_config *config, const linnet__secret *key) {
  unsigned char *copy = mbedtls_calloc(1, key->length);
  if (copy == NULL) return MBEDTLS_ERR_SSL_ALLOC_FAILED;
  memcpy(copy, key->data, key->length);
  config->conf.LINNET__FIELD(psk) = copy;
  config->conf.LINNET__FIELD(psk_len) = key->length;
  return 0;
}

/* BS-04: others call us by the name they know. */
static int check_name(void *user, mbedtls_ssl_context *ssl, const unsigned char *name, size_t length) {
  const linnet__tls_config *config = user;
  const char *own = config->common.credentials->name;
  linnet__tls *tls = LINNET__CONTAINER(ssl, linnet__tls, ssl);
  if (own == NULL || (strlen(own) == length && memcmp(own, name, length) == 0)) return 0;
  tls->cause = LINNET_CAUSE_WRONG_HOST;
  return MBEDTLS_ERR_SSL_INTERNAL_ERROR;
}

static int find_psk(void *user, mbedtls_ssl_context *ssl, const unsigned char *name, size_t length) {
  linnet__tls_config *config = user;
  linnet__tls *tls = LINNET__CONTAINER(ssl, linnet__tls, ssl);
  const linnet__credential *credential =
      linnet__credentials_find(config->common.credentials, LINNET__IDENTITY_PSK, name, length);
  if (credential == NULL) {
    size_t kept = length < LINNET__IDENTITY_SIZE ? length : LINNET__IDENTITY_SIZE;
    tls->identity = (linnet__identity){.kind = LINNET__IDENTITY_PSK, .length = (uint8_t)kept};
    memcpy(tls->identity.name, name, kept);
    tls->cause = LINNET_CAUSE_UNKNOWN_IDENTITY;
    return MBEDTLS_ERR_SSL_UNKNOWN_IDENTITY;
  }
  tls->identity = credential->identity;
  if (credential->key.length > MBEDTLS_PSK_MAX_LEN) return lend_key(config, &credential->key);
  return mbedtls_ssl_set_hs_psk(ssl, credential->key.data, credential->key.length);
}

/* A cookie was checked before the library hears of the client (hello.c). */
static int accept_cookie(void *user, const unsigned char *cookie, size_t cookie_length,
                         const unsigned char *client, size_t client_length) {
  (void)user, (void)cookie, (void)cookie_length, (void)client, (void)client_length;
  return 0;
}

static int write_no_cookie(void *user, unsigned char **at, unsigned char *end, const unsigned char *client,
                           size_t client_length) {
  (void)user, (void)at, (void)end, (void)client, (void)client_length;
  return MBEDTLS_ERR_SSL_INTERNAL_ERROR;
}

/* ---- the client's -------------------------------------------------------------------------------- */

static int set_client_psk(linnet__tls_config *config, const linnet__credential *credential) {
  mbedtls_ssl_config *conf = &config->conf;
  const linnet__secret *key = &credential->key;
  const linnet__identity *identity = &credential->identity;
  size_t length = key->length <= MBEDTLS_PSK_MAX_LEN ? key->length : MBEDTLS_PSK_MAX_LEN;
  int result = mbedtls_ssl_conf_psk(conf, key->data, length, identity->name, identity->length);
  if (result != 0 || length == key->length) return result;
  mbedtls_free(conf->LINNET__FIELD(psk));
  conf->LINNET__FIELD(psk) = NULL;
  return lend_key(config, key);
}

/* ---- suites (SEC-10) ----------------------------------------------------------------------------- */

/* The shorter records first. */
static void choose_suites(linnet__tls_config *config, bool certificates, bool keys) {
  int *suite = config->suites;
  if (certificates) *suite++ = MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8;
  if (keys) *suite++ = MBEDTLS_TLS_PSK_WITH_AES_128_CCM_8;
  if (certificates && !config->common.profile.only_short)
    *suite++ = MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256;
  if (keys && !config->common.profile.only_short) *suite++ = MBEDTLS_TLS_PSK_WITH_AES_128_CBC_SHA256;
  *suite = 0;
  mbedtls_ssl_conf_ciphersuites(&config->conf, config->suites);
}

/* ---- life ---------------------------------------------------------------------------------------- */

static const char *load_certificates(linnet__tls_config *config) {
  const linnet_credentials *credentials = config->common.credentials;
  const linnet__own *own = &credentials->own;
  for (size_t i = 0; i < credentials->trust_count; i++) {
    const linnet__secret *trust = &credentials->trust[i];
    if (trust->length > 0 && linnet__mbedtls_parse_certificates(config->common.loop, &config->trust,
                                                                trust->data, trust->length) != 0)
      return "a trusted certificate cannot be read";
  }
  mbedtls_ssl_conf_ca_chain(&config->conf, &config->trust, NULL);
  if (own->certificate.length == 0) return NULL;
  if (linnet__mbedtls_parse_certificates(config->common.loop, &config->own, own->certificate.data,
                                         own->certificate.length) != 0 ||
      linnet__mbedtls_parse_key(config->common.loop, &config->own_key, own->key.data, own->key.length,
                                &config->drbg) != 0)
    return "the own certificate or its key cannot be read";
  return mbedtls_ssl_conf_own_cert(&config->conf, &config->own, &config->own_key) == 0 ? NULL : "no memory";
}

static const char *load_keys(linnet__tls_config *config) {
  bool certificates = config->common.credentials->own.certificate.length > 0;
  if (config->common.role == LINNET__TLS_SERVER) {
    mbedtls_ssl_conf_psk_cb(&config->conf, find_psk, config);
    choose_suites(config, certificates, true);
    return NULL;
  }
  const linnet__credential *psk = linnet__credentials_only_psk(config->common.credentials);
  if (psk == NULL && !certificates) return "there is neither a key nor a certificate";
  choose_suites(config, psk == NULL, psk != NULL);
  return psk == NULL || set_client_psk(config, psk) == 0 ? NULL : "no memory";
}

const char *linnet__mbedtls_config_prepare(linnet__tls_config *config) {
  static const linnet__compat_curve curves[] = LINNET__COMPAT_CURVES;
  mbedtls_ssl_config *conf = &config->conf;
  int end = config->common.role == LINNET__TLS_SERVER ? MBEDTLS_SSL_IS_SERVER : MBEDTLS_SSL_IS_CLIENT;
  mbedtls_ssl_config_init(conf);
  mbedtls_x509_crt_init(&config->trust);
  mbedtls_x509_crt_init(&config->own);
  mbedtls_pk_init(&config->own_key);
  if (!linnet__mbedtls_seed(config->common.loop, &config->drbg)) return "no memory";
  if (mbedtls_ssl_config_defaults(conf, end, MBEDTLS_SSL_TRANSPORT_DATAGRAM, MBEDTLS_SSL_PRESET_DEFAULT) != 0)
    return "no memory";
  linnet__compat_version_1_2(conf);
  linnet__compat_conf_curves(conf, curves);
  mbedtls_ssl_conf_rng(conf, mbedtls_ctr_drbg_random, &config->drbg);
  mbedtls_ssl_conf_authmode(conf, MBEDTLS_SSL_VERIFY_REQUIRED); /* SEC-02 */
  mbedtls_ssl_conf_handshake_timeout(conf, config->common.profile.first_timeout_ms,
                                     config->common.profile.last_timeout_ms);
  mbedtls_ssl_conf_renegotiation(conf, MBEDTLS_SSL_RENEGOTIATION_DISABLED); /* SEC-17 */
  if (config->common.role == LINNET__TLS_SERVER) {
    mbedtls_ssl_conf_dtls_cookies(conf, write_no_cookie, accept_cookie, config);
    mbedtls_ssl_conf_sni(conf, check_name, config);
    linnet__mbedtls_use_tickets(config);
  }
  const char *fault = load_certificates(config);
  return fault != NULL ? fault : load_keys(config);
}

void linnet__mbedtls_config_clear(linnet__tls_config *config) {
  mbedtls_ssl_config_free(&config->conf);
  mbedtls_ctr_drbg_free(&config->drbg);
  mbedtls_x509_crt_free(&config->trust);
  mbedtls_x509_crt_free(&config->own);
  mbedtls_pk_free(&config->own_key);
}
