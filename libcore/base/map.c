/* SPDX-License-Identifier: Apache-2.0 */
/* map.c: open addressing with linear probing and marks for what was removed (map.h). */
#include "map.h"

#include "memory.h"
#include "random.h"

#include <string.h>

#define FIRST_CAPACITY 8

static const char removed_mark = 0;
static void *removed(void) { return (void *)(uintptr_t)&removed_mark; }
static bool occupied(const void *item) { return item != NULL && item != removed(); }

void linnet__map_init(linnet__map *map, linnet_loop *loop, linnet__map_key key) {
  *map = (linnet__map){.loop = loop, .key = key};
}

void linnet__map_free(linnet__map *map) {
  linnet__free(map->loop, map->slots, map->capacity * sizeof *map->slots);
  linnet__map_init(map, map->loop, map->key);
}

/* The slot of the key, or `capacity`. There is always an empty slot, so every probe ends. */
static size_t find_slot(const linnet__map *map, uint32_t hash, const void *key, size_t length) {
  if (map->capacity == 0) return 0;
  size_t mask = map->capacity - 1;
  for (size_t i = hash & mask; map->slots[i].item != NULL; i = (i + 1) & mask) {
    const linnet__map_slot *slot = &map->slots[i];
    if (slot->hash != hash || slot->item == removed()) continue;
    size_t own_length;
    const void *own = map->key(slot->item, &own_length);
    if (own_length == length && (length == 0 || memcmp(own, key, length) == 0)) return i;
  }
  return map->capacity;
}

void *linnet__map_find(const linnet__map *map, const void *key, size_t length) {
  if (map->count == 0) return NULL;
  size_t slot = find_slot(map, (uint32_t)linnet__hash(map->loop, key, length), key, length);
  return slot < map->capacity ? map->slots[slot].item : NULL;
}

static void place(linnet__map *map, void *item, uint32_t hash) {
  size_t i = hash & (map->capacity - 1);
  while (occupied(map->slots[i].item)) i = (i + 1) & (map->capacity - 1);
  if (map->slots[i].item == NULL) map->used++;
  map->slots[i] = (linnet__map_slot){item, hash};
  map->count++;
}

/* A table without marks, at most 3/8 full: larger, of the same size, or smaller than the former. */
static linnet_status rebuild(linnet__map *map) {
  linnet__map fresh = *map;
  fresh.capacity = FIRST_CAPACITY;
  while (fresh.capacity / 8 * 3 < map->count) {
    if (fresh.capacity > SIZE_MAX / 2 / sizeof *fresh.slots) return LINNET_ERROR_NO_MEMORY;
    fresh.capacity *= 2;
  }
  fresh.slots = linnet__new(map->loop, fresh.capacity * sizeof *fresh.slots);
  if (fresh.slots == NULL) return LINNET_ERROR_NO_MEMORY;
  fresh.count = fresh.used = 0;
  for (size_t i = 0; i < map->capacity; i++)
    if (occupied(map->slots[i].item)) place(&fresh, map->slots[i].item, map->slots[i].hash);
  linnet__map_free(map);
  *map = fresh;
  return LINNET_OK;
}

linnet_status linnet__map_insert(linnet__map *map, void *item) {
  size_t length;
  const void *key = map->key(item, &length);
  uint32_t hash = (uint32_t)linnet__hash(map->loop, key, length);
  if (find_slot(map, hash, key, length) < map->capacity) return LINNET_ERROR_EXISTS;
  if (map->used + 1 > map->capacity / 4 * 3) {
    linnet_status status = rebuild(map);
    if (status != LINNET_OK) return status;
  }
  place(map, item, hash);
  return LINNET_OK;
}

void *linnet__map_remove(linnet__map *map, const void *key, size_t length) {
  if (map->count == 0) return NULL;
  size_t slot = find_slot(map, (uint32_t)linnet__hash(map->loop, key, length), key, length);
  if (slot >= map->capacity) return NULL;
  void *item = map->slots[slot].item;
  size_t mask = map->capacity - 1;
  map->slots[slot].item = removed();
  map->count--;
  /* Marks at the end of a run hold nothing together: they become empty again. */
  for (size_t i = slot; map->slots[(i + 1) & mask].item == NULL && map->slots[i].item == removed();
       i = (i - 1) & mask) {
    map->slots[i].item = NULL;
    map->used--;
  }
  return item;
}

/* A rebuilt table is at least 3/16 full, so a sixteenth of it has to go before the next time. */
void linnet__map_trim(linnet__map *map) {
  if (map->count == 0)
    linnet__map_free(map);
  else if (map->capacity > FIRST_CAPACITY && map->count < map->capacity / 8)
    rebuild(map); /* without memory it stays as it is */
}

void *linnet__map_next(const linnet__map *map, size_t *position) {
  while (*position < map->capacity) {
    void *item = map->slots[(*position)++].item;
    if (occupied(item)) return item;
  }
  return NULL;
}
