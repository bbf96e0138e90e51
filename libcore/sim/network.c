/* SPDX-License-Identifier: Apache-2.0 */
/* network.c: addresses, and the fate of datagrams between them (sim.h; docs/architecture.md, section 7). */
#include <stdlib.h>
#include <string.h>

#include <linnet/framing.h>

#include "sim_internal.h"

#define HELD_BACK 10 /* times the delay */

static const uint32_t perfect[LINNET__TRAITS] = {
    [LINNET_WORLD_DELAY_MS] = 1, [LINNET_WORLD_MTU] = 65535, [LINNET_WORLD_STORE] = 100};

static const uint32_t largest[LINNET__TRAITS] = {
    [LINNET_WORLD_LOSS] = 1000,
    [LINNET_WORLD_DUPLICATION] = 1000,
    [LINNET_WORLD_REORDERING] = 1000,
    [LINNET_WORLD_DELAY_MS] = UINT32_MAX - 1,
    [LINNET_WORLD_JITTER_MS] = UINT32_MAX - 1,
    [LINNET_WORLD_MTU] = UINT32_MAX - 1,
    [LINNET_WORLD_DOWN] = 1,
    [LINNET_WORLD_STORE] = UINT32_MAX - 1,
};

void linnet__network_init(linnet_world *world) { memcpy(world->traits, perfect, sizeof perfect); }

