/* SPDX-License-Identifier: Apache-2.0 */
/* server_waiting_test.c: requests to devices that sleep (digest 9, QUE-03 to QUE-11). */
#include "server/scripted.h"

typedef struct scene {
  bench b;
  device d;
  uint64_t registration;
  sent m;
} scene;

#define AWAKE_MS 93000

/* A device of that binding; what registering left to be read is read. */
static void begin(scene *s, const char *binding) {
  char uri[128];
  sent answer;
  bench_begin(&s->b);
  s->d = device_new(1);
  snprintf(uri, sizeof uri, "rd?ep=kitchen&lt=3600&lwm2m=1.0&b=%s&sms=15550100", binding);
  CHECK_EQUAL(ask(&s->b, &s->d, POST, uri, 40, LINKS, &answer), 201);
  sent_text(&answer, 8, '/', s->d.location, sizeof s->d.location);
  memmove(s->d.location, s->d.location + 1, strlen(s->d.location));
  s->registration = linnet_server_find(s->b.server, "kitchen");
  expect(&s->b, LINNET_EVENT_REGISTERED);
}

static void sleep_now(scene *s) {
  pass(&s->b, s->b.now + AWAKE_MS + 1000);
  CHECK(!linnet_server_is_awake(s->b.server, s->registration));
}

static uint64_t read_value(scene *s, const char *path_text) {
  uint64_t number = 0;
  linnet_path path;
  CHECK_EQUAL(linnet_path_parse(&path, path_text), LINNET_OK);
  CHECK_EQUAL(linnet_server_request(s->b.server, s->registration, LINNET_OPERATION_READ, path, NULL, NULL,
                                    LINNET_FORMAT_NONE, &number),
              LINNET_OK);
  linnet_loop_step(s->b.loop, s->b.now);
  return number;
}

static void expect_queued(scene *s, uint64_t number) {
  linnet_event *event = expect(&s->b, LINNET_EVENT_QUEUED);
  CHECK_EQUAL(linnet_event_request(event), number);
  CHECK_EQUAL(linnet_event_registration(event), s->registration);
  CHECK_EQUAL(linnet_event_operation(event), LINNET_OPERATION_READ);
  CHECK_TEXT(linnet_event_endpoint(event), "kitchen");
}

static void expect_response(scene *s, uint64_t number, linnet_status status) {
  linnet_event *event = expect(&s->b, LINNET_EVENT_RESPONSE);
  CHECK_EQUAL(linnet_event_request(event), number);
  CHECK_EQUAL(linnet_event_status(event), status);
}

static void expect_path(const sent *m, const char *path) {
  char text[64];
  CHECK_EQUAL(m->message.code, GET);
  CHECK_TEXT(sent_text(m, 11, '/', text, sizeof text), path);
}

/* Wakes the device by an Update and takes the answer; the next message is what waited. */
static void wake(scene *s) {
  sent answer;
  CHECK_EQUAL(ask(&s->b, &s->d, POST, s->d.location, -1, NULL, &answer), 204);
  expect(&s->b, LINNET_EVENT_UPDATED);
}

static void a_request_to_a_device_that_is_awake_goes_at_once(void) { /* QUE-04 */
  scene s;
  begin(&s, "UQ");
  pass(&s.b, s.b.now + AWAKE_MS - 2000);
  CHECK(linnet_server_is_awake(s.b.server, s.registration));
  uint64_t number = read_value(&s, "/3/0/0");
  CHECK(take(&s.b, &s.m));
  expect_nothing(&s.b);
  reply_text(&s.b, &s.d, &s.m, 205, -1, 0, "ACME");
  expect_response(&s, number, LINNET_OK);
  bench_end(&s.b);
}

static void requests_to_a_device_that_sleeps_wait_and_go_in_order_when_it_wakes(void) { /* QUE-04, QUE-06 */
  scene s;
  begin(&s, "UQ");
  sleep_now(&s);
  uint64_t first = read_value(&s, "/3/0/0"), second = read_value(&s, "/3/0/1");
  expect_queued(&s, first);
  expect_queued(&s, second);
  CHECK_EQUAL(linnet_server_queued_count(s.b.server, s.registration), 2);
  pass(&s.b, s.b.now + 600000);
  CHECK(!take(&s.b, &s.m));
  wake(&s); /* the 2.04 has left before the request does (REG-12) */
  CHECK(take(&s.b, &s.m));
  expect_path(&s.m, "/3/0/0");
  CHECK(!take(&s.b, &s.m)); /* one at a time */
  reply_text(&s.b, &s.d, &s.m, 205, -1, 0, "ACME");
  expect_response(&s, first, LINNET_OK);
  CHECK(take(&s.b, &s.m));
  expect_path(&s.m, "/3/0/1");
  reply_text(&s.b, &s.d, &s.m, 404, -1, -1, NULL);
  expect_response(&s, second, LINNET_ERROR_REFUSED);
  CHECK_EQUAL(linnet_server_queued_count(s.b.server, s.registration), 0);
  bench_end(&s.b);
}

