/* SPDX-License-Identifier: Apache-2.0 */
/* party.h: a transport with a socket and a receiver that counts, for the tests of the driver. */
#ifndef LINNET_TESTS_PARTY_H
#define LINNET_TESTS_PARTY_H

#include <linnet/driver.h>

#include "check.h"
#include "net/net.h"

typedef struct party {
  linnet__receiver receiver;
  linnet_transport *transport;
  unsigned received;
  unsigned unreachable;
  char last[64];
  size_t last_length;
  linnet_address peer;
  void (*act)(struct party *party);
} party;

static inline void party_received(linnet__receiver *receiver, linnet_transport *transport,
                                  const linnet_address *peer, const uint8_t *data, size_t length) {
  party *who = LINNET__CONTAINER(receiver, party, receiver);
  (void)transport;
  who->received++;
  who->peer = *peer;
  who->last_length = length < sizeof who->last ? length : sizeof who->last;
  memcpy(who->last, data, who->last_length);
  if (who->act != NULL) who->act(who);
}

static inline void party_unreachable(linnet__receiver *receiver, linnet_transport *transport,
                                     const linnet_address *peer) {
  party *who = LINNET__CONTAINER(receiver, party, receiver);
  (void)transport;
  who->unreachable++;
  who->peer = *peer;
}

static inline void party_closed(linnet__receiver *receiver, linnet_transport *transport) {
  (void)receiver;
  (void)transport;
}

static inline linnet_loop *new_loop(void) {
  uint8_t seed[LINNET_SEED_SIZE];
  CHECK_EQUAL(linnet_entropy(seed, sizeof seed), LINNET_OK);
  return linnet_loop_new(seed, sizeof seed);
}

static inline void party_open(party *who, linnet_driver *driver, const char *local) {
  memset(who, 0, sizeof *who);
  who->receiver = (linnet__receiver){party_received, party_unreachable, party_closed};
  who->transport = linnet_transport_new(linnet_driver_loop(driver), LINNET_TRANSPORT_UDP);
  CHECK_EQUAL(linnet__transport_attach(who->transport, &who->receiver), LINNET_OK);
  linnet_status status = linnet_driver_open(driver, who->transport, local);
  if (status != LINNET_OK) fprintf(stderr, "%s\n", linnet_error_text(linnet_driver_loop(driver)));
  CHECK_EQUAL(status, LINNET_OK);
}

static inline void party_close(party *who) {
  linnet_transport_close(who->transport);
  linnet_transport_unref(who->transport);
}

/* `host` with the port where the party listens. */
static inline linnet_address address_at(const char *host, const party *who) {
  char text[LINNET_ADDRESS_TEXT_SIZE];
  linnet_address address;
  snprintf(text, sizeof text, "%s:%u", host,
           (unsigned)linnet_address_port(linnet_transport_local(who->transport)));
  CHECK_EQUAL(linnet_address_parse(&address, text), LINNET_OK);
  return address;
}

static inline void say(party *who, const linnet_address *peer, const char *text) {
  CHECK_EQUAL(linnet__transport_send(who->transport, peer, text, strlen(text)), LINNET_OK);
}

/* Runs until `*number` is `wanted`, with a limit that only a failure meets. */
static inline void run_until(linnet_driver *driver, const unsigned *number, unsigned wanted) {
  uint64_t end_ms = linnet_clock_monotonic() + 10000;
  CHECK_EQUAL(linnet_driver_run(driver), LINNET_OK);
  while (*number < wanted) {
    CHECK(linnet_clock_monotonic() < end_ms);
    CHECK_EQUAL(linnet_driver_wait(driver, 1000), LINNET_OK);
    CHECK_EQUAL(linnet_driver_run(driver), LINNET_OK);
  }
}

#endif
