/* SPDX-License-Identifier: Apache-2.0 */
/* Two endpoints in a simulated world: what one sends arrives at the other, once, over a bad network, too
 * (CO-30 to CO-37, BW-01, BW-20). */
#include <linnet/sim.h>

#include "check.h"
#include "coap/coap.h"

typedef struct node {
  linnet_loop *loop;
  linnet_transport *transport;
  linnet__coap *coap;
  linnet_address address;
  int requests;
  int responses;
  int notifications;
  int failures;
  linnet__answer answer;
  size_t answer_length;
  size_t body_length; /* of the last request or response */
  bool body_good;
  int32_t observe;
  linnet__observer *observer;
  uint64_t waiting[64]; /* exchanges to be answered later */
  size_t waiting_count;
  linnet__peer peer;
} node;

static uint8_t pattern(size_t i) { return (uint8_t)(i * 7 + i / 251); }

static void note(node *n, const linnet__incoming *incoming) {
  n->body_length = incoming->payload_length;
  n->body_good = true;
  for (size_t i = 0; i < incoming->payload_length; i++)
    if (incoming->payload[i] != pattern(i)) n->body_good = false;
}

static void fill(linnet__buffer *buffer, size_t length) {
  for (size_t i = 0; i < length; i++) linnet__buffer_append_byte(buffer, pattern(i));
}

static linnet__answer requested(void *user, const linnet__incoming *request, linnet__response *response) {
  node *n = user;
  n->requests++;
  n->peer = request->peer;
  note(n, request);
  if (n->answer == LINNET__ANSWER_LATER && n->waiting_count < 64)
    n->waiting[n->waiting_count++] = request->exchange;
  response->code = request->code == LINNET__GET ? LINNET__CONTENT : LINNET__CHANGED;
  if (request->observe == 0) {
    n->observer = linnet__coap_observe(n->coap, &request->peer, &request->token, n);
    response->observer = n->observer;
  }
  fill(response->payload, n->answer_length);
  return n->answer;
}

static void answered(void *user, uint64_t exchange, linnet_status status, const linnet__incoming *response) {
  node *n = user;
  (void)exchange;
  if (status != LINNET_OK) {
    n->failures++;
    return;
  }
  note(n, response);
  n->observe = response->observe;
  if (response->observe >= 0)
    n->notifications++;
  else
    n->responses++;
}

typedef struct pair {
  linnet_world *world;
  node a;
  node b;
} pair;

static void node_open(pair *p, node *n, const char *address) {
  static const linnet__coap_handler handler = {.request = requested};
  n->loop = linnet_world_add_loop(p->world);
  n->transport = linnet_transport_new(n->loop, LINNET_TRANSPORT_UDP);
  CHECK_EQUAL(linnet_world_attach(p->world, n->transport, address), LINNET_OK);
  linnet_address_parse(&n->address, address);
  n->coap = linnet__coap_new(n->loop, &handler, n);
  CHECK_EQUAL(linnet__coap_add_transport(n->coap, n->transport), LINNET_OK);
}

static void pair_open(pair *p, uint64_t seed) {
  memset(p, 0, sizeof *p);
  p->world = linnet_world_new(seed);
  node_open(p, &p->a, "10.0.0.1:5683");
  node_open(p, &p->b, "10.0.0.2:5683");
}

static void node_close(node *n) {
  linnet__coap_close(n->coap);
  linnet_transport_unref(n->transport);
}

static void pair_close(pair *p) {
  node_close(&p->a);
  node_close(&p->b);
  linnet_world_unref(p->world);
}

static void wait(pair *p, uint64_t delay_ms) {
  linnet_world_advance(p->world, linnet_world_now(p->world) + delay_ms);
}

static void ask(node *from, const node *to, uint8_t code, int32_t observe, size_t length) {
  static uint8_t body[70000];
  for (size_t i = 0; i < length; i++) body[i] = pattern(i);
  linnet__text path[] = {{"5", 1}, {"0", 1}};
  linnet__peer peer = {from->transport, to->address};
  linnet__outgoing outgoing = {.code = code,
                               .path = path,
                               .path_count = 2,
                               .content_format = -1,
                               .accept = -1,
                               .observe = observe,
                               .watch = linnet__coap_watch,
                               .payload = body,
                               .payload_length = length};
  CHECK_EQUAL(linnet__coap_send(from->coap, &peer, &outgoing, answered, from, NULL), LINNET_OK);
}

static void asks_and_answers_in_both_directions_CO_04(void) {
  pair p;
  pair_open(&p, 1);
  ask(&p.a, &p.b, LINNET__GET, -1, 0);
  ask(&p.b, &p.a, LINNET__GET, -1, 0);
  wait(&p, 100);
  CHECK_EQUAL(p.a.responses, 1);
  CHECK_EQUAL(p.b.responses, 1);
  CHECK_EQUAL(p.a.requests, 1);
  CHECK_EQUAL(p.b.requests, 1);
  pair_close(&p);
}

static void carries_bodies_of_all_sizes_in_both_directions(void) {
  static const size_t lengths[] = {0, 1, 1023, 1024, 1025, 2048, 2049, 10000, 65536};
  static const size_t blocks[] = {16, 64, 512, 1024};
  for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
    for (size_t j = 0; j < 16; j++) {
      pair p;
      pair_open(&p, i * 100 + j);
      linnet__coap_set_limit(p.a.coap, LINNET_LIMIT_BLOCK_SIZE, blocks[j % 4]);
      linnet__coap_set_limit(p.b.coap, LINNET_LIMIT_BLOCK_SIZE, blocks[j / 4]);
      p.b.answer_length = lengths[i];
      ask(&p.a, &p.b, LINNET__GET, -1, 0);
      wait(&p, 60000);
      CHECK_EQUAL(p.a.responses, 1);
      CHECK_EQUAL(p.a.body_length, lengths[i]);
      CHECK(p.a.body_good);
      ask(&p.a, &p.b, LINNET__PUT, -1, lengths[i]);
      wait(&p, 60000);
      CHECK_EQUAL(p.a.responses, 2);
      CHECK_EQUAL(p.b.requests, 2);
      CHECK_EQUAL(p.b.body_length, lengths[i]);
      CHECK(p.b.body_good);
      pair_close(&p);
    }
}

