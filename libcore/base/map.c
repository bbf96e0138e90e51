/* SPDX-License-Identifier: Apache-2.0 */
/*
 * map.c: tables with open addressing, linear probing and marks for what was removed (map.h).
 *
 * The low bits of a hash choose the table. Within it the hash is taken as a fraction, so that any capacity
 * will do, and so that a rebuild, which goes through the old table in order, fills the new one in order.
 */
#include "map.h"

#include "memory.h"
#include "random.h"

#include <string.h>

#define FIRST_CAPACITY 8
/* Up to here a table doubles. */
#define SMALL 16
/* On average; the tables that are next to be split have up to twice as many. */
#define TABLE_ITEMS 1024
/* A position of a walk: the table above the slot. */
#define SLOT_BITS 20
/* Of 2^64 (Knuth, The Art of Computer Programming 3, 6.4): numbers one after the other end up far apart. */
#define GOLDEN_RATIO UINT64_C(0x9E3779B97F4A7C15)
#define LARGEST_TABLE ((uint32_t)1 << SLOT_BITS)

static const char removed_mark = 0;
static void *removed(void) { return (void *)(uintptr_t)&removed_mark; }
static bool occupied(const void *item) { return item != NULL && item != removed(); }

/* ---- one table ----------------------------------------------------------------------------------- */

static void *item_at(const linnet__map_table *table, uint32_t slot) {
  void *item;
  memcpy(&item, table->slots[slot].item, sizeof item);
  return item;
}

static void set_item(linnet__map_table *table, uint32_t slot, void *item) {
  memcpy(table->slots[slot].item, &item, sizeof item);
}

static uint32_t first_slot(const linnet__map_table *table, uint32_t hash) {
  return (uint32_t)((uint64_t)hash * table->capacity >> 32);
}

static uint32_t next_slot(const linnet__map_table *table, uint32_t slot) {
  return slot + 1 < table->capacity ? slot + 1 : 0;
}
static uint32_t slot_before(const linnet__map_table *table, uint32_t slot) {
  return slot > 0 ? slot - 1 : table->capacity - 1;
}

static uint32_t most_used(const linnet__map_table *table) { return table->capacity - table->capacity / 5; }

static void free_slots(const linnet__map *map, linnet__map_table *table) {
  linnet__free(map->loop, table->slots, table->capacity * sizeof *table->slots);
  *table = (linnet__map_table){0};
}

/* The slot of the key, or `capacity`. There is always an empty slot, so every probe ends. */
static uint32_t find_slot(const linnet__map *map, const linnet__map_table *table, uint32_t hash,
                          const void *key, size_t length) {
  const void *item;
  if (table->capacity == 0) return 0;
  for (uint32_t i = first_slot(table, hash); (item = item_at(table, i)) != NULL; i = next_slot(table, i)) {
    size_t own_length;
    if (table->slots[i].hash != hash || item == removed()) continue;
    const void *own = map->key(item, &own_length);
    if (own_length == length && (length == 0 || memcmp(own, key, length) == 0)) return i;
  }
  return table->capacity;
}

static void place(linnet__map_table *table, void *item, uint32_t hash) {
  uint32_t i = first_slot(table, hash);
  while (occupied(item_at(table, i))) i = next_slot(table, i);
  if (item_at(table, i) == NULL) table->used++;
  table->slots[i].hash = hash;
  set_item(table, i, item);
  table->count++;
}

/* A table for so many items and more to come: 16/25 full. */
static bool make_table(const linnet__map *map, linnet__map_table *table, uint32_t count) {
  uint32_t capacity = count < SMALL ? 2 * count : count + count / 16 * 9 + count % 16 * 9 / 16;
  if (capacity < FIRST_CAPACITY) capacity = FIRST_CAPACITY;
  if (count >= LARGEST_TABLE / 2) return false;
  *table = (linnet__map_table){.slots = linnet__new(map->loop, capacity * sizeof *table->slots),
                               .capacity = capacity};
  return table->slots != NULL;
}

