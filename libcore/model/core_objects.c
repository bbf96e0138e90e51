/* SPDX-License-Identifier: Apache-2.0 */
/* core_objects.c: objects 0 to 7 in their 1.0 versions (objects.md). */
#include <stddef.h>

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

/*
 * Each table is a list of resources, from which are made their places in it, its rows, and behind those their
 * texts, which a row finds by how far they are from it.
 */
/* clang-format off */
/* NOLINTBEGIN(bugprone-macro-parentheses): texts stand side by side */
#define TEXTS(name, units, range) LINNET__WORDS(name) "\0" LINNET__WORDS(units) "\0" range
#define PLACE(table, id, name, operations, multiple, mandatory, type, units, range) table##_##id,
#define ROOM(table, id, name, operations, multiple, mandatory, type, units, range) \
  char of_##id[sizeof TEXTS(name, units, range)];
#define ROW(table, id, name, operations, multiple, mandatory, type, units, range) \
  {id, operations, LINNET_TYPE_##type, multiple, mandatory,                       \
   offsetof(struct table, of_##id) - table##_##id * sizeof(struct linnet_resource_definition)},
#define TEXT(table, id, name, operations, multiple, mandatory, type, units, range) \
  .of_##id = TEXTS(name, units, range),
#define TABLE(table, LIST)                                      \
  enum { LIST(PLACE, table) table##_count };                    \
  static const struct table {                                   \
    struct linnet_resource_definition resources[table##_count]; \
    LIST(ROOM, table)                                           \
  } table = {.resources = {LIST(ROW, table)}, LIST(TEXT, table)};
/* NOLINTEND(bugprone-macro-parentheses) */

/* Tables are read by column. */

#define SECURITY(X, table) \
  X(table,  0, "LwM2M Server URI",                 BOOTSTRAP, SINGLE, MANDATORY, STRING,  "",  "0-255 bytes")                           \
  X(table,  1, "Bootstrap-Server",                 BOOTSTRAP, SINGLE, MANDATORY, BOOLEAN, "",  "")                                      \
  X(table,  2, "Security Mode",                    BOOTSTRAP, SINGLE, MANDATORY, INTEGER, "",  "0-4")                                   \
  X(table,  3, "Public Key or Identity",           BOOTSTRAP, SINGLE, MANDATORY, OPAQUE,  "",  "")                                      \
  X(table,  4, "Server Public Key",                BOOTSTRAP, SINGLE, MANDATORY, OPAQUE,  "",  "")                                      \
  X(table,  5, "Secret Key",                       BOOTSTRAP, SINGLE, MANDATORY, OPAQUE,  "",  "")                                      \
  X(table,  6, "SMS Security Mode",                BOOTSTRAP, SINGLE, OPTIONAL,  INTEGER, "",  "0-255")                                 \
  X(table,  7, "SMS Binding Key Parameters",       BOOTSTRAP, SINGLE, OPTIONAL,  OPAQUE,  "",  "0,6,7 bytes") /* AMB-29; 0: for none */ \
  X(table,  8, "SMS Binding Secret Key(s)",        BOOTSTRAP, SINGLE, OPTIONAL,  OPAQUE,  "",  "0,16,32,48 bytes")                      \
  X(table,  9, "LwM2M Server SMS Number",          BOOTSTRAP, SINGLE, OPTIONAL,  STRING,  "",  "")                                      \
  X(table, 10, "Short Server ID",                  BOOTSTRAP, SINGLE, OPTIONAL,  INTEGER, "",  "1-65534")                               \
  X(table, 11, "Client Hold Off Time",             BOOTSTRAP, SINGLE, OPTIONAL,  INTEGER, "s", "0..")                                   \
  X(table, 12, "Bootstrap-Server Account Timeout", BOOTSTRAP, SINGLE, OPTIONAL,  INTEGER, "s", "0..")
TABLE(security, SECURITY)

#define SERVER(X, table) \
  X(table, 0, "Short Server ID",                               R,  SINGLE, MANDATORY, INTEGER, "",  "1-65534") /* AMB-34 */          \
  X(table, 1, "Lifetime",                                      RW, SINGLE, MANDATORY, INTEGER, "s", "1..")                           \
  X(table, 2, "Default Minimum Period",                        RW, SINGLE, OPTIONAL,  INTEGER, "s", "0..")                           \
  X(table, 3, "Default Maximum Period",                        RW, SINGLE, OPTIONAL,  INTEGER, "s", "1..")                           \
  X(table, 4, "Disable",                                       E,  SINGLE, OPTIONAL,  NONE,    "",  "")                              \
  X(table, 5, "Disable Timeout",                               RW, SINGLE, OPTIONAL,  INTEGER, "s", "0..")                           \
  X(table, 6, "Notification Storing When Disabled or Offline", RW, SINGLE, MANDATORY, BOOLEAN, "",  "")                              \
  X(table, 7, "Binding",                                       RW, SINGLE, MANDATORY, STRING,  "",  "U,UQ,S,SQ,US,UQS") /* QUE-01 */ \
  X(table, 8, "Registration Update Trigger",                   E,  SINGLE, MANDATORY, NONE,    "",  "")
TABLE(server, SERVER)

#define ACCESS_CONTROL(X, table) \
  X(table, 0, "Object ID",            R,  SINGLE,   MANDATORY, INTEGER, "", "1-65534") \
  X(table, 1, "Object Instance ID",   R,  SINGLE,   MANDATORY, INTEGER, "", "0-65535") \
  X(table, 2, "ACL",                  RW, MULTIPLE, OPTIONAL,  INTEGER, "", "0-65535") \
  X(table, 3, "Access Control Owner", RW, SINGLE,   MANDATORY, INTEGER, "", "0-65535")
TABLE(access_control, ACCESS_CONTROL)

#define DEVICE(X, table) \
  X(table,  0, "Manufacturer",                R,  SINGLE,   OPTIONAL,  STRING,  "",   "")      \
  X(table,  1, "Model Number",                R,  SINGLE,   OPTIONAL,  STRING,  "",   "")      \
  X(table,  2, "Serial Number",               R,  SINGLE,   OPTIONAL,  STRING,  "",   "")      \
  X(table,  3, "Firmware Version",            R,  SINGLE,   OPTIONAL,  STRING,  "",   "")      \
  X(table,  4, "Reboot",                      E,  SINGLE,   MANDATORY, NONE,    "",   "")      \
  X(table,  5, "Factory Reset",               E,  SINGLE,   OPTIONAL,  NONE,    "",   "")      \
  X(table,  6, "Available Power Sources",     R,  MULTIPLE, OPTIONAL,  INTEGER, "",   "0-7")   \
  X(table,  7, "Power Source Voltage",        R,  MULTIPLE, OPTIONAL,  INTEGER, "mV", "")      \
  X(table,  8, "Power Source Current",        R,  MULTIPLE, OPTIONAL,  INTEGER, "mA", "")      \
  X(table,  9, "Battery Level",               R,  SINGLE,   OPTIONAL,  INTEGER, "%",  "0-100") \
  X(table, 10, "Memory Free",                 R,  SINGLE,   OPTIONAL,  INTEGER, "KB", "")      \
  X(table, 11, "Error Code",                  R,  MULTIPLE, MANDATORY, INTEGER, "",   "0-8")   \
  X(table, 12, "Reset Error Code",            E,  SINGLE,   OPTIONAL,  NONE,    "",   "")      \
  X(table, 13, "Current Time",                RW, SINGLE,   OPTIONAL,  TIME,    "",   "")      \
  X(table, 14, "UTC Offset",                  RW, SINGLE,   OPTIONAL,  STRING,  "",   "")      \
  X(table, 15, "Timezone",                    RW, SINGLE,   OPTIONAL,  STRING,  "",   "")      \
  X(table, 16, "Supported Binding and Modes", R,  SINGLE,   MANDATORY, STRING,  "",   "")      \
  X(table, 17, "Device Type",                 R,  SINGLE,   OPTIONAL,  STRING,  "",   "")      \
  X(table, 18, "Hardware Version",            R,  SINGLE,   OPTIONAL,  STRING,  "",   "")      \
  X(table, 19, "Software Version",            R,  SINGLE,   OPTIONAL,  STRING,  "",   "")      \
  X(table, 20, "Battery Status",              R,  SINGLE,   OPTIONAL,  INTEGER, "",   "0-6")   \
  X(table, 21, "Memory Total",                R,  SINGLE,   OPTIONAL,  INTEGER, "KB", "")      \
  X(table, 22, "ExtDevInfo",                  R,  MULTIPLE, OPTIONAL,  OBJLNK,  "",   "")
TABLE(device, DEVICE)

#define CONNECTIVITY(X, table) \
  X(table,  0, "Network Bearer",           R, SINGLE,   MANDATORY, INTEGER, "",    "0-50")  \
  X(table,  1, "Available Network Bearer", R, MULTIPLE, MANDATORY, INTEGER, "",    "0-50")  \
  X(table,  2, "Radio Signal Strength",    R, SINGLE,   MANDATORY, INTEGER, "dBm", "")      \
  X(table,  3, "Link Quality",             R, SINGLE,   OPTIONAL,  INTEGER, "",    "")      \
  X(table,  4, "IP Addresses",             R, MULTIPLE, MANDATORY, STRING,  "",    "")      \
  X(table,  5, "Router IP Addresses",      R, MULTIPLE, OPTIONAL,  STRING,  "",    "")      \
  X(table,  6, "Link Utilization",         R, SINGLE,   OPTIONAL,  INTEGER, "%",   "0-100") \
  X(table,  7, "APN",                      R, MULTIPLE, OPTIONAL,  STRING,  "",    "")      \
  X(table,  8, "Cell ID",                  R, SINGLE,   OPTIONAL,  INTEGER, "",    "")      \
  X(table,  9, "SMNC",                     R, SINGLE,   OPTIONAL,  INTEGER, "",    "0-999") \
  X(table, 10, "SMCC",                     R, SINGLE,   OPTIONAL,  INTEGER, "",    "0-999")
TABLE(connectivity, CONNECTIVITY)

#define FIRMWARE(X, table) \
  X(table, 0, "Package",                          W,  SINGLE,   MANDATORY, OPAQUE,  "", "")            \
  X(table, 1, "Package URI",                      RW, SINGLE,   MANDATORY, STRING,  "", "0-255 bytes") \
  X(table, 2, "Update",                           E,  SINGLE,   MANDATORY, NONE,    "", "")            \
  X(table, 3, "State",                            R,  SINGLE,   MANDATORY, INTEGER, "", "0-3")         \
  X(table, 5, "Update Result",                    R,  SINGLE,   MANDATORY, INTEGER, "", "0-9")         \
  X(table, 6, "PkgName",                          R,  SINGLE,   OPTIONAL,  STRING,  "", "0-255 bytes") \
  X(table, 7, "PkgVersion",                       R,  SINGLE,   OPTIONAL,  STRING,  "", "0-255 bytes") \
  X(table, 8, "Firmware Update Protocol Support", R,  MULTIPLE, OPTIONAL,  INTEGER, "", "0-5")         \
  X(table, 9, "Firmware Update Delivery Method",  R,  SINGLE,   MANDATORY, INTEGER, "", "0-2")
TABLE(firmware, FIRMWARE)

#define LOCATION(X, table) \
  X(table, 0, "Latitude",  R, SINGLE, MANDATORY, FLOAT,  "lat", "") \
  X(table, 1, "Longitude", R, SINGLE, MANDATORY, FLOAT,  "lon", "") \
  X(table, 2, "Altitude",  R, SINGLE, OPTIONAL,  FLOAT,  "m",   "") \
  X(table, 3, "Radius",    R, SINGLE, OPTIONAL,  FLOAT,  "m",   "") \
  X(table, 4, "Velocity",  R, SINGLE, OPTIONAL,  OPAQUE, "",    "") \
  X(table, 5, "Timestamp", R, SINGLE, MANDATORY, TIME,   "",    "") \
  X(table, 6, "Speed",     R, SINGLE, OPTIONAL,  FLOAT,  "m/s", "")
TABLE(location, LOCATION)

#define STATISTICS(X, table) \
  X(table, 0, "SMS Tx Counter",       R,  SINGLE, OPTIONAL,  INTEGER, "",   "")    \
  X(table, 1, "SMS Rx Counter",       R,  SINGLE, OPTIONAL,  INTEGER, "",   "")    \
  X(table, 2, "Tx Data",              R,  SINGLE, OPTIONAL,  INTEGER, "KB", "")    \
  X(table, 3, "Rx Data",              R,  SINGLE, OPTIONAL,  INTEGER, "KB", "")    \
  X(table, 4, "Max Message Size",     R,  SINGLE, OPTIONAL,  INTEGER, "B",  "")    \
  X(table, 5, "Average Message Size", R,  SINGLE, OPTIONAL,  INTEGER, "B",  "")    \
  X(table, 6, "Start",                E,  SINGLE, MANDATORY, NONE,    "",   "")    \
  X(table, 7, "Stop",                 E,  SINGLE, MANDATORY, NONE,    "",   "")    \
  X(table, 8, "Collection Period",    RW, SINGLE, OPTIONAL,  INTEGER, "s",  "0..")
TABLE(statistics, STATISTICS)

#define OBJECT(id, name, multiple, mandatory, table) \
  { id, multiple, mandatory, name, "1.0", (table).resources, table##_count }

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
