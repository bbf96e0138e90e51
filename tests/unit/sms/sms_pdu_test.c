/* SPDX-License-Identifier: Apache-2.0 */
/* sms_pdu_test.c: short messages as they are sent, received and reported (3GPP TS 23.040, 9.2.2; sms.md 2).
 */
#include "sms/pdu_text.h"

/* The two that most introductions to PDU mode print. */
static void reads_the_deliver_of_the_textbooks(void) {
  static const char whole[] = "07917283010010F5 040BC87238880900F10000993092516195800AE8329BFD4697D9EC37";
  uint8_t bytes[64];
  char text[LINNET_SMS_TEXT_SIZE];
  linnet_sms_number center;
  linnet_sms sms;
  size_t used, length = bytes_of(whole, bytes, sizeof bytes);
  CHECK_EQUAL(linnet_sms_parse_center(&center, bytes, length, &used), LINNET_OK);
  CHECK_EQUAL(used, 8);
  CHECK_EQUAL(center.kind, LINNET_SMS_INTERNATIONAL);
  CHECK_TEXT(center.text, "27381000015");
  CHECK_EQUAL(linnet_sms_parse(&sms, bytes + used, length - used), LINNET_OK);
  CHECK_EQUAL(sms.kind, LINNET_SMS_DELIVER);
  CHECK(!sms.more && !sms.report && !sms.reply_path && !sms.loops);
  CHECK_EQUAL(sms.number.kind, LINNET_SMS_SUBSCRIBER);
  CHECK_EQUAL(sms.number.plan, 8);
  CHECK_TEXT(sms.number.text, "27838890001");
  CHECK_EQUAL(sms.protocol, 0);
  CHECK_EQUAL(linnet_sms_get_alphabet(&sms), LINNET_SMS_GSM);
  CHECK_EQUAL(linnet_sms_get_class(&sms), -1);
  CHECK_EQUAL(sms.center_time.unix_s, 922713419);
  CHECK_EQUAL(sms.center_time.zone_minutes, 120);
  CHECK_EQUAL(sms.length, 10);
  CHECK_TEXT(linnet_sms_text(&sms, text), "hellohello");
  CHECK_PDU(&sms, whole + 17);
}

static void reads_the_submit_of_the_textbooks(void) {
  static const char pdu[] = "11000B916407281553F80000AA0AE8329BFD4697D9EC37";
  char text[LINNET_SMS_TEXT_SIZE];
  linnet_sms sms;
  CHECK_EQUAL(parse(&sms, pdu), LINNET_OK);
  CHECK_EQUAL(sms.kind, LINNET_SMS_SUBMIT);
  CHECK_EQUAL(sms.number.kind, LINNET_SMS_INTERNATIONAL);
  CHECK_EQUAL(sms.number.plan, 1);
  CHECK_TEXT(sms.number.text, "46708251358");
  CHECK_EQUAL(sms.validity, LINNET_SMS_VALIDITY_RELATIVE);
  CHECK_EQUAL(sms.validity_s, 4 * 86400);
  CHECK_TEXT(linnet_sms_text(&sms, text), "hellohello");
  CHECK_PDU(&sms, pdu);
}

/* SMS-01, SMS-13: the trigger, /1/0/8, as one SMS. */
static void carries_coap_in_data_of_eight_bits(void) {
  static const uint8_t trigger[] = {0x44, 0x02, 0x12, 0x34, 0xaa, 0xbb, 0xcc,
                                    0xdd, 0xb1, 0x31, 0x01, 0x30, 0x01, 0x38};
  linnet_sms sms, back;
  char text[LINNET_SMS_TEXT_SIZE];
  CHECK_EQUAL(linnet_sms_submit(&sms, "+15550100", trigger, sizeof trigger), LINNET_OK);
  CHECK_PDU(&sms, "11 00 08 91 51 55 10 00 00 04 0B 0E 44021234AABBCCDDB13101300138");
  CHECK_EQUAL(linnet_sms_get_alphabet(&sms), LINNET_SMS_DATA);
  CHECK_EQUAL(parse(&back, "11 00 08 91 51 55 10 00 00 04 0B 0E 44021234AABBCCDDB13101300138"), LINNET_OK);
  CHECK_BYTES(back.data, back.length, trigger, sizeof trigger);
  CHECK_EQUAL(back.validity_s, 3600);
  CHECK_TEXT(linnet_sms_text(&back, text), ""); /* it is no text */
  CHECK_EQUAL(linnet_sms_submit(&sms, "15550100", NULL, 0), LINNET_OK);
  CHECK_EQUAL(sms.number.kind, LINNET_SMS_UNKNOWN);
  CHECK_PDU(&sms, "11 00 08 81 51 55 10 00 00 04 0B 00");
}

