/* SPDX-License-Identifier: Apache-2.0 */
/* identity.c: what a handshake proved: compared, hashed and printed (dtls.h; SEC-11). */
#include <string.h>

#include "dtls_internal.h"

/* Kind, length and name lie one after the other. */
const void *linnet__identity_key(const linnet__identity *identity, size_t *length) {
  *length = offsetof(linnet__identity, name) - offsetof(linnet__identity, kind) + identity->length;
  return &identity->kind;
}

bool linnet__identity_make(linnet__identity *identity, linnet__identity_kind kind, const void *name,
                           size_t length) {
  if (length == 0 || length > LINNET__IDENTITY_SIZE) return false;
  memset(identity, 0, sizeof *identity);
  identity->kind = (uint8_t)kind;
  identity->length = (uint8_t)length;
  memcpy(identity->name, name, length);
  return true;
}

bool linnet__identity_equal(const linnet__identity *a, const linnet__identity *b) {
  return a->kind == b->kind && a->length == b->length && memcmp(a->name, b->name, a->length) == 0;
}

uint64_t linnet__identity_hash(linnet_loop *loop, const linnet__identity *identity) {
  size_t length;
  if (identity == NULL) return 0;
  const void *key = linnet__identity_key(identity, &length);
  return linnet__hash(loop, key, length) | 1;
}

void linnet__identity_print(linnet__buffer *out, const linnet__identity *identity) {
  char text[2 * LINNET__DIGEST_SIZE + 1];
  if (identity->kind == LINNET__IDENTITY_PSK || identity->kind == LINNET__IDENTITY_SUBJECT) {
    linnet__print(out, identity->kind == LINNET__IDENTITY_PSK ? "identity \"%n\"" : "certificate of \"%n\"",
                  (size_t)identity->length, (const char *)identity->name);
    return;
  }
  for (size_t i = 0; i < LINNET__DIGEST_SIZE; i++) {
    text[2 * i] = linnet__hex_digits[identity->name[i] >> 4];
    text[2 * i + 1] = linnet__hex_digits[identity->name[i] & 15];
  }
  text[sizeof text - 1] = 0;
  linnet__print(out, identity->kind == LINNET__IDENTITY_CERTIFICATE ? "certificate %s" : "public key %s",
                text);
}
