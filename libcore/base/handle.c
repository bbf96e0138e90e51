/* SPDX-License-Identifier: Apache-2.0 */
/* handle.c: reference counts of the public handles (docs/architecture.md, section 3). */
#include "handle.h"

#include "log.h"
#include "memory.h"
#include "runtime.h"

/* Far from zero, so that a reference taken and given back inside destroy does not destroy again. */
#define BEING_DESTROYED 0x80000000u

void *linnet__handle_new(linnet_loop *loop, size_t size, void (*destroy)(linnet__handle *handle)) {
  linnet__handle *handle = linnet__new(loop, size);
  if (handle == NULL) {
    linnet__fail(loop, LINNET_ERROR_NO_MEMORY, "out of memory for a new handle of %U bytes", (uint64_t)size);
    return NULL;
  }
  handle->references = 1;
  handle->number = linnet__loop_number(loop);
  handle->loop = linnet_loop_ref(loop);
  handle->destroy = destroy;
  handle->size = size;
  return handle;
}

void linnet__handle_ref(linnet__handle *handle) { handle->references++; }

void linnet__handle_unref(linnet__handle *handle) {
  if (handle == NULL || --handle->references > 0) return;
  handle->references = BEING_DESTROYED;
  handle->destroy(handle);
}

void linnet__handle_free(linnet__handle *handle) {
  linnet_loop *loop = handle->loop;
  linnet__free(loop, handle, handle->size);
  linnet_loop_unref(loop);
}
