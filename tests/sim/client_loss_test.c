/* SPDX-License-Identifier: Apache-2.0 */
/* client_loss_test.c: a month on a bad network: what is lost is repeated, what is doubled counts once (CO-30,
 * CO-33, REG-07). */
#include "scripted_server.h"

static uint32_t next_random(uint32_t *state) {
  *state = *state * 1664525u + 1013904223u;
  return *state >> 16;
}

static bool lucky(uint32_t *state, uint32_t percent) { return next_random(state) % 100 < percent; }

/* A server that keeps a registration as long as its lifetime, on a network that loses so much in each
 * direction. */
typedef struct faulty_server {
  uint32_t random;
  uint32_t loss;
  uint64_t expires_ms;
  unsigned registrations;
  unsigned updates;
  unsigned refused;
} faulty_server;

static void serve(scripted *s, faulty_server *server) {
  packet p;
  bool registers = strcmp(scripted_path(s), "/rd") == 0;
  bool known = s->now < server->expires_ms;
  if (registers) {
    server->registrations++;
    server->expires_ms = s->now + 300000;
    scripted_answer_begin(s, &p, 201);
    packet_texts(&p, LOCATION_PATH, "rd/5a3f", '/');
  } else {
    if (known) server->expires_ms = s->now + 300000;
    server->updates += known;
    server->refused += !known;
    scripted_answer_begin(s, &p, known ? 204 : 404);
  }
  if (lucky(&server->random, server->loss)) return;
  scripted_give(s, &p);
  if (lucky(&server->random, 20)) scripted_give(s, &p);
}

/* The share of the time in which both sides think that the client is registered, in percent. */
static uint64_t run(uint32_t seed, uint32_t loss, faulty_server *server) {
  scripted s;
  scripted_begin(&s, 300);
  *server = (faulty_server){.random = seed, .loss = loss};
  CHECK_EQUAL(linnet_client_start(s.client), LINNET_OK);
  const uint64_t month_ms = UINT64_C(30) * 86400000;
  uint64_t good_ms = 0;
  while (s.now < month_ms) {
    uint64_t before = s.now;
    bool registered = linnet_client_get_state(s.client, 1) == LINNET_CLIENT_REGISTERED;
    bool sent = scripted_run(&s, s.now + 10000);
    if (registered && before < server->expires_ms) good_ms += s.now - before;
    if (sent && s.message.code == POST && !lucky(&server->random, loss)) serve(&s, server);
    scripted_drain(&s);
  }
  size_t used = linnet_loop_memory_used(s.loop);
  CHECK(used < 100000);
  scripted_end(&s);
  return 100 * good_ms / month_ms;
}

static void stays_registered_on_a_bad_network(void) {
  faulty_server server;
  CHECK(run(1, 0, &server) >= 99);
  CHECK_EQUAL(server.registrations, 1);
  CHECK(run(2, 20, &server) >= 99);
  CHECK_EQUAL(server.refused, 0);
  CHECK(run(3, 50, &server) >= 90);
  CHECK(run(4, 80, &server) >= 5);
  CHECK_EQUAL(run(5, 100, &server), 0);
}

/* Same seed, same run: even the jitter of the delays. */
static void runs_the_same_way_twice(void) {
  faulty_server first, second;
  run(7, 60, &first);
  run(7, 60, &second);
  CHECK_EQUAL(first.registrations, second.registrations);
  CHECK_EQUAL(first.updates, second.updates);
  CHECK_EQUAL(first.random, second.random);
}

/* CO-33: a request that comes twice is done once. */
static void does_doubled_requests_once(void) {
  scripted s;
  scripted_begin(&s, 86400);
  scripted_register(&s);
  scripted_drain(&s);
  request r = REQUEST(POST, "3/0/4");
  scripted_request(&s, &r);
  s.token--;
  s.message_id--;
  scripted_request(&s, &r);
  CHECK(scripted_run(&s, s.now));
  CHECK_EQUAL(s.message.code, CODE(204));
  CHECK(scripted_run(&s, s.now));
  CHECK_EQUAL(s.message.code, CODE(204));
  scripted_event(&s, LINNET_EVENT_EXECUTED);
  scripted_no_event(&s);
  scripted_end(&s);
}

int main(void) {
  return RUN(stays_registered_on_a_bad_network, runs_the_same_way_twice, does_doubled_requests_once);
}
