/* SPDX-License-Identifier: Apache-2.0 */
/*
 * random.c: SipHash (Aumasson and Bernstein, 2012): 2-4 as random generator, 1-3 as keyed hash, which is
 * enough to keep a table even whoever chooses the keys.
 */
#include "random.h"

#include <string.h>

#include "loop_state.h"

/* In one piece, so that the compiler sees that it is a load. */
static inline uint64_t load_word(const uint8_t *bytes) {
  return (uint64_t)bytes[0] | (uint64_t)bytes[1] << 8 | (uint64_t)bytes[2] << 16 | (uint64_t)bytes[3] << 24 |
         (uint64_t)bytes[4] << 32 | (uint64_t)bytes[5] << 40 | (uint64_t)bytes[6] << 48 |
         (uint64_t)bytes[7] << 56;
}

static uint64_t load_rest(const uint8_t *bytes, size_t length) {
  uint64_t word = 0;
  while (length-- > 0) word = word << 8 | bytes[length];
  return word;
}

static void store(uint8_t *bytes, uint64_t word) {
  for (size_t i = 0; i < 8; i++, word >>= 8) bytes[i] = (uint8_t)word;
}

static uint64_t rotate(uint64_t word, unsigned by) { return word << by | word >> (64 - by); }

static void rounds(uint64_t v[4], unsigned count) {
  while (count-- > 0) {
    v[0] += v[1];
    v[2] += v[3];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] = rotate(v[0], 32);
    v[2] += v[1];
    v[0] += v[3];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] = rotate(v[2], 32);
  }
}

static inline uint64_t siphash(const uint8_t key[16], const void *data, size_t length, unsigned compression,
                               unsigned finalization) {
  const uint8_t *bytes = data;
  uint64_t k0 = load_word(key), k1 = load_word(key + 8);
  uint64_t v[4] = {k0 ^ 0x736f6d6570736575u, k1 ^ 0x646f72616e646f6du, k0 ^ 0x6c7967656e657261u,
                   k1 ^ 0x7465646279746573u};
  size_t whole = length - length % 8;
  for (size_t i = 0; i < whole; i += 8) {
    uint64_t word = load_word(bytes + i);
    v[3] ^= word;
    rounds(v, compression);
    v[0] ^= word;
  }
  uint64_t last = (uint64_t)length << 56;
  if (length > whole) last |= load_rest(bytes + whole, length - whole);
  v[3] ^= last;
  rounds(v, compression);
  v[0] ^= last;
  v[2] ^= 0xff;
  rounds(v, finalization);
  return v[0] ^ v[1] ^ v[2] ^ v[3];
}

uint64_t linnet__siphash(const uint8_t key[16], const void *data, size_t length) {
  return siphash(key, data, length, 2, 4);
}

/* Two hashes under keys that differ in one byte: 128 bits of everything in `data`. */
static void derive(uint8_t out[16], const uint8_t key[16], uint8_t label, const void *data, size_t length) {
  uint8_t labelled[16];
  memcpy(labelled, key, 16);
  for (uint8_t half = 0; half < 2; half++) {
    labelled[0] = (uint8_t)(key[0] ^ (2 * label + half));
    store(out + (size_t)8 * half, linnet__siphash(labelled, data, length));
  }
}

void linnet__random_seed(linnet_loop *loop, const void *seed, size_t length) {
  static const uint8_t nothing[16] = {0};
  uint8_t root[16];
  derive(root, nothing, 0, seed, length);
  /* The root is never used itself, so that the one secret does not tell about the other. */
  derive(loop->random_key, root, 1, seed, length);
  derive(loop->hash_key, root, 2, seed, length);
}

size_t linnet__random_seed_size(const linnet_loop *loop) { return loop->seed_size; }

static uint64_t next(linnet_loop *loop) {
  uint8_t counter[8];
  store(counter, loop->random_counter++);
  return linnet__siphash(loop->random_key, counter, sizeof counter);
}

void linnet__random_bytes(linnet_loop *loop, void *data, size_t length) {
  uint8_t *bytes = data;
  while (length > 0) {
    uint8_t block[8];
    size_t take = length < sizeof block ? length : sizeof block;
    store(block, next(loop));
    memcpy(bytes, block, take);
    bytes += take;
    length -= take;
  }
}

uint32_t linnet__random_u32(linnet_loop *loop) { return (uint32_t)next(loop); }

uint64_t linnet__random_between(linnet_loop *loop, uint64_t low, uint64_t high) {
  if (high <= low) return low;
  uint64_t span = high - low;
  uint64_t mask = 1;
  while (mask < span) mask = mask << 1 | 1;
  uint64_t draw; /* a draw above the span is thrown away, else low numbers would come more often */
  do draw = next(loop) & mask;
  while (draw > span);
  return low + draw;
}

uint64_t linnet__hash(const linnet_loop *loop, const void *data, size_t length) {
  return siphash(loop->hash_key, data, length, 1, 3);
}
