/* SPDX-License-Identifier: Apache-2.0 */
/* value.c: making, comparing and converting values (value.h; digest 1.3, TYP-03, TYP-07). */
#include <linnet/value.h>
#include <string.h>

#include "../base/base.h"

linnet_value linnet_value_none(void) { return (linnet_value){.type = LINNET_TYPE_NONE}; }

linnet_value linnet_value_integer(int64_t integer) {
  return (linnet_value){.type = LINNET_TYPE_INTEGER, .as.integer = integer};
}

linnet_value linnet_value_time(int64_t seconds) {
  return (linnet_value){.type = LINNET_TYPE_TIME, .as.integer = seconds};
}

linnet_value linnet_value_float(double real) {
  return (linnet_value){.type = LINNET_TYPE_FLOAT, .as.real = real};
}

linnet_value linnet_value_boolean(bool boolean) {
  return (linnet_value){.type = LINNET_TYPE_BOOLEAN, .as.boolean = boolean};
}

static linnet_value bytes_value(linnet_type type, const void *data, size_t length) {
  linnet_value value = {.type = type};
  value.as.bytes.data = data != NULL ? data : (const void *)"";
  value.as.bytes.length = data != NULL ? length : 0;
  return value;
}

linnet_value linnet_value_string(const char *text) {
  return bytes_value(LINNET_TYPE_STRING, text, text != NULL ? strlen(text) : 0);
}

linnet_value linnet_value_string_n(const char *text, size_t length) {
  return bytes_value(LINNET_TYPE_STRING, text, length);
}

linnet_value linnet_value_opaque(const void *data, size_t length) {
  return bytes_value(LINNET_TYPE_OPAQUE, data, length);
}

linnet_value linnet_value_objlnk(uint16_t object, uint16_t instance) {
  return (linnet_value){.type = LINNET_TYPE_OBJLNK, .as.link = {object, instance}};
}

bool linnet_value_equal(const linnet_value *a, const linnet_value *b) {
  if (a->type != b->type) return false;
  switch (a->type) {
    case LINNET_TYPE_INTEGER:
    case LINNET_TYPE_TIME:
      return a->as.integer == b->as.integer;
    case LINNET_TYPE_FLOAT:
      return a->as.real == b->as.real;
    case LINNET_TYPE_BOOLEAN:
      return a->as.boolean == b->as.boolean;
    case LINNET_TYPE_OBJLNK:
      return a->as.link.object == b->as.link.object && a->as.link.instance == b->as.link.instance;
    case LINNET_TYPE_STRING:
    case LINNET_TYPE_OPAQUE:
      return a->as.bytes.length == b->as.bytes.length &&
             (a->as.bytes.length == 0 || memcmp(a->as.bytes.data, b->as.bytes.data, a->as.bytes.length) == 0);
    case LINNET_TYPE_NONE:
    case LINNET_TYPE_MULTIPLE:
      return true;
  }
  return false;
}

const char *linnet_type_name(linnet_type type) {
  static const char names[] = "None\0String\0Integer\0Float\0Boolean\0Opaque\0Time\0Objlnk\0Multiple";
  return (size_t)type <= LINNET_TYPE_MULTIPLE ? linnet__text_at(names, (size_t)type) : "Unknown";
}

/* TYP-03, TYP-07: what no wire format can say is no value of its type either. */
static bool well_formed(const linnet_value *value) {
  if (value->type == LINNET_TYPE_FLOAT) return value->as.real - value->as.real == 0;
  if (value->type == LINNET_TYPE_STRING)
    return linnet__utf8_valid(value->as.bytes.data, value->as.bytes.length);
  return true;
}

static bool holds_integer(linnet_type type) {
  return type == LINNET_TYPE_INTEGER || type == LINNET_TYPE_TIME;
}

static bool holds_bytes(linnet_type type) { return type == LINNET_TYPE_STRING || type == LINNET_TYPE_OPAQUE; }

/* Whole numbers of 64 bits; 2^63 itself is a double and does not fit. */
static bool float_to_integer(double real, int64_t *integer) {
  static const double limit = 9223372036854775808.0;
  if (!(real >= -limit && real < limit)) return false;
  *integer = (int64_t)real;
  return linnet__integer_to_float(*integer) == real;
}

static bool integer_to_float(int64_t integer, double *real) {
  int64_t back;
  *real = linnet__integer_to_float(integer);
  return float_to_integer(*real, &back) && back == integer;
}

linnet_status linnet_value_coerce(linnet_value *value, linnet_type type) {
  linnet_value result = *value;
  if (type == LINNET_TYPE_NONE) type = value->type;
  result.type = type;
  bool fits = value->type == type;
  if (holds_integer(value->type) && type == LINNET_TYPE_FLOAT)
    fits = integer_to_float(value->as.integer, &result.as.real);
  else if (value->type == LINNET_TYPE_FLOAT && holds_integer(type))
    fits = float_to_integer(value->as.real, &result.as.integer);
  else if ((holds_integer(value->type) && holds_integer(type)) ||
           (holds_bytes(value->type) && holds_bytes(type)))
    fits = true;
  if (!fits || !well_formed(&result)) return LINNET_ERROR_WRONG_TYPE;
  *value = result;
  return LINNET_OK;
}
