/* SPDX-License-Identifier: Apache-2.0 */
/* SipHash and what is drawn from the seed (random.h). */
#include "base/base.h"
#include "check.h"

/* From the reference implementation of its authors: key 00..0f, message of the first n numbers. */
static void hashes_as_the_reference(void) {
  static const struct {
    size_t length;
    uint64_t hash;
  } vectors[] = {{0, 0x726fdb47dd0e0e31}, {1, 0x74f839c593dc67fd},  {7, 0xab0200f58b01d137},
                 {8, 0x93f5f5799a932462}, {15, 0xa129ca6149be45e5}, {63, 0x958a324ceb064572}};
  uint8_t key[16], message[64];
  for (uint8_t i = 0; i < 64; i++) message[i] = i;
  memcpy(key, message, 16);
  for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++)
    CHECK(linnet__siphash(key, message, vectors[i].length) == vectors[i].hash);
}

static void gives_the_same_bytes_for_the_same_seed(void) {
  linnet_loop *a = linnet_loop_new("0123456789abcdefXYZ", 19),
              *b = linnet_loop_new("0123456789abcdefXYZ", 19);
  uint8_t left[37], right[37];
  linnet__random_bytes(a, left, sizeof left);
  linnet__random_bytes(b, right, sizeof right);
  CHECK_BYTES(left, sizeof left, right, sizeof right);
  CHECK(linnet__hash(a, "x", 1) == linnet__hash(b, "x", 1));
  linnet_loop_unref(a);
  linnet_loop_unref(b);
}

static void uses_every_byte_of_the_seed(void) {
  char seed[41] = "0123456789abcdef0123456789abcdef01234567";
  linnet_loop *first = linnet_loop_new(seed, 40);
  uint64_t random_of_first, hash_of_first = linnet__hash(first, "x", 1);
  linnet__random_bytes(first, &random_of_first, 8);
  for (size_t i = 0; i < 40; i++) {
    seed[i] ^= 1;
    linnet_loop *other = linnet_loop_new(seed, 40);
    uint64_t random;
    linnet__random_bytes(other, &random, 8);
    CHECK(random != random_of_first);
    CHECK(linnet__hash(other, "x", 1) != hash_of_first);
    linnet_loop_unref(other);
    seed[i] ^= 1;
  }
  linnet_loop_unref(first);
}

static void draws_evenly_between_two_numbers(void) {
  linnet_loop *loop = linnet_loop_new("0123456789abcdef", 16);
  unsigned counts[5] = {0};
  for (int i = 0; i < 50000; i++) {
    uint64_t number = linnet__random_between(loop, 10, 14);
    CHECK(number >= 10 && number <= 14);
    counts[number - 10]++;
  }
  for (int i = 0; i < 5; i++) CHECK(counts[i] > 9500 && counts[i] < 10500);
  CHECK_EQUAL(linnet__random_between(loop, 3, 3), 3);
  bool high = false;
  for (int i = 0; i < 100; i++) high = high || linnet__random_between(loop, 0, UINT64_MAX) >> 63;
  CHECK(high);
  linnet_loop_unref(loop);
}

int main(void) {
  return RUN(hashes_as_the_reference, gives_the_same_bytes_for_the_same_seed, uses_every_byte_of_the_seed,
             draws_evenly_between_two_numbers);
}
