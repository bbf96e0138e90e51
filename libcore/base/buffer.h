/* SPDX-License-Identifier: Apache-2.0 */
/*
 * buffer.h: bytes that grow up to a limit.
 *
 * Failure is sticky: after an append that did not fit, `failed` says why and further appends do
 * nothing, so that a writer checks once at its end.
 */
#ifndef LINNET_BASE_BUFFER_H
#define LINNET_BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linnet/loop.h>

/* A view of a piece of text, or of bytes; not terminated. */
typedef struct linnet__text {
  const char *data;
  size_t length;
} linnet__text;

typedef struct linnet__buffer {
  uint8_t *data;
  size_t length;
  size_t capacity;
  size_t limit;
  linnet_loop *loop;    /* NULL: the memory is the caller's and does not grow */
  linnet_status failed; /* LINNET_OK, NO_MEMORY or TOO_LARGE */
} linnet__buffer;

/* Empty; grows from the loop's memory up to `limit` bytes. Allocates nothing yet. Does not hold the loop. */
void linnet__buffer_init(linnet__buffer *buffer, linnet_loop *loop, size_t limit);
/* Writes into the caller's memory. */
void linnet__buffer_init_fixed(linnet__buffer *buffer, void *memory, size_t size);
void linnet__buffer_free(linnet__buffer *buffer);
/* Length 0, no failure, memory kept. */
void linnet__buffer_clear(linnet__buffer *buffer);

linnet_status linnet__buffer_append(linnet__buffer *buffer, const void *data, size_t length);
linnet_status linnet__buffer_append_byte(linnet__buffer *buffer, uint8_t byte);
linnet_status linnet__buffer_append_text(linnet__buffer *buffer, const char *text);
/* Decimal. */
linnet_status linnet__buffer_append_unsigned(linnet__buffer *buffer, uint64_t number);
linnet_status linnet__buffer_append_integer(linnet__buffer *buffer, int64_t number);
/* Shortest decimal that reads back to the same double, without exponent (TYP-03); nothing for NaN and
 * infinities. */
linnet_status linnet__buffer_append_float(linnet__buffer *buffer, double number);
/* Room for `length` bytes at the end, not yet part of it; NULL on failure. */
uint8_t *linnet__buffer_reserve(linnet__buffer *buffer, size_t length);
/* Opens a gap of `length` bytes at `offset` (<= buffer->length), of undefined content. */
linnet_status linnet__buffer_insert(linnet__buffer *buffer, size_t offset, size_t length);
/* Terminates without counting the terminator; "" if that fails. */
const char *linnet__buffer_text(linnet__buffer *buffer);

#endif
