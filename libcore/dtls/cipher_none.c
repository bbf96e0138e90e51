/* SPDX-License-Identifier: Apache-2.0 */
/* cipher_none.c: a build without cryptography has no ciphers either. */
#include "../base/base.h"
#include "dtls.h"

linnet_status linnet__cipher_require(linnet_loop *loop) {
  return linnet__fail(loop, LINNET_ERROR_UNAVAILABLE,
                      "secured packets: this build of linnet has no cryptography");
}

linnet_status linnet__cipher_encrypt(linnet__cipher cipher, const uint8_t *key, uint8_t *data,
                                     size_t length) {
  (void)cipher;
  (void)key;
  (void)data;
  (void)length;
  return LINNET_ERROR_UNAVAILABLE;
}

linnet_status linnet__cipher_decrypt(linnet__cipher cipher, const uint8_t *key, uint8_t *data,
                                     size_t length) {
  return linnet__cipher_encrypt(cipher, key, data, length);
}

linnet_status linnet__cipher_checksum(linnet__cipher cipher, const uint8_t *key,
                                      const linnet__cipher_part *parts, size_t count,
                                      uint8_t checksum[LINNET__CHECKSUM_SIZE]) {
  (void)cipher;
  (void)key;
  (void)parts;
  (void)count;
  (void)checksum;
  return LINNET_ERROR_UNAVAILABLE;
}

void linnet__cipher_forget(void *memory, size_t size) {
  volatile uint8_t *at = memory;
  while (size-- > 0) *at++ = 0;
}
