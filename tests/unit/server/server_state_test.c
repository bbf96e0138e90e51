/* SPDX-License-Identifier: Apache-2.0 */
/* server_state_test.c: what a server keeps over a restart, and when devices hear of it (store.h,
 * docs/architecture.md 8). */
#include "server/scripted.h"

/* What a store has: the records so far. */
typedef struct log_file {
  uint8_t bytes[1 << 16];
  size_t length;
} log_file;

typedef struct scene {
  bench b;
  log_file log;
} scene;

#define WALL_MS INT64_C(1700000000000)

static void begin(scene *s) {
  memset(s, 0, sizeof *s);
  bench_begin(&s->b);
  linnet_loop_set_wall_clock(s->b.loop, WALL_MS);
  CHECK_EQUAL(linnet_server_record(s->b.server), LINNET_OK);
}

/* As a driver does after each step. Returns how many bytes there were. */
static size_t store(scene *s) {
  const void *data;
  size_t length;
  CHECK_EQUAL(linnet_server_changes(s->b.server, &data, &length), LINNET_OK);
  CHECK(s->log.length + length <= sizeof s->log.bytes);
  if (length > 0) memcpy(s->log.bytes + s->log.length, data, length);
  s->log.length += length;
  CHECK_EQUAL(linnet_server_stored(s->b.server), LINNET_OK);
  return length;
}

/* The server is killed; another one begins with the log, `later_ms` of wall time after, at a loop time of its
 * own. */
static void restart(scene *s, uint64_t later_ms, uint64_t loop_ms) {
  static const uint8_t seed[LINNET_SEED_SIZE] = "another server";
  int64_t wall_ms = linnet_loop_wall_clock(s->b.loop) + (int64_t)later_ms;
  bench_end(&s->b);
  memset(&s->b, 0, sizeof s->b);
  s->b.loop = linnet_loop_new_with_memory(seed, sizeof seed, memory_reallocate, &s->b.memory);
  s->b.server = linnet_server_new(s->b.loop, NULL);
  s->b.transport = linnet_transport_new(s->b.loop, LINNET_TRANSPORT_UDP);
  CHECK_EQUAL(linnet_server_add_transport(s->b.server, s->b.transport), LINNET_OK);
  linnet_loop_set_wall_clock(s->b.loop, wall_ms);
  CHECK_EQUAL(linnet_server_restore(s->b.server, s->log.bytes, s->log.length), LINNET_OK);
  CHECK_EQUAL(linnet_server_record(s->b.server), LINNET_OK);
  s->b.now = loop_ms;
  linnet_loop_step(s->b.loop, s->b.now);
  store(s);
}

/* Like `ask`, with the store in between. */
static unsigned ask_and_store(scene *s, device *d, unsigned method, const char *uri, const char *payload,
                              sent *answer) {
  static const uint8_t token[2] = {0xa1, 0xb2};
  draft m;
  draft_begin(&m, 0, method, d->message_id++, token, sizeof token);
  draft_uri(&m, uri, payload != NULL ? 40 : -1);
  if (payload != NULL) draft_payload(&m, payload, strlen(payload));
  deliver(&s->b, d, &m);
  CHECK(!take(&s->b, answer)); /* nobody hears of it before it is stored */
  CHECK(store(s) > 0);
  CHECK(take(&s->b, answer));
  return sent_code(answer);
}

static uint64_t enrol_and_store(scene *s, device *d, const char *endpoint, const char *rest) {
  char uri[256], location[32];
  sent answer;
  snprintf(uri, sizeof uri, "rd?ep=%s&lwm2m=1.0&%s", endpoint, rest);
  CHECK_EQUAL(ask_and_store(s, d, POST, uri, LINKS, &answer), 201);
  sent_text(&answer, 8, '/', location, sizeof location);
  strcpy(d->location, location + 1);
  expect(&s->b, LINNET_EVENT_REGISTERED);
  return linnet_server_find(s->b.server, endpoint);
}

static uint64_t ask_device(scene *s, uint64_t registration, linnet_operation operation, linnet_path path) {
  uint64_t number;
  CHECK_EQUAL(linnet_server_request(s->b.server, registration, operation, path, NULL, NULL,
                                    LINNET_FORMAT_NONE, &number),
              LINNET_OK);
  linnet_loop_step(s->b.loop, s->b.now);
  store(s);
  return number;
}

