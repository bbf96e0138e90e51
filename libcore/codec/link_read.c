/* SPDX-License-Identifier: Apache-2.0 */
/* link_read.c: link-format (RFC 6690, coap.md section 7; LF-02, LF-03, REG-26, BS-41). */
#include <linnet/link.h>
#include <string.h>

#include "codec_internal.h"

static bool blank(char c) { return c == ' ' || c == '\t'; }

/* RFC 6690: the characters of a name, and "*" that may end it. */
static bool name_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
         (c != '\0' && strchr("!#$&+-.^_`|~*", c) != NULL);
}

/* RFC 6690 ptoken: printable, without quotes, separators and the backslash. */
static bool token_character(char c) {
  return c > 0x20 && c < 0x7F && c != '"' && c != ',' && c != ';' && c != '\\';
}

/* From behind the opening quote to behind the closing one. */
static linnet_status read_quoted(const char *text, size_t length, size_t *position,
                                 linnet_link_parameter *out) {
  size_t at = *position;
  out->value = text + at;
  for (; at < length && text[at] != '"'; at++)
    if (text[at] == '\\' && ++at == length) break;
  if (at >= length) return LINNET_ERROR_MALFORMED;
  out->value_length = (size_t)(text + at - out->value);
  *position = at + 1;
  return linnet__utf8_valid(out->value, out->value_length) ? LINNET_OK : LINNET_ERROR_MALFORMED;
}

/* name [ "=" ( token / quoted ) ] at *position; an empty token passes for a value of no length. */
static linnet_status read_parameter(const char *text, size_t length, size_t *position,
                                    linnet_link_parameter *out) {
  size_t at = *position;
  out->name = text + at;
  while (at < length && name_character(text[at])) at++;
  out->name_length = (size_t)(text + at - out->name);
  out->value = NULL;
  out->value_length = 0;
  if (out->name_length == 0) return LINNET_ERROR_MALFORMED;
  *position = at;
  if (at == length || text[at] != '=') return LINNET_OK;
  *position = ++at;
  if (at < length && text[at] == '"') {
    ++*position;
    return read_quoted(text, length, position, out);
  }
  out->value = text + at;
  while (at < length && token_character(text[at])) at++;
  out->value_length = (size_t)(text + at - out->value);
  *position = at;
  return LINNET_OK;
}

/* Between "<" and ">": a URI, so printable ASCII. */
static linnet_status read_target(const char *text, size_t length, size_t *position, linnet_link *out) {
  size_t at = *position;
  out->target = text + at;
  while (at < length && text[at] > 0x20 && text[at] < 0x7F && text[at] != '>' && text[at] != '<') at++;
  if (at == length || text[at] != '>') return LINNET_ERROR_MALFORMED;
  out->target_length = (size_t)(text + at - out->target);
  *position = at + 1;
  return LINNET_OK;
}

linnet_status linnet_link_next(const char *text, size_t length, size_t *position, linnet_link *out) {
  linnet_link_parameter parameter;
  linnet_status status = LINNET_OK;
  size_t at = *position;
  bool first = at == 0;
  if (text == NULL || at >= length) return LINNET_ERROR_NOT_FOUND;
  memset(out, 0, sizeof *out);
  if (!first && text[at++] != ',') return LINNET_ERROR_MALFORMED;
  while (at < length && blank(text[at])) at++;
  if (at == length) return LINNET_ERROR_MALFORMED;
  size_t parameters = at;
  if (text[at] == '<') {
    at++;
    status = read_target(text, length, &at, out);
    parameters = at;
  } else if (first) {
    /* BS-41: the enabler version comes without a link before it. */
    status = read_parameter(text, length, &at, &parameter);
  } else {
    status = LINNET_ERROR_MALFORMED;
  }
  while (status == LINNET_OK && at < length && text[at] == ';') {
    at++;
    status = read_parameter(text, length, &at, &parameter);
  }
  if (status != LINNET_OK) return status;
  if (at < length && text[at] != ',') return LINNET_ERROR_MALFORMED;
  out->parameters = text + parameters;
  out->parameters_length = at - parameters;
  *position = at;
  return LINNET_OK;
}

linnet_status linnet_link_next_parameter(const linnet_link *link, size_t *position,
                                         linnet_link_parameter *out) {
  size_t at = *position;
  if (at >= link->parameters_length) return LINNET_ERROR_NOT_FOUND;
  if (link->parameters[at] == ';')
    at++;
  else if (at > 0 || link->target != NULL)
    return LINNET_ERROR_MALFORMED;
  linnet_status status = read_parameter(link->parameters, link->parameters_length, &at, out);
  if (status == LINNET_OK) *position = at;
  return status;
}

bool linnet_link_find(const linnet_link *link, const char *name, linnet_link_parameter *out) {
  size_t position = 0, length = strlen(name);
  while (linnet_link_next_parameter(link, &position, out) == LINNET_OK)
    if (out->name_length == length && memcmp(out->name, name, length) == 0) return true;
  return false;
}

linnet_status linnet_link_path(const linnet_link *link, const char *root, linnet_path *path) {
  char text[LINNET_PATH_TEXT_SIZE];
  size_t root_length = root == NULL ? 0 : strlen(root);
  if (root_length > 0 && root[root_length - 1] == '/') root_length--;
  const char *rest = link->target == NULL ? "/" : link->target;
  size_t length = link->target == NULL ? 1 : link->target_length;
  if (length < root_length || memcmp(rest, root_length > 0 ? root : "", root_length) != 0)
    return LINNET_ERROR_NOT_FOUND;
  rest += root_length;
  length -= root_length;
  /* The root itself is "/" for none, else "/lwm2m" or "/lwm2m/". */
  if (length == 0 ? root_length == 0 : rest[0] != '/') return LINNET_ERROR_NOT_FOUND;
  if (length > 1 && rest[length - 1] == '/' && rest[length - 2] != '/') length--;
  if (length >= sizeof text) return LINNET_ERROR_NOT_FOUND;
  memcpy(text, rest, length);
  text[length] = '\0';
  return linnet_path_parse(path, text) == LINNET_OK ? LINNET_OK : LINNET_ERROR_NOT_FOUND;
}
