/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stock.h: freed blocks that are kept for the next of their size: each message takes and gives some.
 *
 * Small blocks only, a bounded number of each size. A build with sanitizers has stock_none.c instead, which
 * keeps nothing, so that a freed block stays one.
 */
#ifndef LINNET_BASE_STOCK_H
#define LINNET_BASE_STOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINNET__STOCK_CLASSES 20

/* Zeroed is empty. */
typedef struct linnet__stock {
  void *spare[LINNET__STOCK_CLASSES]; /* each begins with a pointer to the next */
  uint8_t count[LINNET__STOCK_CLASSES];
} linnet__stock;

/* How large a block has to be so that it can come here: `size` or somewhat more. */
size_t linnet__stock_size(size_t size);
/* A block that has at least `size` bytes, or NULL. */
void *linnet__stock_take(linnet__stock *stock, size_t size);
/* False: it has no place here. */
bool linnet__stock_give(linnet__stock *stock, void *block, size_t size);
/* Any one of those that are kept; NULL: none is left. */
void *linnet__stock_empty(linnet__stock *stock);

#endif
