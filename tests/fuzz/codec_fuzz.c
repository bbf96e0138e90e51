/* SPDX-License-Identifier: Apache-2.0 */
/*
 * codec_fuzz.c: libFuzzer entry for the readers. The first byte chooses the reader and the kind of base, the
 * second what the schema says of every resource; the rest is the payload.
 */
#include <stddef.h>
#include <stdint.h>

#include "codec/codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* All resources have one shape. */
static bool shape_of(const void *user, linnet_path path, linnet__shape *shape) {
  uint8_t choice = *(const uint8_t *)user;
  (void)path;
  shape->type = (linnet_type)(choice % (LINNET_TYPE_OBJLNK + 1));
  shape->multiple = (choice & 0x40) != 0;
  return (choice & 0x80) == 0;
}

static linnet_path base_of(uint8_t choice) {
  linnet_path base = {{3, 0, 6, 0}, choice};
  for (uint8_t i = choice; i < 4; i++) base.id[i] = 0;
  return base;
}

static void read_records(linnet_format format, linnet_path base, const uint8_t *shape, const uint8_t *data,
                         size_t size) {
  static const uint8_t seed[LINNET_SEED_SIZE] = {3};
  linnet_loop *loop = linnet_loop_new(seed, sizeof seed);
  linnet_batch *batch = linnet_batch_new(loop);
  const linnet__schema schema = {shape_of, shape};
  linnet__decode_response(batch, format, base, data, size, schema);
  linnet_batch_clear(batch);
  if (linnet__decode(batch, format, base, data, size, schema) == LINNET_OK) {
    linnet__buffer out;
    linnet__writer writer;
    linnet_record record;
    linnet__buffer_init(&out, loop, SIZE_MAX);
    linnet__writer_begin(&writer, format, base, &out, loop);
    for (size_t i = 0; linnet_batch_record(batch, i, &record) == LINNET_OK; i++)
      linnet__writer_put(&writer, &record);
    linnet__writer_end(&writer);
    linnet__buffer_free(&out);
  }
  linnet_batch_unref(batch);
  linnet_loop_unref(loop);
}

static void read_links(const char *text, size_t length) {
  linnet_link link;
  linnet_link_parameter parameter;
  linnet_path path;
  for (size_t position = 0; linnet_link_next(text, length, &position, &link) == LINNET_OK;) {
    linnet_link_path(&link, "/lwm2m", &path);
    for (size_t at = 0; linnet_link_next_parameter(&link, &at, &parameter) == LINNET_OK;) continue;
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const linnet_format formats[] = {LINNET_FORMAT_TLV, LINNET_FORMAT_JSON, LINNET_FORMAT_TEXT,
                                          LINNET_FORMAT_OPAQUE};
  if (size < 2) return 0;
  uint8_t choice = data[0] % 6;
  const uint8_t *payload = data + 2;
  size -= 2;
  if (choice < 4)
    read_records(formats[choice], base_of((data[0] >> 4) % 4), data + 1, payload, size);
  else if (choice == 4)
    read_links((const char *)payload, size);
  else
    linnet__arguments_check((const char *)payload, size);
  return 0;
}
