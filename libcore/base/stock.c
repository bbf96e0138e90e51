/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stock.c: a list of spare blocks for each size in steps of 16 bytes (stock.h). The sizes are 8, 24, 40, ...:
 * with the 8 bytes that an allocator puts in front of a block, none of them is rounded up once more.
 */
#include "stock.h"

#include <string.h>

#define GRAIN 16
#define FRONT 8
#define LARGEST ((size_t)GRAIN * LINNET__STOCK_CLASSES - FRONT)
/* Two for each of the messages that a driver receives at a time. */
#define KEPT 128

static size_t class_of(size_t size) { return (size + FRONT - 1) / GRAIN; }

size_t linnet__stock_size(size_t size) {
  return size == 0 || size > LARGEST ? size : (class_of(size) + 1) * GRAIN - FRONT;
}

static void *take(linnet__stock *stock, size_t class) {
  void *block = stock->spare[class];
  if (block == NULL) return NULL;
  memcpy(&stock->spare[class], block, sizeof stock->spare[class]);
  stock->count[class]--;
  return block;
}

void *linnet__stock_take(linnet__stock *stock, size_t size) {
  return size == 0 || size > LARGEST ? NULL : take(stock, class_of(size));
}

bool linnet__stock_give(linnet__stock *stock, void *block, size_t size) {
  if (size == 0 || size > LARGEST || stock->count[class_of(size)] == KEPT) return false;
  size_t class = class_of(size);
  memcpy(block, &stock->spare[class], sizeof stock->spare[class]);
  stock->spare[class] = block;
  stock->count[class]++;
  return true;
}

void *linnet__stock_empty(linnet__stock *stock) {
  void *block = NULL;
  for (size_t class = 0; class < LINNET__STOCK_CLASSES && block == NULL; class ++) block = take(stock, class);
  return block;
}
