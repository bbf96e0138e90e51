/* SPDX-License-Identifier: Apache-2.0 */
/* codec.c: the formats by number, and what is the same for each when records are written or read (digest 7).
 */
#include <math.h>
#include <string.h>

#include "codec_internal.h"

static const linnet__codec codecs[] = {
    {LINNET_FORMAT_TLV, 1, linnet__tlv_put, linnet__tlv_end, linnet__tlv_next},
    {LINNET_FORMAT_JSON, 0, linnet__json_put, linnet__json_end, linnet__json_next},
    {LINNET_FORMAT_TEXT, 3, linnet__text_put, linnet__single_end, linnet__text_next},
    {LINNET_FORMAT_OPAQUE, 3, linnet__opaque_put, linnet__single_end, linnet__opaque_next},
};

/* FMT-02: 1541 to 1543 are from before the numbers were allotted. */
static const struct {
  uint16_t number;
  uint16_t format;
} numbers[] = {
    {0, LINNET_FORMAT_TEXT},    {40, LINNET_FORMAT_LINK},    {42, LINNET_FORMAT_OPAQUE},
    {11542, LINNET_FORMAT_TLV}, {11543, LINNET_FORMAT_JSON}, {1541, LINNET_FORMAT_TEXT},
    {1542, LINNET_FORMAT_TLV},  {1543, LINNET_FORMAT_JSON},
};

linnet_format linnet__format_of_number(unsigned number) {
  for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
    if (numbers[i].number == number) return (linnet_format)numbers[i].format;
  return LINNET_FORMAT_NONE;
}

static const linnet__codec *codec_of(linnet_format format) {
  for (size_t i = 0; i < sizeof codecs / sizeof codecs[0]; i++)
    if (codecs[i].format == format) return &codecs[i];
  return NULL;
}

bool linnet__format_has_records(linnet_format format) { return codec_of(format) != NULL; }

linnet_status linnet__codec_fail(linnet_loop *loop, linnet_status status, const linnet_path *path,
                                 const char *what) {
  char text[LINNET_PATH_TEXT_SIZE];
  if (loop == NULL) return status;
  return linnet__fail(loop, status, "%s: %s", linnet_path_text(*path, text), what);
}

/* NULL, or why the codec does not take it. */
static const char *target_fault(const linnet__codec *codec, const linnet_path *base) {
  if (codec == NULL) return "not a format for values";
  return base->depth < codec->least_depth || base->depth > 3 ? "not a target for this format" : NULL;
}

/* ---- writing ------------------------------------------------------------------------------------- */

static linnet_status writer_fail(linnet__writer *writer, linnet_status status) {
  writer->status = status;
  writer->out->length = writer->start;
  return status;
}

linnet_status linnet__writer_begin(linnet__writer *writer, linnet_format format, linnet_path base,
                                   linnet__buffer *out, linnet_loop *loop) {
  memset(writer, 0, sizeof *writer);
  writer->codec = codec_of(format);
  writer->format = format;
  writer->base = base;
  writer->out = out;
  writer->loop = loop;
  writer->start = out->length;
  writer->open[0] = writer->open[1] = SIZE_MAX;
  writer->status = out->failed;
  if (writer->status != LINNET_OK) return writer->status;
  const char *fault = target_fault(writer->codec, &base);
  if (fault != NULL)
    writer->status = linnet__codec_fail(
        loop, writer->codec == NULL ? LINNET_ERROR_UNSUPPORTED_FORMAT : LINNET_ERROR_INVALID_ARGUMENT, &base,
        fault);
  return writer->status;
}

/* Whether a value may stand at that depth, and is one that may leave (TYP-03, TYP-07). */
static const char *value_fault(uint8_t depth, const linnet_value *value) {
  switch (value->type) {
    case LINNET_TYPE_NONE:
      return depth == 2 ? NULL : "no value";
    case LINNET_TYPE_MULTIPLE:
      return depth == 3 ? NULL : "not a place for a multiple resource";
    case LINNET_TYPE_FLOAT:
      if (!isfinite(value->as.real)) return "not a finite number";
      break;
    case LINNET_TYPE_STRING:
      if (!linnet__utf8_valid(value->as.bytes.data, value->as.bytes.length)) return "not UTF-8";
      break;
    case LINNET_TYPE_INTEGER:
    case LINNET_TYPE_TIME:
    case LINNET_TYPE_BOOLEAN:
    case LINNET_TYPE_OPAQUE:
    case LINNET_TYPE_OBJLNK:
      break;
    default:
      return "no such type";
  }
  return depth >= 3 ? NULL : "not a place for a value";
}