static void registrations_come_back_with_all_their_facts(void) {
  scene s;
  linnet_address peer;
  begin(&s);
  device d = device_new(1), other = device_new(2);
  uint64_t registration = enrol_and_store(&s, &d, "kitchen", "lt=600&b=UQS&sms=15550100");
  enrol_and_store(&s, &other, "hall", "lt=600");
  restart(&s, 60000, 5000);
  CHECK_EQUAL(linnet_server_registration_count(s.b.server), 2);
  CHECK_EQUAL(linnet_server_find(s.b.server, "kitchen"), registration);
  CHECK_EQUAL(linnet_server_lifetime(s.b.server, registration), 600);
  CHECK_TEXT(linnet_server_binding(s.b.server, registration), "UQS");
  CHECK_TEXT(linnet_server_sms_number(s.b.server, registration), "15550100");
  CHECK_TEXT(linnet_server_links(s.b.server, registration), LINKS);
  CHECK_EQUAL(linnet_server_peer(s.b.server, registration, &peer), LINNET_OK);
  CHECK(linnet_address_equal(&peer, &d.address));
  CHECK_EQUAL(linnet_server_expires(s.b.server, registration), 5000 + 540000); /* 60 s are gone */
  CHECK_TEXT(linnet_server_location(s.b.server, registration) + 1, d.location);
  expect_nothing(&s.b);
  sent answer; /* the device knows nothing of it all */
  CHECK_EQUAL(ask_and_store(&s, &d, POST, d.location, NULL, &answer), 204);
  expect(&s.b, LINNET_EVENT_UPDATED);
  CHECK_EQUAL(linnet_server_expires(s.b.server, registration), 5000 + 600000);
  bench_end(&s.b);
}

static void an_update_and_the_end_are_kept_too(void) {
  scene s;
  sent answer;
  char uri[64];
  begin(&s);
  device d = device_new(1), other = device_new(2);
  uint64_t registration = enrol_and_store(&s, &d, "kitchen", "lt=600");
  enrol_and_store(&s, &other, "hall", "lt=600");
  snprintf(uri, sizeof uri, "%s?lt=60", d.location);
  CHECK_EQUAL(ask_and_store(&s, &d, POST, uri, NULL, &answer), 204);
  CHECK_EQUAL(ask_and_store(&s, &other, DELETE, other.location, NULL, &answer), 202);
  restart(&s, 0, 1000);
  CHECK_EQUAL(linnet_server_registration_count(s.b.server), 1);
  CHECK_EQUAL(linnet_server_lifetime(s.b.server, registration), 60);
  CHECK_EQUAL(ask(&s.b, &other, POST, other.location, -1, NULL, &answer), 404);
  restart(&s, 0, 1000); /* a log of a log */
  CHECK_EQUAL(linnet_server_find(s.b.server, "kitchen"), registration);
  bench_end(&s.b);
}

static void what_expired_meanwhile_is_told_and_forgotten(void) { /* REG-07 */
  scene s;
  begin(&s);
  device d = device_new(1);
  uint64_t registration = enrol_and_store(&s, &d, "kitchen", "lt=60");
  restart(&s, 61000, 1000);
  pass(&s.b, s.b.now + 1);
  CHECK(store(&s) > 0);
  CHECK_EQUAL(linnet_event_registration(expect(&s.b, LINNET_EVENT_EXPIRED)), registration);
  CHECK_EQUAL(linnet_server_registration_count(s.b.server), 0);
  restart(&s, 0, 1000);
  expect_nothing(&s.b);
  bench_end(&s.b);
}

static void numbers_and_locations_never_come_again(void) { /* REG-06 */
  scene s;
  sent answer;
  begin(&s);
  device d = device_new(1), other = device_new(2);
  enrol_and_store(&s, &d, "kitchen", "lt=600");
  CHECK_EQUAL(ask_and_store(&s, &d, DELETE, d.location, NULL, &answer), 202);
  restart(&s, 0, 1000);
  enrol_and_store(&s, &other, "hall", "lt=600");
  CHECK(strcmp(d.location, other.location) != 0);
  CHECK_EQUAL(ask(&s.b, &d, POST, d.location, -1, NULL, &answer), 404);
  bench_end(&s.b);
}

