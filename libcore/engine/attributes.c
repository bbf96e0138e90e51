/* SPDX-License-Identifier: Apache-2.0 */
/* attributes.c: notification attributes of a server: kept, inherited, read and shown (digest 4). */
#include <string.h>

#include "engine_internal.h"

/* ---- the table, ordered by path ------------------------------------------------------------------ */

static size_t place(const linnet__requester *requester, linnet_path path) {
  size_t low = 0, high = requester->attributes_count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (linnet_path_compare(requester->attributes[middle].path, path) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static linnet__attributes *find(const linnet__requester *requester, linnet_path path) {
  if (requester->attributes_count == 0) return NULL; /* as it mostly is */
  size_t at = place(requester, path);
  if (at == requester->attributes_count || !linnet_path_equal(requester->attributes[at].path, path))
    return NULL;
  return &requester->attributes[at];
}

const linnet__attributes *linnet__attributes_find(const linnet__requester *requester, linnet_path path) {
  return find(requester, path);
}

static bool reserve(linnet__requester *requester) {
  if (requester->attributes_count < requester->attributes_capacity) return true;
  if (requester->attributes_count >= LINNET__ATTRIBUTES_LIMIT) return false;
  size_t capacity = requester->attributes_capacity == 0 ? 4 : 2u * requester->attributes_capacity;
  linnet__attributes *attributes =
      linnet__resize(requester->engine->loop, requester->attributes,
                     requester->attributes_capacity * sizeof *attributes, capacity * sizeof *attributes);
  if (attributes == NULL) return false;
  requester->attributes = attributes;
  requester->attributes_capacity = (uint16_t)capacity;
  return true;
}

linnet__attributes *linnet__attributes_at(linnet__requester *requester, linnet_path path) {
  linnet__attributes *found = find(requester, path);
  if (found != NULL) return found;
  if (!reserve(requester)) return NULL;
  size_t at = place(requester, path);
  linnet__attributes *entry = &requester->attributes[at];
  memmove(entry + 1, entry, (requester->attributes_count - at) * sizeof *entry);
  requester->attributes_count++;
  *entry = (linnet__attributes){.path = path};
  return entry;
}

void linnet__attributes_remove(linnet__requester *requester, linnet_path path) {
  linnet__attributes *entry = find(requester, path);
  if (entry == NULL) return;
  size_t after = requester->attributes_count - (size_t)(entry - requester->attributes) - 1;
  memmove(entry, entry + 1, after * sizeof *entry);
  requester->attributes_count--;
}

void linnet__attributes_prune(linnet__requester *requester, uint16_t id, const linnet_object *object) {
  uint16_t kept = 0;
  for (uint16_t i = 0; i < requester->attributes_count; i++) {
    const linnet__attributes *entry = &requester->attributes[i];
    bool below = entry->path.id[0] == id && entry->path.depth > 1;
    if (below && (object == NULL || !linnet_object_has_instance(object, entry->path.id[1]))) continue;
    if (object == NULL && entry->path.id[0] == id) continue;
    requester->attributes[kept++] = *entry;
  }
  requester->attributes_count = kept;
}

void linnet__attributes_free(linnet__requester *requester) {
  linnet__free(requester->engine->loop, requester->attributes,
               requester->attributes_capacity * sizeof *requester->attributes);
  requester->attributes = NULL;
  requester->attributes_count = requester->attributes_capacity = 0;
}

/* ---- what is in force ---------------------------------------------------------------------------- */

/* The first of resource, instance and object that sets it (ATT-03), or NULL. */
static const linnet__attributes *nearest(const linnet__requester *requester, linnet_path path,
                                         unsigned attribute) {
  if (requester->attributes_count == 0) return NULL;
  for (; path.depth > 0; path.depth--, path.id[path.depth] = 0) {
    const linnet__attributes *entry = find(requester, path);
    if (entry != NULL && linnet__attributes_set(entry, attribute)) return entry;
  }
  return NULL;
}

static uint32_t period_of(const linnet__requester *requester, linnet_path path, unsigned attribute,
                          uint32_t otherwise_s) {
  const linnet__attributes *entry = nearest(requester, path, attribute);
  return entry != NULL ? entry->periods_s[attribute] : otherwise_s;
}

void linnet__attributes_periods(const linnet__requester *requester, linnet_path path, uint32_t *pmin_s,
                                uint32_t *pmax_s) {
  *pmin_s = period_of(requester, path, LINNET__PMIN, requester->default_pmin_s);
  if (*pmin_s == LINNET__NO_PERIOD) *pmin_s = 0;
  *pmax_s = period_of(requester, path, LINNET__PMAX, requester->default_pmax_s);
  if (*pmax_s == 0 || *pmax_s < *pmin_s) *pmax_s = LINNET__NO_PERIOD; /* ATT-07 */
}

/* ---- as texts ------------------------------------------------------------------------------------ */

static const char names[LINNET__ATTRIBUTES][5] = {"pmin", "pmax", "gt", "lt", "st"};

/* If it is set. */
static void put(const linnet__attributes *attributes, unsigned attribute, linnet__buffer *out) {
  char text[LINNET__FLOAT_TEXT_SIZE + 1];
  if (attributes == NULL || !linnet__attributes_set(attributes, attribute)) return;
  size_t length = attribute < LINNET__PERIODS
                      ? linnet__format_unsigned(attributes->periods_s[attribute], text)
                      : linnet__format_float(linnet__attributes_threshold(attributes, attribute), text);
  text[length] = 0;
  linnet__link_put_parameter(out, names[attribute], text);
}

void linnet__attributes_put(const linnet__attributes *attributes, linnet__buffer *out) {
  for (unsigned i = 0; i < LINNET__ATTRIBUTES; i++) put(attributes, i, out);
}

void linnet__attributes_put_inherited(const linnet__requester *requester, linnet_path path,
                                      linnet__buffer *out) {
  const linnet__attributes *own = find(requester, path);
  for (unsigned i = 0; i < LINNET__ATTRIBUTES; i++)
    put(i < LINNET__PERIODS ? nearest(requester, path, i) : own, i, out);
}

/* ---- read from a Write-Attributes ---------------------------------------------------------------- */

static bool read_value(linnet__attributes *attributes, unsigned attribute, linnet__text value) {
  uint64_t number;
  if (attribute >= LINNET__PERIODS) {
    double *threshold = &attributes->thresholds[attribute - LINNET__PERIODS];
    return linnet__parse_float(value.data, value.length, threshold) &&
           (attribute != LINNET__ST || *threshold >= 0);
  }
  /* The largest stands for "not set", and is 136 years. */
  if (!linnet__parse_unsigned(value.data, value.length, LINNET__NO_PERIOD - 1, &number)) return false;
  attributes->periods_s[attribute] = (uint32_t)number;
  return true;
}

/* LINNET__ATTRIBUTES: not one that can be written (DM-40). */
static unsigned attribute_of(linnet__text name) {
  unsigned i = 0;
  while (i < LINNET__ATTRIBUTES &&
         (strlen(names[i]) != name.length || memcmp(names[i], name.data, name.length) != 0))
    i++;
  return i;
}

/* ATT-04, of the pairs that are set. */
static bool consistent(const linnet__attributes *attributes) {
  if (!linnet__attributes_set(attributes, LINNET__GT) || !linnet__attributes_set(attributes, LINNET__LT))
    return true;
  double step = linnet__attributes_set(attributes, LINNET__ST)
                    ? linnet__attributes_threshold(attributes, LINNET__ST)
                    : 0;
  double gt = linnet__attributes_threshold(attributes, LINNET__GT);
  double lt = linnet__attributes_threshold(attributes, LINNET__LT);
  return lt < gt && lt + 2 * step < gt;
}

bool linnet__attributes_read(linnet__attributes *attributes, const linnet__incoming *request) {
  size_t position = 0;
  unsigned seen = 0;
  linnet__text query;
  while (linnet__incoming_text(request, LINNET__OPTION_URI_QUERY, &position, &query)) {
    const char *equals = query.length > 0 ? memchr(query.data, '=', query.length) : NULL;
    linnet__text name = query, value = {NULL, 0};
    if (equals != NULL) {
      name.length = (size_t)(equals - query.data);
      value.data = equals + 1;
      value.length = query.length - name.length - 1;
    }
    unsigned attribute = attribute_of(name), bit = 1u << attribute;
    if (attribute == LINNET__ATTRIBUTES || (seen & bit) != 0) return false;
    seen |= bit;
    attributes->set = (uint8_t)(attributes->set & ~bit); /* DM-42 */
    if (value.length == 0) continue;
    if (!read_value(attributes, attribute, value)) return false;
    attributes->set = (uint8_t)(attributes->set | bit);
  }
  return consistent(attributes);
}
