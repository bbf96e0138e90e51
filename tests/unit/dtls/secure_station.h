/* SPDX-License-Identifier: Apache-2.0 */
/* secure_station.h: a loop with a secure transport in a world, and a receiver that keeps what it hears. */
#ifndef LINNET_TESTS_SECURE_STATION_H
#define LINNET_TESTS_SECURE_STATION_H

#include <linnet/credentials.h>
#include <linnet/sim.h>

#include "check.h"
#include "net/net.h"

#define SERVER "10.0.0.1:5684"
#define CLIENT "10.0.0.2:40000"

typedef struct secure_station {
  linnet__receiver receiver;
  linnet_world *world;
  linnet_loop *loop;
  linnet_transport *transport;
  linnet_credentials *credentials; /* the server's, or what the client shows */
  unsigned opened, failed, ended, resumed;
  linnet__session_news news; /* the last */
  linnet__identity identity; /* of the last news that had one */
  linnet_address peer;       /* of the last news or message */
  unsigned received;
  char last[64];
  size_t last_length;
  bool echoes;
  void (*act)(struct secure_station *who);
} secure_station;

static inline void secure_received(linnet__receiver *receiver, linnet_transport *transport,
                                   const linnet_address *peer, const uint8_t *data, size_t length) {
  secure_station *who = LINNET__CONTAINER(receiver, secure_station, receiver);
  who->received++;
  who->peer = *peer;
  who->last_length = length < sizeof who->last ? length : sizeof who->last;
  memcpy(who->last, data, who->last_length);
  if (who->echoes) CHECK_EQUAL(linnet__transport_send(transport, peer, data, length), LINNET_OK);
  if (who->act != NULL) who->act(who);
}

static inline void secure_unreachable(linnet__receiver *receiver, linnet_transport *transport,
                                      const linnet_address *peer) {
  (void)receiver, (void)transport, (void)peer;
}

static inline void secure_closed(linnet__receiver *receiver, linnet_transport *transport) {
  (void)receiver, (void)transport;
}

static inline void secure_news(linnet__receiver *receiver, linnet_transport *transport,
                               const linnet_address *peer, const linnet__session_news *news) {
  secure_station *who = LINNET__CONTAINER(receiver, secure_station, receiver);
  (void)transport;
  who->opened += news->kind == LINNET__SESSION_OPENED;
  who->failed += news->kind == LINNET__SESSION_FAILED;
  who->ended += news->kind == LINNET__SESSION_ENDED;
  who->resumed += news->resumed;
  who->news = *news;
  who->peer = *peer;
  memset(&who->identity, 0, sizeof who->identity);
  if (news->identity != NULL)
    memcpy(&who->identity, news->identity, offsetof(linnet__identity, name) + news->identity->length);
}

static inline void secure_add(secure_station *who, linnet_world *world, const char *address, bool answers) {
  memset(who, 0, sizeof *who);
  who->receiver = (linnet__receiver){secure_received, secure_unreachable, secure_closed, secure_news};
  who->world = world;
  who->loop = linnet_world_add_loop(world);
  who->transport = linnet_transport_new(who->loop, LINNET_TRANSPORT_UDP);
  who->credentials = linnet_credentials_new(who->loop);
  CHECK_EQUAL(linnet_transport_secure(who->transport, answers ? who->credentials : NULL), LINNET_OK);
  CHECK_EQUAL(linnet__transport_attach(who->transport, &who->receiver), LINNET_OK);
  CHECK_EQUAL(linnet_world_attach(world, who->transport, address), LINNET_OK);
}

static inline void secure_leave(secure_station *who) {
  linnet__transport_detach(who->transport, &who->receiver);
  linnet_transport_unref(who->transport);
  linnet_credentials_unref(who->credentials);
}

static inline void secure_psk(secure_station *who, const char *identity, const char *key) {
  CHECK_EQUAL(
      linnet_credentials_add_psk(who->credentials, NULL, identity, strlen(identity), key, strlen(key)),
      LINNET_OK);
}

static inline linnet_address secure_address(const char *text) {
  linnet_address address;
  CHECK_EQUAL(linnet_address_parse(&address, text), LINNET_OK);
  return address;
}

static inline void secure_connect(secure_station *who, const char *host, const linnet__packed *former) {
  linnet_address peer = secure_address(SERVER);
  CHECK_EQUAL(linnet__transport_connect(who->transport, &peer, who->credentials, host, strlen(host), former),
              LINNET_OK);
}

static inline linnet_status secure_say(secure_station *who, const char *to, const char *text) {
  linnet_address peer = secure_address(to);
  return linnet__transport_send(who->transport, &peer, text, strlen(text));
}

static inline void pass_ms(linnet_world *world, uint64_t ms) {
  linnet_world_advance(world, linnet_world_now(world) + ms);
}

/* A server and a client that know the same key; nothing is sent yet. */
typedef struct secure_pair {
  linnet_world *world;
  secure_station server;
  secure_station client;
} secure_pair;

static inline void pair_add(secure_pair *pair, uint64_t seed) {
  pair->world = linnet_world_new(seed);
  secure_add(&pair->server, pair->world, SERVER, true);
  secure_add(&pair->client, pair->world, CLIENT, false);
  pair->server.echoes = true;
}

static inline void pair_add_psk(secure_pair *pair, uint64_t seed) {
  pair_add(pair, seed);
  secure_psk(&pair->server, "kitchen", "0123456789abcdef");
  secure_psk(&pair->client, "kitchen", "0123456789abcdef");
}

static inline void pair_leave(secure_pair *pair) {
  secure_leave(&pair->server);
  secure_leave(&pair->client);
  linnet_world_unref(pair->world);
}

/* Builds without DTLS have nothing to test here. */
static inline bool has_dtls(void) {
  if (strcmp(linnet_dtls_backend(), "none") != 0) return true;
  printf("skipped: this build has no DTLS\n");
  return false;
}

#endif
