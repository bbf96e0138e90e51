/* SPDX-License-Identifier: Apache-2.0 */
/* memory.h and stock.h: blocks of every size, given back and asked for again. */
#include "base/base.h"
#include "base/stock.h"
#include "check.h"

#define BLOCKS 300

static void zeroes_what_it_gives_also_a_second_time(void) {
  linnet_loop *loop = linnet_loop_new("0123456789abcdef", 16);
  size_t before = linnet_loop_memory_used(loop);
  for (int round = 0; round < 3; round++)
    for (size_t size = 1; size < 700; size += 7) {
      uint8_t *block = linnet__new(loop, size);
      CHECK_EQUAL(linnet_loop_memory_used(loop), before + size);
      for (size_t i = 0; i < size; i++) CHECK_EQUAL(block[i], 0);
      memset(block, 0xA5, size);
      linnet__free(loop, block, size);
      CHECK_EQUAL(linnet_loop_memory_used(loop), before);
    }
  linnet_loop_unref(loop);
}

static void keeps_the_bytes_of_a_block_that_changes_its_size(void) {
  linnet_loop *loop = linnet_loop_new("0123456789abcdef", 16);
  size_t before = linnet_loop_memory_used(loop), size = 0;
  uint8_t *block = NULL;
  for (int round = 0; round < 2000; round++) {
    size_t wanted = 1 + linnet__random_u32(loop) % 600;
    block = linnet__resize(loop, block, size, wanted);
    for (size_t i = 0; i < size && i < wanted; i++) CHECK_EQUAL(block[i], (uint8_t)(i * 7));
    for (size_t i = 0; i < wanted; i++) block[i] = (uint8_t)(i * 7);
    size = wanted;
    CHECK_EQUAL(linnet_loop_memory_used(loop), before + size);
    linnet__free(loop, linnet__new(loop, wanted), wanted); /* something to be found in stock */
  }
  linnet__free(loop, block, size);
  linnet_loop_unref(loop);
}

static void never_gives_a_block_twice(void) {
  linnet_loop *loop = linnet_loop_new("0123456789abcdef", 16);
  uint32_t *blocks[BLOCKS] = {0};
  for (uint32_t round = 0; round < 20000; round++) {
    uint32_t i = linnet__random_u32(loop) % BLOCKS;
    size_t size = 16 + i % 40;
    if (blocks[i] != NULL) CHECK_EQUAL(*blocks[i], i);
    if (blocks[i] != NULL) {
      linnet__free(loop, blocks[i], size);
      blocks[i] = NULL;
    } else {
      blocks[i] = linnet__new(loop, size);
      *blocks[i] = i;
    }
  }
  for (uint32_t i = 0; i < BLOCKS; i++) linnet__free(loop, blocks[i], 16 + i % 40);
  linnet_loop_unref(loop);
}

static void *counting(void *user, void *block, size_t size) {
  int *calls = user;
  ++*calls;
  if (size > 0) return realloc(block, size);
  free(block);
  return NULL;
}

static void asks_an_allocator_of_the_caller_for_every_block(void) {
  int calls = 0;
  linnet_loop *loop = linnet_loop_new_with_memory("0123456789abcdef", 16, counting, &calls);
  CHECK_EQUAL(calls, 1);
  for (int i = 1; i <= 10; i++) {
    linnet__free(loop, linnet__new(loop, 48), 48);
    CHECK_EQUAL(calls, 1 + 2 * i);
  }
  linnet_loop_unref(loop);
}

static void a_stock_is_bounded(void) {
  linnet__stock stock = {0};
  int kept = 0;
  for (int i = 0; i < BLOCKS; i++) {
    void *block = malloc(linnet__stock_size(40));
    if (linnet__stock_give(&stock, block, 40))
      kept++;
    else
      free(block);
  }
  CHECK(kept <= 128);
  CHECK(linnet__stock_take(&stock, 24) == NULL); /* too large */
  CHECK(linnet__stock_take(&stock, 49) == NULL); /* too small */
  CHECK(linnet__stock_take(&stock, 0) == NULL);
  CHECK(!linnet__stock_give(&stock, &kept, 100000));
  int taken = 0;
  for (void *block; (block = linnet__stock_empty(&stock)) != NULL; taken++) free(block);
  CHECK_EQUAL(taken, kept);
}

int main(void) {
  return RUN(zeroes_what_it_gives_also_a_second_time, keeps_the_bytes_of_a_block_that_changes_its_size,
             never_gives_a_block_twice, asks_an_allocator_of_the_caller_for_every_block, a_stock_is_bounded);
}
