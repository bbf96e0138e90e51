/* SPDX-License-Identifier: Apache-2.0 */
/* message_write.c: messages written in place (RFC 7252 3). Requests and responses have a fixed order of
 * options. */
#include <string.h>

#include "wire.h"

static uint8_t *room_for(linnet__message_writer *writer, size_t length) {
  if (writer->failed || writer->room - writer->length < length) {
    writer->failed = true;
    return NULL;
  }
  uint8_t *at = writer->memory + writer->length;
  writer->length += length;
  return at;
}

void linnet__write_head(linnet__message_writer *writer, void *memory, size_t room, linnet_message_type type,
                        uint8_t code, uint16_t message_id, const linnet__token *token) {
  *writer = (linnet__message_writer){.memory = memory, .room = room};
  size_t token_length = token == NULL ? 0 : token->length;
  uint8_t *at = room_for(writer, LINNET__EMPTY_SIZE + token_length);
  if (at == NULL) return;
  at[0] = (uint8_t)(1U << 6 | (unsigned)type << 4 | token_length);
  at[1] = code;
  linnet__put_u16(at + 2, message_id);
  if (token_length > 0) memcpy(at + LINNET__EMPTY_SIZE, token->bytes, token_length);
}

/* A delta or length: its nibble, and the bytes behind it that say the rest. */
static unsigned nibble_of(size_t value) { return value < 13 ? (unsigned)value : value < 269 ? 13 : 14; }
static size_t extra_of(size_t value) { return value < 13 ? 0 : value < 269 ? 1 : 2; }

static uint8_t *put_extra(uint8_t *at, size_t value) {
  if (value >= 269)
    linnet__put_u16(at, (uint16_t)(value - 269));
  else if (value >= 13)
    *at = (uint8_t)(value - 13);
  return at + extra_of(value);
}

/* An option but for its value, which goes where this says; NULL: it did not fit. */
static uint8_t *begin_option(linnet__message_writer *writer, uint16_t number, size_t length) {
  size_t delta = (size_t)(number - writer->last_option);
  uint8_t *at = room_for(writer, 1 + extra_of(delta) + extra_of(length) + length);
  if (at == NULL) return NULL;
  writer->last_option = number;
  *at = (uint8_t)(nibble_of(delta) << 4 | nibble_of(length));
  return put_extra(put_extra(at + 1, delta), length);
}

void linnet__write_option(linnet__message_writer *writer, uint16_t number, const void *value, size_t length) {
  uint8_t *at = begin_option(writer, number, length);
  if (at != NULL && length > 0) memcpy(at, value, length);
}

void linnet__write_uint(linnet__message_writer *writer, uint16_t number, uint32_t value) {
  size_t length = 0;
  while (length < 4 && value >> (8 * length) != 0) length++;
  uint8_t *at = begin_option(writer, number, length);
  for (; at != NULL && length > 0; value >>= 8) at[--length] = (uint8_t)value;
}

void linnet__write_block(linnet__message_writer *writer, uint16_t number, const linnet__block *block) {
  if (!block->present) return;
  linnet__write_uint(writer, number, block->number << 4 | (block->more ? 8U : 0U) | block->exponent);
}

void linnet__write_payload(linnet__message_writer *writer, const void *data, size_t length) {
  if (length == 0) return;
  uint8_t *at = room_for(writer, 1 + length);
  if (at == NULL) return;
  at[0] = 0xFF;
  memcpy(at + 1, data, length);
}

void linnet__frame_init(linnet__frame *frame, linnet_message_type type, uint16_t message_id,
                        const linnet__token *token) {
  *frame = (linnet__frame){.type = type, .message_id = message_id, .token = token, .observe = -1};
}

size_t linnet__frame_room(const linnet__frame *frame, const linnet__response *response) {
  /* Seven options of up to eight bytes, two with up to four, none repeated, and the marker. */
  size_t room = LINNET__EMPTY_SIZE + 8 + 8 * (size_t)LINNET__OPTION_HEAD + 40 + 1;
  for (size_t i = 0; i < response->location_count; i++)
    room += LINNET__OPTION_HEAD + response->location[i].length;
  return room + frame->payload_length;
}

size_t linnet__frame_write(const linnet__frame *frame, const linnet__response *response, void *memory,
                           size_t room) {
  linnet__message_writer writer;
  linnet__write_head(&writer, memory, room, frame->type, response->code, frame->message_id, frame->token);
  if (frame->etag_length > 0)
    linnet__write_option(&writer, LINNET__OPTION_ETAG, frame->etag, frame->etag_length);
  if (frame->observe >= 0) linnet__write_uint(&writer, LINNET__OPTION_OBSERVE, (uint32_t)frame->observe);
  for (size_t i = 0; i < response->location_count; i++)
    linnet__write_option(&writer, LINNET__OPTION_LOCATION_PATH, response->location[i].data,
                         response->location[i].length);
  if (response->content_format >= 0)
    linnet__write_uint(&writer, LINNET__OPTION_CONTENT_FORMAT, (uint32_t)response->content_format);
  if (response->max_age_s >= 0)
    linnet__write_uint(&writer, LINNET__OPTION_MAX_AGE, (uint32_t)response->max_age_s);
  linnet__write_block(&writer, LINNET__OPTION_BLOCK2, &frame->block2);
  linnet__write_block(&writer, LINNET__OPTION_BLOCK1, &frame->block1);
  if (frame->size2 > 0) linnet__write_uint(&writer, LINNET__OPTION_SIZE2, frame->size2);
  if (frame->size1 > 0) linnet__write_uint(&writer, LINNET__OPTION_SIZE1, frame->size1);
  linnet__write_payload(&writer, frame->payload, frame->payload_length);
  return writer.failed ? 0 : writer.length;
}
