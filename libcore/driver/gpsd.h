/* SPDX-License-Identifier: Apache-2.0 */
/* gpsd.h: positions from gpsd, for clients that follow one (driver.h); only for the files of driver. */
#ifndef LINNET_DRIVER_GPSD_H
#define LINNET_DRIVER_GPSD_H

#include "driver_internal.h"

/* ---- gpsd_report.c: a line of gpsd (gpsd_json(5)) ------------------------------------------------------ */

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

/* ---- gpsd.c -------------------------------------------------------------------------------------------- */

/* Reads what there is, connects again where it is time. Closed clients are let go. */
void linnet__gpsd_run(linnet_driver *driver, uint64_t now_ms);
/* When there is something to do without anything arriving; LINNET_NEVER. */
uint64_t linnet__gpsd_deadline(const linnet_driver *driver);
void linnet__gpsd_end(linnet_driver *driver);

#endif
