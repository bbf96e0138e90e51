/* SPDX-License-Identifier: Apache-2.0 */
/* json_name.c: from "bn" and "n" to a path (digest 7.2; FMT-20, FMT-21, FMT-23, FMT-25). */
#include <string.h>

#include "codec_internal.h"

typedef struct text {
  const char *data;
  size_t length;
} text;

bool linnet__json_path(linnet__buffer *name, linnet_path *path) {
  if (name->failed == LINNET_OK && name->length > 1 && name->data[name->length - 1] == '/') name->length--;
  const char *whole = linnet__buffer_text(name);
  return name->failed == LINNET_OK && strlen(whole) == name->length &&
         linnet_path_parse(path, whole) == LINNET_OK;
}

/* One way to read the names. False: no path. */
static bool join(text left, const char *middle, text right, linnet_path *path) {
  char memory[LINNET__JSON_NAME_SIZE];
  linnet__buffer name;
  linnet__buffer_init_fixed(&name, memory, sizeof memory);
  linnet__buffer_append(&name, left.data, left.length);
  linnet__buffer_append_text(&name, middle);
  linnet__buffer_append(&name, right.data, right.length);
  return linnet__json_path(&name, path);
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
