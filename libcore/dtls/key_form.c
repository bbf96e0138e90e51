/* SPDX-License-Identifier: Apache-2.0 */
/*
 * key_form.c: a private key in the form that the libraries read: OneAsymmetricKey of version 2, with its
 * public key (RFC 5958 2), as PKCS #8 of version 1, which is the same without (SEC-12).
 */
#include <string.h>

#include "dtls_internal.h"

enum { SEQUENCE = 0x30, INTEGER = 0x02, OCTET_STRING = 0x04 };

/* One element: where its content begins, and its length. False: it is not of that kind, or goes beyond the
 * end. */
static bool read_element(const uint8_t **at, const uint8_t *end, uint8_t tag, size_t *length) {
  const uint8_t *p = *at;
  if (end - p < 2 || p[0] != tag) return false;
  size_t digits = 0;
  *length = p[1];
  if (p[1] >= 0x80) {
    digits = p[1] & 0x7FU;
    if (digits < 1 || digits > 2 || (size_t)(end - p) < 2 + digits) return false;
    *length = 0;
    for (size_t i = 0; i < digits; i++) *length = *length << 8 | p[2 + i];
  }
  *at = p + 2 + digits;
  return *length <= (size_t)(end - *at);
}

/* What of the key stays: from the version to the octets of the key. NULL: it is not of version 2. */
static const uint8_t *version_2(const linnet__secret *key, size_t *length) {
  const uint8_t *at = key->data, *end = key->data + key->length;
  size_t size;
  if (!read_element(&at, end, SEQUENCE, &size)) return NULL;
  const uint8_t *start = at;
  end = at + size;
  if (!read_element(&at, end, INTEGER, &size) || size != 1 || *at != 1) return NULL;
  at += size;
  if (!read_element(&at, end, SEQUENCE, &size)) return NULL; /* the algorithm */
  at += size;
  if (!read_element(&at, end, OCTET_STRING, &size)) return NULL;
  *length = (size_t)(at + size - start);
  return start;
}

linnet_status linnet__key_reform(linnet_loop *loop, linnet__secret *key) {
  size_t length;
  const uint8_t *kept = version_2(key, &length);
  if (kept == NULL) return LINNET_OK;
  const uint8_t longest[] = {SEQUENCE, 0x82, (uint8_t)(length >> 8), (uint8_t)length};
  const uint8_t longer[] = {SEQUENCE, 0x81, (uint8_t)length}, plain[] = {SEQUENCE, (uint8_t)length};
  const uint8_t *head = length < 0x80 ? plain : length < 0x100 ? longer : longest;
  size_t head_length = length < 0x80 ? sizeof plain : length < 0x100 ? sizeof longer : sizeof longest;
  linnet__secret made = {linnet__new(loop, head_length + length), head_length + length};
  if (made.data == NULL) return LINNET_ERROR_NO_MEMORY;
  memcpy(made.data, head, head_length);
  memcpy(made.data + head_length, kept, length);
  made.data[head_length + 2] = 0; /* the version */
  linnet__secret_clear(loop, key);
  *key = made;
  return LINNET_OK;
}
