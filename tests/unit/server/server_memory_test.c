/* SPDX-License-Identifier: Apache-2.0 */
/* server_memory_test.c: a server that runs out of memory anywhere, and how much of it a registration takes.
 */
#include "server/scripted.h"

/* Takes all that was sent and keeps the last of it. */
static void drain(bench *b, sent *last, bool *any) {
  sent m;
  while (take(b, &m)) {
    *last = m;
    *any = true;
  }
  if (*any) linnet_message_parse(&last->message, last->bytes, last->length); /* views of its own bytes */
}

/* Sends what may fail; true if something came back. */
static bool attempt(bench *b, device *d, unsigned method, const char *uri, const char *payload,
                    sent *answer) {
  draft m;
  bool any = false;
  draft_begin(&m, 0, method, d->message_id++, "tk", 2);
  draft_uri(&m, uri, payload == NULL ? NO_FORMAT : 40);
  if (payload != NULL) draft_payload(&m, payload, strlen(payload));
  linnet_transport_receive(b->transport, &d->address, m.bytes, m.length);
  linnet_loop_step(b->loop, b->now);
  drain(b, answer, &any);
  return any;
}

static void attempt_reply(bench *b, device *d, const sent *to, int observe, const char *text) {
  draft m;
  sent dropped;
  bool any = false;
  draft_begin(&m, 2, 205, to->message.message_id, to->message.token, to->message.token_length);
  if (observe >= 0) draft_number(&m, 6, (unsigned)observe);
  draft_number(&m, 12, 0);
  draft_payload(&m, text, strlen(text));
  linnet_transport_receive(b->transport, &d->address, m.bytes, m.length);
  linnet_loop_step(b->loop, b->now);
  drain(b, &dropped, &any);
}

typedef struct tally {
  size_t accepted;
  size_t responses;
  size_t registered;
} tally;

static void count_events(bench *b, tally *t) {
  linnet_event *event;
  while ((event = linnet_loop_next_event(b->loop)) != NULL) {
    if (linnet_event_get_kind(event) == LINNET_EVENT_RESPONSE) t->responses++;
    if (linnet_event_get_kind(event) == LINNET_EVENT_REGISTERED) t->registered++;
  }
}

static void attempt_request(bench *b, device *d, tally *t, linnet_operation operation,
                            const linnet_batch *payload, int observe) {
  sent m;
  bool any = false;
  uint64_t number = 0, registration = linnet_server_find(b->server, "kitchen");
  linnet_path path = payload == NULL ? linnet_path_resource(3, 0, 9) : linnet_path_instance(1, 0);
  linnet_status status = linnet_server_request(b->server, registration, operation, path, payload, NULL,
                                               LINNET_FORMAT_NONE, &number);
  CHECK(status == LINNET_OK || status == LINNET_ERROR_NO_MEMORY || status == LINNET_ERROR_NOT_FOUND);
  CHECK((status == LINNET_OK) == (number != 0));
  if (status == LINNET_OK) t->accepted++;
  linnet_loop_step(b->loop, b->now);
  drain(b, &m, &any);
  if (any && status == LINNET_OK) attempt_reply(b, d, &m, observe, "100");
  if (observe >= 0 && any && status == LINNET_OK) attempt_reply(b, d, &m, observe + 1, "99");
  count_events(b, t);
}

/* Everything a server does, once. */
static void live(bench *b, tally *t) {
  device d = device_new(1);
  sent answer;
  char location[32] = "";
  if (attempt(b, &d, POST, "rd?ep=kitchen&lt=300&lwm2m=1.0", LINKS, &answer) && sent_code(&answer) == 201)
    sent_text(&answer, 8, '/', location, sizeof location);
  count_events(b, t);
  if (location[0] != 0) attempt(b, &d, POST, location + 1, "</1/0>,</3/0>,</4/0>,</5/0>", &answer);
  linnet_batch *batch = linnet_batch_new(b->loop);
  if (batch != NULL) {
    linnet_value value = linnet_value_integer(60);
    if (linnet_batch_add(batch, linnet_path_resource(1, 0, 1), &value) == LINNET_OK)
      attempt_request(b, &d, t, LINNET_OPERATION_UPDATE, batch, -1);
    linnet_batch_unref(batch);
  }
  attempt_request(b, &d, t, LINNET_OPERATION_READ, NULL, -1);
  attempt_request(b, &d, t, LINNET_OPERATION_OBSERVE, NULL, 7);
  uint64_t observation = linnet_server_observation(b->server, linnet_server_find(b->server, "kitchen"),
                                                   linnet_path_resource(3, 0, 9));
  if (observation != 0 && linnet_server_cancel(b->server, observation, NULL) == LINNET_OK) t->accepted++;
  attempt(b, &d, POST, "rd?ep=kitchen&lt=300&lwm2m=1.0", "</1/0>,</3/0>", &answer);
  count_events(b, t);
}

