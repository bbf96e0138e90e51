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

/* The first of resource, instance and object that sets `bit` (ATT-03), or NULL. */
static const linnet__attributes *nearest(const linnet__requester *requester, linnet_path path, uint8_t bit) {
  if (requester->attributes_count == 0) return NULL;
  for (; path.depth > 0; path.depth--, path.id[path.depth] = 0) {
    const linnet__attributes *entry = find(requester, path);
    if (entry != NULL && (entry->set & bit) != 0) return entry;
  }
  return NULL;
}

void linnet__attributes_periods(const linnet__requester *requester, linnet_path path, uint32_t *pmin_s,
                                uint32_t *pmax_s) {
  const linnet__attributes *entry = nearest(requester, path, LINNET__ATTRIBUTE_PMIN);
  *pmin_s = entry != NULL ? entry->pmin_s : requester->default_pmin_s;
  if (*pmin_s == LINNET__NO_PERIOD) *pmin_s = 0;
  entry = nearest(requester, path, LINNET__ATTRIBUTE_PMAX);
  *pmax_s = entry != NULL ? entry->pmax_s : requester->default_pmax_s;
  if (*pmax_s == 0 || *pmax_s < *pmin_s) *pmax_s = LINNET__NO_PERIOD; /* ATT-07 */
}

/* ---- shown by Discover ----------------------------------------------------------------------------- */

static void put_period(linnet__buffer *out, const char *name, uint32_t seconds) {
  char text[LINNET__INTEGER_TEXT_SIZE];
  text[linnet__format_unsigned(seconds, text)] = 0;
  linnet__link_put_parameter(out, name, text);
}

static void put_number(linnet__buffer *out, const char *name, double number) {
  char text[LINNET__FLOAT_TEXT_SIZE + 1];
  text[linnet__format_float(number, text)] = 0;
  linnet__link_put_parameter(out, name, text);
}

static void put_thresholds(const linnet__attributes *attributes, linnet__buffer *out) {
  if ((attributes->set & LINNET__ATTRIBUTE_GT) != 0) put_number(out, "gt", attributes->gt);
  if ((attributes->set & LINNET__ATTRIBUTE_LT) != 0) put_number(out, "lt", attributes->lt);
  if ((attributes->set & LINNET__ATTRIBUTE_ST) != 0) put_number(out, "st", attributes->st);
}

void linnet__attributes_put(const linnet__attributes *attributes, linnet__buffer *out) {
  if (attributes == NULL) return;
  if ((attributes->set & LINNET__ATTRIBUTE_PMIN) != 0) put_period(out, "pmin", attributes->pmin_s);
  if ((attributes->set & LINNET__ATTRIBUTE_PMAX) != 0) put_period(out, "pmax", attributes->pmax_s);
  put_thresholds(attributes, out);
}

void linnet__attributes_put_inherited(const linnet__requester *requester, linnet_path path,
                                      linnet__buffer *out) {
  const linnet__attributes *entry = nearest(requester, path, LINNET__ATTRIBUTE_PMIN);
  if (entry != NULL) put_period(out, "pmin", entry->pmin_s);
  entry = nearest(requester, path, LINNET__ATTRIBUTE_PMAX);
  if (entry != NULL) put_period(out, "pmax", entry->pmax_s);
  entry = find(requester, path);
  if (entry != NULL) put_thresholds(entry, out);
}

/* ---- read from a Write-Attributes -------------------------------------------------------------------- */

static bool read_period(linnet__text value, uint32_t *seconds) {
  uint64_t number;
  /* The largest stands for "not set", and is 136 years. */
  if (!linnet__parse_unsigned(value.data, value.length, LINNET__NO_PERIOD - 1, &number)) return false;
  *seconds = (uint32_t)number;
  return true;
}

static bool read_value(linnet__attributes *attributes, uint8_t bit, linnet__text value) {
  switch (bit) {
    case LINNET__ATTRIBUTE_PMIN:
      return read_period(value, &attributes->pmin_s);
    case LINNET__ATTRIBUTE_PMAX:
      return read_period(value, &attributes->pmax_s);
    case LINNET__ATTRIBUTE_GT:
      return linnet__parse_float(value.data, value.length, &attributes->gt);
    case LINNET__ATTRIBUTE_LT:
      return linnet__parse_float(value.data, value.length, &attributes->lt);
    default:
      return linnet__parse_float(value.data, value.length, &attributes->st) && attributes->st >= 0;
  }
}

/* 0: not an attribute that can be written (DM-40). */
static uint8_t bit_of(linnet__text name) {
  static const struct {
    const char *name;
    uint8_t bit;
  } names[] = {{"pmin", LINNET__ATTRIBUTE_PMIN},
               {"pmax", LINNET__ATTRIBUTE_PMAX},
               {"gt", LINNET__ATTRIBUTE_GT},
               {"lt", LINNET__ATTRIBUTE_LT},
               {"st", LINNET__ATTRIBUTE_ST}};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (strlen(names[i].name) == name.length && memcmp(names[i].name, name.data, name.length) == 0)
      return names[i].bit;
  return 0;
}

/* ATT-04, of the pairs that are set. */
static bool consistent(const linnet__attributes *attributes) {
  const uint8_t both = LINNET__ATTRIBUTE_GT | LINNET__ATTRIBUTE_LT;
  if ((attributes->set & both) != both) return true;
  double step = (attributes->set & LINNET__ATTRIBUTE_ST) != 0 ? attributes->st : 0;
  return attributes->lt < attributes->gt && attributes->lt + 2 * step < attributes->gt;
}

bool linnet__attributes_read(linnet__attributes *attributes, const linnet__incoming *request) {
  size_t position = 0;
  uint8_t seen = 0;
  linnet__text query;
  while (linnet__incoming_text(request, LINNET__OPTION_URI_QUERY, &position, &query)) {
    const char *equals = query.length > 0 ? memchr(query.data, '=', query.length) : NULL;
    linnet__text name = query, value = {NULL, 0};
    if (equals != NULL) {
      name.length = (size_t)(equals - query.data);
      value.data = equals + 1;
      value.length = query.length - name.length - 1;
    }
    uint8_t bit = bit_of(name);
    if (bit == 0 || (seen & bit) != 0) return false;
    seen |= bit;
    if (value.length == 0) { /* DM-42 */
      attributes->set = (uint8_t)(attributes->set & ~bit);
      continue;
    }
    if (!read_value(attributes, bit, value)) return false;
    attributes->set |= bit;
  }
  return consistent(attributes);
}
