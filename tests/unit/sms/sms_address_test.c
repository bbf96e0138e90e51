/* SPDX-License-Identifier: Apache-2.0 */
/* sms_address_test.c: numbers and names of short messages, and service centres (3GPP TS 23.040, 9.1.2.5). */
#include "sms/pdu_text.h"

static linnet_sms_number number_of(const char *text) {
  linnet_sms_number number;
  CHECK_EQUAL(linnet_sms_number_parse(&number, text), LINNET_OK);
  return number;
}

static void check_center(const linnet_sms_number *number, const char *hex) {
  uint8_t out[LINNET_SMS_CENTER_SIZE], expected[32];
  size_t length, size = bytes_of(hex, expected, sizeof expected), used;
  linnet_sms_number back;
  CHECK_EQUAL(linnet_sms_write_center(number, out, &length), LINNET_OK);
  CHECK_BYTES(out, length, expected, size);
  CHECK_EQUAL(linnet_sms_parse_center(&back, out, length, &used), LINNET_OK);
  CHECK_EQUAL(used, length);
  CHECK_TEXT(back.text, number == NULL ? "" : number->text);
}

static void numbers_are_digits_with_or_without_plus(void) {
  linnet_sms_number number = number_of("+15550100");
  CHECK_EQUAL(number.kind, LINNET_SMS_INTERNATIONAL);
  CHECK_EQUAL(number.plan, 1);
  CHECK_TEXT(number.text, "15550100");
  number = number_of("*100#abc");
  CHECK_EQUAL(number.kind, LINNET_SMS_UNKNOWN);
  CHECK_TEXT(number.text, "*100#abc");
  static const char *const wrong[] = {"", "+", "12 34", "++1", "1+", "d", "012345678901234567890", "ABC"};
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    CHECK_EQUAL(linnet_sms_number_parse(&number, wrong[i]), LINNET_ERROR_INVALID_ARGUMENT);
    CHECK_TEXT(number.text, "*100#abc");
  }
  CHECK_EQUAL(linnet_sms_number_parse(&number, NULL), LINNET_ERROR_INVALID_ARGUMENT);
}

static void the_length_of_a_service_centre_counts_octets(void) {
  linnet_sms_number odd = number_of("+27381000015"), even = number_of("15550100");
  check_center(&odd, "07 91 72 83 01 00 10 F5");
  check_center(&even, "05 81 51 55 10 00");
  check_center(NULL, "00");
  memset(&odd, 0, sizeof odd);
  check_center(&odd, "00");
}

static void service_centres_that_cannot_be_are_refused(void) {
  static const char *const wrong[] = {
      "",         "01",         "02 91", "08 91 72 83 01 00 10 F5", "0C 91 1111111111 1111111111 11",
      "02 F1 11", "03 91 F1 11"};
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    uint8_t bytes[32];
    size_t used = 77, length = bytes_of(wrong[i], bytes, sizeof bytes);
    linnet_sms_number number;
    CHECK_EQUAL(linnet_sms_parse_center(&number, bytes, length, &used), LINNET_ERROR_MALFORMED);
    CHECK_EQUAL(used, 77);
  }
}

static linnet_status parse_number(const char *hex, linnet_sms_number *number) {
  char pdu[128];
  linnet_sms sms;
  snprintf(pdu, sizeof pdu, "01 00 %s 00 04 00", hex);
  linnet_status status = parse(&sms, pdu);
  *number = sms.number;
  if (status == LINNET_OK) CHECK_PDU(&sms, pdu);
  return status;
}

static void addresses_count_digits(void) {
  linnet_sms_number number;
  CHECK_EQUAL(parse_number("08 91 51551000", &number), LINNET_OK);
  CHECK_TEXT(number.text, "15550100");
  CHECK_EQUAL(parse_number("07 A1 515510F0", &number), LINNET_OK);
  CHECK_EQUAL(number.kind, LINNET_SMS_NATIONAL);
  CHECK_TEXT(number.text, "1555010");
  CHECK_EQUAL(parse_number("05 81 BA DC FE", &number), LINNET_OK);
  CHECK_TEXT(number.text, "*#abc");
  CHECK_EQUAL(parse_number("14 91 10325476981032547698", &number), LINNET_OK);
  CHECK_TEXT(number.text, "01234567890123456789");
  CHECK_EQUAL(parse_number("00 80", &number), LINNET_OK);
  CHECK_TEXT(number.text, "");
}

