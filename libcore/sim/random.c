/* SPDX-License-Identifier: Apache-2.0 */
/* random.c: the chance of the simulated world, all from its seed: splitmix64 (Steele, Lea, Flood 2014). */
#include "sim_internal.h"

uint64_t linnet__chance(linnet_world *world) {
  uint64_t z = world->random += 0x9E3779B97F4A7C15u;
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
  z = (z ^ z >> 27) * 0x94D049BB133111EBu;
  return z ^ z >> 31;
}

uint64_t linnet__chance_up_to(linnet_world *world, uint64_t most) {
  return most == 0 ? 0 : linnet__chance(world) % (most + 1);
}

bool linnet__chance_in_1000(linnet_world *world, uint32_t share) {
  return share > 0 && linnet__chance(world) % 1000 < share;
}
