/* SPDX-License-Identifier: Apache-2.0 */
/* show.h: payloads and records as lines of text, so that a codec test is a table of two columns. */
#ifndef LINNET_TESTS_CODEC_SHOW_H
#define LINNET_TESTS_CODEC_SHOW_H

#include "check.h"
#include "codec/codec.h"

static inline linnet_loop *show_loop(void) {
  static const uint8_t seed[LINNET_SEED_SIZE] = {7};
  linnet_loop *loop = linnet_loop_new(seed, sizeof seed);
  CHECK(loop != NULL);
  return loop;
}

/* Resource 0 String, 1 Integer, 2 Float, 3 Boolean, 4 Opaque, 5 Time, 6 Objlnk, 7 none; 10 to 16 the same,
 * multiple. */
static inline bool show_shape(const void *user, linnet_path path, linnet__shape *shape) {
  static const linnet_type types[] = {LINNET_TYPE_STRING,  LINNET_TYPE_INTEGER, LINNET_TYPE_FLOAT,
                                      LINNET_TYPE_BOOLEAN, LINNET_TYPE_OPAQUE,  LINNET_TYPE_TIME,
                                      LINNET_TYPE_OBJLNK,  LINNET_TYPE_NONE};
  (void)user;
  CHECK_EQUAL(path.depth, 3);
  if (path.id[2] % 10 > 7 || path.id[2] > 16) return false;
  shape->type = types[path.id[2] % 10];
  shape->multiple = path.id[2] >= 10;
  return true;
}

static inline linnet_path show_path(const char *text) {
  linnet_path path;
  CHECK_EQUAL(linnet_path_parse(&path, text), LINNET_OK);
  return path;
}

typedef linnet_status show_decode(linnet_batch *batch, linnet_format format, linnet_path base,
                                  const void *data, size_t length, linnet__schema schema);

/* "/3/0/1=Integer 5;..." or the name of the status. Lives until the next call. */
static inline const char *show(show_decode *decode, linnet_format format, const char *base, const void *data,
                               size_t length) {
  static uint8_t text[4096];
  static const linnet__schema schema = {show_shape, NULL};
  linnet__buffer out;
  linnet_loop *loop = show_loop();
  linnet_batch *batch = linnet_batch_new(loop);
  void *exact = malloc(length > 0 ? length : 1);
  memcpy(exact, data, length);
  linnet__buffer_init_fixed(&out, text, sizeof text);
  linnet_status status = decode(batch, format, show_path(base), exact, length, schema);
  free(exact);
  if (status != LINNET_OK) {
    linnet__buffer_append_text(&out, linnet_status_name(status));
    CHECK_EQUAL(linnet_batch_count(batch), 0);
    CHECK(linnet_error_text(loop)[0] == '/');
  }
  linnet_record record;
  for (size_t i = 0; linnet_batch_record(batch, i, &record) == LINNET_OK; i++) {
    char path[LINNET_PATH_TEXT_SIZE];
    if (i > 0) linnet__buffer_append_text(&out, "; ");
    linnet__buffer_append_text(&out, linnet_path_text(record.path, path));
    linnet__buffer_append_byte(&out, '=');
    linnet__buffer_append_text(&out, linnet_type_name(record.value.type));
    linnet__buffer_append_byte(&out, ' ');
    linnet__text_write(&out, &record.value);
    if (record.time_s != 0) linnet__buffer_append_text(&out, " at ");
    if (record.time_s != 0) linnet__buffer_append_float(&out, record.time_s);
  }
  linnet_batch_unref(batch);
  linnet_loop_unref(loop);
  return linnet__buffer_text(&out);
}

/* What a writer makes of records, terminated, with its length; or the name of the status. */
static inline const char *show_written(linnet_format format, const char *base, const linnet_record *records,
                                       size_t count, size_t *length) {
  static uint8_t bytes[4096];
  linnet__buffer out;
  linnet__writer writer;
  linnet_loop *loop = show_loop();
  linnet__buffer_init_fixed(&out, bytes, sizeof bytes);
  linnet__buffer_append_text(&out, "before ");
  linnet__writer_begin(&writer, format, show_path(base), &out, loop);
  for (size_t i = 0; i < count; i++) linnet__writer_put(&writer, &records[i]);
  linnet_status status = linnet__writer_end(&writer);
  CHECK(memcmp(bytes, "before ", 7) == 0);
  linnet_loop_unref(loop);
  *length = out.length - 7;
  if (status == LINNET_OK) return linnet__buffer_text(&out) + 7;
  CHECK_EQUAL(out.length, 7);
  return linnet_status_name(status);
}

#endif
