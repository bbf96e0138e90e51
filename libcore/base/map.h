/* SPDX-License-Identifier: Apache-2.0 */
/*
 * map.h: a hash table of pointers to things that carry their own key.
 *
 * Open addressing, at most 4/5 full; hashed with the loop's secret (SipHash), so that a peer cannot choose
 * colliding keys. Look-up, insertion and removal O(1); a look-up touches a few slots side by side, and its
 * item. It grows by a quarter, so that a million items take 15 to 19 bytes each.
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

typedef struct linnet__map {
  linnet_loop *loop;
  linnet__map_key key;
  linnet__map_slot *slots; /* NULL: never used */
  size_t capacity;
  size_t count;
  size_t used; /* with the marks of removed items */
} linnet__map;

void linnet__map_init(linnet__map *map, linnet_loop *loop, linnet__map_key key);
void linnet__map_free(linnet__map *map);
void *linnet__map_find(const linnet__map *map, const void *key, size_t length);
/* LINNET_ERROR_EXISTS if the key is taken. */
linnet_status linnet__map_insert(linnet__map *map, void *item);
/* Takes the item out if it is in; returns it, or NULL. */
void *linnet__map_remove(linnet__map *map, const void *key, size_t length);
/* Puts another item of the same key in the place of the one that is in. */
void linnet__map_replace(linnet__map *map, const void *key, size_t length, void *item);
/* Gives memory back if few items are left of many; amortised O(1). Not during a walk. */
void linnet__map_trim(linnet__map *map);
/* Walks: start with *position = 0; NULL at the end. No insertion meanwhile; removal of the item returned is
 * allowed. */
void *linnet__map_next(const linnet__map *map, size_t *position);

#endif
