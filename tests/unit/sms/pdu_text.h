/* SPDX-License-Identifier: Apache-2.0 */
/* pdu_text.h: bytes as hexadecimal text, for the tests of short messages. */
#ifndef LINNET_TESTS_SMS_PDU_TEXT_H
#define LINNET_TESTS_SMS_PDU_TEXT_H

#include <linnet/sms.h>

#include "check.h"

/* Blanks are skipped; returns how many bytes. */
static inline size_t bytes_of(const char *text, uint8_t *bytes, size_t room) {
  size_t length = 0;
  unsigned value;
  for (; *text != 0; text += *text == ' ' ? 1 : 2) {
    if (*text == ' ') continue;
    CHECK(length < room && sscanf(text, "%2x", &value) == 1);
    bytes[length++] = (uint8_t)value;
  }
  return length;
}

static inline linnet_status parse(linnet_sms *sms, const char *text) {
  uint8_t bytes[512];
  size_t length = bytes_of(text, bytes, sizeof bytes);
  /* A copy without room behind it, so that the sanitizers see a step too far. */
  uint8_t *exact = malloc(length > 0 ? length : 1);
  memcpy(exact, bytes, length);
  linnet_status status = linnet_sms_parse(sms, exact, length);
  free(exact);
  return status;
}

static inline void check_pdu_(const char *file, int line, const linnet_sms *sms, const char *expected) {
  uint8_t pdu[LINNET_SMS_PDU_SIZE], bytes[512];
  size_t length = 0, size = bytes_of(expected, bytes, sizeof bytes);
  CHECK_EQUAL(linnet_sms_write(sms, pdu, &length), LINNET_OK);
  check_bytes_(file, line, pdu, length, bytes, size);
}
#define CHECK_PDU(sms, expected) check_pdu_(__FILE__, __LINE__, sms, expected)

#endif
