/* SPDX-License-Identifier: Apache-2.0 */
/* pool.c: a bounded stock of freed blocks (pool.h). */
#include "pool.h"

#include <string.h>

#define STOCK 256

void linnet__pool_init(linnet__pool *pool, size_t size) { *pool = (linnet__pool){.size = size}; }

static void *take_spare(linnet__pool *pool) {
  void *block = pool->spare;
  if (block == NULL) return NULL;
  memcpy(&pool->spare, block, sizeof pool->spare);
  pool->count--;
  return block;
}

void linnet__pool_free(linnet__pool *pool, linnet_loop *loop) {
  for (void *block; (block = take_spare(pool)) != NULL;) linnet__free(loop, block, pool->size);
}

void *linnet__pool_take(linnet__pool *pool, linnet_loop *loop) {
  void *block = take_spare(pool);
  if (block == NULL) return linnet__new(loop, pool->size);
  memset(block, 0, pool->size);
  return block;
}

void linnet__pool_give(linnet__pool *pool, linnet_loop *loop, void *block) {
  if (block == NULL) return;
  if (pool->count == STOCK) {
    linnet__free(loop, block, pool->size);
    return;
  }
  memcpy(block, &pool->spare, sizeof pool->spare);
  pool->spare = block;
  pool->count++;
}
