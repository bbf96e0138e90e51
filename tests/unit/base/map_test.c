/* SPDX-License-Identifier: Apache-2.0 */
/* The hash table (map.h) against an array, and with too little memory. */
#include "base/base.h"
#include "check.h"

#define ITEMS 5000

typedef struct item {
  char name[12];
  bool in;
} item;

static item items[ITEMS];

static const void *name_of(const void *thing, size_t *length) {
  const item *i = thing;
  *length = strlen(i->name);
  return i->name;
}

static const void *key_of(const void *thing, size_t *length) {
  *length = sizeof(uint32_t);
  return thing;
}

static linnet_loop *new_loop(void) {
  linnet_loop *loop = linnet_loop_new("0123456789abcdef", 16);
  for (int i = 0; i < ITEMS; i++) {
    snprintf(items[i].name, sizeof items[i].name, "%d", i);
    items[i].in = false;
  }
  return loop;
}

static void *find(const linnet__map *map, const item *i) {
  return linnet__map_find(map, i->name, strlen(i->name));
}

static void is_empty_at_first(void) {
  linnet_loop *loop = new_loop();
  linnet__map map;
  size_t position = 0, before = linnet_loop_memory_used(loop);
  linnet__map_init(&map, loop, name_of);
  CHECK(linnet__map_find(&map, "1", 1) == NULL);
  CHECK(linnet__map_remove(&map, "1", 1) == NULL);
  CHECK(linnet__map_next(&map, &position) == NULL);
  CHECK_EQUAL(linnet_loop_memory_used(loop), before);
  linnet__map_free(&map);
  linnet_loop_unref(loop);
}

static void refuses_a_key_twice(void) {
  linnet_loop *loop = new_loop();
  linnet__map map;
  linnet__map_init(&map, loop, name_of);
  CHECK_EQUAL(linnet__map_insert(&map, &items[1]), LINNET_OK);
  CHECK_EQUAL(linnet__map_insert(&map, &items[1]), LINNET_ERROR_EXISTS);
  CHECK_EQUAL(map.count, 1);
  linnet__map_free(&map);
  linnet_loop_unref(loop);
}

static void takes_an_empty_key(void) {
  linnet_loop *loop = new_loop();
  linnet__map map;
  item nameless = {.name = ""};
  linnet__map_init(&map, loop, name_of);
  CHECK_EQUAL(linnet__map_insert(&map, &nameless), LINNET_OK);
  CHECK(linnet__map_find(&map, NULL, 0) == &nameless);
  linnet__map_free(&map);
  linnet_loop_unref(loop);
}

static void agrees_with_an_array(void) {
  linnet_loop *loop = new_loop();
  linnet__map map;
  size_t count = 0, before = linnet_loop_memory_used(loop);
  linnet__map_init(&map, loop, name_of);
  for (int round = 0; round < 200000; round++) {
    item *i = &items[linnet__random_u32(loop) % ITEMS];
    /* Phases of growing and of shrinking. */
    bool insert = linnet__random_u32(loop) % 10 < (round / 20000 % 2 == 0 ? 8u : 2u);
    if (insert) {
      CHECK_EQUAL(linnet__map_insert(&map, i), i->in ? LINNET_ERROR_EXISTS : LINNET_OK);
      count += i->in ? 0 : 1;
    } else {
      CHECK(linnet__map_remove(&map, i->name, strlen(i->name)) == (i->in ? i : NULL));
      count -= i->in ? 1 : 0;
    }
    i->in = insert;
    const item *any = &items[linnet__random_u32(loop) % ITEMS];
    CHECK(find(&map, any) == (any->in ? any : NULL));
    CHECK_EQUAL(map.count, count);
    CHECK(map.first.used >= map.first.count);
    CHECK(map.first.used <= map.first.capacity - map.first.capacity / 5);
  }
  for (int i = 0; i < ITEMS; i++) CHECK(find(&map, &items[i]) == (items[i].in ? &items[i] : NULL));
  linnet__map_free(&map);
  CHECK_EQUAL(linnet_loop_memory_used(loop), before);
  linnet_loop_unref(loop);
}

static void walks_each_item_once_also_while_removing(void) {
  linnet_loop *loop = new_loop();
  linnet__map map;
  linnet__map_init(&map, loop, name_of);
  for (int i = 0; i < ITEMS; i++) CHECK_EQUAL(linnet__map_insert(&map, &items[i]), LINNET_OK);
  size_t position = 0, seen = 0;
  for (item *i; (i = linnet__map_next(&map, &position)) != NULL; seen++) {
    CHECK(!i->in);
    i->in = true;
    if (seen % 2 == 0) CHECK(linnet__map_remove(&map, i->name, strlen(i->name)) == i);
  }
  CHECK_EQUAL(seen, ITEMS);
  CHECK_EQUAL(map.count, ITEMS / 2);
  linnet__map_free(&map);
  linnet_loop_unref(loop);
}

static void stays_small_when_items_come_and_go(void) {
  linnet_loop *loop = new_loop();
  linnet__map map;
  linnet__map_init(&map, loop, name_of);
  for (int i = 0; i < ITEMS; i++) {
    CHECK_EQUAL(linnet__map_insert(&map, &items[i]), LINNET_OK);
    if (i >= 4)
      CHECK(linnet__map_remove(&map, items[i - 4].name, strlen(items[i - 4].name)) == &items[i - 4]);
  }
  CHECK(map.first.capacity <= 32);
  CHECK_EQUAL(map.other_count, 0);
  linnet__map_free(&map);
  linnet_loop_unref(loop);
}

