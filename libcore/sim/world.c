/* SPDX-License-Identifier: Apache-2.0 */
/* world.c: the virtual clock and the loops that live by it (sim.h; docs/architecture.md, section 7). */
#include <stdlib.h>
#include <string.h>

#include "sim_internal.h"

#define EPOCH_MS 1700000000000
#define SEED_SIZE 32
/* In a world this small every loop is looked at for each thing that happens; in a larger one only the one it
   happens to, so that the work does not grow with the number of loops. */
#define SMALL_WORLD 64

linnet_world *linnet_world_new(uint64_t seed) {
  linnet_world *world = calloc(1, sizeof *world);
  if (world == NULL) return NULL;
  world->references = 1;
  world->random = seed;
  world->epoch_ms = EPOCH_MS;
  linnet__network_init(world);
  return world;
}

linnet_world *linnet_world_ref(linnet_world *world) {
  world->references++;
  return world;
}

linnet__node *linnet__world_node(const linnet_world *world, const linnet_loop *loop) {
  /* From the end: who asks has mostly just added it. */
  for (size_t i = world->node_count; i-- > 0;)
    if (world->nodes[i]->loop == loop && !world->nodes[i]->removed) return world->nodes[i];
  return NULL;
}

static linnet__node *node_of_entry(linnet__entry *entry) {
  return (linnet__node *)(void *)((char *)entry - offsetof(linnet__node, entry));
}

static linnet__flight *flight_of_entry(linnet__entry *entry) {
  return (linnet__flight *)(void *)((char *)entry - offsetof(linnet__flight, entry));
}

static void release_keeper(linnet__node *node) {
  linnet_release release = node->keeper_release;
  void *user = node->keeper_user;
  node->keeper = NULL;
  node->keeper_user = NULL;
  node->keeper_release = NULL;
  if (release != NULL) release(user);
}

static void free_node(linnet_world *world, linnet__node *node) {
  release_keeper(node);
  linnet__agenda_remove(&world->agenda, &node->entry);
  linnet__network_unplug(world, node);
  if (node->loop != NULL) linnet_loop_unref(node->loop);
  linnet__sim_memory_release(node->memory);
  free(node);
}

static void free_removed(linnet_world *world) {
  size_t kept = 0;
  linnet__node *removed = NULL;
  if (world->removed_count == 0) return;
  world->removed_count = 0;
  /* Freeing a loop releases what the user hung on it, which may look at the world: first close the ranks. */
  for (size_t i = 0; i < world->node_count; i++) {
    linnet__node *node = world->nodes[i];
    if (!node->removed) {
      world->nodes[kept++] = node;
    } else {
      node->next_removed = removed;
      removed = node;
    }
  }
  world->node_count = kept;
  while (removed != NULL) {
    linnet__node *node = removed;
    removed = node->next_removed;
    free_node(world, node);
  }
}

void linnet_world_unref(linnet_world *world) {
  if (world == NULL || --world->references > 0) return;
  world->references = 1; /* what is released now may take a reference and give it back */
  world->running = true;
  linnet_world_observe(world, NULL, NULL, NULL);
  for (size_t i = 0; i < world->node_count; i++) world->nodes[i]->removed = true;
  world->removed_count = world->node_count;
  free_removed(world);
  linnet__entry *entry;
  while ((entry = linnet__agenda_first(&world->agenda)) != NULL) {
    linnet__agenda_remove(&world->agenda, entry);
    free(flight_of_entry(entry));
  }
  linnet__agenda_free(&world->agenda);
  linnet__network_free(world);
  linnet__names_free(world);
  free(world->nodes);
  free(world);
}

static bool keep_node(linnet_world *world, linnet__node *node) {
  if (world->node_count == world->node_capacity) {
    size_t capacity = world->node_capacity == 0 ? 16 : world->node_capacity * 2;
    linnet__node **nodes = realloc(world->nodes, capacity * sizeof(linnet__node *));
    if (nodes == NULL) return false;
    world->nodes = nodes;
    world->node_capacity = capacity;
  }
  world->nodes[world->node_count++] = node;
  return true;
}

