/* SPDX-License-Identifier: Apache-2.0 */
/*
 * peers.c: registrations by the address they come from. Few programs ask for that, so the index is made when
 * somebody does, and kept from then on: a map of the first at each address, and the others of the address
 * chained by their places.
 */
#include <string.h>

#include "server_internal.h"

#define NONE UINT32_MAX

static const void *peer_key(const void *item, size_t *length) {
  const linnet__registration *registration = item;
  *length = sizeof registration->peer.address;
  return &registration->peer.address;
}

static uint32_t place_of(const linnet__registration *registration) {
  return (uint32_t)(registration->number & (LINNET__SLOT_LIMIT - 1));
}

void linnet__peers_init(linnet_server *server) {
  server->peers = (linnet__peers){.on = false};
  linnet__map_init(&server->peers.first, server->handle.loop, peer_key);
}

void linnet__peers_free(linnet_server *server) {
  linnet__peers *peers = &server->peers;
  linnet__free(server->handle.loop, peers->links, peers->capacity * sizeof *peers->links);
  linnet__map_free(&peers->first);
  linnet__peers_init(server);
}

static bool make_room(linnet_server *server, uint32_t place) {
  linnet__peers *peers = &server->peers;
  if (place < peers->capacity) return true;
  uint32_t capacity = server->by_number.capacity;
  linnet__peer_link *links = linnet__resize(server->handle.loop, peers->links,
                                            peers->capacity * sizeof *links, capacity * sizeof *links);
  if (links == NULL) return false;
  peers->links = links;
  peers->capacity = capacity;
  return true;
}

void linnet__peers_add(linnet__registration *registration) {
  linnet_server *server = registration->server;
  linnet__peers *peers = &server->peers;
  uint32_t place = place_of(registration);
  if (!peers->on) return;
  bool kept = make_room(server, place);
  const linnet__registration *first =
      linnet__map_find(&peers->first, &registration->peer.address, sizeof registration->peer.address);
  if (kept && first == NULL) kept = linnet__map_insert(&peers->first, registration) == LINNET_OK;
  if (!kept) { /* it is made anew when somebody asks */
    linnet__peers_free(server);
    return;
  }
  linnet__peer_link *link = &peers->links[place];
  *link = (linnet__peer_link){NONE, NONE};
  if (first == NULL) return;
  link->previous = place_of(first);
  link->next = peers->links[link->previous].next;
  peers->links[link->previous].next = place;
  if (link->next != NONE) peers->links[link->next].previous = place;
}

static linnet__registration *at(const linnet_server *server, uint32_t place) {
  return place == NONE ? NULL : (linnet__registration *)server->by_number.items[place];
}

void linnet__peers_remove(linnet__registration *registration) {
  linnet_server *server = registration->server;
  linnet__peers *peers = &server->peers;
  if (!peers->on) return;
  linnet__peer_link link = peers->links[place_of(registration)];
  if (link.next != NONE) peers->links[link.next].previous = link.previous;
  if (link.previous != NONE) {
    peers->links[link.previous].next = link.next;
    return;
  }
  linnet__map_remove(&peers->first, &registration->peer.address, sizeof registration->peer.address);
  linnet__map_trim(&peers->first);
  linnet__registration *next = at(server, link.next);
  if (next != NULL && linnet__map_insert(&peers->first, next) != LINNET_OK) linnet__peers_free(server);
}

static bool begin(linnet_server *server) {
  uint32_t place = 0;
  server->peers.on = true;
  for (linnet__registration *registration;
       server->peers.on && (registration = linnet__slots_next(&server->by_number, &place)) != NULL;)
    linnet__peers_add(registration);
  return server->peers.on;
}

linnet_status linnet_server_find_peer(linnet_server *server, const linnet_address *peer,
                                      uint64_t *registration) {
  if (server == NULL || peer == NULL || registration == NULL) return LINNET_ERROR_INVALID_ARGUMENT;
  linnet_loop *loop = server->handle.loop;
  *registration = 0;
  if (server->handle.closed) return linnet__fail(loop, LINNET_ERROR_CLOSED, "find: the server is closed");
  if (!server->peers.on && !begin(server))
    return linnet__fail(loop, LINNET_ERROR_NO_MEMORY, "find: no memory for an index of addresses");
  const linnet__registration *found = linnet__map_find(&server->peers.first, peer, sizeof *peer);
  if (found != NULL) *registration = found->number;
  return LINNET_OK;
}

uint64_t linnet_server_next_at_peer(const linnet_server *server, uint64_t registration) {
  if (server == NULL || server->handle.closed || !server->peers.on) return 0;
  const linnet__registration *found = linnet__registration_find(server, registration);
  if (found == NULL) return 0;
  const linnet__registration *next = at(server, server->peers.links[place_of(found)].next);
  return next == NULL ? 0 : next->number;
}
