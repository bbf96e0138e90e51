/* SPDX-License-Identifier: Apache-2.0 */
/* pool.h: a small stock of blocks of one size, so that the busy path does not allocate. */
#ifndef LINNET_COAP_POOL_H
#define LINNET_COAP_POOL_H

#include "../base/base.h"

typedef struct linnet__pool {
  void *spare; /* each begins with a pointer to the next */
  size_t count;
  size_t size; /* of a block */
} linnet__pool;

void linnet__pool_init(linnet__pool *pool, size_t size);
void linnet__pool_free(linnet__pool *pool, linnet_loop *loop);
/* Zeroed; NULL: no memory. */
void *linnet__pool_take(linnet__pool *pool, linnet_loop *loop);
/* Beyond a bounded stock the memory goes back. NULL is allowed. */
void linnet__pool_give(linnet__pool *pool, linnet_loop *loop, void *block);

#endif
