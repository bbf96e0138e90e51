/* SPDX-License-Identifier: Apache-2.0 */
/* arguments.c: the argument list of Execute (digest 3.6; DM-51, DM-52). */
#include "codec_internal.h"

/* '!' and the printable characters without space, both quotes and the backslash. */
static bool value_character(char c) {
  return c == '!' || (c >= 0x23 && c <= 0x26) || (c >= 0x28 && c <= 0x5B) || (c >= 0x5D && c <= 0x7E);
}

static linnet_status read_argument(const char *text, size_t length, size_t *position, linnet__argument *out) {
  size_t at = *position;
  if (at == length) return LINNET_ERROR_NOT_FOUND;
  if (at > 0 && text[at++] != ',') return LINNET_ERROR_MALFORMED;
  if (at == length || text[at] < '0' || text[at] > '9') return LINNET_ERROR_MALFORMED;
  out->digit = (unsigned)(text[at++] - '0');
  out->value = NULL;
  out->length = 0;
  if (at < length && text[at] == '=') {
    if (length - at < 3 || text[at + 1] != '\'') return LINNET_ERROR_MALFORMED;
    at += 2;
    out->value = text + at;
    while (at < length && value_character(text[at])) at++;
    if (at == length || text[at] != '\'') return LINNET_ERROR_MALFORMED;
    out->length = (size_t)(text + at - out->value);
    at++;
  }
  *position = at;
  return LINNET_OK;
}

linnet_status linnet__argument_next(const char *text, size_t length, size_t *position,
                                    linnet__argument *out) {
  size_t before = *position;
  linnet_status status = read_argument(text, length, position, out);
  if (status != LINNET_OK) return status;
  linnet__argument former;
  for (size_t at = 0; at < before;) {
    if (read_argument(text, before, &at, &former) != LINNET_OK || former.digit == out->digit)
      return LINNET_ERROR_MALFORMED;
  }
  return LINNET_OK;
}

linnet_status linnet__arguments_check(const char *text, size_t length) {
  linnet__argument argument;
  size_t position = 0;
  for (;;) {
    linnet_status status = linnet__argument_next(text, length, &position, &argument);
    if (status == LINNET_ERROR_NOT_FOUND) return LINNET_OK;
    if (status != LINNET_OK) return status;
  }
}
