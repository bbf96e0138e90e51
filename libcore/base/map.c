/* SPDX-License-Identifier: Apache-2.0 */
/* map.c: open addressing with linear probing and marks for what was removed (map.h). */
#include "map.h"

#include "memory.h"
#include "random.h"

#include <string.h>

#define FIRST_CAPACITY 8
#define SLOT_SIZE (sizeof(void *) + sizeof(uint32_t))

static const char removed_mark = 0;
static void *removed(void) { return (void *)(uintptr_t)&removed_mark; }
static bool occupied(const void *item) { return item != NULL && item != removed(); }

void linnet__map_init(linnet__map *map, linnet_loop *loop, linnet__map_key key) {
  *map = (linnet__map){.loop = loop, .key = key};
}

void linnet__map_free(linnet__map *map) {
  linnet__free(map->loop, map->items, map->capacity * SLOT_SIZE);
  linnet__map_init(map, map->loop, map->key);
}

/* The slot of the key, or `capacity`. There is always an empty slot, so every probe ends. */
static size_t find_slot(const linnet__map *map, uint32_t hash, const void *key, size_t length) {
  if (map->capacity == 0) return 0;
  for (size_t i = hash & (map->capacity - 1); map->items[i] != NULL; i = (i + 1) & (map->capacity - 1)) {
    if (map->hashes[i] != hash || map->items[i] == removed()) continue;
    size_t own_length;
    const void *own = map->key(map->items[i], &own_length);
    if (own_length == length && (length == 0 || memcmp(own, key, length) == 0)) return i;
  }
  return map->capacity;
}

void *linnet__map_find(const linnet__map *map, const void *key, size_t length) {
  if (map->count == 0) return NULL;
  size_t slot = find_slot(map, (uint32_t)linnet__hash(map->loop, key, length), key, length);
  return slot < map->capacity ? map->items[slot] : NULL;
}

static void place(linnet__map *map, void *item, uint32_t hash) {
  size_t i = hash & (map->capacity - 1);
  while (occupied(map->items[i])) i = (i + 1) & (map->capacity - 1);
  if (map->items[i] == NULL) map->used++;
  map->items[i] = item;
  map->hashes[i] = hash;
  map->count++;
}

/* A table without marks, at most 3/8 full: larger, of the same size, or smaller than the former. */
static linnet_status rebuild(linnet__map *map) {
  linnet__map fresh = *map;
  fresh.capacity = FIRST_CAPACITY;
  while (fresh.capacity / 8 * 3 < map->count) {
    if (fresh.capacity > SIZE_MAX / 2 / SLOT_SIZE) return LINNET_ERROR_NO_MEMORY;
    fresh.capacity *= 2;
  }
  fresh.items = linnet__new(map->loop, fresh.capacity * SLOT_SIZE);
  if (fresh.items == NULL) return LINNET_ERROR_NO_MEMORY;
  fresh.hashes = (uint32_t *)(void *)(fresh.items + fresh.capacity);
  fresh.count = fresh.used = 0;
  for (size_t i = 0; i < map->capacity; i++)
    if (occupied(map->items[i])) place(&fresh, map->items[i], map->hashes[i]);
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
  void *item = map->items[slot];
  size_t mask = map->capacity - 1;
  map->items[slot] = removed();
  map->count--;
  /* Marks at the end of a run hold nothing together: they become empty again. */
  for (size_t i = slot; map->items[(i + 1) & mask] == NULL && map->items[i] == removed();
       i = (i - 1) & mask) {
    map->items[i] = NULL;
    map->used--;
  }
  return item;
}

void *linnet__map_next(const linnet__map *map, size_t *position) {
  while (*position < map->capacity) {
    void *item = map->items[(*position)++];
    if (occupied(item)) return item;
  }
  return NULL;
}
