/* SPDX-License-Identifier: Apache-2.0 */
/*
 * agenda.h: what happens next: a binary heap of entries inside the things that happen.
 *
 * Ordered by time, then by `order`, which is unique: so the same entries always come out in the same order.
 */
#ifndef LINNET_SIM_AGENDA_H
#define LINNET_SIM_AGENDA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct linnet__entry {
  uint64_t time_ms;
  uint64_t order;
  size_t position; /* from 1; 0: not in the agenda */
} linnet__entry;

typedef struct linnet__agenda {
  linnet__entry **entries;
  size_t count;
  size_t capacity;
} linnet__agenda;

void linnet__agenda_free(linnet__agenda *agenda);
/* Puts an entry in or moves it. False: no memory, and an entry that was not in is still out. */
bool linnet__agenda_set(linnet__agenda *agenda, linnet__entry *entry, uint64_t time_ms);
/* Also for an entry that is not in. */
void linnet__agenda_remove(linnet__agenda *agenda, linnet__entry *entry);
/* The next one, which stays in; NULL if there is none. */
linnet__entry *linnet__agenda_first(const linnet__agenda *agenda);

#endif
