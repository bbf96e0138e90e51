/* SPDX-License-Identifier: Apache-2.0 */
/* store.h: bytes in files; only for the files of driver. */
#ifndef LINNET_DRIVER_STORE_H
#define LINNET_DRIVER_STORE_H

#include "driver_internal.h"

#define LINNET__PATH_SIZE 4096

/* What a file holds; free(data). */
typedef struct linnet__file {
  uint8_t *data;
  size_t length;
} linnet__file;

/* NOT_FOUND: there is no such file. TOO_LARGE: over 64 MiB. SYSTEM; the loop has the words. */
linnet_status linnet__file_read(linnet_loop *loop, const char *path, linnet__file *file);
/* The old file or the new one: nothing in between, whatever happens. SYSTEM; the loop has the words. */
linnet_status linnet__file_write(linnet_loop *loop, const char *path, const void *data, size_t length);
/* For the user alone, empty, for writing; -1: errno. */
int linnet__file_create(const char *path);
/* All of it; false: errno. */
bool linnet__file_append(int descriptor, const void *data, size_t length);
/* What was renamed to that path stays so. */
void linnet__file_sync_folder(const char *path);
/* Becomes "<path>.damaged", in place of a former one. */
linnet_status linnet__file_set_aside(linnet_loop *loop, const char *path);

#endif
