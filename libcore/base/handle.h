/* SPDX-License-Identifier: Apache-2.0 */
/*
 * handle.h: what every public handle begins with: a reference count, the loop it holds, a number.
 *
 * Close acts at once, memory lives until the last reference. The core holds a reference around
 * every call into user code and looks at `closed` after it.
 */
#ifndef LINNET_BASE_HANDLE_H
#define LINNET_BASE_HANDLE_H

#include <stdbool.h>
#include <stdint.h>

#include <linnet/loop.h>

typedef struct linnet__handle linnet__handle;

struct linnet__handle {
  uint32_t references;
  bool closed;
  uint64_t number;   /* unique on its loop, from 1 */
  linnet_loop *loop; /* holds a reference */
  void (*destroy)(
      linnet__handle *handle); /* frees what hangs on it, then the handle with linnet__handle_free */
  size_t size;
};

/* Zeroed memory of `size` bytes that begins with a linnet__handle, one reference; NULL: no memory (the error
 * text is set). */
void *linnet__handle_new(linnet_loop *loop, size_t size, void (*destroy)(linnet__handle *handle));
void linnet__handle_ref(linnet__handle *handle);
/* Calls destroy at the last one. NULL is allowed. */
void linnet__handle_unref(linnet__handle *handle);
/* Frees the memory and gives the loop back: the last act of destroy. */
void linnet__handle_free(linnet__handle *handle);

#endif