static void an_answer_keeps_the_device_awake(void) { /* QUE-04: any other message */
  scene s;
  begin(&s, "UQ");
  pass(&s.b, s.b.now + 90000);
  uint64_t number = read_value(&s, "/3/0/0");
  CHECK(take(&s.b, &s.m));
  reply_text(&s.b, &s.d, &s.m, 205, -1, 0, "ACME");
  expect_response(&s, number, LINNET_OK);
  pass(&s.b, s.b.now + 90000);
  CHECK(linnet_server_is_awake(s.b.server, s.registration));
  read_value(&s, "/3/0/1");
  CHECK(take(&s.b, &s.m));
  bench_end(&s.b);
}

static void a_notification_wakes_the_queue(void) { /* QUE-04, QUE-12 */
  scene s;
  begin(&s, "UQ");
  uint64_t number;
  sent observe;
  linnet_path path = linnet_path_resource(3, 0, 9);
  CHECK_EQUAL(linnet_server_request(s.b.server, s.registration, LINNET_OPERATION_OBSERVE, path, NULL, NULL,
                                    LINNET_FORMAT_NONE, &number),
              LINNET_OK);
  linnet_loop_step(s.b.loop, s.b.now);
  CHECK(take(&s.b, &observe));
  reply_text(&s.b, &s.d, &observe, 205, 1, 0, "100");
  expect_response(&s, number, LINNET_OK);
  sleep_now(&s);
  uint64_t waiting = read_value(&s, "/3/0/0");
  expect_queued(&s, waiting);
  notify(&s.b, &s.d, &observe, 1, 205, 2, "99");
  expect(&s.b, LINNET_EVENT_NOTIFY);
  CHECK(take(&s.b, &s.m));
  expect_path(&s.m, "/3/0/0");
  bench_end(&s.b);
}

static void the_window_can_be_set(void) { /* QUE-04 */
  scene s;
  begin(&s, "UQ");
  linnet_server_set_awake_time(s.b.server, 10000);
  pass(&s.b, s.b.now + 8000);
  CHECK(linnet_server_is_awake(s.b.server, s.registration));
  pass(&s.b, s.b.now + 3000);
  CHECK(!linnet_server_is_awake(s.b.server, s.registration));
  bench_end(&s.b);
}

static void a_device_without_q_is_always_asked_at_once(void) {
  scene s;
  begin(&s, "US");
  pass(&s.b, s.b.now + 600000);
  CHECK(linnet_server_is_awake(s.b.server, s.registration));
  read_value(&s, "/3/0/0");
  CHECK(take(&s.b, &s.m));
  expect_nothing(&s.b);
  bench_end(&s.b);
}

static void what_is_not_answered_waits_for_the_next_time_and_is_then_given_up(void) { /* QUE-06 */
  scene s;
  begin(&s, "UQ");
  linnet_server_set_limit(s.b.server, LINNET_LIMIT_DELIVERIES, 2);
  uint64_t first = read_value(&s, "/3/0/0"), second = read_value(&s, "/3/0/1");
  pass(&s.b, s.b.now + 120000); /* it slept without a word */
  expect_queued(&s, first);
  expect_queued(&s, second);
  CHECK(!linnet_server_is_awake(s.b.server, s.registration));
  CHECK(!take(&s.b, &s.m));
  wake(&s);
  CHECK(take(&s.b, &s.m));
  expect_path(&s.m, "/3/0/0");
  pass(&s.b, s.b.now + 120000);
  expect_response(&s, first, LINNET_ERROR_TIMED_OUT);
  expect_nothing(&s.b); /* the second was told, and still waits */
  wake(&s);
  CHECK(take(&s.b, &s.m));
  expect_path(&s.m, "/3/0/1");
  reply_text(&s.b, &s.d, &s.m, 205, -1, 0, "x");
  expect_response(&s, second, LINNET_OK);
  bench_end(&s.b);
}

