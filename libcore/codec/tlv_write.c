/* SPDX-License-Identifier: Apache-2.0 */
/* tlv_write.c: records to TLV with the shortest forms (digest 7.1, 1.3; FMT-10 to FMT-16, TYP-01 to TYP-03).
 */
#include <float.h>
#include <math.h>
#include <string.h>

#include "codec_internal.h"

#define HEADER_SIZE 6 /* type, 16-bit id, 24-bit length */

enum { INSTANCE, MULTIPLE }; /* places in writer->open */

/* FMT-14: the shortest identifier and length. Returns the size. */
static size_t put_header(uint8_t *bytes, uint8_t kind, uint16_t id, size_t length) {
  size_t size = 1;
  uint8_t type = kind;
  if (id > UINT8_MAX) {
    type |= LINNET__TLV_WIDE_ID;
    bytes[size++] = (uint8_t)(id >> 8);
  }
  bytes[size++] = (uint8_t)id;
  if (length < 8) {
    type |= (uint8_t)length;
  } else {
    uint8_t length_size = length <= UINT8_MAX ? 1 : length <= UINT16_MAX ? 2 : 3;
    type |= (uint8_t)(length_size << 3);
    for (uint8_t left = length_size; left > 0; left--) bytes[size++] = (uint8_t)(length >> (8 * (left - 1)));
  }
  bytes[0] = type;
  return size;
}

/* TYP-01, TYP-02: the shortest of 1, 2, 4 and 8 bytes. */
static size_t put_integer(uint8_t bytes[8], int64_t number) {
  size_t length = 1;
  uint64_t rest = (uint64_t)number, magnitude = number < 0 ? ~rest : rest;
  while (length < 8 && magnitude >> (8 * length - 1) != 0) length *= 2;
  for (size_t i = length; i > 0; rest >>= 8) bytes[--i] = (uint8_t)rest;
  return length;
}

/* TYP-03: binary32 where it holds the value exactly. */
static size_t put_float(uint8_t bytes[8], double number) {
  if (fabs(number) <= (double)FLT_MAX) {
    float single = (float)number;
    if ((double)single == number) {
      uint32_t bits;
      memcpy(&bits, &single, sizeof bits);
      linnet__put_u32(bytes, bits);
      return 4;
    }
  }
  uint64_t bits;
  memcpy(&bits, &number, sizeof bits);
  linnet__put_u64(bytes, bits);
  return 8;
}

static linnet_status put_value(linnet__writer *writer, uint8_t kind, uint16_t id,
                               const linnet_record *record) {
  const linnet_value *value = &record->value;
  uint8_t bytes[8];
  const uint8_t *data = bytes;
  size_t length = 0;
  switch (value->type) {
    case LINNET_TYPE_INTEGER:
    case LINNET_TYPE_TIME:
      length = put_integer(bytes, value->as.integer);
      break;
    case LINNET_TYPE_FLOAT:
      length = put_float(bytes, value->as.real);
      break;
    case LINNET_TYPE_BOOLEAN:
      bytes[0] = value->as.boolean ? 1 : 0;
      length = 1;
      break;
    case LINNET_TYPE_OBJLNK:
      linnet__put_u16(bytes, value->as.link.object);
      linnet__put_u16(bytes + 2, value->as.link.instance);
      length = 4;
      break;
    default: /* STRING, OPAQUE; the others were refused before */
      data = value->as.bytes.data;
      length = value->as.bytes.length;
      break;
  }
  if (length > LINNET__TLV_LENGTH_MAXIMUM)
    return linnet__codec_fail(writer->loop, LINNET_ERROR_TOO_LARGE, &record->path, "too long for TLV");
  uint8_t *room = linnet__buffer_reserve(writer->out, HEADER_SIZE + length);
  if (room == NULL) return writer->out->failed;
  size_t size = put_header(room, kind, id, length);
  if (length > 0) memcpy(room + size, data, length);
  writer->out->length += size + length;
  return LINNET_OK;
}

/* The length of a container is known only now: its header is put in before it. */
static linnet_status close_container(linnet__writer *writer, size_t which, uint8_t kind, uint16_t id) {
  size_t start = writer->open[which];
  if (start == SIZE_MAX) return LINNET_OK;
  writer->open[which] = SIZE_MAX;
  size_t length = writer->out->length - start;
  if (length > LINNET__TLV_LENGTH_MAXIMUM)
    return linnet__codec_fail(writer->loop, LINNET_ERROR_TOO_LARGE, &writer->last, "too long for TLV");
  uint8_t header[HEADER_SIZE];
  size_t size = put_header(header, kind, id, length);
  linnet_status status = linnet__buffer_insert(writer->out, start, size);
  if (status == LINNET_OK) memcpy(writer->out->data + start, header, size);
  return status;
}

static linnet_status close_multiple(linnet__writer *writer) {
  return close_container(writer, MULTIPLE, LINNET__TLV_MULTIPLE_RESOURCE, writer->last.id[2]);
}

static linnet_status close_instance(linnet__writer *writer) {
  linnet_status status = close_multiple(writer);
  if (status != LINNET_OK) return status;
  return close_container(writer, INSTANCE, LINNET__TLV_OBJECT_INSTANCE, writer->last.id[1]);
}

/* FMT-10: where the base names no instance each has its wrapper; one without id has none (DM-65). */
static linnet_status enter_instance(linnet__writer *writer, linnet_path path) {
  if (writer->base.depth != 1) return LINNET_OK;
  if (writer->count > 0 && writer->last.id[1] == path.id[1]) return LINNET_OK;
  if (writer->count > 0 && (writer->last.id[1] == LINNET_ID_NONE || path.id[1] == LINNET_ID_NONE))
    return linnet__codec_fail(writer->loop, LINNET_ERROR_INVALID_ARGUMENT, &path,
                              "an instance without id stands alone");
  linnet_status status = close_instance(writer);
  if (status == LINNET_OK && path.id[1] != LINNET_ID_NONE) writer->open[INSTANCE] = writer->out->length;
  return status;
}

linnet_status linnet__tlv_put(linnet__writer *writer, const linnet_record *record) {
  const linnet_path path = record->path;
  linnet_status status = enter_instance(writer, path);
  if (status != LINNET_OK || path.depth == 2) return status;
  bool goes_on = path.depth == 4 && writer->open[MULTIPLE] != SIZE_MAX && writer->last.id[2] == path.id[2];
  if (!goes_on) {
    status = close_multiple(writer);
    if (status != LINNET_OK) return status;
  }
  if (path.depth == 4) {
    if (!goes_on) writer->open[MULTIPLE] = writer->out->length;
    return put_value(writer, LINNET__TLV_RESOURCE_INSTANCE, path.id[3], record);
  }
  if (record->value.type != LINNET_TYPE_MULTIPLE)
    return put_value(writer, LINNET__TLV_RESOURCE, path.id[2], record);
  uint8_t header[HEADER_SIZE];
  return linnet__buffer_append(writer->out, header,
                               put_header(header, LINNET__TLV_MULTIPLE_RESOURCE, path.id[2], 0));
}

linnet_status linnet__tlv_end(linnet__writer *writer) { return close_instance(writer); }
