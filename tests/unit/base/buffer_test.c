/* SPDX-License-Identifier: Apache-2.0 */
/* Buffers (buffer.h): growth, limits, and failure that sticks. */
#include "base/base.h"
#include "check.h"

static linnet_loop *new_loop(void) { return linnet_loop_new("0123456789abcdef", 16); }

static void grows_up_to_its_limit(void) {
  linnet_loop *loop = new_loop();
  size_t before = linnet_loop_memory_used(loop);
  linnet__buffer buffer;
  linnet__buffer_init(&buffer, loop, 1000);
  CHECK_EQUAL(linnet_loop_memory_used(loop), before);
  for (int i = 0; i < 1000; i++) CHECK_EQUAL(linnet__buffer_append_byte(&buffer, (uint8_t)i), LINNET_OK);
  CHECK_EQUAL(linnet__buffer_append_byte(&buffer, 1), LINNET_ERROR_TOO_LARGE);
  CHECK_EQUAL(buffer.length, 1000);
  for (int i = 0; i < 1000; i++) CHECK_EQUAL(buffer.data[i], (uint8_t)i);
  CHECK_EQUAL(strlen(linnet__buffer_text(&buffer)),
              0); /* the first byte is 0; a text of the full limit fits */
  CHECK_EQUAL(buffer.data[1000], 0);
  linnet__buffer_free(&buffer);
  CHECK_EQUAL(linnet_loop_memory_used(loop), before);
  linnet_loop_unref(loop);
}

static void does_nothing_after_a_failure(void) {
  char memory[4];
  linnet__buffer buffer;
  linnet__buffer_init_fixed(&buffer, memory, sizeof memory);
  CHECK_EQUAL(linnet__buffer_append_text(&buffer, "abc"), LINNET_OK);
  CHECK_EQUAL(linnet__buffer_append_text(&buffer, "de"), LINNET_ERROR_TOO_LARGE);
  CHECK_EQUAL(linnet__buffer_append_text(&buffer, "d"), LINNET_ERROR_TOO_LARGE);
  CHECK_EQUAL(linnet__buffer_append(&buffer, NULL, 0), LINNET_ERROR_TOO_LARGE);
  CHECK(linnet__buffer_reserve(&buffer, 1) == NULL);
  CHECK_EQUAL(linnet__buffer_insert(&buffer, 0, 1), LINNET_ERROR_TOO_LARGE);
  CHECK_TEXT(linnet__buffer_text(&buffer), "abc");
  linnet__buffer_clear(&buffer);
  CHECK_EQUAL(linnet__buffer_append_text(&buffer, "wxyz"), LINNET_OK);
  CHECK_TEXT(linnet__buffer_text(&buffer), ""); /* no room for the terminator */
  CHECK_BYTES(buffer.data, buffer.length, "wxyz", 4);
}

static void opens_gaps(void) {
  linnet_loop *loop = new_loop();
  linnet__buffer buffer;
  linnet__buffer_init(&buffer, loop, 100);
  linnet__buffer_append_text(&buffer, "adef");
  CHECK_EQUAL(linnet__buffer_insert(&buffer, 1, 2), LINNET_OK);
  memcpy(buffer.data + 1, "bc", 2);
  CHECK_EQUAL(linnet__buffer_insert(&buffer, 6, 1), LINNET_OK);
  buffer.data[6] = 'g';
  CHECK_TEXT(linnet__buffer_text(&buffer), "abcdefg");
  linnet__buffer_free(&buffer);
  linnet_loop_unref(loop);
}

static void reserves_without_counting(void) {
  linnet_loop *loop = new_loop();
  linnet__buffer buffer;
  linnet__buffer_init(&buffer, loop, 100);
  CHECK(linnet__buffer_reserve(&buffer, 0) != NULL);
  uint8_t *room = linnet__buffer_reserve(&buffer, 100);
  CHECK(room != NULL);
  memset(room, 7, 100);
  CHECK_EQUAL(buffer.length, 0);
  CHECK(linnet__buffer_reserve(&buffer, SIZE_MAX) == NULL);
  CHECK_EQUAL(buffer.failed, LINNET_ERROR_TOO_LARGE);
  linnet__buffer_free(&buffer);
  linnet_loop_unref(loop);
}

static void writes_numbers(void) {
  char memory[64];
  linnet__buffer buffer;
  linnet__buffer_init_fixed(&buffer, memory, sizeof memory);
  linnet__buffer_append_unsigned(&buffer, UINT64_MAX);
  linnet__buffer_append_byte(&buffer, ' ');
  linnet__buffer_append_integer(&buffer, -5);
  linnet__buffer_append_byte(&buffer, ' ');
  linnet__buffer_append_float(&buffer, 0.25);
  CHECK_TEXT(linnet__buffer_text(&buffer), "18446744073709551615 -5 0.25");
}

static void *failing(void *user, void *block, size_t size) {
  bool *fails = user;
  if (size > 0 && *fails) return NULL;
  if (size > 0) return realloc(block, size);
  free(block);
  return NULL;
}

static void says_that_there_is_no_memory(void) {
  bool fails = false;
  linnet_loop *loop = linnet_loop_new_with_memory("0123456789abcdef", 16, failing, &fails);
  linnet__buffer buffer;
  linnet__buffer_init(&buffer, loop, SIZE_MAX);
  fails = true;
  CHECK_EQUAL(linnet__buffer_append_text(&buffer, "a"), LINNET_ERROR_NO_MEMORY);
  CHECK_TEXT(linnet__buffer_text(&buffer), "");
  fails = false;
  CHECK_EQUAL(linnet__buffer_append_text(&buffer, "a"), LINNET_ERROR_NO_MEMORY);
  linnet__buffer_clear(&buffer);
  CHECK_EQUAL(linnet__buffer_append_text(&buffer, "a"), LINNET_OK);
  linnet__buffer_free(&buffer);
  linnet_loop_unref(loop);
}

int main(void) {
  return RUN(grows_up_to_its_limit, does_nothing_after_a_failure, opens_gaps, reserves_without_counting,
             writes_numbers, says_that_there_is_no_memory);
}
