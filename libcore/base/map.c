/* SPDX-License-Identifier: Apache-2.0 */
/*
 * map.c: open addressing with linear probing and marks for what was removed (map.h).
 *
 * The hash is taken as a fraction of the table, so that any capacity will do, and so that a rebuild, which
 * goes through the old table in order, fills the new one in order.
 */
#include "map.h"

#include "memory.h"
#include "random.h"

#include <string.h>

#define FIRST_CAPACITY 8
/* Up to here it doubles. */
#define SMALL 16

static const char removed_mark = 0;
static void *removed(void) { return (void *)(uintptr_t)&removed_mark; }
static bool occupied(const void *item) { return item != NULL && item != removed(); }

static void *item_at(const linnet__map *map, size_t slot) {
  void *item;
  memcpy(&item, map->slots[slot].item, sizeof item);
  return item;
}

static void set_item(linnet__map *map, size_t slot, void *item) {
  memcpy(map->slots[slot].item, &item, sizeof item);
}

static size_t first_slot(const linnet__map *map, uint32_t hash) {
  return (size_t)((uint64_t)hash * map->capacity >> 32);
}

static size_t next_slot(const linnet__map *map, size_t slot) {
  return slot + 1 < map->capacity ? slot + 1 : 0;
}
static size_t slot_before(const linnet__map *map, size_t slot) {
  return slot > 0 ? slot - 1 : map->capacity - 1;
}

static size_t most_used(const linnet__map *map) { return map->capacity - map->capacity / 5; }

void linnet__map_init(linnet__map *map, linnet_loop *loop, linnet__map_key key) {
  *map = (linnet__map){.loop = loop, .key = key};
}

void linnet__map_free(linnet__map *map) {
  linnet__free(map->loop, map->slots, map->capacity * sizeof *map->slots);
  linnet__map_init(map, map->loop, map->key);
}

/* The slot of the key, or `capacity`. There is always an empty slot, so every probe ends. */
static size_t find_slot(const linnet__map *map, uint32_t hash, const void *key, size_t length) {
  const void *item;
  if (map->capacity == 0) return 0;
  for (size_t i = first_slot(map, hash); (item = item_at(map, i)) != NULL; i = next_slot(map, i)) {
    size_t own_length;
    if (map->slots[i].hash != hash || item == removed()) continue;
    const void *own = map->key(item, &own_length);
    if (own_length == length && (length == 0 || memcmp(own, key, length) == 0)) return i;
  }
  return map->capacity;
}

void *linnet__map_find(const linnet__map *map, const void *key, size_t length) {
  if (map->count == 0) return NULL;
  size_t slot = find_slot(map, (uint32_t)linnet__hash(map->loop, key, length), key, length);
  return slot < map->capacity ? item_at(map, slot) : NULL;
}

static void place(linnet__map *map, void *item, uint32_t hash) {
  size_t i = first_slot(map, hash);
  while (occupied(item_at(map, i))) i = next_slot(map, i);
  if (item_at(map, i) == NULL) map->used++;
  map->slots[i].hash = hash;
  set_item(map, i, item);
  map->count++;
}

/* A table without marks, 16/25 full: larger, of the same size, or smaller than the former. */
static linnet_status rebuild(linnet__map *map) {
  linnet__map fresh = *map;
  if (map->count > SIZE_MAX / 2 / sizeof *fresh.slots) return LINNET_ERROR_NO_MEMORY;
  fresh.capacity = map->count + map->count * 9 / 16;
  if (map->count < SMALL) fresh.capacity = 2 * map->count;
  if (fresh.capacity < FIRST_CAPACITY) fresh.capacity = FIRST_CAPACITY;
  fresh.slots = linnet__new(map->loop, fresh.capacity * sizeof *fresh.slots);
  if (fresh.slots == NULL) return LINNET_ERROR_NO_MEMORY;
  fresh.count = fresh.used = 0;
  for (size_t i = 0; i < map->capacity; i++)
    if (occupied(item_at(map, i))) place(&fresh, item_at(map, i), map->slots[i].hash);
  linnet__map_free(map);
  *map = fresh;
  return LINNET_OK;
}

linnet_status linnet__map_insert(linnet__map *map, void *item) {
  size_t length;
  const void *key = map->key(item, &length);
  uint32_t hash = (uint32_t)linnet__hash(map->loop, key, length);
  if (find_slot(map, hash, key, length) < map->capacity) return LINNET_ERROR_EXISTS;
  if (map->used + 1 > most_used(map)) {
    linnet_status status = rebuild(map);
    if (status != LINNET_OK) return status;
  }
  place(map, item, hash);
  return LINNET_OK;
}

void linnet__map_replace(linnet__map *map, const void *key, size_t length, void *item) {
  size_t slot = find_slot(map, (uint32_t)linnet__hash(map->loop, key, length), key, length);
  if (slot < map->capacity) set_item(map, slot, item);
}

void *linnet__map_remove(linnet__map *map, const void *key, size_t length) {
  if (map->count == 0) return NULL;
  size_t slot = find_slot(map, (uint32_t)linnet__hash(map->loop, key, length), key, length);
  if (slot >= map->capacity) return NULL;
  void *item = item_at(map, slot);
  set_item(map, slot, removed());
  map->count--;
  /* Marks at the end of a run hold nothing together: they become empty again. */
  for (size_t i = slot; item_at(map, next_slot(map, i)) == NULL && item_at(map, i) == removed();
       i = slot_before(map, i)) {
    set_item(map, i, NULL);
    map->used--;
  }
  return item;
}

/* A rebuilt table is 16/25 full, so most of it has to go before the next time. */
void linnet__map_trim(linnet__map *map) {
  if (map->count == 0)
    linnet__map_free(map);
  else if (map->capacity > FIRST_CAPACITY && map->count < map->capacity / 8)
    rebuild(map); /* without memory it stays as it is */
}

void *linnet__map_next(const linnet__map *map, size_t *position) {
  while (*position < map->capacity) {
    void *item = item_at(map, (*position)++);
    if (occupied(item)) return item;
  }
  return NULL;
}
