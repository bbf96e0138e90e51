/* SPDX-License-Identifier: Apache-2.0 */
/* decode_test.c: a payload is decoded whole or not at all, whatever fails; large payloads take no undue time.
 */
#include "show.h"

/* Memory that ends after a number of requests. */
typedef struct scarce {
  size_t left;
} scarce;

static void *reallocate(void *user, void *block, size_t size) {
  scarce *memory = user;
  if (size == 0) {
    free(block);
    return NULL;
  }
  if (memory->left == 0) return NULL;
  memory->left--;
  return realloc(block, size);
}

static void without_memory_the_batch_is_as_it_was(void) { /* DM-25 */
  static const uint8_t seed[LINNET_SEED_SIZE] = {5};
  static const linnet__schema schema = {show_shape, NULL};
  /* Out of order, so that the duplicates are looked for, too; escapes and Base64 need scratch. */
  static const char text[] =
      "{\"e\":[{\"n\":\"4\",\"sv\":\"AQ\\u0049DBAU=\"},{\"n\":\"0\",\"sv\":\"a\\nb\"},{\"n\":\"1\",\"v\":5},"
      "{\"n\":\"11/0\",\"v\":5},{\"n\":\"11/1\",\"v\":5},{\"n\":\"10/"
      "1\",\"sv\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"}],"
      "\"bn\":\"/9/0/\"}";
  scarce memory = {SIZE_MAX};
  linnet_loop *loop = linnet_loop_new_with_memory(seed, sizeof seed, reallocate, &memory);
  linnet_value kept = linnet_value_string("kept");
  bool succeeded = false;
  for (size_t requests = 0; requests < 64 && !succeeded; requests++) {
    memory.left = SIZE_MAX;
    linnet_batch *batch = linnet_batch_new(loop);
    CHECK_EQUAL(linnet_batch_add(batch, show_path("/8/0/0"), &kept), LINNET_OK);
    memory.left = requests;
    linnet_status status =
        linnet__decode(batch, LINNET_FORMAT_JSON, show_path("/9/0"), text, sizeof text - 1, schema);
    memory.left = SIZE_MAX;
    succeeded = status == LINNET_OK;
    CHECK(succeeded || status == LINNET_ERROR_NO_MEMORY);
    CHECK_EQUAL(linnet_batch_count(batch), succeeded ? 7 : 1);
    linnet_record record;
    CHECK_EQUAL(linnet_batch_record(batch, 0, &record), LINNET_OK);
    CHECK(linnet_value_equal(&record.value, &kept));
    linnet_batch_unref(batch);
  }
  CHECK(succeeded);
  linnet_loop_unref(loop);
}

/* A batch that held something before is no duplicate of what comes, and stays when that is bad. */
static void appends_to_what_is_there(void) {
  static const linnet__schema schema = {show_shape, NULL};
  static const uint8_t good[] = {0xC1, 0x01, 0x05}, bad[] = {0xC1, 0x03, 0x01, 0xC1, 0x01, 0x05, 0xFF};
  linnet_loop *loop = show_loop();
  linnet_batch *batch = linnet_batch_new(loop);
  for (size_t i = 1; i <= 2; i++) {
    CHECK_EQUAL(linnet__decode(batch, LINNET_FORMAT_TLV, show_path("/9/0"), good, sizeof good, schema),
                LINNET_OK);
    CHECK_EQUAL(linnet__decode(batch, LINNET_FORMAT_TLV, show_path("/9/0"), bad, sizeof bad, schema),
                LINNET_ERROR_MALFORMED);
    CHECK_EQUAL(linnet_batch_count(batch), i);
  }
  linnet_batch_unref(batch);
  linnet_loop_unref(loop);
}

/* 60,000 resources in falling order: the search for duplicates is not quadratic (architecture, section 8). */
static void many_records_in_the_worst_order(void) {
  static const linnet__schema schema = {show_shape, NULL};
  const size_t count = 60000;
  uint8_t *bytes = malloc(count * 4);
  linnet_loop *loop = show_loop();
  linnet_batch *batch = linnet_batch_new(loop);
  for (size_t i = 0; i < count; i++) {
    bytes[4 * i] = 0xE1;
    linnet__put_u16(bytes + 4 * i + 1, (uint16_t)(count + 100 - i));
    bytes[4 * i + 3] = 1;
  }
  CHECK_EQUAL(linnet__decode(batch, LINNET_FORMAT_TLV, show_path("/9/0"), bytes, count * 4, schema),
              LINNET_OK);
  CHECK_EQUAL(linnet_batch_count(batch), count);
  linnet_batch_clear(batch);
  linnet__put_u16(bytes + 4 * (count - 1) + 1, (uint16_t)(count / 2)); /* one of them twice */
  CHECK_EQUAL(linnet__decode(batch, LINNET_FORMAT_TLV, show_path("/9/0"), bytes, count * 4, schema),
              LINNET_ERROR_MALFORMED);
  CHECK_EQUAL(linnet_batch_count(batch), 0);
  free(bytes);
  linnet_batch_unref(batch);
  linnet_loop_unref(loop);
}

static void a_failed_reader_stays_failed(void) {
  static const linnet__schema schema = {NULL, NULL};
  static const uint8_t bytes[] = {0xC1, 0x01};
  linnet__buffer scratch;
  linnet__reader reader;
  linnet_record record;
  linnet__buffer_init_fixed(&scratch, NULL, 0);
  linnet__reader_begin(&reader, LINNET_FORMAT_TLV, show_path("/9/0"), bytes, sizeof bytes, schema, &scratch,
                       NULL);
  for (size_t i = 0; i < 3; i++) {
    CHECK_EQUAL(linnet__reader_next(&reader, &record), LINNET__READING_FAILED);
    CHECK_EQUAL(reader.status, LINNET_ERROR_MALFORMED);
  }
  linnet__reader_begin(&reader, LINNET_FORMAT_TLV, show_path("/9/0/1/2"), bytes, 0, schema, &scratch, NULL);
  CHECK_EQUAL(linnet__reader_next(&reader, &record), LINNET__READING_FAILED);
}

/* Without room to resolve an escape a string is too large, not wrong. */
static void scratch_is_bounded(void) {
  static const linnet__schema schema = {NULL, NULL};
  static const char text[] = "{\"e\":[{\"n\":\"0\",\"sv\":\"\\n123456789\"}]}";
  uint8_t memory[4];
  linnet__buffer scratch;
  linnet__reader reader;
  linnet_record record;
  linnet__buffer_init_fixed(&scratch, memory, sizeof memory);
  linnet__reader_begin(&reader, LINNET_FORMAT_JSON, show_path("/9/0"), text, sizeof text - 1, schema,
                       &scratch, NULL);
  CHECK_EQUAL(linnet__reader_next(&reader, &record), LINNET__READING_FAILED);
  CHECK_EQUAL(reader.status, LINNET_ERROR_TOO_LARGE);
}

int main(void) {
  return RUN(without_memory_the_batch_is_as_it_was, appends_to_what_is_there, many_records_in_the_worst_order,
             a_failed_reader_stays_failed, scratch_is_bounded);
}
