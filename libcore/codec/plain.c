/* SPDX-License-Identifier: Apache-2.0 */
/* plain.c: one value as plain text or opaque bytes (digest 1.3, 7; FMT-04, TYP-03 to TYP-07, DM-28). */
#include <string.h>

#include "codec_internal.h"

linnet_status linnet__objlnk_write(linnet__buffer *out, linnet_objlnk link) {
  linnet__buffer_append_unsigned(out, link.object);
  linnet__buffer_append_byte(out, ':');
  return linnet__buffer_append_unsigned(out, link.instance);
}

linnet_status linnet__objlnk_read(linnet_objlnk *link, const char *text, size_t length) {
  uint64_t object, instance;
  const char *colon = length > 0 ? memchr(text, ':', length) : NULL;
  if (colon == NULL) return LINNET_ERROR_WRONG_TYPE;
  size_t before = (size_t)(colon - text);
  if (!linnet__parse_unsigned(text, before, UINT16_MAX, &object) ||
      !linnet__parse_unsigned(colon + 1, length - before - 1, UINT16_MAX, &instance))
    return LINNET_ERROR_WRONG_TYPE;
  link->object = (uint16_t)object;
  link->instance = (uint16_t)instance;
  return LINNET_OK;
}

linnet_status linnet__text_write(linnet__buffer *out, const linnet_value *value) {
  switch (value->type) {
    case LINNET_TYPE_STRING:
      return linnet__buffer_append(out, value->as.bytes.data, value->as.bytes.length);
    case LINNET_TYPE_INTEGER:
    case LINNET_TYPE_TIME:
      return linnet__buffer_append_integer(out, value->as.integer);
    case LINNET_TYPE_FLOAT:
      return linnet__buffer_append_float(out, value->as.real);
    case LINNET_TYPE_BOOLEAN:
      return linnet__buffer_append_byte(out, value->as.boolean ? '1' : '0');
    case LINNET_TYPE_OPAQUE:
      return linnet__base64_write(out, value->as.bytes.data, value->as.bytes.length);
    case LINNET_TYPE_OBJLNK:
      return linnet__objlnk_write(out, value->as.link);
    default:
      return LINNET_ERROR_WRONG_TYPE;
  }
}

static linnet_status read_base64(linnet_value *value, const void *data, size_t length,
                                 linnet__buffer *scratch) {
  size_t start = scratch->length;
  linnet_status status = linnet__base64_read(scratch, data, length);
  if (status == LINNET_ERROR_MALFORMED) return LINNET_ERROR_WRONG_TYPE;
  if (status != LINNET_OK) return status;
  size_t decoded = scratch->length - start;
  *value = linnet_value_opaque(decoded > 0 ? scratch->data + start : (const uint8_t *)"", decoded);
  return LINNET_OK;
}

linnet_status linnet__text_read(linnet_value *value, linnet_type type, const void *data, size_t length,
                                linnet__buffer *scratch) {
  const char *text = length > 0 ? data : "";
  linnet_value read = {.type = type};
  bool good = false;
  switch (type) {
    case LINNET_TYPE_NONE:
    case LINNET_TYPE_STRING:
      read = linnet_value_string_n(text, length);
      good = linnet__utf8_valid(text, length);
      break;
    case LINNET_TYPE_INTEGER:
    case LINNET_TYPE_TIME:
      good = linnet__parse_integer(text, length, &read.as.integer);
      break;
    case LINNET_TYPE_FLOAT:
      good = linnet__parse_float(text, length, &read.as.real);
      break;
    case LINNET_TYPE_BOOLEAN:
      good = length == 1 && (text[0] == '0' || text[0] == '1');
      read.as.boolean = good && text[0] == '1';
      break;
    case LINNET_TYPE_OPAQUE:
      return read_base64(value, text, length, scratch);
    case LINNET_TYPE_OBJLNK:
      good = linnet__objlnk_read(&read.as.link, text, length) == LINNET_OK;
      break;
    default:
      break;
  }
  if (!good) return LINNET_ERROR_WRONG_TYPE;
  *value = read;
  return LINNET_OK;
}

/* ---- as formats: FMT-04, one value of one single-instance resource ------------------------------- */

static linnet_status check_single(const linnet__writer *writer, const linnet_record *record) {
  if (record->path.depth == 3 && record->value.type != LINNET_TYPE_MULTIPLE) return LINNET_OK;
  return linnet__codec_fail(writer->loop, LINNET_ERROR_INVALID_ARGUMENT, &record->path,
                            "more than one value for this format");
}

linnet_status linnet__text_put(linnet__writer *writer, const linnet_record *record) {
  linnet_status status = check_single(writer, record);
  return status == LINNET_OK ? linnet__text_write(writer->out, &record->value) : status;
}

linnet_status linnet__opaque_put(linnet__writer *writer, const linnet_record *record) {
  linnet_status status = check_single(writer, record);
  if (status != LINNET_OK) return status;
  if (record->value.type != LINNET_TYPE_OPAQUE)
    return linnet__codec_fail(writer->loop, LINNET_ERROR_WRONG_TYPE, &record->path, "not opaque");
  return linnet__buffer_append(writer->out, record->value.as.bytes.data, record->value.as.bytes.length);
}

linnet_status linnet__single_end(linnet__writer *writer) {
  (void)writer; /* that there is exactly one record was seen before */
  return LINNET_OK;
}

/* False with LINNET__READING_END or _FAILED in *reading, or true and the type. */
static bool begin_single(linnet__reader *reader, linnet_record *record, linnet_type *type,
                         linnet__reading *reading) {
  linnet__shape shape = {LINNET_TYPE_NONE, false};
  *reading = LINNET__READING_END;
  if (reader->position > 0) return false;
  reader->position = 1; /* the payload is one value, also when it is empty */
  linnet__reader_shape(reader, reader->base, &shape);
  *type = shape.type;
  if (!shape.multiple) return true;
  *reading =
      linnet__reader_fail(reader, record, LINNET_ERROR_WRONG_TYPE, "a multiple resource needs TLV or JSON");
  return false;
}

linnet__reading linnet__text_next(linnet__reader *reader, linnet_record *record) {
  linnet_type type;
  linnet__reading reading;
  if (!begin_single(reader, record, &type, &reading)) return reading;
  linnet_status status =
      linnet__text_read(&record->value, type, reader->data, reader->length, reader->scratch);
  if (status == LINNET_OK) return LINNET__READING_RECORD;
  return linnet__reader_fail(reader, record, status, "not the text of its type");
}

linnet__reading linnet__opaque_next(linnet__reader *reader, linnet_record *record) {
  linnet_type type;
  linnet__reading reading;
  if (!begin_single(reader, record, &type, &reading)) return reading;
  if (type != LINNET_TYPE_NONE && type != LINNET_TYPE_OPAQUE)
    return linnet__reader_fail(reader, record, LINNET_ERROR_WRONG_TYPE, "not opaque");
  record->value = linnet_value_opaque(reader->data, reader->length);
  return LINNET__READING_RECORD;
}
