/* SPDX-License-Identifier: Apache-2.0 */
/* Batches of records (batch.h). */
#include "check.h"
#include "data/data.h"

static linnet_loop *new_loop(void) { return linnet_loop_new("0123456789abcdef", 16); }

static linnet_value some_value(unsigned i, const char *text) {
  switch (i % 8) {
    case 0:
      return linnet_value_integer((int64_t)i - 1000);
    case 1:
      return linnet_value_float(i / 4.0);
    case 2:
      return linnet_value_boolean(i % 16 < 8);
    case 3:
      return linnet_value_string_n(text, i % 100);
    case 4:
      return linnet_value_opaque(text, i % 90);
    case 5:
      return linnet_value_time(-(int64_t)i);
    case 6:
      return linnet_value_objlnk((uint16_t)i, 7);
    default:
      return linnet_value_none();
  }
}

static void gives_records_back_in_order(void) {
  linnet_loop *loop = new_loop();
  size_t before = linnet_loop_memory_used(loop);
  linnet_batch *batch = linnet_batch_new(loop);
  char text[100];
  memset(text, 'x', sizeof text);
  for (unsigned i = 0; i < 2000; i++) {
    linnet_record record = {linnet_path_resource(1, 2, (uint16_t)i), some_value(i, text), i / 2.0};
    CHECK_EQUAL(linnet_batch_add_record(batch, &record), LINNET_OK);
  }
  memset(text, 'y', sizeof text); /* copies were taken */
  char expected[100];
  memset(expected, 'x', sizeof expected);
  CHECK_EQUAL(linnet_batch_count(batch), 2000);
  for (unsigned i = 0; i < 2000; i++) {
    linnet_record record;
    linnet_value value = some_value(i, expected), found;
    CHECK_EQUAL(linnet_batch_record(batch, i, &record), LINNET_OK);
    CHECK(linnet_path_equal(record.path, linnet_path_resource(1, 2, (uint16_t)i)));
    CHECK(linnet_value_equal(&record.value, &value));
    CHECK(record.time_s == i / 2.0);
    CHECK_EQUAL(linnet_batch_find(batch, record.path, &found), LINNET_OK);
    CHECK(linnet_value_equal(&found, &value));
  }
  linnet_record none;
  linnet_value found;
  CHECK_EQUAL(linnet_batch_record(batch, 2000, &none), LINNET_ERROR_NOT_FOUND);
  CHECK_EQUAL(linnet_batch_find(batch, linnet_path_instance(1, 2), &found), LINNET_ERROR_NOT_FOUND);
  linnet_batch_unref(batch);
  CHECK_EQUAL(linnet_loop_memory_used(loop), before);
  linnet_loop_unref(loop);
}

static void takes_copies_of_its_own_values(void) {
  linnet_loop *loop = new_loop();
  linnet_batch *batch = linnet_batch_new(loop);
  linnet_value value = linnet_value_string("twelve bytes");
  CHECK_EQUAL(linnet_batch_add(batch, linnet_path_object(1), &value), LINNET_OK);
  for (uint16_t i = 0; i < 1000; i++) {
    linnet_record record;
    CHECK_EQUAL(linnet_batch_record(batch, i, &record), LINNET_OK);
    CHECK_EQUAL(linnet_batch_add(batch, linnet_path_object(i), &record.value), LINNET_OK);
  }
  linnet_record last;
  CHECK_EQUAL(linnet_batch_record(batch, 1000, &last), LINNET_OK);
  CHECK(linnet_value_equal(&last.value, &value));
  linnet_batch_unref(batch);
  linnet_loop_unref(loop);
}

static void forgets_ids_beyond_the_depth(void) {
  linnet_loop *loop = new_loop();
  linnet_batch *batch = linnet_batch_new(loop);
  linnet_path path = {{1, 2, 3, 4}, 2};
  linnet_value value = linnet_value_none();
  linnet_record record;
  linnet_batch_add(batch, path, &value);
  linnet_batch_record(batch, 0, &record);
  CHECK_EQUAL(record.path.id[2], 0);
  CHECK_EQUAL(record.path.depth, 2);
  linnet_batch_unref(batch);
  linnet_loop_unref(loop);
}

static void keeps_its_memory_when_emptied(void) {
  linnet_loop *loop = new_loop();
  linnet_batch *batch = linnet_batch_new(loop);
  linnet_value value = linnet_value_string("abc");
  linnet_batch_add(batch, linnet_path_object(1), &value);
  size_t before = linnet_loop_memory_used(loop);
  linnet_batch_clear(batch);
  CHECK_EQUAL(linnet_batch_count(batch), 0);
  linnet_batch_add(batch, linnet_path_object(1), &value);
  CHECK_EQUAL(linnet_loop_memory_used(loop), before);
  linnet_batch_unref(batch);
  linnet_loop_unref(loop);
}