static void observations_go_on(void) { /* OBS-08 */
  scene s;
  sent get, m;
  linnet_value value;
  linnet_path battery = linnet_path_resource(3, 0, 9);
  begin(&s);
  device d = device_new(1);
  uint64_t registration = enrol_and_store(&s, &d, "kitchen", "lt=600");
  uint64_t number = ask_device(&s, registration, LINNET_OPERATION_OBSERVE, battery);
  CHECK(take(&s.b, &get));
  reply_text(&s.b, &d, &get, 205, 70000, 0, "100");
  store(&s);
  restart(&s, 0, 1000);
  CHECK_EQUAL(linnet_server_observation(s.b.server, registration, battery), number);
  notify(&s.b, &d, &get, 0, 205, 5, "99"); /* whatever its number is, it is the first */
  linnet_event *event = expect(&s.b, LINNET_EVENT_NOTIFY);
  CHECK_EQUAL(linnet_event_request(event), number);
  CHECK_EQUAL(linnet_batch_find(linnet_event_batch(event), battery, &value), LINNET_OK);
  CHECK_EQUAL(value.as.integer, 99);
  CHECK(take(&s.b, &m));
  CHECK_EQUAL(m.message.type, LINNET_MESSAGE_ACK);
  notify(&s.b, &d, &get, 1, 205, 4, "98"); /* OB-05 */
  expect_nothing(&s.b);
  CHECK_EQUAL(linnet_server_cancel(s.b.server, number, NULL), LINNET_OK);
  linnet_loop_step(s.b.loop, s.b.now);
  CHECK(take(&s.b, &m));
  CHECK(memcmp(m.message.token, get.message.token, get.message.token_length) == 0);
  reply_text(&s.b, &d, &m, 205, -1, 0, "98");
  expect(&s.b, LINNET_EVENT_RESPONSE);
  expect(&s.b, LINNET_EVENT_OBSERVATION_ENDED);
  CHECK(store(&s) > 0);
  restart(&s, 0, 1000);
  CHECK_EQUAL(linnet_server_observation(s.b.server, registration, battery), 0);
  bench_end(&s.b);
}

static void kept_observations_wait_for_their_device(void) { /* REG-13 */
  scene s;
  sent get, answer;
  linnet_path battery = linnet_path_resource(3, 0, 9);
  begin(&s);
  device d = device_new(1);
  uint64_t registration = enrol_and_store(&s, &d, "kitchen", "lt=600");
  uint64_t number = ask_device(&s, registration, LINNET_OPERATION_OBSERVE, battery);
  CHECK(take(&s.b, &get));
  reply_text(&s.b, &d, &get, 205, 1, 0, "100");
  store(&s);
  CHECK_EQUAL(linnet_server_keep_observation(s.b.server, number), LINNET_OK);
  CHECK(store(&s) > 0);
  CHECK_EQUAL(ask_and_store(&s, &d, DELETE, d.location, NULL, &answer), 202);
  restart(&s, 0, 1000);
  CHECK_EQUAL(linnet_server_registration_count(s.b.server), 0);
  enrol_and_store(&s, &d, "kitchen", "lt=600");
  CHECK(take(&s.b, &get));
  CHECK_EQUAL(sent_number(&get, 6), 0);
  reply_text(&s.b, &d, &get, 205, 1, 0, "90");
  CHECK_EQUAL(linnet_event_request(expect(&s.b, LINNET_EVENT_NOTIFY)), number);
  bench_end(&s.b);
}

