/* SPDX-License-Identifier: Apache-2.0 */
/*
 * packed.h: what is saved: numbers in network order, one after the other, and a checksum.
 *
 * Failure is sticky, as in buffer.h: after reading beyond the end everything is 0, and `failed` says so.
 */
#ifndef LINNET_BASE_PACKED_H
#define LINNET_BASE_PACKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"

typedef struct linnet__packed {
  const uint8_t *data;
  size_t length; /* what is left */
  bool failed;
} linnet__packed;

/* A number of 1 to 8 bytes. */
uint64_t linnet__unpack_number(linnet__packed *packed, size_t size);
uint8_t linnet__unpack_u8(linnet__packed *packed);
uint16_t linnet__unpack_u16(linnet__packed *packed);
double linnet__unpack_float(linnet__packed *packed);
/* A view; NULL on failure, never NULL for 0 bytes that are there. */
const uint8_t *linnet__unpack_bytes(linnet__packed *packed, size_t length);

/* The same in the other direction. */
void linnet__put_number(linnet__buffer *buffer, uint64_t number, size_t size);
/* The same; where 64 bits take two registers, many calls are smaller so. */
void linnet__put_size(linnet__buffer *buffer, size_t number, size_t size);
void linnet__put_float(linnet__buffer *buffer, double number);

/* CRC-32 of IEEE 802.3. */
uint32_t linnet__checksum(const void *data, size_t length);

#endif