static void a_reset_is_a_failure_and_the_next_one_goes(void) { /* QUE-06 */
  scene s;
  draft m;
  begin(&s, "UQ");
  uint64_t first = read_value(&s, "/3/0/0");
  read_value(&s, "/3/0/1");
  CHECK(take(&s.b, &s.m));
  draft_begin(&m, 3, 0, s.m.message.message_id, NULL, 0);
  deliver(&s.b, &s.d, &m);
  expect_response(&s, first, LINNET_ERROR_RESET);
  CHECK(take(&s.b, &s.m));
  expect_path(&s.m, "/3/0/1");
  bench_end(&s.b);
}

static void what_waits_expires_by_its_own_deadline(void) { /* QUE-07 */
  scene s;
  begin(&s, "UQ");
  sleep_now(&s);
  linnet_server_set_queue_time(s.b.server, 60000);
  uint64_t first = read_value(&s, "/3/0/0");
  expect_queued(&s, first);
  pass(&s.b, s.b.now + 30000);
  uint64_t second = read_value(&s, "/3/0/1");
  expect_queued(&s, second);
  pass(&s.b, s.b.now + 29999);
  expect_nothing(&s.b);
  pass(&s.b, s.b.now + 1);
  linnet_event *event = expect(&s.b, LINNET_EVENT_RESPONSE);
  CHECK_EQUAL(linnet_event_request(event), first);
  CHECK_EQUAL(linnet_event_status(event), LINNET_ERROR_TIMED_OUT);
  CHECK_TEXT(linnet_event_text(event), "read /3/0/0 of kitchen: the device did not wake in time");
  wake(&s);
  CHECK(take(&s.b, &s.m));
  expect_path(&s.m, "/3/0/1"); /* dropped: only the second goes */
  reply_text(&s.b, &s.d, &s.m, 205, -1, 0, "x");
  expect_response(&s, second, LINNET_OK);
  pass(&s.b, s.b.now + 600000);
  expect_nothing(&s.b);
  bench_end(&s.b);
}

static void a_new_register_empties_the_queue(void) { /* QUE-07, REG-06 */
  scene s;
  sent answer;
  begin(&s, "UQ");
  sleep_now(&s);
  uint64_t number = read_value(&s, "/3/0/0");
  expect_queued(&s, number);
  CHECK_EQUAL(ask(&s.b, &s.d, POST, "rd?ep=kitchen&lt=3600&lwm2m=1.0&b=UQ", 40, LINKS, &answer), 201);
  expect_response(&s, number, LINNET_ERROR_CANCELLED);
  expect(&s.b, LINNET_EVENT_REGISTERED);
  CHECK(!take(&s.b, &s.m));
  bench_end(&s.b);
}

static void what_waits_goes_to_the_new_address(void) { /* QUE-08 */
  scene s;
  begin(&s, "UQ");
  uint64_t first = read_value(&s, "/3/0/0");
  CHECK(take(&s.b, &s.m)); /* lost with the old address */
  uint64_t second = read_value(&s, "/3/0/1");
  device moved = device_new(2);
  strcpy(moved.location, s.d.location);
  s.d = moved;
  wake(&s);
  CHECK(take(&s.b, &s.m));
  expect_path(&s.m, "/3/0/0");
  CHECK(linnet_address_equal(&s.m.peer, &moved.address));
  reply_text(&s.b, &s.d, &s.m, 205, -1, 0, "x");
  expect_response(&s, first, LINNET_OK);
  CHECK(take(&s.b, &s.m));
  reply_text(&s.b, &s.d, &s.m, 205, -1, 0, "x");
  expect_response(&s, second, LINNET_OK);
  bench_end(&s.b);
}

static void a_change_of_binding_ends_the_waiting(void) { /* QUE-11 */
  scene s;
  sent answer;
  char uri[64];
  begin(&s, "UQ");
  sleep_now(&s);
  uint64_t number = read_value(&s, "/3/0/0");
  expect_queued(&s, number);
  snprintf(uri, sizeof uri, "%s?b=U", s.d.location);
  CHECK_EQUAL(ask(&s.b, &s.d, POST, uri, -1, NULL, &answer), 204);
  CHECK(take(&s.b, &s.m));
  expect_path(&s.m, "/3/0/0");
  bench_end(&s.b);
}

