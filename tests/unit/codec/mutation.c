/* SPDX-License-Identifier: Apache-2.0 */
/* mutation.c: damaged vectors never crash a reader, and what a reader takes a writer can say again. */
#include <string.h>

#include "check.h"
#include "vectors.h"

#define ROUNDS 60000

static uint64_t state = UINT64_C(0x9E3779B97F4A7C15);

/* xorshift64*: the same damage in every run. */
static uint32_t draw(uint32_t below) {
  state ^= state >> 12;
  state ^= state << 25;
  state ^= state >> 27;
  return (uint32_t)((state * UINT64_C(0x2545F4914F6CDD1D)) >> 33) % below;
}

/* A copy of its own exact size, so that a read beyond the end is seen. */
static uint8_t *damage(const wire_vector *vector, size_t *length) {
  static const uint8_t tricky[] = {0x00, 0x01, 0x07, 0x08, 0x18, 0x20, 0x40, 0x7F, 0x80, 0xC0, 0xC8,
                                   0xD8, 0xFF, '"',  '\\', '/',  ',',  '{',  '}',  '[',  ']',  ':',
                                   '-',  '.',  'e',  'u',  '<',  '>',  ';',  '=',  '\'', '0',  '9'};
  size_t room = vector->length + 4, size = vector->length;
  uint8_t *work = malloc(room);
  memcpy(work, vector->payload, size);
  for (uint32_t steps = 1 + draw(3); steps > 0; steps--) {
    size_t at = size > 0 ? draw((uint32_t)size) : 0;
    switch (draw(5)) {
      case 0:
        if (size > 0) work[at] ^= (uint8_t)(1U << draw(8));
        break;
      case 1:
        if (size > 0) work[at] = tricky[draw(sizeof tricky)];
        break;
      case 2:
        if (size > 0) size = at;
        break;
      case 3:
        if (size > 0) memmove(work + at, work + at + 1, --size - at);
        break;
      default:
        if (size == room) break;
        memmove(work + at + 1, work + at, size++ - at);
        work[at] = tricky[draw(sizeof tricky)];
        break;
    }
  }
  uint8_t *exact = malloc(size > 0 ? size : 1);
  memcpy(exact, work, size);
  free(work);
  *length = size;
  return exact;
}

static bool timed(const linnet_batch *batch) {
  linnet_record record;
  for (size_t i = 0; linnet_batch_record(batch, i, &record) == LINNET_OK; i++)
    if (record.time_s != 0) return true;
  return false;
}

static void check_again(linnet_loop *loop, const wire_vector *vector, const linnet_batch *batch) {
  linnet_record record, second;
  linnet__buffer out;
  linnet__writer writer;
  linnet__buffer_init(&out, loop, SIZE_MAX);
  linnet_status status = linnet__writer_begin(&writer, vector_format(vector), vector->path, &out, loop);
  for (size_t i = 0; linnet_batch_record(batch, i, &record) == LINNET_OK; i++)
    linnet__writer_put(&writer, &record);
  status = linnet__writer_end(&writer);
  /* JSON has no form without instance id. */
  if (status == LINNET_ERROR_UNSUPPORTED_FORMAT && vector_format(vector) == LINNET_FORMAT_JSON) return;
  CHECK_EQUAL(status, LINNET_OK);
  linnet_batch *again = linnet_batch_new(loop);
  CHECK_EQUAL(vector_decode(again, vector, out.data, out.length), LINNET_OK);
  CHECK_EQUAL(linnet_batch_count(again), linnet_batch_count(batch));
  for (size_t i = 0; linnet_batch_record(batch, i, &record) == LINNET_OK; i++) {
    linnet_batch_record(again, i, &second);
    CHECK(linnet_path_equal(record.path, second.path) && linnet_value_equal(&record.value, &second.value));
  }
  linnet_batch_unref(again);
  linnet__buffer_free(&out);
}

static void read_links(const uint8_t *data, size_t length) {
  linnet_link link;
  linnet_link_parameter parameter;
  linnet_path path;
  for (size_t position = 0; linnet_link_next((const char *)data, length, &position, &link) == LINNET_OK;) {
    linnet_link_path(&link, "/lwm2m", &path);
    linnet_link_path(&link, "", &path);
    size_t at = 0, seen = 0;
    while (linnet_link_next_parameter(&link, &at, &parameter) == LINNET_OK) seen += parameter.value_length;
    CHECK_EQUAL(at, link.parameters_length);
    CHECK(seen <= link.parameters_length);
  }
}

static void damaged_payloads_are_refused_or_understood(void) {
  static const uint8_t seed[LINNET_SEED_SIZE] = {2};
  linnet_loop *loop = linnet_loop_new(seed, sizeof seed);
  linnet_batch *batch = linnet_batch_new(loop);
  size_t understood = 0;
  for (size_t round = 0; round < ROUNDS; round++) {
    const wire_vector *vector = &vectors[draw(VECTOR_COUNT)];
    size_t length;
    if (!vector->good || vector->length > 4096) continue;
    uint8_t *data = damage(vector, &length);
    if (linnet__format_has_records(vector_format(vector))) {
      linnet_batch_clear(batch);
      linnet_status status = vector_decode(batch, vector, data, length);
      CHECK(status == LINNET_OK || linnet_batch_count(batch) == 0);
      bool response = strcmp(vector->operation, "read-response-hierarchy") == 0;
      bool none = vector->path.depth == 3 && linnet_batch_count(batch) == 0;
      if (status == LINNET_OK && !response && !none && !timed(batch)) check_again(loop, vector, batch);
      understood += status == LINNET_OK;
    } else {
      read_links(data, length);
      linnet__arguments_check((const char *)data, length);
    }
    free(data);
  }
  printf("%zu understood\n", understood);
  linnet_batch_unref(batch);
  linnet_loop_unref(loop);
}

int main(void) { return RUN(damaged_payloads_are_refused_or_understood); }
