/* SPDX-License-Identifier: Apache-2.0 */
/* system.c: small text files that Linux makes (system.h; proc(5), sysfs(5), os-release(5)). */
#include "system.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static FILE *open_file(const char *root, const char *path) {
  char name[512];
  int length = snprintf(name, sizeof name, "%s%s", root, path);
  return length > 0 && (size_t)length < sizeof name ? fopen(name, "re") : NULL;
}

/* Takes blanks, quotes and line ends away on both sides. */
static bool trim(char *text) {
  static const char around[] = " \t\r\n\"'";
  size_t skip = strspn(text, around), length = strlen(text + skip);
  memmove(text, text + skip, length + 1);
  while (length > 0 && strchr(around, text[length - 1]) != NULL) text[--length] = 0;
  return length > 0;
}

bool linnet__system_line(const char *root, const char *path, char text[LINNET__TEXT_SIZE]) {
  FILE *file = open_file(root, path);
  if (file == NULL) return false;
  bool found = fgets(text, LINNET__TEXT_SIZE, file) != NULL && trim(text);
  fclose(file);
  return found;
}

bool linnet__system_entry(const char *root, const char *path, const char *name,
                          char text[LINNET__TEXT_SIZE]) {
  FILE *file = open_file(root, path);
  bool found = false;
  if (file == NULL) return false;
  while (!found && fgets(text, LINNET__TEXT_SIZE, file) != NULL) {
    size_t length = strlen(name);
    if (strncmp(text, name, length) != 0) continue;
    memmove(text, text + length, strlen(text + length) + 1);
    found = trim(text);
  }
  fclose(file);
  return found;
}

bool linnet__system_number(const char *root, const char *path, int64_t *number) {
  char text[LINNET__TEXT_SIZE], *end;
  if (!linnet__system_line(root, path, text)) return false;
  errno = 0;
  long long read = strtoll(text, &end, 10);
  if (errno != 0 || end == text || *end != 0) return false;
  *number = read;
  return true;
}
