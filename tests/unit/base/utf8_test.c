/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8 (utf8.h, RFC 3629, TYP-07). */
#include "base/base.h"
#include "check.h"

static void reads_back_every_code_point(void) {
  for (uint32_t code_point = 0; code_point < 0x110100; code_point++) {
    uint8_t bytes[4];
    size_t length = linnet__utf8_encode(code_point, bytes);
    bool exists = code_point <= 0x10ffff && (code_point < 0xd800 || code_point > 0xdfff);
    CHECK((length > 0) == exists);
    if (!exists) continue;
    CHECK_EQUAL(linnet__utf8_first(bytes, length), length);
    CHECK(linnet__utf8_valid(bytes, length));
    for (size_t cut = 1; cut < length; cut++) CHECK(!linnet__utf8_valid(bytes, cut));
  }
  CHECK_EQUAL(linnet__utf8_encode(UINT32_MAX, (uint8_t[4]){0}), 0);
}

static void accepts_as_many_sequences_as_there_are_characters(void) {
  unsigned two = 0, three = 0;
  for (unsigned a = 0x80; a < 0x100; a++) {
    for (unsigned b = 0; b < 0x100; b++) {
      uint8_t bytes[3] = {(uint8_t)a, (uint8_t)b, 0x80};
      two += linnet__utf8_first(bytes, 2) == 2;
      three += linnet__utf8_first(bytes, 3) == 3;
    }
  }
  CHECK_EQUAL(two, 0x800 - 0x80);
  CHECK_EQUAL(three, (0x10000 - 0x800 - 0x800) / 64);
}

static void refuses_what_rfc_3629_forbids(void) {
  static const char *const cases[] = {"\x80",
                                      "\xc0\x80",
                                      "\xc1\xbf",
                                      "\xe0\x80\x80",
                                      "\xed\xa0\x80",
                                      "\xf0\x80\x80\x80",
                                      "\xf4\x90\x80\x80",
                                      "\xf5\x80\x80\x80",
                                      "\xff",
                                      "a\xc3",
                                      "\xc3(",
                                      "\xe2\x82(",
                                      "\xf0\x9f\x98("};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    CHECK(!linnet__utf8_valid(cases[i], strlen(cases[i])));
  CHECK(linnet__utf8_valid("", 0));
  CHECK(linnet__utf8_valid(NULL, 0));
  CHECK(linnet__utf8_valid("a\0b", 3));
}

int main(void) {
  return RUN(reads_back_every_code_point, accepts_as_many_sequences_as_there_are_characters,
             refuses_what_rfc_3629_forbids);
}
