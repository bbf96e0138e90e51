/* SPDX-License-Identifier: Apache-2.0 */
/* Handles and the loop's memory (handle.h, memory.h). */
#include "base/base.h"
#include "check.h"

typedef struct thing {
  linnet__handle handle;
  int *destroyed;
} thing;

static void destroy(linnet__handle *handle) {
  ++*((thing *)(void *)handle)->destroyed;
  linnet__handle_ref(handle); /* as code does that protects itself around a call */
  linnet__handle_unref(handle);
  linnet__handle_free(handle);
}

static void destroys_once_and_gives_the_loop_back(void) {
  linnet_loop *loop = linnet_loop_new("0123456789abcdef", 16);
  int destroyed = 0;
  thing *a = linnet__handle_new(loop, sizeof *a, destroy), *b = linnet__handle_new(loop, sizeof *b, destroy);
  a->destroyed = b->destroyed = &destroyed;
  CHECK_EQUAL(a->handle.number, 1);
  CHECK_EQUAL(b->handle.number, 2);
  CHECK(!a->handle.closed);
  linnet_loop_unref(loop); /* the handles keep it */
  linnet__handle_ref(&a->handle);
  linnet__handle_unref(&a->handle);
  CHECK_EQUAL(destroyed, 0);
  linnet__handle_unref(&a->handle);
  CHECK_EQUAL(destroyed, 1);
  CHECK(linnet_loop_memory_used(b->handle.loop) > sizeof *b);
  linnet__handle_unref(&b->handle);
  CHECK_EQUAL(destroyed, 2);
  linnet__handle_unref(NULL);
}

static void *failing(void *user, void *block, size_t size) {
  bool *fails = user;
  if (size > 0 && *fails) return NULL;
  if (size > 0) return realloc(block, size);
  free(block);
  return NULL;
}

static void says_why_there_is_no_handle(void) {
  bool fails = true;
  CHECK(linnet_loop_new_with_memory("0123456789abcdef", 16, failing, &fails) == NULL);
  fails = false;
  linnet_loop *loop = linnet_loop_new_with_memory("0123456789abcdef", 16, failing, &fails);
  fails = true;
  CHECK(linnet__handle_new(loop, sizeof(thing), destroy) == NULL);
  CHECK(strlen(linnet_error_text(loop)) > 0);
  linnet_loop_unref(loop);
}

static void counts_memory_as_asked_for(void) {
  linnet_loop *loop = linnet_loop_new("0123456789abcdef", 16);
  size_t before = linnet_loop_memory_used(loop);
  uint8_t *block = linnet__new(loop, 100);
  for (int i = 0; i < 100; i++) CHECK_EQUAL(block[i], 0);
  CHECK_EQUAL(linnet_loop_memory_used(loop), before + 100);
  block = linnet__resize(loop, block, 100, 150);
  CHECK_EQUAL(linnet_loop_memory_used(loop), before + 150);
  linnet__free(loop, block, 150);
  linnet__free(loop, NULL, 150);
  char *text = linnet__copy_text(loop, "abc\0def", 7), *empty = linnet__copy_text(loop, NULL, 0);
  CHECK_TEXT(text, "abc");
  CHECK_TEXT(empty, "");
  linnet__free_text(loop, text);
  linnet__free_text(loop, empty);
  linnet__free_text(loop, NULL);
  CHECK_EQUAL(linnet_loop_memory_used(loop), before);
  linnet_loop_unref(loop);
}

int main(void) {
  return RUN(destroys_once_and_gives_the_loop_back, says_why_there_is_no_handle, counts_memory_as_asked_for);
}
