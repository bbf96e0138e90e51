/* SPDX-License-Identifier: Apache-2.0 */
/* message.h: a CoAP message (RFC 7252 3) taken apart, for tools, tests and script transports. */
#ifndef LINNET_MESSAGE_H
#define LINNET_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linnet/export.h>
#include <linnet/status.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum linnet_message_type {
  LINNET_MESSAGE_CON = 0,
  LINNET_MESSAGE_NON = 1,
  LINNET_MESSAGE_ACK = 2,
  LINNET_MESSAGE_RST = 3
} linnet_message_type;

/** Views into the bytes it was read from. */
typedef struct linnet_message {
  linnet_message_type type;
  uint8_t code; /**< on the wire: class << 5 | detail */
  uint16_t message_id;
  uint8_t token_length; /**< 0 to 8 */
  uint8_t token[8];
  const uint8_t *options; /**< encoded; read them with linnet_message_next_option */
  size_t options_length;
  const uint8_t *payload;
  size_t payload_length;
} linnet_message;

/** An option; `number` also carries the state of the walk. */
typedef struct linnet_option {
  uint16_t number;
  const uint8_t *value;
  size_t length;
} linnet_option;

/**
 * Reads a datagram. LINNET_ERROR_MALFORMED: a format error (CO-10), but type and message id are set where
 * there are 4 bytes of version 1; LINNET_ERROR_UNSUPPORTED_FORMAT: to be ignored silently (too short, other
 * version).
 */
LINNET_API linnet_status linnet_message_parse(linnet_message *message, const void *data, size_t length);

/** For people: what is wrong with a datagram that linnet_message_parse does not take, and in *used how many
 * bytes are sound before that. NULL: nothing is. */
LINNET_API const char *linnet_message_fault(const void *data, size_t length, size_t *used);

/** Walks the options of a parsed message: zero `option` and *position before the first. False: no more. */
LINNET_API bool linnet_message_next_option(const linnet_message *message, size_t *position,
                                           linnet_option *option);

/** "Uri-Path", ...; NULL for an unknown number. */
LINNET_API const char *linnet_option_name(uint16_t number);
/** 'u' uint, 's' string, 'o' opaque, 'e' empty; 'o' for an unknown number. */
LINNET_API char linnet_option_format(uint16_t number);
/** "GET", "2.05 Content", ... by the code on the wire; "" for an unknown one. */
LINNET_API const char *linnet_code_name(uint8_t code);

#ifdef __cplusplus
}
#endif

#endif
