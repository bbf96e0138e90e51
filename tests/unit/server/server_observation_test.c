/* SPDX-License-Identifier: Apache-2.0 */
/* server_observation_test.c: observations from their beginning to each of their ends (digest 5, coap.md 6).
 */
#include "server/scripted.h"

typedef struct scene {
  bench b;
  device d;
  uint64_t registration;
  uint64_t number;
  sent get; /* the GET with Observe 0 */
} scene;

#define BATTERY linnet_path_resource(3, 0, 9)

static void ask_to_observe(scene *s) {
  s->number = request(&s->b, s->registration, LINNET_OPERATION_OBSERVE, "/3/0/9", NULL, NULL,
                      LINNET_FORMAT_NONE, &s->get);
  CHECK_EQUAL(s->get.message.code, GET);
  CHECK_EQUAL(sent_number(&s->get, 6), 0);
  CHECK_EQUAL(sent_number(&s->get, 17), LINNET_FORMAT_TLV);
  CHECK(s->get.message.token_length > 0); /* OBS-01 */
}

static void begin(scene *s) {
  bench_begin(&s->b);
  s->d = device_new(1);
  s->registration = enrolled(&s->b, &s->d, "kitchen", LINKS);
  ask_to_observe(s);
}

static void begin_observing(scene *s) {
  begin(s);
  reply_text(&s->b, &s->d, &s->get, 205, 12, 0, "100");
  linnet_event *event = expect(&s->b, LINNET_EVENT_RESPONSE);
  CHECK_EQUAL(linnet_event_status(event), LINNET_OK);
  CHECK_EQUAL(linnet_event_request(event), s->number);
  CHECK_EQUAL(linnet_server_observation(s->b.server, s->registration, BATTERY), s->number);
}

/* The type of the message with which the server answered, or -1. */
static int verdict(scene *s) {
  sent m;
  return take(&s->b, &m) ? (int)m.message.type : -1;
}

static int64_t notified(scene *s) {
  linnet_value value;
  linnet_event *event = expect(&s->b, LINNET_EVENT_NOTIFY);
  CHECK_EQUAL(linnet_event_request(event), s->number);
  CHECK_EQUAL(linnet_event_registration(event), s->registration);
  CHECK_EQUAL(linnet_event_status(event), LINNET_OK);
  CHECK_TEXT(linnet_event_endpoint(event), "kitchen");
  CHECK(linnet_path_equal(linnet_event_path(event), BATTERY));
  CHECK_EQUAL(linnet_batch_find(linnet_event_batch(event), BATTERY, &value), LINNET_OK);
  CHECK_EQUAL(value.type, LINNET_TYPE_INTEGER);
  return value.as.integer;
}

static linnet_event *ended(scene *s, linnet_status status) {
  linnet_event *event = expect(&s->b, LINNET_EVENT_OBSERVATION_ENDED);
  CHECK_EQUAL(linnet_event_request(event), s->number);
  CHECK_EQUAL(linnet_event_status(event), status);
  CHECK_TEXT(linnet_event_endpoint(event), "kitchen");
  CHECK_EQUAL(linnet_server_observation(s->b.server, s->registration, BATTERY), 0);
  return event;
}

static void tells_every_notification(void) { /* OBS-01, OBS-02, OBS-04, OB-11 */
  scene s;
  begin_observing(&s);
  notify(&s.b, &s.d, &s.get, 0, 205, 13, "99");
  CHECK_EQUAL(verdict(&s), LINNET_MESSAGE_ACK);
  CHECK_EQUAL(notified(&s), 99);
  notify(&s.b, &s.d, &s.get, 1, 205, 14, "98");
  CHECK_EQUAL(verdict(&s), -1);
  CHECK_EQUAL(notified(&s), 98);
  expect_nothing(&s.b);
  bench_end(&s.b);
}

