/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of messages, mutated at random from a fixed seed, do no harm: the harness of tests/fuzz, bounded
 * (CO-10, CO-11). */
#include "../../fuzz/coap_fuzz.c"

#include "check.h"

#define ROUNDS 12000
#define LONGEST 600

static uint64_t state = 88172645463325252ULL;

static uint32_t next_random(uint32_t below) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (uint32_t)(state >> 33) % below;
}

/* Acts that mean something, to mutate from. */
static const char *const seeds[] = {
    "\x00\x0D\x41\x01\x00\x01\x4A\x60\x51\x33\x01\x30\x01\x39\x60", /* observe */
    "\x00\x0B\x41\x03\x00\x02\x4A\xB1\x33\xD1\x03\x08\x05",         /* a block of nothing */
    "\x00\x1C\x41\x03\x00\x03\x4A\xB1\x33\xD1\x03\x08\xFF"
    "0123456789abcdef\x05",
    "\x00\x0A\x41\x01\x00\x04\x4A\xB1\x33\xC1\x10\x05", /* a later block */
    "\x08\x01\x04",                                     /* observe it */
    "\x02\x08\x60\x45\x00\x00\x61\x0C\xFF\x31",         /* its answer */
    "\x02\x1A\x60\x45\x00\x00\x61\x0D\xD1\x04\x08\xFF"
    "0123456789abcdef",
    "\x02\x15\x40\x45\x00\x00\xD1\x0A\x08\xFF"
    "0123456789abcdef",
    "\x08\x01\xFE",
    "\x02\x07\x60\x5F\x00\x00\xD1\x0E\x08",
    "\x01\x04\x60\x00\x00\x00",
    "\x01\x04\x70\x00\x00\x00",
    "\x10\x01\x63",
    "\x10\x01\x62",
    "\x20\x01\x28",
    "\x04\x01\x08",
    "\x04\x01\xFF",
    "\x84\x01\x01",
};

/* Their lengths: some have zero bytes. */
static size_t seed_length(const char *seed) { return 2 + (size_t)(uint8_t)seed[1]; }

static void does_no_harm(void) {
  for (int round = 0; round < ROUNDS; round++) {
    uint8_t row[LONGEST];
    size_t length = 0;
    uint32_t acts = 1 + next_random(12);
    for (uint32_t i = 0; i < acts; i++) {
      const char *seed = seeds[next_random(sizeof seeds / sizeof seeds[0])];
      if (length + seed_length(seed) > sizeof row) break;
      memcpy(row + length, seed, seed_length(seed));
      length += seed_length(seed);
    }
    for (uint32_t mutations = next_random(6); mutations > 0; mutations--)
      row[next_random((uint32_t)length)] = (uint8_t)next_random(256);
    LLVMFuzzerTestOneInput(row, length - next_random(3));
  }
}

int main(void) { return RUN(does_no_harm); }
