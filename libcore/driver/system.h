/* SPDX-License-Identifier: Apache-2.0 */
/* system.h: what Linux tells about the machine, and the clients that pass it on; only for the files of
 * driver.
 */
#ifndef LINNET_DRIVER_SYSTEM_H
#define LINNET_DRIVER_SYSTEM_H

#include "driver_internal.h"

#define LINNET__TEXT_SIZE 256

/* ---- system.c: small files of /proc, /sys and /etc; `root` goes in front, "" but in tests -------- */

/* The first line of a file, without blanks around it; false: not there, or empty. */
bool linnet__system_line(const char *root, const char *path, char text[LINNET__TEXT_SIZE]);
/* What follows `name` on the line that begins with it, without blanks and quotes around it. */
bool linnet__system_entry(const char *root, const char *path, const char *name, char text[LINNET__TEXT_SIZE]);
/* A whole number in a file. */
bool linnet__system_number(const char *root, const char *path, int64_t *number);

/* ---- power.c ------------------------------------------------------------------------------------- */

#define LINNET__SUPPLIES 8

/* One of /sys/class/power_supply. */
typedef struct linnet__supply {
  int source; /* /3/0/6 */
  int64_t millivolts, milliamperes;
} linnet__supply;

typedef struct linnet__power {
  linnet__supply supplies[LINNET__SUPPLIES];
  size_t count;
  bool battery;  /* there is an internal one, or a place for it */
  int level;     /* % */
  int condition; /* /3/0/20 */
} linnet__power;

void linnet__power_read(const char *root, linnet__power *power);

/* ---- links.c: bearers and routes ----------------------------------------------------------------- */

#define LINNET__ADDRESSES 16
#define LINNET__ROUTERS 8
#define LINNET__BEARERS 4

typedef struct linnet__links {
  int bearer; /* /4/0/0 */
  int bearers[LINNET__BEARERS];
  size_t bearer_count;
  char addresses[LINNET__ADDRESSES][46]; /* as many as an IPv6 address may have */
  size_t address_count;
  char routers[LINNET__ROUTERS][46];
  size_t router_count;
  int signal;  /* dBm; 0: not known */
  int quality; /* -1: not known */
} linnet__links;

void linnet__links_read(const char *root, linnet__links *links);

/* ---- device_linux.c, connectivity_linux.c: objects 3 and 4 --------------------------------------- */

/* A client that is described. */
typedef struct linnet__described {
  linnet__part part;
  uint64_t seen_ms;      /* when the system was looked at last */
  linnet_client *client; /* holds a reference */
  const char *root;
  unsigned facts; /* of Device, those that are ours: a bit each */
  bool power;     /* /3/0/6 to 8 are */
  bool links;     /* object 4 is */
  char offset[8]; /* UTC offset as last seen: a server may write another */
} linnet__described;

linnet_status linnet__device_describe(linnet__described *described);
linnet_status linnet__device_refresh(linnet__described *described);
linnet_status linnet__connectivity_describe(linnet__described *described);
linnet_status linnet__connectivity_refresh(linnet__described *described);

/* ---- describe.c ---------------------------------------------------------------------------------- */

/* linnet_driver_describe, of a system below `root`, which must live as long as the driver. */
linnet_status linnet__describe(linnet_driver *driver, linnet_client *client, const char *root);

#endif