static void asks_for_a_trigger_where_one_would_wake_the_device(void) { /* QUE-09 */
  scene s;
  begin(&s, "UQS");
  sleep_now(&s);
  uint64_t number = read_value(&s, "/3/0/0");
  expect_queued(&s, number);
  linnet_event *event = expect(&s.b, LINNET_EVENT_TRIGGER_WANTED);
  CHECK_TEXT(linnet_event_text(event), "15550100");
  CHECK_EQUAL(linnet_event_registration(event), s.registration);
  CHECK_TEXT(linnet_event_endpoint(event), "kitchen");
  wake(&s);
  CHECK(take(&s.b, &s.m));
  pass(&s.b, s.b.now + 120000);
  expect_queued(&s, number); /* asleep again */
  expect(&s.b, LINNET_EVENT_TRIGGER_WANTED);
  bench_end(&s.b);
  begin(&s, "SQ");
  sleep_now(&s);
  expect_queued(&s, read_value(&s, "/3/0/0"));
  expect_nothing(&s.b);
  bench_end(&s.b);
}

static void the_queue_is_bounded_for_a_device_and_for_all(void) { /* docs/architecture.md 8 */
  scene s;
  begin(&s, "UQ");
  sleep_now(&s);
  CHECK_EQUAL(linnet_server_set_limit(s.b.server, LINNET_LIMIT_QUEUED_REQUESTS, 2), LINNET_OK);
  read_value(&s, "/3/0/0");
  read_value(&s, "/3/0/1");
  CHECK_EQUAL(refused(&s.b, s.registration, LINNET_OPERATION_READ, "/3/0/2", NULL, NULL),
              LINNET_ERROR_LIMIT_REACHED);
  CHECK_TEXT(linnet_error_text(s.b.loop), "read /3/0/2 of kitchen: too many requests wait for the device");
  CHECK_EQUAL(linnet_server_set_limit(s.b.server, LINNET_LIMIT_QUEUED_REQUESTS, 64), LINNET_OK);
  CHECK_EQUAL(linnet_server_set_limit(s.b.server, LINNET_LIMIT_ALL_QUEUED_REQUESTS, 2), LINNET_OK);
  CHECK_EQUAL(refused(&s.b, s.registration, LINNET_OPERATION_READ, "/3/0/2", NULL, NULL),
              LINNET_ERROR_LIMIT_REACHED);
  bench_end(&s.b);
}

static void the_payload_and_the_attributes_are_what_they_were(void) { /* DM-40 */
  scene s;
  char text[64];
  linnet_path path = linnet_path_resource(3, 0, 15);
  linnet_value zone;
  begin(&s, "UQ");
  sleep_now(&s);
  linnet_batch *batch = linnet_batch_new(s.b.loop);
  CHECK(batch != NULL);
  zone = linnet_value_string("Europe/Berlin");
  CHECK_EQUAL(linnet_batch_add(batch, path, &zone), LINNET_OK);
  CHECK_EQUAL(linnet_server_request(s.b.server, s.registration, LINNET_OPERATION_WRITE, path, batch, NULL,
                                    LINNET_FORMAT_NONE, NULL),
              LINNET_OK);
  linnet_batch_unref(batch);
  CHECK_EQUAL(
      linnet_server_request(s.b.server, s.registration, LINNET_OPERATION_WRITE_ATTRIBUTES,
                            linnet_path_resource(3, 0, 9), NULL, "pmin=1&gt=5&st", LINNET_FORMAT_NONE, NULL),
      LINNET_OK);
  pass(&s.b, s.b.now + 1000);
  while (linnet_loop_next_event(s.b.loop) != NULL) continue;
  wake(&s);
  CHECK(take(&s.b, &s.m));
  CHECK_EQUAL(s.m.message.code, PUT);
  CHECK_EQUAL(sent_number(&s.m, 12), 0);
  CHECK_EQUAL(s.m.message.payload_length, 13);
  CHECK(memcmp(s.m.message.payload, "Europe/Berlin", 13) == 0);
  reply_text(&s.b, &s.d, &s.m, 204, -1, -1, NULL);
  CHECK(take(&s.b, &s.m));
  CHECK_EQUAL(s.m.message.code, PUT);
  CHECK_TEXT(sent_text(&s.m, 15, '&', text, sizeof text), "&pmin=1&gt=5&st");
  bench_end(&s.b);
}

