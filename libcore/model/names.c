/* SPDX-License-Identifier: Apache-2.0 */
/* names.c: paths by the names of objects and resources (model.h; lwm2m-1.0.md MOD-06). */
#include <string.h>

#include "definition_internal.h"

typedef struct segment {
  const char *text;
  size_t length;
} segment;

static bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         (unsigned char)c >= 0x80;
}

static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c; }

/* The next character that counts, in lower case; 0 at the end. Blanks, "-", "_", "(" and the like do not
 * count. */
static char next_character(segment *text) {
  while (text->length > 0) {
    char c = *text->text;
    text->text++;
    text->length--;
    if (is_alphanumeric(c)) return lower(c);
  }
  return '\0';
}

static bool same_name(segment a, segment b) {
  for (;;) {
    char left = next_character(&a), right = next_character(&b);
    if (left != right) return false;
    if (left == '\0') return true;
  }
}

/* "LwM2M Server" is "Server", too. */
static bool names(const char *name, segment text) {
  segment whole = {name, strlen(name)};
  if (same_name(whole, text)) return true;
  static const char prefix[] = "lwm2m";
  for (size_t i = 0; i < sizeof(prefix) - 1; i++) {
    if (next_character(&whole) != prefix[i]) return false;
  }
  return whole.length > 0 && same_name(whole, text);
}

/* MOD-06: decimal, no leading zeros, no sign. `number` is true where the segment is meant as an id. */
static linnet_status read_id(segment text, uint16_t *id, bool *number) {
  *number = true;
  for (size_t i = 0; i < text.length; i++) {
    if (text.text[i] < '0' || text.text[i] > '9') *number = false;
  }
  if (!*number) return LINNET_ERROR_INVALID_ARGUMENT;
  uint64_t value;
  if ((text.length > 1 && text.text[0] == '0') ||
      !linnet__parse_unsigned(text.text, text.length, UINT16_MAX, &value))
    return LINNET_ERROR_INVALID_ARGUMENT;
  *id = (uint16_t)value;
  return LINNET_OK;
}

static bool find_object(const linnet_model *model, segment text, uint16_t *id) {
  for (size_t i = 0; i < linnet_model_count(model); i++) {
    const linnet_definition *definition = linnet_model_at(model, i);
    if (definition->id == LINNET_ID_NONE || !names(definition->name, text)) continue;
    *id = definition->id;
    return true;
  }
  return false;
}

static bool find_resource(const linnet_model *model, uint16_t object, segment text, uint16_t *id) {
  const linnet_definition *definition = linnet_model_find(model, object);
  if (definition == NULL) return false;
  for (size_t i = 0; i < definition->count; i++) {
    if (!names(linnet_resource_definition_name(&definition->resources[i]), text)) continue;
    *id = definition->resources[i].id;
    return true;
  }
  return false;
}

static linnet_status read_segment(const linnet_model *model, segment text, linnet_path *path) {
  uint16_t *id = &path->id[path->depth];
  bool number;
  linnet_status status = read_id(text, id, &number);
  if (number) return status;
  bool found = false;
  if (path->depth == 0)
    found = find_object(model, text, id);
  else if (path->depth == 2)
    found = find_resource(model, path->id[0], text, id);
  else
    return LINNET_ERROR_INVALID_ARGUMENT;
  return found ? LINNET_OK : LINNET_ERROR_NOT_FOUND;
}

static linnet_status fail(const linnet_model *model, linnet_status status, const char *text) {
  const char *reason =
      status == LINNET_ERROR_NOT_FOUND ? "is no object or resource that the model knows" : "is not a path";
  return linnet__fail(linnet_model_loop(model), status, "linnet_model_path: \"%s\" %s", text, reason);
}

linnet_status linnet_model_path(const linnet_model *model, const char *text, linnet_path *path) {
  linnet_path result = linnet_path_root();
  const char *at = text[0] == '/' ? text + 1 : text;
  while (*at != '\0') {
    const char *end = strchr(at, '/');
    segment part = {at, end == NULL ? strlen(at) : (size_t)(end - at)};
    if (result.depth == 4 || part.length == 0 || (end != NULL && end[1] == '\0'))
      return fail(model, LINNET_ERROR_INVALID_ARGUMENT, text);
    linnet_status status = read_segment(model, part, &result);
    if (status != LINNET_OK) return fail(model, status, text);
    result.depth++;
    at = end == NULL ? at + part.length : end + 1;
  }
  *path = result;
  return LINNET_OK;
}
