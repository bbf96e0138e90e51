/* SPDX-License-Identifier: Apache-2.0 */
/*
 * secured_packet.c: command packets: checksum over everything from CPL on, padding included, then the part
 * from the counter on is ciphered (ETSI TS 102 225, 5.1; 3GPP TS 31.115, 4.2; sms.md SMS-41, SMS-42).
 */
#include "secured_packet.h"

#include <string.h>

#define LENGTH_SIZE 2
#define SPI_CHECKSUM 0x02
#define SPI_CIPHERED 0x04
#define SPI_HIGHER 0x10 /* process only if the counter is higher */
#define AES 0x02
#define TRIPLE_DES 0x09
#define DES_KEY 8
#define CHECKSUM_MAX 16

static size_t header_size(const linnet__packet_keys *keys) {
  return LINNET__PACKET_HEAD - LENGTH_SIZE - 1 + LINNET__PACKET_COUNTER + (size_t)keys->checksum_size;
}

/* ---- keys ---------------------------------------------------------------------------------------- */

static bool take_algorithm(linnet__packet_keys *keys) {
  unsigned algorithm = keys->kic & 0xfu;
  if ((keys->kid & 0xfu) != algorithm) return false;
  keys->cipher = algorithm == AES ? LINNET__CIPHER_AES : LINNET__CIPHER_TRIPLE_DES;
  return algorithm == AES || algorithm == TRIPLE_DES;
}

/* With two parts equal it is no more than DES (SMS-42). */
static bool differ(const uint8_t key[3 * DES_KEY]) {
  const uint8_t *second = key + DES_KEY, *third = second + DES_KEY;
  return memcmp(key, second, DES_KEY) != 0 && memcmp(second, third, DES_KEY) != 0 &&
         memcmp(key, third, DES_KEY) != 0;
}

static bool take_secret(linnet__packet_keys *keys, const uint8_t *secret, size_t length) {
  size_t size = keys->cipher == LINNET__CIPHER_AES ? 16 : 24;
  bool one = keys->cipher == LINNET__CIPHER_AES && length == size;
  if (!one && length != 2 * size) return false;
  memcpy(keys->cipher_key, secret, size);
  memcpy(keys->checksum_key, one ? secret : secret + size, size);
  return keys->cipher == LINNET__CIPHER_AES || (differ(keys->cipher_key) && differ(keys->checksum_key));
}

linnet_status linnet__packet_keys_read(linnet__packet_keys *keys, const uint8_t *parameters,
                                       size_t parameters_length, const uint8_t *secret,
                                       size_t secret_length) {
  const unsigned needed = SPI_CHECKSUM | SPI_CIPHERED | SPI_HIGHER;
  memset(keys, 0, sizeof *keys);
  keys->checksum_size = 8;
  if (parameters_length != 6 && parameters_length != 7) return LINNET_ERROR_INVALID_ARGUMENT;
  size_t spi_size = parameters_length - 5;
  keys->kic = parameters[0];
  keys->kid = parameters[1];
  memcpy(keys->spi, parameters + 2, spi_size);
  memcpy(keys->tar, parameters + 2 + spi_size, sizeof keys->tar);
  if ((keys->spi[0] & needed) != needed || (keys->spi[0] & 1) != 0) return LINNET_ERROR_INVALID_ARGUMENT;
  if (!take_algorithm(keys) || !take_secret(keys, secret, secret_length))
    return LINNET_ERROR_INVALID_ARGUMENT;
  return LINNET_OK;
}

/* ---- writing ------------------------------------------------------------------------------------- */

size_t linnet__packet_room(const linnet__packet_keys *keys, size_t size) {
  size_t block = linnet__cipher_block(keys->cipher);
  size_t taken = LINNET__PACKET_COUNTER + (size_t)keys->checksum_size;
  size_t ciphered = size > LINNET__PACKET_HEAD ? (size - LINNET__PACKET_HEAD) / block * block : 0;
  return ciphered > taken ? ciphered - taken : 0;
}

static void put_head(uint8_t *packet, const linnet__packet_keys *keys, size_t size) {
  linnet__put_u16(packet, (uint16_t)(size - LENGTH_SIZE));
  packet[2] = (uint8_t)header_size(keys);
  memcpy(packet + 3, keys->spi, 2);
  packet[5] = keys->kic;
  packet[6] = keys->kid;
  memcpy(packet + 7, keys->tar, 3);
}

