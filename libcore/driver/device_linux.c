/* SPDX-License-Identifier: Apache-2.0 */
/* device_linux.c: object 3 as Linux knows it (driver.h; objects.md /3). */
#include <linnet/object.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "system.h"

enum { SOURCES = 6, VOLTAGES = 7, CURRENTS = 8, LEVEL = 9, RESET_ERRORS = 12, OFFSET = 14, STATUS = 20 };

/* ---- facts --------------------------------------------------------------------------------------- */

/* Boards are sold with these in place of a name. */
static bool is_filler(const char *text) {
  static const char *const fillers[] = {"To Be Filled By O.E.M.",
                                        "To be filled by O.E.M.",
                                        "Default string",
                                        "System manufacturer",
                                        "System Product Name",
                                        "System Version",
                                        "System Serial Number",
                                        "Not Specified",
                                        "None",
                                        "0"};
  for (size_t i = 0; i < sizeof fillers / sizeof fillers[0]; i++)
    if (strcmp(text, fillers[i]) == 0) return true;
  return false;
}

static bool read_board(const char *root, const char *of_pc, const char *of_tree, char *text) {
  if (linnet__system_line(root, of_pc, text) && !is_filler(text)) return true;
  return of_tree != NULL && linnet__system_line(root, of_tree, text);
}

static bool read_manufacturer(const char *root, char *text) {
  if (!read_board(root, "/sys/class/dmi/id/sys_vendor", "/proc/device-tree/compatible", text)) return false;
  char *comma = strchr(text, ','); /* "raspberrypi,4-model-b" */
  if (comma != NULL && comma > text && comma[1] != ' ') *comma = 0;
  return true;
}

static bool read_model(const char *root, char *text) {
  return read_board(root, "/sys/class/dmi/id/product_name", "/proc/device-tree/model", text);
}

static bool read_serial(const char *root, char *text) {
  return read_board(root, "/sys/class/dmi/id/product_serial", "/proc/device-tree/serial-number", text);
}

static bool read_firmware(const char *root, char *text) {
  return linnet__system_line(root, "/proc/sys/kernel/osrelease", text);
}

static bool read_software(const char *root, char *text) {
  return linnet__system_entry(root, "/etc/os-release", "PRETTY_NAME=", text);
}

static bool read_type(const char *root, char *text) {
  struct utsname name;
  (void)root;
  if (uname(&name) != 0) return false;
  snprintf(text, LINNET__TEXT_SIZE, "%.64s %.64s", name.sysname, name.machine);
  return true;
}

static bool read_hardware(const char *root, char *text) {
  struct utsname name;
  if (read_board(root, "/sys/class/dmi/id/product_version", NULL, text)) return true;
  if (uname(&name) != 0) return false;
  snprintf(text, LINNET__TEXT_SIZE, "%.64s", name.machine);
  return true;
}

/* What follows "zoneinfo/" in the link that /etc/localtime is, or /etc/timezone. */
static bool read_timezone(const char *root, char *text) {
  char path[512], target[512];
  snprintf(path, sizeof path, "%s/etc/localtime", root);
  ssize_t length = readlink(path, target, sizeof target - 1);
  if (length > 0) {
    target[length] = 0;
    const char *zone = strstr(target, "zoneinfo/");
    if (zone != NULL) {
      snprintf(text, LINNET__TEXT_SIZE, "%.200s", zone + strlen("zoneinfo/"));
      return true;
    }
  }
  return linnet__system_line(root, "/etc/timezone", text);
}

static bool read_offset(const char *root, char *text) {
  time_t now = (time_t)(linnet_clock_wall() / 1000);
  struct tm local;
  (void)root;
  if (localtime_r(&now, &local) == NULL) return false;
  long minutes = labs(local.tm_gmtoff / 60);
  snprintf(text, LINNET__TEXT_SIZE, "%c%02ld:%02ld", local.tm_gmtoff < 0 ? '-' : '+', minutes / 60 % 100,
           minutes % 60);
  return true;
}

/* "8123456 kB" */
static bool read_memory(const char *root, const char *name, int64_t *number) {
  char text[LINNET__TEXT_SIZE];
  if (!linnet__system_entry(root, "/proc/meminfo", name, text)) return false;
  *number = strtoll(text, NULL, 10);
  return *number >= 0;
}

static bool read_free(const char *root, int64_t *number) {
  return read_memory(root, "MemAvailable:", number) || read_memory(root, "MemFree:", number);
}

static bool read_total(const char *root, int64_t *number) { return read_memory(root, "MemTotal:", number); }

