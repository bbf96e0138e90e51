/* SPDX-License-Identifier: Apache-2.0 */
/* attributes.c: the attributes of a Write-Attributes, checked before they are sent (digest 4, DM-40 to
 * DM-43). */
#include <string.h>

#include "server_internal.h"

enum { PMIN, PMAX, GREATER, LESS, STEP, ATTRIBUTE_COUNT };

static const struct {
  const char *name;
  bool numeric; /* a threshold: on a numeric resource only (ATT-05, DM-43) */
} attributes[ATTRIBUTE_COUNT] = {
    [PMIN] = {"pmin", false}, [PMAX] = {"pmax", false}, [GREATER] = {"gt", true},
    [LESS] = {"lt", true},    [STEP] = {"st", true},
};

linnet_status linnet__attributes_next(const char *text, size_t *position, linnet__text *query) {
  if (text[*position] == 0) return LINNET_ERROR_NOT_FOUND;
  const char *start = text + *position;
  const char *end = strchr(start, '&');
  size_t length = end == NULL ? strlen(start) : (size_t)(end - start);
  *position += length + (end != NULL);
  /* DM-42: "name=" means the same as "name". */
  if (length > 0 && start[length - 1] == '=') length--;
  *query = (linnet__text){start, length};
  return LINNET_OK;
}

static int find_attribute(const char *name, size_t length) {
  for (int i = 0; i < ATTRIBUTE_COUNT; i++)
    if (strlen(attributes[i].name) == length && memcmp(attributes[i].name, name, length) == 0) return i;
  return -1;
}

static bool is_number(const linnet_resource_definition *resource) {
  if (resource == NULL) return true;
  linnet_type type = linnet_resource_definition_type(resource);
  return type == LINNET_TYPE_INTEGER || type == LINNET_TYPE_FLOAT || type == LINNET_TYPE_TIME ||
         type == LINNET_TYPE_NONE;
}

/* ATT-06: periods are whole seconds, thresholds are decimals. */
static bool read_value(int attribute, const char *text, size_t length, double *value) {
  uint64_t seconds;
  if (attributes[attribute].numeric) return linnet__parse_float(text, length, value);
  if (!linnet__parse_unsigned(text, length, INT64_MAX, &seconds)) return false;
  *value = (double)seconds;
  return true;
}

/* ATT-04, among the values that are given here. */
static const char *contradiction(const bool *given, const double *values) {
  if (given[STEP] && values[STEP] < 0) return "st is negative";
  if (!given[LESS] || !given[GREATER]) return NULL;
  if (!(values[LESS] < values[GREATER])) return "lt is not less than gt";
  if (given[STEP] && !(values[LESS] + 2 * values[STEP] < values[GREATER]))
    return "lt + 2 * st is not less than gt";
  return NULL;
}

const char *linnet__attributes_fault(const char *text, linnet_path path,
                                     const linnet_resource_definition *resource) {
  bool seen[ATTRIBUTE_COUNT] = {false}, given[ATTRIBUTE_COUNT] = {false};
  double values[ATTRIBUTE_COUNT] = {0};
  linnet__text query;
  size_t position = 0, length = strlen(text);
  if (length == 0) return "no attributes";
  if (text[length - 1] == '&') return "an attribute without a name";
  while (linnet__attributes_next(text, &position, &query) == LINNET_OK) {
    const char *equals = query.length == 0 ? NULL : memchr(query.data, '=', query.length);
    size_t name_length = equals == NULL ? query.length : (size_t)(equals - query.data);
    int attribute = find_attribute(query.data, name_length);
    if (attribute < 0) return "not an attribute that can be written: pmin, pmax, gt, lt, st";
    if (seen[attribute]) return "an attribute is given twice";
    seen[attribute] = true;
    if (attributes[attribute].numeric && path.depth != 3) return "gt, lt and st belong to a resource";
    if (attributes[attribute].numeric && !is_number(resource))
      return "gt, lt and st belong to a numeric resource";
    if (equals == NULL) continue;
    given[attribute] = true;
    if (!read_value(attribute, equals + 1, query.length - name_length - 1, &values[attribute]))
      return "the value of an attribute is not a number of its kind";
  }
  return contradiction(given, values);
}