static void acts_once_on_a_bad_network_CO_33(void) {
  pair p;
  pair_open(&p, 7);
  linnet_world_set(p.world, NULL, LINNET_WORLD_LOSS, 100);
  linnet_world_set(p.world, NULL, LINNET_WORLD_DUPLICATION, 200);
  linnet_world_set(p.world, NULL, LINNET_WORLD_REORDERING, 200);
  linnet_world_set(p.world, NULL, LINNET_WORLD_DELAY_MS, 50);
  linnet_world_set(p.world, NULL, LINNET_WORLD_JITTER_MS, 50);
  for (int i = 0; i < 200; i++) {
    ask(&p.a, &p.b, LINNET__POST, -1, 20);
    wait(&p, 120000);
    CHECK_EQUAL(p.a.responses + p.a.failures, i + 1);
    CHECK(p.b.requests <= i + 1);
  }
  CHECK(p.a.failures <= 1);
  CHECK(p.b.requests >= p.a.responses);
  CHECK(linnet__coap_get_counters(p.a.coap)->retransmissions > 0);
  CHECK(linnet__coap_get_counters(p.b.coap)->duplicates > 0);
  pair_close(&p);
}

static void carries_large_bodies_over_a_bad_network(void) {
  for (uint64_t seed = 1; seed <= 4; seed++) {
    pair p;
    pair_open(&p, seed);
    linnet_world_set(p.world, NULL, LINNET_WORLD_LOSS, 100);
    linnet_world_set(p.world, NULL, LINNET_WORLD_DUPLICATION, 100);
    linnet_world_set(p.world, NULL, LINNET_WORLD_REORDERING, 100);
    p.b.answer_length = 30000;
    ask(&p.a, &p.b, LINNET__PUT, -1, 30000);
    wait(&p, 3600000);
    CHECK_EQUAL(p.a.responses, 1);
    CHECK_EQUAL(p.b.requests, 1);
    CHECK(p.a.body_good && p.a.body_length == 30000);
    CHECK(p.b.body_good && p.b.body_length == 30000);
    pair_close(&p);
  }
}

static void answers_later_over_a_bad_network_CO_36(void) {
  pair p;
  pair_open(&p, 3);
  linnet_world_set(p.world, NULL, LINNET_WORLD_LOSS, 200);
  p.b.answer = LINNET__ANSWER_LATER;
  for (int i = 0; i < 20; i++) {
    ask(&p.a, &p.b, LINNET__GET, -1, 0);
    p.b.waiting_count = 0;
    wait(&p, 30000);
    for (size_t j = 0; j < p.b.waiting_count; j++) {
      linnet__response response;
      linnet__response_init(p.b.coap, &response, LINNET__CONTENT);
      fill(response.payload, 2000);
      CHECK_EQUAL(linnet__coap_respond(p.b.coap, p.b.waiting[j], &response), LINNET_OK);
    }
    wait(&p, 200000);
    CHECK_EQUAL(p.a.responses + p.a.failures, i + 1);
  }
  CHECK(p.a.responses >= 18);
  CHECK(p.a.body_good);
  pair_close(&p);
}

static void observes_and_sees_the_last_state_OB_08(void) {
  pair p;
  pair_open(&p, 5);
  linnet_world_set(p.world, NULL, LINNET_WORLD_LOSS, 100);
  linnet_world_set(p.world, NULL, LINNET_WORLD_REORDERING, 300);
  p.b.answer_length = 1;
  ask(&p.a, &p.b, LINNET__GET, 0, 0);
  wait(&p, 100000);
  CHECK_EQUAL(p.a.notifications, 1);
  for (size_t i = 2; i < 60; i++) {
    linnet__response response;
    linnet__response_init(p.b.coap, &response, LINNET__CONTENT);
    fill(response.payload, i * 40);
    CHECK_EQUAL(linnet__coap_notify(p.b.coap, p.b.observer, &response, LINNET__CONFIRMABLE), LINNET_OK);
    wait(&p, 500);
  }
  wait(&p, 600000);
  CHECK(p.a.notifications > 10);
  CHECK_EQUAL(p.a.body_length, 59 * 40);
  CHECK(p.a.body_good);
  pair_close(&p);
}

static void the_same_seed_gives_the_same_run(void) {
  uint64_t out[2];
  for (int i = 0; i < 2; i++) {
    pair p;
    pair_open(&p, 42);
    linnet_world_set(p.world, NULL, LINNET_WORLD_LOSS, 300);
    p.b.answer_length = 5000;
    for (int j = 0; j < 5; j++) ask(&p.a, &p.b, LINNET__GET, -1, 0);
    wait(&p, 600000);
    out[i] = linnet__coap_get_counters(p.a.coap)->messages_out * 1000 +
             linnet__coap_get_counters(p.b.coap)->messages_out;
    pair_close(&p);
  }
  CHECK(out[0] == out[1]);
}

int main(void) {
  return RUN(asks_and_answers_in_both_directions_CO_04, carries_bodies_of_all_sizes_in_both_directions,
             acts_once_on_a_bad_network_CO_33, carries_large_bodies_over_a_bad_network,
             answers_later_over_a_bad_network_CO_36, observes_and_sees_the_last_state_OB_08,
             the_same_seed_gives_the_same_run);
}