static void addresses_that_cannot_be_are_refused(void) {
  linnet_sms_number number;
  CHECK_EQUAL(parse_number("15 91 1032547698103254769810", &number), LINNET_ERROR_MALFORMED);
  CHECK_EQUAL(parse_number("04 91 F155", &number), LINNET_ERROR_MALFORMED); /* a fill in the middle */
  CHECK_EQUAL(parse_number("04 F1 5155", &number), LINNET_ERROR_MALFORMED); /* a reserved type */
}

static void names_are_in_septets(void) {
  linnet_sms_number number;
  CHECK_EQUAL(parse_number("14 D0 C4F23C7D760390EF7619", &number), LINNET_OK);
  CHECK_EQUAL(number.kind, LINNET_SMS_ALPHANUMERIC);
  CHECK_TEXT(number.text, "Design@Home");
  CHECK_EQUAL(parse_number("02 D0 41", &number), LINNET_OK);
  CHECK_TEXT(number.text, "A");
  CHECK_EQUAL(parse_number("00 D0", &number), LINNET_OK);
  CHECK_TEXT(number.text, "");
}

static void names_of_every_length_come_back(void) {
  linnet_sms sms, back;
  uint8_t pdu[LINNET_SMS_PDU_SIZE];
  size_t length;
  static const char *const names[] = {"a",
                                      "ab",
                                      "abc",
                                      "abcd",
                                      "abcde",
                                      "abcdef",
                                      "abcdefg",
                                      "abcdefgh",
                                      "abcdefghi",
                                      "abcdefghij",
                                      "abcdefghijk",
                                      "\xe2\x82\xac{}[]",
                                      "\xce\x94\xc3\xa9\xc3\x9f",
                                      "@@@@@@@@@@@"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    CHECK_EQUAL(linnet_sms_submit(&sms, "1", NULL, 0), LINNET_OK);
    sms.number.kind = LINNET_SMS_ALPHANUMERIC;
    sms.number.plan = 0;
    strcpy(sms.number.text, names[i]);
    CHECK_EQUAL(linnet_sms_write(&sms, pdu, &length), LINNET_OK);
    CHECK_EQUAL(linnet_sms_parse(&back, pdu, length), LINNET_OK);
    CHECK_TEXT(back.number.text, names[i]);
  }
}

static void numbers_that_cannot_be_are_not_written(void) {
  static const struct {
    linnet_sms_number_kind kind;
    uint8_t plan;
    const char *text;
  } rows[] = {
      {LINNET_SMS_INTERNATIONAL, 1, "12x"},         {LINNET_SMS_INTERNATIONAL, 16, "12"},
      {(linnet_sms_number_kind)7, 1, "12"},         {LINNET_SMS_INTERNATIONAL, 1, "012345678901234567890"},
      {LINNET_SMS_ALPHANUMERIC, 0, "abcdefghijkl"}, {LINNET_SMS_ALPHANUMERIC, 0, "{}[]|~"},
      {LINNET_SMS_ALPHANUMERIC, 0, "\xe4\xbd\xa0"}, {LINNET_SMS_ALPHANUMERIC, 0, "\xff"}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    linnet_sms sms;
    uint8_t pdu[LINNET_SMS_PDU_SIZE], center[LINNET_SMS_CENTER_SIZE];
    size_t length;
    CHECK_EQUAL(linnet_sms_submit(&sms, "1", NULL, 0), LINNET_OK);
    sms.number.kind = rows[i].kind;
    sms.number.plan = rows[i].plan;
    strcpy(sms.number.text, rows[i].text);
    CHECK_EQUAL(linnet_sms_write(&sms, pdu, &length), LINNET_ERROR_INVALID_ARGUMENT);
    CHECK_EQUAL(linnet_sms_write_center(&sms.number, center, &length), LINNET_ERROR_INVALID_ARGUMENT);
  }
  linnet_sms sms;
  uint8_t pdu[LINNET_SMS_PDU_SIZE];
  size_t length;
  CHECK_EQUAL(linnet_sms_submit(&sms, "1", NULL, 0), LINNET_OK);
  memset(sms.number.text, '1', sizeof sms.number.text); /* not terminated */
  CHECK_EQUAL(linnet_sms_write(&sms, pdu, &length), LINNET_ERROR_INVALID_ARGUMENT);
}

int main(void) {
  return RUN(numbers_are_digits_with_or_without_plus, the_length_of_a_service_centre_counts_octets,
             service_centres_that_cannot_be_are_refused, addresses_count_digits,
             addresses_that_cannot_be_are_refused, names_are_in_septets, names_of_every_length_come_back,
             numbers_that_cannot_be_are_not_written);
}
