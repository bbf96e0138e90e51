/* SPDX-License-Identifier: Apache-2.0 */
/* core_objects.c: objects 0 to 7 in their 1.0 versions (objects.md). */
#include "definition_internal.h"

#define R LINNET_OPERATION_READ
#define W LINNET_OPERATION_WRITE
#define RW (LINNET_OPERATION_READ | LINNET_OPERATION_WRITE)
#define E LINNET_OPERATION_EXECUTE
#define BOOTSTRAP 0 /* only a bootstrap-server touches it */

#define SINGLE false
#define MULTIPLE true
#define OPTIONAL false
#define MANDATORY true

#define ROW(id, name, operations, multiple, mandatory, type, units, range)                              \
  {                                                                                                     \
    id, LINNET_TYPE_##type, operations, multiple, mandatory, LINNET__WORDS(name), LINNET__WORDS(units), \
        range                                                                                           \
  }

/* Tables are read by column. */
/* clang-format off */

static const struct linnet_resource_definition security[] = {
  ROW( 0, "LwM2M Server URI",                 BOOTSTRAP, SINGLE, MANDATORY, STRING,  "",  "0-255 bytes"),
  ROW( 1, "Bootstrap-Server",                 BOOTSTRAP, SINGLE, MANDATORY, BOOLEAN, "",  ""),
  ROW( 2, "Security Mode",                    BOOTSTRAP, SINGLE, MANDATORY, INTEGER, "",  "0-4"),
  ROW( 3, "Public Key or Identity",           BOOTSTRAP, SINGLE, MANDATORY, OPAQUE,  "",  ""),
  ROW( 4, "Server Public Key",                BOOTSTRAP, SINGLE, MANDATORY, OPAQUE,  "",  ""),
  ROW( 5, "Secret Key",                       BOOTSTRAP, SINGLE, MANDATORY, OPAQUE,  "",  ""),
  ROW( 6, "SMS Security Mode",                BOOTSTRAP, SINGLE, OPTIONAL,  INTEGER, "",  "0-255"),
  ROW( 7, "SMS Binding Key Parameters",       BOOTSTRAP, SINGLE, OPTIONAL,  OPAQUE,  "",  "0,6,7 bytes"), /* AMB-29; 0: for none */
  ROW( 8, "SMS Binding Secret Key(s)",        BOOTSTRAP, SINGLE, OPTIONAL,  OPAQUE,  "",  "0,16,32,48 bytes"),
  ROW( 9, "LwM2M Server SMS Number",          BOOTSTRAP, SINGLE, OPTIONAL,  STRING,  "",  ""),
  ROW(10, "Short Server ID",                  BOOTSTRAP, SINGLE, OPTIONAL,  INTEGER, "",  "1-65534"),
  ROW(11, "Client Hold Off Time",             BOOTSTRAP, SINGLE, OPTIONAL,  INTEGER, "s", "0.."),
  ROW(12, "Bootstrap-Server Account Timeout", BOOTSTRAP, SINGLE, OPTIONAL,  INTEGER, "s", "0.."),
};

static const struct linnet_resource_definition server[] = {
  ROW(0, "Short Server ID",                               R,  SINGLE, MANDATORY, INTEGER, "",  "1-65534"), /* AMB-34 */
  ROW(1, "Lifetime",                                      RW, SINGLE, MANDATORY, INTEGER, "s", "1.."),
  ROW(2, "Default Minimum Period",                        RW, SINGLE, OPTIONAL,  INTEGER, "s", "0.."),
  ROW(3, "Default Maximum Period",                        RW, SINGLE, OPTIONAL,  INTEGER, "s", "1.."),
  ROW(4, "Disable",                                       E,  SINGLE, OPTIONAL,  NONE,    "",  ""),
  ROW(5, "Disable Timeout",                               RW, SINGLE, OPTIONAL,  INTEGER, "s", "0.."),
  ROW(6, "Notification Storing When Disabled or Offline", RW, SINGLE, MANDATORY, BOOLEAN, "",  ""),
  ROW(7, "Binding",                                       RW, SINGLE, MANDATORY, STRING,  "",  "U,UQ,S,SQ,US,UQS"), /* QUE-01 */
  ROW(8, "Registration Update Trigger",                   E,  SINGLE, MANDATORY, NONE,    "",  ""),
};

