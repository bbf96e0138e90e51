/* SPDX-License-Identifier: Apache-2.0 */
/* server_state_memory_test.c: memory that runs out anywhere while a server tells what it would keep, or comes
 * back from it: nothing is told by halves (store.h, docs/architecture.md 8). */
#include "server/scripted.h"

/* A store that follows the rules of store.h, with room for all of it. */
typedef struct shelf {
  uint8_t bytes[1 << 16];
  size_t length;
  bool behind; /* changes were lost: everything has to be saved */
} shelf;

#define BATTERY linnet_path_resource(3, 0, 9)

static void put(shelf *s, const void *data, size_t length, size_t at) {
  CHECK(at + length <= sizeof s->bytes);
  if (length > 0) memcpy(s->bytes + at, data, length);
  s->length = at + length;
}

static void store(bench *b, shelf *s) {
  const void *data;
  size_t length;
  linnet_status status = linnet_server_changes(b->server, &data, &length);
  if (status == LINNET_OK && !s->behind) put(s, data, length, s->length);
  if (status != LINNET_OK) s->behind = true;
  if (s->behind && linnet_server_save(b->server, &data, &length) == LINNET_OK) {
    put(s, data, length, 0);
    s->behind = false;
  }
  CHECK_EQUAL(linnet_server_stored(b->server), LINNET_OK);
}

/* A step, the store, and the last message that came of it. */
static bool turn(bench *b, shelf *s, sent *last) {
  sent m;
  bool any = false;
  linnet_loop_step(b->loop, b->now);
  store(b, s);
  while (take(b, &m)) {
    *last = m;
    any = true;
  }
  if (any) linnet_message_parse(&last->message, last->bytes, last->length); /* views of its own bytes */
  while (linnet_loop_next_event(b->loop) != NULL) continue;
  return any;
}

static bool send(bench *b, shelf *s, device *d, unsigned method, const char *uri, const char *payload,
                 sent *answer) {
  draft m;
  draft_begin(&m, 0, method, d->message_id++, "tk", 2);
  draft_uri(&m, uri, payload == NULL ? NO_FORMAT : 40);
  if (payload != NULL) draft_payload(&m, payload, strlen(payload));
  linnet_transport_receive(b->transport, &d->address, m.bytes, m.length);
  return turn(b, s, answer);
}

static void enrol_somehow(bench *b, shelf *s, device *d, const char *uri) {
  sent answer;
  char location[32];
  if (!send(b, s, d, POST, uri, LINKS, &answer) || sent_code(&answer) != 201) return;
  strcpy(d->location, sent_text(&answer, 8, '/', location, sizeof location) + 1);
}

/* Everything that is kept, and some of it that goes. */
static void live(bench *b, shelf *s) {
  device kitchen = device_new(1), sleeper = device_new(2), guest = device_new(3);
  sent m;
  uint64_t number = 0;
  enrol_somehow(b, s, &kitchen, "rd?ep=kitchen&lt=3000&lwm2m=1.0");
  enrol_somehow(b, s, &sleeper, "rd?ep=sleeper&lt=3000&lwm2m=1.0&b=UQ");
  enrol_somehow(b, s, &guest, "rd?ep=guest&lt=3000&lwm2m=1.0");
  uint64_t registration = linnet_server_find(b->server, "kitchen");
  if (linnet_server_request(b->server, registration, LINNET_OPERATION_OBSERVE, BATTERY, NULL, NULL,
                            LINNET_FORMAT_NONE, &number) == LINNET_OK &&
      turn(b, s, &m)) {
    draft answer;
    draft_begin(&answer, 2, 205, m.message.message_id, m.message.token, m.message.token_length);
    draft_number(&answer, 6, 1);
    draft_number(&answer, 12, 0);
    draft_payload(&answer, "1", 1);
    linnet_transport_receive(b->transport, &kitchen.address, answer.bytes, answer.length);
    turn(b, s, &m);
    (void)linnet_server_keep_observation(b->server, number);
  }
  b->now += 200000; /* it sleeps by now */
  turn(b, s, &m);
  (void)linnet_server_request(b->server, linnet_server_find(b->server, "sleeper"), LINNET_OPERATION_READ,
                              linnet_path_resource(3, 0, 0), NULL, NULL, LINNET_FORMAT_NONE, NULL);
  (void)linnet_server_find_peer(b->server, &guest.address, &number);
  turn(b, s, &m);
  if (guest.location[0] != 0) send(b, s, &guest, DELETE, guest.location, NULL, &m);
  if (kitchen.location[0] != 0) send(b, s, &kitchen, POST, kitchen.location, NULL, &m);
}

