/* SPDX-License-Identifier: Apache-2.0 */
/* Values and their conversions (value.h; digest 1.3, TYP-03, TYP-07). */
#include <math.h>

#include "check.h"
#include "data/data.h"

static void check_coerce(linnet_value value, linnet_type type, linnet_value expected) {
  CHECK_EQUAL(linnet_value_coerce(&value, type), LINNET_OK);
  CHECK_EQUAL(value.type, expected.type);
  CHECK(linnet_value_equal(&value, &expected));
}

static void check_refused(linnet_value value, linnet_type type) {
  linnet_value former = value;
  CHECK_EQUAL(linnet_value_coerce(&value, type), LINNET_ERROR_WRONG_TYPE);
  CHECK_EQUAL(value.type, former.type);
  CHECK_EQUAL(value.as.bytes.length, former.as.bytes.length);
}

static void turns_numbers_where_nothing_is_lost(void) {
  check_coerce(linnet_value_integer(5), LINNET_TYPE_INTEGER, linnet_value_integer(5));
  check_coerce(linnet_value_integer(5), LINNET_TYPE_FLOAT, linnet_value_float(5));
  check_coerce(linnet_value_integer(-5), LINNET_TYPE_TIME, linnet_value_time(-5));
  check_coerce(linnet_value_time(5), LINNET_TYPE_INTEGER, linnet_value_integer(5));
  check_coerce(linnet_value_float(1e9), LINNET_TYPE_INTEGER, linnet_value_integer(1000000000));
  check_coerce(linnet_value_float(-1e9), LINNET_TYPE_TIME, linnet_value_time(-1000000000));
  check_coerce(linnet_value_float(-9223372036854775808.0), LINNET_TYPE_INTEGER,
               linnet_value_integer(INT64_MIN));
  check_coerce(linnet_value_integer(INT64_MIN), LINNET_TYPE_FLOAT,
               linnet_value_float(-9223372036854775808.0));
}

static void refuses_numbers_that_would_change(void) {
  check_refused(linnet_value_float(1.5), LINNET_TYPE_INTEGER);
  check_refused(linnet_value_float(9223372036854775808.0), LINNET_TYPE_INTEGER);
  check_refused(linnet_value_float(1e300), LINNET_TYPE_TIME);
  check_refused(linnet_value_integer((INT64_C(1) << 53) + 1), LINNET_TYPE_FLOAT);
  check_refused(linnet_value_integer(INT64_MAX), LINNET_TYPE_FLOAT);
}

static void refuses_nan_and_infinities(void) { /* TYP-03 */
  static const linnet_type types[] = {LINNET_TYPE_FLOAT, LINNET_TYPE_INTEGER, LINNET_TYPE_TIME,
                                      LINNET_TYPE_NONE};
  for (size_t i = 0; i < 4; i++) {
    check_refused(linnet_value_float((double)NAN), types[i]);
    check_refused(linnet_value_float((double)INFINITY), types[i]);
    check_refused(linnet_value_float(-(double)INFINITY), types[i]);
  }
}

static void turns_strings_into_bytes_and_back_if_they_are_text(void) { /* TYP-07 */
  check_coerce(linnet_value_string("abc"), LINNET_TYPE_OPAQUE, linnet_value_opaque("abc", 3));
  check_coerce(linnet_value_opaque("abc", 3), LINNET_TYPE_STRING, linnet_value_string("abc"));
  check_coerce(linnet_value_string_n("\xff", 1), LINNET_TYPE_OPAQUE, linnet_value_opaque("\xff", 1));
  check_refused(linnet_value_opaque("\xff", 1), LINNET_TYPE_STRING);
  check_refused(linnet_value_string_n("\xff", 1), LINNET_TYPE_STRING);
}

static void takes_any_value_for_no_type(void) {
  check_coerce(linnet_value_boolean(true), LINNET_TYPE_NONE, linnet_value_boolean(true));
  check_coerce(linnet_value_objlnk(1, 2), LINNET_TYPE_NONE, linnet_value_objlnk(1, 2));
  check_coerce(linnet_value_none(), LINNET_TYPE_NONE, linnet_value_none());
}

static void does_not_mix_other_types(void) {
  check_refused(linnet_value_boolean(true), LINNET_TYPE_INTEGER);
  check_refused(linnet_value_integer(1), LINNET_TYPE_BOOLEAN);
  check_refused(linnet_value_string("1"), LINNET_TYPE_INTEGER);
  check_refused(linnet_value_string("1:2"), LINNET_TYPE_OBJLNK);
  check_refused(linnet_value_none(), LINNET_TYPE_STRING);
  check_refused(linnet_value_integer(1), LINNET_TYPE_MULTIPLE);
}

static void compares_type_and_content(void) {
  linnet_value a = linnet_value_string("ab"), b = linnet_value_string_n("abc", 2),
               c = linnet_value_opaque("ab", 2);
  CHECK(linnet_value_equal(&a, &b));
  CHECK(!linnet_value_equal(&a, &c));
  linnet_value zero = linnet_value_float(0), minus = linnet_value_float(-0.0), one = linnet_value_float(1);
  CHECK(linnet_value_equal(&zero, &minus));
  CHECK(!linnet_value_equal(&zero, &one));
  linnet_value empty = linnet_value_string(NULL), other = linnet_value_string("");
  CHECK(linnet_value_equal(&empty, &other));
  linnet_value link = linnet_value_objlnk(1, 2), another = linnet_value_objlnk(1, 3);
  CHECK(!linnet_value_equal(&link, &another));
}

static void names_types_as_the_specification(void) {
  CHECK_TEXT(linnet_type_name(LINNET_TYPE_STRING), "String");
  CHECK_TEXT(linnet_type_name(LINNET_TYPE_OBJLNK), "Objlnk");
  CHECK(linnet_type_name((linnet_type)99) != NULL);
  CHECK(linnet_type_name((linnet_type)-1) != NULL);
}

int main(void) {
  return RUN(turns_numbers_where_nothing_is_lost, refuses_numbers_that_would_change,
             refuses_nan_and_infinities, turns_strings_into_bytes_and_back_if_they_are_text,
             takes_any_value_for_no_type, does_not_mix_other_types, compares_type_and_content,
             names_types_as_the_specification);
}
