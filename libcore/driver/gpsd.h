/* SPDX-License-Identifier: Apache-2.0 */
/* gpsd.h: what a line of gpsd tells (gpsd_json(5)); only for the files of driver. */
#ifndef LINNET_DRIVER_GPSD_H
#define LINNET_DRIVER_GPSD_H

#include <stdbool.h>
#include <stdint.h>

/* What a TPV report tells; `has` is a sum of the bits below. */
typedef struct linnet__fix {
  unsigned has;
  double latitude, longitude, altitude, radius, speed, bearing;
  int64_t unix_s;
} linnet__fix;

enum {
  LINNET__FIX_POSITION = 1, /* latitude and longitude, of a fix that is one */
  LINNET__FIX_TIME = 2,
  LINNET__FIX_ALTITUDE = 4,
  LINNET__FIX_RADIUS = 8,
  LINNET__FIX_SPEED = 16,
  LINNET__FIX_BEARING = 32
};

/* False: it is another report, or none. */
bool linnet__fix_read(const char *line, linnet__fix *fix);

#endif
