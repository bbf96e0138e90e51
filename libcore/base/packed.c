/* SPDX-License-Identifier: Apache-2.0 */
/* packed.c: saved bytes read and written (docs/architecture.md section 8). */
#include "packed.h"

#include <string.h>

uint64_t linnet__unpack_number(linnet__packed *packed, size_t size) {
  const uint8_t *bytes = linnet__unpack_bytes(packed, size);
  uint64_t number = 0;
  for (size_t i = 0; bytes != NULL && i < size; i++) number = number << 8 | bytes[i];
  return number;
}

uint8_t linnet__unpack_u8(linnet__packed *packed) { return (uint8_t)linnet__unpack_number(packed, 1); }

uint16_t linnet__unpack_u16(linnet__packed *packed) { return (uint16_t)linnet__unpack_number(packed, 2); }

double linnet__unpack_float(linnet__packed *packed) {
  uint64_t bits = linnet__unpack_number(packed, 8);
  double number;
  memcpy(&number, &bits, sizeof number);
  return number;
}

const uint8_t *linnet__unpack_bytes(linnet__packed *packed, size_t length) {
  if (packed->failed || length > packed->length) {
    packed->failed = true;
    return NULL;
  }
  const uint8_t *bytes = packed->data;
  packed->data += length;
  packed->length -= length;
  return bytes;
}

void linnet__put_number(linnet__buffer *buffer, uint64_t number, size_t size) {
  uint8_t bytes[8];
  for (size_t i = size; i-- > 0; number >>= 8) bytes[i] = (uint8_t)number;
  linnet__buffer_append(buffer, bytes, size);
}

void linnet__put_size(linnet__buffer *buffer, size_t number, size_t size) {
  linnet__put_number(buffer, number, size);
}

void linnet__put_float(linnet__buffer *buffer, double number) {
  uint64_t bits;
  memcpy(&bits, &number, sizeof bits);
  linnet__put_number(buffer, bits, 8);
}

uint32_t linnet__checksum(const void *data, size_t length) {
  /* Of each half byte, by the reversed polynomial EDB88320. */
  static const uint32_t table[16] = {0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4,
                                     0x4DB26158, 0x5005713C, 0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C,
                                     0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C};
  const uint8_t *bytes = data;
  uint32_t sum = UINT32_MAX;
  for (size_t i = 0; i < length; i++) {
    sum ^= bytes[i];
    sum = sum >> 4 ^ table[sum & 15];
    sum = sum >> 4 ^ table[sum & 15];
  }
  return ~sum;
}