static void requests_that_wait_go_when_the_device_wakes(void) { /* QUE-04 */
  scene s;
  sent m;
  char text[64];
  linnet_value zone = linnet_value_string("Europe/Berlin");
  linnet_path path = linnet_path_resource(3, 0, 15);
  begin(&s);
  device d = device_new(1);
  uint64_t registration = enrol_and_store(&s, &d, "kitchen", "lt=6000&b=UQ"), numbers[2];
  pass(&s.b, s.b.now + 100000);
  linnet_batch *batch = linnet_batch_new(s.b.loop);
  CHECK_EQUAL(linnet_batch_add(batch, path, &zone), LINNET_OK);
  CHECK_EQUAL(linnet_server_request(s.b.server, registration, LINNET_OPERATION_WRITE, path, batch, NULL,
                                    LINNET_FORMAT_NONE, &numbers[0]),
              LINNET_OK);
  linnet_batch_unref(batch);
  CHECK_EQUAL(linnet_server_request(s.b.server, registration, LINNET_OPERATION_WRITE_ATTRIBUTES, path, NULL,
                                    "pmin=5&pmax=60", LINNET_FORMAT_NONE, &numbers[1]),
              LINNET_OK);
  linnet_loop_step(s.b.loop, s.b.now);
  store(&s);
  while (linnet_loop_next_event(s.b.loop) != NULL) continue;
  restart(&s, 0, 1000);
  expect(&s.b, LINNET_EVENT_QUEUED);
  expect(&s.b, LINNET_EVENT_QUEUED);
  CHECK_EQUAL(linnet_server_queued_count(s.b.server, registration), 2);
  CHECK_EQUAL(ask_and_store(&s, &d, POST, d.location, NULL, &m), 204);
  expect(&s.b, LINNET_EVENT_UPDATED);
  CHECK(take(&s.b, &m));
  CHECK_EQUAL(m.message.code, PUT);
  CHECK_EQUAL(m.message.payload_length, 13);
  CHECK(memcmp(m.message.payload, "Europe/Berlin", 13) == 0);
  reply_text(&s.b, &d, &m, 204, -1, -1, NULL);
  CHECK(store(&s) > 0);
  CHECK_EQUAL(linnet_event_request(expect(&s.b, LINNET_EVENT_RESPONSE)), numbers[0]);
  CHECK(take(&s.b, &m));
  CHECK_TEXT(sent_text(&m, 15, '&', text, sizeof text), "&pmin=5&pmax=60");
  restart(&s, 0, 1000); /* it was sent, but not answered */
  expect(&s.b, LINNET_EVENT_QUEUED);
  expect_nothing(&s.b);
  CHECK_EQUAL(linnet_server_queued_count(s.b.server, registration), 1);
  bench_end(&s.b);
}

static void the_deadline_of_what_waits_goes_on(void) { /* QUE-07 */
  scene s;
  begin(&s);
  device d = device_new(1);
  uint64_t registration = enrol_and_store(&s, &d, "kitchen", "lt=6000&b=UQ");
  pass(&s.b, s.b.now + 100000);
  linnet_server_set_queue_time(s.b.server, 60000);
  uint64_t number = ask_device(&s, registration, LINNET_OPERATION_READ, linnet_path_resource(3, 0, 0));
  restart(&s, 20000, 1000);
  expect(&s.b, LINNET_EVENT_QUEUED);
  pass(&s.b, s.b.now + 39000);
  expect_nothing(&s.b);
  pass(&s.b, s.b.now + 2000);
  linnet_event *event = expect(&s.b, LINNET_EVENT_RESPONSE);
  CHECK_EQUAL(linnet_event_request(event), number);
  CHECK_EQUAL(linnet_event_status(event), LINNET_ERROR_TIMED_OUT);
  CHECK(store(&s) > 0);
  restart(&s, 0, 1000);
  CHECK_EQUAL(linnet_server_queued_count(s.b.server, registration), 0);
  bench_end(&s.b);
}

static void numbers_of_requests_are_not_given_twice(void) {
  scene s;
  begin(&s);
  device d = device_new(1);
  uint64_t registration = enrol_and_store(&s, &d, "kitchen", "lt=6000&b=UQ");
  pass(&s.b, s.b.now + 100000);
  uint64_t number = ask_device(&s, registration, LINNET_OPERATION_READ, linnet_path_resource(3, 0, 0));
  restart(&s, 0, 1000);
  CHECK(ask_device(&s, registration, LINNET_OPERATION_READ, linnet_path_resource(3, 0, 1)) > number);
  bench_end(&s.b);
}

