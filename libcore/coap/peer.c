/* SPDX-License-Identifier: Apache-2.0 */
/* peer.c: the state of an address: made on demand, gone when all of it has expired (RFC 7252 4.2 to 4.4;
 * CO-32, CO-35). */
#include <string.h>

#include "parts.h"

/* A busy peer moves to the end of the line only so often. */
#define QUIET_GRAIN_MS 1000
/* Expired state may stay so much longer, for fewer timers. */
#define SWEEP_GRAIN_MS 1000
/* How many of the longest quiet are looked at for one that can go. */
#define EVICTION_TRIES 8
/* Message ids are handed out in quarters of their space (CO-32). */
#define QUARTER_BITS 14
/* Version, token and the small options around a block: Observe, Content-Format, Max-Age, ETag, Block, Size,
 * marker. */
#define BLOCK_OVERHEAD 48
/* The same around a body that goes whole. */
#define WHOLE_OVERHEAD 30

bool linnet__peer_equal(const linnet__peer *a, const linnet__peer *b) {
  return a->transport == b->transport && linnet_address_equal(&a->address, &b->address);
}

linnet_loop *linnet__remote_loop(const linnet__remote *remote) { return remote->contact.port->coap->loop; }

const linnet__timing *linnet__remote_timing(const linnet__remote *remote) {
  return linnet__transport_timing(remote->contact.port->transport);
}

uint8_t linnet__port_exponent(const linnet__port *port, size_t overhead) {
  const linnet__timing *timing = linnet__transport_timing(port->transport);
  uint8_t exponent = linnet__block_exponent(port->coap->limits[LINNET_LIMIT_BLOCK_SIZE]);
  if (exponent > timing->block_exponent) exponent = timing->block_exponent;
  while (exponent > 0 && linnet__block_size(exponent) + BLOCK_OVERHEAD + overhead > timing->max_message)
    exponent--;
  return exponent;
}

/* Each short message costs, so what fits in one goes without blocks, which are powers of two (SMS-11). Where
 * the limit rather than the message decides on the size of a block, it decides here, too. */
size_t linnet__port_whole(const linnet__port *port, size_t overhead) {
  const linnet__timing *timing = linnet__transport_timing(port->transport);
  uint8_t exponent = linnet__port_exponent(port, overhead);
  size_t size = linnet__block_size(exponent);
  if (exponent == linnet__block_exponent(port->coap->limits[LINNET_LIMIT_BLOCK_SIZE])) return size;
  size_t taken = WHOLE_OVERHEAD + overhead;
  size_t left = timing->max_message > taken ? timing->max_message - taken : 0;
  return left > size ? left : size;
}

size_t linnet__address_key_length(const linnet_address *address) {
  size_t length = address->length <= LINNET_ADDRESS_SIZE ? address->length : LINNET_ADDRESS_SIZE;
  return offsetof(linnet_address, bytes) + length;
}

static const void *remote_key(const void *item, size_t *length) {
  const linnet__remote *remote = item;
  *length = linnet__address_key_length(&remote->contact.peer.address);
  return &remote->contact.peer.address;
}

linnet__port *linnet__port_find(const linnet__coap *coap, const linnet_transport *transport) {
  for (linnet__list *node = coap->ports.next; node != &coap->ports; node = node->next) {
    linnet__port *port = LINNET__CONTAINER(node, linnet__port, node);
    if (port->transport == transport) return port;
  }
  return NULL;
}

linnet__remote *linnet__remote_find(linnet__port *port, const linnet_address *address) {
  linnet__remote *latest = port->latest_remote;
  if (latest != NULL && linnet_address_equal(&latest->contact.peer.address, address)) return latest;
  linnet__remote *remote = linnet__map_find(&port->remotes, address, linnet__address_key_length(address));
  if (remote != NULL) port->latest_remote = remote;
  return remote;
}

static bool holds_something(const linnet__remote *remote) {
  return !linnet__list_empty(&remote->queue) || !linnet__list_empty(&remote->requests) ||
         !linnet__list_empty(&remote->pendings) || !linnet__list_empty(&remote->observers) ||
         !linnet__list_empty(&remote->transfers);
}

static void free_remote(linnet__remote *remote) {
  linnet__coap *coap = remote->contact.port->coap;
  if (remote->contact.port->latest_remote == remote) remote->contact.port->latest_remote = NULL;
  linnet__map_remove(&remote->contact.port->remotes, &remote->contact.peer.address,
                     linnet__address_key_length(&remote->contact.peer.address));
  linnet__map_trim(&remote->contact.port->remotes);
  linnet__list_remove(&remote->node);
  linnet__list_remove(&remote->pumping);
  coap->remote_count--;
  coap->changes++;
  linnet__free(coap->loop, remote, sizeof *remote);
}

static bool evict_one(linnet__port *port) {
  linnet__list *node = port->aging.next;
  for (int tries = 0; node != &port->aging && tries < EVICTION_TRIES; tries++, node = node->next) {
    linnet__remote *remote = LINNET__CONTAINER(node, linnet__remote, node);
    if (holds_something(remote)) continue;
    free_remote(remote);
    return true;
  }
  return false;
}

