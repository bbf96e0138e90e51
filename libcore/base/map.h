/* SPDX-License-Identifier: Apache-2.0 */
/*
 * map.h: a hash table of pointers to things that carry their own key.
 *
 * Hashed with the loop's secret (SipHash), so that a peer cannot choose colliding keys. Look-up, insertion
 * and removal O(1); a look-up touches a few slots side by side, and its item.
 *
 * Few items lie in one table. Many lie in tables of some thousand slots each, one more for every 1024 items
 * (linear hashing, Litwin 1980), so that no insertion ever moves more than one table: the longest one takes
 * well under a millisecond, also at a million items. A table is at most 4/5 full and grows by a quarter, so
 * an item takes 15 to 19 bytes.
 */
#ifndef LINNET_BASE_MAP_H
#define LINNET_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linnet/loop.h>

/* Gives the key of an item: its first byte and its length. */
typedef const void *(*linnet__map_key)(const void *item, size_t *length);

/* The pointer in pieces, so that nothing is lost to alignment. */
typedef struct linnet__map_slot {
  uint32_t hash;
  uint32_t item[sizeof(void *) / sizeof(uint32_t)];
} linnet__map_slot;

typedef struct linnet__map_table {
  linnet__map_slot *slots; /* NULL: never used */
  uint32_t capacity;
  uint32_t count;
  uint32_t used; /* with the marks of removed items */
} linnet__map_table;

typedef struct linnet__map {
  linnet_loop *loop;
  linnet__map_key key;
  bool numbers; /* linnet__map_init_numbers */
  size_t count;
  linnet__map_table first;
  linnet__map_table *others; /* the second and following */
  uint32_t other_count;
  uint32_t other_room;
  uint32_t mask; /* the bits of a hash that choose a table */
} linnet__map;

void linnet__map_init(linnet__map *map, linnet_loop *loop, linnet__map_key key);
/* The same for keys that are numbers of the loop, of 64 bits: no peer chooses them, so it is enough to spread
 * them. */
void linnet__map_init_numbers(linnet__map *map, linnet_loop *loop, linnet__map_key key);
void linnet__map_free(linnet__map *map);
void *linnet__map_find(const linnet__map *map, const void *key, size_t length);
/* LINNET_ERROR_EXISTS if the key is taken. */
linnet_status linnet__map_insert(linnet__map *map, void *item);
/* Takes the item out if it is in; returns it, or NULL. */
void *linnet__map_remove(linnet__map *map, const void *key, size_t length);
/* Puts another item of the same key in the place of the one that is in. */
void linnet__map_replace(linnet__map *map, const void *key, size_t length, void *item);
/* Gives memory back if few items are left of many, a table at a time: to be called after each removal, or as
 * often. True: once more would give back more. Not during a walk. */
bool linnet__map_trim(linnet__map *map);
/* Walks: start with *position = 0; NULL at the end. No insertion meanwhile, or some items are missed or come
 * twice; removal of the item returned is allowed. */
void *linnet__map_next(const linnet__map *map, size_t *position);

#endif