static void drops_notifications_that_are_old(void) { /* OB-05 */
  scene s;
  begin_observing(&s);
  notify(&s.b, &s.d, &s.get, 0, 205, 20, "99");
  CHECK_EQUAL(verdict(&s), LINNET_MESSAGE_ACK);
  CHECK_EQUAL(notified(&s), 99);
  notify(&s.b, &s.d, &s.get, 0, 205, 19, "50");
  CHECK_EQUAL(verdict(&s), LINNET_MESSAGE_ACK);
  expect_nothing(&s.b);
  bench_end(&s.b);
}

static void an_error_for_an_answer_is_no_observation(void) {
  scene s;
  begin(&s);
  reply_text(&s.b, &s.d, &s.get, 404, -1, -1, NULL);
  linnet_event *event = expect(&s.b, LINNET_EVENT_RESPONSE);
  CHECK_EQUAL(linnet_event_status(event), LINNET_ERROR_REFUSED);
  CHECK_TEXT(linnet_event_text(event), "observe /3/0/9 of kitchen: 4.04 Not Found");
  expect_nothing(&s.b);
  CHECK_EQUAL(linnet_server_observation(s.b.server, s.registration, BATTERY), 0);
  bench_end(&s.b);
}

static void a_value_without_observe_is_a_read(void) { /* OB-02 */
  scene s;
  begin(&s);
  reply_text(&s.b, &s.d, &s.get, 205, -1, 0, "100");
  CHECK_EQUAL(linnet_event_status(expect(&s.b, LINNET_EVENT_RESPONSE)), LINNET_OK);
  ended(&s, LINNET_ERROR_NOT_ALLOWED);
  bench_end(&s.b);
}

static void an_error_notification_ends_it(void) { /* OB-03, OBS-08 */
  scene s;
  begin_observing(&s);
  notify(&s.b, &s.d, &s.get, 0, 404, -1, "");
  CHECK_EQUAL(verdict(&s), LINNET_MESSAGE_ACK);
  linnet_event *event = ended(&s, LINNET_ERROR_REFUSED);
  CHECK_EQUAL(linnet_event_code(event), 404);
  CHECK_TEXT(linnet_event_text(event), "observe /3/0/9 of kitchen: 4.04 Not Found");
  notify(&s.b, &s.d, &s.get, 0, 205, 20, "1");
  CHECK_EQUAL(verdict(&s), LINNET_MESSAGE_RST); /* OB-10 */
  expect_nothing(&s.b);
  bench_end(&s.b);
}

static void a_notification_that_cannot_be_read_does_not_end_it(void) { /* 14.1 */
  scene s;
  begin_observing(&s);
  notify(&s.b, &s.d, &s.get, 0, 205, 13, "many");
  CHECK_EQUAL(verdict(&s), LINNET_MESSAGE_ACK);
  linnet_event *event = expect(&s.b, LINNET_EVENT_NOTIFY);
  (void)event;
  notify(&s.b, &s.d, &s.get, 0, 205, 14, "7");
  CHECK_EQUAL(verdict(&s), LINNET_MESSAGE_ACK);
  CHECK_EQUAL(notified(&s), 7);
  bench_end(&s.b);
}

static void cancels_with_the_same_token(void) { /* OBS-05, OBS-06 */
  scene s;
  sent cancel;
  uint64_t number = 0;
  begin_observing(&s);
  CHECK_EQUAL(linnet_server_cancel(s.b.server, s.number, &number), LINNET_OK);
  linnet_loop_step(s.b.loop, s.b.now);
  CHECK(take(&s.b, &cancel));
  CHECK_EQUAL(cancel.message.code, GET);
  CHECK_EQUAL(sent_number(&cancel, 6), 1);
  CHECK_EQUAL(sent_number(&cancel, 17), LINNET_FORMAT_TLV);
  CHECK_BYTES(cancel.message.token, cancel.message.token_length, s.get.message.token,
              s.get.message.token_length);
  reply_text(&s.b, &s.d, &cancel, 205, -1, 0, "42");
  linnet_event *event = expect(&s.b, LINNET_EVENT_RESPONSE);
  CHECK_EQUAL(linnet_event_request(event), number);
  CHECK_EQUAL(linnet_event_operation(event), LINNET_OPERATION_CANCEL);
  CHECK_EQUAL(linnet_event_status(event), LINNET_OK);
  linnet_value value;
  CHECK_EQUAL(linnet_batch_find(linnet_event_batch(event), BATTERY, &value), LINNET_OK);
  CHECK_EQUAL(value.as.integer, 42);
  ended(&s, LINNET_OK);
  CHECK_EQUAL(linnet_server_cancel(s.b.server, s.number, NULL), LINNET_ERROR_NOT_FOUND);
  notify(&s.b, &s.d, &s.get, 0, 205, 30, "1");
  CHECK_EQUAL(verdict(&s), LINNET_MESSAGE_RST);
  expect_nothing(&s.b);
  bench_end(&s.b);
}

