/* SPDX-License-Identifier: Apache-2.0 */
/* link_write.c: link-format (RFC 6690; LF-01): Register payloads and Discover answers. */
#include "codec_internal.h"

void linnet__link_put(linnet__buffer *out, size_t start, const char *root, linnet_path path) {
  char text[LINNET_PATH_TEXT_SIZE];
  if (out->length > start) linnet__buffer_append_byte(out, ',');
  linnet__buffer_append_byte(out, '<');
  linnet__buffer_append_text(out, root);
  if (path.depth > 0 || root[0] == '\0') linnet__buffer_append_text(out, linnet_path_text(path, text));
  linnet__buffer_append_byte(out, '>');
}

static void put_name(linnet__buffer *out, const char *name) {
  linnet__buffer_append_byte(out, ';');
  linnet__buffer_append_text(out, name);
  linnet__buffer_append_byte(out, '=');
}

void linnet__link_put_parameter(linnet__buffer *out, const char *name, const char *value) {
  put_name(out, name);
  linnet__buffer_append_text(out, value);
}

void linnet__link_put_quoted(linnet__buffer *out, const char *name, const char *value) {
  put_name(out, name);
  linnet__buffer_append_byte(out, '"');
  for (; *value != '\0'; value++) {
    if (*value == '"' || *value == '\\') linnet__buffer_append_byte(out, '\\');
    linnet__buffer_append_byte(out, (uint8_t)*value);
  }
  linnet__buffer_append_byte(out, '"');
}
