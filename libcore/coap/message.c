/* SPDX-License-Identifier: Apache-2.0 */
/* message.c: a datagram taken apart, and the walk over its options (RFC 7252 3; CO-10). */
#include <string.h>

#include "wire.h"

#define VERSION 1
#define MARKER 0xFF

/* The value of a nibble above 12 with its extra bytes, *at behind them; false: reserved or cut off. */
static bool extend(const uint8_t *bytes, size_t length, size_t *at, uint32_t *value) {
  uint32_t nibble = *value;
  if (nibble == 13) {
    if (length - *at < 1) return false;
    *value = bytes[*at] + 13U;
    *at += 1;
    return true;
  }
  if (nibble == 15 || length - *at < 2) return false;
  *value = linnet__get_u16(bytes + *at) + 269U;
  *at += 2;
  return true;
}

/* The rest of an option whose head did not say it all. */
static bool read_long_option(const uint8_t *bytes, size_t length, size_t *at, linnet_option *option) {
  uint8_t head = bytes[(*at)++];
  uint32_t delta = head >> 4;
  uint32_t size = head & 0x0FU;
  if (delta > 12 && !extend(bytes, length, at, &delta)) return false;
  if (size > 12 && !extend(bytes, length, at, &size)) return false;
  if (delta > (uint32_t)UINT16_MAX - option->number || size > length - *at) return false;
  option->number = (uint16_t)(option->number + delta);
  option->value = bytes + *at;
  option->length = size;
  *at += size;
  return true;
}

/* One option at *at; false: malformed. Mostly it is a short one, and each message means a dozen calls. */
static inline bool read_option(const uint8_t *bytes, size_t length, size_t *at, linnet_option *option) {
  uint8_t head = bytes[*at];
  unsigned delta = head >> 4, size = head & 0x0FU;
  if (delta > 12 || size > 12 || option->number > UINT16_MAX - 12 || size >= length - *at)
    return read_long_option(bytes, length, at, option);
  option->number = (uint16_t)(option->number + delta);
  option->value = bytes + *at + 1;
  option->length = size;
  *at += 1 + size;
  return true;
}

linnet_status linnet_message_parse(linnet_message *message, const void *data, size_t length) {
  const uint8_t *bytes = data;
  memset(message, 0, sizeof *message);
  if (length < LINNET__EMPTY_SIZE || bytes[0] >> 6 != VERSION) return LINNET_ERROR_UNSUPPORTED_FORMAT;
  uint8_t token_length = bytes[0] & 0x0FU;
  message->type = (linnet_message_type)(bytes[0] >> 4 & 3);
  message->code = bytes[1];
  message->message_id = linnet__get_u16(bytes + 2);
  if (message->code == 0)
    return length == LINNET__EMPTY_SIZE && token_length == 0 ? LINNET_OK : LINNET_ERROR_MALFORMED;
  if (token_length > sizeof message->token || length - LINNET__EMPTY_SIZE < token_length)
    return LINNET_ERROR_MALFORMED;
  message->token_length = token_length;
  memcpy(message->token, bytes + LINNET__EMPTY_SIZE, token_length);
  size_t at = (size_t)LINNET__EMPTY_SIZE + token_length;
  message->options = bytes + at;
  linnet_option option = {0, NULL, 0};
  while (at < length && bytes[at] != MARKER)
    if (!read_option(bytes, length, &at, &option)) return LINNET_ERROR_MALFORMED;
  message->options_length = (size_t)(bytes + at - message->options);
  if (at == length) return LINNET_OK;
  at++;
  if (at == length) return LINNET_ERROR_MALFORMED;
  message->payload = bytes + at;
  message->payload_length = length - at;
  return LINNET_OK;
}

bool linnet_message_next_option(const linnet_message *message, size_t *position, linnet_option *option) {
  if (*position >= message->options_length) return false;
  return read_option(message->options, message->options_length, position, option);
}
