/* SPDX-License-Identifier: Apache-2.0 */
/* sms_user_data_test.c: codings, texts, the header with ports and parts (3GPP TS 23.038; TS 23.040, 9.2.3.24;
 * sms.md 2, SMS-10). */
#include "sms/pdu_text.h"

/* A SUBMIT with that TP-DCS and user data from TP-UDL on. */
static linnet_status parse_data(linnet_sms *sms, const char *first, const char *coding, const char *hex) {
  char pdu[1024];
  snprintf(pdu, sizeof pdu, "%s 00 03 81 21F3 00 %s %s", first, coding, hex);
  return parse(sms, pdu);
}

static linnet_sms submit_of(size_t length) {
  linnet_sms sms;
  CHECK_EQUAL(linnet_sms_submit(&sms, "+1", NULL, 0), LINNET_OK);
  sms.length = (uint8_t)length;
  for (size_t i = 0; i < length; i++) sms.data[i] = (uint8_t)(i & 0x7f);
  return sms;
}

static void comes_back(const linnet_sms *sms) {
  uint8_t pdu[LINNET_SMS_PDU_SIZE];
  size_t length;
  linnet_sms back;
  CHECK_EQUAL(linnet_sms_write(sms, pdu, &length), LINNET_OK);
  CHECK_EQUAL(linnet_sms_parse(&back, pdu, length), LINNET_OK);
  CHECK_EQUAL(back.port_bits, sms->port_bits);
  CHECK_EQUAL(back.destination_port, sms->destination_port);
  CHECK_EQUAL(back.source_port, sms->source_port);
  CHECK_EQUAL(back.part_bits, sms->part_bits);
  CHECK_EQUAL(back.part_reference, sms->part_reference);
  CHECK_EQUAL(back.parts, sms->parts);
  CHECK_EQUAL(back.part, sms->part);
  CHECK_BYTES(back.other, back.other_length, sms->other, sms->other_length);
  CHECK_BYTES(back.data, back.length, sms->data, sms->length);
}

static void codings_name_alphabet_and_class(
    void) { /* sms.md 2: accepts 04, F4 to F7 and their like as data */
  static const struct {
    uint8_t coding;
    linnet_sms_alphabet alphabet;
    int class;
  } rows[] = {
      {0x00, LINNET_SMS_GSM, -1},        {0x04, LINNET_SMS_DATA, -1},      {0x08, LINNET_SMS_UCS2, -1},
      {0x0c, LINNET_SMS_GSM, -1},        {0x03, LINNET_SMS_GSM, -1},       {0x11, LINNET_SMS_GSM, 1},
      {0x16, LINNET_SMS_DATA, 2},        {0x44, LINNET_SMS_DATA, -1},      {0x5b, LINNET_SMS_UCS2, 3},
      {0x20, LINNET_SMS_COMPRESSED, -1}, {0x34, LINNET_SMS_COMPRESSED, 0}, {0x84, LINNET_SMS_GSM, -1},
      {0xc8, LINNET_SMS_GSM, -1},        {0xd8, LINNET_SMS_GSM, -1},       {0xe8, LINNET_SMS_UCS2, -1},
      {0xf0, LINNET_SMS_GSM, 0},         {0xf1, LINNET_SMS_GSM, 1},        {0xf4, LINNET_SMS_DATA, 0},
      {0xf6, LINNET_SMS_DATA, 2},        {0xf7, LINNET_SMS_DATA, 3},       {0xfc, LINNET_SMS_GSM, 0}};
  linnet_sms sms;
  memset(&sms, 0, sizeof sms);
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    sms.coding = rows[i].coding;
    CHECK_EQUAL(linnet_sms_get_alphabet(&sms), rows[i].alphabet);
    CHECK_EQUAL(linnet_sms_get_class(&sms), rows[i].class);
  }
  for (unsigned coding = 0; coding < 256; coding++) {
    sms.coding = (uint8_t)coding;
    CHECK_EQUAL(linnet_sms_get_alphabet(&sms) == LINNET_SMS_DATA,
                (coding & 0xac) == 0x04 || (coding & 0xfc) == 0xf4);
  }
}

