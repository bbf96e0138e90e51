/* SPDX-License-Identifier: Apache-2.0 */
/* memory.c: the allocator of a loop in the world, which fails on demand (docs/architecture.md, section 7). */
#include <stdlib.h>

#include "sim_internal.h"

struct linnet__sim_memory {
  bool released;
  size_t blocks;  /* handed out; with the last one goes the loop */
  uint32_t after; /* allocations that still succeed */
  uint32_t count; /* and then fail; UINT32_MAX: all */
};

linnet__sim_memory *linnet__sim_memory_new(void) { return calloc(1, sizeof(linnet__sim_memory)); }

static void free_if_unused(linnet__sim_memory *memory) {
  if (memory->released && memory->blocks == 0) free(memory);
}

void linnet__sim_memory_release(linnet__sim_memory *memory) {
  memory->released = true;
  free_if_unused(memory);
}

void linnet__sim_memory_fail(linnet__sim_memory *memory, uint32_t after, uint32_t count) {
  memory->after = after;
  memory->count = count;
}

static bool fails(linnet__sim_memory *memory) {
  if (memory->count == 0) return false;
  if (memory->after > 0) {
    memory->after--;
    return false;
  }
  if (memory->count != UINT32_MAX) memory->count--;
  return true;
}

void *linnet__sim_memory_reallocate(void *user, void *block, size_t size) {
  linnet__sim_memory *memory = user;
  if (size == 0) {
    if (block == NULL) return NULL;
    free(block);
    memory->blocks--;
    free_if_unused(memory);
    return NULL;
  }
  void *moved = fails(memory) ? NULL : realloc(block, size);
  if (moved != NULL && block == NULL) memory->blocks++;
  return moved;
}
