/* SPDX-License-Identifier: Apache-2.0 */
/* value_text.c: single values as people write them on a command line (codec.h; forms of lwm2m-1.0.md 1.3). */
#include <string.h>

#include "model.h"

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static bool parse_boolean(const char *text, bool *out) {
  *out = strcmp(text, "true") == 0 || strcmp(text, "1") == 0;
  return *out || strcmp(text, "false") == 0 || strcmp(text, "0") == 0;
}

static bool parse_link(const char *text, linnet_objlnk *out) {
  const char *colon = strchr(text, ':');
  uint64_t object, instance;
  if (colon == NULL || !linnet__parse_unsigned(text, (size_t)(colon - text), UINT16_MAX, &object) ||
      !linnet__parse_unsigned(colon + 1, strlen(colon + 1), UINT16_MAX, &instance))
    return false;
  out->object = (uint16_t)object;
  out->instance = (uint16_t)instance;
  return true;
}

/* Days from 1970-01-01 in the Gregorian calendar; counts years from March, so that leap days come last. */
static int64_t days_since_1970(int64_t year, int64_t month, int64_t day) {
  if (month <= 2) year--;
  int64_t shifted = month > 2 ? month - 3 : month + 9;
  return 365 * year + year / 4 - year / 100 + year / 400 + (153 * shifted + 2) / 5 + day - 1 - 719468;
}

static int64_t days_in_month(int64_t year, int64_t month) {
  int64_t next_year = month == 12 ? year + 1 : year, next_month = month == 12 ? 1 : month + 1;
  return days_since_1970(next_year, next_month, 1) - days_since_1970(year, month, 1);
}

/* Reads the digits where `form` has "0", and demands the other characters. */
static bool read_fields(const char **text, const char *form, int64_t *fields) {
  const char *at = *text;
  for (size_t field = 0; *form != '\0'; form++, at++) {
    if (*form != '0') {
      if (*at != *form) return false;
      field++;
      continue;
    }
    if (!is_digit(*at)) return false;
    fields[field] = 10 * fields[field] + (*at - '0');
  }
  *text = at;
  return true;
}

/* "2026-11-23", "2026-11-23T10:30:00Z", "...+02:00"; or seconds since 1970. */
static bool parse_time(const char *text, int64_t *out) {
  if (linnet__parse_integer(text, strlen(text), out)) return true;
  int64_t date[3] = {0}, clock[3] = {0}, zone[2] = {0};
  int64_t sign = 0;
  if (!read_fields(&text, "0000-00-00", date)) return false;
  if (*text == 'T' || *text == ' ') {
    text++;
    if (!read_fields(&text, "00:00:00", clock)) return false;
    if (*text == '+' || *text == '-') {
      sign = *text == '+' ? 1 : -1;
      text++;
      if (!read_fields(&text, "00:00", zone)) return false;
    } else if (*text == 'Z') {
      text++;
    }
  }
  if (*text != '\0' || date[1] < 1 || date[1] > 12 || date[2] < 1 ||
      date[2] > days_in_month(date[0], date[1]) || clock[0] > 23 || clock[1] > 59 || clock[2] > 60 ||
      zone[0] > 23 || zone[1] > 59)
    return false;
  *out = 86400 * days_since_1970(date[0], date[1], date[2]) + 3600 * clock[0] + 60 * clock[1] + clock[2] -
         sign * (3600 * zone[0] + 60 * zone[1]);
  return true;
}

/* Without a type: what it looks like. */
static linnet_value guess(const char *text) {
  size_t length = strlen(text);
  int64_t integer;
  double real;
  if (linnet__parse_integer(text, length, &integer)) return linnet_value_integer(integer);
  if (linnet__parse_float(text, length, &real)) return linnet_value_float(real);
  if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0) return linnet_value_boolean(text[0] == 't');
  return linnet_value_string(text);
}

static linnet_status parse_opaque(linnet_value *value, const char *text, linnet_batch *keep) {
  if (keep == NULL) return LINNET_ERROR_INVALID_ARGUMENT;
  linnet__buffer *bytes = linnet__batch_buffer(keep);
  linnet__buffer_clear(bytes);
  linnet_status status = linnet__base64_read(bytes, text, strlen(text));
  if (status == LINNET_OK) *value = linnet_value_opaque(bytes->data, bytes->length);
  return status;
}

static linnet_status parse(linnet_value *value, linnet_type type, const char *text, linnet_batch *keep) {
  linnet_value result = {.type = type};
  bool good = false;
  switch (type) {
    case LINNET_TYPE_NONE:
      result = guess(text);
      good = true;
      break;
    case LINNET_TYPE_STRING:
      result = linnet_value_string(text);
      good = linnet__utf8_valid(text, strlen(text));
      break;
    case LINNET_TYPE_INTEGER:
      good = linnet__parse_integer(text, strlen(text), &result.as.integer);
      break;
    case LINNET_TYPE_FLOAT:
      good = linnet__parse_float(text, strlen(text), &result.as.real);
      break;
    case LINNET_TYPE_BOOLEAN:
      good = parse_boolean(text, &result.as.boolean);
      break;
    case LINNET_TYPE_OPAQUE:
      return parse_opaque(value, text, keep);
    case LINNET_TYPE_TIME:
      good = parse_time(text, &result.as.integer);
      break;
    case LINNET_TYPE_OBJLNK:
      good = parse_link(text, &result.as.link);
      break;
    case LINNET_TYPE_MULTIPLE:
      return LINNET_ERROR_INVALID_ARGUMENT;
  }
  if (!good) return LINNET_ERROR_WRONG_TYPE;
  *value = result;
  return LINNET_OK;
}

linnet_status linnet_value_parse(linnet_value *value, linnet_type type, const char *text,
                                 linnet_batch *keep) {
  linnet_status status = parse(value, type, text, keep);
  if (status != LINNET_OK && keep != NULL)
    linnet__fail(linnet_batch_loop(keep), status, "linnet_value_parse: \"%n\" cannot be read as %s",
                 strlen(text), text, linnet_type_name(type));
  return status;
}
