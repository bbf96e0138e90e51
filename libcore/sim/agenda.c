/* SPDX-License-Identifier: Apache-2.0 */
/* agenda.c: the queue of events of the simulated world (docs/architecture.md, section 7). */
#include "agenda.h"

#include <stdlib.h>

static bool before(const linnet__entry *a, const linnet__entry *b) {
  return a->time_ms != b->time_ms ? a->time_ms < b->time_ms : a->order < b->order;
}

static void place(linnet__agenda *agenda, linnet__entry *entry, size_t index) {
  agenda->entries[index] = entry;
  entry->position = index + 1;
}

static void rise(linnet__agenda *agenda, linnet__entry *entry, size_t index) {
  while (index > 0) {
    size_t parent = (index - 1) / 2;
    if (!before(entry, agenda->entries[parent])) break;
    place(agenda, agenda->entries[parent], index);
    index = parent;
  }
  place(agenda, entry, index);
}

static void sink(linnet__agenda *agenda, linnet__entry *entry, size_t index) {
  for (;;) {
    size_t child = 2 * index + 1;
    if (child >= agenda->count) break;
    if (child + 1 < agenda->count && before(agenda->entries[child + 1], agenda->entries[child])) child++;
    if (!before(agenda->entries[child], entry)) break;
    place(agenda, agenda->entries[child], index);
    index = child;
  }
  place(agenda, entry, index);
}

static bool make_room(linnet__agenda *agenda) {
  if (agenda->count < agenda->capacity) return true;
  size_t capacity = agenda->capacity == 0 ? 64 : agenda->capacity * 2;
  linnet__entry **entries = realloc(agenda->entries, capacity * sizeof(linnet__entry *));
  if (entries == NULL) return false;
  agenda->entries = entries;
  agenda->capacity = capacity;
  return true;
}

void linnet__agenda_free(linnet__agenda *agenda) {
  free(agenda->entries);
  *agenda = (linnet__agenda){0};
}

bool linnet__agenda_set(linnet__agenda *agenda, linnet__entry *entry, uint64_t time_ms) {
  if (entry->position == 0) {
    if (!make_room(agenda)) return false;
    entry->time_ms = time_ms;
    rise(agenda, entry, agenda->count++);
    return true;
  }
  bool earlier = time_ms < entry->time_ms;
  entry->time_ms = time_ms;
  if (earlier) {
    rise(agenda, entry, entry->position - 1);
  } else {
    sink(agenda, entry, entry->position - 1);
  }
  return true;
}

void linnet__agenda_remove(linnet__agenda *agenda, linnet__entry *entry) {
  if (entry->position == 0) return;
  size_t index = entry->position - 1;
  linnet__entry *last = agenda->entries[--agenda->count];
  entry->position = 0;
  if (last == entry) return;
  rise(agenda, last, index);
  sink(agenda, last, last->position - 1);
}

linnet__entry *linnet__agenda_first(const linnet__agenda *agenda) {
  return agenda->count > 0 ? agenda->entries[0] : NULL;
}
