/* SPDX-License-Identifier: Apache-2.0 */
/* clock.c: the two clocks a loop wants to be told (driver.h). */
#include <time.h>

#include "driver_internal.h"

/* The boot time clock goes on while the machine sleeps: registrations expire on the server meanwhile. */
uint64_t linnet_clock_monotonic(void) {
  struct timespec now;
  if (clock_gettime(CLOCK_BOOTTIME, &now) != 0) return 0;
  return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static int64_t wall(clockid_t clock) {
  struct timespec now;
  if (clock_gettime(clock, &now) != 0) return 0;
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t linnet_clock_wall(void) { return wall(CLOCK_REALTIME); }

int64_t linnet__clock_wall_recent(void) { return wall(CLOCK_REALTIME_COARSE); }
