/* SPDX-License-Identifier: Apache-2.0 */
/* power.c: batteries and chargers of /sys/class/power_supply (system.h; objects.md /3, resources 6 to 9, 20).
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "system.h"

#define FOLDER "/sys/class/power_supply"
enum { INTERNAL_BATTERY = 1, USB = 5, MAINS = 6 };
enum { NORMAL = 0, CHARGING = 1, COMPLETE = 2, DAMAGED = 3, LOW = 4, NOT_INSTALLED = 5, UNKNOWN = 6 };

typedef char name[64];

static int compare_names(const void *a, const void *b) { return strcmp(a, b); }

/* The names of the supplies, in order. */
static size_t list_names(const char *root, name names[LINNET__SUPPLIES]) {
  char folder[512];
  size_t count = 0;
  snprintf(folder, sizeof folder, "%s" FOLDER, root);
  DIR *directory = opendir(folder);
  if (directory == NULL) return 0;
  for (const struct dirent *entry; count < LINNET__SUPPLIES && (entry = readdir(directory)) != NULL;) {
    size_t length = strlen(entry->d_name);
    if (entry->d_name[0] == '.' || length >= sizeof names[0]) continue;
    memcpy(names[count++], entry->d_name, length + 1);
  }
  closedir(directory);
  qsort(names, count, sizeof names[0], compare_names);
  return count;
}

static bool read_text(const char *root, const char *supply, const char *what, char text[LINNET__TEXT_SIZE]) {
  char path[256];
  snprintf(path, sizeof path, FOLDER "/%.63s/%.32s", supply, what);
  return linnet__system_line(root, path, text);
}

/* `otherwise` where there is no such file. */
static int64_t read_number(const char *root, const char *supply, const char *what, int64_t otherwise) {
  char path[256];
  snprintf(path, sizeof path, FOLDER "/%.63s/%.32s", supply, what);
  linnet__system_number(root, path, &otherwise);
  return otherwise;
}

static int condition_of(const char *root, const char *supply) {
  static const struct {
    const char *file, *text;
    int condition;
  } table[] = {{"health", "Dead", DAMAGED},         {"health", "Unspecified failure", DAMAGED},
               {"status", "Charging", CHARGING},    {"status", "Full", COMPLETE},
               {"capacity_level", "Critical", LOW}, {"capacity_level", "Low", LOW},
               {"status", "Discharging", NORMAL},   {"status", "Not charging", NORMAL}};
  char text[LINNET__TEXT_SIZE];
  if (read_number(root, supply, "present", 1) == 0) return NOT_INSTALLED;
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
    if (read_text(root, supply, table[i].file, text) && strcmp(text, table[i].text) == 0)
      return table[i].condition;
  return UNKNOWN;
}

/* 0: none that /3/0/6 could name, or it gives nothing now. */
static int source_of(const char *root, const char *supply) {
  char text[LINNET__TEXT_SIZE];
  if (read_text(root, supply, "scope", text) && strcmp(text, "Device") == 0) return 0; /* of a mouse */
  if (!read_text(root, supply, "type", text)) return 0;
  if (strcmp(text, "Battery") == 0) return INTERNAL_BATTERY;
  if (read_number(root, supply, "online", 0) == 0) return 0;
  if (strcmp(text, "Mains") == 0) return MAINS;
  return strncmp(text, "USB", 3) == 0 ? USB : 0;
}

static void add(const char *root, const char *supply, linnet__power *power) {
  int source = source_of(root, supply);
  if (source == 0) return;
  if (source == INTERNAL_BATTERY) {
    int condition = condition_of(root, supply);
    if (!power->battery || power->condition == NOT_INSTALLED) { /* the first one stands for all */
      power->battery = true;
      power->condition = condition;
      int64_t level = read_number(root, supply, "capacity", 0);
      power->level = condition == NOT_INSTALLED || level < 0 ? 0 : level > 100 ? 100 : (int)level;
    }
    if (condition == NOT_INSTALLED) return;
  }
  linnet__supply *added = &power->supplies[power->count++];
  added->source = source;
  added->millivolts = read_number(root, supply, "voltage_now", 0) / 1000;
  added->milliamperes = read_number(root, supply, "current_now", 0) / 1000;
}

void linnet__power_read(const char *root, linnet__power *power) {
  name names[LINNET__SUPPLIES];
  memset(power, 0, sizeof *power);
  size_t count = list_names(root, names);
  for (size_t i = 0; i < count; i++) add(root, names[i], power);
}
