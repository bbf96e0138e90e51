/* SPDX-License-Identifier: Apache-2.0 */
/* memory.c: the loop's allocator with its count (docs/architecture.md, sections 2 and 8). */
#include "memory.h"

#include <string.h>

#include "loop_state.h"

/*
 * Allocators keep small blocks aside when they are freed, and join them with their neighbours when they are
 * next asked for a larger one, all at once: a fifth of a second for a million blocks. So they are asked for
 * one after so many.
 */
#define TIDY_AFTER 1024
#define TIDY_SIZE 4000

static void tidy(linnet_loop *loop) {
  loop->given_back = 0;
  void *block = loop->reallocate(loop->memory_user, NULL, TIDY_SIZE);
  if (block != NULL) loop->reallocate(loop->memory_user, block, 0);
}

static void *obtain(linnet_loop *loop, size_t size) {
  void *block = loop->has_stock ? linnet__stock_take(&loop->stock, size) : NULL;
  return block != NULL ? block : loop->reallocate(loop->memory_user, NULL, linnet__stock_size(size));
}

void *linnet__new(linnet_loop *loop, size_t size) {
  void *block = obtain(loop, size);
  if (block == NULL) return NULL;
  memset(block, 0, size);
  loop->memory_used += size;
  return block;
}

void *linnet__resize(linnet_loop *loop, void *block, size_t old_size, size_t new_size) {
  void *moved;
  size_t room = linnet__stock_size(new_size);
  if (block == NULL)
    moved = obtain(loop, new_size);
  else if (room == linnet__stock_size(old_size))
    moved = block;
  else
    moved = loop->reallocate(loop->memory_user, block, room);
  if (moved == NULL) return NULL;
  loop->memory_used += new_size;
  if (block != NULL) loop->memory_used -= old_size;
  return moved;
}

void linnet__free(linnet_loop *loop, void *block, size_t size) {
  if (block == NULL) return;
  loop->memory_used -= size;
  if (loop->has_stock && linnet__stock_give(&loop->stock, block, size)) return;
  loop->reallocate(loop->memory_user, block, 0);
  if (loop->has_stock && ++loop->given_back == TIDY_AFTER) tidy(loop);
}

void linnet__wipe(void *data, size_t length) {
  volatile uint8_t *bytes = data; /* the compiler may not think that nobody looks */
  while (length-- > 0) *bytes++ = 0;
}

void linnet__memory_trim(linnet_loop *loop) {
  for (void *block; (block = linnet__stock_empty(&loop->stock)) != NULL;)
    loop->reallocate(loop->memory_user, block, 0);
}

char *linnet__copy_text(linnet_loop *loop, const char *text, size_t length) {
  /* linnet__free_text finds the size again by the terminator, so there is only one. */
  const char *end = length > 0 ? memchr(text, 0, length) : NULL;
  if (end != NULL) length = (size_t)(end - text);
  char *copy = linnet__new(loop, length + 1);
  if (copy != NULL && length > 0) memcpy(copy, text, length);
  return copy;
}

void linnet__free_text(linnet_loop *loop, char *text) {
  if (text != NULL) linnet__free(loop, text, strlen(text) + 1);
}