static void the_whole_is_the_same_as_the_log(void) {
  scene s;
  sent get;
  const void *data;
  size_t length, parts = 0;
  begin(&s);
  device d = device_new(1);
  uint64_t registration = enrol_and_store(&s, &d, "kitchen", "lt=6000&b=UQ");
  uint64_t number = ask_device(&s, registration, LINNET_OPERATION_OBSERVE, linnet_path_resource(3, 0, 9));
  CHECK(take(&s.b, &get));
  reply_text(&s.b, &d, &get, 205, 1, 0, "100");
  pass(&s.b, s.b.now + 100000);
  ask_device(&s, registration, LINNET_OPERATION_READ, linnet_path_resource(3, 0, 0));
  CHECK_EQUAL(linnet_server_save(s.b.server, &data, &length), LINNET_OK);
  memcpy(s.log.bytes, data, length);
  s.log.length = length;
  for (uint64_t position = 0; position != LINNET_SAVED; parts += length)
    CHECK_EQUAL(linnet_server_save_part(s.b.server, &position, &data, &length), LINNET_OK);
  CHECK_EQUAL(parts, s.log.length);
  restart(&s, 0, 1000);
  CHECK_EQUAL(linnet_server_queued_count(s.b.server, registration), 1);
  CHECK_EQUAL(linnet_server_observation(s.b.server, registration, linnet_path_resource(3, 0, 9)), number);
  bench_end(&s.b);
}

static void a_state_that_is_damaged_is_refused(void) {
  scene s;
  linnet_change change;
  size_t position = 0, count = 0;
  begin(&s);
  device d = device_new(1);
  enrol_and_store(&s, &d, "kitchen", "lt=600");
  while (linnet_change_next(s.log.bytes, s.log.length, &position, &change) == LINNET_OK) count++;
  CHECK_EQUAL(count, 2); /* the numbers, and the registration */
  CHECK_EQUAL(change.name_length, strlen("registration/kitchen"));
  CHECK(memcmp(change.name, "registration/kitchen", change.name_length) == 0);
  CHECK_EQUAL(linnet_server_restore(s.b.server, s.log.bytes, s.log.length), LINNET_ERROR_WRONG_STATE);
  bench_end(&s.b);
  for (size_t at = 0; at < s.log.length; at++) {
    bench_begin(&s.b);
    s.log.bytes[at] ^= 0x10;
    CHECK_EQUAL(linnet_server_restore(s.b.server, s.log.bytes, s.log.length), LINNET_ERROR_MALFORMED);
    CHECK_EQUAL(linnet_server_registration_count(s.b.server), 0);
    s.log.bytes[at] ^= 0x10;
    if (at > 0 && at != s.log.length - change.record_length)
      CHECK_EQUAL(linnet_server_restore(s.b.server, s.log.bytes, at), LINNET_ERROR_MALFORMED);
    bench_end(&s.b);
  }
}

static void a_server_that_does_not_record_holds_nothing(void) {
  bench b;
  const void *data;
  size_t length;
  bench_begin(&b);
  device d = device_new(1);
  enrolled(&b, &d, "kitchen", LINKS);
  CHECK_EQUAL(linnet_server_changes(b.server, &data, &length), LINNET_ERROR_WRONG_STATE);
  bench_end(&b);
}

static void closing_lets_the_loop_go(void) {
  scene s;
  linnet_datagram datagram;
  begin(&s);
  device d = device_new(1);
  linnet_transport *other = linnet_transport_new(s.b.loop, LINNET_TRANSPORT_UDP);
  linnet_server *second = linnet_server_new(s.b.loop, NULL);
  CHECK_EQUAL(linnet_server_add_transport(second, other), LINNET_OK);
  draft m;
  draft_begin(&m, 0, 0, 7, NULL, 0); /* a ping (CO-18) */
  CHECK_EQUAL(linnet_transport_receive(other, &d.address, m.bytes, m.length), LINNET_OK);
  linnet_loop_step(s.b.loop, s.b.now);
  CHECK(!linnet_transport_next(other, &datagram)); /* the first server has something to store */
  linnet_server_close(s.b.server);
  CHECK(linnet_transport_next(other, &datagram));
  linnet_server_close(second);
  linnet_server_unref(second);
  linnet_transport_close(other);
  linnet_transport_unref(other);
  bench_end(&s.b);
}

int main(void) {
  return RUN(registrations_come_back_with_all_their_facts, an_update_and_the_end_are_kept_too,
             what_expired_meanwhile_is_told_and_forgotten, numbers_and_locations_never_come_again,
             observations_go_on, kept_observations_wait_for_their_device,
             requests_that_wait_go_when_the_device_wakes, the_deadline_of_what_waits_goes_on,
             numbers_of_requests_are_not_given_twice, the_whole_is_the_same_as_the_log,
             a_state_that_is_damaged_is_refused, a_server_that_does_not_record_holds_nothing,
             closing_lets_the_loop_go);
}
