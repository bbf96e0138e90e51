/* SPDX-License-Identifier: Apache-2.0 */
/* json_write.c: records to JSON (11543) (digest 7.2; FMT-20, FMT-22, FMT-24, FMT-26, AMB-19, AMB-20). */
#include <string.h>

#include "codec_internal.h"

static void put_text(linnet__buffer *out, const char *text) { linnet__buffer_append_text(out, text); }

/* FMT-20: "bn" ends with a slash unless it names the one resource. */
static void put_frame(linnet__writer *writer, linnet_path path, uint8_t depth) {
  char text[LINNET_PATH_TEXT_SIZE];
  put_text(writer->out, "{\"bn\":\"");
  put_text(writer->out, linnet_path_text(path, text));
  if (path.depth > 0 && depth > path.depth) linnet__buffer_append_byte(writer->out, '/');
  put_text(writer->out, "\",\"e\":[");
}

/* What is left of a path below the base: "6/0". */
static void put_name(linnet__buffer *out, linnet_path path, uint8_t from) {
  if (from == path.depth) return;
  put_text(out, "\"n\":\"");
  for (uint8_t i = from; i < path.depth; i++) {
    if (i > from) linnet__buffer_append_byte(out, '/');
    linnet__buffer_append_unsigned(out, path.id[i]);
  }
  put_text(out, "\",");
}

/* RFC 8259, section 7: quotes, backslashes and control characters. */
static void put_string(linnet__buffer *out, const uint8_t *data, size_t length) {
  size_t plain = 0;
  linnet__buffer_append_byte(out, '"');
  for (size_t i = 0; i < length; i++) {
    if (data[i] >= 0x20 && data[i] != '"' && data[i] != '\\') continue;
    linnet__buffer_append(out, data + plain, i - plain);
    plain = i + 1;
    if (data[i] >= 0x20) {
      const char escape[] = {'\\', (char)data[i]};
      linnet__buffer_append(out, escape, sizeof escape);
    } else {
      const char escape[] = {
          '\\', 'u', '0', '0', linnet__hex_digits[data[i] >> 4], linnet__hex_digits[data[i] & 15]};
      linnet__buffer_append(out, escape, sizeof escape);
    }
  }
  if (plain < length) linnet__buffer_append(out, data + plain, length - plain);
  linnet__buffer_append_byte(out, '"');
}

static void put_value(linnet__buffer *out, const linnet_value *value) {
  switch (value->type) {
    case LINNET_TYPE_BOOLEAN:
      put_text(out, value->as.boolean ? "\"bv\":true" : "\"bv\":false");
      break;
    case LINNET_TYPE_STRING:
      put_text(out, "\"sv\":");
      put_string(out, value->as.bytes.data, value->as.bytes.length);
      break;
    case LINNET_TYPE_OPAQUE:
      put_text(out, "\"sv\":\"");
      linnet__text_write(out, value);
      linnet__buffer_append_byte(out, '"');
      break;
    case LINNET_TYPE_OBJLNK:
      put_text(out, "\"ov\":\"");
      linnet__text_write(out, value);
      linnet__buffer_append_byte(out, '"');
      break;
    default: /* INTEGER, TIME, FLOAT */
      put_text(out, "\"v\":");
      linnet__text_write(out, value);
      break;
  }
}

/* FMT-24: times count from the first one, in whole seconds, so that the differences are exact. */
static double base_of(double time_s) {
  const double largest = 9007199254740992.0; /* 2^53 */
  return time_s > 0 && time_s < largest ? linnet__integer_to_float((int64_t)time_s) : 0;
}

linnet_status linnet__json_put(linnet__writer *writer, const linnet_record *record) {
  linnet__buffer *out = writer->out;
  const linnet_path path = record->path;
  if (path.id[1] == LINNET_ID_NONE) /* FMT-25 */
    return linnet__codec_fail(writer->loop, LINNET_ERROR_UNSUPPORTED_FORMAT, &path,
                              "only TLV can leave the instance id open");
  /* What has no value has no entry: linnet__json_end sees to it if there is nothing else. */
  if (path.depth == 2 || record->value.type == LINNET_TYPE_MULTIPLE) return LINNET_OK;
  if (out->length == writer->start) {
    writer->base_time_s = base_of(record->time_s);
    put_frame(writer, writer->base, path.depth);
  } else {
    linnet__buffer_append_byte(out, ',');
  }
  linnet__buffer_append_byte(out, '{');
  put_name(out, path, writer->base.depth);
  put_value(out, &record->value);
  if (record->time_s != writer->base_time_s) {
    put_text(out, ",\"t\":");
    linnet__buffer_append_float(out, record->time_s - writer->base_time_s);
  }
  return linnet__buffer_append_byte(out, '}');
}

linnet_status linnet__json_end(linnet__writer *writer) {
  linnet__buffer *out = writer->out;
  if (out->length == writer->start) {
    /* FMT-26; a "bn" of /o/i/ alone is an instance without resources, as FMT-25 reads it. */
    bool instance = writer->count == 1 && writer->last.depth == 2 && writer->base.depth < 2;
    put_frame(writer, instance ? writer->last : writer->base, 4);
  }
  linnet__buffer_append_byte(out, ']');
  if (writer->base_time_s != 0) {
    put_text(out, ",\"bt\":");
    linnet__buffer_append_float(out, writer->base_time_s);
  }
  return linnet__buffer_append_byte(out, '}');
}