/* What can be told from the record before: the same entry twice, or a resource both single and multiple. */
static bool repeats(const linnet__writer *writer, const linnet_record *record) {
  if (writer->count == 0) return false;
  if (writer->last.depth == record->path.depth)
    return writer->format != LINNET_FORMAT_JSON && linnet_path_equal(writer->last, record->path);
  return linnet_path_within(record->path, writer->last) || linnet_path_within(writer->last, record->path);
}

/* NULL, or why the record may not stand where it does. */
static const char *place_fault(const linnet__writer *writer, const linnet_record *record) {
  const linnet_path *path = &record->path;
  if (!linnet_path_within(*path, writer->base)) return "outside the target";
  /* DM-65: only a Create may leave the instance id open. */
  if ((path->id[1] == LINNET_ID_NONE && writer->base.depth != 1) ||
      (path->depth == 4 && path->id[3] == LINNET_ID_NONE))
    return "65535 is no id";
  if (!isfinite(record->time_s)) return "no time";
  return repeats(writer, record) ? "twice" : NULL;
}

static linnet_status check_record(const linnet__writer *writer, const linnet_record *record) {
  linnet_status status = LINNET_ERROR_WRONG_TYPE;
  const char *fault = value_fault(record->path.depth, &record->value);
  if (fault == NULL) {
    status = LINNET_ERROR_INVALID_ARGUMENT;
    fault = place_fault(writer, record);
  }
  return fault == NULL ? LINNET_OK : linnet__codec_fail(writer->loop, status, &record->path, fault);
}

linnet_status linnet__writer_put(linnet__writer *writer, const linnet_record *record) {
  if (writer->status != LINNET_OK) return writer->status;
  linnet_status status = check_record(writer, record);
  if (status == LINNET_OK) status = writer->codec->put(writer, record);
  if (status == LINNET_OK) status = writer->out->failed;
  if (status != LINNET_OK) return writer_fail(writer, status);
  writer->last = record->path;
  writer->count++;
  return LINNET_OK;
}

linnet_status linnet__writer_end(linnet__writer *writer) {
  if (writer->status != LINNET_OK) return writer->status;
  linnet_status status = LINNET_OK;
  /* One resource is one value, or a multiple one that says itself that it is empty. */
  if (writer->count == 0 && writer->base.depth == 3)
    status = linnet__codec_fail(writer->loop, LINNET_ERROR_INVALID_ARGUMENT, &writer->base, "no value");
  if (status == LINNET_OK) status = writer->codec->end(writer);
  if (status == LINNET_OK) status = writer->out->failed;
  return status == LINNET_OK ? LINNET_OK : writer_fail(writer, status);
}

/* ---- reading ------------------------------------------------------------------------------------- */

linnet__reading linnet__reader_fail(linnet__reader *reader, const linnet_record *record, linnet_status status,
                                    const char *what) {
  reader->status = linnet__codec_fail(reader->loop, status, &record->path, what);
  return LINNET__READING_FAILED;
}

bool linnet__reader_shape(const linnet__reader *reader, linnet_path path, linnet__shape *shape) {
  return reader->schema.shape_of != NULL && reader->schema.shape_of(reader->schema.user, path, shape);
}

void linnet__reader_begin(linnet__reader *reader, linnet_format format, linnet_path base, const void *data,
                          size_t length, linnet__schema schema, linnet__buffer *scratch, linnet_loop *loop) {
  memset(reader, 0, sizeof *reader);
  reader->codec = codec_of(format);
  reader->format = format;
  reader->base = base;
  /* Values of no length are views, too: they need an address. */
  reader->data = length > 0 ? data : (const uint8_t *)"";
  reader->length = length;
  reader->schema = schema;
  reader->scratch = scratch;
  reader->loop = loop;
  reader->path = base;
  linnet__buffer_clear(scratch);
  const char *fault = target_fault(reader->codec, &base);
  if (fault != NULL)
    reader->status = linnet__codec_fail(
        loop, reader->codec == NULL ? LINNET_ERROR_UNSUPPORTED_FORMAT : LINNET_ERROR_MALFORMED, &base, fault);
}

linnet__reading linnet__reader_next(linnet__reader *reader, linnet_record *record) {
  if (reader->status != LINNET_OK && reader->status != LINNET_ERROR_WRONG_TYPE &&
      reader->status != LINNET_ERROR_NOT_FOUND)
    return LINNET__READING_FAILED;
  reader->status = LINNET_OK;
  record->path = reader->base;
  record->time_s = 0;
  linnet__reading reading = reader->codec->next(reader, record);
  if (reading == LINNET__READING_RECORD) reader->count++;
  return reading;
}
