/* SPDX-License-Identifier: Apache-2.0 */
/* utf8.c: checking and writing UTF-8 (RFC 3629, TYP-07). */
#include "utf8.h"

#include <string.h>

/* Lead bytes, and the range of the byte after each: that alone keeps overlong forms, surrogates and
   what is above U+10FFFF out (the table of RFC 3629, section 4). */
static const struct {
  uint8_t first, last;
  uint8_t length;
  uint8_t low, high;
} leads[] = {
    {0xc2, 0xdf, 2, 0x80, 0xbf}, {0xe0, 0xe0, 3, 0xa0, 0xbf}, {0xe1, 0xec, 3, 0x80, 0xbf},
    {0xed, 0xed, 3, 0x80, 0x9f}, {0xee, 0xef, 3, 0x80, 0xbf}, {0xf0, 0xf0, 4, 0x90, 0xbf},
    {0xf1, 0xf3, 4, 0x80, 0xbf}, {0xf4, 0xf4, 4, 0x80, 0x8f},
};

size_t linnet__utf8_first(const void *text, size_t length) {
  const uint8_t *bytes = text;
  if (length == 0) return 0;
  if (bytes[0] < 0x80) return 1;
  for (size_t i = 0; i < sizeof leads / sizeof leads[0]; i++) {
    if (bytes[0] < leads[i].first || bytes[0] > leads[i].last) continue;
    if (length < leads[i].length || bytes[1] < leads[i].low || bytes[1] > leads[i].high) return 0;
    for (size_t k = 2; k < leads[i].length; k++)
      if ((bytes[k] & 0xc0) != 0x80) return 0;
    return leads[i].length;
  }
  return 0;
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