linnet_loop *linnet_world_add_loop(linnet_world *world) {
  uint8_t seed[SEED_SIZE];
  linnet__node *node = calloc(1, sizeof *node);
  if (node == NULL) return NULL;
  node->memory = linnet__sim_memory_new();
  if (node->memory == NULL) {
    free(node);
    return NULL;
  }
  node->entry.order = LINNET__NODE_ORDER + world->nodes_made++;
  for (size_t i = 0; i < SEED_SIZE; i++) seed[i] = (uint8_t)linnet__chance_up_to(world, UINT8_MAX);
  node->loop = linnet_loop_new_with_memory(seed, sizeof seed, linnet__sim_memory_reallocate, node->memory);
  if (node->loop == NULL || !keep_node(world, node)) {
    free_node(world, node);
    return NULL;
  }
  linnet_loop_set_wall_clock(node->loop, (int64_t)((uint64_t)world->epoch_ms + world->now_ms));
  linnet_loop_step(node->loop, world->now_ms); /* now it knows the time */
  return node->loop;
}

linnet_status linnet_world_remove_loop(linnet_world *world, linnet_loop *loop) {
  linnet__node *node = linnet__world_node(world, loop);
  if (node == NULL) return LINNET_ERROR_NOT_FOUND;
  linnet__network_cut(world, node);
  linnet__agenda_remove(&world->agenda, &node->entry);
  node->removed = true;
  world->removed_count++;
  if (!world->running) free_removed(world);
  return LINNET_OK;
}

linnet_status linnet_world_keep(linnet_world *world, linnet_loop *loop, linnet_world_keeper keeper,
                                void *user, linnet_release release) {
  linnet__node *node = linnet__world_node(world, loop);
  if (node == NULL) {
    if (release != NULL) release(user);
    return LINNET_ERROR_NOT_FOUND;
  }
  release_keeper(node);
  node->keeper = keeper;
  node->keeper_user = user;
  node->keeper_release = release;
  return LINNET_OK;
}

linnet_status linnet_world_fail_memory(linnet_world *world, linnet_loop *loop, uint32_t after,
                                       uint32_t count) {
  linnet__node *node = linnet__world_node(world, loop);
  if (node == NULL) return LINNET_ERROR_NOT_FOUND;
  linnet__sim_memory_fail(node->memory, after, count);
  return LINNET_OK;
}

uint64_t linnet_world_now(const linnet_world *world) { return world->now_ms; }

void linnet_world_set_epoch(linnet_world *world, int64_t unix_ms) {
  world->epoch_ms = unix_ms;
  for (size_t i = 0; i < world->node_count; i++) {
    linnet_loop *loop = world->nodes[i]->loop;
    linnet_loop_set_wall_clock(loop, (int64_t)((uint64_t)unix_ms + linnet_loop_now(loop)));
  }
}

/* Its next time in the agenda. Without memory for it, it runs at once, which is always right. */
static void schedule(linnet_world *world, linnet__node *node) {
  uint64_t deadline_ms = linnet_loop_deadline(node->loop);
  if (deadline_ms == LINNET_NEVER) {
    linnet__agenda_remove(&world->agenda, &node->entry);
    return;
  }
  if (deadline_ms < world->now_ms) deadline_ms = world->now_ms;
  if (node->entry.position > 0 && node->entry.time_ms == deadline_ms) return;
  linnet__agenda_set(&world->agenda, &node->entry, deadline_ms);
}

/* The keeper may remove the node, or set another keeper. */
static void collect(linnet_world *world, linnet__node *node) {
  if (node->keeper != NULL) node->keeper(node->keeper_user);
  if (!node->removed) linnet__network_collect(world, node);
}

/* What was done to a loop outside of its steps: something to send, another deadline. */
static void look_at_all(linnet_world *world) {
  for (size_t i = 0; i < world->node_count; i++) {
    linnet__node *node = world->nodes[i];
    if (node->removed) continue;
    collect(world, node);
    if (!node->removed) schedule(world, node);
  }
}