static void a_cancel_that_nobody_answers_ends_it_all_the_same(void) {
  scene s;
  uint64_t number = 0;
  begin_observing(&s);
  CHECK_EQUAL(linnet_server_cancel(s.b.server, s.number, &number), LINNET_OK);
  pass(&s.b, s.b.now + 100000);
  linnet_event *event = expect(&s.b, LINNET_EVENT_RESPONSE);
  CHECK_EQUAL(linnet_event_request(event), number);
  CHECK_EQUAL(linnet_event_status(event), LINNET_ERROR_TIMED_OUT);
  ended(&s, LINNET_OK);
  bench_end(&s.b);
}

static void only_an_observation_can_be_cancelled(void) {
  scene s;
  sent m;
  begin(&s);
  CHECK_EQUAL(linnet_server_cancel(s.b.server, s.number, NULL), LINNET_ERROR_WRONG_STATE);
  CHECK_EQUAL(linnet_server_cancel(s.b.server, 999, NULL), LINNET_ERROR_NOT_FOUND);
  reply_text(&s.b, &s.d, &s.get, 205, 1, 0, "1");
  expect(&s.b, LINNET_EVENT_RESPONSE);
  uint64_t read =
      request(&s.b, s.registration, LINNET_OPERATION_READ, "/3/0/9", NULL, NULL, LINNET_FORMAT_NONE, &m);
  CHECK_EQUAL(linnet_server_cancel(s.b.server, read, NULL), LINNET_ERROR_NOT_FOUND);
  bench_end(&s.b);
}

static void forgetting_answers_the_next_notification_with_reset(void) { /* OBS-05, OB-10 */
  scene s;
  begin_observing(&s);
  CHECK_EQUAL(linnet_server_forget(s.b.server, s.number), LINNET_OK);
  CHECK_EQUAL(linnet_server_observation(s.b.server, s.registration, BATTERY), 0);
  notify(&s.b, &s.d, &s.get, 0, 205, 30, "1");
  CHECK_EQUAL(verdict(&s), LINNET_MESSAGE_RST);
  notify(&s.b, &s.d, &s.get, 1, 205, 31, "1");
  CHECK_EQUAL(verdict(&s), LINNET_MESSAGE_RST);
  expect_nothing(&s.b);
  bench_end(&s.b);
}

static void a_new_registration_ends_it(void) { /* OBS-13, REG-06 */
  scene s;
  begin_observing(&s);
  uint64_t registration = enrol(&s.b, &s.d, "kitchen", LINKS);
  linnet_event *event = ended(&s, LINNET_ERROR_CANCELLED);
  CHECK_EQUAL(linnet_event_registration(event), s.registration);
  CHECK_EQUAL(linnet_event_registration(expect(&s.b, LINNET_EVENT_REGISTERED)), registration);
  notify(&s.b, &s.d, &s.get, 0, 205, 30, "1");
  CHECK_EQUAL(verdict(&s), LINNET_MESSAGE_RST);
  expect_nothing(&s.b);
  bench_end(&s.b);
}

