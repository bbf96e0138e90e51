/* SPDX-License-Identifier: Apache-2.0 */
/* sms_moment_test.c: time stamps and validity periods (3GPP TS 23.040, 9.2.3.11, 9.2.3.12). */
#include "sms/pdu_text.h"

static linnet_sms_time time_of(const char *hex) {
  char pdu[128];
  linnet_sms sms;
  snprintf(pdu, sizeof pdu, "04 03 81 21F3 00 04 %s 00", hex);
  CHECK_EQUAL(parse(&sms, pdu), LINNET_OK);
  if (sms.center_time.unix_s != 0) CHECK_PDU(&sms, pdu);
  return sms.center_time;
}

static void dates_have_a_zone(void) {
  CHECK_EQUAL(time_of("99309251619580").unix_s, 922713419);
  CHECK_EQUAL(time_of("99309251619580").zone_minutes, 120);
  CHECK_EQUAL(time_of("62113201030049").unix_s, 1795442400); /* 2026-11-23 10:30 at -03:30 */
  CHECK_EQUAL(time_of("62113201030049").zone_minutes, -210);
}

static void years_go_from_1990_to_2089(void) {
  CHECK_EQUAL(time_of("09101000000000").unix_s, 631152000);
  CHECK_EQUAL(time_of("00209232959500").unix_s, 951868799); /* the 29th of February 2000 */
  CHECK_EQUAL(time_of("98211332959500").unix_s, 3786911999);
}

/* What is no date does not make the message worthless. */
static void dates_that_are_none_count_as_not_told(void) {
  static const char *const wrong[] = {"00000000000000", "99319251619580", "9930A251619580",
                                      "99302351619580", "99309242619580", "99309251069580",
                                      "99309251610680", "FFFFFFFFFFFFFF", "993092516195A0"};
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    linnet_sms_time time = time_of(wrong[i]);
    CHECK_EQUAL(time.unix_s, 0);
    CHECK_EQUAL(time.zone_minutes, 0);
  }
}

static void dates_that_cannot_be_said_are_not_written(void) {
  static const linnet_sms_time wrong[] = {{631151999, 0},     {3786912000, 0}, {922713419, 1200},
                                          {922713419, -1200}, {-1, 0},         {INT64_MAX, 60},
                                          {INT64_MIN, -60}};
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    linnet_sms sms;
    uint8_t pdu[LINNET_SMS_PDU_SIZE];
    size_t length;
    memset(&sms, 0, sizeof sms);
    sms.center_time = wrong[i];
    CHECK_EQUAL(linnet_sms_write(&sms, pdu, &length), LINNET_ERROR_INVALID_ARGUMENT);
  }
}

/* Every day of the century, there and back. */
static void every_day_comes_back(void) {
  linnet_sms sms, back;
  uint8_t pdu[LINNET_SMS_PDU_SIZE];
  size_t length;
  memset(&sms, 0, sizeof sms);
  for (int64_t time = 631152000; time < 3786912000; time += 86400) {
    sms.center_time.unix_s = time;
    CHECK_EQUAL(linnet_sms_write(&sms, pdu, &length), LINNET_OK);
    CHECK_EQUAL(linnet_sms_parse(&back, pdu, length), LINNET_OK);
    CHECK_EQUAL(back.center_time.unix_s, time);
  }
}

static linnet_sms with_validity(linnet_sms_validity validity, uint32_t seconds) {
  linnet_sms sms;
  CHECK_EQUAL(linnet_sms_submit(&sms, "+1", NULL, 0), LINNET_OK);
  sms.validity = validity;
  sms.validity_s = seconds;
  return sms;
}

static void relative_periods_are_rounded_up(void) {
  static const struct {
    uint32_t wanted_s, said_s;
    const char *octet;
  } rows[] = {{0, 300, "00"},           {300, 300, "00"},           {301, 600, "01"},
              {3600, 3600, "0B"},       {43200, 43200, "8F"},       {43201, 45000, "90"},
              {86400, 86400, "A7"},     {86401, 172800, "A8"},      {2592000, 2592000, "C4"},
              {2592001, 3024000, "C5"}, {38102400, 38102400, "FF"}, {UINT32_MAX, 38102400, "FF"}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    char pdu[64];
    linnet_sms sms = with_validity(LINNET_SMS_VALIDITY_RELATIVE, rows[i].wanted_s), back;
    snprintf(pdu, sizeof pdu, "11 00 01 91 F1 00 04 %s 00", rows[i].octet);
    CHECK_PDU(&sms, pdu);
    CHECK_EQUAL(parse(&back, pdu), LINNET_OK);
    CHECK_EQUAL(back.validity_s, rows[i].said_s);
  }
}

static void absolute_periods_are_dates(void) {
  linnet_sms sms = with_validity(LINNET_SMS_VALIDITY_ABSOLUTE, 0), back;
  sms.validity_until = (linnet_sms_time){922713419, 120};
  CHECK_PDU(&sms, "19 00 01 91 F1 00 04 99309251619580 00");
  CHECK_EQUAL(parse(&back, "19 00 01 91 F1 00 04 99309251619580 00"), LINNET_OK);
  CHECK_EQUAL(back.validity, LINNET_SMS_VALIDITY_ABSOLUTE);
  CHECK_EQUAL(back.validity_until.unix_s, 922713419);
}

static void enhanced_periods_are_exact(void) { /* 9.2.3.12.3 */
  static const struct {
    uint32_t seconds;
    const char *octets;
  } rows[] = {{0, "00000000000000"},   {1, "02010000000000"},      {255, "02FF0000000000"},
              {256, "03004061000000"}, {359999, "03999595000000"}, {604800, "01AD0000000000"}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    char pdu[64];
    linnet_sms sms = with_validity(LINNET_SMS_VALIDITY_ENHANCED, rows[i].seconds), back;
    snprintf(pdu, sizeof pdu, "09 00 01 91 F1 00 04 %s 00", rows[i].octets);
    CHECK_PDU(&sms, pdu);
    CHECK_EQUAL(parse(&back, pdu), LINNET_OK);
    CHECK_EQUAL(back.validity_s, rows[i].seconds);
    CHECK(!back.single_shot);
  }
  linnet_sms sms;
  CHECK_EQUAL(parse(&sms, "09 00 01 91 F1 00 04 40000000000000 00"), LINNET_OK);
  CHECK(sms.single_shot);
  CHECK_PDU(&sms, "09 00 01 91 F1 00 04 40000000000000 00");
  CHECK_EQUAL(parse(&sms, "09 00 01 91 F1 00 04 82050000000000 00"), LINNET_OK); /* of a later day */
  CHECK_EQUAL(sms.validity_s, 0);

  CHECK_EQUAL(parse(&sms, "09 00 01 91 F1 00 04 03000600000000 00"), LINNET_ERROR_MALFORMED);
  CHECK_EQUAL(parse(&sms, "09 00 01 91 F1 00 04 030A0000000000 00"), LINNET_ERROR_MALFORMED);
}

int main(void) {
  return RUN(dates_have_a_zone, years_go_from_1990_to_2089, dates_that_are_none_count_as_not_told,
             dates_that_cannot_be_said_are_not_written, every_day_comes_back, relative_periods_are_rounded_up,
             absolute_periods_are_dates, enhanced_periods_are_exact);
}
