/* SPDX-License-Identifier: Apache-2.0 */
/* sms_mutation_test.c: whatever comes is refused, or means after writing and reading what it meant before. */
#include <time.h>

#include "sms/pdu_text.h"

#define ROUNDS 150000
#define SECONDS 2

static const char *const seeds[] = {
    "040BC87238880900F10000993092516195800AE8329BFD4697D9EC37",
    "11000B916407281553F80000AA0AE8329BFD4697D9EC37",
    "51 00 03 81 21F3 00 04 0B 0D 0B 05 04 0B84 C002 00 03 42 02 01 AA",
    "09 00 03 81 21F3 00 08 42050000000000 04 0041 4F60",
    "44 14 D0 C4F23C7D760390EF7619 00 00 62113201030049 0C 06 08 04 1042 03 02 E832 9BFD 46",
    "26 2A 0B 91 6407281553F8 99309251619580 99309251710080 46 07 7F 04 02 BEEF",
};

static uint32_t next(uint32_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 17;
  *state ^= *state << 5;
  return *state;
}

static size_t mutate(uint8_t *bytes, size_t length, uint32_t *state) {
  for (uint32_t i = next(state) % 4; i < 4 && length > 0; i++) {
    size_t at = next(state) % length;
    switch (next(state) % 5) {
      case 0:
        bytes[at] ^= (uint8_t)(1u << next(state) % 8);
        break;
      case 1:
        bytes[at] = (uint8_t)next(state);
        break;
      case 2:
        length = at;
        break;
      case 3:
        memmove(bytes + at + 1, bytes + at, length - at);
        length++;
        break;
      default:
        memmove(bytes + at, bytes + at + 1, length - at - 1);
        length--;
        break;
    }
  }
  return length;
}

static void look_at(const uint8_t *bytes, size_t length, size_t *accepted) {
  char text[LINNET_SMS_TEXT_SIZE];
  uint8_t pdu[LINNET_SMS_PDU_SIZE], *exact = malloc(length > 0 ? length : 1);
  linnet_sms_number center;
  linnet_sms sms, back;
  size_t written, used;
  memcpy(exact, bytes, length);
  if (linnet_sms_parse_center(&center, exact, length, &used) == LINNET_OK) CHECK(used <= length);
  linnet_status status = linnet_sms_parse(&sms, exact, length);
  free(exact);
  if (status != LINNET_OK) {
    CHECK(status == LINNET_ERROR_MALFORMED || status == LINNET_ERROR_UNSUPPORTED_FORMAT);
    return;
  }
  ++*accepted;
  CHECK(strlen(linnet_sms_text(&sms, text)) < sizeof text);
  CHECK(sms.length <= linnet_sms_room(&sms));
  CHECK_EQUAL(linnet_sms_write(&sms, pdu, &written), LINNET_OK);
  CHECK_EQUAL(linnet_sms_parse(&back, pdu, written), LINNET_OK);
  CHECK(memcmp(&sms, &back, sizeof sms) == 0);
}

static void nothing_breaks_it(void) {
  uint32_t state = 20261123;
  size_t accepted = 0;
  clock_t begin = clock();
  for (int round = 0; round < ROUNDS; round++) {
    uint8_t bytes[128];
    size_t length = bytes_of(seeds[next(&state) % (sizeof seeds / sizeof seeds[0])], bytes, sizeof bytes);
    look_at(bytes, mutate(bytes, length, &state), &accepted);
    if (round % 1000 == 0 && clock() - begin > SECONDS * CLOCKS_PER_SEC) break;
  }
  CHECK(accepted > 1000);
}

int main(void) { return RUN(nothing_breaks_it); }
