/* SPDX-License-Identifier: Apache-2.0 */
/* Whole payloads with the types of a model, and values as people write them (codec.h). */
#include "model_fixture.h"

static memory left;

static void decodes_with_the_types_of_the_model(void) {
  static const uint8_t tlv[] = {0xc1, 0x09, 0x64, 0x83, 0x0b, 0x41, 0x00, 0x00, 0xc1, 0x10, 0x55};
  linnet_loop *loop = loop_with(&left);
  size_t before = linnet_loop_memory_used(loop);
  linnet_model *model = linnet_model_new(loop);
  linnet_batch *batch = linnet_batch_new(loop);
  linnet_value value;
  CHECK_EQUAL(linnet_batch_decode(batch, model, LINNET_FORMAT_TLV, path("/3/0"), tlv, sizeof tlv), LINNET_OK);
  CHECK_EQUAL(linnet_batch_find(batch, path("/3/0/9"), &value), LINNET_OK);
  CHECK(value.type == LINNET_TYPE_INTEGER && value.as.integer == 100);
  CHECK_EQUAL(linnet_batch_find(batch, path("/3/0/11/0"), &value), LINNET_OK);
  CHECK_EQUAL(linnet_batch_find(batch, path("/3/0/16"), &value), LINNET_OK);
  CHECK_EQUAL(value.type, LINNET_TYPE_STRING);
  const void *data;
  size_t length;
  CHECK_EQUAL(linnet_batch_encode(batch, LINNET_FORMAT_TLV, path("/3/0"), &data, &length), LINNET_OK);
  CHECK_BYTES(data, length, tlv, sizeof tlv);
  CHECK_EQUAL(linnet_batch_encode(batch, LINNET_FORMAT_TEXT, path("/3/0"), &data, &length) == LINNET_OK,
              false);
  CHECK_EQUAL(linnet_batch_encode(batch, LINNET_FORMAT_JSON, path("/3/0"), &data, &length), LINNET_OK);
  static const char json[] =
      "{\"bn\":\"/3/0/\",\"e\":[{\"n\":\"9\",\"v\":100},{\"n\":\"11/"
      "0\",\"v\":0},{\"n\":\"16\",\"sv\":\"U\"}]}";
  CHECK_BYTES(data, length, json, sizeof json - 1);
  linnet_batch_clear(batch);
  CHECK_EQUAL(linnet_batch_encode(batch, LINNET_FORMAT_TLV, path("/3"), &data, &length), LINNET_OK);
  CHECK(length == 0 && data != NULL);
  /* Without a model TLV is opaque. */
  CHECK_EQUAL(linnet_batch_decode(batch, NULL, LINNET_FORMAT_TLV, path("/3/0"), tlv, 3), LINNET_OK);
  CHECK_EQUAL(linnet_batch_find(batch, path("/3/0/9"), &value), LINNET_OK);
  CHECK_EQUAL(value.type, LINNET_TYPE_OPAQUE);
  linnet_batch_unref(batch);
  linnet_model_unref(model);
  CHECK_EQUAL(linnet_loop_memory_used(loop), before);
  linnet_loop_unref(loop);
}

static void offers_schemas_to_the_codecs(void) {
  linnet__shape shape;
  linnet__schema schema = linnet__definition_schema(&linnet__core_objects[3]);
  CHECK(schema.shape_of(schema.user, path("/3/0/11"), &shape));
  CHECK(shape.type == LINNET_TYPE_INTEGER && shape.multiple);
  CHECK(schema.shape_of(schema.user, path("/3/0/0"), &shape));
  CHECK(shape.type == LINNET_TYPE_STRING && !shape.multiple);
  CHECK(!schema.shape_of(schema.user, path("/3/0/4"), &shape)); /* executable */
  CHECK(!schema.shape_of(schema.user, path("/3/0/99"), &shape));
  CHECK(!schema.shape_of(schema.user, path("/4/0/0"), &shape));
  CHECK(linnet__model_schema(NULL).shape_of == NULL);
}

static bool reads(linnet_type type, const char *text, linnet_value expected) {
  linnet_loop *loop = loop_with(&left);
  linnet_batch *keep = linnet_batch_new(loop);
  linnet_value value = linnet_value_none();
  linnet_status status = linnet_value_parse(&value, type, text, keep);
  bool equal = status == LINNET_OK && linnet_value_equal(&value, &expected);
  if (status != LINNET_OK) CHECK(value.type == LINNET_TYPE_NONE && linnet_error_text(loop)[0] != '\0');
  CHECK_EQUAL(linnet_batch_count(keep), 0);
  linnet_batch_unref(keep);
  linnet_loop_unref(loop);
  return equal;
}