static void gives_memory_back_when_few_are_left(void) {
  linnet_loop *loop = new_loop();
  linnet__map map;
  size_t before = linnet_loop_memory_used(loop);
  linnet__map_init(&map, loop, name_of);
  linnet__map_trim(&map);
  for (int i = 0; i < ITEMS; i++) CHECK_EQUAL(linnet__map_insert(&map, &items[i]), LINNET_OK);
  size_t full = linnet_loop_memory_used(loop) - before;
  for (int i = 0; i < ITEMS; i++) {
    CHECK(linnet__map_remove(&map, items[i].name, strlen(items[i].name)) == &items[i]);
    linnet__map_trim(&map);
    if (i == ITEMS * 9 / 10) CHECK(linnet_loop_memory_used(loop) - before <= full / 2);
    if (i % 100 == 0)
      for (int k = 0; k < ITEMS; k++) CHECK(find(&map, &items[k]) == (k > i ? &items[k] : NULL));
  }
  CHECK_EQUAL(linnet_loop_memory_used(loop), before);
  CHECK_EQUAL(linnet__map_insert(&map, &items[7]), LINNET_OK);
  CHECK(find(&map, &items[7]) == &items[7]);
  linnet__map_free(&map);
  linnet_loop_unref(loop);
}

/* What an insertion or a removal moves does not grow with the number of items. */
typedef struct allocations {
  size_t largest;
} allocations;

static void *measuring(void *user, void *block, size_t size) {
  allocations *seen = user;
  if (size > seen->largest) seen->largest = size;
  if (size > 0) return realloc(block, size);
  free(block);
  return NULL;
}

static void moves_little_at_a_time(void) {
  enum { MANY = 200000 };
  static uint32_t keys[MANY];
  allocations seen = {0};
  linnet_loop *loop = linnet_loop_new_with_memory("0123456789abcdef", 16, measuring, &seen);
  linnet__map map;
  size_t before = linnet_loop_memory_used(loop), position = 0, walked = 0;
  linnet__map_init(&map, loop, key_of);
  for (uint32_t i = 0; i < MANY; i++) {
    keys[i] = i;
    CHECK_EQUAL(linnet__map_insert(&map, &keys[i]), LINNET_OK);
  }
  CHECK(seen.largest < 65536);
  CHECK((linnet_loop_memory_used(loop) - before) / MANY < 20);
  while (linnet__map_next(&map, &position) != NULL) walked++;
  CHECK_EQUAL(walked, MANY);
  for (uint32_t i = 0; i < MANY; i++) {
    CHECK(linnet__map_find(&map, &i, sizeof i) == &keys[i]);
    CHECK(linnet__map_remove(&map, &i, sizeof i) == &keys[i]);
    linnet__map_trim(&map);
  }
  CHECK(seen.largest < 65536);
  CHECK_EQUAL(linnet_loop_memory_used(loop), before);
  linnet__map_free(&map);
  linnet_loop_unref(loop);
}

static void *failing(void *user, void *block, size_t size) {
  int *left = user;
  if (size > 0 && (*left)-- <= 0) return NULL;
  if (size > 0) return realloc(block, size);
  free(block);
  return NULL;
}

static void stands_as_it_was_without_memory(void) {
  for (int allocations = 0; allocations < 12; allocations++) {
    int left = 100;
    linnet_loop *loop = linnet_loop_new_with_memory("0123456789abcdef", 16, failing, &left);
    linnet__map map;
    linnet__map_init(&map, loop, name_of);
    left = allocations;
    int stored = 0;
    while (stored < 100 && linnet__map_insert(&map, &items[stored]) == LINNET_OK) stored++;
    CHECK(stored < 100 || allocations == 11);
    CHECK_EQUAL(map.count, stored);
    for (int i = 0; i < 100; i++) CHECK(find(&map, &items[i]) == (i < stored ? &items[i] : NULL));
    linnet__map_free(&map);
    linnet_loop_unref(loop);
  }
}

static const void *number_of(const void *thing, size_t *length) {
  *length = sizeof(uint64_t);
  return thing;
}

static void finds_numbers_whatever_they_have_in_common(void) {
  static const unsigned shifts[] = {0, 1, 10, 22, 31}; /* so many of the low bits are the same in all */
  static uint64_t numbers[ITEMS];
  for (size_t s = 0; s < sizeof shifts / sizeof shifts[0]; s++) {
    linnet_loop *loop = new_loop();
    linnet__map map;
    linnet__map_init_numbers(&map, loop, number_of);
    for (int round = 0; round < 2; round++) { /* it takes numbers after it was emptied, too */
      for (uint64_t i = 0; i < ITEMS; i++) {
        numbers[i] = (i + 1) << shifts[s];
        CHECK_EQUAL(linnet__map_insert(&map, &numbers[i]), LINNET_OK);
      }
      CHECK_EQUAL(linnet__map_insert(&map, &numbers[7]), LINNET_ERROR_EXISTS);
      for (uint64_t i = 0; i < ITEMS; i++)
        CHECK(linnet__map_find(&map, &numbers[i], sizeof numbers[i]) == &numbers[i]);
      for (uint64_t i = 0; i < ITEMS; i++)
        CHECK(linnet__map_remove(&map, &numbers[i], sizeof numbers[i]) == &numbers[i]);
      linnet__map_free(&map);
    }
    linnet_loop_unref(loop);
  }
}

int main(void) {
  return RUN(is_empty_at_first, refuses_a_key_twice, takes_an_empty_key, agrees_with_an_array,
             walks_each_item_once_also_while_removing, stays_small_when_items_come_and_go,
             gives_memory_back_when_few_are_left, moves_little_at_a_time, stands_as_it_was_without_memory,
             finds_numbers_whatever_they_have_in_common);
}