/* All that is in `from` whose hash has `bits` in `mask`. */
static void copy(linnet__map_table *to, const linnet__map_table *from, uint32_t mask, uint32_t bits) {
  for (uint32_t i = 0; i < from->capacity; i++)
    if (occupied(item_at(from, i)) && (from->slots[i].hash & mask) == bits)
      place(to, item_at(from, i), from->slots[i].hash);
}

/* Without marks; larger, of the same size, or smaller than before. */
static linnet_status rebuild(const linnet__map *map, linnet__map_table *table) {
  linnet__map_table fresh;
  if (!make_table(map, &fresh, table->count)) return LINNET_ERROR_NO_MEMORY;
  copy(&fresh, table, 0, 0);
  free_slots(map, table);
  *table = fresh;
  return LINNET_OK;
}

/* ---- all tables ---------------------------------------------------------------------------------- */

static linnet__map_table *table_at(const linnet__map *map, uint32_t index) {
  const linnet__map_table *table = index == 0 ? &map->first : &map->others[index - 1];
  return (linnet__map_table *)(uintptr_t)table;
}

/* As many bits as it takes to tell so many tables apart. */
static uint32_t mask_for(uint32_t last_table) {
  uint32_t mask = 0;
  while (mask < last_table) mask = mask << 1 | 1;
  return mask;
}

/* Those that are not split yet have their items in the table with one bit less. */
static linnet__map_table *table_of(const linnet__map *map, uint32_t hash) {
  uint32_t index = hash & map->mask;
  return table_at(map, index <= map->other_count ? index : index & map->mask >> 1);
}

void linnet__map_init(linnet__map *map, linnet_loop *loop, linnet__map_key key) {
  *map = (linnet__map){.loop = loop, .key = key};
}

void linnet__map_init_numbers(linnet__map *map, linnet_loop *loop, linnet__map_key key) {
  linnet__map_init(map, loop, key);
  map->numbers = true;
}

void linnet__map_free(linnet__map *map) {
  bool numbers = map->numbers;
  for (uint32_t i = 0; i <= map->other_count; i++) free_slots(map, table_at(map, i));
  linnet__free(map->loop, map->others, map->other_room * sizeof *map->others);
  linnet__map_init(map, map->loop, map->key);
  map->numbers = numbers;
}

static bool reserve_other(linnet__map *map) {
  if (map->other_count < map->other_room) return true;
  uint32_t room = map->other_room == 0 ? 1 : 2 * map->other_room;
  if (room >= UINT32_MAX >> SLOT_BITS) return false;
  linnet__map_table *others =
      linnet__resize(map->loop, map->others, map->other_room * sizeof *others, room * sizeof *others);
  if (others == NULL) return false;
  map->others = others;
  map->other_room = room;
  return true;
}

/* One table more, and what belongs there of the one whose pattern it shares. Without memory that one grows.
 */
static void split(linnet__map *map) {
  linnet__map_table stays, goes;
  uint32_t index = map->other_count + 1, mask = mask_for(index), count = 0;
  if (!reserve_other(map)) return;
  linnet__map_table *table = table_at(map, index & mask >> 1);
  for (uint32_t i = 0; i < table->capacity; i++)
    if (occupied(item_at(table, i)) && (table->slots[i].hash & mask) == index) count++;
  if (!make_table(map, &goes, count)) return;
  if (!make_table(map, &stays, table->count - count)) {
    free_slots(map, &goes);
    return;
  }
  copy(&goes, table, mask, index);
  copy(&stays, table, mask, index & mask >> 1);
  free_slots(map, table);
  *table = stays;
  map->others[map->other_count++] = goes;
  map->mask = mask;
}

/* The last table goes back into the one it came from. */
static void join(linnet__map *map) {
  linnet__map_table joined;
  uint32_t index = map->other_count;
  linnet__map_table *last = table_at(map, index), *table = table_at(map, index & map->mask >> 1);
  if (!make_table(map, &joined, table->count + last->count)) return;
  copy(&joined, table, 0, 0);
  copy(&joined, last, 0, 0);
  free_slots(map, last);
  free_slots(map, table);
  *table = joined;
  map->other_count--;
  map->mask = mask_for(map->other_count);
}

