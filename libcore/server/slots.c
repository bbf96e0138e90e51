/* SPDX-License-Identifier: Apache-2.0 */
/* slots.c: registrations by number, without hashing: the low bits of a number are a place in an array
 * (server_internal.h). */
#include "server_internal.h"

#define FIRST_CAPACITY 16
#define NO_PLACE UINT32_MAX

/* A free place holds the next free one and an odd bit, which no pointer has. */
static bool is_free(uintptr_t item) { return (item & 1u) != 0; }
static uintptr_t free_item(uint32_t next) { return ((uintptr_t)next << 1u) | 1u; }

void linnet__slots_init(linnet__slots *slots, linnet_loop *loop) {
  *slots = (linnet__slots){.loop = loop, .first_free = NO_PLACE};
}

void linnet__slots_free(linnet__slots *slots) {
  linnet__free(slots->loop, slots->items, slots->capacity * sizeof *slots->items);
  linnet__slots_init(slots, slots->loop);
}

/* By a quarter: at a million the array is at most 10 bytes a registration. */
static bool grow(linnet__slots *slots, uint32_t needed) {
  uint32_t capacity = slots->capacity == 0 ? FIRST_CAPACITY : slots->capacity + slots->capacity / 4;
  if (capacity < needed) capacity = needed;
  if (capacity > LINNET__SLOT_LIMIT) capacity = LINNET__SLOT_LIMIT;
  if (capacity == slots->capacity) return false;
  uintptr_t *items =
      linnet__resize(slots->loop, slots->items, slots->capacity * sizeof *items, capacity * sizeof *items);
  if (items == NULL) return false;
  slots->items = items;
  slots->capacity = capacity;
  return true;
}

uint64_t linnet__slots_add(linnet__slots *slots, linnet__registration *registration) {
  uint32_t place = slots->first_free;
  if (place != NO_PLACE) {
    slots->first_free = (uint32_t)(slots->items[place] >> 1u);
  } else {
    if (slots->used == slots->capacity && !grow(slots, slots->used + 1)) return 0;
    place = slots->used++;
  }
  slots->items[place] = (uintptr_t)registration;
  slots->count++;
  return ++slots->given << LINNET__SLOT_BITS | place;
}

bool linnet__slots_put(linnet__slots *slots, linnet__registration *registration, uint64_t number) {
  uint32_t place = (uint32_t)(number & (LINNET__SLOT_LIMIT - 1));
  if (place >= slots->capacity && !grow(slots, place + 1)) return false;
  while (slots->used <= place) slots->items[slots->used++] = free_item(NO_PLACE);
  if (!is_free(slots->items[place])) return false;
  slots->items[place] = (uintptr_t)registration;
  slots->count++;
  if (slots->given < number >> LINNET__SLOT_BITS) slots->given = number >> LINNET__SLOT_BITS;
  return true;
}

void linnet__slots_chain(linnet__slots *slots) {
  slots->first_free = NO_PLACE;
  for (uint32_t place = slots->used; place-- > 0;) {
    if (!is_free(slots->items[place])) continue;
    slots->items[place] = free_item(slots->first_free);
    slots->first_free = place;
  }
}

linnet__registration *linnet__slots_find(const linnet__slots *slots, uint64_t number) {
  uint32_t place = (uint32_t)(number & (LINNET__SLOT_LIMIT - 1));
  if (place >= slots->used || is_free(slots->items[place])) return NULL;
  linnet__registration *registration = (linnet__registration *)slots->items[place];
  return registration->number == number ? registration : NULL;
}

linnet__registration *linnet__slots_next(const linnet__slots *slots, uint32_t *place) {
  while (*place < slots->used) {
    uintptr_t item = slots->items[(*place)++];
    if (!is_free(item)) return (linnet__registration *)item;
  }
  return NULL;
}

void linnet__slots_remove(linnet__slots *slots, uint64_t number) {
  if (linnet__slots_find(slots, number) == NULL) return;
  uint32_t place = (uint32_t)(number & (LINNET__SLOT_LIMIT - 1));
  slots->items[place] = free_item(slots->first_free);
  slots->first_free = place;
  if (--slots->count > 0) return;
  uint64_t given = slots->given; /* it goes on: a number never comes again */
  linnet__slots_free(slots);
  slots->given = given;
}