static void drops_records_from_the_end_with_their_bytes(void) {
  linnet_loop *loop = new_loop();
  linnet_batch *batch = linnet_batch_new(loop);
  linnet_value text = linnet_value_string("abc"), number = linnet_value_integer(1),
               other = linnet_value_string("xyz"), found;
  linnet_batch_add(batch, linnet_path_object(1), &text);
  linnet_batch_add(batch, linnet_path_object(2), &number);
  linnet_batch_add(batch, linnet_path_object(3), &other);
  linnet__batch_truncate(batch, 7);
  CHECK_EQUAL(linnet_batch_count(batch), 3);
  linnet__batch_truncate(batch, 1);
  CHECK_EQUAL(linnet_batch_count(batch), 1);
  linnet_batch_add(batch, linnet_path_object(4), &other);
  CHECK(linnet_batch_find(batch, linnet_path_object(1), &found) == LINNET_OK &&
        linnet_value_equal(&found, &text));
  CHECK(linnet_batch_find(batch, linnet_path_object(4), &found) == LINNET_OK &&
        linnet_value_equal(&found, &other));
  CHECK(linnet_batch_loop(batch) == loop);
  linnet_batch_unref(batch);
  linnet_loop_unref(loop);
}

static void trades_records_and_keeps_a_payload(void) {
  linnet_loop *loop = new_loop();
  linnet_batch *a = linnet_batch_new(loop), *b = linnet_batch_new(loop);
  linnet_value value = linnet_value_string("abc"), found;
  linnet_batch_add(a, linnet_path_object(1), &value);
  linnet__buffer_append_text(linnet__batch_buffer(a), "payload");
  linnet__batch_swap(a, b);
  CHECK_EQUAL(linnet_batch_count(a), 0);
  CHECK_TEXT(linnet__buffer_text(linnet__batch_buffer(a)), "payload");
  linnet_batch_unref(a);
  CHECK(linnet_batch_find(b, linnet_path_object(1), &found) == LINNET_OK &&
        linnet_value_equal(&found, &value));
  linnet_batch_unref(b);
  linnet_loop_unref(loop);
}

static void refuses_what_is_no_record(void) {
  linnet_loop *loop = new_loop();
  linnet_batch *batch = linnet_batch_new(loop);
  linnet_path deep = {{1, 2, 3, 4}, 5};
  linnet_value value = linnet_value_none(), odd = {.type = (linnet_type)42};
  CHECK_EQUAL(linnet_batch_add(batch, deep, &value), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet_batch_add(batch, linnet_path_root(), &odd), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet_batch_add(batch, linnet_path_root(), NULL), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet_batch_add_record(batch, NULL), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet_batch_count(batch), 0);
  linnet_batch_unref(batch);
  linnet_loop_unref(loop);
}

static void keeps_its_loop(void) {
  linnet_loop *loop = new_loop();
  linnet_batch *batch = linnet_batch_new(loop);
  CHECK(linnet_batch_loop(batch) == loop);
  linnet_loop_unref(loop);
  linnet_value value = linnet_value_string("abc");
  CHECK_EQUAL(linnet_batch_add(linnet_batch_ref(batch), linnet_path_root(), &value), LINNET_OK);
  linnet_batch_unref(batch);
  linnet_batch_unref(batch);
  linnet_batch_unref(NULL);
}

static void *failing(void *user, void *block, size_t size) {
  int *left = user;
  if (size > 0 && (*left)-- <= 0) return NULL;
  if (size > 0) return realloc(block, size);
  free(block);
  return NULL;
}

static void stands_as_it_was_at_every_failing_allocation(void) {
  for (int allocations = 0; allocations < 20; allocations++) {
    int left = 1;
    linnet_loop *loop = linnet_loop_new_with_memory("0123456789abcdef", 16, failing, &left);
    left = allocations;
    linnet_batch *batch = linnet_batch_new(loop);
    CHECK((batch == NULL) == (allocations == 0));
    linnet_value value = linnet_value_string("0123456789"), found;
    uint16_t count = 0;
    while (batch != NULL && count < 200 &&
           linnet_batch_add(batch, linnet_path_object(count), &value) == LINNET_OK)
      count++;
    for (uint16_t i = 0; batch != NULL && i < count; i++) {
      CHECK_EQUAL(linnet_batch_find(batch, linnet_path_object(i), &found), LINNET_OK);
      CHECK(linnet_value_equal(&found, &value));
    }
    if (batch != NULL) CHECK_EQUAL(linnet_batch_count(batch), count);
    left = 10;
    if (batch != NULL) CHECK_EQUAL(linnet_batch_add(batch, linnet_path_root(), &value), LINNET_OK);
    linnet_batch_unref(batch);
    linnet_loop_unref(loop);
  }
}

int main(void) {
  return RUN(gives_records_back_in_order, takes_copies_of_its_own_values, forgets_ids_beyond_the_depth,
             keeps_its_memory_when_emptied, drops_records_from_the_end_with_their_bytes,
             trades_records_and_keeps_a_payload, refuses_what_is_no_record, keeps_its_loop,
             stands_as_it_was_at_every_failing_allocation);
}
