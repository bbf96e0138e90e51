/* SPDX-License-Identifier: Apache-2.0 */
/* utf8.c: checking and writing UTF-8 (RFC 3629, TYP-07). */
#include "utf8.h"

#include <string.h>

size_t linnet__utf8_encode(uint32_t code_point, uint8_t bytes[4]) {
  if (code_point < 0x80) {
    bytes[0] = (uint8_t)code_point;
    return 1;
  }
  if (code_point > 0x10ffff || (code_point >= 0xd800 && code_point <= 0xdfff)) return 0;
  size_t length = code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
  for (size_t i = length - 1; i > 0; i--) {
    bytes[i] = (uint8_t)(0x80 | (code_point & 0x3f));
    code_point >>= 6;
  }
  static const uint8_t lead[] = {0xc0, 0xe0, 0xf0};
  bytes[0] = (uint8_t)(lead[length - 2] | code_point);
  return length;
}

/* What is overlong, a surrogate or above U+10FFFF is written in another number of bytes, or in none. */
size_t linnet__utf8_first(const void *text, size_t length) {
  const uint8_t *bytes = text;
  uint8_t again[4];
  if (length == 0) return 0;
  if (bytes[0] < 0x80) return 1;
  size_t size = bytes[0] < 0xe0 ? 2 : bytes[0] < 0xf0 ? 3 : 4;
  if (bytes[0] < 0xc2 || bytes[0] >= 0xf8 || length < size) return 0;
  uint32_t code_point = bytes[0] & (0x7fU >> size);
  for (size_t i = 1; i < size; i++) {
    if ((bytes[i] & 0xc0) != 0x80) return 0;
    code_point = code_point << 6 | (bytes[i] & 0x3fU);
  }
  return linnet__utf8_encode(code_point, again) == size ? size : 0;
}

bool linnet__utf8_valid(const void *text, size_t length) {
  const uint8_t *bytes = text;
  for (size_t i = 0; i < length;) {
    uint64_t eight;
    if (length - i >= sizeof eight) { /* mostly it is ASCII */
      memcpy(&eight, bytes + i, sizeof eight);
      if ((eight & UINT64_C(0x8080808080808080)) == 0) {
        i += sizeof eight;
        continue;
      }
    }
    size_t step = bytes[i] < 0x80 ? 1 : linnet__utf8_first(bytes + i, length - i);
    if (step == 0) return false;
    i += step;
  }
  return true;
}
