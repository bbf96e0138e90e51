/* SPDX-License-Identifier: Apache-2.0 */
/* stock_none.c: no stock, for builds that look for the use of freed memory (stock.h). */
#include "stock.h"

size_t linnet__stock_size(size_t size) { return size; }

void *linnet__stock_take(linnet__stock *stock, size_t size) {
  (void)stock;
  (void)size;
  return NULL;
}

bool linnet__stock_give(linnet__stock *stock, void *block, size_t size) {
  (void)stock;
  (void)block;
  (void)size;
  return false;
}

void *linnet__stock_empty(linnet__stock *stock) {
  (void)stock;
  return NULL;
}
