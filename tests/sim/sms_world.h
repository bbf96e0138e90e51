/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sms_world.h: a server and a client of linnet in a world, each with a phone and, where the test wants it, an
 * address for UDP; and what passed between them.
 */
#ifndef LINNET_TESTS_SMS_WORLD_H
#define LINNET_TESTS_SMS_WORLD_H

#include <linnet/linnet.h>
#include <linnet/secured.h>
#include <linnet/sim.h>
#include <linnet/store.h>

#include "check.h"

#define SERVER_NUMBER "15550100"
#define CLIENT_NUMBER "15550111"
#define SERVER_UDP "10.0.0.1:5683"
#define CLIENT_UDP "10.0.0.2:40000"
#define KEY "0123456789abcdef"
#define SEEN_MOST 64
/* Beside statuses, which are not positive. */
#define SMS_STILL_WAITING 1

/* What passed last. */
typedef struct sms_seen {
  bool sms;
  bool to_client;
  uint8_t data[256];
  size_t length;
} sms_seen;

/* A loop of its own, with what stands on it. */
typedef struct sms_side {
  linnet_loop *loop;
  linnet_transport *sms;
  linnet_transport *udp; /* NULL: none */
  unsigned counts[64];   /* of events, by kind */
  char text[256];        /* of the last event that had one */
} sms_side;

typedef struct sms_world {
  linnet_world *world;
  sms_side at_server, at_client;
  linnet_server *server;
  linnet_client *client;
  linnet_credentials *credentials;
  linnet_status response; /* the last one */
  unsigned code;
  sms_seen seen[SEEN_MOST];
  size_t count; /* of all that passed */
} sms_world;

static inline void sms_watch(void *user, uint64_t now_ms, const linnet_address *from,
                             const linnet_address *to, const void *data, size_t length, bool lost) {
  sms_world *w = user;
  sms_seen *seen = &w->seen[w->count++ % SEEN_MOST];
  char text[LINNET_ADDRESS_TEXT_SIZE];
  (void)now_ms;
  (void)from;
  (void)lost;
  linnet_address_text(to, text);
  seen->sms = strncmp(text, "sms:", 4) == 0;
  seen->to_client = strstr(text, CLIENT_NUMBER) != NULL || strstr(text, "10.0.0.2") != NULL;
  seen->length = length < sizeof seen->data ? length : sizeof seen->data;
  memcpy(seen->data, data, seen->length);
}

static inline linnet_transport *sms_udp(sms_world *w, linnet_loop *loop, const char *address) {
  linnet_transport *transport = linnet_transport_new(loop, LINNET_TRANSPORT_UDP);
  CHECK_EQUAL(linnet_world_attach(w->world, transport, address), LINNET_OK);
  return transport;
}

static inline linnet_transport *sms_phone(sms_world *w, linnet_loop *loop) {
  (void)w;
  linnet_transport *transport = linnet_transport_new(loop, LINNET_TRANSPORT_SMS);
  CHECK_EQUAL(linnet_transport_add_framing(transport), LINNET_OK);
  return transport;
}

static inline void sms_plug(sms_world *w, linnet_transport *transport, const char *number) {
  char address[32];
  snprintf(address, sizeof address, "sms:+%s", number);
  CHECK_EQUAL(linnet_world_attach(w->world, transport, address), LINNET_OK);
}

/* Loops and phones; what is between their stages and those who use them is the test's. */
static inline void sms_begin(sms_world *w, uint64_t seed) {
  memset(w, 0, sizeof *w);
  w->world = linnet_world_new(seed);
  linnet_world_observe(w->world, sms_watch, w, NULL);
  w->at_server.loop = linnet_world_add_loop(w->world);
  w->at_server.sms = sms_phone(w, w->at_server.loop);
  w->at_client.loop = linnet_world_add_loop(w->world);
  w->at_client.sms = sms_phone(w, w->at_client.loop);
}