static void a_forgotten_request_does_not_go(void) { /* server.h */
  scene s;
  begin(&s, "UQ");
  sleep_now(&s);
  uint64_t number = read_value(&s, "/3/0/0");
  expect_queued(&s, number);
  CHECK_EQUAL(linnet_server_forget(s.b.server, number), LINNET_OK);
  wake(&s);
  CHECK(!take(&s.b, &s.m));
  CHECK_EQUAL(linnet_server_queued_count(s.b.server, s.registration), 0);
  expect_nothing(&s.b);
  bench_end(&s.b);
}

static void nstart_lets_more_go_at_a_time(void) { /* CO-34, QUE-06 */
  static const char *const bindings[] = {"U", "UQ"};
  for (size_t i = 0; i < 2; i++) {
    scene s;
    sent second;
    begin(&s, bindings[i]);
    CHECK_EQUAL(linnet_server_set_limit(s.b.server, LINNET_LIMIT_NSTART, 2), LINNET_OK);
    uint64_t numbers[3];
    for (size_t n = 0; n < 3; n++) numbers[n] = read_value(&s, "/3/0/0");
    CHECK(take(&s.b, &s.m));
    CHECK(take(&s.b, &second));
    sent third;
    CHECK(!take(&s.b, &third));
    reply_text(&s.b, &s.d, &second, 205, -1, 0, "b"); /* in any order */
    expect_response(&s, numbers[1], LINNET_OK);
    CHECK(take(&s.b, &third));
    reply_text(&s.b, &s.d, &third, 205, -1, 0, "c");
    expect_response(&s, numbers[2], LINNET_OK);
    reply_text(&s.b, &s.d, &s.m, 205, -1, 0, "a");
    expect_response(&s, numbers[0], LINNET_OK);
    bench_end(&s.b);
  }
}

static void one_at_a_time_and_in_order_unless_set(void) { /* CO-34, QUE-06 */
  static const char *const bindings[] = {"U", "UQ"};
  for (size_t i = 0; i < 2; i++) {
    scene s;
    sent next;
    uint64_t numbers[3];
    char path[] = "/3/0/0";
    begin(&s, bindings[i]);
    for (size_t n = 0; n < 3; n++, path[5]++) numbers[n] = read_value(&s, path);
    path[5] = '0';
    for (size_t n = 0; n < 3; n++, path[5]++) {
      CHECK(take(&s.b, &s.m));
      expect_path(&s.m, path);
      CHECK(!take(&s.b, &next));
      reply_text(&s.b, &s.d, &s.m, 205, -1, 0, "a");
      expect_response(&s, numbers[n], LINNET_OK);
    }
    bench_end(&s.b);
  }
}

static void nstart_is_bounded(void) { /* CO-34 */
  scene s;
  begin(&s, "U");
  CHECK_EQUAL(linnet_server_set_limit(s.b.server, LINNET_LIMIT_NSTART, 0), LINNET_ERROR_OUT_OF_RANGE);
  CHECK_EQUAL(linnet_server_set_limit(s.b.server, LINNET_LIMIT_NSTART, 257), LINNET_ERROR_OUT_OF_RANGE);
  CHECK_EQUAL(linnet_server_set_limit(s.b.server, LINNET_LIMIT_NSTART, 256), LINNET_OK);
  bench_end(&s.b);
}

int main(void) {
  return RUN(a_request_to_a_device_that_is_awake_goes_at_once,
             requests_to_a_device_that_sleeps_wait_and_go_in_order_when_it_wakes,
             an_answer_keeps_the_device_awake, a_notification_wakes_the_queue, the_window_can_be_set,
             a_device_without_q_is_always_asked_at_once,
             what_is_not_answered_waits_for_the_next_time_and_is_then_given_up,
             a_reset_is_a_failure_and_the_next_one_goes, what_waits_expires_by_its_own_deadline,
             a_new_register_empties_the_queue, what_waits_goes_to_the_new_address,
             a_change_of_binding_ends_the_waiting, asks_for_a_trigger_where_one_would_wake_the_device,
             the_queue_is_bounded_for_a_device_and_for_all, the_payload_and_the_attributes_are_what_they_were,
             a_forgotten_request_does_not_go, one_at_a_time_and_in_order_unless_set,
             nstart_lets_more_go_at_a_time, nstart_is_bounded);
}
