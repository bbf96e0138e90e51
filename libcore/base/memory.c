/* SPDX-License-Identifier: Apache-2.0 */
/* memory.c: the loop's allocator with its count (docs/architecture.md, sections 2 and 8). */
#include "memory.h"

#include <string.h>

#include "loop_state.h"

void *linnet__new(linnet_loop *loop, size_t size) {
  void *block = loop->reallocate(loop->memory_user, NULL, size);
  if (block == NULL) return NULL;
  memset(block, 0, size);
  loop->memory_used += size;
  return block;
}

void *linnet__resize(linnet_loop *loop, void *block, size_t old_size, size_t new_size) {
  void *moved = loop->reallocate(loop->memory_user, block, new_size);
  if (moved == NULL) return NULL;
  loop->memory_used += new_size;
  if (block != NULL) loop->memory_used -= old_size;
  return moved;
}

void linnet__free(linnet_loop *loop, void *block, size_t size) {
  if (block == NULL) return;
  loop->memory_used -= size;
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