static inline void sms_add_server(sms_world *w) {
  sms_side *side = &w->at_server;
  w->server = linnet_server_new(side->loop, NULL);
  sms_plug(w, side->sms, SERVER_NUMBER);
  if (side->udp != NULL) CHECK_EQUAL(linnet_server_add_transport(w->server, side->udp), LINNET_OK);
  CHECK_EQUAL(linnet_server_add_transport(w->server, side->sms), LINNET_OK);
}

/* Its account: the server's number alone, or with `udp` both. */
static inline void sms_add_client(sms_world *w, const char *binding) {
  sms_side *side = &w->at_client;
  w->client = linnet_client_new(side->loop, "kitchen", NULL);
  sms_plug(w, side->sms, CLIENT_NUMBER);
  if (side->udp != NULL) CHECK_EQUAL(linnet_client_add_transport(w->client, side->udp), LINNET_OK);
  CHECK_EQUAL(linnet_client_add_transport(w->client, side->sms), LINNET_OK);
  CHECK_EQUAL(linnet_client_set_sms_number(w->client, CLIENT_NUMBER), LINNET_OK);
  const char *scheme = side->udp != NULL && linnet_transport_is_secure(side->udp) ? "coaps://" : "coap://";
  char uri[64];
  snprintf(uri, sizeof uri, "%s%s", scheme, SERVER_UDP);
  CHECK_EQUAL(linnet_client_add_server(w->client, side->udp != NULL ? uri : "sms:+" SERVER_NUMBER, 1, 86400),
              LINNET_OK);
  if (side->udp != NULL) CHECK_EQUAL(linnet_client_set_server_number(w->client, 1, SERVER_NUMBER), LINNET_OK);
  CHECK_EQUAL(linnet_client_set_binding(w->client, 1, binding), LINNET_OK);
}

/* Both speak coaps, with a pre-shared key, before they are added. */
static inline void sms_secure_udp(sms_world *w) {
  w->credentials = linnet_credentials_new(w->at_server.loop);
  CHECK_EQUAL(linnet_credentials_add_psk(w->credentials, NULL, "kitchen", 7, KEY, 16), LINNET_OK);
  w->at_server.udp = linnet_transport_new(w->at_server.loop, LINNET_TRANSPORT_UDP);
  w->at_client.udp = linnet_transport_new(w->at_client.loop, LINNET_TRANSPORT_UDP);
  CHECK_EQUAL(linnet_transport_secure(w->at_server.udp, w->credentials), LINNET_OK);
  CHECK_EQUAL(linnet_transport_secure(w->at_client.udp, NULL), LINNET_OK);
  CHECK_EQUAL(linnet_world_attach(w->world, w->at_server.udp, SERVER_UDP), LINNET_OK);
  CHECK_EQUAL(linnet_world_attach(w->world, w->at_client.udp, CLIENT_UDP), LINNET_OK);
}

static inline void sms_set_psk(sms_world *w) {
  CHECK_EQUAL(linnet_client_set_psk(w->client, 1, "kitchen", 7, KEY, 16), LINNET_OK);
}

static inline bool sms_can_secure(void) {
  if (strcmp(linnet_dtls_backend(), "none") != 0) return true;
  printf("this build has no cryptography: left out\n");
  return false;
}

static inline void sms_drain(sms_world *w, sms_side *side) {
  linnet_event *event;
  while ((event = linnet_loop_next_event(side->loop)) != NULL) {
    side->counts[linnet_event_get_kind(event)]++;
    if (linnet_event_get_kind(event) == LINNET_EVENT_RESPONSE) {
      w->response = linnet_event_status(event);
      w->code = linnet_event_code(event);
    }
    if (linnet_event_text(event)[0] != 0)
      snprintf(side->text, sizeof side->text, "%s", linnet_event_text(event));
  }
}

