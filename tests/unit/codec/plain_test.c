/* SPDX-License-Identifier: Apache-2.0 */
/* plain_test.c: text and opaque payloads, Base64 (digest 1.3, FMT-04, DM-28). */
#include "show.h"

#define PLAIN(format, base, text, expected) \
  CHECK_TEXT(show(linnet__decode, LINNET_FORMAT_##format, base, text, sizeof text - 1), expected)

static void text_of_each_type(void) { /* digest 1.3 */
  PLAIN(TEXT, "/9/0/0", "Open \xC3\xA9", "/9/0/0=String Open \xC3\xA9");
  PLAIN(TEXT, "/9/0/0", "", "/9/0/0=String ");
  PLAIN(TEXT, "/9/0/0", "\xFF\xFE", "wrong-type"); /* TYP-07 */
  PLAIN(TEXT, "/9/0/1", "-750", "/9/0/1=Integer -750");
  PLAIN(TEXT, "/9/0/1", "9223372036854775808", "wrong-type");
  PLAIN(TEXT, "/9/0/1", "12a", "wrong-type");
  PLAIN(TEXT, "/9/0/1", "+1", "wrong-type");
  PLAIN(TEXT, "/9/0/1", " 1", "wrong-type");
  PLAIN(TEXT, "/9/0/1", "1.0", "wrong-type");
  PLAIN(TEXT, "/9/0/1", "", "wrong-type");
  PLAIN(TEXT, "/9/0/2", "0.00000000006667", "/9/0/2=Float 0.00000000006667"); /* TYP-03 */
  PLAIN(TEXT, "/9/0/2", "6.667e-11", "/9/0/2=Float 0.00000000006667");
  PLAIN(TEXT, "/9/0/2", "NaN", "wrong-type");
  PLAIN(TEXT, "/9/0/2", "inf", "wrong-type");
  PLAIN(TEXT, "/9/0/2", "1e999", "wrong-type");
  PLAIN(TEXT, "/9/0/3", "1", "/9/0/3=Boolean 1"); /* TYP-04 */
  PLAIN(TEXT, "/9/0/3", "0", "/9/0/3=Boolean 0");
  PLAIN(TEXT, "/9/0/3", "2", "wrong-type");
  PLAIN(TEXT, "/9/0/3", "true", "wrong-type");
  PLAIN(TEXT, "/9/0/4", "AQIDBAU=", "/9/0/4=Opaque AQIDBAU=");
  PLAIN(TEXT, "/9/0/4", "", "/9/0/4=Opaque ");
  PLAIN(TEXT, "/9/0/4", "AQID*", "wrong-type");
  PLAIN(TEXT, "/9/0/5", "-1", "/9/0/5=Time -1");
  PLAIN(TEXT, "/9/0/6", "66:0", "/9/0/6=Objlnk 66:0"); /* TYP-05 */
  PLAIN(TEXT, "/9/0/6", "65535:65535", "/9/0/6=Objlnk 65535:65535");
  PLAIN(TEXT, "/9/0/6", "FFFF:FFFF", "wrong-type");
  PLAIN(TEXT, "/9/0/6", "66:65536", "wrong-type");
  PLAIN(TEXT, "/9/0/6", "66", "wrong-type");
  PLAIN(TEXT, "/9/0/6", ":", "wrong-type");
  PLAIN(TEXT, "/9/0/99", "5", "/9/0/99=String 5");
  PLAIN(TEXT, "/9/0/7", "5", "/9/0/7=String 5");
}

static void text_and_opaque_are_for_one_single_resource(void) { /* FMT-04, DM-28 */
  PLAIN(TEXT, "/9/0/11", "5", "wrong-type");
  PLAIN(TEXT, "/9/0", "5", "malformed");
  PLAIN(TEXT, "/9", "", "malformed");
  PLAIN(OPAQUE, "/9/0/4", "\1\2", "/9/0/4=Opaque AQI=");
  PLAIN(OPAQUE, "/9/0/4", "", "/9/0/4=Opaque ");
  PLAIN(OPAQUE, "/9/0/99", "\1\2", "/9/0/99=Opaque AQI=");
  PLAIN(OPAQUE, "/9/0/0", "abc", "wrong-type");
  PLAIN(OPAQUE, "/9/0/14", "abc", "wrong-type");
  PLAIN(OPAQUE, "/9/0", "abc", "malformed");
  PLAIN(LINK, "/9/0", "</9/0>", "unsupported-format");
  PLAIN(NONE, "/9/0", "", "unsupported-format");
}

static const char *written(linnet_format format, const char *base, const char *path, linnet_value value) {
  size_t length;
  linnet_record record = {show_path(path), value, 0};
  return show_written(format, base, &record, 1, &length);
}

static void writes_text_and_opaque(void) {
  linnet_value none_yet = {.type = LINNET_TYPE_MULTIPLE};
  CHECK_TEXT(written(LINNET_FORMAT_TEXT, "/9/0/2", "/9/0/2", linnet_value_float(6.667e-11)),
             "0.00000000006667");
  CHECK_TEXT(written(LINNET_FORMAT_TEXT, "/9/0/2", "/9/0/2", linnet_value_float(22)), "22");
  CHECK_TEXT(written(LINNET_FORMAT_TEXT, "/9/0/3", "/9/0/3", linnet_value_boolean(true)), "1");
  CHECK_TEXT(written(LINNET_FORMAT_TEXT, "/9/0/4", "/9/0/4", linnet_value_opaque("\1\2\3\4\5", 5)),
             "AQIDBAU=");
  CHECK_TEXT(written(LINNET_FORMAT_TEXT, "/9/0/6", "/9/0/6", linnet_value_objlnk(66, 0)), "66:0");
  CHECK_TEXT(written(LINNET_FORMAT_OPAQUE, "/9/0/4", "/9/0/4", linnet_value_opaque("abc", 3)), "abc");
  CHECK_TEXT(written(LINNET_FORMAT_OPAQUE, "/9/0/0", "/9/0/0", linnet_value_string("abc")), "wrong-type");
  CHECK_TEXT(written(LINNET_FORMAT_TEXT, "/9/0", "/9/0/0", linnet_value_string("abc")), "invalid-argument");
  CHECK_TEXT(written(LINNET_FORMAT_TEXT, "/9/0/11", "/9/0/11/0", linnet_value_integer(1)),
             "invalid-argument");
  CHECK_TEXT(written(LINNET_FORMAT_TEXT, "/9/0/11", "/9/0/11", none_yet), "invalid-argument");
  CHECK_TEXT(written(LINNET_FORMAT_LINK, "/9/0/1", "/9/0/1", linnet_value_integer(1)), "unsupported-format");
}

static void exactly_one_value(void) { /* FMT-04 */
  linnet_record twice[] = {{show_path("/9/0/1"), linnet_value_integer(1), 0},
                           {show_path("/9/0/1"), linnet_value_integer(1), 0}};
  size_t length;
  CHECK_TEXT(show_written(LINNET_FORMAT_TEXT, "/9/0/1", twice, 2, &length), "invalid-argument");
  CHECK_TEXT(show_written(LINNET_FORMAT_TEXT, "/9/0/1", twice, 0, &length), "invalid-argument");
  CHECK_TEXT(show_written(LINNET_FORMAT_TLV, "/9/0/1", twice, 0, &length), "invalid-argument");
}

static void formats_by_number(void) { /* FMT-01, FMT-02 */
  CHECK_EQUAL(linnet__format_of_number(0), LINNET_FORMAT_TEXT);
  CHECK_EQUAL(linnet__format_of_number(40), LINNET_FORMAT_LINK);
  CHECK_EQUAL(linnet__format_of_number(42), LINNET_FORMAT_OPAQUE);
  CHECK_EQUAL(linnet__format_of_number(11542), LINNET_FORMAT_TLV);
  CHECK_EQUAL(linnet__format_of_number(11543), LINNET_FORMAT_JSON);
  CHECK_EQUAL(linnet__format_of_number(1541), LINNET_FORMAT_TEXT);
  CHECK_EQUAL(linnet__format_of_number(1542), LINNET_FORMAT_TLV);
  CHECK_EQUAL(linnet__format_of_number(1543), LINNET_FORMAT_JSON);
  CHECK_EQUAL(linnet__format_of_number(110), LINNET_FORMAT_NONE);
  CHECK_EQUAL(linnet__format_of_number(60), LINNET_FORMAT_NONE);
  CHECK(linnet__format_has_records(LINNET_FORMAT_TLV) && !linnet__format_has_records(LINNET_FORMAT_LINK));
}

static void base64(void) { /* RFC 4648, section 10, and what is not canonical */
  static const struct {
    const char *plain;
    const char *encoded;
  } pairs[] = {{"", ""},
               {"f", "Zg=="},
               {"fo", "Zm8="},
               {"foo", "Zm9v"},
               {"foob", "Zm9vYg=="},
               {"fooba", "Zm9vYmE="},
               {"foobar", "Zm9vYmFy"},
               {"\xFB\xEF\xFF", "++//"}};
  static const char *const bad[] = {"Z",     "Zg",    "Zg=",  "Zh==", "Zm9=",     "====", "=",   "Zg==Zg==",
                                    "Zm 9v", "Zm9\n", "Zm9-", "Z===", "Zm9v====", "Zm=v", "Z=g="};
  uint8_t memory[64];
  linnet__buffer out;
  linnet__buffer_init_fixed(&out, memory, sizeof memory);
  for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
    linnet__buffer_clear(&out);
    CHECK_EQUAL(linnet__base64_write(&out, pairs[i].plain, strlen(pairs[i].plain)), LINNET_OK);
    CHECK_BYTES(out.data, out.length, pairs[i].encoded, strlen(pairs[i].encoded));
    linnet__buffer_clear(&out);
    CHECK_EQUAL(linnet__base64_read(&out, pairs[i].encoded, strlen(pairs[i].encoded)), LINNET_OK);
    CHECK_BYTES(out.data, out.length, pairs[i].plain, strlen(pairs[i].plain));
  }
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    linnet__buffer_clear(&out);
    CHECK_EQUAL(linnet__base64_read(&out, bad[i], strlen(bad[i])), LINNET_ERROR_MALFORMED);
    CHECK_EQUAL(out.length, 0);
  }
}

int main(void) {
  return RUN(text_of_each_type, text_and_opaque_are_for_one_single_resource, writes_text_and_opaque,
             exactly_one_value, formats_by_number, base64);
}