static void begin_recording(bench *b, shelf *s) {
  memset(s, 0, sizeof *s);
  bench_begin(b);
  linnet_loop_set_wall_clock(b->loop, INT64_C(1700000000000));
  CHECK_EQUAL(linnet_server_record(b->server), LINNET_OK);
}

/* The same devices, the same that waits, the same that is observed. */
static void compare(const bench *b, const bench *copy) {
  static const char *const names[] = {"kitchen", "sleeper", "guest"};
  CHECK_EQUAL(linnet_server_registration_count(copy->server), linnet_server_registration_count(b->server));
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    uint64_t registration = linnet_server_find(b->server, names[i]);
    CHECK_EQUAL(linnet_server_find(copy->server, names[i]), registration);
    CHECK_EQUAL(linnet_server_queued_count(copy->server, registration),
                linnet_server_queued_count(b->server, registration));
    CHECK_EQUAL(linnet_server_observation(copy->server, registration, BATTERY),
                linnet_server_observation(b->server, registration, BATTERY));
  }
}

static size_t live_with_failures(size_t at, size_t count) {
  bench b, copy;
  shelf s;
  sent m;
  begin_recording(&b, &s);
  size_t before = b.memory.allocations;
  b.memory.fail_at = before + at;
  b.memory.fail_count = count;
  live(&b, &s);
  size_t used = b.memory.allocations - before;
  b.memory.fail_at = 0;
  turn(&b, &s, &m);
  CHECK(!s.behind);
  bench_begin(&copy);
  linnet_loop_set_wall_clock(copy.loop, INT64_C(1700000000000));
  CHECK_EQUAL(linnet_server_restore(copy.server, s.bytes, s.length), LINNET_OK);
  linnet_loop_step(copy.loop, copy.now);
  compare(&b, &copy);
  uint64_t kitchen = linnet_server_find(copy.server, "kitchen"),
           sleeper = linnet_server_find(copy.server, "sleeper");
  if (at > SIZE_MAX / 4) { /* nothing failed: it is all there */
    CHECK_EQUAL(linnet_server_registration_count(copy.server), 2);
    CHECK_EQUAL(linnet_server_queued_count(copy.server, sleeper), 1);
    CHECK(linnet_server_observation(copy.server, kitchen, BATTERY) != 0);
  }
  bench_end(&copy);
  bench_end(&b);
  return used;
}

static void a_store_has_what_the_server_has_after_the_failure_of_any_allocation(void) {
  size_t used = live_with_failures(SIZE_MAX / 2, 1);
  CHECK(used > 40);
  for (size_t at = 1; at <= used + 1; at++) live_with_failures(at, 1);
}

static void and_after_the_failure_of_all_from_any_one_on(void) {
  size_t used = live_with_failures(SIZE_MAX / 2, 1);
  for (size_t at = 1; at <= used + 1; at += 3) live_with_failures(at, SIZE_MAX);
}

static void restores_all_or_nothing(void) {
  bench b, copy;
  shelf s;
  begin_recording(&b, &s);
  live(&b, &s);
  linnet_status status = LINNET_ERROR_NO_MEMORY;
  for (size_t at = 1; status != LINNET_OK; at++) {
    CHECK(at < 1000);
    bench_begin(&copy);
    linnet_loop_set_wall_clock(copy.loop, INT64_C(1700000000000));
    copy.memory.fail_at = copy.memory.allocations + at;
    copy.memory.fail_count = 1;
    status = linnet_server_restore(copy.server, s.bytes, s.length);
    copy.memory.fail_at = 0;
    CHECK(status == LINNET_OK || status == LINNET_ERROR_NO_MEMORY);
    if (status != LINNET_OK) CHECK_EQUAL(linnet_server_registration_count(copy.server), 0);
    if (status != LINNET_OK)
      CHECK_EQUAL(linnet_server_restore(copy.server, s.bytes, s.length), LINNET_OK); /* once there is some */
    linnet_loop_step(copy.loop, copy.now);
    compare(&b, &copy);
    bench_end(&copy);
  }
  bench_end(&b);
}

int main(void) {
  return RUN(a_store_has_what_the_server_has_after_the_failure_of_any_allocation,
             and_after_the_failure_of_all_from_any_one_on, restores_all_or_nothing);
}