static inline void sms_pass(sms_world *w, uint64_t seconds) {
  linnet_world_advance(w->world, linnet_world_now(w->world) + 1000 * seconds);
  sms_drain(w, &w->at_server);
  sms_drain(w, &w->at_client);
}

static inline uint64_t sms_registration(const sms_world *w) {
  return linnet_server_find(w->server, "kitchen");
}

/* Asks the device, over the channel that was set, and waits at most so many seconds for what comes of it. */
static inline int sms_read(sms_world *w, const char *path_text, unsigned seconds) {
  linnet_path path;
  CHECK_EQUAL(linnet_path_parse(&path, path_text), LINNET_OK);
  unsigned before = w->at_server.counts[LINNET_EVENT_RESPONSE];
  linnet_status status = linnet_server_request(w->server, sms_registration(w), LINNET_OPERATION_READ, path,
                                               NULL, NULL, LINNET_FORMAT_NONE, NULL);
  if (status != LINNET_OK) return status;
  for (unsigned i = 0; i < seconds && w->at_server.counts[LINNET_EVENT_RESPONSE] == before; i++)
    sms_pass(w, 1);
  return w->at_server.counts[LINNET_EVENT_RESPONSE] == before ? SMS_STILL_WAITING : w->response;
}

static inline void sms_leave(sms_world *w, sms_side *side) {
  linnet_transport_close(side->sms);
  linnet_transport_unref(side->sms);
  if (side->udp != NULL) linnet_transport_close(side->udp);
  if (side->udp != NULL) linnet_transport_unref(side->udp);
  CHECK_EQUAL(linnet_world_remove_loop(w->world, side->loop), LINNET_OK);
  memset(side, 0, sizeof *side);
}

static inline void sms_end(sms_world *w) {
  linnet_client_unref(w->client);
  linnet_server_unref(w->server);
  linnet_credentials_unref(w->credentials);
  sms_leave(w, &w->at_client);
  sms_leave(w, &w->at_server);
  linnet_world_unref(w->world);
}

/* The last message that went that way by SMS, as the centre would deliver it. */
static inline linnet_sms sms_last(const sms_world *w, bool to_client) {
  linnet_sms sms;
  for (size_t i = w->count; i > 0 && i + SEEN_MOST > w->count; i--) {
    const sms_seen *seen = &w->seen[(i - 1) % SEEN_MOST];
    if (!seen->sms || seen->to_client != to_client) continue;
    CHECK_EQUAL(linnet_sms_parse(&sms, seen->data, seen->length), LINNET_OK);
    sms.kind = LINNET_SMS_DELIVER;
    CHECK_EQUAL(linnet_sms_number_parse(&sms.number, to_client ? "+" SERVER_NUMBER : "+" CLIENT_NUMBER),
                LINNET_OK);
    return sms;
  }
  CHECK(false);
  exit(1);
}

static inline void sms_deliver(linnet_transport *transport, const linnet_sms *sms) {
  uint8_t pdu[LINNET_SMS_PDU_SIZE];
  size_t length;
  CHECK_EQUAL(linnet_sms_write(sms, pdu, &length), LINNET_OK);
  CHECK_EQUAL(linnet_transport_receive_sms(transport, pdu, length), LINNET_OK);
}

/* A message of a number arrives, in an SMS; `hex` with blanks. */
static inline void sms_arrives(linnet_transport *transport, const char *number, const char *hex) {
  linnet_sms sms;
  uint8_t data[LINNET_SMS_OCTETS];
  size_t length = 0;
  for (; *hex != 0; hex++) {
    static const char digits[] = "0123456789ABCDEF";
    if (*hex == ' ') continue;
    data[length / 2] = (uint8_t)(data[length / 2] << 4 | (strchr(digits, *hex) - digits));
    length++;
  }
  CHECK_EQUAL(linnet_sms_submit(&sms, number, data, length / 2), LINNET_OK);
  sms.kind = LINNET_SMS_DELIVER;
  sms_deliver(transport, &sms);
}

#endif
