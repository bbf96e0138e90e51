/* SPDX-License-Identifier: Apache-2.0 */
/* gpsd_report.c: the members of a TPV report that Location has room for (gpsd_json(5); objects.md /6). */
#include <linnet/codec.h>
#include <stdio.h>
#include <string.h>

#include "gpsd.h"

#define WORD 64

/* Behind the closing quote of the string at `at`; NULL: it does not end. */
static const char *skip_string(const char *at) {
  for (at++; *at != '"'; at++) {
    if (*at == '\\') at++;
    if (*at == 0) return NULL;
  }
  return at + 1;
}

/* The value behind a name, without quotes; false: too long, or it does not end. */
static bool take_value(const char *at, char word[WORD]) {
  const char *end = at + strcspn(at, ",}] \t\r\n");
  if (*at == '"') {
    const char *behind = skip_string(at);
    if (behind == NULL) return false;
    at++;
    end = behind - 1;
  }
  if ((size_t)(end - at) >= WORD) return false;
  memcpy(word, at, (size_t)(end - at));
  word[end - at] = 0;
  return true;
}

/* A member of the outermost object: what is nested has a depth above 1. A string is a name if a colon
 * follows. */
static bool member(const char *line, const char *name, char word[WORD]) {
  size_t length = strlen(name);
  unsigned depth = 0;
  for (const char *at = line; *at != 0;) {
    if (*at == '{' || *at == '[') depth++;
    if ((*at == '}' || *at == ']') && depth-- == 0) return false;
    if (*at != '"') {
      at++;
      continue;
    }
    const char *start = at + 1;
    at = skip_string(at);
    if (at == NULL) return false;
    const char *colon = at + strspn(at, " \t");
    if (*colon != ':' || depth != 1) continue;
    if ((size_t)(at - 1 - start) != length || memcmp(start, name, length) != 0) continue;
    return take_value(colon + 1 + strspn(colon + 1, " \t"), word);
  }
  return false;
}

static bool number(const char *line, const char *name, double *out) {
  char word[WORD];
  linnet_value value;
  if (!member(line, name, word) || linnet_value_parse(&value, LINNET_TYPE_FLOAT, word, NULL) != LINNET_OK)
    return false;
  *out = value.as.real;
  return true;
}

/* "2026-11-28T17:19:16.000Z": whole seconds are enough for /6/0/5. */
static bool moment(const char *line, int64_t *out) {
  char word[WORD];
  linnet_value value;
  if (!member(line, "time", word)) return false;
  word[strcspn(word, ".Z")] = 0;
  if (linnet_value_parse(&value, LINNET_TYPE_TIME, word, NULL) != LINNET_OK) return false;
  *out = value.as.integer;
  return true;
}

/* Those of newer releases first; the last is what older ones have. */
static bool any_number(const char *line, const char *const *names, double *out) {
  for (; *names != NULL; names++)
    if (number(line, *names, out)) return true;
  return false;
}

bool linnet__fix_read(const char *line, linnet__fix *fix) {
  static const char *const altitudes[] = {"altMSL", "alt", NULL}, *const radii[] = {"eph", "epx", NULL};
  char word[WORD];
  double mode = 0;
  memset(fix, 0, sizeof *fix);
  if (!member(line, "class", word) || strcmp(word, "TPV") != 0) return false;
  if (!number(line, "mode", &mode) || mode < 2) return true; /* no fix, or not yet */
  if (number(line, "lat", &fix->latitude) && number(line, "lon", &fix->longitude))
    fix->has |= LINNET__FIX_POSITION;
  if (moment(line, &fix->unix_s)) fix->has |= LINNET__FIX_TIME;
  if (mode >= 3 && any_number(line, altitudes, &fix->altitude)) fix->has |= LINNET__FIX_ALTITUDE;
  if (any_number(line, radii, &fix->radius)) fix->has |= LINNET__FIX_RADIUS;
  if (number(line, "speed", &fix->speed)) fix->has |= LINNET__FIX_SPEED;
  if (number(line, "track", &fix->bearing)) fix->has |= LINNET__FIX_BEARING;
  return true;
}
