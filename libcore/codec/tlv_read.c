/* SPDX-License-Identifier: Apache-2.0 */
/* tlv_read.c: TLV to records, entry by entry (digest 7.1; FMT-10 to FMT-15, TYP-01 to TYP-07, DM-65). */
#include <math.h>
#include <string.h>

#include "codec_internal.h"

/*
 * What may stand at a level: object instances, resources, resource instances. Where the base names an
 * instance, or the payload is a Create without id, the reader starts at RESOURCES with ends[RESOURCES] at the
 * payload's end.
 */
enum { INSTANCES, RESOURCES, RESOURCE_INSTANCES };

typedef struct entry {
  uint8_t kind;
  uint16_t id;
  size_t start; /* of the value */
  size_t end;
} entry;

/* Any length of identifier and length field is good (FMT-14). False: it does not fit its container. */
static bool read_header(const uint8_t *data, size_t position, size_t end, entry *out) {
  if (position >= end) return false;
  uint8_t type = data[position++];
  size_t id_size = (type & LINNET__TLV_WIDE_ID) != 0 ? 2 : 1;
  size_t length_size = (type >> 3) & 3;
  if (end - position < id_size + length_size) return false;
  out->kind = type & LINNET__TLV_KIND;
  out->id = id_size == 2 ? linnet__get_u16(data + position) : data[position];
  position += id_size;
  size_t length = length_size == 0 ? type & 7 : 0;
  for (; length_size > 0; length_size--) length = length << 8 | data[position++];
  if (end - position < length) return false;
  out->start = position;
  out->end = position + length;
  return true;
}

static bool read_integer(const uint8_t *data, size_t length, int64_t *number) {
  if (length == 0 || length > 8 || (length & (length - 1)) != 0) return false;
  uint64_t bits = data[0] < 0x80 ? 0 : UINT64_MAX;
  for (size_t i = 0; i < length; i++) bits = bits << 8 | data[i];
  *number = (int64_t)bits;
  return true;
}

static bool read_float(const uint8_t *data, size_t length, double *number) {
  if (length == 4) {
    uint32_t bits = linnet__get_u32(data);
    float single;
    memcpy(&single, &bits, sizeof single);
    *number = (double)single;
  } else if (length == 8) {
    uint64_t bits = linnet__get_u64(data);
    memcpy(number, &bits, sizeof *number);
  } else {
    return false;
  }
  return isfinite(*number);
}

/* NULL, or what is wrong. */
static const char *read_value(linnet_value *value, linnet_type type, const uint8_t *data, size_t length) {
  value->type = type;
  switch (type) {
    case LINNET_TYPE_INTEGER:
    case LINNET_TYPE_TIME:
      return read_integer(data, length, &value->as.integer) ? NULL : "an integer has 1, 2, 4 or 8 bytes";
    case LINNET_TYPE_FLOAT:
      return read_float(data, length, &value->as.real) ? NULL : "not a finite number of 4 or 8 bytes";
    case LINNET_TYPE_BOOLEAN:
      if (length != 1 || data[0] > 1) return "a boolean is one byte, 0 or 1";
      value->as.boolean = data[0] == 1;
      return NULL;
    case LINNET_TYPE_OBJLNK:
      if (length != 4) return "an object link has 4 bytes";
      value->as.link.object = linnet__get_u16(data);
      value->as.link.instance = linnet__get_u16(data + 2);
      return NULL;
    case LINNET_TYPE_STRING:
      value->as.bytes.data = data;
      value->as.bytes.length = length;
      return linnet__utf8_valid(data, length) ? NULL : "not UTF-8";
    default: /* OPAQUE, and what nobody knows the type of */
      value->type = LINNET_TYPE_OPAQUE;
      value->as.bytes.data = data;
      value->as.bytes.length = length;
      return NULL;
  }
}

static linnet__reading give_value(linnet__reader *reader, linnet_record *record, const entry *at) {
  record->path = reader->path;
  linnet_type type = reader->known ? reader->shape.type : LINNET_TYPE_OPAQUE;
  const char *fault = read_value(&record->value, type, reader->data + at->start, at->end - at->start);
  if (fault != NULL) return linnet__reader_fail(reader, record, LINNET_ERROR_WRONG_TYPE, fault);
  return LINNET__READING_RECORD;
}

static linnet__reading give_shape(linnet__reader *reader, linnet_record *record, linnet_type type) {
  record->path = reader->path;
  record->value = linnet_value_none();
  record->value.type = type;
  return LINNET__READING_RECORD;
}

static linnet__reading malformed(linnet__reader *reader, linnet_record *record, const char *what) {
  record->path = reader->path;
  return linnet__reader_fail(reader, record, LINNET_ERROR_MALFORMED, what);
}

static void set_path(linnet__reader *reader, uint8_t depth, uint16_t id) {
  reader->path.depth = depth;
  reader->path.id[depth - 1] = id;
  for (size_t i = depth; i < 4; i++) reader->path.id[i] = 0;
}