static bool refuses(linnet_type type, const char *text) {
  linnet_loop *loop = loop_with(&left);
  linnet_batch *keep = linnet_batch_new(loop);
  linnet_value value;
  linnet_status status = linnet_value_parse(&value, type, text, keep);
  linnet_batch_unref(keep);
  linnet_loop_unref(loop);
  return status == LINNET_ERROR_WRONG_TYPE || status == LINNET_ERROR_MALFORMED;
}

static void reads_values_as_people_write_them(void) {
  CHECK(reads(LINNET_TYPE_INTEGER, "-12", linnet_value_integer(-12)));
  CHECK(reads(LINNET_TYPE_FLOAT, "22.5", linnet_value_float(22.5)));
  CHECK(reads(LINNET_TYPE_BOOLEAN, "true", linnet_value_boolean(true)));
  CHECK(reads(LINNET_TYPE_BOOLEAN, "0", linnet_value_boolean(false)));
  CHECK(reads(LINNET_TYPE_STRING, "two words", linnet_value_string("two words")));
  CHECK(reads(LINNET_TYPE_OPAQUE, "AQIDBAU=", linnet_value_opaque("\1\2\3\4\5", 5)));
  CHECK(reads(LINNET_TYPE_OPAQUE, "", linnet_value_opaque("", 0)));
  CHECK(reads(LINNET_TYPE_OBJLNK, "3:0", linnet_value_objlnk(3, 0)));
  CHECK(reads(LINNET_TYPE_OBJLNK, "65535:65535", linnet_value_objlnk(65535, 65535)));
  CHECK(reads(LINNET_TYPE_TIME, "1367491215", linnet_value_time(1367491215)));
  CHECK(reads(LINNET_TYPE_TIME, "2013-05-02T10:40:15Z", linnet_value_time(1367491215)));
  CHECK(reads(LINNET_TYPE_TIME, "2013-05-02T12:40:15+02:00", linnet_value_time(1367491215)));
  CHECK(reads(LINNET_TYPE_TIME, "2013-05-02 10:40:15", linnet_value_time(1367491215)));
  CHECK(reads(LINNET_TYPE_TIME, "1970-01-01", linnet_value_time(0)));
  CHECK(reads(LINNET_TYPE_TIME, "1969-12-31T23:59:59Z", linnet_value_time(-1)));
  CHECK(reads(LINNET_TYPE_TIME, "2000-02-29", linnet_value_time(951782400)));
  CHECK(reads(LINNET_TYPE_NONE, "5", linnet_value_integer(5)));
  CHECK(reads(LINNET_TYPE_NONE, "5.5", linnet_value_float(5.5)));
  CHECK(reads(LINNET_TYPE_NONE, "false", linnet_value_boolean(false)));
  CHECK(reads(LINNET_TYPE_NONE, "five", linnet_value_string("five")));
}

static void refuses_values_that_are_none(void) {
  CHECK(refuses(LINNET_TYPE_INTEGER, "1.5") && refuses(LINNET_TYPE_INTEGER, "") &&
        refuses(LINNET_TYPE_INTEGER, "x"));
  CHECK(refuses(LINNET_TYPE_INTEGER, "9223372036854775808"));
  CHECK(refuses(LINNET_TYPE_FLOAT, "nan") && refuses(LINNET_TYPE_FLOAT, "1,5"));
  CHECK(refuses(LINNET_TYPE_BOOLEAN, "yes"));
  CHECK(refuses(LINNET_TYPE_STRING, "\xff"));
  CHECK(refuses(LINNET_TYPE_OPAQUE, "AQI") && refuses(LINNET_TYPE_OPAQUE, "!"));
  CHECK(refuses(LINNET_TYPE_OBJLNK, "3") && refuses(LINNET_TYPE_OBJLNK, "3:") &&
        refuses(LINNET_TYPE_OBJLNK, "3:65536"));
  CHECK(refuses(LINNET_TYPE_TIME, "2013-02-29") && refuses(LINNET_TYPE_TIME, "2013-13-01"));
  CHECK(refuses(LINNET_TYPE_TIME, "2013-05-02T25:00:00Z") &&
        refuses(LINNET_TYPE_TIME, "2013-05-02T10:00:00+2"));
  CHECK(refuses(LINNET_TYPE_TIME, "2013-05-0") && refuses(LINNET_TYPE_TIME, "yesterday"));
  linnet_value value;
  CHECK_EQUAL(linnet_value_parse(&value, LINNET_TYPE_OPAQUE, "AQI=", NULL), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet_value_parse(&value, LINNET_TYPE_INTEGER, "x", NULL), LINNET_ERROR_WRONG_TYPE);
  CHECK_EQUAL(linnet_value_parse(&value, LINNET_TYPE_MULTIPLE, "x", NULL), LINNET_ERROR_INVALID_ARGUMENT);
}

int main(void) {
  return RUN(decodes_with_the_types_of_the_model, offers_schemas_to_the_codecs,
             reads_values_as_people_write_them, refuses_values_that_are_none);
}