static size_t live_with_failures(size_t at, size_t count) {
  bench b;
  tally t = {0};
  sent answer;
  bench_begin(&b);
  size_t before = b.memory.allocations;
  b.memory.fail_at = before + at;
  b.memory.fail_count = count;
  live(&b, &t);
  size_t used = b.memory.allocations - before;
  b.memory.fail_at = 0;
  pass(&b, b.now + 600000);
  count_events(&b, &t);
  if (t.responses != t.accepted) fprintf(stderr, "allocation %zu\n", at);
  CHECK_EQUAL(t.responses, t.accepted); /* server.h: once, whatever happens */
  CHECK_EQUAL(linnet_server_registration_count(b.server), 0);
  device d = device_new(2);
  CHECK_EQUAL(ask(&b, &d, POST, "rd?ep=cellar&lt=300&lwm2m=1.0", 40, LINKS, &answer), 201);
  bench_end(&b);
  return used;
}

static void survives_the_failure_of_any_one_allocation(void) {
  size_t used = live_with_failures(SIZE_MAX / 2, 1);
  CHECK(used > 10);
  for (size_t at = 1; at <= used + 1; at++) live_with_failures(at, 1);
}

static void survives_the_failure_of_all_allocations_from_any_one_on(void) {
  size_t used = live_with_failures(SIZE_MAX / 2, 1);
  for (size_t at = 1; at <= used + 1; at++) live_with_failures(at, SIZE_MAX);
}

static void making_a_server_fails_cleanly(void) {
  static const uint8_t seed[LINNET_SEED_SIZE] = "scripted server";
  for (size_t at = 1; at < 20; at++) {
    memory state = {0};
    linnet_loop *loop = linnet_loop_new_with_memory(seed, sizeof seed, memory_reallocate, &state);
    state.fail_at = state.allocations + at;
    state.fail_count = SIZE_MAX;
    linnet_server *server = linnet_server_new(loop, NULL);
    if (server == NULL) CHECK(linnet_error_text(loop)[0] != 0);
    linnet_server_unref(server);
    linnet_loop_unref(loop);
  }
}

#define FLEET 100000

/* The aim of the project: at most 300 bytes a registration, with a name of 12 characters and three links. */
static void a_registration_takes_300_bytes_at_most(void) {
  bench b;
  bench_begin(&b);
  sent answer;
  size_t before = linnet_loop_memory_used(b.loop);
  for (uint32_t i = 0; i < FLEET; i++) {
    char uri[64];
    device d = {.message_id = 1};
    d.address.kind = LINNET_ADDRESS_IPV4;
    d.address.length = 6;
    const uint8_t bytes[6] = {10, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i, 0x16, 0x33};
    memcpy(d.address.bytes, bytes, sizeof bytes);
    snprintf(uri, sizeof uri, "rd?ep=device-%05u&lt=86400&lwm2m=1.0", (unsigned)i);
    CHECK_EQUAL(ask(&b, &d, POST, uri, 40, LINKS, &answer), 201);
    expect(&b, LINNET_EVENT_REGISTERED);
  }
  size_t busy = linnet_loop_memory_used(b.loop) - before;
  pass(&b, b.now + 600000);
  size_t quiet = linnet_loop_memory_used(b.loop) - before;
  printf("%d registrations: %zu bytes each, %zu just after the messages\n", FLEET, quiet / FLEET,
         busy / FLEET);
  CHECK_EQUAL(linnet_server_registration_count(b.server), FLEET);
  CHECK(busy / FLEET <= 300);
  CHECK(linnet_server_find(b.server, "device-54321") != 0);
  bench_end(&b);
}

int main(void) {
  return RUN(making_a_server_fails_cleanly, survives_the_failure_of_any_one_allocation,
             survives_the_failure_of_all_allocations_from_any_one_on, a_registration_takes_300_bytes_at_most);
}
