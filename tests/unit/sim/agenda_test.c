/* SPDX-License-Identifier: Apache-2.0 */
/* The heap of what happens next: order, ties, moves, removals. */
#include "sim/agenda.h"
#include "check.h"

#define COUNT 500

static uint64_t state = 1;

static uint64_t any(uint64_t below) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return (state >> 33) % below;
}

static void gives_entries_by_time_and_then_by_order(void) {
  static linnet__entry entries[COUNT];
  linnet__agenda agenda = {0};
  for (size_t i = 0; i < COUNT; i++) entries[i].order = i;
  for (size_t i = 0; i < 20 * COUNT; i++) {
    linnet__entry *entry = &entries[any(COUNT)];
    if (any(4) == 0) {
      linnet__agenda_remove(&agenda, entry);
    } else {
      CHECK(linnet__agenda_set(&agenda, entry, any(50)));
    }
  }
  size_t in = 0, out = 0;
  for (size_t i = 0; i < COUNT; i++) in += entries[i].position > 0;
  CHECK(in > COUNT / 2);
  uint64_t time_ms = 0, order = 0;
  for (linnet__entry *entry; (entry = linnet__agenda_first(&agenda)) != NULL; out++) {
    CHECK(entry->time_ms > time_ms || (entry->time_ms == time_ms && (out == 0 || entry->order > order)));
    time_ms = entry->time_ms;
    order = entry->order;
    linnet__agenda_remove(&agenda, entry);
    CHECK_EQUAL(entry->position, 0);
  }
  CHECK_EQUAL(out, in);
  linnet__agenda_free(&agenda);
}

int main(void) { return RUN(gives_entries_by_time_and_then_by_order); }