/* ---- what is asked for --------------------------------------------------------------------------- */

static uint32_t hash_of(const linnet__map *map, const void *key, size_t length) {
  if (map->numbers) {
    uint64_t number;
    memcpy(&number, key, sizeof number);
    return (uint32_t)(number * GOLDEN_RATIO >> 32);
  }
  return (uint32_t)linnet__hash(map->loop, key, length);
}

void *linnet__map_find(const linnet__map *map, const void *key, size_t length) {
  if (map->count == 0) return NULL;
  uint32_t hash = hash_of(map, key, length);
  const linnet__map_table *table = table_of(map, hash);
  uint32_t slot = find_slot(map, table, hash, key, length);
  return slot < table->capacity ? item_at(table, slot) : NULL;
}

linnet_status linnet__map_insert(linnet__map *map, void *item) {
  size_t length;
  const void *key = map->key(item, &length);
  uint32_t hash = hash_of(map, key, length);
  linnet__map_table *table = table_of(map, hash);
  if (find_slot(map, table, hash, key, length) < table->capacity) return LINNET_ERROR_EXISTS;
  if (map->count >= (size_t)TABLE_ITEMS * (map->other_count + 1)) {
    split(map);
    table = table_of(map, hash);
  }
  if (table->used + 1 > most_used(table)) {
    linnet_status status = rebuild(map, table);
    if (status != LINNET_OK) return status;
  }
  place(table, item, hash);
  map->count++;
  return LINNET_OK;
}

void linnet__map_replace(linnet__map *map, const void *key, size_t length, void *item) {
  uint32_t hash = hash_of(map, key, length);
  linnet__map_table *table = table_of(map, hash);
  uint32_t slot = find_slot(map, table, hash, key, length);
  if (slot < table->capacity) set_item(table, slot, item);
}

void *linnet__map_remove(linnet__map *map, const void *key, size_t length) {
  if (map->count == 0) return NULL;
  uint32_t hash = hash_of(map, key, length);
  linnet__map_table *table = table_of(map, hash);
  uint32_t slot = find_slot(map, table, hash, key, length);
  if (slot >= table->capacity) return NULL;
  void *item = item_at(table, slot);
  set_item(table, slot, removed());
  table->count--;
  map->count--;
  /* Marks at the end of a run hold nothing together: they become empty again. */
  for (uint32_t i = slot; item_at(table, next_slot(table, i)) == NULL && item_at(table, i) == removed();
       i = slot_before(table, i)) {
    set_item(table, i, NULL);
    table->used--;
  }
  return item;
}

static bool has_too_many_tables(const linnet__map *map) {
  return map->other_count > 0 && map->count < (size_t)TABLE_ITEMS / 4 * map->other_count;
}

/* A rebuilt table is 16/25 full, and there are at least 1024 items for each table when one is added, so most
 * of them have to go before the next time. */
bool linnet__map_trim(linnet__map *map) {
  if (map->count == 0)
    linnet__map_free(map);
  else if (has_too_many_tables(map))
    join(map);
  else if (map->first.capacity > FIRST_CAPACITY && map->first.count < map->first.capacity / 8)
    rebuild(map, &map->first); /* without memory it stays as it is */
  return has_too_many_tables(map);
}

void *linnet__map_next(const linnet__map *map, size_t *position) {
  size_t index = *position >> SLOT_BITS;
  uint32_t slot = *position & (LARGEST_TABLE - 1);
  for (; index <= map->other_count; index++, slot = 0) {
    const linnet__map_table *table = table_at(map, (uint32_t)index);
    while (slot < table->capacity) {
      void *item = item_at(table, slot++);
      if (!occupied(item)) continue;
      *position = index << SLOT_BITS | slot;
      return item;
    }
  }
  *position = index << SLOT_BITS;
  return NULL;
}