static const struct linnet_resource_definition access_control[] = {
  ROW(0, "Object ID",            R,  SINGLE,   MANDATORY, INTEGER, "", "1-65534"),
  ROW(1, "Object Instance ID",   R,  SINGLE,   MANDATORY, INTEGER, "", "0-65535"),
  ROW(2, "ACL",                  RW, MULTIPLE, OPTIONAL,  INTEGER, "", "0-65535"),
  ROW(3, "Access Control Owner", RW, SINGLE,   MANDATORY, INTEGER, "", "0-65535"),
};

static const struct linnet_resource_definition device[] = {
  ROW( 0, "Manufacturer",                R,  SINGLE,   OPTIONAL,  STRING,  "",   ""),
  ROW( 1, "Model Number",                R,  SINGLE,   OPTIONAL,  STRING,  "",   ""),
  ROW( 2, "Serial Number",               R,  SINGLE,   OPTIONAL,  STRING,  "",   ""),
  ROW( 3, "Firmware Version",            R,  SINGLE,   OPTIONAL,  STRING,  "",   ""),
  ROW( 4, "Reboot",                      E,  SINGLE,   MANDATORY, NONE,    "",   ""),
  ROW( 5, "Factory Reset",               E,  SINGLE,   OPTIONAL,  NONE,    "",   ""),
  ROW( 6, "Available Power Sources",     R,  MULTIPLE, OPTIONAL,  INTEGER, "",   "0-7"),
  ROW( 7, "Power Source Voltage",        R,  MULTIPLE, OPTIONAL,  INTEGER, "mV", ""),
  ROW( 8, "Power Source Current",        R,  MULTIPLE, OPTIONAL,  INTEGER, "mA", ""),
  ROW( 9, "Battery Level",               R,  SINGLE,   OPTIONAL,  INTEGER, "%",  "0-100"),
  ROW(10, "Memory Free",                 R,  SINGLE,   OPTIONAL,  INTEGER, "KB", ""),
  ROW(11, "Error Code",                  R,  MULTIPLE, MANDATORY, INTEGER, "",   "0-8"),
  ROW(12, "Reset Error Code",            E,  SINGLE,   OPTIONAL,  NONE,    "",   ""),
  ROW(13, "Current Time",                RW, SINGLE,   OPTIONAL,  TIME,    "",   ""),
  ROW(14, "UTC Offset",                  RW, SINGLE,   OPTIONAL,  STRING,  "",   ""),
  ROW(15, "Timezone",                    RW, SINGLE,   OPTIONAL,  STRING,  "",   ""),
  ROW(16, "Supported Binding and Modes", R,  SINGLE,   MANDATORY, STRING,  "",   ""),
  ROW(17, "Device Type",                 R,  SINGLE,   OPTIONAL,  STRING,  "",   ""),
  ROW(18, "Hardware Version",            R,  SINGLE,   OPTIONAL,  STRING,  "",   ""),
  ROW(19, "Software Version",            R,  SINGLE,   OPTIONAL,  STRING,  "",   ""),
  ROW(20, "Battery Status",              R,  SINGLE,   OPTIONAL,  INTEGER, "",   "0-6"),
  ROW(21, "Memory Total",                R,  SINGLE,   OPTIONAL,  INTEGER, "KB", ""),
  ROW(22, "ExtDevInfo",                  R,  MULTIPLE, OPTIONAL,  OBJLNK,  "",   ""),
};

static const struct linnet_resource_definition connectivity[] = {
  ROW( 0, "Network Bearer",           R, SINGLE,   MANDATORY, INTEGER, "",    "0-50"),
  ROW( 1, "Available Network Bearer", R, MULTIPLE, MANDATORY, INTEGER, "",    "0-50"),
  ROW( 2, "Radio Signal Strength",    R, SINGLE,   MANDATORY, INTEGER, "dBm", ""),
  ROW( 3, "Link Quality",             R, SINGLE,   OPTIONAL,  INTEGER, "",    ""),
  ROW( 4, "IP Addresses",             R, MULTIPLE, MANDATORY, STRING,  "",    ""),
  ROW( 5, "Router IP Addresses",      R, MULTIPLE, OPTIONAL,  STRING,  "",    ""),
  ROW( 6, "Link Utilization",         R, SINGLE,   OPTIONAL,  INTEGER, "%",   "0-100"),
  ROW( 7, "APN",                      R, MULTIPLE, OPTIONAL,  STRING,  "",    ""),
  ROW( 8, "Cell ID",                  R, SINGLE,   OPTIONAL,  INTEGER, "",    ""),
  ROW( 9, "SMNC",                     R, SINGLE,   OPTIONAL,  INTEGER, "",    "0-999"),
  ROW(10, "SMCC",                     R, SINGLE,   OPTIONAL,  INTEGER, "",    "0-999"),
};

