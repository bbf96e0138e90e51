/* SPDX-License-Identifier: Apache-2.0 */
/* path.c: paths as text, and their order (path.h, MOD-06). */
#include <linnet/path.h>
#include <string.h>

#include "../base/base.h"

#define IDS 4

linnet_status linnet_path_parse(linnet_path *path, const char *text) {
  linnet_path result = linnet_path_root();
  if (text == NULL) return LINNET_ERROR_INVALID_ARGUMENT;
  if (*text == '/') text++;
  while (*text != 0) {
    size_t length = strcspn(text, "/");
    uint64_t id;
    bool leading_zero = length > 1 && text[0] == '0';
    if (result.depth == IDS || leading_zero || !linnet__parse_unsigned(text, length, UINT16_MAX, &id))
      return LINNET_ERROR_INVALID_ARGUMENT;
    result.id[result.depth++] = (uint16_t)id;
    text += length;
    if (*text == '/' && *++text == 0) return LINNET_ERROR_INVALID_ARGUMENT;
  }
  *path = result;
  return LINNET_OK;
}

static size_t depth_of(const linnet_path *path) { return path->depth < IDS ? path->depth : IDS; }

static bool begin_alike(const linnet_path *a, const linnet_path *b, size_t depth) {
  for (size_t i = 0; i < depth; i++)
    if (a->id[i] != b->id[i]) return false;
  return true;
}

const char *linnet_path_text(linnet_path path, char text[LINNET_PATH_TEXT_SIZE]) {
  size_t length = 0;
  for (size_t i = 0; i < depth_of(&path); i++) {
    char digits[LINNET__INTEGER_TEXT_SIZE];
    size_t count = linnet__format_unsigned(path.id[i], digits);
    text[length++] = '/';
    memcpy(text + length, digits, count);
    length += count;
  }
  if (length == 0) text[length++] = '/';
  text[length] = 0;
  return text;
}

bool linnet_path_equal(linnet_path a, linnet_path b) {
  return depth_of(&a) == depth_of(&b) && begin_alike(&a, &b, depth_of(&a));
}

int linnet_path_compare(linnet_path a, linnet_path b) {
  size_t depth_a = depth_of(&a), depth_b = depth_of(&b);
  for (size_t i = 0; i < depth_a && i < depth_b; i++)
    if (a.id[i] != b.id[i]) return a.id[i] < b.id[i] ? -1 : 1;
  return (int)depth_a - (int)depth_b;
}

bool linnet_path_within(linnet_path path, linnet_path ancestor) {
  size_t depth = depth_of(&ancestor);
  return depth_of(&path) >= depth && begin_alike(&path, &ancestor, depth);
}
