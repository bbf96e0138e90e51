/* SPDX-License-Identifier: Apache-2.0 */
/* address.c: addresses of short messages: digits in half octets, or a name in septets (3GPP TS 23.040,
 * 9.1.2.3 and 9.1.2.5). */
#include <string.h>

#include "sms.h"

#define DIGITS_MAX 20
#define NAME_SEPTETS 11 /* in ten octets */
#define FILL 0xf
#define PLAN_TELEPHONE 1
#define EXTENSION_BIT 0x80

static const char digits[] = "0123456789*#abc";

/* The text of `count` digits. False: one of them is a fill. */
static bool read_digits(linnet_sms_number *number, const uint8_t *octets, size_t count) {
  for (size_t i = 0; i < count; i++) {
    unsigned digit = i % 2 == 0 ? octets[i / 2] & 0xfu : octets[i / 2] >> 4u;
    if (digit == FILL) return false;
    number->text[i] = digits[digit];
  }
  number->text[count] = 0;
  return true;
}

static void read_name(linnet_sms_number *number, const uint8_t *octets, size_t half_octets) {
  uint8_t septets[NAME_SEPTETS];
  linnet__buffer text;
  size_t count = half_octets * 4 / 7;
  linnet__septets_unpack(septets, count, octets, 0);
  linnet__buffer_init_fixed(&text, number->text, LINNET_SMS_NUMBER_SIZE - 1);
  linnet__septets_text(&text, septets, count);
  number->text[text.length] = 0;
}

/* Type of number and plan, then so many half octets. */
static linnet_status read_parts(linnet__cursor *cursor, linnet_sms_number *number, size_t half_octets) {
  uint8_t type;
  memset(number, 0, sizeof *number);
  if (half_octets > DIGITS_MAX || !linnet__cursor_byte(cursor, &type)) return LINNET_ERROR_MALFORMED;
  const uint8_t *octets = linnet__cursor_take(cursor, (half_octets + 1) / 2);
  if (octets == NULL || (type >> 4u & 7u) > LINNET_SMS_ABBREVIATED) return LINNET_ERROR_MALFORMED;
  number->kind = (linnet_sms_number_kind)(type >> 4u & 7u);
  number->plan = type & 0xf;
  if (number->kind == LINNET_SMS_ALPHANUMERIC)
    read_name(number, octets, half_octets);
  else if (!read_digits(number, octets, half_octets))
    return LINNET_ERROR_MALFORMED;
  return LINNET_OK;
}

linnet_status linnet__sms_read_number(linnet__cursor *cursor, linnet_sms_number *number) {
  uint8_t half_octets;
  if (!linnet__cursor_byte(cursor, &half_octets)) return LINNET_ERROR_MALFORMED;
  return read_parts(cursor, number, half_octets);
}

/* ---- writing ------------------------------------------------------------------------------------- */

/* An address without its length. */
typedef struct encoded_number {
  uint8_t type;
  uint8_t octets[DIGITS_MAX / 2];
  size_t half_octets;
} encoded_number;

static bool encode_digits(encoded_number *out, const char *text) {
  for (; *text != 0; text++, out->half_octets++) {
    const char *digit = strchr(digits, *text);
    if (digit == NULL || out->half_octets == DIGITS_MAX) return false;
    uint8_t *octet = &out->octets[out->half_octets / 2];
    unsigned value = (unsigned)(digit - digits);
    *octet = (uint8_t)(out->half_octets % 2 == 0 ? FILL << 4u | value : (*octet & 0xfu) | value << 4u);
  }
  return true;
}

static bool encode_name(encoded_number *out, const char *text) {
  uint8_t septets[NAME_SEPTETS];
  size_t count;
  if (!linnet__septets_of_text(text, septets, NAME_SEPTETS, &count)) return false;
  linnet__septets_pack(out->octets, septets, count, 0);
  out->half_octets = (count * 7 + 3) / 4;
  return true;
}

static bool encode(encoded_number *out, const linnet_sms_number *number) {
  memset(out, 0, sizeof *out);
  if ((unsigned)number->kind > LINNET_SMS_ABBREVIATED || number->plan > 0xf ||
      memchr(number->text, 0, sizeof number->text) == NULL)
    return false;
  out->type = (uint8_t)(EXTENSION_BIT | (unsigned)number->kind << 4u | number->plan);
  return number->kind == LINNET_SMS_ALPHANUMERIC ? encode_name(out, number->text)
                                                 : encode_digits(out, number->text);
}

linnet_status linnet__sms_write_number(linnet__buffer *out, const linnet_sms_number *number) {
  encoded_number encoded;
  if (!encode(&encoded, number)) return LINNET_ERROR_INVALID_ARGUMENT;
  linnet__buffer_append_byte(out, (uint8_t)encoded.half_octets);
  linnet__buffer_append_byte(out, encoded.type);
  return linnet__buffer_append(out, encoded.octets, (encoded.half_octets + 1) / 2);
}

linnet_status linnet_sms_number_parse(linnet_sms_number *number, const char *text) {
  linnet_sms_number parsed = {.kind = LINNET_SMS_UNKNOWN, .plan = PLAN_TELEPHONE};
  if (text == NULL) return LINNET_ERROR_INVALID_ARGUMENT;
  if (*text == '+') {
    parsed.kind = LINNET_SMS_INTERNATIONAL;
    text++;
  }
  size_t length = strlen(text);
  if (length == 0 || length > DIGITS_MAX || strspn(text, digits) != length)
    return LINNET_ERROR_INVALID_ARGUMENT;
  memcpy(parsed.text, text, length);
  *number = parsed;
  return LINNET_OK;
}

/* ---- the service centre: its length is in octets, type included (TS 24.011, 8.2.5.1) ------------- */

linnet_status linnet_sms_parse_center(linnet_sms_number *center, const void *data, size_t length,
                                      size_t *used) {
  linnet__cursor cursor = {.data = data, .length = length};
  linnet_sms_number number;
  uint8_t octets;
  memset(&number, 0, sizeof number);
  if (!linnet__cursor_byte(&cursor, &octets)) return LINNET_ERROR_MALFORMED;
  if (octets > 0) {
    if (octets > cursor.length - cursor.position) return LINNET_ERROR_MALFORMED;
    size_t half_octets = 2 * ((size_t)octets - 1);
    bool fills = octets > 1 && cursor.data[octets] >> 4u == FILL;
    linnet_status status = read_parts(&cursor, &number, half_octets - fills);
    if (status != LINNET_OK) return status;
  }
  *center = number;
  *used = cursor.position;
  return LINNET_OK;
}

linnet_status linnet_sms_write_center(const linnet_sms_number *center, uint8_t out[LINNET_SMS_CENTER_SIZE],
                                      size_t *length) {
  encoded_number encoded;
  out[0] = 0;
  *length = 1;
  if (center == NULL || center->text[0] == 0) return LINNET_OK;
  if (!encode(&encoded, center)) return LINNET_ERROR_INVALID_ARGUMENT;
  size_t octets = (encoded.half_octets + 1) / 2;
  out[0] = (uint8_t)(1 + octets);
  out[1] = encoded.type;
  memcpy(out + 2, encoded.octets, octets);
  *length = 2 + octets;
  return LINNET_OK;
}
