/* SPDX-License-Identifier: Apache-2.0 */
/* random.h: bytes nobody outside can foretell, all from the seed of the loop (SipHash in counter mode). */
#ifndef LINNET_BASE_RANDOM_H
#define LINNET_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

#include <linnet/loop.h>

/* Makes both secrets of the loop from all bytes of the seed: for linnet_loop_new alone. */
void linnet__random_seed(linnet_loop *loop, const void *seed, size_t length);
/* How many bytes that were. */
size_t linnet__random_seed_size(const linnet_loop *loop);
void linnet__random_bytes(linnet_loop *loop, void *data, size_t length);
uint32_t linnet__random_u32(linnet_loop *loop);
/* Uniform in [low, high]. */
uint64_t linnet__random_between(linnet_loop *loop, uint64_t low, uint64_t high);
/* Keyed hash (SipHash-1-3) with a secret of the loop that is not the one of the random bytes. */
uint64_t linnet__hash(const linnet_loop *loop, const void *data, size_t length);
/* SipHash-2-4. */
uint64_t linnet__siphash(const uint8_t key[16], const void *data, size_t length);

#endif