/* What fits, by the table of sms.md 2. */
static void headers_take_their_room(void) {
  static const struct {
    uint8_t ports, parts;
    size_t octets, septets;
    const char *header;
  } rows[] = {{0, 0, 140, 160, ""},
              {8, 0, 135, 154, "04 04 02 17 2A"},
              {16, 0, 133, 152, "06 05 04 0B84 C002"},
              {0, 8, 134, 153, "05 00 03 42 03 02"},
              {0, 16, 133, 152, "06 08 04 1042 03 02"},
              {16, 8, 128, 146, "0B 05 04 0B84 C002 00 03 42 03 02"},
              {16, 16, 127, 145, "0C 05 04 0B84 C002 08 04 1042 03 02"}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    char pdu[128];
    linnet_sms sms = submit_of(2);
    sms.port_bits = rows[i].ports;
    sms.destination_port = rows[i].ports == 16 ? 2948 : 0x17;
    sms.source_port = rows[i].ports == 16 ? 0xc002 : 0x2a;
    if (rows[i].ports == 0) sms.destination_port = sms.source_port = 0;
    sms.part_bits = rows[i].parts;
    if (rows[i].parts > 0) {
      sms.part_reference = rows[i].parts == 16 ? 0x1042 : 0x42;
      sms.parts = 3;
      sms.part = 2;
    }
    CHECK_EQUAL(linnet_sms_room(&sms), rows[i].octets);
    snprintf(pdu, sizeof pdu, "%s 00 01 91 F1 00 04 0B %02zX %s 00 01", rows[i].header[0] == 0 ? "11" : "51",
             140 - rows[i].octets + 2, rows[i].header);
    CHECK_PDU(&sms, pdu);
    comes_back(&sms);
    sms.length = (uint8_t)rows[i].octets;
    comes_back(&sms);
    sms.coding = 0;
    CHECK_EQUAL(linnet_sms_room(&sms), rows[i].septets);
    sms.length = (uint8_t)rows[i].septets;
    comes_back(&sms);
    sms.length++;
    uint8_t out[LINNET_SMS_PDU_SIZE];
    size_t length;
    if (i > 0) CHECK_EQUAL(linnet_sms_write(&sms, out, &length), LINNET_ERROR_TOO_LARGE);
  }
}

/* Every length, with every number of fill bits. */
static void septets_of_every_length_come_back(void) {
  for (size_t length = 0; length <= 100; length++)
    for (uint8_t other = 0; other <= 9; other++) {
      linnet_sms sms = submit_of(length);
      sms.coding = 0;
      if (other >= 2) {
        sms.other[0] = 0x70;
        sms.other[1] = (uint8_t)(other - 2);
        sms.other_length = other;
      }
      comes_back(&sms);
    }
}

static void reads_wap_push_ports(void) { /* SMS-06 */
  linnet_sms sms;
  CHECK_EQUAL(parse_data(&sms, "41", "04", "0F 06 05 04 0B84 C002 01 06 03 C4 AF 9A 40 01"), LINNET_OK);
  CHECK_EQUAL(sms.port_bits, 16);
  CHECK_EQUAL(sms.destination_port, 2948);
  CHECK_EQUAL(sms.source_port, 0xc002);
  CHECK_EQUAL(sms.length, 8);
  CHECK_EQUAL(sms.data[0], 1);
}

static void part_numbers_that_cannot_be_are_ignored(void) { /* SMS-10 */
  static const char *const wrong[] = {"07 05 00 03 42 00 01 AA", "07 05 00 03 42 02 00 AA",
                                      "07 05 00 03 42 02 03 AA"};
  linnet_sms sms;
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    CHECK_EQUAL(parse_data(&sms, "41", "04", wrong[i]), LINNET_OK);
    CHECK_EQUAL(sms.part_bits, 0);
    CHECK_EQUAL(sms.length, 1);
  }
  CHECK_EQUAL(parse_data(&sms, "41", "04", "0B 0A 00 03 42 02 01 00 03 43 02 02"), LINNET_OK);
  CHECK_EQUAL(sms.part_reference, 0x43); /* the last counts */
}

static void headers_that_cannot_be_are_refused(void) {
  static const char *const wrong[] = {"00",
                                      "01 01",
                                      "02 02 00",
                                      "03 02 00 03",
                                      "06 05 00 04 42 02 01",
                                      "06 05 08 03 42 02 01",
                                      "04 03 04 01 00",
                                      "06 05 05 03 00 00 00",
                                      "03 02 70 01",
                                      "03 01 70 00"};
  linnet_sms sms;
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
    CHECK_EQUAL(parse_data(&sms, "41", "04", wrong[i]), LINNET_ERROR_MALFORMED);
  CHECK_EQUAL(parse_data(&sms, "41", "00", "06 05 00 03 42 02 01"), LINNET_ERROR_MALFORMED);
  CHECK_EQUAL(parse_data(&sms, "41", "00", "07 06 00 03 42 02 01 00"), LINNET_ERROR_MALFORMED);
  CHECK_EQUAL(parse_data(&sms, "41", "00", "07 05 00 03 42 02 01 00"), LINNET_OK);
  CHECK_EQUAL(sms.length, 0);
  CHECK_EQUAL(parse_data(&sms, "41", "04", "01 00"), LINNET_OK);
}

static void more_than_140_octets_are_refused(void) {
  char hex[600] = "8D";
  linnet_sms sms;
  for (int i = 0; i < 141; i++) strcat(hex, "00");
  CHECK_EQUAL(parse_data(&sms, "01", "04", hex), LINNET_ERROR_MALFORMED);
  memcpy(hex, "A1", 2); /* 161 septets in 141 octets */
  CHECK_EQUAL(parse_data(&sms, "01", "00", hex), LINNET_ERROR_MALFORMED);
}

