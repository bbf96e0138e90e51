/* SPDX-License-Identifier: Apache-2.0 */
/* memory.h: every allocation of the library goes through the loop's allocator. */
#ifndef LINNET_BASE_MEMORY_H
#define LINNET_BASE_MEMORY_H

#include <stddef.h>

#include <linnet/loop.h>

/* Zeroed memory, or NULL. `size` > 0. Counted in linnet_loop_memory_used. */
void *linnet__new(linnet_loop *loop, size_t size);
/* As realloc; NULL leaves the block as it was. New bytes are not zeroed. The caller knows the old size. */
void *linnet__resize(linnet_loop *loop, void *block, size_t old_size, size_t new_size);
/* `size` is what was asked for. NULL is allowed. */
void linnet__free(linnet_loop *loop, void *block, size_t size);
/* Overwrites a secret, and is not optimized away. */
void linnet__wipe(void *data, size_t length);
/* Gives back to the caller's allocator what is free but still in stock: before the loop goes. */
void linnet__memory_trim(linnet_loop *loop);
/* A terminated copy of `length` bytes, or of those before the first zero byte; free with linnet__free_text.
 */
char *linnet__copy_text(linnet_loop *loop, const char *text, size_t length);
void linnet__free_text(linnet_loop *loop, char *text);

#endif
