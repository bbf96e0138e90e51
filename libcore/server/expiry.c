/* SPDX-License-Identifier: Apache-2.0 */
/*
 * expiry.c: which registration ends next (REG-07): a heap of four children a node, in one array, and one
 * timer for all. An entry is the time above the place of the registration, so that a million take 8 to 10
 * bytes each and comparing touches none of them.
 */
#include "server_internal.h"

#define CHILDREN 4
#define FIRST_CAPACITY 16
#define LATEST_MS ((UINT64_C(1) << (64 - LINNET__SLOT_BITS)) - 1)

static linnet__registration *owner_of(const linnet_server *server, uint64_t entry) {
  return (linnet__registration *)server->by_number.items[entry & (LINNET__SLOT_LIMIT - 1)];
}

static void put(linnet_server *server, uint32_t at, uint64_t entry) {
  server->expiries.entries[at] = entry;
  owner_of(server, entry)->expiry = at;
}

/* Puts an entry where a gap is, or as far above it as it has to be. */
static uint32_t rise(linnet_server *server, uint32_t at, uint64_t entry) {
  const uint64_t *entries = server->expiries.entries;
  for (uint32_t above; at > 0 && entry < entries[above = (at - 1) / CHILDREN]; at = above)
    put(server, at, entries[above]);
  put(server, at, entry);
  return at;
}

/* The same downwards. */
static void sink(linnet_server *server, uint32_t at, uint64_t entry) {
  const linnet__expiries *expiries = &server->expiries;
  for (;;) {
    uint32_t least = 0, first = at * CHILDREN + 1;
    for (uint32_t i = first; i < first + CHILDREN && i < expiries->count; i++)
      if (least == 0 || expiries->entries[i] < expiries->entries[least]) least = i;
    if (least == 0 || entry <= expiries->entries[least]) break;
    put(server, at, expiries->entries[least]);
    at = least;
  }
  put(server, at, entry);
}

/* By a quarter, down as well as up; false: no memory. */
static bool set_capacity(linnet_server *server) {
  linnet__expiries *expiries = &server->expiries;
  uint32_t capacity = expiries->capacity;
  if (expiries->count == capacity)
    capacity = capacity < FIRST_CAPACITY ? FIRST_CAPACITY : capacity + capacity / 4;
  else if (capacity > FIRST_CAPACITY && expiries->count < capacity / 2)
    capacity = expiries->count + expiries->count / 4;
  if (capacity == expiries->capacity) return true;
  uint64_t *entries = linnet__resize(server->handle.loop, expiries->entries,
                                     expiries->capacity * sizeof *entries, capacity * sizeof *entries);
  if (entries == NULL) return false;
  expiries->entries = entries;
  expiries->capacity = capacity;
  return true;
}

static void expire_due(linnet__timer *timer);

/* Early is as good as right: nothing is armed anew for each registration that comes, moves or goes. */
static void arm(linnet_server *server) {
  linnet__expiries *expiries = &server->expiries;
  if (expiries->count == 0) return;
  uint64_t due_ms = expiries->entries[0] >> LINNET__SLOT_BITS;
  if (linnet__timer_armed(&expiries->timer) && expiries->armed_ms <= due_ms) return;
  expiries->armed_ms = due_ms;
  linnet__timer_arm(server->handle.loop, &expiries->timer, due_ms, expire_due);
}

static uint64_t entry_of(const linnet__registration *registration) {
  uint64_t due_ms = registration->expires_ms < LATEST_MS ? registration->expires_ms : LATEST_MS;
  return due_ms << LINNET__SLOT_BITS | (registration->number & (LINNET__SLOT_LIMIT - 1));
}

/* An Update moves only the time of the registration; the entry follows when its own is up. */
static void expire_due(linnet__timer *timer) {
  linnet_server *server = LINNET__CONTAINER(timer, linnet_server, expiries.timer);
  linnet__expiries *expiries = &server->expiries;
  uint64_t now_ms = linnet_loop_now(server->handle.loop);
  while (expiries->count > 0 && expiries->entries[0] >> LINNET__SLOT_BITS <= now_ms) {
    linnet__registration *registration = owner_of(server, expiries->entries[0]);
    if (registration->expires_ms > now_ms)
      sink(server, 0, entry_of(registration));
    else
      linnet__registration_end(registration, LINNET_EVENT_EXPIRED);
  }
  arm(server);
}

linnet_status linnet__expiry_add(linnet__registration *registration) {
  linnet_server *server = registration->server;
  if (!set_capacity(server)) return LINNET_ERROR_NO_MEMORY;
  rise(server, server->expiries.count++, entry_of(registration));
  arm(server);
  return LINNET_OK;
}

/* An entry is never later than its registration ends, so it is looked at only if that is sooner now. */
void linnet__expiry_advance(linnet__registration *registration, uint64_t former_ms) {
  linnet_server *server = registration->server;
  uint64_t entry = entry_of(registration);
  if (registration->expires_ms >= former_ms) return;
  if (entry < server->expiries.entries[registration->expiry]) rise(server, registration->expiry, entry);
  arm(server);
}

void linnet__expiry_remove(linnet__registration *registration) {
  linnet_server *server = registration->server;
  linnet__expiries *expiries = &server->expiries;
  uint64_t last = expiries->entries[--expiries->count];
  uint32_t at = registration->expiry;
  if (at < expiries->count && rise(server, at, last) == at) sink(server, at, last);
  if (expiries->count == 0)
    linnet__expiries_free(server);
  else
    set_capacity(server); /* without memory it stays as it is */
}

void linnet__expiries_free(linnet_server *server) {
  linnet__expiries *expiries = &server->expiries;
  linnet__timer_stop(server->handle.loop, &expiries->timer);
  linnet__free(server->handle.loop, expiries->entries, expiries->capacity * sizeof *expiries->entries);
  *expiries = (linnet__expiries){0};
}

void linnet__expiries_shift(linnet_server *server, uint64_t shift_ms) {
  linnet__expiries *expiries = &server->expiries;
  for (uint32_t i = 0; i < expiries->count; i++) {
    uint64_t due_ms = (expiries->entries[i] >> LINNET__SLOT_BITS) + shift_ms;
    if (due_ms > LATEST_MS) due_ms = LATEST_MS;
    expiries->entries[i] = due_ms << LINNET__SLOT_BITS | (expiries->entries[i] & (LINNET__SLOT_LIMIT - 1));
  }
  linnet__timer_stop(server->handle.loop, &expiries->timer);
  arm(server);
}