static void what_cannot_be_said_is_not_written(void) {
  uint8_t pdu[LINNET_SMS_PDU_SIZE];
  size_t length;
  linnet_sms sms = submit_of(1);
  sms.port_bits = 7;
  CHECK_EQUAL(linnet_sms_write(&sms, pdu, &length), LINNET_ERROR_INVALID_ARGUMENT);
  sms.port_bits = 8;
  sms.source_port = 256;
  CHECK_EQUAL(linnet_sms_write(&sms, pdu, &length), LINNET_ERROR_INVALID_ARGUMENT);
  sms = submit_of(1);
  sms.part_bits = 8;
  CHECK_EQUAL(linnet_sms_write(&sms, pdu, &length), LINNET_ERROR_INVALID_ARGUMENT);
  sms.parts = 1;
  sms.part = 2;
  CHECK_EQUAL(linnet_sms_write(&sms, pdu, &length), LINNET_ERROR_INVALID_ARGUMENT);
  sms.part = 1;
  sms.part_reference = 256;
  CHECK_EQUAL(linnet_sms_write(&sms, pdu, &length), LINNET_ERROR_INVALID_ARGUMENT);
  sms = submit_of(1);
  sms.coding = 0;
  sms.data[0] = 0x80;
  CHECK_EQUAL(linnet_sms_write(&sms, pdu, &length), LINNET_ERROR_INVALID_ARGUMENT);
  sms = submit_of(1);
  memcpy(sms.other, "\x70\x02\x00", 3);
  sms.other_length = 3;
  CHECK_EQUAL(linnet_sms_write(&sms, pdu, &length), LINNET_ERROR_INVALID_ARGUMENT);
  memcpy(sms.other, "\x00\x03\x01\x02\x01", 5); /* parts have fields of their own */
  sms.other_length = 5;
  CHECK_EQUAL(linnet_sms_write(&sms, pdu, &length), LINNET_ERROR_INVALID_ARGUMENT);
  sms.other_length = 255;
  CHECK_EQUAL(linnet_sms_write(&sms, pdu, &length), LINNET_ERROR_TOO_LARGE);
  CHECK_EQUAL(linnet_sms_room(&sms), 0);
}

/* ---- texts --------------------------------------------------------------------------------------- */

static void reads_the_default_alphabet(void) {
  char text[LINNET_SMS_TEXT_SIZE];
  linnet_sms sms;
  memset(&sms, 0, sizeof sms);
  sms.length = 8;
  memcpy(sms.data, "\x00\x01\x02\x10\x1e\x7f\x24\x60", 8);
  CHECK_TEXT(linnet_sms_text(&sms, text), "@\xc2\xa3$\xce\x94\xc3\x9f\xc3\xa0\xc2\xa4\xc2\xbf");
  sms.length = 12;
  memcpy(sms.data, "\x1b\x65\x1b\x28\x1b\x3c\x1b\x40\x1b\x41\x1b\x1b", 12); /* the last two are unknown */
  CHECK_TEXT(linnet_sms_text(&sms, text), "\xe2\x82\xac{[|A ");
  sms.length = 1; /* an escape of nothing */
  CHECK_TEXT(linnet_sms_text(&sms, text), " ");
}

static void the_longest_text_fits(void) {
  char text[LINNET_SMS_TEXT_SIZE];
  linnet_sms sms;
  memset(&sms, 0, sizeof sms);
  sms.length = LINNET_SMS_SEPTETS;
  memset(sms.data, 0x10, sizeof sms.data);
  CHECK_EQUAL(strlen(linnet_sms_text(&sms, text)), 2 * LINNET_SMS_SEPTETS);
  sms.coding = 8;
  memset(sms.data, 0x20, sizeof sms.data);
  CHECK_EQUAL(strlen(linnet_sms_text(&sms, text)), 3 * LINNET_SMS_SEPTETS / 2);
  sms.length = 255;
  CHECK_EQUAL(strlen(linnet_sms_text(&sms, text)), 3 * LINNET_SMS_SEPTETS / 2);
}

static void reads_ucs2(void) {
  char text[LINNET_SMS_TEXT_SIZE];
  linnet_sms sms;
  CHECK_EQUAL(parse_data(&sms, "01", "08", "0E 0041 00FC 4F60 D83DDE00 D800 0000"), LINNET_OK);
  CHECK_TEXT(linnet_sms_text(&sms, text), "A\xc3\xbc\xe4\xbd\xa0\xf0\x9f\x98\x80\xef\xbf\xbd\xef\xbf\xbd");
  CHECK_EQUAL(parse_data(&sms, "01", "08", "03 0041 00"), LINNET_OK); /* half a character is none */
  CHECK_TEXT(linnet_sms_text(&sms, text), "A");
}

int main(void) {
  return RUN(codings_name_alphabet_and_class, headers_take_their_room, septets_of_every_length_come_back,
             reads_wap_push_ports, part_numbers_that_cannot_be_are_ignored,
             headers_that_cannot_be_are_refused, more_than_140_octets_are_refused,
             what_cannot_be_said_is_not_written, reads_the_default_alphabet, the_longest_text_fits,
             reads_ucs2);
}
