/* SPDX-License-Identifier: Apache-2.0 */
/* part.c: what a program added to a driver, by its functions (driver_internal.h). */
#include "driver_internal.h"

void linnet__part_add(linnet_driver *driver, linnet__part *part, const linnet__part_rules *rules) {
  part->rules = rules;
  part->driver = driver;
  part->next = driver->parts;
  driver->parts = part;
}

linnet__part *linnet__part_first(linnet__part *from, const linnet__part_rules *rules) {
  while (from != NULL && from->rules != rules) from = from->next;
  return from;
}

void linnet__parts_act(linnet_driver *driver, linnet__moment moment, uint64_t now_ms) {
  for (linnet__part **link = &driver->parts; *link != NULL;) {
    linnet__part *part = *link;
    if (part->rules->at[moment] == NULL || part->rules->at[moment](part, now_ms)) {
      link = &part->next;
      continue;
    }
    *link = part->next;
    part->rules->end(part);
    if (driver->closed) return; /* by a release; nothing is left */
  }
}

bool linnet__parts_readable(const linnet_driver *driver) {
  for (const linnet__part *part = driver->parts; part != NULL; part = part->next)
    if (part->rules->readable != NULL && part->rules->readable(part)) return true;
  return false;
}

uint64_t linnet__parts_deadline(const linnet_driver *driver) {
  uint64_t next_ms = LINNET_NEVER;
  for (const linnet__part *part = driver->parts; part != NULL; part = part->next) {
    uint64_t deadline_ms = part->rules->deadline != NULL ? part->rules->deadline(part) : LINNET_NEVER;
    if (deadline_ms < next_ms) next_ms = deadline_ms;
  }
  return next_ms;
}

void linnet__parts_end(linnet_driver *driver) {
  while (driver->parts != NULL) {
    linnet__part *part = driver->parts;
    driver->parts = part->next;
    part->rules->end(part);
  }
}
