/* SPDX-License-Identifier: Apache-2.0 */
/* alphabet.c: the GSM default alphabet and its extension, and how septets are packed (3GPP TS 23.038, 6.1.2,
 * 6.2.1). */
#include <string.h>

#include "sms.h"

#define ESCAPE 0x1b
#define REPLACEMENT 0xfffd

/* Code points by septet. The escape itself stands for a space (6.2.1). */
static const uint16_t basic[128] = {
    '@',    0xa3, '$',  0xa5,   0xe8, 0xe9,   0xf9,   0xec,   0xf2,   0xc7,   '\n',   0xd8,   0xf8,
    '\r',   0xc5, 0xe5, 0x0394, '_',  0x03a6, 0x0393, 0x039b, 0x03a9, 0x03a0, 0x03a8, 0x03a3, 0x0398,
    0x039e, ' ',  0xc6, 0xe6,   0xdf, 0xc9,   ' ',    '!',    '"',    '#',    0xa4,   '%',    '&',
    '\'',   '(',  ')',  '*',    '+',  ',',    '-',    '.',    '/',    '0',    '1',    '2',    '3',
    '4',    '5',  '6',  '7',    '8',  '9',    ':',    ';',    '<',    '=',    '>',    '?',    0xa1,
    'A',    'B',  'C',  'D',    'E',  'F',    'G',    'H',    'I',    'J',    'K',    'L',    'M',
    'N',    'O',  'P',  'Q',    'R',  'S',    'T',    'U',    'V',    'W',    'X',    'Y',    'Z',
    0xc4,   0xd6, 0xd1, 0xdc,   0xa7, 0xbf,   'a',    'b',    'c',    'd',    'e',    'f',    'g',
    'h',    'i',  'j',  'k',    'l',  'm',    'n',    'o',    'p',    'q',    'r',    's',    't',
    'u',    'v',  'w',  'x',    'y',  'z',    0xe4,   0xf6,   0xf1,   0xfc,   0xe0,
};

/* After an escape. */
static const struct {
  uint8_t septet;
  uint16_t code_point;
} extension[] = {
    {0x0a, '\f'}, {0x14, '^'}, {0x28, '{'}, {0x29, '}'}, {0x2f, '\\'},
    {0x3c, '['},  {0x3d, '~'}, {0x3e, ']'}, {0x40, '|'}, {0x65, 0x20ac},
};

#define EXTENSION_COUNT (sizeof extension / sizeof extension[0])

size_t linnet__septets_size(size_t count, unsigned fill) { return (count * 7 + fill + 7) / 8; }

void linnet__septets_unpack(uint8_t *septets, size_t count, const uint8_t *packed, unsigned fill) {
  size_t bit = fill;
  for (size_t i = 0; i < count; i++, bit += 7) {
    unsigned shift = bit % 8;
    unsigned pair = packed[bit / 8];
    if (shift > 1) pair |= (unsigned)packed[bit / 8 + 1] << 8;
    septets[i] = (uint8_t)(pair >> shift & 0x7f);
  }
}

void linnet__septets_pack(uint8_t *packed, const uint8_t *septets, size_t count, unsigned fill) {
  size_t bit = fill;
  memset(packed, 0, linnet__septets_size(count, fill));
  for (size_t i = 0; i < count; i++, bit += 7) {
    unsigned pair = (unsigned)septets[i] << bit % 8;
    packed[bit / 8] = (uint8_t)(packed[bit / 8] | pair);
    if (bit % 8 > 1) packed[bit / 8 + 1] = (uint8_t)(pair >> 8);
  }
}

/* Where the extension has nothing, the character of the basic table is shown (6.2.1.1). */
static uint32_t extended(uint8_t septet) {
  for (size_t i = 0; i < EXTENSION_COUNT; i++)
    if (extension[i].septet == septet) return extension[i].code_point;
  return basic[septet];
}

void linnet__septets_text(linnet__buffer *out, const uint8_t *septets, size_t count) {
  uint8_t bytes[4];
  for (size_t i = 0; i < count; i++) {
    uint8_t septet = septets[i] & 0x7f;
    bool escapes = septet == ESCAPE && i + 1 < count;
    uint32_t code_point = escapes ? extended(septets[++i] & 0x7f) : basic[septet];
    linnet__buffer_append(out, bytes, linnet__utf8_encode(code_point, bytes));
  }
}

/* The first character of valid UTF-8 of that length. */
static uint32_t code_point_of(const char *text, size_t length) {
  static const uint8_t lead_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
  uint32_t code_point = (uint8_t)text[0] & lead_bits[length];
  for (size_t i = 1; i < length; i++) code_point = code_point << 6 | ((uint8_t)text[i] & 0x3f);
  return code_point;
}

/* The septets of one character, one or two; 0: there are none. */
static size_t septets_of(uint32_t code_point, uint8_t septets[2]) {
  for (size_t i = 0; i < sizeof basic / sizeof basic[0]; i++) {
    if (basic[i] != code_point || i == ESCAPE) continue;
    septets[0] = (uint8_t)i;
    return 1;
  }
  for (size_t i = 0; i < EXTENSION_COUNT; i++) {
    if (extension[i].code_point != code_point) continue;
    septets[0] = ESCAPE;
    septets[1] = extension[i].septet;
    return 2;
  }
  return 0;
}

bool linnet__septets_of_text(const char *text, uint8_t *septets, size_t room, size_t *count) {
  size_t left = strlen(text);
  *count = 0;
  while (left > 0) {
    uint8_t found[2];
    size_t length = linnet__utf8_first(text, left);
    size_t needed = length == 0 ? 0 : septets_of(code_point_of(text, length), found);
    if (needed == 0 || *count + needed > room) return false;
    memcpy(septets + *count, found, needed);
    *count += needed;
    text += length;
    left -= length;
  }
  return true;
}

/* ---- texts for people ---------------------------------------------------------------------------- */

/* Surrogate pairs are read as the character they mean; half of one, and a zero, are shown as such. */
static void put_ucs2(linnet__buffer *out, const uint8_t *data, size_t length) {
  uint8_t bytes[4];
  for (size_t i = 0; i + 1 < length; i += 2) {
    uint32_t unit = linnet__get_u16(data + i);
    uint32_t next = i + 3 < length ? linnet__get_u16(data + i + 2) : 0;
    if (unit >= 0xd800 && unit < 0xdc00 && next >= 0xdc00 && next < 0xe000) {
      unit = 0x10000 + ((unit - 0xd800) << 10) + (next - 0xdc00);
      i += 2;
    }
    size_t size = unit == 0 ? 0 : linnet__utf8_encode(unit, bytes);
    if (size == 0) size = linnet__utf8_encode(REPLACEMENT, bytes);
    linnet__buffer_append(out, bytes, size);
  }
}

const char *linnet_sms_text(const linnet_sms *sms, char text[LINNET_SMS_TEXT_SIZE]) {
  linnet__buffer out;
  linnet_sms_alphabet alphabet = linnet_sms_get_alphabet(sms);
  size_t length = sms->length < sizeof sms->data ? sms->length : sizeof sms->data;
  linnet__buffer_init_fixed(&out, text, LINNET_SMS_TEXT_SIZE - 1);
  if (alphabet == LINNET_SMS_GSM) linnet__septets_text(&out, sms->data, length);
  if (alphabet == LINNET_SMS_UCS2) put_ucs2(&out, sms->data, length);
  text[out.length] = 0;
  return text;
}
