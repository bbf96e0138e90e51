/* SPDX-License-Identifier: Apache-2.0 */
/* fault.c: what is wrong with bytes that are no CoAP message (RFC 7252 3; CO-10), for people. */
#include "wire.h"

#define MARKER 0xFF

static const char *header_fault(const linnet_message *message, const uint8_t *bytes, size_t length,
                                size_t *used) {
  unsigned token_length = bytes[0] & 0x0FU;
  if (token_length > sizeof message->token) return "a token of more than 8 bytes";
  if (message->code == 0 && token_length > 0) return "an empty message has no token";
  *used = LINNET__EMPTY_SIZE;
  if (message->code == 0) return "an empty message ends here";
  return length - LINNET__EMPTY_SIZE < token_length ? "the token is cut short" : NULL;
}

const char *linnet_message_fault(const void *data, size_t length, size_t *used) {
  linnet_message message;
  const uint8_t *bytes = data;
  *used = 0;
  linnet_status status = linnet_message_parse(&message, data, length);
  if (status == LINNET_OK) return NULL;
  if (status != LINNET_ERROR_MALFORMED)
    return length < LINNET__EMPTY_SIZE ? "the header of 4 bytes is cut short" : "this is not version 1";
  const char *fault = header_fault(&message, bytes, length, used);
  if (fault != NULL) return fault;
  message.options = bytes + LINNET__EMPTY_SIZE + message.token_length;
  message.options_length = length - LINNET__EMPTY_SIZE - message.token_length;
  size_t position = 0, sound = 0;
  linnet_option option = {0, NULL, 0};
  while (message.options[position] != MARKER && linnet_message_next_option(&message, &position, &option))
    sound = position;
  *used = LINNET__EMPTY_SIZE + message.token_length + sound;
  return bytes[*used] == MARKER ? "a payload marker without a payload"
                                : "an option that is cut short or cannot be";
}