static void an_update_does_not_end_it_and_expiry_does(void) { /* OBS-08, REG-07 */
  scene s;
  sent m;
  begin_observing(&s);
  CHECK_EQUAL(ask(&s.b, &s.d, POST, s.d.location, NO_FORMAT, NULL, &m), 204);
  expect(&s.b, LINNET_EVENT_UPDATED);
  notify(&s.b, &s.d, &s.get, 0, 205, 13, "99");
  CHECK_EQUAL(notified(&s), 99);
  pass(&s.b, s.b.now + 300000);
  ended(&s, LINNET_ERROR_CANCELLED);
  expect(&s.b, LINNET_EVENT_EXPIRED);
  expect_nothing(&s.b);
  bench_end(&s.b);
}

static void observing_a_path_again_replaces_the_former(void) { /* OBS-07 */
  scene s;
  begin_observing(&s);
  uint64_t former = s.number;
  sent first = s.get;
  ask_to_observe(&s);
  CHECK_EQUAL(linnet_server_observation(s.b.server, s.registration, BATTERY), former);
  reply_text(&s.b, &s.d, &s.get, 205, 1, 0, "90");
  CHECK_EQUAL(linnet_event_request(expect(&s.b, LINNET_EVENT_RESPONSE)), s.number);
  CHECK_EQUAL(linnet_event_request(expect(&s.b, LINNET_EVENT_OBSERVATION_ENDED)), former);
  CHECK_EQUAL(linnet_server_observation(s.b.server, s.registration, BATTERY), s.number);
  notify(&s.b, &s.d, &first, 0, 205, 99, "1");
  CHECK_EQUAL(verdict(&s), LINNET_MESSAGE_RST);
  notify(&s.b, &s.d, &s.get, 0, 205, 2, "89");
  CHECK_EQUAL(notified(&s), 89);
  bench_end(&s.b);
}

static void bounds_the_observations_of_a_device(void) { /* LINNET_LIMIT_OBSERVATIONS */
  scene s;
  sent m;
  begin_observing(&s);
  linnet_server_set_limit(s.b.server, LINNET_LIMIT_OBSERVATIONS, 1);
  CHECK_EQUAL(refused(&s.b, s.registration, LINNET_OPERATION_OBSERVE, "/3/0/1", NULL, NULL),
              LINNET_ERROR_LIMIT_REACHED);
  linnet_server_forget(s.b.server, s.number);
  request(&s.b, s.registration, LINNET_OPERATION_OBSERVE, "/3/0/1", NULL, NULL, LINNET_FORMAT_NONE, &m);
  bench_end(&s.b);
}

static void many_observations_live_side_by_side(void) {
  scene s;
  begin_observing(&s);
  sent battery = s.get, other;
  uint64_t number = request(&s.b, s.registration, LINNET_OPERATION_OBSERVE, "/3/0/10", NULL, NULL,
                            LINNET_FORMAT_NONE, &other);
  reply_text(&s.b, &s.d, &other, 205, 1, 0, "5");
  expect(&s.b, LINNET_EVENT_RESPONSE);
  notify(&s.b, &s.d, &other, 1, 205, 2, "6");
  CHECK_EQUAL(linnet_event_request(expect(&s.b, LINNET_EVENT_NOTIFY)), number);
  notify(&s.b, &s.d, &battery, 1, 205, 13, "77");
  CHECK_EQUAL(notified(&s), 77);
  linnet_server_forget(s.b.server, number);
  notify(&s.b, &s.d, &battery, 1, 205, 14, "76");
  CHECK_EQUAL(notified(&s), 76);
  bench_end(&s.b);
}

int main(void) {
  return RUN(tells_every_notification, drops_notifications_that_are_old,
             an_error_for_an_answer_is_no_observation, a_value_without_observe_is_a_read,
             an_error_notification_ends_it, a_notification_that_cannot_be_read_does_not_end_it,
             cancels_with_the_same_token, a_cancel_that_nobody_answers_ends_it_all_the_same,
             only_an_observation_can_be_cancelled, forgetting_answers_the_next_notification_with_reset,
             a_new_registration_ends_it, an_update_does_not_end_it_and_expiry_does,
             observing_a_path_again_replaces_the_former, bounds_the_observations_of_a_device,
             many_observations_live_side_by_side);
}