static void submits_140_octets_and_no_more(void) {
  static const uint8_t data[141] = {0};
  uint8_t pdu[LINNET_SMS_PDU_SIZE];
  size_t length;
  linnet_sms sms;
  CHECK_EQUAL(linnet_sms_submit(&sms, "+1", data, 141), LINNET_ERROR_TOO_LARGE);
  CHECK_EQUAL(linnet_sms_submit(&sms, "+1", data, 140), LINNET_OK);
  CHECK_EQUAL(linnet_sms_write(&sms, pdu, &length), LINNET_OK);
  sms.length = 141;
  CHECK_EQUAL(linnet_sms_write(&sms, pdu, &length), LINNET_ERROR_TOO_LARGE);
  CHECK_EQUAL(linnet_sms_submit(&sms, "x", data, 1), LINNET_ERROR_INVALID_ARGUMENT);
}

static void keeps_the_flags_of_a_submit(void) {
  linnet_sms sms;
  CHECK_EQUAL(parse(&sms, "A5 2A 03 81 21F3 7F F6 01 00"), LINNET_OK);
  CHECK(sms.reject_duplicates && sms.report && sms.reply_path && !sms.more && !sms.loops);
  CHECK_EQUAL(sms.reference, 0x2a);
  CHECK_EQUAL(sms.protocol, 0x7f);
  CHECK_EQUAL(linnet_sms_get_class(&sms), 2);
  CHECK_EQUAL(linnet_sms_get_alphabet(&sms), LINNET_SMS_DATA);
  CHECK_EQUAL(sms.validity, LINNET_SMS_VALIDITY_NONE);
  CHECK_PDU(&sms, "A5 2A 03 81 21F3 7F F6 01 00");
}

static void keeps_the_flags_of_a_deliver(void) {
  static const char pdu[] = "A8 03 81 21F3 00 04 62113201030041 00";
  linnet_sms sms;
  CHECK_EQUAL(parse(&sms, pdu), LINNET_OK);
  CHECK(sms.more && sms.loops && sms.report && sms.reply_path && !sms.reject_duplicates);
  CHECK_PDU(&sms, pdu);
}

/* A SMS-STATUS-REPORT is never an acknowledgement, but people want to read it. */
static void reads_and_writes_status_reports(void) {
  static const char bare[] = "06 2A 0B 91 6407281553F8 99309251619580 99309251710080 00";
  static const char full[] = "26 2A 0B 91 6407281553F8 99309251619580 99309251710080 46 07 7F 04 02 BEEF";
  linnet_sms sms;
  CHECK_EQUAL(parse(&sms, bare), LINNET_OK);
  CHECK_EQUAL(sms.kind, LINNET_SMS_STATUS_REPORT);
  CHECK_EQUAL(sms.reference, 0x2a);
  CHECK_TEXT(sms.number.text, "46708251358");
  CHECK_EQUAL(sms.center_time.unix_s, 922713419);
  CHECK_EQUAL(sms.discharge_time.unix_s, 922713419 + 1 + 0);
  CHECK_EQUAL(sms.status, 0);
  CHECK(!sms.command && !sms.report);
  CHECK_PDU(&sms, bare);
  CHECK_EQUAL(parse(&sms, full), LINNET_OK);
  CHECK(sms.command);
  CHECK_EQUAL(sms.status, 0x46);
  CHECK_EQUAL(sms.protocol, 0x7f);
  CHECK_EQUAL(sms.length, 2);
  CHECK_PDU(&sms, full);
}

static void tolerates_what_later_releases_add_to_status_reports(void) {
  linnet_sms sms;
  CHECK_EQUAL(parse(&sms, "06 2A 03 81 21F3 99309251619580 99309251710080 00 80 00"), LINNET_OK);
  CHECK_EQUAL(parse(&sms, "06 2A 03 81 21F3 99309251619580 99309251710080 00 09 7F 55"), LINNET_OK);
  CHECK_EQUAL(sms.protocol, 0x7f);
  CHECK_EQUAL(parse(&sms, "06 2A 03 81 21F3 99309251619580 99309251710080 00 80"), LINNET_ERROR_MALFORMED);
  CHECK_EQUAL(parse(&sms, "06 2A 03 81 21F3 99309251619580 99309251710080 00 01"), LINNET_ERROR_MALFORMED);
  CHECK_EQUAL(parse(&sms, "06 2A 03 81 21F3 99309251619580 99309251710080 00 02"), LINNET_ERROR_MALFORMED);
}

