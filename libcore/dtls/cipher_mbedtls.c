/* SPDX-License-Identifier: Apache-2.0 */
/* cipher_mbedtls.c: block ciphers of secured packets, by Mbed TLS 2.28 or 3 (dtls.h; ETSI TS 102 225, 5.1.2,
 * 5.1.3). */
#include <mbedtls/aes.h>
#include <mbedtls/cmac.h>
#include <mbedtls/des.h>
#include <mbedtls/platform_util.h>
#include <string.h>

#include "dtls.h"

#define AES_BITS 128
#define AES_BLOCK 16
#define DES_BLOCK 8

linnet_status linnet__cipher_require(linnet_loop *loop) {
  (void)loop;
  return LINNET_OK;
}

static linnet_status crypt_aes(int mode, const uint8_t *key, uint8_t *data, size_t length) {
  uint8_t vector[AES_BLOCK] = {0};
  mbedtls_aes_context context;
  mbedtls_aes_init(&context);
  int failed = mode == MBEDTLS_AES_ENCRYPT ? mbedtls_aes_setkey_enc(&context, key, AES_BITS)
                                           : mbedtls_aes_setkey_dec(&context, key, AES_BITS);
  if (failed == 0) failed = mbedtls_aes_crypt_cbc(&context, mode, length, vector, data, data);
  mbedtls_aes_free(&context);
  return failed == 0 ? LINNET_OK : LINNET_ERROR_SECURITY;
}

static linnet_status crypt_des(int mode, const uint8_t *key, uint8_t *data, size_t length) {
  uint8_t vector[DES_BLOCK] = {0};
  mbedtls_des3_context context;
  mbedtls_des3_init(&context);
  int failed = mode == MBEDTLS_DES_ENCRYPT ? mbedtls_des3_set3key_enc(&context, key)
                                           : mbedtls_des3_set3key_dec(&context, key);
  if (failed == 0) failed = mbedtls_des3_crypt_cbc(&context, mode, length, vector, data, data);
  mbedtls_des3_free(&context);
  return failed == 0 ? LINNET_OK : LINNET_ERROR_SECURITY;
}

linnet_status linnet__cipher_encrypt(linnet__cipher cipher, const uint8_t *key, uint8_t *data,
                                     size_t length) {
  return cipher == LINNET__CIPHER_AES ? crypt_aes(MBEDTLS_AES_ENCRYPT, key, data, length)
                                      : crypt_des(MBEDTLS_DES_ENCRYPT, key, data, length);
}

linnet_status linnet__cipher_decrypt(linnet__cipher cipher, const uint8_t *key, uint8_t *data,
                                     size_t length) {
  return cipher == LINNET__CIPHER_AES ? crypt_aes(MBEDTLS_AES_DECRYPT, key, data, length)
                                      : crypt_des(MBEDTLS_DES_DECRYPT, key, data, length);
}

static linnet_status sum_aes(const uint8_t *key, const linnet__cipher_part *parts, size_t count,
                             uint8_t *checksum) {
  mbedtls_cipher_context_t context;
  mbedtls_cipher_init(&context);
  int failed = mbedtls_cipher_setup(&context, mbedtls_cipher_info_from_type(MBEDTLS_CIPHER_AES_128_ECB));
  if (failed == 0) failed = mbedtls_cipher_cmac_starts(&context, key, AES_BITS);
  for (size_t i = 0; i < count && failed == 0; i++)
    failed = mbedtls_cipher_cmac_update(&context, parts[i].data, parts[i].length);
  if (failed == 0) failed = mbedtls_cipher_cmac_finish(&context, checksum);
  mbedtls_cipher_free(&context);
  return failed == 0 ? LINNET_OK : LINNET_ERROR_SECURITY;
}

/* The last block of the data, filled up with zeros, in cipher block chaining. */
static linnet_status sum_des(const uint8_t *key, const linnet__cipher_part *parts, size_t count,
                             uint8_t *checksum) {
  uint8_t block[DES_BLOCK] = {0}, vector[DES_BLOCK] = {0};
  size_t filled = 0;
  mbedtls_des3_context context;
  mbedtls_des3_init(&context);
  int failed = mbedtls_des3_set3key_enc(&context, key);
  for (size_t i = 0; i < count; i++)
    for (size_t at = 0; at < parts[i].length && failed == 0; at++) {
      block[filled++] = parts[i].data[at];
      if (filled < DES_BLOCK) continue;
      failed = mbedtls_des3_crypt_cbc(&context, MBEDTLS_DES_ENCRYPT, DES_BLOCK, vector, block, block);
      memset(block, 0, sizeof block);
      filled = 0;
    }
  if (filled > 0 && failed == 0)
    failed = mbedtls_des3_crypt_cbc(&context, MBEDTLS_DES_ENCRYPT, DES_BLOCK, vector, block, block);
  mbedtls_des3_free(&context);
  memcpy(checksum, vector, DES_BLOCK); /* the cipher text of the last block */
  return failed == 0 ? LINNET_OK : LINNET_ERROR_SECURITY;
}

linnet_status linnet__cipher_checksum(linnet__cipher cipher, const uint8_t *key,
                                      const linnet__cipher_part *parts, size_t count,
                                      uint8_t checksum[LINNET__CHECKSUM_SIZE]) {
  return cipher == LINNET__CIPHER_AES ? sum_aes(key, parts, count, checksum)
                                      : sum_des(key, parts, count, checksum);
}

void linnet__cipher_forget(void *memory, size_t size) { mbedtls_platform_zeroize(memory, size); }
