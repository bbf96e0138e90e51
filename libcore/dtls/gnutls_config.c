/* SPDX-License-Identifier: Apache-2.0 */
/* gnutls_config.c: what associations of the GnuTLS backend have in common (tls.h; SEC-10, SEC-12). */
#include <string.h>

#include "gnutls_backend.h"

#define SUITES_BEFORE "NONE:+VERS-DTLS1.2:+ECDHE-ECDSA:+AES-128-CCM-8"
#define SUITES_AFTER ":+AEAD:+SIGN-ECDSA-SHA256:+GROUP-SECP256R1:+COMP-NULL:+CTYPE-CLI-RAWPK:+CTYPE-SRV-RAWPK"

/* The shorter records first. */
static const char short_suites[] = SUITES_BEFORE SUITES_AFTER;
static const char all_suites[] = SUITES_BEFORE ":+AES-128-CBC:+SHA256" SUITES_AFTER;

/* BS-04: others call us by the name they know. */
static bool is_called_right(gnutls_session_t session, const char *own) {
  char name[256];
  size_t length = sizeof name - 1;
  unsigned type;
  if (own == NULL || gnutls_server_name_get(session, name, &length, &type, 0) != 0) return true;
  return strlen(own) == length && memcmp(own, name, length) == 0;
}

/* SEC-12: the key of the peer has to be one that is known. It proves by its signature that it has it. */
static int verify(gnutls_session_t session) {
  linnet__tls *tls = gnutls_session_get_ptr(session);
  linnet__material_facts facts;
  const char *why;
  unsigned count = 0;
  const gnutls_datum_t *shown = gnutls_certificate_get_peers(session, &count);
  tls->cause = LINNET_CAUSE_NO_CERTIFICATE;
  if (shown == NULL || count == 0) return GNUTLS_E_CERTIFICATE_ERROR;
  tls->cause = LINNET_CAUSE_BAD_CERTIFICATE;
  if (linnet__gnutls_read_material(tls->config->common.loop, LINNET__MATERIAL_PUBLIC_KEY, shown->data,
                                   shown->size, &facts, &why) != LINNET_OK)
    return GNUTLS_E_CERTIFICATE_ERROR;
  tls->identity = (linnet__identity){.kind = LINNET__IDENTITY_PUBLIC_KEY, .length = sizeof facts.digest};
  memcpy(tls->identity.name, facts.digest, sizeof facts.digest);
  const linnet__credential *credential = linnet__credentials_find(
      tls->config->common.credentials, LINNET__IDENTITY_PUBLIC_KEY, facts.digest, sizeof facts.digest);
  bool server = tls->config->common.role == LINNET__TLS_SERVER;
  tls->cause = server ? LINNET_CAUSE_UNKNOWN_IDENTITY : LINNET_CAUSE_WRONG_CERTIFICATE;
  if (credential == NULL) return GNUTLS_E_CERTIFICATE_ERROR;
  tls->identity = credential->identity;
  tls->cause = LINNET_CAUSE_WRONG_HOST;
  if (server && !is_called_right(session, tls->config->common.credentials->name))
    return GNUTLS_E_CERTIFICATE_ERROR;
  tls->cause = LINNET_CAUSE_NONE;
  return 0;
}

static int set_own_key(linnet__tls_config *config) {
  const linnet__secret *key = &config->common.credentials->own.key;
  gnutls_datum_t text = {key->data, (unsigned)key->length}, private_key = {NULL, 0}, public_key;
  gnutls_x509_privkey_t parsed = NULL;
  int error = linnet__gnutls_public_key_of(key, &public_key);
  if (error != 0) return error;
  /* One format holds for both, and here the library reads PKCS #8 only. */
  error = gnutls_x509_privkey_init(&parsed);
  if (error == 0)
    error =
        gnutls_x509_privkey_import2(parsed, &text, linnet__gnutls_format(key->data, key->length), NULL, 0);
  if (error == 0)
    error =
        gnutls_x509_privkey_export2_pkcs8(parsed, GNUTLS_X509_FMT_DER, NULL, GNUTLS_PKCS_PLAIN, &private_key);
  if (error == 0)
    error = gnutls_certificate_set_rawpk_key_mem(config->own, &public_key, &private_key, GNUTLS_X509_FMT_DER,
                                                 NULL, 0, NULL, 0, 0);
  if (private_key.data != NULL) linnet__wipe(private_key.data, private_key.size);
  gnutls_free(private_key.data);
  gnutls_free(public_key.data);
  if (parsed != NULL) gnutls_x509_privkey_deinit(parsed);
  return error;
}

const char *linnet__gnutls_config_prepare(linnet__tls_config *config) {
  const char *suites = config->common.profile.only_short ? short_suites : all_suites;
  if (gnutls_priority_init(&config->suites, suites, NULL) != 0)
    return "raw public keys: the library has not the suites they need";
  if (gnutls_certificate_allocate_credentials(&config->own) != 0) return "raw public keys: no memory";
  if (config->common.credentials->own.key.length == 0) return "raw public keys: there is no key of our own";
  if (set_own_key(config) != 0) return "raw public keys: the own private key cannot be read";
  gnutls_certificate_set_verify_function(config->own, verify);
  return NULL;
}

void linnet__gnutls_config_clear(linnet__tls_config *config) {
  if (config->own != NULL) gnutls_certificate_free_credentials(config->own);
  if (config->suites != NULL) gnutls_priority_deinit(config->suites);
}
