/* SPDX-License-Identifier: Apache-2.0 */
/* buffer.c: bytes that grow up to a limit, with a failure that sticks (buffer.h). */
#include "buffer.h"

#include <string.h>

#include "memory.h"
#include "number.h"

#define FIRST_CAPACITY 64

void linnet__buffer_init(linnet__buffer *buffer, linnet_loop *loop, size_t limit) {
  *buffer = (linnet__buffer){.limit = limit, .loop = loop};
}

void linnet__buffer_init_fixed(linnet__buffer *buffer, void *memory, size_t size) {
  *buffer = (linnet__buffer){.data = memory, .capacity = size, .limit = size};
}

void linnet__buffer_free(linnet__buffer *buffer) {
  if (buffer->loop != NULL) linnet__free(buffer->loop, buffer->data, buffer->capacity);
  linnet__buffer_init(buffer, buffer->loop, buffer->limit);
}

void linnet__buffer_clear(linnet__buffer *buffer) {
  buffer->length = 0;
  buffer->failed = LINNET_OK;
}

/* Capacity for `needed` bytes: twice what was, but not above the limit and the terminator of a text. */
static linnet_status grow(linnet__buffer *buffer, size_t needed) {
  if (needed <= buffer->capacity && buffer->data != NULL) return LINNET_OK;
  if (buffer->loop == NULL) return LINNET_ERROR_TOO_LARGE;
  size_t most = buffer->limit < SIZE_MAX ? buffer->limit + 1 : SIZE_MAX;
  size_t capacity = buffer->capacity <= SIZE_MAX / 2 ? 2 * buffer->capacity : SIZE_MAX;
  if (capacity < FIRST_CAPACITY) capacity = FIRST_CAPACITY;
  if (capacity < needed) capacity = needed;
  if (capacity > most) capacity = most;
  uint8_t *data = linnet__resize(buffer->loop, buffer->data, buffer->capacity, capacity);
  if (data == NULL) return LINNET_ERROR_NO_MEMORY;
  buffer->data = data;
  buffer->capacity = capacity;
  return LINNET_OK;
}

uint8_t *linnet__buffer_reserve(linnet__buffer *buffer, size_t length) {
  if (buffer->failed != LINNET_OK) return NULL;
  if (length > buffer->limit || buffer->length > buffer->limit - length)
    buffer->failed = LINNET_ERROR_TOO_LARGE;
  else
    buffer->failed = grow(buffer, buffer->length + length);
  return buffer->failed == LINNET_OK ? buffer->data + buffer->length : NULL;
}

linnet_status linnet__buffer_append(linnet__buffer *buffer, const void *data, size_t length) {
  if (length == 0) return buffer->failed;
  uint8_t *end = linnet__buffer_reserve(buffer, length);
  if (end == NULL) return buffer->failed;
  memcpy(end, data, length);
  buffer->length += length;
  return LINNET_OK;
}

linnet_status linnet__buffer_append_byte(linnet__buffer *buffer, uint8_t byte) {
  return linnet__buffer_append(buffer, &byte, 1);
}

linnet_status linnet__buffer_append_text(linnet__buffer *buffer, const char *text) {
  return linnet__buffer_append(buffer, text, strlen(text));
}

linnet_status linnet__buffer_append_unsigned(linnet__buffer *buffer, uint64_t number) {
  char text[LINNET__INTEGER_TEXT_SIZE];
  return linnet__buffer_append(buffer, text, linnet__format_unsigned(number, text));
}

linnet_status linnet__buffer_append_integer(linnet__buffer *buffer, int64_t number) {
  char text[LINNET__INTEGER_TEXT_SIZE];
  return linnet__buffer_append(buffer, text, linnet__format_integer(number, text));
}

linnet_status linnet__buffer_append_float(linnet__buffer *buffer, double number) {
  char text[LINNET__FLOAT_TEXT_SIZE];
  return linnet__buffer_append(buffer, text, linnet__format_float(number, text));
}

linnet_status linnet__buffer_insert(linnet__buffer *buffer, size_t offset, size_t length) {
  if (linnet__buffer_reserve(buffer, length) == NULL) return buffer->failed;
  memmove(buffer->data + offset + length, buffer->data + offset, buffer->length - offset);
  buffer->length += length;
  return LINNET_OK;
}

const char *linnet__buffer_text(linnet__buffer *buffer) {
  if (buffer->length == SIZE_MAX || grow(buffer, buffer->length + 1) != LINNET_OK) return "";
  buffer->data[buffer->length] = 0;
  return (const char *)buffer->data;
}
