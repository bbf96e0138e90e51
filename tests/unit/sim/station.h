/* SPDX-License-Identifier: Apache-2.0 */
/* station.h: a loop with a transport in a world, and a receiver that counts. */
#ifndef LINNET_TESTS_STATION_H
#define LINNET_TESTS_STATION_H

#include <linnet/sim.h>

#include "check.h"
#include "net/net.h"

typedef struct station {
  linnet__receiver receiver;
  linnet_world *world;
  linnet_loop *loop;
  linnet_transport *transport;
  unsigned received;
  unsigned out_of_order; /* smaller numbers after larger ones */
  unsigned largest;
  uint64_t at_ms;
  linnet_address peer;
  char last[64];
  size_t last_length;
  void (*act)(struct station *station);
} station;

static inline void station_received(linnet__receiver *receiver, linnet_transport *transport,
                                    const linnet_address *peer, const uint8_t *data, size_t length) {
  station *who = LINNET__CONTAINER(receiver, station, receiver);
  unsigned number = 0;
  (void)transport;
  who->received++;
  who->peer = *peer;
  who->at_ms = linnet_loop_now(who->loop);
  who->last_length = length < sizeof who->last ? length : sizeof who->last;
  memcpy(who->last, data, who->last_length);
  if (length == sizeof number) memcpy(&number, data, sizeof number);
  if (number < who->largest) who->out_of_order++;
  if (number > who->largest) who->largest = number;
  if (who->act != NULL) who->act(who);
}

static inline void station_unreachable(linnet__receiver *receiver, linnet_transport *transport,
                                       const linnet_address *peer) {
  (void)receiver;
  (void)transport;
  (void)peer;
}

static inline void station_closed(linnet__receiver *receiver, linnet_transport *transport) {
  (void)receiver;
  (void)transport;
}

static inline void station_add(station *who, linnet_world *world, const char *address) {
  memset(who, 0, sizeof *who);
  who->receiver = (linnet__receiver){station_received, station_unreachable, station_closed};
  who->world = world;
  who->loop = linnet_world_add_loop(world);
  CHECK(who->loop != NULL);
  who->transport = linnet_transport_new(who->loop, LINNET_TRANSPORT_UDP);
  CHECK(who->transport != NULL);
  CHECK_EQUAL(linnet__transport_attach(who->transport, &who->receiver), LINNET_OK);
  CHECK_EQUAL(linnet_world_attach(world, who->transport, address), LINNET_OK);
}

/* Gives the handle back; the world still has the loop and the transport. */
static inline void station_leave(station *who) {
  linnet__transport_detach(who->transport, &who->receiver);
  linnet_transport_unref(who->transport);
}

static inline void say_bytes(station *who, const char *to, const void *data, size_t length) {
  linnet_address peer;
  CHECK_EQUAL(linnet_address_parse(&peer, to), LINNET_OK);
  CHECK_EQUAL(linnet__transport_send(who->transport, &peer, data, length), LINNET_OK);
}

static inline void say(station *who, const char *to, const char *text) {
  say_bytes(who, to, text, strlen(text));
}

/* Numbers from 1 to `count`, one a millisecond. */
static inline void count_to(station *who, const char *to, unsigned count) {
  for (unsigned i = 1; i <= count; i++) {
    say_bytes(who, to, &i, sizeof i);
    linnet_world_advance(who->world, linnet_world_now(who->world) + 1);
  }
}

#endif
