/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sms_fuzz.c: libFuzzer entry for short messages and the putting together of their parts.
 *
 * The input is a row of TPDUs, each behind its length. What is accepted means after writing and reading what
 * it meant before, and its parts go where messages are made of them.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sms/sms.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(int truth) {
  if (!truth) abort();
}

static void check_round_trip(const linnet_sms *sms) {
  uint8_t pdu[LINNET_SMS_PDU_SIZE];
  char text[LINNET_SMS_TEXT_SIZE];
  linnet_sms back;
  size_t length;
  expect(strlen(linnet_sms_text(sms, text)) < sizeof text);
  expect(linnet_sms_write(sms, pdu, &length) == LINNET_OK);
  expect(linnet_sms_parse(&back, pdu, length) == LINNET_OK);
  expect(memcmp(sms, &back, sizeof back) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const uint8_t seed[LINNET_SEED_SIZE] = {7};
  linnet_loop *loop = linnet_loop_new(seed, sizeof seed);
  linnet__reassembly reassembly;
  linnet__buffer whole;
  uint64_t now_ms = 1;
  linnet__reassembly_init(&reassembly, loop);
  reassembly.limit = 3;
  reassembly.limit_of_sender = 2;
  linnet__buffer_init(&whole, loop, 65536);
  for (size_t at = 0; at < size;) {
    size_t length = data[at++], used;
    linnet_sms_number center;
    linnet_sms sms;
    if (length > size - at) length = size - at;
    if (linnet_sms_parse_center(&center, data + at, length, &used) == LINNET_OK) expect(used <= length);
    bool sound = linnet_sms_parse(&sms, data + at, length) == LINNET_OK;
    expect((linnet_sms_fault(data + at, length, &used) == NULL) == sound && used <= length);
    if (sound) {
      check_round_trip(&sms);
      linnet__buffer_clear(&whole);
      if (sms.part_bits != 0) linnet__reassembly_add(&reassembly, &sms, &whole);
    }
    at += length;
    now_ms += 20000;
    linnet_loop_step(loop, now_ms);
  }
  linnet__reassembly_clear(&reassembly);
  linnet__buffer_free(&whole);
  expect(reassembly.count == 0);
  linnet_loop_unref(loop);
  return 0;
}