/* One of both is given. */
static const struct fact {
  uint16_t resource;
  bool moves;
  bool (*text)(const char *root, char *text);
  bool (*number)(const char *root, int64_t *number);
} facts[] = {
    {0, false, read_manufacturer, NULL}, {1, false, read_model, NULL}, {2, false, read_serial, NULL},
    {3, false, read_firmware, NULL},     {10, true, NULL, read_free},  {OFFSET, true, read_offset, NULL},
    {15, false, read_timezone, NULL},    {17, false, read_type, NULL}, {18, false, read_hardware, NULL},
    {19, false, read_software, NULL},    {21, true, NULL, read_total},
};
enum { FACTS = sizeof facts / sizeof facts[0] };

/* ---- into the object ----------------------------------------------------------------------------- */

static linnet_path at(uint16_t resource) { return linnet_path_resource(3, 0, resource); }

static linnet_status set_number(const linnet__described *described, linnet_path path, int64_t number) {
  linnet_value value = linnet_value_integer(number);
  return linnet_client_set(described->client, path, &value);
}

static linnet_status pass_on(linnet__described *described, const struct fact *fact) {
  char text[LINNET__TEXT_SIZE];
  int64_t number;
  if (fact->number != NULL)
    return fact->number(described->root, &number) ? set_number(described, at(fact->resource), number)
                                                  : LINNET_OK;
  if (!fact->text(described->root, text)) return LINNET_OK;
  if (fact->resource == OFFSET) {
    if (strcmp(described->offset, text) == 0) return LINNET_OK;
    snprintf(described->offset, sizeof described->offset, "%.7s", text);
  }
  linnet_value value = linnet_value_string(text);
  linnet_status status = linnet_client_set(described->client, at(fact->resource), &value);
  return status == LINNET_ERROR_WRONG_TYPE ? LINNET_OK : status; /* it was not UTF-8 */
}

static linnet_status pass_power_on(const linnet__described *described) {
  linnet_object *device = linnet_client_object(described->client, 3);
  linnet__power power;
  linnet__power_read(described->root, &power);
  linnet_status status = LINNET_OK;
  for (uint16_t i = 0; i < LINNET__SUPPLIES && status == LINNET_OK; i++) {
    const linnet__supply *supply = &power.supplies[i];
    const struct {
      uint16_t resource;
      int64_t number;
    } values[] = {
        {SOURCES, supply->source}, {VOLTAGES, supply->millivolts}, {CURRENTS, supply->milliamperes}};
    for (size_t k = 0; k < 3 && status == LINNET_OK; k++) {
      linnet_path path = linnet_path_resource_instance(3, 0, values[k].resource, i);
      if (i < power.count)
        status = set_number(described, path, values[k].number);
      else if (device != NULL && linnet_object_has(device, path))
        status = linnet_object_unset(device, path);
    }
  }
  if (status == LINNET_OK && power.battery) status = set_number(described, at(LEVEL), power.level);
  if (status == LINNET_OK && power.battery) status = set_number(described, at(STATUS), power.condition);
  return status;
}

linnet_status linnet__device_refresh(linnet__described *described) {
  linnet_status status = linnet_client_object(described->client, 3) != NULL ? LINNET_OK : LINNET_ERROR_CLOSED;
  for (size_t i = 0; i < FACTS && status == LINNET_OK; i++)
    if (facts[i].moves && (described->facts & 1u << i) != 0) status = pass_on(described, &facts[i]);
  if (status == LINNET_OK && described->power) status = pass_power_on(described);
  return status;
}

linnet_status linnet__device_describe(linnet__described *described) {
  static const uint16_t of_power[] = {SOURCES, VOLTAGES, CURRENTS, LEVEL, STATUS};
  linnet_object *device = linnet_client_object(described->client, 3);
  linnet_status status = LINNET_OK;
  if (device == NULL) return LINNET_ERROR_CLOSED;
  for (size_t i = 0; i < FACTS && status == LINNET_OK; i++) {
    if (linnet_object_has(device, at(facts[i].resource))) continue;
    described->facts |= 1u << i;
    status = pass_on(described, &facts[i]);
  }
  described->power = true;
  for (size_t i = 0; i < sizeof of_power / sizeof of_power[0]; i++)
    if (linnet_object_has(device, at(of_power[i]))) described->power = false;
  if (status == LINNET_OK && described->power) status = pass_power_on(described);
  if (status == LINNET_OK) status = linnet_object_offer(device, at(RESET_ERRORS));
  return status;
}