static void refuses_every_message_that_is_cut_short(void) {
  static const char *const pdus[] = {
      "040BC87238880900F10000993092516195800AE8329BFD4697D9EC37",
      "11000B916407281553F80000AA0AE8329BFD4697D9EC37",
      "51 00 03 81 21F3 00 04 0B 09 06 05 04 0B84 C002 AABB", "09 00 03 81 21F3 00 04 42050000000000 01 00",
      "26 2A 0B 91 6407281553F8 99309251619580 99309251710080 46 07 7F 04 02 BEEF"};
  for (size_t i = 0; i < sizeof pdus / sizeof pdus[0]; i++) {
    uint8_t bytes[128];
    size_t length = bytes_of(pdus[i], bytes, sizeof bytes);
    linnet_sms sms;
    CHECK_EQUAL(linnet_sms_parse(&sms, bytes, length), LINNET_OK);
    for (size_t cut = 0; cut < length; cut++) {
      uint8_t *exact = malloc(cut > 0 ? cut : 1);
      memcpy(exact, bytes, cut);
      linnet_status status = linnet_sms_parse(&sms, exact, cut);
      bool optional = (bytes[0] & 3) == 2 && cut == 25; /* TP-PI and all after it */
      CHECK_EQUAL(status, optional ? LINNET_OK : LINNET_ERROR_MALFORMED);
      free(exact);
    }
    bytes[length] = 0;
    if ((bytes[0] & 3) != 2) CHECK_EQUAL(linnet_sms_parse(&sms, bytes, length + 1), LINNET_ERROR_MALFORMED);
  }
}

static void refuses_kinds_that_are_reserved(void) {
  linnet_sms sms;
  uint8_t pdu[LINNET_SMS_PDU_SIZE];
  size_t length;
  CHECK_EQUAL(parse(&sms, "03 00"), LINNET_ERROR_UNSUPPORTED_FORMAT);
  memset(&sms, 0, sizeof sms);
  sms.kind = (linnet_sms_kind)3;
  CHECK_EQUAL(linnet_sms_write(&sms, pdu, &length), LINNET_ERROR_INVALID_ARGUMENT);
  sms.kind = LINNET_SMS_SUBMIT;
  sms.validity = (linnet_sms_validity)4;
  CHECK_EQUAL(linnet_sms_write(&sms, pdu, &length), LINNET_ERROR_INVALID_ARGUMENT);
}

static void a_zeroed_message_can_be_written(void) {
  linnet_sms sms;
  memset(&sms, 0, sizeof sms);
  sms.more = true;
  CHECK_PDU(&sms, "00 00 80 00 00 00000000000000 00");
}

/* The largest of each kind fits into LINNET_SMS_PDU_SIZE. */
static void the_longest_messages_fit(void) {
  linnet_sms sms;
  uint8_t pdu[LINNET_SMS_PDU_SIZE];
  size_t length;
  for (int kind = 0; kind <= 2; kind++) {
    CHECK_EQUAL(linnet_sms_submit(&sms, "+01234567890123456789", NULL, 0), LINNET_OK);
    sms.kind = (linnet_sms_kind)kind;
    sms.validity = LINNET_SMS_VALIDITY_ENHANCED;
    sms.protocol = 0x7f;
    sms.length = 140;
    CHECK_EQUAL(linnet_sms_write(&sms, pdu, &length), LINNET_OK);
    CHECK(length >= 160);
  }
}

int main(void) {
  return RUN(reads_the_deliver_of_the_textbooks, reads_the_submit_of_the_textbooks,
             carries_coap_in_data_of_eight_bits, submits_140_octets_and_no_more, keeps_the_flags_of_a_submit,
             keeps_the_flags_of_a_deliver, reads_and_writes_status_reports,
             tolerates_what_later_releases_add_to_status_reports, refuses_every_message_that_is_cut_short,
             refuses_kinds_that_are_reserved, a_zeroed_message_can_be_written, the_longest_messages_fit);
}
