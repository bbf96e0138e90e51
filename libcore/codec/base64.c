/* SPDX-License-Identifier: Apache-2.0 */
/* base64.c: Base64 with padding (RFC 4648, section 4), for opaque values in text and JSON. */
#include "codec_internal.h"

static const char alphabet[64] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

linnet_status linnet__base64_write(linnet__buffer *out, const void *data, size_t length) {
  const uint8_t *bytes = data;
  if (length > SIZE_MAX / 2) return LINNET_ERROR_TOO_LARGE;
  uint8_t *text = linnet__buffer_reserve(out, (length + 2) / 3 * 4);
  if (text == NULL) return out->failed;
  for (; length >= 3; length -= 3, bytes += 3) {
    uint32_t group = (uint32_t)bytes[0] << 16 | (uint32_t)bytes[1] << 8 | bytes[2];
    for (unsigned shift = 24; shift > 0; shift -= 6) *text++ = (uint8_t)alphabet[group >> (shift - 6) & 63];
    out->length += 4;
  }
  if (length == 0) return LINNET_OK;
  uint32_t group = (uint32_t)bytes[0] << 16 | (length == 2 ? (uint32_t)bytes[1] << 8 : 0);
  *text++ = (uint8_t)alphabet[group >> 18 & 63];
  *text++ = (uint8_t)alphabet[group >> 12 & 63];
  *text++ = length == 2 ? (uint8_t)alphabet[group >> 6 & 63] : '=';
  *text = '=';
  out->length += 4;
  return LINNET_OK;
}

/* The six bits of a character; 64: it is none. */
static uint32_t bits_of(uint8_t character) {
  if (character >= 'A' && character <= 'Z') return (uint32_t)(character - 'A');
  if (character >= 'a' && character <= 'z') return (uint32_t)(character - 'a') + 26;
  if (character >= '0' && character <= '9') return (uint32_t)(character - '0') + 52;
  if (character == '+') return 62;
  return character == '/' ? 63 : 64;
}

linnet_status linnet__base64_read(linnet__buffer *out, const void *text, size_t length) {
  const uint8_t *characters = text;
  if (length % 4 != 0) return LINNET_ERROR_MALFORMED;
  if (length == 0) return LINNET_OK;
  size_t padding = characters[length - 1] != '=' ? 0 : characters[length - 2] != '=' ? 1 : 2;
  size_t decoded = length / 4 * 3 - padding;
  uint8_t *bytes = linnet__buffer_reserve(out, decoded);
  if (bytes == NULL) return out->failed;
  uint32_t group = 0;
  size_t written = 0;
  for (size_t i = 0; i < length; i++) {
    uint32_t bits = i < length - padding ? bits_of(characters[i]) : 0;
    if (bits > 63) return LINNET_ERROR_MALFORMED;
    group = group << 6 | bits;
    if (i % 4 != 3) continue;
    for (unsigned shift = 24; shift > 0 && written < decoded; shift -= 8)
      bytes[written++] = (uint8_t)(group >> (shift - 8));
    /* RFC 4648, section 3.5: what the padding leaves over is zero. */
    if (i == length - 1 && padding > 0 && (group & (padding == 1 ? 0xFFU : 0xFFFFU)) != 0)
      return LINNET_ERROR_MALFORMED;
    group = 0;
  }
  out->length += decoded;
  return LINNET_OK;
}