static void put_counter(uint8_t *at, uint64_t counter) {
  at[0] = (uint8_t)(counter >> 32);
  linnet__put_u32(at + 1, (uint32_t)counter);
}

/* The checksum over the packet but for itself, which stands after the counter. */
static linnet_status sign(const linnet__packet_keys *keys, const uint8_t *packet, size_t size,
                          uint8_t checksum[CHECKSUM_MAX]) {
  size_t before = LINNET__PACKET_HEAD + LINNET__PACKET_COUNTER, after = before + keys->checksum_size;
  const linnet__cipher_part parts[] = {{packet, before}, {packet + after, size - after}};
  return linnet__cipher_checksum(keys->cipher, keys->checksum_key, parts, 2, checksum);
}

linnet_status linnet__packet_write(linnet__buffer *out, const linnet__packet_keys *keys, uint64_t counter,
                                   const uint8_t *data, size_t length) {
  uint8_t checksum[CHECKSUM_MAX];
  size_t block = linnet__cipher_block(keys->cipher);
  size_t bare = LINNET__PACKET_COUNTER + (size_t)keys->checksum_size + length;
  size_t padding = (block - bare % block) % block, size = LINNET__PACKET_HEAD + bare + padding;
  if (size - LENGTH_SIZE > UINT16_MAX || counter > LINNET__COUNTER_LIMIT) return LINNET_ERROR_TOO_LARGE;
  uint8_t *packet = linnet__buffer_reserve(out, size);
  if (packet == NULL) return out->failed;
  memset(packet, 0, size);
  put_head(packet, keys, size);
  put_counter(packet + LINNET__PACKET_HEAD, counter);
  packet[LINNET__PACKET_HEAD + 5] = (uint8_t)padding;
  memcpy(packet + size - padding - length, data, length);
  linnet_status status = sign(keys, packet, size, checksum);
  if (status != LINNET_OK) return status;
  memcpy(packet + LINNET__PACKET_HEAD + LINNET__PACKET_COUNTER, checksum, keys->checksum_size);
  status = linnet__cipher_encrypt(keys->cipher, keys->cipher_key, packet + LINNET__PACKET_HEAD,
                                  size - LINNET__PACKET_HEAD);
  if (status == LINNET_OK) out->length += size;
  return status;
}

/* ---- reading ------------------------------------------------------------------------------------- */

static bool fits(const linnet__packet_keys *keys, const uint8_t *packet, size_t length) {
  uint8_t head[LINNET__PACKET_HEAD];
  size_t ciphered = length - LINNET__PACKET_HEAD;
  put_head(head, keys, length);
  return memcmp(head, packet, sizeof head) == 0 && ciphered % linnet__cipher_block(keys->cipher) == 0;
}

/* In the same time wherever they differ. */
static bool equal(const uint8_t *a, const uint8_t *b, size_t length) {
  unsigned difference = 0;
  for (size_t i = 0; i < length; i++) difference |= (unsigned)(a[i] ^ b[i]);
  return difference == 0;
}

linnet_status linnet__packet_read(const linnet__packet_keys *keys, uint8_t *packet, size_t length,
                                  uint64_t *counter, const uint8_t **data, size_t *data_length) {
  uint8_t checksum[CHECKSUM_MAX];
  size_t before = LINNET__PACKET_HEAD + LINNET__PACKET_COUNTER, after = before + keys->checksum_size;
  if (length < after) return LINNET_ERROR_MALFORMED;
  if (!fits(keys, packet, length)) return LINNET_ERROR_SECURITY;
  linnet_status status = linnet__cipher_decrypt(keys->cipher, keys->cipher_key, packet + LINNET__PACKET_HEAD,
                                                length - LINNET__PACKET_HEAD);
  if (status == LINNET_OK) status = sign(keys, packet, length, checksum);
  if (status != LINNET_OK) return status;
  if (!equal(checksum, packet + before, keys->checksum_size)) return LINNET_ERROR_SECURITY;
  size_t padding = packet[before - 1];
  if (padding >= linnet__cipher_block(keys->cipher) || padding > length - after)
    return LINNET_ERROR_MALFORMED;
  *counter = (uint64_t)packet[LINNET__PACKET_HEAD] << 32 | linnet__get_u32(packet + LINNET__PACKET_HEAD + 1);
  *data = packet + after;
  *data_length = length - after - padding;
  return LINNET_OK;
}