static void enter(linnet__reader *reader, uint8_t level, const entry *container) {
  reader->level = level;
  reader->ends[level] = container->end;
  reader->last_id[level] = -1;
  reader->position = container->start;
}

/* Before the first entry: which level the payload begins at. False: it is malformed. */
static bool begin(linnet__reader *reader) {
  entry first = {0};
  const entry whole = {.start = 0, .end = reader->length};
  enter(reader, INSTANCES, &whole);
  reader->stage = 1;
  if (reader->length > 0 && !read_header(reader->data, 0, reader->length, &first)) return false;
  switch (reader->base.depth) {
    case 1:
      /* DM-65: resources without a wrapper are an instance without an id. */
      if (reader->length == 0 || first.kind == LINNET__TLV_OBJECT_INSTANCE) return true;
      enter(reader, RESOURCES, &whole);
      set_path(reader, 2, LINNET_ID_NONE);
      return true;
    case 2:
      enter(reader, RESOURCES, &whole);
      if (reader->length == 0 || first.kind != LINNET__TLV_OBJECT_INSTANCE) return true;
      /* FMT-15: one wrapper with the id of the path. */
      if (first.id != reader->base.id[1] || first.end != reader->length) return false;
      enter(reader, RESOURCES, &first);
      return true;
    default:
      if (reader->length == 0) return false;
      enter(reader, RESOURCES, &whole);
      if (first.kind != LINNET__TLV_RESOURCE_INSTANCE) return true;
      /* FMT-12: bare instances of a multiple resource. */
      reader->known = linnet__reader_shape(reader, reader->base, &reader->shape);
      if (reader->known && !reader->shape.multiple) return false;
      enter(reader, RESOURCE_INSTANCES, &whole);
      return true;
  }
}

/* A Resource or Multiple Resource entry. */
static linnet__reading read_resource(linnet__reader *reader, linnet_record *record, const entry *at) {
  if (reader->base.depth == 3 && at->id != reader->base.id[2])
    return malformed(reader, record, "another resource than the target"); /* DM-29 */
  set_path(reader, 3, at->id);
  reader->known = linnet__reader_shape(reader, reader->path, &reader->shape);
  bool multiple = at->kind == LINNET__TLV_MULTIPLE_RESOURCE;
  if (reader->known && reader->shape.multiple != multiple) { /* FMT-11 */
    record->path = reader->path;
    return linnet__reader_fail(reader, record, LINNET_ERROR_WRONG_TYPE,
                               multiple ? "single-instance resource" : "multiple-instance resource");
  }
  if (!multiple) return give_value(reader, record, at);
  if (at->start == at->end) return give_shape(reader, record, LINNET_TYPE_MULTIPLE);
  enter(reader, RESOURCE_INSTANCES, at);
  return LINNET__READING_END; /* nothing to give yet */
}

/* One entry. LINNET__READING_END: a container was opened, there is no record yet. */
static linnet__reading read_entry(linnet__reader *reader, linnet_record *record) {
  entry at;
  uint8_t level = reader->level;
  if (!read_header(reader->data, reader->position, reader->ends[level], &at))
    return malformed(reader, record, "an entry is longer than what it stands in");
  if (reader->last_id[level] == at.id) return malformed(reader, record, "the same id twice"); /* FMT-13 */
  reader->last_id[level] = at.id;
  reader->position = at.end;
  switch (level) {
    case INSTANCES:
      if (at.kind != LINNET__TLV_OBJECT_INSTANCE) break;
      if (at.id == LINNET_ID_NONE) return malformed(reader, record, "65535 is no instance id");
      set_path(reader, 2, at.id);
      if (at.start == at.end) return give_shape(reader, record, LINNET_TYPE_NONE);
      enter(reader, RESOURCES, &at);
      return LINNET__READING_END;
    case RESOURCES:
      if (at.kind != LINNET__TLV_RESOURCE && at.kind != LINNET__TLV_MULTIPLE_RESOURCE) break;
      return read_resource(reader, record, &at);
    default:
      if (at.kind != LINNET__TLV_RESOURCE_INSTANCE) break;
      if (at.id == LINNET_ID_NONE) return malformed(reader, record, "65535 is no resource instance id");
      set_path(reader, 4, at.id);
      return give_value(reader, record, &at);
  }
  return malformed(reader, record, "an entry where its kind is not allowed"); /* FMT-13 */
}

linnet__reading linnet__tlv_next(linnet__reader *reader, linnet_record *record) {
  if (reader->stage == 0 && !begin(reader)) return malformed(reader, record, "not TLV for this target");
  for (;;) {
    while (reader->level > INSTANCES && reader->position == reader->ends[reader->level]) reader->level--;
    if (reader->position == reader->ends[reader->level]) return LINNET__READING_END;
    linnet__reading reading = read_entry(reader, record);
    if (reading != LINNET__READING_END) return reading;
  }
}
