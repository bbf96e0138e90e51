/* SPDX-License-Identifier: Apache-2.0 */
/* attributes.h: the notification attributes that a server assigned to paths (digest 4). */
#ifndef LINNET_ENGINE_ATTRIBUTES_H
#define LINNET_ENGINE_ATTRIBUTES_H

#include "engine.h"

enum {
  LINNET__PMIN,
  LINNET__PMAX,
  LINNET__PERIODS,
  LINNET__GT = LINNET__PERIODS,
  LINNET__LT,
  LINNET__ST,
  LINNET__ATTRIBUTES,
  LINNET__THRESHOLDS = LINNET__ATTRIBUTES - LINNET__PERIODS
};

/* What is set at one path. */
struct linnet__attributes {
  linnet_path path;
  uint8_t set; /* a bit each */
  uint32_t periods_s[LINNET__PERIODS];
  double thresholds[LINNET__THRESHOLDS]; /* from LINNET__GT on */
};

static inline bool linnet__attributes_set(const linnet__attributes *attributes, unsigned attribute) {
  return (attributes->set >> attribute & 1) != 0;
}
static inline bool linnet__attributes_have_thresholds(const linnet__attributes *attributes) {
  return attributes->set >> LINNET__PERIODS != 0;
}
static inline double linnet__attributes_threshold(const linnet__attributes *attributes, unsigned attribute) {
  return attributes->thresholds[attribute - LINNET__PERIODS];
}

/* What is set at exactly this path, or NULL. */
const linnet__attributes *linnet__attributes_find(const linnet__requester *requester, linnet_path path);
/* The same for a path where nothing is set: an entry that is empty. NULL: no memory, or over the limit. */
linnet__attributes *linnet__attributes_at(linnet__requester *requester, linnet_path path);
void linnet__attributes_remove(linnet__requester *requester, linnet_path path);
/* Keeps those below `object` only where an instance of that number exists; NULL: there is no such object. */
void linnet__attributes_prune(linnet__requester *requester, uint16_t id, const linnet_object *object);
void linnet__attributes_free(linnet__requester *requester);

/* The periods in force at a path (ATT-03, ATT-07): pmax is LINNET__NO_PERIOD if none, 0, or below pmin. */
void linnet__attributes_periods(const linnet__requester *requester, linnet_path path, uint32_t *pmin_s,
                                uint32_t *pmax_s);

/* Appends ";pmin=10;pmax=60;gt=50;lt=42.2;st=1", as far as set. */
void linnet__attributes_put(const linnet__attributes *attributes, linnet__buffer *out);
/* The same with the periods inherited from instance and object (DM-80, the row of /o/i/r). */
void linnet__attributes_put_inherited(const linnet__requester *requester, linnet_path path,
                                      linnet__buffer *out);

/* Applies the Uri-Query of a Write-Attributes to `attributes`: false: something is wrong with it (DM-40,
 * ATT-04 to ATT-06). */
bool linnet__attributes_read(linnet__attributes *attributes, const linnet__incoming *request);

#endif
