/* SPDX-License-Identifier: Apache-2.0 */
/* gnutls_material.c: raw public keys as files and object 0 have them, DER and PEM (tls.h; SEC-12). */
#include <string.h>

#include <gnutls/crypto.h>

#include "gnutls_backend.h"

static const char pem_begin[] = "-----BEGIN";

gnutls_x509_crt_fmt_t linnet__gnutls_format(const void *data, size_t length) {
  const char *text = data;
  for (size_t i = 0; i + sizeof pem_begin - 1 <= length; i++)
    if (memcmp(text + i, pem_begin, sizeof pem_begin - 1) == 0) return GNUTLS_X509_FMT_PEM;
  return GNUTLS_X509_FMT_DER;
}

/* The library does not write through it. */
static gnutls_datum_t view(const void *data, size_t length) {
  return (gnutls_datum_t){.data = (unsigned char *)(uintptr_t)data, .size = (unsigned)length};
}

/* RFC 7925 4.4, the table of SEC-10: secp256r1 and nothing else. */
static bool is_on_p256(gnutls_pubkey_t key) {
  gnutls_ecc_curve_t curve = GNUTLS_ECC_CURVE_INVALID;
  return gnutls_pubkey_get_pk_algorithm(key, NULL) == GNUTLS_PK_ECDSA &&
         gnutls_pubkey_export_ecc_raw(key, &curve, NULL, NULL) == 0 && curve == GNUTLS_ECC_CURVE_SECP256R1;
}

static int write_facts(gnutls_pubkey_t key, linnet__material_facts *facts) {
  gnutls_datum_t der;
  int error = gnutls_pubkey_export2(key, GNUTLS_X509_FMT_DER, &der);
  if (error != 0) return error;
  memset(facts, 0, sizeof *facts);
  error = gnutls_hash_fast(GNUTLS_DIG_SHA256, der.data, der.size, facts->digest);
  gnutls_free(der.data);
  return error;
}

linnet_status linnet__gnutls_read_material(linnet_loop *loop, linnet__material material, const void *data,
                                           size_t length, linnet__material_facts *facts, const char **why) {
  gnutls_datum_t text = view(data, length);
  gnutls_pubkey_t key;
  (void)loop, (void)material; /* only public keys come here */
  if (gnutls_pubkey_init(&key) != 0) return LINNET_ERROR_NO_MEMORY;
  const char *fault = NULL;
  if (gnutls_pubkey_import(key, &text, linnet__gnutls_format(data, length)) != 0)
    fault = "it is not a public key (SubjectPublicKeyInfo), neither DER nor PEM";
  else if (!is_on_p256(key))
    fault = "the public key is not on secp256r1";
  else if (facts != NULL && write_facts(key, facts) != 0)
    fault = "its digest cannot be made";
  gnutls_pubkey_deinit(key);
  if (fault == NULL) return LINNET_OK;
  *why = fault;
  return LINNET_ERROR_MALFORMED;
}

int linnet__gnutls_public_key_of(const linnet__secret *key, gnutls_datum_t *public_key) {
  gnutls_datum_t text = view(key->data, key->length);
  gnutls_privkey_t own = NULL;
  gnutls_pubkey_t derived = NULL;
  int error = gnutls_privkey_init(&own);
  if (error == 0) error = gnutls_pubkey_init(&derived);
  if (error == 0)
    error =
        gnutls_privkey_import_x509_raw(own, &text, linnet__gnutls_format(key->data, key->length), NULL, 0);
  if (error == 0) error = gnutls_pubkey_import_privkey(derived, own, GNUTLS_KEY_DIGITAL_SIGNATURE, 0);
  if (error == 0 && !is_on_p256(derived)) error = GNUTLS_E_UNSUPPORTED_SIGNATURE_ALGORITHM;
  if (error == 0) error = gnutls_pubkey_export2(derived, GNUTLS_X509_FMT_DER, public_key);
  if (derived != NULL) gnutls_pubkey_deinit(derived);
  if (own != NULL) gnutls_privkey_deinit(own);
  return error;
}

linnet_status linnet__gnutls_check_own(linnet_loop *loop, const linnet__own *own, const char **why) {
  gnutls_datum_t public_key;
  (void)loop;
  int error = linnet__gnutls_public_key_of(&own->key, &public_key);
  if (error == 0) {
    gnutls_free(public_key.data);
    return LINNET_OK;
  }
  *why = error == GNUTLS_E_UNSUPPORTED_SIGNATURE_ALGORITHM
             ? "the private key is not on secp256r1"
             : "the private key is neither PKCS #8 nor SEC1, or it is encrypted";
  return error == GNUTLS_E_MEMORY_ERROR ? LINNET_ERROR_NO_MEMORY : LINNET_ERROR_MALFORMED;
}