linnet__remote *linnet__remote_get(linnet__port *port, const linnet_address *address) {
  linnet__coap *coap = port->coap;
  linnet__remote *remote = linnet__remote_find(port, address);
  if (remote != NULL) return remote;
  if (coap->remote_count >= coap->limits[LINNET_LIMIT_PEERS]) {
    coap->counters.refused_by_limit++;
    if (!evict_one(port)) return NULL;
  }
  remote = linnet__new(coap->loop, sizeof *remote);
  if (remote == NULL) return NULL;
  remote->contact = (linnet__contact){port, {port->transport, *address}};
  remote->next_id = (uint16_t)linnet__random_u32(coap->loop);
  if (linnet__map_insert(&port->remotes, remote) != LINNET_OK) {
    linnet__free(coap->loop, remote, sizeof *remote);
    return NULL;
  }
  linnet__list *lists[] = {&remote->node,      &remote->queue,     &remote->requests, &remote->pendings,
                           &remote->observers, &remote->transfers, &remote->pumping};
  for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) linnet__list_init(lists[i]);
  coap->remote_count++;
  coap->changes++;
  linnet__remote_touch(remote);
  return remote;
}

static void sweep_due(linnet__timer *timer) {
  linnet__port *port = LINNET__CONTAINER(timer, linnet__port, timer);
  linnet__coap *coap = port->coap;
  uint64_t now_ms = linnet_loop_now(coap->loop);
  while (!linnet__list_empty(&port->aging)) {
    linnet__remote *remote = LINNET__CONTAINER(port->aging.next, linnet__remote, node);
    if (remote->quiet_ms > now_ms) {
      linnet__timer_arm(coap->loop, timer, remote->quiet_ms + SWEEP_GRAIN_MS, sweep_due);
      return;
    }
    if (holds_something(remote)) {
      linnet__list_move(&port->kept, &remote->node);
      remote->aging = false;
    } else {
      free_remote(remote);
    }
  }
}

void linnet__remote_touch(linnet__remote *remote) {
  linnet__port *port = remote->contact.port;
  linnet_loop *loop = port->coap->loop;
  uint64_t expired_ms = linnet_loop_now(loop) + linnet__remote_timing(remote)->exchange_lifetime_ms;
  if (remote->aging && expired_ms <= remote->quiet_ms) return;
  remote->quiet_ms = expired_ms + QUIET_GRAIN_MS;
  linnet__list_move(&port->aging, &remote->node);
  remote->aging = true;
  if (!linnet__timer_armed(&port->timer))
    linnet__timer_arm(loop, &port->timer, remote->quiet_ms + SWEEP_GRAIN_MS, sweep_due);
}

void linnet__remote_relax(linnet__remote *remote) {
  if (!remote->aging) linnet__remote_touch(remote);
}

void linnet__remote_end(linnet__remote *remote) {
  linnet__list *node;
  remote->ending = true;
  while ((node = linnet__list_take(&remote->transfers)) != NULL)
    linnet__transfer_free(LINNET__CONTAINER(node, linnet__transfer, of_remote));
  while ((node = linnet__list_take(&remote->pendings)) != NULL)
    linnet__pending_free(LINNET__CONTAINER(node, linnet__pending, node));
  while (!linnet__list_empty(&remote->requests))
    linnet__request_lose(LINNET__CONTAINER(remote->requests.next, linnet__request, node),
                         LINNET_ERROR_CANCELLED);
  while (!linnet__list_empty(&remote->observers))
    linnet__observer_lose(LINNET__CONTAINER(remote->observers.next, linnet__observer, node));
  while ((node = linnet__list_take(&remote->queue)) != NULL)
    linnet__confirmable_drop(LINNET__CONTAINER(node, linnet__confirmable, node));
  free_remote(remote);
}

bool linnet__remote_take_id(linnet__remote *remote, uint16_t *message_id) {
  uint64_t now_s = linnet_loop_now(linnet__remote_loop(remote)) / 1000;
  uint32_t *used_s = &remote->id_used_s[remote->next_id >> QUARTER_BITS];
  bool enters = (remote->next_id & ((1U << QUARTER_BITS) - 1)) == 0;
  uint64_t lifetime_s = linnet__remote_timing(remote)->exchange_lifetime_ms / 1000 + 1;
  if (enters && *used_s != 0 && now_s < *used_s + lifetime_s) return false;
  *used_s = (uint32_t)now_s + 1;
  *message_id = remote->next_id++;
  linnet__remote_touch(remote);
  return true;
}

void linnet__port_init(linnet__port *port, linnet__coap *coap, linnet_transport *transport) {
  port->coap = coap;
  port->transport = linnet_transport_ref(transport);
  linnet__list_init(&port->node);
  linnet__list_init(&port->aging);
  linnet__list_init(&port->kept);
  linnet__map_init(&port->remotes, coap->loop, remote_key);
  linnet__recents_init(port);
}
