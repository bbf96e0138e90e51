/* SPDX-License-Identifier: Apache-2.0 */
/* file_store.c: files that are whole at any time: write, fsync, rename (docs/architecture.md section 8). */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store.h"

#define LARGEST ((off_t)64 << 20)
#define PATH_SIZE LINNET__PATH_SIZE

static linnet_status fail(linnet_loop *loop, const char *call, const char *path, int error) {
  char what[200];
  snprintf(what, sizeof what, "cannot %s %.150s", call, path);
  return linnet__driver_fail(loop, what, error);
}

/* ---- reading ------------------------------------------------------------------------------------- */

/* False: errno. A file that shrinks meanwhile gives less. */
static bool read_all(int descriptor, linnet__file *file, size_t size) {
  while (file->length < size) {
    ssize_t count = read(descriptor, file->data + file->length, size - file->length);
    if (count == 0) break;
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    file->length += (size_t)count;
  }
  return true;
}

/* 0, or the error; EFBIG over the limit. */
static int read_open(int descriptor, linnet__file *file) {
  struct stat facts;
  if (fstat(descriptor, &facts) != 0) return errno;
  if (!S_ISREG(facts.st_mode)) return EISDIR;
  if (facts.st_size > LARGEST) return EFBIG;
  file->data = malloc((size_t)facts.st_size + 1);
  if (file->data == NULL) return ENOMEM;
  return read_all(descriptor, file, (size_t)facts.st_size) ? 0 : errno;
}

linnet_status linnet__file_read(linnet_loop *loop, const char *path, linnet__file *file) {
  memset(file, 0, sizeof *file);
  int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return errno == ENOENT ? LINNET_ERROR_NOT_FOUND : fail(loop, "read", path, errno);
  int error = read_open(descriptor, file);
  close(descriptor);
  if (error == 0) return LINNET_OK;
  free(file->data);
  memset(file, 0, sizeof *file);
  return error == EFBIG ? LINNET_ERROR_TOO_LARGE : fail(loop, "read", path, error);
}

/* ---- writing ------------------------------------------------------------------------------------- */

bool linnet__file_append(int descriptor, const void *data, size_t length) {
  const uint8_t *bytes = data;
  while (length > 0) {
    ssize_t count = write(descriptor, bytes, length);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    bytes += count;
    length -= (size_t)count;
  }
  return true;
}

/* The folder remembers the new name only once it was synced. Some file systems cannot; then nothing can. */
void linnet__file_sync_folder(const char *path) {
  char folder[PATH_SIZE];
  const char *end = strrchr(path, '/');
  if (end == NULL)
    snprintf(folder, sizeof folder, ".");
  else
    snprintf(folder, sizeof folder, "%.*s", end == path ? 1 : (int)(end - path), path);
  int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  (void)fsync(descriptor);
  close(descriptor);
}

int linnet__file_create(const char *path) {
  int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (descriptor < 0 || fchmod(descriptor, S_IRUSR | S_IWUSR) == 0) return descriptor;
  int error = errno;
  close(descriptor);
  errno = error;
  return -1;
}

/* 0, or the error. */
static int write_new(const char *path, const void *data, size_t length) {
  int descriptor = linnet__file_create(path);
  if (descriptor < 0) return errno;
  int error = 0;
  if (!linnet__file_append(descriptor, data, length) || fsync(descriptor) != 0) error = errno;
  if (close(descriptor) != 0 && error == 0) error = errno;
  return error;
}

linnet_status linnet__file_write(linnet_loop *loop, const char *path, const void *data, size_t length) {
  char fresh[PATH_SIZE];
  int size = snprintf(fresh, sizeof fresh, "%s.new", path);
  if (size < 0 || (size_t)size >= sizeof fresh) return fail(loop, "write", path, ENAMETOOLONG);
  int error = write_new(fresh, data, length);
  if (error == 0 && rename(fresh, path) != 0) error = errno;
  if (error != 0) {
    (void)unlink(fresh);
    return fail(loop, "write", path, error);
  }
  linnet__file_sync_folder(path);
  return LINNET_OK;
}

linnet_status linnet__file_set_aside(linnet_loop *loop, const char *path) {
  char aside[PATH_SIZE];
  int size = snprintf(aside, sizeof aside, "%s.damaged", path);
  if (size < 0 || (size_t)size >= sizeof aside) return fail(loop, "set aside", path, ENAMETOOLONG);
  if (rename(path, aside) != 0) return fail(loop, "set aside", path, errno);
  linnet__file_sync_folder(path);
  return LINNET_OK;
}