static bool event_waits(const linnet_world *world) {
  for (size_t i = 0; i < world->node_count; i++)
    if (!world->nodes[i]->removed && linnet_loop_has_event(world->nodes[i]->loop)) return true;
  return false;
}

/* True if it has an event to be taken. */
static bool step(linnet_world *world, linnet__node *node) {
  linnet_loop_step(node->loop, world->now_ms);
  if (node->removed) return false;
  collect(world, node);
  if (node->removed) return false;
  schedule(world, node);
  return linnet_loop_has_event(node->loop);
}

typedef enum turn_result { TURN_NOTHING_DUE, TURN_DONE, TURN_EVENT } turn_result;

/* The next thing that happens, if it happens until then. */
static turn_result turn(linnet_world *world, uint64_t until_ms) {
  bool event = false;
  if (world->node_count <= SMALL_WORLD) look_at_all(world);
  linnet__entry *entry = linnet__agenda_first(&world->agenda);
  if (entry == NULL || entry->time_ms > until_ms) return TURN_NOTHING_DUE;
  if (entry->time_ms > world->now_ms) world->now_ms = entry->time_ms;
  if (entry->order >= LINNET__NODE_ORDER) {
    event = step(world, node_of_entry(entry));
  } else {
    linnet__node *node = linnet__network_land(world, flight_of_entry(entry));
    if (node != NULL) schedule(world, node);
  }
  free_removed(world);
  return event ? TURN_EVENT : TURN_DONE;
}

static void begin(linnet_world *world) {
  linnet_world_ref(world);
  world->running = true;
  look_at_all(world);
  free_removed(world);
}

/* Tells all loops the time, for what is done to them until the next run. */
static void finish(linnet_world *world) {
  for (size_t i = 0; i < world->node_count; i++) {
    linnet_loop *loop = world->nodes[i]->loop;
    if (linnet_loop_now(loop) < world->now_ms && linnet_loop_deadline(loop) > world->now_ms)
      linnet_loop_step(loop, world->now_ms);
  }
  world->running = false;
  linnet_world_unref(world);
}

/* A world in which nothing will ever happen has no time to go to. */
static void arrive(linnet_world *world, uint64_t until_ms) {
  if (until_ms > world->now_ms && until_ms != LINNET_NEVER) world->now_ms = until_ms;
}

uint64_t linnet_world_run(linnet_world *world, uint64_t until_ms) {
  if (world->running) return world->now_ms;
  begin(world);
  turn_result result = event_waits(world) ? TURN_EVENT : TURN_DONE;
  while (result == TURN_DONE) result = turn(world, until_ms);
  if (result != TURN_EVENT) arrive(world, until_ms);
  uint64_t time_ms = result == TURN_EVENT ? world->now_ms : until_ms;
  finish(world);
  return time_ms;
}

void linnet_world_advance(linnet_world *world, uint64_t until_ms) {
  if (world->running) return;
  begin(world);
  while (turn(world, until_ms) != TURN_NOTHING_DUE) continue;
  arrive(world, until_ms);
  finish(world);
}

/* Of the loops what they say now: the agenda knows what they said in the last run. */
uint64_t linnet_world_next(const linnet_world *world) {
  uint64_t next_ms = LINNET_NEVER;
  for (size_t i = 0; i < world->agenda.count; i++) {
    const linnet__entry *entry = world->agenda.entries[i];
    if (entry->order < LINNET__NODE_ORDER && entry->time_ms < next_ms) next_ms = entry->time_ms;
  }
  for (size_t i = 0; i < world->node_count; i++) {
    if (world->nodes[i]->removed) continue;
    uint64_t deadline_ms = linnet_loop_deadline(world->nodes[i]->loop);
    if (deadline_ms < next_ms) next_ms = deadline_ms;
  }
  return next_ms < world->now_ms ? world->now_ms : next_ms;
}