static const struct linnet_resource_definition firmware[] = {
  ROW(0, "Package",                          W,  SINGLE,   MANDATORY, OPAQUE,  "", ""),
  ROW(1, "Package URI",                      RW, SINGLE,   MANDATORY, STRING,  "", "0-255 bytes"),
  ROW(2, "Update",                           E,  SINGLE,   MANDATORY, NONE,    "", ""),
  ROW(3, "State",                            R,  SINGLE,   MANDATORY, INTEGER, "", "0-3"),
  ROW(5, "Update Result",                    R,  SINGLE,   MANDATORY, INTEGER, "", "0-9"),
  ROW(6, "PkgName",                          R,  SINGLE,   OPTIONAL,  STRING,  "", "0-255 bytes"),
  ROW(7, "PkgVersion",                       R,  SINGLE,   OPTIONAL,  STRING,  "", "0-255 bytes"),
  ROW(8, "Firmware Update Protocol Support", R,  MULTIPLE, OPTIONAL,  INTEGER, "", "0-5"),
  ROW(9, "Firmware Update Delivery Method",  R,  SINGLE,   MANDATORY, INTEGER, "", "0-2"),
};

static const struct linnet_resource_definition location[] = {
  ROW(0, "Latitude",  R, SINGLE, MANDATORY, FLOAT,  "lat", ""),
  ROW(1, "Longitude", R, SINGLE, MANDATORY, FLOAT,  "lon", ""),
  ROW(2, "Altitude",  R, SINGLE, OPTIONAL,  FLOAT,  "m",   ""),
  ROW(3, "Radius",    R, SINGLE, OPTIONAL,  FLOAT,  "m",   ""),
  ROW(4, "Velocity",  R, SINGLE, OPTIONAL,  OPAQUE, "",    ""),
  ROW(5, "Timestamp", R, SINGLE, MANDATORY, TIME,   "",    ""),
  ROW(6, "Speed",     R, SINGLE, OPTIONAL,  FLOAT,  "m/s", ""),
};

static const struct linnet_resource_definition statistics[] = {
  ROW(0, "SMS Tx Counter",       R,  SINGLE, OPTIONAL,  INTEGER, "",   ""),
  ROW(1, "SMS Rx Counter",       R,  SINGLE, OPTIONAL,  INTEGER, "",   ""),
  ROW(2, "Tx Data",              R,  SINGLE, OPTIONAL,  INTEGER, "KB", ""),
  ROW(3, "Rx Data",              R,  SINGLE, OPTIONAL,  INTEGER, "KB", ""),
  ROW(4, "Max Message Size",     R,  SINGLE, OPTIONAL,  INTEGER, "B",  ""),
  ROW(5, "Average Message Size", R,  SINGLE, OPTIONAL,  INTEGER, "B",  ""),
  ROW(6, "Start",                E,  SINGLE, MANDATORY, NONE,    "",   ""),
  ROW(7, "Stop",                 E,  SINGLE, MANDATORY, NONE,    "",   ""),
  ROW(8, "Collection Period",    RW, SINGLE, OPTIONAL,  INTEGER, "s",  "0.."),
};

#define OBJECT(id, name, multiple, mandatory, resources) \
  { id, multiple, mandatory, name, "1.0", resources, sizeof(resources) / sizeof((resources)[0]) }

const struct linnet_definition linnet__core_objects[8] = {
  OBJECT(0, "LwM2M Security",          MULTIPLE, MANDATORY, security),
  OBJECT(1, "LwM2M Server",            MULTIPLE, MANDATORY, server),
  OBJECT(2, "LwM2M Access Control",    MULTIPLE, OPTIONAL,  access_control),
  OBJECT(3, "Device",                  SINGLE,   MANDATORY, device),
  OBJECT(4, "Connectivity Monitoring", SINGLE,   OPTIONAL,  connectivity),
  OBJECT(5, "Firmware Update",         SINGLE,   OPTIONAL,  firmware),
  OBJECT(6, "Location",                SINGLE,   OPTIONAL,  location),
  OBJECT(7, "Connectivity Statistics", SINGLE,   OPTIONAL,  statistics),
};
/* clang-format on */
