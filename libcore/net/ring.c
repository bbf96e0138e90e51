/* SPDX-License-Identifier: Apache-2.0 */
/* ring.c: the ring of datagrams on each side of a transport (docs/architecture.md, sections 6 and 8). */
#include "ring.h"

#include <string.h>

#define FIRST_CAPACITY 1024
/* More than this is not kept by an empty ring: a router counts kilobytes. */
#define KEPT_CAPACITY 16384
#define HEADER sizeof(linnet__ring_item)

void linnet__ring_init(linnet__ring *ring, linnet_loop *loop, size_t limit) {
  memset(ring, 0, sizeof *ring);
  ring->loop = loop;
  ring->limit = limit;
}

/* Leaves the block: frees it, or keeps it for the view that is held. */
static void leave_block(linnet__ring *ring) {
  if (ring->held && ring->retired == NULL) {
    ring->retired = ring->data;
    ring->retired_capacity = ring->capacity;
  } else {
    linnet__free(ring->loop, ring->data, ring->capacity);
  }
  ring->data = NULL;
  ring->capacity = 0;
}

static void rewind_empty(linnet__ring *ring) {
  ring->head = ring->tail = ring->end = 0;
  ring->wrapped = false;
}

void linnet__ring_free(linnet__ring *ring) {
  leave_block(ring);
  rewind_empty(ring);
  ring->count = ring->used = ring->reserved = 0;
}

void linnet__ring_trim(linnet__ring *ring) {
  if (ring->count > 0) return;
  if (ring->capacity > KEPT_CAPACITY) leave_block(ring);
  rewind_empty(ring);
}

/* Moves everything to the beginning of a larger block. */
static bool grow(linnet__ring *ring, size_t need) {
  size_t wanted = ring->capacity < FIRST_CAPACITY / 2 ? FIRST_CAPACITY : ring->capacity * 2;
  if (wanted > ring->limit) wanted = ring->limit;
  if (wanted < ring->used + need) wanted = ring->used + need;
  if (wanted <= ring->capacity) return false;
  uint8_t *block = linnet__resize(ring->loop, NULL, 0, wanted);
  if (block == NULL) return false;
  size_t upper = (ring->wrapped ? ring->end : ring->tail) - ring->head;
  if (upper > 0) memcpy(block, ring->data + ring->head, upper);
  if (ring->wrapped) memcpy(block + upper, ring->data, ring->tail);
  leave_block(ring);
  ring->data = block;
  ring->capacity = wanted;
  ring->head = 0;
  ring->tail = ring->used;
  ring->wrapped = false;
  return true;
}

/* Finds `need` bytes in one piece at the tail, wrapping it if the space is in front of the head. */
static bool find_room(linnet__ring *ring, size_t need) {
  if (ring->wrapped) return ring->head - ring->tail >= need;
  if (ring->capacity - ring->tail >= need) return true;
  if (ring->count == 0 || ring->head < need) return false;
  ring->end = ring->tail;
  ring->tail = 0;
  ring->wrapped = true;
  return true;
}

uint8_t *linnet__ring_reserve(linnet__ring *ring, size_t size) {
  size_t need = HEADER + size;
  linnet__ring_trim(ring);
  if (need > ring->limit || ring->used > ring->limit - need) return NULL;
  if (!find_room(ring, need) && !grow(ring, need)) return NULL;
  ring->reserved = size;
  return ring->data + ring->tail + HEADER;
}

void linnet__ring_commit(linnet__ring *ring, const linnet_address *peer, linnet__ring_note note,
                         size_t length) {
  linnet__ring_item item = {*peer, (uint32_t)length, (uint32_t)note};
  memcpy(ring->data + ring->tail, &item, HEADER);
  ring->tail += HEADER + length;
  ring->used += HEADER + length;
  ring->reserved = 0;
  ring->count++;
}

const uint8_t *linnet__ring_front(const linnet__ring *ring, linnet__ring_item *item) {
  if (ring->count == 0) return NULL;
  memcpy(item, ring->data + ring->head, HEADER);
  return ring->data + ring->head + HEADER;
}

void linnet__ring_drop(linnet__ring *ring) {
  linnet__ring_item item;
  if (linnet__ring_front(ring, &item) == NULL) return;
  ring->head += HEADER + item.length;
  ring->used -= HEADER + item.length;
  ring->count--;
  if (!ring->wrapped || ring->head < ring->end) return;
  ring->head = 0;
  ring->wrapped = false;
}

void linnet__ring_hold(linnet__ring *ring) { ring->held = true; }

void linnet__ring_release(linnet__ring *ring) {
  linnet__free(ring->loop, ring->retired, ring->retired_capacity);
  ring->retired = NULL;
  ring->held = false;
}
