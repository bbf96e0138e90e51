/* SPDX-License-Identifier: Apache-2.0 */
/* root.c: objects below a path of the client's choice (MOD-10, REG-23). */
#include <string.h>

#include "engine_internal.h"

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* RFC 3986 2.3: what needs no escape. */
static bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) ||
         (c != 0 && strchr("-._~", c) != NULL);
}

/* A number would be taken for an object, dots for a way elsewhere. */
static bool is_segment(const char *text, size_t length) {
  size_t digits = 0, dots = 0;
  for (size_t i = 0; i < length; i++) {
    if (!is_unreserved(text[i])) return false;
    digits += is_digit(text[i]);
    dots += text[i] == '.';
  }
  return digits < length && dots < length;
}

static size_t split(const char *root, linnet__text segments[LINNET__ROOT_SEGMENTS]) {
  size_t count = 0;
  while (*root == '/' && count < LINNET__ROOT_SEGMENTS) {
    const char *end = strchr(++root, '/');
    size_t length = end != NULL ? (size_t)(end - root) : strlen(root);
    segments[count++] = (linnet__text){root, length};
    root += length;
  }
  return *root == 0 ? count : LINNET__ROOT_SEGMENTS + 1;
}

linnet_status linnet__engine_set_root(linnet__engine *engine, const char *root) {
  linnet__text segments[LINNET__ROOT_SEGMENTS];
  if (strcmp(root, "/") == 0) root = "";
  size_t length = strlen(root), count = split(root, segments);
  if (length >= sizeof engine->root || count > LINNET__ROOT_SEGMENTS) return LINNET_ERROR_INVALID_ARGUMENT;
  for (size_t i = 0; i < count; i++)
    if (!is_segment(segments[i].data, segments[i].length)) return LINNET_ERROR_INVALID_ARGUMENT;
  if (strcmp(engine->root, root) == 0) return LINNET_OK;
  memcpy(engine->root, root, length + 1);
  if (engine->hooks.list_changed != NULL) engine->hooks.list_changed(engine->user, LINNET_ID_NONE);
  return LINNET_OK;
}

size_t linnet__root_segments(const linnet__engine *engine, linnet__text segments[LINNET__ROOT_SEGMENTS]) {
  return split(engine->root, segments);
}

static bool is_same(const linnet__text *a, const linnet__text *b) {
  return a->length == b->length && (a->length == 0 || memcmp(a->data, b->data, a->length) == 0);
}

linnet_status linnet__root_path(const linnet__engine *engine, const linnet__incoming *request,
                                linnet_path *path) {
  linnet__text segments[LINNET__ROOT_SEGMENTS] = {{"", 0}}, segment;
  size_t count = split(engine->root, segments), position = 0;
  for (size_t i = 0; i < count; i++)
    if (!linnet__incoming_text(request, LINNET__OPTION_URI_PATH, &position, &segment) ||
        !is_same(&segment, &segments[i]))
      return LINNET_ERROR_NOT_FOUND;
  return linnet__incoming_path(request, count, path);
}