/* Where the plug of an address is, or would have to be. */
static size_t position(const linnet_world *world, const linnet_address *address) {
  size_t low = 0, high = world->plug_count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (memcmp(&world->plugs[middle]->address, address, sizeof *address) < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

linnet__plug *linnet__network_find(const linnet_world *world, const linnet_address *address) {
  size_t at = position(world, address);
  if (at == world->plug_count || !linnet_address_equal(&world->plugs[at]->address, address)) return NULL;
  return world->plugs[at];
}

static void take_off(linnet_world *world, linnet__plug *plug) {
  size_t at = position(world, &plug->address);
  if (at == world->plug_count || world->plugs[at] != plug) return;
  memmove(world->plugs + at, world->plugs + at + 1, (world->plug_count - at - 1) * sizeof(linnet__plug *));
  world->plug_count--;
}

static bool put_on(linnet_world *world, linnet__plug *plug) {
  if (world->plug_count == world->plug_capacity) {
    size_t capacity = world->plug_capacity == 0 ? 16 : world->plug_capacity * 2;
    linnet__plug **plugs = realloc(world->plugs, capacity * sizeof(linnet__plug *));
    if (plugs == NULL) return false;
    world->plugs = plugs;
    world->plug_capacity = capacity;
  }
  size_t at = position(world, &plug->address);
  memmove(world->plugs + at + 1, world->plugs + at, (world->plug_count - at) * sizeof(linnet__plug *));
  world->plugs[at] = plug;
  world->plug_count++;
  return true;
}

static void free_plug(linnet_world *world, linnet__plug *plug) {
  linnet__plug **link = &plug->node->plugs;
  while (*link != plug) link = &(*link)->next;
  *link = plug->next;
  take_off(world, plug);
  linnet_transport_unref(plug->transport);
  free(plug);
}

void linnet__network_cut(linnet_world *world, linnet__node *node) {
  for (linnet__plug *plug = node->plugs; plug != NULL; plug = plug->next) take_off(world, plug);
}

void linnet__network_unplug(linnet_world *world, linnet__node *node) {
  while (node->plugs != NULL) free_plug(world, node->plugs);
}

void linnet__network_free(linnet_world *world) { free(world->plugs); }

static linnet__plug *plug_of(const linnet_world *world, const linnet_transport *transport) {
  linnet__node *node = transport == NULL ? NULL : linnet__world_node(world, linnet_transport_loop(transport));
  linnet__plug *plug = node == NULL ? NULL : node->plugs;
  while (plug != NULL && plug->transport != transport) plug = plug->next;
  return plug;
}

/* A free address, or why not. The transport of a plug may have been closed since. */
static linnet_status claim(linnet_world *world, linnet_loop *loop, const char *text,
                           linnet_address *address) {
  static const char taken[] = " is taken";
  char words[LINNET_ADDRESS_TEXT_SIZE + sizeof taken];
  if (linnet_address_parse(address, text) != LINNET_OK)
    return linnet_loop_fail(loop, LINNET_ERROR_INVALID_ARGUMENT,
                            "world: not an address of the form 10.0.0.1:5683");
  linnet__plug *holder = linnet__network_find(world, address);
  if (holder == NULL || linnet_transport_is_closed(holder->transport)) {
    if (holder != NULL) take_off(world, holder);
    return LINNET_OK;
  }
  linnet_address_text(address, words);
  memcpy(words + strlen(words), taken, sizeof taken);
  return linnet_loop_fail(loop, LINNET_ERROR_EXISTS, words);
}

linnet_status linnet_world_attach(linnet_world *world, linnet_transport *transport, const char *text) {
  linnet_address address;
  if (transport == NULL) return LINNET_ERROR_INVALID_ARGUMENT;
  linnet_loop *loop = linnet_transport_loop(transport);
  linnet__node *node = linnet__world_node(world, loop);
  if (node == NULL)
    return linnet_loop_fail(loop, LINNET_ERROR_NOT_FOUND, "attach: the loop is not in this world");
  if (linnet_transport_is_closed(transport))
    return linnet_loop_fail(loop, LINNET_ERROR_CLOSED, "attach: the transport is closed");
  if (plug_of(world, transport) != NULL)
    return linnet_loop_fail(loop, LINNET_ERROR_EXISTS, "attach: the transport has an address already");
  linnet_status status = claim(world, loop, text, &address);
  if (status != LINNET_OK) return status;
  linnet__plug *plug = calloc(1, sizeof *plug);
  if (plug == NULL) return linnet_loop_fail(loop, LINNET_ERROR_NO_MEMORY, "attach: out of memory");
  plug->address = address;
  for (size_t i = 0; i < LINNET__TRAITS; i++) plug->traits[i] = LINNET_WORLD_INHERIT;
  if (!put_on(world, plug)) {
    free(plug);
    return linnet_loop_fail(loop, LINNET_ERROR_NO_MEMORY, "attach: out of memory");
  }
  plug->transport = linnet_transport_ref(transport);
  plug->node = node;
  plug->next = node->plugs;
  node->plugs = plug;
  linnet__smsc_retry(world);
  return linnet_transport_set_local(transport, &address);
}

linnet_status linnet_world_rebind(linnet_world *world, linnet_transport *transport, const char *text) {
  linnet_address address;
  linnet__plug *plug = plug_of(world, transport);
  if (plug == NULL) return LINNET_ERROR_NOT_FOUND;
  linnet_status status = claim(world, linnet_transport_loop(transport), text, &address);
  if (status != LINNET_OK) return status;
  take_off(world, plug);
  plug->address = address;
  put_on(world, plug); /* there is room: one has just gone */
  return LINNET_OK;
}

linnet_status linnet_world_set(linnet_world *world, linnet_transport *transport, linnet_world_trait trait,
                               uint32_t value) {
  if ((unsigned)trait >= LINNET__TRAITS) return LINNET_ERROR_INVALID_ARGUMENT;
  uint32_t *traits = world->traits;
  if (transport != NULL) {
    linnet__plug *plug = plug_of(world, transport);
    if (plug == NULL) return LINNET_ERROR_NOT_FOUND;
    traits = plug->traits;
  } else if (value == LINNET_WORLD_INHERIT) {
    value = perfect[trait];
  }
  if (value > largest[trait] && value != LINNET_WORLD_INHERIT) return LINNET_ERROR_OUT_OF_RANGE;
  traits[trait] = value;
  if (trait == LINNET_WORLD_DOWN) linnet__smsc_retry(world);
  return LINNET_OK;
}

/* What the ends say counts, of two the worse; else what the world says. */
uint32_t linnet__network_trait(const linnet_world *world, const linnet__plug *from, const linnet__plug *to,
                               linnet_world_trait trait) {
  uint32_t a = from == NULL ? LINNET_WORLD_INHERIT : from->traits[trait];
  uint32_t b = to == NULL ? LINNET_WORLD_INHERIT : to->traits[trait];
  if (a == LINNET_WORLD_INHERIT) a = b;
  if (b == LINNET_WORLD_INHERIT) b = a;
  if (a == LINNET_WORLD_INHERIT) return world->traits[trait];
  bool less_is_worse = trait == LINNET_WORLD_MTU || trait == LINNET_WORLD_STORE;
  return (a < b) == less_is_worse ? a : b;
}

uint64_t linnet__network_delay(linnet_world *world, const linnet__plug *from, const linnet__plug *to) {
  uint64_t delay_ms = linnet__network_trait(world, from, to, LINNET_WORLD_DELAY_MS);
  uint64_t held_ms = 0;
  if (linnet__chance_in_1000(world, linnet__network_trait(world, from, to, LINNET_WORLD_REORDERING))) {
    uint64_t most_ms = HELD_BACK * (delay_ms > 0 ? delay_ms : 1);
    held_ms = 1 + linnet__chance_up_to(world, most_ms - 1);
  }
  return delay_ms + held_ms +
         linnet__chance_up_to(world, linnet__network_trait(world, from, to, LINNET_WORLD_JITTER_MS));
}

/* Without memory for it the datagram is lost. */
static void take_off_at(linnet_world *world, const linnet__plug *from, const linnet_datagram *datagram,
                        uint64_t time_ms) {
  linnet__flight *flight = calloc(1, sizeof *flight + datagram->length);
  if (flight == NULL) return;
  flight->entry.order = world->sequence++;
  flight->from = from->address;
  flight->to = datagram->peer;
  flight->length = datagram->length;
  memcpy(flight->data, datagram->data, datagram->length);
  if (!linnet__agenda_set(&world->agenda, &flight->entry, time_ms)) free(flight);
}

/* False: it is lost. */
static bool carry(linnet_world *world, const linnet__plug *from, const linnet_datagram *datagram) {
  const linnet__plug *to = linnet__network_find(world, &datagram->peer);
  if (to == NULL || linnet__network_trait(world, from, to, LINNET_WORLD_DOWN) != 0 ||
      datagram->length > linnet__network_trait(world, from, to, LINNET_WORLD_MTU) ||
      linnet__chance_in_1000(world, linnet__network_trait(world, from, to, LINNET_WORLD_LOSS)))
    return false;
  take_off_at(world, from, datagram, world->now_ms + linnet__network_delay(world, from, to));
  if (linnet__chance_in_1000(world, linnet__network_trait(world, from, to, LINNET_WORLD_DUPLICATION)))
    take_off_at(world, from, datagram, world->now_ms + linnet__network_delay(world, from, to));
  return true;
}

static void dispatch(linnet_world *world, const linnet__plug *from, const linnet_datagram *datagram) {
  linnet_address source = from->address;
  bool lost = linnet_transport_has_framing(from->transport) ? !linnet__smsc_submit(world, from, datagram)
                                                            : !carry(world, from, datagram);
  if (world->observer == NULL) return;
  world->observer(world->observer_user, world->now_ms, &source, &datagram->peer, datagram->data,
                  datagram->length, lost);
}

/* The observer may remove the node or close the transport, but nothing is freed meanwhile. */
void linnet__network_collect(linnet_world *world, linnet__node *node) {
  for (linnet__plug *plug = node->plugs, *next; plug != NULL; plug = next) {
    linnet_datagram datagram;
    while (!node->removed && linnet_transport_next(plug->transport, &datagram))
      dispatch(world, plug, &datagram);
    if (!node->removed) linnet__names_answer(world, plug->transport);
    next = plug->next;
    if (linnet_transport_is_closed(plug->transport)) free_plug(world, plug);
  }
}

linnet__node *linnet__network_land(linnet_world *world, linnet__flight *flight) {
  if (flight->is_message) return linnet__smsc_land(world, flight);
  linnet__plug *to = linnet__network_find(world, &flight->to);
  linnet__node *node = NULL;
  if (to != NULL && linnet__network_trait(world, NULL, to, LINNET_WORLD_DOWN) == 0 &&
      linnet_transport_receive(to->transport, &flight->from, flight->data, flight->length) == LINNET_OK)
    node = to->node;
  linnet__agenda_remove(&world->agenda, &flight->entry);
  free(flight);
  return node;
}

void linnet_world_observe(linnet_world *world, linnet_world_observer observer, void *user,
                          linnet_release release) {
  linnet_release former_release = world->observer_release;
  void *former = world->observer_user;
  world->observer = observer;
  world->observer_user = user;
  world->observer_release = release;
  if (former_release != NULL) former_release(former);
}
