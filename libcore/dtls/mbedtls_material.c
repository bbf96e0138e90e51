/* SPDX-License-Identifier: Apache-2.0 */
/* mbedtls_material.c: certificates and keys as files and object 0 have them, DER and PEM (tls.h). */
#include <string.h>

#include "mbedtls.h"

static const char pem_begin[] = "-----BEGIN";

static int draw(void *user, unsigned char *out, size_t length) {
  linnet__random_bytes(user, out, length);
  return 0;
}

bool linnet__mbedtls_seed(linnet_loop *loop, mbedtls_ctr_drbg_context *drbg) {
  mbedtls_ctr_drbg_init(drbg);
  return mbedtls_ctr_drbg_seed(drbg, draw, loop, NULL, 0) == 0;
}

static bool is_pem(const void *data, size_t length) {
  const char *text = data;
  for (size_t i = 0; i + sizeof pem_begin - 1 <= length; i++)
    if (memcmp(text + i, pem_begin, sizeof pem_begin - 1) == 0) return true;
  return false;
}

/* With the zero byte that the library wants behind PEM. NULL: no memory. */
static uint8_t *copy_pem(linnet_loop *loop, linnet__secret *copy, const void *data, size_t length) {
  copy->data = linnet__new(loop, length + 1);
  if (copy->data == NULL) return NULL;
  memcpy(copy->data, data, length);
  copy->length = length + 1;
  return copy->data;
}

int linnet__mbedtls_parse_certificates(linnet_loop *loop, mbedtls_x509_crt *chain, const void *data,
                                       size_t length) {
  linnet__secret copy;
  if (!is_pem(data, length)) return mbedtls_x509_crt_parse_der(chain, data, length);
  if (copy_pem(loop, &copy, data, length) == NULL) return MBEDTLS_ERR_X509_ALLOC_FAILED;
  int result = mbedtls_x509_crt_parse(chain, copy.data, copy.length);
  linnet__secret_clear(loop, &copy);
  return result > 0 ? MBEDTLS_ERR_X509_INVALID_FORMAT : result; /* so many could not be read */
}

int linnet__mbedtls_parse_key(linnet_loop *loop, mbedtls_pk_context *key, const void *data, size_t length,
                              mbedtls_ctr_drbg_context *drbg) {
  linnet__secret copy;
  if (!is_pem(data, length)) return linnet__compat_parse_key(key, data, length, drbg);
  if (copy_pem(loop, &copy, data, length) == NULL) return MBEDTLS_ERR_PK_ALLOC_FAILED;
  int result = linnet__compat_parse_key(key, copy.data, copy.length, drbg);
  linnet__secret_clear(loop, &copy);
  return result;
}

void linnet__mbedtls_subject(const mbedtls_x509_crt *certificate, char subject[LINNET__IDENTITY_SIZE + 1]) {
  subject[0] = 0;
  for (const mbedtls_x509_name *name = &certificate->subject; name != NULL; name = name->next) {
    if (MBEDTLS_OID_CMP(MBEDTLS_OID_AT_CN, &name->oid) != 0) continue;
    if (name->val.len > LINNET__IDENTITY_SIZE || memchr(name->val.p, 0, name->val.len) != NULL) return;
    memcpy(subject, name->val.p, name->val.len);
    subject[name->val.len] = 0;
    return;
  }
}

static bool read_facts(const mbedtls_x509_crt *certificate, linnet__material_facts *facts) {
  linnet__mbedtls_subject(certificate, facts->subject);
  facts->authority = certificate->LINNET__FIELD(ca_istrue) != 0;
  return linnet__compat_sha256(certificate->raw.p, certificate->raw.len, facts->digest) == 0;
}

linnet_status linnet__mbedtls_read_material(linnet_loop *loop, linnet__material material, const void *data,
                                            size_t length, linnet__material_facts *facts, const char **why) {
  mbedtls_x509_crt chain;
  linnet_status status = LINNET_OK;
  (void)material; /* public keys go to the other backend */
  mbedtls_x509_crt_init(&chain);
  if (linnet__mbedtls_parse_certificates(loop, &chain, data, length) != 0) {
    *why = "it is not an X.509 certificate, neither DER nor PEM";
    status = LINNET_ERROR_MALFORMED;
  } else if (facts != NULL && !read_facts(&chain, facts)) {
    *why = "its digest cannot be made";
    status = LINNET_ERROR_UNAVAILABLE;
  }
  mbedtls_x509_crt_free(&chain);
  return status;
}

static const char *own_fault(linnet_loop *loop, const linnet__own *own, mbedtls_x509_crt *chain,
                             mbedtls_pk_context *key, mbedtls_ctr_drbg_context *drbg) {
  if (linnet__mbedtls_parse_certificates(loop, chain, own->certificate.data, own->certificate.length) != 0)
    return "the certificate is not X.509, neither DER nor PEM";
  if (linnet__mbedtls_parse_key(loop, key, own->key.data, own->key.length, drbg) != 0)
    return "the private key is neither PKCS #8 nor SEC1, or it is encrypted";
  if (!mbedtls_pk_can_do(key, MBEDTLS_PK_ECDSA)) return "the private key is not of an elliptic curve";
  if (linnet__compat_check_pair(&chain->pk, key, drbg) != 0)
    return "the private key does not belong to the certificate";
  return NULL;
}

linnet_status linnet__mbedtls_check_own(linnet_loop *loop, const linnet__own *own, const char **why) {
  mbedtls_x509_crt chain;
  mbedtls_pk_context key;
  mbedtls_ctr_drbg_context drbg;
  mbedtls_x509_crt_init(&chain);
  mbedtls_pk_init(&key);
  linnet_status status = LINNET_ERROR_NO_MEMORY;
  if (linnet__mbedtls_seed(loop, &drbg)) {
    *why = own_fault(loop, own, &chain, &key, &drbg);
    status = *why == NULL ? LINNET_OK : LINNET_ERROR_MALFORMED;
  }
  mbedtls_ctr_drbg_free(&drbg);
  mbedtls_pk_free(&key);
  mbedtls_x509_crt_free(&chain);
  return status;
}
