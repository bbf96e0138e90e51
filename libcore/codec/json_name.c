/* SPDX-License-Identifier: Apache-2.0 */
/* json_name.c: from "bn" and "n" to a path (digest 7.2; FMT-20, FMT-21, FMT-23, FMT-25). */
#include <string.h>

#include "codec_internal.h"

/* Room for two texts that can still be a path together, and a slash between. */
#define NAME_SIZE (LINNET_PATH_TEXT_SIZE + 2)

typedef struct text {
  const char *data;
  size_t length;
} text;

/* One way to read the names. False: no path. One slash at the end of all is no matter. */
static bool join(text left, const char *middle, text right, linnet_path *path) {
  char joined[NAME_SIZE];
  size_t between = strlen(middle), length = left.length + between + right.length;
  if (left.length >= NAME_SIZE || right.length >= NAME_SIZE || length >= NAME_SIZE) return false;
  if (left.length > 0) memcpy(joined, left.data, left.length);
  memcpy(joined + left.length, middle, between);
  if (right.length > 0) memcpy(joined + left.length + between, right.data, right.length);
  if (memchr(joined, '\0', length) != NULL) return false;
  if (length > 1 && joined[length - 1] == '/') length--;
  joined[length] = '\0';
  return linnet_path_parse(path, joined) == LINNET_OK;
}

/* Inside the base, and as deep as a value stands; two ids below an object are a resource without instance
 * (FMT-25). */
static bool fits(linnet_path path, linnet_path base) {
  return linnet_path_within(path, base) && (path.depth >= 3 || (base.depth == 1 && path.depth == 2));
}

/* For a path that does not fit: it may be another resource (FMT-23), or no place for a value at all. */
static linnet_status misfit(linnet_path path) {
  return path.depth >= 3 ? LINNET_ERROR_NOT_FOUND : LINNET_ERROR_MALFORMED;
}

linnet_status linnet__json_resolve(const linnet__reader *reader, const char *name, size_t length,
                                   linnet_path *path) {
  char base_text[LINNET_PATH_TEXT_SIZE];
  const text none = {"", 0}, n = {name, length};
  text before = {(const char *)reader->scratch->data, reader->base_name_length};
  bool tries_again = length > 0 && name[0] != '/';
  bool found;
  if (before.length > 0) {
    found = join(before, "", n, path);
    /* FMT-20: a slash between the two that was forgotten. */
    tries_again = tries_again && before.data[before.length - 1] != '/';
  } else {
    /* FMT-21: a full path, or one below what was asked for, or just that. */
    found = length > 0 && join(none, "", n, path);
    before.data = linnet_path_text(reader->base, base_text);
    before.length = reader->base.depth == 0 ? 0 : strlen(base_text);
    tries_again = tries_again || length == 0;
  }
  if (found && fits(*path, reader->base)) return LINNET_OK;
  linnet_path second;
  if (!tries_again || !join(before, length == 0 ? "" : "/", n, &second))
    return found ? misfit(*path) : LINNET_ERROR_MALFORMED;
  if (!fits(second, reader->base) && found) return misfit(*path);
  *path = second;
  return fits(second, reader->base) ? LINNET_OK : misfit(second);
}
